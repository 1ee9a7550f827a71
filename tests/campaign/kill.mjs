// SPDX-License-Identifier: MIT
// See tests/campaign/kill. The ledger lives here, outside of the process that is killed.

import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { run } from '../e2e/lib/program.mjs';
import { addsUp, Service, track } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';

const rounds = Number(process.argv[2]);
const seed = Number(process.argv[3]);
const connections = 64;
const wanted = Math.max(10000, rounds * 100); // events acknowledged before it may end
const ledger = new Map(); // messageId → event id, of everything acknowledged
const refusals = new Map(); // status → how often; 0 is a broken connection
let sent = 0;
let isOver = false;

// Mulberry32: a seed gives the same moments again.
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);

    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// As Segment does: what was not acknowledged is sent again, so every event that a killed
// service had stored without saying so comes as a duplicate.
async function sender(service, agent) {
  while (!isOver) {
    const event = track({ messageId: `kill-${sent++}` });

    while (!ledger.has(event.messageId) && !isOver) {
      const { status, json } =
        await service.post(event, { agent, timeout: 10000 }).catch(() => ({ status: 0 }));

      if (status === 202) ledger.set(event.messageId, json.ids[0]);
      else {
        refusals.set(status, (refusals.get(status) ?? 0) + 1);
        await pause(20);
      }
    }
  }
}

// Every acknowledged event of a sample is still there; all of them at the end.
async function sampled(service, random) {
  const ids = [...ledger.values()];

  for (let i = 0; i < 20 && ids.length > 0; i++) {
    const id = ids[Math.floor(random() * ids.length)];

    assert.equal((await service.api(`/events/${id}`)).id, id);
  }
}

async function everyEvent(service) {
  const there = new Map();
  let cursor = '';

  do {
    const page = await service.api(`/events?limit=1000&after=${cursor}`);

    for (const event of page.data) there.set(event.id, event.message_id);
    cursor = page.next ?? '';
  } while (cursor);
  return there;
}

async function main() {
  const random = generator(seed);
  const moods = [200, 500, 429, 'hang'];
  const endpoint = await Endpoint.start(null, () => (isOver ? 200 : moods[Math.floor(Date.now() / 2000) % 4]));
  const cleanups = [];
  const service = await Service.start({ after: (fn) => cleanups.push(fn) }, {
    subscription: { auth: 'none', endpoint: endpoint.url, timeout: '500ms', retry: { attempts: 100, over: '1h' } },
  });
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const senders = Array.from({ length: connections }, () => sender(service, agent));
  const recoveries = [];

  for (let round = 1; round <= rounds; round++) {
    await pause(random() * random() * 1500);
    await service.stop('SIGKILL');
    const started = Date.now();

    await service.up();
    recoveries.push(Date.now() - started);
    await sampled(service, random);
    if (round % 20 === 0 || round === rounds)
      console.log(`round ${round}: ${ledger.size} acknowledged, slowest start ${Math.max(...recoveries)} ms`);
  }
  await until(`${wanted} are acknowledged`, () => ledger.size >= wanted, { timeout: 120000 });
  isOver = true;
  await Promise.all(senders);
  agent.destroy();

  const there = await everyEvent(service);
  const lost = [...ledger].filter(([messageId, id]) => there.get(id) !== messageId);
  const twice = there.size - new Set(there.values()).size;

  await service.stop();
  const integrity = (await run(['partnerapp.db', 'PRAGMA integrity_check'],
    { command: 'sqlite3', cwd: service.data, timeout: 120000 })).stdout.trim();

  await service.up();
  const counters = await service.counters();

  console.log(`${rounds} kills, seed ${seed}: ${sent} sent, ${ledger.size} acknowledged, ${there.size} stored, ` +
    `${lost.length} lost, ${twice} stored twice; integrity ${integrity}; ` +
    `refused ${JSON.stringify(Object.fromEntries(refusals))}; data in ${path.basename(service.folder)}`);
  assert.deepEqual(lost.slice(0, 5), [], 'nothing acknowledged is lost');
  assert.equal(twice, 0, 'nothing is stored twice');
  assert.equal(integrity, 'ok');
  assert.ok(addsUp(counters), JSON.stringify(counters));
  assert.ok([...refusals.keys()].every((status) => [0, 503].includes(status)), 'never a 4xx for our own trouble');
  for (const cleanup of cleanups) await cleanup();
  await endpoint.stop();
}

await main();
