// SPDX-License-Identifier: MIT
// `partnerapp dev` on a terminal: what its keys do, and what its lines say.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
const skip = !hasTerminals && 'no pseudo-terminal here';

// A dev in a terminal of its own, with a desktop whose browser writes down what it is to open.
async function start(t) {
  const service = await Service.prepare(t, { mode: 'dev' });
  const bin = path.join(service.folder, 'bin');

  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" >> '${service.folder}/opened'\n`, { mode: 0o755 });
  service.stdin = 'pipe';
  service.env = { TERM: 'xterm', DISPLAY: ':9', PATH: `${bin}:${process.env.PATH}` };
  const args = service.arguments.filter((word) => word !== '--no-open').map((word) => `'${word}'`).join(' ');

  await service.up('script', ['-qefc', `stty cols 120; exec ${program} ${args} --color never`, '/dev/null']);
  await until('the banner is there', () => service.log.includes('--fresh'));
  service.press = (key) => service.child.stdin.write(key);
  service.says = (words, why = String(words)) => until(`it says ${why}`, () => words.test(service.log), { every: 5 });
  service.opened = () => fs.readFileSync(path.join(service.folder, 'opened'), 'utf8').trim().split('\n');
  return service;
}

test('dev opens the browser, and its keys send, replay, filter, explain and end', { skip }, async (t) => {
  const service = await start(t);
  const page = `http://127.0.0.1:${service.port}/`;

  await until('the browser is opened', () => fs.existsSync(path.join(service.folder, 'opened')) && service.opened().length === 1);
  service.press('?');
  await service.says(/t send test event .*q quit/s);
  service.press('r');
  await service.says(/Nothing to replay yet: press t/);
  service.press('t');
  const [event] = await until('an event came', async () => (await service.events()).length === 1 && service.events());

  await service.settled(event.id);
  await service.says(/→ .*track ".*accepted/);
  service.press('r');
  await until('it is delivered again', async () => (await service.api(`/events/${event.id}`)).deliveries.length === 2);
  service.press('e');
  await service.says(/Only errors/);
  service.press('e');
  await service.says(/Everything/);
  service.press('o');
  await until('the browser is opened again', () => service.opened().length === 2);
  assert.ok(service.opened().every((url) => url.replace('localhost', '127.0.0.1') === page), service.opened().join());
  service.press('q');
  await until('it ends', () => service.exit);
  assert.equal(service.exit.code, 0);
});

test('a failure has a line with its reason; with only errors nothing else has', { skip }, async (t) => {
  const service = await start(t);
  const file = path.join(service.folder, 'functions/hello/index.js');

  fs.writeFileSync(file, `async function onTrack(event) { if (event.event === 'Bad') throw new ValidationError('no plan \\x1b[2J'); return 1 }
    async function onIdentify() { throw new RetryError('in a moment') }\n`);
  await service.says(/reloaded, version 2 +handlers: 2 of 7 \(no onPage onScreen onGroup onAlias onDelete\)/);
  service.press('e');
  await service.says(/Only errors/);
  const before = service.log.length;

  await service.deliver(track({ event: 'Good' }));
  await service.deliver(track({ event: 'Bad' }));
  await service.says(/✖ .*discarded.*no plan/);
  await service.post({ type: 'identify', userId: 'ann' });
  await service.says(/↻ .*retrying.*next in /);
  const lines = service.log.slice(before);

  assert.doesNotMatch(lines, /Good|accepted/);
  assert.ok(!lines.includes('\u001b[2J'), 'what a function says moves no cursor');
  fs.writeFileSync(file, 'async function onTrack() {\n  return (\n}\n');
  await service.says(/✖ .*not reloaded; version 2 keeps running/);
});
