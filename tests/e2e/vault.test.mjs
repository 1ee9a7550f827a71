// SPDX-License-Identifier: MIT
// The master key: where it may come from, and getting another one while events go on.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const newKey = () => crypto.randomBytes(32).toString('base64');
// Of two random keys one in 254 pairs is refused: these have different names.
const [old, young] = ['A', 'C'].map((letter) => Buffer.from(letter.repeat(32)));
const keyFile = (service) => path.join(service.data, 'master.key');

test('a key in the environment is used, and is gone from the environment', async (t) => {
  const service = await Service.start(t, { env: { PARTNERAPP_MASTER_KEY: newKey() } });
  const environ = fs.readFileSync(`/proc/${service.child.pid}/environ`, 'latin1');

  assert.ok(!fs.existsSync(keyFile(service)));
  assert.ok(!environ.includes(service.env.PARTNERAPP_MASTER_KEY));
});

test('a credential of systemd is used', async (t) => {
  const service = await Service.prepare(t);

  fs.writeFileSync(path.join(service.folder, 'partnerapp-master-key'), crypto.randomBytes(32));
  service.env = { CREDENTIALS_DIRECTORY: service.folder };
  await service.up();
  assert.ok(!fs.existsSync(keyFile(service)));
});

test('another master key is refused at the start, by name', async (t) => {
  const service = await Service.start(t, { env: { PARTNERAPP_MASTER_KEY: newKey() } });

  await service.stop();
  const { code, stderr } = await service.run(['serve'], { env: { PARTNERAPP_MASTER_KEY: newKey() } });

  assert.equal(code, 3, stderr);
  assert.match(stderr, /PA1031/);
});

test('a rotation while events come in loses none, and keys and tokens go on', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'key' } });
  const { key } = await service.createKey();
  const before = fs.readFileSync(keyFile(service));
  const send = (n) => service.post({ type: 'track', event: 'Bought', userId: 'u1', messageId: `m${n}` },
    { key, headers: { 'X-Segment-Settings': Buffer.from('{"a":"b"}').toString('base64') } });
  let going = true;
  const statuses = [];
  const load = (async () => {
    for (let n = 0; going || n < 50; n++) statuses.push((await send(n)).status);
  })();
  const rotated = await service.run(['vault', 'rotate', '--json']);

  going = false;
  await load;
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.equal(JSON.parse(rotated.stdout).old_key, 'removed');
  assert.ok(JSON.parse(rotated.stdout).resealed >= 2);
  await until('all are delivered', async () => (await service.counters()).delivered === statuses.length);
  assert.deepEqual([...new Set(statuses)].filter((status) => status >= 300), []);
  const after = fs.readFileSync(keyFile(service), 'utf8');

  assert.equal(after.trim().split('\n').length, 1);
  assert.notEqual(Buffer.from(after, 'base64').compare(before), 0);
  assert.equal(fs.statSync(keyFile(service)).mode & 0o777, 0o600);
  await service.stop();
  await service.up();
  assert.ok((await send('after')).status < 300);
  assert.equal((await service.run(['keys', 'list', '--json'])).code, 0);
});

test('a rotation that is killed goes on with the next one', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'key' } });
  const { key } = await service.createKey();

  for (let round = 0; round < 5; round++) {
    const before = fs.readFileSync(keyFile(service), 'latin1');
    const asked = service.run(['vault', 'rotate']);

    await until('the key file has the new key', () => fs.readFileSync(keyFile(service), 'latin1') !== before,
      { every: 1 });
    await service.stop('SIGKILL');
    await asked;
    await service.up();
    const { status } = await service.post(
      JSON.stringify({ type: 'track', event: 'Bought', userId: 'u1', messageId: `m${round}` }), { key });

    assert.ok(status < 300, `round ${round}: ${status}`);
  }
  assert.equal((await service.runJson(['vault', 'rotate'])).broken, 0);
  assert.equal(fs.readFileSync(keyFile(service), 'utf8').trim().split('\n').length, 1);
});

test('without a service the store itself is rotated, and one that was left goes on', async (t) => {
  const service = await Service.prepare(t);

  fs.mkdirSync(service.data, { mode: 0o700 });
  fs.writeFileSync(keyFile(service), old, { mode: 0o600 });
  await service.up();
  await service.createKey();
  await service.stop();

  // As a kill leaves it: the new key is in the file, nothing is sealed with it yet.
  fs.writeFileSync(keyFile(service), `${young.toString('base64')}\n${old.toString('base64')}\n`);
  const rotated = await service.run(['vault', 'rotate', '--json']);

  assert.deepEqual(JSON.parse(rotated.stdout), { resealed: 2, broken: 0, old_key: 'removed' });
  assert.equal(fs.readFileSync(keyFile(service), 'utf8').trim().split('\n').length, 1);
  await service.up();
});

test('keys of the environment are rotated by their owner', async (t) => {
  const both = [young, old].map((key) => key.toString('base64'));
  const service = await Service.start(t, { env: { PARTNERAPP_MASTER_KEY: both[1] } });
  const alone = await service.run(['vault', 'rotate']);

  assert.notEqual(alone.code, 0);
  assert.match(alone.stderr, /PA1032/);
  await service.stop();
  service.env = { PARTNERAPP_MASTER_KEY: both.join(',') };
  await service.up();
  const rotated = await service.run(['vault', 'rotate', '--json']);

  assert.equal(JSON.parse(rotated.stdout).old_key, 'unused', rotated.stderr);
  await service.stop();
  service.env = { PARTNERAPP_MASTER_KEY: both[0] };
  await service.up();
});
