// SPDX-License-Identifier: MIT
// See tests/campaign/rolling. The ledger lives here, outside of the process that changes.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { Chance } from '../e2e/lib/chance.mjs';
import { addsUp, Service, track } from '../e2e/lib/service.mjs';
import { Connection, requestText } from '../e2e/lib/strict.mjs';
import { until } from '../e2e/lib/wait.mjs';

const rounds = Number(process.argv[2]);
const seed = Number(process.argv[3]);
const rate = Number(process.env.RATE ?? 1000); // requests a second, half over either kind
const lanes = 64;
const mostUnderWay = 1000;
const ledger = new Set(); // messageIds of everything acknowledged
const arrived = new Map(); // messageId → how often
const failures = [];
const slowest = { kept: 0, fresh: 0 };
const counts = { kept: 0, fresh: 0, opened: 0 };
let sent = 0;
let isOver = false;

async function startEndpoint() {
  const server = http.createServer((request, response) => {
    let body = '';

    request.setEncoding('utf8');
    request.on('data', (text) => { body += text; });
    request.on('end', () => {
      const { messageId } = JSON.parse(body);

      arrived.set(messageId, (arrived.get(messageId) ?? 0) + 1);
      response.end();
    });
  });

  server.keepAliveTimeout = 0;
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server;
}

async function ask(kind, connection, key) {
  const event = track({ messageId: `rolling-${sent++}` });
  const began = performance.now();

  try {
    const answer = await connection.request(requestText(event, { key, close: kind === 'fresh' }));

    if (answer.status === 202) ledger.add(event.messageId);
    else failures.push(`${kind} ${event.messageId}: ${answer.status} ${answer.text}`);
  } catch (error) {
    failures.push(`${kind} ${event.messageId} (request ${connection.nRequests} of a connection of `
      + `${(performance.now() - connection.beganAt).toFixed(0)} ms, asked ${(performance.now() - began).toFixed(0)} ms ago): ${error.message}`);
    connection.close();
  }
  counts[kind]++;
  slowest[kind] = Math.max(slowest[kind], performance.now() - began);
}

async function open(port, kind) {
  counts.opened++;
  try {
    return await Connection.open(port);
  } catch (error) {
    failures.push(`${kind}, connect: ${error.message}`);
    return null;
  }
}

// When the @n-th request is due, counted from the start: a pause of ours is made up for.
async function due(started, n, interval) {
  const wait = started + n * interval - performance.now();

  if (wait > 0) await pause(wait);
}

// One kept-alive connection, for as long as the service keeps it.
async function keptLane(service, key, lane) {
  const interval = (lanes * 2 * 1000) / rate;
  const started = performance.now() + (lane * interval) / lanes;
  let connection = null;

  for (let n = 0; !isOver; n++) {
    await due(started, n, interval);
    if (!connection?.isOpen) {
      connection?.close();
      connection = await open(service.port, 'kept');
    }
    if (connection) await ask('kept', connection, key);
  }
  connection?.close();
}

async function freshOne(service, key) {
  const began = performance.now();
  const connection = await open(service.port, 'fresh');

  if (!connection) return;
  await ask('fresh', connection, key);
  slowest.fresh = Math.max(slowest.fresh, performance.now() - began);
  connection.close();
}

// A connection for each request, whatever became of those before.
async function freshLoad(service, key) {
  const interval = 2000 / rate;
  const started = performance.now();
  const underWay = new Set();

  for (let n = 0; !isOver; n++) {
    await due(started, n, interval);
    while (underWay.size >= mostUnderWay) await pause(1); // the machine is slower than the load
    const one = freshOne(service, key);

    underWay.add(one);
    one.finally(() => underWay.delete(one));
  }
  await Promise.all(underWay);
}

function takeovers(service) {
  return [...service.log.matchAll(/taken over.*not_accepting_ms=(\d+)/g)].map((match) => Number(match[1]));
}

async function handOver(service, round) {
  service.child.kill('SIGUSR2');
  await until(`hand-over ${round} is done`, () => service.exit || takeovers(service).length >= round,
    { timeout: 20000, every: 5 });
  if (service.exit) throw new Error(`the service ended: ${service.log.slice(-2000)}`);
}

function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

function openDescriptors(pid) {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}


async function main() {
  const chance = new Chance(seed);
  const endpoint = await startEndpoint();
  const service = await Service.start(null, {
    subscription: { endpoint: `http://127.0.0.1:${endpoint.address().port}/` },
  });
  const { key } = await service.createKey();
  const { pid } = service.child;

  await handOver(service, 1);
  const before = openDescriptors(pid);
  const load = Promise.all([freshLoad(service, key),
    ...Array.from({ length: lanes }, (_, lane) => keptLane(service, key, lane))]);

  await until('it flows', () => ledger.size > rate / 2, { timeout: 30000 }).catch((error) => {
    throw new Error(`${error.message}; ${ledger.size} acknowledged, ${failures.length} failed: ${failures[0]}`);
  });
  for (let round = 1; round <= rounds; round++) {
    await handOver(service, round + 1);
    await pause(100 + chance.below(400));
    if (failures.length > 50) break;
  }
  isOver = true;
  await load;
  await until('nothing waits any more', async () => {
    const { queued, running, retrying } = await service.counters();

    return queued + running + retrying === 0;
  }, { timeout: 600000, every: 500 }).catch((error) => failures.push(error.message));
  const missing = [...ledger].filter((id) => !arrived.has(id));
  const counters = await service.counters();
  const lost = missing.length;
  await handOver(service, takeovers(service).length + 1);
  const after = openDescriptors(pid);
  const duplicates = [...arrived.values()].reduce((sum, n) => sum + n - 1, 0);
  const pauses = takeovers(service).sort((a, b) => a - b);

  console.log(`${pauses.length - 2} hand-overs under load, seed ${seed}, ${rate} requests/s: ${counts.kept} over kept, ${counts.fresh} over fresh connections`);
  console.log(`  failed requests ${failures.length}, acknowledged ${ledger.size}, lost ${lost}, delivered twice ${duplicates}`);
  console.log(`  not accepting: p50 ${quantile(pauses, 0.5)} ms, p95 ${quantile(pauses, 0.95)} ms, most ${pauses.at(-1)} ms`);
  console.log(`  slowest answer: kept ${slowest.kept.toFixed(0)} ms, fresh ${slowest.fresh.toFixed(0)} ms; connections opened ${counts.opened - counts.fresh} beside the fresh ones`);
  console.log(`  descriptors without load: before ${before}, after ${after}`);
  if (process.env.LOG) console.log(service.log);
  console.log(`  load of the machine ${fs.readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}; ${JSON.stringify(counters)}`);
  for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`);
  assert.ok(addsUp(await service.counters()));
  await service.stop();
  endpoint.close();
  endpoint.closeAllConnections();
  assert.equal(failures.length, 0);
  assert.equal(lost, 0);
  assert.equal(service.child.pid, pid);
}

await main();
process.exit(0);
