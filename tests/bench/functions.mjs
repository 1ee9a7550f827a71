// SPDX-License-Identifier: MIT
// What running a function costs, see tests/bench/run. Three questions, one run:
//
// 1. An event of 1 KiB through the service, with the handler and without: the difference of
//    the CPU of service and runner is what the function costs "beyond HTTP". Without means
//    received and stored, and its deliveries held back. With means also: claimed, run in the
//    sandbox, and its outcome stored. The handler makes no request. Who sends is not counted.
// 2. Event text in, result text out, the same handler: our pool and its sandboxed runner
//    (both processes counted, no service around them), isolated-vm with one isolate that is
//    used again, and Node by itself with nothing between. isolated-vm gets and gives JSON
//    text, which it copies, by a reference to a function that stays: awaited, as a service
//    would, and blocking, which cannot wait for a handler. Both of V8 have their JIT; ours
//    has not, since the sandbox allows no memory that is written and then run.
// 3. A handler that awaits an endpoint which takes 50 ms, one runner: deliveries a second.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { build, cleanEnvironment, root, run } from '../e2e/lib/program.mjs';
import { Service } from '../e2e/lib/service.mjs';
import { until } from '../e2e/lib/wait.mjs';
import { cpuOf, cpuOfOne, familyOf } from './cpu.mjs';
import { eventText, settings } from './functions-event.mjs';
import { goal, missed } from './goal.mjs';

const seconds = Number(process.argv[2] ?? 5);
const here = path.join(root, 'tests/bench');
const handler = fs.readFileSync(path.join(here, 'functions-handler.js'), 'utf8');
const goals = { beyond_http_us: 60, isolated_vm: 3, node: 0.5, deliveries_per_s: 1000 };
const cleanups = [];
const scope = { after: (fn) => cleanups.push(fn) };
let nextEvent = 0;

const quiet = { log: { level: 'warn' }, limits: { queue: 10000000, disk: '20GiB' } };

// Sends @count events in arrays of 200 over four connections.
async function send(service, count, key) {
  const requests = Array.from({ length: count / 200 }, () =>
    `[${Array.from({ length: 200 }, () => eventText(nextEvent++)).join(',')}]`);

  await Promise.all(Array.from({ length: 4 }, async () => {
    while (requests.length > 0) {
      const { status, text } = await service.post(requests.pop(), { key });

      if (status !== 202) throw new Error(`not accepted: ${status} ${text}`);
    }
  }));
}

async function drained(service) {
  await until('everything is delivered', async () => {
    const { queued, running, retrying } = await service.counters();

    return queued + running + retrying === 0;
  }, { timeout: 300000, every: 50 });
}

// CPU of an event in the service and its runners: {service, runner}, µs.
async function through(service, count, key, settled) {
  const [pid, ...runners] = familyOf(service.child.pid);
  const before = [cpuOfOne(pid), ...runners.map(cpuOfOne)];

  await send(service, count, key);
  await settled();
  const after = [cpuOfOne(pid), ...runners.map(cpuOfOne)];
  const [own, ...theirs] = after.map((now, i) => (now - before[i]) / count);

  return { service: own, runner: theirs.reduce((sum, one) => sum + one, 0) };
}

async function beyondHttp() {
  const count = 6000 * seconds;
  const held = await Service.start(scope, { config: quiet, subscription: { endpoint: 'http://127.0.0.1:1/hook' } });
  const heldKey = (await held.createKey()).key;

  await held.deliver(JSON.parse(eventText(nextEvent++)), { key: heldKey, states: ['retrying'] });
  await held.run(['endpoint', 'pause', '127.0.0.1']);
  await send(held, 2000, heldKey); // warm
  const without = await through(held, count, heldKey, async () => {});

  await held.kill();
  const service = await Service.start(scope, {
    config: { ...quiet, runners: { count: 1 } }, files: { 'functions/handler.js': handler },
    subscription: { function: 'functions/handler.js', settings, concurrency: 256 },
  });
  const { key } = await service.createKey();

  await send(service, 10000, key);
  await drained(service);
  const whole = await through(service, count, key, () => drained(service));
  const { delivered } = await service.counters();

  if (delivered !== count + 10000) throw new Error(`${delivered} of ${count + 10000} were delivered`);
  await service.kill();
  return { without, whole, us: whole.service + whole.runner - without.service - without.runner };
}

