// SPDX-License-Identifier: MIT
// A service of a test's own: configuration, data folder, ports, start, questions, end.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import { Endpoint } from './endpoint.mjs';
import { post, request } from './http.mjs';
import { freePort, temporaryFolder, writeFiles } from './place.mjs';
import { cleanEnvironment, measuresCoverage, program, run } from './program.mjs';
import { until } from './wait.mjs';

export const terminalStates = ['delivered', 'discarded', 'dead'];

export class Service {
  child = null;
  log = '';
  exit = null; // {code, signal} once it ended
  stdin = 'ignore';

  // @config is merged over a quiet default; @subscription over the one default subscription.
  static async start(t, options = {}) {
    const service = await Service.prepare(t, options);

    await service.up();
    return service;
  }

  // Everything but the start.
  static async prepare(t, { config = {}, subscription = {}, files = {}, env = {}, mode = 'serve',
    flags = [] } = {}) {
    const service = new Service();

    t?.after(() => service.end()); // first: they run in this order, and it writes to the folder
    service.folder = temporaryFolder(t);
    service.data = path.join(service.folder, 'data');
    service.port = await freePort();
    service.adminPort = mode === 'dev' ? service.port : await freePort();
    service.mode = mode;
    service.env = env;
    service.flags = flags;
    service.configFile = path.join(service.folder, 'partnerapp.yaml');
    service.quietEndpoint = mode === 'serve' ? (await Endpoint.start(t)).url : undefined;
    writeFiles(service.folder, files);
    if (mode === 'serve') service.configure(config, subscription);
    return service;
  }

