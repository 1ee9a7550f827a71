// SPDX-License-Identifier: MIT
// See tests/campaign/sandbox.

import { Arena } from '../sandbox/arena.mjs';
import { judge, judgeRates, playAll, quietRate, rateDuring, ratesText, serviceMemory } from '../sandbox/campaign.mjs';
import { denial } from '../sandbox/scripts/denial.mjs';
import { escape } from '../sandbox/scripts/escape.mjs';
import { memory } from '../sandbox/scripts/memory.mjs';
import { natives } from '../sandbox/scripts/natives.mjs';

const rounds = Number(process.argv[2]);
const scripts = [...denial, ...natives, ...memory, ...escape];
const nPlayed = scripts.length + natives.length; // these against both
let nFaults = 0;

async function campaign(t, jit) {
  const arena = await Arena.open(t, scripts, { jit });
  const before = serviceMemory(arena);
  const quiet = await quietRate([arena]);
  const busy = await rateDuring([arena], async () => {
    for (let round = 1; round <= rounds; round++) {
      const faults = [
        ...await playAll(arena, [...denial, ...natives], 'clock'),
        ...await playAll(arena, [...memory, ...natives], 'scales'),
        ...await playAll(arena, escape, 'clock', { isolated: true }),
      ];

      nFaults += faults.length;
      console.log(`JIT ${jit ? 'on ' : 'off'} round ${round}: ${nPlayed - faults.length}/${nPlayed} contained`);
      for (const fault of faults) console.log(`  ${fault}`);
    }
  });
  const { faults: late, peak, grown } = await judge(arena, before);
  const faults = [...judgeRates(quiet, busy), ...late];

  nFaults += faults.length;
  console.log(`JIT ${jit ? 'on ' : 'off'}: bystander ${ratesText(quiet, busy)}, ` +
    `largest runner ${peak.toFixed(0)} MiB, the service grew by ${grown.toFixed(0)} MiB`);
  for (const fault of faults) console.log(`  ${fault}`);
  for (const what of arena.repeated) console.log(`  played again: ${what}`);
}

for (const jit of [false, true]) {
  const endings = [];

  try {
    await campaign({ after: (end) => endings.push(end) }, jit);
  } finally {
    for (const end of endings.reverse()) await end();
  }
}
console.log(`${2 * rounds * nPlayed - nFaults}/${2 * rounds * nPlayed} contained`);
process.exitCode = nFaults > 0 ? 1 : 0;
