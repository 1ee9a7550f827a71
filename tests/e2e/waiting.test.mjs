// SPDX-License-Identifier: MIT
// More than may be in memory waits behind an endpoint that hangs: the rest is known by number
// and read again when its turn comes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { addsUp, Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const count = 1500; // of 20 KB: 30 MB, where one line may hold 16 MiB
const perBatch = 20;
const ballast = 'x'.repeat(20000);

const numberOf = (body) => JSON.parse(body).properties.number;
const inOrder = Array.from({ length: count }, (_, i) => i);

// Two subscriptions: "slow", whose endpoint hangs at first, one request at a time; and "well".
async function filled(t) {
  const slow = await Endpoint.start(t, 'hang');
  const well = await Endpoint.start(t);
  const service = await Service.prepare(t);

  service.configure({ limits: { disk: '1GiB' }, subscriptions: [
    { name: 'slow', endpoint: slow.url, concurrency: 1, timeout: '30s', auth: 'none', path: '/slow' },
    { name: 'well', endpoint: well.url, auth: 'none', path: '/well' },
  ] });
  await service.up();
  for (let first = 0; first < count; first += perBatch) {
    const batch = Array.from({ length: perBatch }, (_, i) => track({ properties: { number: first + i, ballast } }));
    const { status, text } = await service.post(batch, { path: '/slow' });

    assert.equal(status, 202, text);
  }
  await until('the first is under way', () => slow.nHanging === 1);
  return { slow, well, service };
}

async function endpointOf(service, endpoint) {
  const { data } = await service.api('/endpoints');

  return data.find(({ host }) => host === `127.0.0.1:${endpoint.port}`);
}

test('what waits behind an endpoint that hangs is counted, delays nobody else, and is delivered oldest first', async (t) => {
  const { slow, well, service } = await filled(t);
  const counters = await service.counters();
  const before = Date.now();

  assert.equal(counters.queued, count - 1);
  assert.equal(counters.running, 1);
  assert.ok(addsUp(counters));
  assert.equal((await endpointOf(service, slow)).waiting, count - 1);
  await service.deliver(track(), { path: '/well' });
  assert.equal(well.requests.length, 1);
  assert.ok(Date.now() - before < 5000, 'another line does not wait');

  slow.mood(200);
  await service.kill(); // what hung is tried again
  slow.requests.length = 0;
  await service.up();
  await until('all have come', () => slow.requests.length === count, { timeout: 60000 });
  assert.deepEqual(slow.requests.map(({ body }) => numberOf(body)), inOrder);
  await until('all are delivered', async () => (await service.counters()).delivered === count + 1);
});

test('what spilled out of memory comes oldest first in the same process too', async (t) => {
  const { slow, service } = await filled(t);

  slow.mood(200);
  slow.release();
  await until('all have come', () => slow.requests.length === count, { timeout: 60000 });
  assert.deepEqual(slow.requests.map(({ body }) => numberOf(body)), inOrder);
  assert.ok(addsUp(await service.counters()));
});
