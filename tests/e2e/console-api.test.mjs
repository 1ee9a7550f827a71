// SPDX-License-Identifier: MIT
// What the console asks the admin API for: numbers with their history, what needs
// attention, dead letters by cause, functions that are edited, tried and deployed.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { Partner } from './lib/partner.mjs';
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
  const { data: hosts } = await service.api('/endpoints');
  const row = (endpoint) => hosts.find(({ host }) => host === `127.0.0.1:${endpoint.port}`);

  assert.deepEqual([row(refusing).recent.length, row(refusing).recent.at(-1), row(refusing).ok_ratio], [12, 1, 0]);
  assert.ok(row(refusing).p95_ms > 0);
  assert.ok(row(down).waiting >= 0);
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

test('the query of a group means an error whose name has quotes, too', async (t) => {
  const service = await Service.start(t, {
    config: { subscriptions: [{ name: 'default', auth: 'none', function: 'fn.js' }] },
    files: { 'fn.js': 'async function onTrack(event) { const e = new Error("no"); e.name = event.event; throw e }\n' },
  });
  const names = ['a "b" \\c', 'back\\slash', '(x)', 'OR'];

  for (const name of names) await service.deliver(track({ event: name }), { states: ['dead'] });
  const { data } = await service.api('/dead/groups');

  assert.deepEqual(data.map(({ error }) => error), [...names].reverse());
  for (const { q, error } of data) {
    const found = await service.api(`/dead?q=${encodeURIComponent(q)}`);

    assert.deepEqual([found.total, found.data[0]?.name], [1, error], q);
  }
});

test('an install that cannot go on and a store that is full are told, each with its page', async (t) => {
  const partner = await Partner.start(t);
  const { service } = partner;

  await partner.person().enable();
  await partner.fault({ where: 'refresh', what: 'status', status: 401, body: { error: 'invalid_client', code: 16 } });
  await ask(service, '/installs/1/refresh', { method: 'POST' });
  const install = await until('the install is told', async () =>
    (await service.api('/stats')).attention.find(({ kind }) => kind === 'install'));

  assert.deepEqual([install.subject, install.path], ['installs/1', '/installs/1']);
  assert.ok(install.text.length > 10 && Date.parse(install.since) > 0);
  const full = await Service.start(t, { subscription: { auth: 'none' }, config: { limits: { disk: '1MiB' } } });

  for (let i = 0, status = 202; i < 80 && status === 202; i++)
    ({ status } = await full.post(track({ properties: { text: 'x'.repeat(25000) } })));
  const disk = await until('the store is told', async () =>
    (await full.api('/stats')).attention.find(({ kind }) => kind === 'disk'));

  assert.deepEqual([disk.subject, disk.path], ['store', '/settings/health']);
  assert.match(disk.text, /of 1 MiB used|no event is taken/);
});

const good = 'async function onTrack(event, settings) {\n  console.log("got", event.event)\n' +
  '  const res = await fetch("https://api.crm.example/notes", { method: "POST", body: event.event })\n' +
  '  return { status: res.status, key: settings.apiKey }\n}\n';
const broken = 'async function onTrack(event) {\n  console.log("got", event.event;\n}\n';

const withFunction = (t, { config = {}, subscription = {}, mode, source = good } = {}) => Service.start(t, {
  mode,
  config: { subscriptions: [{ name: 'crm', path: '/webhook', auth: 'none', function: 'functions/crm/index.js',
    settings: { apiKey: 'from-config' }, ...subscription }], ...config },
  files: { 'functions/crm/index.js': source },
});

test('a function is shown with its source, its versions and the names of its settings', async (t) => {
  const service = await withFunction(t);
  const one = await service.api('/functions/crm');

  assert.equal(one.source, good);
  assert.deepEqual([one.recent, one.ok_ratio, one.p95_ms, one.waiting], [Array(12).fill(0), null, null, 0]);
  assert.deepEqual([one.is_readonly, one.is_deployed, one.state], [true, true, 'loaded']);
  assert.deepEqual(one.settings, [{ name: 'apiKey', kind: 'string', origin: 'configuration' }]);
  assert.deepEqual(one.versions.map(({ version, labels, sha256 }) => [version, labels, sha256]),
    [[one.version, ['LATEST', 'DEPLOYED'], one.sha256]]);
  assert.equal((await service.api(`/functions/crm/versions/${one.version}`)).source, good);
  assert.equal((await ask(service, '/functions/crm/versions/99')).status, 404);
  assert.equal((await ask(service, '/functions/other')).status, 404);
});

