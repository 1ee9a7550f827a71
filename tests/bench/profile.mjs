// SPDX-License-Identifier: MIT
// See ./profile. perf samples the service and its runners while they are loaded over 64
// connections and until they are idle again; what the scheduler counted for each thread is then divided as the samples are, first
// by part (the kernel, a library, ours), then by function. Prints Markdown.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { temporaryFolder } from '../e2e/lib/place.mjs';
import { familyOf } from './cpu.mjs';
import { closed } from './loads.mjs';
import { measure } from './measure.mjs';
import { delivered, startNginx, startNoting, startOurs, startPaused, withScope } from './servers.mjs';

const [what = 'w1', seconds = '5'] = process.argv.slice(2);
const nFunctions = 12;
const starts = {
  w1: (scope) => startPaused(scope, { subscription: { endpoint: 'http://127.0.0.1:1/hook' } }),
  w4: async (scope) => startNoting(scope, (await startNginx(scope)).url),
  direct: async (scope) => startOurs(scope, { subscription: { endpoint: (await startNginx(scope)).url } }),
};

function stop(why) {
  console.error(`profile: ${why}`);
  process.exit(1);
}

// perf may be there and not be allowed to look.
function checkPerf(folder) {
  const { error, status, stderr } = spawnSync('perf', ['record', '-o', path.join(folder, 'try'), '--', 'true'], { encoding: 'utf8' });

  if (error) stop('there is no perf on this machine; on Debian it is in the package linux-perf');
  if (status !== 0) stop(`perf may not sample here: ${stderr.trim().split('\n')[0]}\n  sysctl kernel.perf_event_paranoid=1 allows it for one's own programs`);
}

// [{thread, part, symbol, samples}]
function samplesOf(file) {
  const { stdout, stderr, status } = spawnSync('perf', ['report', '-i', file, '--stdio', '-g', 'none', '--no-children', '-n', '-t', '\t',
    '--sort', 'comm,dso,symbol'], { encoding: 'utf8', maxBuffer: 1 << 28 });

  if (status !== 0) stop(stderr);
  return stdout.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
    const [, samples, thread, part, symbol] = line.split('\t').map((cell) => cell.trim());

    return { thread, part, symbol: symbol.replace(/^\[.\] /, '').replace(/^0x[0-9a-f]+$/, '(without a name)'), samples: Number(samples) };
  });
}

function sumBy(list, keyOf) {
  const sums = new Map();

  for (const one of list) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? 0) + one.us);
  return [...sums].sort(([, a], [, b]) => b - a);
}

// Gives each sample its share of what the thread used. All threads of a runner are one.
function share(samples, threads) {
  const named = samples.map((one) => ({ ...one, thread: one.thread in threads ? one.thread : 'runner' }));
  const totals = new Map();

  for (const { thread, samples: n } of named) totals.set(thread, (totals.get(thread) ?? 0) + n);
  return named.map((one) => ({ ...one, us: one.samples / totals.get(one.thread) * (threads[one.thread] ?? 0) }));
}

function print(list, threads) {
  const parts = sumBy(list, ({ part }) => part).filter(([, us]) => us >= 0.2).map(([part]) => part);
  const row = (cells) => console.log(`| ${cells.join(' | ')} |`);

  console.log('CPU µs of an event by thread and part:\n');
  row(['thread', 'all', ...parts]);
  row(['---', '---:', ...parts.map(() => '---:')]);
  for (const [thread, us] of Object.entries(threads)) {
    const own = new Map(sumBy(list.filter((one) => one.thread === thread), ({ part }) => part));

    row([thread, us.toFixed(1), ...parts.map((part) => own.get(part)?.toFixed(1) ?? '')]);
  }
  for (const thread of Object.keys(threads)) {
    const own = sumBy(list.filter((one) => one.thread === thread), ({ part, symbol }) => `${symbol} | ${part}`).slice(0, nFunctions);

    if (own.length === 0) continue;
    console.log(`\n${thread}:\n`);
    row(['function', 'part', 'µs']);
    row(['---', '---', '---:']);
    for (const [name, us] of own) row([name, us.toFixed(2)]);
  }
}

if (!starts[what]) stop('wants w1, w4 or direct');
await withScope(async (scope) => {
  const folder = temporaryFolder(scope);
  const file = path.join(folder, 'perf.data');

  checkPerf(folder);
  const server = await starts[what](scope);
  const settled = () => (what === 'w1' ? undefined : delivered(server));

  await closed(server, 64, 1); // warm
  await settled();
  const perf = spawn('perf', ['record', '-F', '1999', '-p', familyOf(server.pid).join(','), '-o', file], { stdio: 'ignore' });
  const ended = once(perf, 'exit');

  await pause(300); // until it has attached itself
  const { cpu_us: all, threads } = await measure(what, server, async () => {
    const result = await closed(server, 64, seconds);

    await settled();
    return result;
  });

  perf.kill('SIGINT');
  await ended;
  console.log(`${what}: ${all.toFixed(1)} µs of an event, with what comes after\n`);
  print(share(samplesOf(file), threads), threads);
});
