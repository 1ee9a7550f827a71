// SPDX-License-Identifier: MIT
// How the local Segment delivers: its schedule, what ends it, what outlives a restart.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Customer, demo, website } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const frozen = ['--clock-rate', '0'];
const windowMs = 4 * 3600 * 1000;

function folder(t) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'emulator-'));

  t.after(() => fs.rmSync(data, { recursive: true, force: true }));
  return data;
}

const ms = (time) => Date.parse(time);
const planned = ({ ended_at, next_at }) => ms(next_at) - ms(ended_at);

// Retry k waits 28·2^(k−1) s, a quarter more or less.
function isOnSchedule(wait, k) {
  const usual = 28000 * 2 ** (k - 1);

  return wait >= usual * 0.75 - 1 && wait <= usual * 1.25 + 1;
}

test('case 31: a receiver that takes 6 s is a time-out at 5 s, counted and retried', async (t) => {
  const customer = await Customer.connected(t,
    (_, n) => (n === 0 ? { status: 200, delay: 6000 } : 200), frozen);

  await customer.track();
  await until('it has begun', () => customer.partner.requests.length === 1);
  const began = Date.now();
  const { attempts: [attempt] } = await customer.waits(1);
  const took = Date.now() - began;

  assert.ok(took > 4700 && took < 5900, `it ended after ${took} ms`);
  assert.equal(attempt.code, 'ETIMEDOUT');
  assert.deepEqual(await customer.counted(), { 'errors.awaiting-retry.ETIMEDOUT': 1 });
  await customer.advance('40s');
  await customer.ends('delivered');
  assert.equal(customer.partner.requests.length, 2);
});

test('case 32: a receiver that answers 500, then 200, has it after two attempts', async (t) => {
  const customer = await Customer.connected(t, (_, n) => (n === 0 ? 500 : 200), frozen);

  await customer.track({ messageId: 'm-1' });
  const waiting = await customer.waits(1);

  assert.ok(isOnSchedule(planned(waiting.attempts[0]), 1), `${planned(waiting.attempts[0])} ms`);
  await customer.advance('40s');
  const { attempts, destination, message_id } = await customer.ends('delivered');

  assert.deepEqual(attempts.map(({ code }) => code), ['500', '200']);
  assert.deepEqual([destination, message_id], [demo, 'm-1']);
  assert.equal(customer.partner.requests[0].body, customer.partner.requests[1].body, 'the same event');
  assert.deepEqual(await customer.counted(), { 'errors.awaiting-retry.500': 1, successes: 1 });
});

test('case 35: Retry-After lengthens the wait to what the partner asked for', async (t) => {
  const customer = await Customer.connected(t,
    (_, n) => (n === 0 ? { status: 429, headers: { 'Retry-After': '60' } } : 200), frozen);

  await customer.track();
  const { attempts: [attempt] } = await customer.waits(1);

  assert.equal(planned(attempt), 60000);
  await customer.advance('59s');
  assert.equal((await customer.deliveries())[0].state, 'waiting');
  await customer.advance('1s');
  await customer.ends('delivered');
  assert.deepEqual(await customer.counted(), { 'errors.awaiting-retry.429': 1, successes: 1 });
});

test('Retry-After does not shorten a wait', async (t) => {
  const customer = await Customer.connected(t, { status: 503, headers: { 'Retry-After': '1' } }, frozen);

  await customer.track();
  const { attempts: [attempt] } = await customer.waits(1);

  assert.ok(isOnSchedule(planned(attempt), 1), `${planned(attempt)} ms`);
});

test('case 36: a receiver that always answers 503 is tried for 4 h, then the event has expired', async (t) => {
  const customer = await Customer.connected(t, 503, ['--clock-rate', '3600']);

  await customer.track();
  const { attempts, deadline } = await customer.ends('expired', { timeout: 30000 });
  const first = ms(attempts[0].at);
  const counted = await customer.counted();

  attempts.forEach((attempt, i) => {
    const at = ((ms(attempt.at) - first) / 1000).toFixed(0);
    const gap = i === 0 ? '' : `, ${((ms(attempt.at) - ms(attempts[i - 1].at)) / 1000).toFixed(0)} s after the one before`;

    t.diagnostic(`attempt ${i + 1} at ${at} s${gap}`);
  });
  assert.equal(ms(deadline) - first, windowMs);
  assert.ok(attempts.length >= 8 && attempts.length <= 10, `${attempts.length} attempts`);
  attempts.slice(0, -1).forEach((attempt, i) => {
    assert.ok(isOnSchedule(planned(attempt), i + 1), `retry ${i + 1} waits ${planned(attempt)} ms`);
    assert.ok(ms(attempts[i + 1].at) >= ms(attempt.next_at), 'not earlier than planned');
  });
  assert.equal(attempts.at(-1).next_at, null);
  assert.ok(ms(attempts.at(-1).at) <= first + windowMs, 'within 4 h');
  assert.equal(customer.partner.requests.length, attempts.length);
  assert.deepEqual(counted, { 'errors.awaiting-retry.503': attempts.length, 'errors.expired.503': 1 });
});

