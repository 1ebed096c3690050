// Echo client for one connection: node client.js URL
'use strict';
const connection = require('./connection.js');

connection(process.argv[2]);
