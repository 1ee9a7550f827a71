// SPDX-License-Identifier: MIT
// `partnerapp lambda run` against a strict stand-in of Lambda's Runtime API (dossier §5.5).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { build, isSanitized, run } from './lib/program.mjs';
import { Lambda, RuntimeApi } from './lib/runtime-api.mjs';
import { until } from './lib/wait.mjs';

const code = `
let n = 0;
async function onTrack(event, settings) {
  const wish = event.properties || {};

  n++;
  for (const line of wish.logs || []) console.log(line);
  if (wish.spin) for (;;);
  if (wish.hang) await new Promise(() => {});
  if (wish.sleep) await new Promise((resolve) => setTimeout(resolve, wish.sleep));
  if (wish.fetch) return (await fetch(wish.fetch, { method: 'POST', body: 'x' })).status;
  if (wish.throws) {
    const error = new Error(wish.message || 'no');
    error.name = wish.throws;
    throw error;
  }
  if (wish.bytes) return 'x'.repeat(wish.bytes);
  return { settings, plan: wish.plan };
}
async function onIdentify() { throw new ValidationError('Account ID is required'); }
async function onGroup() { throw 'just text'; }
async function onAlias() { throw new RetryError('busy'); }
async function onScreen() { return undefined.missing; }
async function onBatch(events) { return events.map(({ properties }) => ({ status: properties.status })); }
`;
const transform = 'function transformEvent(event, settings) { return { name: event.event }; }\n';

function track(properties = {}, members = {}) {
  return { type: 'track', event: 'Signed Up', userId: 'u1', messageId: 'm1', properties, ...members };
}

async function start(t, { source = code, files = {}, args = ['lambda', 'run', 'hello'], ...options } = {}) {
  const folder = temporaryFolder(t);
  const api = await RuntimeApi.start(t);

  writeFiles(folder, { 'functions/hello/index.js': source, ...files });
  const lambda = Lambda.start(t, api, args, { cwd: folder, ...options });

  return { api, lambda, folder };
}

function clean(api) {
  assert.deepEqual(api.violations, []);
}

test('case 62: the reference event with a client context finds its apiKey in the settings', async (t) => {
  const { api } = await start(t);
  const context = Buffer.from('eyJhcGlLZXkiOiJhYmNkMTIzNCJ9', 'base64').toString();
  const { ok, result } = await api.invoke(track({ plan: 'pro' }), { context });

  assert.ok(ok);
  assert.equal(result.toString(), '{"settings":{"apiKey":"abcd1234"},"plan":"pro"}');
  clean(api);
});

for (const status of [400, 403, 413])
  test(`${status === 413 ? 'case 66: ' : ''}an answer that is refused with ${status} ends nothing: the next event is asked for`, async (t) => {
    const { api, lambda } = await start(t);

    api.moods = [{ status }, { status }];
    assert.equal((await api.invoke(track())).refused, status);
    assert.equal((await api.invoke({ type: 'identify', userId: 'u' })).refused, status);
    assert.ok((await api.invoke(track())).ok);
    assert.equal(lambda.exit, null);
    clean(api);
  });

test('case 67: next has no time limit, whatever the clock says', async (t) => {
  const folder = temporaryFolder(t);
  const source = fileURLToPath(new URL('lib/jump.c', import.meta.url));
  const library = path.join(folder, 'jump.so');
  const made = await run(['-shared', '-fPIC', '-D_GNU_SOURCE', '-o', library, source], { command: 'cc' })
    .catch(() => ({ code: 1 }));

  if (made.code !== 0 || isSanitized) {
    t.skip('no compiler, or a sanitizer that must be loaded first');
    return;
  }
  const file = path.join(folder, 'jump');
  const { api, lambda } = await start(t, { env: { LD_PRELOAD: library, JUMP_FILE: file, JUMP_S: '660' } });

  await until('next is asked', () => api.isAsked);
  fs.writeFileSync(file, ''); // from here on eleven minutes have passed
  await pause(1500); // a loop that had something to do about it has had several turns
  assert.equal(lambda.exit, null);
  assert.equal(api.nNexts, 1);
  assert.equal((await api.invoke({ type: 'unheard-of', userId: 'u' })).error.errorType, 'EventNotSupported');
  assert.equal(api.nConnections, 1, 'and the connection is the one that waited');
  clean(api);
});

