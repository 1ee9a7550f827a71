// SPDX-License-Identifier: MIT
// `partnerapp events export -o` with a service that is slow, cut off or out of room: nothing is
// taken for whole that is not, and the command says how to go on.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { temporaryFolder } from './lib/place.mjs';
import { cleanEnvironment, endSignal, program, run } from './lib/program.mjs';
import { until } from './lib/wait.mjs';

const id = 'exp_01m8kdy3qr0000000000000004';
const whole = Array.from({ length: 50 }, (_, i) => `{"n":${i}}\n`).join('');

// A service that has one export, in the state that a test gives it.
async function start(t) {
  const cwd = temporaryFolder(t);
  const service = { state: 'running', error: null, asked: [], cut: whole.length };
  const server = http.createServer((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

    service.asked.push(`${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    if (request.method === 'DELETE') return response.writeHead(204).end();
    if (!request.url.endsWith('/file')) {
      const row = { id, kind: 'export', state: service.state, error: service.error, matched: 50, done: 50, bytes: whole.length };

      return response.writeHead(request.method === 'POST' ? 201 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(row));
    }
    response.writeHead(from ? 206 : 200, { 'Content-Type': 'application/x-ndjson', 'Content-Length': whole.length - from });
    if (service.cut >= whole.length) return response.end(whole.slice(from));
    return response.write(whole.slice(from, service.cut));
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections() ?? new Promise((resolve) => server.close(resolve)));
  service.cutOff = () => server.closeAllConnections();
  service.args = (...args) => ['events', 'export', ...args, '--server', `http://127.0.0.1:${server.address().port}`];
  service.run = (...args) => run(service.args(...args), { cwd, env: { PARTNERAPP_TOKEN: 'pat_x' } });
  service.file = (name) => path.join(cwd, name);
  // A command that goes on, and its end.
  service.begin = (...args) => {
    const child = spawn(program, service.args(...args), { cwd, env: cleanEnvironment({ PARTNERAPP_TOKEN: 'pat_x' }) });
    const running = { child, stderr: '' };

    t.after(() => child.kill(endSignal));
    child.stderr.setEncoding('utf8').on('data', (text) => { running.stderr += text; });
    running.end = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); });
    return running;
  };
  return service;
}

test('Ctrl-C while the service writes: the command that goes on is told, and it does', async (t) => {
  const service = await start(t);
  const running = service.begin('is:dead', '-o', 'all of it.ndjson');

  await until('it waits', () => service.asked.length > 1);
  running.child.kill('SIGINT');
  assert.deepEqual(await running.end, { code: null, signal: 'SIGINT' });
  const [, command] = /Continue: partnerapp (.*)\n/.exec(running.stderr) ?? assert.fail(running.stderr);

  assert.equal(command, `events export --resume ${id} -o 'all of it.ndjson'`);
  assert.ok(!service.asked.some((one) => one.startsWith('DELETE')), 'the service goes on');
  service.state = 'done';
  const resumed = await service.run('--resume', id, '-o', 'all of it.ndjson');

  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal(fs.readFileSync(service.file('all of it.ndjson'), 'utf8'), whole);
  assert.equal(service.asked.at(-1), `DELETE /api/v1/exports/${id}`, 'nobody wants it twice');
});

for (const [why, end, ending] of [
  ['Ctrl-C', ({ child }) => child.kill('SIGINT'), { code: null, signal: 'SIGINT' }],
  ['a connection that breaks', (_, service) => service.cutOff(), { code: 7, signal: null }],
]) {
  test(`${why} in the middle of the file keeps what came, and only the rest is asked for`, async (t) => {
    const service = await start(t);

    Object.assign(service, { state: 'done', cut: 100 });
    const running = service.begin('-o', 'a.ndjson');

    await until('some came', () => fs.existsSync(service.file('a.ndjson.part')) && fs.statSync(service.file('a.ndjson.part')).size === 100);
    end(running, service);
    assert.deepEqual(await running.end, ending, running.stderr);
    assert.ok(!fs.existsSync(service.file('a.ndjson')), 'no file that looks whole');
    service.cut = whole.length;
    const resumed = await service.run('--resume', id, '-o', 'a.ndjson');

    assert.equal(resumed.code, 0, resumed.stderr);
    assert.ok(service.asked.includes(`GET /api/v1/exports/${id}/file bytes=100-`), service.asked.join());
    assert.equal(fs.readFileSync(service.file('a.ndjson'), 'utf8'), whole);
  });
}

test('more than the whole is no part of it: it is taken again from its beginning', async (t) => {
  const service = await start(t);

  service.state = 'done';
  fs.writeFileSync(service.file('a.ndjson.part'), 'x'.repeat(whole.length + 1));
  assert.equal((await service.run('--resume', id, '-o', 'a.ndjson')).code, 0);
  assert.equal(fs.readFileSync(service.file('a.ndjson'), 'utf8'), whole);
});

test('an export that has failed says why; what is no export, and no place for a file, are told', async (t) => {
  const service = await start(t);

  Object.assign(service, { state: 'failed', error: 'the disk has no room for it' });
  const failed = await service.run('-o', 'a.ndjson');

  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /the export has failed: the disk has no room for it/);
  const other = await service.run('--resume', 'evt_1', '-o', 'a.ndjson');

  assert.equal(other.code, 2);
  assert.match(other.stderr, /`evt_1` is no export's id/);
  service.state = 'done';
  const nowhere = await service.run('-o', 'no/folder/a.ndjson');

  assert.equal(nowhere.code, 1, nowhere.stderr);
  assert.match(nowhere.stderr, /no\/folder\/a\.ndjson\.part: No such file/);
});
