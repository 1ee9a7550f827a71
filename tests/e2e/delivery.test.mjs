// SPDX-License-Identifier: MIT
// From acceptance to an end: outcomes, retries, idempotency keys, dead letters, replay,
// duplicates, order under load. Events are forwarded unchanged to an endpoint with moods.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { addsUp, flood, Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

// The waits add up to 1.5 × over at most, which is also the age that ends a delivery; what
// requests take comes on top, so tests with slow ones say more.
const quick = { attempts: 3, over: '1s' };
const patient = { attempts: 4, over: '20s' };

// A service that forwards to an endpoint in @mood, and a key for it. The endpoint shares the
// test's own process and a busy machine: tests of the time limit set one themselves.
async function pair(t, mood, subscription = {}, config = {}) {
  const endpoint = await Endpoint.start(t, mood);
  const service = await Service.start(t, {
    config, subscription: { endpoint: endpoint.url, timeout: '10s', retry: quick, ...subscription },
  });
  const { key } = await service.createKey();

  return { endpoint, service, send: (body, options) => service.deliver(body, { key, ...options }), key };
}

const attemptsOf = (event) => event.deliveries[0].attempts;
// "retry after 501 ms: no answer within 500 ms, …", for messages.
const story = (event) => attemptsOf(event).map(({ outcome, duration_ms: took, error }) =>
  `${outcome} after ${took} ms${error ? `: ${error.message}` : ''}`).join(', ');

test('an event arrives as it was sent, once, with an idempotency key', async (t) => {
  const { endpoint, send } = await pair(t, 200);
  const text = '{ "type" : "track", "event":"É\\u00e9", "userId":7, "n":1.0, "big":12345678901234567890 }';
  const event = await send(text);
  const [delivery] = event.deliveries;
  const [got, ...more] = endpoint.requests;

  assert.equal(delivery.state, 'delivered');
  assert.equal(more.length, 0);
  assert.equal(got.method, 'POST');
  assert.equal(got.body, text, 'byte for byte');
  assert.match(got.headers['content-type'], /^application\/json/);
  assert.match(delivery.id, /^dlv_[0-9a-hjkmnp-tv-z]{26}$/);
  assert.ok(got.headers['idempotency-key'].startsWith(`${delivery.id}-`));
  assert.match(event.id, /^evt_[0-9a-hjkmnp-tv-z]{26}$/);
});

const outcomes = [
  // status, state, requests with three attempts allowed
  [200, 'delivered', 1], [201, 'delivered', 1], [204, 'delivered', 1],
  [400, 'dead', 1], [401, 'dead', 1], [404, 'dead', 1], [410, 'dead', 1], [422, 'dead', 1],
  [408, 'dead', 3], [423, 'dead', 3], [429, 'dead', 3], [500, 'dead', 3], [502, 'dead', 3],
  [503, 'dead', 3], [501, 'discarded', 1], [301, 'dead', 1], [302, 'dead', 1],
];

test('each status of the endpoint has its outcome', async (t) => {
  const { endpoint, service, key } = await pair(t, ({ body }) => ({
    status: JSON.parse(body).properties.status, headers: { Location: 'http://127.0.0.1:9/' },
  }), { retry: { attempts: 3, over: '4s' } });

  await Promise.all(outcomes.map(async ([status, state, requests]) => {
    const event = await service.deliver(track({ properties: { status } }), { key });
    const sent = endpoint.requests.filter(({ body }) => body.includes(`"${event.message_id}"`));

    const what = `${status} at ${sent.map(({ at }) => at)}; ${story(event)}`;

    assert.equal(event.deliveries[0].state, state, what);
    assert.equal(attemptsOf(event).length, requests, `attempts: ${what}`);
    assert.equal(sent.length, requests, `requests: ${what}`);
    assert.equal(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size, 1,
      `the idempotency key stays over attempts: ${what}`);
  }));
  assert.ok(addsUp(await service.counters()));
});

