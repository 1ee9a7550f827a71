// SPDX-License-Identifier: MIT
// The program is replaced while it serves: sockets go on, nobody notices.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';

import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { build, program } from './lib/program.mjs';
import { addsUp, flood, Service, track } from './lib/service.mjs';
import { smallDisk } from './lib/small-disk.mjs';
import { Connection, requestText } from './lib/strict.mjs';
import { until } from './lib/wait.mjs';

function nTakenOver(service) {
  return service.log.split('taken over').length - 1;
}

async function handOver(service, count = nTakenOver(service) + 1) {
  service.child.kill('SIGUSR2');
  await until('the next program has taken over', () => service.exit || nTakenOver(service) >= count,
    { timeout: 20000, every: 5 });
  assert.equal(service.exit, null, service.log);
}

function inode(pid, port) {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const row = fs.readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n')
    .find((line) => line.includes(`:${wanted} 00000000:0000 0A`));

  return row?.trim().split(/\s+/)[9];
}

// The bytes of what is between us and the file of a test's own program.
function installProgram(folder) {
  for (const name of ['partnerapp', 'partnerapp-runner'])
    fs.copyFileSync(path.join(build, name), path.join(folder, name));
  return path.join(folder, 'partnerapp');
}

test('SIGUSR2 replaces the program: same pid, same socket, an idle connection goes on', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const socket = inode(service.child.pid, service.port);
  const connection = await Connection.open(service.port);

  t.after(() => connection.close());
  assert.equal((await connection.request(requestText(track()))).status, 202);
  for (let round = 1; round <= 3; round++) {
    await handOver(service);
    assert.equal(inode(service.child.pid, service.port), socket, 'the very same socket listens');
    const answer = await connection.request(requestText(track()));

    assert.equal(answer.status, 202);
    assert.equal(answer.close, false, 'the client notices nothing');
  }
  assert.equal((await service.counters()).accepted, 4);
  assert.equal((await service.stop()).code, 0);
});

test('the program that is installed meanwhile takes over, though the old file is gone', async (t) => {
  const service = await Service.prepare(t, { subscription: { auth: 'none' } });
  const installed = installProgram(temporaryFolder(t));

  await service.up(installed);
  const before = fs.statSync(installed).ino;

  fs.rmSync(installed);
  fs.copyFileSync(program, installed);
  assert.notEqual(fs.statSync(installed).ino, before);
  await handOver(service);
  assert.equal(fs.readlinkSync(`/proc/${service.child.pid}/exe`), installed, 'and not "(deleted)"');
});

const refusals = [
  ['the configuration is broken', (service) => fs.writeFileSync(service.configFile, 'sevrer: {}\n'), /sevrer/],
  ['the program is missing', (service, installed) => fs.rmSync(installed), /partnerapp/],
  ['the program cannot be run', (service, installed) => {
    fs.rmSync(installed);
    fs.writeFileSync(installed, 'no program', { mode: 0o755 });
  }, /./],
  ['a function is broken', (service) => {
    writeFiles(service.folder, { 'f.js': 'async function onTrack( {' });
    service.configure({}, { auth: 'none', function: 'f.js' });
  }, /f\.js|SyntaxError/],
  ['the certificate is none', (service) => {
    writeFiles(service.folder, { 'c.pem': 'x', 'k.pem': 'y' });
    const { public: address, admin } = service.config.server;

    service.configure({ server: { public: address, admin, tls_cert: 'c.pem', tls_key: 'k.pem' } }, { auth: 'none' });
  }, /TLS/],
];

for (const [why, spoil, said] of refusals) {
  test(`${why}: nothing is handed over, the log says why, the service goes on`, async (t) => {
    const service = await Service.prepare(t, { subscription: { auth: 'none' } });
    const installed = installProgram(temporaryFolder(t));

    await service.up(installed);
    spoil(service, installed);
    service.child.kill('SIGUSR2');
    await until('the refusal is logged', () => /not handed over/.test(service.log), { timeout: 15000 });
    assert.match(service.log.split('not handed over')[1], said);
    assert.equal((await service.post(track())).status, 202);
    assert.equal(service.exit, null);
    assert.equal(nTakenOver(service), 0);
  });
}

