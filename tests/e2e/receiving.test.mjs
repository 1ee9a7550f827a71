// SPDX-License-Identifier: MIT
// What a receiver takes, says and remembers beyond the 26 acceptance cases.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { basic, exchange, request, statusOf } from './lib/http.mjs';
import { Service, track } from './lib/service.mjs';

const echoFunction = `
async function forward(event, settings) {
  await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify({ event, settings }) })
}
async function onTrack(event, settings) {
  if (event.event === 'Long') throw new ValidationError('x"\\u0001'.repeat(20000))
  await forward(event, settings)
}
`;

let service;
let endpoint;

before(async () => {
  endpoint = await Endpoint.start();
  service = await Service.start(null, {
    files: { 'echo.js': echoFunction },
    config: {
      subscriptions: [
        { name: 'default', endpoint: endpoint.url },
        { name: 'echo', function: 'echo.js', endpoint: endpoint.url, auth: 'none', settings: { a: 1, b: 2 } },
        { name: 'inline', function: 'echo.js', endpoint: endpoint.url, auth: 'none', mode: 'inline' },
        { name: 'signed', endpoint: endpoint.url, auth: 'signature', secret: 'abc123' },
        { name: 'placed', endpoint: endpoint.url, auth: 'none', path: '/hooks/v1/in' },
      ],
    },
  });
  await service.createKey({ value: 'segment' });
});

after(async () => {
  if (!service) return;
  const { code } = await service.stop();

  await endpoint.stop();
  assert.equal(code, 0, service.log);
  assert.doesNotMatch(service.log, /AddressSanitizer|runtime error/);
});

const post = (body, options = {}) => service.post(body, { key: 'segment', ...options });
const mac = (text) => createHmac('sha1', 'abc123').update(text).digest('hex');

// Sends to the function that echoes, and returns what it saw: {event, settings}.
async function seen(body, headers = {}) {
  const { deliveries: [{ id }] } = await service.deliver(body, { path: '/webhook/echo', headers });
  const request = endpoint.requests.find((one) => one.headers['idempotency-key'].startsWith(id));

  return JSON.parse(request.body);
}

// One event under a request line of our own; the connection ends after it.
function sendTo(target, { version = 'HTTP/1.1', lines = ['Host: localhost'] } = {}) {
  const body = JSON.stringify(track());
  const head = [`POST ${target} ${version}`, ...lines, `Authorization: ${basic('segment')}`,
    `Content-Length: ${body.length}`, 'Connection: close', '', ''];

  return exchange(service.port, head.join('\r\n') + body);
}

test('the path is taken literally, whatever stands around it', async () => {
  const cases = [
    ['/webhook?x=1', 202, 'a query is not the path'],
    ['/%77ebhook', 202, 'an encoded letter is that letter'],
    ['http://proxy.example/webhook', 202, 'RFC 9112 §3.2.2: a proxy may send it whole'],
    ['HTTP://proxy.example/webhook?x', 202, 'the scheme has no case'],
    ['http://proxy.example', 404, 'a host alone is its root'],
    ['/hooks/v1/in', 202, 'a path of its own'],
    ['/webhook/placed', 404, 'which replaces the usual one'],
    ['/webhook/default', 404, 'so does the default one'],
    ['/webhook/', 404, 'a slash more is another path'],
    ['//webhook', 404, 'in front as well'],
    ['/%2fwebhook', 404, 'encoded or not'],
    ['/WEBHOOK', 404, 'paths have case'],
    ['/webhook%00', 400, 'a NUL ends strings of careless readers'],
  ];

  for (const [target, status, why] of cases)
    assert.equal(statusOf(await sendTo(target)), status, `${target}: ${why}`);
});

test('HTTP/1.1 without a Host: 400 with a message; HTTP/1.0 needs none', async () => {
  const raw = await sendTo('/webhook', { lines: [] });

  assert.equal(statusOf(raw), 400, raw);
  assert.equal(typeof JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4)).message, 'string');
  assert.equal(statusOf(await sendTo('/webhook', { version: 'HTTP/1.0', lines: [] })), 202);
});

