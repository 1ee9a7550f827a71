// SPDX-License-Identifier: MIT
// A Lambda service on this machine: the Invoke API in front, the Runtime API behind (acceptance case 64).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { client } from './lib/clients.mjs';
import { exchange, request, statusOf } from './lib/http.mjs';
import { isAlive, LambdaHost, silent } from './lib/lambda-host.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { endSignal, program, run } from './lib/program.mjs';
import { until } from './lib/wait.mjs';

const serving = `node ${path.join(path.dirname(fileURLToPath(import.meta.url)), 'lib/lambda-runtime.mjs')}`;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MOST = 6 * 1024 * 1024 + 100;

// --- the Runtime API ----------------------------------------------------------------------------------------------

test('next says all that a runtime must know', async (t) => {
  const host = await LambdaHost.command(t, silent, ['--timeout', '7s']);
  const runtime = await host.runtime();
  const before = Date.now();
  const invoked = host.invoke({ type: 'track' }, { context: { apiKey: 'abcd1234', 'ä': [1, { b: 2 }] } });
  const { status, headers, text, id } = await runtime.next();

  assert.equal(status, 200);
  assert.equal(text, '{"type":"track"}');
  assert.match(id, uuid);
  assert.ok(Math.abs(Number(headers['lambda-runtime-deadline-ms']) - before - 7000) < 3000);
  assert.equal(headers['lambda-runtime-invoked-function-arn'], 'arn:aws:lambda:us-west-2:123456789012:function:hello');
  assert.match(headers['lambda-runtime-trace-id'], /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  assert.deepEqual(JSON.parse(Buffer.from(headers['lambda-runtime-client-context'], 'latin1').toString()), { apiKey: 'abcd1234', 'ä': [1, { b: 2 }] });
  assert.equal(headers['lambda-runtime-cognito-identity'], undefined);
  const response = await runtime.respond(id, '{"ok":true}');

  assert.equal(response.status, 202);
  assert.deepEqual(response.json, { status: 'OK' });
  const answer = await invoked;

  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, { ok: true });
  assert.equal(answer.headers['x-amz-executed-version'], '$LATEST');
  assert.equal(answer.headers['x-amzn-requestid'], id);
  assert.equal(answer.headers['x-amz-function-error'], undefined);
  assert.equal(answer.headers['x-amz-log-result'], undefined);

  const without = host.invoke('');
  const second = await runtime.next();

  assert.equal(second.text, '{}', 'no payload is an empty object');
  assert.equal(second.headers['lambda-runtime-client-context'], undefined);
  await runtime.respond(second.id, '1');
  await without;
});

test('the Runtime API refuses what its state does not allow', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const invoked = host.invoke({});
  const { id } = await runtime.next();
  const refused = async (asked, status, errorType) => {
    const answer = await asked;

    assert.equal(answer.status, status);
    assert.equal(answer.json.errorType, errorType);
    assert.ok(answer.json.errorMessage);
  };

  await refused(runtime.respond('11111111-2222-4333-8444-555555555555', '{}'), 400, 'InvalidRequestID');
  await refused(runtime.fail('nonsense', '{}'), 400, 'InvalidRequestID');
  await refused(runtime.ask('GET', '/invocation/next'), 403, 'InvalidStateTransition');
  await refused(runtime.ask('POST', '/init/error', '{}'), 403, 'InvalidStateTransition');
  await refused(runtime.respond(id, '{}', { 'Lambda-Runtime-Function-Response-Mode': 'sideways' }), 400, 'InvalidFunctionResponseMode');
  assert.equal((await runtime.respond(id, '"done"')).status, 202);
  await refused(runtime.respond(id, '{}'), 403, 'InvalidStateTransition');
  await refused(runtime.fail(id, '{}'), 403, 'InvalidStateTransition');
  assert.equal((await invoked).text, '"done"', 'none of it has reached the caller');
  for (const [method, where] of [['GET', '/'], ['HEAD', '/invocation/next'], ['GET', `/invocation/${id}/response`], ['POST', '/invocation/next'], ['PUT', `/invocation/${id}/error`]])
    assert.equal((await runtime.ask(method, where)).status, 404, `${method} ${where}`);
});

