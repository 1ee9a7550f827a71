// SPDX-License-Identifier: MIT
// Searches in a store of a million events: node search.mjs [EVENTS=1000000]
//
// tests/bench/search fills the store and asks; this prints a table and writes
// $BUILD/bench-search.json. With SEARCH_CLOCK=cpu times are of the processor, for machines
// that have something else to do.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const build = process.env.BUILD ?? path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../build');
const events = Number(process.argv[2] ?? 1000000);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'partnerapp-search-'));
const limits = { page: 200 }; // ms, of the first page of any search

try {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'tests/bench/search'),
    [path.join(folder, 'store.db'), String(events), process.env.SEARCH_CLOCK ?? 'wall'], { encoding: 'utf8', maxBuffer: 1 << 26 });

  process.stderr.write(stderr);
  if (status !== 0) process.exit(1);
  const rows = stdout.trim().split('\n').map((line) => JSON.parse(line));

  console.log(`\nThe first 25 rows and the total, ${events} events stored; calls until there is a row or the end`);
  console.log(`${'query'.padEnd(56)} median ms  longest  rows  total  looked at  calls`);
  for (const row of rows)
    console.log([row.q.padEnd(56), row.median_ms.toFixed(1).padStart(9), row.longest_ms.toFixed(1).padStart(8),
      String(row.rows).padStart(5), (row.total < 0 ? '–' : String(row.total)).padStart(6),
      String(row.looked_at).padStart(10), String(row.calls_to_the_end).padStart(6)].join(' '));
  const slowest = rows.reduce((a, b) => (a.median_ms > b.median_ms ? a : b));

  console.log(`slowest: ${slowest.median_ms} ms (${slowest.q}), the limit is ${limits.page} ms`);
  fs.writeFileSync(path.join(build, 'bench-search.json'), `${JSON.stringify({ events, rows }, null, 2)}\n`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