test('a client in the middle of its request is answered, then its connection ends', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const connection = await Connection.open(service.port);
  const text = requestText(track({ messageId: 'half' }));
  const answer = connection.answer();

  connection.write(text.slice(0, -20));
  await until('the head has come', async () => (await service.api('/status')).version);
  service.child.kill('SIGUSR2');
  await until('it hands over', () => /msg="handing over"/.test(service.log), { every: 2 });
  connection.write(text.slice(-20));
  const { status, close } = await answer;

  assert.equal(status, 202);
  if (close) await until('the connection ends', () => !connection.isOpen);
  await until('taken over', () => nTakenOver(service) === 1);
  assert.equal((await service.counters()).accepted, 1);
});

test('who sends half of a request line and no more does not hold up the hand-over', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const connection = await Connection.open(service.port);

  t.after(() => connection.close());
  connection.write('POST /webh');
  await until('it has been read', async () => (await service.post(track())).status === 202);
  await handOver(service);
  assert.equal((await service.post(track())).status, 202);
});

test('a batch of 100 that comes during it is whole, and each event arrives', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url } });
  const ids = [];
  let isOver = false;
  const load = (async () => {
    for (let n = 0; !isOver; n++) {
      const batch = Array.from({ length: 100 }, (_, i) => track({ messageId: `batch-${n}-${i}` }));
      const { status, json, text } = await service.post(batch);

      assert.equal(status, 202, text);
      assert.equal(json.accepted, 100);
      ids.push(...batch.map(({ messageId }) => messageId));
    }
  })();

  for (let round = 0; round < 3; round++) await handOver(service);
  isOver = true;
  await load;
  await until('all arrived', () => ids.every((id) => endpoint.ids.has(id)), { timeout: 30000 });
  assert.ok(addsUp(await service.counters()));
});

test('under load over kept-alive connections no request fails and nothing is lost', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { subscription: { endpoint: endpoint.url } });
  const { key } = await service.createKey();
  let nHandedOver = 0;
  const ids = await flood(service, {
    count: 3000, connections: 16, key,
    onAnswer: ({ status, text }, id) => {
      assert.equal(status, 202, text);
      if (!id.endsWith('999')) return;
      service.child.kill('SIGUSR2');
      nHandedOver++;
    },
  });

  assert.equal(ids.length, 3000);
  assert.equal(nHandedOver, 3);
  await until('all arrived', () => ids.every((id) => endpoint.ids.has(id)), { timeout: 30000 });
});

test('what a function was doing is finished, not lost', async (t) => {
  const endpoint = await Endpoint.start(t, { status: 200, delay: 300 });
  const service = await Service.start(t, {
    files: { 'f.js': `async function onTrack(event) { await fetch('${endpoint.url}', { method: 'POST', body: event.messageId }); }` },
    subscription: { auth: 'none', function: 'f.js' },
  });
  const { json: { ids } } = await service.post(track({ messageId: 'once' }));

  await until('the function asks', () => endpoint.requests.length === 1);
  await handOver(service);
  const event = await service.settled(ids[0]);

  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(endpoint.requests.length, 1, 'it was waited for');
});

test('an endpoint that hangs does not hold up the hand-over for longer than its grace', async (t) => {
  const endpoint = await Endpoint.start(t, 'hang');
  const service = await Service.start(t, { subscription: { auth: 'none', endpoint: endpoint.url, timeout: '30s' } });
  const { json: { ids } } = await service.post(track());

  await until('the request hangs', () => endpoint.requests.length === 1);
  const handed = handOver(service);

  await until('it hands over', () => /msg="handing over"/.test(service.log), { every: 2 });
  assert.equal((await service.post(track())).status, 202, 'events are taken meanwhile');
  endpoint.mood(200);
  await handed;
  assert.equal((await service.settled(ids[0])).deliveries[0].state, 'delivered');
});

