// SPDX-License-Identifier: MIT
// The local Segment from the command line: exec and what is left after it, start, env, status, reset, clock, and dev.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { request } from './lib/http.mjs';
import { freePort, temporaryFolder } from './lib/place.mjs';
import { build, cleanEnvironment, endSignal, program, run } from './lib/program.mjs';
import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const exec = (flags, command, options) => run(['emulator', 'exec', ...flags, '--', ...command], options);
const sh = (script, options) => exec([], ['sh', '-c', script], options);

// A program that goes on until it is told to end.
class Running {
  log = '';
  exit = null;

  constructor(t, args, { cwd, env, detached = false } = {}) {
    this.child = spawn(program, args, { cwd, env: cleanEnvironment(env), detached, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => { this.log += text; });
    this.child.on('exit', (code, signal) => { this.exit = { code, signal }; });
    t.after(() => { if (!this.exit) this.child.kill(endSignal); });
  }

  says(word) {
    return until(`it says ${word}`, () => this.exit || this.log.includes(word), { every: 2 }).then(() => {
      assert.ok(this.log.includes(word), this.log);
    });
  }

  async ends() {
    await until('it ends', () => this.exit, { every: 2 });
    return this.exit;
  }
}

function answers(url) {
  const { hostname, port } = new URL(url);

  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);

    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

// Without a parent that waits for it, a process may stay as a zombie for a while.
function isAlive(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function descendantsOf(pid) {
  const children = fs.readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean));

  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

const emulatorsOf = (pid) => descendantsOf(pid).filter((child) =>
  fs.readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('partnerapp-emulator'));

const variables = ['SEGMENT_ID_URL', 'SEGMENT_API_URL', 'SEGMENT_TRACKING_URL', 'SEGMENT_APP_URL', 'CLIENT_ID', 'CLIENT_SECRET',
  'SEGMENT_WRITE_KEY', 'PARTNERAPP_CLOCK_URL'];

test('exec needs nothing that runs, gives its command all it needs, and leaves nothing after it', async (t) => {
  const cwd = temporaryFolder(t);
  const { code, stdout, stderr } = await sh('env; echo; curl -s "$SEGMENT_API_URL/_emulator/state"', { cwd });
  const [text, answer] = stdout.split('\n\n');
  const environment = Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));

  assert.equal(code, 0, stderr);
  assert.equal(stderr, '', 'nothing of ours between what the command says');
  for (const name of variables) assert.ok(environment[name], `${name} in ${text}`);
  assert.equal(environment.SEGMENT_WRITE_KEY, 'dev_writekey_website');
  assert.equal(JSON.parse(answer).workspaces, 2);
  await until('the port is closed', async () => !(await answers(environment.SEGMENT_API_URL)));
  assert.deepEqual(fs.readdirSync(cwd), [], 'no file');
});

test('exec leaves no process, whatever becomes of its command or of itself', async (t) => {
  for (const [why, end] of [
    ['the command ends', (running, pid) => process.kill(pid, 'SIGKILL')],
    ['SIGTERM', (running) => running.child.kill('SIGTERM')],
    ['SIGKILL', (running) => running.child.kill('SIGKILL')],
  ]) {
    const running = new Running(t, ['emulator', 'exec', '--', 'sh', '-c', 'echo pid=$$ $SEGMENT_API_URL; exec sleep 60']);

    await running.says('http');
    const [, pid, url] = running.log.match(/pid=(\d+) (\S+)/);
    const all = descendantsOf(running.child.pid);

    assert.ok(all.length >= 2, 'the command and the local Segment');
    end(running, Number(pid));
    await running.ends();
    await until(`${why}: all are gone`, () => all.every((one) => !isAlive(one)));
    // The first thread of a process may be gone before the last one has let go of the port.
    await until(`${why}: the port is closed`, async () => !(await answers(url)));
  }
});

test('exec ends as its command ended', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [why, script, want] of [
    ['a code', 'exit 7', 7], ['0', 'true', 0], ['a signal', 'kill -TERM $$', 143], ['another', 'kill -KILL $$', 137],
  ])
    assert.equal((await sh(script, { cwd })).code, want, why);
  const missing = await exec([], ['no-such-program'], { cwd });

  assert.equal(missing.code, 5);
  assert.match(missing.stderr, /no-such-program/);
  assert.equal((await run(['emulator', 'exec'], { cwd })).code, 2, 'a command is wanted');
});

