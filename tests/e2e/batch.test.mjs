// SPDX-License-Identifier: MIT
// onBatch: who goes together, what becomes of each, and what happens when a batch fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from './lib/endpoint.mjs';
import { addsUp, Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

// Sends each batch to the endpoint: what arrives there is what the function was given.
const send = `
async function send(settings, events) {
  await fetch(settings.endpoint, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(events.map(({ messageId }) => messageId)),
  })
}
`;
const retry = { attempts: 4, over: '1200ms' };

async function withBatches(t, code, { subscription = {}, config = {}, mood = 200 } = {}) {
  const endpoint = await Endpoint.start(t, mood);
  const service = await Service.start(t, {
    files: { 'functions/f.js': send + code },
    config,
    subscription: {
      function: 'functions/f.js', endpoint: endpoint.url, batch: { size: 6, wait: '300ms' }, retry,
      function_timeout: '1s', slice: '500ms', ...subscription,
    },
  });
  const { key } = await service.createKey();

  return { endpoint, service, key };
}

const sender = 'async function onBatch(events, settings) { await send(settings, events) }';

function events(count, prefix = 'e') {
  return Array.from({ length: count }, (_, i) => track({ messageId: `${prefix}${i}`, properties: { i } }));
}

const batchesAt = (endpoint) => endpoint.requests.map(({ body }) => JSON.parse(body));

async function settledAll(service, ids) {
  return Promise.all(ids.map(async (id) => (await service.settled(id)).deliveries[0]));
}

test('case 61: 20 events within 10 s are one batch of 20', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: undefined } });
  const { json: { ids } } = await service.post(events(20), { key });
  const deliveries = await settledAll(service, ids);

  assert.deepEqual(batchesAt(endpoint), [events(20).map(({ messageId }) => messageId)]);
  for (const [index, { state, attempts: [{ batch }] }] of deliveries.entries()) {
    assert.equal(state, 'delivered');
    assert.equal(batch.size, 20);
    assert.equal(batch.index, index, 'the place of the event in the batch');
  }
});

test('case 61: 3 events are flushed when the first has waited long enough', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: { wait: '1s' } } });
  const started = Date.now();
  const { json: { ids } } = await service.post(events(3), { key });

  await settledAll(service, ids);
  assert.deepEqual(batchesAt(endpoint), [['e0', 'e1', 'e2']]);
  const waited = endpoint.requests[0].at - started;

  assert.ok(waited >= 900 && waited < 3000, `flushed after ${waited} ms, wait is 1 s`);
});

test('case 59: of six items with statuses, 4 and 5 are sent again and 2 is discarded', async (t) => {
  const { endpoint, service, key } = await withBatches(t, `
    async function onBatch(events, settings) {
      await send(settings, events)
      if (events.length < 6) return events.map(() => ({ status: 200 }))
      return [{ status: 200 }, { status: 400, errormessage: 'Bad Request' }, { status: 200 },
        { status: 500, errormessage: 'Error processing request' },
        { status: 500, errormessage: 'Error processing request' }, { status: 200 }]
    }`);
  const { json: { ids } } = await service.post(events(6), { key });
  const deliveries = await settledAll(service, ids);

  assert.deepEqual(deliveries.map(({ state }) => state),
    ['delivered', 'discarded', 'delivered', 'delivered', 'delivered', 'delivered']);
  assert.deepEqual(deliveries.map(({ attempts }) => attempts.length), [1, 1, 1, 2, 2, 1]);
  assert.deepEqual(batchesAt(endpoint).slice(1).flat().sort(), ['e3', 'e4'], 'only these two are sent again');
  assert.match(deliveries[1].attempts[0].error.message, /Bad Request/);
  assert.match(deliveries[3].attempts[0].error.message, /Error processing request/);
  assert.equal(deliveries[3].attempts[0].error.name, '500');
});

