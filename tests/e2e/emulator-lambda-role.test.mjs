// SPDX-License-Identifier: MIT
// A lambda's role: STS AssumeRole before Invoke, against an AWS that says what the test wants.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic } from './lib/http.mjs';
import { isSigned } from './lib/sigv4.mjs';
import { website, websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const event = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1' };
const role = 'arn:aws:iam::123456789012:role/segment';
const secret = 'Q4MjVjBhLongSecretOfTheRole/+=';
const token = 'FwoGZXIvYXdzTokenOfTheRole//=';
const inAnHour = () => new Date(Date.now() + 3600000).toISOString();

const credentials = (number, expires) => `<Credentials><AccessKeyId>ASIAEXAMPLE${number}</AccessKeyId>`
  + `<SecretAccessKey>${secret}${number}</SecretAccessKey><SessionToken>${token}${number}</SessionToken>`
  + `<Expiration>${expires}</Expiration></Credentials>`;
const around = (inside) => '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <AssumeRoleResult>\n    '
  + `${inside}\n    <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/segment/1</Arn></AssumedRoleUser>\n`
  + '  </AssumeRoleResult>\n</AssumeRoleResponse>\n';
const xml = (status, body) => ({ status, headers: { 'Content-Type': 'text/xml', 'x-amzn-RequestId': 'r-1' }, body });
const refusal = (status, code, message) => xml(status,
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`);
const service = (status, type, message) => ({
  status, headers: { 'X-Amzn-ErrorType': type }, body: JSON.stringify({ Type: 'User', Message: message }),
});

// An AWS: @assume and @invoke are moods by the number of their calls.
async function aws(t, { assume = () => undefined, invoke = () => undefined, expires = inAnHour, flags = [], options } = {}) {
  const emulator = await Emulator.start(t, flags, options);
  const seen = { assume: [], invoke: [] };
  const endpoint = await Endpoint.start(t, (request) => {
    const kind = request.url.startsWith('/2015-03-31/') ? 'invoke' : 'assume';
    const number = seen[kind].push(request);

    if (kind === 'invoke') return invoke(number, request) ?? { status: 200, body: '{"done":true}' };
    return assume(number, request) ?? xml(200, around(credentials(number, expires())));
  });
  const target = { kind: 'lambda', invoke_url: `http://127.0.0.1:${endpoint.port}`, arn: 'hello', role, api_key: 'abcd1234' };

  return { emulator, endpoint, seen, target, send: (more = {}) => emulator.attempt({ ...target, ...more }, event) };
}

test('the role is assumed with the workspace\'s id, and Invoke is signed with what STS gave', async (t) => {
  const { emulator, seen, send } = await aws(t);
  const result = await send({ arn: 'arn:aws:lambda:eu-west-1:123456789012:function:hello' });
  const [assume] = seen.assume;
  const [invoke] = seen.invoke;
  const form = new URLSearchParams(assume.body);

  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.returned, { done: true });
  assert.equal(assume.method, 'POST');
  assert.equal(assume.url, '/');
  assert.equal(assume.headers['content-type'], 'application/x-www-form-urlencoded; charset=utf-8');
  assert.deepEqual([...form.keys()].sort(), ['Action', 'DurationSeconds', 'ExternalId', 'RoleArn', 'RoleSessionName', 'Version']);
  assert.equal(form.get('Action'), 'AssumeRole');
  assert.equal(form.get('Version'), '2011-06-15');
  assert.equal(form.get('RoleArn'), role);
  assert.equal(form.get('DurationSeconds'), '3600');
  assert.match(form.get('RoleSessionName'), /^\d{19}$/);
  assert.ok(Math.abs(Number(form.get('RoleSessionName')) / 1e6 - Date.now()) < 60000);
  assert.equal(form.get('ExternalId'), await firstWorkspace(emulator));
  assert.match(assume.headers.authorization, /Credential=local\/\d{8}\/eu-west-1\/sts\/aws4_request, SignedHeaders=content-type;host;x-amz-date,/);
  assert.ok(isSigned(assume, 'local'));
  assert.match(invoke.headers.authorization, /Credential=ASIAEXAMPLE1\/\d{8}\/eu-west-1\/lambda\//);
  assert.match(invoke.headers.authorization, /SignedHeaders=[^,]*x-amz-security-token/);
  assert.equal(invoke.headers['x-amz-security-token'], `${token}1`);
  assert.ok(isSigned(invoke, `${secret}1`));
});

async function firstWorkspace(emulator) {
  const page = await emulator.ask('GET', '/developer/components');

  return /Empty: the workspace&#39;s id, ([^.]+)\./.exec(page.text)[1];
}

test('an external id of its own is sent, and the environment\'s session signs the call', async (t) => {
  const environment = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'own-secret-key', AWS_SESSION_TOKEN: 'own-session' };
  const { seen, send } = await aws(t, { options: { environment } });

  await send({ external_id: 'source/1' });
  assert.equal(new URLSearchParams(seen.assume[0].body).get('ExternalId'), 'source/1');
  assert.equal(seen.assume[0].headers['x-amz-security-token'], 'own-session');
  assert.ok(isSigned(seen.assume[0], 'own-secret-key'));
  assert.ok(isSigned(seen.invoke[0], `${secret}1`));
});

