// SPDX-License-Identifier: MIT
// The wall clock jumps by a second to ten years, ahead and back; the machine sleeps; now and
// then the service is killed in between. Nothing is lost, nothing dies of age, and once the
// clock is right again nothing waits for another century.

import { setTimeout as pause } from 'node:timers/promises';

import { generator } from './lib/chance.mjs';
import { Elsewhere } from './lib/elsewhere.mjs';
import { Torment } from './lib/torment.mjs';

const LONGEST_MS = 10 * 365 * 24 * 3600 * 1000;

export async function clock(t, { rounds, seed, say }) {
  const elsewhere = await Elsewhere.make(t);

  if (elsewhere === null) return { skipped: 'no compiler for what has to be preloaded' };
  const random = generator(seed);
  const torment = await Torment.begin(t, { env: elsewhere.env, prefix: 'clock' });
  const tried = new Set(); // whose first attempt failed: the second succeeds

  torment.setMood(({ body }) => {
    const [, id] = /"messageId":"([^"]+)"/.exec(body);
    const isFirst = !tried.has(id);

    tried.add(id);
    return isFirst && id.endsWith('3') ? 500 : 200;
  });
  for (let round = 0; round < rounds; round++) {
    const ms = 1000 * (LONGEST_MS / 1000) ** random() * (random() < 0.5 ? -1 : 1);

    elsewhere.wall(ms);
    if (random() < 0.3) elsewhere.suspend(random() * 600000);
    await pause(300);
    await torment.expectHealthy(`a jump of ${(ms / 1000).toFixed(0)} s`);
    if (random() < 0.4) {
      await torment.service.stop('SIGKILL');
      if (random() < 0.5) elsewhere.wall(random() < 0.5 ? 0 : -ms);
      await torment.service.up();
    }
    say(`a jump of ${(ms / 1000).toFixed(0)} s: ${torment.loads.map((load) => load.delivered.size).join(' and ')} delivered`);
  }
  // What was written down before a jump may wait for an hour, as after a Retry-After.
  elsewhere.wall(0);
  elsewhere.suspend(3700000);
  await torment.expectHealthy('the clock is right again');
  return torment.end(rounds, { mayRetain: true });
}
