// SPDX-License-Identifier: MIT
// Source functions: what is posted, how it is kept, and what Segment is sent.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { basic, exchange, request, statusOf } from './lib/http.mjs';
import { filesBelow } from './lib/place.mjs';
import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const writeKey = 'wk_0123456789abcdef0123456789abcdef';

async function withSource(t, code, { subscription = {}, config = {}, mood = 200 } = {}) {
  const segment = await Endpoint.start(t, mood);
  const service = await Service.start(t, {
    files: { 'functions/f.js': code },
    config: { segment: { tracking_url: `http://127.0.0.1:${segment.port}` }, ...config },
    subscription: {
      name: 'hub', kind: 'source', function: 'functions/f.js', write_key: writeKey, auth: 'none',
      retry: { attempts: 3, over: '500ms' }, function_timeout: '2s', ...subscription,
    },
  });
  const post = (body, { path = '/source/hub', method = 'POST', headers = { 'Content-Type': 'text/plain' } } = {}) =>
    request(`${service.url}${path}`, { method, headers, body });
  const deliver = async (body, options) => service.settled((await post(body, options)).json.ids[0]);

  return { segment, service, post, deliver };
}

const sent = (segment) => segment.requests.map(({ url, body }) => ({ url, ...JSON.parse(body) }));

test('what a source function says goes to the Tracking API under the write key', async (t) => {
  const { segment, deliver } = await withSource(t, `
    async function onRequest(request, settings) {
      const { user, items } = await request.json()
      Segment.identify({ userId: user, traits: { plan: request.url.searchParams.get('plan') } })
      for (const item of items) Segment.track({ userId: user, event: item, properties: { from: request.headers.get('X-From') } })
      Segment.set({ collection: 'items', id: 'i1', properties: { name: items[0] } })
      Segment.set({ collection: 'shops', id: 's1', properties: { name: 'one' } })
      Segment.set({ collection: 'items', id: 'i2', properties: { name: items[1] } })
      return 'fine'
    }`);
  const event = await deliver('{"user":"u1","items":["a","b"]}',
    { path: '/source/hub?plan=pro', headers: { 'X-From': 'hub', 'Content-Type': 'application/json' } });
  const [delivery] = event.deliveries;

  assert.equal(delivery.state, 'delivered');
  assert.equal(event.type, 'request');
  assert.equal(delivery.attempts[0].requests.length, 3);
  const [batch, items, shops] = sent(segment);

  assert.equal(segment.requests[0].headers.authorization, basic(writeKey));
  assert.equal(batch.url, '/v1/batch');
  assert.match(batch.sentAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(batch.batch.map(({ messageId, ...rest }) => rest), [
    { type: 'identify', userId: 'u1', traits: { plan: 'pro' } },
    { type: 'track', userId: 'u1', event: 'a', properties: { from: 'hub' } },
    { type: 'track', userId: 'u1', event: 'b', properties: { from: 'hub' } }]);
  assert.deepEqual(batch.batch.map(({ messageId }) => messageId), [1, 2, 3].map((n) => `${delivery.id}-${n}`));
  assert.deepEqual(items, { url: '/v1/set', collection: 'items', objects: [
    { id: 'i1', properties: { name: 'a' } }, { id: 'i2', properties: { name: 'b' } }] });
  assert.deepEqual(shops, { url: '/v1/set', collection: 'shops', objects: [{ id: 's1', properties: { name: 'one' } }] });
});

// FNV-1a over the characters: what a signature would be computed over.
const sum = `function sum(text) {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}`;

test('any body of any type is accepted and arrives byte for byte', async (t) => {
  const { segment, deliver } = await withSource(t, `${sum}
    async function onRequest(request) {
      Segment.track({ userId: 'u', event: 'e', properties: {
        sum: sum(await request.text()), encoding: request.headers.get('x-partnerapp-body-encoding') } })
    }`);
  const sumOf = new Function(`${sum}; return sum`)();
  const got = async (body, headers) => {
    await deliver(body, { headers });
    return sent(segment).at(-1).batch[0].properties;
  };

  for (const [body, type] of [['', undefined], ['not json {', 'application/json'], ['a=1&b=%20é\u0000\r\n', undefined],
    ['\ufeff{"a": 1}\n', 'text/csv'], ['x'.repeat(300000), 'application/x-anything']])
    assert.deepEqual(await got(body, type ? { 'Content-Type': type } : {}), { sum: sumOf(body), encoding: null },
      JSON.stringify(body.slice(0, 20)));
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x80]);

  assert.deepEqual(await got(bytes, { 'X-Partnerapp-Body-Encoding': 'no' }),
    { sum: sumOf(bytes.toString('base64')), encoding: 'base64' });
});

test('it is stored before 202, which says so', async (t) => {
  const { service, post } = await withSource(t, 'async function onRequest(request) { throw new RetryError("later") }',
    { subscription: { retry: { attempts: 10, over: '1h' } } });
  const answer = await post('hello');

  assert.equal(answer.status, 202);
  assert.deepEqual({ ...answer.json, ids: answer.json.ids.length }, { accepted: 1, duplicates: 0, rejected: [], ids: 1 });
  await service.kill();
  await service.up();
  const event = await service.api(`/events/${answer.json.ids[0]}`);

  assert.equal(event.payload.body, 'hello');
  assert.equal((await service.events('type:request')).length, 1);
});