test('both calls are in the record, and no credential is', async (t) => {
  const { emulator, send } = await aws(t, {
    invoke: (number, request) => ({ status: 200, body: JSON.stringify({ echo: request.headers['x-amz-security-token'] }),
      headers: { 'X-Echo': `${secret}1` } }),
  });
  const result = await send();
  const [assume, invoke] = result.calls;
  const text = JSON.stringify(result);

  assert.equal(result.calls.length, 2);
  assert.equal(assume.status, 200);
  assert.equal(assume.response_body, around(''));
  assert.equal(assume.response_headers['X-Amzn-Requestid'], 'r-1');
  assert.equal(Number(assume.response_headers['Content-Length'] ?? around(credentials(1, inAnHour())).length), around(credentials(1, inAnHour())).length);
  assert.match(assume.body, /^Action=AssumeRole&/);
  assert.equal(assume.headers.Authorization, '••••');
  assert.equal(invoke.headers['X-Amz-Security-Token'], '••••');
  assert.deepEqual(result.returned, { echo: '••••' });
  for (const hidden of [`${secret}1`, `${token}1`, 'ASIAEXAMPLE1', secret, token]) assert.ok(!text.includes(hidden), hidden);
  assert.equal(emulator.log, '');
});

test('credentials are kept while they are valid, one for each role, external id and address', async (t) => {
  const { emulator, endpoint, seen, send } = await aws(t);
  const first = await send();
  const second = await send();

  assert.equal(first.calls.length, 2);
  assert.equal(second.calls.length, 1);
  assert.equal(seen.assume.length, 1);
  assert.ok(!JSON.stringify(second).includes(token));
  for (const [more, want] of [[{ role: `${role}2` }, 2], [{ external_id: 'other' }, 3], [{ sts_url: `http://localhost:${endpoint.port}` }, 4], [{}, 4]]) {
    await send(more);
    assert.equal(seen.assume.length, want);
  }
  await emulator.control('POST', 'reset');
  await send();
  assert.equal(seen.assume.length, 5, 'a reset forgets them');
});

test('credentials that are about to end are used once', async (t) => {
  const { seen, send } = await aws(t, { expires: () => new Date(Date.now() + 50000).toISOString() });

  assert.equal((await send()).class, 'delivered');
  assert.equal((await send()).class, 'delivered');
  assert.equal(seen.assume.length, 2);
});

