// SPDX-License-Identifier: MIT
// Functions as a target of the local Segment: all generations, what they throw, how long they take.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { build } from './lib/program.mjs';

const track = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1', properties: { plan: 'Pro' } };

async function place(t, code, flags) {
  const emulator = await Emulator.start(t, flags);
  const file = path.join(temporaryFolder(t), 'f.js');
  const write = (text) => fs.writeFileSync(file, text);

  write(code);
  return {
    emulator, file, write,
    send: (event = track, more = {}) => emulator.attempt({ kind: 'function', function: file, api_key: 'abcd1234', ...more }, event),
  };
}

test('a handler gets the event and all settings; what it returns and logs is told', async (t) => {
  const { send } = await place(t, 'async function onTrack(event, settings) { console.log("seen", event.event); return { event, settings } }');
  const result = await send(track, { settings: { region: 'eu', list: [1] } });

  assert.equal(result.class, 'delivered');
  assert.equal(result.counter, 'successes');
  assert.deepEqual(result.returned, { event: track, settings: { apiKey: 'abcd1234', region: 'eu', list: [1] } });
  assert.deepEqual(result.logs, ['seen Registered']);
  assert.equal(result.error, null);
});

const thrown = [
  ['ValidationError', 'throw new ValidationError("no account")', 'discarded', 'errors.discarded.MESSAGE_REJECTED', 'Message Rejected'],
  ['InvalidEventPayload', 'throw new InvalidEventPayload("no plan")', 'discarded', 'errors.discarded.MESSAGE_REJECTED', 'Message Rejected'],
  ['EventNotSupported', 'throw new EventNotSupported("not this")', 'unsupported', 'UNSUPPORTED_EVENT_TYPE', 'Unsupported Event Type'],
  ['RetryError', 'throw new RetryError("later")', 'retry', 'errors.awaiting-retry.RETRY', 'Retry'],
  ['Error', 'throw new Error("oops")', 'discarded', 'errors.discarded.bad_request', 'Bad Request'],
  ['Error', 'await Promise.reject(new Error("oops"))', 'discarded', 'errors.discarded.bad_request', 'Bad Request'],
  ['TypeError', 'event.nothing.at.all', 'discarded', 'errors.discarded.bad_request', 'Bad Request'],
];

for (const [name, statement, kind, counter, code] of thrown)
  test(`a function that does ${statement} is ${kind}`, async (t) => {
    const { send } = await place(t, `async function onTrack(event) { ${statement} }`);
    const result = await send();

    assert.equal(result.class, kind);
    assert.equal(result.counter, counter);
    assert.equal(result.code, code);
    assert.equal(result.error.name, name);
    assert.equal(result.message, result.error.message);
    assert.match(result.error.stack, new RegExp(name));
  });

test('a type without a handler and a type that is none are unsupported', async (t) => {
  const { send } = await place(t, 'function onTrack() {}');

  for (const type of ['identify', 'video']) {
    const result = await send({ type, userId: 'u' });

    assert.equal(result.class, 'unsupported');
    assert.equal(result.message, `${type} not supported`);
  }
});

test('code that does not load, and code that is not there, are invalid settings until they are mended', async (t) => {
  const { send, write, file } = await place(t, 'const onTrack = 1; function onTrack() {}');
  const broken = await send();

  assert.equal(broken.class, 'discarded');
  assert.equal(broken.counter, 'errors.discarded.INVALID_SETTINGS');
  assert.equal(broken.error.name, 'SyntaxError');
  fs.rmSync(file);
  assert.match((await send()).message, /No such file/);
  write('function onTrack() { return "mended" }');
  assert.equal((await send()).returned, 'mended');
});

test('code is loaded once, and again when its file has changed', async (t) => {
  const { send, write } = await place(t, 'let n = 0; function onTrack() { return ++n }');

  assert.equal((await send()).returned, 1);
  assert.equal((await send()).returned, 2);
  write('let n = 10; function onTrack() { return ++n } // changed');
  assert.equal((await send()).returned, 11);
});

test('the first generation gets the bare event, and the key in the client context', async (t) => {
  const { send } = await place(t, `exports.processEvents = (event, context, callback) =>
    callback(null, { type: event.type, key: context.clientContext.apiKey })`);
  const result = await send(track, { generation: 'custom' });

  assert.deepEqual(result.returned, { type: 'track', key: 'abcd1234' });
});

test('the second generation gets {event, settings, version}, and its errors go by name', async (t) => {
  const { send, write } = await place(t, 'exports.processEvents = (payload, context, callback) => callback(null, payload)');
  const result = await send(track, { settings: { a: 1 } });

  assert.deepEqual(result.returned, { event: track, settings: { apiKey: 'abcd1234', a: 1 }, version: '1.0' });
  write(`class ValidationError extends Error { constructor(m) { super(m); this.name = 'ValidationError' } }
    exports.processEvents = (payload, context, callback) => callback(new ValidationError('bad template'))`);
  assert.equal((await send()).counter, 'errors.discarded.MESSAGE_REJECTED');
  write('exports.processEvents = (payload, context, callback) => callback("text")');
  const text = await send();

  assert.equal(text.code, 'Bad Request');
  assert.equal(text.message, 'text');
});

