// SPDX-License-Identifier: MIT
// Handlers in C: built against what `make install` installs, and run under a Runtime API of the test's own.

import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { temporaryFolder } from './place.mjs';
import { build, cleanEnvironment, root } from './program.mjs';

const ANSWER_MS = 20000;

export const library = path.join(root, 'src/lambda/library');
export const example = path.join(root, 'examples/lambda-c');

function must(command, args, options) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });

  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.error ?? done.stdout + done.stderr}`);
  return done.stdout;
}

let stage;

// The folder of the installed pkg-config file. Installed once for all tests of a file.
export function installed() {
  if (stage === undefined) {
    stage = temporaryFolder();
    process.on('exit', () => fs.rmSync(stage, { recursive: true, force: true }));
    // What is built is what is tested: nothing is built anew.
    must('make', ['-o', 'build', 'install', `DESTDIR=${stage}`, 'PREFIX=/opt/partner', `BUILD=${build}`], { cwd: root });
  }
  return path.join(stage, 'opt/partner/lib/pkgconfig');
}

export const uninstalled = path.join(build, 'src/lambda/library');

// A program of one text, or of one file; its path.
export function compile(t, source, { compiler = 'cc', flags = [], pkgConfig = installed() } = {}) {
  const folder = temporaryFolder(t);
  const file = source.includes('\n') ? path.join(folder, compiler.includes('++') ? 'handler.cpp' : 'handler.c') : source;

  if (source.includes('\n')) fs.writeFileSync(file, source);
  const all = must('pkg-config', ['--cflags', '--libs', 'partnerapp'], { env: cleanEnvironment({ PKG_CONFIG_PATH: pkgConfig }) });

  must(compiler, ['-Wall', '-Wextra', '-Werror', ...flags, '-o', 'handler', file, ...all.trim().split(/\s+/)], { cwd: folder });
  return path.join(folder, 'handler');
}

// The example, by its own Makefile.
export function makeExample(t) {
  const folder = temporaryFolder(t);

  fs.cpSync(example, folder, { recursive: true });
  fs.rmSync(path.join(folder, 'handler'), { force: true });
  must('make', ['CFLAGS=-Werror'], { cwd: folder, env: cleanEnvironment({ PKG_CONFIG_PATH: installed() }) });
  return path.join(folder, 'handler');
}

// The Runtime API for one process: one invocation at a time, as Lambda has it, and everything that is out of turn is
// kept in `faults`.
class Api {
  #server;
  #waiting; // the response of a `next` that found nothing
  #queue = [];
  #open = new Map(); // id → resolve

  initErrors = [];
  faults = [];
  onAnswer = () => {};

  static async start() {
    const api = new Api();

    api.#server = http.createServer((request, response) => api.#take(request, response));
    api.#server.listen(0, '127.0.0.1');
    await once(api.#server, 'listening');
    return api;
  }

  get address() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  get isAsked() {
    return this.#waiting !== undefined;
  }

  // {result} or {error, type}; the limit is for the test that failed.
  invoke(payload, { context, deadlineMs = Date.now() + 10000, headers = {} } = {}) {
    const id = randomUUID();
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    const answer = new Promise((resolve, reject) => {
      this.#open.set(id, resolve);
      setTimeout(() => reject(new Error(`waited ${ANSWER_MS} ms in vain for an answer`)), ANSWER_MS).unref();
    });

    answer.catch(() => {}); // nobody may be waiting

    this.#queue.push({ body, headers: {
      'Content-Type': 'application/json', 'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(deadlineMs), 'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
      ...context && { 'Lambda-Runtime-Client-Context': JSON.stringify(context) }, ...headers,
    } });
    this.#hand();
    return answer;
  }

  stop() {
    this.#server.closeAllConnections?.();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #hand() {
    if (this.#waiting === undefined || this.#queue.length === 0) return;
    const { body, headers } = this.#queue.shift();

    this.#waiting.writeHead(200, headers);
    this.#waiting.end(body);
    this.#waiting = undefined;
  }

  async #take(request, response) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const [, id, what] = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(request.url) ?? [];

    if (request.method === 'GET' && request.url === '/2018-06-01/runtime/invocation/next') {
      if (this.#waiting !== undefined) this.faults.push('two asked at once');
      this.#waiting = response;
      this.#hand();
      return;
    }
    response.writeHead(202, { 'Content-Type': 'application/json' });
    response.end('{"status":"OK"}\n');
    const type = request.headers['lambda-runtime-function-error-type'];

    if (request.url === '/2018-06-01/runtime/init/error') this.initErrors.push({ ...JSON.parse(body), type });
    else if (!this.#open.has(id)) this.faults.push(`${request.method} ${request.url}`);
    else {
      this.onAnswer();
      this.#open.get(id)(what === 'response' ? { result: body } : { error: JSON.parse(body), type });
      this.#open.delete(id);
    }
  }
}

// A handler that runs, with the API it asks.
export class Handler {
  #ended;

  static async start(t, command, env = {}) {
    const handler = new Handler();

    handler.api = await Api.start();
    handler.log = path.join(temporaryFolder(t), 'log');
    const log = fs.openSync(handler.log, 'w');

    handler.child = spawn(command, [], {
      stdio: ['ignore', log, log],
      env: cleanEnvironment({ AWS_LAMBDA_RUNTIME_API: handler.api.address, PARTNERAPP_EGRESS_ALLOW: '127.0.0.1', ...env }),
    });
    fs.closeSync(log);
    handler.#ended = once(handler.child, 'close');
    t.after(() => {
      handler.child.kill('SIGKILL');
      return handler.api.stop();
    });
    return handler;
  }

  invoke(payload, options) {
    return this.api.invoke(payload, options);
  }

  logged() {
    return fs.readFileSync(this.log, 'utf8');
  }

  async ended() {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), ANSWER_MS);
    const [code, signal] = await this.#ended;

    clearTimeout(timer);
    return { code, signal, log: this.logged() };
  }

  get rssKb() {
    return Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]);
  }
}
