// One echoing connection; `heard` may take a text message away from the echo. Resolves once it is over.
'use strict';
const load = require('../load.js');
const WebSocket = load('faye-websocket');
const extensions = load.deflate ? [load('faye-websocket', 'permessage-deflate')] : [];

module.exports = (url, heard = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket.Client(url, [], { extensions });
    connection.on('error', (event) => console.error(event.message));
    connection.on('close', () => resolve());
    connection.on('message', (event) => {
      if (typeof event.data !== 'string' || !heard(event.data)) connection.send(event.data);
    });
  });