test('kept credentials that Invoke calls expired are asked for again, once', async (t) => {
  const { seen, send } = await aws(t, {
    invoke: (number) => (number === 2 ? service(403, 'ExpiredTokenException', 'too old') : undefined),
  });

  await send();
  const result = await send();

  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.calls.map(({ status }) => status), [403, 200, 200]);
  assert.equal(seen.assume.length, 2);
  assert.equal(seen.invoke[2].headers['x-amz-security-token'], `${token}2`);
});

test('new credentials that Invoke calls expired are Invalid Credentials, and kept ones twice as well', async (t) => {
  const { seen, send } = await aws(t, { invoke: () => service(403, 'ExpiredTokenException', 'too old') });

  for (const calls of [2, 3]) {
    const result = await send();

    assert.equal(result.class, 'discarded');
    assert.equal(result.code, 'Invalid Credentials');
    assert.equal(result.calls.length, calls);
  }
  assert.equal(seen.invoke.length, 3);
});

for (const [why, mood, kind, code, message] of [
  ['no permission', refusal(403, 'AccessDenied', 'not you &amp; me'), 'discarded', 'Accessdenied', 'not you & me'],
  ['403 without a word', { status: 403, body: '' }, 'discarded', 'Accessdenied', null],
  ['an unknown key', refusal(403, 'InvalidClientTokenId', 'who?'), 'discarded', 'Invalid Credentials', 'who?'],
  ['a bad signature', refusal(403, 'SignatureDoesNotMatch', 'no'), 'discarded', 'Invalid Credentials', 'no'],
  ['an old token', refusal(400, 'ExpiredToken', 'old'), 'discarded', 'Invalid Credentials', 'old'],
  ['a bad role', refusal(400, 'ValidationError', 'bad'), 'discarded', 'ValidationError', 'bad'],
  ['too many', refusal(400, 'Throttling', 'slow'), 'retry', 'Throttling', 'slow'],
  ['a failing service', refusal(500, 'InternalFailure', 'ours'), 'retry', 'InternalFailure', 'ours'],
  ['a page', { status: 200, body: '<html>' }, 'discarded', 'Invalid Credentials', /not AssumeRole/],
  ['half an answer', xml(200, around(credentials(1, inAnHour())).slice(0, 300)), 'discarded', 'Invalid Credentials', /not AssumeRole/],
])
  test(`STS answers ${why}: ${kind}, and nothing is invoked`, async (t) => {
    const { seen, send } = await aws(t, { assume: () => mood });
    const result = await send();

    assert.equal(result.class, kind);
    assert.equal(result.code, code);
    if (message instanceof RegExp) assert.match(result.message, message);
    else assert.equal(result.message, message);
    assert.equal(result.calls.length, 1);
    assert.equal(seen.invoke.length, 0);
    assert.ok(!JSON.stringify(result).includes(secret));
  });

test('an STS that does not answer is tried again', async (t) => {
  const { endpoint, send } = await aws(t);

  await endpoint.stop();
  const result = await send();

  assert.equal(result.class, 'retry');
  assert.equal(result.counter, 'errors.awaiting-retry.ECONNREFUSED');
});

test('STS may be elsewhere', async (t) => {
  const { seen, send } = await aws(t);
  const sts = await Endpoint.start(t, xml(200, around(credentials(9, inAnHour()))));

  assert.equal((await send({ sts_url: `http://127.0.0.1:${sts.port}/sts` })).class, 'delivered');
  assert.equal(seen.assume.length, 0);
  assert.equal(sts.requests[0].url, '/sts');
  assert.ok(isSigned(sts.requests[0], 'local'));
  assert.ok(isSigned(seen.invoke[0], `${secret}9`));
});

for (const [why, more] of [
  ['a role that is none', { role: 'a b' }], ['an external id of one letter', { external_id: 'x' }],
  ['an external id with a quote', { external_id: 'a"b' }], ['an external id that is too long', { external_id: 'x'.repeat(1225) }],
  ['an STS over plain http elsewhere', { sts_url: 'http://sts.example.com' }], ['an STS that is none', { sts_url: 5 }],
])
  test(`a lambda with ${why} is refused`, async (t) => {
    const { emulator, target } = await aws(t);

    assert.equal((await emulator.ask('POST', '/_emulator/attempt', { target: { ...target, ...more }, event })).status, 400);
    assert.equal((await emulator.ask('PUT', '/_emulator/subscription', { ...target, ...more })).status, 400);
  });

