// SPDX-License-Identifier: MIT
// The service is handed over again and again under load: no request may fail, nothing may be
// lost, and everything arrives. The ledger lives here, outside of the process that changes.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { addsUp, Service, track } from '../e2e/lib/service.mjs';
import { Connection, requestText } from '../e2e/lib/strict.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { integrity } from './lib/books.mjs';
import { generator } from './lib/chance.mjs';
import { drain } from './lib/drain.mjs';
import { fates } from './lib/fates.mjs';

const rate = Number(process.env.RATE ?? 1000); // requests a second, half over either kind
const lanes = 64;
const mostUnderWay = 1000;
const retry = { attempts: 20, over: '24h' }; // waits of 0.2 s, 0.3 s …
// An answer that is late on a busy machine is counted, not judged: only what the service does
// (an error, a broken connection, no answer at all) is a failure.
const LATE_MS = 5000;
const NEVER_MS = 60000;

// Refuses some at their first try, so that there are always some to be tried again.
async function startEndpoint(t, arrived) {
  const refused = new Set();
  const server = http.createServer((request, response) => {
    let body = '';

    request.setEncoding('utf8');
    request.on('data', (text) => { body += text; });
    request.on('end', () => {
      const { messageId } = JSON.parse(body);

      if (messageId.endsWith('7') && !refused.has(messageId)) {
        refused.add(messageId);
        response.statusCode = 500;
      } else {
        arrived.set(messageId, (arrived.get(messageId) ?? 0) + 1);
      }
      response.end();
    });
  });

  server.keepAliveTimeout = 0;
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server.address().port;
}

// Clients that forgive nothing, and what became of what they sent.
class Senders {
  acknowledged = new Map(); // messageId → event id
  failures = [];
  counts = { kept: 0, fresh: 0, opened: 0, late: 0 };
  slowest = { kept: 0, fresh: 0 };
  sent = 0;
  #isOver = false;

  constructor(service, key) {
    this.service = service;
    this.key = key;
  }

  start() {
    this.started = performance.now();
    this.all = Promise.all([this.#freshLoad(),
      ...Array.from({ length: lanes }, (_, lane) => this.#keptLane(lane))]);
  }

  async stop() {
    this.#isOver = true;
    await this.all;
  }

  #fail(kind, text) {
    this.failures.push(`${kind}, ${((performance.now() - this.started) / 1000).toFixed(3)} s: ${text}`);
  }

  #took(kind, began) {
    const took = performance.now() - began;

    this.counts[kind]++;
    this.counts.late += took > LATE_MS;
    this.slowest[kind] = Math.max(this.slowest[kind], took);
  }

  async #ask(kind, connection) {
    const event = track({ messageId: `rolling-${this.sent++}` });
    const began = performance.now();

    try {
      const { status, text } = await connection.request(requestText(event, { key: this.key, close: kind === 'fresh' }));

      if (status === 202) this.acknowledged.set(event.messageId, JSON.parse(text).ids[0]);
      else this.#fail(kind, `${event.messageId}: ${status} ${text}`);
    } catch (error) {
      this.#fail(kind, `${event.messageId} (request ${connection.nRequests} of a connection of `
        + `${(performance.now() - connection.beganAt).toFixed(0)} ms, asked ${(performance.now() - began).toFixed(0)} ms ago): ${error.message}`);
      connection.close();
    }
    this.#took(kind, began);
  }

  async #open(kind) {
    this.counts.opened += kind === 'kept';
    try {
      return await Connection.open(this.service.port, { timeout: NEVER_MS });
    } catch (error) {
      this.#fail(kind, `connect: ${error.message}`);
      return null;
    }
  }

  // When the @n-th request is due, counted from the start: a pause of ours is made up for.
  async #due(started, n, interval) {
    const wait = started + n * interval - performance.now();

    if (wait > 0) await pause(wait);
  }

  // One kept-alive connection, for as long as the service keeps it.
  async #keptLane(lane) {
    const interval = (lanes * 2 * 1000) / rate;
    const started = performance.now() + (lane * interval) / lanes;
    let connection = null;

    for (let n = 0; !this.#isOver; n++) {
      await this.#due(started, n, interval);
      if (!connection?.isOpen) {
        connection?.close();
        connection = await this.#open('kept');
      }
      if (connection) await this.#ask('kept', connection);
    }
    connection?.close();
  }

  async #freshOne() {
    const connection = await this.#open('fresh');

    if (!connection) return;
    await this.#ask('fresh', connection);
    connection.close();
  }

  // A connection for each request, whatever became of those before.
  async #freshLoad() {
    const interval = 2000 / rate;
    const started = performance.now();
    const underWay = new Set();

    for (let n = 0; !this.#isOver; n++) {
      await this.#due(started, n, interval);
      while (underWay.size >= mostUnderWay) await pause(1); // the machine is slower than the load
      const one = this.#freshOne();

      underWay.add(one);
      one.finally(() => underWay.delete(one));
    }
    await Promise.all(underWay);
  }
}

