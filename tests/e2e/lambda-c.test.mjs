// SPDX-License-Identifier: MIT
// libpartnerapp: what a handler in C is built with, and examples/lambda-c, its example.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { before, test as nodeTest } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { Handler, compile, example, installed, library, makeExample, uninstalled } from './lib/c-handler.mjs';
import { LambdaHost } from './lib/lambda-host.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { isSanitized, run } from './lib/program.mjs';
import { unpack } from './lib/zip.mjs';
import { until } from './lib/wait.mjs';

// A program without the sanitizers' run-time library cannot load a library that has them.
const skip = isSanitized && 'the library is built with sanitizers';
const test = (name, run) => nodeTest(name, { skip }, run);

let handler;

before(() => {
  if (!skip) handler = makeExample();
});

const track = {
  type: 'track', event: 'Grüße, "Ada" 😀', messageId: 'm-1', userId: 'u-1', properties: { plan: 'pro', n: 1.50, 'ключ': ['ü'] },
};
const identify = { type: 'identify', messageId: 'm-2', userId: 'u-2', traits: { email: 'ada@example.com' } };

// The example, an endpoint for it, and a call that has the customer's settings as Segment's client context.
async function start(t, mood, env) {
  const endpoint = await Endpoint.start(t, mood);
  const running = await Handler.start(t, handler, env);
  const settings = { apiKey: 'abcd1234', endpoint: `http://127.0.0.1:${endpoint.port}`, other: 'hush-hush' };
  const invoke = (event, options = {}) => running.invoke(event, { context: settings, ...options });

  return { endpoint, running, settings, invoke };
}

// --- the example ----------------------------------------------------------------------------------------------------

test('a track event becomes an event of the CRM, with the key from the client context', async (t) => {
  const { endpoint, running, invoke } = await start(t);
  const { result } = await invoke(track);
  const [request] = endpoint.requests;

  assert.equal(result, 'null');
  assert.equal(request.method, 'POST');
  assert.equal(request.url, '/events');
  assert.equal(request.headers.authorization, 'Bearer abcd1234');
  assert.equal(request.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(request.body), {
    id: 'm-1', name: 'Grüße, "Ada" 😀', contact: 'u-1', properties: track.properties,
  });
  assert.ok(request.body.endsWith('"properties":{"plan":"pro","n":1.5,"ключ":["ü"]}}'), 'properties go on byte by byte');
  assert.deepEqual(running.api.violations, []);
});

test('an envelope {event, settings, version} is unpacked, and the answer is what partnerapp_return was given', async (t) => {
  const { endpoint, settings, invoke } = await start(t);
  const { result } = await invoke({ event: identify, settings, version: 1 }, { context: undefined });

  assert.equal(endpoint.requests[0].url, '/contacts');
  assert.equal(endpoint.requests[0].headers.authorization, 'Bearer abcd1234');
  assert.deepEqual(JSON.parse(result), { id: 'u-2', email: 'ada@example.com' });
  assert.equal(result, endpoint.requests[0].body);
});

test('the settings of the environment are below those of the payload', async (t) => {
  const endpoint = await Endpoint.start(t);
  const { invoke } = await start(t, 200, {
    PARTNERAPP_SETTINGS: JSON.stringify({ apiKey: 'of-environment', endpoint: `http://127.0.0.1:${endpoint.port}` }),
  });

  await invoke(track, { context: { apiKey: 'of-context' } });
  assert.equal(endpoint.requests[0].headers.authorization, 'Bearer of-context');
});