test('exec passes on all that stands after --, its input and its output', async (t) => {
  const cwd = temporaryFolder(t);
  const odd = ['--json', '-h', '--', '--port', 'a b', ''];
  const got = await exec(['--seed', '42'], ['node', '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', 'x', ...odd], { cwd });
  const echoed = await exec([], ['cat'], { cwd, input: 'through' });

  assert.deepEqual(JSON.parse(got.stdout), ['x', ...odd]);
  assert.equal(echoed.stdout, 'through');
});

test('exec passes SIGINT and SIGTERM on, and waits for what the command makes of it', async (t) => {
  for (const [signal, want] of [['SIGINT', 3], ['SIGTERM', 4]]) {
    const script = 'trap "exit 3" INT; trap "exit 4" TERM; echo ready; while :; do sleep 0.01; done';
    const running = new Running(t, ['emulator', 'exec', '--', 'sh', '-c', script]);

    await running.says('ready');
    running.child.kill(signal);
    assert.deepEqual(await running.ends(), { code: want, signal: null });
  }
});

// script(1) gives it a terminal, where the machine has any to give.
const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

test('Ctrl-C of a terminal reaches the command of exec once', { skip: !hasTerminals && 'no pseudo-terminal here' }, async (t) => {
  const cwd = temporaryFolder(t);
  const count = path.join(cwd, 'count.js');
  const terminal = path.join(cwd, 'terminal.log');

  fs.writeFileSync(count, `let n = 0
    process.on('SIGINT', () => { n++; clearTimeout(globalThis.end); globalThis.end = setTimeout(() => process.exit(20 + n), 300) })
    setInterval(() => {}, 1000); console.log('ready')`);
  const child = spawn('script', ['-qefc', `exec ${program} emulator exec -- node ${count}`, terminal], { cwd, env: cleanEnvironment({}) });
  let log = '';
  const ended = new Promise((resolve) => { child.on('exit', resolve); });

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (text) => { log += text; });
  await until('the command is ready', () => log.includes('ready'));
  child.stdin.write('\x03');
  assert.equal(await ended, 21);
});

test('exec --seed makes the same world, another seed another one', async (t) => {
  const cwd = temporaryFolder(t);
  const secretOf = async (seed) => (await exec(['--seed', seed], ['sh', '-c', 'echo $CLIENT_ID $CLIENT_SECRET'], { cwd })).stdout;

  assert.equal(await secretOf('42'), await secretOf('42'));
  assert.notEqual(await secretOf('42'), await secretOf('43'));
});

test('inside exec, partnerapp emulator means the one of exec', async (t) => {
  const cwd = temporaryFolder(t);
  const { stdout, code } = await sh(`${program} emulator clock freeze && ${program} emulator status --json`, { cwd });

  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout.split('\n')[1]).clock.frozen, true);
});

test('start says where it listens, env how to use it, and SIGINT and SIGTERM end it with 0', async (t) => {
  const cwd = temporaryFolder(t);

  for (const signal of ['SIGINT', 'SIGTERM']) {
    const port = String(await freePort());
    const running = new Running(t, ['emulator', 'start', '--port', port, '--public-api-port', '0'], { cwd });

    await running.says('emulator env');
    for (const word of [`http://localhost:${port}/`, 'Tracking API', 'Config API', 'Public API', 'Client id'])
      assert.ok(running.log.includes(word), `${word} in ${running.log}`);
    const env = JSON.parse((await run(['emulator', 'env', '--port', port, '--format', 'json'], { cwd })).stdout);

    for (const name of [...variables, 'SEGMENT_PUBLIC_API_URL', 'SEGMENT_PUBLIC_API_TOKEN']) assert.ok(env[name], name);
    assert.ok(!running.log.includes(env.CLIENT_SECRET), 'the banner has no secret');
    const exports = await run(['emulator', 'env', '--port', port], { cwd });
    const taken = await run(['-c', `${exports.stdout}\nnode -p 'JSON.stringify(process.env)'`], { command: 'sh', cwd });
    const seen = JSON.parse(taken.stdout);

    for (const name of Object.keys(env)) assert.equal(seen[name], env[name], `${name}, through a shell`);
    running.child.kill(signal);
    assert.deepEqual(await running.ends(), { code: 0, signal: null });
    await until('the port is closed', async () => !(await answers(`http://127.0.0.1:${port}`)));
  }
});

