// SPDX-License-Identifier: MIT
// The load programs: load.c, which asks again when it has its answer, and openloop.c, which asks
// when it is time and is the endpoint as well.

import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';

import { build, run } from '../e2e/lib/program.mjs';

// Does all of it work? Loads nothing: a few requests, low rates. The figures mean nothing then.
export const isDry = process.env.DRY === '1';
const dry = { requests: '200n', rate: 200, seconds: 0.5 };

export const key = 'bench-key';
export const authorization = `Authorization: Basic ${Buffer.from(`${key}:`).toString('base64')}`;
export const eventBytes = 1024;

// Closed: {n, per_s, latency, not_2xx, …}. @extent: seconds, or "5000n" requests.
export async function closed({ port }, connections, extent, { target = '/webhook', size = String(eventBytes),
  headers = [authorization], perRequest = 1 } = {}) {
  const { stdout, stderr, code } = await run([String(port), target, String(connections), isDry ? dry.requests : String(extent), size, ...headers],
    { command: path.join(build, 'tests/bench/load'), timeout: 120000 });

  if (code !== 0) throw new Error(`load ended with ${code}: ${stderr}`);
  const result = JSON.parse(stdout);

  return { ...result, n: result.ok * perRequest, per_s: result.per_s * perRequest, connections,
    not_2xx: result.client_errors + result.server_errors + result.broken };
}

export class OpenLoop {
  // @sinks: ["8081=answer", …]; "{}" in @target is the number of one of them.
  static async start(scope, { port, target = '/webhook', sinks = [], headers = [authorization] }) {
    const loop = new OpenLoop();

    loop.hasSinks = sinks.length > 0;
    loop.child = spawn(path.join(build, 'tests/bench/openloop'),
      [String(port), target, String(eventBytes), ...sinks.map((sink) => `sink=${sink}`), ...headers], { stdio: ['pipe', 'pipe', 'inherit'] });
    scope.after(() => loop.child.kill('SIGKILL'));
    loop.lines = readline.createInterface({ input: loop.child.stdout })[Symbol.asyncIterator]();
    await loop.#answer();
    return loop;
  }

  async #answer() {
    const { value, done } = await this.lines.next();

    if (done) throw new Error('openloop ended');
    return JSON.parse(value);
  }

  command(line) {
    this.child.stdin.write(`${line}\n`);
    return this.#answer();
  }

  // One step at @rate events a second: {n, per_s, latency, answers, not_2xx, undelivered, …}.
  async step(rate, seconds, connections) {
    const result = await this.command(isDry ? `${Math.min(rate, dry.rate)} ${dry.seconds} ${connections}` : `${rate} ${seconds} ${connections}`);
    const { healthy, failing, hung } = result;

    return { ...result, n: result.ok, per_s: result.delivered_per_s || result.answered_per_s,
      not_2xx: result.refused + result.broken + result.unsent, latency: this.hasSinks ? healthy.latency : result.answers,
      ...(this.hasSinks && { undelivered: healthy.undelivered, duplicates: healthy.duplicates + failing.duplicates + hung.duplicates }) };
  }

  stop() {
    this.child.stdin.end();
  }
}