  // JSON is YAML, so this is a configuration file. Loopback may be reached, since that is
  // where a test's endpoint lives; tests of the egress policy say otherwise. Who does not
  // say where events go gets an endpoint that answers 200.
  configure(config, subscription = {}) {
    const standard = {
      server: { public: `127.0.0.1:${this.port}`, admin: `127.0.0.1:${this.adminPort}` },
      store: 'sqlite:./data/partnerapp.db',
      subscriptions: [{ name: 'default', ...subscription }],
      egress: { allow: ['127.0.0.1'] },
      log: { level: 'info' },
    };

    this.config = { ...standard, ...config };
    this.config.subscriptions = this.config.subscriptions.map((one) =>
      (one.function || one.endpoint ? one : { ...one, endpoint: this.quietEndpoint }));
    fs.writeFileSync(this.configFile, JSON.stringify(this.config, null, 2));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get admin() {
    return `http://127.0.0.1:${this.adminPort}`;
  }

  get arguments() {
    const flags = [...this.flags, '--data', this.data];

    if (this.mode === 'dev')
      return ['dev', '--port', String(this.port), '--emulator-port', '0', '--no-open', ...flags];
    return ['serve', '--config', this.configFile, ...flags];
  }

  spawn(command = program, args = this.arguments) {
    this.exit = null;
    this.child = spawn(command, args, {
      cwd: this.folder, env: cleanEnvironment(this.env), stdio: [this.stdin, 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => { this.log += text; });
    this.child.on('error', (error) => { this.exit = { code: error.message, signal: null }; });
    this.child.on('exit', (code, signal) => { this.exit = { code, signal }; });
  }

  async up(command, args) {
    this.spawn(command, args);
    await until('the service is ready', async () =>
      this.exit || (await request(`${this.url}/readyz`)).status === 200, { timeout: 20000, every: 5 }).catch(async (error) => {
      await this.kill();
      throw new Error(`${error.message}\n${this.log}`);
    });
    if (this.exit) throw new Error(`the service ended with ${this.exit.code ?? this.exit.signal}: ${this.log}`);
  }

  // Ends it with a signal and returns {code, signal, took}.
  async stop(signal = 'SIGTERM', timeout = 12000) {
    const started = Date.now();

    this.child.kill(signal);
    await until(`the service ends on ${signal}`, () => this.exit, { timeout, every: 2 });
    return { ...this.exit, took: Date.now() - started };
  }

  async kill() {
    if (this.child && !this.exit) await this.stop('SIGKILL');
  }

  // At the end of a test; see endSignal.
  async end() {
    if (measuresCoverage && this.child && !this.exit) await this.stop('SIGTERM', 20000).catch(() => {});
    await this.kill();
  }

  // The command line, talking to this service (or to its data folder when it is down).
  run(args, options = {}) {
    return run([...args, '--config', this.configFile, '--data', this.data],
      { cwd: this.folder, env: this.env, ...options });
  }

  async runJson(args, options) {
    const { code, stdout, stderr } = await this.run([...args, '--json'], options);

    if (code !== 0) throw new Error(`partnerapp ${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  // A new key, or the given one: {id, key, name}.
  async createKey({ value, subscriptions = [], name = 'test' } = {}) {
    const args = ['keys', 'create', '--name', name];

    if (value !== undefined) args.push('--value-file', '-');
    for (const subscription of subscriptions) args.push('--subscription', subscription);
    return this.runJson(args, { input: value ?? '' });
  }

  token() {
    return fs.readFileSync(path.join(this.data, 'admin.token'), 'utf8').trim();
  }

  // The admin API; throws on anything but a 2xx.
  async api(target, { method = 'GET', body } = {}) {
    const headers = { 'Content-Type': 'application/json' };

    if (this.mode === 'serve') headers.Authorization = `Bearer ${this.token()}`;
    const { status, text, json } =
      await request(`${this.admin}/api/v1${target}`, { method, headers, body });

    if (status < 200 || status > 299) throw new Error(`${method} ${target}: ${status} ${text}`);
    return json;
  }

  post(body, options = {}) {
    return post(`${this.url}${options.path ?? '/webhook'}`, body, options);
  }

  // {accepted, queued, running, …}; the promise is that these always add up.
  async counters() {
    return (await this.api('/status')).counters;
  }

  async events(query = '') {
    return (await this.api(`/events?limit=100&q=${encodeURIComponent(query)}`)).data;
  }

  // The event once its delivery has come to an end, or to one of @states.
  settled(id, { states = terminalStates, timeout = 15000 } = {}) {
    return until(`${id} is ${states.join(' or ')}`, async () => {
      const event = await this.api(`/events/${id}`);
      const { deliveries } = event;

      return deliveries.length > 0 && deliveries.every(({ state }) => states.includes(state)) && event;
    }, { timeout, every: 20 });
  }

  // Posts one event and returns it settled.
  async deliver(body, options = {}) {
    const { status, text, json } = await this.post(body, options);

    if (status !== 202 && status !== 200) throw new Error(`not accepted: ${status} ${text}`);
    return this.settled(json.ids[0], options);
  }
}

// The sum that has to hold at every moment one looks.
export function addsUp(counters) {
  const { queued, running, retrying, delivered, discarded, dead } = counters;
  const came = counters.accepted + (counters.replayed ?? 0);

  return came === queued + running + retrying + delivered + discarded + dead;
}

// Posts @count events over @connections kept-alive connections, each with a message id of
// its own. @onAnswer sees every answer; returns the ids of what was accepted.
export async function flood(service, { count, connections, key, prefix = 'm', onAnswer, pace }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const accepted = [];
  let next = 0;

  async function worker() {
    while (next < count) {
      const messageId = `${prefix}-${next++}`;
      const answer = await service.post(track({ messageId }), { key, agent });

      onAnswer?.(answer, messageId);
      if (answer.status === 202 || answer.status === 200) accepted.push(messageId);
      if (pace) await pace(next);
    }
  }
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return accepted;
}

let counter = 0;

export function track(members = {}) {
  return { type: 'track', event: 'Signed Up', userId: 'u1', messageId: `test-${process.pid}-${counter++}`,
    properties: { plan: 'pro' }, ...members };
}