for (const [why, status, errorType, message] of [
  ['503 is tried again', 503, 'RetryError', /^127\.0\.0\.1:\d+ answered 503: \{\}$/],
  ['429 is tried again', 429, 'RetryError', /answered 429/],
  ['408 is tried again', 408, 'RetryError', /answered 408/],
  ['501 is not supported', 501, 'EventNotSupported', /answered 501/],
  ['401 is for somebody to look at', 401, 'Error', /answered 401/],
  ['302 is not followed', { status: 302, headers: { Location: 'http://127.0.0.1:1/' }, body: '' }, 'Error', /answered 302$/],
  ['what the endpoint says is shown, without the key', { status: 422, body: 'no contact for Bearer abcd1234' }, 'Error',
    /answered 422: no contact for ••••$/],
  ['nor any other setting', { status: 422, body: '{"why":"hush-hush is too old"}' }, 'Error', /answered 422: \{"why":"•••• is too old"\}$/],
]) {
  test(`an endpoint's answer: ${why}`, async (t) => {
    const { endpoint, invoke } = await start(t, status);
    const { error, type } = await invoke(track);

    assert.equal(error.errorType, errorType);
    assert.equal(type, `Function.${errorType}`);
    assert.match(error.errorMessage, message);
    assert.equal(endpoint.requests.length, 1, 'the library itself tries once');
  });
}

test('an endpoint that nobody listens at is tried again', async (t) => {
  const { endpoint, invoke } = await start(t);

  await endpoint.stop();
  const { error } = await invoke(track);

  assert.equal(error.errorType, 'RetryError');
  assert.match(error.errorMessage, /^connect to 127\.0\.0\.1:\d+: connection refused$/);
});

test('an endpoint that does not answer is given up before the deadline, so that Segment can be told', async (t) => {
  const { invoke } = await start(t, 'hang');
  const { error, isTimedOut } = await invoke(track, { timeout: 1000 });

  assert.ok(!isTimedOut);
  assert.equal(error.errorType, 'RetryError');
  assert.ok((await invoke(identify, { timeout: 500 })).error, 'and it goes on');
});

test('a type that the handler does not know is not supported, and the CRM sees nothing', async (t) => {
  const { endpoint, invoke } = await start(t);
  const { error } = await invoke({ type: 'group', groupId: 'g-1' });

  assert.equal(error.errorType, 'EventNotSupported');
  assert.equal(error.errorMessage, 'group not supported');
  assert.deepEqual(error.stackTrace, []);
  assert.equal(endpoint.requests.length, 0);
});

test('a missing key or field is a ValidationError in the handler\'s words', async (t) => {
  const { endpoint, settings, invoke } = await start(t);

  assert.deepEqual((await invoke(track, { context: { ...settings, apiKey: undefined } })).error,
    { errorMessage: 'the setting apiKey is missing', errorType: 'ValidationError', stackTrace: [] });
  assert.equal((await invoke({ ...identify, traits: {} })).error.errorType, 'ValidationError');
  assert.equal(endpoint.requests.length, 0);
});

test('a payload that is no event is an InvalidEventPayload, and the handler is not called', async (t) => {
  const { endpoint, running, invoke } = await start(t);

  for (const payload of ['{"type":', 'track', '17', 'null', '""', '[]', '{"type":"track"}}', '{"a":"\xff"}', JSON.stringify([track])]) {
    const { error } = await invoke(Buffer.from(payload, 'latin1'));

    assert.equal(error?.errorType, 'InvalidEventPayload', payload);
  }
  assert.equal(running.logged(), '', 'the handler prints each event');
  assert.equal(endpoint.requests.length, 0);
  assert.ok((await invoke(track)).result, 'and it goes on');
});

test('a payload of 6 MB is delivered, and its memory given back', async (t) => {
  const { endpoint, running, invoke } = await start(t);
  const event = { ...track, properties: { text: 'ü'.repeat(3 * 1024 * 1024 - 200) } };

  for (let i = 0; i < 3; i++) assert.ok((await invoke(event)).result);
  const before = running.rssKb;

  for (let i = 0; i < 3; i++) assert.ok((await invoke(event)).result);
  assert.ok(running.rssKb < before + 1024, `${before} kB became ${running.rssKb} kB`);
  assert.equal(JSON.parse(endpoint.requests[5].body).properties.text, event.properties.text);
});

