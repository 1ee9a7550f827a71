// SPDX-License-Identifier: MIT
// `partnerapp install`, against a `dev` with its local Segment.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { request } from './lib/http.mjs';
import { Browser } from './lib/oauth.mjs';
import { cleanEnvironment, endSignal, program, root, run } from './lib/program.mjs';
import { Service } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const website = 'workspaces/acme/sources/website';
const demo = `${website}/destinations/demo`;

// A service with its local Segment; commands find both through its data folder.
class Dev {
  static async start(t, options = {}) {
    const dev = new Dev();

    dev.service = await Service.start(t, { mode: 'dev', ...options });
    dev.emulator = new Emulator();
    dev.emulator.url = fs.readFileSync(path.join(dev.service.data, 'emulator.url'), 'utf8').trim().replace('localhost', '127.0.0.1');
    return dev;
  }

  async run(args, { expect = 0, ...options } = {}) {
    const result = await run([...args, '--data', this.service.data], { cwd: this.service.folder, ...options });

    assert.equal(result.code, expect, `${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result;
  }

  async json(args, options) {
    return JSON.parse((await this.run([...args, '--json'], options)).stdout);
  }

  press() {
    return this.json(['install', 'start', '--auto-approve']);
  }

  // The destination as Segment has it.
  destination() {
    return this.json(['segment', 'destinations', 'get', 'demo']);
  }
}

const key = ({ config }) => config.find(({ name }) => name.endsWith('/apiKey')).value;

// --- start --------------------------------------------------------------------------------

test('install start --auto-approve sets a destination up within two seconds, and again without a new consent', async (t) => {
  const dev = await Dev.start(t);
  const began = Date.now();
  const first = await dev.press();

  assert.ok(Date.now() - began < 2000);
  assert.deepEqual(first,
    { install: 'installs/1', workspace: 'workspaces/acme', source: website, destination: demo, created: true });
  const made = key(await dev.destination());
  const again = await dev.press();

  assert.deepEqual(again, { ...first, created: false });
  assert.equal(key(await dev.destination()), made, 'the key stays');
  const { stdout } = await dev.run(['install', 'start', '--auto-approve']);

  assert.equal(stdout, 'installs/1  workspaces/acme  sources/website  scope destination/demo\n'
    + `updated ${demo} (enabled)\n`);
});

// What a person does with the address that the command prints.
async function consent(dev, url) {
  const { host, pathname } = new URL(url);
  const ours = url.replace('//localhost:', '//127.0.0.1:');
  const pressed = await request(ours, { headers: { Host: host } });
  const browser = new Browser(dev.emulator);

  assert.equal(pathname, '/auth/segment');
  const local = pressed.headers.location.replace('//localhost:', '//127.0.0.1:');
  const login = await browser.open(local);
  const question = await browser.submit(login, { person: 'owner@acme.test' });
  const landed = (await browser.submit(question, { do: 'allow', workspace: 'acme', source: website })).headers.location;
  const cookie = pressed.headers['set-cookie'].map((one) => one.split(';')[0]).join('; ');

  return request(landed.replace('//localhost:', '//127.0.0.1:'), { headers: { Host: host, Cookie: cookie } });
}

test('install start prints the address, waits for the consent and tells what came of it', async (t) => {
  const dev = await Dev.start(t);
  const child = spawn(program, ['install', 'start', '--no-open', '--json', '--data', dev.service.data],
    { cwd: dev.service.folder, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let talk = '';
  let code = null;

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { talk += text; });
  child.on('close', (status) => { code = status; });
  await until('the address is printed', () => /Waiting for the consent/.test(talk));
  const [url] = /http:\S+\/auth\/segment/.exec(talk);

  assert.ok([302, 303].includes((await consent(dev, url)).status));
  await until('the command ends', () => code !== null);
  assert.equal(code, 0, talk);
  assert.deepEqual(JSON.parse(out),
    { install: 'installs/1', workspace: 'workspaces/acme', source: website, destination: demo, created: true });
});

test('nobody consents: install start ends with 8 and leaves nothing behind', async (t) => {
  const dev = await Dev.start(t);
  const { stderr } = await dev.run(['install', 'start', '--no-open', '--timeout', '500ms'], { expect: 8 });

  assert.match(stderr, /error\[PA5030\]/);
  assert.deepEqual((await dev.json(['install', 'list'])).data, []);
  await dev.run(['install', 'start', '--auto-approve', '--subscription', 'default'], { expect: 2 });
});

// --- looking ------------------------------------------------------------------------------

test('list and get show how an install stands, by any of its names, and no token', async (t) => {
  const dev = await Dev.start(t);

  assert.match((await dev.run(['install', 'list'])).stderr, /No installs yet/);
  await dev.press();
  const token = (await dev.run(['install', 'token', '1', '--reveal'])).stdout.trim();
  const { data, total } = await dev.json(['install', 'list']);

  assert.equal(total, 1);
  assert.deepEqual([data[0].install, data[0].state, data[0].destination], ['installs/1', 'enabled', demo]);
  assert.deepEqual(await dev.json(['install', 'get', '1']), await dev.json(['install', 'get', 'installs/1']));
  for (const args of [['install', 'list'], ['install', 'get', '1'], ['install', 'get', '1', '--json']]) {
    const { stdout } = await dev.run(args);

    assert.match(stdout, /enabled/);
    assert.ok(!stdout.includes(token), args.join(' '));
  }
  assert.match((await dev.run(['install', 'get', '2'], { expect: 5 })).stderr, /no install/);
  for (const name of ['x', '0', 'installs/', 'workspaces/1'])
    assert.match((await dev.run(['install', 'get', name], { expect: 2 })).stderr, /an install is a number/, name);
});

test('a token is printed alone, only with --reveal, and a refresh kills it', async (t) => {
  const dev = await Dev.start(t);

  await dev.press();
  const refused = await dev.run(['install', 'token', '1'], { expect: 2 });

  assert.match(refused.stderr, /--reveal/);
  assert.equal(refused.stdout, '');
  const { stdout } = await dev.run(['install', 'token', '1', '--reveal']);

  assert.match(stdout, /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}\n$/);
  assert.match((await dev.run(['install', 'refresh', '1'])).stdout, /^installs\/1 has a new token, good until 20/);
  const next = (await dev.run(['install', 'token', '1', '--reveal'])).stdout;

  assert.notEqual(next, stdout);
  const old = await dev.run(['segment', 'destinations', 'get', demo, '--token-file', '-'], { input: stdout, expect: 4 });

  assert.match(old.stderr, /PA5020/);
  await dev.run(['segment', 'destinations', 'get', demo, '--token-file', '-'], { input: next });
});

// --- sync ---------------------------------------------------------------------------------

test('sync shows how the destination differs, masked, ends with 10, and mends on request', async (t) => {
  const dev = await Dev.start(t);

  await dev.press();
  const made = key(await dev.destination());

  assert.match((await dev.run(['install', 'sync', '1'])).stdout, /is as it should be/);
  await dev.run(['segment', 'destinations', 'update', 'demo', '--set', 'apiKey=changed-by-hand', '--disabled']);
  const { stdout } = await dev.run(['install', 'sync', '1'], { expect: 10 });

  assert.match(stdout, /enabled +is false, should be true/);
  assert.match(stdout, /apiKey +is ••••, should be ••••/);
  assert.ok(!stdout.includes('changed-by-hand') && !stdout.includes(made));
  assert.match((await dev.run(['install', 'sync', '1', '--mend', '--dry-run'])).stdout, /would be set again/);
  assert.equal((await dev.destination()).enabled, false, 'nothing was sent');
  const done = (await dev.run(['install', 'sync', '1', '--mend'])).stdout;

  assert.match(done, /enabled +is false, should be true/);
  assert.ok(done.includes(`set again: ${demo}`));
  const mended = await dev.destination();

  assert.deepEqual([mended.enabled, key(mended)], [true, made]);
  assert.match((await dev.run(['install', 'sync', '1', '--mend'])).stdout, /is as it should be/);
  await dev.run(['segment', 'destinations', 'delete', 'demo', '--yes']);
  assert.equal((await dev.json(['install', 'sync', '1'], { expect: 10 })).drift.length, 1, 'a destination that is gone differs');
  assert.equal((await dev.json(['install', 'sync', '1', '--mend'])).drift, null);
  assert.equal((await dev.destination()).name, demo);
});

// --- forget -------------------------------------------------------------------------------

test('forget asks, drops our copy, and says what the customer must still do', async (t) => {
  const dev = await Dev.start(t);

  await dev.press();
  assert.match((await dev.run(['install', 'forget', '1'], { expect: 2 })).stderr, /--yes/);
  assert.match((await dev.run(['install', 'forget', '1', '--dry-run'])).stderr, /would be forgotten/);
  assert.equal((await dev.json(['install', 'list'])).total, 1);
  assert.match((await dev.run(['install', 'forget', '1', '--yes'])).stderr, /the customer must remove the app there too/);
  assert.equal((await dev.json(['install', 'list'])).total, 0);
  await dev.run(['install', 'forget', '1', '--yes'], { expect: 5 });
});

// --- as a client --------------------------------------------------------------------------

test('segment commands take the only install\'s token and short names, and cannot do more than its scope', async (t) => {
  const dev = await Dev.start(t);
  const none = await dev.run(['segment', 'destinations', 'get', 'demo'], { expect: 5 });

  assert.match(none.stderr, /PA5028/);
  await dev.press();
  assert.equal((await dev.destination()).name, demo);
  assert.equal((await dev.json(['segment', 'destinations', 'get', 'demo', '--install', '1'])).name, demo);
  const list = await dev.run(['segment', 'destinations', 'list'], { expect: 4 });

  assert.match(list.stderr, /PA5021.*403: insufficient scope/);
  assert.match(list.stderr, /destination\/SLUG: get, create, update, delete/);
  await dev.run(['segment', 'destinations', 'get', 'demo', '--install', '7'], { expect: 5 });
});

// --- the button -----------------------------------------------------------------------------

test('install button prints a snippet that leads to the flow, for every theme', async (t) => {
  const dev = await Dev.start(t);
  const html = await dev.run(['install', 'button']);
  const [, page, image] = /^<a href="(\S+)"><img src="(\S+)" alt="Enable with Segment"/.exec(html.stdout);

  assert.equal(new URL(page).pathname, '/auth/segment');
  assert.match(html.stderr, /server\.public_url/);
  assert.equal((await request(page.replace('localhost', '127.0.0.1'))).status, 302);
  for (const theme of ['light', 'dark', 'green']) {
    const markdown = (await dev.run(['install', 'button', '--theme', theme, '--format', 'markdown'])).stdout;
    const [, source, target] = /^\[!\[Enable with Segment\]\((\S+)\)\]\((\S+)\)\n$/.exec(markdown);
    const picture = await request(source.replace('localhost', '127.0.0.1'));

    assert.equal(target, page);
    assert.equal(new URL(source).searchParams.get('theme'), theme);
    assert.deepEqual([picture.status, picture.headers['content-type'].split(';')[0]], [200, 'image/svg+xml']);
  }
  assert.equal(new URL(image).pathname, '/auth/segment/button.svg');
  const there = await dev.json(['install', 'button'], { env: { PARTNERAPP_SERVER_PUBLIC_URL: 'https://hooks.example.com/' } });

  assert.equal(there.url, 'https://hooks.example.com');
  assert.match(there.snippet, /^<a href="https:\/\/hooks\.example\.com\/auth\/segment">/);
});

test('the demo goes from the press to the sink and prints each step', async () => {
  const { code, stdout, stderr } = await run([path.join(root, 'tools/demo.mjs')],
    { command: process.execPath, timeout: 60000, env: { BUILD: path.dirname(program) } });

  assert.equal(code, 0, stdout + stderr);
  for (const step of ['press: ', 'consent: ', '(enabled)', 'analytics-node sent', 'the webhook accepted', 'it is in the sink', 'done'])
    assert.ok(stdout.includes(step), step);
});