test('check marks the place that fn check marks, and runs nothing', async (t) => {
  const service = await withFunction(t);
  const check = (source) => service.api('/functions/crm/check', { method: 'POST', body: { source } });
  const { ok, problems } = await check(broken);
  const cli = await service.run(['fn', 'check', '-', '--json'], { input: broken });
  const [same] = JSON.parse(cli.stdout).problems;

  assert.equal(ok, false);
  assert.deepEqual([problems[0].line, problems[0].column, problems[0].code, problems[0].message],
    [same.line, same.column, same.code, same.message]);
  assert.deepEqual([problems[0].line, problems[0].severity], [2, 'error']);
  const absent = await check('async function onTrack(event) { return axios.get(event) }\n');

  assert.deepEqual([absent.problems[0].line, absent.problems[0].column, absent.problems[0].width], [1, 40, 5]);
  const fine = await check(good);

  assert.deepEqual([fine.ok, fine.handlers, fine.generation, fine.problems], [true, ['onTrack'], 'functions', []]);
  assert.equal((await service.api('/functions/crm/check', { method: 'POST', body: {} })).ok, true, 'the file');
  const bad = await ask(service, '/functions/crm/check', { method: 'POST', body: { sauce: '' } });

  assert.deepEqual([bad.status, bad.json.code], [400, 'PA7033']);
});

test('run shows what fn run --json shows, and sends nothing unless it is asked to', async (t) => {
  const partner = await Endpoint.start(t, { status: 201, body: '{"id":7}' });
  const service = await withFunction(t);
  const run = (body) => service.api('/functions/crm/run', { method: 'POST', body });
  const one = await run({ event: track() });

  assert.deepEqual([one.outcome, one.result, one.logs.length, one.error],
    ['delivered', { status: 200, key: 'from-config' }, 1, null]);
  assert.match(one.logs[0], /got.*Signed Up/);
  assert.deepEqual([one.requests[0].method, one.requests[0].url, one.requests[0].response.status],
    ['POST', 'https://api.crm.example/notes', 200]);
  assert.equal((await run({ event: track(), settings: { apiKey: 'mine' } })).result.key, 'mine');
  const source = `async function onTrack(event) { return (await fetch(${JSON.stringify(partner.url)})).status }`;

  assert.equal((await run({ source, event: track() })).result, 200);
  assert.equal(partner.requests.length, 0, 'not live');
  assert.equal((await run({ source, event: track(), live: true })).result, 201);
  assert.equal(partner.requests.length, 1);
  const thrown = await run({ source: 'async function onTrack() {\n  const a = null\n  a.b()\n}', event: track() });

  assert.deepEqual([thrown.outcome, thrown.error.name, thrown.error.line], ['dead', 'TypeError', 3]);
  assert.equal((await run({ event: { type: 'page' } })).error.name, 'EventNotSupported');
  const request = await run({ source: 'async function onRequest(request) { return request.json().a }', event: { a: 5 } });

  assert.deepEqual([request.outcome, request.error], ['delivered', null], 'a source function gets a request');
  assert.deepEqual((await service.api('/status')).counters.accepted, 0, 'it is no delivery');
  for (const body of [{}, { event: 7 }, { event: track(), settings: 'x' }])
    assert.equal((await ask(service, '/functions/crm/run', { method: 'POST', body })).status, 400, JSON.stringify(body));
});

test('a live run goes only where the service itself may go', async (t) => {
  const partner = await Endpoint.start(t);
  const service = await withFunction(t, { config: { egress: { allow: [] } } });
  const source = `async function onTrack(event) { return (await fetch(${JSON.stringify(partner.url)})).status }`;
  const got = await service.api('/functions/crm/run',
    { method: 'POST', body: { source, event: track(), live: true } });

  assert.notEqual(got.outcome, 'delivered');
  assert.match(got.requests[0].error, /not allowed|127\.0\.0\.1/);
  assert.equal(partner.requests.length, 0);
});