// What waits when the process ends, by @end, goes on in the next one.
async function outlives(t, end) {
  const customer = await Customer.connected(t, 503, [...frozen, '--data', folder(t)]);
  const { emulator, partner } = customer;

  await customer.track({ messageId: 'm-1' });
  await customer.waits(1);
  await customer.advance('40s');
  const before = await customer.waits(2);

  await end(emulator);
  await emulator.up();
  const [after] = await customer.deliveries();

  assert.deepEqual(after, before, 'with its deadline, its attempts and its next time');
  await customer.advance('29s');
  partner.mood(200);
  assert.equal(partner.requests.length, 2, 'a restart is no reason to try earlier');
  await customer.advance('60s');
  const ended = await customer.ends('delivered');

  assert.deepEqual(ended.attempts.map(({ code }) => code), ['503', '503', '200']);
  assert.equal(ended.deadline, before.deadline);
  assert.deepEqual(partner.requests.map(({ body }) => JSON.parse(body).messageId), ['m-1', 'm-1', 'm-1']);
}

test('case 111: a restart during back-off resumes it, its deadline unchanged', (t) =>
  outlives(t, (emulator) => emulator.stop()));

test('kill -9 during back-off loses nothing', (t) => outlives(t, (emulator) => emulator.stop('SIGKILL')));

test('kill -9 during an attempt repeats that attempt', async (t) => {
  const customer = await Customer.connected(t, (_, n) => (n === 0 ? 'hang' : 200), [...frozen, '--data', folder(t)]);

  await customer.track();
  await until('it has begun', () => customer.partner.requests.length === 1);
  assert.equal((await customer.deliveries())[0].state, 'running');
  await customer.emulator.stop('SIGKILL');
  await customer.emulator.up();
  await customer.ends('delivered');
  assert.equal(customer.partner.requests.length, 2);
});

test('what is past its deadline after a restart has expired', async (t) => {
  const customer = await Customer.connected(t, 503, [...frozen, '--data', folder(t)]);

  await customer.track();
  await customer.waits(1);
  await customer.emulator.stop();
  await customer.emulator.up();
  await customer.advance('5h');
  const { attempts } = await customer.ends('expired');

  assert.equal(attempts.length, 1);
  assert.equal(customer.partner.requests.length, 1);
});

test('a frozen clock stops retries, not first attempts', async (t) => {
  const customer = await Customer.connected(t, 200, frozen);

  await customer.track();
  await customer.ends('delivered');
});

test('"retry now" makes what waits due, its deadline unchanged', async (t) => {
  const customer = await Customer.connected(t, 503, frozen);

  for (let i = 0; i < 3; i++) await customer.track();
  await until('all wait', async () => (await customer.deliveries()).every(({ state }) => state === 'waiting'));
  const deadlines = (await customer.deliveries()).map(({ deadline }) => deadline);

  assert.deepEqual(await customer.emulator.control('POST', 'deliveries/hurry', { destination: `${website}/destinations/other` }), { hurried: 0 });
  customer.partner.mood(200);
  assert.deepEqual(await customer.emulator.control('POST', 'deliveries/hurry', { destination: demo }), { hurried: 3 });
  await customer.idle();
  assert.deepEqual((await customer.deliveries()).map(({ state, deadline }) => [state, deadline]),
    deadlines.map((deadline) => ['delivered', deadline]));
});

const endings = [
  [400, 'discarded', 'errors.discarded.400'], [401, 'discarded', 'errors.discarded.401'],
  [403, 'discarded', 'errors.discarded.403'], [404, 'discarded', 'errors.discarded.404'],
  [302, 'discarded', 'errors.discarded.302'], [501, 'unsupported', 'UNSUPPORTED_EVENT_TYPE'],
  [204, 'delivered', 'successes'],
];