test('errors keep their class name, and what is worth another try is a RetryError', async (t) => {
  const { api, lambda } = await start(t);
  const rows = [
    [{ type: 'page', userId: 'u' }, 'EventNotSupported', 'page not supported'],
    [{ type: 'unheard-of', userId: 'u' }, 'EventNotSupported', 'unheard-of not supported'],
    [{ type: 'identify', userId: 'u' }, 'ValidationError', 'Account ID is required'],
    [{ type: 'group', userId: 'u', groupId: 'g' }, 'Error', 'just text'],
    [{ type: 'alias', userId: 'u', previousId: 'v' }, 'RetryError', 'busy'],
    [{ type: 'screen', userId: 'u' }, 'TypeError', /undefined/],
    [track({ throws: 'InvalidEventPayload' }), 'InvalidEventPayload', 'no'],
    [track({ throws: 'Error2' }), 'Error2', 'no', 'Function.Unknown'],
    [track({ throws: 'lower' }), 'lower', 'no', 'Function.Unknown'],
    [track({ throws: 'Ünïcode' }), 'Ünïcode', 'no', 'Function.Unknown'],
    ['{"userId":"u"}', 'InvalidEventPayload', /this is no event/],
    ['"text"', 'InvalidEventPayload', /neither/],
    ['{', 'InvalidEventPayload', /neither/],
    [[{ type: 'track', properties: { status: 200 } }, { type: 'track', properties: { status: 500 } }],
      'RetryError', '1 of the batch\'s 2 events are to be tried again'],
  ];

  for (const [payload, type, message, header = `Function.${type}`] of rows) {
    const { ok, error, type: said } = await api.invoke(payload);

    assert.equal(ok, false, JSON.stringify(payload));
    assert.equal(error.errorType, type, JSON.stringify(payload));
    assert.equal(said, header);
    if (typeof message === 'string') assert.equal(error.errorMessage, message);
    else assert.match(error.errorMessage, message);
  }
  assert.match((await api.invoke({ type: 'screen', userId: 'u' })).error.stackTrace.join('\n'), /index\.js:\d+/);
  assert.equal(lambda.stderr, '');
  clean(api);
});

test('a batch of which no event is worth another try is answered with its statuses', async (t) => {
  const { api } = await start(t);
  const events = [200, 400, 501].map((status) => ({ type: 'track', properties: { status } }));
  const { ok, result } = await api.invoke(events);

  assert.ok(ok);
  assert.deepEqual(JSON.parse(result).map(({ status }) => status), [200, 400, 501]);
  clean(api);
});

test('success is answered only after the endpoint has accepted what transformEvent returned', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 201, delay: 300 });
  const { api } = await start(t, { source: transform, args: ['lambda', 'run', 'hello', '--allow-loopback'] });
  const settings = { endpoint: endpoint.url };
  const { ok, result, took } = await api.invoke({ event: track(), settings, version: '1.0.0' });

  assert.ok(ok);
  assert.ok(took >= 300, `${took} ms`);
  assert.equal(result.toString(), '{"name":"Signed Up"}');
  assert.equal(endpoint.requests.length, 1);
  assert.equal(endpoint.requests[0].body, '{"name":"Signed Up"}');
  assert.equal(endpoint.requests[0].headers['content-type'], 'application/json');

  await api.invoke({ event: track(), settings, version: '1.0.0' });
  await api.invoke({ event: track({}, { messageId: 'm2' }), settings, version: '1.0.0' });
  const keys = endpoint.requests.map(({ headers }) => headers['idempotency-key']);

  assert.match(keys[0], /^inv_[0-9a-f]{32}-1$/);
  assert.equal(keys[1], keys[0], 'the same event again has the same key');
  assert.notEqual(keys[2], keys[0]);
  clean(api);
});

test('what the endpoint says decides whether Segment tries again', async (t) => {
  const endpoint = await Endpoint.start(t);
  const { api } = await start(t, { source: transform, args: ['lambda', 'run', 'hello', '--allow-loopback'] });
  const rows = [
    [503, 'RetryError', 'RequestFailed: the endpoint answered 503'],
    [429, 'RetryError', 'RequestFailed: the endpoint answered 429'],
    [400, 'RequestFailed', 'the endpoint answered 400'],
    [501, 'EventNotSupported', 'the endpoint answered 501'],
  ];
  const payload = { event: track(), settings: { endpoint: endpoint.url } };

  for (const [status, type, message] of rows) {
    endpoint.mood(status);
    const { error } = await api.invoke(payload);

    assert.deepEqual([error.errorType, error.errorMessage], [type, message]);
  }
  endpoint.mood('hang');
  const { error, left } = await api.invoke(payload, { timeout: 800 });

  assert.deepEqual([error.errorType, error.errorMessage],
    ['RetryError', 'the function did not end before the deadline']);
  assert.ok(left > 0 && left <= 110, `${left} ms before the deadline`);
  await until('the request is given up', () => endpoint.nHanging === 0);
  await endpoint.stop();
  assert.match((await api.invoke(payload)).error.errorMessage, /^RequestFailed: connect /);
  assert.equal((await api.invoke({ event: track(), settings: {} })).error.errorType, 'InvalidSettings');
  clean(api);
});

