// SPDX-License-Identifier: MIT
// partnerapp's time goes with the local Segment's: hours of retries in a moment, request time-outs as ever.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

// @behaviour of the sink that dev delivers to.
const setSink = (service, behaviour) => service.api('/sinks/demo/behaviour', { method: 'PUT', body: { delay_ms: 0, times: 0, ...behaviour } });
const clock = (service, ...args) => service.runJson(['emulator', 'clock', ...args]);

async function start(t) {
  const service = await Service.start(t, { mode: 'dev' });

  await setSink(service, { status: 503, times: 1000 });
  return service;
}

async function retrying(service) {
  const { json } = await service.post(track());
  const [id] = json.ids;

  return service.settled(id, { states: ['retrying'] });
}

const attemptsOf = (event) => event.deliveries[0].attempts.length;

test('a retry that waits for a minute comes at once when the clock is moved', async (t) => {
  const service = await start(t);
  const event = await retrying(service);

  assert.equal(attemptsOf(event), 1);
  await clock(service, 'advance', '2m');
  await until('the second attempt', async () => attemptsOf(await service.api(`/events/${event.id}`)) === 2);
  await setSink(service, { status: 200, times: 1 });
  await clock(service, 'advance', '10m');
  assert.equal((await service.settled(event.id)).deliveries[0].state, 'delivered');
});

test('at 3600 times the pace, four hours of retries take seconds and end dead', async (t) => {
  const service = await start(t);
  const began = Date.now();

  await clock(service, 'rate', '3600');
  const event = await service.settled((await service.post(track())).json.ids[0], { timeout: 20000 });
  const { deliveries: [{ state, attempts }] } = event;

  assert.equal(state, 'dead');
  assert.ok(attempts.length >= 9, `${attempts.length} attempts`);
  const span = Date.parse(attempts.at(-1).at) - Date.parse(attempts[0].at);

  assert.ok(span > 3600 * 1000, `${span} ms of that clock`);
  assert.ok(Date.now() - began < 15000);
});

test('while the clock stands still no retry comes; it goes on with the clock', async (t) => {
  const service = await start(t);

  await clock(service, 'freeze');
  await until('the service knows', async () => {
    const [one, two] = [await service.deliver(track(), { states: ['retrying'] }), await service.deliver(track(), { states: ['retrying'] })];

    return one.received_at === two.received_at;
  });
  const event = await retrying(service);

  await clock(service, 'rate', '3600');
  await until('the second attempt', async () => attemptsOf(await service.api(`/events/${event.id}`)) >= 2);
});

test('a service that was given PARTNERAPP_CLOCK_URL lives in that time from its start, and says so', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.control('POST', 'clock', { advance: '240h' });
  const service = await Service.start(t, { env: { PARTNERAPP_CLOCK_URL: `${emulator.url}/_emulator/clock` } });
  const event = await service.deliver(track(), { key: (await service.createKey()).key });

  assert.ok(Date.parse(event.received_at) > Date.now() + 9.9 * 24 * 3600 * 1000, event.received_at);
  assert.match(service.log, /PARTNERAPP_CLOCK_URL/);
});

test('when the local Segment is gone, time goes on from where it was', async (t) => {
  const endpoint = await Endpoint.start(t);
  const emulator = await Emulator.start(t);

  await emulator.control('POST', 'clock', { frozen: true });
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url, auth: 'none' },
    env: { PARTNERAPP_CLOCK_URL: `${emulator.url}/_emulator/clock` } });
  const first = await service.deliver(track());

  await emulator.kill();
  await until('it is said', () => service.log.includes('nobody tells the time'));
  const second = await service.deliver(track());
  const third = await until('time goes on', async () => {
    const event = await service.deliver(track());

    return event.received_at > second.received_at && event;
  });

  assert.ok(first.received_at <= second.received_at && second.received_at < third.received_at);
  assert.ok(Date.parse(third.received_at) < Date.now() + 1000);
});