test('only POST, and only up to 512 KiB', async (t) => {
  const { post } = await withSource(t, 'async function onRequest() {}');

  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await post(method === 'GET' ? undefined : 'x', { method });

    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'POST');
  }
  assert.equal((await post('x'.repeat(512 * 1024))).status, 202);
  assert.equal((await post('x'.repeat(512 * 1024 + 1))).status, 413);
});

test('a key is asked for unless auth is none', async (t) => {
  const { segment, service, post } = await withSource(t, `
    async function onRequest(request, settings) { Segment.track({ userId: settings.apiKey, event: 'e' }) }`,
  { subscription: { auth: 'key' } });
  const { key } = await service.createKey({ value: 'a-customers-key' });

  assert.equal((await post('x')).status, 401);
  const { status, json } = await post('x', { headers: { Authorization: basic(key) } });

  assert.equal(status, 202);
  await service.settled(json.ids[0]);
  assert.equal(sent(segment)[0].batch[0].userId, 'a-customers-key');
});

test('a retry runs the function again and sends the same message ids', async (t) => {
  const { segment, deliver } = await withSource(t, `
    async function onRequest() {
      Segment.track({ userId: 'u', event: 'a' })
      Segment.track({ userId: 'u', event: 'b', messageId: 'mine' })
      Segment.track({ userId: 'u', event: 'c', messageId: '', writeKey: 'other' })
    }`, { mood: (got, n) => (n === 0 ? 503 : 200) });
  const { deliveries: [delivery] } = await deliver('x');
  const [first, second] = sent(segment).map(({ batch }) => batch);

  assert.equal(delivery.state, 'delivered');
  assert.deepEqual(delivery.attempts.map(({ error }) => error?.name), ['503', undefined]);
  assert.match(delivery.attempts[0].error.message, /Segment answered 503/);
  assert.deepEqual(second, first);
  assert.deepEqual(first.map(({ messageId }) => messageId), [`${delivery.id}-1`, 'mine', `${delivery.id}-3`],
    'what the code names is its own, an empty one is none');
  assert.equal(first[2].writeKey, undefined);
});

test('the outcome is the function\'s, then that of Segment\'s answers', async (t) => {
  const { segment, deliver } = await withSource(t, `
    async function onRequest(request) {
      const name = await request.text()
      if (name === 'invalid') throw new ValidationError('signature')
      if (name === 'unsupported') throw new EventNotSupported('request')
      if (name === 'broken') return null.x
      if (name === 'nobody') Segment.track({ event: 'e' })
      if (name === 'large') Segment.track({ userId: 'u', event: 'x'.repeat(33000) })
      Segment.track({ userId: 'u', event: name })
    }`, { mood: (got) => (got.body.includes('refused') ? 400 : 200) });

  for (const [name, state, error] of [['invalid', 'discarded', 'ValidationError'], ['broken', 'dead', 'TypeError'],
    ['unsupported', 'discarded', 'EventNotSupported'], ['nobody', 'discarded', 'ValidationError'],
    ['large', 'dead', 'EventTooLarge'], ['refused', 'dead', '400'], ['fine', 'delivered', null]]) {
    const { deliveries: [delivery] } = await deliver(name);

    assert.equal(delivery.state, state, name);
    assert.equal(delivery.last_error, error, name);
  }
  assert.equal(segment.requests.length, 2, 'only `refused` and `fine` reach Segment');
});

