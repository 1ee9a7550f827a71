// SPDX-License-Identifier: MIT
// The open load program counts what it should: its endpoint is also its server here, so what is
// sent, answered and delivered is known beforehand. Nothing is measured.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OpenLoop } from '../bench/loads.mjs';
import { freePort } from './lib/place.mjs';

// One step against an endpoint of that behaviour.
async function step(t, behaviour, { rate = 500, seconds = 1, connections = 8 } = {}) {
  const port = await freePort();
  const loop = await OpenLoop.start(t, { port, target: '/hook', sinks: [`${port}=${behaviour}`] });

  return loop.step(rate, seconds, connections);
}

test('all is sent, answered and delivered once by an endpoint that is well', async (t) => {
  const { due, ok, not_2xx: not, healthy, undelivered, duplicates, strange } = await step(t, 'answer');

  assert.deepEqual({ due, ok, not, delivered: healthy.delivered, undelivered, duplicates, strange },
    { due: 500, ok: 500, not: 0, delivered: 500, undelivered: 0, duplicates: 0, strange: 0 });
});

test('what is accepted and never arrives is undelivered', async (t) => {
  const { ok, undelivered, healthy } = await step(t, 'drop=2');

  assert.deepEqual([ok, undelivered, healthy.delivered], [500, 10, 490]);
});

test('what arrives twice is a duplicate, and delivered', async (t) => {
  const { duplicates, undelivered, healthy } = await step(t, 'repeat=2');

  assert.deepEqual([duplicates, undelivered, healthy.delivered], [10, 0, 500]);
});

test('a share of 503 is refused, and is neither delivered nor lost', async (t) => {
  const { ok, refused, failing } = await step(t, 'fail=30');

  assert.deepEqual([ok, refused, failing.delivered, failing.undelivered], [350, 150, 350, 0]);
});

test('a delay is in the answer and not in the way to the endpoint', async (t) => {
  const { answers, healthy } = await step(t, 'delay=100', { rate: 20, connections: 20 });

  assert.ok(answers.p50_us >= 98000, `p50 of answers is ${answers.p50_us} µs, 100 ms are slept`);
  assert.ok(healthy.latency.p50_us < 98000, `p50 of the way is ${healthy.latency.p50_us} µs`);
});

// One connection takes 10 a second, 100 come: the k-th starts 100 k ms after the begin, was due at
// 10 k, and has its answer at 100 (k + 1). Until 2 s after the end about 30 have been sent.
test('an event that waits for a connection is late from when it was due', async (t) => {
  const { unsent, answers, due } = await step(t, 'delay=100', { rate: 100, connections: 1 });

  assert.equal(due, 100);
  assert.ok(unsent >= 65, `${unsent} were unsent, about 70 of 100 cannot be sent`);
  assert.ok(answers.p50_us > 2000000, `p50 is ${answers.p50_us} µs: half of them were never sent in 2 s`);
  assert.equal(answers.n, due, 'each event counts, sent or not');
});

test('an endpoint that hangs has its requests, and delivers nothing', async (t) => {
  const { hung, ok, unsent } = await step(t, 'hang', { rate: 10, connections: 20 });

  assert.deepEqual([hung.arrived, hung.delivered, ok, unsent], [10, 0, 0, 0]);
});

test('steps count for themselves, and a behaviour may change between them', async (t) => {
  const port = await freePort();
  const loop = await OpenLoop.start(t, { port, target: '/hook', sinks: [`${port}=answer`] });
  const first = await loop.step(100, 0.5, 4);

  await loop.command(`${port}=fail=100`);
  const second = await loop.step(100, 0.5, 4);

  assert.deepEqual([first.ok, first.refused, second.ok, second.refused, second.failing.undelivered], [50, 0, 0, 50, 0]);
});

test('events go round the endpoints, each to its own', async (t) => {
  const ports = [await freePort(), await freePort(), await freePort()];
  const loop = await OpenLoop.start(t, { port: ports[0], target: '/hook/{}', sinks: [`${ports[0]}=answer`, `${ports[1]}=fail=100`, `${ports[2]}=hang`] });
  const { healthy, failing, hung } = await loop.step(90, 1, 4);

  // The server is the first endpoint for all of them here; what differs is what is expected of whom.
  assert.deepEqual([healthy.accepted, failing.accepted, hung.accepted], [30, 30, 30]);
});
