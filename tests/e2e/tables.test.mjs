// SPDX-License-Identifier: MIT
// What people read: the tables and sentences of commands without --json, in a pipe and on a terminal.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { cleanEnvironment, endSignal, program, run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

// The rows of a table as objects, by the titles' places.
function tableOf(text) {
  const [head, ...rows] = text.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map((title) => [title[0], title.index]);

  return rows.map((row) => Object.fromEntries(starts.map(([title, start], i) =>
    [title, row.slice(start, starts[i + 1]?.[1]).trim()])));
}

// What a program says on a wide terminal.
function onTerminal(args, { cwd, env = {} }) {
  const words = args.map((word) => `'${word}'`).join(' ');

  return run(['-qec', `stty cols 160; exec ${program} ${words}`, '/dev/null'], { cwd, env: { TERM: 'xterm', ...env }, command: 'script' });
}

async function start(t) {
  const endpoint = await Endpoint.start(t, ({ body }) => (body.includes('Bad') ? 400 : 200));
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url } });

  return { endpoint, service };
}

test('events list is a table with the newest first, and says how to get the rest', async (t) => {
  const { service } = await start(t);
  const none = await service.run(['events', 'list']);

  assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'No match.\n']);
  for (const body of [track({ event: 'Good' }), track({ event: 'Bad' }), { type: 'identify', userId: 'ann' }]) await service.deliver(body);
  const all = await service.run(['events', 'list']);
  const rows = tableOf(all.stdout);

  assert.deepEqual(rows.map((row) => [row.TYPE, row.NAME, row.SUB, row.STATE, row.TRIES, row['LAST ANSWER']]), [
    ['identify', '', 'default', 'delivered', '1', '200'],
    ['track', 'Bad', 'default', 'dead', '1', 'the endpoint answered 400'],
    ['track', 'Good', 'default', 'delivered', '1', '200'],
  ], all.stdout);
  assert.ok(rows.every(({ ID }) => /^evt_\w{26}$/.test(ID)), 'whole ids in a pipe');
  assert.equal(all.stderr, '3 of 3.\n');
  const first = await service.run(['events', 'list', '--limit', '1']);
  const [, after] = /^1 of 3\. More: --limit 10, or --after (\S+)\n$/.exec(first.stderr) ?? assert.fail(first.stderr);
  const second = await service.run(['events', 'list', '--limit', '1', '--after', after]);

  assert.equal(tableOf(second.stdout)[0].NAME, 'Bad', 'the cursor goes on where the table ended');
});

test('on a terminal ids are as short as they may be, and still name one event', { skip: !hasTerminals && 'no pseudo-terminal here' }, async (t) => {
  const { service } = await start(t);
  const ids = [];
  const folders = ['--config', service.configFile, '--data', service.data];

  for (let i = 0; i < 3; i++) ids.push((await service.deliver(track())).id);
  const { stdout } = await onTerminal(['events', 'list', '--color', 'never', ...folders], { cwd: service.folder });
  const short = stdout.match(/evt_\w+/g).reverse();

  assert.equal(short.length, 3, stdout);
  for (const [i, id] of ids.entries()) {
    assert.ok(short[i].length < id.length && id.startsWith(short[i]), `${short[i]} of ${id}`);
    assert.equal((await service.runJson(['events', 'get', short[i]])).id, id);
  }
});

test('an endpoint is listed, shown, pinged and paused in words', async (t) => {
  const { endpoint, service } = await start(t);
  const host = `127.0.0.1:${endpoint.port}`;
  const say = async (...args) => {
    const { code, stdout, stderr } = await service.run(['endpoint', ...args]);

    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };

  await service.deliver(track());
  assert.deepEqual(tableOf(await say('list')).map(({ HOST, STATE, WAITING, STATUS }) => [HOST, STATE, WAITING, STATUS]),
    [[host, 'closed', '0', '200']]);
  assert.match(await say('get', host), new RegExp(`^  host +${host}$`, 'm'));
  assert.match(await say('ping', host), /^  status +200$/m);
  assert.equal(await say('pause', host), `Paused ${host}; deliveries wait until: partnerapp endpoint resume ${host}\n`);
  assert.equal(tableOf(await say('list'))[0].STATE, 'paused');
  await service.post(track());
  await until('status asks for somebody', async () => new RegExp(`${host}.*1 waiting: paused`).test((await service.run(['status'])).stdout));
  assert.equal(await say('resume', host), `Resumed ${host}\n`);
  const unknown = await service.run(['endpoint', 'get', 'nobody.example']);

  assert.equal(unknown.code, 5);
  assert.match(unknown.stderr, /no endpoint on this host/);
});