test('events that come at once share one AssumeRole, and a slow one is waited for', async (t) => {
  const { seen, send } = await aws(t, { assume: (number) => ({ ...xml(200, around(credentials(number, inAnHour()))), delay: 300 }) });
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % 2 ? {} : { external_id: 'other' })));

  assert.ok(results.every(({ class: kind }) => kind === 'delivered'));
  assert.equal(seen.assume.length, 2, 'one for each external id');
  assert.equal(seen.invoke.length, 20);
  assert.equal(results.filter(({ calls }) => calls.length === 2).length, 2);
});

test('when it is refused, each that waited asks once for itself', async (t) => {
  const { seen, send } = await aws(t, { assume: () => ({ ...refusal(403, 'AccessDenied', 'not you'), delay: 300 }) });
  const results = await Promise.all(Array.from({ length: 5 }, () => send()));

  assert.ok(results.every(({ code, calls }) => code === 'Accessdenied' && calls.length === 1));
  assert.equal(seen.assume.length, 5);
});

test('who waits for one that gets no answer goes on, and worlds do not wait for each other', async (t) => {
  const { emulator, seen, target, send } = await aws(t, { assume: (number) => (number === 1 ? 'hang' : undefined) });

  target.external_id = 'same';
  const world = { 'X-Emulator-World': 'other' };
  const first = send();

  await until('it asks', () => seen.assume.length === 1);
  const second = send();
  const began = Date.now();
  const elsewhere = await emulator.ask('POST', '/_emulator/attempt', { target, event }, world);

  assert.equal(JSON.parse(elsewhere.text).class, 'delivered');
  assert.ok(Date.now() - began < 3000, 'another world does not wait');
  assert.equal((await first).code, 'Operation timedout');
  assert.equal((await second).class, 'delivered');
  assert.equal(seen.assume.length, 3);
});

test('who waits for one that is given up goes on at once', async (t) => {
  const { emulator, seen, target, send } = await aws(t, { assume: (number) => (number === 1 ? 'hang' : undefined) });

  await emulator.control('PUT', 'subscription', { ...target, external_id: 'same' });
  await emulator.control('PUT', 'destination', { source: website, slug: 'demo', enabled: true, config: { apiKey: 'abcd1234' } });
  await emulator.ask('POST', '/v1/track', { event: 'Signed Up', userId: 'u1' }, { Authorization: basic(websiteKey) });
  await until('the delivery asks', () => seen.assume.length === 1);
  const began = Date.now();
  const waiting = send({ external_id: 'same' });

  await emulator.control('GET', 'state');
  assert.equal(seen.assume.length, 1);
  await emulator.control('POST', 'reset');
  const result = await waiting;

  assert.equal(result.class, 'delivered');
  assert.equal(seen.assume.length, 2);
  assert.ok(Date.now() - began < 4000, 'it did not wait for a time limit');
});

// --- where it is set, and where it is seen ------------------------------------------------------------------------

