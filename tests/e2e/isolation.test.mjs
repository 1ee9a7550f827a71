// SPDX-License-Identifier: MIT
// What shares a JavaScript world, and the other keys of a subscription that concern its code.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

async function withFunction(t, code, { subscription = {}, config = {}, mood = 200 } = {}) {
  const endpoint = await Endpoint.start(t, mood);
  const service = await Service.start(t, {
    files: { 'functions/f.js': code },
    config: { runners: { count: 1 }, ...config },
    subscription: { function: 'functions/f.js', endpoint: endpoint.url, retry: { attempts: 1, over: '1s' }, ...subscription },
  });

  return { endpoint, service };
}

// What was there before, and then what is there now: globals, globalThis, prototypes, cache.
const rememberer = `
let last = null
async function onTrack(event, settings) {
  const before = [last, globalThis.kept ?? null, Array.prototype.kept ?? null, await cache.load('k', -1, async () => settings.name)]
  last = settings.name; globalThis.kept = settings.name; Array.prototype.kept = settings.name
  return { before, count: globalThis.count = (globalThis.count ?? 0) + 1 }
}`;

function sender(service) {
  return async (name, key) => {
    const headers = { 'X-Segment-Settings': Buffer.from(JSON.stringify({ name })).toString('base64') };
    const { deliveries: [delivery] } = await service.deliver(track(), { key, headers });

    assert.equal(delivery.state, 'delivered', JSON.stringify(delivery.attempts[0]?.error));
    return delivery.attempts[0].result;
  };
}

async function keysOf(service, names) {
  const made = [];

  for (const name of names) made.push((await service.createKey({ name })).key);
  return made;
}

test('isolation: key: no customer finds anything of another, but its own', async (t) => {
  const { service } = await withFunction(t, rememberer, { subscription: { isolation: 'key' } });
  const send = sender(service);
  const [one, two] = await keysOf(service, ['one', 'two']);

  assert.deepEqual((await send('a', one)).before, [null, null, null, 'a']);
  assert.deepEqual((await send('b', two)).before, [null, null, null, 'b']);
  assert.deepEqual(await send('c', one), { before: ['a', 'a', 'a', 'a'], count: 2 });
  assert.deepEqual(await send('d', two), { before: ['b', 'b', 'b', 'b'], count: 2 });
  assert.equal((await service.api('/functions')).data[0].instances, 3, 'the one for no key, and two');
});

test('isolation: key: events without a key share a world, and no customer shares it', async (t) => {
  const { service } = await withFunction(t, rememberer, { subscription: { isolation: 'key', auth: 'none' } });
  const send = sender(service);
  const [one] = await keysOf(service, ['one']);

  assert.equal((await send('x', undefined)).count, 1);
  assert.equal((await send('y', undefined)).count, 2);
  assert.equal((await send('a', one)).count, 1);
});

test('isolation: function: all share one world', async (t) => {
  const { service } = await withFunction(t, rememberer);
  const send = sender(service);
  const [one, two] = await keysOf(service, ['one', 'two']);

  assert.equal((await send('a', one)).count, 1);
  assert.deepEqual(await send('b', two), { before: ['a', 'a', 'a', 'a'], count: 2 });
});

test('isolation: event: every event finds a new world', async (t) => {
  const { service } = await withFunction(t, rememberer, { subscription: { isolation: 'event' } });
  const send = sender(service);
  const [one] = await keysOf(service, ['one']);

  for (const name of ['a', 'b', 'c'])
    assert.deepEqual(await send(name, one), { before: [null, null, null, name], count: 1 });
});

