// SPDX-License-Identifier: MIT
// The command line as a contract: what it prints with --json, and how it ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { cleanEnvironment, endSignal, program, run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const exitCodes = [
  ['nothing at all', [], 0, ''],
  ['help', ['--help'], 0, ''],
  ['help of a command', ['events', 'list', '-h'], 0, ''],
  ['version', ['version'], 0, ''],
  ['an unknown command', ['evnts', 'tail'], 2, 'did you mean `events`?'],
  ['an unknown verb', ['events', 'lst'], 2, 'list'],
  ['an unknown flag', ['serve', '--prot', '1'], 2, 'prot'],
  ['a missing argument', ['events', 'get'], 2, ''],
  ['too many arguments', ['status', 'x'], 2, ''],
  ['a value that is no number', ['dev', '--port', 'x'], 2, 'port'],
  ['a value out of range', ['dev', '--port', '70000'], 2, 'port'],
  ['a choice that is none', ['version', '--color', 'pink'], 2, 'color'],
  ['a file that is not there', ['fn', 'check', 'nothing.js'], 5, 'nothing.js'],
  ['no server to talk to', ['status', '--server', 'http://127.0.0.1:1'], 7, '127.0.0.1:1'],
  ['a code to explain', ['explain', 'PA1020'], 0, ''],
  ['an unknown code', ['explain', 'PA0000'], 5, 'PA0000'],
];

test('each way of using it wrong has its exit code and names what is wrong', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [why, args, code, word] of exitCodes) {
    const got = await run(args, { cwd });

    assert.equal(got.code, code, `${why}: ${got.code}\n${got.stdout}${got.stderr}`);
    assert.ok(got.stderr.includes(word), `${why}: ${got.stderr}`);
    if (code !== 0) assert.equal(got.stdout, '', `${why}: stdout is the result`);
    assert.doesNotMatch(got.stdout + got.stderr, /\x1b/, `${why}: no colours in a pipe`);
  }
});

test('version --json', async () => {
  const { stdout } = await run(['version', '--json']);

  assert.match(JSON.parse(stdout).version, /^\d+\.\d+\.\d+/);
});

test('flags may stand anywhere', async () => {
  assert.equal((await run(['--json', 'version'])).stdout, (await run(['version', '--json'])).stdout);
});

test('sign and verify speak Segment\'s vectors', async (t) => {
  const cwd = temporaryFolder(t);
  const vectors = [
    ['abc123', '{"cool":true}', '5099cab379b3be52908387457007040cc934ef86'],
    ['abc123', '[{"cool":false},{"cool":true}]', 'c702b94a2569dd8d2f7185ce0ae951021bef4706'],
    ['s3cret', '{"type":"identify","userId":"5678","traits":{"name":"José ☃","n":1}}',
      'd1e4ce7ce042aedf0230f94d212fff8bed3d7bf7'],
  ];

  for (const [secret, body, signature] of vectors) {
    writeFiles(cwd, { 'secret.txt': `${secret}\n`, 'body.json': body });
    const signed = await run(['sign', '--secret-file', 'secret.txt', 'body.json'], { cwd });

    assert.equal(signed.stdout.trim(), signature, signed.stderr);
    assert.equal((await run(['sign', '--secret-file', 'secret.txt'], { cwd, input: body })).stdout.trim(), signature);
    const verify = (value) => run(['verify', '--secret-file', 'secret.txt', '--signature', value, 'body.json'], { cwd });

    assert.equal((await verify(signature)).code, 0);
    assert.equal((await verify(signature.replace(/^./, 'f'))).code, 10);
  }
});

const functionText = `
async function onTrack(event, settings) {
  console.log('plan', event.properties.plan)
  const answer = await fetch('https://api.example.com/notes', { method: 'POST', body: JSON.stringify({ note: event.event }) })
  return { status: answer.status, region: settings.region }
}
async function onIdentify() { throw new ValidationError('no email') }
async function onGroup() { throw new RetryError('later') }
async function onPage(event) { return event.properties.a.b }
`;