async function pooled() {
  const folder = temporaryFolder(scope);
  const file = (name) => path.join(folder, name);

  writeFiles(folder, { 'handler.js': handler, 'event.json': eventText(1), 'settings.json': JSON.stringify(settings) });
  const child = spawn(path.join(build, 'tests/bench/functions'), [path.join(build, 'partnerapp-runner'),
    file('handler.js'), file('event.json'), file('settings.json'), String(seconds), '64'],
  { stdio: ['pipe', 'pipe', 'inherit'], env: cleanEnvironment() });

  scope.after(() => child.kill('SIGKILL'));
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  if ((await lines.next()).value !== 'warm') throw new Error('the pool did not start');
  const before = [cpuOf(child.pid), cpuOfOne(child.pid)];
  const { events } = JSON.parse((await lines.next()).value);
  const [all, own] = [cpuOf(child.pid) - before[0], cpuOfOne(child.pid) - before[1]];

  child.stdin.end();
  await once(child, 'exit');
  return { events, cpu_us: all / events, service_us: own / events, runner_us: (all - own) / events };
}

// null where isolated-vm could not be built.
async function beside(kind) {
  const { stdout, stderr, code } = await run([path.join(here, 'functions-beside.mjs'), kind, String(seconds)],
    { command: process.execPath, timeout: (seconds + 30) * 1000 });

  if (code === 0) return JSON.parse(stdout);
  if (kind === 'node' || !/isolated-vm/.test(stderr)) throw new Error(stderr);
  return null;
}

async function waitsFor50Ms() {
  const count = 1000 * seconds;
  const endpoint = await Endpoint.start(scope, { status: 200, delay: 50 });
  const service = await Service.start(scope, {
    config: { ...quiet, runners: { count: 1 } },
    files: { 'functions/post.js': `
      async function onTrack(event, settings) {
        const answer = await fetch(settings.endpoint, {
          method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ id: event.messageId }),
        })
        if (!answer.ok) throw new RetryError('endpoint answered ' + answer.status)
      }` },
    subscription: { function: 'functions/post.js', settings: { endpoint: endpoint.url } },
  });
  const { key } = await service.createKey();

  await send(service, Math.ceil(count / 200) * 200, key);
  await drained(service);
  const times = endpoint.requests.map(({ at }) => at);

  await service.kill();
  return (times.length - 1) / ((Math.max(...times) - Math.min(...times)) / 1000);
}

function printCosts({ without, whole, us }) {
  const row = (name, { service, runner }) =>
    console.log(name.padEnd(44) + [service, runner, service + runner].map((one) => one.toFixed(1).padStart(10)).join(''));

  console.log('\n1 KiB events in arrays of 200                  service    runner       all   (CPU µs/event)');
  row('received and stored', without);
  row('and run through the handler', whole);
  console.log(`${'beyond HTTP'.padEnd(64)}${us.toFixed(1).padStart(10)}`);
}

function printBeside(rows) {
  console.log('\nevent text in, result text out              CPU µs/event');
  for (const [name, row] of rows)
    console.log(name.padEnd(44) + (row ? row.cpu_us.toFixed(1) : 'could not be built').padStart(12));
}

async function main() {
  const cost = await beyondHttp();
  const ours = await pooled();
  const [node, sync, async] = [await beside('node'), await beside('sync'), await beside('async')];
  const rate = await waitsFor50Ms();
  const ratio = (row) => row && row.cpu_us / ours.cpu_us;

  printCosts(cost);
  printBeside([['partnerapp (pool and sandboxed runner)', ours], ['isolated-vm, each awaited (64 under way)', async],
    ['isolated-vm, blocking', sync], ['Node, in-process', node]]);
  console.log('  isolated-vm: one isolate, used again; JSON text in and out, by copy; a limit of 5 s for each call');
  console.log(`  of ours: ${ours.service_us.toFixed(1)} in the service, ${ours.runner_us.toFixed(1)} in the runner\n`);
  goal(`CPU beyond HTTP, goal ≤ ${goals.beyond_http_us} µs`, cost.us, ' µs', cost.us <= goals.beyond_http_us);
  for (const [name, row] of [['awaited', async], ['blocking', sync]]) {
    if (row) goal(`events per CPU second, goal ≥ ${goals.isolated_vm} × isolated-vm (${name})`, ratio(row), ' ×', ratio(row) >= goals.isolated_vm);
    else console.log(`skipped  isolated-vm (${name}): npm could not build it, see npm ci in tests/bench`);
  }
  goal(`events per CPU second, goal ≥ ${goals.node} × Node`, ratio(node), ' ×', ratio(node) >= goals.node);
  goal(`deliveries/s of one runner, endpoint takes 50 ms, goal ≥ ${goals.deliveries_per_s}`, rate, '/s', rate >= goals.deliveries_per_s);
  fs.writeFileSync(path.join(build, 'bench-functions.json'), `${JSON.stringify({ seconds, beyond_http: cost, ours,
    isolated_vm: { sync, async }, node, deliveries_per_s: rate, goals }, null, 2)}\n`);
}

try {
  await main();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exitCode = missed() > 0 ? 1 : 0;
