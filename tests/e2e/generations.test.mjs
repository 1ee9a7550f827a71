// SPDX-License-Identifier: MIT
// The generations of Segment's functions: acceptance cases 46 to 58 of the protocol dossier.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { root, run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';

const source = (name) => fs.readFileSync(path.join(root, 'tests/fixtures/functions', `${name}.js`), 'utf8');
const custom = source('custom');
const subscription = source('subscription');

// One event through code, as `fn run --json` tells it.
async function once(t, code, event, { settings = {}, flags = [] } = {}) {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'index.js': code, 'event.json': event });
  const { code: exit, stdout, stderr } = await run(['fn', 'run', 'index.js', '--event', 'event.json',
    '--settings', JSON.stringify(settings), '--json', ...flags], { cwd: folder });

  assert.ok(exit === 0 || exit === 10, stderr);
  return JSON.parse(stdout);
}

async function serve(t, code, members = {}) {
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, {
    files: { 'functions/f.js': code },
    subscription: { function: 'functions/f.js', endpoint: endpoint.url, retry: { attempts: 2, over: '200ms' }, ...members },
  });
  const { key } = await service.createKey();

  return async (event) => (await service.deliver(event, { key })).deliveries[0];
}

const registered = {
  type: 'track', userId: 'test-user-23js8', event: 'Registered', email: 'test@example.com',
  properties: { plan: 'Pro Annual', accountType: 'Facebook' },
};

test('case 46: the first generation posts its 243 bytes and calls back without an error', async (t) => {
  const { outcome, error, result, requests } = await once(t, custom, registered, { settings: { apiKey: 'abcd1234' } });

  assert.equal(error, null);
  assert.equal(outcome, 'delivered');
  assert.equal(requests[0].body, '{"text":"test@example.com Registered","attachments":[{"author_name":"UserID: test-user-23js8",' +
    '"title":"Pro Annual plan","fields":[{"title":"Plan","value":"Pro Annual","short":false},' +
    '{"title":"Account Type","value":"Facebook","short":false}]}]}');
  assert.equal(Buffer.byteLength(requests[0].body), 243);
  assert.equal(requests[0].headers.Authorization, 'Basic abcd1234');
  assert.deepEqual(Object.keys(result), ['request', 'response']);
});

const mistakes = [
  ['no endpoint', [/endpoint = '.*'/, "endpoint = ''"], 'You must provide an endpoint to your API Endpoint', null],
  ['no HTTPS', [/endpoint = '.*'/, "endpoint = 'http://x'"], 'endpoint must use HTTPS', null],
  ['an empty body', ['if (!body)', 'if (body)'], null, 'Ignored due to empty return of transformEvent'],
];

for (const [why, change, message, value] of mistakes)
  test(`case 47: the first generation with ${why} makes no request`, async (t) => {
    const { outcome, error, result, requests } = await once(t, custom.replace(...change), registered);

    assert.equal(error?.message ?? null, message);
    assert.equal(error?.name ?? null, message && 'BadRequestError');
    assert.equal(outcome, message ? 'dead' : 'delivered');
    assert.equal(result, value);
    assert.deepEqual(requests, []);
  });

// What the Dev Center sends, cut down to what the reference looks at.
const page = (name) => ({ type: 'page', anonymousId: 'anonymous-1', name, properties: { url: 'https://segment.com' } });
const named = (type, members) => ({ type, anonymousId: 'anonymous-1', userId: 'identified-1', properties: {}, ...members });

const suite = [
  ['1-page', page('Home'), undefined, { text: 'page event received', author: 'UserID: undefined' }],
  ['2-page', page('Signup'), 'Hello ${event.name}', { text: 'Hello Signup', author: 'UserID: undefined' }],
  ['3-identify', named('identify', { traits: {} }), undefined, { error: 'EventNotSupported', message: 'identify not supported' }],
  ['4-track', named('track', { event: 'Signed up' }), undefined, { text: 'track event received', author: 'UserID: identified-1' }],
  ['5-group', named('group', { groupId: 'myUsers' }), undefined, { error: 'BadRequestError', message: 'unhandled version error' }],
  ['6-track', named('track', { event: 'Integration Enabled' }), 'Hello ${event.event}',
    { text: 'Hello Integration Enabled', author: 'UserID: identified-1' }],
  ['7-track', named('track', { event: 'Invited Teammate' }), 'Hello ${',
    { error: 'ValidationError', message: 'SyntaxError: Unexpected end of input' }],
  ['8-screen', named('screen', { name: 'Home' }), undefined, { text: 'screen event received', author: 'UserID: identified-1' }],
];

for (const [name, event, textTemplate, want] of suite)
  test(`case 48: the second generation with ${name}`, async (t) => {
    const settings = { apiKey: 'abcd1234', ...(textTemplate && { textTemplate }) };
    const { error, result, requests } = await once(t, subscription, { event, settings, version: '1.0' }, { settings });

    if (want.error) {
      assert.deepEqual([error.name, error.message], [want.error, want.message]);
      assert.equal(result, null);
      assert.deepEqual(requests, []);
      return;
    }
    const [{ url, method, headers, body }] = requests;
    const { text, attachments: [{ author_name: author }] } = JSON.parse(body);

    assert.equal(error, null);
    assert.deepEqual({ text, author }, { text: want.text, author: want.author });
    assert.equal(new URL(url).href, 'https://hooks.slack.com/services/%3CREDACTED%3E');
    assert.deepEqual([method, headers.Authorization], ['POST', 'Basic abcd1234']);
    assert.equal(result.request.path, '/services/%3CREDACTED%3E');
    if (name === '1-page') assert.equal(Buffer.byteLength(body), 188);
  });

