// SPDX-License-Identifier: MIT
// Processes as the kernel tells of them: whose child, how large, how large at most.

import fs from 'node:fs';

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

export function memoryOf(pid) {
  const status = read(`/proc/${pid}/status`);
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;

  return { now: field('VmRSS'), peak: field('VmHWM') };
}