test('an endpoint that hangs, refuses or breaks off is tried again until it works', async (t) => {
  const { endpoint, send } = await pair(t, (_, n) => (n < 2 ? 'hang' : 200), { timeout: '1s', retry: { attempts: 4, over: '8s' } });
  const event = await send(track());

  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(endpoint.requests.length, 3, story(event));
  assert.equal(attemptsOf(event).length, 3);
});

test('Retry-After is a minimum', async (t) => {
  const { endpoint, send } = await pair(t,
    (_, n) => (n === 0 ? { status: 429, headers: { 'Retry-After': '2' } } : 200), { retry: patient });
  const event = await send(track());
  const [first, second] = endpoint.requests;

  assert.equal(event.deliveries[0].state, 'delivered');
  assert.ok(second.at - first.at >= 2000, `came after ${second.at - first.at} ms`);
});

test('a 307 is followed once with method and body; its target may not redirect again', async (t) => {
  const target = await Endpoint.start(t, 200);
  const { send, endpoint } = await pair(t, { status: 307, headers: { Location: target.url } });
  const event = await send(track());

  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(target.requests[0].method, 'POST');
  assert.equal(target.requests[0].body, endpoint.requests[0].body);
  target.mood({ status: 307, headers: { Location: target.url } });
  assert.equal((await send(track())).deliveries[0].state, 'dead');
});

test('the attempt shows the request and the answer', async (t) => {
  const { send } = await pair(t, { status: 200, body: '{"hello":"there"}' });
  const event = await send(track());
  const [attempt] = attemptsOf(event);
  const [request] = attempt.requests;

  assert.equal(attempt.outcome, 'delivered');
  assert.equal(request.method, 'POST');
  assert.equal(request.response.status, 200);
  assert.match(JSON.stringify(request.response.body), /there/);
  assert.ok(request.duration_ms >= 0);
});

test('a request that went out twice says so, in the attempt and in words', async (t) => {
  const { endpoint, service, send } = await pair(t, (_, n) => (n === 1 ? 'cut' : 200));
  const [once, twice] = [await send(track()), await send(track())];

  assert.equal(endpoint.requests.length, 3, `${story(once)}; ${story(twice)}`);
  assert.equal(new Set(endpoint.requests.slice(1).map(({ headers }) => headers['idempotency-key'])).size, 1);
  assert.deepEqual([once, twice].map((event) => attemptsOf(event).map(({ requests: [{ sends }] }) => sends)), [[undefined], [2]]);
  assert.doesNotMatch((await service.run(['events', 'get', once.id])).stdout, / times: /);
  assert.match((await service.run(['events', 'get', twice.id])).stdout,
    /POST http.* → 200, [\d.]+ ms\n +sent 2 times: the connection ended without an answer\n/);
});

test('a batch is accepted in part, and each element is answered', async (t) => {
  const { service, key, endpoint } = await pair(t, 200);
  const good = track();
  const { status, json } = await service.post([good, { type: 'track' }, track(), good], { key });

  assert.equal(status, 202);
  assert.equal(json.accepted, 2);
  assert.equal(json.duplicates, 1);
  assert.deepEqual(json.rejected.map(({ index }) => index), [1]);
  assert.equal(typeof json.rejected[0].message, 'string');
  assert.equal(json.ids.length, 4);
  assert.equal(json.ids[1], null);
  assert.equal(json.ids[3], json.ids[0]);
  for (const id of json.ids.filter(Boolean)) await service.settled(id);
  assert.equal(endpoint.requests.length, 2);
  assert.equal((await service.post([{ type: 'x' }, 1], { key })).status, 400);
});

test('a single event is named in a header', async (t) => {
  const { service, key } = await pair(t, 200);
  const { headers, json } = await service.post(track(), { key });

  assert.equal(headers['x-partnerapp-event-id'], json.ids[0]);
});

