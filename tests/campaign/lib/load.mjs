// SPDX-License-Identifier: MIT
// Senders that behave as Segment does, and the ledger of what they were told. It lives outside
// of the process that is tormented.

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { track } from '../../e2e/lib/service.mjs';

export class Load {
  acknowledged = new Map(); // messageId → event id
  refusals = new Map(); // status → how often; 0 is a broken connection
  delivered = new Map(); // messageId → how often the endpoint took it
  sent = 0;
  isOver = false;
  lastAckAt = 0;

  // @pace: what a sender waits after an acknowledgement, in milliseconds.
  constructor(service, { connections = 64, prefix = 'load', pace = 0, every = 20, path } = {}) {
    this.service = service;
    this.connections = connections;
    this.prefix = prefix;
    this.pace = pace;
    this.every = every;
    this.path = path;
  }

  start() {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: this.connections });
    this.isOver = false;
    this.senders = Array.from({ length: this.connections }, () => this.#sender());
  }

  async stop() {
    this.isOver = true;
    await Promise.all(this.senders);
    this.agent.destroy();
  }

  // An endpoint's mood that counts what it took.
  mood(mood) {
    return (request, n) => {
      const answer = mood(request, n);
      const status = typeof answer === 'object' ? answer.status : answer;
      const match = /"messageId":"([^"]+)"/.exec(request.body);

      if (match && status >= 200 && status < 300)
        this.delivered.set(match[1], (this.delivered.get(match[1]) ?? 0) + 1);
      return answer;
    };
  }

  get refused() {
    return Object.fromEntries(this.refusals);
  }

  // What was not acknowledged is sent again, so every event that a dead service had stored
  // without saying so comes as a duplicate.
  async #sender() {
    while (!this.isOver) {
      const event = track({ messageId: `${this.prefix}-${this.sent++}` });

      while (!this.acknowledged.has(event.messageId) && !this.isOver) await this.#post(event);
      if (this.pace > 0) await pause(this.pace);
    }
  }

  async #post(event) {
    const { status, json } =
      await this.service.post(event, { agent: this.agent, timeout: 10000, ...(this.path && { path: this.path }) }).catch(() => ({ status: 0 }));

    if (status === 202) {
      this.acknowledged.set(event.messageId, json.ids[0]);
      this.lastAckAt = Date.now();
      return;
    }
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
    await pause(this.every);
  }
}
