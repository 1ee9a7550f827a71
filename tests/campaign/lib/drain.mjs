// SPDX-License-Identifier: MIT
// Waiting until nothing waits any more: as long as it goes on, however slow the machine is.

import { setTimeout as pause } from 'node:timers/promises';

const STILL_MS = 60000;

// Returns how many deliveries stand still; 0 is what should be.
export async function drain(service, stillMs = STILL_MS) {
  let last = -1;
  let movedAt = Date.now();

  for (;;) {
    const { queued, running, retrying, delivered, discarded, dead } = await service.counters();
    const ended = delivered + discarded + dead;

    if (queued + running + retrying === 0) return 0;
    if (ended !== last) movedAt = Date.now();
    else if (Date.now() - movedAt > stillMs) return queued + running + retrying;
    last = ended;
    await pause(100);
  }
}
