// Echo server: node server.js PORT
'use strict';
const load = require('../load.js');
const { WebSocketServer } = load('ws');

const port = Number(process.argv[2]);
const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: load.deflate });

server.on('connection', (socket) => {
  socket.on('error', (error) => console.error(String(error)));
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