test('duplicates: same key, id and content are one; other content or no id are not', async (t) => {
  const { service, key } = await pair(t, 200);
  const other = await service.createKey();
  const event = track();
  const nameless = { ...track(), messageId: undefined };
  const results = [];

  for (const [body, sender] of [[event, key], [event, key], [event, other.key],
    [{ ...event, event: 'Other' }, key], [nameless, key], [nameless, key]])
    results.push((await service.post(body, { key: sender })).json.accepted);
  assert.deepEqual(results, [1, 0, 1, 1, 1, 1]);
});

test('duplicates are known after a restart', async (t) => {
  const { service, key } = await pair(t, 200);
  const event = track();
  const first = (await service.post(event, { key })).json;

  await service.stop();
  await service.up();
  assert.deepEqual((await service.post(event, { key })).json.ids, first.ids);
});

test('a dead letter is listed, replayed under new ids, and arrives', async (t) => {
  const { endpoint, service, send } = await pair(t, 400);
  const event = await send(track());
  const { data: dead } = await service.api('/dead');
  const earlier = endpoint.requests.length;

  assert.equal(dead.length, 1);
  endpoint.mood(200);
  const plan = await service.api('/replays', { method: 'POST', body: { ids: [event.id], dry_run: true } });

  assert.equal(plan.matched, 1);
  assert.equal(endpoint.requests.length, earlier, 'a plan sends nothing');
  const job = await service.api('/replays', { method: 'POST', body: { ids: [event.id] } });

  assert.match(job.id, /^rpl_/);
  await until('the replay is done', async () => {
    const { done, matched } = await service.api(`/replays/${job.id}`);

    return matched === 1 && done === 1;
  });
  const again = await until('a second delivery is delivered', async () => {
    const { deliveries } = await service.api(`/events/${event.id}`);

    return deliveries.length === 2 && deliveries.find(({ state }) => state === 'delivered');
  });

  assert.notEqual(again.id, event.deliveries[0].id);
  assert.notEqual(endpoint.requests.at(-1).headers['idempotency-key'],
    endpoint.requests[0].headers['idempotency-key']);
  assert.ok(addsUp(await service.counters()), JSON.stringify(await service.counters()));
});

test('dead letters can be given up', async (t) => {
  const { service, send } = await pair(t, 400);

  await send(track());
  await service.api('/dead?q=', { method: 'DELETE' });
  assert.equal((await service.api('/dead')).data.length, 0);
});

test('what waited is delivered after a restart', async (t) => {
  const { endpoint, service, key } = await pair(t, 503, { retry: { attempts: 20, over: '20s' } });
  const ids = [];

  for (let i = 0; i < 20; i++) ids.push((await service.post(track(), { key })).json.ids[0]);
  await service.stop('SIGKILL');
  endpoint.mood(200);
  await service.up();
  for (const id of ids)
    assert.equal((await service.settled(id)).deliveries[0].state, 'delivered');
});

test('a paused endpoint keeps its backlog', async (t) => {
  const { endpoint, service, key } = await pair(t, 200);
  const host = '127.0.0.1';

  await service.deliver(track(), { key });
  assert.equal((await service.run(['endpoint', 'pause', host])).code, 0);
  const { json } = await service.post(track(), { key });

  await until('the event waits', async () => (await service.counters()).accepted === 2);
  assert.equal(endpoint.requests.length, 1);
  assert.equal((await service.run(['endpoint', 'resume', host])).code, 0);
  assert.equal((await service.settled(json.ids[0])).deliveries[0].state, 'delivered');
});

test('a pause outlives a restart, with what waits behind it', async (t) => {
  const { endpoint, service, key } = await pair(t, 200);

  assert.equal((await service.run(['endpoint', 'pause', '127.0.0.1'])).code, 0);
  const { json } = await service.post(track(), { key });

  assert.equal((await service.stop()).code, 0);
  await service.up();
  await until('it waits, paused', async () => {
    const { data: [shown] } = await service.api('/endpoints');

    return shown.paused && shown.waiting === 1;
  });
  assert.equal(endpoint.requests.length, 0);
  assert.equal((await service.run(['endpoint', 'resume', '127.0.0.1'])).code, 0);
  assert.equal((await service.settled(json.ids[0])).deliveries[0].state, 'delivered');
});