test('a runtime may send as it likes: chunked, Expect, no content type, any case', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const api = new URL(runtime.base);
  const speak = (lines, body) => exchange(Number(api.port), `${lines.join('\r\n')}\r\n\r\n${body}`, { timeout: 1500 });
  const manners = [
    (id) => runtime.respond(id, '{"by":"stream"}', { 'Transfer-Encoding': 'chunked', 'Lambda-Runtime-Function-Response-Mode': 'streaming' }),
    async (id) => ({ status: statusOf(await speak([`POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1`, 'HOST: x', 'CONTENT-LENGTH: 9', 'connection: close'], '"by hand"')) }),
    (id) => new Promise((resolve, reject) => {
      const outgoing = http.request(`${runtime.base}/invocation/${id}/response`, { method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 10 } },
        (response) => { response.resume().on('end', () => resolve({ status: response.statusCode })); });

      outgoing.on('continue', () => outgoing.end('"expected"'));
      outgoing.on('error', reject);
      outgoing.flushHeaders();
    }),
  ];

  for (const [i, wanted] of ['{"by":"stream"}', '"by hand"', '"expected"'].entries()) {
    const invoked = host.invoke({});
    const { id } = await runtime.next();

    assert.equal((await manners[i](id)).status, 202);
    assert.equal((await invoked).text, wanted);
  }
  assert.equal(host.of('note').length, 0);
});

test('an error is passed on as it was posted, and has the type that it says', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const header = (type) => ({ 'Lambda-Runtime-Function-Error-Type': type });
  const rows = [
    ['{"errorType":"EventNotSupported","errorMessage":"no","stackTrace":[]}', header('Function.Other'), 'EventNotSupported'],
    ['{"errorMessage":"no type"}', header('Runtime.ExtraordinaryThing'), 'Runtime.ExtraordinaryThing'],
    ['{"errorMessage":"x"}', header('Runtime.lower'), 'Runtime.Unknown'],
    ['{"errorMessage":"x"}', header('Strange'), 'Function.Unknown'],
    ['{"errorMessage":"x"}', {}, 'Function.Unknown'],
  ];

  for (const [body, headers, type] of rows) {
    const invoked = host.invoke({});
    const { id } = await runtime.next();

    assert.equal((await runtime.fail(id, body, headers)).status, 202);
    const answer = await invoked;

    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-amz-function-error'], 'Unhandled');
    assert.equal(answer.text, body);
    assert.equal((await until('it is told', () => host.of('invocation').find(({ request_id }) => request_id === id))).error_type, type);
  }
  const invoked = host.invoke({});

  await runtime.fail((await runtime.next()).id, 'no JSON', header('Function.Broken'));
  assert.deepEqual((await invoked).json, { errorType: 'Function.Broken', errorMessage: 'no JSON' });
});

test('a result above 6 MiB and 100 bytes is 413 to the runtime, which goes on, and an error to the caller', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const large = `"${'x'.repeat(MOST - 1)}"`;

  for (const headers of [{}, { 'Transfer-Encoding': 'chunked' }]) {
    const invoked = host.invoke({});
    const { id } = await runtime.next();
    const answer = await runtime.respond(id, large, headers);

    assert.equal(answer.status, 413);
    assert.equal(answer.json.errorType, 'RequestEntityTooLarge');
    const failure = await invoked;

    assert.equal(failure.status, 200);
    assert.equal(failure.headers['x-amz-function-error'], 'Unhandled');
    assert.equal(failure.json.errorType, 'Function.ResponseSizeTooLarge');
  }
  const invoked = host.invoke({});
  const { id } = await runtime.next();

  assert.equal((await runtime.respond(id, large.slice(1))).status, 202);
  assert.equal((await invoked).text.length, MOST);
  assert.equal(host.of('note').length, 0, 'it is still the first environment');
});

