// SPDX-License-Identifier: MIT
// Hostile code (tests/sandbox): nothing that a function does may touch another event, the
// service, or what it must not reach. The numbers in the names are how many were contained.
// The attacks that are measured are in sandbox-attacks.test.mjs.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';

import { Customers } from '../sandbox/customers.mjs';
import { leavings } from '../sandbox/scripts/customers.mjs';
import { atLoad } from '../sandbox/scripts/denial.mjs';
import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';
import { build, isSanitized, program, run } from './lib/program.mjs';

const skip = isSanitized && 'limits on memory mean nothing to a sanitizer';

const none = (faults) => assert.equal(faults.join('\n'), '');

test(`S1 at load: ${atLoad.length}/${atLoad.length} files that hang or swell while they load refuse the start`, { skip }, async (t) => {
  for (const { name, code } of atLoad) {
    const service = await Service.prepare(t, {
      files: { 'functions/f.js': code },
      config: { runners: { memory: '96MiB' } },
      subscription: { function: 'functions/f.js', function_timeout: '300ms', slice: '200ms' },
    });

    service.spawn();
    await until(`${name}: the start is refused`, () => service.exit, { timeout: 10000 });
    assert.notEqual(service.exit.code, 0, name);
    assert.match(service.log, /functions\/f\.js/, name);
  }
});

async function leavesNothing(t, isolation) {
  const customers = await Customers.open(t, isolation);
  const clean = await customers.probe();
  const faults = [];

  for (const { name } of leavings) {
    // With a key's own runners, B would else find what B's last probe left.
    if (isolation === 'key') await customers.renew();
    await customers.leave(name);
    const got = await customers.probe();

    if (got !== clean) faults.push(`${name}: got ${got}, want ${clean}`);
  }
  none(faults);
}

async function leavesEverything(t) {
  const customers = await Customers.open(t, 'function');
  const clean = await customers.probe();
  let nSeen = 0;

  for (const { name } of leavings.slice(0, 10)) {
    await customers.renew();
    await customers.leave(name);
    nSeen += (await customers.probe()) !== clean;
  }
  assert.equal(nSeen, 10);
}

test('S3: what one customer leaves behind for another', { timeout: 120000, concurrency: 3 }, (t) => Promise.all([
  ...['key', 'event'].map((isolation) =>
    t.test(`S3: ${leavings.length} things that a customer leaves behind, 0 seen by the next under isolation: ${isolation}`,
      (t) => leavesNothing(t, isolation))),
  t.test('S3: without isolation the probe sees that somebody was there', leavesEverything),
]));

const built = (name) => path.join(build, 'tests/unit/js', name);

test('S4: system calls of native code in the sandbox', { timeout: 240000, skip }, async (t) => {
  const { code, stdout } = await run([], { command: built('sandbox_attempts'), timeout: 200000 });

  await t.test(stdout.trim().split('\n').at(-1), () => assert.equal(code, 0, stdout));
});

// Each layer taken away in turn: what is the strongest level then, and what is said to be
// missing where a stronger one is demanded. A level of null: no runner is started at all.
const decays = [
  { layer: 'namespaces', level: 'hardened', missing: 'namespaces, empty root' },
  { layer: 'empty root', level: 'hardened', missing: 'empty root' },
  { layer: 'landlock', level: 'lambda', missing: 'landlock' },
  { layer: 'no capabilities', level: 'lambda', missing: 'no capabilities' },
  { layer: 'rlimits', level: null, missing: 'rlimits' },
  { layer: 'no new privileges', level: null, missing: 'seccomp' },
  { layer: 'seccomp', level: null, missing: 'seccomp' },
];

async function startWithout(t, layer, sandbox) {
  const service = await Service.prepare(t, {
    files: { 'functions/f.js': 'async function onTrack() { return 1 }' },
    config: { runners: { sandbox } },
    subscription: { function: 'functions/f.js' },
  });

  await service.up(built('without'), [layer, program, ...service.arguments]).catch(() => {});
  if (service.exit?.code === 77) t.skip(`this user cannot do without ${layer}`);
  return service;
}

for (const { layer, level, missing } of decays) {
  test(`S8 without ${layer}: strict refuses and says so, auto ${level ? `is ${level}` : 'refuses too'}`, async (t) => {
    const strict = await startWithout(t, layer, 'strict');

    if (strict.exit?.code === 77) return;
    assert.ok(strict.exit, `it started: ${strict.log}`);
    assert.notEqual(strict.exit.code, 0);
    assert.match(strict.log, new RegExp(`PA2030[^]*(missing: [a-z, ]*${missing}|load the seccomp filter)`));

    const auto = await startWithout(t, layer, 'auto');

    if (level === null) {
      assert.notEqual(auto.exit?.code ?? 0, 0, auto.log);
      return;
    }
    await until('the start is logged', () => auto.log.includes('msg="started"'));
    assert.match(auto.log, new RegExp(`msg="started".* sandbox=${level} layers="[^"]*seccomp"`));
    const { runners } = await auto.api('/status');

    assert.equal(runners.sandbox, level);
    assert.ok(!runners.sandbox_layers.includes(missing), runners.sandbox_layers);
  });
}
