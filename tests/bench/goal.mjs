// SPDX-License-Identifier: MIT
// A line a goal, and whether all were met.

let nMissed = 0;

export function goal(what, value, unit, met) {
  if (!met) nMissed++;
  console.log(`${met ? 'met     ' : 'NOT MET '} ${what}: ${value.toFixed(1)}${unit}`);
  return met;
}

// For the exit status of a command that has goals.
export const missed = () => nMissed;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);

  return sorted[Math.floor(sorted.length / 2)];
}
