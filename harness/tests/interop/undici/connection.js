// One echoing connection; `heard` may take a text message away from the echo. Resolves once it is over.
'use strict';
const load = require('../load.js');
const { WebSocket } = load('undici');

module.exports = (url, heard = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket(url);
    connection.binaryType = 'arraybuffer';
    connection.addEventListener('error', (event) => console.error(event.message));
    connection.addEventListener('close', () => resolve());
    connection.addEventListener('message', (event) => {
      if (typeof event.data !== 'string' || !heard(event.data)) connection.send(event.data);
    });
  });
