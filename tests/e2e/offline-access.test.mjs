// SPDX-License-Identifier: MIT
// Keys and tokens without a service: the commands change the data folder themselves, and say
// what they say when they ask a running one.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';

import { request } from './lib/http.mjs';
import { Service, track } from './lib/service.mjs';

// A service that does not run yet, with two subscriptions.
async function prepare(t) {
  const service = await Service.prepare(t);

  service.configure({ subscriptions: [{ name: 'default' }, { name: 'other', path: '/other' }] });
  return service;
}

const textOf = ({ code, stdout, stderr }) => ({ code, stdout, stderr });

test('a key that was made before the first start opens its subscription, and no other', async (t) => {
  const service = await prepare(t);
  const { stdout, stderr } = await service.run(['keys', 'create', '--name', 'acme', '--subscription', 'other']);

  assert.match(stdout, /^pk_\w+\n$/, 'the key alone, for scripts');
  assert.match(stderr, /^key_\w{26}; shown only now, keep it safe\n$/);
  await service.up();
  const key = stdout.trim();

  assert.equal((await service.post(track(), { key, path: '/other' })).status, 202);
  assert.equal((await service.post(track(), { key })).status, 403);
});

test('lists are the same whether a service runs or not', async (t) => {
  const service = await prepare(t);
  const empty = await service.run(['keys', 'list']);

  assert.deepEqual(textOf(empty), { code: 0, stdout: '', stderr: 'None yet: partnerapp keys create\n' });
  assert.match((await service.run(['token', 'list'])).stderr, /^None yet: partnerapp token create/);
  await service.createKey({ name: 'all of them' });
  await service.createKey({ name: 'two', subscriptions: ['default', 'other'] });
  await service.runJson(['token', 'create', '--name', 'graphs', '--role', 'viewer']);
  const lists = async () => ({
    keys: await service.runJson(['keys', 'list']),
    table: textOf(await service.run(['keys', 'list'])),
    // The service makes one for itself when it starts.
    tokens: (await service.runJson(['token', 'list'])).data.filter(({ name }) => name !== 'admin.token'),
  });
  const without = await lists();

  assert.match(without.table.stdout, /all of them +all +20.*\n.*two +default,other +20/s);
  assert.match((await service.run(['token', 'list'])).stdout, /graphs +viewer +20/);
  await service.up();
  assert.deepEqual(await lists(), without);
});

test('what was revoked without a service is refused by it, and the beginning of an id is enough', async (t) => {
  const service = await prepare(t);
  const { id, key } = await service.createKey({ name: 'gone' });
  const { key: kept } = await service.createKey({ name: 'kept' });
  const { id: tokenId, token } = await service.runJson(['token', 'create', '--name', 'graphs', '--role', 'viewer']);
  const revoked = await service.run(['keys', 'revoke', id.slice(0, -1)]);

  assert.deepEqual(textOf(revoked), { code: 0, stdout: '', stderr: `Revoked ${id}\n` });
  assert.deepEqual(await service.runJson(['token', 'revoke', tokenId]), { id: tokenId, revoked: true });
  await service.up();
  assert.equal((await service.post(track(), { key })).status, 401);
  assert.equal((await service.post(track(), { key: kept })).status, 202);
  const { status } = await request(`${service.admin}/api/v1/status`, { headers: { Authorization: `Bearer ${token}` } });

  assert.equal(status, 401);
});

test('what a running service would refuse is refused without one, and changes nothing', async (t) => {
  const service = await prepare(t);

  await service.createKey({ value: 'the-customers-own' });
  for (const [why, args, input, code, words] of [
    ['a key that is there', ['keys', 'create', '--value-file', '-'], 'the-customers-own', 6, /exists already/],
    ['a subscription that is not', ['keys', 'create', '--subscription', 'nobody'], '', 2, /there is no subscription `nobody`/],
    ['a role that is none', ['token', 'create', '--role', 'king'], '', 2, /king|role/],
    ['an id that nobody has', ['keys', 'revoke', 'key_nobody'], '', 5, /no id begins with `key_nobody`/],
    ['an id that several begin with', ['keys', 'revoke', 'key_'], '', 2, /is the beginning of 2 ids/],
  ]) {
    if (args[2] === 'key_') await service.createKey({ name: 'a second one' });
    const before = await service.runJson(['keys', 'list']);
    const { code: got, stderr } = await service.run(args, { input });

    assert.equal(got, code, `${why}: ${got} ${stderr}`);
    assert.match(stderr, words, why);
    assert.deepEqual(await service.runJson(['keys', 'list']), before, why);
  }
});

test('a store that is none of ours, and a configuration with problems, are told before anything is made', async (t) => {
  const service = await prepare(t);

  service.configure({ store: 'postgres://db/partnerapp' });
  const other = await service.run(['keys', 'list']);

  assert.ok(other.code === 1 || other.code === 3, `${other.code} ${other.stderr}`);
  assert.match(other.stderr, /sqlite:/);
  fs.writeFileSync(service.configFile, '{"subscriptions": 5}');
  const broken = await service.run(['keys', 'list']);

  assert.equal(broken.code, 3, broken.stderr);
  assert.match(broken.stderr, /subscriptions/);
  assert.ok(!fs.existsSync(service.data), 'no folder');
});
