// SPDX-License-Identifier: MIT
// A destination whose name resolves, does not, not now, or only after seconds. The other
// destination does not notice; when the name is back, everything arrives.

import { setTimeout as pause } from 'node:timers/promises';

import { generator } from './lib/chance.mjs';
import { Elsewhere, names } from './lib/elsewhere.mjs';
import { Torment } from './lib/torment.mjs';

export async function dns(t, { rounds, seed, say }) {
  const elsewhere = await Elsewhere.make(t);

  if (elsewhere === null) return { skipped: 'no compiler for what has to be preloaded' };
  const random = generator(seed);
  const torment = await Torment.begin(t, { host: 'flaky.test', env: elsewhere.env, prefix: 'dns' });
  const troubles = Object.keys(names);

  for (let round = 0; round < rounds; round++) {
    for (let phase = 0; phase < 6; phase++) {
      const how = troubles[Math.floor(random() * troubles.length)];

      elsewhere.names(names[how]);
      await pause(random() * 700);
      await torment.expectHealthy(`the name is ${how}`);
    }
    if (random() < 0.5) {
      await torment.service.stop('SIGKILL');
      await torment.service.up();
    }
    say(`round ${round + 1}: ${torment.loads.map((load) => load.delivered.size).join(' and ')} delivered`);
  }
  elsewhere.names(names.resolve);
  return torment.end(rounds);
}
