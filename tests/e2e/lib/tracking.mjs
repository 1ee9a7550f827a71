// SPDX-License-Identifier: MIT
// A customer of the local Segment: her source sends events, her destinations get them.

import { Emulator } from './emulator.mjs';
import { Endpoint } from './endpoint.mjs';
import { basic } from './http.mjs';
import { until } from './wait.mjs';

export const website = 'workspaces/acme/sources/website';
export const demo = `${website}/destinations/demo`;
export const websiteKey = 'dev_writekey_website';
export const apiKey = 'abcd1234';

export class Customer {
  // An emulator of its own, and a partner in @mood behind its subscription.
  static async start(t, mood = 200, flags = []) {
    const customer = new Customer();

    customer.partner = await Endpoint.start(t, mood);
    customer.emulator = await Emulator.start(t, ['--subscription-url', customer.partner.url, ...flags]);
    return customer;
  }

  // The same with the destination `demo` on `website`.
  static async connected(t, mood, flags) {
    const customer = await Customer.start(t, mood, flags);

    await customer.connect();
    return customer;
  }

  connect(slug = 'demo', { enabled = true, key = apiKey, source = website } = {}) {
    return this.emulator.control('PUT', 'destination', { source, slug, enabled, config: { apiKey: key } });
  }

  // POST to /v1/@path, as the server library of `website` unless @headers say other.
  send(path, body, headers = {}) {
    const sent = { 'Content-Type': 'application/json', Authorization: basic(websiteKey), ...headers };

    for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
    return this.emulator.ask('POST', `/v1/${path}`, body, sent);
  }

  track(members = {}) {
    return this.send('track', { event: 'Signed Up', userId: 'u1', ...members });
  }

  async events() {
    return (await this.emulator.control('GET', 'events?limit=1000')).events;
  }

  // What `website` or a destination has counted.
  async counted(name = demo) {
    return (await this.emulator.control('GET', 'counters'))[name] ?? {};
  }

  async deliveries(query = '') {
    return (await this.emulator.control('GET', `deliveries${query}`)).deliveries;
  }

  // The newest delivery, once it is as @isRight wants it.
  delivery(what, isRight, options) {
    return until(`the delivery ${what}`, async () => {
      const [delivery] = await this.deliveries('?limit=1');

      return delivery && isRight(delivery) ? delivery : null;
    }, options);
  }

  waits(nAttempts) {
    return this.delivery(`waits after attempt ${nAttempts}`,
      ({ state, attempts }) => state === 'waiting' && attempts.length === nAttempts);
  }

  ends(state, options) {
    return this.delivery(`is ${state}`, (delivery) => delivery.state === state, options);
  }

  advance(advance) {
    return this.emulator.control('POST', 'clock', { advance });
  }

  idle(options) {
    return until('nothing waits', async () =>
      (await this.emulator.control('GET', 'deliveries?limit=1')).waiting === 0, { timeout: 60000, ...options });
  }

  // The events that the partner has got.
  get got() {
    return this.partner.requests.map(({ body }) => JSON.parse(body));
  }
}
