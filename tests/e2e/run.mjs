// SPDX-License-Identifier: MIT
// Runs the end-to-end tests, one file after the other, and counts:
//   node tests/e2e/run.mjs COUNTS-FILE [WORD…]      only files whose name has a WORD

import fs from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [countsFile, ...words] = process.argv.slice(2);
const files = fs.readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort()
  .map((name) => path.join(here, name));
const counts = { passed: 0, failed: 0, skipped: 0 };

// Newer versions of Node report a file only when it fails outside of its tests; older ones
// report each as a test around the others.
const isFile = (name) => name.endsWith('.test.mjs');

function took(details) {
  return `${Math.round(details.duration_ms)} ms`;
}

function passed({ name, skip, details }) {
  if (isFile(name)) return;
  if (skip !== undefined) {
    counts.skipped++;
    console.log(`skip  ${name}  # ${skip === true ? 'no reason given' : skip}`);
    return;
  }
  counts.passed++;
  console.log(`ok    ${name} (${took(details)})`);
}

function failed({ name, details }) {
  const error = details.error?.cause ?? details.error;

  if (isFile(name) && details.error?.failureType === 'subtestsFailed') return;
  counts.failed++;
  console.log(`FAIL  ${isFile(name) ? path.basename(name) : name} (${took(details)})`);
  console.log(String(error?.stack ?? error).replace(/^/gm, '      '));
}

const stream = run({ files, concurrency: 1, timeout: 600000 });

// What a test says of itself; the sums at the end are counted here.
function noted({ message }) {
  if (!/^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(message)) console.log(`note  ${message}`);
}

stream.on('test:diagnostic', noted);
stream.on('test:pass', passed);
stream.on('test:fail', failed);
stream.on('end', () => {
  fs.writeFileSync(countsFile, `${counts.passed} ${counts.failed} ${counts.skipped}\n`);
  console.log(`end to end: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
});
stream.resume();
