// SPDX-License-Identifier: MIT
// W5, bad neighbours: node w5.mjs [SECONDS=5]
//
// Fifty subscriptions with an endpoint each, events spread over all, open, 1,000/s. Two services:
// of one all endpoints are well, of the other one hangs and one answers 503 to 30 of 100. They take
// turns, five rounds each, so that a minute in which the machine is slow hits both. What the other
// 48 notice of their neighbours is the medians' ratio.

import { freePort } from '../e2e/lib/place.mjs';
import { goal, median } from './goal.mjs';
import { OpenLoop } from './loads.mjs';
import { measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { startOurs, withScope } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 5);
const [nEndpoints, rate, rounds] = [50, 1000, 5];
const limits = { ratio: 1.2 };

// @behaviours: of the first endpoints; all others answer at once.
async function start(scope, behaviours) {
  const ports = [];

  for (let i = 0; i < nEndpoints; i++) ports.push(await freePort());
  const server = await startOurs(scope, { subscriptions: ports.map((port, i) =>
    ({ name: i === 0 ? 'default' : `s${i}`, path: `/webhook/s${i}`, concurrency: 16, endpoint: `http://127.0.0.1:${port}/hook` })) });
  const loop = await OpenLoop.start(scope, { port: server.port, target: '/webhook/s{}', sinks: ports.map((port) => `${port}=answer`) });

  await loop.step(rate, 2, 64); // warm, and well
  for (const [i, behaviour] of behaviours.entries()) await loop.command(`${ports[i]}=${behaviour}`);
  return { server, loop, rows: [] };
}

async function turn(name, { server, loop, rows }) {
  rows.push(await measure(`${name}, round ${rows.length + 1}`, server, () => loop.step(rate, seconds, 64)));
}

const [quiet, loud] = await withScope(async (scope) => {
  const well = await start(scope, []);
  const beside = await start(scope, ['hang', 'fail=30']);

  for (let round = 0; round < rounds; round++) {
    await turn('50 endpoints, all well', well);
    await turn('one hangs, one fails, 48 are well', beside);
  }
  return [well.rows, beside.rows];
});
const p99 = (rows) => median(rows.map(({ latency }) => latency.p99_us)) / 1000;
const ratio = p99(loud) / p99(quiet);
const lost = [...quiet, ...loud].reduce((sum, row) => sum + row.undelivered + row.duplicates, 0);

print(`W5: ${rate}/s over 50 endpoints, open; latency: to the endpoints that are well`, [...quiet, ...loud]);
console.log(`         p99 of the 48: ${p99(loud).toFixed(2)} ms, of all when quiet: ${p99(quiet).toFixed(2)} ms\n`);
goal(`W5 p99 of the healthy, goal ≤ ${limits.ratio} × their quiet baseline`, ratio, ' ×', ratio <= limits.ratio);
goal('W5 events for healthy endpoints that were lost, or came twice, goal 0', lost, '', lost === 0);
goal('W5 requests at the one that hangs, goal: some', loud.reduce((sum, { hung }) => sum + hung.arrived, 0), '', loud.some(({ hung }) => hung.arrived > 0));
report('w5', { seconds, rate, limits, ratio, rows: [...quiet, ...loud] });
