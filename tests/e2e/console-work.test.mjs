// SPDX-License-Identifier: MIT
// Long work of the service, planned, watched and taken up again: replays and exports.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { Service, flood, track } from './lib/service.mjs';
import { selfSigned } from './lib/tls.mjs';
import { until } from './lib/wait.mjs';

const noted = `async function onTrack(event, settings) {
  console.log('got', event.event, settings.apiKey, settings.token)
  const res = await fetch('https://api.crm.example/notes', { method: 'POST', body: settings.apiKey,
    headers: { authorization: 'Basic ' + btoa(settings.apiKey), 'x-customer': settings.token } })
  return { status: res.status, key: settings.apiKey }
}
`;

test('a plan runs the deployed code with the event that goes first, and sends nothing', async (t) => {
  const endpoint = await Endpoint.start(t);
  const service = await Service.start(t, {
    config: { subscriptions: [
      { name: 'crm', path: '/crm', auth: 'none', function: 'functions/crm/index.js', settings: { apiKey: 'canary-config' } },
      { name: 'plain', path: '/plain', auth: 'none', endpoint: endpoint.url },
    ] },
    files: { 'functions/crm/index.js': noted, 'functions/crm/mocks/notes.json': '{"request":{"method":"POST"},"response":{"status":201}}' },
  });
  const settings = Buffer.from(JSON.stringify({ token: 'canary-customer', apiKey: 'canary-key' })).toString('base64');
  const plan = (body) => service.api('/replays', { method: 'POST', body: { dry_run: true, ...body } });

  assert.equal((await plan({ q: 'sub:crm' })).first, null, 'nothing matches');
  const event = await service.deliver(track(), { path: '/crm', headers: { 'X-Segment-Settings': settings }, states: ['delivered', 'retrying', 'dead'] });

  await service.deliver(track(), { path: '/plain' });
  const before = endpoint.requests.length;
  const { first, matched, state } = await plan({ ids: [event.id] });

  assert.deepEqual([matched, state, first.event, first.name, first.subscription, first.why],
    [1, 'planned', event.id, 'Signed Up', 'crm', null]);
  assert.equal(first.run.outcome, 'delivered', JSON.stringify(first));
  assert.deepEqual([first.run.requests.length, first.run.requests[0].url, first.run.requests[0].response.status],
    [1, 'https://api.crm.example/notes', 201]);
  assert.deepEqual([first.run.requests[0].headers.authorization, first.run.requests[0].body], ['••••', '••••']);
  assert.equal(first.run.result.key, '••••');
  assert.match(first.run.logs[0], /got.*Signed Up.*••••/);
  assert.doesNotMatch(JSON.stringify(first), /canary|Y2FuYXJ5/, 'no secret is shown');
  assert.deepEqual([(await plan({ q: 'sub:plain' })).first.run, (await plan({ q: 'sub:plain', first: false })).first], [null, null]);
  assert.match((await plan({ q: 'sub:plain' })).first.why, /no function runs/);
  assert.equal(endpoint.requests.length, before);
  const cli = await service.run(['events', 'replay', event.id, '--dry-run']);

  assert.match(cli.stdout, /^1 would be replayed\nFirst: evt_\w+ {2}Signed Up {2}crm\n {2}delivered in [\d.]+ m?s\n/);
  assert.match(cli.stdout, /POST https:\/\/api\.crm\.example\/notes (->|→) 201 \(answered here, nothing was sent\)/);
  assert.equal(cli.code, 0);
});

test('an attempt and a ping say what took how long, and an open connection takes nothing', async (t) => {
  const partner = await selfSigned(t);
  const service = await Service.start(t, {
    config: { subscriptions: [{ name: 'default', auth: 'none', endpoint: partner.url }] },
    env: { SSL_CERT_FILE: partner.cert },
  });
  const timing = async () => (await service.deliver(track())).deliveries[0].attempts[0].requests[0].timing;
  const first = await timing();
  const parts = ['connect_ms', 'tls_ms', 'first_byte_ms'];

  for (const part of [...parts, 'total_ms']) assert.ok(first[part] > 0, `${part} in ${JSON.stringify(first)}`);
  assert.ok(parts.reduce((sum, part) => sum + first[part], first.dns_ms ?? 0) <= first.total_ms, JSON.stringify(first));
  const second = await timing();

  assert.deepEqual([second.connect_ms, second.tls_ms], [null, null], 'the connection was kept');
  assert.ok(second.first_byte_ms > 0);
  const [host] = (await service.api('/endpoints')).data;
  const ping = await service.api(`/endpoints/${host.host}/ping`, { method: 'POST' });

  assert.equal(ping.status, 200);
  assert.ok(ping.timing.first_byte_ms > 0 && ping.timing.total_ms <= ping.duration_ms, JSON.stringify(ping));
});