test('test runs the suite of the Developer Center with its names', async (t) => {
  const service = await withFunction(t);
  const { cases, verdict, passed, unsupported, failed } =
    await service.api('/functions/crm/test', { method: 'POST', body: {} });

  assert.ok(cases.length >= 8);
  assert.equal(cases.length, passed + unsupported + failed);
  assert.deepEqual([failed, verdict], [0, 'yellow']);
  assert.deepEqual([...new Set(cases.filter(({ type }) => type !== 'TRACK').map(({ color }) => color))], ['yellow']);
  assert.ok(cases.every(({ name, outcome }) => name && outcome));
  const red = await service.api('/functions/crm/test',
    { method: 'POST', body: { source: 'async function onTrack() { throw new Error("no") }' } });

  assert.deepEqual([red.verdict, red.failed > 0], ['red', true]);
  const unloaded = await service.api('/functions/crm/test', { method: 'POST', body: { source: broken } });

  assert.deepEqual([unloaded.verdict, unloaded.cases], ['red', []]);
  assert.ok(unloaded.error);
});

test('saving is refused where code is read-only, and never writes over somebody else\'s change', async (t) => {
  const service = await withFunction(t);
  const save = (body) => ask(service, '/functions/crm', { method: 'PUT', body });
  const { sha256 } = await service.api('/functions/crm');
  const file = path.join(service.folder, 'functions/crm/index.js');
  const refused = await save({ source: 'x', base_sha256: sha256 });

  assert.deepEqual([refused.status, refused.json.code], [403, 'PA7035']);
  assert.equal((await ask(service, '/functions', { method: 'POST', body: { name: 'mine' } })).status, 409);
  assert.equal((await service.api('/status')).emulator, null);
  assert.equal((await ask(service, '/functions/crm/deploy', { method: 'POST', body: { version: 1 } })).status, 403);
  service.configure({ functions: { readonly: false }, subscriptions: service.config.subscriptions });
  service.child.kill('SIGHUP');
  await until('it is no longer read-only', async () => !(await service.api('/functions/crm')).is_readonly);
  const saved = await save({ source: broken, base_sha256: sha256 });

  assert.equal(saved.status, 200);
  assert.equal(fs.readFileSync(file, 'utf8'), broken);
  assert.equal((await service.api('/functions/crm')).is_deployed, false, 'saved is not deployed');
  const stale = await save({ source: good, base_sha256: sha256 });

  assert.deepEqual([stale.status, stale.json.code, stale.json.source, stale.json.sha256],
    [409, 'PA7036', broken, saved.json.sha256]);
  for (const body of [{ source: good }, { source: 'x'.repeat((1 << 20) + 1), base_sha256: sha256 }])
    assert.equal((await save(body)).status, 400);
  fs.renameSync(file, `${file}.real`);
  fs.symlinkSync(`${file}.real`, file);
  const link = await save({ source: good, base_sha256: saved.json.sha256 });

  assert.deepEqual([link.status, link.json.code], [409, 'PA7034']);
  assert.equal(fs.readFileSync(`${file}.real`, 'utf8'), broken);
});

test('deploy takes good code into service, broken code not, and an older version again', async (t) => {
  const service = await withFunction(t, { config: { functions: { readonly: false } } });
  const deploy = (body = {}) => ask(service, '/functions/crm/deploy', { method: 'POST', body });
  const first = await service.api('/functions/crm');
  const next = 'async function onTrack(event) { return "next" }\n';
  const put = async (source) => service.api('/functions/crm',
    { method: 'PUT', body: { source, base_sha256: (await service.api('/functions/crm')).sha256 } });
  const result = async () => (await service.deliver(track())).deliveries[0].attempts.at(-1).result;

  await put(broken);
  const refused = await deploy();

  assert.deepEqual([refused.status, refused.json.code], [409, 'PA2001']);
  assert.equal((await service.api('/functions/crm')).version, first.version, 'the old one goes on');
  await put(next);
  const done = await deploy();

  assert.deepEqual([done.status, done.json.is_deployed], [200, true]);
  assert.ok(done.json.version > first.version);
  assert.equal(await result(), 'next');
  assert.deepEqual(done.json.versions.map(({ labels }) => labels), [['LATEST', 'DEPLOYED'], []]);
  const back = await deploy({ version: first.version });

  assert.deepEqual([back.status, back.json.version, back.json.source], [200, first.version, good]);
  assert.deepEqual(back.json.versions.map(({ labels }) => labels), [['LATEST'], ['DEPLOYED']]);
  assert.equal((await deploy({ version: 99 })).status, 404);
});