test('each answer that ends a delivery is counted, and none of them is retried', async (t) => {
  const customer = await Customer.connected(t, ({ body }) => ({ status: JSON.parse(body).properties.status }), frozen);

  for (const [status, state, counter] of endings) {
    await customer.track({ properties: { status } });
    await customer.idle();
    const [delivery] = await customer.deliveries('?limit=1');

    assert.deepEqual([delivery.state, delivery.attempts.length, delivery.next_at], [state, 1, null], `${status}`);
    assert.equal((await customer.counted())[counter], 1, counter);
  }
});

test('a destination that is disabled or gone while an event waits does not get it', async (t) => {
  const customer = await Customer.connected(t, 503, frozen);

  await customer.track();
  await customer.waits(1);
  await customer.connect('demo', { enabled: false });
  await customer.advance('40s');
  await customer.ends('discarded');
  assert.equal(customer.partner.requests.length, 1);
  assert.equal((await customer.counted())['errors.discarded.DESTINATION_DISABLED'], 1);
});

test('changed settings count from the next attempt on', async (t) => {
  const customer = await Customer.connected(t, (_, n) => (n === 0 ? 500 : 200), frozen);

  await customer.track();
  await customer.waits(1);
  await customer.connect('demo', { key: 'another key' });
  await customer.advance('40s');
  await customer.ends('delivered');
  const [first, second] = customer.partner.requests.map(({ headers }) => headers.authorization);

  assert.notEqual(first, second);
});

test('at most 16 attempts at once go to one destination', async (t) => {
  let open = 0;
  let most = 0;
  const customer = await Customer.connected(t, () => {
    most = Math.max(most, ++open);
    setTimeout(() => open--, 20); // the answer is on its way before this comes down
    return { status: 200, delay: 25 };
  });

  await customer.send('batch', {
    batch: Array.from({ length: 200 }, (_, i) => ({ type: 'track', event: 'A', userId: `u${i}` })),
  });
  await customer.idle();
  assert.equal(customer.partner.requests.length, 200);
  assert.equal(most, 16);
});

test('a destination that hangs does not hold up another', async (t) => {
  const customer = await Customer.connected(t, ({ body }) => (JSON.parse(body).slow ? 'hang' : 200), frozen);

  await customer.connect('clearbrain', { key: 'clear-brain-key' });
  await customer.send('batch', {
    batch: Array.from({ length: 20 }, () => ({ type: 'track', event: 'A', userId: 'u', slow: true, integrations: { ClearBrain: false } })),
  });
  await customer.track({ integrations: { Demo: false } });
  await until('the other has it', async () => (await customer.counted(`${website}/destinations/clearbrain`)).successes === 1);
});

test('5,000 events go through and none is lost', async (t) => {
  const customer = await Customer.connected(t, (_, n) => (n % 50 === 49 ? 503 : 200), ['--clock-rate', '3600']);
  const began = Date.now();

  for (let i = 0; i < 50; i++)
    await customer.send('batch', {
      batch: Array.from({ length: 100 }, (_, k) => ({ type: 'track', event: 'A', userId: 'u', messageId: `m-${i}-${k}` })),
    });
  await customer.idle();
  t.diagnostic(`5,000 events in ${Date.now() - began} ms, ${customer.partner.requests.length} requests`);
  const counted = await customer.counted();

  assert.equal(customer.partner.ids.size, 5000);
  assert.equal(counted.successes, 5000);
  assert.equal(counted['errors.awaiting-retry.503'], customer.partner.requests.length - 5000);
  assert.equal((await customer.deliveries('?limit=1000')).length, 1000, 'the last thousand are kept');
});

test('a reset forgets what waits and what is under way', async (t) => {
  const customer = await Customer.connected(t, (_, n) => (n === 0 ? 503 : 'hang'), frozen);

  await customer.track();
  await customer.waits(1);
  await customer.track();
  await until('the second is under way', () => customer.partner.requests.length === 2);
  await customer.emulator.control('POST', 'reset');
  assert.deepEqual(await customer.emulator.control('GET', 'deliveries'), { waiting: 0, deliveries: [] });
  assert.deepEqual(await customer.emulator.control('GET', 'counters'), {});
  await customer.advance('5h');
  customer.partner.mood(200);
  await customer.connect();
  await customer.track();
  await customer.ends('delivered');
  assert.equal(customer.partner.requests.length, 3);
});

test('it ends at once while attempts are under way', async (t) => {
  const customer = await Customer.connected(t, 'hang');

  await customer.send('batch', { batch: Array.from({ length: 30 }, () => ({ type: 'track', event: 'A', userId: 'u' })) });
  await until('they are under way', () => customer.partner.requests.length === 16);
  const began = Date.now();

  assert.deepEqual(await customer.emulator.stop(), { code: 0, signal: null });
  assert.ok(Date.now() - began < 3000);
});
