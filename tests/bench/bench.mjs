// SPDX-License-Identifier: MIT
// See tests/bench/run. CPU is what the servers used, with their children, not the load
// generator; the endpoint is an nginx that answers a constant and is not counted either.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { request } from '../e2e/lib/http.mjs';
import { freePort, temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { build, root, run } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { cpuOf, familyOf, residentMiB } from './cpu.mjs';

const [seconds, connections] = process.argv.slice(2).map(Number);
const key = 'bench-key';
const authorization = `Authorization: Basic ${Buffer.from(`${key}:`).toString('base64')}`;
const cleanups = [];
const scope = { after: (fn) => cleanups.push(fn) };
const goals = { ingest: 10, endToEnd: 8, serviceMiB: 20, runnerMiB: 35 };

async function startNode(args) {
  const port = await freePort();
  const child = spawn('node', [path.join(root, 'tests/bench/express-receiver.mjs'), String(port), ...args],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } });

  scope.after(() => child.kill('SIGKILL'));
  await until('Express listens', () => request(`http://127.0.0.1:${port}/`));
  return { port, pid: child.pid };
}

async function startNginx() {
  const port = await freePort();
  const folder = temporaryFolder(scope);

  writeFiles(folder, { 'nginx.conf': `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 100000000; client_body_buffer_size 64k;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
      uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port} backlog=4096; location / { default_type application/json; return 200 '{}'; } }
    }` });
  const child = spawn('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')],
    { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });

  scope.after(() => child.kill('SIGTERM'));
  await until('nginx listens', () => request(`http://127.0.0.1:${port}/`));
  return { port, pid: child.pid, url: `http://127.0.0.1:${port}/hook` };
}

async function startOurs(subscription) {
  const service = await Service.start(scope, {
    subscription: { concurrency: 256, ...subscription },
    config: { log: { level: 'warn' }, limits: { queue: 10000000, disk: '20GiB' } },
    files: { 'functions/note.js': `
      async function onTrack(event, settings) {
        const answer = await fetch(settings.endpoint, {
          method: 'POST', headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ contact: event.userId, note: event.event, revenue: event.properties.revenue }),
        })
        if (!answer.ok) throw new RetryError('endpoint answered ' + answer.status)
      }` },
  });

  await service.createKey({ value: key });
  return { port: service.port, pid: service.child.pid, service };
}

async function load(port, duration = seconds) {
  const { stdout, stderr, code } = await run([String(port), '/webhook', String(connections), String(duration), '1024',
    authorization], { command: path.join(build, 'tests/bench/load'), timeout: (duration + 30) * 1000 });

  if (code !== 0) throw new Error(`load ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

// Loads a server and returns its row. @settled waits until the work behind is done, so
// that its CPU is counted and its time too.
async function measure(name, { port, pid }, settled) {
  await load(port, 1); // warm
  await settled?.();
  const cpu = cpuOf(pid);
  const started = Date.now();
  const result = await load(port);

  await settled?.();
  const took = settled ? (Date.now() - started) / 1000 : seconds;
  const row = { name, ...result, per_s: Math.round(result.ok / took), cpu_us: (cpuOf(pid) - cpu) / result.ok };

  console.error(`bench: ${name}: ${row.per_s}/s, ${row.cpu_us.toFixed(1)} µs`);
  return row;
}

function print(rows) {
  console.log(`\n1 KiB events, ${connections} connections, ${seconds} s each, one machine\n`);
  console.log('                                          accepted/s   CPU µs/event   p50 ms    p99 ms   not 2xx');
  for (const row of rows) {
    console.log(row.name.padEnd(40) + String(row.per_s).padStart(12) + row.cpu_us.toFixed(1).padStart(15) +
      (row.p50_us / 1000).toFixed(2).padStart(9) + (row.p99_us / 1000).toFixed(2).padStart(10) +
      String(row.client_errors + row.server_errors + row.broken).padStart(10));
  }
}

function goal(what, value, unit, met) {
  console.log(`${met ? 'met     ' : 'NOT MET '} ${what}: ${value.toFixed(1)}${unit}`);
}

async function main() {
  const nginx = await startNginx();
  const idle = await startOurs({ function: 'functions/note.js', settings: { endpoint: nginx.url } });

  await idle.service.deliver({ type: 'track', event: 'e', userId: 'u' }, { key });
  await pause(1500);
  const [service, ...runners] = familyOf(idle.pid).map(residentMiB);

  await idle.service.kill();

  const receiver = await startOurs({ endpoint: nginx.url });

  await receiver.service.deliver({ type: 'track', event: 'e', userId: 'u' }, { key });
  await receiver.service.run(['endpoint', 'pause', '127.0.0.1']);
  const rows = [];

  rows.push(await measure('partnerapp receives (durable)', receiver));
  await receiver.service.kill();
  const express = await startNode([]);

  rows.push(await measure('Express receives (not durable)', express));
  rows.push(await measure('nginx answers a constant', await startNginx()));
  const whole = await startOurs({ function: 'functions/note.js', settings: { endpoint: nginx.url } });
  const drained = () => until('everything is delivered', async () => {
    const { queued, running, retrying } = await whole.service.counters();

    return queued + running + retrying === 0;
  }, { timeout: 300000, every: 50 });

  rows.push(await measure('partnerapp end to end (durable)', whole, drained));
  const forwarding = await startNode([nginx.url]);

  rows.push(await measure('Express end to end (not durable)', forwarding));
  print(rows);

  const [ours, theirs, , oursWhole, theirsWhole] = rows;
  const ingest = theirs.cpu_us / ours.cpu_us;
  const endToEnd = theirsWhole.cpu_us / oursWhole.cpu_us;
  const runner = Math.max(0, ...runners);

  console.log('');
  goal(`accepted events per CPU second, goal ≥ ${goals.ingest} × Express`, ingest, ' ×', ingest >= goals.ingest);
  goal(`end to end per CPU second, goal ≥ ${goals.endToEnd} × Express`, endToEnd, ' ×', endToEnd >= goals.endToEnd);
  goal(`idle memory of the service, goal ≤ ${goals.serviceMiB} MiB`, service, ' MiB', service <= goals.serviceMiB);
  goal(`idle memory of a runner, goal ≤ ${goals.runnerMiB} MiB`, runner, ' MiB', runner <= goals.runnerMiB);
  fs.writeFileSync(path.join(build, 'bench.json'), `${JSON.stringify(
    { connections, seconds, rows, ratios: { ingest, end_to_end: endToEnd }, idle_mib: { service, runner }, goals }, null, 2)}\n`);
}

try {
  await main();
} finally {
  for (const cleanup of cleanups) await cleanup();
}
