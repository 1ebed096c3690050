// Loads an npm package from the folder where setup.sh installs it: .interop/npm/PROGRAM at the repository's root.
'use strict';
const { createRequire } = require('node:module');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');

module.exports = (program, name = program) =>
  createRequire(path.resolve(__dirname, '../../../.interop/npm', program, 'package.json'))(name);

// permessage-deflate is disabled unless the environment requests it.
module.exports.deflate = process.env.INTEROP_DEFLATE === '1';

// TLS is used if the environment names a certificate and its key (server), or the CA to trust (client).
module.exports.tlsServer = () => {
  const { INTEROP_TLS_CERT: cert, INTEROP_TLS_KEY: key } = process.env;
  // The HTTP server answers requests without an upgrade; here in the same way as a server that ws creates itself.
  const plain = (request, response) => response.writeHead(426, { 'Content-Length': 16 }).end('Upgrade Required');
  return cert && https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, plain);
};
module.exports.tlsClient = () => {
  const { INTEROP_TLS_CA: ca } = process.env;
  return ca ? { ca: fs.readFileSync(ca) } : {};
};
