// SPDX-License-Identifier: MIT
// kill -9 of the service at random moments, from its first instruction on, while events come in
// and the endpoint is moody. Whatever was acknowledged has to be there afterwards and has to
// arrive, and the store has to be sound.

import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { balance, missing, sum } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { drain } from './lib/drain.mjs';
import { inEpochs } from './lib/epochs.mjs';
import { Load } from './lib/load.mjs';

const SHORT_MS = 300; // the life of most: kills hit the start and the recovery often
const LONG_MS = 1500;
const LOOK_EVERY = 10; // rounds until it may start in peace, and a sample is asked for
const CONCURRENCY = 16;
// Waits of 40 ms, 80 ms …: tried often, and none gives up.
const retry = { attempts: 22, over: '24h' };

const moods = [200, 500, 429, 'hang'];

function lifeMs(random) {
  return random() * (random() < 0.2 ? LONG_MS : SHORT_MS);
}

async function look(service, load, random, problems) {
  const started = Date.now();

  await service.up();
  const took = Date.now() - started;
  const lost = await missing(service, load, random);

  if (lost.length > 0) problems.push(`missing meanwhile: ${lost.slice(0, 5).join(' ')}`);
  return took;
}

// Never ended by itself: that is what the signal says.
async function killOnce(service, problems) {
  const { code, signal } = await service.stop('SIGKILL');

  if (signal !== 'SIGKILL') problems.push(`it ended by itself with ${code ?? signal}: ${service.log.slice(-500)}`);
}

// All is well again: nothing may have been forgotten.
async function arriveAll(service, load, problems) {
  const still = await drain(service);

  if (still > 0) problems.push(`${still} deliveries wait and wait`);
  const never = [...load.acknowledged.keys()].filter((id) => !load.delivered.has(id));

  if (never.length > 0) problems.push(`${never.length} never arrived: ${never.slice(0, 5).join(' ')}`);
}

async function oneEpoch(t, number, { rounds, random, say }) {
  const endpoint = await Endpoint.start(t);
  const service = await Service.prepare(t, { subscription: { auth: 'none', endpoint: endpoint.url, timeout: '500ms',
    concurrency: CONCURRENCY, retry } });
  const load = new Load(service, { prefix: `kill-${number}`, pace: 50, every: 30 });
  const problems = [];
  let slowest = 0;

  endpoint.mood(load.mood(() => (load.isOver ? 200 : moods[Math.floor(Date.now() / 2000) % moods.length])));
  load.start();
  for (let round = 1; round <= rounds; round++) {
    if (round % LOOK_EVERY === 1) slowest = Math.max(slowest, await look(service, load, random, problems));
    else service.spawn();
    await pause(lifeMs(random));
    await killOnce(service, problems);
    service.log = service.log.slice(-2000);
  }
  await service.up();
  await load.stop();
  await arriveAll(service, load, problems);
  const row = await balance(service, load, { rounds });

  await service.kill();
  // Each may have been taken and not yet noted when the process ended.
  if (row.duplicates > rounds * CONCURRENCY) problems.push(`${row.duplicates} duplicates of ${rounds} kills`);
  say(`${rounds} kills of store ${number}, ${row.acknowledged} acknowledged, ${row.duplicates} delivered twice, slowest start `
    + `${slowest} ms, refused ${JSON.stringify(load.refused)}`);
  return { ...row, problems: [...row.problems, ...problems].map((problem) => `store ${number}: ${problem}`) };
}

export async function kill(t, { rounds, seed, say }) {
  const random = generator(seed);

  return sum(await inEpochs(rounds, (own, number, share) => oneEpoch(own, number, { rounds: share, random, say })));
}