test('this machine is out of reach unless it is allowed', async (t) => {
  const endpoint = await Endpoint.start(t);
  const closed = await start(t);
  const open = await start(t, { env: { PARTNERAPP_EGRESS_ALLOW: '10.0.0.0/8, 127.0.0.1 crm.internal' } });

  assert.match((await closed.api.invoke(track({ fetch: endpoint.url }))).error.errorType, /^FetchError$/);
  assert.equal(endpoint.requests.length, 0);
  assert.equal((await open.api.invoke(track({ fetch: endpoint.url }))).result.toString(), '200');
  assert.match(endpoint.requests[0].headers['idempotency-key'], /-1$/);
});

test('the answer comes before the deadline, and an endless loop does not harm the next event', async (t) => {
  const { api } = await start(t);

  await api.invoke(track());
  for (const wish of [{ spin: true }, { hang: true }]) {
    const { ok, error, left } = await api.invoke(track(wish), { timeout: 600 });

    assert.equal(ok, false);
    assert.equal(error.errorType, 'RetryError');
    assert.equal(error.errorMessage, 'Timeout: the function did not end before the deadline');
    assert.ok(left > 0 && left <= 110, `${left} ms before the deadline`);
    assert.ok((await api.invoke(track(), { timeout: 3000 })).ok);
  }
  assert.equal((await api.invoke(track(), { timeout: 90 })).error.errorMessage, 'no time was left before the deadline');
  assert.equal((await api.invoke(track({ spin: true }))).error.errorType, 'RetryError', 'the slice limit');
  assert.ok((await api.invoke(track())).ok);
  clean(api);
});

test('a machine that was frozen past the deadline does not answer, and serves on', async (t) => {
  const { api, lambda } = await start(t);

  await api.invoke(track());
  const under = api.invoke(track({ sleep: 300 }), { timeout: 700 });

  await until('it runs', () => api.isRunning);
  lambda.child.kill('SIGSTOP');
  assert.ok((await under).isTimedOut);
  await pause(100);
  lambda.child.kill('SIGCONT');
  assert.ok((await api.invoke(track())).ok);
  assert.match(lambda.stderr, /an answer came after its deadline and is not given/);

  lambda.child.kill('SIGSTOP'); // between two events it may be frozen as long as anyone likes
  await pause(1500);
  const next = api.invoke(track());

  lambda.child.kill('SIGCONT');
  assert.ok((await next).ok);
  clean(api);
});

test('what the code logs is on standard output before the answer, with the id in front', async (t) => {
  const stdoutFile = path.join(temporaryFolder(t), 'stdout');
  const { api } = await start(t, { stdoutFile });
  const seen = api.invoke(track({ logs: ['one', 'two\nlines', 'esc\u001b[31m'] }), { id: 'id-1' })
    .then(() => fs.readFileSync(stdoutFile, 'utf8')); // right when the answer has come

  assert.equal(await seen, 'id-1\tone\nid-1\ttwo\nid-1\tlines\nid-1\tesc [31m\n');
  await api.invoke(track({ logs: ['before it hung'], sleep: 5000 }), { id: 'id-2', timeout: 600 });
  assert.match(fs.readFileSync(stdoutFile, 'utf8'), /^id-2\tbefore it hung$/m, 'of a run that was given up, too');
  clean(api);
});

test('a result beyond what a function may return is an error, and the next event is served', async (t) => {
  const { api } = await start(t);
  const { ok, error } = await api.invoke(track({ bytes: 3 << 20 }));

  assert.equal(ok, false);
  assert.match(error.errorMessage, /large/);
  assert.equal((await api.invoke(track({ bytes: 900000 }))).result.length, 900002);
  clean(api);
});