test('a stream ends with a hint when to come back, and comes back', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const open = () => new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${service.token()}` };
    const stream = { text: '', isEnded: false };

    http.get(`${service.admin}/api/v1/stream?topics=events`, { headers }, (response) => {
      response.setEncoding('utf8').on('data', (text) => { stream.text += text; });
      response.on('end', () => { stream.isEnded = true; });
      response.on('error', reject);
      resolve(stream);
    }).on('error', reject);
  });
  const stream = await open();

  await until('hello', () => /event: hello/.test(stream.text));
  await handOver(service);
  await until('it ends properly', () => stream.isEnded);
  assert.match(stream.text, /retry: \d+\n\n$/);
  const next = await open();

  await until('hello again', () => /event: hello/.test(next.text));
});

test('exports that are being written go on after it, and do not hold it up', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const batch = (n) => Array.from({ length: 100 }, (_, i) => track({ messageId: `exported-${n}-${i}` }));

  for (let n = 0; n < 100; n++) assert.equal((await service.post(batch(n))).status, 202);
  for (let round = 0; round < 3; round++) {
    const jobs = await Promise.all([0, 1, 2].map(() =>
      service.api('/exports', { method: 'POST', body: { q: 'type:track' } })));

    await handOver(service);
    for (const { id } of jobs) {
      const job = await until('it is whole', async () => {
        const { state, done } = await service.api(`/exports/${id}`);

        return state !== 'running' && { state, done };
      });

      assert.deepEqual(job, { state: 'done', done: 10000 });
      await service.api(`/exports/${id}`, { method: 'DELETE' });
    }
  }
});

async function startWithTls(t, config = {}) {
  const { certificate, key } = await makeCertificate(temporaryFolder(t));
  const service = await Service.prepare(t, {});

  service.configure({ ...config, server: { public: `127.0.0.1:${service.port}`, admin: `127.0.0.1:${service.adminPort}`,
    tls_cert: certificate, tls_key: key } }, { auth: 'none' });
  service.spawn();
  await until('it is up', () => service.exit || /"started"/.test(service.log), { timeout: 20000 });
  return service;
}

test('with TLS a client hears that its connection ends before it does, and who has connected is answered', async (t) => {
  const service = await startWithTls(t);
  const answers = [];
  let isOver = false;
  let nConnections = 0;
  const lane = async (most) => {
    while (!isOver) {
      const socket = tls.connect({ port: service.port, host: '127.0.0.1', rejectUnauthorized: false });

      nConnections++;
      for (let n = 0, isOpen = true; isOpen && n < most && !isOver; n++) {
        const { status, close } = await tlsRequest(socket);

        answers.push(status);
        isOpen = !close;
      }
      socket.destroy();
    }
  };
  const load = Promise.all([lane(1), lane(1), lane(2), lane(Infinity)]);

  await until('it flows', () => answers.length > 20);
  for (let round = 0; round < 3; round++) {
    await handOver(service);
    const before = answers.length;

    await until('it flows on', () => answers.length > before + 20);
  }
  isOver = true;
  await load;
  assert.ok(answers.every((status) => status === 202), [...new Set(answers)].join());
  assert.ok(nConnections > 1);
});

test('with TLS who connected long ago and says nothing does not hold up the hand-over', async (t) => {
  const service = await startWithTls(t);
  const silent = net.connect(service.port, '127.0.0.1');

  t.after(() => silent.destroy());
  await new Promise((resolve) => { silent.on('connect', resolve); });
  const connectedAt = performance.now();

  await until('its first two seconds are over', () => performance.now() > connectedAt + 2100, { timeout: 5000 });
  const began = performance.now();

  await handOver(service);
  const [, paused] = /not_accepting_ms=(\d+)/.exec(service.log);

  assert.ok(Number(paused) < 1500, `${paused} ms of ${performance.now() - began}`);
});

test('a service with TLS whose store has no room to be opened says so through TLS', async (t) => {
  const { disk, scope } = smallDisk(t);

  if (!disk) return;
  const service = await startWithTls(scope, { store: `sqlite:${disk.folder}/partnerapp.db` });
  const post = async () => {
    const socket = tls.connect({ port: service.port, host: '127.0.0.1', rejectUnauthorized: false });

    try {
      return (await tlsRequest(socket)).status;
    } catch {
      return 0;
    } finally {
      socket.destroy();
    }
  };

  assert.equal(await post(), 202);
  await service.kill();
  fs.rmSync(`${disk.folder}/partnerapp.db-shm`);
  disk.fill();
  service.spawn();
  await until('it says that it is full', async () => service.exit || await post() === 503);
  assert.equal((await service.post(track()).catch(() => ({ status: 0 }))).status, 0, 'in plain text it says nothing');
  disk.free();
  await until('it accepts', async () => await post() === 202);
  assert.equal(service.exit, null, service.log);
});

function makeCertificate(folder) {
  const files = { certificate: path.join(folder, 'c.pem'), key: path.join(folder, 'k.pem') };

  return new Promise((resolve, reject) => {
    spawn('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
      '-keyout', files.key, '-out', files.certificate, '-days', '2', '-subj', '/CN=localhost'])
      .on('error', reject)
      .on('exit', (code) => (code === 0 ? resolve(files) : reject(new Error(`openssl ended with ${code}`))));
  });
}

function tlsRequest(socket) {
  return new Promise((resolve, reject) => {
    let got = '';
    const take = (text) => {
      got += text;
      const length = /content-length: (\d+)/i.exec(got);

      if (!got.includes('\r\n\r\n') || got.split('\r\n\r\n')[1].length < Number(length[1])) return;
      socket.removeAllListeners();
      socket.on('error', () => {});
      resolve({ status: Number(got.slice(9, 12)), close: /connection: close/i.test(got) });
    };

    socket.setEncoding('latin1').on('data', take);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('ended without an answer')));
    socket.write(requestText(track()));
  });
}

// What systemd does: sockets of its own at 3 and 4, and three variables.
function activated(service, { names, listeners, env = {} }) {
  const script = `exec env LISTEN_PID=$$ LISTEN_FDS=${listeners.length} ${names ? `LISTEN_FDNAMES=${names}` : ''} "$@"`;

  service.child = spawn('sh', ['-c', script, 'sh', program, ...service.arguments], {
    cwd: service.folder, env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...listeners.map((listener) => listener._handle)],
  });
  service.exit = null;
  for (const stream of [service.child.stdout, service.child.stderr])
    stream.setEncoding('utf8').on('data', (text) => { service.log += text; });
  service.child.on('exit', (code, signal) => { service.exit = { code, signal }; });
}

async function listen(host) {
  const server = net.createServer({ pauseOnConnect: true }); // what is handed on, Node shall not read

  await new Promise((resolve) => { server.listen(0, host, resolve); });
  return server;
}

for (const [what, names, hosts] of [
  ['named', 'admin:public', ['127.0.0.1', '127.0.0.1']],
  ['without names: public, then admin', '', ['127.0.0.1', '127.0.0.1']],
  ['of both IPv6 and IPv4', 'public:admin', ['::', '::1']],
]) {
  test(`sockets of the service manager, ${what}, are used, and handed on`, async (t) => {
    const listeners = await Promise.all(hosts.map(listen));
    const ports = listeners.map((listener) => listener.address().port);
    const [publicPort, adminPort] = names.startsWith('admin') ? [ports[1], ports[0]] : ports;
    const adminHost = hosts[names.startsWith('admin') ? 0 : 1].replace('::1', '[::1]');
    const service = await Service.prepare(t, {});

    service.configure({}, { auth: 'none' });
    activated(service, { names, listeners });
    // Node would accept on its own handle as well.
    for (const listener of listeners) listener.close();
    await until('it is up', () => service.exit || /msg="?started/.test(service.log), { timeout: 20000 });
    assert.equal(service.exit, null, service.log);
    for (let round = 0; round < 2; round++) {
      assert.equal((await request(`http://127.0.0.1:${publicPort}/livez`)).status, 200);
      if (hosts[0] === '::') assert.equal((await request(`http://[::1]:${publicPort}/livez`)).status, 200);
      const { status } = await request(`http://${adminHost}:${adminPort}/api/v1/status`,
        { headers: { Authorization: `Bearer ${service.token()}` } });

      assert.equal(status, 200);
      assert.equal((await service.run(['status'])).code, 0, 'the command line finds it');
      if (round === 0) await handOver(service);
    }
    assert.match(service.log, /handed over is used/, 'the configuration says another port, and the log says so');
  });
}

