// SPDX-License-Identifier: MIT
// One attempt of the local Segment to reach a webhook: acceptance cases 27 to 41 of the protocol dossier, but for
// those that are about retries (32, 35, 36), and what follows redirects.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic } from './lib/http.mjs';
import { freePort } from './lib/place.mjs';
import { selfSigned } from './lib/tls.mjs';
import { until } from './lib/wait.mjs';

const event = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1', properties: { plan: 'Pro', n: 1.5 } };
const text = JSON.stringify(event);
const hmac = (secret, body) => crypto.createHmac('sha1', secret).update(body).digest('hex');

async function both(t, mood, flags = []) {
  return { emulator: await Emulator.start(t, flags), endpoint: await Endpoint.start(t, mood) };
}

test('case 27: a webhook gets the headers that Segment sends, and the key as a Basic user', async (t) => {
  const { emulator, endpoint } = await both(t);
  const result = await emulator.attempt({ kind: 'webhook', url: endpoint.url, api_key: 'abcd1234' }, event);
  const [{ method, headers, body }] = endpoint.requests;

  assert.equal(method, 'POST');
  assert.equal(headers.authorization, 'Basic YWJjZDEyMzQ6');
  assert.equal(headers['content-length'], String(Buffer.byteLength(text)));
  assert.equal(headers['transfer-encoding'], undefined);
  assert.equal(headers['cache-control'], 'no-cache');
  assert.equal(headers.accept, '*/*');
  assert.equal(headers['user-agent'], 'Segment.io/1.0');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers.connection, 'Keep-Alive');
  assert.equal(body, text);
  assert.equal(result.class, 'delivered');
  assert.equal(result.counter, 'successes');
  assert.equal(result.calls[0].status, 200);
  assert.equal(result.calls[0].headers.Authorization, '••••');
});

test('an empty key is sent all the same', async (t) => {
  const { emulator, endpoint } = await both(t);

  await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);
  assert.equal(endpoint.requests[0].headers.authorization, 'Basic Og==');
});

test('case 28: X-Segment-Settings holds the custom settings, never the key, and is absent without any', async (t) => {
  const { emulator, endpoint } = await both(t);
  const settings = { customSettingOne: 'custom setting value' };
  const target = { kind: 'webhook', url: endpoint.url };

  await emulator.attempt({ ...target, settings: { apiKey: 'abcd1234' } }, event);
  await emulator.attempt({ ...target, settings: { ...settings, apiKey: 'abcd1234' } }, event);
  assert.equal(endpoint.requests[0].headers['x-segment-settings'], undefined);
  assert.equal(endpoint.requests[0].headers.authorization, basic('abcd1234'));
  assert.equal(endpoint.requests[1].headers['x-segment-settings'],
    'eyJjdXN0b21TZXR0aW5nT25lIjoiY3VzdG9tIHNldHRpbmcgdmFsdWUifQ==');
});

test('settings keep their types, secret ones are masked in the record, more than 8 KB are refused', async (t) => {
  const { emulator, endpoint } = await both(t);
  const target = { kind: 'webhook', url: endpoint.url };
  const settings = { list: [1, { a: null }], on: true, n: 1.5, password: 'hunter2-hunter2' };
  const decode = (header) => JSON.parse(Buffer.from(header, 'base64').toString());
  const { calls } = await emulator.attempt({ ...target, settings }, event);
  const large = await emulator.ask('POST', '/_emulator/attempt', { target: { ...target, settings: { a: 'x'.repeat(6200) } }, event });

  assert.deepEqual(decode(endpoint.requests[0].headers['x-segment-settings']), settings);
  assert.deepEqual(decode(calls[0].headers['X-Segment-Settings']), { ...settings, password: '••••' });
  assert.equal(large.status, 400);
  assert.match(large.json.message, /larger than 8192 bytes/);
});