// A partner that answers nobody before @n are waiting.
async function meetingPoint(t, n) {
  const waiting = [];
  const server = http.createServer((request, response) => {
    waiting.push(response);
    if (waiting.length >= n) for (const one of waiting.splice(0)) one.end(request.method);
  });

  t.after(() => server.close());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

test('fifty requests in flight in one runner keep what they say apart', async (t) => {
  const meeting = await meetingPoint(t, 50);
  const echo = await Endpoint.start(t, ({ body }) => ({ status: 200, body, delay: Number(body) % 7 * 5 }));
  const { segment, service, post } = await withSource(t, `
    const wait = (ms) => new Promise((done) => setTimeout(done, ms))
    const echoed = (n) => fetch('${echo.url}', { method: 'POST', body: String(n) }).then((answer) => answer.json())
    async function onRequest(request) {
      const n = Number(request.text())
      const say = (event) => Segment.track({ userId: 'u' + n, event, properties: { soFar: Segment.events.length } })
      say('begun')
      await fetch('${meeting}')
      say('met')
      await wait(n % 5 * 10)
      say('waited')
      say('echoed ' + await echoed(n))
      await Promise.all([1, 2].map(async (i) => { await wait(i * 10); await null; say('both') }))
      await new Promise((done) => setTimeout(() => echoed(n + 3).then(() => { say('last'); done() }), n % 3))
      Segment.set({ collection: 'all', id: String(n), properties: { events: Segment.events.length } })
    }`, { config: { runners: { count: 1 } }, subscription: { concurrency: 64, function_timeout: '20s' } });
  const numbers = Array.from({ length: 50 }, (none, n) => n);
  const ids = await Promise.all(numbers.map(async (n) => (await post(String(n))).json.ids[0]));

  for (const id of ids) assert.equal((await service.settled(id, { timeout: 30000 })).deliveries[0].state, 'delivered');
  const said = Object.fromEntries(sent(segment).filter(({ batch }) => batch)
    .map(({ batch }) => [batch[0].userId, batch.map(({ userId, event, properties }) => [userId, event, properties.soFar])]));
  const objects = sent(segment).filter((one) => one.objects).flatMap((one) => one.objects);

  for (const n of numbers)
    assert.deepEqual(said[`u${n}`], ['begun', 'met', 'waited', `echoed ${n}`, 'both', 'both', 'last'].map((event, i) => [`u${n}`, event, i]));
  assert.deepEqual(objects.map(({ id }) => Number(id)).sort((a, b) => a - b), numbers);
  assert.deepEqual([...new Set(objects.map(({ properties }) => properties.events))], [7]);
});

test('nothing said is nothing sent', async (t) => {
  const { segment, deliver } = await withSource(t, 'async function onRequest() { console.log("seen") }');
  const { deliveries: [{ state, attempts: [attempt] }] } = await deliver('x');

  assert.equal(state, 'delivered');
  assert.match(attempt.logs[0], /seen/);
  assert.equal(segment.requests.length, 0);
});

test('many events go in requests that Segment takes', async (t) => {
  const { segment, deliver } = await withSource(t, `
    async function onRequest() {
      for (let i = 0; i < 60; i++) Segment.track({ userId: 'u', event: String(i), properties: { fill: 'x'.repeat(15000) } })
    }`);
  const { deliveries: [{ state }] } = await deliver('x');

  assert.equal(state, 'delivered');
  assert.deepEqual(sent(segment).flatMap(({ batch }) => batch.map(({ event }) => Number(event))), Array.from({ length: 60 }, (_, i) => i));
  for (const { body } of segment.requests) assert.ok(body.length <= 500000, `${body.length} bytes`);
  assert.equal(segment.requests.length, 2);
});

test('code without onRequest discards what is posted as not supported', async (t) => {
  const { deliver } = await withSource(t, 'async function onTrack() {}');
  const { deliveries: [delivery] } = await deliver('x');

  assert.equal(delivery.state, 'discarded');
  assert.match(delivery.attempts[0].error.message, /request not supported/);
});

test('credentials of headers and query reach the function, and nobody else', async (t) => {
  const secret = 'tell-nobody-4711';
  const { segment, service, post, deliver } = await withSource(t, `
    async function onRequest(request) {
      console.log(request.headers.get('authorization'))
      Segment.track({ userId: 'u', event: 'e', properties: {
        headers: ['authorization', 'x-gitlab-token', 'cookie'].map((name) => request.headers.get(name)),
        query: request.url.searchParams.get('access_token') } })
    }`);
  const options = { path: `/source/hub?access_token=${secret}-q&page=2`, headers: {
    Authorization: `Bearer ${secret}-a`, 'X-Gitlab-Token': `${secret}-g`, Cookie: `id=${secret}-c`, 'X-Plain': 'plain' } };
  const event = await deliver('x', options);

  const given = { headers: [`Bearer ${secret}-a`, `${secret}-g`, `id=${secret}-c`], query: `${secret}-q` };

  assert.deepEqual(sent(segment)[0].batch[0].properties, given);
  assert.equal(event.payload.headers.authorization, '••••');
  assert.equal(event.payload.headers['x-plain'], 'plain');
  assert.equal(event.payload.url.includes(secret), false);
  assert.equal(JSON.stringify(event).includes(secret), false, 'the event that is shown');
  await post('y', options);
  await service.stop();
  for (const [file, bytes] of filesBelow(service.data)) assert.equal(bytes.includes(secret), false, file);
  assert.equal(service.log.includes(secret), false, 'the log');
  // Sealed, it still opens after a restart.
  await service.up();
  await service.api('/replays', { method: 'POST', body: { ids: [event.id] } });
  await until('the replay has arrived', () => segment.requests.length === 3);
  assert.deepEqual(sent(segment)[2].batch[0].properties, given);
});

test('views say which subscription is a source', async (t) => {
  const { service } = await withSource(t, 'async function onRequest() {}');
  const [one] = (await service.api('/functions')).data;

  assert.equal(one.kind, 'source');
  assert.equal((await service.api('/status')).subscriptions[0].kind, 'source');
});

test('a request without a body needs no length: many services notify so', async (t) => {
  const { segment, service } = await withSource(t,
    'async function onRequest(request) { Segment.track({ userId: "u", event: `[${request.text()}]` }) }');
  const answer = await exchange(service.port, 'POST /source/hub HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

  assert.equal(statusOf(answer), 202, String(answer));
  await until('the event is sent', () => segment.requests.length === 1);
  assert.equal(sent(segment)[0].batch[0].event, '[]');
});
