// SPDX-License-Identifier: MIT
// W5, bad neighbours: node w5.mjs [SECONDS=5]
//
// Fifty subscriptions with an endpoint each, events spread over all, open, 1,000/s. Three rounds in
// which all endpoints are well, then three in which one hangs and one answers 503 to 30 of 100, in
// a service of their own. What the other 48 notice of it is the medians' ratio.

import { freePort } from '../e2e/lib/place.mjs';
import { goal, median } from './goal.mjs';
import { OpenLoop } from './loads.mjs';
import { measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { startOurs, withScope } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 5);
const [nEndpoints, rate, rounds] = [50, 1000, 3];
const limits = { ratio: 1.2 };

// @behaviours: of the first endpoints; all others answer at once.
function run(name, behaviours) {
  return withScope(async (scope) => {
    const ports = [];

    for (let i = 0; i < nEndpoints; i++) ports.push(await freePort());
    const server = await startOurs(scope, { subscriptions: ports.map((port, i) =>
      ({ name: i === 0 ? 'default' : `s${i}`, path: `/webhook/s${i}`, concurrency: 16, endpoint: `http://127.0.0.1:${port}/hook` })) });
    const loop = await OpenLoop.start(scope, { port: server.port, target: '/webhook/s{}', sinks: ports.map((port) => `${port}=answer`) });
    const rows = [];

    await loop.step(rate, 2, 64); // warm, and well
    for (const [i, behaviour] of behaviours.entries()) await loop.command(`${ports[i]}=${behaviour}`);
    for (let round = 1; round <= rounds; round++)
      rows.push(await measure(`${name}, round ${round}`, server, () => loop.step(rate, seconds, 64)));
    return rows;
  });
}

const quiet = await run('50 endpoints, all well', []);
const loud = await run('one hangs, one fails, 48 are well', ['hang', 'fail=30']);
const p99 = (rows) => median(rows.map(({ latency }) => latency.p99_us)) / 1000;
const ratio = p99(loud) / p99(quiet);
const lost = [...quiet, ...loud].reduce((sum, row) => sum + row.undelivered + row.duplicates, 0);

print(`W5: ${rate}/s over 50 endpoints, open; latency: to the endpoints that are well`, [...quiet, ...loud]);
console.log(`         p99 of the 48: ${p99(loud).toFixed(2)} ms, of all when quiet: ${p99(quiet).toFixed(2)} ms\n`);
goal(`W5 p99 of the healthy, goal ≤ ${limits.ratio} × their quiet baseline`, ratio, ' ×', ratio <= limits.ratio);
goal('W5 events for healthy endpoints that were lost, or came twice, goal 0', lost, '', lost === 0);
goal('W5 requests at the one that hangs, goal: some', loud.reduce((sum, { hung }) => sum + hung.arrived, 0), '', loud.some(({ hung }) => hung.arrived > 0));
report('w5', { seconds, rate, limits, ratio, rows: [...quiet, ...loud] });