test('start --json is one line without the secret', async (t) => {
  const running = new Running(t, ['emulator', 'start', '--port', '0', '--json']);

  await running.says('\n');
  const line = JSON.parse(running.log);

  assert.match(line.SEGMENT_API_URL, /^http:\/\/localhost:\d+$/);
  assert.equal(line.CLIENT_SECRET, undefined);
});

test('start --data keeps what it knows, and commands find it by that folder', async (t) => {
  const cwd = temporaryFolder(t);
  const start = async () => {
    const running = new Running(t, ['emulator', 'start', '--port', '0', '--data', 'segment'], { cwd });

    await running.says('emulator env');
    return running;
  };
  const ask = async (...args) => JSON.parse((await run(['emulator', ...args, '--data', 'segment', '--json'], { cwd })).stdout);
  const first = await start();
  const before = await ask('env');

  await ask('clock', 'advance', '48h');
  const { now } = await ask('clock');

  first.child.kill('SIGTERM');
  await first.ends();
  assert.ok(!fs.existsSync(path.join(cwd, 'segment/emulator.url')), 'nobody is led to one that is gone');
  const second = await start();

  assert.equal((await ask('env')).CLIENT_SECRET, before.CLIENT_SECRET);
  assert.ok((await ask('clock')).now >= now, 'its time goes on from there');
  second.child.kill('SIGTERM');
  await second.ends();
});