test('case 29: plain http is for this machine only', async (t) => {
  const { emulator, endpoint } = await both(t);
  const put = (url) => emulator.ask('PUT', '/_emulator/subscription', { kind: 'webhook', url });

  for (const url of ['http://example.com', 'http://127.0.0.1.example.com/', 'http://10.0.0.1/', 'ftp://localhost/', 'x',
    'http://localhost@example.com/', ''])
    assert.equal((await put(url)).status, 400, url);
  for (const url of [endpoint.url, 'http://localhost:1/', 'http://[::1]:1/', 'https://example.com/hook'])
    assert.equal((await put(url)).status, 200, url);
  assert.deepEqual(await emulator.control('GET', 'subscription'), { kind: 'webhook', url: 'https://example.com/hook' });
});

test('a redirect does not lead plain http away from this machine either', async (t) => {
  const { emulator, endpoint } = await both(t, { status: 307, headers: { Location: 'http://192.0.2.1/' } });
  const result = await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);

  assert.equal(result.class, 'retry');
  assert.match(result.message, /this machine only|private address/);
});

test('case 30: an endpoint with a self-signed certificate sees no request, and is tried again', async (t) => {
  const emulator = await Emulator.start(t);
  const { url, seen } = await selfSigned(t);
  const result = await emulator.attempt({ kind: 'webhook', url }, event);

  assert.deepEqual(seen, []);
  assert.equal(result.class, 'retry');
  assert.equal(result.counter, 'errors.awaiting-retry.TLS');
  assert.equal(result.calls[0].error, 'TLS');
  assert.equal(result.calls[0].status, 0);
});

test('--insecure sends to it', async (t) => {
  const emulator = await Emulator.start(t, ['--insecure']);
  const { url, seen } = await selfSigned(t);

  assert.equal((await emulator.attempt({ kind: 'webhook', url }, event)).class, 'delivered');
  assert.deepEqual(seen, ['/hook']);
});

test('case 31: a receiver that takes 6 s has timed out after 5, and is tried again', async (t) => {
  const { emulator, endpoint } = await both(t, { status: 200, delay: 6000 });
  const result = await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);

  assert.equal(result.class, 'retry');
  assert.equal(result.counter, 'errors.awaiting-retry.ETIMEDOUT');
  assert.equal(result.code, 'ETIMEDOUT');
  assert.ok(result.duration_ms >= 4900 && result.duration_ms < 5800, `${result.duration_ms} ms`);
});

test('nobody listens: refused, and tried again', async (t) => {
  const emulator = await Emulator.start(t);
  const result = await emulator.attempt({ kind: 'webhook', url: `http://127.0.0.1:${await freePort()}/` }, event);

  assert.equal(result.counter, 'errors.awaiting-retry.ECONNREFUSED');
});

test('case 33: a 400 is final, and its JSON message is in the report', async (t) => {
  const { emulator, endpoint } = await both(t, { status: 400, body: '{"message":"Missing email address"}' });
  const result = await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);

  assert.equal(endpoint.requests.length, 1);
  assert.equal(result.class, 'discarded');
  assert.equal(result.counter, 'errors.discarded.400');
  assert.equal(result.message, 'Missing email address');
});

test('case 34: the same as text/plain has no message', async (t) => {
  const { emulator, endpoint } = await both(t, (request, number) => [
    { status: 400, headers: { 'Content-Type': 'text/plain' }, body: '{"message":"Missing email address"}' },
    { status: 400, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: '{"message":"with a charset"}' },
    { status: 400, body: '["message"]' }, { status: 400, body: '{"message":7}' }, { status: 400, body: '{"message":' },
    { status: 200, body: '{"message":"all is well"}' },
  ][number]);
  const messages = [];

  for (let i = 0; i < 6; i++)
    messages.push((await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event)).message);
  assert.deepEqual(messages, [null, 'with a charset', null, null, null, null]);
});