test('an environment has the variables that AWS sets, on top of ours', async (t) => {
  const folder = fs.realpathSync(temporaryFolder(t));
  const host = await LambdaHost.command(t, 'env; pwd; exec sleep 1000',
    ['--name', 'crm-sync', '--handler', 'app.main', '--memory', '256', '--task-root', folder], { env: { MINE: 'kept', AWS_REGION: 'eu-west-1' } });
  const lines = await until('all is said', () => host.lines().includes(folder) && host.lines());
  const variables = Object.fromEntries(lines.filter((line) => line.includes('=')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

  assert.match(variables.AWS_LAMBDA_RUNTIME_API, /^127\.0\.0\.1:\d+$/);
  assert.match(variables.AWS_LAMBDA_LOG_STREAM_NAME, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  assert.ok(variables.AWS_EXECUTION_ENV && variables.LAMBDA_RUNTIME_DIR);
  const wanted = {
    _HANDLER: 'app.main', LAMBDA_TASK_ROOT: folder, AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_LAMBDA_FUNCTION_NAME: 'crm-sync', AWS_LAMBDA_FUNCTION_VERSION: '$LATEST', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/crm-sync', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', TZ: ':UTC', MINE: 'kept',
    AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: 'local',
  };

  for (const [name, value] of Object.entries(wanted)) assert.equal(variables[name], value, name);
});

// --- the Invoke API -----------------------------------------------------------------------------------------------

test('any name is accepted, in every form that AWS knows', async (t) => {
  const host = await LambdaHost.command(t, serving);
  const arn = 'arn:aws:lambda:us-west-2:123456789012:function:hello';

  for (const name of ['function', 'hello', 'hello:live', '123456789012:function:hello', arn, encodeURIComponent(arn), encodeURIComponent(`${arn}:live`)]) {
    const answer = await host.invoke({ a: 1 }, { name });

    assert.equal(answer.status, 200, name);
    assert.deepEqual(answer.json.payload, { a: 1 });
  }
  assert.equal((await host.invoke({}, { query: '?Qualifier=live' })).status, 200);
  assert.equal((await host.invoke({}, { name: 'hello:live', query: '?Qualifier=live' })).status, 200);
  const dry = await host.invoke({}, { type: 'DryRun' });

  assert.equal(dry.status, 204);
  assert.equal(dry.text, '');
  await until('each is told', () => host.of('invocation').length >= 9); // an answer may be here first
  assert.equal(host.of('invocation').length, 9);
});

test('what is no invocation is refused in the words of AWS, and the function is not called', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const rows = [
    [{ name: 'bad name'.replace(' ', '%20') }, 400, 'InvalidParameterValueException'],
    [{ type: 'Sometimes' }, 400, 'InvalidParameterValueException'],
    [{ headers: { 'X-Amz-Log-Type': 'Head' } }, 400, 'InvalidParameterValueException'],
    [{ headers: { 'X-Amz-Client-Context': '%%%' } }, 400, 'InvalidRequestContentException'],
    [{ name: 'hello:live', query: '?Qualifier=dead' }, 400, 'InvalidParameterValueException'],
    [{ query: '?Qualifier=a%20b' }, 400, 'InvalidParameterValueException'],
    [{ headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=x' } }, 403, 'IncompleteSignatureException'],
    [{ headers: { Origin: 'https://elsewhere.example' } }, 403, 'AccessDeniedException'],
  ];

  for (const [options, status, type] of rows) {
    const answer = await host.invoke({}, options);

    assert.equal(answer.status, status, JSON.stringify(options));
    assert.equal(answer.headers['x-amzn-errortype'], type, JSON.stringify(options));
    assert.equal(answer.json.Type, 'User');
    assert.ok(answer.json.Message);
  }
  assert.equal((await host.invoke('{"no JSON')).headers['x-amzn-errortype'], 'InvalidRequestContentException');
  const large = await host.invoke(`"${'x'.repeat(6 * 1024 * 1024)}"`);

  assert.equal(large.status, 413);
  assert.equal(large.headers['x-amzn-errortype'], 'RequestTooLargeException');
  assert.equal((await request(`${host.url}/2015-03-31/functions/hello/invocations`)).status, 404);
  assert.equal((await request(`${host.url}/2018-06-01/runtime/invocation/next`)).status, 404);
  assert.equal(host.of('invocation').length, 0);
});

test('case 64: LogType Tail brings at most 4 KB of the log, with START, END and REPORT', async (t) => {
  const host = await LambdaHost.command(t, serving);
  const short = await host.invoke({ print: 'a line' }, { tail: true });
  const id = short.headers['x-amzn-requestid'];

  assert.match(short.log, new RegExp(`^START RequestId: ${id} Version: \\$LATEST\na line\nEND RequestId: ${id}\n`
    + `REPORT RequestId: ${id}\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 512 MB\tMax Memory Used: \\d+ MB\tInit Duration: [\\d.]+ ms\t\n$`));
  const used = Number(/Max Memory Used: (\d+)/.exec(short.log)[1]);

  assert.ok(used > 15 && used < 300, `${used} MB: of Node, not of the shell in front of it`);
  const long = await host.invoke({ print: 'x'.repeat(100), times: 1000 }, { tail: true });

  assert.equal(long.log.length, 4096);
  assert.match(long.log, /^x+\n(x{100}\n){30,}END RequestId: /);
  assert.doesNotMatch(long.log, /Init Duration/, 'it was there already');
  assert.equal((await host.invoke({ print: 'a line' })).headers['x-amz-log-result'], undefined);
});

test('who takes too long is killed with all that it has started, and the next one finds a new environment', async (t) => {
  const host = await LambdaHost.command(t, `sleep 1000 & echo "left $!"; ${serving}`, ['--timeout', '1s']);
  const { pid } = (await host.invoke({})).json;
  const began = Date.now();
  const answer = await host.invoke({ sleep: 60000 }, { tail: true });
  const id = answer.headers['x-amzn-requestid'];

  assert.ok(Date.now() - began >= 990);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['x-amz-function-error'], 'Unhandled');
  assert.deepEqual(answer.json, { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${id} Error: Task timed out after 1.00 seconds` });
  assert.match(answer.log, /Task timed out after 1\.00 seconds/);
  const left = Number(host.lines().find((line) => line.startsWith('left ')).slice(5));

  for (const one of [pid, left]) await until(`${one} is gone`, () => !isAlive(one));
  const after = await host.invoke({});

  assert.equal(after.json.served, 1);
  assert.notEqual(after.json.pid, pid);
});

test('who ends in an invocation has failed it', async (t) => {
  const host = await LambdaHost.command(t, serving);

  for (const [payload, how] of [
    [{ exit: 1 }, 'Runtime exited with error: exit status 1'],
    [{ exit: 0 }, 'Runtime exited without providing a reason'],
    [{ kill: 'SIGKILL' }, 'Runtime exited with error: signal: killed'],
  ]) {
    const answer = await host.invoke(payload);

    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-amz-function-error'], 'Unhandled');
    assert.deepEqual(answer.json, { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${answer.headers['x-amzn-requestid']} Error: ${how}` });
  }
  assert.equal((await host.invoke({})).json.served, 1);
});

test('a caller who hangs up does not stop the function', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');

  socket.end('POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
  const { id } = await runtime.next();

  socket.destroy();
  assert.equal((await runtime.respond(id, '1')).status, 202);
  await until('it has gone well', () => host.of('invocation').some(({ ok }) => ok));
});

test('environments are started up to --concurrency; above it callers get 429, and Events wait', async (t) => {
  const host = await LambdaHost.command(t, serving, ['--concurrency', '2']);
  const busy = [host.invoke({ sleep: 1500 }), host.invoke({ sleep: 1500 })];

  await until('both run', () => host.events.length && busy.length === 2 && countBusy(host), { timeout: 10000 });
  const refused = await host.invoke({});

  assert.equal(refused.status, 429);
  assert.equal(refused.headers['x-amzn-errortype'], 'TooManyRequestsException');
  assert.ok(Number(refused.headers['retry-after']) > 0);
  const accepted = await host.invoke({ sleep: 1 }, { type: 'Event' });

  assert.equal(accepted.status, 202);
  assert.equal(accepted.text, '');
  const [one, two] = await Promise.all(busy);

  assert.notEqual(one.json.pid, two.json.pid);
  const event = await until('the Event has run', () => host.of('invocation').find(({ type }) => type === 'Event'));

  assert.equal(event.ok, true);
  assert.equal(event.request_id, accepted.headers['x-amzn-requestid']);
});

// 429 is only sure when both are taken: a third DryRun-like look costs nothing.
function countBusy(host) {
  return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isChildOf(pid, host.child.pid)).length >= 2;
}

function isChildOf(pid, parent) {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) === parent;
  } catch {
    return false;
  }
}

