// SPDX-License-Identifier: MIT
// The cases on Node, with the packages that Segment gives functions:
//   node reference.mjs FOLDER WHERE GROUP...      FOLDER has node_modules, WHERE is JSON
// Prints {group: {outcomes, output}}.

import { createRequire } from 'node:module';
import path from 'node:path';

import { scriptOf } from './cases.mjs';

const [folder, where, ...groups] = process.argv.slice(2);
const require = createRequire(`${path.resolve(folder)}/`);
const fetch = require('node-fetch');

const globals = {
  require, fetch, Headers: fetch.Headers, Request: fetch.Request, Response: fetch.Response,
  crypto: require('crypto'), https: require('https'),
  _: require('lodash'), moment: require('moment-timezone'), xml: require('xml'), xml2js: require('xml2js'),
  jsonwebtoken: require('jsonwebtoken'), uuidv5: { uuidv5: require('uuidv5') },
  zlib: { zlib: require('zlib') }, fetchretrylib: { fetchretry: require('fetch-retry') },
  libphonenumberjslib: { libphonenumberjs: require('libphonenumber-js') },
};
for (const [name, value] of Object.entries(globals))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
process.removeAllListeners('warning');
process.on('warning', () => {});

const write = process.stdout.write.bind(process.stdout);
const results = {};
for (const group of groups) {
  let output = '';

  process.stdout.write = process.stderr.write = (text) => { output += text; return true; };
  const runCases = (0, eval)(`(() => { ${scriptOf(group)}\nreturn runCases })()`);
  results[group] = { outcomes: await runCases(JSON.parse(where)), output };
}
write(JSON.stringify(results), () => process.exit(0));