test('1,000 invocations over one connection to the endpoint, and the memory stays', async (t) => {
  const running = await Handler.start(t, handler);
  const listening = await listen(t, (n) => [(n + 1) % 100 === 0 ? 503 : 200, '{}']);
  const context = { apiKey: 'abcd1234', endpoint: listening.base };
  let failed = 0, before;

  for (let i = 0; i < 1000; i++) {
    if ((await running.invoke({ ...track, messageId: `m-${i}` }, { context })).error) failed++;
    if (i === 199) before = running.rssKb;
  }
  t.diagnostic(`VmRSS after 200 invocations ${before} kB, after 1,000 ${running.rssKb} kB`);
  assert.equal(failed, 10);
  assert.equal(listening.requests.length, 1000);
  assert.equal(listening.nConnections, 1);
  assert.equal(running.api.nConnections, 1);
  assert.deepEqual(running.api.violations, []);
  assert.ok(running.rssKb <= before + 256, `${before} kB became ${running.rssKb} kB`);
});

test('what the handler prints is out before the answer', async (t) => {
  const { running, invoke } = await start(t);

  await invoke(track);
  assert.equal(running.logged(), 'track m-1\n');
});

test('the trace id of an invocation is in the environment of the handler', async (t) => {
  const running = await Handler.start(t, probe());

  assert.equal((await running.invoke({ type: 'trace' }, { trace: 'Root=1-5bef4de7' })).result, '"Root=1-5bef4de7"');
  assert.equal((await running.invoke({ type: 'trace' })).result, 'null');
});

test('when the Runtime API is lost, the program ends with a sentence and not with 0', async (t) => {
  const { running, invoke } = await start(t);

  await invoke(track);
  await until('it asks for the next', () => running.api.isAsked);
  await running.api.stop();
  const { code, log } = await running.ended();

  assert.equal(code, 1);
  assert.match(log, /^error: the Runtime API is lost: next: .+$/m);
});

test('a connection that breaks is no end of the program: SIGPIPE is ignored', async (t) => {
  const { running, invoke } = await start(t);

  await invoke(track);
  const [, ignored] = /SigIgn:\s+([0-9a-f]+)/.exec(fs.readFileSync(`/proc/${running.child.pid}/status`, 'utf8'));

  assert.ok(BigInt(`0x${ignored}`) & (1n << 12n), ignored);
});

test('outside of Lambda the program says how it is run', async () => {
  const { code, stderr } = await run([], { command: handler });

  assert.equal(code, 1);
  assert.match(stderr, /^error: this program is an AWS Lambda function, and there is no AWS_LAMBDA_RUNTIME_API$/m);
  assert.match(stderr, /partnerapp lambda serve --command \S+handler$/m);
});

// --- egress ---------------------------------------------------------------------------------------------------------

test('this machine is reached only when PARTNERAPP_EGRESS_ALLOW names it', async (t) => {
  const { endpoint, invoke } = await start(t, 200, { PARTNERAPP_EGRESS_ALLOW: '' });
  const { error } = await invoke(track);

  assert.equal(error.errorType, 'Error');
  assert.match(error.errorMessage, /refused: private address.*PARTNERAPP_EGRESS_ALLOW/);
  assert.equal(endpoint.requests.length, 0);
});

test('plain http goes to this machine only, whatever is allowed', async (t) => {
  const { settings, invoke } = await start(t, 200, { PARTNERAPP_EGRESS_ALLOW: '127.0.0.1, 10.0.0.0/8' });
  const { error } = await invoke(track, { context: { ...settings, endpoint: 'http://10.1.2.3:9' } });

  assert.equal(error.errorType, 'Error');
  assert.match(error.errorMessage, /plain http goes to this machine only/);
});

for (const endpoint of ['file:///etc/passwd', 'gopher://127.0.0.1', 'nonsense', 'http://u:p@127.0.0.1:1'])
  test(`${endpoint} is no endpoint`, async (t) => {
    const { settings, invoke } = await start(t);

    assert.equal((await invoke(track, { context: { ...settings, endpoint } })).error.errorType, 'Error');
  });

