// SPDX-License-Identifier: MIT
// What processes have used of the machine.

import fs from 'node:fs';

// The process and all below it, from the parents that /proc names: not every kernel lists children.
export function familyOf(pid) {
  const parents = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      return [[Number(name), Number(fs.readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1])]];
    } catch {
      return []; // it has ended meanwhile
    }
  });
  const below = (parent) => parents.filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)]);

  return [pid, ...below(pid)];
}

// User and system time of one process, in microseconds.
export function cpuOfOne(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');

  return (Number(fields[11]) + Number(fields[12])) * 10000;
}

// The same of a process and its children.
export function cpuOf(pid) {
  return familyOf(pid).reduce((sum, member) => sum + cpuOfOne(member), 0);
}

export function residentMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

// What all threads of one process have had of the processors, in ms, to the microsecond.
export function cpuMsOf(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, thread) =>
    sum + Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0);
}
