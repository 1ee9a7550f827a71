// SPDX-License-Identifier: MIT
// Runs campaigns, one by its name or all of them in proportion, and prints one table.
//
//   campaign.mjs NAME ROUNDS SEED
//   campaign.mjs all ROUNDS SEED     ROUNDS kills, and of the others what belongs to that

import fs from 'node:fs';

import { table } from './lib/books.mjs';

// How many rounds of each belong to one hundred kills. A file of this name exports a function
// of this name: (t, {rounds, isWhole, seed, say}) → a row of the table, or {skipped: why}.
const perHundred = { kill: 100, calls: 40, power: 1000, sync: 20, disk: 2, clock: 4, dns: 2, flapping: 2, rolling: 2 };
const wholeFrom = 10000; // from as many rounds on, what can be counted is done to its end

async function runOne(name, rounds, seed, isWhole) {
  const ends = [];
  const t = { after: (end) => ends.push(end) };
  const began = Date.now();
  const say = (text) => console.log(`${name}: ${text}`);

  try {
    const module = await import(`./${name}.mjs`);

    return { name, ...await module[name](t, { rounds, isWhole, seed, say }) };
  } catch (error) {
    return { name, rounds, problems: [error.stack] };
  } finally {
    for (const end of ends) await end();
    say(`${((Date.now() - began) / 1000).toFixed(0)} s`);
  }
}

function exists(name) {
  return fs.existsSync(new URL(`./${name}.mjs`, import.meta.url));
}

async function main([what, roundsText, seedText]) {
  const rounds = Number(roundsText);
  const names = what === 'all' ? Object.keys(perHundred).filter(exists) : [what];
  const rows = [];

  for (const name of names) {
    const share = what === 'all' ? Math.ceil((rounds * perHundred[name]) / 100) : rounds;

    rows.push(await runOne(name, share, Number(seedText), rounds >= wholeFrom));
  }
  console.log(`\n${table(rows.filter(({ skipped }) => !skipped))}`);
  for (const { name, skipped } of rows) if (skipped) console.log(`${name}: skipped, ${skipped}`);
  const problems = rows.flatMap(({ name, problems = [] }) => problems.map((problem) => `${name}: ${problem}`));

  for (const problem of problems.slice(0, 20)) console.log(`WRONG  ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

await main(process.argv.slice(2));
