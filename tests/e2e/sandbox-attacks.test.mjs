// SPDX-License-Identifier: MIT
// Hostile code (tests/sandbox) against the clock, the scales and the walls: it ends in time and
// within its memory, reaches nothing, and the others go on. The numbers in the names are how many
// were contained. What takes no measure of time is in sandbox.test.mjs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Arena, limits } from '../sandbox/arena.mjs';
import { halves, judge, judgeRates, playAll, quietRate, rateDuring, ratesText, serviceMemory } from '../sandbox/campaign.mjs';
import { denial } from '../sandbox/scripts/denial.mjs';
import { escape } from '../sandbox/scripts/escape.mjs';
import { memory } from '../sandbox/scripts/memory.mjs';
import { natives } from '../sandbox/scripts/natives.mjs';
import { isSanitized } from './lib/program.mjs';

const skip = isSanitized && 'limits on memory mean nothing to a sanitizer';

const none = (faults) => assert.equal(faults.join('\n'), '');

const clock = [...denial, ...natives];

// Two services beside each other, so that both cores are under attack.
test(`S1: ${clock.length} scripts against the clock, ${memory.length} against the scales; S2: ${escape.length} that reach out`,
  { timeout: 400000, skip }, async (t) => {
    const arenas = await Promise.all([1, 2].map(() => Arena.open(t, [...clock, ...memory, ...escape])));
    const playBoth = async (scripts, where, options) => {
      const parts = halves(scripts);

      return (await Promise.all(arenas.map((arena, i) => playAll(arena, parts[i], where, options)))).flat();
    };
    const faults = {};

    await playBoth(denial.slice(0, 20), 'clock'); // what the service allocates once
    const before = arenas.map(serviceMemory);
    const quiet = await quietRate(arenas);
    const busy = await rateDuring(arenas, async () => {
      faults.clock = await playBoth(clock, 'clock');
      faults.scales = await playBoth(memory, 'scales');
      faults.reach = await playBoth(escape, 'clock', { isolated: true });
    });
    const judged = await Promise.all(arenas.map((arena, i) => judge(arena, before[i])));
    const peak = Math.max(...judged.map((one) => one.peak)).toFixed(0);
    const grown = Math.max(...judged.map((one) => one.grown)).toFixed(0);
    const contained = (list, wrong) => `${list.length - wrong.length}/${list.length}`;

    for (const what of arenas.flatMap((arena) => arena.repeated)) t.diagnostic(`played again: ${what}`);
    await t.test(`S1 time: ${contained(clock, faults.clock)} contained within the limit + 250 ms`, () => none(faults.clock));
    await t.test(`S1 memory: ${contained(memory, faults.scales)} contained, the largest runner had ${peak} MiB of ${limits.memory}`,
      () => none(faults.scales));
    await t.test(`S2 reaching out: ${contained(escape, faults.reach)} contained`, () => none(faults.reach));
    await t.test(`bystanders delivered all they had, ${ratesText(quiet, busy)}, and a service grew by ${grown} MiB`,
      () => none([...judgeRates(quiet, busy), ...judged.flatMap((one) => one.faults)]));
  });
