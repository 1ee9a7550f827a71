// SPDX-License-Identifier: MIT
// Every route for everybody: what the table says is what happens (CO-4). And what a
// viewer sees of events.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { Person, pathOf } from './lib/person.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const roles = ['viewer', 'operator', 'admin'];
const later = [];
let service;
let tokens; // by role
let people; // by role

before(async () => {
  const t = { after: (fn) => later.push(fn) };
  const endpoint = await Endpoint.start(t, 400);

  service = await Service.start(t, { config: { subscriptions: [
    { name: 'default', auth: 'none', endpoint: `${endpoint.url}/hook/u-secret?k=v-secret` }] } });
  tokens = { admin: service.token() };
  people = {};
  for (const role of roles) {
    tokens[role] ??= (await service.api('/tokens', { method: 'POST', body: { name: role, role } })).token;
    const { invitation } = await service.api('/users', { method: 'POST', body: { name: `the-${role}`, role } });

    people[role] = new Person(service);
    assert.equal((await people[role].fill(pathOf(invitation.url), { password: 'correct horse battery' })).status, 303);
  }
});
after(async () => {
  for (const fn of later) await fn();
});

// The status alone: a stream has no end.
function statusOf(method, path, headers) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(`${service.admin}${path}`, { method, headers }, (response) => {
      resolve(response.statusCode);
      response.destroy();
    });

    outgoing.on('error', reject);
    outgoing.end();
  });
}

const credentials = () => [
  { who: 'nobody', rank: 0, headers: {} },
  ...roles.flatMap((role, i) => [
    { who: `${role} by token`, rank: i + 1, headers: { Authorization: `Bearer ${tokens[role]}` } },
    { who: `${role} by cookie`, rank: i + 1, isUser: true, headers: { Cookie: people[role].jar, Origin: service.admin } },
    { who: `${role} by cookie, from another page`, rank: i + 1, isForeign: true,
      headers: { Cookie: people[role].jar, Origin: 'http://evil.example', 'Sec-Fetch-Site': 'cross-site' } },
  ]),
];

function wanted(route, one) {
  const needed = { page: 1, viewer: 1, operator: 2, admin: 3 }[route.access];

  if (one.rank === 0) return route.access === 'page' ? 303 : 401;
  if (one.rank < needed) return 403;
  return one.isForeign && route.access !== 'page' ? 403 : 'in';
}

test('each route lets in exactly whom the table says, and never fails over it', async () => {
  const routes = (await service.api('/routes')).data;
  const admin = routes.filter((route) => route.listener === 'admin' && !route.dev_only);
  const wrong = [];

  assert.ok(admin.length > 60);
  assert.deepEqual(routes.filter(({ access }) => access === 'denied'), [], 'a row that forgot to say');
  assert.deepEqual(admin.filter(({ access }) => access === 'public').map(({ path }) => path).sort(),
    ['/access.css', '/assets/{}/{}']);
  assert.deepEqual([...new Set(admin.filter(({ access }) => access === 'form').map(({ path }) => path))].sort(),
    ['/invitation', '/login', '/logout', '/setup']);
  for (const route of admin.filter(({ access }) => access !== 'public' && access !== 'form')) {
    const takesAllAlong = ['/api/v1/events/export', '/api/v1/exports/{}/file', '/api/v1/support/bundle'].includes(route.path);
    const looksOnly = route.method === 'GET' || route.path === '/api/v1/functions/{}/check';

    assert.equal(route.audited, !looksOnly || takesAllAlong, route.path);
    await Promise.all(credentials().map(async (one) => {
      const status = await statusOf(route.method, route.path.replaceAll('{}', 'none'), one.headers);
      const want = wanted(route, one);
      const isRight = want === 'in' ? ![401, 403].includes(status) : status === want;

      if (!isRight || status >= 500) wrong.push(`${route.method} ${route.path} for ${one.who}: got ${status}, want ${want}`);
    }));
  }
  assert.deepEqual(wrong, []);
});

