// Echo client that loops through every case: node loop.js BASE_URL [AGENT]
'use strict';
const connection = require('./connection.js');
const walk = require('../walk.js');

walk(connection, 'ws');