test('a PARTNERAPP_SETTINGS that is no JSON object is an error of init, in words', async (t) => {
  for (const text of ['{"apiKey":', '[]', '"key"']) {
    const { running } = await start(t, 200, { PARTNERAPP_SETTINGS: text });
    const { code, log } = await running.ended();

    assert.equal(code, 1);
    assert.match(log, /^error: PARTNERAPP_SETTINGS\b.+$/m, text);
    assert.doesNotMatch(log, /apiKey|key"/, 'they are secrets');
    assert.match(running.api.initError.error.errorMessage, /PARTNERAPP_SETTINGS/);
  }
});

test('empty variables of a template are as good as none', async (t) => {
  const { invoke } = await start(t, 200, { PARTNERAPP_SETTINGS: '' });

  assert.ok((await invoke(track)).result);
});

test('a PARTNERAPP_EGRESS_ALLOW that cannot be read is an error of init, in words', async (t) => {
  const { running } = await start(t, 200, { PARTNERAPP_EGRESS_ALLOW: '127.0.0.1,*.internal' });
  const { code, log } = await running.ended();

  assert.equal(code, 1);
  assert.match(log, /PARTNERAPP_EGRESS_ALLOW.*"\*\.internal" is neither a host name nor an address/);
  assert.match(running.api.initError.error.errorMessage, /PARTNERAPP_EGRESS_ALLOW/);
  assert.equal(running.api.initError.type, 'Runtime.InvalidEnvironment');
});

// --- the rest of the interface --------------------------------------------------------------------------------------

const probeSource = `
#include <partnerapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is(const struct partnerapp_payload *payload, const char *type)
{
    return strcmp(payload->type, type) == 0;
}

static int send(struct partnerapp_result *result)
{
    const char *const headers[] = {"X-Api-Key: k-1", "content-type: text/plain", NULL};
    const char *url = partnerapp_event_text(result, "url");
    int outcome = partnerapp_send(result, "PUT", url, headers, "a body");
    const char *id = partnerapp_answer_text(result, "contact.id");

    if (outcome == PARTNERAPP_DELIVERED)
        partnerapp_return(result, partnerapp_format(result, "[%d,%s,%s]", partnerapp_answer_status(result),
            partnerapp_quote(result, id), partnerapp_quote(result, partnerapp_answer_body(result))));
    return outcome;
}

int partnerapp_process(const struct partnerapp_payload *payload, struct partnerapp_result *result)
{
    const char *const bad[] = {"no colon", NULL};
    const char *const split[] = {"X-A: b\\r\\nX-C: d", NULL};
    const char *url = partnerapp_event_text(result, "url");

    if (is(payload, "send"))
        return send(result);
    if (is(payload, "get"))
        return partnerapp_send(result, "GET", url, NULL, NULL);
    if (is(payload, "twice")) { /* the first one's failure is not the whole's */
        partnerapp_post(result, "nonsense", NULL, "{}");
        if (partnerapp_post(result, url, "", "{}") != PARTNERAPP_DELIVERED)
            return PARTNERAPP_FAILED;
        return PARTNERAPP_RETRY;
    }
    if (is(payload, "answers")) { /* of text, of JSON, and none */
        const char *first, *second;
        int status;

        partnerapp_post(result, url, NULL, "{}");
        first = partnerapp_answer_text(result, "a");
        partnerapp_post(result, url, NULL, "{}");
        second = partnerapp_answer_text(result, "a");
        status = partnerapp_answer_status(result);
        partnerapp_post(result, "nonsense", NULL, "{}");
        partnerapp_return(result, partnerapp_format(result, "[%s,%s,%d,%d,%s]", partnerapp_quote(result, first),
            partnerapp_quote(result, second), status, partnerapp_answer_status(result),
            partnerapp_quote(result, partnerapp_answer_body(result))));
        return PARTNERAPP_DELIVERED;
    }
    if (is(payload, "large answer")) {
        int outcome = partnerapp_post(result, url, NULL, "{}");

        partnerapp_return(result, partnerapp_format(result, "%d", (int)strlen(partnerapp_answer_body(result))));
        return outcome;
    }
    if (is(payload, "bad header"))
        return partnerapp_send(result, "POST", url, bad, "{}");
    if (is(payload, "split header"))
        return partnerapp_send(result, "POST", url, split, "{}");
    if (is(payload, "no json"))
        partnerapp_return(result, "{'a':1}");
    if (is(payload, "number"))
        return 42;
    if (is(payload, "crash"))
        raise(SIGSEGV);
    if (is(payload, "exit"))
        exit(0);
    if (is(payload, "late")) {
        while (now_ms() < payload->deadline_ms)
            usleep(10000);
        return partnerapp_post(result, url, NULL, "{}");
    }
    if (is(payload, "trace"))
        partnerapp_return(result, partnerapp_quote(result, getenv("_X_AMZN_TRACE_ID")));
    if (is(payload, "payload"))
        partnerapp_return(result, partnerapp_format(result, "{\\"event\\":%s,\\"lens\\":[%d,%d],\\"settings\\":%s,"
            "\\"id\\":\\"%s\\",\\"request\\":\\"%s\\",\\"deadline\\":%lld}", payload->event, (int)payload->event_len,
            (int)payload->settings_len, payload->settings, payload->message_id, payload->request_id,
            (long long)payload->deadline_ms));
    return PARTNERAPP_DELIVERED;
}
`;
let probed;

// An endpoint that keeps what Endpoint does not: header fields that come twice, and how many connections.
async function listen(t, answer) {
  const listening = { requests: [], nConnections: 0 };
  const server = http.createServer(async (request, response) => {
    const { method, url, rawHeaders } = request;
    const parts = [];

    for await (const part of request) parts.push(part);
    const [status, body] = answer(listening.requests.length);

    listening.requests.push({ method, url, rawHeaders, body: Buffer.concat(parts).toString() });
    response.writeHead(status).end(body);
  });

  server.on('connection', () => listening.nConnections++);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  listening.base = `http://127.0.0.1:${server.address().port}`;
  listening.url = `${listening.base}/hook`;
  return listening;
}

function probe() {
  probed ??= compile(undefined, probeSource, { flags: ['-std=gnu99', '-pedantic'] });
  return probed;
}

test('partnerapp_send has any method and headers, and the answer can be read', async (t) => {
  const running = await Handler.start(t, probe());
  const { url, requests } = await listen(t, () => [201, '{"contact":{"id":"c-ü"}}']);
  const { result } = await running.invoke({ type: 'send', url: `${url}?a=1` });
  const [request] = requests;
  const header = (name) => request.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1].toLowerCase() === name);

  assert.deepEqual(JSON.parse(result), [201, 'c-ü', '{"contact":{"id":"c-ü"}}']);
  assert.equal(request.method, 'PUT');
  assert.equal(request.url, '/hook?a=1');
  assert.equal(request.body, 'a body');
  assert.deepEqual(header('x-api-key'), ['k-1']);
  assert.deepEqual(header('content-type'), ['text/plain']);
  assert.deepEqual(header('authorization'), []);
  assert.ok((await running.invoke({ type: 'get', url })).result);
  assert.equal(requests[1].method, 'GET');
  assert.equal(requests[1].body, '');
});

