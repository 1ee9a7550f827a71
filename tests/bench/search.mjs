// SPDX-License-Identifier: MIT
// Searches in a store of a million events: node search.mjs [EVENTS=1000000]
//
// tests/bench/search fills the store and asks it; then a service that has this store is asked the
// same by its API, as the console does, and for the Overview, while its memory is watched. Prints
// two tables and a verdict for each goal of issue 7, writes $BUILD/bench-search.json, and exits 1
// when one was missed. With SEARCH_CLOCK=cpu times are of the processor, for machines that have
// something else to do.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { request } from '../e2e/lib/http.mjs';
import { build } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { cpuMsOf, residentMiB } from './cpu.mjs';
import { goal, median, missed } from './goal.mjs';

const events = Number(process.argv[2] ?? 1000000);
const clock = process.env.SEARCH_CLOCK === 'cpu' ? 'cpu' : 'wall';
const limits = { page: 200, overview: 100, growthMiB: 30 }; // ms, ms, MiB
const nRuns = 5;
const nKeys = 200; // as in search.c
const cleanups = [];
const scope = { after: (fn) => cleanups.push(fn) };

// The store of a service that has been started once, filled and asked without one.
function fillAndAsk(service) {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'tests/bench/search'),
    [path.join(service.data, 'partnerapp.db'), String(events), clock], { encoding: 'utf8', maxBuffer: 1 << 26 });

  process.stderr.write(stderr);
  if (status !== 0) throw new Error(`tests/bench/search ended with ${status}`);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

class Asker {
  agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

  constructor(service) {
    Object.assign(this, { service, headers: { Authorization: `Bearer ${service.token()}` } });
  }

  // {ms, json} of one question, by the clock that was chosen.
  async ask(target) {
    const { pid } = this.service.child;
    const began = { wall: performance.now(), cpu: cpuMsOf(pid) };
    const { status, json, text } = await request(`${this.service.admin}/api/v1${target}`, { headers: this.headers, agent: this.agent });
    const took = { wall: performance.now() - began.wall, cpu: cpuMsOf(pid) - began.cpu };

    if (status !== 200) throw new Error(`${target}: ${status} ${text}`);
    return { ms: took[clock], json };
  }

  // {median, longest, json} of several times the same question.
  async askOften(target) {
    const answers = [];

    for (let i = 0; i < nRuns; i++) answers.push(await this.ask(target));
    const times = answers.map(({ ms }) => ms);

    return { target, median_ms: median(times), longest_ms: Math.max(...times), json: answers.at(-1).json };
  }
}

// The most that a process had of memory while @work went on, and what it had before, in MiB.
async function watchMemory(pid, work) {
  const before = residentMiB(pid);
  let most = before;
  const timer = setInterval(() => { most = Math.max(most, residentMiB(pid)); }, 10);

  await work();
  clearInterval(timer);
  return { before, most: Math.max(most, residentMiB(pid)) };
}

function printReader(rows) {
  console.log(`\nThe first 25 rows and the total, ${events} events stored; calls until there is a row or the end`);
  console.log(`${'query'.padEnd(56)} median ms  longest  rows  total  looked at  calls`);
  for (const row of rows)
    console.log([row.q.padEnd(56), row.median_ms.toFixed(1).padStart(9), row.longest_ms.toFixed(1).padStart(8),
      String(row.rows).padStart(5), (row.total < 0 ? '–' : String(row.total)).padStart(6),
      String(row.looked_at).padStart(10), String(row.calls_to_the_end).padStart(6)].join(' '));
}

function printApi(rows) {
  console.log(`\nThe same by the API of a service, 50 rows; ${clock === 'cpu' ? 'processor time of the service' : 'until the whole answer is there'}`);
  console.log(`${'request'.padEnd(56)} median ms  longest  rows`);
  for (const { name, median_ms: middle, longest_ms: longest, json } of rows)
    console.log([name.padEnd(56), middle.toFixed(1).padStart(9), longest.toFixed(1).padStart(8),
      String(json.data?.length ?? '–').padStart(5)].join(' '));
}

const slowestOf = (rows) => rows.reduce((a, b) => (a.median_ms > b.median_ms ? a : b));

async function main() {
  const service = await Service.start(scope, { config: { limits: { disk: '100GiB', queue: 10000000 }, log: { level: 'warn' } } });

  // The store's keys are sealed by the service that will read them.
  for (let i = 0; i < nKeys; i++) await service.createKey({ name: `customer-${i}` });
  await service.stop();
  const reader = fillAndAsk(service);

  await service.up();
  const asker = new Asker(service);
  const pages = [];
  const overview = [];

  await asker.ask('/status');
  const memory = await watchMemory(service.child.pid, async () => {
    for (const { q } of reader) pages.push({ name: q, ...await asker.askOften(`/events?limit=50&q=${encodeURIComponent(q)}`) });
    for (const last of ['15m', '1h', '24h', '7d']) overview.push({ name: `(stats ${last})`, ...await asker.askOften(`/stats?last=${last}`) });
    for (const name of ['status', 'functions']) overview.push({ name: `(${name})`, ...await asker.askOften(`/${name}`) });
    pages.push({ name: '(dead letters by cause)', ...await asker.askOften('/dead/groups') });
  });

  printReader(reader);
  printApi([...pages, ...overview]);
  const [page, front, inside] = [pages, overview, reader].map(slowestOf);
  const growth = memory.most - memory.before;

  console.log('');
  goal(`first page of any of ${pages.length} questions, goal ≤ ${limits.page} ms of server time; slowest: ${page.name || '(no query)'}`,
    page.median_ms, ' ms', page.median_ms <= limits.page && inside.median_ms <= limits.page);
  goal(`Overview, goal ≤ ${limits.overview} ms; slowest part: ${front.name}`, front.median_ms, ' ms', front.median_ms <= limits.overview);
  goal(`memory of the service while it is asked, goal ≤ ${limits.growthMiB} MiB more than the ${memory.before.toFixed(0)} MiB before`,
    growth, ' MiB', growth <= limits.growthMiB);
  const plain = (rows) => rows.map(({ name, median_ms: middle, longest_ms: longest }) => ({ name, median_ms: middle, longest_ms: longest }));

  fs.writeFileSync(path.join(build, 'bench-search.json'),
    `${JSON.stringify({ events, clock, rows: reader, api: plain(pages), overview: plain(overview), memory, limits }, null, 2)}\n`);
  asker.agent.destroy();
}

try {
  await main();
} finally {
  for (const cleanup of cleanups) await cleanup();
}
process.exitCode = missed() > 0 ? 1 : 0;