function takeovers(service) {
  return [...service.log.matchAll(/taken over.*not_accepting_ms=(\d+)/g)].map((match) => Number(match[1]));
}

async function handOver(service, round) {
  service.child.kill('SIGUSR2');
  await until(`hand-over ${round} is done`, () => service.exit || takeovers(service).length >= round,
    { timeout: 60000, every: 5 });
  if (service.exit) throw new Error(`the service ended: ${service.log.slice(-2000)}`);
}

function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

function openDescriptors(pid) {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}

async function handOverUnderLoad(service, senders, { rounds, random, say }) {
  senders.start();
  await until('it flows', () => senders.acknowledged.size > rate / 2, { timeout: 30000 }).catch((error) => {
    throw new Error(`${error.message}; ${senders.acknowledged.size} acknowledged; ${senders.failures[0]}`);
  });
  for (let round = 1; round <= rounds && senders.failures.length <= 50; round++) {
    await handOver(service, round + 1);
    await pause(100 + random() * 400);
    if (round % 20 === 0)
      say(`hand-over ${round}: ${senders.acknowledged.size} acknowledged, ${senders.failures.length} failed, ${senders.counts.late} late`);
  }
  await senders.stop();
}

function tell(say, senders, pauses) {
  const { kept, fresh, opened, late } = senders.counts;

  say(`${kept} requests over ${opened} kept and ${fresh} over fresh connections at ${rate}/s; `
    + `${senders.failures.length} failed, ${late} were late`);
  say(`not accepting: p50 ${quantile(pauses, 0.5)} ms, p95 ${quantile(pauses, 0.95)} ms, most ${pauses.at(-1)} ms; `
    + `slowest answer ${Math.max(senders.slowest.kept, senders.slowest.fresh).toFixed(0)} ms`);
}

export async function rolling(t, { rounds, seed, say }) {
  const arrived = new Map(); // messageId → how often
  const port = await startEndpoint(t, arrived);
  const service = await Service.start(t, { subscription: { endpoint: `http://127.0.0.1:${port}/`, retry } });
  const senders = new Senders(service, (await service.createKey()).key);
  const { pid } = service.child;
  const problems = [];

  await handOver(service, 1);
  const before = openDescriptors(pid);

  await handOverUnderLoad(service, senders, { rounds, random: generator(seed), say });
  const still = await drain(service);

  if (still > 0) problems.push(`${still} deliveries wait and wait`);
  await handOver(service, takeovers(service).length + 1);
  const after = openDescriptors(pid);
  const counters = await service.counters();
  const pauses = takeovers(service).sort((a, b) => a - b);

  tell(say, senders, pauses);
  const file = path.join(service.data, 'partnerapp.db');
  const { lost, stored, groups } = await fates(service, senders.acknowledged, arrived, file);
  const sound = await integrity(file);

  for (const [fate, ids] of groups) say(`${ids.length} events: ${fate}`);
  for (const [fate, ids] of groups)
    if (!fate.startsWith('arrived')) problems.push(`${ids.length} events: ${fate}; ${ids.slice(0, 3).join(' ')}`);
  problems.push(...senders.failures);
  if (lost.length > 0) problems.push(`lost: ${lost.slice(0, 5).join(' ')}`);
  if (sound !== 'ok') problems.push(`integrity: ${sound}`);
  if (!addsUp(counters)) problems.push(`the counters do not add up: ${JSON.stringify(counters)}`);
  if (after > before + 2) problems.push(`${after} descriptors, ${before} before`);
  if (service.child.pid !== pid) problems.push('it is another process');
  if (problems.length > 0) say(`log: ${keepLog(service)}`);
  return {
    rounds: pauses.length - 2, sent: senders.sent, acknowledged: senders.acknowledged.size, stored,
    delivered: arrived.size, duplicates: [...arrived.values()].reduce((sum, n) => sum + n - 1, 0), lost: lost.length, problems,
  };
}

// Of a run that failed, beside the temporary folders that go away.
function keepLog(service) {
  const file = `${service.folder}.log`;

  fs.writeFileSync(file, service.log);
  return file;
}
