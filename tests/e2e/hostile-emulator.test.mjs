// SPDX-License-Identifier: MIT
// Requests as nobody should make them, to every path of the local Segment. EMULATOR_HOSTILE_REQUESTS
// says how many; the seed is printed, and EMULATOR_HOSTILE_SEED repeats it.

import assert from 'node:assert';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';

import { Chance } from './lib/chance.mjs';
import { Emulator } from './lib/emulator.mjs';
import { request } from './lib/http.mjs';
import { root } from './lib/program.mjs';

const count = Number(process.env.EMULATOR_HOSTILE_REQUESTS ?? 20000);
const seed = Number(process.env.EMULATOR_HOSTILE_SEED ?? Date.now() % 1000000);
const atOnce = 16;

// Every row of the tables of routes: [method, path].
function routes() {
  const folder = path.join(root, 'src/emulator');
  const rows = [];

  for (const name of fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.c'))) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');

    for (const [, method, pattern] of text.matchAll(/\{\s*"([A-Z]+)",\s*"(\/[^"]*)"/g))
      if (!pattern.endsWith('/stream')) rows.push([method, pattern]); // that one never ends
  }
  return rows;
}

const words = ['acme', 'globex', 'website', 'ios', 'demo', 'clearbrain', 'webhooks', '1', '7', 'apps', 'installs',
  'destinations', 'sources', 'catalog', 'workspaces', 'df_1', 'rs_1', 'javascript', '-1', '0', '99999999999999999999',
  '%00', '%ff%fe', '..', '%2e%2e%2f', '\u00e9'.normalize(), "'", '"', '<script>', 'a'.repeat(300), '{}', ':batchGet', 'metrics:batchGet'];

const values = ['null', 'true', 'false', '0', '-1', '1e400', '99999999999999999999999', '""', '"demo"', '[]', '{}',
  '"workspaces/acme"', '"workspaces/acme/sources/website"', '"workspaces/acme/sources/website/destinations/demo"', '"\\ud800"',
  '"\\u0000"', '"<script>alert(1)</script>"', `"${'x'.repeat(5000)}"`, '[[[[[[]]]]]]', '{"a":{"b":{"c":[1,2,{}]}}}',
  '"http://127.0.0.1:1/"', '"https://localhost:1/"', '"track"', '"user"', '[{"type":"track","userId":"u","event":"E"}]',
  '{"paths":["destination.enabled","destination.config"]}', '"2026-01-01T00:00:00Z"', '"9999-99-99"', '1700000000000', '"code"'];

const keys = ['destination', 'source', 'name', 'enabled', 'config', 'connection_mode', 'update_mask', 'paths', 'app', 'filter',
  'if', 'actions', 'type', 'event', 'userId', 'anonymousId', 'properties', 'traits', 'batch', 'context', 'integrations',
  'timestamp', 'sentAt', 'writeKey', 'messageId', 'tracking_plan', 'rules', 'settings', 'kind', 'url', 'redirect_uris', 'scope',
  'tables', 'advance', 'rate', 'frozen', 'target', 'slug', 'regulation_type', 'attributes', 'values', 'source_name',
  'source_names', 'input', 'client_id', 'state', 'catalog_name', 'access_token', 'function', 'code', 'display_name', 'workspace'];

function object(chance, depth = 0) {
  const members = [];

  for (let i = chance.below(6); i >= 0; i--) {
    const value = depth < 3 && chance.once(3) ? object(chance, depth + 1) : chance.of(values);

    members.push(`${JSON.stringify(chance.of(keys))}:${value}`);
  }
  return `{${members.join(',')}}`;
}

function form(chance) {
  const fields = [];

  for (let i = chance.below(6); i >= 0; i--)
    fields.push(`${chance.of(['client_id', 'redirect_uri', 'scope', 'state', 'response_type', 'code', 'grant_type', 'csrf',
      'login_challenge', 'consent_challenge', 'workspace', 'source', 'email', ...keys])}=${chance.of([...words, 'code',
      'authorization_code', 'destination%2Fdemo', 'http%3A%2F%2Flocalhost%3A8888%2Fauth%2Fsegment%2Fcallback', '+%2', '%'])}`);
  return fields.join('&');
}

// A text with a few bytes lost, changed or doubled.
function spoilt(chance, text) {
  const bytes = Buffer.from(text);

  for (let i = chance.below(4); i >= 0 && bytes.length > 0; i--) bytes[chance.below(bytes.length)] = chance.below(256);
  return chance.once(2) ? bytes.subarray(0, chance.below(bytes.length + 1)) : bytes;
}

