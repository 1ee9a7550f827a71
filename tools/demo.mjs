// SPDX-License-Identifier: MIT
// Enable with Segment from the press to the sink, without an account and without a browser:
//   make demo        starts dev with its local Segment in a temporary folder, and prints each step as it happens

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { client } from '../tests/e2e/lib/clients.mjs';
import { request } from '../tests/e2e/lib/http.mjs';
import { freePort, temporaryFolder } from '../tests/e2e/lib/place.mjs';
import { cleanEnvironment, program, run } from '../tests/e2e/lib/program.mjs';
import { until } from '../tests/e2e/lib/wait.mjs';

const started = Date.now();
const folder = temporaryFolder();
const data = path.join(folder, 'data');
const source = 'workspaces/acme/sources/website';
let child;
let log = '';

function say(mark, text) {
  console.log(`${String(Date.now() - started).padStart(6)} ms  ${mark}  ${text}`);
}

function need(condition, what) {
  if (!condition) throw new Error(what);
}

// --- what runs --------------------------------------------------------------------------

async function start() {
  const port = await freePort();

  child = spawn(program, ['dev', '--port', String(port), '--emulator-port', '0', '--no-open', '--data', data],
    { cwd: folder, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { log += text; });
  await until('partnerapp dev is ready', async () => {
    need(child.exitCode === null, `partnerapp dev ended with ${child.exitCode}`);
    return (await request(`http://127.0.0.1:${port}/readyz`)).status === 200;
  }, { timeout: 20000 });
  return { service: `http://localhost:${port}`, segment: fs.readFileSync(path.join(data, 'emulator.url'), 'utf8').trim() };
}

async function stop() {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => { child.on('exit', resolve); });

  child.kill('SIGTERM');
  await ended;
}

async function partnerapp(...args) {
  const { code, stdout, stderr } = await run([...args, '--json', '--data', data], { cwd: folder });

  need(code === 0, `partnerapp ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

// --- a browser without scripts: cookies for each origin, redirects by hand -----------------

class Browser {
  cookies = new Map();

  async go(method, url, body) {
    const { host, origin } = new URL(url);
    const jar = this.cookies.get(origin) ?? new Map();
    const headers = { Host: host, Accept: 'text/html' };

    if (jar.size > 0) headers.Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (body !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
    const answer = await request(url.replace('//localhost:', '//127.0.0.1:'), { method, headers, body });

    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);

      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    this.cookies.set(origin, jar);
    this.url = url;
    this.page = answer;
    return answer;
  }

  // To the end of all redirects; @onMove sees each address.
  async open(method, url, body, onMove = () => {}) {
    let answer = await this.go(method, url, body);

    for (let n = 0; answer.status >= 300 && answer.status < 400; n++) {
      need(n < 10, `too many redirects, the last to ${answer.headers.location}`);
      url = new URL(answer.headers.location, url).href;
      onMove(new URL(url));
      answer = await this.go('GET', url);
    }
    return answer;
  }

  // Sends the page's form with its hidden fields and @fields.
  submit(fields, onMove) {
    const [, action] = /<form method="post" action="([^"]+)">/.exec(this.page.text) ?? [];

    need(action, `no form at ${this.url}: ${this.page.status}`);
    const hidden = [...this.page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
      .map(([, name, value]) => [name, value.replace(/&amp;/g, '&').replace(/&quot;/g, '"').replace(/&#39;/g, "'")]);
    const form = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });

    return this.open('POST', new URL(action.replace(/&amp;/g, '&'), this.url).href, form.toString(), onMove);
  }
}

// --- the story ----------------------------------------------------------------------------

async function press({ service }) {
  const browser = new Browser();
  // Codes and states are one use only, and still nobody's business.
  const moved = ({ origin, pathname }) => say('→', `${origin}${pathname}`);

  say('⚿', `press: ${service}/auth/segment`);
  await browser.open('GET', `${service}/auth/segment`, undefined, moved);
  say('⚿', 'log in at Segment as owner@acme.test');
  await browser.submit({ person: 'owner@acme.test' }, moved);
  say('⚿', `consent: acme, ${source}`);
  const page = await browser.submit({ do: 'allow', workspace: 'acme', source }, moved);

  need(page.status === 200, `the callback answered ${page.status}: ${page.text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')}`);
}

async function look() {
  const [install] = (await partnerapp('install', 'list')).data;

  need(install?.state === 'enabled', `the install is ${install?.state ?? 'not there'}`);
  say('✔', `${install.destination} (enabled)`);
  const destination = await partnerapp('segment', 'destinations', 'get', install.destination);
  const key = destination.config.find(({ name }) => name.endsWith('/config/apiKey')).value;

  need(destination.enabled && key.length >= 8, 'the destination is not enabled, or has no key');
  say('✔', `Segment has a key of ${key.length} characters, made for this customer`);
}

async function send({ segment }) {
  const { Analytics } = client('@segment/analytics-node');
  const analytics = new Analytics({ writeKey: 'dev_writekey_website', host: segment.replace('localhost', '127.0.0.1') });
  const userId = `demo-${Date.now()}`;

  analytics.track({ userId, event: 'Order Completed', properties: { total: 42 } });
  await analytics.closeAndFlush();
  say('→', '@segment/analytics-node sent track "Order Completed" to the source');
  return userId;
}

async function arrive({ service }, userId) {
  const admin = service.replace('localhost', '127.0.0.1');
  const event = await until('the event is accepted', async () =>
    (await request(`${admin}/api/v1/events?q=${encodeURIComponent(`user:${userId}`)}`)).json.data?.[0]);

  need(event.key !== null, 'the event came without a key');
  say('✔', `the webhook accepted it as ${event.id}, under this customer's key ${event.key}`);
  const found = await until('the event is in the sink', async () => {
    const { json } = await request(`${admin}/api/v1/sinks/demo/requests`);

    return json.data?.find((one) => JSON.stringify(one).includes(userId));
  });

  say('✔', `it is in the sink: ${found.method ?? 'POST'} ${found.path ?? '/sink/demo'}`);
}

async function main() {
  const places = await start();

  say('✔', `partnerapp dev at ${places.service}, its local Segment at ${places.segment}`);
  await press(places);
  await look();
  await arrive(places, await send(places));
  say('✔', 'done: pressed, consented, configured, sent, received, translated, delivered');
}

try {
  await main();
} catch (error) {
  say('✖', error.message);
  if (log) console.error(log.replace(/^/gm, '      dev | '));
  process.exitCode = 1;
} finally {
  await stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