test('each status means what it means as an answer, but nothing is left dead', async (t) => {
  const wanted = { 200: 'delivered', 204: 'delivered', 301: 'discarded', 404: 'discarded', 501: 'discarded', 429: 'dead',
    408: 'dead', 423: 'dead', 503: 'dead' }; // dead: tried again until that was enough
  const statuses = Object.keys(wanted).map(Number);
  const { service, key } = await withBatches(t, `
    async function onBatch(events) { return events.map(({ properties }) => ({ status: properties.status })) }`,
  { subscription: { batch: { size: statuses.length, wait: '100ms' }, retry: { attempts: 2, over: '1s' } } });
  const { json: { ids } } = await service.post(statuses.map((status) => track({ properties: { status } })), { key });
  const deliveries = await settledAll(service, ids);

  for (const [i, { state, attempts }] of deliveries.entries()) {
    assert.equal(state, wanted[statuses[i]], `status ${statuses[i]}`);
    assert.equal(attempts.length, state === 'dead' ? 2 : 1, `attempts of status ${statuses[i]}`);
    assert.equal(attempts[0].error?.name, { delivered: undefined }[state] ??
      (state === 'delivered' ? undefined : statuses[i] === 501 ? 'EventNotSupported' : String(statuses[i])));
  }
});

for (const [what, value] of Object.entries({
  'nothing': 'undefined', 'an array of another length': '[{ status: 500 }]', 'no array': '({ status: 500 })',
  'entries without a status': 'events.map(() => ({ code: 500 }))',
})) {
  test(`a batch that returns ${what} is delivered`, async (t) => {
    const { service, key } = await withBatches(t, `async function onBatch(events) { return ${value} }`);
    const { json: { ids } } = await service.post(events(6), { key });

    for (const { state, attempts } of await settledAll(service, ids)) {
      assert.equal(state, 'delivered');
      assert.equal(attempts.length, 1);
    }
  });
}

test('with privacy.erase_on_delete a batch leaves nothing of one person with another', async (t) => {
  const { service, key } = await withBatches(t, `async function onBatch(events, settings) {
    await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify(events) })
    return events
  }`, { config: { privacy: { erase_on_delete: true } } });
  const people = ['stays', 'leaves', 'stays'].map((userId, i) => track({ userId, event: `by ${userId}`, messageId: `p${i}` }));
  const { json: { ids } } = await service.post(people, { key });

  await settledAll(service, ids);
  const all = JSON.stringify(await Promise.all([ids[0], ids[2]].map((id) => service.api(`/events/${id}`))));

  assert.equal(all.includes('leaves'), false, all);
  assert.match(all, /"batch":/);
});

test('case 60: ValidationError discards the batch, RetryError tries all of it again', async (t) => {
  const { endpoint, service, key } = await withBatches(t, `
    let runs = 0
    async function onBatch(events, settings) {
      await send(settings, events)
      if (events[0].event === 'invalid') throw new ValidationError('no account')
      if (runs++ === 0) throw new RetryError('later')
    }`, { config: { runners: { count: 1 } } });
  const invalid = await service.post(events(6, 'i').map((event) => ({ ...event, event: 'invalid' })), { key });

  for (const { state, attempts, last_error: error } of await settledAll(service, invalid.json.ids)) {
    assert.equal(state, 'discarded');
    assert.equal(attempts.length, 1);
    assert.equal(error, 'ValidationError');
  }
  const again = await service.post(events(6, 'r'), { key });

  for (const { state, attempts } of await settledAll(service, again.json.ids)) {
    assert.equal(state, 'delivered');
    assert.equal(attempts.length, 2);
    assert.equal(attempts[0].error.name, 'RetryError');
  }
  const keys = endpoint.requests.slice(1).map(({ headers }) => headers['idempotency-key']);

  assert.match(keys[0], /^bat_[0-9a-f]{32}-1$/);
  assert.equal(keys[1], keys[0], 'the same events together again have the same key');
});

test('an untyped error leaves the whole batch dead', async (t) => {
  const { service, key } = await withBatches(t, 'async function onBatch(events) { return null.x }');
  const { json: { ids } } = await service.post(events(6), { key });

  for (const { state, attempts } of await settledAll(service, ids)) {
    assert.equal(state, 'dead');
    assert.equal(attempts.length, 1);
  }
});

