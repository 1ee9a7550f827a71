// SPDX-License-Identifier: MIT
// The local Segment and `partnerapp lambda serve`: Segment's whole way to a lambda, on this machine (acceptance cases
// 63, 65 and 69 of the protocol dossier).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic } from './lib/http.mjs';
import { LambdaHost } from './lib/lambda-host.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { website, websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const event = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1' };
const role = 'arn:aws:iam::123456789012:role/segment';
const guarded = ['--role', role, '--external-id', 'customer-1'];

// A function of ours; and a lambda in another language, whose payload says what it does.
const code = `let n = 0;
async function onTrack(event, settings) { console.log('got ' + event.event); return { event, settings } }
async function onIdentify() { throw new EventNotSupported('identify not supported') }
async function onGroup(event, settings) {
  if (n++ === 0) throw new RetryError('later');
  return onTrack(event, settings);
}`;
const foreign = ['--command', `node ${path.join(path.dirname(fileURLToPath(import.meta.url)), 'lib/lambda-runtime.mjs')}`];

function ours(t, text = code) {
  const file = path.join(temporaryFolder(t), 'hello.js');

  fs.writeFileSync(file, text);
  return ['--function', file];
}

async function stage(t, what = ours(t), flags = []) {
  const host = await LambdaHost.start(t, [...what, ...flags]);
  const emulator = await Emulator.start(t);
  const target = { kind: 'lambda', url: host.url, arn: 'hello', api_key: 'abcd1234' };

  return { emulator, host, send: (sent = event, over = {}) => emulator.attempt({ ...target, ...over }, sent) };
}

test('a function gets the bare event and the customer\'s key, and its answer is the attempt\'s', async (t) => {
  const { send } = await stage(t);
  const result = await send();

  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.returned.event, event);
  assert.equal(result.returned.settings.apiKey, 'abcd1234');
});

test('an envelope\'s settings arrive as well', async (t) => {
  const { send } = await stage(t);
  const result = await send(event, { payload: 'envelope', settings: { region: 'eu' } });

  assert.deepEqual(result.returned.event, event);
  assert.deepEqual([result.returned.settings.apiKey, result.returned.settings.region], ['abcd1234', 'eu']);
});

const failing = { errorType: 'EventNotSupported', errorMessage: 'identify not supported', trace: [] };

for (const [who, what] of [['a function of ours', ours], ['a lambda in another language', () => foreign]])
  test(`case 63: ${who} that fails with EventNotSupported answers 200, and the type is unsupported`, async (t) => {
    const { send } = await stage(t, what(t));
    const result = await send({ type: 'identify', userId: 'u-1', fail: failing });
    const [{ status, response_headers, response_body }] = result.calls;

    assert.equal(status, 200);
    assert.ok(response_headers['X-Amz-Function-Error']);
    assert.equal(JSON.parse(response_body).errorType, 'EventNotSupported');
    assert.equal(result.class, 'unsupported');
    assert.equal(result.counter, 'UNSUPPORTED_EVENT_TYPE');
    assert.equal(result.message, 'identify not supported');
    assert.equal(result.error.name, 'EventNotSupported');
  });

test('case 65: a handler that takes 6 s has timed out for Segment after 5, and is tried again', async (t) => {
  const { send } = await stage(t, foreign);
  const result = await send({ ...event, sleep: 6000 });

  assert.equal(result.class, 'retry');
  assert.equal(result.code, 'Operation timedout');
  assert.equal(result.counter, 'errors.awaiting-retry.ETIMEDOUT');
  assert.ok(result.duration_ms >= 4900 && result.duration_ms < 5800, `${result.duration_ms} ms`);
});

test('case 69: lambda serve refuses a client context that is no base64 of an object, and the function is not called', async (t) => {
  const { host } = await stage(t);
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64');

  for (const context of ['!!!', Buffer.from('{"a":').toString('base64'), encoded([1]), encoded({ a: 'x'.repeat(2700) })]) {
    const answer = await host.invoke(JSON.stringify(event), { headers: { 'X-Amz-Client-Context': context } });

    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.headers['x-amzn-errortype'], 'InvalidRequestContentException');
  }
  assert.equal((await host.invoke(JSON.stringify(event))).status, 200);
  await until('the good call is told', () => host.of('invocation').length > 0);
  assert.equal(host.of('invocation').length, 1);
});

test('LogType Tail brings the log of lambda serve', async (t) => {
  const { send } = await stage(t);

  assert.match((await send(event, { log_type: 'Tail' })).logs.join('\n'), /got Registered/);
  assert.deepEqual((await send(event)).logs, []);
});

test('with a role, AssumeRole and Invoke go to lambda serve; without one it refuses', async (t) => {
  const { host, send } = await stage(t, ours(t), guarded);
  const good = await send(event, { role, external_id: 'customer-1' });
  const again = await send(event, { role, external_id: 'customer-1' });

  assert.equal(good.class, 'delivered', good.message);
  assert.deepEqual(good.calls.map(({ status }) => status), [200, 200]);
  assert.match(good.calls[0].body, /ExternalId=customer-1/);
  assert.match(good.calls[0].response_body, /<AssumeRoleResult>/);
  assert.ok(!good.calls[0].response_body.includes('SecretAccessKey'));
  assert.equal(again.class, 'delivered');
  assert.equal(again.calls.length, 1);

  const bare = await send();

  assert.deepEqual([bare.class, bare.code], ['discarded', 'Invalid Credentials']);
  for (const wrong of [{ role, external_id: 'other' }, { role: `${role}2`, external_id: 'customer-1' }, { role }]) {
    const result = await send(event, wrong);

    assert.deepEqual([result.class, result.code], ['discarded', 'Accessdenied'], JSON.stringify(wrong));
    assert.equal(result.calls.length, 1);
  }
  assert.equal(host.of('invocation').filter(({ error_type }) => !error_type).length, 2);
});

