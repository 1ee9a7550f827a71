// SPDX-License-Identifier: MIT
// The programs under test, and running them once.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = process.env.BUILD ?? path.join(root, 'build');
export const program = path.join(build, 'partnerapp');
export const isSanitized = /-[at]san$/.test(build);

// What a test's program sees of our environment: nothing that could configure it.
export function cleanEnvironment(extra = {}) {
  const kept = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'TMPDIR', 'ASAN_OPTIONS', 'TSAN_OPTIONS', 'UBSAN_OPTIONS'])
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  return { ...kept, ...extra };
}

// What ends a program at the end of a test. One that is killed cannot write which lines it
// reached, so it is asked to end where that is measured (tools/coverage).
export const measuresCoverage = process.env.PARTNERAPP_COVERAGE === '1';
export const endSignal = measuresCoverage ? 'SIGTERM' : 'SIGKILL';

// Runs to the end: {code, signal, stdout, stderr}. A code of null is a signal.
export function run(args, { cwd, env, input = '', timeout = 20000, command = program } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: cleanEnvironment(env) });
    const output = { stdout: '', stderr: '' };
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);

    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => { output[name] += text; });
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...output });
    });
  });
}
