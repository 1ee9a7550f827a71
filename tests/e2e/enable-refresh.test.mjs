// SPDX-License-Identifier: MIT
// Many installs, many users, many expiries on the local Segment's clock: each token is
// renewed once, nobody gets a dead one, and no kill loses an install.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Chance } from './lib/chance.mjs';
import { request } from './lib/http.mjs';
import { consentTo, tryToken } from './lib/oauth.mjs';
import { Partner } from './lib/partner.mjs';
import { isSanitized } from './lib/program.mjs';
import { until } from './lib/wait.mjs';

const nInstalls = 100;
const nUsers = 1000;
const nExpiries = isSanitized ? 5 : 50;

// A customer who is new at Segment, with a workspace of her own, presses the button.
async function connect(partner, name) {
  const person = partner.person();
  const { headers } = await person.get('/auth/segment');
  const { pathname, search } = new URL(headers.location);
  const login = await person.segment.open(pathname + search);
  const consent = await person.segment.submit(login, { person: 'new', email: `${name}@example.test` });
  const allowed = await person.segment.submit(consent, { do: 'allow', workspace: name, source: `workspaces/${name}/sources/website` });

  assert.equal((await person.land(allowed.headers.location)).status, 200);
}

// A partner with @n installs, and its users.
class Crowd {
  static async start(t, n) {
    const crowd = new Crowd();

    crowd.partner = await Partner.start(t, { config: { log: { level: 'warn' } } });
    crowd.agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
    t.after(() => crowd.agent.destroy());
    await consentTo(crowd.partner.emulator, { auto: false });
    for (let i = 1; i <= n; i++) await connect(crowd.partner, `customer-${i}`);
    crowd.numbers = (await crowd.partner.installs()).map(({ number }) => number);
    assert.equal(crowd.numbers.length, n);
    return crowd;
  }

  // What a user gets; who is told to come back does.
  async ask(number, what, body) {
    const { service } = this.partner;
    const headers = { Authorization: `Bearer ${service.token()}`, 'Content-Type': 'application/json' };

    for (;;) {
      const { status, headers: { 'retry-after': seconds }, json, text } =
        await request(`${service.admin}/api/v1/installs/${number}/${what}`, { method: 'POST', headers, body, agent: this.agent });

      if (status !== 503 || seconds === undefined) {
        assert.equal(status, 200, `installs/${number}/${what}: ${text}`);
        return json;
      }
      await pause(100);
    }
  }

  // All users at once, each with an install: nine want its token, one its comparison.
  // Returns the tokens by install.
  async wave() {
    const tokens = new Map(this.numbers.map((number) => [number, new Set()]));

    await Promise.all(Array.from({ length: nUsers }, async (_, i) => {
      const number = this.numbers[i % this.numbers.length];

      if (i < this.numbers.length) assert.equal((await this.ask(number, 'sync', {})).drift, null);
      else tokens.get(number).add((await this.ask(number, 'token')).token);
    }));
    return tokens;
  }

  // What Segment was asked since the last time, as {method, target, status}.
  async calls() {
    const { emulator } = this.partner;
    const { requests } = await emulator.control('GET', 'requests?limit=500');

    assert.ok(requests.length < 500, 'all are there');
    await emulator.control('DELETE', 'requests');
    return requests;
  }

  // The next hour; it has come when the service has seen it.
  async anHourLater() {
    const { emulator, service } = this.partner;
    const [first] = this.numbers;
    const before = (await service.api(`/installs/${first}`)).token_generation;

    await emulator.control('POST', 'clock', { advance: '1h' });
    await until('the service sees the hour', async () => {
      await this.ask(first, 'token');
      return (await service.api(`/installs/${first}`)).token_generation > before;
    }, { every: 5 });
  }
}

test(`${nUsers} users of ${nInstalls} installs across ${nExpiries} expiries: one refresh each, and no dead token`, { timeout: 300000 }, async (t) => {
  const crowd = await Crowd.start(t, nInstalls);
  const { emulator } = crowd.partner;

  await emulator.control('DELETE', 'requests');
  for (let expiry = 1; expiry <= nExpiries; expiry++) {
    await crowd.anHourLater();
    const tokens = await crowd.wave();
    const calls = await crowd.calls();
    const refreshed = calls.map(({ target }) => /^\/v1beta\/installs\/(\d+)\/token$/.exec(target)?.[1]).filter(Boolean).map(Number);

    assert.deepEqual(refreshed.sort((a, b) => a - b), crowd.numbers, `expiry ${expiry}: each once`);
    assert.deepEqual(calls.filter(({ status }) => status !== 200), [], `expiry ${expiry}: no call is refused`);
    await Promise.all([...tokens].map(async ([number, given]) => {
      assert.equal(given.size, 1, `installs/${number}: all got the same`);
      assert.equal((await tryToken(emulator, [...given][0])).status, 200, `installs/${number}: and it is alive`);
    }));
    await emulator.control('DELETE', 'requests');
  }
  for (const { token_generation: generation } of await crowd.partner.installs()) assert.equal(generation, nExpiries + 1);
});

// Each install works: it is compared with Segment, and its token is alive.
async function isWhole(crowd) {
  for (const number of crowd.numbers) {
    const { state, drift } = await crowd.ask(number, 'sync', {});

    assert.deepEqual({ state, drift }, { state: 'enabled', drift: null }, `installs/${number}`);
    assert.equal((await tryToken(crowd.partner.emulator, (await crowd.ask(number, 'token')).token)).status, 200);
  }
}

function refreshAll({ partner, numbers }) {
  return numbers.map((number) => partner.service.api(`/installs/${number}/refresh`, { method: 'POST' }).catch(() => {}));
}

test('killed when a new token was given and its answer is on the way: no install is lost', { timeout: 60000 }, async (t) => {
  const crowd = await Crowd.start(t, 3);
  const { partner } = crowd;

  for (const what of ['delay', 'hang']) {
    await partner.fault({ where: 'refresh', what, times: 3, ...(what === 'delay' && { delay_ms: [3000, 3001] }) });
    const asked = refreshAll(crowd);

    await until('all three are under way', async () => (await partner.emulator.control('GET', 'faults')).faults.length === 0);
    await partner.crash();
    await Promise.all(asked);
    await isWhole(crowd);
  }
});

test('kills at any moment of refreshes, some of whose answers are lost, lose no install', { timeout: 120000 }, async (t) => {
  const crowd = await Crowd.start(t, 5);
  const { partner } = crowd;
  const chance = new Chance(11);
  const generations = async () => Object.fromEntries((await partner.installs()).map(({ number, token_generation: n }) => [number, n]));
  let nCut = 0; // refreshes that Segment did and we did not keep

  for (let round = 0; round < 20; round++) {
    const before = await generations();

    await partner.emulator.control('DELETE', 'requests');
    if (chance.once(3)) await partner.fault({ where: 'refresh', what: chance.of(['close', 'cut', 'bad_json']), times: 1 + chance.below(4) });
    const asked = refreshAll(crowd);

    await pause(chance.below(16));
    await partner.crash();
    await Promise.all(asked);
    await partner.emulator.control('DELETE', 'faults');
    const after = await generations();
    const nGiven = (await crowd.calls()).filter(({ target, status }) => /^\/v1beta\/installs\/\d+\/token$/.test(target) && status === 200).length;

    nCut += nGiven - crowd.numbers.reduce((sum, number) => sum + after[number] - before[number], 0);
    await isWhole(crowd);
  }
  t.diagnostic(`${nCut} tokens were given and not stored`);
  assert.ok(nCut > 0, 'some kills hit');
});
