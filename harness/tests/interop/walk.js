// Loops through every case that the server at BASE_URL has: node loop.js BASE_URL [AGENT]
'use strict';

// If a library does not handle an error of the socket, the process ends. With this handler only the current case is affected.
process.on('uncaughtException', (error) => console.error(String(error)));

// `connection(url, consume)` echoes over one connection, except for the text messages that `consume` consumes (it returns true).
module.exports = async (connection, name) => {
  const base = process.argv[2];
  const agent = encodeURIComponent(process.argv[3] ?? name);

  let count = 0;
  await connection(`${base}/getCaseCount`, (text) => {
    count = Number(text);
    return true;
  });
  for (let number = 1; number <= count; number++) {
    await connection(`${base}/runCase?case=${number}&agent=${agent}`);
  }
  await connection(`${base}/updateReports?agent=${agent}`);
};
