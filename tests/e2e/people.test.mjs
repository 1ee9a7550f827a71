// SPDX-License-Identifier: MIT
// The engineer with twenty minutes, and the one on call at 02:00: what they type wrong,
// what they read, and what must not happen by accident.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import http from 'node:http';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { cleanEnvironment, endSignal, program, run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const dev = (t, options = {}) => Service.start(t, { mode: 'dev', ...options });

// The status and problem of a request to the admin API.
async function ask(service, target, { method = 'GET', body } = {}) {
  const headers = { 'Content-Type': 'application/json' };

  if (service.mode === 'serve') headers.Authorization = `Bearer ${service.token()}`;
  return request(`${service.admin}/api/v1${target}`, { method, headers, body });
}

// What comes over /api/v1/stream, as [name, data] pairs in `got`.
async function follow(t, service, query) {
  const got = [];
  const outgoing = http.get(`${service.admin}/api/v1/stream?q=${encodeURIComponent(query)}`);
  let text = '';

  t.after(() => outgoing.destroy());
  outgoing.on('error', () => {});
  await new Promise((resolve, reject) => {
    outgoing.on('response', (response) => {
      assert.equal(response.statusCode, 200);
      response.setEncoding('utf8').on('error', () => {}).on('data', (part) => {
        text += part;
        const blocks = text.split('\n\n');

        text = blocks.pop();
        for (const block of blocks) {
          const match = /event: (\w+)\ndata: (.*)/.exec(block);

          if (match) got.push([match[1], JSON.parse(match[2])]);
        }
        resolve();
      });
    });
    outgoing.on('error', reject);
  });
  return got;
}

const words = (got) => got.filter(([name]) => name !== 'stats')
  .map(([name, data]) => `${name} ${data.type ?? data.state}`);

test('a stream has what its query asks for, and nothing else', async (t) => {
  const service = await dev(t);
  const { json: key } = await ask(service, '/keys', { method: 'POST', body: { name: 'acme' } });
  const wanted = {
    '': ['event track', 'delivery delivered', 'event identify', 'delivery delivered', 'event page', 'delivery delivered'],
    'user:ann': ['event track', 'delivery delivered', 'event page', 'delivery delivered'],
    '-type:track user:ann': ['event page', 'delivery delivered'],
    'is:delivered type:identify': ['delivery delivered'],
    'is:queued': ['event track', 'event identify', 'event page'],
    'is:dead': [],
    'Signed': ['event track', 'delivery delivered'],
    'event:Sign*': ['event track', 'delivery delivered'],
    'message:m-1': ['event track', 'delivery delivered'],
    'key:acme': ['event page', 'delivery delivered'],
    [`key:${key.id}`]: ['event page', 'delivery delivered'],
    'sub:other': [],
    'before:1h': [],
  };
  const streams = new Map();

  for (const query of Object.keys(wanted)) streams.set(query, await follow(t, service, query));
  await service.deliver({ type: 'track', userId: 'ann', event: 'Signed Up', messageId: 'm-1' });
  await service.deliver({ type: 'identify', userId: 'bob' });
  await service.deliver({ type: 'page', userId: 'ann' }, { key: key.key });
  for (const [query, list] of Object.entries(wanted)) {
    await until(`all has come for ${query}`, () => words(streams.get(query)).length >= list.length);
    assert.deepEqual(words(streams.get(query)), list, `q=${query}`);
  }
  await until('the numbers come by themselves', () => streams.get('is:dead')
    .some(([name, data]) => name === 'stats' && data.counters.delivered === 3));
  const bad = await ask(service, '/stream?q=foo:bar');

  assert.equal(bad.status, 400);
  assert.match(bad.json.detail, /^no field "foo"/);
});

