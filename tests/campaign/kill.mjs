// SPDX-License-Identifier: MIT
// kill -9 of the service at random moments while events come in and the endpoint is moody.
// Whatever was acknowledged has to be there afterwards, and the store has to be sound.

import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { balance, missing } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { Load } from './lib/load.mjs';

export async function kill(t, { rounds, seed, say }) {
  const random = generator(seed);
  const wanted = Math.max(10000, rounds * 100); // events acknowledged before it may end
  const moods = [200, 500, 429, 'hang'];
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, {
    subscription: { auth: 'none', endpoint: endpoint.url, timeout: '500ms', retry: { attempts: 100, over: '1h' } },
  });
  const load = new Load(service, { prefix: 'kill' });
  const recoveries = [];
  const lost = [];

  endpoint.mood(load.mood(() => (load.isOver ? 200 : moods[Math.floor(Date.now() / 2000) % 4])));
  load.start();
  for (let round = 1; round <= rounds; round++) {
    await pause(random() * random() * 1500);
    await service.stop('SIGKILL');
    const started = Date.now();

    await service.up();
    recoveries.push(Date.now() - started);
    lost.push(...await missing(service, load, random));
    if (round % 20 === 0 || round === rounds)
      say(`round ${round}: ${load.acknowledged.size} acknowledged, slowest start ${Math.max(...recoveries)} ms`);
  }
  await until(`${wanted} are acknowledged`, () => load.acknowledged.size >= wanted, { timeout: 240000 });
  await load.stop();
  const row = await balance(service, load, { rounds });

  if (lost.length > 0) row.problems.push(`missing meanwhile: ${lost.slice(0, 5).join(' ')}`);
  say(`${rounds} kills, seed ${seed}; refused ${JSON.stringify(load.refused)}`);
  return row;
}