test('case 56 in a batch: one event that loops does not take the others with it', { timeout: 60000 }, async (t) => {
  const { service, key } = await withBatches(t, `
    async function onBatch(events) { if (events.some(({ messageId }) => messageId === 'e2')) while (true) {} }`,
  { subscription: { batch: { size: 6, wait: '100ms' }, retry: { attempts: 4, over: '700ms' }, function_timeout: '300ms',
    slice: '200ms' } });
  const { json: { ids } } = await service.post(events(6), { key });
  const deliveries = await settledAll(service, ids);

  assert.deepEqual(deliveries.map(({ state }) => state),
    ['delivered', 'delivered', 'dead', 'delivered', 'delivered', 'delivered']);
  assert.equal(deliveries[2].attempts[0].error.name, 'Timeout');
  assert.equal(service.exit, null);
});

test('a batch that fills its memory is tried again one event at a time', { timeout: 60000 }, async (t) => {
  const { service, key } = await withBatches(t, `
    async function onBatch(events) {
      const all = []
      if (events.some(({ messageId }) => messageId === 'e4')) while (true) all.push(new Uint8Array(16 << 20).fill(1))
      return events.map(() => ({ status: 200 }))
    }`, { config: { runners: { memory: '128MiB' } },
    subscription: { retry: { attempts: 3, over: '3s' }, function_timeout: '4s', slice: '4s' } });
  const { json: { ids } } = await service.post(events(6), { key });
  const deliveries = await settledAll(service, ids);

  assert.deepEqual(deliveries.map(({ state }) => state),
    ['delivered', 'delivered', 'delivered', 'delivered', 'dead', 'delivered']);
  assert.equal(deliveries[0].attempts[1].batch.size, 1);
});

test('customers and their settings never meet in one batch', async (t) => {
  const { endpoint, service } = await withBatches(t, `
    async function onBatch(events, settings) {
      await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify(
        { apiKey: settings.apiKey, region: settings.region, of: events.map(({ properties }) => properties.of) }) })
    }`, { subscription: { batch: { size: 4, wait: '200ms' } } });
  const ids = [];
  const of = ['first', 'second'];
  const keys = await Promise.all(of.map((name) => service.createKey({ name, value: `${name}-secret-value` })));

  for (const [i, { key }] of keys.entries()) {
    for (const region of ['eu', 'us']) {
      const headers = { 'X-Segment-Settings': Buffer.from(JSON.stringify({ region })).toString('base64') };
      const batch = Array.from({ length: 3 }, () => track({ properties: { of: `${of[i]}-${region}` } }));

      ids.push(...(await service.post(batch, { key, headers })).json.ids);
    }
  }
  await settledAll(service, ids);
  const got = endpoint.requests.map(({ body }) => JSON.parse(body));

  assert.equal(got.length, 4);
  for (const { apiKey, region, of: owners } of got)
    assert.deepEqual(new Set(owners), new Set([`${apiKey.replace('-secret-value', '')}-${region}`]));
});

test('a batch counts as one for concurrency', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender,
    { subscription: { concurrency: 1, batch: { size: 5, wait: '5s' } }, mood: { status: 200, delay: 100 } });
  const { json: { ids } } = await service.post(events(20), { key });

  await settledAll(service, ids);
  assert.deepEqual(batchesAt(endpoint).map(({ length }) => length), [5, 5, 5, 5]);
  for (let i = 1; i < 4; i++)
    assert.ok(endpoint.requests[i].at - endpoint.requests[i - 1].at >= 95, 'one after the other');
});

test('what waits for company survives a kill and is counted', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: { size: 50, wait: '1500ms' } } });
  const { json: { ids } } = await service.post(events(3), { key });
  const counters = await service.counters();

  assert.equal(counters.queued, 3);
  assert.ok(addsUp(counters), JSON.stringify(counters));
  await service.kill();
  await pause(50);
  assert.equal(endpoint.requests.length, 0);
  await service.up();
  await settledAll(service, ids);
  assert.deepEqual(batchesAt(endpoint), [['e0', 'e1', 'e2']]);
});

