// SPDX-License-Identifier: MIT
// One lane of end-to-end files: run.mjs sends {file}, gets {line} as they come and {counts} at
// the end of the file, and says that all is done by hanging up.

import path from 'node:path';
import { run } from 'node:test';

let counts; // of the file that runs

// Newer versions of Node report a file only when it fails outside of its tests; older ones
// report each as a test around the others.
const isFile = (name) => name.endsWith('.test.mjs');

function say(line) {
  process.send({ line });
}

function took(details) {
  return `${Math.round(details.duration_ms)} ms`;
}

function passed({ name, skip, details }) {
  if (isFile(name)) return;
  if (skip !== undefined) {
    counts.skipped++;
    say(`skip  ${name}  # ${skip === true ? 'no reason given' : skip}`);
    return;
  }
  counts.passed++;
  say(`ok    ${name} (${took(details)})`);
}

function failed({ name, details }) {
  const error = details.error?.cause ?? details.error;
  const title = isFile(name) ? path.basename(name) : name;
  const text = String(error?.stack ?? error).replace(/^/gm, '      ');

  if (isFile(name) && details.error?.failureType === 'subtestsFailed') return;
  counts.failed++;
  counts.failures.push({ name: title, text });
  say(`FAIL  ${title} (${took(details)})`);
  say(text);
}

// What a test says of itself; the sums at the end are counted here.
function noted({ message }) {
  if (!/^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(message)) say(`note  ${message}`);
}

function runFile(file) {
  const stream = run({ files: [file], concurrency: 1, timeout: 600000 });

  counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  stream.on('test:diagnostic', noted);
  stream.on('test:pass', passed);
  stream.on('test:fail', failed);
  stream.resume();
  stream.on('end', () => process.send({ counts }));
}

process.on('message', ({ file }) => runFile(file));
process.on('disconnect', () => process.exit());