test('events tail with a query', async (t) => {
  const service = await dev(t);
  const child = spawn(program, ['events', 'tail', 'user:ann', '--json', '--data', service.data],
    { cwd: service.folder, env: cleanEnvironment() });
  let text = '';

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
  await until('it follows', async () => {
    await service.post({ type: 'track', userId: 'bob', event: 'No' });
    await service.post({ type: 'track', userId: 'ann', event: 'Yes' });
    return /delivered/.test(text);
  });
  const lines = text.trim().split('\n').map((line) => JSON.parse(line));

  assert.ok(lines.every((line) => line.kind === 'delivery' || line.user_id === 'ann'));
  assert.equal((await run(['events', 'tail', 'is:nope', '--data', service.data], { cwd: service.folder })).code, 2);
});

test('a misspelt request changes nothing', async (t) => {
  const service = await dev(t);

  await service.deliver(track());
  for (const [target, method, body, why] of [
    ['/replays', 'POST', { q: 'type:track', dryrun: true }, 'an unknown member'],
    ['/replays', 'POST', { q: 'type:track', dry_run: 'yes' }, 'a text for true'],
    ['/replays', 'POST', { q: 'type:track', ids: ['evt_00000000000000000000000000'] }, 'two answers to one question'],
    ['/replays', 'POST', { q: 5 }, 'a number for a text'],
    ['/replays', 'POST', [], 'no object'],
    ['/replays', 'POST', {}, 'nothing said'],
    ['/keys', 'POST', { name: 'x', subscription: ['default'] }, 'would be a key for everything'],
    ['/keys', 'POST', { name: 5 }, 'a number for a name'],
    ['/tokens', 'POST', { role: 'boss' }, 'no such role'],
    ['/sinks/demo/behaviour', 'PUT', { status: '503' }, 'a text for a number'],
    ['/sinks/demo/behaviour', 'PUT', { status: 99 }, 'no status'],
    ['/sinks/demo/behaviour', 'PUT', { status: 503, times: -1 }, 'negative'],
    ['/sinks/demo/behaviour', 'PUT', { delay: 5 }, 'an unknown member'],
  ]) {
    const { status, json, headers } = await ask(service, target, { method, body });

    assert.equal(status, 400, why);
    assert.match(headers['content-type'], /^application\/problem\+json/, why);
    assert.match(json.code, /^PA\d{4}$/, why);
  }
  assert.equal((await service.counters()).replayed, 0);
  assert.equal((await service.api('/keys')).total, 0);
  assert.equal((await request(`${service.url}/sink/demo`)).status, 200);
});

test('a replay that matches nothing is a job like others, and done', async (t) => {
  const service = await dev(t);
  const job = await service.api('/replays', { method: 'POST', body: { q: 'user:nobody' } });

  assert.match(job.id, /^rpl_/);
  assert.deepEqual([job.matched, job.done, job.failed, job.state], [0, 0, 0, 'done']);
  assert.equal((await service.api(`/replays/${job.id}`)).state, 'done');
});

test('an id from a store that is gone is nobody in the next one', async (t) => {
  const service = await dev(t);
  const old = await service.deliver(track());
  const oldReplay = await service.api('/replays', { method: 'POST', body: { q: 'type:track' } });
  const oldKey = await service.api('/keys', { method: 'POST', body: {} });

  await service.stop();
  await service.up(undefined, [...service.arguments, '--fresh']);
  await service.deliver(track());
  await service.api('/replays', { method: 'POST', body: { q: 'type:track' } });
  await service.api('/keys', { method: 'POST', body: {} });
  for (const [target, method] of [[`/events/${old.id}`, 'GET'], [`/events/${old.deliveries[0].id}`, 'GET'],
    [`/replays/${oldReplay.id}`, 'GET'], [`/keys/${oldKey.id}`, 'DELETE']])
    assert.equal((await ask(service, target, { method })).status, 404, target);
  const plan = await service.api('/replays', { method: 'POST', body: { ids: [old.id], dry_run: true } });

  assert.equal(plan.matched, 0);
  assert.equal((await service.events(`id:${old.id}`)).length, 0);
  assert.equal((await service.api('/keys')).data[0].revoked_at, null);
});

