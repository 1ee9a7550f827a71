// SPDX-License-Identifier: MIT
// A stand-in of Lambda's Runtime API for one environment, and a strict one: whatever a
// runtime does that the real one would not like is kept as a violation.

import fs from 'node:fs';
import http from 'node:http';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

import { cleanEnvironment, endSignal, program } from './program.mjs';
import { until } from './wait.mjs';

const BASE = '/2018-06-01/runtime';
const LIMIT = 6 * 1024 * 1024 + 100;
const ERROR_TYPE = /^(Runtime|Function)\.[A-Z][a-zA-Z]+$/;
const ERROR_MEDIA = ['application/vnd.aws.lambda.error+json', 'application/json'];

export const ARN = 'arn:aws:lambda:us-west-2:123456789012:function:hello';

export class RuntimeApi {
  violations = [];
  initError = null; // {type, body} once it was posted
  nNexts = 0;
  nConnections = 0;
  maxAtOnce = 1;
  moods = []; // what the next answers are answered instead of 202: {status, body} or 'drop'

  #server;
  #waiting = []; // responses of next
  #queue = []; // invocations that no next has taken
  #lost; // why nobody is there any more
  #running = new Map(); // id → invocation

  static async start(t, { port = 0 } = {}) {
    const api = new RuntimeApi();

    api.#server = http.createServer((request, response) => api.#take(request, response));
    Object.assign(api.#server, { requestTimeout: 0, headersTimeout: 0, timeout: 0, keepAliveTimeout: 0 });
    api.#server.on('connection', () => { api.nConnections++; });
    api.#server.on('checkContinue', (request, response) => {
      api.#violate('Expect: 100-continue was sent');
      response.writeContinue();
      api.#take(request, response);
    });
    await new Promise((resolve) => api.#server.listen(port, '127.0.0.1', resolve));
    t?.after(() => api.stop());
    return api;
  }

  get port() {
    return this.#server.address().port;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  // A next is waiting for an invocation.
  get isAsked() {
    return this.#waiting.length > 0;
  }

  // An invocation has been handed over and not been answered.
  get isRunning() {
    return this.#running.size > 0;
  }

  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  // Answers the next that waits with something of ours, not with an invocation.
  answerNext(status, headers = {}, body = '{}') {
    const response = this.#waiting.shift();

    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(body);
  }

  // Breaks the connections off, but listens on.
  dropConnections() {
    this.#waiting = [];
    this.#server.closeAllConnections();
  }

  // Nobody is there any more to answer: whoever waits is told, so that no test hangs.
  lose(why) {
    for (const { resolve, timer } of [...this.#queue, ...this.#running.values()]) {
      clearTimeout(timer);
      resolve({ ok: false, isLost: true, error: { errorType: 'lost', errorMessage: why } });
    }
    this.#queue = [];
    this.#running.clear();
    this.#lost = why;
  }

  // One invocation, settled once it is over: {ok, result} with the bytes of the result,
  // {ok: false, type, error}, {isTimedOut} when the deadline came first, or {isLost}.
  invoke(payload, { timeout = 10000, context, trace, id = randomUUID(), deadline } = {}) {
    const body = Buffer.isBuffer(payload) ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));

    return new Promise((resolve) => {
      this.#queue.push({ id, body, timeout, context, trace, deadline, resolve });
      if (this.#lost !== undefined) this.lose(this.#lost);
      this.#hand();
    });
  }

  #violate(text) {
    this.violations.push(text);
  }

  #take(request, response) {
    const parts = [];

    if (request.headers['transfer-encoding'] && request.headers['lambda-runtime-function-response-mode'] !== 'streaming')
      this.#violate(`${request.url}: a chunked body that is no stream`);
    request.on('data', (part) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => this.#route(request, response, Buffer.concat(parts)));
  }

  #route(request, response, body) {
    const { method, url } = request;
    const match = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(url);