test('what waits longer than it may be tried dies with its endpoint, and says what that one said', async (t) => {
  const { endpoint, service, key } = await pair(t, 500);
  const { json } = await service.post(Array.from({ length: 200 }, () => track()), { key });
  const events = await Promise.all(json.ids.map((id) => service.settled(id)));
  const untried = events.filter((event) => /^too old/.test(attemptsOf(event).at(-1).error?.message));

  assert.ok(events.every(({ deliveries: [{ state }] }) => state === 'dead'));
  assert.ok(untried.length > 0, 'while it is down it is not asked for each');
  for (const event of untried) assert.match(attemptsOf(event).at(-1).error.message, /^too old: its endpoint has been down \(.*500/);
  assert.ok(endpoint.requests.length < 200, `${endpoint.requests.length} requests`);
});

test('mode inline: the outcome is the answer', async (t) => {
  const { endpoint, service, key } = await pair(t, 200, { mode: 'inline' });
  const send = async (mood) => {
    endpoint.mood(mood);
    return service.post(track(), { key });
  };

  assert.equal((await send(200)).status, 200);
  assert.equal((await send(501)).status, 501);
  assert.equal((await send(400)).status, 400);
  assert.equal((await send(503)).status, 202, 'ours from now on');
  endpoint.mood(200);
  assert.equal((await service.post([track(), track()], { key })).status, 202, 'arrays are queued');
});

test('a limit on the rate is kept', async (t) => {
  const { endpoint, service, key } = await pair(t, 200, { rate: '20/s', concurrency: 64 });

  await flood(service, { count: 30, connections: 8, key });
  await until('all arrived', () => endpoint.requests.length === 30);
  const took = endpoint.requests.at(-1).at - endpoint.requests[0].at;

  assert.ok(took > 400, `30 requests at 20/s came within ${took} ms`);
});

test('a limit on concurrency is kept', async (t) => {
  let current = 0;
  let most = 0;
  const { endpoint, service, key } = await pair(t, () => {
    most = Math.max(most, ++current);
    setTimeout(() => { current--; }, 20);
    return { status: 200, delay: 20 };
  }, { concurrency: 3 });

  await flood(service, { count: 60, connections: 16, key });
  await until('all arrived', () => endpoint.requests.length === 60);
  assert.ok(most <= 4, `${most} at once`); // the endpoint's own clock is one request late
});

test('10,000 events over 64 connections through every mood of an endpoint', { timeout: 240000 }, async (t) => {
  const moods = [200, 500, 429, 'hang'];
  const started = Date.now();
  const current = () => (Date.now() - started < 15000 ? moods[Math.floor((Date.now() - started) / 1250) % 4] : 200);
  const { endpoint, service, key } = await pair(t, current, { timeout: '500ms', retry: { attempts: 30, over: '2m' } });
  const looks = [];
  let isLooking = true;
  const looking = (async () => {
    while (isLooking) {
      looks.push(await service.counters());
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  })();
  const accepted = await flood(service, {
    count: 10000, connections: 64, key,
    // Through two rounds of moods, a third is for what is tried again: no faster than 1,000 a second.
    pace: async (n) => {
      const early = n - (Date.now() - started);

      if (early > 0) await new Promise((resolve) => { setTimeout(resolve, early); });
    },
  });

  assert.equal(accepted.length, 10000);
  await until('everything is delivered', async () => (await service.counters()).delivered === 10000,
    { timeout: 200000, every: 200 });
  isLooking = false;
  await looking;
  for (const look of looks) assert.ok(addsUp(look), JSON.stringify(look));
  assert.ok(looks.length > 20);
  assert.deepEqual(accepted.filter((id) => !endpoint.ids.has(id)), [], 'each arrived at least once');
});
