// SPDX-License-Identifier: MIT
// fn run: what people see, mocks, settings, and how an error is shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { build, run } from './lib/program.mjs';
import { selfSigned } from './lib/tls.mjs';

const track = { type: 'track', event: 'Signed Up', userId: 'u1', traits: { plan: 'pro' }, properties: {} };

function place(t, files) {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'e.json': track, ...files });
  return cwd;
}

async function runJson(cwd, ...args) {
  const got = await run(['fn', 'run', ...args, '--json'], { cwd });

  assert.ok(got.stdout, got.stderr);
  return JSON.parse(got.stdout);
}

test('the return value alone is on standard output, the story beside it', async (t) => {
  const cwd = place(t, { 'functions/f/index.js': 'async function onTrack(e) {\n  console.log("got", e.event)\n  await fetch("https://a.example/x")\n  return { success: true }\n}\n' });
  const got = await run(['fn', 'run', 'f', '--event', 'e.json'], { cwd });

  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(JSON.parse(got.stdout), { success: true });
  assert.match(got.stderr, /^Successfully executed function f \(onTrack\) in .*\nLog output\n {2}got Signed Up\nRequests \(1\)\n {2}GET https:\/\/a\.example\/x (→|->) 200 .*\nCallback return\n$/);
});

test('a runtime error shows the line, the name, and a command that does it again', async (t) => {
  const cwd = place(t, { 'my f.js': 'async function onTrack(event) {\n  const mail = event.traits.user.email\n}\n' });
  const got = await run(['fn', 'run', 'my f.js', '--event', 'e.json'], { cwd });

  assert.equal(got.code, 10);
  assert.match(got.stderr, /error\[PA2010\]: TypeError: /);
  assert.match(got.stderr, /\n {2}--> my f\.js:2:34\n {3}\|\n 2 \| {3}const mail = event\.traits\.user\.email\n {3}\| {34}\^{5}\n/);
  const [, command] = /= help: (partnerapp .*)\n/.exec(got.stderr);
  const again = await run(['-c', command], { cwd, command: '/bin/sh', env: { PATH: `${build}:${process.env.PATH}` } });

  assert.equal(again.code, 10);
  assert.match(again.stderr, /error\[PA2010\]: TypeError: /);
  const json = await runJson(cwd, 'my f.js', '--event', 'e.json');

  assert.deepEqual([json.error.line, json.error.column], [2, 34]);
});

test('JSON that is none, read at run time, is no failure to load', async (t) => {
  const cwd = place(t, { 'f.js': "async function onTrack() {\n  return JSON.parse('{bad')\n}\n" });
  const got = await run(['fn', 'run', 'f.js', '--event', 'e.json'], { cwd });

  assert.match(got.stderr, /error\[PA2010\]: SyntaxError: /);
});

test('code that does not load shows where, with the parser\'s column', async (t) => {
  const cwd = place(t, { 'f.js': 'async function onTrack() {\n  const x = ;\n}\n' });
  const got = await run(['fn', 'run', 'f.js', '--event', 'e.json'], { cwd });

  assert.equal(got.code, 10);
  assert.match(got.stderr, /error\[PA2001\]: SyntaxError: .*\n {2}--> f\.js:2:13\n/);
});

test('requests are answered by the first mock that fits, and never sent', async (t) => {
  const cwd = place(t, {
    'functions/f/index.js': `async function onTrack(event, settings) {
      const a = await fetch('https://a.example/notes/7', { method: 'POST' })
      const b = await fetch('https://b.example/')
      const c = await fetch('https://down.example/').catch((error) => error.message)
      return [a.status, (await a.json()).id, a.headers.get('retry-after'), b.status, c]
    }`,
    'functions/f/mocks/1.json': { request: { method: 'POST', url: 'https://a.example/*' }, response: { status: 201, headers: { 'retry-after': '2' }, body: { id: 7 } } },
    'functions/f/mocks/2.json': [{ request: { url: 'https://a.example/*' }, response: { status: 500 } },
      { request: { url: 'https://down.example/' }, response: { error: 'connect ECONNREFUSED' } }],
  });
  const { result } = await runJson(cwd, 'f', '--event', 'e.json');

  assert.deepEqual(result.slice(0, 4), [201, 7, '2', 200]);
  assert.match(result[4], /connect ECONNREFUSED/);
});

