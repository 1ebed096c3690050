// One echoing connection; `consume` may consume a text message, which is then not echoed. Resolves when the connection has ended.
'use strict';
const load = require('../load.js');
const WebSocketClient = load('websocket').client;

module.exports = (url, consume = () => false) =>
  new Promise((resolve) => {
    const client = new WebSocketClient({
      maxReceivedFrameSize: 2 ** 25,
      maxReceivedMessageSize: 2 ** 25,
    });
    client.on('connectFailed', (error) => {
      console.error(String(error));
      resolve();
    });
    client.on('connect', (connection) => {
      connection.on('error', (error) => console.error(String(error)));
      connection.on('close', () => resolve());
      connection.on('message', (message) => {
        if (message.type === 'binary') {
          connection.sendBytes(message.binaryData);
        } else if (!consume(message.utf8Data)) {
          connection.sendUTF(message.utf8Data);
        }
      });
    });
    client.connect(url);
  });