test('fn check --json: generation, handlers, problems with their places', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'good.js': functionText, 'bad.js': 'async function onTrack() {\n  const x = ;\n}\n', 'none.js': 'const a = 1\n' });
  const good = await run(['fn', 'check', 'good.js', '--json'], { cwd });
  const report = JSON.parse(good.stdout);

  assert.equal(good.code, 0, good.stderr);
  assert.equal(report.ok, true);
  assert.equal(report.generation, 'functions');
  assert.deepEqual([...report.handlers].sort(), ['onGroup', 'onIdentify', 'onPage', 'onTrack']);
  assert.deepEqual(report.problems, []);
  const bad = await run(['fn', 'check', 'bad.js', '--json'], { cwd });
  const [problem] = JSON.parse(bad.stdout).problems;

  assert.equal(bad.code, 10);
  assert.equal(JSON.parse(bad.stdout).ok, false);
  assert.equal(problem.line, 2);
  assert.equal(typeof problem.message, 'string');
  assert.equal((await run(['fn', 'check', 'none.js'], { cwd })).code, 10, 'no handler at all');
  const human = await run(['fn', 'check', 'bad.js'], { cwd });

  assert.match(human.stdout + human.stderr, /bad\.js:2/);
});

test('fn run --json: outcome, result, error, logs, requests; nothing is sent', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'f.js': functionText, 'event.json': track(),
    'envelope.json': { event: track(), settings: { region: 'eu' }, version: '1.0' } });
  const runs = async (...args) => {
    const got = await run(['fn', 'run', 'f.js', '--json', ...args], { cwd });

    assert.ok(got.stdout, `${args}: ${got.stderr}`);
    return { ...JSON.parse(got.stdout), code: got.code };
  };
  const report = await runs('--event', 'event.json', '--settings', '{"region":"us"}');

  assert.equal(report.outcome, 'delivered');
  assert.deepEqual(report.result, { status: 200, region: 'us' });
  assert.equal(report.error, null);
  assert.deepEqual(report.logs.map((line) => /plan pro/.test(line)), [true]);
  assert.equal(report.requests.length, 1);
  assert.equal(report.requests[0].url, 'https://api.example.com/notes');
  assert.ok(report.duration_ms >= 0);
  assert.equal((await runs('--event', 'envelope.json')).result.region, 'eu');
  for (const [type, outcome, name] of [['identify', 'discarded', 'ValidationError'], ['group', 'retry', 'RetryError'],
    ['page', 'dead', 'TypeError'], ['screen', 'discarded', 'EventNotSupported']]) {
    writeFiles(cwd, { 'other.json': { type, userId: 'u', groupId: 'g', name: 'n', properties: {} } });
    const other = await runs('--event', 'other.json');

    assert.equal(other.outcome, outcome, type);
    assert.equal(other.error.name, name);
  }
  const broken = await runs('--event', 'other.json');

  assert.ok('line' in broken.error && 'column' in broken.error);
});

test('fn run tells the line of a runtime error', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'f.js': 'async function onTrack(event) {\n  const a = event.traits\n  return a.email\n}\n', 'e.json': track() });
  const { stdout } = await run(['fn', 'run', 'f.js', '--event', 'e.json', '--json'], { cwd });
  const { error } = JSON.parse(stdout);

  assert.equal(error.name, 'TypeError');
  assert.equal(error.line, 3);
});

test('fn run of an endless loop ends', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'f.js': 'async function onTrack() { while (true) {} }', 'e.json': track() });
  const { stdout, signal } = await run(['fn', 'run', 'f.js', '--event', 'e.json', '--json'], { cwd });

  assert.equal(signal, null);
  assert.equal(JSON.parse(stdout).outcome, 'retry');
});

test('trigger, events, dead, status, endpoint against a running service', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, {
    subscription: { auth: 'none', endpoint: endpoint.url, retry: { attempts: 1, over: '1s' } },
  });
  const sent = await service.runJson(['trigger', 'track', '--set', 'properties.plan=gold']);

  assert.equal(sent.state, 'delivered');
  assert.equal(sent.attempts, 1);
  assert.ok(sent.duration_ms >= 0);
  assert.match(sent.id, /^evt_/);
  assert.equal(JSON.parse(endpoint.requests[0].body).properties.plan, 'gold');
  const event = await service.runJson(['events', 'get', sent.id]);

  assert.equal(event.id, sent.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  for (const name of ['id', 'received_at', 'type', 'name', 'subscription', 'key', 'install', 'message_id', 'user_id',
    'payload', 'deliveries'])
    assert.ok(name in event, name);
  for (const name of ['id', 'state', 'attempts']) assert.ok(name in event.deliveries[0], name);
  for (const name of ['id', 'at', 'duration_ms', 'outcome', 'result', 'error', 'logs', 'requests'])
    assert.ok(name in event.deliveries[0].attempts[0], name);
  const list = await service.runJson(['events', 'list']);

  assert.equal(list.data.length, 1);
  assert.equal(list.next, null);
  assert.equal(list.total, 1);
  assert.equal((await service.run(['events', 'get', 'evt_00000000000000000000000000'])).code, 5);
  assert.equal((await service.run(['events', 'list', 'is:nonsense'])).code, 2);
  endpoint.mood(400);
  const failed = await service.run(['trigger', 'track', '--json']);

  assert.equal(JSON.parse(failed.stdout).state, 'dead');
  assert.equal(failed.code, 1);
  assert.equal((await service.runJson(['dead', 'list'])).data.length, 1);
  endpoint.mood(200);
  const replay = await service.run(['dead', 'replay', '--yes', '--json']);

  assert.equal(replay.code, 0, replay.stderr);
  const status = await service.runJson(['status']);

  assert.equal(status.counters.accepted, 2);
  assert.match(status.version, /^\d/);
  const many = await service.run(['trigger', 'identify', '--count', '5', '--json']);

  assert.deepEqual(many.stdout.trim().split('\n').map((line) => JSON.parse(line).state), Array(5).fill('delivered'));
});

