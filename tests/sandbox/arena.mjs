// SPDX-License-Identifier: MIT
// A service with three functions: one is attacked against the clock, the same one against
// the scales, and a bystander delivers all the while. Tells of every attack how it ended.

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { request } from '../e2e/lib/http.mjs';
import { Service, track } from '../e2e/lib/service.mjs';
import { Heartbeat } from './heartbeat.mjs';
import { endRunners, memoryOf, runnersOf } from './processes.mjs';
import { attackFunction } from './scripts/attack.mjs';

export const limits = { timeout: 300, slice: 150, ample: 30000, memory: 96 };
const bystanderPause = 10; // ms between two of its events

const bystander = `
async function onTrack(event, settings) {
  const answer = await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify({ messageId: event.messageId }) })
  if (!answer.ok) throw new RetryError('no')
}`;

export class Arena {
  #timers = [];
  #watched = new Map(); // pid of a runner → its largest memory that was seen
  #heartbeat = new Heartbeat();
  #elder; // runners of the others
  #playPeak = 0; // of the runners that were seen during a play, MiB
  peak = 0; // of all plays that were judged, MiB
  hasSwollenInAStall = false;
  injected = []; // requests that carried a header that nobody may set
  posted = 0;
  repeated = []; // what was played again, and why

  static async open(t, scripts, { jit = false, isolation } = {}) {
    const arena = new Arena();
    const attacked = { function: 'functions/attack.js', retry: { attempts: 1, over: '1s' }, timeout: '1s', ...(isolation && { isolation }) };

    arena.endpoint = await Endpoint.start(t, (got) => (got.url.includes('?hang') ? 'hang' : 200));
    const settings = { endpoint: arena.endpoint.url };

    arena.service = await Service.start(t, {
      files: { 'functions/attack.js': attackFunction(scripts), 'functions/bystander.js': bystander },
      config: {
        runners: { count: 1, memory: `${limits.memory}MiB`, jit },
        subscriptions: [
          { name: 'clock', ...attacked, settings, function_timeout: `${limits.timeout}ms`, slice: `${limits.slice}ms` },
          { name: 'scales', ...attacked, settings, function_timeout: `${limits.ample}ms`, slice: `${limits.ample}ms` },
          { name: 'bystander', function: 'functions/bystander.js', settings: { endpoint: `${arena.endpoint.url}/bystander` } },
        ],
      },
    });
    arena.keys = { bystander: (await arena.service.createKey({ subscriptions: ['bystander'] })).key };
    for (const name of ['clock', 'scales'])
      arena.keys[name] = (await arena.service.createKey({ subscriptions: [name] })).key;
    arena.#begin();
    await arena.#findElder();
    t?.after(() => arena.close());
    return arena;
  }

  #begin() {
    this.#timers.push(setInterval(() => this.#measure(), 10));
    this.#timers.push(setInterval(() => this.#look(), 100));
    this.#timers.push(setInterval(() => this.#bystand(), bystanderPause));
  }

  close() {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    return this.#heartbeat.stop();
  }

  #look() {
    for (const { inner } of runnersOf(this.service.child.pid))
      if (!this.#watched.has(inner)) this.#watched.set(inner, 0);
  }

  #measure() {
    for (const pid of this.#watched.keys()) {
      const { peak } = memoryOf(pid);

      if (peak === 0) this.#watched.delete(pid);
      this.#playPeak = Math.max(this.#playPeak, peak);
    }
  }

  #bystand() {
    this.posted++;
    this.service.post(track({ messageId: `bystander-${this.posted}` }), { key: this.keys.bystander, path: '/webhook/bystander' })
      .then(({ status }) => { if (status !== 202) this.refused = status; }, (error) => { this.refused = error.message; });
  }

  // How many of the bystander's events have arrived, each counted once.
  get delivered() {
    return [...this.endpoint.ids.keys()].filter((id) => id.startsWith('bystander-')).length;
  }

  stopBystander() {
    clearInterval(this.#timers.pop());
  }

  // What the service itself measured.
  async peakOfService() {
    const { text } = await request(`${this.service.admin}/metrics`,
      { headers: { Authorization: `Bearer ${this.service.token()}` } });

    return Number(/^partnerapp_runner_rss_peak_bytes (\d+)/m.exec(text)?.[1] ?? NaN) / (1 << 20);
  }

  // Plays one attack: {end, ms, stall, peak, value, message}. `ms` is what the service measured,
  // from when the event was given to its runner; `stall` the machine's longest meanwhile.
  async play(script, where = 'clock') {
    this.#heartbeat.stall();
    this.#playPeak = 0;
    const event = await this.service.deliver(track({ properties: { attack: script.name } }),
      { key: this.keys[where], path: `/webhook/${where}`, timeout: 60000 });
    const [delivery] = event.deliveries;
    const attempt = delivery.attempts.at(-1);

    this.#spotInjected();
    return {
      end: endOf(delivery, attempt), ms: attempt.duration_ms, stall: this.#heartbeat.stall(), peak: this.#playPeak,
      value: attempt.result, name: attempt.error?.name, message: attempt.error?.message ?? '',
    };
  }

  #spotInjected() {
    for (const { url, headers, method } of this.endpoint.requests.splice(0))
      if ('x-injected' in headers) this.injected.push(`${method} ${url}`);
  }

  // Ends the runner that was attacked last, so that the next attack finds nothing of this
  // one's: every runner that is younger than the first end of one.
  async renew() {
    await endRunners(runnersOf(this.service.child.pid).filter(({ outer }) => !this.#elder.has(outer)));
  }

  async #findElder() {
    const pids = () => new Set(runnersOf(this.service.child.pid).map(({ outer }) => outer));
    const before = pids();

    await this.play({ name: 'loop' });
    const after = pids();

    this.#elder = new Set([...before].filter((pid) => after.has(pid)));
  }
}

function endOf({ state }, { error }) {
  if (state === 'delivered' || state === 'discarded') return 'returns';
  if (error?.name === 'Timeout') return 'time';
  if (error?.name === 'OutOfMemory') return 'memory';
  return error?.name === 'Crashed' ? 'crash' : 'throws';
}

// Whether it ended as its table says.
const ends = {
  time: ['time'], memory: ['memory'], killed: ['time', 'memory'], throws: ['throws'],
  harmless: ['returns', 'throws'], unkilled: ['returns', 'throws', 'time', 'memory'],
};

export function isAsWanted({ want }, { end, value }) {
  if (want !== undefined) return ends[want].includes(end);
  return end !== 'crash' && (end !== 'returns' || value === null || (Array.isArray(value) && value.length === 0));
}
