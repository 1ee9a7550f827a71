// SPDX-License-Identifier: MIT
// What functions find behaves as on Node: each line of tests/globals/cases is evaluated by
// both, and the outcomes are compared.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { casesOf, groups, scriptOf } from '../globals/cases.mjs';
import { reasonFor } from '../globals/differences.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { build, run } from './lib/program.mjs';

const reference = path.join(path.dirname(fileURLToPath(import.meta.url)), '../globals/reference.mjs');

// What both sides talk to: it says what came, redirects, breaks off.
function answer(request, response, body) {
  const url = new URL(request.url, 'http://server');
  const [, what, more] = url.pathname.split('/');

  switch (what) {
    case 'status':
      response.writeHead(+more, { 'content-type': 'text/plain', 'x-twice': ['a', 'b'], 'set-cookie': ['c=1', 'd=2'] });
      return response.end(+more === 204 || +more === 304 ? undefined : `status ${more}`);
    case 'redirect':
      response.writeHead(+more, { location: url.searchParams.get('to') });
      return response.end('elsewhere');
    case 'json':
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(decodeURIComponent(more));
    case 'bytes':
      return response.end(Buffer.from(more, 'hex'));
    case 'break':
      return request.socket.destroy();
    case 'late':
      return setTimeout(() => response.end('late'), 300);
    default: {
      const { method, url: wanted, headers } = request;
      const kept = Object.fromEntries(Object.entries(headers).filter(([name]) =>
        /^(x-|content-type|authorization|cookie)/.test(name)));

      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ method, url: wanted, headers: kept, body }));
    }
  }
}

async function startServer() {
  const server = http.createServer((request, response) => {
    let body = '';

    request.setEncoding('latin1').on('data', (part) => { body += part; });
    request.on('end', () => answer(request, response, body));
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

function makeKeys() {
  const spki = { type: 'spki', format: 'pem' };
  const pkcs8 = { type: 'pkcs8', format: 'pem' };
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');

  return {
    rsa: rsa.privateKey.export(pkcs8), rsaPublic: rsa.publicKey.export(spki),
    rsaOld: rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }),
    ec: ec.privateKey.export(pkcs8), ecPublic: ec.publicKey.export(spki),
    ecLocked: ec.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'secret' }),
    ed: ed.privateKey.export(pkcs8),
  };
}

const folder = temporaryFolder();
let where;
let wanted;

before(async () => {
  where = { server: await startServer(), keys: makeKeys() };
  const { code, stdout, stderr } = await run([reference, path.join(build, 'npm'), JSON.stringify(where), ...groups],
    { command: process.execPath });

  assert.equal(code, 0, stderr);
  wanted = JSON.parse(stdout);
});

process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

async function outcomesHere(group) {
  const file = path.join(folder, `${group}.js`);
  const event = path.join(folder, 'event.json');

  fs.writeFileSync(file, `${scriptOf(group)}
exports.processEvents = (payload, context, callback) => {
  runCases(payload.settings).then((outcomes) => callback(null, outcomes), callback)
}`);
  fs.writeFileSync(event, '{"type":"track","event":"e","userId":"u"}');
  const { stdout, stderr } = await run(['fn', 'run', file, '--event', event, '--live', '--json',
    '--settings', JSON.stringify(where)]);
  const { result, error, logs } = JSON.parse(stdout || '{}');

  assert.ok(result, `${group}: ${JSON.stringify(error)} ${stderr}`);
  return { outcomes: result, output: logs.map((line) => `${line}\n`).join('') };
}

for (const group of groups)
  test(`as on Node: ${group}, ${casesOf(group).length} cases`, async () => {
    const got = await outcomesHere(group);
    const lines = casesOf(group);
    const wrong = [];

    lines.forEach((line, i) => {
      const isSame = got.outcomes[i] === wanted[group].outcomes[i];

      if (isSame === (reasonFor(line) === undefined)) return;
      wrong.push(isSame ? `${line}\n  is the same, but listed as a difference`
        : `${line}\n  got:  ${got.outcomes[i]}\n  want: ${wanted[group].outcomes[i]}`);
    });
    // Within the cells of tables, versions of Node put the text to the left or in the middle.
    const squeeze = (text) => text.replace(/^│.*│$/gm, (row) => row.replace(/ +/g, ' ')).split('\n');
    const [here, there] = [squeeze(got.output), squeeze(wanted[group].output)];

    if (here.join('\n') !== there.join('\n')) {
      const at = here.findIndex((line, i) => line !== there[i]);
      wrong.push(`the log, line ${at + 1}\n  got:  ${here.slice(at, at + 6).join('\n        ')}\n  want: ${there.slice(at, at + 6).join('\n        ')}`);
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${lines.length} differ:\n${wrong.join('\n')}`);
  });

async function resultOf(code, settings = {}) {
  const file = path.join(folder, 'one.js');

  fs.writeFileSync(file, code);
  const { stdout } = await run(['fn', 'run', file, '--json', '--settings', JSON.stringify(settings)]);
  return JSON.parse(stdout);
}

test('the third generation finds modules as globals, and no require', async () => {
  const { result } = await resultOf(`function onTrack() {
    return [typeof require, typeof https.request, typeof crypto.createHmac, typeof global, typeof window.fetch, typeof AWS]
  }`);

  assert.deepEqual(result, ['undefined', 'function', 'function', 'object', 'function', 'undefined']);
});

test('globals can be shadowed and replaced, as on Node', async () => {
  const { result } = await resultOf(`const crypto = 'mine'; let moment = 5; function fetch() { return 'own' }; var _ = 'under'
    function onTrack() { https = 1; delete globalThis.Buffer; return [crypto, moment, fetch(), _, https, typeof Buffer] }`);

  assert.deepEqual(result, ['mine', 5, 'own', 'under', 1, 'undefined']);
});

test('no package needs eval() to load; templates of lodash say that they do', async () => {
  const { result } = await resultOf(`function onTrack() {
    try { _.template('<%= a %>') } catch (error) {
      return [[_, moment, xml, xml2js, jsonwebtoken, uuidv5, zlib, fetchretrylib, libphonenumberjslib].length, error.message]
    }
  }`);

  assert.deepEqual(result, [9, 'eval and new Function are off for this function']);
});

test('what is not there says so by name, with what to use instead', async () => {
  const loading = await resultOf('const s3 = new AWS.S3(); function onTrack() {}');
  const calling = await resultOf("function onTrack() { crypto.createCipheriv('aes') }");
  const requiring = await resultOf("exports.processEvents = () => require('fs')");

  assert.match(loading.error.message, /AWS is not defined.*PA2020.*fetch\(\)/);
  assert.match(calling.error.message, /crypto\.createCipheriv\(\) is not available here \(PA2020\)/);
  assert.match(requiring.error.message, /Cannot find module 'fs' \(PA2020: a function has no files/);
});

test('process.exit() ends its own run as an error', async () => {
  const { outcome, error } = await resultOf('function onTrack() { try { process.exit(3) } catch {} return 1 }');

  assert.equal(outcome, 'dead');
  assert.match(error.message, /process\.exit\(3\)/);
});
