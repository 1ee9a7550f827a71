// SPDX-License-Identifier: MIT
// What the console asks the admin API for: numbers with their history, what needs
// attention, dead letters by cause, functions that are edited, tried and deployed.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

// The whole answer of the admin API, also when it is a problem.
function ask(service, target, { method = 'GET', body, headers = {} } = {}) {
  const all = { 'Content-Type': 'application/json', ...headers };

  if (service.mode === 'serve') all.Authorization = `Bearer ${service.token()}`;
  return request(`${service.admin}/api/v1${target}`, { method, headers: all, body });
}

test('the numbers of the Overview count each end of a delivery once, where it happened', async (t) => {
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, {
    config: { subscriptions: [
      { name: 'default', auth: 'none', endpoint: endpoint.url, retry: { attempts: 2, over: '1s' } },
      { name: 'fn', path: '/fn', auth: 'none', function: 'fn.js' },
    ] },
    files: { 'fn.js': 'async function onTrack(event) {}\n' },
  });
  const before = await service.api('/stats');

  assert.equal(before.step_s, 5);
  assert.equal(before.points.length, 180);
  assert.equal(before.points[0].received, null, 'before the start nothing is known');
  assert.equal(before.points.at(-1).received, 0);
  assert.ok(Date.parse(before.known_from) > Date.parse(before.from));
  assert.equal(before.totals.oldest_waiting_ms, null);
  await service.deliver(track());
  endpoint.mood((got, n) => (n === 1 ? 503 : 200));
  await service.deliver(track({ properties: { fail: 1 } }));
  await service.deliver({ type: 'page', userId: 'u' }, { path: '/fn' });
  for (const last of ['15m', '1h', '24h', '7d']) {
    const { points, totals } = await service.api(`/stats?last=${last}`);

    assert.ok(points.length <= 200);
    assert.deepEqual([totals.received, totals.delivered_first, totals.delivered_retry, totals.retried,
      totals.discarded, totals.not_supported, totals.dead, totals.waiting], [3, 1, 1, 1, 1, 1, 0, 0], last);
    assert.ok(totals.p95_ms >= 0);
    for (const name of ['received', 'discarded', 'dead'])
      assert.equal(points.reduce((sum, point) => sum + (point[name] ?? 0), 0), totals[name], `${last} ${name}`);
  }
  const bad = await ask(service, '/stats?last=2h');

  assert.equal(bad.status, 400);
  assert.match(bad.json.detail, /15m, 1h, 24h or 7d/);
});

test('what needs attention is told with the page of the console that shows it', async (t) => {
  const down = await Endpoint.start(t, 503);
  const refusing = await Endpoint.start(t, 401);
  const service = await Service.start(t, {
    config: { subscriptions: [
      { name: 'default', auth: 'none', endpoint: down.url },
      { name: 'keyed', path: '/keyed', auth: 'none', endpoint: refusing.url },
    ] },
  });

  assert.deepEqual((await service.api('/stats')).attention, []);
  await service.post(track());
  await service.deliver(track(), { path: '/keyed' });
  const list = await until('both are told', async () => {
    const { attention, totals } = await service.api('/stats');

    return attention.length === 2 && totals.waiting === 1 && totals.oldest_waiting_ms >= 0 && attention;
  });
  const of = (endpoint) => list.find(({ subject }) => subject === `127.0.0.1:${endpoint.port}`);

  assert.match(of(down).text, /^answered 503/);
  assert.match(of(refusing).text, /answered 401: it does not accept/);
  assert.equal(of(down).path, `/endpoints/127.0.0.1:${down.port}`);
  assert.equal(of(down).kind, 'endpoint');
  assert.ok(Math.abs(Date.now() - Date.parse(of(down).since)) < 10000);
  down.mood(200);
});

test('dead letters come in groups of one cause, each with a query that means just them', async (t) => {
  const down = await Endpoint.start(t, 503);
  const refusing = await Endpoint.start(t, 401);
  const service = await Service.start(t, {
    config: { subscriptions: [
      { name: 'default', auth: 'none', endpoint: down.url, retry: { attempts: 1, over: '1s' } },
      { name: 'keyed', path: '/keyed', auth: 'none', endpoint: refusing.url },
      { name: 'fn', path: '/fn', auth: 'none', function: 'fn.js' },
    ] },
    files: { 'fn.js': 'async function onTrack(event) { throw new TypeError("no " + event.event) }\n' },
  });
  const ends = { states: ['dead'] };

  assert.deepEqual((await service.api('/dead/groups')).data, []);
  for (let i = 0; i < 3; i++) await service.deliver(track(), ends);
  await service.deliver(track(), { path: '/keyed', ...ends });
  await service.deliver(track(), { path: '/fn', ...ends });
  const { data, total, dead_letters: n } = await service.api('/dead/groups');
  const of = (name) => data.find(({ subscription }) => subscription === name);

  assert.deepEqual([total, n, data[0].subscription], [3, 5, 'fn'], 'the newest first');
  for (const group of data)
    assert.equal((await service.api(`/dead?q=${encodeURIComponent(group.q)}`)).total, group.count, group.q);
  assert.deepEqual([of('default').error, of('default').status, of('default').count, of('default').is_temporary],
    ['503', 503, 3, true]);
  assert.equal(of('default').endpoint, `127.0.0.1:${down.port}`);
  assert.match(of('default').advice, /Usually temporary\. 127\.0\.0\.1:\d+ still fails/);
  assert.deepEqual([of('keyed').error, of('keyed').is_temporary], ['401', false]);
  assert.match(of('keyed').advice, /without a new key will fail again/);
  assert.deepEqual([of('fn').error, of('fn').endpoint, of('fn').status, of('fn').message],
    ['TypeError', null, null, 'no Signed Up']);
  down.mood(200);
  await service.deliver(track());
  await until('the advice has changed', async () => /answered 200 at \d\d:\d\d UTC, so a replay should work/.test(
    (await service.api('/dead/groups')).data.find(({ error }) => error === '503').advice));
  await service.api('/replays', { method: 'POST', body: { q: of('default').q, dead: true } });
  await until('what was replayed is no dead letter any more', async () =>
    (await service.api('/dead/groups')).total === 2);
});
