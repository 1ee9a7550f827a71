// SPDX-License-Identifier: MIT
// Keeping events and delivering them when something is wrong: endpoints that fail together or
// alone, reloads in the middle, disks that are full, stops and kills.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from './lib/endpoint.mjs';
import { addsUp, flood, Service, track } from './lib/service.mjs';
import { smallDisk } from './lib/small-disk.mjs';
import { until } from './lib/wait.mjs';

const open = { auth: 'none', timeout: '500ms' };
const patient = { attempts: 10, over: '4h' };

function start(t, subscriptions, config = {}, files = {}) {
  return Service.start(t, { config: { subscriptions, ...config }, files });
}

async function waiting(service) {
  const { queued, running, retrying } = await service.counters();

  return queued + running + retrying;
}

test('after a failed probe every subscription of the host goes on, also those that only waited', async (t) => {
  let status = 503;
  const endpoint = await Endpoint.start(t, () => status);
  const service = await start(t, [
    { name: 'breaker', ...open, endpoint: endpoint.url, retry: { attempts: 1, over: '4h' } },
    { name: 'prober', ...open, endpoint: endpoint.url, retry: patient },
    { name: 'waiter', ...open, endpoint: endpoint.url, retry: patient },
  ]);

  for (let i = 0; i < 25; i++) await service.post(track(), { path: '/webhook/breaker' });
  await until('the breaker is open', async () => (await service.api('/endpoints')).data.some((one) => one.breaker === 'open'));
  for (const name of ['prober', 'waiter']) await service.post(track(), { path: `/webhook/${name}` });
  await until('the one of them was the probe', async () => (await service.counters()).retrying === 1);
  status = 200;
  await until('the other arrived, though its like is not due for half a minute',
    async () => (await service.counters()).delivered >= 1, { timeout: 10000 });
});

test('an endpoint that was down is found within seconds, and no attempt is spent while it is known to be down', async (t) => {
  let status = 503;
  const endpoint = await Endpoint.start(t, () => status);
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, retry: patient }]);

  await flood(service, { count: 400, connections: 8 });
  await pause(1500);
  assert.ok(endpoint.requests.length < 100, `${endpoint.requests.length} requests to an endpoint that is down`);
  status = 200;
  const since = Date.now();

  await until('what was queued has arrived', async () => (await service.counters()).queued === 0, { timeout: 12000 });
  assert.ok(Date.now() - since < 8000, `${Date.now() - since} ms`);
  assert.ok(addsUp(await service.counters()));
});

test('one of many endpoints hangs: the others do not notice', async (t) => {
  const endpoint = await Endpoint.start(t, ({ url }) => (url === '/hang' ? 'hang' : 200));
  const service = await start(t, Array.from({ length: 50 }, (_, i) => ({
    name: `s${i}`, ...open, timeout: '5s', retry: patient,
    endpoint: `http://127.0.0.1:${endpoint.port}/${i === 7 ? 'hang' : `s${i}`}`,
  })));

  for (let i = 0; i < 200; i++) await service.post(track(), { path: '/webhook/s7' });
  const since = Date.now();

  for (let i = 0; i < 50; i++) if (i !== 7) await service.post(track(), { path: `/webhook/s${i}` });
  await until('49 others arrived', async () => (await service.counters()).delivered === 49, { timeout: 4000 });
  assert.ok(Date.now() - since < 4000);
});

test('a long backlog of one subscription does not hold up another', async (t) => {
  const endpoint = await Endpoint.start(t, ({ url }) => ({ status: 200, delay: url === '/big' ? 20 : 0 }));
  const at = (name) => `http://127.0.0.1:${endpoint.port}/${name}`;
  const service = await start(t, [
    { name: 'big', ...open, endpoint: at('big'), retry: patient, concurrency: 16 },
    { name: 'small', ...open, endpoint: at('small'), retry: patient },
  ]);
  const batch = () => Array.from({ length: 500 }, () => track());

  for (let i = 0; i < 20; i++) await service.post(batch(), { path: '/webhook/big' });
  const event = await service.deliver(track(), { path: '/webhook/small', timeout: 3000 });

  assert.equal(event.deliveries[0].state, 'delivered');
  assert.ok(await waiting(service) > 1000, 'the backlog is still there');
});

test('a permission of the rate limit is not lost to a paused endpoint', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, rate: '1/m', retry: patient }]);
  const host = `/endpoints/127.0.0.1:${endpoint.port}`;

  await service.api(`${host}/pause`, { method: 'POST' });
  const { json } = await service.post(track());

  await pause(200);
  await service.api(`${host}/resume`, { method: 'POST' });
  assert.equal((await service.settled(json.ids[0], { timeout: 5000 })).deliveries[0].state, 'delivered');
});