test('credentials that lambda serve does not know any more are Invalid Credentials, once', async (t) => {
  const first = await LambdaHost.start(t, [...ours(t), ...guarded]);
  const second = await LambdaHost.start(t, [...ours(t), ...guarded]);
  const emulator = await Emulator.start(t);
  const result = await emulator.attempt({ kind: 'lambda', url: first.url, sts_url: second.url, arn: 'hello', role, external_id: 'customer-1' }, event);

  assert.deepEqual(result.calls.map(({ status }) => status), [200, 403]);
  assert.deepEqual([result.class, result.code], ['discarded', 'Invalid Credentials']);
});

// --- the chain: source, Tracking API, subscription, lambda serve, the partner's endpoint ----------------------------

async function chain(t, externalId) {
  const partner = await Endpoint.start(t);
  const lambda = await LambdaHost.start(t, [...ours(t, code.replace('return { event, settings }',
    `const answer = await fetch(${JSON.stringify(partner.url)}, { method: 'POST', body: JSON.stringify(event),
      headers: { Authorization: 'Basic ' + btoa(settings.apiKey + ':') } });
    return { status: answer.status }`)), ...guarded]);
  const emulator = await Emulator.start(t, ['--clock-rate', '0']);

  await emulator.control('PUT', 'subscription', { kind: 'lambda', url: lambda.url, arn: 'hello', role, external_id: externalId });
  await emulator.control('PUT', 'destination', { source: website, slug: 'demo', enabled: true, config: { apiKey: 'abcd1234' } });
  return { emulator, lambda, partner,
    send: (path, body) => emulator.ask('POST', `/v1/${path}`, { userId: 'u-1', ...body }, { Authorization: basic(websiteKey) }),
    delivery: (what, isRight) => until(`the delivery ${what}`, async () => {
      const [delivery] = (await emulator.control('GET', 'deliveries?limit=1')).deliveries;

      return delivery && isRight(delivery) ? delivery : null;
    }, { timeout: 20000 }) };
}

test('an event goes from a source through the role\'s lambda to the partner', async (t) => {
  const { partner, send, delivery } = await chain(t, 'customer-1');

  assert.equal((await send('track', { event: 'Signed Up', messageId: 'm-9' })).status, 200);
  const { attempts } = await delivery('is delivered', ({ state }) => state === 'delivered');

  assert.deepEqual(attempts[0].calls.map(({ status }) => status), [200, 200]);
  assert.deepEqual(attempts[0].returned, { status: 200 });
  assert.equal(partner.requests.length, 1);
  assert.equal(partner.requests[0].headers.authorization, basic('abcd1234'));
  assert.equal(JSON.parse(partner.requests[0].body).messageId, 'm-9');
});

test('an external id that the role does not trust is Accessdenied, shown on the page and not tried again', async (t) => {
  const { emulator, lambda, partner, send, delivery } = await chain(t, 'somebody-else');

  await send('track', { event: 'Signed Up' });
  const { attempts } = await delivery('is discarded', ({ state }) => state === 'discarded');

  assert.deepEqual(attempts.map(({ code }) => code), ['Accessdenied']);
  await emulator.control('POST', 'clock', { advance: '5h' });
  assert.match((await emulator.ask('GET', '/destinations/acme/website/demo/delivery')).text, /Accessdenied/);
  assert.equal((await delivery('stays', () => true)).attempts.length, 1);
  assert.deepEqual([lambda.of('invocation').length, partner.requests.length], [0, 0]);
});

test('a handler\'s EventNotSupported ends a delivery as unsupported, its RetryError waits for Segment\'s schedule', async (t) => {
  const { emulator, lambda, partner, send, delivery } = await chain(t, 'customer-1');

  await send('identify', { traits: {} });
  const unsupported = await delivery('has been tried', ({ attempts }) => attempts.length === 1);

  assert.deepEqual([unsupported.state, unsupported.attempts[0].class], ['unsupported', 'unsupported']);
  assert.equal(unsupported.attempts[0].code, 'Unsupported Event Type');

  await send('group', { groupId: 'g-1' });
  const { attempts: [first] } = await delivery('waits', ({ state, attempts }) => state === 'waiting' && attempts.length === 1);
  const wait = Date.parse(first.next_at) - Date.parse(first.ended_at);

  assert.equal(first.code, 'Retry');
  assert.equal(first.message, 'later');
  assert.ok(wait >= 20999 && wait <= 35001, `${wait} ms`);
  assert.equal(partner.requests.length, 0);
  await emulator.control('POST', 'clock', { advance: '36s' });
  const { attempts } = await delivery('is delivered', ({ state }) => state === 'delivered');

  assert.equal(attempts.length, 2);
  assert.equal(partner.requests.length, 1);
  await until('three calls are told', () => lambda.of('invocation').length === 3);
});
