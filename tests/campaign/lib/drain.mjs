// SPDX-License-Identifier: MIT
// Waiting until nothing waits any more: as long as it goes on, however slow the machine is.

import { setTimeout as pause } from 'node:timers/promises';

const STILL_MS = 60000;
const LONGEST_MS = 900000; // more is no wait that a campaign's policy asks for

// When the last of the next attempts is due. One that failed a dozen times waits for minutes, as
// its policy says: that is not standing still.
async function lastDue(service) {
  const events = await Promise.all((await service.events('is:retrying')).map(({ id }) => service.api(`/events/${id}`)));

  return Math.max(0, ...events.flatMap(({ deliveries }) => deliveries.map(({ next_at: at }) => (at ? Date.parse(at) : 0))));
}

// Returns how many deliveries stand still; 0 is what should be.
export async function drain(service, stillMs = STILL_MS) {
  let last = -1;
  let movedAt = Date.now();

  for (;;) {
    const { queued, running, retrying, delivered, discarded, dead } = await service.counters();
    const ended = delivered + discarded + dead;

    if (queued + running + retrying === 0) return 0;
    if (ended !== last) movedAt = Date.now();
    else if (Date.now() - movedAt > stillMs) {
      const due = await lastDue(service);

      if (due < Date.now() - stillMs || due > Date.now() + LONGEST_MS) return queued + running + retrying;
      movedAt = Math.min(due, Date.now());
    }
    last = ended;
    await pause(100);
  }
}
