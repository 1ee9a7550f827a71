// SPDX-License-Identifier: MIT
// `partnerapp lambda serve` of a test's own, and the test as the runtime behind it.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';

import { request } from './http.mjs';
import { cleanEnvironment, endSignal, program } from './program.mjs';
import { until } from './wait.mjs';

// An environment that only says where its Runtime API is: the test does the rest.
export const silent = 'echo "api $AWS_LAMBDA_RUNTIME_API"; exec sleep 1000';

export class LambdaHost {
  events = []; // what it says on stdout, one object a line
  stderr = '';
  exit = null;

  static async start(t, flags, { env = {}, cwd } = {}) {
    const host = new LambdaHost();

    t?.after(() => host.stop(endSignal));
    host.child = spawn(program, ['lambda', 'serve', '--json', '--port', '0', ...flags], { env: cleanEnvironment(env), cwd });
    host.child.stdin.end();
    host.child.stderr.setEncoding('utf8').on('data', (text) => { host.stderr += text; });
    host.child.on('exit', (code, signal) => { host.exit = { code, signal }; });
    host.read(host.child.stdout);
    await until('the host listens', () => host.exit || host.events.length > 0, { every: 2 });
    if (host.exit) throw new Error(`lambda serve ended with ${host.exit.code ?? host.exit.signal}: ${host.stderr}`);
    host.url = host.events[0].url;
    return host;
  }

  static command(t, command, flags = [], options = {}) {
    return LambdaHost.start(t, ['--command', command, ...flags], options);
  }

  read(stream) {
    let rest = '';

    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');

      rest = lines.pop();
      this.events.push(...lines.map((line) => JSON.parse(line)));
    });
  }

  // {status, headers, text, json, log} of an invocation.
  async invoke(payload, { name = 'hello', type, tail, context, headers = {}, query = '', timeout } = {}) {
    const sent = { ...headers };

    if (type) sent['X-Amz-Invocation-Type'] = type;
    if (tail) sent['X-Amz-Log-Type'] = 'Tail';
    if (context) sent['X-Amz-Client-Context'] = Buffer.from(JSON.stringify(context)).toString('base64');
    const answer = await request(`${this.url}/2015-03-31/functions/${name}/invocations${query}`,
      { method: 'POST', headers: sent, body: payload, timeout });

    answer.log = Buffer.from(answer.headers['x-amz-log-result'] ?? '', 'base64').toString();
    return answer;
  }

  of(kind) {
    return this.events.filter(({ event }) => event === kind);
  }

  lines() {
    return this.of('log').map(({ line }) => line);
  }

  // The Runtime API of the environment with that number, which must be a silent one.
  async runtime(number = 1) {
    const said = await until(`environment ${number} runs`, () =>
      this.of('log').find(({ environment, line }) => environment === number && line.startsWith('api ')), { every: 2 });

    return new Runtime(said.line.slice('api '.length));
  }

  async stop(signal = 'SIGTERM') {
    if (this.exit) return this.exit;
    this.child.kill(signal);
    return until(`the host ends on ${signal}`, () => this.exit, { every: 2 });
  }
}

export class Runtime {
  constructor(api) {
    this.base = `http://${api}/2018-06-01/runtime`;
    this.agent = new http.Agent({ keepAlive: true });
  }

  ask(method, path, body, headers = {}) {
    return request(`${this.base}${path}`, { method, body, headers, agent: this.agent, timeout: 60000 });
  }

  async next() {
    const answer = await this.ask('GET', '/invocation/next');

    answer.id = answer.headers['lambda-runtime-aws-request-id'];
    return answer;
  }

  respond(id, body, headers) {
    return this.ask('POST', `/invocation/${id}/response`, body, headers);
  }

  fail(id, body, headers) {
    return this.ask('POST', `/invocation/${id}/error`, body, headers);
  }
}

// Does a process run, and not only its remains?
export function isAlive(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
