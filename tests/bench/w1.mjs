// SPDX-License-Identifier: MIT
// W1, durable ingest: node w1.mjs [SECONDS=5]
//
// Single events of 1 KiB. Closed, over 64 and 256 connections, for the ceiling; open, at four
// fifths of the first, for what a sender who does not wait for us sees. The service only accepts:
// its endpoint is paused. Beside it Express, which keeps nothing, and nginx with a constant.

import { goal } from './goal.mjs';
import { closed, OpenLoop } from './loads.mjs';
import { measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { startNginx, startNode, startPaused, withScope } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 5);
const limits = { per_s: { 64: 25000, 256: 30000 }, p99_ms: 50, nginx: 2, express: 12 };

async function ceiling(name, server, connections) {
  await closed(server, connections, 1); // warm
  return measure(`${name}, ${connections} connections`, server, () => closed(server, connections, seconds));
}

function ours() {
  return withScope(async (scope) => {
    const server = await startPaused(scope, { subscription: { endpoint: 'http://127.0.0.1:1/hook' } });
    const rows = [await ceiling('partnerapp', server, 64), await ceiling('partnerapp', server, 256)];
    const rate = Math.floor(rows[0].per_s * 0.8);
    const loop = await OpenLoop.start(scope, { port: server.port });

    rows.push(await measure(`partnerapp, open, 64 connections, ${rate}/s`, server, () => loop.step(rate, seconds, 64)));
    return rows;
  });
}

const rows = await ours();
const [small, large, open] = rows;
const express = await withScope(async (scope) => ceiling('Express, keeps nothing', await startNode(scope, 'express-receiver.mjs'), 64));
const nginx = await withScope(async (scope) => ceiling('nginx, a constant', await startNginx(scope), 64));

rows.push(express, nginx);
print('W1: durable ingest, single events', rows);
for (const row of [small, large])
  goal(`W1 durable events a second over ${row.connections} connections, goal ≥ ${limits.per_s[row.connections]}`, row.per_s, '/s',
    row.per_s >= limits.per_s[row.connections]);
for (const row of [small, large, open])
  goal(`W1 p99 of ${row.name}, goal ≤ ${limits.p99_ms} ms`, row.latency.p99_us / 1000, ' ms', row.latency.p99_us <= limits.p99_ms * 1000);
goal(`W1 CPU of an event, goal ≤ ${limits.nginx} × nginx`, small.cpu_us / nginx.cpu_us, ' ×', small.cpu_us <= limits.nginx * nginx.cpu_us);
goal(`W1 events per CPU second, goal ≥ ${limits.express} × Express`, express.cpu_us / small.cpu_us, ' ×',
  express.cpu_us >= limits.express * small.cpu_us);
goal('W1 answers that were not 2xx, goal 0', small.not_2xx + large.not_2xx + open.not_2xx, '', small.not_2xx + large.not_2xx + open.not_2xx === 0);
report('w1', { seconds, limits, rows });