test('settings come from settings.json, the event\'s file and --settings, the later wins', async (t) => {
  const cwd = place(t, {
    'functions/f/index.js': 'async function onTrack(e, s) { return [s.a, s.b, s.c] }',
    'functions/f/settings.json': { a: 1, b: 1, c: 1 },
    'envelope.json': { event: track, settings: { b: 2, c: 2 }, version: '1.0' },
    'given.json': { c: 3 },
  });

  assert.deepEqual((await runJson(cwd, 'f', '--event', 'envelope.json', '--settings', '@given.json')).result, [1, 2, 3]);
  assert.deepEqual((await runJson(cwd, 'f', '--event', 'envelope.json', '--settings', '{"c":4}')).result, [1, 2, 4]);
});

test('a list of events is a batch', async (t) => {
  const cwd = place(t, { 'f.js': 'async function onBatch(events) { return events.map(() => ({ status: 200 })) }', 'batch.json': [track, track] });

  assert.deepEqual((await runJson(cwd, 'f.js', '--event', 'batch.json')).result, [{ status: 200 }, { status: 200 }]);
});

test('what of a request\'s file is the request', async (t) => {
  const cwd = place(t, {
    'f.js': `async function onRequest(request, { a, key }) {
      Segment.page({ userId: 'u', properties: {
        text: request.text(), url: request.url.href, type: request.headers.get('content-type'), a, key } })
    }`,
  });
  const given = async (request) => {
    writeFiles(cwd, { 'request.json': request });
    const { result, error } = await runJson(cwd, 'f.js', '--request', 'request.json', '--settings', '{"key":"k"}');

    return error ? error.message : result.events[0].properties;
  };
  const url = 'https://fn.segmentapis.com/';
  const json = 'application/json';
  const alone = (text) => ({ text, url, type: json, key: 'k' });

  assert.deepEqual(await given({ body: 'b', headers: { 'Content-Type': ['x/y'] }, queryParameters: { q: [1, 2] } }),
    { text: 'b', url: `${url}?q=1&q=2`, type: 'x/y', key: 'k' });
  assert.deepEqual(await given({ body: { b: 1 } }), { text: '{"b":1}', url, type: null, key: 'k' }, 'no header is made up');
  assert.deepEqual(await given({ payload: { body: 'b', url: 'https://a.example/?q=1' }, settings: { a: 1, key: 'beside' } }),
    { text: 'b', url: 'https://a.example/?q=1', type: null, a: 1, key: 'k' });
  assert.deepEqual(await given({ body: 'b', settings: { a: 2 } }), { text: 'b', url, type: null, a: 2, key: 'k' });
  assert.deepEqual(await given({ payload: { user: 1 } }), alone('{"payload":{"user":1}}'), 'a hook\'s own payload');
  assert.deepEqual(await given({ payload: { body: 'b' }, type: 't' }), alone('{"payload":{"body":"b"},"type":"t"}'));
  assert.deepEqual(await given([{ body: 'b' }]), alone('[{"body":"b"}]'));
  assert.deepEqual(await given('a=1&b=2'), { text: 'a=1&b=2', url, type: null, key: 'k' });
  assert.equal(await given({ payload: { headers: {} } }), 'unsupported body type');
});

test('a source function wants a request, and shows what it made of it', async (t) => {
  const cwd = place(t, {
    'f.js': "async function onRequest(request) { const { id } = await request.json(); Segment.track({ event: 'Paid', userId: id, properties: {} }) }",
    'bare.json': { id: 'u7' },
    'whole.json': { body: '{"id":"u8"}', headers: { 'Content-Type': 'application/json' } },
    'example.json': { payload: { body: { id: 'u9' }, queryParams: {} } },
  });
  const refused = await run(['fn', 'run', 'f.js'], { cwd });

  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--request FILE/);
  for (const [file, id] of [['bare.json', 'u7'], ['whole.json', 'u8'], ['example.json', 'u9']]) {
    const { outcome, result, error } = await runJson(cwd, 'f.js', '--request', file);

    assert.equal(outcome, 'delivered', error?.message);
    assert.deepEqual(result.events.map(({ type, userId }) => [type, userId]), [['track', id]]);
  }
});