test('230 events are walked by pages of 50, each once; lists say how many there are', async (t) => {
  const service = await dev(t);
  const seen = new Set();
  let cursor = '';
  let pages = 0;

  await service.post(Array.from({ length: 230 }, (_, i) => track({ messageId: `m-${i}` })));
  do {
    const page = await service.api(`/events?limit=50&after=${cursor}`);

    assert.equal(page.total, 230);
    for (const { id } of page.data) seen.add(id);
    cursor = page.next;
    pages++;
  } while (cursor);
  assert.equal(seen.size, 230);
  assert.equal(pages, 5);
  for (const list of ['dead', 'keys', 'tokens', 'functions', 'endpoints']) {
    const page = await service.api(`/${list}`);

    assert.equal(page.next, null, list);
    assert.equal(page.total, page.data.length, list);
  }
  assert.deepEqual((await service.api('/functions')).data[0].handlers.slice(0, 2), ['onIdentify', 'onTrack']);
});

test('the sink shows every header of a request', async (t) => {
  const service = await dev(t);

  await request(`${service.url}/sink/mine`, { method: 'POST', body: 'x', headers: { 'X-Mine': '1', 'X-Many': ['a', 'b'] } });
  const { data: [got] } = await service.api('/sinks/mine/requests');

  assert.equal(got.headers['X-Mine'], '1');
  assert.equal(got.headers['X-Many'], 'a, b');
});

test('metrics: each has its help and type once, before its samples', async (t) => {
  const service = await dev(t);

  await service.deliver(track());
  const { text } = await request(`${service.url}/metrics`);
  const known = new Map();

  assert.ok(text.endsWith('\n'));
  assert.match(text, /^process_resident_memory_bytes \d{6,}$/m);
  for (const line of text.trim().split('\n')) {
    const comment = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line);
    const sample = /^(\w+?)(_bucket|_sum|_count)?(\{.*\})? (\S+)$/.exec(line);

    if (comment) {
      const facts = known.get(comment[2]) ?? {};

      assert.equal(facts[comment[1]], undefined, `${line} comes twice`);
      known.set(comment[2], { ...facts, [comment[1]]: comment[3] });
      continue;
    }
    assert.ok(sample, line);
    const facts = known.get(sample[1]) ?? known.get(sample[1] + (sample[2] ?? ''));

    assert.ok(facts?.HELP && facts?.TYPE, `${line} has neither help nor type`);
    assert.ok(Number.isFinite(Number(sample[4])), line);
  }
});

test('roles: who may look, act, and let others in', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const tokens = {};

  for (const role of ['viewer', 'operator', 'admin'])
    tokens[role] = (await service.api('/tokens', { method: 'POST', body: { role } })).token;
  for (const [method, target, allowed] of [
    ['GET', '/status', ['viewer', 'operator', 'admin']],
    ['GET', '/events', ['viewer', 'operator', 'admin']],
    ['POST', '/replays', ['operator', 'admin']],
    ['DELETE', '/dead?q=is:dead', ['operator', 'admin']],
    ['POST', '/keys', ['admin']],
    ['GET', '/tokens', ['admin']],
  ]) {
    for (const [role, token] of Object.entries(tokens)) {
      const body = method === 'POST' ? (target === '/replays' ? { q: 'user:nobody' } : {}) : undefined;
      const { status, json } = await request(`${service.admin}/api/v1${target}`,
        { method, body, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });

      assert.equal(status === 403, !allowed.includes(role), `${role} ${method} ${target}: ${status}`);
      if (status === 403) assert.match(json.code, /^PA/);
    }
    const { status } = await request(`${service.admin}/api/v1${target}`, { method });

    assert.equal(status, 401, `nobody ${method} ${target}`);
  }
});

