// SPDX-License-Identifier: MIT
// Runs the end-to-end tests, a few files at once, and counts:
//   node tests/e2e/run.mjs COUNTS-FILE [WORD…]      only files whose name has a WORD
//
// A lane is a process of its own that runs one file after the other (lane.mjs) and has ports of
// its own. The longest files begin (lanes.mjs), so that no lane ends long after the other; files
// that need the machine for themselves come last, in one lane. LANES=1 runs all that way. Files
// often wait, so three lanes keep two cores busy; where a sanitizer or the measuring of coverage
// slows the program down, two do.
//
// What a file says stays in one piece, and failures are told again at the end. A lane that ends
// by itself counts as one failure of its file.
//
// With AGAIN=1 a file that failed runs once more, by itself, when all others have ended, and the
// second time counts: a machine that does other things at the same time can be too slow for a test
// about time. What passed only then is named at the end, so that nobody overlooks it.

import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { alone, seconds } from './lanes.mjs';
import { isSanitized, measuresCoverage } from './lib/program.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const [countsFile, ...words] = process.argv.slice(2);
const nLanes = Number(process.env.LANES ?? (isSanitized || measuresCoverage ? 2 : 3));
const all = fs.readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort();
const files = all.filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
const isAlone = (file) => alone.includes(file);
const expected = (file) => seconds[file] ?? 4;
const results = new Map(); // file → {passed, failed, skipped, failures: [{name, text}], seconds}

for (const name of [...alone, ...Object.keys(seconds)])
  if (!all.includes(name)) throw new Error(`lanes.mjs names ${name}, which is not there`);

class Lane {
  constructor(number, isLive) {
    Object.assign(this, { number, isLive });
  }

  // Resolves to the file's counts, whatever becomes of the process.
  run(file) {
    const began = Date.now();
    const lines = [];
    const say = (line) => (this.isLive ? console.log(line) : lines.push(line));
    const child = this.#process();

    return new Promise((resolve) => {
      const end = (counts) => {
        child.removeAllListeners();
        const result = { ...counts, seconds: (Date.now() - began) / 1000 };

        say(`file  ${file} (${result.seconds.toFixed(1)} s)`);
        if (lines.length > 0) console.log(lines.join('\n'));
        resolve(result);
      };

      child.on('message', ({ line, counts }) => (counts ? end(counts) : say(line)));
      child.on('exit', (code, signal) => {
        const text = `the lane of ${file} ended with ${signal ?? code}`;

        this.child = undefined;
        say(`FAIL  ${text}`);
        end({ passed: 0, failed: 1, skipped: 0, failures: [{ name: text, text: '' }] });
      });
      child.send({ file: path.join(here, file) });
    });
  }

  #process() {
    this.child ??= fork(path.join(here, 'lane.mjs'), { env: { ...process.env, TEST_LANE: String(this.number) } });
    return this.child;
  }

  close() {
    this.child?.disconnect();
  }
}

async function runAll(queue, lanes) {
  await Promise.all(lanes.map(async (lane) => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) results.set(file, await lane.run(file));
    lane.close();
  }));
}

async function runAgain() {
  const shaky = [];

  for (const [file, first] of [...results].filter(([, { failed }]) => failed > 0)) {
    console.log(`again ${file}`);
    await runAll([file], [new Lane(0, true)]);
    if (results.get(file).failed === 0) shaky.push(`${file}: ${first.failures.map(({ name }) => name).join('; ')}`);
  }
  return shaky;
}

const together = nLanes > 1 ? files.filter((file) => !isAlone(file)).sort((a, b) => expected(b) - expected(a)) : [];
const lanes = Array.from({ length: Math.min(nLanes, together.length) }, (_, i) => new Lane(i, together.length === 1));

await runAll(together, lanes);
await runAll(files.filter((file) => !results.has(file)), [new Lane(0, true)]);
const shaky = process.env.AGAIN === '1' ? await runAgain() : [];
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const one of results.values()) for (const key of Object.keys(sum)) sum[key] += one[key];
fs.writeFileSync(countsFile, `${sum.passed} ${sum.failed} ${sum.skipped}\n`);
fs.writeFileSync(`${countsFile.replace(/\.counts$/, '')}.seconds.json`,
  `${JSON.stringify(Object.fromEntries([...results].map(([file, one]) => [file, one.seconds])), null, 1)}\n`);
for (const [file, { failures }] of results)
  for (const { name, text } of failures) console.log(`failed  ${file}: ${name}\n${text}`);
for (const one of shaky) console.log(`passed only the second time: ${one}`);
console.log(`end to end: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;
