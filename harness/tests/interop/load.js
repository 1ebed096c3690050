// Loads an npm package from where setup.sh installs it: .interop/npm/PROGRAM at the repository's root.
'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');

module.exports = (program, name = program) =>
  createRequire(path.resolve(__dirname, '../../../.interop/npm', program, 'package.json'))(name);

// permessage-deflate is off unless the environment asks for it.
module.exports.deflate = process.env.INTEROP_DEFLATE === '1';
