// Echo server: node server.js PORT
'use strict';
const http = require('node:http');
const load = require('../load.js');
const WebSocketServer = load('websocket').server;

const httpServer = http.createServer((request, response) => {
  response.writeHead(404);
  response.end();
});
httpServer.listen(Number(process.argv[2]), '127.0.0.1');

// Cases send messages of 16 MiB, over the library's default limits of 64 KiB a frame and 1 MiB a message.
const server = new WebSocketServer({
  httpServer,
  maxReceivedFrameSize: 2 ** 25,
  maxReceivedMessageSize: 2 ** 25,
});

server.on('request', (request) => {
  const connection = request.accept(null, request.origin);
  connection.on('message', (message) => {
    if (message.type === 'utf8') {
      connection.sendUTF(message.utf8Data);
    } else {
      connection.sendBytes(message.binaryData);
    }
  });
});