test('events tail says what comes in a line each, also without --json', async (t) => {
  const { service } = await start(t);
  const child = spawn(program, ['events', 'tail', '--config', service.configFile, '--data', service.data],
    { cwd: service.folder, env: cleanEnvironment() });
  let said = '';

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  await until('it is told', async () => {
    await service.deliver(track({ event: 'Si\u001b[31mgned' }));
    return /  ƒ  delivered default evt_/.test(said) && said.includes('→');
  });
  assert.match(said, /^[\d-]+T[\d:.]+Z  →  track "Si\?\[31mgned" default evt_\w{26}$/m);
  assert.ok(!said.includes('\u001b'), 'what a stranger named it moves no cursor');
});

test('a replay says its plan, what became of it, and that it is nothing when nothing matches', async (t) => {
  const { endpoint, service } = await start(t);
  const nothing = await service.run(['events', 'replay', 'is:dead', '--yes']);

  assert.deepEqual([nothing.code, nothing.stderr], [0, 'Nothing matches.\n']);
  const { id } = await service.deliver(track({ event: 'Bad' }));
  const dry = await service.run(['events', 'replay', 'event:Bad', '--dry-run']);

  assert.match(dry.stdout, /^1 would be replayed\n/);
  const again = await service.run(['events', 'replay', id]);

  assert.equal(again.code, 9, again.stderr);
  assert.match(again.stderr, /1 new delivery, with ids and keys of their own/);
  assert.equal(again.stdout, '1 replayed: 0 delivered, 1 failed again\n');
  endpoint.mood(200);
  const well = await service.run(['events', 'replay', id]);

  assert.equal(well.code, 0, well.stderr);
  assert.equal(well.stdout, '1 replayed: 1 delivered, 0 failed again\n');
});

test('what the service refuses, trigger says with what to do about it', async (t) => {
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, { subscription: { auth: 'key', endpoint: endpoint.url } });

  for (const [why, args, code, words] of [
    ['no key', [], 4, /401: API key is missing.*\n.*keys create/],
    ['no such subscription', ['--subscription', 'nobody'], 5, /nobody|404/],
    ['too many', ['--count', '1000000000'], 2, /--count/],
    ['a member that is none', ['--set', 'nonsense'], 2, /nonsense/],
  ]) {
    const got = await service.run(['trigger', 'track', ...args]);

    assert.equal(got.code, code, `${why}: ${got.code} ${got.stderr}`);
    assert.match(got.stderr, words, why);
  }
});

test('bash completes commands, verbs and flags', { skip: spawnSync('bash', ['-c', 'type complete']).status !== 0 && 'no bash' }, async (t) => {
  const cwd = temporaryFolder(t);
  const complete = async (...words) => {
    const last = words.length - 1;
    const script = `shopt -s progcomp; source <(${program} completion bash); compopt() { :; }
      COMP_WORDS=(partnerapp ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${last + 1}
      _partnerapp partnerapp '${words[last]}' ''; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { code, stdout, stderr } = await run(['--norc', '-c', script], { cwd, command: 'bash' });

    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter((word) => word !== '');
  };

  assert.deepEqual(await complete('evn'), []);
  assert.deepEqual(await complete('even'), ['events']);
  assert.deepEqual((await complete('events', '')).sort(), ['export', 'get', 'list', 'replay', 'tail']);
  assert.deepEqual(await complete('events', 'list', '--lim'), ['--limit']);
  assert.ok((await complete('status', '--')).includes('--json'), 'flags that every command has');
  const other = await run(['completion', 'fish'], { cwd });

  assert.equal(other.code, 2);
  assert.match(other.stderr, /no completion for `fish`\n.*partnerapp completion bash/s);
});
