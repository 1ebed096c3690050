// One echoing connection; `heard` may take a text message away from the echo. Resolves once it is over.
'use strict';
const load = require('../load.js');
const { WebSocket } = load('ws');

module.exports = (url, heard = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket(url, { perMessageDeflate: load.deflate, ...load.tlsClient() });
    connection.on('error', (error) => console.error(String(error)));
    connection.on('close', () => resolve());
    connection.on('message', (data, isBinary) => {
      if (isBinary || !heard(data.toString())) connection.send(data, { binary: isBinary });
    });
  });