test('a generation can be forced', async (t) => {
  const cwd = place(t, { 'f.js': 'exports.processEvents = (first, context, callback) => callback(null, Object.keys(first).sort())' });

  assert.deepEqual((await runJson(cwd, 'f.js', '--event', 'e.json')).result, ['event', 'settings', 'version']);
  assert.ok((await runJson(cwd, 'f.js', '--event', 'e.json', '--generation', 'custom')).result.includes('type'));
});

test('what the configuration says of the function holds here too, and flags win', async (t) => {
  const code = 'exports.processEvents = (event, context, callback) => callback(null, [context.clientContext.region, eval("1")])\n';
  const subscription = { name: 'default', function: 'f.js', generation: 'custom', allow_eval: 'off', settings: { region: 'eu' } };
  const cwd = place(t, { 'f.js': code, 'partnerapp.yaml': { subscriptions: [subscription] }, 'broken.yaml': { x: 1 } });

  assert.match((await runJson(cwd, 'f.js')).error.message, /eval/i);
  assert.deepEqual((await runJson(cwd, 'f.js', '--allow-eval')).result, ['eu', 1]);
  assert.deepEqual((await runJson(cwd, './f.js', '--allow-eval', '--settings', '{"region":"us"}')).result, ['us', 1]);
  const slow = place(t, { 'g.js': 'async function onTrack() { await new Promise(() => {}) }\n',
    'partnerapp.yaml': { subscriptions: [{ name: 'default', function: 'g.js', function_timeout: '50ms' }] } });

  assert.match((await runJson(slow, 'g.js')).error.message, /within 50 ms/);
  const broken = await run(['fn', 'run', 'f.js', '--config', 'broken.yaml'], { cwd });

  assert.match(broken.stderr, /warning: broken\.yaml has problems and is not used/);
});

test('closed streams are no trouble', async (t) => {
  const cwd = place(t, { 'f.js': 'async function onTrack() { return 1 }\n' });
  const got = await run(['-c', `exec '${build}/partnerapp' fn run f.js --json <&-`], { cwd, command: '/bin/sh' });

  assert.equal(got.code, 0, got.stderr);
  assert.equal(JSON.parse(got.stdout).result, 1);
});

test('an event and a request at once are refused', async (t) => {
  const cwd = place(t, { 'f.js': 'async function onTrack() {}\n' });
  const got = await run(['fn', 'run', 'f.js', '--event', 'e.json', '--request', 'e.json'], { cwd });

  assert.equal(got.code, 2, got.stderr);
});

test('a name that the code gave its error reaches no terminal as it is', async (t) => {
  const cwd = place(t, { 'f.js': 'async function onTrack() {\n  const e = new Error("m\\u009b1m")\n  e.name = "\\u001b[31mX"\n  throw e\n}\n' });
  const got = await run(['fn', 'run', 'f.js', '--event', 'e.json'], { cwd });

  assert.match(got.stderr, /error\[PA2010\]: \?\[31mX: m\?1m\n/);
});

test('an authority of SSL_CERT_FILE is believed, and nobody whom it does not name', async (t) => {
  const server = await selfSigned(t);
  const cwd = place(t, { 'f.js': `async function onTrack() {\n  return (await fetch('${server.url}')).status\n}\n` });
  const live = (SSL_CERT_FILE) => run(['fn', 'run', 'f.js', '--event', 'e.json', '--live'], { cwd, env: { SSL_CERT_FILE } });
  const believed = await live(server.cert);
  const unknown = await live('');
  const absent = await live('/nowhere.pem');

  assert.deepEqual([believed.code, believed.stdout.trim()], [0, '200'], believed.stderr);
  assert.equal(unknown.code, 10);
  assert.match(unknown.stderr, /certificate/);
  assert.equal(absent.code, 10);
  assert.match(absent.stderr, /\/nowhere\.pem/);
  assert.deepEqual(server.seen, ['/hook']);
});