test('a start that cannot be is refused in one sentence, with a code of its own', async (t) => {
  const cwd = temporaryFolder(t);
  const port = String(await freePort());
  const running = new Running(t, ['emulator', 'start', '--port', port, '--data', 'one'], { cwd });

  await running.says('emulator env');
  for (const [why, args, code, ...words] of [
    ['a public host', ['--host', '0.0.0.0', '--port', '0'], 2, '--i-know', '0.0.0.0'],
    ['a public host of IPv6', ['--host', '::', '--port', '0'], 2, '--i-know'],
    ['a port that is taken', ['--port', port], 6, port, 'emulator start --port'],
    ['a port of the Public API that is taken', ['--port', '0', '--public-api-port', port], 6, port, '--public-api-port'],
    ['one port for both', ['--port', '9555', '--public-api-port', '9555'], 2, '--public-api-port'],
    ['a folder that is taken', ['--port', '0', '--data', 'one'], 6, 'one'],
    ['a rate that is none', ['--port', '0', '--clock-rate', 'fast'], 2, '--clock-rate'],
    ['a scope that is none', ['--port', '0', '--scope', 'everything'], 2, '--scope', 'everything'],
    ['a slug that is none', ['--port', '0', '--slug', 'a b'], 2, '--slug'],
    ['plain http to elsewhere as redirect URI', ['--port', '0', '--redirect-uri', 'http://partner.example/cb'], 2, '--redirect-uri'],
    ['plain http to elsewhere for events', ['--port', '0', '--subscription-url', 'http://partner.example/'], 2, '--subscription-url', 'https'],
    ['a port out of range', ['--port', '70000'], 2, '--port'],
  ]) {
    const got = await run(['emulator', 'start', ...args], { cwd });

    assert.equal(got.code, code, `${why}: ${got.stderr}`);
    assert.equal(got.stdout, '', why);
    assert.equal(got.stderr.match(/error\[/g).length, 1, `${why}: ${got.stderr}`);
    for (const word of words) assert.ok(got.stderr.includes(word), `${why}: ${word} in ${got.stderr}`);
    assert.ok(!got.stderr.includes('partnerapp dev'), `${why}: ${got.stderr}`);
  }
  const alone = spawnSync(path.join(build, 'partnerapp-emulator'), ['--port', port], { encoding: 'utf8' });

  assert.equal(alone.status, 6);
  assert.match(alone.stderr, /error\[PA1020\].*\n.*--port N/);
  assert.doesNotMatch(alone.stderr, /partnerapp dev/);
  const known = new Running(t, ['emulator', 'start', '--host', '0.0.0.0', '--port', '0', '--i-know'], { cwd });

  await known.says('emulator env');
});

test('each command that finds no local Segment ends with 7 and says how to get one', async (t) => {
  const cwd = temporaryFolder(t);
  const port = String(await freePort());

  for (const args of [['env'], ['status'], ['reset'], ['clock'], ['clock', 'freeze'], ['fault'], ['fault', 'clear'],
    ['snapshot', 'save', 'x.json']]) {
    const got = await run(['emulator', ...args, '--port', port], { cwd });

    assert.equal(got.code, 7, `${args}: ${got.stderr}`);
    assert.ok(got.stderr.includes('partnerapp emulator start') && got.stderr.includes(port), got.stderr);
  }
});

test('what does not fit is a usage error before anything is asked', async (t) => {
  const cwd = temporaryFolder(t);

  for (const args of [['clock', 'advance'], ['clock', 'advance', 'x'], ['clock', 'rate', '-1'], ['clock', 'freeze', '1'], ['clock', 'x'],
    ['fault', 'set'], ['fault', 'set', 'sink'], ['fault', 'x'], ['fault', 'set', 'sink', '--delay', '6s..2s'], ['snapshot', 'keep', 'f'],
    ['env', '--format', 'xml'], ['status', '--port', '0'], ['status', '--emulator-url', 'ftp://x']])
    assert.equal((await run(['emulator', ...args], { cwd })).code, 2, args.join(' '));
});

test('the clock is moved, frozen, sped up, and reset brings everything back', async (t) => {
  const cwd = temporaryFolder(t);
  const script = `set -e
    ${program} emulator clock freeze >&2
    ${program} emulator clock --json
    ${program} emulator clock advance 2h --json
    ${program} emulator clock rate 3600 --json
    ${program} emulator clock resume --json
    ${program} emulator reset --json
    ${program} emulator clock`;
  const { stdout, stderr, code } = await sh(script, { cwd });
  const lines = stdout.trimEnd().split('\n');
  const [frozen, moved, fast, resumed, state] = lines.slice(0, 5).map((line) => JSON.parse(line));

  assert.equal(code, 0, stderr);
  assert.match(stderr, /frozen/);
  assert.equal(Date.parse(moved.now) - Date.parse(frozen.now), 2 * 3600 * 1000, 'to the millisecond');
  assert.deepEqual([frozen.frozen, fast.rate, resumed.rate], [true, 3600, 1]);
  assert.ok(Math.abs(Date.parse(state.clock.now) - Date.now()) < 60000, 'reset: the clock too');
  assert.match(lines[5], /^\d{4}-\S+Z {2}rate 1$/);
});

const dev = (t, options = {}) => Service.start(t, { mode: 'dev', ...options });

test('dev starts the local Segment, says where, and its app knows the port of dev', async (t) => {
  const service = await dev(t);
  const ask = async (...args) => service.run(['emulator', ...args, '--json']);
  const env = JSON.parse((await ask('env')).stdout);

  await until('the banner is there', () => service.log.includes('Segment emulator'));
  assert.ok(service.log.includes(`${env.SEGMENT_API_URL}/`), service.log);
  assert.ok(service.log.includes('trigger track --via emulator'), service.log);
  assert.ok(fs.existsSync(path.join(service.data, 'segment/emulator.db')));
  const flags = fs.readFileSync(`/proc/${emulatorsOf(service.child.pid)[0]}/cmdline`, 'utf8').split('\0');

  for (const flag of [`http://localhost:${service.port}/auth/segment/callback`, 'http://localhost:8888/auth/segment/callback',
    `http://localhost:${service.port}/webhook`, 'destination/demo'])
    assert.ok(flags.includes(flag), `${flag} in ${flags.join(' ')}`);
  await service.stop();
  await until('it ends with dev', async () => !(await answers(env.SEGMENT_API_URL)));
  assert.ok(!fs.existsSync(path.join(service.data, 'emulator.url')));
  await service.up();
  assert.equal(JSON.parse((await ask('env')).stdout).CLIENT_SECRET, env.CLIENT_SECRET, 'kept over a restart');
  await service.stop();
  await service.up(undefined, [...service.arguments, '--fresh']);
  assert.equal(JSON.parse((await ask('status')).stdout).destinations, 0);
});

test('the local Segment dies with dev on SIGKILL', async (t) => {
  const service = await dev(t);
  const all = emulatorsOf(service.child.pid);

  assert.equal(all.length, 1);
  await service.stop('SIGKILL');
  await until('it is gone', () => !isAlive(all[0]));
});

test('a local Segment that dies is said, and dev goes on', async (t) => {
  const service = await dev(t);
  const [pid] = emulatorsOf(service.child.pid);

  process.kill(Number(pid), 'SIGKILL');
  await until('it is said', () => service.log.includes('PA8001'));
  assert.match(service.log, /warning\[PA8001\].*signal 9/);
  assert.equal((await service.deliver({ type: 'track', event: 'x', userId: 'u' })).deliveries[0].state, 'delivered');
  assert.equal((await service.run(['emulator', 'status'])).code, 7);
  assert.equal((await service.stop()).code, 0);
});

test('dev: a port that is taken names the flag, and nothing stays behind', async (t) => {
  const cwd = temporaryFolder(t);
  const holder = net.createServer();

  await new Promise((resolve) => { holder.listen(0, '127.0.0.1', resolve); });
  t.after(() => holder.close());
  const port = String(holder.address().port);
  const got = await run(['dev', '--port', '0', '--no-open', '--emulator-port', port], { cwd });

  assert.equal(got.code, 6, got.stderr);
  assert.match(got.stderr, /PA1020/);
  assert.ok(got.stderr.includes(port) && got.stderr.includes('--emulator-port'), got.stderr);
  const same = await run(['dev', '--port', '9555', '--no-open', '--emulator-port', '9555'], { cwd });

  assert.equal(same.code, 6, same.stderr);
  const again = await Service.prepare(t, { mode: 'dev' });

  fs.rmSync(path.join(cwd, '.partnerapp', 'partnerapp.db'), { force: true });
  again.folder = cwd;
  again.data = path.join(cwd, '.partnerapp');
  await again.up(undefined, [...again.arguments, '--fresh']); // although no database of dev is in the folder yet
  await again.stop();
});

test('dev --real, and URLs of one\'s own, start no local Segment', async (t) => {
  for (const [why, options] of [
    ['--real', { flags: ['--real'] }],
    ['a URL', { env: { PARTNERAPP_SEGMENT_API_URL: 'http://127.0.0.1:1' } }],
  ]) {
    const service = await dev(t, options);

    assert.deepEqual(emulatorsOf(service.child.pid), [], why);
    await until('it says so', () => service.log.includes('not started'));
    await service.stop();
  }
});

test('a CLIENT_ID of one\'s own is not given to the local Segment, and dev says so', async (t) => {
  const service = await dev(t, { env: { CLIENT_ID: 'mine-0001', CLIENT_SECRET: 'mine-secret' } });
  const { body, text } = await request(`${JSON.parse((await service.run(['emulator', 'env', '--json'])).stdout).SEGMENT_API_URL}/_emulator/env`);

  assert.ok(!(text ?? body).includes('mine-0001'));
  await until('it says so', () => service.log.includes('CLIENT_ID was seen'));
});

// --- through the local Segment ---

const segment = (service, ...args) => service.run(['trigger', '--via', 'emulator', ...args]);

test('exec: a customer\'s event by curl, as the README says', async (t) => {
  const cwd = temporaryFolder(t);
  const { code, stdout } = await sh(`curl -su "$SEGMENT_WRITE_KEY:" "$SEGMENT_TRACKING_URL/v1/track" \
    -H 'Content-Type: application/json' -d '{"userId":"u1","event":"Order Completed"}'`, { cwd });

  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { success: true });
});

