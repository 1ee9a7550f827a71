// SPDX-License-Identifier: MIT
// Disks that fill up to the last byte at a random moment under load and are freed at another;
// now and then the service is killed meanwhile, too. 503 and nothing else, no end by itself,
// an acknowledgement within five seconds of the room.

import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { request } from '../e2e/lib/http.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { balance, sum } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { inEpochs } from './lib/epochs.mjs';
import { Load } from './lib/load.mjs';
import { SmallDisk } from './lib/small-disk.mjs';

const MIB = 128; // twice the 64 MiB that the service leaves free: the rest is for what four episodes store
const RESUME_MS = 5000;
const EPOCH = 4; // episodes of one store: what is left of the disk is soon full in earnest

// Killed while nothing can be written: what its supervisor would do until it stays.
async function startAgain(service) {
  const tries = [];

  await service.kill();
  for (let i = 0; i < 3; i++) {
    service.spawn();
    await until('it answers, or has ended', async () =>
      service.exit || (await request(`${service.url}/readyz`).catch(() => ({ status: 0 }))).status > 0, { timeout: 20000 });
    if (!service.exit) return tries;
    tries.push(service.exit.code ?? service.exit.signal);
  }
  return tries;
}

async function episode({ disk, service, load, random }) {
  const problems = [];

  await pause(100 + random() * 900);
  disk.fill();
  await pause(random() * 800);
  const ends = random() < 0.3 ? await startAgain(service) : [];
  const mayNotStart = ends.length > 0;

  await pause(random() * 800);
  if (service.exit && !mayNotStart)
    problems.push(`${disk.kind}: it ended on a full disk with ${service.exit.code ?? service.exit.signal}`);
  if (mayNotStart) problems.push(`${disk.kind}: it does not start on a full disk, ${ends.join(', ')}: ${service.log.trim().split('\n').slice(-4).join(' / ')}`);
  disk.free();
  const freedAt = Date.now();

  if (service.exit) await service.up();
  const seen = load.lastAckAt;

  await until('it accepts again', () => load.lastAckAt > Math.max(seen, freedAt), { timeout: 20000 }).catch(() => {});
  if (load.lastAckAt <= freedAt)
    problems.push(`${disk.kind}: it accepts nothing in the 20 s after the room, ${disk.freeMib} MiB: ${service.log.trim().split('\n').slice(-4).join(' / ')}`);
  else if (load.lastAckAt - freedAt > RESUME_MS)
    problems.push(`${disk.kind}: ${load.lastAckAt - freedAt} ms after the room it accepts again`);
  return problems;
}

async function onDisk(kind, number, { rounds, random, say }) {
  const disk = SmallDisk.mount(kind, MIB);
  const ends = [];
  const own = { after: (end) => ends.unshift(end) };

  if (disk === null) return null;
  try {
    const endpoint = await Endpoint.start(own);
    const file = `${disk.folder}/partnerapp.db`;
    const service = await Service.start(own, {
      config: { store: `sqlite:${file}` },
      subscription: { auth: 'none', endpoint: endpoint.url, retry: { attempts: 100, over: '1h' } },
    });
    const load = new Load(service, { connections: 16, prefix: `disk-${kind}-${number}`, pace: 5 });
    const problems = [];

    endpoint.mood(load.mood(() => 200));
    load.start();
    for (let i = 0; i < rounds; i++) problems.push(...await episode({ disk, service, load, random }));
    await load.stop();
    const row = await balance(service, load, { rounds, file });

    say(`${rounds} episodes of store ${number} on ${kind}; refused ${JSON.stringify(load.refused)}`);
    return { ...row, problems: [...row.problems, ...problems] };
  } finally {
    for (const end of ends) await end();
    disk.unmount();
  }
}

export async function disk(t, { rounds, seed, say }) {
  const kinds = [['tmpfs', Math.ceil(rounds / 2)], ['ext4', Math.floor(rounds / 2)]].filter(([, n]) => n > 0);
  const rows = [];

  for (const [kind, n] of kinds) {
    const random = generator(seed);
    const all = await inEpochs(n, (own, number, share) => onDisk(kind, number, { rounds: share, random, say }), EPOCH);

    if (all.includes(null)) say(`${kind}: may not be mounted here`);
    rows.push(...all.filter(Boolean));
  }
  return rows.length > 0 ? sum(rows) : { skipped: 'mounting a small file system needs root' };
}