test('shortened ids are taken where whole ones are, and nobody\'s end with 5', async (t) => {
  const service = await dev(t);
  const cwd = service.folder;
  const cli = (...args) => run([...args, '--data', service.data], { cwd });
  const event = await service.deliver(track());
  const short = event.id.slice(0, 16);

  assert.equal(JSON.parse((await cli('events', 'get', short, '--json')).stdout).id, event.id);
  const replay = await cli('events', 'replay', short, '--json');

  assert.equal(replay.code, 0, replay.stderr);
  assert.equal(JSON.parse(replay.stdout).delivered, 1);
  await service.api('/sinks/demo/behaviour', { method: 'PUT', body: { status: 400 } });
  writeFiles(cwd, { 'functions/hello/index.js': 'async function onTrack() { throw new Error("no") }' });
  const dead = await until('one is dead', async () => {
    const one = await service.deliver(track());

    return one.deliveries[0].state === 'dead' && one;
  });
  const discard = await cli('dead', 'discard', dead.id.slice(0, 20), '--yes', '--json');

  assert.equal(JSON.parse(discard.stdout).discarded, 1, discard.stderr);
  for (const args of [['events', 'get'], ['events', 'replay'], ['dead', 'replay'], ['dead', 'discard']])
    assert.equal((await cli(...args, 'evt_00000000000000000000000001')).code, 5, args.join(' '));
});

test('trigger finds a subscription by its name, wherever it listens', async (t) => {
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, { config: { subscriptions: [
    { name: 'crm', path: '/in/crm', auth: 'none', endpoint: endpoint.url }] } });

  assert.equal((await service.runJson(['trigger', 'track', '--subscription', 'crm'])).state, 'delivered');
  const missing = await service.run(['trigger', 'track']);

  assert.equal(missing.code, 5);
  assert.match(missing.stderr, /no subscription `default`[^]*--subscription crm/);
  const typo = await service.run(['trigger', 'tarck']);

  assert.match(typo.stderr, /did you mean `track`/);
});

test('the token of this machine is not shown to another server', async (t) => {
  const cwd = temporaryFolder(t);
  const stranger = await Endpoint.start(t, { status: 404 }, '0.0.0.0');
  const name = `http://127.0.0.2:${stranger.port}`;

  writeFiles(cwd, { '.partnerapp/admin.token': 'pat_local' });
  await run(['status', '--server', name], { cwd });
  assert.equal(stranger.requests[0].headers.authorization, undefined);
  await run(['status', '--server', name, '--data', '.partnerapp'], { cwd });
  assert.equal(stranger.requests[1].headers.authorization, 'Bearer pat_local', 'who names the folder means it');
});

test('a key for a subscription that is not there is refused, with and without a service', async (t) => {
  const service = await Service.prepare(t);
  const create = () => service.run(['keys', 'create', '--subscription', 'nope']);
  const offline = await create();

  assert.equal(offline.code, 2);
  assert.match(offline.stderr, /PA7012[^]*`nope`/);
  await service.up();
  assert.equal((await create()).code, 2);
  assert.equal((await service.api('/keys')).total, 0);
});

test('every command: -h shows examples and 0, --json is JSON, a typo runs nothing', async (t) => {
  const cwd = temporaryFolder(t);
  const { commands } = JSON.parse((await run(['--json'], { cwd })).stdout);

  for (const { name, built, examples } of commands) {
    const help = await run([...name.split(' '), '-h'], { cwd });

    assert.equal(help.code, 0, name);
    if (built) assert.ok(help.stdout.includes(examples[0]), name);
    const typo = await run([...name.split(' ').slice(0, -1), `${name.split(' ').at(-1)}x`, '--json'], { cwd });

    assert.equal(typo.code, 2, name);
    assert.match(JSON.parse(typo.stderr).error.help, /did you mean|partnerapp help/, name);
  }
  for (const args of [['version'], ['config', 'show'], ['config', 'reference'], ['config', 'check'], ['help'], ['explain', 'PA1003']]) {
    writeFiles(cwd, { 'partnerapp.yaml': { subscriptions: [{ name: 'a', endpoint: 'https://a.test/' }] } });
    const { stdout, code } = await run([...args, '--json'], { cwd });

    assert.equal(code, 0, args.join(' '));
    assert.equal(stdout.trim().split('\n').length, 1, args.join(' '));
    assert.ok(!Array.isArray(JSON.parse(stdout)), args.join(' '));
  }
});