test('trigger --via emulator: the event goes through website, and both hops are told', async (t) => {
  const service = await dev(t);
  const first = await segment(service, 'track', '--set', 'userId=via-1');

  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /website[^]*trigger-[0-9a-f]+[^]*evt_\w+[^]*delivered/);
  assert.match(first.stderr, /Made destination demo/);
  const second = await segment(service, 'identify', '--json');

  assert.doesNotMatch(second.stderr, /Made destination/, 'one that is there is left alone');
  const { id, message_id: messageId, state, attempts } = JSON.parse(second.stdout);
  const event = await service.api(`/events/${id}`);

  assert.deepEqual([state, attempts, event.type], ['delivered', 1, 'identify']);
  assert.match(messageId, /^trigger-/);
  assert.equal((await segment(service, 'page', '--count', '5', '--json')).stdout.trim().split('\n').length, 5);
});

test('trigger --via emulator takes one\'s own file, and one\'s own messageId', async (t) => {
  const service = await dev(t);
  const file = path.join(service.folder, 'event.json');

  fs.writeFileSync(file, JSON.stringify({ type: 'track', event: 'Mine "quoted"', userId: 'u', properties: { a: [1] } }));
  const got = JSON.parse((await segment(service, file, '--set', 'messageId=my own, "odd" id', '--json')).stdout);

  assert.equal(got.message_id, 'my own, "odd" id');
  assert.equal((await service.api(`/events/${got.id}`)).name, 'Mine "quoted"');
});

