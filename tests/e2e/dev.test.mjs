// SPDX-License-Identifier: MIT
// The first five minutes: `partnerapp dev` in an empty folder, and saving a function.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { request } from './lib/http.mjs';
import { run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const start = (t, options = {}) => Service.start(t, { mode: 'dev', ...options });
const inSink = async (service) => {
  const { data } = await service.api('/sinks/demo/requests');

  return data;
};

test('dev in an empty folder: a banner, a function, and an event in the sink within 100 ms', async (t) => {
  const service = await start(t);
  const send = async () => {
    const started = Date.now();
    const { status, json } = await service.post('{"type":"track","userId":"u1","event":"Signed Up"}');

    assert.equal(status, 202);
    await until('it is delivered', async () => {
      const [event] = await service.events(`id:${json.ids[0]}`);

      return event?.deliveries[0]?.state === 'delivered';
    }, { every: 1 });
    return Date.now() - started;
  };

  assert.ok(fs.existsSync(path.join(service.folder, 'functions/hello/index.js')));
  await until('the banner is there', () => service.log.includes('--fresh'));
  for (const word of ['dev mode', `localhost:${service.port}/webhook`, 'functions/hello/index.js', '/sink/demo', '--fresh'])
    assert.ok(service.log.includes(word), `the banner has ${word}:\n${service.log}`);
  assert.ok(service.log.trimEnd().split('\n').length <= 20, 'the banner is short');
  let took = await send();
  let nSent = 1;

  // The best of a few: something else may keep the machine busy.
  for (; nSent < 20 && (took >= 100 || nSent < 4); nSent++) took = Math.min(took, await send());
  assert.ok(took < 100, `${took} ms`);
  const requests = await inSink(service);

  assert.equal(requests.length, nSent);
  assert.equal(requests[0].method, 'POST');
});

test('curl, as the README says', async (t) => {
  const service = await start(t);
  const { stdout, code } = await run(['-sd', '{"type":"track","userId":"u1","event":"Signed Up"}', '-H',
    'Content-Type: application/json', `localhost:${service.port}/webhook`], { command: 'curl' });

  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).accepted, 1);
});

test('a save is live at once; a broken save keeps the last good version and says so', async (t) => {
  const service = await start(t);
  const file = path.join(service.folder, 'functions/hello/index.js');
  const result = async () => (await service.deliver(track())).deliveries[0].attempts[0].result;
  const save = (text) => fs.writeFileSync(file, text);

  save(`async function onTrack() { return 'second' }\n`);
  await until('the second version runs', async () => (await result()) === 'second');
  save('async function onTrack() {\n  return (\n}\n');
  await until('the error is shown', () => /functions\/hello\/index\.js:[23]/.test(service.log));
  assert.equal(await result(), 'second');
  save(`async function onTrack() { return 'third' }\n`);
  await until('the third version runs', async () => (await result()) === 'third');
  fs.writeFileSync(`${file}.tmp`, `async function onTrack() { return 'fourth' }\n`);
  fs.renameSync(`${file}.tmp`, file);
  await until('a save by rename is seen', async () => (await result()) === 'fourth');
});

test('the sink behaves as it is told, for as often as it is told', async (t) => {
  const service = await start(t);

  await service.api('/sinks/demo/behaviour', { method: 'PUT', body: { status: 404, delay_ms: 0, times: 1 } });
  assert.equal((await request(`${service.url}/sink/demo`)).status, 404);
  assert.equal((await request(`${service.url}/sink/demo`)).status, 200);
  await request(`${service.url}/sink/other`, { method: 'PUT', body: 'hello', headers: { 'X-One': '1' } });
  const { data: [got] } = await service.api('/sinks/other/requests');

  assert.equal(got.method, 'PUT');
  assert.match(JSON.stringify(got), /hello/);
  await service.api('/sinks/other/requests', { method: 'DELETE' });
  assert.equal((await service.api('/sinks/other/requests')).data.length, 0);
});

test('the sink takes its time when it is told to, refuses what it cannot do, and keeps the last requests', async (t) => {
  const service = await start(t);
  const behave = (body) => request(`${service.url}/api/v1/sinks/demo/behaviour`,
    { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body });

  for (const body of [{ status: 99 }, { status: 600 }, { delay_ms: -1 }, { delay_ms: 1e9 }, { times: -1 }]) {
    const { status, json } = await behave(body);

    assert.deepEqual([status, json.code], [400, 'PA7033'], JSON.stringify(body));
  }
  assert.equal((await behave({ status: 503, delay_ms: 300, times: 1 })).status, 200);
  const began = Date.now();

  assert.equal((await request(`${service.url}/sink/demo`)).status, 503);
  assert.ok(Date.now() - began >= 300, `${Date.now() - began} ms`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  await Promise.all(Array.from({ length: 1005 }, (_, i) => request(`${service.url}/sink/many`, { method: 'POST', body: `${i}`, agent })));
  agent.destroy();
  const { data, total } = await service.api('/sinks/many/requests');

  assert.deepEqual([total, data.length], [1005, 1000]);
});

test('what was there is there after a restart; --fresh starts over', async (t) => {
  const service = await start(t);

  await service.deliver(track());
  await service.stop();
  await service.up();
  assert.equal((await service.events()).length, 1);
  await service.stop();
  await service.up(undefined, [...service.arguments, '--fresh']);
  assert.equal((await service.events()).length, 0);
});

test('another site or a rebound name cannot use the admin API of dev', async (t) => {
  const service = await start(t);
  const ask = (headers) => request(`${service.url}/api/v1/status`, { headers });

  assert.equal((await ask({})).status, 200);
  assert.equal((await ask({ Host: 'evil.example' })).status, 403);
  assert.equal((await ask({ Origin: 'https://evil.example' })).status, 403);
  assert.equal((await ask({ Origin: service.url })).status, 200);
});

test('SIGINT and SIGTERM end dev with 0 and leave no process behind', async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const service = await start(t);

    await service.deliver(track());
    const children = childrenOf(service.child.pid);

    assert.ok(children.length > 0, 'a runner runs');
    assert.equal((await service.stop(signal)).code, 0);
    await until('the runners are gone', () => children.every((pid) => !fs.existsSync(`/proc/${pid}`)));
  }
});

test('SIGKILL leaves no runner behind either', async (t) => {
  const service = await start(t);

  await service.deliver(track());
  const children = childrenOf(service.child.pid);

  await service.stop('SIGKILL');
  await until('the runners are gone', () => children.every((pid) => !isAlive(pid)));
});

function childrenOf(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean));
}

// Without a parent that waits for it, a process may stay as a zombie for a while.
function isAlive(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
