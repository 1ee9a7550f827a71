// SPDX-License-Identifier: MIT
// W3, five functions: node w3.mjs [SECONDS=3]
//
// w3/*.js through the whole service: received, stored, run in the sandbox, its end stored; closed,
// over 64 connections, until the last has been delivered. "fetch" posts to an endpoint that takes
// 5 ms. Beside each what the handler alone costs from text to text: isolated-vm with one isolate
// that is used again (awaited, 64 under way), and Node with nothing between.

import fs from 'node:fs';
import path from 'node:path';

import { freePort, temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { root, run } from '../e2e/lib/program.mjs';
import { eventText, settings } from './functions-event.mjs';
import { goal } from './goal.mjs';
import { authorization, closed, isDry, OpenLoop } from './loads.mjs';
import { measure } from './measure.mjs';
import { print, report } from './report.mjs';
import { delivered, startOurs, withScope } from './servers.mjs';

const seconds = isDry ? 0.1 : Number(process.argv[2] ?? 3);
const folder = path.join(root, 'tests/bench/w3');
const functions = ['map', 'lodash', 'regexp', 'json', 'fetch'];

// An event as functions meet it: the one of functions-event.mjs, whose "@" becomes its messageId.
function writeEvent(scope) {
  const event = { ...JSON.parse(eventText(0)), messageId: '@', userAgent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36' };
  const into = temporaryFolder(scope);

  writeFiles(into, { 'event.json': JSON.stringify(event).replaceAll(/@(?!")/g, '\\u0040') });
  return path.join(into, 'event.json');
}

// The processes of the runners and what they share are in RSS; that there are as many as it takes
// is the service's choice.
function throughService(name) {
  return withScope(async (scope) => {
    const sink = await freePort();
    const event = writeEvent(scope);
    const server = await startOurs(scope, {
      files: { 'functions/one.js': fs.readFileSync(path.join(folder, `${name}.js`), 'utf8') },
      subscription: { function: 'functions/one.js', settings: { ...settings, endpoint: `http://127.0.0.1:${sink}/hook` } },
    });

    await OpenLoop.start(scope, { port: server.port, sinks: [`${sink}=delay=5`] });
    const load = (extent) => closed(server, 64, extent, { headers: [authorization, `event=${event}`] });

    await load(1); // warm
    await delivered(server);
    const before = await server.service.counters();
    const row = await measure(`partnerapp, ${name}`, server, async () => {
      const began = performance.now();
      const result = await load(seconds);

      await delivered(server);
      return { ...result, per_s: result.n / (performance.now() - began) * 1000 };
    });
    const after = await server.service.counters();

    return { ...row, undelivered: after.dead + after.discarded - before.dead - before.discarded };
  });
}

// null where isolated-vm could not be built.
async function beside(kind, name) {
  const { stdout, stderr, code } = await run([path.join(root, 'tests/bench/functions-beside.mjs'), kind, String(seconds), `w3/${name}.js`],
    { command: process.execPath, timeout: (seconds + 30) * 1000 });

  if (code === 0) return JSON.parse(stdout).cpu_us;
  if (kind === 'node' || !/isolated-vm/.test(stderr)) throw new Error(stderr);
  return null;
}

const rows = [];

for (const name of functions) rows.push(await throughService(name));
// isolated-vm has no fetch.
const alone = [];

for (const name of functions.slice(0, 4))
  alone.push({ name, isolated_vm_us: await beside('async', name), node_us: await beside('node', name) });

print('W3: five functions, end to end', rows);
console.log('the handler alone, from text to text, CPU µs      isolated-vm      Node');
for (const { name, isolated_vm_us: isolated, node_us: node } of alone)
  console.log(name.padEnd(46) + (isolated?.toFixed(1) ?? 'not built').padStart(15) + node.toFixed(1).padStart(10));
console.log('');
for (const { name, undelivered } of rows) goal(`W3 ${name}: events that were not delivered, goal 0`, undelivered, '', undelivered === 0);
report('w3', { seconds, rows, alone });