test('what was handed over to a service whose store has no room to be opened: sockets stay, connections have an answer', async (t) => {
  const { disk, scope } = smallDisk(t);

  if (!disk) return;
  const service = await Service.start(scope,
    { config: { store: `sqlite:${disk.folder}/partnerapp.db` }, subscription: { auth: 'none' } });
  const listeners = await Promise.all(['127.0.0.1', '127.0.0.1'].map(listen));

  await service.kill();
  fs.rmSync(`${disk.folder}/partnerapp.db-shm`);
  disk.fill();
  service.port = listeners[0].address().port;
  service.adminPort = listeners[1].address().port;
  const accepted = new Promise((resolve) => { listeners[0].on('connection', resolve); });
  const client = net.connect(service.port, '127.0.0.1');
  const connection = await accepted;

  scope.after(() => { client.destroy(); connection.destroy(); });
  activated(service, { names: 'public:admin:public+', listeners: [...listeners, connection] });
  for (const listener of listeners) listener.close(); // or this process would take connections, too
  client.setEncoding('latin1').write(requestText(track()));
  const [said] = await once(client, 'data');

  assert.match(said, /^HTTP\/1\.1 503 [^]*disk of the store is full/);
  const post = async () => (await service.post(track()).catch(() => ({ status: 0 }))).status;

  assert.equal(await post(), 503);
  disk.free();
  await until('it accepts', async () => await post() === 202);
  assert.equal(service.exit, null, service.log);
});

