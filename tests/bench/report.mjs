// SPDX-License-Identifier: MIT
// build/bench.json, of which each workload writes its part, and the table of rows.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { build, root } from '../e2e/lib/program.mjs';
import { goals, missed } from './goal.mjs';
import { isDry } from './loads.mjs';

export const file = path.join(build, isDry ? 'bench-dry.json' : 'bench.json');

function machine() {
  const commit = spawnSync('git', ['-C', root, 'describe', '--always', '--dirty'], { encoding: 'utf8' });

  return { model: os.cpus()[0]?.model ?? 'unknown', cores: os.cpus().length, memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`, node: process.version, commit: commit.stdout?.trim() || null };
}

// What an older version has left there is begun anew.
export function read() {
  try {
    const whole = JSON.parse(fs.readFileSync(file, 'utf8'));

    return whole.workloads ? whole : { workloads: {} };
  } catch {
    return { workloads: {} };
  }
}

// The part of one workload, in the place of an older one.
export function report(name, part) {
  const whole = read();

  whole.machine = machine();
  whole.workloads[name] = { at: new Date().toISOString(), load: os.loadavg()[0], ...part, goals: goals() };
  fs.writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  if (isDry) console.log('dry: nothing was loaded, the figures and verdicts above mean nothing');
  process.exitCode = missed() > 0 && !isDry ? 1 : 0;
}

const ms = (us) => (us === undefined ? '' : (us / 1000).toFixed(us < 10000 ? 2 : 1));
const round = (value) => (value === undefined ? '' : value.toFixed(0));

export const columns = [
  ['events/s', ({ per_s: perS }) => round(perS)],
  ['p50 ms', ({ latency }) => ms(latency?.p50_us)],
  ['p95', ({ latency }) => ms(latency?.p95_us)],
  ['p99', ({ latency }) => ms(latency?.p99_us)],
  ['p99.9', ({ latency }) => ms(latency?.p999_us)],
  ['CPU µs', ({ cpu_us: cpu }) => cpu?.toFixed(1) ?? ''],
  ['syncs', ({ syncs }) => syncs?.toFixed(4) ?? ''],
  ['bytes', ({ written }) => round(written)],
  ['RSS MiB', ({ rss_mib: rss }) => round(rss)],
  ['not 2xx', ({ not_2xx: not }) => round(not)],
  ['lost', ({ undelivered }) => round(undelivered)],
  ['twice', ({ duplicates }) => round(duplicates)],
];

// For people who look at a terminal; ./table is for documents.
export function print(title, rows) {
  console.log(`\n${title}\n${''.padEnd(46)}${columns.map(([name]) => name.padStart(9)).join('')}`);
  for (const row of rows) console.log(row.name.padEnd(46) + columns.map(([, text]) => text(row).padStart(9)).join(''));
  console.log('');
}
