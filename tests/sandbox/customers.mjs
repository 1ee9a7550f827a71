// SPDX-License-Identifier: MIT
// Two customers of one function: A leaves something behind, B looks for it.

import { Endpoint } from '../e2e/lib/endpoint.mjs';
import { Service, track } from '../e2e/lib/service.mjs';
import { endRunners, runnersOf } from './processes.mjs';
import { customersFunction, secret } from './scripts/customers.mjs';

const encoded = (settings) => ({ 'X-Segment-Settings': Buffer.from(JSON.stringify(settings)).toString('base64') });

export class Customers {
  static async open(t, isolation) {
    const customers = new Customers();

    customers.endpoint = await Endpoint.start(t);
    customers.service = await Service.start(t, {
      files: { 'functions/shared.js': customersFunction() },
      config: { runners: { count: 1 } },
      subscription: { function: 'functions/shared.js', isolation, settings: { endpoint: customers.endpoint.url },
        retry: { attempts: 1, over: '1s' }, function_timeout: '3s', slice: '2s' },
    });
    customers.a = (await customers.service.createKey({ name: 'a' })).key;
    customers.b = (await customers.service.createKey({ name: 'b' })).key;
    return customers;
  }

  // Customer A's event.
  leave(name) {
    const headers = encoded({ endpoint: this.endpoint.url, secret });

    return this.service.deliver(track({ properties: { leave: name } }), { key: this.a, headers });
  }

  // All that customer B's event tells: its result, what it logged, what it sent.
  async probe() {
    const { deliveries: [{ state, attempts }] } =
      await this.service.deliver({ type: 'page', userId: 'u' }, { key: this.b, headers: encoded({ endpoint: this.endpoint.url }) });
    const { result, logs, error, requests } = attempts.at(-1);
    const sent = requests.map(({ method, url, headers, body }) => {
      const { 'Idempotency-Key': _, ...rest } = headers;

      return { method, url, headers: rest, body };
    });

    return JSON.stringify({ state, result, logs, error, sent });
  }

  // The next events find a runner where nobody was.
  async renew() {
    await endRunners(runnersOf(this.service.child.pid));
  }
}