test('a list is paged by a cursor', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const seen = [];
  let cursor = '';

  await service.post(Array.from({ length: 25 }, (_, i) => track({ messageId: `page-${i}` })));
  do {
    const page = await service.api(`/events?limit=10&after=${cursor}`);

    seen.push(...page.data.map(({ message_id: id }) => id));
    cursor = page.next ?? '';
  } while (cursor);
  assert.equal(seen.length, 25);
  assert.equal(new Set(seen).size, 25);
  assert.equal(seen[0], 'page-24', 'the newest first');
});

test('queries find what they say', async (t) => {
  const endpoint = await Endpoint.start(t, ({ body }) => (body.includes('Bad') ? 400 : 200));
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url } });

  for (const body of [track({ event: 'Good', userId: 'ann' }), track({ event: 'Bad', userId: 'bob' }),
    { type: 'identify', userId: 'ann', traits: { email: 'ann@example.com' } }])
    await service.deliver(body);
  for (const [query, count] of [['', 3], ['is:delivered', 2], ['is:dead', 1], ['type:track', 2], ['event:Good', 1],
    ['user:ann', 2], ['user:ann type:identify', 1], ['-type:track', 1], ['sub:default', 3], ['sub:other', 0],
    ['after:1h', 3], ['before:1h', 0], ['ann@example.com', 1], ['"ann@example.com"', 1]])
    assert.equal((await service.events(query)).length, count, query);
});

test('errors of the admin API are problems with a code', async (t) => {
  const service = await Service.start(t);
  const ask = (target, method = 'GET') => request(`${service.admin}/api/v1${target}`,
    { method, headers: { Authorization: `Bearer ${service.token()}` } });

  for (const [target, status, method] of [['/nothing', 404], ['/events/evt_x', 404], ['/events?q=is:x', 400],
    ['/events?limit=x', 400], ['/status', 405, 'POST'], ['/keys/key_x', 404, 'DELETE']]) {
    const answer = await ask(target, method);

    assert.equal(answer.status, status, `${target}: ${answer.status} ${answer.text}`);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/, target);
    assert.equal(typeof answer.json.code, 'string', target);
  }
});

test('events tail prints one object a line as they come', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const child = spawn(program, ['events', 'tail', '--json', '--config', service.configFile, '--data', service.data],
    { cwd: service.folder, env: cleanEnvironment() });
  let text = '';

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
  const { json } = await until('the event is seen', async () => {
    const answer = await service.post(track());

    await new Promise((resolve) => { setTimeout(resolve, 50); });
    return text.includes(answer.json.ids[0]) && answer;
  });

  for (const line of text.trim().split('\n')) JSON.parse(line);
  assert.ok(text.includes(json.ids[0]));
});

test('metrics are Prometheus text, and agree with the status', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  await service.post([track(), track()]);
  const { text, headers } = await request(`${service.admin}/metrics`,
    { headers: { Authorization: `Bearer ${service.token()}` } });

  assert.match(headers['content-type'], /^text\/plain/);
  assert.match(text, /^partnerapp_build_info\{.*version="\d/m);
  assert.match(text, /^partnerapp_events_received_total\{.*type="track".*\} 2$/m);
  for (const line of text.split('\n').filter((row) => row && !row.startsWith('#')))
    assert.match(line, /^[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? [-+0-9.eE]+(Inf|NaN)?$/, line);
});