test('a stop sends nothing early', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: { size: 50, wait: '2s' } } });
  const { json: { ids } } = await service.post(events(3), { key });

  await service.stop();
  assert.equal(endpoint.requests.length, 0);
  await service.up();
  await settledAll(service, ids);
  assert.deepEqual(batchesAt(endpoint), [['e0', 'e1', 'e2']]);
});

test('mode inline does not wait: the single handler, else a batch of one', async (t) => {
  const { endpoint, service, key } = await withBatches(t, `
    async function onTrack(event, settings) { return 'single' }
    async function onBatch(events, settings) { await send(settings, events); return events.map(() => ({ status: 200 })) }`,
  { subscription: { mode: 'inline', batch: { size: 50, wait: '10s' } } });
  const single = await service.post(track({ messageId: 'one' }), { key });

  assert.equal(single.status, 200);
  assert.equal(endpoint.requests.length, 0);
  const identify = await service.post({ type: 'identify', userId: 'u', messageId: 'two' }, { key });

  assert.equal(identify.status, 200);
  assert.deepEqual(batchesAt(endpoint), [['two']]);
  assert.match(endpoint.requests[0].headers['idempotency-key'], /^dlv_/);
});

test('an endpoint that was down gets every batch in the end, and its breaker was open meanwhile', { timeout: 60000 }, async (t) => {
  let isDown = true;
  const { endpoint, service, key } = await withBatches(t, `
    async function onBatch(events, settings) {
      const answer = await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify(events.map(({ messageId }) => messageId)) })
      if (!answer.ok) throw new RetryError('down')
    }`, { subscription: { batch: { size: 2, wait: '50ms' }, retry: { attempts: 20, over: '30s' } },
    mood: () => (isDown ? 503 : 200) });
  const { json: { ids } } = await service.post(events(60), { key });

  await until('its breaker is open', async () => (await service.api('/endpoints')).data[0]?.breaker === 'open');
  const nAsked = endpoint.requests.length;

  await until('it was looked for three times', () => endpoint.requests.length >= nAsked + 3);
  isDown = false;
  await until('all are delivered', async () => (await service.counters()).delivered === 60, { timeout: 45000 });
  for (const { state } of await settledAll(service, ids)) assert.equal(state, 'delivered');
});

test('paused, batches wait; resumed, they go', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: { size: 3, wait: '100ms' } } });

  await settledAll(service, (await service.post(events(3, 'a'), { key })).json.ids);
  const [{ host }] = (await service.api('/endpoints')).data;

  await service.api(`/endpoints/${host}/pause`, { method: 'POST' });
  const { json: { ids } } = await service.post(events(7, 'b'), { key });

  await pause(400);
  assert.equal(endpoint.requests.length, 1);
  assert.equal((await service.api(`/endpoints/${host}`)).waiting, 7);
  await service.api(`/endpoints/${host}/resume`, { method: 'POST' });
  await settledAll(service, ids);
  assert.deepEqual(batchesAt(endpoint).map(({ length }) => length), [3, 3, 3, 1]);
});

test('replays of many events go in batches too', async (t) => {
  const { endpoint, service, key } = await withBatches(t, sender, { subscription: { batch: { size: 4, wait: '200ms' } } });
  const { json: { ids } } = await service.post(events(8), { key });

  await settledAll(service, ids);
  endpoint.requests.length = 0;
  await service.api('/replays', { method: 'POST', body: { ids } });
  await until('the replay has arrived', () => batchesAt(endpoint).flat().length === 8);
  assert.deepEqual(batchesAt(endpoint).map(({ length }) => length), [4, 4]);
});

test('the run of a large batch is kept once, and the others say where', async (t) => {
  const { service, key } = await withBatches(t, `
    async function onBatch(events) { for (const event of events) console.log('x'.repeat(3000)) }`,
  { subscription: { batch: { size: 40, wait: '1s' } } });
  const { json: { ids } } = await service.post(events(40), { key });
  const deliveries = await settledAll(service, ids);

  assert.equal(deliveries[0].attempts[0].logs.length, 40);
  for (const { attempts: [{ logs, batch }] } of deliveries.slice(1)) {
    assert.equal(logs.length, 0);
    assert.equal(batch.recorded_with, ids[0]);
  }
});
