// SPDX-License-Identifier: MIT
// A line a goal, and whether all were met.

const all = [];

export function goal(what, value, unit, met) {
  all.push({ what, value, unit, met });
  console.log(`${met ? 'met     ' : 'NOT MET '} ${what}: ${value.toFixed(value < 10 ? 2 : 1)}${unit}`);
  return met;
}

export const goals = () => all;

// For the exit status of a command that has goals.
export const missed = () => all.filter(({ met }) => !met).length;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);

  return sorted[Math.floor(sorted.length / 2)];
}
