// SPDX-License-Identifier: MIT
// Starting, refusing to start, reloading, stopping.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Endpoint } from './lib/endpoint.mjs';
import { exchange, request } from './lib/http.mjs';
import { freePort, temporaryFolder, writeFiles } from './lib/place.mjs';
import { run } from './lib/program.mjs';
import { addsUp, flood, Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

test('two services on one data folder: the second exits 6 and says who holds it', async (t) => {
  const service = await Service.start(t);
  const second = await Service.prepare(t);

  second.data = service.data;
  second.configure({ store: `sqlite:${service.data}/partnerapp.db` });
  const { code, stderr } = await run(second.arguments, { cwd: second.folder });

  assert.equal(code, 6, stderr);
  assert.match(stderr, new RegExp(`\\b${service.child.pid}\\b`), 'names the process');
  assert.match(stderr, /help:/);
});

for (const which of ['public', 'admin']) {
  test(`the ${which} port is in use: exit 6 with the remedy`, async (t) => {
    const taken = net.createServer().listen(0, '127.0.0.1');

    t.after(() => taken.close());
    await once(taken, 'listening');
    const service = await Service.prepare(t);

    service[which === 'public' ? 'port' : 'adminPort'] = taken.address().port;
    service.configure({});
    const { code, stderr } = await run(service.arguments, { cwd: service.folder });

    assert.equal(code, 6, stderr);
    assert.match(stderr, new RegExp(`PA1020.*${taken.address().port}`));
    assert.match(stderr, /help:/);
  });
}

test('an unknown key: exit 3 with line, column, caret and suggestion', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'partnerapp.yaml': 'log: {level: info}\nserver:\n  pubic_url: https://hooks.example.com\n' });
  for (const args of [['serve', '--data', 'data'], ['config', 'check']]) {
    const { code, stderr, stdout } = await run(args, { cwd: folder });
    const said = stderr + stdout;

    assert.equal(code, 3, said);
    assert.match(said, /error\[PA1\d{3}\].*pubic_url/);
    assert.match(said, /partnerapp\.yaml:3:3/);
    assert.match(said, /pubic_url: https:/, 'the source line');
    assert.match(said, /\^\^\^+ did you mean `public_url`\?/);
  }
  assert.ok(!fs.existsSync(path.join(folder, 'data', 'partnerapp.db')), 'nothing was started');
});

test('each broken configuration is refused at its place', async (t) => {
  const folder = temporaryFolder(t);
  const cases = [
    ['a duration that is none', 'limits:\n  retention: soon\n', /:2:14/],
    ['a number that is none', 'subscriptions:\n  - name: default\n    concurrency: many\n', /:3:18/],
    ['an unknown choice', 'subscriptions:\n  - name: default\n    auth: password\n', /:3:11/],
    ['a duplicate key', 'log: {level: info}\nlog: {level: debug}\n', /:2:1/],
    ['a tab', 'server:\n\tpublic: 1\n', /:2:/],
    ['an address without a port', 'server:\n  public: nowhere\n', /:2:11/],
    ['two subscriptions of one name', 'subscriptions:\n  - name: a\n  - name: a\n', /:3:/],
    ['two subscriptions on one path', 'subscriptions:\n  - {name: a, path: /x}\n  - {name: b, path: /x}\n', /:3:/],
    ['auth none on a public address', 'server:\n  public: 0.0.0.0:8888\nsubscriptions:\n  - {name: default, auth: none}\n', /auth/],
    ['an app without its credentials', 'app: {destination: x}\n', /CLIENT_ID/],
  ];

  for (const [why, text, place] of cases) {
    writeFiles(folder, { 'partnerapp.yaml': text });
    const { code, stderr, stdout } = await run(['config', 'check'], { cwd: folder });

    assert.equal(code, 3, `${why}: ${code} ${stderr}`);
    assert.match(stderr + stdout, place, why);
  }
});

test('several problems are all shown', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'partnerapp.yaml': 'sevrer: {}\nlimits: {body: big}\nsubscriptions: [{name: default, endpoint: "https://a.example"}]\n' });
  const { stderr, stdout } = await run(['config', 'check'], { cwd: folder });

  assert.match(stderr + stdout, /sevrer[^]*body/);
  assert.match(stderr + stdout, /2 problems/);
});

test('the environment wins over the file, a flag over both', async (t) => {
  const service = await Service.prepare(t);
  const port = await freePort();

  service.env = { PARTNERAPP_SERVER_PUBLIC: `127.0.0.1:${port}` };
  service.port = port;
  await service.up();
  assert.equal((await request(`http://127.0.0.1:${port}/livez`)).status, 200);
  const { stdout } = await service.run(['config', 'show', '--origin']);

  assert.match(stdout, /server\.public.*PARTNERAPP_SERVER_PUBLIC/);
});

test('SIGTERM lets finish what is in flight, parks the rest and exits 0 within 8 s', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 200, delay: 1000 });
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url, concurrency: 4 } });
  const { key } = await service.createKey();
  const { json: { ids } } = await service.post(Array.from({ length: 200 }, () => track()), { key });

  await until('requests are in flight', () => endpoint.requests.length > 0);
  const { code, took } = await service.stop('SIGTERM');

  assert.equal(code, 0, service.log);
  assert.ok(took < 9000, `${took} ms`);
  endpoint.mood(200);
  await service.up();
  for (const id of ids) assert.equal((await service.settled(id)).deliveries[0].state, 'delivered');
  assert.ok(addsUp(await service.counters()));
});

