// SPDX-License-Identifier: MIT
// See tests/campaign/power: the simulation in C, as a row of the table.

import path from 'node:path';

import { build, run } from '../e2e/lib/program.mjs';

function figure(text, name) {
  return [...text.matchAll(new RegExp(`([0-9]+) ${name}`, 'g'))].reduce((sum, [, n]) => sum + Number(n), 0);
}

export async function power(t, { rounds, seed, say }) {
  const { code, stdout, stderr } = await run([String(rounds), String(seed)],
    { command: path.join(build, 'tests/campaign/store/power'), timeout: 24 * 3600 * 1000 });
  // The controls lose on purpose.
  const ours = stdout.split(/^normal/m)[0];

  for (const line of stdout.trimEnd().split('\n')) say(line);
  return {
    rounds: figure(ours, 'cuts'), acknowledged: figure(ours, 'events'), lost: figure(ours, 'lost'),
    problems: code === 0 ? [] : [`power ${rounds} ${seed} ended with ${code}: ${stderr}`],
  };
}
