// SPDX-License-Identifier: MIT
// What browsers that look cost those who deliver: node console.mjs [SECONDS=10] [ROUNDS=3]
//
// Events come at 2,000/s, and then as fast as they are taken; in turns nobody looks, or ten
// readers have the console's stream. For each the deliveries a second and the processor time of
// the service for one of them, without what the readers and the load themselves use. Rounds
// alternate, and the median of each side counts, so that a machine that changes its pace changes
// both. Prints a table and a verdict for each goal, writes $BUILD/bench-console.json, and exits 1
// when one was missed.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { build, root, run } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { cpuMsOf } from './cpu.mjs';
import { goal, median, missed } from './goal.mjs';
import { startNginx } from './servers.mjs';

const seconds = Number(process.argv[2] ?? 10);
const rounds = Number(process.argv[3] ?? 3);
const offered = 2000; // events a second
const nReaders = 10;
const mostLost = 5; // per cent
const connections = 64;
const key = 'bench-key';
const fixed = `at ${offered}/s`;
const cleanups = [];
const scope = { after: (fn) => cleanups.unshift(fn) };

async function startService() {
  const service = await Service.start(scope, {
    subscription: { concurrency: 256, endpoint: (await startNginx(scope)).url },
    config: { log: { level: 'warn' }, limits: { queue: 10000000, disk: '50GiB' } },
  });

  await service.createKey({ value: key });
  return service;
}

// Ten pages that look, in a process of their own; on other machines in real life.
class Readers {
  static async start(service) {
    const readers = new Readers();

    readers.child = spawn('node', [path.join(root, 'tests/bench/readers.mjs'), service.admin, String(nReaders), service.token()],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    scope.after(() => readers.child.kill('SIGKILL'));
    readers.lines = readline.createInterface({ input: readers.child.stdout })[Symbol.asyncIterator]();
    await until('all readers look', async () => (await readers.since()).open === nReaders);
    return readers;
  }

  async since() {
    this.child.stdin.write('\n');
    return JSON.parse((await this.lines.next()).value);
  }

  async stop() {
    const ended = new Promise((resolve) => { this.child.once('exit', resolve); });

    this.child.stdin.end();
    await ended;
  }
}

async function load(service, extent) {
  const { stdout, stderr, code } = await run([String(service.port), '/webhook', String(connections), extent, '1024',
    `Authorization: Basic ${Buffer.from(`${key}:`).toString('base64')}`],
  { command: path.join(build, 'tests/bench/load'), timeout: (seconds + 60) * 1000 });

  if (code !== 0) throw new Error(`load ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

// The end of what was accepted; asked often, for it is part of the time that is measured.
function drained(service) {
  return until('everything is delivered', async () => {
    const { queued, running, retrying } = await service.counters();

    return queued + running + retrying === 0;
  }, { timeout: 300000, every: 20 });
}

async function measure(service, extent) {
  const { pid } = service.child;
  const before = { cpu: cpuMsOf(pid), at: performance.now(), delivered: (await service.counters()).delivered };
  const result = await load(service, extent);

  await drained(service);
  const took = (performance.now() - before.at) / 1000;
  const n = (await service.counters()).delivered - before.delivered;

  // Those whose answers the load did not wait for any more were accepted all the same.
  if (n < result.ok || n > result.ok + connections) throw new Error(`${n} of ${result.ok} accepted events were delivered`);
  return { per_s: n / took, cpu_us: ((cpuMsOf(pid) - before.cpu) * 1000) / n, p99_ms: result.p99_us / 1000 };
}

async function measureWatched(service, extent) {
  const readers = await Readers.start(service);

  try {
    await readers.since();
    const row = await measure(service, extent);

    return { ...row, ...await readers.since() };
  } finally {
    await readers.stop();
  }
}

// {alone, watched}: the medians of @rounds rounds of both.
async function compare(service, name, extent) {
  const rows = { alone: [], watched: [] };

  for (let round = 0; round < rounds; round++) {
    rows.alone.push(await measure(service, extent));
    rows.watched.push(await measureWatched(service, extent));
    console.error(`bench: ${name}, round ${round + 1}: ${rows.alone.at(-1).per_s.toFixed(0)}/s, watched ${rows.watched.at(-1).per_s.toFixed(0)}/s`);
  }
  const middle = (list) => Object.fromEntries(Object.keys(list[0]).map((member) => [member, median(list.map((row) => row[member]))]));

  return { name, alone: middle(rows.alone), watched: middle(rows.watched), rows };
}

function print(results) {
  console.log(`\n1 KiB events over ${connections} connections, ${seconds} s a round, the median of ${rounds} rounds`);
  console.log('                                     delivered/s   CPU µs/event   p99 ms   rows   KiB a reader');
  for (const { name, alone, watched } of results)
    for (const [who, row] of [['nobody looks', alone], [`${nReaders} readers`, watched]])
      console.log(`${`${name}, ${who}`.padEnd(34)}${row.per_s.toFixed(0).padStart(14)}${row.cpu_us.toFixed(1).padStart(15)}` +
        `${row.p99_ms.toFixed(2).padStart(9)}${String(row.rows ?? '').padStart(7)}` +
        `${row.bytes === undefined ? '' : (row.bytes / 1024 / nReaders).toFixed(0).padStart(15)}`);
  console.log('');
}

const percent = (now, before) => (now / before - 1) * 100;

async function main() {
  const service = await startService();
  const results = [];

  await load(service, '1');
  await drained(service);
  results.push(await compare(service, fixed, `${seconds}@${offered}`));
  results.push(await compare(service, 'at the ceiling', String(seconds)));
  print(results);
  for (const { name, alone, watched } of results) {
    const lost = -percent(watched.per_s, alone.per_s);

    if (name === fixed) goal(`the machine takes what is offered when nobody looks, goal ≥ ${0.95 * offered}/s`, alone.per_s, '/s', alone.per_s >= 0.95 * offered);
    goal(`deliveries a second ${name} fall with ${nReaders} readers by, goal < ${mostLost} %`, lost, ' %', lost < mostLost);
    goal(`every reader stays on its stream ${name}, goal ${nReaders} of ${nReaders}`, watched.open, '', watched.open === nReaders);
    console.log(`         processor time for an event ${name}: ${percent(watched.cpu_us, alone.cpu_us).toFixed(1)} % more`);
  }
  fs.writeFileSync(path.join(build, 'bench-console.json'), `${JSON.stringify({ seconds, rounds, offered, readers: nReaders, results }, null, 2)}\n`);
}

try {
  await main();
} finally {
  for (const cleanup of cleanups) await cleanup();
}
process.exitCode = missed() > 0 ? 1 : 0;
