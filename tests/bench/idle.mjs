// SPDX-License-Identifier: MIT
// W9, a service that nobody calls: node idle.mjs [SECONDS=60]
//
// Delivers some events by a function, waits until they are indexed and the log is in the file,
// and then only looks: how often each thread wakes up, what is written to the disk, how much
// memory it holds, of the service and of its runners. Who must look at the clock may do that
// once a second; nobody may wake up more often, and nothing may be written.

import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { Service } from '../e2e/lib/service.mjs';
import { familyOf, residentMiB } from './cpu.mjs';
import { goal } from './goal.mjs';
import { report } from './report.mjs';

const seconds = Number(process.argv[2] ?? 60);
const settleMs = 8000; // the log is emptied and the sizes are measured a second after the last event
const perSecondMax = 1.1; // a tick of 1 s, and what falls on both ends of the time looked at
const cleanups = [];

const note = `
async function onTrack(event, settings) {
  const answer = await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify(event) })
  if (!answer.ok) throw new RetryError(String(answer.status))
}`;

const wakeUps = (folder) => Number(/\nvoluntary_ctxt_switches:\s+(\d+)/.exec(fs.readFileSync(`${folder}/status`, 'utf8'))[1]);
const written = (pid) => Number(/\nwrite_bytes: (\d+)/.exec(fs.readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);

// Of every thread of the service and of its runners; those of one name together are "name ×n".
function threads(pid) {
  const all = new Map();

  for (const member of familyOf(pid)) {
    for (const id of fs.readdirSync(`/proc/${member}/task`)) {
      const folder = `/proc/${member}/task/${id}`;
      const name = `${member === pid ? '' : 'runner: '}${fs.readFileSync(`${folder}/comm`, 'utf8').trim()}`;

      all.set(id, { name, n: wakeUps(folder) });
    }
  }
  return all;
}

const scope = { after: (fn) => cleanups.push(fn) };
const service = await Service.prepare(scope, { files: { 'functions/note.js': note } });

service.configure({}, { function: 'functions/note.js', auth: 'none', settings: { endpoint: service.quietEndpoint } });
await service.up();
try {
  for (let i = 0; i < 20; i++) await service.deliver({ type: 'track', event: 'Idle', userId: `user-${i}` });
  await pause(settleMs);
  const pid = service.child.pid;
  const before = threads(pid);
  const bytes = familyOf(pid).map((member) => [member, written(member)]);
  const began = performance.now();

  await pause(seconds * 1000);
  const tookS = (performance.now() - began) / 1000;
  const rows = [...threads(pid)].map(([id, { name, n }]) => ({ name, perSecond: (n - (before.get(id)?.n ?? 0)) / tookS }));
  const nWritten = bytes.reduce((sum, [member, n]) => sum + written(member) - n, 0);
  const resident = familyOf(pid).map((member) => residentMiB(member));

  for (const row of rows.sort((a, b) => b.perSecond - a.perSecond))
    if (row.perSecond > 0) console.log(`  ${row.name.padEnd(28)} ${row.perSecond.toFixed(2)} wake-ups a second`);
  console.log(`  ${rows.length} threads; resident ${resident.map((one) => one.toFixed(0)).join(' + ')} MiB`);
  goal(`W9 wake-ups a second of the thread that wakes up most, goal ≤ ${perSecondMax}`, rows[0].perSecond, '', rows[0].perSecond <= perSecondMax);
  goal('W9 written to the disk while idle, goal 0', nWritten, ' B', nWritten === 0);
  report('w9', { seconds: tookS, wake_ups: rows.filter(({ perSecond }) => perSecond > 0), written: nWritten, resident_mib: resident });
} finally {
  await service.kill();
  for (const cleanup of cleanups) await cleanup();
}
process.exit();