test('one environment serves one call after the other, and nobody is turned away', async (t) => {
  const host = await LambdaHost.command(t, serving, ['--concurrency', '1']);
  const agent = new http.Agent({ keepAlive: true });

  for (let i = 1; i <= 300; i++) {
    const answer = await request(`${host.url}/2015-03-31/functions/f/invocations`, { method: 'POST', body: { i }, agent });

    assert.equal(answer.status, 200);
    assert.equal(answer.json.served, i);
  }
  agent.destroy();
});

test('an Event that fails is tried again twice, later each time, and then dropped', async (t) => {
  const host = await LambdaHost.command(t, silent, ['--event-retry', '200ms']);
  const runtime = await host.runtime();
  const accepted = await host.invoke({ n: 1 }, { type: 'Event' });
  const times = [];

  for (let i = 0; i < 3; i++) {
    const next = await runtime.next();

    times.push(Date.now());
    assert.equal(next.id, accepted.headers['x-amzn-requestid']);
    assert.equal(next.text, '{"n":1}');
    await runtime.fail(next.id, '{"errorType":"Error","errorMessage":"again"}');
  }
  assert.ok(times[1] - times[0] >= 195 && times[2] - times[1] >= 395, `${times}`);
  await until('it is given up', () => host.of('note').some(({ text }) => /third time/.test(text)));
  assert.match(host.of('note')[0].text, /^event [0-9a-f]{8} is tried again in 1 s$/);
  assert.equal(host.of('invocation').filter(({ ok, type }) => !ok && type === 'Event').length, 3);
});