test('a plain terminal, a pipe and the C locale get plain text', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'partnerapp.yaml': 'servr: 1\n' });
  for (const env of [{ LC_ALL: 'C' }, { LC_ALL: 'C', TERM: 'dumb' }, { LC_ALL: 'C', NO_COLOR: '1' }]) {
    for (const args of [[], ['help'], ['config', 'check'], ['events', '-h'], ['status'], ['explain', 'PA2001']]) {
      const { stdout, stderr } = await run(args, { cwd, env });

      assert.doesNotMatch(stdout + stderr, /[^\x00-\x7f]|\x1b/, args.join(' '));
    }
  }
});

test('config check tells all problems at once, and of functions that are not there', async (t) => {
  const cwd = temporaryFolder(t);
  const check = (content, ...args) => {
    writeFiles(cwd, { 'c.yaml': content });
    return run(['config', 'check', 'c.yaml', ...args], { cwd });
  };
  const three = await check('servr: {}\nlimits: {body: banana}\nsubscriptions:\n  - name: a\n    endpointt: x\n');

  assert.equal(three.code, 3);
  for (const place of ['c.yaml:1:1', 'c.yaml:2:16', 'c.yaml:5:5']) assert.ok(three.stderr.includes(place), three.stderr);
  assert.match(three.stderr, /did you mean `endpoint`/);
  const absent = await check('subscriptions: [{name: a, function: none.js}]\n', '--json');

  assert.equal(absent.code, 3);
  assert.equal(JSON.parse(absent.stdout).ok, false);
  assert.match(JSON.parse(absent.stdout).problems[0].message, /function of subscription `a` is not there/);
  writeFiles(cwd, { '.env': 'CLIENT_SECRET="abc\ndef"\n' });
  const spoiled = await check('subscriptions: [{name: a, endpoint: "http://a.test/"}]\n');

  assert.equal(spoiled.code, 3);
  assert.match(spoiled.stderr, /CLIENT_SECRET[^]*\.env:1/);
  assert.doesNotMatch(spoiled.stderr, /abc/, 'no part of a secret is shown');
});

test('a second dev in one folder ends with 6 and says where the first is', async (t) => {
  const service = await dev(t);
  const second = await run(['dev', '--port', '0', '--no-open', '--data', service.data], { cwd: service.folder });

  assert.equal(second.code, 6);
  assert.match(second.stderr, new RegExp(`pid ${service.child.pid}`));
  assert.ok(second.stderr.includes(`:${service.port}/`), second.stderr);
});

// script(1) gives it a terminal, where the machine has any to give.
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

test('on a terminal an event is told in order: in, function, out', { skip: !hasTerminals && 'no pseudo-terminal here' }, async (t) => {
  const service = await Service.prepare(t, { mode: 'dev' });
  const command = `exec ${[program, ...service.arguments].map((word) => `'${word}'`).join(' ')}`;
  await service.up('script', ['-qfec', command, '/dev/null']);
  await service.deliver(track({ event: 'Told' }));
  await until('the link is there', () => /localhost:\d+\/events\/evt_/.test(service.log));
  const told = service.log.replaceAll(/\x1b\[[0-9;]*m/g, '').slice(service.log.indexOf('--fresh'));
  const at = ['default', 'onTrack', '/sink/demo', '/events/evt_'].map((word) => told.indexOf(word));

  assert.ok(at.every((position) => position >= 0), told);
  assert.deepEqual(at, [...at].sort((a, b) => a - b), told);
  assert.match(told, /hello +onTrack/);
  assert.match(told, /sink +200 POST \/sink\/demo/);
});
