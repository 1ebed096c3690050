// Echo server: node server.js PORT
'use strict';
const http = require('node:http');
const load = require('../load.js');
const WebSocket = load('faye-websocket');
const extensions = load.deflate ? [load('faye-websocket', 'permessage-deflate')] : [];

const server = http.createServer();

server.on('upgrade', (request, socket, body) => {
  if (!WebSocket.isWebSocket(request)) return;
  const connection = new WebSocket(request, socket, body, [], { extensions });
  connection.on('message', (event) => connection.send(event.data));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
