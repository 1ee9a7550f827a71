// SPDX-License-Identifier: MIT
// Processes as the kernel tells of them: whose child, how large, how large at most.

import fs from 'node:fs';

import { until } from '../e2e/lib/wait.mjs';

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

// Every process's parent, by number; not every kernel lists children.
function parents() {
  const all = new Map();

  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');

    if (rest[0] !== 'Z') all.set(Number(name), Number(rest[1]));
  }
  return all;
}

// The runners of a service: [{outer, inner}]; inner is the one that works, which in a pid
// namespace is the child's child.
export function runnersOf(service) {
  const all = parents();
  const childOf = (pid) => [...all].find(([, parent]) => parent === pid)?.[0];

  return [...all].filter(([, parent]) => parent === service)
    .map(([outer]) => ({ outer, inner: childOf(outer) ?? outer }));
}

// Ends runners and waits until nothing of them is left.
export async function endRunners(runners) {
  for (const { outer } of runners)
    try {
      process.kill(outer, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  await until('the runners have ended', () => {
    const all = parents();

    return !runners.some(({ outer, inner }) => all.has(outer) || all.has(inner));
  }, { every: 2 });
}

export function memoryOf(pid) {
  const status = read(`/proc/${pid}/status`);
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;

  return { now: field('VmRSS'), peak: field('VmHWM') };
}
