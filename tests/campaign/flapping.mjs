// SPDX-License-Identifier: MIT
// An endpoint that goes up and down with a period of a tenth of a second to two seconds,
// drips, hangs, breaks connections and says 429. The other does not notice; in the end
// everything arrives.

import { setTimeout as pause } from 'node:timers/promises';

import { generator } from './lib/chance.mjs';
import { Torment } from './lib/torment.mjs';

const troubles = {
  down: () => 503,
  slow: () => ({ status: 200, delay: 700 }),
  late: () => ({ status: 200, delay: 1500 }), // after the time limit
  hanging: () => 'hang',
  crowded: () => ({ status: 429, headers: { 'Retry-After': '1' } }),
};

export async function flapping(t, { rounds, seed, say }) {
  const random = generator(seed);
  const torment = await Torment.begin(t, { prefix: 'flapping' });

  for (let round = 0; round < rounds; round++) {
    const names = Object.keys(troubles);
    const name = names[Math.floor(random() * names.length)];
    const period = 100 * 20 ** random();

    torment.setMood(() => (Math.floor(Date.now() / period) % 2 === 0 ? 200 : troubles[name]()));
    await pause(3000);
    await torment.expectHealthy(`${name} every ${period.toFixed(0)} ms`);
    say(`${name} every ${period.toFixed(0)} ms: ${torment.loads.map((load) => load.delivered.size).join(' and ')} delivered`);
  }
  return torment.end(rounds);
}
