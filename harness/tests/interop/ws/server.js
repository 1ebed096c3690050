// Echo server: node server.js PORT
'use strict';
const load = require('../load.js');
const { WebSocketServer } = load('ws');

const port = Number(process.argv[2]);
const tls = load.tlsServer();
const server = tls
  ? new WebSocketServer({ server: tls.listen(port, '127.0.0.1'), perMessageDeflate: load.deflate })
  : new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: load.deflate });

server.on('connection', (socket) => {
  socket.on('error', (error) => console.error(String(error)));
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
