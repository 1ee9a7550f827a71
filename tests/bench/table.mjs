// SPDX-License-Identifier: MIT
// See ./table.

import { columns, read } from './report.mjs';

const titles = {
  w1: 'W1, durable ingest', w2: 'W2, signed batches of 100', w3: 'W3, five functions', w4: 'W4, end to end, closed, 64 connections',
  w5: 'W5, one of 50 hangs, one fails', w6: 'W6, a start with a full queue', w9: 'W9, idle', floor: 'The floor',
};
const line = (cells) => `| ${cells.join(' | ')} |`;

// Columns that are empty for all of them are left out.
function table(rows) {
  const shown = columns.filter(([, text]) => rows.some((row) => text(row) !== ''));

  console.log(line(['', ...shown.map(([name]) => name)]));
  console.log(line(['---', ...shown.map(() => '---:')]));
  for (const row of rows) console.log(line([row.name, ...shown.map(([, text]) => text(row))]));
  console.log('');
}

function climb({ name, ceiling, half, rows }) {
  console.log(`${name}: ceiling ${ceiling}/s, p99 at half of it ${(half.latency.p99_us / 1000).toFixed(1)} ms\n`);
  table(rows);
}

function threads(rows) {
  console.log('CPU µs of an event by thread:\n');
  for (const { name, threads: list } of rows)
    if (list) console.log(`- ${name}: ${Object.entries(list).map(([thread, us]) => `${thread} ${us.toFixed(1)}`).join(', ')}`);
  console.log('');
}

function starts(list) {
  console.log(line(['start', 'accepts after ms', 'first delivery after ms', 'RSS MiB', 'at most MiB']));
  console.log(line(['---', '---:', '---:', '---:', '---:']));
  for (const [i, one] of list.entries())
    console.log(line([i + 1, ...[one.acceptingMs, one.firstMs, one.residentMiB, one.peakMiB].map((value) => value.toFixed(0))]));
  console.log('');
}

function wakeUps(list) {
  console.log(line(['thread', 'wake-ups a second']));
  console.log(line(['---', '---:']));
  for (const { name, perSecond } of list) console.log(line([name, perSecond.toFixed(2)]));
  console.log('');
}

function alone(list) {
  console.log('The handler alone, from text to text, CPU µs:\n');
  console.log(line(['', 'isolated-vm', 'Node']));
  console.log(line(['---', '---:', '---:']));
  for (const { name, isolated_vm_us: isolated, node_us: node } of list)
    console.log(line([name, isolated?.toFixed(1) ?? 'not built', node.toFixed(1)]));
  console.log('');
}

const { machine, workloads } = read();

if (!machine) {
  console.error('table: there is no bench.json in the build folder: tests/bench/run');
  process.exit(1);
}
console.log(`${machine.model}, ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.kernel}, Node ${machine.node}, commit ${machine.commit}.\n`);
for (const [name, part] of Object.entries(workloads).sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`### ${titles[name] ?? name}\n`);
  if (part.rows) table(part.rows);
  if (part.starts) starts(part.starts);
  if (part.wake_ups) wakeUps(part.wake_ups);
  if (part.alone) alone(part.alone);
  for (const one of Object.values(part.climbs ?? {})) climb(one);
  if (['w1', 'w4'].includes(name)) threads(part.rows.slice(0, 2));
  for (const { what, value, unit, met } of part.goals ?? []) console.log(`- ${met ? 'met' : '**not met**'}: ${what}: ${value.toFixed(value < 10 ? 2 : 1)}${unit}`);
  console.log('');
}
