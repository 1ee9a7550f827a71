// SPDX-License-Identifier: MIT
// What was acknowledged is on stable storage: seen from the kernel, and by killing.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Elsewhere } from '../campaign/lib/elsewhere.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { build, isSanitized, program, root, run } from './lib/program.mjs';
import { flood, Service, track } from './lib/service.mjs';
import { smallDisk } from './lib/small-disk.mjs';
import { until } from './lib/wait.mjs';

async function canTrace() {
  const { code } = await run(['-f', '-o', '/dev/null', 'true'], { command: 'strace' }).catch(() => ({ code: 1 }));

  return code === 0;
}

// Starts the service under strace; @name.trace has the calls that matter. With -D the child is
// the service itself, and strace, which would block the signals sent to it, hangs below.
// @disk is how long a sync takes at least, in milliseconds: how many events share one must
// not depend on the disk that the test happens to run on.
async function traced(t, endpoint, disk = 0) {
  const service = await Service.prepare(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const trace = path.join(service.folder, 'trace');

  await service.up('strace', ['-D', '-f', '-qq', '-y', '-s', '4096', '-o', trace, '-e',
    'trace=read,recvfrom,recvmsg,write,writev,sendto,sendmsg,sendfile,fsync,fdatasync',
    ...(disk > 0 ? ['-e', `inject=fsync,fdatasync:delay_enter=${disk * 1000}`] : []), program, ...service.arguments]);
  return {
    service,
    lines: async () => {
      await service.stop('SIGTERM', 30000);
      return fs.readFileSync(trace, 'latin1').split('\n');
    },
  };
}

const isSync = (line) => /\b(fsync|fdatasync)\(/.test(line) || /<\.\.\. (fsync|fdatasync) resumed>/.test(line);

test('a sync lies between the last byte of a request and its 202', async (t) => {
  if (!(await canTrace())) return t.skip('strace may not trace here');
  const endpoint = await Endpoint.start(t, 200);
  const { service, lines } = await traced(t, endpoint);

  for (let i = 0; i < 5; i++) assert.equal((await service.post(track({ messageId: `mark-${i}` }))).status, 202);
  const trace = await lines();

  for (let i = 0; i < 5; i++) {
    const arrived = trace.findIndex((line) => line.includes(`mark-${i}`) && /(read|recvfrom|recvmsg)\b/.test(line));
    const answered = trace.findIndex((line, n) => n > arrived && line.includes('HTTP/1.1 202'));

    assert.ok(arrived >= 0 && answered > arrived, `the trace has request and answer ${i}`);
    assert.ok(trace.slice(arrived, answered).some(isSync), `a sync before answer ${i}`);
  }
});

test('under load there are far fewer syncs than events', async (t) => {
  if (!(await canTrace())) return t.skip('strace may not trace here');
  const endpoint = await Endpoint.start(t, 200);
  const { service, lines } = await traced(t, endpoint, 5);
  const accepted = await flood(service, { count: 2000, connections: 64 });

  assert.equal(accepted.length, 2000);
  const syncs = (await lines()).filter((line) => /\b(fsync|fdatasync)\(/.test(line)).length;

  assert.ok(syncs > 0);
  assert.ok(syncs < accepted.length / 4, `${syncs} syncs for ${accepted.length} events`);
});

test('a failed sync is fatal: no 202 after it, and the process ends', async (t) => {
  if (!(await canTrace())) return t.skip('strace may not trace here');
  const service = await Service.prepare(t, { subscription: { auth: 'none' } });
  const statuses = [];

  await service.up('strace', ['-D', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e',
    'inject=fsync,fdatasync:error=EIO:when=40+', program, ...service.arguments]);
  for (let i = 0; i < 400 && service.exit === null; i++)
    statuses.push((await service.post(track()).catch(() => ({ status: 0 }))).status);
  await until('the process has ended', () => service.exit);
  const lastGood = statuses.lastIndexOf(202);
  const firstBad = statuses.findIndex((status) => status !== 202);

  assert.ok(firstBad >= 0 && lastGood < firstBad, `no 202 after a failure: ${statuses.join()}`);
  assert.ok(statuses.every((status) => [202, 503, 0].includes(status)), statuses.join());
  assert.notEqual(service.exit.code, 0);
});

test('a delivery that a process took over does not die of age when the wall clock jumps ahead', async (t) => {
  const elsewhere = await Elsewhere.make(t);

  if (elsewhere === null) {
    t.skip('nothing can be preloaded here');
    return;
  }
  const endpoint = await Endpoint.start(t, 500);
  const service = await Service.start(t, {
    env: elsewhere.env,
    subscription: { auth: 'none', endpoint: endpoint.url, timeout: '1s', retry: { attempts: 18, over: '24h' } },
  });
  const { json: { ids } } = await service.post(track());

  await until('it was tried', () => endpoint.requests.length === 1);
  await service.settled(ids[0], { states: ['retrying'] });
  await service.kill();
  endpoint.mood('hang');
  await service.up();
  await until('it is tried again', () => endpoint.requests.length === 2);
  elsewhere.wall(38 * 24 * 3600 * 1000);
  await until('that has failed', () => endpoint.nHanging === 0);
  endpoint.mood(200);
  assert.equal((await service.settled(ids[0])).deliveries[0].state, 'delivered');
});

// A service whose store is on a small disk of that kind; {} where none may be mounted.
async function onSmallDisk(kind, t) {
  const { disk, scope } = smallDisk(t, kind);

  if (!disk) return {};
  const service = await Service.start(scope,
    { config: { store: `sqlite:${disk.folder}/partnerapp.db` }, subscription: { auth: 'none' } });

  return { disk, service, post: async () => (await service.post(track()).catch(() => ({ status: 0 }))).status };
}

test('killed on a full disk it starts all the same, and accepts when there is room', async (t) => {
  const { disk, service, post } = await onSmallDisk('tmpfs', t);

  if (!disk) return;
  assert.equal(await post(), 202);
  // So that its log is longer than what there will be room for in the file.
  for (let i = 0; i < 10; i++)
    assert.equal((await service.post(Array.from({ length: 100 }, () => track()))).status, 202);
  disk.fill();
  await until('it says that it is full', async () => await post() === 503);
  await service.kill();
  service.spawn();
  await until('it says so again', async () => service.exit || await post() === 503);
  assert.equal(service.exit, null, service.log);
  disk.free();
  await until('it accepts', async () => await post() === 202);
});

// Where a block is smaller than a page of memory, a file in memory may have a part of a page.
for (const [kind, bytes] of [['tmpfs', 0], ['ext4', 12 << 10]])
  test(`without the room to open its store it answers 503 until there is some, on ${kind}`, async (t) => {
    const { disk, service, post } = await onSmallDisk(kind, t);

    if (!disk) return;
    assert.equal(await post(), 202);
    await service.kill();
    // As if the machine had lost its power.
    fs.rmSync(`${disk.folder}/partnerapp.db-shm`);
    disk.fill();
    disk.give(bytes);
    service.spawn();
    await until('it says that it is full', async () => service.exit || await post() === 503);
    assert.equal(service.exit, null, `${service.exit?.code ?? service.exit?.signal}: ${service.log}`);
    const get = (at) => request(`${service.url}${at}`);

    assert.equal((await get('/livez')).status, 200);
    const { status, headers, json } = await get('/readyz');

    assert.deepEqual([status, headers['retry-after'], json], [503, '1', { message: 'the disk of the store is full' }]);
    const asked = await request(`${service.admin}/api/v1/status`);

    assert.deepEqual([asked.status, asked.headers['retry-after'], asked.json.code], [503, '1', 'PA6004']);
    // Enough to open it, too little to take events.
    disk.give(8 << 20);
    await until('the store is open', () => service.log.split('msg="started"').length === 3);
    assert.equal(await post(), 503);
    disk.free();
    await until('it accepts', async () => await post() === 202);
    await until('it is ready', async () => (await get('/readyz')).status === 200);
    assert.match(service.log, /level=warn msg="the store cannot be opened yet; answering 503 meanwhile" code=PA6004/);
    await service.stop();
    assert.equal(service.exit.code, 0);
  });

test('a service that waits for room ends when it is told to', async (t) => {
  const { disk, service, post } = await onSmallDisk('tmpfs', t);

  if (!disk) return;
  await service.kill();
  fs.rmSync(`${disk.folder}/partnerapp.db-shm`);
  disk.fill();
  service.spawn();
  await until('it says that it is full', async () => service.exit || await post() === 503);
  await service.stop();
  assert.equal(service.exit.code, 0, service.log);
});

// The number below which every event has its delivery, and the highest that a delivery has.
async function marks(folder) {
  const { stdout } = await run(['-json', 'partnerapp.db', 'SELECT low_water AS low, (SELECT max(id) FROM delivery) AS highest FROM progress'],
    { command: 'sqlite3', cwd: folder });

  return JSON.parse(stdout)[0];
}

test('a replay that a full disk undid is told, can be asked for again, and holds nothing back', async (t) => {
  const { disk, scope } = smallDisk(t);

  if (!disk) return;
  const endpoint = await Endpoint.start(scope, 400);
  const service = await Service.start(scope, {
    config: { store: `sqlite:${disk.folder}/partnerapp.db` },
    subscription: { auth: 'none', endpoint: endpoint.url },
  });
  const events = 1000;
  const replay = () => service.api('/replays', { method: 'POST', body: { q: 'is:dead' } });

  for (let i = 0; i < events; i += 100) await service.post(Array.from({ length: 100 }, () => track()));
  await until('all are dead', async () => (await service.counters()).dead === events);
  disk.fill();
  await until('it says that it is full', async () => (await service.post(track())).status === 503);
  // Enough to write down that it was asked for, not for a thousand deliveries.
  disk.give(128 << 10);
  await assert.rejects(replay(), /: 503 .*PA6004/);
  const nBefore = endpoint.requests.length;

  endpoint.mood(200);
  disk.free();
  await until('it is taken', replay);
  await until('all are sent again', () => endpoint.requests.length >= nBefore + events);
  await until('the next start has nothing to read again', async () => {
    await service.settled((await service.post(track())).json?.ids[0]);
    const { low, highest } = await marks(disk.folder);

    return low >= highest - 1;
  });
});

// Another program that has the write lock of the store until it is let go.
async function holder(t, folder) {
  const child = spawn('sqlite3', ['partnerapp.db'], { cwd: folder });

  t.after(() => child.kill());
  child.stdin.write('BEGIN IMMEDIATE; SELECT 1;\n');
  await once(child.stdout, 'data');
  return { release: async () => { child.stdin.end(); await once(child, 'exit'); } };
}

test('while another program has locked the store it answers 503, and goes on after it', async (t) => {
  const endpoint = await Endpoint.start(t, 'hang');
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const { json: { ids } } = await service.post(track());

  await until('it is on its way', () => endpoint.nHanging === 1);
  const lock = await holder(t, service.data);

  endpoint.mood(200);
  endpoint.release();
  assert.equal((await service.post(track())).status, 503);
  await assert.rejects(service.api('/keys', { method: 'POST', body: { name: 'late' } }), /: 503 .*PA6007/);
  await lock.release();
  const second = await until('it accepts', async () => { const got = await service.post(track()); return got.status === 202 && got; });

  assert.equal((await service.settled(ids[0])).deliveries[0].attempts.length, 1);
  await service.settled(second.json.ids[0]);
  assert.match(service.log, /level=error msg="a write was undone" why="another program has locked the store"/);
});

test('started while another program has locked the store it answers 503, and opens it after it', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const post = () => service.post(track()).catch(() => ({ status: 0 }));

  assert.equal((await post()).status, 202);
  await service.kill();
  const lock = await holder(t, service.data);

  service.spawn();
  const refused = await until('it answers', async () => { const got = await post(); return service.exit || (got.status === 503 && got); });

  assert.equal(service.exit, null, service.log);
  assert.deepEqual(refused.json, { message: 'another program has locked the store' });
  await lock.release();
  await until('it accepts', async () => (await post()).status === 202);
  assert.match(service.log, /level=warn msg="the store cannot be opened yet; answering 503 meanwhile" code=PA6007/);
});

// As the documentation has it, word for word, but for the folder.
function backupCommand(folder) {
  const [, command] = /\*\*Backup\.\*\*[^`]*`([^`]+)`/.exec(fs.readFileSync(path.join(root, 'docs/howto/production.md'), 'utf8'));

  assert.match(command, /\/var\/lib\/partnerapp\/partnerapp\.db .*'copy\.db'/);
  return command.replace('/var/lib/partnerapp', folder);
}

test('a backup under load ends, and is a store that has what was acknowledged before it', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const count = 2000;
  let isDone = false;
  let duplicates = 0;

  assert.equal((await flood(service, { count, connections: 16 })).length, count);
  const load = (async () => { while (!isDone) await service.post(track()); })();
  const { code, stderr } = await run(['-c', backupCommand(service.data)], { command: 'sh', cwd: service.folder, timeout: 30000 });

  isDone = true;
  await load;
  assert.equal(code, 0, stderr);
  const copy = path.join(service.folder, 'copy.db');

  assert.equal(fs.statSync(copy).mode & 0o077, 0, 'nobody else may read it');
  await service.kill();
  fs.renameSync(copy, `${service.data}/partnerapp.db`);
  for (const suffix of ['-wal', '-shm']) fs.rmSync(`${service.data}/partnerapp.db${suffix}`, { force: true });
  await service.up();
  await flood(service, { count, connections: 16, onAnswer: ({ json }) => { duplicates += json.duplicates; } });
  assert.equal(duplicates, count, 'it knows them all');
  await service.deliver(track());
});

test('a store that is removed under the service: nothing more is accepted, and the process ends', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  assert.equal((await service.post(track())).status, 202);
  fs.rmSync(`${service.data}/partnerapp.db`);
  await until('it has ended', () => service.exit);
  assert.notEqual(service.exit.code, 0);
  assert.match(service.log, /level=error msg="the store has failed; nothing more is accepted" why="the file of the store was removed, or replaced"/);
});

test('kill -9 at random, ten rounds: nothing acknowledged is lost', { timeout: 300000, skip: build.endsWith('-asan') && 'slow' }, async () => {
  const { code, stdout, stderr } = await run(['10', '7'],
    { command: path.join(root, 'tests/campaign/kill'), timeout: 280000, env: { BUILD: build } });

  assert.equal(code, 0, stdout + stderr);
});