test('in dev a save is in service by itself', async (t) => {
  const service = await Service.start(t, { mode: 'dev', files: { 'functions/hello/index.js': good } });
  const [{ name }] = (await service.api('/functions')).data;
  const { sha256, is_readonly: isReadonly } = await service.api(`/functions/${name}`);

  assert.equal(isReadonly, false);
  assert.match((await service.api('/status')).emulator, /^http:\/\/localhost:\d+$/);
  const made = await service.api('/functions', { method: 'POST', body: { name: 'mine', template: 'slack' } });

  assert.ok(made.files.includes('functions/mine/index.js'), JSON.stringify(made));
  const { data: templates } = await service.api('/templates');
  const { source, title, description } = templates.find(({ name: one }) => one === 'slack');

  assert.equal(source, fs.readFileSync(path.join(service.folder, 'functions/mine/index.js'), 'utf8'));
  assert.ok(title && description && templates.every((one) => one.source));
  for (const [body, status] of [[{ name: 'mine' }, 409], [{ name: '../x' }, 400], [{ name: 'y', template: 'none' }, 400], [{}, 400]])
    assert.equal((await ask(service, '/functions', { method: 'POST', body })).status, status, JSON.stringify(body));
  await service.api(`/functions/${name}`,
    { method: 'PUT', body: { source: 'async function onTrack() { return 2 }\n', base_sha256: sha256 } });
  await until('it is deployed', async () => (await service.api(`/functions/${name}`)).is_deployed);
  assert.deepEqual((await service.api('/stats')).attention, []);
  const saved = await service.api(`/functions/${name}`);

  await service.api(`/functions/${name}`, { method: 'PUT', body: { source: broken, base_sha256: saved.sha256 } });
  const [one] = await until('broken code needs attention', async () => {
    const { attention } = await service.api('/stats');

    return attention.length > 0 && attention;
  });

  assert.deepEqual([one.kind, one.subject, one.path], ['function', name, `/functions/${name}`]);
  assert.match(one.text, /SyntaxError/);
  assert.equal((await service.api(`/functions/${name}`)).version, saved.version, 'the good one goes on');
});

