// SPDX-License-Identifier: MIT
// The n-th sync of the real program fails once, and later ones succeed, as kernels do it. No
// request gets another 2xx from that process, it ends, and the next one has everything.

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { request } from '../e2e/lib/http.mjs';
import { program, run } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { balance, sum } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { inEpochs } from './lib/epochs.mjs';
import { Load } from './lib/load.mjs';

// Keeper's own sync, so strace counts fdatasync, thread by thread.
async function failOne(service, load, n) {
  service.spawn('strace', ['-D', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync', '-e',
    `inject=fdatasync:error=EIO:when=${n}`, program, ...service.arguments]);
  await until('it is ready, or has ended', async () =>
    service.exit || (await request(`${service.url}/readyz`).catch(() => ({}))).status === 200, { timeout: 60000 });
  load.start();
  await until('the failed sync ends it', () => service.exit, { timeout: 30000 });
  await load.stop();
  const { code, signal } = service.exit;

  return code === 0 || signal !== null ? [`sync ${n}: it ended with ${code ?? signal}`] : [];
}

async function oneEpoch(t, number, { rounds, random }) {
  const endpoint = await Endpoint.start(t);
  const service = await Service.prepare(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const load = new Load(service, { connections: 8, prefix: `sync-${number}`, pace: 2 });
  const problems = [];

  endpoint.mood(load.mood(() => 200));
  // The next process says whether a 202 after the failure was a lie; the balance counts.
  for (let round = 0; round < rounds; round++) {
    problems.push(...await failOne(service, load, 1 + Math.floor(random() * 25)));
    service.log = service.log.slice(-2000);
  }
  await service.up();
  const row = await balance(service, load, { rounds });

  await service.kill();
  return { ...row, problems: [...row.problems, ...problems] };
}

export async function sync(t, { rounds, seed, say }) {
  if ((await run(['-f', '-o', '/dev/null', 'true'], { command: 'strace' }).catch(() => ({ code: 1 }))).code !== 0)
    return { skipped: 'strace may not trace here' };
  const random = generator(seed);
  const rows = await inEpochs(rounds, (own, number, share) => oneEpoch(own, number, { rounds: share, random }));

  say(`${rounds} syncs failed`);
  return sum(rows);
}
