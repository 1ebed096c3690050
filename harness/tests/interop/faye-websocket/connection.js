// One echoing connection; `consume` may consume a text message, which is then not echoed. Resolves when the connection has ended.
'use strict';
const load = require('../load.js');
const WebSocket = load('faye-websocket');
const extensions = load.deflate ? [load('faye-websocket', 'permessage-deflate')] : [];

module.exports = (url, consume = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket.Client(url, [], { extensions });
    connection.on('error', (event) => console.error(event.message));
    connection.on('close', () => resolve());
    connection.on('message', (event) => {
      if (typeof event.data !== 'string' || !consume(event.data)) connection.send(event.data);
    });
  });
