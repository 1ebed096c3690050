// Echo client that walks through every case: node loop.js BASE_URL [AGENT]
'use strict';
const load = require('../load.js');
const { WebSocket } = load('ws');

const base = process.argv[2];
const agent = encodeURIComponent(process.argv[3] ?? 'ws');

// Calls `heard` for each message and resolves once the connection is over, however it ended.
function connection(path, heard) {
  return new Promise((resolve) => {
    const socket = new WebSocket(base + path, { perMessageDeflate: load.deflate });
    socket.on('message', (data, isBinary) => heard(socket, data, isBinary));
    socket.on('error', (error) => console.error(`${path}: ${error.message}`));
    socket.on('close', resolve);
  });
}

async function main() {
  let count = 0;
  await connection('/getCaseCount', (socket, data) => {
    count = Number(data.toString());
  });
  for (let number = 1; number <= count; number++) {
    await connection(`/runCase?case=${number}&agent=${agent}`, (socket, data, isBinary) => {
      socket.send(data, { binary: isBinary });
    });
  }
  await connection(`/updateReports?agent=${agent}`, () => {});
}

main();
