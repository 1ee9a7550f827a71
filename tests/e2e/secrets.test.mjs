// SPDX-License-Identifier: MIT
// Keys, tokens, and that what is secret stays secret.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { filesBelow } from './lib/place.mjs';
import { Service, track } from './lib/service.mjs';

test('a key is shown once, works, and ends when it is revoked', async (t) => {
  const service = await Service.start(t);
  const { id, key, name } = await service.createKey({ name: 'acme' });

  assert.match(id, /^key_/);
  assert.equal(name, 'acme');
  assert.equal((await service.post(track(), { key })).status, 202);
  assert.equal((await service.post(track(), { key: `${key}x` })).status, 401);
  const list = await service.run(['keys', 'list', '--json']);

  assert.match(list.stdout, new RegExp(id));
  assert.ok(!list.stdout.includes(key), 'the list does not show the key');
  assert.equal((await service.run(['keys', 'revoke', id])).code, 0);
  assert.equal((await service.post(track(), { key })).status, 401);
});

test('keys can be made while no service runs', async (t) => {
  const service = await Service.prepare(t);
  const { key } = await service.createKey();

  await service.up();
  assert.equal((await service.post(track(), { key })).status, 202);
  assert.equal((await service.createKey({ value: 'a:b' })).key, 'a:b');
});

test('the event names its key, not the key itself', async (t) => {
  const service = await Service.start(t);
  const { key, id } = await service.createKey({ name: 'acme' });
  const { json } = await service.post(track(), { key });
  const event = await service.api(`/events/${json.ids[0]}`);

  assert.match(JSON.stringify(event.key), new RegExp(`${id}|acme`));
  assert.ok(!JSON.stringify(event).includes(key));
});

test('auth none is open, and a key that comes all the same is attributed', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const { key, id } = await service.createKey({ name: 'acme' });

  assert.equal((await service.post(track())).status, 202);
  const { json } = await service.post(track(), { key });

  assert.match(JSON.stringify((await service.api(`/events/${json.ids[0]}`)).key), new RegExp(`${id}|acme`));
});

test('auth both wants both', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'both', secret: 's3cret' } });
  const { key } = await service.createKey();
  const body = '{"type":"identify","userId":"5678","traits":{"name":"José ☃","n":1}}';
  const headers = { 'X-Signature': 'd1e4ce7ce042aedf0230f94d212fff8bed3d7bf7' };

  assert.equal((await service.post(body, { key, headers })).status, 202);
  assert.equal((await service.post(body, { key })).status, 401);
  assert.equal((await service.post(body, { headers })).status, 401);
});

test('lenient_key also takes the raw key', async (t) => {
  const service = await Service.start(t, { subscription: { lenient_key: true } });

  await service.createKey({ value: 'abcd1234' });
  for (const value of ['Basic abcd1234', 'Basic YWJjZDEyMzQ6', 'Basic YWJjZDEyMzQ='])
    assert.equal((await service.post(track(), { headers: { Authorization: value } })).status, 202, value);
});

test('the admin listener wants a token; roles and revocation hold', async (t) => {
  const service = await Service.start(t);
  const ask = (token, target = '/api/v1/status') =>
    request(service.admin + target, { headers: token ? { Authorization: `Bearer ${token}` } : {} });

  assert.match(service.token(), /^pat_/);
  assert.equal((fs.statSync(path.join(service.data, 'admin.token')).mode & 0o777).toString(8), '600');
  assert.equal((await ask()).status, 401);
  assert.equal((await ask('pat_wrong')).status, 401);
  assert.equal((await ask(service.token())).status, 200);
  assert.equal((await ask(undefined, '/metrics')).status, 401);
  assert.equal((await ask(service.token(), '/metrics')).status, 200);
  assert.equal((await request(`${service.url}/api/v1/status`, {
    headers: { Authorization: `Bearer ${service.token()}` } })).status, 404, 'not on the public listener');
  const made = await service.runJson(['token', 'create', '--role', 'viewer']);

  assert.equal((await ask(made.token)).status, 200);
  assert.equal((await request(`${service.admin}/api/v1/keys`, { method: 'POST', body: { name: 'x' },
    headers: { Authorization: `Bearer ${made.token}`, 'Content-Type': 'application/json' } })).status, 403);
  assert.equal((await service.run(['token', 'revoke', made.id])).code, 0);
  assert.equal((await ask(made.token)).status, 401);
});

test('no key, setting, secret or token is in clear in any file, log or answer', async (t) => {
  const endpoint = await Endpoint.start(t, 500);
  const secrets = { key: 'kEy-0f-AcMe-17', setting: 'sEtTiNg-0f-AcMe-18', signature: 'sIgNaTuRe-19' };
  const service = await Service.start(t, {
    config: { log: { level: 'debug' } },
    subscription: { endpoint: endpoint.url, retry: { attempts: 2, over: '200ms' }, secret: secrets.signature },
    files: { 'f.js': '' },
  });

  await service.createKey({ value: secrets.key });
  const settings = Buffer.from(JSON.stringify({ apiToken: secrets.setting })).toString('base64');
  const event = await service.deliver(track(), { key: secrets.key, headers: { 'X-Segment-Settings': settings } });

  await service.post(track(), { key: `${secrets.key}-wrong` });
  const seen = [
    ['the log', service.log], ['the event', JSON.stringify(event)],
    ['metrics', (await request(`${service.admin}/metrics`, {
      headers: { Authorization: `Bearer ${service.token()}` } })).text],
    ['status', JSON.stringify(await service.api('/status'))], ['keys', JSON.stringify(await service.api('/keys'))],
    ['config show', (await service.run(['config', 'show'])).stdout],
    ['/proc', fs.readFileSync(`/proc/${service.child.pid}/cmdline`, 'latin1')],
  ];

  await service.stop();
  seen.push(['the log at the end', service.log]);
  for (const [file, bytes] of filesBelow(service.data)) seen.push([file, bytes.toString('latin1')]);
  const token = service.token();

  for (const [where, text] of seen) {
    for (const secret of [...Object.values(secrets), settings]) {
      for (const form of [secret, Buffer.from(`${secret}:`).toString('base64').slice(0, -2),
        Buffer.from(secret).toString('hex')])
        assert.ok(!text.includes(form), `${form} is in ${where}`);
    }
    if (!where.endsWith('admin.token')) assert.ok(!text.includes(token), `the admin token is in ${where}`);
  }
});

test('the data folder and what is in it belong to its owner alone', async (t) => {
  const service = await Service.start(t);

  assert.equal(fs.statSync(path.join(service.data, 'master.key')).mode & 0o077, 0);
  assert.equal(fs.statSync(path.join(service.data, 'partnerapp.db')).mode & 0o077, 0);
  assert.equal(fs.statSync(path.join(service.data, 'master.key')).size, 32);
});
