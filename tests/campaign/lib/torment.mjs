// SPDX-License-Identifier: MIT
// What clock, dns and flapping have in common: two destinations, of which one has trouble and
// the other must not notice; phases; at the end everything is well again, and what waits has
// to arrive in bounded time.

import { Endpoint } from '../../e2e/lib/endpoint.mjs';
import { addsUp, Service } from '../../e2e/lib/service.mjs';
import { until } from '../../e2e/lib/wait.mjs';
import { everyEvent } from './books.mjs';
import { drain } from './drain.mjs';
import { Load } from './load.mjs';

// Doubling waits that begin within milliseconds: trouble of a second is tried again and again,
// and as long as hours are only jumped over, nothing is too old.
const retry = { attempts: 22, over: '24h' };

export class Torment {
  problems = [];

  // @host: of the troubled destination, without its port.
  static async begin(t, { host = '127.0.0.1', env = {}, prefix }) {
    const torment = new Torment();
    const [troubled, healthy] = [await Endpoint.start(t), await Endpoint.start(t)];
    const open = { auth: 'none', timeout: '1s', retry };

    torment.troubled = troubled;
    torment.service = await Service.start(t, {
      env,
      config: { subscriptions: [
        { name: 'troubled', ...open, endpoint: `http://${host}:${troubled.port}/hook` },
        { name: 'healthy', ...open, endpoint: `http://127.0.0.1:${healthy.port}/hook` },
      ] },
    });
    torment.loads = ['troubled', 'healthy'].map((name) =>
      new Load(torment.service, { connections: 2, prefix: `${prefix}-${name}`, pace: 10, path: `/webhook/${name}` }));
    torment.setMood(() => 200);
    healthy.mood(torment.loads[1].mood(() => 200));
    for (const load of torment.loads) load.start();
    return torment;
  }

  setMood(mood) {
    this.troubled.mood(this.loads[0].mood(mood));
  }

  // The healthy destination gets what was just accepted for it.
  async expectHealthy(what, timeout = 3000) {
    const load = this.loads[1];
    const before = load.delivered.size;

    await until('the other destination is served', () => load.delivered.size > before + 3, { timeout })
      .catch(() => this.problems.push(`${what}: the healthy destination waits`));
  }

  // What is told of some that should have arrived.
  async #some(query) {
    const events = await this.service.events(query);
    const whole = await Promise.all(events.slice(0, 3).map(({ id }) => this.service.api(`/events/${id}`)));

    return whole.map(({ message_id: name, received_at: at, deliveries }) => `${name} of ${at}: ${JSON.stringify(deliveries)}`).join('; ');
  }

  // All is well again. Everything arrives; returns the table's row.
  async end(rounds, { mayRetain = false } = {}) {
    this.setMood(() => 200);
    for (const load of this.loads) await load.stop();
    const still = await drain(this.service);

    if (still > 0)
      this.problems.push(`${still} deliveries wait and wait: ${await this.#some('is:queued OR is:retrying OR is:running')}`);
    const counters = await this.service.counters();
    const there = new Set((await everyEvent(this.service)).values());
    const acknowledged = this.loads.flatMap((load) => [...load.acknowledged.keys()]);
    const taken = (id) => this.loads.some((load) => load.delivered.has(id));
    const lost = acknowledged.filter((id) => !(there.has(id) || (mayRetain && taken(id))));
    const undelivered = acknowledged.filter((id) => !taken(id));

    if (!addsUp(counters)) this.problems.push(`the counters do not add up: ${JSON.stringify(counters)}`);
    if (counters.dead > 0) this.problems.push(`${counters.dead} deliveries are dead: ${await this.#some('is:dead')}`);
    if (lost.length > 0) this.problems.push(`lost: ${lost.slice(0, 5).join(' ')}`);
    if (undelivered.length > 0) this.problems.push(`never delivered: ${undelivered.slice(0, 5).join(' ')}`);
    for (const load of this.loads)
      for (const status of load.refusals.keys())
        if (![0, 503].includes(status)) this.problems.push(`refused with ${status}`);
    return {
      rounds, sent: this.loads[0].sent + this.loads[1].sent, acknowledged: acknowledged.length, stored: there.size,
      delivered: this.loads[0].delivered.size + this.loads[1].delivered.size,
      duplicates: this.loads.flatMap((load) => [...load.delivered.values()]).reduce((sum, n) => sum + n - 1, 0),
      lost: lost.length, problems: this.problems,
    };
  }
}