test('case 49: a throw without a callback is a bad request', async (t) => {
  const { outcome, error } = await once(t, subscription, named('group', { groupId: 'g' }));

  assert.deepEqual([outcome, error.name, error.message], ['dead', 'BadRequestError', 'unhandled version error']);
});

test('case 50: with the endpoint down the callback gets the error and the request', async (t) => {
  const down = subscription.replace(/endpoint = '.*'/, "endpoint = 'https://127.0.0.1:1/x'")
    .replace('hostname: target.hostname,', 'hostname: target.hostname, port: target.port,');
  const { outcome, error, result } = await once(t, down, page('Home'), { flags: ['--live'] });

  assert.equal(outcome, 'dead');
  assert.equal(error.name, 'BadRequestError');
  assert.match(error.message, /refused/i);
  assert.deepEqual(Object.keys(result), ['request']);
});

test('case 51: without a callback the time ends in a bad request, which is not retried', async (t) => {
  const deliver = await serve(t, 'exports.processEvents = (payload, context, callback) => {}', { function_timeout: '200ms' });
  const { state, attempts } = await deliver(track());

  assert.equal(state, 'dead');
  assert.equal(attempts.length, 1);
  assert.equal(attempts[0].error.name, 'BadRequestError');
});

test('case 51: the time is three seconds when nobody says otherwise', async (t) => {
  const { error, duration_ms: took } = await once(t, 'exports.processEvents = () => {}', track());

  assert.equal(error.name, 'BadRequestError');
  assert.ok(took >= 3000 && took < 3500, `${took} ms`);
});

test('case 52: a delete event makes the reference throw a TypeError, a bad request', async (t) => {
  const { outcome, error } = await once(t, subscription, { type: 'delete', userId: 'u' });

  assert.deepEqual([outcome, error.name], ['dead', 'BadRequestError']);
  assert.equal(error.message, "TypeError: Cannot destructure property 'plan' of 'event.properties' as it is undefined.");
});

test('case 53: an identify event without its handler is not supported, and not retried', async (t) => {
  const deliver = await serve(t, 'async function onTrack(event) {}');
  const { state, attempts } = await deliver({ type: 'identify', userId: 'u' });

  assert.equal(state, 'discarded');
  assert.equal(attempts.length, 1);
  assert.deepEqual([attempts[0].error.name, attempts[0].error.message], ['EventNotSupported', 'identify not supported']);
});

test('case 54: a handler that is a const is a syntax error in its line', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'index.js': '// a comment\n\nconst onTrack = async (event) => event\n' });
  const { code, stdout } = await run(['fn', 'check', 'index.js', '--json'], { cwd: folder });
  const { ok, problems } = JSON.parse(stdout);

  assert.equal(code, 10);
  assert.equal(ok, false);
  assert.equal(problems[0].line, 3);
  assert.match(problems[0].message, /onTrack/);
});

test('case 55: a RetryError is retried, an Error is a bad request', async (t) => {
  const deliver = await serve(t, 'async function onTrack(event) { throw event.event === "retry" ? new RetryError("later") : new Error("no") }');
  const again = await deliver(track({ event: 'retry' }));
  const never = await deliver(track({ event: 'never' }));

  assert.deepEqual(again.attempts.map(({ error }) => error.name), ['RetryError', 'RetryError']);
  assert.equal(never.state, 'dead');
  assert.equal(never.attempts.length, 1);
});

test('case 56: an endless loop is a timeout that is retried, and the next event is delivered', async (t) => {
  const deliver = await serve(t, 'function onTrack(event) { if (event.event === "loop") for (;;); }',
    { function_timeout: '200ms', slice: '200ms', retry: { attempts: 2, over: '1s' } });
  const loop = await deliver(track({ event: 'loop' }));
  const next = await deliver(track());

  assert.deepEqual(loop.attempts.map(({ error }) => error.name), ['Timeout', 'Timeout']);
  assert.equal(next.state, 'delivered');
});

test('case 57: a script has no require', async (t) => {
  const { error } = await once(t, "async function onTrack(event) {\n  return require('fs')\n}", track());

  assert.deepEqual([error.name, error.message, error.line, error.column], ['ReferenceError', 'require is not defined', 2, 10]);
});

test('case 58: cache.load computes once within its time, and again after a delete', async (t) => {
  const { result } = await once(t, `
    let n = 0
    async function onTrack() {
      const load = () => cache.load('key', 60000, async () => ++n)
      const found = [await load(), await load()]
      cache.delete('key')
      return [...found, await load()]
    }`, track());

  assert.deepEqual(result, [1, 1, 2]);
});

test('isolation: event gives nothing of one event to the next', async (t) => {
  const deliver = await serve(t, `
    const seen = []
    async function onTrack(event) {
      seen.push(event.event)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return seen
    }`, { isolation: 'event' });
  const results = await Promise.all(['a', 'b', 'c'].map(async (event) => (await deliver(track({ event }))).attempts[0].result));

  assert.deepEqual(results, [['a'], ['b'], ['c']]);
});
