// SPDX-License-Identifier: MIT
// A whole story of Enable with Segment, and then a search: no token, client secret, key or
// code is anywhere but in the answers whose purpose is to show it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { basic, request } from './lib/http.mjs';
import { consentTo, landing } from './lib/oauth.mjs';
import { Partner, spellings } from './lib/partner.mjs';
import { filesBelow } from './lib/place.mjs';
import { Service, track } from './lib/service.mjs';
import { websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const wrongSecret = 'wrong+secret/canary=0123456789';

// {pid, parent} of every process that can be seen.
function processes() {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');

      return [{ pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      return []; // it has ended
    }
  });
}

function descendants(pid) {
  const all = processes();
  const found = [];

  for (let next = [pid]; next.length > 0;) {
    next = all.filter(({ parent }) => next.includes(parent)).map((one) => one.pid);
    found.push(...next);
  }
  return found;
}

// What a process may be asked of itself; "" when it does not allow that, or is gone.
function proc(pid, name) {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

class Story {
  seen = []; // [where, text]

  static async start(t) {
    const story = new Story();

    story.partner = await Partner.start(t);
    const { service, emulator } = story.partner;

    fs.mkdirSync(path.join(service.folder, 'functions'));
    fs.writeFileSync(path.join(service.folder, 'functions/f.js'),
      'async function onTrack(event, settings) { console.log(Object.keys(settings)); return event.event }');
    service.configure({ ...service.config, subscriptions: [...service.config.subscriptions,
      { name: 'fn', path: '/fn', auth: 'key', function: 'functions/f.js', retry: { attempts: 2, over: '200ms' } }] });
    await service.stop();
    await service.up();
    story.people = [story.partner.person(), story.partner.person()];
    story.secrets = [emulator.env.CLIENT_SECRET, wrongSecret];
    await emulator.control('PUT', 'app', { reinstall: 'allow' });
    story.codes = [];
    return story;
  }

  // Calls the admin API, and keeps what it says, whatever the status.
  async admin(target, { method = 'GET', body } = {}) {
    const { service } = this.partner;
    const headers = { Authorization: `Bearer ${service.token()}`, 'Content-Type': 'application/json' };
    const answer = await request(`${service.admin}${target}`, { method, headers, body });

    this.seen.push([`${method} ${target}`, JSON.stringify(answer.headers) + answer.text]);
    return answer;
  }

  sync(mend = false) {
    return this.admin('/api/v1/installs/1/sync', { method: 'POST', body: { mend } });
  }

  // A new one, each time.
  async captureToken() {
    assert.equal((await this.admin('/api/v1/installs/1/refresh', { method: 'POST' })).status, 200);
    this.secrets.push(await this.partner.token());
  }

  // Everybody's view of it: API, metrics, command line, processes.
  async lookAround() {
    const { service } = this.partner;
    const nouns = ['status', 'installs', 'installs/1', 'events?limit=100', 'dead', 'keys', 'tokens', 'endpoints', 'functions', 'vault'];

    for (const noun of nouns) await this.admin(`/api/v1/${noun}`);
    for (const { id } of await service.events()) await this.admin(`/api/v1/events/${id}`);
    await this.admin('/metrics');
    for (const args of [['config', 'show'], ['status'], ['install', 'list'], ['install', 'get', '1'], ['keys', 'list'], ['events', '--json']]) {
      const { stdout, stderr } = await service.run(args);

      this.seen.push([`partnerapp ${args.join(' ')}`, stdout + stderr]);
    }
    this.lookAtProcesses();
  }

  lookAtProcesses() {
    const { pid } = this.partner.service.child;
    const children = descendants(pid);

    this.nChildren = children.length;
    for (const one of [pid, ...children]) this.seen.push([`the arguments of ${one}`, proc(one, 'cmdline')]);
    for (const one of children) this.seen.push([`the environment of ${one}`, proc(one, 'environ')]);
  }

  // Where a secret is, in any spelling.
  leaks(secrets) {
    const { service } = this.partner;
    const places = [...this.seen, ['the log', service.log]];

    this.people.forEach(({ pages }, i) => places.push([`the pages of person ${i}`, pages.join('\n')]));
    for (const [file, bytes] of filesBelow(service.data)) places.push([file, bytes.toString('latin1')]);
    return secrets.flatMap((secret) => spellings(secret).flatMap((text) =>
      places.filter(([, content]) => content.includes(text)).map(([where]) => `${text} in ${where}`)));
  }
}

async function connect(story) {
  const [person] = story.people;
  const location = await person.press();

  story.codes.push(landing({ headers: { location } }).code);
  assert.equal((await person.land(location)).status, 200);
  await person.land(location); // reload
  story.key = await story.partner.apiKey();
  story.secrets.push(story.key, await story.partner.token());
  await story.captureToken();
}

async function renewAndCompare(story) {
  const { partner } = story;

  await story.captureToken();
  await partner.emulator.control('PUT', 'destination',
    { source: 'workspaces/acme/sources/website', slug: 'demo', enabled: false, config: { apiKey: 'changed' } });
  assert.equal((await story.sync()).status, 200);
  assert.equal((await story.sync(true)).status, 200);
}

// Segment quotes what it was sent, in every field that people may get to read.
async function quote(story) {
  const { partner } = story;
  const token = await partner.token();
  const words = (secret) => `the value ${secret} is not right`;

  for (const secret of [token, story.key])
    for (const status of [400, 403]) {
      await partner.fault({ where: 'config', what: 'status', status, body: { error: words(secret), message: words(secret), code: 3 } });
      const answer = await story.sync();

      assert.equal(answer.status, 502);
      assert.match(answer.text, /Segment: .*the value •+ is not right/);
      await partner.emulator.control('DELETE', 'faults');
    }
  const { env: { CLIENT_SECRET: secret } } = partner.emulator;

  for (const error of ['invalid_client', words(secret)]) {
    await partner.fault({ where: 'refresh', what: 'status', status: 400, body: { error, error_description: words(secret), code: 3 } });
    await story.admin('/api/v1/installs/1/refresh', { method: 'POST' });
    await partner.emulator.control('DELETE', 'faults');
  }
  assert.equal((await story.sync(true)).status, 200, 'it goes on');
  await story.captureToken();
}

async function deliverEvents(story) {
  const { partner: { service, endpoint, emulator } } = story;
  const sent = { userId: 'u1', event: 'Order Completed' };

  await emulator.ask('POST', '/v1/track', sent, { 'Content-Type': 'application/json', Authorization: basic(websiteKey) });
  await until('it has come', () => endpoint.requests.length > 0, { timeout: 15000 });
  const settings = Buffer.from(JSON.stringify({ apiKey: story.key })).toString('base64');
  const headers = { 'X-Segment-Settings': settings };

  await service.deliver(track(), { key: story.key, headers, path: '/fn' });
  endpoint.mood({ status: 400, body: `{"error":"your key is ${story.key}"}` });
  await service.deliver(track(), { key: story.key, headers });
  endpoint.mood(200);
  for (const key of [`${story.key}x`, wrongSecret, story.key.slice(1)]) assert.equal((await service.post(track(), { key })).status, 401);
}

async function callbackErrors(story) {
  const [ana, eve] = story.people;
  const hers = await ana.press();
  const { code, state } = landing({ headers: { location: hers } });

  story.codes.push(code);
  assert.equal((await eve.land(hers)).status, 400);
  for (const query of [`code=${code}&state=${state}x`, `error=access_denied&error_description=${code}&state=${state.slice(1)}`, `code=${code}&code=${code}`])
    assert.equal((await ana.get(`/auth/segment/callback?${query}`)).status, 400);
  await story.partner.fault({ where: 'token', what: 'status', status: 400, body: { error: 'invalid_grant', error_description: code } });
  assert.equal((await ana.land(hers)).status, 400);
  await story.partner.emulator.control('DELETE', 'faults');
}

// The operator has the secret wrong, then right again, with a kill in between.
async function wrongSecretThenKill(story) {
  const { partner: { service } } = story;
  const env = { ...service.env };

  service.env.CLIENT_SECRET = wrongSecret;
  await service.stop();
  await service.up();
  const location = await story.people[1].press();

  story.codes.push(landing({ headers: { location } }).code);
  assert.match((await story.people[1].land(location)).text, /PA5002/);
  await story.admin('/api/v1/installs/1/refresh', { method: 'POST' });
  service.env = env;
  await service.stop('SIGKILL');
  await service.up();
  assert.equal((await story.sync(true)).status, 200);
  await story.captureToken();
}

test('no token, client secret, key or code is in a log, a page, a file, an answer or another process', { timeout: 60000 }, async (t) => {
  const story = await Story.start(t);

  await connect(story);
  await story.lookAround();
  await renewAndCompare(story);
  await quote(story);
  await deliverEvents(story);
  await callbackErrors(story);
  await story.lookAround();
  await wrongSecretThenKill(story);
  await story.lookAround();
  assert.ok(story.nChildren > 0, 'the runner is looked at');
  assert.match(story.key, /^pk_/);
  assert.equal(new Set(story.secrets).size, story.secrets.length, 'each is another');
  assert.ok(filesBelow(story.partner.service.data).some(([file]) => file.endsWith('-wal')), 'the log of the database is looked at');
  const cookies = story.people.flatMap(({ jar }) => [...jar].filter(([name, value]) => /enable_/.test(name) && value.length === 43).map(([, value]) => value));

  assert.ok(cookies.length > 0);
  assert.deepEqual(story.leaks([...story.secrets, ...story.codes]), []);
  assert.deepEqual(story.leaks(cookies).filter((leak) => !leak.includes('the pages of')), [], 'a browser has its own cookie');
  await story.partner.service.stop();
  assert.deepEqual(story.leaks([...story.secrets, ...story.codes]), [], 'nor after the end');
  // The search finds what is there.
  for (const form of [story.key, encodeURIComponent(wrongSecret), Buffer.from(`id:${wrongSecret}`).toString('base64'),
    Buffer.from(`id:${wrongSecret}`).toString('base64url'), Buffer.from(story.key).toString('hex')]) {
    story.seen = [['here', `x${form}y`]];
    assert.ok(story.leaks([story.key, wrongSecret]).length > 0, form);
  }
});

for (const mode of ['serve', 'dev'])
  test(`a crash of ${mode} leaves no memory on the disk: no core is dumped, of children neither`, async (t) => {
    const service = await Service.start(t, { mode });

    for (const pid of [service.child.pid, ...descendants(service.child.pid)]) {
      const limits = proc(pid, 'limits');

      if (limits) assert.match(limits, /Max core file size +0 +0/, String(pid));
    }
    assert.match(proc(service.child.pid, 'limits'), /Max core/);
    await until('it says that it is ready', async () => (await request(`${service.url}/livez`)).status === 200);
  });

test('consent is asked again for who was forgotten, and the old token is nowhere', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();

  await person.enable();
  const token = await partner.token();
  const key = await partner.apiKey();

  await partner.service.api('/installs/1', { method: 'DELETE' });
  await consentTo(partner.emulator, { deny: true });
  await person.enable();
  assert.deepEqual(partner.leaks([token, key], [person]), []);
});