test('a 429 tells how long to wait, in seconds or as a date', async (t) => {
  const at = new Date(Date.now() + 90000).toUTCString();
  const { emulator, endpoint } = await both(t, (request, number) => (
    { status: 429, headers: number < 3 ? { 'Retry-After': ['60', at, 'soon'][number] } : {} }));
  const waits = [];

  for (let i = 0; i < 4; i++)
    waits.push((await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event)).retry_after_ms);
  assert.equal(waits[0], 60000);
  assert.ok(waits[1] > 80000 && waits[1] <= 91000, `${waits[1]} ms`);
  assert.deepEqual(waits.slice(2), [0, 0]);
});

test('case 37: one of five classic hooks succeeds, so the event has', async (t) => {
  const { emulator, endpoint } = await both(t, (request) => (request.url === '/4' ? 200 : 500));
  const hooks = [1, 2, 3, 4, 5].map((n) => ({ hook: endpoint.url.replace('/hook', `/${n}`), headers: { 'X-Hook': String(n) } }));
  const result = await emulator.attempt({ kind: 'classic', hooks, shared_secret: 's3cret' }, event);

  assert.equal(result.class, 'delivered');
  assert.equal(result.calls.length, 5);
  for (const { url, headers } of endpoint.requests) {
    assert.equal(`/${headers['x-hook']}`, url);
    assert.equal(headers['x-signature'], hmac('s3cret', text));
    assert.equal(headers.authorization, undefined);
  }
  endpoint.mood((request) => (request.url === '/4' ? 503 : 400));
  assert.equal((await emulator.attempt({ kind: 'classic', hooks }, event)).counter, 'errors.awaiting-retry.503');
});

test('case 38: six hooks are refused', async (t) => {
  const { emulator, endpoint } = await both(t);
  const target = { kind: 'classic', hooks: Array.from({ length: 6 }, () => ({ hook: endpoint.url })) };

  for (const [method, name, body] of [['POST', 'attempt', { target, event }], ['PUT', 'subscription', target]]) {
    const { status, json } = await emulator.ask(method, `/_emulator/${name}`, body);

    assert.equal(status, 400);
    assert.match(json.message, /at most 5 hooks/);
  }
  assert.deepEqual(endpoint.requests, []);
});

test('case 39: a header of Actions that is not ASCII is a payload-validation error, without a request', async (t) => {
  const { emulator, endpoint } = await both(t);
  const result = await emulator.attempt({ kind: 'actions', url: endpoint.url, headers: { 'X-Name': 'José' } }, event);

  assert.deepEqual(endpoint.requests, []);
  assert.equal(result.class, 'discarded');
  assert.equal(result.code, 'PAYLOAD_VALIDATION_FAILED');
  assert.equal(result.counter, 'errors.discarded.400');
});

test('Actions sends its method, headers and batches, of which the first element is signed', async (t) => {
  const { emulator, endpoint } = await both(t);
  const target = { kind: 'actions', url: endpoint.url, method: 'PUT', headers: { 'X-One': '1' }, shared_secret: 'abc123' };

  await emulator.attempt(target, [{ cool: false }, { cool: true }]);
  await emulator.attempt(target, []);
  const [batch, empty] = endpoint.requests;

  assert.equal(batch.method, 'PUT');
  assert.equal(batch.headers['user-agent'], 'Segment (Actions)');
  assert.equal(batch.headers['x-one'], '1');
  assert.equal(batch.headers['x-signature'], 'c702b94a2569dd8d2f7185ce0ae951021bef4706');
  assert.equal(batch.body, '[{"cool":false},{"cool":true}]');
  assert.equal(empty.headers['x-signature'], undefined);
});

test('case 40: an empty shared secret signs nothing', async (t) => {
  const { emulator, endpoint } = await both(t);

  await emulator.attempt({ kind: 'classic', hooks: [{ hook: endpoint.url }], shared_secret: '' }, event);
  await emulator.attempt({ kind: 'classic', hooks: [{ hook: endpoint.url }], shared_secret: 'abc123' }, { cool: true });
  assert.equal(endpoint.requests[0].headers['x-signature'], undefined);
  assert.equal(endpoint.requests[1].headers['x-signature'], '5099cab379b3be52908387457007040cc934ef86');
});