test('the second generation without a callback is a bad request after 3 s', async (t) => {
  const { send } = await place(t, 'exports.processEvents = () => {}');
  const result = await send();

  assert.equal(result.class, 'discarded');
  assert.equal(result.code, 'Bad Request');
  assert.ok(result.duration_ms > 2900 && result.duration_ms < 4500, `${result.duration_ms} ms`);
});

test('a function that waits for more than 5 s has timed out and is tried again', async (t) => {
  const { send } = await place(t, 'async function onTrack() { await new Promise((resolve) => setTimeout(resolve, 6000)) }');
  const result = await send();

  assert.equal(result.class, 'retry');
  assert.equal(result.code, 'Timeout');
  assert.ok(result.duration_ms > 4900 && result.duration_ms < 6000, `${result.duration_ms} ms`);
});

test('an endless loop ends after 5 s, and the next event runs', async (t) => {
  const { send } = await place(t, 'function onTrack() { while (true); } function onIdentify() { return "alive" }');

  const looped = await send();

  assert.equal(looped.class, 'retry');
  assert.equal(looped.code, 'Timeout');
  assert.ok(looped.duration_ms > 4900 && looped.duration_ms < 7000, `${looped.duration_ms} ms`);
  assert.equal((await send({ type: 'identify', userId: 'u' })).returned, 'alive');
});

test('fetches go out and are recorded, with the key masked', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 201, body: '{"id":7}' });
  const { send } = await place(t, `async function onTrack(event, settings) {
    const answer = await fetch(settings.endpoint + '?key=' + settings.apiKey,
      { method: 'PUT', headers: { 'X-My-Key': settings.apiKey, 'Content-Type': 'application/json' }, body: '{"a":1}' });
    return { status: answer.status, body: await answer.json() };
  }`);
  const result = await send(track, { settings: { endpoint: endpoint.url } });
  const [call] = result.calls;

  assert.deepEqual(result.returned, { status: 201, body: { id: 7 } });
  assert.equal(endpoint.requests[0].headers['x-my-key'], 'abcd1234');
  assert.equal(call.method, 'PUT');
  assert.equal(call.url, `${endpoint.url}?key=••••`);
  assert.equal(call.headers['X-My-Key'] ?? call.headers['x-my-key'], '••••');
  assert.equal(call.body, '{"a":1}');
  assert.equal(call.status, 201);
  assert.equal(call.response_body, '{"id":7}');
});

test('a list of events is a batch, and its statuses are returned', async (t) => {
  const { send } = await place(t, 'function onTrack() {} function onBatch(events) { return events.map((e, i) => ({ status: 200 + i })) }');
  const result = await send([track, track]);

  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.returned, [{ status: 200 }, { status: 201 }]);
});

test('transformEvent alone: what it returns is posted to the endpoint', async (t) => {
  const endpoint = await Endpoint.start(t);
  const { send } = await place(t, 'exports.transformEvent = (event) => event.event === "Registered" ? { text: event.event } : null');
  const settings = { endpoint: endpoint.url };

  assert.equal((await send(track, { settings })).class, 'delivered');
  assert.equal(endpoint.requests[0].body, '{"text":"Registered"}');
  assert.equal((await send({ ...track, event: 'other' }, { settings })).returned, 'Ignored due to empty return of transformEvent');
  for (const event of [track, { ...track, event: 'other' }])
    assert.equal((await send(event)).message, 'You must provide an endpoint to your API Endpoint', 'said before all else');
  assert.equal((await send(track, { settings: { endpoint: 'http://example.com' } })).message, 'endpoint must use HTTPS');
  assert.equal(endpoint.requests.length, 1);
});

test('forty events at once each get their own answer', async (t) => {
  const { send } = await place(t, 'async function onTrack(e) { await new Promise((r) => setTimeout(r, 20)); return e.n }');
  const results = await Promise.all(Array.from({ length: 40 }, (_, n) => send({ ...track, n })));

  assert.deepEqual(results.map(({ returned }) => returned), Array.from({ length: 40 }, (_, n) => n));
});

test('a function that runs is answered when the local Segment stops, and so are those that wait for their turn', async (t) => {
  const { emulator, file } = await place(t, 'async function onTrack() { await new Promise((r) => setTimeout(r, 4000)) }');
  const target = { kind: 'function', function: file };
  const asked = Array.from({ length: 20 }, () => emulator.ask('POST', '/_emulator/attempt', { target, event: track }));

  await emulator.control('GET', 'state');
  const [{ code }, ...answers] = await Promise.all([emulator.stop(), ...asked]);

  assert.equal(code, 0);
  assert.ok(answers.every(({ status }) => status === 503));
  assert.equal(emulator.log, '');
});

test('without a runner a function says so', async (t) => {
  const folder = temporaryFolder(t);
  const program = path.join(folder, 'partnerapp-emulator');

  fs.copyFileSync(path.join(build, 'partnerapp-emulator'), program);
  fs.writeFileSync(path.join(folder, 'f.js'), 'function onTrack() {}');
  const emulator = await Emulator.start(t, [], { program });
  const result = await emulator.attempt({ kind: 'function', function: path.join(folder, 'f.js') }, track);

  assert.equal(result.counter, 'errors.discarded.INVALID_SETTINGS');
  assert.match(result.message, /partnerapp-runner/);
});
