// SPDX-License-Identifier: MIT
// Plays lists of attacks in an arena and judges: every one ended as its table says, in time
// and within its memory, while the bystander delivered and the service stayed small.

import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../e2e/lib/wait.mjs';
import { isAsWanted, limits } from './arena.mjs';
import { memoryOf } from './processes.mjs';

const grace = 250; // ms after a limit
const room = 32; // MiB above a limit
const growth = 24; // MiB that the service may grow by

// What was wrong with one attack, or nothing.
function fault(script, where, played) {
  const once = where === 'scales' ? limits.ample : limits.timeout;
  // Whoever may have passed the scales has run twice: the second time alone.
  const limit = script.want === 'time' ? once : 2 * once;

  if (!isAsWanted(script, played)) {
    const got = `${played.end} ${JSON.stringify(played.value)} ${played.name ?? ''} ${played.message}`.trim();

    return `${script.name}: got ${got}, want ${script.want ?? 'nothing in its hands'}`;
  }
  if (played.ms > limit + grace + played.late)
    return `${script.name}: ended after ${Math.round(played.ms)} ms, want ${limit} + ${grace} ` +
      `(this process was ${played.late} ms late itself)`;
  return '';
}

// Plays every script of a list; returns the faults. `isolated` gives each a new runner.
export async function playAll(arena, scripts, where, { isolated = false } = {}) {
  const faults = [];

  for (const script of scripts) {
    const wrong = fault(script, where, await arena.play(script, where));

    if (wrong) faults.push(wrong);
    if (isolated) await arena.renew();
  }
  return faults;
}

// Deliveries of the bystander a second, while @work is done.
export async function rateDuring(arena, work) {
  const [before, started] = [arena.delivered, Date.now()];

  await work();
  return (arena.delivered - before) / ((Date.now() - started) / 1000);
}

export const quietRate = (arena, ms = 3000) => rateDuring(arena, () => pause(ms));

export const serviceMemory = (arena) => memoryOf(arena.service.child.pid).now;

// What was wrong with the whole of it: @quiet and @busy are the bystander's rates.
export async function judge(arena, { quiet, busy, before }) {
  const faults = [];
  const say = (isWrong, text) => { if (isWrong) faults.push(text) };
  const grown = serviceMemory(arena) - before;
  const seen = Math.max(arena.peak, await arena.peakOfService());

  arena.stopBystander();
  await until('the bystander\'s last event is delivered', () => arena.delivered === arena.posted || arena.refused);
  say(arena.refused, `an event of the bystander was refused: ${arena.refused}`);
  say(busy < quiet * 0.9, `the bystander: got ${busy.toFixed(1)} deliveries/s, want 90 % of ${quiet.toFixed(1)}`);
  say(!(seen <= limits.memory + room), `a runner had ${seen.toFixed(0)} MiB, want ${limits.memory} + ${room} at most`);
  say(grown > growth, `the service grew by ${grown.toFixed(0)} MiB, want ${growth} at most`);
  say(arena.injected.length > 0, `requests with a header that nobody may set: ${arena.injected.join(', ')}`);
  say(arena.service.exit, `the service ended: ${JSON.stringify(arena.service.exit)}`);
  return { faults, peak: seen, grown };
}