test('trigger --via emulator says which way an event was lost', async (t) => {
  const service = await dev(t);
  const lost = async (args, code, word) => {
    const got = await segment(service, ...args);

    assert.equal(got.code, code, `${args}: ${got.stdout}${got.stderr}`);
    assert.match(got.stderr, word);
    assert.equal(got.stdout, '');
  };

  await lost(['delete'], 2, /PA8012/);
  await lost(['track', '--secret-file', 'x'], 2, /--secret-file/);
  await lost(['track', '--set', 'event=7'], 1, /PA8013.*event_not_string/);
  await segment(service, 'track', '--set', 'messageId=twice');
  await service.run(['emulator', 'fault', 'set', 'sink', '--status', '400', '--times', '1']);
  await lost(['track'], 1, /PA8013.*gave the event up/);
  await service.run(['emulator', 'fault', 'set', 'sink', '--status', '503', '--times', '1']);
  await lost(['track', '--timeout', '1s'], 8, /PA8014/);
});

test('trigger --via emulator without one ends with 7', async (t) => {
  const service = await dev(t, { flags: ['--real'] });
  const got = await run(['trigger', 'track', '--via', 'emulator', '--data', service.data, '--emulator-url', 'http://127.0.0.1:1'],
    { cwd: service.folder });

  assert.equal(got.code, 7, got.stderr);
  assert.match(got.stderr, /PA8010/);
});

test('a customer\'s key goes with the events of a destination that trigger made', async (t) => {
  const service = await Service.prepare(t);
  const holder = new Running(t, ['emulator', 'start', '--port', '0', '--json',
    '--subscription-url', `http://127.0.0.1:${service.port}/webhook`], { cwd: service.folder });

  await holder.says('\n');
  const { SEGMENT_API_URL: url } = JSON.parse(holder.log);

  await service.up();
  const { key } = await service.createKey();
  const send = (...args) => service.run(['trigger', 'track', '--via', 'emulator', '--server', service.admin, '--emulator-url', url, ...args]);
  const got = await send('--key-file', '-', '--json').catch((error) => error);

  assert.notEqual(got.code, 0, 'an empty key');
  fs.writeFileSync(path.join(service.folder, 'key.txt'), key);
  const good = await send('--key-file', 'key.txt', '--json');

  assert.equal(good.code, 0, good.stderr);
  assert.equal(JSON.parse(good.stdout).state, 'delivered');
});

// --- faults ---

