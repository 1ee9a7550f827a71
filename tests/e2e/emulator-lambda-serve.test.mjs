// SPDX-License-Identifier: MIT
// The local Segment and `partnerapp lambda serve`: Segment's whole way to a lambda, on this machine (acceptance cases
// 63, 65 and 69 of the protocol dossier).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic, request } from './lib/http.mjs';
import { Lambda } from './lib/lambda.mjs';
import { website, websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const event = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1' };
const role = 'arn:aws:iam::123456789012:role/segment';
const guarded = ['--role', role, '--external-id', 'customer-1'];

const handler = `
class EventNotSupported extends Error { name = 'EventNotSupported'; }
class RetryError extends Error { name = 'RetryError'; }

let n = 0;

export async function handler(event, context) {
  called({ event, settings: context.clientContext });
  console.log('got ' + event.type);
  if (event.type === 'identify') throw new EventNotSupported('identify not supported');
  if (event.type === 'group' && n++ === 0) throw new RetryError('later');
  if (event.type === 'page') await new Promise((resolve) => setTimeout(resolve, 6000));
  return { done: true };
}
`;

async function stage(t, flags = [], more = {}) {
  const lambda = await Lambda.start(t, handler, flags);
  const emulator = await Emulator.start(t);
  const target = { kind: 'lambda', url: lambda.url, arn: 'hello', api_key: 'abcd1234', ...more };

  return { emulator, lambda, target, send: (sent = event, over = {}) => emulator.attempt({ ...target, ...over }, sent) };
}

test('a lambda gets the bare event and the customer\'s key, and its answer is the attempt\'s', async (t) => {
  const { lambda, send } = await stage(t);
  const result = await send();

  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.returned, { done: true });
  assert.deepEqual(lambda.calls, [{ event, settings: { apiKey: 'abcd1234' } }]);
});

test('case 63: a handler that fails with EventNotSupported answers 200, and the type is unsupported', async (t) => {
  const { send } = await stage(t);
  const result = await send({ type: 'identify', userId: 'u-1' });
  const [{ status, response_headers, response_body }] = result.calls;

  assert.equal(status, 200);
  assert.equal(response_headers['X-Amz-Function-Error'], 'Unhandled');
  assert.equal(JSON.parse(response_body).errorType, 'EventNotSupported');
  assert.equal(result.class, 'unsupported');
  assert.equal(result.counter, 'UNSUPPORTED_EVENT_TYPE');
  assert.equal(result.message, 'identify not supported');
  assert.equal(result.error.name, 'EventNotSupported');
});

test('case 65: a handler that takes 6 s has timed out for Segment after 5, and is tried again', async (t) => {
  const { lambda, send } = await stage(t);
  const result = await send({ type: 'page', userId: 'u-1' });

  assert.equal(result.class, 'retry');
  assert.equal(result.code, 'Operation timedout');
  assert.equal(result.counter, 'errors.awaiting-retry.ETIMEDOUT');
  assert.ok(result.duration_ms >= 4900 && result.duration_ms < 5800, `${result.duration_ms} ms`);
  assert.equal(lambda.calls.length, 1);
});

test('case 69: lambda serve refuses a client context that is no base64 of an object, and the function is not called', async (t) => {
  const { lambda } = await stage(t);
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64');

  for (const context of ['!!!', Buffer.from('{"a":').toString('base64'), encoded([1]), encoded({ a: 'x'.repeat(2700) })]) {
    const answer = await request(`${lambda.url}/2015-03-31/functions/hello/invocations`,
      { method: 'POST', body: JSON.stringify(event), headers: { 'X-Amz-Client-Context': context } });

    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.headers['x-amzn-errortype'], 'InvalidRequestContentException');
  }
  assert.deepEqual(lambda.calls, []);
});

test('LogType Tail brings the log of lambda serve', async (t) => {
  const { send } = await stage(t);

  assert.match((await send(event, { log_type: 'Tail' })).logs.join('\n'), /got track/);
  assert.deepEqual((await send(event)).logs, []);
});

test('with a role, AssumeRole and Invoke go to lambda serve; without one it refuses', async (t) => {
  const { lambda, send } = await stage(t, guarded);
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

  assert.equal(bare.class, 'discarded');
  assert.ok(['Accessdenied', 'Invalid Credentials'].includes(bare.code), bare.code);
  for (const wrong of [{ role, external_id: 'other' }, { role: `${role}2`, external_id: 'customer-1' }, { role }]) {
    const result = await send(event, wrong);

    assert.deepEqual([result.class, result.code], ['discarded', 'Accessdenied'], JSON.stringify(wrong));
    assert.equal(result.calls.length, 1);
  }
  assert.equal(lambda.calls.length, 2);
});

// --- the chain: source, Tracking API, subscription, lambda serve, the partner's endpoint ----------------------------

async function chain(t, externalId) {
  const partner = await Endpoint.start(t);
  const lambda = await Lambda.start(t, `${handler.replace("return { done: true };", `const answer = await fetch(${JSON.stringify(partner.url)}, { method: 'POST', body: JSON.stringify(event),
    headers: { Authorization: 'Basic ' + btoa(context.clientContext.apiKey + ':') } });
  return { status: answer.status };`)}`, guarded);
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
  assert.deepEqual([lambda.calls.length, partner.requests.length], [0, 0]);
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
  assert.equal(lambda.calls.length, 3);
});
