// SPDX-License-Identifier: MIT
// AWS's own clients at both ends of `lambda serve`: aws-lambda-ric, the runtime client of Lambda's Node images, runs
// the handler, and @aws-sdk/client-lambda invokes it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { client } from './lib/clients.mjs';
import { isAlive, LambdaHost } from './lib/lambda-host.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { root } from './lib/program.mjs';
import { until } from './lib/wait.mjs';

const built = spawnSync(path.join(root, 'tests/clients/build-ric'), { encoding: 'utf8', timeout: 240000 });
const skip = built.status === 0 ? false
  : `aws-lambda-ric cannot be built here: ${built.stdout?.trim() || built.stderr?.trim().split('\n').pop() || built.error}`;

const handler = `
  class RetryError extends Error { constructor(message) { super(message); this.name = 'RetryError'; } }
  const what = {
    echo: async (event, context) => ({ event, context: { ...context, remaining: context.getRemainingTimeInMillis() } }),
    say: async (event) => { console.log('a line', event.n); console.error('on stderr'); return null; },
    flood: async () => { for (let i = 0; i < 200; i++) console.log('x'.repeat(60)); return null; },
    retry: async () => { throw new RetryError('try again later'); },
    type: async () => undefined.x,
    size: async (event) => ({ length: event.text.length, text: event.text }),
    pid: async (event) => { await new Promise((resolve) => setTimeout(resolve, event.ms)); return process.pid; },
    crash: async () => process.exit(7),
    nothing: async () => undefined,
  };
  exports.handler = (event, context) => what[event.do](event, context);
  if (globalThis.awslambda)
    exports.stream = awslambda.streamifyResponse(async (event, out) => { out.write('{"in":'); out.write('"pieces"}'); out.end(); });
`;

function serve(t, flags = [], name = 'index.handler') {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'index.js': handler });
  return LambdaHost.command(t, `exec node ${path.join(root, 'tests/clients/node_modules/aws-lambda-ric/bin/index.mjs')} ${name}`,
    ['--task-root', folder, '--handler', name, ...flags]);
}

function caller(host) {
  const { LambdaClient, InvokeCommand } = client('@aws-sdk/client-lambda');
  const lambda = new LambdaClient({ endpoint: host.url, region: 'us-west-2', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });

  return async (event, more = {}) => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'hello', Payload: JSON.stringify(event), ...more }));

    answer.text = Buffer.from(answer.Payload ?? '').toString();
    answer.value = answer.text === '' ? undefined : JSON.parse(answer.text);
    answer.log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
    return answer;
  };
}

test("AWS's runtime client runs an async handler, and gives it event and context", { skip }, async (t) => {
  const host = await serve(t, ['--timeout', '5s', '--memory', '256', '--name', 'hello']);
  const invoke = caller(host);
  const answer = await invoke({ do: 'echo', unicode: 'ä€😀' }, { ClientContext: Buffer.from('{"apiKey":"abcd1234"}').toString('base64') });
  const { event, context } = answer.value;

  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, undefined);
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.deepEqual(event, { do: 'echo', unicode: 'ä€😀' });
  assert.deepEqual(context.clientContext, { apiKey: 'abcd1234' });
  assert.equal(context.functionName, 'hello');
  assert.equal(context.memoryLimitInMB, '256');
  assert.equal(context.invokedFunctionArn, 'arn:aws:lambda:us-west-2:123456789012:function:hello');
  assert.equal(context.awsRequestId, answer.$metadata.requestId);
  assert.ok(context.remaining > 3000 && context.remaining <= 5000);
  assert.equal((await invoke({ do: 'echo' })).value.context.clientContext, undefined);
  assert.equal((await invoke({ do: 'nothing' })).text, 'null');
});

test('what a handler throws arrives with its class, message and trace', { skip }, async (t) => {
  const invoke = caller(await serve(t));
  const answer = await invoke({ do: 'retry' });

  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(answer.value.errorType, 'RetryError');
  assert.equal(answer.value.errorMessage, 'try again later');
  assert.match(answer.value.trace[0], /RetryError: try again later/);
  assert.equal((await invoke({ do: 'type' })).value.errorType, 'TypeError');
});

test('the tail has what the handler has logged, and no more than 4 KB', { skip }, async (t) => {
  const invoke = caller(await serve(t));
  const { log, $metadata } = await invoke({ do: 'say', n: 12 }, { LogType: 'Tail' });

  assert.match(log, new RegExp(`^START RequestId: ${$metadata.requestId} `));
  assert.match(log, new RegExp(`\t${$metadata.requestId}\tINFO\ta line 12\n`));
  assert.match(log, /\tERROR\ton stderr\n/);
  assert.match(log, /\nREPORT RequestId: [^\n]*\t\n$/);
  assert.equal((await invoke({ do: 'flood' }, { LogType: 'Tail' })).log.length, 4096);
});

test('payloads of 5 MB go through in both directions', { skip }, async (t) => {
  const invoke = caller(await serve(t));
  const text = 'é'.repeat(2.5 * 1024 * 1024);
  const { value } = await invoke({ do: 'size', text });

  assert.equal(value.length, text.length);
  assert.equal(value.text, text);
});

test('calls at the same time run in environments of their own', { skip }, async (t) => {
  const host = await serve(t);
  const invoke = caller(host);
  const pids = await Promise.all(Array.from({ length: 4 }, () => invoke({ do: 'pid', ms: 700 }).then(({ value }) => value)));

  assert.equal(new Set(pids).size, 4);
  assert.ok(pids.includes((await invoke({ do: 'pid', ms: 0 })).value), 'one of them is used again');
  const accepted = await invoke({ do: 'say', n: 1 }, { InvocationType: 'Event' });

  assert.equal(accepted.StatusCode, 202);
  await until('the Event has run', () => host.of('invocation').some(({ type, ok }) => type === 'Event' && ok));
});

test('who hangs or crashes fails alone', { skip }, async (t) => {
  const host = await serve(t, ['--timeout', '1500ms']);
  const invoke = caller(host);
  const pid = (await invoke({ do: 'pid', ms: 0 })).value;
  const late = await invoke({ do: 'pid', ms: 30000 });

  assert.equal(late.FunctionError, 'Unhandled');
  assert.equal(late.value.errorType, 'Sandbox.Timedout');
  assert.match(late.value.errorMessage, /Task timed out after 1\.50 seconds/);
  await until('it is gone', () => !isAlive(pid));
  const gone = await invoke({ do: 'crash' });

  assert.equal(gone.value.errorType, 'Runtime.ExitError');
  assert.match(gone.value.errorMessage, /exit status 7/);
  assert.equal(typeof (await invoke({ do: 'pid', ms: 0 })).value, 'number');
});

test('a handler that is not there is the answer, in the words of the runtime client', { skip }, async (t) => {
  const invoke = caller(await serve(t, [], 'absent.handler'));
  const answer = await invoke({});

  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(answer.value.errorType, 'Runtime.ImportModuleError');
});

test('a handler may answer as a stream', { skip }, async (t) => {
  const invoke = caller(await serve(t, [], 'index.stream'));

  assert.deepEqual((await invoke({})).value, { in: 'pieces' });
});