const submit = (emulator, page, fields) => emulator.ask('POST', page, new URLSearchParams(fields).toString(),
  { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' });
const tail = { 'X-Amz-Log-Result': Buffer.from('START RequestId: 1\n<b>hello</b>\nEND RequestId: 1\n').toString('base64') };
const logging = () => ({ status: 200, headers: tail, body: '{"done":true}' });

test('the component\'s page sets role, external id, log type and addresses, and shows the external id that is the default', async (t) => {
  const { emulator } = await aws(t);
  const fields = { kind: 'lambda', arn: 'hello', role, external_id: 'own-id', log_type: 'Tail', region: 'eu-west-1',
    invoke_url: 'http://127.0.0.1:9001', sts_url: 'http://127.0.0.1:9002', payload: '' };

  await emulator.control('PUT', 'subscription', { kind: 'lambda', arn: 'x', client_context: { plan: 'pro' } });
  assert.equal((await submit(emulator, '/developer/components', fields)).status, 303);
  assert.deepEqual(await emulator.control('GET', 'subscription'), {
    client_context: { plan: 'pro' }, kind: 'lambda', app: 1, arn: 'hello', role, external_id: 'own-id', region: 'eu-west-1',
    invoke_url: 'http://127.0.0.1:9001', sts_url: 'http://127.0.0.1:9002', log_type: 'Tail',
  });

  const { text } = await emulator.ask('GET', '/developer/components');

  for (const value of [role, 'own-id', 'http://127.0.0.1:9002']) assert.ok(text.includes(`value="${value}"`), value);
  assert.match(text, /<option value="Tail" selected/);
  assert.match(text, /Empty: the workspace&#39;s id, [0-9a-zA-Z]+\./);
  assert.equal((await submit(emulator, '/developer/components', { ...fields, role: 'a b' })).status, 400);
  assert.equal((await submit(emulator, '/developer/components', { ...fields, external_id: '' })).status, 303);
  assert.equal((await emulator.control('GET', 'subscription')).external_id, undefined);
});

test('a lambda whose address was given as "url" keeps it when the page saves', async (t) => {
  const { emulator, target } = await aws(t);
  const { invoke_url: url, ...others } = target;

  await emulator.control('PUT', 'subscription', { ...others, url });
  assert.ok((await emulator.ask('GET', '/developer/components')).text.includes(`value="${url}"`));
});

// The catalog's own destination, as a customer sets it up.
async function amazon(t, settings = {}, answers = {}) {
  const stage = await aws(t, { flags: ['--clock-rate', '0'], ...answers });
  const { emulator, endpoint } = stage;
  const name = `${website}/destinations/amazon-lambda`;

  await emulator.control('PUT', 'subscription', { kind: 'lambda', arn: 'other', url: `http://127.0.0.1:${endpoint.port}` });
  await emulator.control('PUT', 'destination', { source: website, slug: 'amazon-lambda', enabled: true,
    config: { function: 'hello:live', region: 'us-west-2', roleAddress: role, ...settings } });
  return { ...stage, name,
    track: () => emulator.ask('POST', '/v1/track', { event: 'Signed Up', userId: 'u1', messageId: 'm-1' },
      { Authorization: basic(websiteKey) }),
    delivery: (state) => until(`the delivery is ${state}`, async () => {
      const [delivery] = (await emulator.control('GET', 'deliveries?limit=1')).deliveries;

      return delivery?.state === state ? delivery : null;
    }) };
}

test('Amazon Lambda of the catalog: all its settings arrive, and both calls are in the delivery and on its page', async (t) => {
  const { emulator, seen, track, delivery, name } = await amazon(t,
    { externalId: 'customer-1', clientContext: { plan: 'pro' }, logType: 'Tail' }, { invoke: logging });

  assert.equal((await track()).status, 200);
  const { attempts: [attempt] } = await delivery('delivered');
  const form = new URLSearchParams(seen.assume[0].body);
  const [invoke] = seen.invoke;

  assert.deepEqual([form.get('RoleArn'), form.get('ExternalId')], [role, 'customer-1']);
  assert.equal(invoke.url, '/2015-03-31/functions/hello%3Alive/invocations');
  assert.match(invoke.headers.authorization, /\/us-west-2\/lambda\//);
  assert.equal(invoke.headers['x-amz-log-type'], 'Tail');
  assert.deepEqual(JSON.parse(Buffer.from(invoke.headers['x-amz-client-context'], 'base64')), { plan: 'pro' });
  assert.equal(JSON.parse(invoke.body).messageId, 'm-1');
  assert.equal(attempt.calls.length, 2);
  assert.equal(attempt.calls[0].response_body, around(''));
  assert.ok(!JSON.stringify(attempt).includes(secret) && !JSON.stringify(attempt).includes(token));

  const page = await emulator.ask('GET', `/destinations/acme/website/amazon-lambda/delivery`);

  assert.match(page.text, /Action=AssumeRole/);
  assert.match(page.text, /&lt;b&gt;hello&lt;\/b&gt;/);
  assert.ok(!page.text.includes('ASIAEXAMPLE') && !page.text.includes(token));
  assert.equal((await emulator.control('GET', 'counters'))[name].successes, 1);
});

test('Amazon Lambda of the catalog: without an external id it is the workspace\'s; a refusal is Accessdenied, once', async (t) => {
  const { emulator, seen, track, delivery, name } = await amazon(t, {},
    { assume: () => refusal(403, 'AccessDenied', 'not authorized to perform: sts:AssumeRole') });

  await track();
  const { attempts } = await delivery('discarded');

  assert.equal(new URLSearchParams(seen.assume[0].body).get('ExternalId'), await firstWorkspace(emulator));
  assert.deepEqual(attempts.map(({ code }) => code), ['Accessdenied']);
  await emulator.control('POST', 'clock', { advance: '5h' });
  assert.equal(seen.assume.length, 1);
  assert.deepEqual((await emulator.control('GET', 'counters'))[name], { 'errors.discarded.403': 1 });
  assert.match((await emulator.ask('GET', `/destinations/acme/website/amazon-lambda/delivery`)).text, /Accessdenied/);
});

test('the Event Tester shows both calls, the log, and an error by its name', async (t) => {
  let denied = false;
  const { emulator } = await amazon(t, { logType: 'Tail' },
    { invoke: logging, assume: () => (denied ? refusal(403, 'AccessDenied', 'not <you>') : undefined) });
  const page = '/destinations/acme/website/amazon-lambda/tester';
  const send = () => submit(emulator, page, { do: 'send', event: JSON.stringify(event) });
  const good = await send();

  assert.match(good.text, /2 API calls/);
  assert.match(good.text, /Action=AssumeRole/);
  assert.match(good.text, /Log Output/);
  assert.match(good.text, /&lt;b&gt;hello&lt;\/b&gt;/);
  assert.ok(!good.text.includes(token));
  denied = true;
  await emulator.control('PUT', 'destination', { source: website, slug: 'amazon-lambda', enabled: true,
    config: { function: 'hello', region: 'us-west-2', roleAddress: role, externalId: 'wrong-one' } });
  const bad = await send();

  assert.match(bad.text, /did not take the test event: Accessdenied/);
  assert.match(bad.text, /not &lt;you&gt;/);
});

test('Send Test Event of the Developer Center tells the Invoke, and a refused role by its name', async (t) => {
  let denied = false;
  const { emulator, seen, target } = await aws(t,
    { invoke: logging, assume: () => (denied ? refusal(403, 'AccessDenied', 'not you') : undefined) });

  const { invoke_url: url, ...others } = target;
  const send = (external_id = '') => submit(emulator, '/developer/build',
    { arn: 'hello', role, external_id, invoke_url: url, api_key: 'abcd1234', event: JSON.stringify(event) });

  await emulator.control('PUT', 'subscription', { ...others, url, log_type: 'Tail' });
  assert.ok((await emulator.ask('GET', '/developer/build')).text.includes(`value="${url}"`));
  const good = await send();
  const told = await emulator.control('POST', 'test-event', { event });

  assert.match(good.text, /200 Success in Response from Endpoint/);
  assert.match(good.text, /Action=AssumeRole/);
  assert.match(good.text, /Log Output/);
  assert.equal(told.response.body, '{"done":true}');
  assert.equal(new URLSearchParams(seen.assume[0].body).get('ExternalId'), await firstWorkspace(emulator));
  denied = true;
  assert.match((await send('wrong-one')).text, /Accessdenied: 403 in Response from Endpoint/);
});
