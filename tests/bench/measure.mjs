// SPDX-License-Identifier: MIT
// What a piece of work costs a server: processor time, memory, bytes and syncs of its disk.
//
// All of a process and its children (the runners are the service's). Processor time is user +
// system, from the scheduler's own count of each thread (/proc/PID/task/*/schedstat), and goes on
// until the server is idle again: an index that is built behind the answer belongs to the event.
// Bytes are what was sent to the disk (write_bytes of /proc/PID/io). Syncs are counted by syncs.c,
// which is loaded before libc's own fsync and fdatasync.

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { build } from '../e2e/lib/program.mjs';
import { familyOf } from './cpu.mjs';

const looksEvery = 250; // ms
const isIdleBelow = 0.01; // of one processor
const longestWait = 60000; // ms

// Of each process as far as it is still there.
function gather(pid, look) {
  return familyOf(pid).flatMap((one) => {
    try {
      return look(one);
    } catch {
      return [];
    }
  });
}

function threadsOf(pid, isChild) {
  return fs.readdirSync(`/proc/${pid}/task`).map((thread) => {
    const folder = `/proc/${pid}/task/${thread}`;

    return { id: thread, name: isChild ? 'runner' : fs.readFileSync(`${folder}/comm`, 'utf8').trim(),
      us: Number(fs.readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1000 };
  });
}

const field = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)[1]);
const writtenBy = (pid) => field(fs.readFileSync(`/proc/${pid}/io`, 'utf8'), 'write_bytes');
const residentKiB = (pid) => field(fs.readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS');
const sum = (list) => list.reduce((total, one) => total + one, 0);

export const familyMiB = (pid) => sum(gather(pid, residentKiB)) / 1024;

// The environment of a server whose syncs are to be counted, and the file with the count.
export function countsSyncs(folder) {
  const file = path.join(folder, 'syncs');

  fs.writeFileSync(file, Buffer.alloc(8));
  return { file, env: { LD_PRELOAD: path.join(build, 'tests/bench/libsyncs.so'), BENCH_SYNCS: file } };
}

function snapshot({ pid, syncs }) {
  return {
    threads: gather(pid, (one) => threadsOf(one, one !== pid)),
    written: sum(gather(pid, writtenBy)),
    syncs: syncs ? Number(fs.readFileSync(syncs).readBigUInt64LE()) : 0,
  };
}

function usedBetween(before, after) {
  const had = new Map(before.threads.map(({ id, us }) => [id, us]));
  const byName = {};

  for (const { id, name, us } of after.threads) byName[name] = (byName[name] ?? 0) + us - (had.get(id) ?? 0);
  return byName;
}

export async function idle(server) {
  const end = Date.now() + longestWait;
  let nQuiet = 0;
  let last = snapshot(server);

  while (nQuiet < 3 && Date.now() < end) {
    await pause(looksEvery);
    const now = snapshot(server);

    nQuiet = sum(Object.values(usedBetween(last, now))) < isIdleBelow * looksEvery * 1000 ? nQuiet + 1 : 0;
    last = now;
  }
}

// @work loads the server and returns {n: events, …}; the row is that and what an event cost.
export async function measure(name, server, work) {
  await idle(server);
  const before = snapshot(server);
  const result = await work();
  const loaded = snapshot(server);
  const residentMiB = familyMiB(server.pid);

  await idle(server);
  const after = snapshot(server);
  const perEvent = (list) => sum(Object.values(list)) / result.n;
  const threads = Object.fromEntries(Object.entries(usedBetween(before, after))
    .map(([thread, us]) => [thread, us / result.n]).filter(([, us]) => us >= 0.05).sort(([, a], [, b]) => b - a));
  const row = { name, ...result, cpu_us: perEvent(usedBetween(before, after)), cpu_loaded_us: perEvent(usedBetween(before, loaded)),
    threads, rss_mib: residentMiB, syncs: (after.syncs - before.syncs) / result.n, written: (after.written - before.written) / result.n };

  console.error(`bench: ${name}: ${Math.round(row.per_s)}/s, ${row.cpu_us.toFixed(1)} µs an event`);
  return row;
}
