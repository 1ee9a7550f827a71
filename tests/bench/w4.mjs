// SPDX-License-Identifier: MIT
// W4, end to end: node w4.mjs [SECONDS=4]
//
// First what an event costs, closed over 64 connections until all is delivered to an nginx that is
// not counted: ours with a function and without, Express + fetch without and with SQLite FULL, Node
// tuned. Then rising rates, open, 256 connections: a rate is passed when each event has been
// delivered, at that rate, with a p99 of at most 50 ms from when it was due until it was at the
// endpoint; it has two tries. The last that was passed is the ceiling; then half of it.

import path from 'node:path';

import { freePort, temporaryFolder } from '../e2e/lib/place.mjs';
import { familyOf, residentMiB } from './cpu.mjs';
import { goal } from './goal.mjs';
import { closed, isDry, key, OpenLoop } from './loads.mjs';
import { idle, measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { delivered, startNginx, startNode, startNoting, startOurs, withScope } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 4);
const rates = [1000, 2000, 4000, 6000, 8000, 10000, 12000, 15000, 18000, 22000, 26000, 30000].slice(0, isDry ? 2 : undefined);
const baselineRates = [250, 500, ...rates];
const limits = { per_s: 8000, p99_ms: 50, cpu_us: 100, express: 14, sqlite: 25, tuned: 1 };
const idleLimits = { service: 20, runner: 35 }; // MiB
const isCloseTo = 0.97; // of a rate: it is kept

const ours = (scope, url) => startNoting(scope, url);
const direct = (scope, url) => startOurs(scope, { subscription: { endpoint: url } });
const express = (scope, url) => startNode(scope, 'express-receiver.mjs', [url]);
const tuned = (scope, url) => startNode(scope, 'tuned-receiver.mjs', [url]);
const kept = (scope, url) => startNode(scope, 'express-receiver.mjs', [url, path.join(temporaryFolder(scope), 'events.db')]);

// Resident memory of a service and of its runner that have done one event and wait.
function memory() {
  return withScope(async (scope) => {
    const server = await startNoting(scope, (await startNginx(scope)).url);

    await server.service.deliver({ type: 'track', event: 'e', userId: 'u' }, { key });
    await idle(server);
    const [service, ...runners] = familyOf(server.pid).map(residentMiB);

    return { service, runner: Math.max(0, ...runners) };
  });
}

// Of ours also the deliveries that come after the answers.
function cost(name, start) {
  return withScope(async (scope) => {
    const server = await start(scope, (await startNginx(scope)).url);
    const settled = () => (server.service ? delivered(server) : undefined);

    await closed(server, 64, 1); // warm
    await settled();
    return measure(name, server, async () => {
      const began = performance.now();
      const result = await closed(server, 64, seconds);

      await settled();
      return { ...result, per_s: result.n / (performance.now() - began) * 1000 };
    });
  });
}

// null where better-sqlite3 could not be built.
async function costOfKept() {
  try {
    await import('better-sqlite3');
  } catch {
    return null;
  }
  return cost('Express + SQLite FULL + fetch', kept);
}

function isPassed({ rate, due, ok, latency, undelivered, duplicates, per_s: perS }) {
  return ok === due && undelivered === 0 && duplicates === 0 && latency.p99_us <= limits.p99_ms * 1000 && perS >= isCloseTo * rate;
}

function rising(name, start, steps) {
  return withScope(async (scope) => {
    const sink = await freePort();
    const server = await start(scope, `http://127.0.0.1:${sink}/hook`);
    const loop = await OpenLoop.start(scope, { port: server.port, sinks: [`${sink}=answer`] });
    const step = (rate) => measure(`${name}, open, ${rate}/s`, server, () => loop.step(rate, seconds, 256));
    const rows = [];

    await loop.step(steps[0], 1, 256); // warm
    for (const rate of steps) {
      let row = await step(rate);

      if (!isPassed(row)) row = await step(rate); // a hiccup of the machine is no ceiling
      rows.push(row);
      if (!isPassed(row)) break;
    }
    const ceiling = rows.filter(isPassed).at(-1)?.rate ?? 0;
    const half = rows.find(({ rate }) => rate === ceiling / 2) ?? (ceiling > 0 ? await step(ceiling / 2) : rows[0]);

    if (!rows.includes(half)) rows.push(half);
    return { name, ceiling, half, rows };
  });
}

const idleMiB = await memory();
const costs = {
  fn: await cost('partnerapp, with a function', ours),
  direct: await cost('partnerapp, without a function', direct),
  express: await cost('Express + fetch, keeps nothing', express),
  sqlite: await costOfKept(),
  tuned: await cost('Node tuned (http, undici Pool), keeps nothing', tuned),
};
const climbs = {
  fn: await rising('partnerapp, with a function', ours, rates),
  direct: await rising('partnerapp, without a function', direct, rates),
  tuned: await rising('Node tuned', tuned, rates),
  express: await rising('Express + fetch', express, baselineRates),
};
const { fn } = costs;
const atHalf = climbs.fn.half.latency.p99_us / 1000;

print('W4: end to end, closed, 64 connections, until all is delivered; latency: of the answer', Object.values(costs).filter(Boolean));
print('W4: end to end, open, rising; latency: from when it was due until it was at the endpoint', Object.values(climbs).flatMap(({ rows }) => rows));
for (const { name, ceiling, half } of Object.values(climbs))
  console.log(`         ${name}: ceiling ${ceiling}/s, p99 at half of it ${(half.latency.p99_us / 1000).toFixed(1)} ms`);
console.log('');
goal(`W4 events a second end to end with p99 ≤ ${limits.p99_ms} ms, goal ≥ ${limits.per_s}`, climbs.fn.ceiling, '/s', climbs.fn.ceiling >= limits.per_s);
goal(`W4 p99 at half of the ceiling, goal ≤ ${limits.p99_ms} ms`, atHalf, ' ms', climbs.fn.ceiling > 0 && atHalf <= limits.p99_ms);
goal(`W4 CPU of an event with a function, goal ≤ ${limits.cpu_us} µs`, fn.cpu_us, ' µs', fn.cpu_us <= limits.cpu_us);
for (const [other, name, factor] of [['express', 'Express + fetch', limits.express], ['sqlite', 'Express + SQLite FULL + fetch', limits.sqlite]]) {
  if (!costs[other]) console.log(`skipped  W4 against ${name}: npm could not build better-sqlite3, see npm ci in tests/bench`);
  else goal(`W4 events per CPU second, goal ≥ ${factor} × ${name}`, costs[other].cpu_us / fn.cpu_us, ' ×', costs[other].cpu_us >= factor * fn.cpu_us);
}
goal('W4 CPU of an event, goal no more than the tuned Node', fn.cpu_us / costs.tuned.cpu_us, ' ×', fn.cpu_us <= limits.tuned * costs.tuned.cpu_us);
const rows = [...climbs.fn.rows, ...climbs.direct.rows];
const lost = rows.reduce((sum, row) => sum + row.undelivered + row.duplicates, 0);

goal('W4 events of ours that were lost or came twice, goal 0', lost, '', lost === 0);
for (const [who, limit] of Object.entries(idleLimits))
  goal(`W4 idle memory of a ${who}, goal ≤ ${limit} MiB`, idleMiB[who], ' MiB', idleMiB[who] <= limit);
report('w4', { seconds, limits, idle_mib: idleMiB, rows: Object.values(costs).filter(Boolean), climbs });