test('isolation: key: more customers than worlds are all served, and the number stays bounded', { timeout: 60000 }, async (t) => {
  const { service } = await withFunction(t, rememberer, { subscription: { isolation: 'key' } });
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`);
  const keys = await keysOf(service, names);
  const send = sender(service);
  const results = await Promise.all(keys.map((key, i) => send(names[i], key)));

  for (const [i, { before, count }] of results.entries()) {
    assert.deepEqual(before, [null, null, null, names[i]]);
    assert.equal(count, 1);
  }
  assert.ok((await service.api('/functions')).data[0].instances <= 17);
  assert.ok((await service.api('/status')).runners.count <= 18);
});

test('isolation: key: one customer whose code hangs does not hold up the others', { timeout: 60000 }, async (t) => {
  const { service } = await withFunction(t, `
    async function onTrack(event) { if (event.event === 'hang') await new Promise(() => {}); return 'done' }`,
  { subscription: { isolation: 'key', in_flight: 1, function_timeout: '3s' } });
  const [one, two] = await keysOf(service, ['one', 'two']);

  await service.post(Array.from({ length: 10 }, () => track({ event: 'hang' })), { key: one });
  const started = Date.now();
  const { deliveries: [delivery] } = await service.deliver(track(), { key: two });

  assert.equal(delivery.state, 'delivered');
  assert.ok(Date.now() - started < 2500, `${Date.now() - started} ms; a hanging one takes 3 s`);
});

test('isolation: key: a reload replaces every world', async (t) => {
  const { service } = await withFunction(t, 'async function onTrack() { return 1 }', { subscription: { isolation: 'key' } });
  const send = sender(service);
  const [one] = await keysOf(service, ['one']);

  assert.equal(await send('a', one), 1);
  fs.writeFileSync(path.join(service.folder, 'functions/f.js'), 'async function onTrack() { return 2 }');
  service.child.kill('SIGHUP');
  await until('the new code answers', async () => (await send('a', one)) === 2);
});

test('isolation: key: each customer\'s batches run in its own world', async (t) => {
  const { endpoint, service } = await withFunction(t, `
    let owner = null
    async function onBatch(events, settings) {
      const before = owner
      owner = settings.apiKey
      await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify({ before, owner, n: events.length }) })
    }`, { subscription: { isolation: 'key', batch: { size: 3, wait: '100ms' } } });
  const keys = await keysOf(service, ['one', 'two', 'three']);
  const ids = [];

  for (let round = 0; round < 2; round++) {
    for (const key of keys) ids.push(...(await service.post([track(), track(), track()], { key })).json.ids);
    for (const id of ids) await service.settled(id);
  }
  for (const { body } of endpoint.requests) {
    const { before, owner, n } = JSON.parse(body);

    assert.equal(n, 3);
    assert.ok(before === null || before === owner, `${before} before ${owner}`);
  }
  assert.equal(endpoint.requests.length, 6);
});

// --- the other keys --------------------------------------------------------------------

test('in_flight: 1 runs one at a time in each runner', async (t) => {
  const { service } = await withFunction(t, `
    let running = 0
    async function onTrack() {
      const now = ++running
      await new Promise((done) => setTimeout(done, 20))
      running--
      return now
    }`, { subscription: { in_flight: 1 } });
  const { key } = await service.createKey();
  const { json: { ids } } = await service.post(Array.from({ length: 8 }, () => track()), { key });

  for (const id of ids) assert.equal((await service.settled(id)).deliveries[0].attempts[0].result, 1);
});

test('in_flight: 64 runs them together', async (t) => {
  const { service } = await withFunction(t, `
    let running = 0
    async function onTrack() {
      running++
      await new Promise((done) => setTimeout(done, 100))
      return running
    }`);
  const { key } = await service.createKey();
  const { json: { ids } } = await service.post(Array.from({ length: 8 }, () => track()), { key });
  const seen = await Promise.all(ids.map(async (id) => (await service.settled(id)).deliveries[0].attempts[0].result));

  assert.ok(Math.max(...seen) >= 6, `at once: ${seen}`);
});

test('slice: a loop longer than it is killed long before function_timeout', async (t) => {
  const { service } = await withFunction(t, 'async function onTrack() { while (true) {} }',
    { subscription: { slice: '50ms', function_timeout: '5s' } });
  const { key } = await service.createKey();
  const { deliveries: [{ state, attempts: [attempt] }] } = await service.deliver(track(), { key });

  assert.equal(state, 'dead');
  assert.equal(attempt.error.name, 'Timeout');
  assert.ok(attempt.duration_ms < 500, `${attempt.duration_ms} ms`);
});

test('function_timeout: what only waits is ended when its time is over', async (t) => {
  const { service } = await withFunction(t, 'async function onTrack() { await new Promise(() => {}) }',
    { subscription: { function_timeout: '200ms' } });
  const { key } = await service.createKey();
  const { deliveries: [{ attempts: [attempt] }] } = await service.deliver(track(), { key });

  assert.equal(attempt.error.name, 'Timeout');
  assert.ok(attempt.duration_ms >= 190 && attempt.duration_ms < 600, `${attempt.duration_ms} ms`);
});

for (const [value, wanted] of [['on', 'delivered'], ['off', 'dead'], ['auto', 'dead']]) {
  test(`allow_eval: ${value}: code from text is ${wanted}`, async (t) => {
    const { service } = await withFunction(t, 'async function onTrack() { return [eval("6 * 7"), new Function("return 42")()] }',
      { subscription: { allow_eval: value } });
    const { key } = await service.createKey();
    const { deliveries: [{ state, attempts: [attempt] }] } = await service.deliver(track(), { key });

    assert.equal(state, wanted, JSON.stringify(attempt.error));
    if (wanted === 'delivered') assert.deepEqual(attempt.result, [42, 42]);
  });
}

test('generation: what is forced wins over what the code looks like', async (t) => {
  // Two interfaces in one file: which one runs is what the key says.
  const code = `
    if (typeof exports !== 'undefined') exports.processEvents = async (event) => 'subscription'
    async function onTrack() { return 'functions' }`;

  for (const generation of ['subscription', 'functions']) {
    const { service } = await withFunction(t, code, { subscription: { generation } });
    const { key } = await service.createKey();
    const { deliveries: [{ attempts: [attempt] }] } = await service.deliver(track(), { key });

    assert.equal(attempt.result, generation, JSON.stringify(attempt.error));
  }
});

test('case 55: RetryError is tried again, new Error() is not', async (t) => {
  const { service } = await withFunction(t, `
    let first = true
    async function onTrack(event) {
      if (event.event === 'typed' && first) { first = false; throw new RetryError('again') }
      if (event.event === 'untyped') throw new Error('no')
    }`, { subscription: { retry: { attempts: 3, over: '300ms' } } });
  const { key } = await service.createKey();
  const typed = (await service.deliver(track({ event: 'typed' }), { key })).deliveries[0];
  const untyped = (await service.deliver(track({ event: 'untyped' }), { key })).deliveries[0];

  assert.equal(typed.state, 'delivered');
  assert.deepEqual(typed.attempts.map(({ outcome }) => outcome), ['retry', 'delivered']);
  assert.equal(untyped.state, 'dead');
  assert.equal(untyped.attempts.length, 1);
});

test('case 56: an endless loop is a Timeout, its runner is replaced, and it is tried again', { timeout: 60000 }, async (t) => {
  const { service } = await withFunction(t, `
    async function onTrack(event) { if (event.event === 'loop') while (true) {} return 'fine' }`,
  { subscription: { function_timeout: '300ms', slice: '300ms', retry: { attempts: 2, over: '2s' } } });
  const { key } = await service.createKey();
  const pid = service.child.pid;
  const { json: { ids: [loop] } } = await service.post(track({ event: 'loop' }), { key });
  const event = await service.settled(loop);
  const other = await service.deliver(track(), { key });

  assert.deepEqual(event.deliveries[0].attempts.map(({ error }) => error.name), ['Timeout', 'Timeout']);
  assert.equal(other.deliveries[0].attempts[0].result, 'fine');
  assert.equal(service.child.pid, pid, 'the service is the same');
  assert.equal(service.exit, null);
});