test('what can be read is the last answer, and none when there was none', async (t) => {
  const running = await Handler.start(t, probe());
  const { url } = await listen(t, (n) => [n === 0 ? 200 : 202, n === 0 ? '{"a":"of no JSON"' : '{"a":"of JSON"}']);

  assert.deepEqual(JSON.parse((await running.invoke({ type: 'answers', url })).result), [null, 'of JSON', 202, 0, '']);
});

test('an answer of any length is one; its first MiB can be read', async (t) => {
  const running = await Handler.start(t, probe());
  const { url } = await listen(t, () => [200, 'a'.repeat(3 << 20)]);

  assert.deepEqual(await running.invoke({ type: 'large answer', url }), { result: String(1 << 20) });
});

test('the message is that of the last thing sent, not of one that failed before', async (t) => {
  const running = await Handler.start(t, probe());
  const endpoint = await Endpoint.start(t);
  const { error } = await running.invoke({ type: 'twice', url: endpoint.url });

  assert.deepEqual(error, { errorMessage: 'the event is to be tried again later', errorType: 'RetryError', stackTrace: [] });
  assert.equal(endpoint.requests[0].headers.authorization, undefined, 'an empty authorization is none');
});

test('headers that are none are not sent', async (t) => {
  const running = await Handler.start(t, probe());
  const endpoint = await Endpoint.start(t);

  for (const type of ['bad header', 'split header']) {
    const { error } = await running.invoke({ type, url: endpoint.url });

    assert.equal(error.errorType, 'Error');
    assert.match(error.errorMessage, /header/i);
  }
  assert.equal(endpoint.requests.length, 0);
});