test('an export is work of the service: its file is whole after a kill, is taken in parts, and goes when told', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const create = (body) => service.api('/exports', { method: 'POST', body });
  const done = (id) => until('the export is done', async () => {
    const job = await service.api(`/exports/${id}`);

    return job.state === 'done' && job;
  });
  const ask = (target, options = {}) => request(`${service.admin}/api/v1${target}`,
    { ...options, headers: { Authorization: `Bearer ${service.token()}`, 'Content-Type': 'application/json', ...options.headers } });

  await flood(service, { count: 700, connections: 4 });
  await until('all are delivered', async () => (await service.counters()).delivered === 700);
  const { id, kind, state, q } = await create({ q: 'type:track' });

  assert.deepEqual([kind, state, q], ['export', 'running', 'type:track']);
  await service.kill();
  await service.up();
  const job = await done(id);
  const { text } = await ask(`/events/export?q=${encodeURIComponent('type:track')}`);
  const file = await ask(`/exports/${id}/file`);

  assert.deepEqual([job.matched, job.done, job.bytes, job.error], [700, 700, Buffer.byteLength(text), null]);
  assert.deepEqual([file.status, file.headers['content-type'], file.headers['content-length'], file.headers['accept-ranges']],
    [200, 'application/x-ndjson', String(job.bytes), 'bytes']);
  assert.equal(file.headers['content-disposition'], `attachment; filename="${id}.ndjson"`);
  assert.ok(file.text === text, 'as events/export writes it');
  for (const [range, from, to] of [['bytes=5-', 5, job.bytes], ['bytes=0-9', 0, 10], ['bytes=-7', job.bytes - 7, job.bytes]]) {
    const part = await ask(`/exports/${id}/file`, { headers: { Range: range } });

    assert.deepEqual([part.status, part.headers['content-range'], part.text],
      [206, `bytes ${from}-${to - 1}/${job.bytes}`, text.slice(from, to)], range);
  }
  const past = await ask(`/exports/${id}/file`, { headers: { Range: `bytes=${job.bytes}-` } });

  assert.deepEqual([past.status, past.headers['content-range']], [416, `bytes */${job.bytes}`]);
  const { data } = await service.api('/jobs');

  assert.deepEqual(data.map((one) => [one.id, one.kind]), [[id, 'export']]);
  assert.deepEqual(await service.api(`/jobs/${id}`), job);
  const cli = await service.run(['events', 'export', 'type:track', '-o', 'a.ndjson']);

  assert.deepEqual([cli.code, cli.stderr, fs.readFileSync(path.join(service.folder, 'a.ndjson'), 'utf8') === text],
    [0, 'export: 700 events to a.ndjson\n', true]);
  fs.writeFileSync(path.join(service.folder, 'b.ndjson.part'), text.slice(0, 1000));
  const again = await create({ q: 'type:track' });
  const resumed = await service.run(['events', 'export', '--resume', again.id, '-o', 'b.ndjson']);

  assert.deepEqual([resumed.code, fs.readFileSync(path.join(service.folder, 'b.ndjson'), 'utf8') === text], [0, true], resumed.stderr);
  assert.equal((await ask(`/exports/${again.id}`)).status, 404, 'taken once, it goes');
  const [name] = fs.readdirSync(path.join(service.data, 'exports'));

  assert.equal(fs.statSync(path.join(service.data, 'exports', name)).mode & 0o777, 0o600);
  assert.ok(name.endsWith('.ndjson'));
  assert.equal((await ask(`/exports/${id}`, { method: 'DELETE' })).status, 204);
  for (const target of [`/exports/${id}`, `/exports/${id}/file`, '/exports/exp_00000000000000000000000001', '/exports/evt_1'])
    assert.equal((await ask(target)).status, 404, target);
  await until('its file is gone', () => fs.readdirSync(path.join(service.data, 'exports')).length === 0);
  const bad = await ask('/exports', { method: 'POST', body: { q: 'snb:crm' } });

  assert.deepEqual([bad.status, bad.json.position], [400, 0]);
  const nothing = await done((await create({ q: 'user:nobody' })).id);

  assert.deepEqual([nothing.done, nothing.bytes, (await ask(`/exports/${nothing.id}/file`)).text], [0, 0, '']);
});