test('a command that is not there is said, is the answer, and is not started over and over', async (t) => {
  const host = await LambdaHost.command(t, '/nowhere/lambda --x');

  await until('it has ended', () => host.of('note').length === 1);
  assert.match(host.of('note')[0].text, /environment 1 ended before it asked for work: Runtime exited with error: exit status 127 \(is the command there\?\)/);
  const [one, two] = await Promise.all([host.invoke({}), host.invoke({})]);

  for (const { status, json } of [one, two]) {
    assert.equal(status, 200);
    assert.equal(json.errorType, 'Runtime.ExitError');
    assert.match(json.errorMessage, /exit status 127/);
  }
  await until('all is told', () => host.of('note').length >= 3);
  assert.ok(host.of('note').length <= 3, 'one environment an invocation');
});

test('an init error is the answer of who waits', async (t) => {
  const host = await LambdaHost.command(t, `${silent.replace('exec sleep 1000', 'sleep 1000')}`);
  const runtime = await host.runtime();
  const invoked = host.invoke({});
  const error = { errorType: 'Runtime.ImportModuleError', errorMessage: "Cannot find module 'index'", stackTrace: [] };

  assert.equal((await runtime.ask('POST', '/init/error', error, { 'Lambda-Runtime-Function-Error-Type': 'Runtime.ImportModuleError' })).status, 202);
  assert.equal((await runtime.ask('GET', '/invocation/next')).status, 403);
  const answer = await invoked;

  assert.equal(answer.status, 200);
  assert.equal(answer.headers['x-amz-function-error'], 'Unhandled');
  assert.deepEqual(answer.json, error);
});

