// SPDX-License-Identifier: MIT
// W6, a start with a full queue: node w6.mjs [EVENTS=1000000]
//
// Fills the queue while the endpoint hangs, kills the service, and starts it again with an
// endpoint that answers: how long until it is ready, until it accepts, until the first
// delivery, and with how much memory. Then hands it over once, with the queue still full.
// Three starts, the worst counts.

import fs from 'node:fs';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { Service } from '../e2e/lib/service.mjs';
import { Connection, requestText } from '../e2e/lib/strict.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { residentMiB } from './cpu.mjs';
import { goal } from './goal.mjs';
import { isDry } from './loads.mjs';
import { report } from './report.mjs';

const events = isDry ? 5000 : Number(process.argv[2] ?? 1000000);
const limits = { firstMs: 1000, notAcceptingMs: 300, residentMiB: 150 };
const batchSize = 1000;
const endpoint = { isUp: false, firstAt: 0, nRequests: 0 };

const server = http.createServer((request, response) => {
  request.resume();
  if (!endpoint.isUp) return; // hangs until the service is killed
  endpoint.firstAt ||= performance.now();
  endpoint.nRequests++;
  request.on('end', () => response.end());
});

function batch(n) {
  return Array.from({ length: batchSize }, (_, i) => ({
    type: 'track', event: 'Order Completed', userId: `user-${(n * batchSize + i) % 50000}`, messageId: `restart-${n}-${i}`,
    timestamp: '2026-01-01T00:00:00.000Z', properties: { plan: 'pro', total: 17.5, currency: 'EUR', order: `order-${n}-${i}` },
    context: { library: { name: 'analytics.js', version: '2.0.0' } },
  }));
}

async function fill(service) {
  let next = 0;
  const lane = async () => {
    const connection = await Connection.open(service.port);

    while (next < events / batchSize) {
      const answer = await connection.request(requestText(batch(next++)));

      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
    }
    connection.close();
  };

  await Promise.all(Array.from({ length: 4 }, lane));
}

function peakMiB(pid) {
  return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

async function start(service) {
  const began = performance.now();

  endpoint.isUp = true;
  endpoint.firstAt = 0;
  service.log = '';
  service.spawn();
  await until('it accepts', () => service.exit || Connection.open(service.port).then((one) => { one.close(); return true; }, () => false),
    { timeout: 60000, every: 1 });
  const acceptingMs = performance.now() - began;

  await until('the first delivery', () => service.exit || endpoint.firstAt, { timeout: 60000, every: 1 });
  if (service.exit) throw new Error(service.log);
  return { acceptingMs, firstMs: endpoint.firstAt - began };
}

await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const service = await Service.start(null, {
  config: { limits: { disk: '8GiB' } },
  subscription: { auth: 'none', concurrency: 1, timeout: '30s', endpoint: `http://127.0.0.1:${server.address().port}/` },
});

try {
  const began = performance.now();

  await fill(service);
  console.log(`${events} events queued in ${((performance.now() - began) / 1000).toFixed(1)} s, resident ${residentMiB(service.child.pid).toFixed(0)} MiB`);
  await service.kill();
  const starts = [];

  for (let i = 0; i < 3; i++) {
    const figures = await start(service);

    await pause(500);
    figures.peakMiB = peakMiB(service.child.pid);
    figures.residentMiB = residentMiB(service.child.pid);
    starts.push(figures);
    console.log(`start: accepts after ${figures.acceptingMs.toFixed(0)} ms, first delivery after ${figures.firstMs.toFixed(0)} ms, `
      + `resident ${figures.residentMiB.toFixed(0)} MiB, at most ${figures.peakMiB.toFixed(0)} MiB`);
    if (i < 2) await service.kill();
  }
  const handOvers = [];

  for (let i = 1; i <= 3; i++) {
    service.child.kill('SIGUSR2');
    await until('taken over', () => service.exit || service.log.split('taken over').length > i, { timeout: 60000 });
    handOvers.push(Number(/not_accepting_ms=(\d+)(?![^]*not_accepting)/.exec(service.log)[1]));
  }
  const waiting = (await service.counters()).queued;

  console.log(`hand-over with ${waiting} waiting: not accepting for ${handOvers.join(', ')} ms`);
  const worst = (member) => Math.max(...starts.map((one) => one[member]));
  const notAccepting = Math.max(...handOvers);

  console.log('');
  goal(`W6 first delivery after a start with ${events} queued, goal ≤ ${limits.firstMs} ms`, worst('firstMs'), ' ms', worst('firstMs') <= limits.firstMs);
  goal(`W6 memory after it, goal ≤ ${limits.residentMiB} MiB`, worst('residentMiB'), ' MiB', worst('residentMiB') <= limits.residentMiB);
  goal(`W6 not accepting while it is handed over, goal ≤ ${limits.notAcceptingMs} ms`, notAccepting, ' ms', notAccepting <= limits.notAcceptingMs);
  report('w6', { events, starts, handOvers, waiting, limits });
} catch (error) {
  console.log(service.log.slice(-1500));
  throw error;
} finally {
  await service.kill();
  server.closeAllConnections();
  server.close();
  if (process.env.KEEP) fs.cpSync(service.folder, process.env.KEEP, { recursive: true });
  fs.rmSync(service.folder, { recursive: true, force: true });
}
process.exit();