test('SIGTERM while an endpoint hangs: exits 0 within 8 s all the same', async (t) => {
  const endpoint = await Endpoint.start(t, 'hang');
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url, timeout: '30s' } });
  const { key } = await service.createKey();

  await service.post(track(), { key });
  await until('the request hangs', () => endpoint.requests.length === 1);
  const { code, took } = await service.stop('SIGTERM');

  assert.equal(code, 0);
  assert.ok(took < 9000, `${took} ms`);
});

test('SIGINT on an idle service: exits 0 at once', async (t) => {
  const service = await Service.start(t);
  const { code, took } = await service.stop('SIGINT');

  assert.equal(code, 0);
  assert.ok(took < 1500, `${took} ms`);
});

test('under load SIGTERM refuses nothing with a 4xx and loses nothing', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url } });
  const { key } = await service.createKey();
  const statuses = new Set();
  const accepted = [];
  const load = Promise.all(Array.from({ length: 16 }, async (_, lane) => {
    for (let i = 0; i < 2000; i++) {
      const event = track({ messageId: `${lane}-${i}` });
      const answer = await service.post(event, { key }).catch(() => null);

      if (answer === null) return;
      statuses.add(answer.status);
      if (answer.status === 202) accepted.push(event.messageId);
    }
  }));

  await until('it flows', () => accepted.length > 500);
  assert.equal((await service.stop('SIGTERM')).code, 0);
  await load;
  assert.ok([...statuses].every((status) => status === 202 || status === 503), [...statuses].join());
  await service.up();
  await until('everything accepted arrived', () => accepted.every((id) => endpoint.ids.has(id)));
});

test('SIGHUP takes a new configuration', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  assert.equal((await service.post(track(), { path: '/webhook/more' })).status, 404);
  service.configure({ subscriptions: [{ name: 'default', auth: 'none' }, { name: 'more', auth: 'none' }] });
  service.child.kill('SIGHUP');
  await until('the new subscription is there', async () =>
    (await service.post(track(), { path: '/webhook/more' })).status === 202);
  assert.equal((await service.post(track())).status, 202);
});

test('SIGHUP takes a new version of a function', async (t) => {
  const code = (version) => `async function onTrack() { return 'version ${version}' }`;
  const service = await Service.start(t, {
    files: { 'f.js': code(1) }, subscription: { auth: 'none', function: 'f.js' },
  });
  const result = async () => (await service.deliver(track())).deliveries[0].attempts[0].result;

  assert.equal(await result(), 'version 1');
  writeFiles(service.folder, { 'f.js': code(2) });
  service.child.kill('SIGHUP');
  await until('version 2 runs', async () => (await result()) === 'version 2');
});

test('SIGHUP with a broken file: everything stays as it was, and the log says so', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  fs.writeFileSync(service.configFile, 'subscriptions:\n  - {name: more, auth: none}\nnonsense: 1\n');
  service.child.kill('SIGHUP');
  await until('the refusal is logged', () => /not reloaded/.test(service.log));
  assert.equal((await service.post(track())).status, 202);
  assert.equal((await service.post(track(), { path: '/webhook/more' })).status, 404);
});

test('SIGHUP cannot move a listener: refused whole', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });

  service.configure({ server: { public: '127.0.0.1:1' }, subscriptions: [{ name: 'more', auth: 'none' }] });
  service.child.kill('SIGHUP');
  await until('the refusal is logged', () => /not reloaded/.test(service.log));
  assert.equal((await service.post(track(), { path: '/webhook/more' })).status, 404);
});

test('SIGHUP during load loses and refuses nothing', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url } });
  const { key } = await service.createKey();
  const ids = await flood(service, {
    count: 2000, connections: 16, key,
    onAnswer: ({ status }, id) => {
      assert.equal(status, 202);
      if (id.endsWith('00')) service.child.kill('SIGHUP');
    },
  });

  assert.equal(ids.length, 2000);
  await until('all are delivered', async () => (await service.counters()).delivered === 2000);
});

test('health: /livez, /readyz, /healthz, and a verbose list of checks', async (t) => {
  const service = await Service.start(t);

  for (const target of ['/livez', '/readyz', '/healthz'])
    assert.equal((await request(service.url + target)).status, 200, target);
  assert.match((await request(`${service.url}/readyz?verbose`)).text, /\[\+\]/);
});

test('it starts again right after it stopped', async (t) => {
  const service = await Service.start(t);

  for (let i = 0; i < 5; i++) {
    assert.equal((await service.stop('SIGTERM')).code, 0);
    await service.up();
  }
});

test('a store of a newer version is refused with what to do', async (t) => {
  const service = await Service.start(t);

  await service.stop();
  await run(['partnerapp.db', 'PRAGMA user_version = 9999'], { command: 'sqlite3', cwd: service.data });
  const { code, stderr } = await run(service.arguments, { cwd: service.folder });

  assert.ok(code > 0 && code !== null);
  assert.match(stderr, /newer/);
});

test('many connections are open when it stops', async (t) => {
  const service = await Service.start(t);
  const open = Promise.all(Array.from({ length: 50 }, () => exchange(service.port, 'POST /webhook HTTP/1.1\r\nHost: x\r\n',
    { timeout: 10000 })));

  await pause(100);
  const { code, took } = await service.stop('SIGTERM');

  assert.equal(code, 0);
  assert.ok(took < 9000);
  await open;
});