test('a result that is no JSON and a number that is no outcome are errors in words', async (t) => {
  const running = await Handler.start(t, probe());

  assert.match((await running.invoke({ type: 'no json' })).error.errorMessage, /partnerapp_return was given what is no JSON: .+ at byte 1/);
  assert.match((await running.invoke({ type: 'number' })).error.errorMessage, /partnerapp_process returned 42, which is no outcome/);
});

test('a payload has all that the header says', async (t) => {
  const running = await Handler.start(t, probe());
  const event = { type: 'payload', messageId: 'm-9', text: '\u{1f600}' };
  const deadline = Date.now() + 5000;
  const { result } = await running.invoke({ event, settings: { a: 'ü' }, version: 1 }, { deadline, context: { b: 2 } });
  const got = JSON.parse(result);

  assert.match(got.request, /^[0-9a-f-]{36}$/);
  assert.deepEqual({ ...got, request: '' }, {
    event, settings: { a: 'ü', b: 2 }, id: 'm-9', request: '', deadline,
    lens: [Buffer.byteLength(JSON.stringify(event)), Buffer.byteLength('{"a":"ü","b":2}')],
  });
});

test('a handler that comes back after the deadline sends nothing any more, and nobody is answered', async (t) => {
  const running = await Handler.start(t, probe());
  const endpoint = await Endpoint.start(t);

  assert.ok((await running.invoke({ type: 'late', url: endpoint.url }, { timeout: 300 })).isTimedOut);
  assert.equal((await running.invoke({ type: 'track' })).result, 'null', 'the next one is handled');
  assert.deepEqual(running.api.violations, []);
  assert.equal(endpoint.requests.length, 0);
  assert.match(running.logged(), /an answer came after its deadline/);
});

test('a handler that crashes or leaves ends the program; Lambda starts a new one', async (t) => {
  const crashing = await Handler.start(t, probe());

  crashing.invoke({ type: 'crash' }, { timeout: 1000 });
  assert.equal((await crashing.ended()).signal, 'SIGSEGV');
  const leaving = await Handler.start(t, probe());

  leaving.invoke({ type: 'exit' }, { timeout: 1000 });
  assert.deepEqual(await leaving.ended(), { code: 0, signal: null, log: '' });
});

// --- building -------------------------------------------------------------------------------------------------------

const has = (command) => spawnSync(command, ['--version']).status === 0;

for (const [compiler, ...flags] of [
  ['gcc', '-std=c99'], ['gcc', '-std=c11'], ['gcc', '-std=c17'], ['g++', '-x', 'c++', '-std=c++11'], ['g++', '-x', 'c++', '-std=c++20'],
  ['clang', '-std=c99'], ['clang', '-x', 'c++', '-std=c++11'],
])
  nodeTest(`the header compiles alone and twice with ${[compiler, ...flags].join(' ')}`,
    { skip: !has(compiler) && `there is no ${compiler}` }, (t) => {
      const folder = temporaryFolder(t);
      const file = path.join(folder, 'header.c');

      fs.writeFileSync(file, '#include <partnerapp.h>\n#include <partnerapp.h>\nint nothing_else;\n');
      execFileSync(compiler, [...flags, '-Wall', '-Wextra', '-Wconversion', '-Wshadow', '-Wundef', '-pedantic', '-Werror',
        '-fsyntax-only', `-I${library}`, file], { stdio: 'pipe' });
    });

