// SPDX-License-Identifier: MIT
// A local Segment of a test's own: any port, its own clock, its end.

import { spawn } from 'node:child_process';
import path from 'node:path';

import { request } from './http.mjs';
import { build, cleanEnvironment, measuresCoverage } from './program.mjs';
import { until } from './wait.mjs';

export class Emulator {
  child = null;
  log = '';
  exit = null; // {code, signal} once it ended

  // @flags are partnerapp-emulator's own; @environment is added to a clean one.
  static async start(t, flags = [], { program = path.join(build, 'partnerapp-emulator'), environment = {} } = {}) {
    const emulator = new Emulator();

    Object.assign(emulator, { flags, program, environment });
    t?.after(() => emulator.end());
    await emulator.up();
    return emulator;
  }

  async up() {
    let line = '';

    this.exit = null;
    this.child = spawn(this.program,
      ['--port', '0', '--public-api-port', '0', '--ready-fd', '3', ...this.flags],
      { env: cleanEnvironment(this.environment), stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => { this.log += text; });
    this.child.on('exit', (code, signal) => { this.exit = { code, signal }; });
    this.child.stdio[3].setEncoding('utf8').on('data', (text) => { line += text; });
    await until('the emulator listens', () => this.exit || line.endsWith('\n'), { timeout: 20000, every: 2 });
    if (this.exit) throw new Error(`the emulator ended with ${this.exit.code ?? this.exit.signal}: ${this.log}`);
    this.env = JSON.parse(line);
    this.url = this.env.SEGMENT_API_URL.replace('localhost', '127.0.0.1');
    this.publicUrl = this.env.SEGMENT_PUBLIC_API_URL.replace('localhost', '127.0.0.1');
  }

  // {status, headers, text, body?} of a request to a path; @body is sent as JSON unless text.
  ask(method, pathAndQuery, body, headers = {}) {
    const text = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);

    return request(`${this.url}${pathAndQuery}`, { method, body: text, headers });
  }

  // The controls; throws when one refuses.
  async control(method, name, body) {
    const answer = await this.ask(method, `/_emulator/${name}`, body);

    if (answer.status !== 200) throw new Error(`${method} /_emulator/${name}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  // One attempt of sending @event to @target, as attempt_write tells it.
  attempt(target, event, more = {}) {
    return this.control('POST', 'attempt', { target, event, ...more });
  }

  async stop(signal = 'SIGTERM', timeout = 12000) {
    this.child.kill(signal);
    await until(`the emulator ends on ${signal}`, () => this.exit, { timeout, every: 2 });
    return this.exit;
  }

  async kill() {
    if (this.child && !this.exit) await this.stop('SIGKILL');
  }

  // At the end of a test; see endSignal.
  async end() {
    if (measuresCoverage && this.child && !this.exit) await this.stop('SIGTERM', 20000).catch(() => {});
    await this.kill();
  }
}
