// SPDX-License-Identifier: MIT
// Lambda from both ends: the local Segment calls Invoke, and answers it for AWS's own client (acceptance case 69 of the
// protocol dossier). Its way to a real function is in emulator-lambda-serve.test.mjs.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { client } from './lib/clients.mjs';
import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { isSigned } from './lib/sigv4.mjs';
import { until } from './lib/wait.mjs';

const event = { type: 'track', event: 'Registered', userId: 'u-1', messageId: 'm-1' };

// --- the local Segment calls Invoke -----------------------------------------------------------------------------

async function invoking(t, mood, options) {
  const emulator = await Emulator.start(t, [], options);
  const endpoint = await Endpoint.start(t, mood);
  const target = { kind: 'lambda', invoke_url: `http://127.0.0.1:${endpoint.port}`, arn: 'hello', api_key: 'abcd1234' };

  return { emulator, endpoint, target, send: (more = {}) => emulator.attempt({ ...target, ...more }, event) };
}

const failed = (errorType, errorMessage) => ({
  status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' },
  body: JSON.stringify({ errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`, '    at handler'] }),
});

test('Invoke is called with the bare event, the key in the client context, and a good signature', async (t) => {
  const { endpoint, send } = await invoking(t, { status: 200, body: '{"done":true}' });
  const result = await send({ log_type: 'Tail' });
  const [request] = endpoint.requests;

  assert.equal(request.method, 'POST');
  assert.equal(request.url, '/2015-03-31/functions/hello/invocations');
  assert.equal(request.headers['x-amz-invocation-type'], 'RequestResponse');
  assert.equal(request.headers['x-amz-log-type'], 'Tail');
  assert.equal(request.headers['x-amz-client-context'], 'eyJhcGlLZXkiOiJhYmNkMTIzNCJ9');
  assert.equal(request.body, JSON.stringify(event));
  assert.match(request.headers.authorization, /Credential=local\/\d{8}\/us-west-2\/lambda\/aws4_request/);
  assert.ok(isSigned(request, 'local'));
  assert.ok(!isSigned({ ...request, body: `${request.body} ` }, 'local'), 'the check sees a change');
  assert.equal(result.class, 'delivered');
  assert.deepEqual(result.returned, { done: true });
});

test('an ARN is percent-encoded in the path and names the region; the signature holds', async (t) => {
  const { endpoint, send } = await invoking(t);

  await send({ arn: 'arn:aws:lambda:eu-west-1:123456789012:function:hello:live' });
  const [request] = endpoint.requests;

  assert.equal(request.url, '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Ahello%3Alive/invocations');
  assert.match(request.headers.authorization, /\/eu-west-1\/lambda\//);
  assert.ok(isSigned(request, 'local'));
});

test("the environment's credentials sign, and neither they nor the signature are shown", async (t) => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const environment = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: 'session-token-1' };
  const { emulator, endpoint, send } = await invoking(t, 200, { environment });
  const result = await send();
  const [request] = endpoint.requests;

  assert.match(request.headers.authorization, /Credential=AKIDEXAMPLE\//);
  assert.match(request.headers.authorization, /SignedHeaders=[^,]*x-amz-security-token/);
  assert.equal(request.headers['x-amz-security-token'], 'session-token-1');
  assert.ok(isSigned(request, secret));
  for (const text of [secret, 'AKIDEXAMPLE', 'session-token-1', 'abcd1234'])
    assert.ok(!JSON.stringify(result).includes(text), text);
  assert.equal(emulator.log, '');
});

test('an enveloped payload has event, settings and version', async (t) => {
  const { endpoint, send } = await invoking(t);

  await send({ payload: 'envelope', settings: { region: 'eu' }, client_context: { extra: 1 } });
  assert.deepEqual(JSON.parse(endpoint.requests[0].body), { event, settings: { apiKey: 'abcd1234', region: 'eu' }, version: '1.0' });
  assert.deepEqual(JSON.parse(Buffer.from(endpoint.requests[0].headers['x-amz-client-context'], 'base64')), { apiKey: 'abcd1234', extra: 1 });
});

test('a function error comes with status 200, and EventNotSupported is an unsupported type', async (t) => {
  const { send } = await invoking(t, failed('EventNotSupported', 'identify not supported'));
  const result = await send();

  assert.equal(result.calls[0].status, 200);
  assert.equal(result.class, 'unsupported');
  assert.equal(result.counter, 'UNSUPPORTED_EVENT_TYPE');
  assert.equal(result.message, 'identify not supported');
  assert.deepEqual(result.error, {
    name: 'EventNotSupported', message: 'identify not supported', stack: 'EventNotSupported: identify not supported\n    at handler',
  });
  assert.equal(result.returned, null);
});

const service = (status, type, message) => ({
  status, headers: { 'X-Amzn-ErrorType': type }, body: JSON.stringify({ Type: 'User', Message: message }),
});

for (const [why, mood, kind, code] of [
  ['an unknown error', failed('Error', 'oops'), 'discarded', 'Execution Error'],
  ['a ValidationError', failed('ValidationError', 'no account'), 'discarded', 'Message Rejected'],
  ['a RetryError', failed('RetryError', 'later'), 'retry', 'Retry'],
  ['no permission', service(403, 'AccessDeniedException', 'not you'), 'discarded', 'Accessdenied'],
  ['an unknown key', service(403, 'UnrecognizedClientException', 'who?'), 'discarded', 'Invalid Credentials'],
  ['no such function', service(404, 'ResourceNotFoundException', 'gone'), 'discarded', 'ResourceNotFoundException'],
  ['too many', service(429, 'TooManyRequestsException', 'slow down'), 'retry', 'TooManyRequestsException'],
  ['a failing service', service(500, 'ServiceException', 'ours'), 'retry', 'ServiceException'],
])
  test(`Invoke answers ${why}: ${kind}`, async (t) => {
    const { send } = await invoking(t, mood);
    const result = await send();

    assert.equal(result.class, kind);
    assert.equal(result.code, code);
    assert.ok(['oops', 'no account', 'later', 'not you', 'who?', 'gone', 'slow down', 'ours'].includes(result.message));
  });

test("a log's tail is shown line by line", async (t) => {
  const log = 'START RequestId: 1 Version: $LATEST\n2026\t1\tINFO\thello\nEND RequestId: 1\n';
  const { send } = await invoking(t, { status: 200, headers: { 'X-Amz-Log-Result': Buffer.from(log).toString('base64') } });

  assert.deepEqual((await send({ log_type: 'Tail' })).logs, log.trim().split('\n'));
});

for (const [why, more] of [
  ['without a name', { arn: '' }], ['with a path for a name', { arn: '../x' }],
  ['with a client context above 3583 bytes', { client_context: { a: 'x'.repeat(2700) } }],
  ['with a region that is none', { region: 'x/y' }], ['over plain http to elsewhere', { invoke_url: 'http://example.com' }],
])
  test(`a lambda ${why} is refused`, async (t) => {
    const { emulator, target } = await invoking(t);

    assert.equal((await emulator.ask('POST', '/_emulator/attempt', { target: { ...target, ...more }, event })).status, 400);
  });

// --- the local Segment answers Invoke ----------------------------------------------------------------------------

const code = `let calls = 0;
async function onTrack(event, settings) { calls++; console.log("call " + calls); return { calls, event, settings } }
function onIdentify() { throw new ValidationError("no account") }
async function onGroup() { await new Promise((resolve) => setTimeout(resolve, 6000)) }
function onPage() { for (let i = 0; i < 60; i++) console.log("x".repeat(200)) }`;

async function serving(t) {
  const { LambdaClient, InvokeCommand } = client('@aws-sdk/client-lambda');
  const emulator = await Emulator.start(t);
  const file = path.join(temporaryFolder(t), 'hello.js');
  const lambda = new LambdaClient({
    region: 'us-west-2', endpoint: emulator.url, maxAttempts: 1, credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });

  fs.writeFileSync(file, code);
  t.after(() => lambda.destroy());
  await emulator.control('PUT', 'function', { name: 'hello', file });
  return {
    emulator, file,
    invoke: async (members = {}, payload = event) => {
      const answer = await lambda.send(new InvokeCommand({ FunctionName: 'hello', Payload: JSON.stringify(payload), ...members }));
      const text = Buffer.from(answer.Payload ?? []).toString();

      return { ...answer, text, value: text === '' ? undefined : JSON.parse(text) };
    },
  };
}

const context = (value) => Buffer.from(JSON.stringify(value)).toString('base64');

test("AWS's client invokes a function, which sees the client context as its settings", async (t) => {
  const { invoke } = await serving(t);
  const answer = await invoke({ ClientContext: context({ apiKey: 'abcd1234' }) });

  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.equal(answer.FunctionError, undefined);
  assert.deepEqual(answer.value, { calls: 1, event, settings: { apiKey: 'abcd1234' } });
});

test('an envelope is opened', async (t) => {
  const { invoke } = await serving(t);
  const { value } = await invoke({}, { event, settings: { region: 'eu' }, version: '1.0' });

  assert.deepEqual([value.event, value.settings], [event, { region: 'eu' }]);
});

test('a thrown error is an answer with status 200 and X-Amz-Function-Error', async (t) => {
  const { invoke } = await serving(t);
  const answer = await invoke({}, { type: 'identify', userId: 'u' });

  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(answer.value.errorType, 'ValidationError');
  assert.equal(answer.value.errorMessage, 'no account');
  assert.ok(Array.isArray(answer.value.trace));
});

test('LogType Tail: the last 4 KB of the log', async (t) => {
  const { invoke } = await serving(t);
  const short = Buffer.from((await invoke({ LogType: 'Tail' })).LogResult, 'base64').toString();
  const long = Buffer.from((await invoke({ LogType: 'Tail' }, { type: 'page', userId: 'u' })).LogResult, 'base64').toString();

  assert.match(short, /^START RequestId: \S+ Version: \$LATEST\n\S+\t\S+\tINFO\tcall 1\nEND RequestId: \S+\nREPORT RequestId: \S+\tDuration: /);
  assert.equal(long.length, 4096);
  assert.match(long, /REPORT/);
  assert.equal((await invoke()).LogResult, undefined);
});

test('a function that takes 6 s has timed out', async (t) => {
  const { invoke } = await serving(t);
  const answer = await invoke({}, { type: 'group', userId: 'u', groupId: 'g' });

  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(answer.value.errorMessage, 'Task timed out after 5.00 seconds');
});

test('DryRun is 204 and runs nothing, Event is 202 and runs it', async (t) => {
  const { invoke } = await serving(t);

  assert.equal((await invoke({ InvocationType: 'DryRun' })).StatusCode, 204);
  assert.equal((await invoke({ InvocationType: 'Event' })).StatusCode, 202);
  await until('the event has run', async () => (await invoke()).value.calls >= 2);
  assert.ok((await invoke()).value.calls >= 3);
});

test('a name, an alias, a partial and a whole ARN are the same function', async (t) => {
  const { invoke } = await serving(t);
  const names = ['hello', 'hello:live', '123456789012:function:hello', 'arn:aws:lambda:us-west-2:123456789012:function:hello',
    'arn:aws:lambda:us-west-2:123456789012:function:hello:live'];

  for (const FunctionName of names) assert.equal((await invoke({ FunctionName })).StatusCode, 200, FunctionName);
  assert.equal((await invoke({ Qualifier: 'live' })).StatusCode, 200);
});

test('case 69: a client context that is no base64 of an object is a 400, and the function is not called', async (t) => {
  const { invoke } = await serving(t);

  for (const ClientContext of ['!!!', Buffer.from('{"a":').toString('base64'), context([1]), context({ a: 'x'.repeat(2700) })])
    await assert.rejects(invoke({ ClientContext }), (error) => {
      assert.equal(error.name, 'InvalidRequestContentException');
      assert.equal(error.$metadata.httpStatusCode, 400);
      return true;
    });
  assert.equal((await invoke()).value.calls, 1);
});

test('an unknown function, a payload that is no JSON and one above 6 MB are refused in Lambda\'s words', async (t) => {
  const { invoke } = await serving(t);
  const refused = async (members, name, status) => assert.rejects(invoke(members), (error) => {
    assert.equal(error.name, name);
    assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });

  await refused({ FunctionName: 'nobody' }, 'ResourceNotFoundException', 404);
  await refused({ Payload: '{"a":' }, 'InvalidRequestContentException', 400);
  await refused({ Payload: JSON.stringify({ ...event, big: 'x'.repeat(6 << 20) }) }, 'RequestTooLargeException', 413);
  await refused({ InvocationType: 'Later' }, 'InvalidParameterValueException', 400);
  await refused({ LogType: 'Head' }, 'InvalidParameterValueException', 400);
});

test('a call without a signature is refused, in the shape that clients read', async (t) => {
  const { emulator } = await serving(t);
  const call = (headers) => emulator.ask('POST', '/2015-03-31/functions/hello/invocations', event, headers);

  for (const headers of [{}, { Authorization: 'Bearer x' }, { Authorization: 'AWS4-HMAC-SHA256 Credential=a' }]) {
    const { status, json, headers: answered } = await call(headers);

    assert.equal(status, 403);
    assert.deepEqual(Object.keys(json), ['Type', 'Message']);
    assert.match(answered['x-amzn-errortype'], /Exception$/);
  }
});

test("the app's subscription is a function under its own name, the app's slug and \"function\"", async (t) => {
  const { emulator, invoke, file } = await serving(t);
  const other = path.join(path.dirname(file), 'sub/index.js');

  fs.mkdirSync(path.dirname(other));
  fs.writeFileSync(other, 'function onTrack() { return "subscription" }');
  await emulator.control('PUT', 'subscription', { kind: 'function', function: other });
  for (const FunctionName of ['sub', 'demo', 'function']) assert.equal((await invoke({ FunctionName })).value, 'subscription', FunctionName);
  await assert.rejects(invoke({ FunctionName: 'other' }), { name: 'ResourceNotFoundException' });
});

test('the local Segment can call its own Invoke', async (t) => {
  const { emulator } = await serving(t);
  const result = await emulator.attempt({ kind: 'lambda', invoke_url: emulator.url, arn: 'hello', api_key: 'abcd1234', log_type: 'Tail' }, event);

  assert.deepEqual(result.returned, { calls: 1, event, settings: { apiKey: 'abcd1234' } });
  assert.match(result.logs.join('\n'), /INFO\tcall 1/);
});

test('the local Segment\'s own Invoke asks for no role, so none is assumed', async (t) => {
  const { emulator } = await serving(t);
  const result = await emulator.attempt({ kind: 'lambda', url: emulator.url, arn: 'hello', role: 'arn:aws:iam::123456789012:role/segment' }, event);

  assert.equal(result.class, 'delivered');
  assert.equal(result.calls.length, 1);
});
