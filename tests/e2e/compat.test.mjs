// SPDX-License-Identifier: MIT
// Unmodified functions do here what they do on Segment: each is run on both, on Node under
// Segment's rules (lib/segment-shim.mjs) and in our sandbox, and what comes out compared.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { root, run } from './lib/program.mjs';
import { runOnShim } from './lib/segment-shim.mjs';

const folder = process.env.COMPAT_FUNCTIONS ?? path.join(root, 'tests/fixtures/compat');
const json = { 'Content-Type': 'application/json' };

// By the word in the path; anything else is 200 {}.
const ANSWERS = {
  ok: { status: 201, headers: json, body: '{"id":"c-1","ok":true,"list":[1,{"a":null}]}' },
  text: { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>no json</html>' },
  list: { status: 200, headers: json, body: '[{"n":1},{"n":2},{}]' },
  missing: { status: 404, headers: json, body: '{"status":404,"error":"nobody"}' },
  limit: { status: 429, headers: { ...json, 'Retry-After': '7' }, body: '{}' },
  down: { status: 503, headers: { 'Content-Type': 'text/html' }, body: 'down' },
  empty: { status: 204 },
};
const answer = (method, url) =>
  ANSWERS[/^\/\d+\/([a-z]+)/.exec(url)?.[1]] ?? { status: 200, headers: json, body: '{}' };

const EVENTS = {
  track: {
    type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1', timestamp: '2024-03-05T10:20:30.456Z',
    context: { ip: '8.8.8.8', page: { url: 'https://a.example/' } },
    properties: { plan: 'pro', price: 12.5, quantity: 2, none: null, nested: { a: [1, 2] } },
  },
  bare: { type: 'track', event: 'Order Completed', anonymousId: 'a1', timestamp: '2019-04-08T01:19:38.931Z', properties: {} },
  identify: {
    type: 'identify', userId: 'u1', context: {},
    traits: { name: 'Peter Gibbons', email: 'peter@initech.example', plan: 'premium', logins: 5, phone: '+1 555 0100', createdAt: '2020-01-02' },
  },
  nobody: { type: 'identify', anonymousId: 'a1', traits: {} },
  group: { type: 'group', groupId: 'g1', userId: 'u1', traits: { name: 'Initech' } },
  page: { type: 'page', name: 'Home', anonymousId: 'a1', properties: { url: 'https://a.example/' } },
  screen: { type: 'screen', name: 'Home', userId: 'u1' },
};
const REQUESTS = {
  order: {
    body: { type: 'order', id: 7, financial_status: 'paid', fulfillment_status: 'fulfilled', customer: { id: 12, first_name: 'A' }, line_items: [{ sku: 's', vendor: null }] },
    headers: { 'content-type': 'application/json', 'x-host-event': 'push' }, queryParameters: { q: ['1', '2'] },
  },
  charge: { body: { type: 'charge', amount: 1250, created: 1700000000, customer: { id: 'c' } }, headers: {} },
  form: { body: 'email=a%40b.example&name=A+B', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, queryParameters: { q: 'x y' } },
  text: { body: '{"type":"issue","action":"opened","sender":{"id":5},"id":"t"}', headers: { 'X-Host-Event': 'issues' }, url: 'https://own.example/in?q=3' },
  nothing: { body: {}, headers: {} },
  null: { body: null },
  list: { body: '[0]', headers: { 'X-Host-Event': ['a', 'b'] }, queryParameters: 'q=1&q=2' },
};

// How Node words what JSON.parse refuses depends on its version, and whether it names a count.
const inAnyNodesWords = (text) => text.replace(/Invalid count value: \S+?(?=["\\]|$)/g, 'Invalid count value').replace(/(?:Unexpected|Expected|"undefined" is not)[^|]*?JSON(?: at position \d+)?( input)?.*/, '(not JSON)');

/** The same wherever it stands in a value. */
const inAnyNodesWordsIn = (value) => JSON.parse(JSON.stringify(value ?? null),
  (key, one) => (typeof one === 'string' ? inAnyNodesWords(one) : one));

const byPlace = (a, b) => JSON.stringify([a.url, a.method, a.body]) < JSON.stringify([b.url, b.method, b.body]) ? -1 : 1;

// Only the headers that the code set: the rest is not its doing.
function comparable({ result, error, requests, logs }, names) {
  return {
    result: error ? null : inAnyNodesWordsIn(result),
    logs: logs.map((lines) => inAnyNodesWords(lines.replace(/\n +at .*/g, ''))),
    error: error && { name: error.name, message: inAnyNodesWords(error.message) },
    requests: requests.map(({ method, url, headers, body }, i) => ({
      method, url, body, headers: Object.fromEntries((names[i] ?? []).map((name) => [name, headers[name]])),
    })),
  };
}

async function runHere(place, file, { event, request, settings }, endpoint) {
  const input = path.join(place, `${settings.id}.json`);

  fs.writeFileSync(input, JSON.stringify(event ?? request));
  const { stdout, stderr } = await run(['fn', 'run', file, event ? '--event' : '--request', input,
    '--settings', JSON.stringify(settings), '--live', '--json'], { cwd: place });
  const requests = endpoint.requests.filter(({ url }) => url.startsWith(`/${settings.id}/`))
    .map((one) => ({ ...one, url: new URL(one.url, endpoint.url).href })).sort(byPlace);

  assert.ok(stdout, stderr);
  return { ...JSON.parse(stdout), requests };
}

let nRuns = 0;

async function compare(place, endpoint, file, input) {
  const id = String(++nRuns);
  const settings = {
    id, endpoint: new URL(`/${id}`, endpoint.url).href, apiKey: 'key-0123456789', account: 'acc', region: 'eu',
    events: 'Signed Up,Login', mapping: '{"plan":"tier","logins":"visits"}',
  };
  const there = await runOnShim(fs.readFileSync(file, 'utf8'), { ...input, settings }, answer);
  const here = await runHere(place, file, { ...input, settings }, endpoint);

  there.requests.sort(byPlace);
  const names = there.requests.map(({ headers }) => Object.keys(headers));
  return [comparable(here, names), comparable(there, names)];
}

function functionsIn(kind) {
  return fs.readdirSync(path.join(folder, kind)).filter((name) => name.endsWith('.js')).sort();
}

async function sameAsThere(t, kind, inputs) {
  const endpoint = await Endpoint.start(t, ({ method, url }) => answer(method, url));
  const place = temporaryFolder(t);

  writeFiles(place, {});
  for (const name of functionsIn(kind))
    await t.test(`${kind}/${name}`, async () => {
      const all = { here: {}, there: {} };

      for (const [why, input] of Object.entries(inputs))
        [all.here[why], all.there[why]] = await compare(place, endpoint, path.join(folder, kind, name), input);
      assert.deepEqual(all.here, all.there);
    });
}

const under = (key, inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([why, input]) => [why, { [key]: input }]));

test('destination functions do here what they do on Segment', (t) => sameAsThere(t, 'destinations', under('event', EVENTS)));
test('source functions do here what they do on Segment', (t) => sameAsThere(t, 'sources', under('request', REQUESTS)));
