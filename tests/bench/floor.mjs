// SPDX-License-Identifier: MIT
// The floor: node floor.mjs [SECONDS=3]
//
// What a bare epoll receiver, a group commit, a call into the engine and a request of libcurl cost
// on this machine, each by itself (floor.h). No goals: the rows of W1 and W4 are read beside them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import { freePort, temporaryFolder, writeFiles } from '../e2e/lib/place.mjs';
import { build, root } from '../e2e/lib/program.mjs';
import { eventText, settings } from './functions-event.mjs';
import { closed, isDry } from './loads.mjs';
import { print, report } from './report.mjs';
import { startNginx, withScope } from './servers.mjs';

const seconds = isDry ? 0.1 : Number(process.argv[2] ?? 3);
const command = path.join(build, 'tests/bench/floor');

// The row of a run; @work goes on while it does, and ends it.
async function run(name, args, { work, env = {} } = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');

  if (work) {
    await lines.next();
    await work();
    child.stdin.end();
  }
  const { value } = await lines.next();

  await ended;
  if (!value) throw new Error(`floor ${args[0]} ended without a word`);
  return { name, ...JSON.parse(value) };
}

const rows = await withScope(async (scope) => {
  const folder = temporaryFolder(scope);
  const handler = path.join(root, 'tests/bench/functions-handler.js');
  const port = await freePort();
  const files = ['event.json', 'settings.json'].map((name) => path.join(folder, name));
  const call = ['call', handler, ...files, String(seconds)];
  const nginx = await startNginx(scope);

  writeFiles(folder, { 'event.json': eventText(1), 'settings.json': JSON.stringify(settings) });
  // Beside the build: a temporary folder may be memory.
  const disk = fs.mkdtempSync(path.join(build, 'floor-'));

  scope.after(() => fs.rmSync(disk, { recursive: true, force: true }));
  return [
    await run('bare epoll receive, 64 connections', ['receive', String(port)], { work: () => closed({ port }, 64, seconds) }),
    await run('fdatasync, shared by 64 events of 1 KiB', ['sync', disk, String(seconds)]),
    await run('bare engine call, without JIT, as in the sandbox', call, { env: { JSC_useJIT: '0' } }),
    await run('bare engine call, with JIT', call),
    await run('bare curl, 64 in flight', ['post', String(nginx.port), String(seconds)]),
  ];
});

print('The floor; latency: of one fdatasync', rows);
report('floor', { seconds, rows });