test('a subscription that a reload takes away keeps its events until it comes back', async (t) => {
  const endpoint = await Endpoint.start(t, ({ body }) => (body.includes('"late"') ? { status: 200, delay: 400 } : 503));
  const kept = { name: 'kept', ...open, endpoint: endpoint.url };
  const gone = { name: 'gone', ...open, timeout: '2s', endpoint: endpoint.url, retry: { attempts: 20, over: '4s' } };
  const service = await start(t, [kept, gone]);
  const reload = async (subscriptions, what) => {
    service.configure({ subscriptions });
    service.child.kill('SIGHUP');
    await until(what, async () => (await service.post(track(), { path: '/webhook/gone' })).status === (subscriptions.length === 1 ? 404 : 202));
  };

  await service.post(track({ event: 'late' }), { path: '/webhook/gone' });
  for (let i = 0; i < 5; i++) await service.post(track(), { path: '/webhook/gone' });
  await reload([kept], 'the subscription is gone');
  await until('what was under way has ended', async () => (await service.counters()).delivered === 1);
  endpoint.mood(200);
  assert.ok(await waiting(service) >= 5, 'nothing is lost meanwhile');
  await reload([kept, gone], 'the subscription is back');
  await until('everything arrived', async () => await waiting(service) === 0);
  assert.equal((await service.counters()).dead, 0);
});

test('the idempotency key: the same over attempts, numbered by request, and the code has the last word', async (t) => {
  const seen = [];
  const endpoint = await Endpoint.start(t, ({ url, headers }) => {
    seen.push([url, headers['idempotency-key']]);
    return url === '/third' && seen.length < 5 ? 503 : 200;
  });
  const code = `async function onTrack(event, settings) {
    const base = settings.endpoint;
    await fetch(base + 'first', { method: 'POST', body: '{}' });
    await fetch(base + 'second', { method: 'POST', body: '{}', headers: { 'idempotency-key': 'mine' } });
    const third = await fetch(base + 'third', { method: 'POST', body: '{}' });
    if (!third.ok) throw new RetryError('again');
  }`;
  const service = await start(t, [{ name: 'default', ...open, function: 'f.js',
    endpoint: `http://127.0.0.1:${endpoint.port}/`, retry: { attempts: 3, over: '1s' } }], {}, { 'f.js': code });
  const event = await service.deliver(track());
  const [{ id, state, attempts }] = event.deliveries;
  const run = [['/first', `${id}-1`], ['/second', 'mine'], ['/third', `${id}-3`]];

  assert.equal(state, 'delivered');
  assert.equal(attempts.length, 2);
  assert.deepEqual(seen, [...run, ...run]);
});

test('Retry-After may be a date', async (t) => {
  let first = true;
  const endpoint = await Endpoint.start(t, () => {
    const headers = { 'Retry-After': new Date(Date.now() + 3000).toUTCString() };
    const mood = first ? { status: 503, headers } : 200;

    first = false;
    return mood;
  });
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, retry: { attempts: 3, over: '6s' } }]);

  await service.deliver(track());
  const [one, two] = endpoint.requests.map(({ at }) => at);

  assert.ok(two - one >= 1900, `${two - one} ms between the attempts; a date has whole seconds`);
});

test('one attempt allowed is one request', async (t) => {
  const endpoint = await Endpoint.start(t, 500);
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, retry: { attempts: 1, over: '1h' } }]);
  const event = await service.deliver(track());

  assert.equal(event.deliveries[0].state, 'dead');
  assert.equal(endpoint.requests.length, 1);
});

test('the counters add up whenever one looks, over replays, discards and kill -9', { timeout: 120000 }, async (t) => {
  const endpoint = await Endpoint.start(t, () => (Math.random() < 0.5 ? 200 : 404));
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, retry: { attempts: 2, over: '1s' } }]);
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      const counters = await service.counters().catch(() => null);

      if (counters) assert.ok(addsUp(counters), JSON.stringify(counters));
      await pause(5);
    }
  };

  for (let round = 0; round < 3; round++) {
    isOver = false;
    const watching = watch();

    await flood(service, { count: 1000, connections: 16, prefix: `r${round}` });
    await service.api('/replays', { method: 'POST', body: { q: 'is:dead', dead: true } });
    await flood(service, { count: 300, connections: 16, prefix: `s${round}` });
    await service.api('/dead', { method: 'DELETE' });
    isOver = true;
    await watching;
    await service.stop('SIGKILL');
    await service.up();
  }
  await until('all has ended', async () => await waiting(service) === 0);
  const counters = await service.counters();

  assert.ok(addsUp(counters), JSON.stringify(counters));
  assert.equal(counters.accepted, 3900);
});