test('isolation: event of the subscription holds here too', async (t) => {
  const source = 'let n = 0;\nfunction onTrack() { return ++n; }\n';
  const config = (isolation) => ({ 'partnerapp.yaml': { subscriptions: [{ name: 'default', isolation, function: 'functions/hello/index.js' }] } });
  const fresh = await start(t, { source, files: config('event') });
  const kept = await start(t, { source, files: config('function') });
  const twice = async ({ api }) => [(await api.invoke(track())).result.toString(), (await api.invoke(track())).result.toString()];

  assert.deepEqual(await twice(fresh), ['1', '1']);
  assert.deepEqual(await twice(kept), ['1', '2']);
});

test('code that does not load is an init error with its place, and the end', async (t) => {
  const { api, lambda } = await start(t, { source: 'function onTrack() {}\nconst = 1;\n' });

  assert.deepEqual(await lambda.ended(), { code: 1, signal: null });
  assert.equal(api.initError.type, 'Function.SyntaxError');
  assert.equal(api.initError.error.errorType, 'SyntaxError');
  assert.match(api.initError.error.errorMessage, /functions\/hello\/index\.js:2/);
  assert.equal(api.nNexts, 0);
  clean(api);
});

test('a throw at the top level and a missing runner are init errors', async (t) => {
  const thrown = await start(t, { source: 'throw new TypeError("at the top");' });
  const missing = await start(t, { env: { PARTNERAPP_RUNNER: '/nonexistent/runner' } });

  assert.equal((await thrown.lambda.ended()).code, 1);
  assert.match(thrown.api.initError.error.errorMessage, /at the top/);
  assert.equal(thrown.api.initError.type, 'Function.TypeError');
  assert.equal((await missing.lambda.ended()).code, 1);
  assert.match(missing.api.initError.error.errorMessage, /nonexistent/);
  clean(thrown.api);
  clean(missing.api);
});

test('a lost API, a 500 and a redirect are the end, with exit code 1', async (t) => {
  const rows = [
    ['it is gone', (api) => api.stop(), /lost: next/],
    ['500 to next', (api) => api.answerNext(500), /lost: next: it answered 500/],
    ['403 to next', (api) => api.answerNext(403), /lost: next: it answered 403/],
    ['a redirect', (api) => api.answerNext(307, { Location: '/2018-06-01/runtime/other' }), /lost: next: it answered 307/],
    ['an event without an id', (api) => api.answerNext(200, { 'Lambda-Runtime-Deadline-Ms': '9999999999999' }), /it named no request/],
    ['an id that is a path', (api) => api.answerNext(200, { 'Lambda-Runtime-Aws-Request-Id': '../init' }), /it named no request/],
    ['500 to an answer', (api) => { api.moods = [{ status: 500 }]; return api.invoke(track()); }, /lost: an answer: it answered 500/],
  ];

  for (const [what, act, words] of rows) {
    const { api, lambda } = await start(t);

    await until('next is asked', () => api.isAsked);
    await act(api);
    assert.deepEqual(await lambda.ended(), { code: 1, signal: null }, what);
    assert.match(lambda.stderr, words, what);
    clean(api);
  }
});

test('without the variable of the API it says what to type', async (t) => {
  const { code: exit, stderr } = await run(['lambda', 'run', 'hello']);

  assert.equal(exit, 2);
  assert.match(stderr, /PA9010/);
  assert.match(stderr, /partnerapp lambda serve --function hello/);
});

test('settings: of the environment, of the subscription, of the payload, of the context, the later win', async (t) => {
  const config = { subscriptions: [{ name: 'default', function: 'functions/hello/index.js', endpoint: 'https://api.example.com/in',
    settings: { b: 'subscription', c: 'subscription', d: 'subscription' } }] };
  const { api, lambda } = await start(t, { files: { 'partnerapp.yaml': config },
    env: { PARTNERAPP_SETTINGS: '{"a":"environment","b":"environment"}' } });
  const { result } = await api.invoke({ event: track(), settings: { c: 'payload', d: 'payload' } }, { context: '{"d":"context"}' });

  assert.equal(lambda.stderr, '');
  assert.deepEqual(JSON.parse(result).settings,
    { a: 'environment', b: 'subscription', c: 'payload', d: 'context', endpoint: 'https://api.example.com/in' });
  clean(api);
});

