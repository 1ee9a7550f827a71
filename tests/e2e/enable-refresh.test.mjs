// SPDX-License-Identifier: MIT
// Many installs, many users, many expiries: each token is renewed once, and none is lost.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { request } from './lib/http.mjs';
import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const nInstalls = 100;
const nUsers = 1000;
const nExpiries = 50;

// Segment with as many workspaces as it takes; the newest token of an install is the only good one.
class Segment {
  tokens = new Map(); // number → {token, n}
  nDead = 0; // calls with a token that is none any more

  static async start(t) {
    const segment = new Segment();
    const server = http.createServer((incoming, response) => {
      incoming.on('data', () => {});
      incoming.on('end', () => {
        const [status, body] = segment.answer(incoming);

        if (status === 0) return incoming.socket.destroy();
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      });
    });

    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => { server.closeAllConnections?.(); server.close(); });
    segment.url = `http://127.0.0.1:${server.address().port}`;
    return segment;
  }

  give(number) {
    const n = (this.tokens.get(number)?.n ?? 0) + 1;
    const token = `token-${number}-${n}-${'x'.repeat(32)}`;

    this.tokens.set(number, { token, n });
    return { access_token: token, expires_in: 3600, scope: 'destination/demo', token_type: 'bearer', app_name: 'apps/1',
      install_name: `installs/${number}`, workspace_names: [`workspaces/w${number}`] };
  }

  answer({ method, url, headers }) {
    if (url === '/oauth2/token') {
      const number = this.tokens.size + 1;

      return [200, { ...this.give(number), source_names: [`workspaces/w${number}/sources/s`] }];
    }
    const refreshed = /^\/v1beta\/installs\/(\d+)\/token$/.exec(url);

    if (refreshed) {
      const answer = this.give(Number(refreshed[1]));

      return this.loses?.() ? [0] : [200, answer];
    }
    const number = Number(/workspaces\/w(\d+)/.exec(url)[1]);

    if (headers.authorization !== `Bearer ${this.tokens.get(number).token}`) {
      this.nDead++;
      return [401, { error: 'malformed token', code: 16 }];
    }
    const name = `workspaces/w${number}/sources/s/destinations/demo`;

    return [200, { name, parent: `workspaces/w${number}/sources/s`, enabled: true, connection_mode: 'UNSPECIFIED',
      config: [{ name: `${name}/config/apiKey`, value: 'abcd1234', type: 'string' }], method }];
  }
}

async function start(t, n) {
  const segment = await Segment.start(t);
  const emulator = await Emulator.start(t);
  const service = await Service.prepare(t);

  service.configure({
    app: { destination: 'demo', settings: { apiKey: 'abcd1234' } },
    segment: { id_url: segment.url, api_url: segment.url },
    server: { public: `127.0.0.1:${service.port}`, admin: `127.0.0.1:${service.adminPort}`, public_url: `http://localhost:${service.port}` },
    log: { level: 'warn' },
  });
  service.env = { CLIENT_ID: 'id', CLIENT_SECRET: 'secret', PARTNERAPP_CLOCK_URL: `${emulator.url}/_emulator/clock` };
  await service.up();
  for (let i = 0; i < n; i++) {
    const Host = `localhost:${service.port}`;
    const pressed = await request(`${service.url}/auth/segment`, { headers: { Host } });
    const state = new URL(pressed.headers.location).searchParams.get('state');
    const [cookie] = pressed.headers['set-cookie'][0].split(';');
    const { status, text } = await request(`${service.url}/auth/segment/callback?code=c${i}&state=${state}`,
      { headers: { Host, Cookie: cookie, Accept: 'application/json' } });

    assert.equal(status, 200, text);
  }
  return { segment, emulator, service };
}

test(`${nUsers} users of ${nInstalls} installs across ${nExpiries} expiries: one refresh each, and no dead token`, { timeout: 240000 }, async (t) => {
  const { segment, emulator, service } = await start(t, nInstalls);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
  const headers = { Authorization: `Bearer ${service.token()}` };
  const ask = async (number) => {
    const { status, json, text } = await request(`${service.admin}/api/v1/installs/${number}/token`, { method: 'POST', headers, agent });

    assert.equal(status, 200, text);
    return json.token;
  };
  const wave = async () => {
    const asked = Array.from({ length: nUsers }, async (_, i) => {
      const number = i % nInstalls + 1;

      return [number, await ask(number)];
    });

    return Promise.all(asked);
  };

  t.after(() => agent.destroy());
  for (let expiry = 1; expiry <= nExpiries; expiry++) {
    await emulator.control('POST', 'clock', { advance: '1h' });
    await until('the clock is seen', async () => { await ask(1); return segment.tokens.get(1).n > expiry; }, { timeout: 10000, every: 20 });
    for (const [number, token] of await wave())
      assert.equal(token, segment.tokens.get(number).token, 'the newest');
    for (const [number, { n }] of segment.tokens) assert.equal(n, expiry + 1, `installs/${number}, expiry ${expiry}`);
  }
  assert.equal(segment.nDead, 0);
});

test('answers to refreshes that are lost, and kills between received and stored, lose no install', { timeout: 120000 }, async (t) => {
  const { segment, emulator, service } = await start(t, 5);
  let n = 0;

  for (let round = 0; round < 5; round++) {
    segment.loses = () => n++ % 3 === 0;
    await emulator.control('POST', 'clock', { advance: '1h' });
    const asked = [1, 2, 3, 4, 5].map((number) => service.api(`/installs/${number}/refresh`, { method: 'POST' }).catch(() => {}));

    await until('a refresh was answered', () => n > round * 2, { every: 1 });
    await service.stop('SIGKILL');
    await Promise.all(asked);
    await service.up();
    segment.loses = undefined;
    for (const number of [1, 2, 3, 4, 5]) {
      const { state, drift } = await service.api(`/installs/${number}/sync`, { method: 'POST', body: {} });

      assert.deepEqual({ state, drift }, { state: 'enabled', drift: null });
    }
  }
});