test('a viewer sees how events are built, an operator what they say', async () => {
  const secret = track({ userId: 'u-secret', anonymousId: 'a-secret', properties: { plan: 'p-secret', id: 'i-secret', n: 4711, yes: true, none: null } });
  const { id } = await service.deliver(secret);
  const hide = { viewer: true, operator: false, admin: false };

  for (const role of roles) {
    for (const path of [`/events/${id}`, '/events', '/dead', '/dead/groups']) {
      const byToken = await request(`${service.admin}/api/v1${path}`, { headers: { Authorization: `Bearer ${tokens[role]}` } });
      const byCookie = await people[role].api(path);

      assert.equal(byToken.status, 200, path);
      assert.deepEqual(byToken.json, byCookie.json);
      const text = byToken.text;

      if (hide[role]) assert.doesNotMatch(text, /-secret|4711/, path);
      else if (path !== '/dead/groups') assert.match(text, /p-secret/, path);
    }
  }
  const seen = (await people.viewer.api(`/events/${id}`)).json;

  assert.equal(seen.id, id);
  assert.equal(seen.name, 'Signed Up');
  assert.equal(seen.user_id, '•••');
  assert.deepEqual(seen.payload.properties, { plan: '•••', id: '•••', n: 0, yes: false, none: null });
  assert.equal(seen.deliveries[0].state, 'dead');
  const [call] = seen.deliveries[0].attempts[0].requests;

  assert.equal(call.response.status, 400);
  assert.equal(call.url, '•••');
  assert.ok(Object.values(call.headers).flat(2).every((value) => value === '•••'));
});

test('a viewer cannot ask for values piece by piece', async () => {
  for (const q of ['properties.plan:p*', 'secret', 'user:u*', 'anon:a*', '-properties.plan:pro', 'is:dead OR user:u1'])
    for (const path of ['/events', '/stream']) {
      const target = `${path}?topics=events&q=${encodeURIComponent(q)}`.replace('/events?topics=events&', '/events?');
      const answer = await people.viewer.api(target);

      assert.equal(answer.status, 403, `${path} ${q}`);
      assert.equal(answer.json.code, 'PA3024');
      if (path === '/events') assert.equal((await people.operator.api(target)).status, 200);
    }
  assert.equal((await people.viewer.api('/dead?q=user:u1')).status, 403);
  assert.equal((await people.viewer.api(`/events?q=${encodeURIComponent('is:dead type:track after:2h')}`)).status, 200);
});

test('a viewer’s stream has shapes, and so has what it catches up on', async () => {
  const got = { viewer: '', operator: '' };
  const open = (role, headers = {}) => new Promise((resolve) => {
    http.get(`${service.admin}/api/v1/stream?topics=events`, { headers: { Cookie: people[role].jar, ...headers } }, (response) => {
      response.setEncoding('utf8').on('data', (text) => { got[role] += text; });
      response.on('error', () => {});
      resolve(response);
    });
  });
  const streams = await Promise.all([open('viewer'), open('operator')]);

  await service.deliver(track({ userId: 'u-secret' }));
  await until('both have it', () => /dead/.test(got.viewer) && /dead/.test(got.operator));
  assert.match(got.operator, /"user_id":"u-secret"/);
  assert.match(got.viewer, /"user_id":"•••"/);
  const first = /id: (\S+)/.exec(got.operator)[1];

  streams[0].destroy();
  got.viewer = '';
  await service.deliver(track({ userId: 'u-secret' }));
  streams.push(await open('viewer', { 'Last-Event-ID': first }));
  await until('it has caught up', () => /"kind":"delivery"/.test(got.viewer));
  assert.doesNotMatch(got.viewer, /-secret/);
  for (const stream of streams) stream.destroy();
});

test('in dev everybody at this machine is the admin, and what is changed is written down all the same', async (t) => {
  const dev = await Service.start(t, { mode: 'dev', files: { 'fn.js': '' } });
  const ask = (path, { method = 'GET', headers = {} } = {}) => request(`${dev.admin}${path}`, { method, headers });

  assert.deepEqual((await ask('/api/v1/me')).json, { kind: 'dev', name: 'dev', role: 'admin', expires_at: null });
  for (const path of ['/login', '/setup?code=x', '/invitation?code=x'])
    assert.equal((await ask(path)).headers.location, '/', path);
  const foreign = { Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site' };

  assert.equal((await ask('/api/v1/keys', { method: 'POST', headers: foreign })).json.code, 'PA3020');
  assert.equal((await ask('/api/v1/status', { headers: { 'Sec-Fetch-Site': 'cross-site' } })).json.code, 'PA3023');
  assert.equal((await ask('/', { headers: { Host: 'evil.example' } })).status, 403);
  await dev.api('/keys', { method: 'POST', body: { name: 'a-customer' } });
  const [row] = await until('it has its status', async () => {
    const { data } = await dev.api('/audit');

    return data[0]?.status && data;
  });

  assert.deepEqual({ actor: row.actor, action: row.action, status: row.status, peer: row.peer },
    { actor: 'dev', action: 'POST /api/v1/keys', status: 201, peer: '127.0.0.1' });
  assert.doesNotMatch(dev.log, /\/setup\?/);
});
