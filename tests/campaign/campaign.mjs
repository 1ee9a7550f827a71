// SPDX-License-Identifier: MIT
// Runs campaigns, one by its name or all of them in proportion, and prints one table.
//
//   campaign.mjs NAME ROUNDS SEED [--whole] [--lanes N] [--log FILE]
//   campaign.mjs all ROUNDS SEED     ROUNDS kills, and of the others what belongs to that
//
// --whole: what can be counted (the system calls) is done to its end. --lanes: so many
// processes share the rounds. --log, or CAMPAIGN_LOG: a line of JSON for each campaign is added
// to that file; tests/campaign/total adds them up.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { table } from './lib/books.mjs';
import { enter } from './lib/runs.mjs';

// How many rounds of each belong to one hundred kills. A file of this name exports a function
// of this name: (t, {rounds, isWhole, part, seed, say}) → a row of the table, or {skipped: why}.
const perHundred = { kill: 100, calls: 40, power: 1000, sync: 20, disk: 2, clock: 4, dns: 2, flapping: 2, rolling: 2 };
const wholeFrom = 10000; // from as many rounds on, what can be counted is done to its end

const options = {
  whole: { type: 'boolean' },
  lanes: { type: 'string', default: '1' },
  part: { type: 'string', default: '0/1' }, // of the lanes: set by inLanes()
  log: { type: 'string', default: process.env.CAMPAIGN_LOG },
};

async function runOne(name, rounds, seed, { isWhole, part }) {
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  const began = Date.now();
  const say = (text) => console.log(`${name}: ${text}`);
  const seconds = () => Math.round((Date.now() - began) / 1000);

  try {
    const module = await import(`./${name}.mjs`);

    return { name, ...await module[name](t, { rounds, isWhole, part, seed, say }), seconds: seconds() };
  } catch (error) {
    return { name, rounds: 0, seconds: seconds(), problems: [error.stack] };
  } finally {
    for (const end of ends) await end();
    say(`${seconds()} s`);
  }
}

function exists(name) {
  return fs.existsSync(new URL(`./${name}.mjs`, import.meta.url));
}

// The same program again, each with a part of the rounds and a seed of its own.
async function inLanes(name, rounds, seed, { lanes, whole, log }) {
  const codes = await Promise.all(Array.from({ length: lanes }, (_, lane) => new Promise((resolve, reject) => {
    const share = Math.floor(rounds / lanes) + (lane < rounds % lanes ? 1 : 0);
    const args = [fileURLToPath(import.meta.url), name, String(share), String(seed + lane), '--part', `${lane}/${lanes}`,
      ...(whole ? ['--whole'] : []), ...(log ? ['--log', log] : [])];

    spawn(process.execPath, args, { stdio: 'inherit' }).on('error', reject).on('exit', (code) => resolve(code ?? 1));
  })));

  process.exitCode = Math.max(...codes);
}

async function main() {
  const { values, positionals: [what, roundsText, seedText = '1'] } = parseArgs({ options, allowPositionals: true });
  const [rounds, seed, lanes] = [roundsText, seedText, values.lanes].map(Number);
  const names = what === 'all' ? Object.keys(perHundred).filter(exists) : [what];
  const rows = [];

  if (lanes > 1 && what !== 'all') {
    await inLanes(what, rounds, seed, { ...values, lanes });
    return;
  }
  for (const name of names) {
    const share = what === 'all' ? Math.ceil((rounds * perHundred[name]) / 100) : rounds;
    const row = await runOne(name, share, seed, { isWhole: values.whole ?? rounds >= wholeFrom, part: values.part });

    rows.push(row);
    enter(values.log, seed, row);
  }
  console.log(`\n${table(rows.filter(({ skipped }) => !skipped))}`);
  for (const { name, skipped } of rows) if (skipped) console.log(`${name}: skipped, ${skipped}`);
  const problems = rows.flatMap(({ name, problems = [] }) => problems.map((problem) => `${name}: ${problem}`));

  for (const problem of problems.slice(0, 20)) console.log(`WRONG  ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await main();
process.exit();