test('who may only look tries, saves and deploys nothing', async (t) => {
  const service = await withFunction(t, { config: { functions: { readonly: false } } });
  const roles = {};

  for (const role of ['viewer', 'operator'])
    roles[role] = (await service.api('/tokens', { method: 'POST', body: { name: role, role } })).token;
  const as = async (role, method, target, body) => (await request(`${service.admin}/api/v1${target}`, {
    method, body, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${roles[role]}` },
  })).status;

  for (const target of ['/stats', '/dead/groups', '/functions/crm'])
    assert.equal(await as('viewer', 'GET', target), 200, target);
  assert.equal(await as('viewer', 'POST', '/functions/crm/check', {}), 403);
  assert.equal(await as('operator', 'POST', '/functions/crm/check', {}), 200);
  for (const [method, target, body] of [['PUT', '/functions/crm', { source: '', base_sha256: '' }],
    ['POST', '/functions/crm/run', { event: track() }], ['POST', '/functions/crm/test', {}],
    ['POST', '/functions/crm/deploy', {}]])
    assert.equal(await as('operator', method, target, body), 403, target);
});

// Sends nothing, so that deliveries end.
const quiet = (t) => withFunction(t, { source: 'async function onTrack(event) { return 1 }\n' });

// The stream of a page: what came, as [name, data, id] in `got`; `end` closes it.
async function follow(t, service, search, headers = {}) {
  const got = [];
  const all = { ...headers };

  if (service.mode === 'serve') all.Authorization = `Bearer ${service.token()}`;
  const outgoing = http.get(`${service.admin}/api/v1/stream?${new URLSearchParams(search)}`, { headers: all });
  let text = '';
  let response;

  t.after(() => outgoing.destroy());
  outgoing.on('error', () => {});
  await new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (answer) => {
      response = answer;
      answer.setEncoding('utf8').on('error', () => {}).on('data', (part) => {
        text += part;
        const blocks = text.split('\n\n');

        text = blocks.pop();
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block);

          if (data) got.push([/^event: (\w+)$/m.exec(block)[1], JSON.parse(data[1]), /^id: (\S+)$/m.exec(block)?.[1]]);
        }
        resolve();
      });
    });
  });
  return { got, response, end: () => outgoing.destroy(), names: () => got.map(([name]) => name),
    of: (name) => got.filter(([one]) => one === name) };
}

test('a page\'s stream says who it is, and has the topics that were asked for', async (t) => {
  const service = await quiet(t);
  const events = await follow(t, service, { topics: 'events' });
  const stats = await follow(t, service, { topics: 'stats' });

  assert.equal(events.response.headers['x-accel-buffering'], 'no');
  assert.deepEqual(events.names(), ['hello']);
  assert.match(events.got[0][1].build, /^[0-9a-f]{16}$/);
  await service.deliver(track());
  await until('both have something', () => events.of('delivery').length === 1 && stats.of('stats').length > 1);
  assert.deepEqual(events.names(), ['hello', 'event', 'delivery']);
  assert.deepEqual([...new Set(stats.names())], ['hello', 'stats']);
  assert.ok(events.of('event')[0][2] < events.of('delivery')[0][2], 'ids rise');
  assert.equal((await ask(service, '/stream?topics=stats,weather')).status, 400);
});

test('a page that comes back goes on where it was, or is told to begin anew', async (t) => {
  const service = await quiet(t);
  const first = await follow(t, service, { topics: 'events' });

  await service.deliver(track({ event: 'one' }));
  await until('it has come', () => first.of('delivery').length === 1);
  const last = first.of('delivery')[0][2];

  first.end();
  await service.deliver(track({ event: 'two' }));
  const second = await follow(t, service, { topics: 'events' }, { 'Last-Event-ID': last });

  await until('what was missed has come', () => second.of('delivery').length === 1);
  assert.deepEqual(second.names(), ['hello', 'event', 'delivery']);
  assert.equal(second.of('event')[0][1].name, 'two');
  second.end();
  for (const [search, id] of [[{ topics: 'events' }, 'feed-0000000000000001'], [{ topics: 'events' }, 'junk'],
    [{ topics: 'events', q: 'type:track' }, last]]) {
    const lost = await follow(t, service, search, { 'Last-Event-ID': id });

    await until(`${id} is reset`, () => lost.names().includes('reset'));
    lost.end();
  }
});

test('a page with a query gets what it means, also where only the store can tell, and the other topics whole', async (t) => {
  const service = await quiet(t);
  const topics = 'events,jobs';
  const pages = {};

  for (const q of ['properties.plan:pro', 'size:>1 is:delivered event:one', '-properties.plan:pro is:delivered', 'message:nobody'])
    pages[q] = await follow(t, service, { topics, q });
  const all = await follow(t, service, { topics });

  await service.deliver(track({ event: 'one', properties: { plan: 'pro' } }));
  await service.deliver(track({ event: 'two', properties: { plan: 'free' } }));
  const { id } = await service.api('/replays', { method: 'POST', body: { q: 'event:nobody OR event:two' } });

  await until('each has the job', () => [all, ...Object.values(pages)].every((page) =>
    page.of('job').some(([, job]) => job.id === id && job.state === 'done')));
  await until('the one without a query has all', () => all.of('delivery').length === 3);
  const rows = (q) => pages[q].names().filter((name) => name !== 'hello' && name !== 'job');

  await until('who waits for the store has it', () => rows('-properties.plan:pro is:delivered').length === 2);
  assert.deepEqual(rows('properties.plan:pro'), ['event', 'delivery']);
  assert.deepEqual(rows('size:>1 is:delivered event:one'), ['delivery']);
  assert.deepEqual(rows('-properties.plan:pro is:delivered'), ['delivery', 'delivery']);
  assert.deepEqual(rows('message:nobody'), []);
});

test('a query that is not understood is refused with its place by the stream and the export', async (t) => {
  const service = await quiet(t);

  for (const path of ['/stream?topics=events&', '/stream?', '/events/export?']) {
    const { status, text } = await ask(service, `${path}q=type:track%20snb:x`);
    const { position, length, code } = JSON.parse(text);

    assert.deepEqual([status, position, length, code], [400, 11, 4, 'PA7017'], path);
  }
});

test('a busy stream shows a page twenty rows a second, moves those to their end, and says so', async (t) => {
  const service = await quiet(t);
  const page = await follow(t, service, { topics: 'events' });
  const all = await follow(t, service, {});

  for (let i = 0; i < 60; i++) await service.post(track());
  await until('the other has all', () => all.of('event').length === 60 && all.of('delivery').length >= 60);
  await until('it was told', () => page.of('sampled').length > 0);
  const shown = page.of('event').map(([, { id }]) => id);
  const { shown: n, of } = page.of('sampled')[0][1];

  assert.ok(shown.length >= 20 && shown.length < 60, `${shown.length} of 60`);
  assert.deepEqual([n, of > 20], [20, true]);
  await until('each that is shown has ended', () => shown.every((id) =>
    page.of('delivery').some(([, { event, state }]) => event === id && state === 'delivered')));
  assert.ok(!all.names().includes('hello') && !all.names().includes('sampled'), 'others get everything');
});

test('a replay is a job: told as it moves, listed, and found again', async (t) => {
  const service = await quiet(t);

  for (let i = 0; i < 3; i++) await service.deliver(track());
  assert.deepEqual((await service.api('/jobs')).data, []);
  const page = await follow(t, service, { topics: 'jobs' });
  const { id } = await service.api('/replays', { method: 'POST', body: { q: 'type:track' } });

  await until('it is done', () => page.of('job').some(([, job]) => job.id === id && job.state === 'done'));
  const one = await service.api(`/jobs/${id}`);

  assert.deepEqual([one.kind, one.state, one.matched, one.done, one.failed, one.q],
    ['replay', 'done', 3, 3, 0, 'type:track']);
  assert.deepEqual((await service.api('/jobs')).data, [one]);
  assert.equal((await ask(service, '/jobs/rpl_nothing')).status, 404);
});

test('an export has every event that is meant, a line each, as events export writes them', async (t) => {
  const service = await quiet(t);

  for (let i = 0; i < 120; i++) await service.post(track());
  await service.deliver({ type: 'page', userId: 'u' });
  await until('all are delivered', async () => (await service.counters()).queued === 0);
  const { status, text, headers } = await ask(service, '/events/export?q=type:track');
  const lines = text.trimEnd().split('\n');

  assert.deepEqual([status, headers['content-type'], lines.length], [200, 'application/x-ndjson', 120]);
  const cli = await service.run(['events', 'export', 'type:track']);

  assert.deepEqual(lines.map((line) => JSON.parse(line)), cli.stdout.trimEnd().split('\n').map((line) => JSON.parse(line)));
  assert.equal((await ask(service, '/events/export?q=foo:bar')).status, 400);
  assert.equal((await ask(service, '/events/export?q=is:dead')).text, '');
});

test('the configuration is told with where each value comes from, and no secret', async (t) => {
  const service = await withFunction(t, { config: { limits: { queue: 77 } },
    subscription: { secret: 'canary-secret', settings: { apiKey: 'canary-key', nested: { a: 'canary-in' } } } });
  const { data } = await service.api('/config');
  const of = (name) => data.find(({ key }) => key === name);

  assert.deepEqual([of('limits.queue').value, of('limits.queue').origin], [77, 'file']);
  assert.match(of('limits.queue').place, /^partnerapp\.yaml:\d+$/);
  assert.match(of('limits.queue').how, /^change partnerapp\.yaml:\d+, then re(load|start)$/);
  assert.deepEqual([of('log.format').value, of('log.format').origin, of('log.format').place], ['auto', 'default', null]);
  assert.match(of('log.format').how, /^set log\.format in partnerapp\.yaml/);
  assert.deepEqual([of('subscriptions[0].secret').is_secret, of('subscriptions[0].secret').value], [true, '••••']);
  assert.deepEqual(of('subscriptions[0].settings').value, { apiKey: '••••', nested: '••••' });
  assert.doesNotMatch(JSON.stringify(data), /canary/);
});
