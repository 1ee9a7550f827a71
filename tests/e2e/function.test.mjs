// SPDX-License-Identifier: MIT
// Functions: what they can do, what their errors mean, and what they cannot do to others.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const send = `
async function send(settings, body) {
  const answer = await fetch(settings.endpoint, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  })
  return { status: answer.status, ok: answer.ok, body: await answer.json() }
}
`;

async function withFunction(t, code, { subscription = {}, config = {}, mood = 200 } = {}) {
  const endpoint = await Endpoint.start(t, mood);
  const service = await Service.start(t, {
    files: { 'functions/f.js': send + code },
    config,
    subscription: {
      function: 'functions/f.js', endpoint: endpoint.url, settings: { endpoint: endpoint.url }, timeout: '1s',
      retry: { attempts: 2, over: '200ms' }, function_timeout: '1s', slice: '500ms', ...subscription,
    },
  });
  const { key } = await service.createKey();

  return { endpoint, service, key, deliver: (body, options) => service.deliver(body, { key, ...options }) };
}

test('a function translates an event and sees the answer', async (t) => {
  const { endpoint, deliver } = await withFunction(t, `
    async function onTrack(event, settings) {
      console.log('got', event.event, { a: [1] })
      const answer = await send(settings, { contact: event.userId, note: event.event, plan: event.properties.plan })
      return answer.body.id
    }`, { mood: { status: 201, body: '{"id":"c-1"}' } });
  const { deliveries: [delivery] } = await deliver(track());
  const [attempt] = delivery.attempts;

  assert.equal(delivery.state, 'delivered');
  assert.deepEqual(JSON.parse(endpoint.requests[0].body), { contact: 'u1', note: 'Signed Up', plan: 'pro' });
  assert.equal(attempt.result, 'c-1');
  assert.match(attempt.logs.join('\n'), /got Signed Up/);
  assert.equal(attempt.requests[0].response.status, 201);
});

test('the endpoint of the subscription is also a setting, unless the customer has one', async (t) => {
  const { endpoint, deliver } = await withFunction(t,
    'async function onTrack(event, settings) { return { endpoint: [...settings.endpoint], region: [...settings.region] } }',
    { subscription: { settings: { region: 'eu' } } });
  const settings = { endpoint: 'https://own.example.com/', region: 'us' };
  const headers = { 'X-Segment-Settings': Buffer.from(JSON.stringify(settings)).toString('base64') };
  const result = async (options) => {
    const { endpoint: url, region } = (await deliver(track(), options)).deliveries[0].attempts[0].result;

    return { endpoint: url.join(''), region: region.join('') }; // letter by letter: what a customer set is masked
  };

  assert.deepEqual(await result(), { endpoint: endpoint.url, region: 'eu' });
  assert.deepEqual(await result({ headers }), settings);
});

test('every type of event has its handler', async (t) => {
  const names = ['Identify', 'Track', 'Page', 'Screen', 'Group', 'Alias', 'Delete'];
  const { deliver } = await withFunction(t,
    names.map((name) => `async function on${name}(event) { return '${name}' }`).join('\n'));

  for (const [type, members] of [['identify', {}], ['track', { event: 'e' }], ['page', {}], ['screen', {}],
    ['group', { groupId: 'g' }], ['alias', { previousId: 'p' }], ['delete', {}]]) {
    const { deliveries: [delivery] } = await deliver({ type, userId: 'u', ...members });

    assert.equal(delivery.state, 'delivered', type);
    assert.equal(delivery.attempts[0].result.toLowerCase(), type);
  }
});

test('an error of the function decides what becomes of the event', async (t) => {
  const { service, key } = await withFunction(t, `
    class Custom extends Error {}
    async function onTrack(event) {
      switch (event.event) {
      case 'EventNotSupported': throw new EventNotSupported('why')
      case 'InvalidEventPayload': throw new InvalidEventPayload('why')
      case 'ValidationError': throw new ValidationError('why')
      case 'DropEvent': throw new DropEvent('why')
      case 'RetryError': throw new RetryError('why')
      case 'Error': throw new Error('why')
      case 'TypeError': return null.x
      case 'text': throw 'why'
      case 'rejected': return Promise.reject(new Custom('why'))
      case 'later': await new Promise(done => setTimeout(done, 5)); throw new ValidationError('why')
      }
    }`);

  await Promise.all([
    ['EventNotSupported', 'discarded', 1], ['InvalidEventPayload', 'discarded', 1],
    ['ValidationError', 'discarded', 1], ['DropEvent', 'discarded', 1], ['RetryError', 'dead', 2],
    ['Error', 'dead', 1], ['TypeError', 'dead', 1], ['text', 'dead', 1], ['rejected', 'dead', 1],
    ['later', 'discarded', 1], ['fine', 'delivered', 1],
  ].map(async ([name, state, attempts]) => {
    const { deliveries: [delivery] } = await service.deliver(track({ event: name }), { key });

    assert.equal(delivery.state, state, name);
    assert.equal(delivery.attempts.length, attempts, `${name}: attempts`);
    if (state !== 'delivered' && name !== 'TypeError') assert.match(delivery.attempts[0].error.message, /why/, name);
  }));
});

test('a type without a handler is discarded as not supported', async (t) => {
  const { deliver } = await withFunction(t, 'async function onTrack() {}');
  const { deliveries: [delivery] } = await deliver({ type: 'identify', userId: 'u' });

  assert.equal(delivery.state, 'discarded');
  assert.match(delivery.attempts[0].error.message, /identify not supported/);
});

test('many invocations are in flight in one runner', async (t) => {
  const { service, key } = await withFunction(t,
    'async function onTrack(event, settings) { await send(settings, event) }',
    { mood: { status: 200, delay: 200 } });
  const started = Date.now();
  const { json: { ids } } = await service.post(Array.from({ length: 40 }, () => track()), { key });

  for (const id of ids) await service.settled(id);
  assert.ok(Date.now() - started < 3000, `took ${Date.now() - started} ms, one after the other takes 8,000`);
});

test('nothing of the machine is within reach of a function', async (t) => {
  const { deliver } = await withFunction(t, `
    async function onTrack() {
      return ['require', 'module', 'exports', 'Deno', 'Bun', 'load', 'readFile', 'print', 'quit', 'XMLHttpRequest']
        .filter((name) => typeof globalThis[name] !== 'undefined')
    }`);
  const { deliveries: [delivery] } = await deliver(track());

  assert.deepEqual(delivery.attempts[0].result, []);
});

// Each line is an attack; every one ends as that event's own failure while a bystander
// that was on its way is delivered and the service stays small.
const attacks = {
  'an endless loop': 'while (true) {}',
  'an endless loop after await': 'await null; while (true) {}',
  'a promise storm': 'const storm = () => Promise.resolve().then(storm); await storm()',
  'two promise storms': 'const storm = () => { Promise.resolve().then(storm); Promise.resolve().then(storm) }; storm(); await new Promise(() => {})',
  'a regular expression that backtracks': `return /^(a+)+$/.test('a'.repeat(60) + '!')`,
  'arrays filled to 2 GiB': 'const all = []; while (true) all.push(new Uint8Array(16 << 20).fill(1))',
  'a string that doubles': `let text = 'x'; while (true) text += text`,
  'objects without end': 'const all = []; while (true) all.push({ a: all.length, b: [1, 2, 3] })',
  'a promise that is never kept': 'await new Promise(() => {})',
  'sorting without end': 'const a = Array.from({ length: 5e6 }, (_, i) => -i); while (true) a.sort((x, y) => Math.random() - 0.5)',
};
const failsAtOnce = {
  'process.exit': 'process.exit(1)',
  'deep recursion': 'const dive = (n) => dive(n + 1) + 1; return dive(0)',
  'a reference to nothing': 'return nothing.at.all',
  'a huge error': `throw new Error('x'.repeat(5e6))`,
};

for (const [name, code] of Object.entries({ ...attacks, ...failsAtOnce })) {
  test(`hostile function: ${name}`, { timeout: 60000 }, async (t) => {
    const { service, key } = await withFunction(t, `
      async function onTrack(event, settings) {
        if (event.event === 'attack') { ${code} }
        await send(settings, { id: event.messageId })
      }`, { mood: { status: 200, delay: 150 }, config: { runners: { memory: '128MiB' } },
      subscription: { retry: { attempts: 1, over: '1s' } } });
    const flying = await service.post(Array.from({ length: 8 }, () => track({ event: 'bystander' })), { key });
    const before = residentKiB(service.child.pid);
    const started = Date.now();
    const attack = await service.post(track({ event: 'attack' }), { key });
    const late = await service.post(Array.from({ length: 8 }, () => track({ event: 'bystander' })), { key });
    const event = await service.settled(attack.json.ids[0], { timeout: 20000 });
    const took = Date.now() - started;

    assert.equal(event.deliveries[0].state, 'dead', 'the attacker fails');
    assert.ok(event.deliveries[0].attempts[0].error.message.length < 100000);
    for (const id of [...flying.json.ids, ...late.json.ids])
      assert.equal((await service.settled(id)).deliveries[0].state, 'delivered', 'a bystander is delivered');
    assert.ok(took < 5000, `ended after ${took} ms`);
    const grown = residentKiB(service.child.pid) - before;

    assert.ok(grown < 16 << 10, `the service grew by ${grown} KiB`);
    assert.equal(service.exit, null);
  });
}

for (const [name, limit] of [['an endless loop', 500], ['a promise that is never kept', 1000]]) {
  test(`the limit holds to 250 ms: ${name}`, async (t) => {
    const { deliver } = await withFunction(t, `async function onTrack() { ${attacks[name]} }`,
      { subscription: { retry: { attempts: 1, over: '1s' } } });
    const { deliveries: [delivery] } = await deliver(track());
    const took = delivery.attempts[0].duration_ms;

    assert.equal(delivery.state, 'dead');
    assert.ok(took >= limit * 0.8 && took <= limit + 250, `${took} ms, the limit is ${limit} ms`);
  });
}

test('a function that does not load fails its events with the place of the error', async (t) => {
  const folder = await withFunction(t, 'async function onTrack() {}');
  const file = path.join(folder.service.folder, 'functions/f.js');

  fs.writeFileSync(file, 'async function onTrack( {\n');
  folder.service.child.kill('SIGHUP');
  await until('the reload was refused', () => /PA2|SyntaxError|functions\/f\.js/.test(folder.service.log));
  assert.equal((await folder.deliver(track())).deliveries[0].state, 'delivered', 'the last good version goes on');
});

function residentKiB(pid) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}
