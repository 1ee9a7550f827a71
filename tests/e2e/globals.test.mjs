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
    case 'hang':
      return undefined;
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