function body(chance, headers) {
  switch (chance.below(8)) {
    case 0: return undefined;
    case 1: return form(chance);
    case 2: return spoilt(chance, object(chance));
    case 3: return spoilt(chance, form(chance));
    case 4: return '['.repeat(chance.below(2000)) + ']'.repeat(chance.below(2000));
    case 5: {
      headers['Content-Encoding'] = 'gzip';
      const zipped = zlib.gzipSync(object(chance));
      return chance.once(2) ? zipped : spoilt(chance, zipped.toString('latin1'));
    }
    default: return object(chance);
  }
}

function requestOf(chance, rows, credentials) {
  const [method, pattern] = chance.of(rows);
  const headers = {};
  const where = pattern.replace(/\{\*?\}/g, () => chance.of(words));

  if (chance.once(2)) headers.Authorization = chance.of(credentials);
  if (chance.once(3)) headers['Content-Type'] = chance.of(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'x', '']);
  if (chance.once(6)) headers.Accept = chance.of(['text/html', 'application/json', '*/*', 'q=', 'application/vnd.segment.v1+json']);
  if (chance.once(10)) headers.Cookie = `emulator_session=${chance.of(words.filter((word) => /^[\x21-\x7e]+$/.test(word)))}`;
  const spoiltPath = chance.once(8) ? `/${where.slice(chance.below(where.length))}//` : where;

  return {
    method: chance.once(6) ? chance.of(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW']) : method,
    target: encodeURI(decodeLoosely(spoiltPath)) + (chance.once(2) ? `?${form(chance)}` : ''),
    headers,
    body: body(chance, headers),
  };
}

function decodeLoosely(text) {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

function hasCode(answer) {
  return answer.json !== undefined && (answer.json.code !== undefined || answer.json.error !== undefined ||
    answer.json.errors !== undefined || answer.json.Type !== undefined || answer.json.message !== undefined);
}

test(`${count} random requests over all paths: it answers each, never 500 without a code, and lives`, { timeout: 900000 }, async (t) => {
  const emulator = await Emulator.start(t);
  const rows = routes();
  const chance = new Chance(seed);
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const basic = (text) => `Basic ${Buffer.from(text).toString('base64')}`;
  const credentials = [basic('dev_writekey_website:'), basic(`${emulator.env.CLIENT_ID}:${emulator.env.CLIENT_SECRET}`),
    basic('owner@acme.test:x'), `Bearer ${emulator.env.SEGMENT_PUBLIC_API_TOKEN}`, 'Bearer x', 'Basic !!!', 'Negotiate', '',
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-west-2/lambda/aws4_request, SignedHeaders=host, Signature=00'];
  const statuses = {};
  let left = count;

  t.diagnostic(`seed ${seed}, ${rows.length} routes`);
  t.after(() => agent.destroy());
  const created = await request(`${emulator.url}/v1beta/access-tokens`, { method: 'POST',
    headers: { Authorization: basic('owner@acme.test:x') },
    body: { access_token: { description: 'hostile', scopes: 'workspace', workspace_names: ['workspaces/acme'] } } });
  if (created.json?.token) credentials.push(`Bearer ${created.json.token}`, `Bearer ${created.json.token}`);

  async function one() {
    const sent = requestOf(chance, rows, credentials);
    const base = sent.target.startsWith('/v1') || chance.below(4) > 0 ? emulator.url : emulator.publicUrl;
    let answer;

    try {
      answer = await request(base + sent.target, { ...sent, agent, timeout: 30000 });
    } catch (error) {
      if (emulator.exit) throw new Error(`it ended (${JSON.stringify(emulator.exit)}) after ${JSON.stringify(sent)}\n${emulator.log}`);
      if (['ECONNRESET', 'EPIPE', 'HPE_INVALID_CONSTANT'].includes(error.code) || /socket hang up|Parse Error/.test(error.message)) return;
      throw new Error(`${error.message}: ${JSON.stringify(sent)}`);
    }
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    assert.ok(answer.status < 500 || sent.method === 'HEAD' || hasCode(answer) || answer.status === 503,
      `${answer.status} ${answer.text.slice(0, 200)} for ${JSON.stringify(sent)}`);
    // A fault or a stopped clock that it made would spoil what follows.
    if (/fault|scenario|clock|snapshot/.test(sent.target)) await request(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
  }

  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left-- > 0) await one();
  }));
  t.diagnostic(`statuses ${JSON.stringify(statuses)}`);
  assert.strictEqual((await emulator.ask('GET', '/_emulator/state')).status, 200);
  const end = await emulator.stop();
  assert.deepStrictEqual(end, { code: 0, signal: null }, emulator.log);
});