test('LISTEN_FDS of another process is ignored', async (t) => {
  const service = await Service.prepare(t, { subscription: { auth: 'none' } });

  service.env = { LISTEN_PID: '1', LISTEN_FDS: '2', LISTEN_FDNAMES: 'public:admin' };
  await service.up();
  assert.equal((await service.post(track())).status, 202);
});

test('a master key of the environment is there for the next program, and for nobody else', async (t) => {
  const service = await Service.prepare(t, { subscription: { auth: 'none' } });

  service.env = { PARTNERAPP_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
  await service.up();
  await handOver(service);
  assert.equal((await service.post(track())).status, 202);
  assert.doesNotMatch(fs.readFileSync(`/proc/${service.child.pid}/environ`, 'latin1'), /BwcHBwcH/);
});

test('serve --check says yes or why not, and touches nothing', async (t) => {
  const service = await Service.start(t, { subscription: { auth: 'none' } });
  const good = await service.run(['serve', '--check']);

  assert.equal(good.code, 0, good.stderr);
  assert.equal(service.exit, null);
  fs.writeFileSync(service.configFile, 'nonsense: 1\n');
  const bad = await service.run(['serve', '--check']);

  assert.equal(bad.code, 3);
  assert.match(bad.stderr, /nonsense/);
});
