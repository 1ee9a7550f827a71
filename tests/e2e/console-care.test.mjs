// SPDX-License-Identifier: MIT
// What the Settings of the console ask for: health, retention, what helps who helps; and what stays over a restart.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { Service, track } from './lib/service.mjs';

test('health, retention and the support bundle say how things are, and have no secret and no payload', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 401, body: '{"message":"canary-answer"}' });
  const service = await Service.start(t, {
    config: { limits: { retention: '10d' }, subscriptions: [
      { name: 'default', auth: 'none', secret: 'canary-signature', endpoint: `${endpoint.url}?key=canary-query`, settings: { apiKey: 'canary-setting' } },
    ] },
    env: { CLIENT_ID: 'canary-client', CLIENT_SECRET: 'canary-client-secret' },
  });
  const empty = await service.api('/retention');

  assert.deepEqual([empty.events.oldest_at, empty.events.goes_at, empty.dead.oldest_at], [null, null, null]);
  const { key } = await service.createKey();
  const settings = Buffer.from(JSON.stringify({ apiKey: 'canary-sealed' })).toString('base64');
  const event = await service.deliver(track({ event: 'canary-event', properties: { card: 'canary-payload' } }),
    { headers: { 'X-Segment-Settings': settings } });
  const kept = await service.api('/retention');

  assert.equal(kept.events.oldest_at, event.received_at);
  assert.equal(Date.parse(kept.events.goes_at) - Date.parse(kept.events.oldest_at), 10 * 86400000);
  assert.deepEqual([kept.dead.oldest_at, kept.events.kept_ms, kept.exports.kept_ms], [event.received_at, 864000000, 86400000]);
  assert.ok(kept.store.bytes > 0 && kept.store.limit_bytes > kept.store.bytes && kept.store.free_bytes > 0);
  const { status, checks } = await service.api('/health');
  const of = (name) => checks.find((check) => check.name === name);

  assert.deepEqual(checks.map(({ name }) => name), ['serving', 'queue', 'store', 'config', 'public_url', 'disk', 'clock', 'runner']);
  assert.deepEqual([of('serving').ok, of('serving').remedy, of('public_url').ok, status], [true, null, false, 'attention']);
  assert.match(of('public_url').remedy, /https/);
  const { data, left_out: leftOut } = await service.api('/support');
  const answer = await request(`${service.admin}/api/v1/support/bundle`, { headers: { Authorization: `Bearer ${service.token()}` } });

  assert.deepEqual([...data.map(({ name }) => name), 'made_at'].sort(), Object.keys(answer.json).sort());
  assert.match(leftOut, /payloads/);
  assert.match(answer.headers['content-disposition'], /^attachment; filename="partnerapp-support-\d{4}-\d\d-\d\d\.json"$/);
  assert.deepEqual([answer.json.status.counters.dead, answer.json.stats.totals.dead, answer.json.health.checks.length], [1, 1, 8]);
  assert.ok(answer.json.config.find(({ key: name }) => name === 'limits.retention'));
  assert.ok(Array.isArray(answer.json.log));
  assert.deepEqual([...answer.text.matchAll(/.{60}canary-(?!client").{20}/g)].map(String), [], 'a bundle is for somebody else\'s eyes');
  assert.ok(!answer.text.includes(key) && !answer.text.includes(service.token()));
});

test('what was counted goes on over a restart', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  for (let i = 0; i < 3; i++) await service.deliver(track());
  const before = await service.api('/stats?last=24h');

  await service.stop();
  await service.up();
  for (const last of ['24h', '7d']) {
    const { totals, known_from: knownFrom } = await service.api(`/stats?last=${last}`);

    assert.deepEqual([totals.received, totals.delivered_first, totals.p95_ms], [3, 3, before.totals.p95_ms], last);
    assert.ok(Date.parse(knownFrom) <= Date.parse(before.known_from), last);
  }
  await service.deliver(track());
  await service.stop();
  await service.up();
  assert.equal((await service.api('/stats?last=24h')).totals.received, 4, 'and again');
});