test('a fault set from the command line happens as often as was said, is listed, and is cleared', async (t) => {
  const cwd = temporaryFolder(t);
  const script = `set -e
    ask() { curl -so /dev/null -w '%{http_code}\\n' -u "$SEGMENT_WRITE_KEY:" "$SEGMENT_TRACKING_URL/v1/track" -H 'Content-Type: application/json' -d '{"userId":"u","event":"e"}'; }
    ${program} emulator fault set tracking --status 503 --times 2 --method POST --path /v1/track
    ${program} emulator fault list
    ask; ask; ask
    ${program} emulator fault set sink --delay 2s..6s --percent 30 --for 20s
    ${program} emulator fault set config --what hang --json
    ${program} emulator fault list --json
    ${program} emulator fault clear sink
    ${program} emulator fault clear 3
    ${program} emulator fault clear
    ${program} emulator fault`;
  const { stdout, stderr, code } = await sh(script, { cwd });
  const lines = stdout.trimEnd().split('\n');

  assert.equal(code, 0, stderr + stdout);
  assert.match(lines[0], /^Fault 1: tracking POST …\/v1\/track…: status 503, next 2/);
  assert.match(lines[2], /^1 +tracking POST/);
  assert.deepEqual(lines.slice(3, 6), ['503', '503', '200']);
  assert.match(lines[6], /^Fault 2: sink: delay after 2(\.0)? s to 6(\.0)? s, until \d{4}-/);
  assert.equal(JSON.parse(lines[7]).what, 'hang');
  assert.match(lines[8], /"percent":30/);
  assert.deepEqual(lines.slice(9, 12), ['Cleared: sink', 'Cleared: 3', 'Cleared: all faults']);
  assert.match(lines[12], /^No faults/);
});

test('what the local Segment does not know of faults is said in its words', async (t) => {
  const cwd = temporaryFolder(t);
  const { stdout } = await sh(`for args in "set moon --status 500" "set sink --what rain" "set sink --status 42" "play nothing" "clear 99" "clear moon"; do
    ${program} emulator fault $args 2>&1; echo "code $?"; done`, { cwd });

  assert.deepEqual(stdout.match(/code \d+/g), ['code 2', 'code 2', 'code 2', 'code 5', 'code 5', 'code 5'], stdout);
  assert.equal(stdout.match(/PA8011/g).length, 6, stdout);
});

test('scenarios are listed with what to expect, and exec begins with one', async (t) => {
  const cwd = temporaryFolder(t);
  const list = await sh(`${program} emulator fault scenarios --json`, { cwd });
  const { scenarios } = JSON.parse(list.stdout);

  assert.ok(scenarios.length >= 5 && scenarios.every(({ name, expect }) => name && expect));
  const inside = await exec(['--scenario', 'token-expires-mid-install'], [program, 'emulator', 'fault', '--json'], { cwd });

  assert.match(inside.stdout, /token_expired/);
  const unknown = await exec(['--scenario', 'no-such'], ['true'], { cwd });

  assert.equal(unknown.code, 5, unknown.stderr);
  assert.match((await sh(`${program} emulator fault play rate-limit`, { cwd })).stdout, /Plays: rate-limit\nExpect: /);
});

// --- snapshots ---

test('snapshot save keeps everything, snapshot load brings it back, the clock too', async (t) => {
  const cwd = temporaryFolder(t);
  const script = `set -e
    ${program} emulator clock freeze >/dev/null
    ${program} emulator clock advance 30h --json
    ${program} emulator snapshot save all.json
    ${program} emulator reset >/dev/null
    ${program} emulator clock freeze >/dev/null
    ${program} emulator snapshot load all.json
    ${program} emulator clock --json
    ${program} emulator snapshot save - | head -c 1`;
  const { stdout, stderr, code } = await sh(script, { cwd });
  const [saved, loaded] = stdout.split('\n').map((line) => (line.startsWith('{"now') ? JSON.parse(line) : undefined));

  assert.equal(code, 0, stderr);
  assert.equal(loaded.now, saved.now);
  assert.match(stderr, /Saved in all\.json[^]*Loaded all\.json/);
  assert.equal(fs.statSync(path.join(cwd, 'all.json')).mode & 0o777, 0o600, 'tokens are in it');
  const missing = await sh(`${program} emulator snapshot load nothing.json`, { cwd });

  assert.equal(missing.code, 5, missing.stderr);
});
