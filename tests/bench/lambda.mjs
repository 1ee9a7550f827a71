// SPDX-License-Identifier: MIT
// What a lambda costs, see tests/bench/run. Two questions:
//
// 1. Cold start: from exec of `partnerapp lambda run` until the answer to its first event has
//    arrived at a stand-in of the Runtime API, where that event waits from the beginning.
// 2. Warm: one event after the other over one kept-alive connection through `partnerapp lambda
//    serve`, from Invoke to its answer. Our function in its sandboxed runner, beside the same
//    handler in Node under AWS's own runtime client, under the same host.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { request } from '../e2e/lib/http.mjs';
import { LambdaHost } from '../e2e/lib/lambda-host.mjs';
import { temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { build, root } from '../e2e/lib/program.mjs';
import { Lambda, RuntimeApi } from '../e2e/lib/runtime-api.mjs';
import { eventText } from './functions-event.mjs';
import { goal, missed } from './goal.mjs';

const STARTS = 20;
const WARM_UP = 200;
const INVOCATIONS = 2000;
const goals = { cold_ms: 120, warm_ms: 1 };
const cleanups = [];
const scope = { after: (fn) => cleanups.push(fn) };

const handler = 'async function onTrack(event) { return { id: event.messageId, plan: event.properties.plan }; }\n';
const nodeHandler = 'exports.handler = async (event) => ({ id: event.messageId, plan: event.properties.plan });\n';

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);

  return { least: sorted[0], p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: sorted.at(-1) };
}

async function coldStart(folder) {
  const api = await RuntimeApi.start();
  const answered = api.invoke(eventText(0));
  const began = performance.now();
  const lambda = Lambda.start(null, api, ['lambda', 'run', 'bench'], { cwd: folder });
  const { ok } = await answered;
  const took = performance.now() - began;

  await lambda.kill();
  await api.stop();
  if (!ok) throw new Error(`the first event failed: ${lambda.stderr}`);
  return took;
}

async function warm(host) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];

  for (let i = 0; i < WARM_UP + INVOCATIONS; i++) {
    const began = performance.now();
    const { status, text, headers } = await request(`${host.url}/2015-03-31/functions/bench/invocations`,
      { method: 'POST', body: eventText(i), agent });

    if (i >= WARM_UP) times.push(performance.now() - began);
    if (status !== 200 || headers['x-amz-function-error']) throw new Error(`not answered: ${status} ${text}`);
  }
  agent.destroy();
  await host.stop();
  return spread(times);
}

// Why AWS's client is not here, or its numbers.
async function beside(folder) {
  const made = spawnSync(path.join(root, 'tests/clients/build-ric'), { encoding: 'utf8' });
  const client = path.join(root, 'tests/clients/node_modules/aws-lambda-ric/bin/index.mjs');

  if (made.status !== 0) return made.stdout?.trim() || 'aws-lambda-ric is not installed: tests/clients/install';
  writeFiles(folder, { 'index.js': nodeHandler });
  return warm(await LambdaHost.command(scope, `exec node ${client} index.handler`,
    ['--task-root', folder, '--handler', 'index.handler']));
}

function print(name, { least, p50, p99, max }) {
  console.log(name.padEnd(46) + [least, p50, p99, max].map((one) => one.toFixed(2).padStart(10)).join(''));
}

async function main() {
  const folder = temporaryFolder(scope);
  const starts = [];

  writeFiles(folder, { 'functions/bench/index.js': handler });
  for (let i = 0; i < STARTS; i++) starts.push(await coldStart(folder));
  const cold = spread(starts);
  const ours = await warm(await LambdaHost.start(scope, ['--function', 'bench'], { cwd: folder }));
  const node = await beside(folder);

  console.log('\na lambda, 1 KiB events (ms)                        least       p50       p99       max');
  print(`cold start to the first answer, ${STARTS} times`, cold);
  print(`warm Invoke, ${INVOCATIONS} times: partnerapp`, ours);
  if (typeof node === 'string') console.log(`skipped  Node with aws-lambda-ric: ${node}`);
  else print(`warm Invoke, ${INVOCATIONS} times: Node, aws-lambda-ric`, node);
  console.log();
  goal(`cold start to the first answer, p50, goal ≤ ${goals.cold_ms} ms`, cold.p50, ' ms', cold.p50 <= goals.cold_ms);
  goal(`warm Invoke, p50, goal ≤ ${goals.warm_ms} ms`, ours.p50, ' ms', ours.p50 <= goals.warm_ms);
  fs.writeFileSync(path.join(build, 'bench-lambda.json'),
    `${JSON.stringify({ starts: STARTS, invocations: INVOCATIONS, cold_ms: cold, warm_ms: ours, node_ms: node, goals }, null, 2)}\n`);
}

try {
  await main();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exitCode = missed() > 0 ? 1 : 0;