// --- credentials --------------------------------------------------------------------------------------------------

const role = 'arn:aws:iam::123456789012:role/segment';

function assume(host, credentials = { accessKeyId: 'me', secretAccessKey: 'mine' }, more = {}) {
  const { STSClient, AssumeRoleCommand } = client('@aws-sdk/client-sts');
  const sts = new STSClient({ endpoint: host.url, region: 'us-west-2', credentials, maxAttempts: 1 });

  return sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: '1557967167869889276', ExternalId: 'ws-1', ...more }));
}

function call(host, credentials, more = {}) {
  const { LambdaClient, InvokeCommand } = client('@aws-sdk/client-lambda');
  const lambda = new LambdaClient({ endpoint: host.url, region: 'us-west-2', credentials, maxAttempts: 1 });

  return lambda.send(new InvokeCommand({ FunctionName: 'hello', Payload: '{"a":1}', ...more }));
}

const given = ({ Credentials }) => ({ accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey, sessionToken: Credentials.SessionToken });

test('with --role only credentials of AssumeRole invoke, and only with their signature', async (t) => {
  const host = await LambdaHost.command(t, serving, ['--role', role, '--external-id', 'ws-1']);
  const assumed = await assume(host);
  const credentials = given(assumed);

  assert.match(credentials.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  assert.ok(Math.abs(assumed.Credentials.Expiration - Date.now() - 3600000) < 5000);
  assert.equal(assumed.AssumedRoleUser.Arn, 'arn:aws:sts::123456789012:assumed-role/segment/1557967167869889276');
  for (const more of [{}, { FunctionName: 'arn:aws:lambda:us-west-2:123456789012:function:hello' }, { FunctionName: 'hello:live' }, { Qualifier: 'live' },
    { LogType: 'Tail', ClientContext: 'e30=' }])
    assert.equal((await call(host, credentials, more)).StatusCode, 200, JSON.stringify(more));
  const refusals = [
    [{ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' }, 'UnrecognizedClientException'],
    [{ ...credentials, sessionToken: credentials.sessionToken.replace(/.$/, 'z') }, 'UnrecognizedClientException'],
    [{ ...credentials, secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
  ];

  for (const [one, name] of refusals)
    await assert.rejects(call(host, one), (error) => error.name === name && error.$metadata.httpStatusCode === 403, name);
  const unsigned = await host.invoke({});

  assert.equal(unsigned.status, 403);
  assert.equal(unsigned.headers['x-amzn-errortype'], 'MissingAuthenticationTokenException');
  for (const more of [{ RoleArn: `${role}-2` }, { ExternalId: 'ws-2' }, { ExternalId: undefined }])
    await assert.rejects(assume(host, undefined, more), (error) => error.name === 'AccessDenied' && error.$metadata.httpStatusCode === 403
      && /is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role\/segment/.test(error.message));
  assert.equal(host.of('invocation').length, 5);
});

test('without --role anybody may, signed or not', async (t) => {
  const host = await LambdaHost.command(t, serving);

  assert.equal((await call(host, { accessKeyId: 'any', secretAccessKey: 'thing' })).StatusCode, 200);
  assert.equal((await call(host, given(await assume(host)))).StatusCode, 200);
  const odd = await request(host.url, { method: 'POST', body: 'Action=GetCallerIdentity' });

  assert.equal(odd.status, 400);
  assert.match(odd.text, /<Code>InvalidAction<\/Code>/);
  const nameless = await request(host.url, { method: 'POST', body: `Action=AssumeRole&RoleArn=${role}&RoleSessionName=%3Cb%3E` });

  assert.equal(nameless.status, 400);
  assert.match(nameless.text, /<Code>ValidationError<\/Code>/);
});

// --- its life -----------------------------------------------------------------------------------------------------

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
  test(`no process is left behind by ${signal}`, async (t) => {
    const host = await LambdaHost.command(t, `sleep 1000 & echo "left $!"; ${serving}`);
    const { pid } = (await host.invoke({})).json;
    const left = Number(host.lines().find((line) => line.startsWith('left ')).slice(5));
    const end = await host.stop(signal);

    if (signal !== 'SIGKILL') assert.deepEqual(end, { code: 0, signal: null });
    for (const one of [pid, left]) await until(`${one} is gone`, () => !isAlive(one));
  });
}

test('who asks for work twice has lost a connection: the newer one gets it', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const asked = [runtime.next(), runtime.next()];
  const refused = await Promise.race(asked);

  assert.equal(refused.status, 403);
  assert.equal(refused.json.errorType, 'InvalidStateTransition');
  const invoked = host.invoke({ n: 1 });
  const got = (await Promise.all(asked)).find(({ status }) => status === 200);

  await runtime.respond(got.id, '1');
  assert.equal((await invoked).text, '1');
});

test('a function of ours is served by its name, and none of its processes is left behind', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, {
    'functions/hello/index.js': `async function onTrack(event, settings) {
      console.log('of', event.event);
      if (event.event === 'Wrong') throw new RetryError('later');
      return { event: event.event, settings };
    }`,
    'functions/hello/settings.json': { plan: 'pro' },
  });
  const host = await LambdaHost.start(t, ['--function', 'hello'], { cwd: folder });
  const event = { type: 'track', event: 'Right', userId: 'u-1', messageId: 'm-1' };
  const answer = await host.invoke(event, { tail: true, context: { apiKey: 'abcd1234' } });

  assert.deepEqual([answer.status, answer.json.event, answer.json.settings.plan, answer.json.settings.apiKey],
    [200, 'Right', 'pro', 'abcd1234'], answer.text);
  assert.match(answer.log, /of Right\n/);
  assert.equal((await host.invoke({ ...event, event: 'Wrong' })).json.errorType, 'RetryError');
  const processes = below(host.child.pid);

  assert.ok(processes.length > 1);
  await host.stop('SIGKILL');
  for (const pid of processes) await until(`${pid} is gone`, () => !isAlive(pid));

  const once = await run(['lambda', 'invoke', 'hello', '--event', JSON.stringify(event), '--log', '--client-context', '{"apiKey":"k"}'], { cwd: folder });

  assert.equal(once.code, 0, once.stderr);
  assert.equal(JSON.parse(once.stdout).settings.apiKey, 'k');
  assert.match(once.stderr, /Successfully executed: hello in /);
  assert.match(once.stderr, /of Right\n/);
  const wrong = await run(['lambda', 'invoke', 'functions/hello/index.js', '--event', JSON.stringify({ ...event, event: 'Wrong' })], { cwd: folder });

  assert.equal(wrong.code, 10);
  assert.match(wrong.stderr, /error\[PA9020\]: RetryError: later/);
  assert.equal((await run(['lambda', 'invoke', 'hello', '--type', 'Event', '--event', JSON.stringify(event)], { cwd: folder })).code, 0);
  assert.equal((await run(['lambda', 'invoke', 'nowhere'], { cwd: folder })).code, 5);
});

function below(pid) {
  const children = fs.readdirSync('/proc').filter((one) => /^\d+$/.test(one) && isChildOf(one, pid)).map(Number);

  return children.concat(children.flatMap(below));
}

test('who waits when the host ends gets 502', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const runtime = await host.runtime();
  const invoked = host.invoke({});

  await runtime.next();
  host.child.kill('SIGTERM');
  const answer = await invoked;

  assert.equal(answer.status, 502);
  assert.equal(answer.json.Type, 'Service');
  assert.equal((await until('it ends', () => host.exit)).code, 0);
});

