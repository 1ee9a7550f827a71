// SPDX-License-Identifier: MIT
// Waiting for something to become true; the deadline is for the test that failed.

import { setTimeout as pause } from 'node:timers/promises';

// Asks @question until it answers something truthy, and returns that.
export async function until(what, question, { timeout = 15000, every = 10 } = {}) {
  const end = Date.now() + timeout;
  let last;

  for (;;) {
    try {
      last = await question();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`waited ${timeout} ms in vain until ${what}; last: ${describe(last)}`);
    await pause(every);
  }
}

function describe(value) {
  return value instanceof Error ? value.message : JSON.stringify(value);
}