test('every 405 says what is allowed', async () => {
  for (const [method, path, allowed] of [['PUT', '/webhook', 'POST'], ['HEAD', '/webhook', 'POST'],
    ['POST', '/livez', 'GET, HEAD'], ['OPTIONS', '/readyz', 'GET, HEAD'], ['DELETE', '/healthz', 'GET, HEAD']]) {
    const { status, headers } = await request(service.url + path, { method });

    assert.equal(status, 405, `${method} ${path}`);
    assert.equal(headers.allow, allowed, `${method} ${path}`);
  }
});

test('a byte order mark is dropped; a second one is no JSON', async () => {
  const event = track();
  const text = JSON.stringify(event);

  assert.deepEqual((await seen(`\ufeff${text}`)).event, event);
  for (const body of [`\ufeff\ufeff${text}`, ` \ufeff${text}`, `\ufeff\ufeff[${text}]`])
    assert.equal((await post(body)).status, 400);
});

test('a body is read when it says that it is JSON, or says nothing', async () => {
  for (const [type, status] of [
    ['application/json', 202], ['Application/JSON ; charset=utf-8', 202], ['text/json', 202],
    ['application/cloudevents+json', 202], [undefined, 202],
    ['text/plain', 415], ['application/x-www-form-urlencoded', 415], ['application/jsonp', 415], ['+json', 415], ['', 415],
  ]) {
    const { status: got, json } = await post(track(), { headers: { 'Content-Type': type } });

    assert.equal(got, status, `${type}: ${got}`);
    if (status === 415) assert.deepEqual(json, { message: 'Expected application/json' });
  }
});

test('settings that cannot be read are refused, and so are more events than a request may have', async () => {
  for (const settings of ['not base64!', Buffer.from('[1]').toString('base64'), Buffer.from('{"a":').toString('base64')]) {
    const { status, json } = await post(track(), { headers: { 'X-Segment-Settings': settings } });

    assert.deepEqual([status, json], [400, { message: 'Invalid X-Segment-Settings' }], settings);
  }
  const { status, json } = await post(`[${Array(10001).fill('{}').join()}]`);

  assert.deepEqual([status, json], [413, { message: 'Too many events in one request' }]);
});

test('depth 512 is accepted, one more is not', async () => {
  const nested = (depth) =>
    `{"type":"track","event":"e","userId":"u","properties":${'{"a":'.repeat(depth - 2)}{}${'}'.repeat(depth - 2)}}`;

  assert.equal((await post(nested(512))).status, 202);
  assert.equal((await post(nested(513))).status, 400);
  assert.equal((await post('['.repeat(1000000))).status, 400);
});

test('a batch: what is good is stored, what is not is told, in their order', async () => {
  const event = track();
  const bad = [{ type: 'video', userId: 'u' }, null, [], { type: 'track', userId: 'u' }];
  const { status, json, headers } = await post([event, ...bad, event, track({ properties: { x: 'y'.repeat(600000) } })]);

  assert.equal(status, 202);
  assert.equal(headers['x-partnerapp-event-id'], undefined);
  assert.deepEqual(Object.keys(json), ['accepted', 'duplicates', 'rejected', 'ids']);
  assert.deepEqual([json.accepted, json.duplicates], [1, 1]);
  assert.deepEqual(json.rejected, [
    { index: 1, message: 'video not supported' }, { index: 2, message: 'Malformed JSON' },
    { index: 3, message: 'Malformed JSON' }, { index: 4, message: 'Missing event' },
    { index: 6, message: 'Event too large' },
  ]);
  assert.deepEqual(json.ids, [json.ids[0], null, null, null, null, json.ids[0], null]);
  assert.match(json.ids[0], /^evt_/);
  const again = await post([event, event]);

  assert.equal(again.status, 202, 'nothing new is nothing wrong');
  assert.deepEqual([again.json.accepted, again.json.duplicates], [0, 2]);
  const none = await post(bad);

  assert.equal(none.status, 400);
  assert.equal(typeof none.json.message, 'string');
  assert.equal(none.json.rejected.length, bad.length);
});

