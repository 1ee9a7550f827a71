// SPDX-License-Identifier: MIT
// kill -9 before each system call that changes what a disk or a peer sees: from a first start
// over receiving, storing, delivering and the checkpoint to the shutdown.
//
// strace counts the calls of each thread; whichever comes to its k-th first ends the process.
// Between two of these calls nothing changes outside of the process, so a kill anywhere is a
// kill before one of them.

import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { request } from '../e2e/lib/http.mjs';
import { program, run } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { balance, sum } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { Load } from './lib/load.mjs';

const names = ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'openat', 'unlink', 'rename', 'fchmod', 'write',
  'sendto', 'sendmsg'];
const EVENTS = 60; // so that the number of points does not depend on the machine
const REST_MS = 300; // longer than it takes an idle keeper to come to its checkpoint

function arguments_(trace, service, name, k) {
  const inject = k > 0 ? ['-e', `inject=${name}:signal=KILL:when=${k}`] : [];

  return ['-D', '-f', '-qq', '-o', trace, '-e', `trace=${name}`, ...inject, program, ...service.arguments];
}

async function someWork(service, load) {
  load.start();
  await until('some are acknowledged, or it is dead', () => service.exit || load.acknowledged.size >= EVENTS,
    { timeout: 60000, every: 2 });
  await load.stop();
  const end = Date.now() + REST_MS;

  while (!service.exit && Date.now() < end) await pause(5);
}

// Until the k-th call ends it, or all is done. False: it never came to that call.
async function work(service, load, name, k) {
  const isUp = async () => service.exit || (await request(`${service.url}/readyz`).catch(() => ({}))).status === 200;

  service.spawn('strace', arguments_('/dev/null', service, name, k));
  await until('it is ready, or dead', isUp, { timeout: 60000, every: 5 });
  await someWork(service, load);
  if (!service.exit) service.child.kill('SIGTERM');
  await until('it has ended', () => service.exit, { timeout: 60000, every: 5 });
  return service.exit.signal === 'SIGKILL' || service.exit.code === 137;
}

async function onePoint(t, name, k) {
  const ends = [];
  const own = { after: (end) => ends.push(end) };
  const endpoint = await Endpoint.start(own);
  const service = await Service.prepare(own, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const load = new Load(service, { connections: 4, prefix: `${name}-${k}`, pace: 5 });

  try {
    endpoint.mood(load.mood(() => 200));
    const wasKilled = await work(service, load, name, k);

    await service.up();
    const row = await balance(service, load, { rounds: wasKilled ? 1 : 0 });

    row.problems = row.problems.map((problem) => `before ${name} ${k}: ${problem}`);
    return { wasKilled, row };
  } finally {
    for (const end of ends) await end();
  }
}

// How often each call is made at most by one thread, all in all.
async function census(t) {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.prepare(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const trace = path.join(service.folder, 'trace');
  const load = new Load(service, { connections: 4, prefix: 'census', pace: 5 });
  const counts = new Map();

  service.spawn('strace', arguments_(trace, service, names.join(), 0));
  await until('it is ready', async () => (await request(`${service.url}/readyz`)).status === 200, { timeout: 60000 });
  await someWork(service, load);
  await service.stop('SIGTERM', 60000);
  const { stdout } = await run(['-o', '^[0-9]* *[a-z0-9]*(', trace], { command: 'grep', timeout: 60000 });

  for (const line of stdout.split('\n').filter(Boolean)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return names.map((name) =>
    [name, Math.max(0, ...[...counts].filter(([key]) => key.endsWith(` ${name}(`)).map(([, n]) => n))]);
}

export async function calls(t, { rounds, isWhole, part, seed, say }) {
  if ((await run(['-f', '-o', '/dev/null', 'true'], { command: 'strace' }).catch(() => ({ code: 1 }))).code !== 0)
    return { skipped: 'strace may not trace here' };
  const random = generator(seed);
  const [lane, lanes] = part.split('/').map(Number);
  const points = (await census(t)).flatMap(([name, n]) => Array.from({ length: n }, (_, i) => [name, i + 1]))
    .filter(([, k]) => k % lanes === lane);
  const rows = [];

  say(`${points.length} points`);
  while (points.length > 0 && (isWhole || rows.length < rounds)) {
    const [[name, k]] = points.splice(isWhole ? 0 : Math.floor(random() * points.length), 1);

    rows.push((await onePoint(t, name, k)).row);
    if (rows.length % 20 === 0) say(`${rows.length} points, now ${name} ${k}`);
  }
  return { ...sum(rows), whole: isWhole || undefined, part };
}
