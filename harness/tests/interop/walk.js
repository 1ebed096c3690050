// Walks through every case that the server at BASE_URL has: node loop.js BASE_URL [AGENT]
'use strict';

// A library that lets an error of the socket go unheard ends the process; here it costs its case alone.
process.on('uncaughtException', (error) => console.error(String(error)));

// `connection(url, heard)` echoes over one connection, but for the text messages that `heard` says it took.
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
