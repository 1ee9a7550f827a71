// SPDX-License-Identifier: MIT
// See tests/bench/run. The local Segment's Tracking API beside one in Express, in events per CPU
// second; then 100,000 events through source and webhook, counted where they arrive.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { Emulator } from '../e2e/lib/emulator.mjs';
import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { request } from '../e2e/lib/http.mjs';
import { freePort } from '../e2e/lib/place.mjs';
import { build, root, run } from '../e2e/lib/program.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { cpuOf, residentMiB } from './cpu.mjs';
import { goal, missed } from './goal.mjs';

const [seconds, connections] = process.argv.slice(2).map(Number);
const authorization = `Authorization: Basic ${Buffer.from('dev_writekey_website:').toString('base64')}`;
const cleanups = [];
const scope = { after: (fn) => cleanups.push(fn) };
const least = 5; // times Express
const through = 100000;

async function startExpress() {
  const port = await freePort();
  const child = spawn('node', [path.join(root, 'tests/bench/express-tracking.mjs'), String(port)],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });

  scope.after(() => child.kill('SIGKILL'));
  await until('Express listens', () => request(`http://127.0.0.1:${port}/`));
  return { port, pid: child.pid };
}

async function startOurs() {
  const emulator = await Emulator.start(scope);

  return { port: Number(new URL(emulator.url).port), pid: emulator.child.pid, emulator };
}

async function load({ port }, where, extent, size) {
  const { stdout, stderr, code } = await run([String(port), where, String(connections), String(extent), size, authorization],
    { command: path.join(build, 'tests/bench/load'), timeout: 600000 });

  if (code !== 0) throw new Error(`load ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

async function measure(name, server, where, size, perRequest) {
  await load(server, where, 1, size); // warm
  const cpu = cpuOf(server.pid);
  const result = await load(server, where, seconds, size);
  const row = { name, ...result, events_per_s: Math.round(result.per_s * perRequest),
    cpu_us: (cpuOf(server.pid) - cpu) / (result.ok * perRequest), rss_mib: residentMiB(server.pid) };

  console.error(`bench: ${name}: ${row.events_per_s} events/s, ${row.cpu_us.toFixed(1)} µs`);
  return row;
}

async function sendThrough() {
  const { emulator, ...server } = await startOurs();
  const endpoint = await Endpoint.start(scope);

  await emulator.control('PUT', 'subscription', { kind: 'webhook', url: endpoint.url });
  await emulator.control('PUT', 'destination', { source: 'workspaces/acme/sources/website', slug: 'demo', enabled: true, config: { apiKey: 'bench' } });
  const started = Date.now();
  const result = await load(server, '/v1/track', `${through}n`, '1024');

  await until('everything has arrived', async () =>
    endpoint.ids.size >= through || (await emulator.control('GET', 'state')).waiting === 0, { timeout: 300000, every: 100 });
  return { sent: through, answered_200: result.ok, arrived: endpoint.ids.size,
    more_than_once: [...endpoint.ids.values()].filter((times) => times > 1).length, seconds: (Date.now() - started) / 1000 };
}

async function main() {
  const rows = [];

  for (const [what, where, size, perRequest] of [['single', '/v1/track', '1024', 1], ['batches of 100', '/v1/batch', '1024x100', 100]]) {
    rows.push(await measure(`local Segment, ${what}`, await startOurs(), where, size, perRequest));
    rows.push(await measure(`Express, ${what}`, await startExpress(), where, size, perRequest));
  }
  console.log(`\nTracking API: 1 KiB events, ${connections} connections, ${seconds} s each\n`);
  console.log('                                            events/s   CPU µs/event   RSS MiB   not 2xx');
  for (const row of rows)
    console.log(row.name.padEnd(40) + String(row.events_per_s).padStart(12) + row.cpu_us.toFixed(2).padStart(15) +
      row.rss_mib.toFixed(0).padStart(10) + String(row.client_errors + row.server_errors + row.broken).padStart(10));
  const ratios = [rows[1].cpu_us / rows[0].cpu_us, rows[3].cpu_us / rows[2].cpu_us];

  console.log('');
  ['single events', 'batches of 100'].forEach((what, i) =>
    goal(`${what} per CPU second, goal ≥ ${least} × Express`, ratios[i], ' ×', ratios[i] >= least));
  const passage = await sendThrough();

  goal(`source → webhook: arrived, ${passage.more_than_once} more than once, ${passage.seconds.toFixed(1)} s, goal ${through}`,
    passage.arrived, '', passage.arrived === through);
  fs.writeFileSync(path.join(build, 'bench-tracking.json'), `${JSON.stringify({ connections, seconds, rows,
    ratios: { single: ratios[0], batch: ratios[1] }, passage, goal: least }, null, 2)}\n`);
}

try {
  await main();
} finally {
  for (const cleanup of cleanups) await cleanup();
}
process.exitCode = missed() > 0 ? 1 : 0;
