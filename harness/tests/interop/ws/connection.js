// One echoing connection; `consume` may consume a text message, which is then not echoed. Resolves when the connection has ended.
'use strict';
const load = require('../load.js');
const { WebSocket } = load('ws');

module.exports = (url, consume = () => false) =>
  new Promise((resolve) => {
    const connection = new WebSocket(url, { perMessageDeflate: load.deflate, ...load.tlsClient() });
    connection.on('error', (error) => console.error(String(error)));
    connection.on('close', () => resolve());
    connection.on('message', (data, isBinary) => {
      if (isBinary || !consume(data.toString())) connection.send(data, { binary: isBinary });
    });
  });