test('ids may be numbers, keys may have any case, and duplicates are known all the same', async () => {
  for (const event of [{ TYPE: 'Track', EVENT: 'e', user_id: 7, 'Message ID': 'folded' },
    { type: 'track', event: 'e', anonymousId: 0, userId: null, messageId: 17 }]) {
    const first = (await post(event)).json;
    const second = (await post(event)).json;

    assert.equal(first.accepted, 1);
    assert.equal(second.duplicates, 1);
    assert.deepEqual(second.ids, first.ids);
  }
});

test('settings come whole, over those of the configuration', async () => {
  const settings = { b: 3, text: 'é'.repeat(12200) };
  const header = Buffer.from(JSON.stringify(settings)).toString('base64');

  assert.ok(header.length > 32000 && header.length <= 32768);
  assert.deepEqual((await seen(track(), { 'X-Segment-Settings': header })).settings,
    { a: 1, ...settings, endpoint: endpoint.url });
});

test('a signature covers the bytes, or what they mean, and nothing else', async () => {
  const event = JSON.stringify(track());
  const send = (body, signature) =>
    service.post(body, { path: '/webhook/signed', headers: { 'X-Signature': signature } });
  const cases = [
    [`${event}\n`, mac(event), 202, 'white space around'],
    [`\ufeff${event}`, mac(event), 202, 'a mark in front'],
    [`[ ${event} , {}]`, mac(event), 202, 'the first element'],
    [event, `sha1=${mac(event)}`, 401, 'no scheme'],
    [event, mac(event).slice(1), 401, 'a digit less'],
    [event, `${mac(event)}0`, 401, 'a digit more'],
    [event, [mac(event), mac(event)], 401, 'two of them'],
    ['{"type":', mac('{"type":'), 401, 'nothing that could be signed'],
    [`[${event},{}]`, mac('{}'), 401, 'the second element'],
    [`[${event},`, mac(event), 401, 'an array that ends too early, whatever its first element'],
    ['[]', mac('[]'), 401, 'an empty array'],
  ];

  for (const [body, signature, status, why] of cases)
    assert.equal((await send(body, signature)).status, status, why);
});

test('an array is taken when it is one to its end, and of 10,000 at most', async () => {
  const event = JSON.stringify(track());
  const before = (await service.counters()).accepted;
  const cases = [
    [`[${event},`, 400, 'Malformed JSON'],
    [`[${event}]]`, 400, 'Malformed JSON'],
    [`[${event},${'1,'.repeat(10001)}`, 400, 'Malformed JSON'],
    [`[${event}${',1'.repeat(10000)}]`, 413, 'Too many events in one request'],
    ['[ ]', 400, 'Empty batch'],
  ];

  for (const [body, status, message] of cases) {
    const answer = await post(body);

    assert.deepEqual([answer.status, answer.json.message], [status, message]);
  }
  assert.equal((await service.counters()).accepted, before, 'nothing of them is stored');
  const { status, json } = await post(`[${event}${',1'.repeat(9999)}]`);

  assert.equal(status, 202);
  assert.deepEqual([json.accepted, json.rejected.length, json.ids.length], [1, 9999, 10000]);
  assert.equal(json.rejected[9998].index, 9999);
});

test('mode inline: a long message is still JSON', async () => {
  const { status, json } = await service.post(track({ event: 'Long' }), { path: '/webhook/inline' });

  assert.equal(status, 400);
  assert.match(json.message, /^x"\u0001x"/);
});

test('mode inline: sent again, it is not run again', async () => {
  const event = track();
  const earlier = endpoint.requests.length;
  const answers = await Promise.all([1, 2, 3].map(() => service.post(event, { path: '/webhook/inline' })));

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 202, 202]);
  assert.equal(new Set(answers.map(({ json }) => json.ids[0])).size, 1);
  assert.equal(endpoint.requests.length, earlier + 1);
});

test('limits of the configuration hold', async (t) => {
  const small = await Service.start(t, {
    config: { limits: { body: '20KiB', event: '4KiB' } }, subscription: { auth: 'none' },
  });
  const event = track({ properties: { text: 'x'.repeat(3000) } });

  assert.equal((await small.post(JSON.stringify(event) + ' '.repeat(16000))).status, 202);
  assert.equal((await small.post(' '.repeat(20481))).status, 413);
  assert.equal((await small.post(track({ properties: { text: 'x'.repeat(5000) } }))).status, 413);
});