test('people get a banner, and a line an invocation', async (t) => {
  const folder = temporaryFolder(t);
  const text = [];
  const { spawn } = await import('node:child_process');
  const child = spawn(program, ['lambda', 'serve', '--port', '0', '--command', serving], { cwd: folder });

  t.after(() => child.kill(endSignal));
  child.stderr.setEncoding('utf8').on('data', (part) => text.push(part));
  const url = await until('it listens', () => /Invoke API +(\S+)/.exec(text.join(''))?.[1]);

  await request(url, { method: 'POST', body: { print: 'said \u001b[31mred' } });
  await request(url, { method: 'POST', body: { fail: { errorType: 'RetryError', errorMessage: 'later' } } });
  const said = await until('both are told', () => /RetryError: later\n/.test(text.join('')) && text.join(''));

  assert.match(said, /local Lambda: not AWS/);
  assert.match(said, /curl -d .*\n.*\/2015-03-31\/functions\/function\/invocations/);
  assert.match(said, /"kind":"lambda","invoke_url":"http:\/\/127\.0\.0\.1:\d+"/);
  assert.match(said, /said \?\[31mred\n/);
  assert.match(said, / {2}\S+ [0-9a-f]{8} {2}[\d.]+ (ms|s), started in [\d.]+ (ms|s)\n/);
});

test('what cannot be served is said before anything is started', async (t) => {
  const host = await LambdaHost.command(t, silent);
  const rows = [
    [[], 2, /--function or --command/],
    [['--function', 'hello', '--command', 'x'], 2, /one of them/],
    [['--command', 'x', '--host', '0.0.0.0'], 2, /--i-know/],
    [['--command', 'x', '--concurrency', '0'], 2, /--concurrency/],
    [['--command', 'x', '--task-root', '/nowhere'], 5, /task-root/],
    [['--function', 'nowhere'], 5, /nowhere/],
    [['--command', 'x', '--port', new URL(host.url).port], 6, /is taken[^]*lambda serve --port 0/],
  ];

  for (const [flags, code, words] of rows) {
    const result = await run(['lambda', 'serve', ...flags]);

    assert.equal(result.code, code, `${flags}: ${result.stderr}`);
    assert.match(result.stderr, words);
  }
});

// --- lambda invoke ------------------------------------------------------------------------------------------------

test('lambda invoke --url shows the result on stdout, and fails as the function does', async (t) => {
  const host = await LambdaHost.command(t, serving, ['--role', role]);
  const { accessKeyId, secretAccessKey, sessionToken } = given(await assume(host));
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
  const invoke = (flags, more = {}) => run(['lambda', 'invoke', 'hello', '--url', host.url, ...flags], { env, ...more });
  const good = await invoke(['--event', '{"print":"a line"}', '--log']);

  assert.equal(good.code, 0, good.stderr);
  assert.deepEqual(JSON.parse(good.stdout).payload, { print: 'a line' });
  assert.match(good.stderr, /a line/);
  assert.match(good.stderr, /REPORT RequestId/);
  const bad = await invoke(['--event', '-', '--json'], { input: '{"fail":{"errorType":"RetryError","errorMessage":"later"}}' });
  const told = JSON.parse(bad.stdout);

  assert.equal(bad.code, 10);
  assert.deepEqual([told.status, told.result, told.error], [200, null, { type: 'RetryError', message: 'later' }]);
  assert.match((await invoke(['--event', '{"fail":{"errorType":"E","errorMessage":"m"}}'])).stderr, /error\[PA9020\]: E: m/);
  assert.equal((await invoke(['--type', 'DryRun'])).code, 0);
  assert.equal((await invoke(['--type', 'Event'])).code, 0);
  const stranger = await run(['lambda', 'invoke', 'hello', '--url', host.url]);

  assert.equal(stranger.code, 4);
  assert.match(stranger.stderr, /403 UnrecognizedClientException/);
  assert.equal((await run(['lambda', 'invoke', 'hello', '--url', 'http://127.0.0.1:1'])).code, 7);
  assert.equal((await invoke(['--event', '{nonsense'])).code, 1);
  assert.equal((await invoke(['--client-context', '[]'])).code, 2);
});