nodeTest('the library shows partnerapp_* and main, and leaves partnerapp_process to the program', () => {
  const nm = (...flags) => execFileSync('nm', ['-D', ...flags, path.join(uninstalled, 'libpartnerapp.so')], { encoding: 'utf8' });
  const defined = nm('--defined-only').trim().split('\n').map((line) => line.split(' ').slice(1).join(' ').replace(/^T (.*)@@PARTNERAPP_0$/, '$1'));
  const declared = fs.readFileSync(path.join(library, 'partnerapp.h'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    .match(/\bpartnerapp_\w+(?=\()/g).filter((name) => name !== 'partnerapp_process');

  assert.deepEqual(defined.filter((name) => name !== 'A PARTNERAPP_0').sort(), ['main', ...declared].sort());
  assert.match(nm('--undefined-only'), /^ +w partnerapp_process$/m);
});

nodeTest('what `make install` leaves is what pkg-config names', () => {
  const folder = path.dirname(installed());

  assert.deepEqual(fs.readdirSync(folder).sort(),
    ['libpartnerapp.so', 'libpartnerapp.so.0', 'libpartnerapp.so.0.1.0', 'pkgconfig']);
  assert.deepEqual(fs.readdirSync(path.join(folder, '../include')), ['partnerapp.h']);
  const ask = (...args) => execFileSync('pkg-config', [...args, 'partnerapp'], {
    env: { ...process.env, PKG_CONFIG_PATH: installed() }, encoding: 'utf8',
  }).trim();

  assert.equal(ask('--modversion'), '0.1.0');
  assert.equal(fs.realpathSync(ask('--variable=libdir')), fs.realpathSync(folder));
});

const minimal = `
#include <partnerapp.h>
int partnerapp_process(const struct partnerapp_payload *payload, struct partnerapp_result *result)
{
    partnerapp_return(result, partnerapp_quote(result, payload->type));
    return PARTNERAPP_DELIVERED;
}
`;

for (const [what, options, source] of [
  ['hidden symbols, sections thrown away and link-time optimisation',
    { flags: ['-fvisibility=hidden', '-ffunction-sections', '-Wl,--gc-sections', '-flto'] }],
  ['no PIE', { flags: ['-fno-pie', '-no-pie'] }],
  ['--as-needed and no undefined symbols', { flags: ['-Wl,--as-needed', '-Wl,--no-undefined', '-Wl,-z,defs'] }],
  ['C++', { compiler: 'g++', flags: ['-std=c++11', '-pedantic'] }],
  ['clang', { compiler: 'clang' }],
  ['the build folder instead of an installation', { pkgConfig: uninstalled }],
  ['a main() of its own', {}, `${minimal}
#include <stdio.h>
int main(int argc, char **argv)
{
    puts("mine");
    return partnerapp_main(argc, argv);
}
`],
])
  nodeTest(`a handler built with ${what} works`, {
    skip: skip || (options.compiler !== undefined && !has(options.compiler) && `there is no ${options.compiler}`),
  }, async (t) => {
    const running = await Handler.start(t, compile(t, source ?? minimal, options));

    assert.equal((await running.invoke({ type: 'track' })).result, '"track"');
    assert.equal(running.logged(), source ? 'mine\n' : '');
  });

test('a program without partnerapp_process is told so, and so is Lambda', async (t) => {
  const running = await Handler.start(t, compile(t, '\n#include <partnerapp.h>\nextern int main(int, char **);\nint (*kept)(int, char **) = main;\n'));
  const { code, log } = await running.ended();

  assert.equal(code, 1);
  assert.match(log, /^error: the program has no function partnerapp_process/m);
  assert.equal(running.api.initError.error.errorType, 'Runtime.HandlerNotFound');
});

// --- under `lambda serve` -------------------------------------------------------------------------------------------

test('under lambda serve the example is invoked as Segment does: the key as client context, the log as tail', async (t) => {
  const { endpoint, settings } = await start(t, (_, n) => (n === 1 ? 503 : 200));
  const host = await LambdaHost.command(t, handler, [], { env: { PARTNERAPP_EGRESS_ALLOW: '127.0.0.1' } });
  const invoke = (event) => host.invoke(JSON.stringify(event), { context: settings, tail: true });
  const delivered = await invoke(identify);

  assert.equal(delivered.status, 200);
  assert.deepEqual(delivered.json, { id: 'u-2', email: 'ada@example.com' });
  assert.equal(delivered.headers['x-amz-function-error'], undefined);
  assert.match(delivered.log, /^identify m-2$/m);
  assert.equal(endpoint.requests[0].headers.authorization, 'Bearer abcd1234');

  const failed = await invoke(track);

  assert.equal(failed.status, 200);
  assert.ok(failed.headers['x-amz-function-error']);
  assert.equal(failed.json.errorType, 'RetryError');
  assert.equal((await invoke({ type: 'screen' })).json.errorType, 'EventNotSupported');
});

test('under lambda serve a crash fails its invocation, and the next one gets a new process', async (t) => {
  const host = await LambdaHost.command(t, probe());
  const crashed = await host.invoke('{"type":"crash"}');

  assert.ok(crashed.headers['x-amz-function-error']);
  assert.equal(crashed.json.errorType, 'Runtime.ExitError');
  assert.equal((await host.invoke('{"type":"track"}')).text, 'null');
});

test('packaged, it runs out of its folder, with the library that is in there', async (t) => {
  const zip = path.join(temporaryFolder(t), 'handler.zip');
  const { code, stdout, stderr } = await run(['lambda', 'package', '--handler', handler, '-o', zip]);

  assert.equal(code, 0, stdout + stderr);
  const folder = unpack(zip, path.join(temporaryFolder(t), 'task'));
  const { endpoint, settings } = await start(t);
  const running = await Handler.start(t, path.join(folder, 'bootstrap'), { LAMBDA_TASK_ROOT: folder });

  assert.equal((await running.invoke(track, { context: settings })).result, 'null');
  assert.equal(endpoint.requests.length, 1);
  const maps = fs.readFileSync(`/proc/${running.child.pid}/maps`, 'utf8');
  const loaded = new Set(maps.match(/\/\S+\.so\S*/g));

  assert.ok([...loaded].some((file) => file.endsWith('lib/libpartnerapp.so.0')));
  for (const file of loaded) assert.ok(file.startsWith(fs.realpathSync(folder)), file);
});

// --- the example's folder -------------------------------------------------------------------------------------------

nodeTest('example lambda-c: the gallery lists it, it is short, and its folder can be copied anywhere', () => {
  const read = (name) => fs.readFileSync(path.join(example, name), 'utf8');

  assert.match(fs.readFileSync(path.join(example, '../README.md'), 'utf8'), /\]\(lambda-c\/\)/);
  assert.ok(read('handler.c').split('\n').length <= 81, 'handler.c has at most 80 lines');
  for (const name of fs.readdirSync(example)) if (/\.(c|md|json)$|^Makefile$/.test(name)) assert.doesNotMatch(read(name), /\bexamples\/|\.\.\//, name);
});

test('example lambda-c: its event is delivered', async (t) => {
  const { endpoint, running } = await start(t);
  const envelope = JSON.parse(fs.readFileSync(path.join(example, 'event.json'), 'utf8'));

  envelope.settings.endpoint = `http://127.0.0.1:${endpoint.port}`;
  assert.equal((await running.invoke(envelope)).result, 'null');
  assert.equal(JSON.parse(endpoint.requests[0].body).properties.note, 'Grüße, "Ada"');
});
