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
const longStall = 100; // ms, after which a miss may be the machine's

const tooLarge = (peak) => `a runner had ${peak.toFixed(0)} MiB, want ${limits.memory} + ${room} at most`;

// What was wrong with one attack, or nothing.
function fault(script, where, played) {
  const limit = where === 'scales' ? limits.ample : limits.timeout;

  if (!isAsWanted(script, played)) {
    const got = `${played.end} ${JSON.stringify(played.value)} ${played.name ?? ''} ${played.message}`.trim();

    return `${script.name}: got ${got}, want ${script.want ?? 'nothing in its hands'}`;
  }
  if (played.peak > limits.memory + room) return `${script.name}: ${tooLarge(played.peak)}`;
  if (played.ms > limit + grace)
    return `${script.name}: ended after ${Math.round(played.ms)} ms, want ${limit} + ${grace}`;
  return '';
}

// Plays one script; once more when the machine stood still meanwhile, and then says so: who
// looks at a runner's memory, or at the clock, stood still too.
async function playFairly(arena, script, where) {
  let played = await arena.play(script, where);
  let wrong = fault(script, where, played);

  if (wrong && played.stall >= longStall) {
    arena.repeated.push(`${wrong}; the machine stalled for ${played.stall} ms`);
    arena.hasSwollenInAStall ||= played.peak > limits.memory + room;
    await arena.renew();
    played = await arena.play(script, where);
    wrong = fault(script, where, played);
  }
  arena.peak = Math.max(arena.peak, played.peak);
  return wrong;
}

// Plays every script of a list; returns the faults. `isolated` gives each a new runner.
export async function playAll(arena, scripts, where, { isolated = false } = {}) {
  const faults = [];

  for (const script of scripts) {
    const wrong = await playFairly(arena, script, where);

    if (wrong) faults.push(wrong);
    if (isolated) await arena.renew();
  }
  return faults;
}

// Every other script of a list for each of two arenas.
export function halves(scripts) {
  return [0, 1].map((which) => scripts.filter((_, index) => index % 2 === which));
}

// What the bystanders posted and the service delivered for them while @work is done, a
// second. Who posts waits for nothing, so on a busy machine it may itself be slower.
export async function rateDuring(arenas, work) {
  const sum = (name) => arenas.reduce((all, arena) => all + arena[name], 0);
  const [posted, delivered, started] = [sum('posted'), sum('delivered'), Date.now()];

  await work();
  const seconds = (Date.now() - started) / 1000;

  return { posted: (sum('posted') - posted) / seconds, delivered: (sum('delivered') - delivered) / seconds };
}

export const quietRate = (arenas, ms = 3000) => rateDuring(arenas, () => pause(ms));

export const serviceMemory = (arena) => memoryOf(arena.service.child.pid).now;

// What was wrong with the rates of the bystanders: 90 % of what they had in quiet, or of what
// they posted where they were slower themselves.
export function judgeRates(quiet, busy) {
  const want = 0.9 * Math.min(quiet.delivered, busy.posted);

  return busy.delivered < want ? [`the bystanders: got ${busy.delivered.toFixed(1)} deliveries/s, want ${want.toFixed(1)}`] : [];
}

export const ratesText = (quiet, busy) =>
  `${busy.delivered.toFixed(0)}/s of ${busy.posted.toFixed(0)}/s posted (in quiet ${quiet.delivered.toFixed(0)}/s)`;

// What was wrong with one arena in the end.
export async function judge(arena, before) {
  const faults = [];
  const say = (isWrong, text) => { if (isWrong) faults.push(text) };
  const grown = serviceMemory(arena) - before;
  // The service tells only the most that it ever saw.
  const seen = arena.hasSwollenInAStall ? arena.peak : Math.max(arena.peak, await arena.peakOfService());

  arena.stopBystander();
  await until('the bystander\'s last event is delivered', () => arena.delivered === arena.posted || arena.refused);
  say(arena.refused, `an event of the bystander was refused: ${arena.refused}`);
  say(!(seen <= limits.memory + room), tooLarge(seen));
  say(grown > growth, `the service grew by ${grown.toFixed(0)} MiB, want ${growth} at most`);
  say(arena.injected.length > 0, `requests with a header that nobody may set: ${arena.injected.join(', ')}`);
  say(arena.service.exit, `the service ended: ${JSON.stringify(arena.service.exit)}`);
  return { faults, peak: seen, grown };
}
