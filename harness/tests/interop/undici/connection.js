// One echoing connection; `consume` may consume a text message, which is then not echoed. Resolves when the connection has ended.
'use strict';
const load = require('../load.js');
const { WebSocket } = load('undici');

module.exports = (url, consume = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket(url);
    connection.binaryType = 'arraybuffer';
    connection.addEventListener('error', (event) => console.error(event.message));
    connection.addEventListener('close', () => resolve());
    connection.addEventListener('message', (event) => {
      if (typeof event.data !== 'string' || !consume(event.data)) connection.send(event.data);
    });
  });
