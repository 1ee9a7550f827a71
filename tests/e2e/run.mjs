// SPDX-License-Identifier: MIT
// Runs the end-to-end tests, one file after the other, and counts:
//   node tests/e2e/run.mjs COUNTS-FILE [WORD…]      only files whose name has a WORD
//
// With AGAIN=1 a file that failed runs once more, by itself, when all others have ended, and the
// second time counts: a machine that does other things at the same time can be too slow for a test
// about time. What passed only then is named at the end, so that nobody overlooks it.

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
const nothing = () => ({ passed: 0, failed: 0, skipped: 0, failures: [] });
let counts = nothing(); // of the file that runs

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
  counts.failures.push(name);
  console.log(`FAIL  ${isFile(name) ? path.basename(name) : name} (${took(details)})`);
  console.log(String(error?.stack ?? error).replace(/^/gm, '      '));
}

// What a test says of itself; the sums at the end are counted here.
function noted({ message }) {
  if (!/^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(message)) console.log(`note  ${message}`);
}

function runFile(file) {
  const stream = run({ files: [file], concurrency: 1, timeout: 600000 });

  counts = nothing();
  stream.on('test:diagnostic', noted);
  stream.on('test:pass', passed);
  stream.on('test:fail', failed);
  stream.resume();
  return new Promise((resolve) => stream.on('end', () => resolve(counts)));
}

const results = new Map();
const shaky = [];

for (const file of files) results.set(file, await runFile(file));
for (const [file, first] of process.env.AGAIN === '1' ? results : []) {
  if (first.failed === 0) continue;
  console.log(`again ${path.basename(file)}`);
  results.set(file, await runFile(file));
  if (counts.failed === 0) shaky.push(`${path.basename(file)}: ${first.failures.join('; ')}`);
}
const sum = [...results.values()].reduce((all, one) => ({
  passed: all.passed + one.passed, failed: all.failed + one.failed, skipped: all.skipped + one.skipped,
}));

fs.writeFileSync(countsFile, `${sum.passed} ${sum.failed} ${sum.skipped}\n`);
for (const one of shaky) console.log(`passed only the second time: ${one}`);
console.log(`end to end: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;