    if (request.httpVersion !== '1.1') this.#violate(`HTTP/${request.httpVersion}`);
    if (method === 'GET' && url === `${BASE}/invocation/next`) this.#next(request, response, body);
    else if (method === 'POST' && match) this.#answer(request, response, body, match[1], match[2]);
    else if (method === 'POST' && url === `${BASE}/init/error`) this.#init(request, response, body);
    else {
      this.#violate(`${method} ${url}: there is no such call`);
      say(response, 404, { errorType: 'NotFound', errorMessage: url });
    }
  }

  #next(request, response, body) {
    this.nNexts++;
    if (body.length > 0) this.#violate('next with a body');
    if (this.initError) this.#violate('next after init/error');
    // Whoever asks at the deadline may come before our timer does.
    for (const one of [...this.#running.values()].filter(({ deadline }) => Date.now() >= deadline)) this.#timeOut(one);
    if (this.#waiting.length + this.#running.size >= this.maxAtOnce) {
      this.#violate(this.#running.size > 0 ? 'next before the answer' : 'a second next');
      say(response, 403, { errorType: 'InvalidStateTransition', errorMessage: 'Transition is not allowed' });
      return;
    }
    this.#waiting.push(response);
    response.on('close', () => { this.#waiting = this.#waiting.filter((one) => one !== response); });
    this.#hand();
  }

  #hand() {
    while (this.#waiting.length > 0 && this.#queue.length > 0) this.#begin(this.#waiting.shift(), this.#queue.shift());
  }

  #begin(response, invocation) {
    const { id, body, timeout, context, trace } = invocation;
    const deadline = invocation.deadline ?? Date.now() + timeout;
    const headers = {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(deadline),
      'Lambda-Runtime-Invoked-Function-Arn': ARN,
      'Content-Length': body.length,
    };

    if (context !== undefined) headers['Lambda-Runtime-Client-Context'] = context;
    if (trace !== undefined) headers['Lambda-Runtime-Trace-Id'] = trace;
    invocation.deadline = deadline;
    invocation.began = process.hrtime.bigint();
    invocation.timer = setTimeout(() => this.#timeOut(invocation), deadline - Date.now());
    this.#running.set(id, invocation);
    response.writeHead(200, headers);
    response.end(body);
  }

  #end(invocation, outcome) {
    clearTimeout(invocation.timer);
    this.#running.delete(invocation.id);
    invocation.resolve({ took: Number(process.hrtime.bigint() - invocation.began) / 1e6,
      left: invocation.deadline - Date.now(), ...outcome });
  }

  #timeOut(invocation) {
    this.#end(invocation, { ok: false, isTimedOut: true });
  }

  #answer(request, response, body, id, kind) {
    const invocation = this.#running.get(id);

    if (!invocation) {
      this.#violate(`${kind} for ${id}, which is not running`);
      say(response, 400, { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' });
      return;
    }
    if (Date.now() >= invocation.deadline) this.#violate(`${kind} after the deadline`);
    const mood = this.moods.shift();
    const outcome = kind === 'response' ? this.#result(request, body) : this.#error(request, body);

    if (mood === 'drop') {
      request.socket.destroy();
      this.#end(invocation, outcome);
      return;
    }
    this.#end(invocation, { ...outcome, refused: mood?.status ?? (outcome.tooLarge ? 413 : undefined) });
    if (mood) say(response, mood.status, mood.body ?? { errorType: 'Mood', errorMessage: 'as told' });
    else if (outcome.tooLarge) say(response, 413, { errorType: 'RequestEntityTooLarge', errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).' });
    else say(response, 202, { status: 'OK' });
  }

  #result(request, body) {
    if (body.length > LIMIT) return { ok: false, tooLarge: true };
    try {
      JSON.parse(body.toString());
    } catch {
      this.#violate(`a result that is no JSON: ${body.toString().slice(0, 80)}`);
    }
    return { ok: true, result: body };
  }

  #error(request, body) {
    const type = request.headers['lambda-runtime-function-error-type'];
    let error = {};

    if (!ERROR_TYPE.test(type ?? '')) this.#violate(`error type ${type}`);
    if (!ERROR_MEDIA.includes(request.headers['content-type']))
      this.#violate(`an error as ${request.headers['content-type']}`);
    try {
      error = JSON.parse(body.toString());
    } catch {
      this.#violate(`an error that is no JSON: ${body.toString().slice(0, 80)}`);
    }
    if (typeof error.errorMessage !== 'string' || typeof error.errorType !== 'string' ||
        !Array.isArray(error.stackTrace) || !error.stackTrace.every((line) => typeof line === 'string'))
      this.#violate(`an error's body: ${body.toString().slice(0, 200)}`);
    return { ok: false, type, error };
  }

  #init(request, response, body) {
    if (this.nNexts > 0) this.#violate('init/error after next');
    if (this.initError) this.#violate('init/error twice');
    this.initError = this.#error(request, body);
    say(response, 202, { status: 'OK' });
  }
}

function say(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

// A runtime under test, as a process: {child, stdout, stderr, exit}.
export class Lambda {
  stdout = '';
  stderr = '';
  exit = null;

  static start(t, api, args, { cwd, env = {}, command = program, argv0, bare = false, stdoutFile } = {}) {
    const lambda = new Lambda();
    const set = { AWS_LAMBDA_RUNTIME_API: api.address, ...env };

    lambda.child = spawn(command, args, { cwd, argv0, env: bare ? set : cleanEnvironment(set),
      stdio: ['ignore', stdoutFile ? fs.openSync(stdoutFile, 'a') : 'pipe', 'pipe'] });
    for (const stream of stdoutFile ? ['stderr'] : ['stdout', 'stderr'])
      lambda.child[stream].setEncoding('utf8').on('data', (text) => { lambda[stream] += text; });
    lambda.child.on('error', (error) => { lambda.exit = { code: error.message }; });
    lambda.child.on('exit', (code, signal) => {
      lambda.exit = { code, signal };
      api.lose(`the runtime ended with ${code ?? signal}: ${lambda.stderr}`);
    });
    t?.after(() => lambda.kill());
    return lambda;
  }

  async ended(timeout = 10000) {
    await until('the runtime ends', () => this.exit, { timeout, every: 5 });
    return this.exit;
  }

  async kill() {
    if (this.exit) return;
    this.child.kill(endSignal);
    await this.ended();
  }
}