test('inline requests are answered when the service stops, and what was accepted is kept', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 200, delay: 300 });
  const service = await start(t, [{ name: 'default', ...open, mode: 'inline', timeout: '5s', endpoint: endpoint.url, retry: patient }]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const answers = [];
  let isOver = false;
  const senders = Array.from({ length: 64 }, async () => {
    while (!isOver) {
      const answer = await service.post(track(), { agent }).catch(() => null);

      if (!answer) return;
      answers.push(answer);
    }
  });

  await pause(1000);
  const { code } = await service.stop();

  isOver = true;
  await Promise.all(senders);
  agent.destroy();
  assert.equal(code, 0);
  const accepted = answers.filter(({ status }) => status < 300);
  const others = answers.filter(({ status }) => status >= 300 && status !== 503);

  assert.deepEqual(others.map(({ status }) => status), []);
  assert.ok(accepted.length > 0);
  endpoint.mood(200);
  await service.up();
  await until('all has arrived', async () => await waiting(service) === 0);
  assert.ok((await service.counters()).accepted >= accepted.length);
});

test('a delete event erases the user, also after a kill and for events that were still on their way', async (t) => {
  let status = 200;
  const endpoint = await Endpoint.start(t, ({ body }) => (body.includes('"slow"') ? status : 200));
  const service = await start(t, [{ name: 'default', ...open, endpoint: endpoint.url, retry: { attempts: 20, over: '10s' } }],
    { privacy: { erase_on_delete: true } });
  const erased = async (id) => (await service.api(`/events/${id}`)).erased;
  const others = await service.deliver(track({ userId: 'someone' }));

  status = 503;
  const { json: slow } = await service.post(track({ event: 'slow', userId: 'leaving' }));
  const early = await service.deliver(track({ userId: 'leaving' }));
  const { json: goodbye } = await service.post({ type: 'delete', userId: 'leaving', messageId: 'bye' });

  await service.settled(goodbye.ids[0]);
  await service.stop('SIGKILL');
  await service.up();
  await until('what had ended is erased', () => erased(early.id));
  assert.equal(await erased(slow.ids[0]), false, 'it must still be delivered');
  status = 200;
  await service.settled(slow.ids[0]);
  await until('the late one is erased too', () => erased(slow.ids[0]));
  assert.equal(await erased(others.id), false);
});

test('a full disk: 503, nothing acknowledged is lost, and it goes on when there is room', { timeout: 60000 }, async (t) => {
  const { disk, scope } = smallDisk(t);

  if (!disk) return;
  let service;

  scope.after(() => service?.kill());
  const endpoint = await Endpoint.start(t, { status: 200, delay: 300 });
  const refuses = async () => (await service.post(track())).status === 503;
  const accepts = async () => (await service.post(track())).status === 202;
  const isDone = async () => await waiting(service) === 0;

  service = await start(t, [{ name: 'default', auth: 'none', timeout: '10s', endpoint: endpoint.url, retry: patient, concurrency: 100 }],
    { store: `sqlite:${disk.folder}/partnerapp.db` });
  const first = await flood(service, { count: 500, connections: 16, prefix: 'first' });

  fs.writeFileSync(disk.ballast, Buffer.alloc(60 << 20));
  await until('it refuses while there is still room for what it has', refuses);
  const { headers } = await service.post(track());

  assert.ok(headers['retry-after']);
  await until('what was accepted still arrives', isDone);
  disk.free();
  await until('it accepts again', accepts);
  const second = await flood(service, { count: 500, connections: 16, prefix: 'second' });

  disk.fill();
  await until('it refuses, though attempts end that cannot be recorded', refuses);
  assert.ok(!await isDone());
  await until('the last attempt has ended', () => second.every((id) => endpoint.ids.has(id)));
  disk.free();
  await until('it accepts again', accepts);
  const third = await flood(service, { count: 500, connections: 16, prefix: 'third' });

  await until('all has arrived', isDone);
  assert.deepEqual([...first, ...second, ...third].filter((id) => !endpoint.ids.has(id)), []);
  assert.deepEqual([first, second, third].map((ids) => ids.length > 0), [true, true, true]);
});