test('bootstrap serves the function of its folder, with nothing in the environment but Lambda\'s', async (t) => {
  const folder = temporaryFolder(t);
  const api = await RuntimeApi.start(t);

  writeFiles(folder, {
    'function/index.js': 'exports.processEvents = async (events) => events.length;\nfunction onTrack() { return eval("1 + 1"); }\n',
    'function/function.json': '{"name":"packed","generation":"functions","allow_eval":"on","timeout_ms":900,"slice_ms":500}',
    'lib/nothing': '',
  });
  fs.symlinkSync(path.join(build, 'partnerapp-runner'), path.join(folder, 'lib/partnerapp-runner'));
  const lambda = Lambda.start(t, api, ['ignored'], { cwd: '/', bare: true, argv0: path.join(folder, 'bootstrap'),
    env: { LAMBDA_TASK_ROOT: folder } });

  assert.equal((await api.invoke(track())).result.toString(), '2');
  assert.equal(lambda.stderr, '');
  fs.writeFileSync(path.join(folder, 'function/function.json'), '{"nome":"x"}');
  const broken = Lambda.start(t, api, [], { cwd: folder, bare: true, argv0: 'bootstrap' });

  assert.equal((await broken.ended()).code, 1);
  assert.match(broken.stderr, /"nome" is not known/);
  clean(api);
});

test('several invocations at once, where the platform allows', async (t) => {
  const folder = temporaryFolder(t);
  const api = await RuntimeApi.start(t);

  api.maxAtOnce = 4;
  writeFiles(folder, { 'functions/hello/index.js': code });
  Lambda.start(t, api, ['lambda', 'run', 'hello'], { cwd: folder, env: { AWS_LAMBDA_MAX_CONCURRENCY: '4' } });
  await api.invoke(track());
  const began = Date.now();
  const answers = await Promise.all([1, 2, 3, 4].map((plan) => api.invoke(track({ sleep: 500, plan }))));

  assert.deepEqual(answers.map(({ result }) => JSON.parse(result).plan), [1, 2, 3, 4]);
  assert.ok(Date.now() - began < 1500, 'they did not wait for each other');
  clean(api);
});

function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

function childrenOf(pid) {
  const own = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();

  return own === '' ? [] : own.split(' ').flatMap((one) => [Number(one), ...childrenOf(Number(one))]);
}

function heaviestChild(pid) {
  return Math.max(...childrenOf(pid).map(memoryOf));
}

test('10,000 invocations with errors, time-outs and 6 MB payloads: no violation, and memory stays', async (t) => {
  const { api, lambda } = await start(t);
  const large = JSON.stringify(track({ filler: 'x'.repeat(6 * 1024 * 1024 - 300) }));
  const wanted = { ok: 0, error: 0, timeout: 0 };
  const got = { ok: 0, error: 0, timeout: 0 };
  let nMissed = 0; // a machine with other work may take the margin
  let early;
  let earlyRunner;

  for (let i = 0; i < 10000; i++) {
    const kind = i % 1000 === 500 ? 'timeout' : i % 100 === 50 ? 'error' : 'ok';
    const payload = kind === 'timeout' ? track(i % 2000 === 500 ? { hang: true } : { spin: true })
      : kind === 'error' ? track({ throws: 'TypeError' })
        : i % 250 === 0 ? large : track({ plan: i });
    const { ok, error, isTimedOut } = await api.invoke(payload, { timeout: kind === 'timeout' ? 250 : 10000 });
    const is = ok ? 'ok' : isTimedOut || error.errorType === 'RetryError' ? 'timeout' : 'error';

    wanted[kind]++;
    got[is]++;
    nMissed += isTimedOut === true;
    if (is !== kind) t.diagnostic(`${i}: ${kind} wanted, ${is} got: ${error?.errorMessage}`);
    if (i === 2100) early = memoryOf(lambda.child.pid);
    if (i === 2100) earlyRunner = heaviestChild(lambda.child.pid);
  }
  assert.deepEqual(got, wanted);
  assert.ok(nMissed <= 2, `${nMissed} of 10 time-outs without an answer before the deadline`);
  clean(api);
  const late = memoryOf(lambda.child.pid);
  const runner = heaviestChild(lambda.child.pid);

  t.diagnostic(`${early.toFixed(1)} MiB after 2,000, ${late.toFixed(1)} MiB after 10,000; the runner ${earlyRunner.toFixed(1)} and ${runner.toFixed(1)} MiB`);
  assert.equal(api.nConnections, 1, 'one connection, kept alive');
  if (isSanitized) return; // what it has freed is kept for a while
  assert.ok(late < early + 4, `${early} MiB after 2,000, ${late} MiB at the end`);
  assert.ok(runner < earlyRunner + 16, `the runner: ${earlyRunner} MiB after 2,000, ${runner} MiB at the end`);
});
