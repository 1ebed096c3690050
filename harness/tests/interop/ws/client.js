// Echo client for one connection: node client.js URL
'use strict';
const load = require('../load.js');
const { WebSocket } = load('ws');

const socket = new WebSocket(process.argv[2], { perMessageDeflate: load.deflate });
socket.on('error', (error) => console.error(String(error)));
socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