test('case 41: a 501 is an unsupported type, and final', async (t) => {
  const { emulator, endpoint } = await both(t, 501);
  const result = await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);

  assert.equal(result.class, 'unsupported');
  assert.equal(result.counter, 'UNSUPPORTED_EVENT_TYPE');
});

test('307 and 308 are followed once, with method and body; others are final', async (t) => {
  const other = await Endpoint.start(t);
  const { emulator, endpoint } = await both(t, (request) => {
    if (request.url === '/to') return 200;
    return { status: Number(request.url.slice(1, 4)), headers: { Location: request.url.slice(4) } };
  });
  const send = (name) => emulator.attempt({ kind: 'webhook', url: endpoint.url.replace('/hook', name), api_key: 'k' }, event);

  assert.equal((await send('/307/to')).class, 'delivered');
  assert.equal((await send(`/308${other.url}`)).class, 'delivered');
  assert.equal((await send('/307/307/to')).counter, 'errors.discarded.307');
  assert.equal((await send('/302/to')).counter, 'errors.discarded.302');
  assert.equal(endpoint.requests[1].body, text);
  assert.equal(endpoint.requests[1].headers.authorization, basic('k'));
  assert.equal(other.requests[0].body, text);
  assert.equal(other.requests[0].headers.authorization, undefined, 'another origin does not see the key');
});

test('answers are recorded with canonical header names, sorted and joined; long bodies are cut', async (t) => {
  const { emulator, endpoint } = await both(t, {
    status: 200, headers: { 'x-amzn-requestId': '1', 'Set-Cookie': ['a=1', 'b=2'], Via: ['x', 'y'] }, body: 'b'.repeat(200000),
  });
  const { calls: [call] } = await emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);
  const names = Object.keys(call.response_headers);

  assert.deepEqual(names, [...names].sort());
  assert.equal(call.response_headers['X-Amzn-Requestid'], '1');
  assert.equal(call.response_headers.Via, 'x, y');
  assert.equal(call.response_headers['Set-Cookie'], '••••, ••••');
  assert.equal(call.response_body.length, 65536);
});

for (const [why, body] of [
  ['no target', { event }], ['an unknown kind', { target: { kind: 'pigeon' }, event }],
  ['no URL', { target: { kind: 'webhook' }, event }], ['no event', { target: { kind: 'webhook', url: 'https://a.test' } }],
  ['an event that is text', { target: { kind: 'webhook', url: 'https://a.test' }, event: 'x' }],
  ['no such destination', { destination: 'workspaces/acme/sources/x/destinations/y', event }],
])
  test(`an attempt with ${why} is refused`, async (t) => {
    const emulator = await Emulator.start(t);

    assert.equal((await emulator.ask('POST', '/_emulator/attempt', body)).status, 400);
  });

test('an attempt that is under way is answered when the world begins anew', async (t) => {
  const { emulator, endpoint } = await both(t, { status: 200, delay: 700 });
  const attempt = emulator.attempt({ kind: 'webhook', url: endpoint.url }, event);

  await until('the request is there', () => endpoint.requests.length === 1);
  await emulator.control('POST', 'reset');
  assert.equal((await attempt).class, 'delivered');
});

test('an attempt that is under way is answered when the local Segment stops', async (t) => {
  const { emulator, endpoint } = await both(t, 'hang');
  const attempts = [1, 2, 3].map(() => emulator.ask('POST', '/_emulator/attempt', { target: { kind: 'webhook', url: endpoint.url }, event }));

  await until('the requests are there', () => endpoint.requests.length === 3);
  const [{ code }, ...answers] = await Promise.all([emulator.stop(), ...attempts]);

  assert.equal(code, 0);
  assert.deepEqual(answers.map(({ status }) => status), [503, 503, 503]);
  assert.equal(emulator.log, '');
});
