// SPDX-License-Identifier: MIT
// Enable with Segment against hostile browsers and a hostile Segment: each gets the right
// page, nothing is stored, and the service goes on.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Chance } from './lib/chance.mjs';
import { exchange, request, statusOf } from './lib/http.mjs';
import { freePort } from './lib/place.mjs';
import { isSanitized } from './lib/program.mjs';
import { Service } from './lib/service.mjs';

const nCallbacks = 300;
const nTokenAnswers = 60;
const oddness = 'x-evil'; // in all that is hostile: no page, log or header may have it as markup
const evil = `<${oddness}>"'><script>alert(1)</script>\r\nSet-Cookie: ${oddness}=1`;

// Segment as a script: the code that is redeemed chooses the answer.
class ScriptedSegment {
  answers = new Map(); // code → function of (request, response)
  nExchanges = 0;
  nConfig = 0;

  static async start(t) {
    const segment = new ScriptedSegment();
    const server = http.createServer((incoming, response) => {
      let body = '';

      response.on('error', () => {});
      incoming.on('data', (part) => { body += part; });
      incoming.on('end', () => segment.take(incoming, body, response));
    });

    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => { server.closeAllConnections?.(); server.close(); });
    segment.url = `http://127.0.0.1:${server.address().port}`;
    return segment;
  }

  take({ url, headers, method }, body, response) {
    if (url === '/oauth2/token') {
      this.nExchanges++;
      const answer = this.answers.get(new URLSearchParams(body).get('code'));

      if (answer) answer(response);
      else json(400, { error: 'invalid_grant' })(response);
      return;
    }
    this.nConfig++;
    const name = /^\/v1beta\/(workspaces\/[^?]*?)(\/destinations.*)?$/.exec(url)?.[1];
    const destination = `${name}/destinations/demo`;

    json(200, { name: destination, parent: name, enabled: true, connection_mode: 'CLOUD', config: [], method, is: headers.host })(response);
  }
}

const raw = (status, text, headers = {}) => (response) => response.writeHead(status, headers).end(text);
const json = (status, value, headers = {}) =>
  raw(status, JSON.stringify(value), { 'Content-Type': 'application/json', ...headers });

class Site {
  static async start(t) {
    const site = new Site();

    site.segment = await ScriptedSegment.start(t);
    site.service = await Service.prepare(t);
    const { service, segment } = site;
    const admin = `127.0.0.1:${service.adminPort}`;

    site.host = `localhost:${service.port}`;
    service.configure({
      app: { destination: 'demo', settings: { apiKey: 'new' } },
      segment: { id_url: segment.url, api_url: segment.url },
      server: { public: `127.0.0.1:${service.port}`, admin, public_url: `http://${site.host}` },
      log: { level: 'debug', format: 'json' },
    });
    service.env = { CLIENT_ID: 'id', CLIENT_SECRET: 'secret' };
    await service.up();
    return site;
  }

  async get(target, headers = {}) {
    const answer = await request(`${this.service.url}${target}`, { headers: { Host: this.host, ...headers }, timeout: 40000 });

    this.inspect(target, answer);
    return answer;
  }

  // What holds of every answer.
  inspect(target, { headers, text }) {
    assert.ok(!text.includes(`<${oddness}`) && !/<script/i.test(text), `markup after ${target}`);
    assert.ok(!JSON.stringify(headers).includes(oddness), `a header after ${target}`);
  }

  // The button: {state, cookie}.
  async press() {
    const { headers } = await this.get('/auth/segment');
    const [cookie] = headers['set-cookie'][0].split(';');

    return { state: new URL(headers.location).searchParams.get('state'), cookie };
  }

  // The callback, and the page that it leads to: {status, code: "PA5001"}.
  async land(query, cookie, asJson = false) {
    const headers = { Accept: asJson ? 'application/json' : 'text/html', ...(cookie && { Cookie: cookie }) };
    let answer = await this.get(`/auth/segment/callback?${query}`, headers);

    if (answer.status === 303) answer = await this.get(answer.headers.location, headers);
    return { status: answer.status, code: /PA5\d\d\d/.exec(answer.text)?.[0], text: answer.text };
  }

  async redeem(code) {
    const { state, cookie } = await this.press();

    return this.land(`code=${encodeURIComponent(code)}&state=${state}`, cookie);
  }

  async isUntouched() {
    assert.equal(this.service.exit, null, this.service.log);
    assert.deepEqual((await this.service.api('/installs')).data, [], 'no install');
    assert.deepEqual((await this.service.api('/keys')).data, [], 'no key');
  }

  async end() {
    const { code } = await this.service.stop();

    assert.equal(code, 0, this.service.log);
    assert.doesNotMatch(this.service.log, /AddressSanitizer|LeakSanitizer|runtime error/);
    if (isSanitized) return;
    for (const line of this.service.log.trim().split('\n'))
      assert.doesNotThrow(() => JSON.parse(line), `a line of the log: ${line}`);
  }
}

/* --- callbacks ---------------------------------------------------------------------- */

const encode = (text) => encodeURIComponent(text);
const values = ['', 'a', 'x'.repeat(600), 'x'.repeat(7000), '%00', '%0d%0aSet-Cookie:%20x-evil=1', '%ff%fe', '%F0%9F%98%80', '%2525', '%', '%zz',
  '..%2f..%2fetc%2fpasswd', '[]', '{}', 'null', '-1', '18446744073709551616', '%C0%80', '+', '%20', '%7f', encode(evil), `%22%3E%3C${oddness}%3E`];
const wrongStates = [({ state }) => `${state}x`, ({ state }) => state.slice(1), ({ state }) => '', ({ state }) => `${state}%00`,
  ({ state }) => state.slice(0, 42) + (state[42] === 'A' ? 'B' : 'A'), ({ state }) => `${state.slice(0, 8)}${'A'.repeat(35)}`,
  ({ state }) => `%20${state}`, ({ state }) => [...state].reverse().join('')];

// {query, status, code} of kinds that are no answer to a press, as @press has it.
const foreign = [
  (chance) => `${chance.of(['code', 'error'])}=${chance.of(values)}`,
  (chance) => `code=${chance.of(values)}&state=${chance.of(values)}`,
  (chance) => `error=${chance.of(values)}&state=${'A'.repeat(43)}&error_description=${chance.of(values)}`,
  (chance, { state }) => `code=a&code=${chance.of(values)}&state=${state}`,
  (chance, { state }) => `code=a&state=${state}&state=${chance.of(values)}`,
  (chance, { state }) => `code=a&error=${chance.of(values)}&state=${state}`,
  (chance, { state }) => `code=a&state=${state}&${chance.of(['access_token', 'id_token'])}=${chance.of(values)}`,
  (chance, press) => `code=a&state=${chance.of(wrongStates)(press)}`,
  (chance, press) => `error=access_denied&error_hint=${chance.of(values)}&state=${chance.of(wrongStates)(press)}`,
  (chance, { state }) => `code=${chance.of(['', 'x'.repeat(513), '%00', '%0a', '%20', '%ff', 'a%20b', encode('☃')])}&state=${state}`,
  (chance, { state }) => `error=${chance.of(['', 'e'.repeat(65), '%00', '%0d%0a', 'a%20b'])}&state=${state}`,
  (chance, { state }) => `code[]=a&state[]=${state}&${chance.of(values)}=${chance.of(values)}`,
  (chance, { state }) => `${`${chance.of(['a', 'x', '%61', '='])}&`.repeat(1 + chance.below(300))}state=${state}`,
];

const refusals = [['access_denied', 403, 'PA5007'], ['invalid_scope', 400, 'PA5003'], ['server_error', 502, 'PA5009'],
  ['temporarily_unavailable', 502, 'PA5009'], ['unauthorized_client', 502, 'PA5002'], ['invalid_request', 502, 'PA5008'],
  ['no_such_error', 502, 'PA5008'], [oddness, 502, 'PA5008']];
const description = (chance) => encode(chance.of([evil, 'x'.repeat(5000), '\u0000', '\ud7ff'.repeat(300), '', '%s%n%s']));

// Kinds that answer a press, each good for one page.
const answering = [
  (chance, { state }) => {
    const [error, status, code] = chance.of(refusals);

    return { query: `error=${error}&error_description=${description(chance)}&error_hint=${encode(evil)}&state=${state}`, status, code };
  },
  (chance, { state }) => ({ query: `error=${chance.of(refusals)[0]}&state=${state}&${chance.of(['error_description', 'error_hint'])}=` +
    `${encode(`${evil} install already exists`)}`, status: 409, code: 'PA5005' }),
  (chance, { state }) => ({ query: `code=${encode(chance.of(['gone', '<b>', '"\'--', '../../x', 'x'.repeat(512), '${1}', '%s%n', '`id`']))}` +
    `&state=${state}&scope=${encode(evil)}&${encode(evil)}=1`, status: 400, code: 'PA5006' }),
  (chance, { state }) => ({ query: `code=good&state=${state}&iss=${encode(chance.of(['https://evil.example', 'x', `<${oddness}>`, 'https://id.segmentapis.com']))}`,
    status: 502, code: 'PA5008' }),
];

function callbackOf(chance, press) {
  if (chance.once(3)) return chance.of(answering)(chance, press);
  return { query: chance.of(foreign)(chance, press), status: 400, code: 'PA5001' };
}

test(`${nCallbacks} hostile callbacks: the right page each, no token is asked for, nothing stored`, { timeout: 120000 }, async (t) => {
  const site = await Site.start(t);
  const chance = new Chance(7);
  const seen = new Set();

  site.segment.answers.set('good', json(200, goodToken()));
  for (let i = 0; i < nCallbacks; i++) {
    const press = await site.press();
    const { query, status, code } = callbackOf(chance, press);
    const cookie = code === 'PA5001' && chance.once(4) ? (await site.press()).cookie : press.cookie;
    const page = await site.land(query, cookie, chance.once(4));
    const what = `callback ${i}: ${query.slice(0, 200)}\n${page.text}`;

    seen.add(code);
    assert.ok(page.status === status || (page.status === 431 || page.status === 414) && query.length > 2000, `${page.status}: ${what}`);
    if (page.status === status) assert.equal(page.code, code, what);
    if (code === 'PA5001' && i % 10 === 0)
      assert.equal((await site.land(`error=access_denied&state=${press.state}`, press.cookie)).code, 'PA5007', `its attempt is still good: ${what}`);
  }
  assert.deepEqual([...seen].sort(), ['PA5001', 'PA5002', 'PA5003', 'PA5005', 'PA5006', 'PA5007', 'PA5008', 'PA5009'], 'all kinds came');
  assert.equal(site.segment.nConfig, 0);
  await site.isUntouched();
  await site.end();
});

test('callbacks that are no HTTP, or not of the method: refused, and the service goes on', async (t) => {
  const site = await Site.start(t);
  const { state, cookie } = await site.press();
  const head = (line, more = '') => `${line}\r\nHost: ${site.host}\r\nCookie: ${cookie}\r\nConnection: close\r\n${more}\r\n`;
  const lines = [`GET /auth/segment/callback?code=\x00&state=${state} HTTP/1.1`, `GET /auth/segment/callback?code=\xff\xfe&state=${state} HTTP/1.1`,
    `GET /auth/segment/callback?code=a b&state=${state} HTTP/1.1`, `GET /auth/segment/callback?${'a&'.repeat(2000)}code=a&state=${state} HTTP/1.1`,
    `POST /auth/segment/callback?code=a&state=${state} HTTP/1.1`, `DELETE /auth/segment/callback?code=a&state=${state} HTTP/1.1`,
    `GET /auth/segment/callback?code=${'a'.repeat(200000)}&state=${state} HTTP/1.1`, `GET /auth//segment/callback?code=a&state=${state} HTTP/1.1`];

  for (const line of lines) {
    const answer = await exchange(site.service.port, head(line), { timeout: 10000 });

    assert.ok([0, 400, 404, 405, 408, 414, 431].includes(statusOf(answer)), `${line.slice(0, 80)}: ${answer.slice(0, 200)}`);
  }
  for (const bad of [`${'a'.repeat(20000)}=1`, '=', ';;;', 'pa_enable_=x', `pa_enable_${state.slice(0, 8)}=${'A'.repeat(43)}`, `pa_enable_${state.slice(0, 8)}=`]) {
    const { status } = await site.get(`/auth/segment/callback?code=a&state=${state}`, { Cookie: bad });

    assert.ok([400, 431].includes(status), `${status}: ${bad.slice(0, 40)}`);
  }
  assert.equal(site.segment.nExchanges, 0, 'nobody asked for a token');
  assert.equal((await site.land(`error=access_denied&state=${state}`, cookie)).code, 'PA5007', 'and the attempt is still good');
  await site.isUntouched();
  await site.end();
});

/* --- token answers ------------------------------------------------------------------- */

function goodToken(over = {}) {
  return { access_token: 't'.repeat(43), expires_in: 3599, scope: 'destination/demo', token_type: 'bearer', app_name: 'apps/1',
    install_name: 'installs/7', workspace_names: ['workspaces/acme'], source_names: ['workspaces/acme/sources/website'], ...over };
}

const senseless = [502, 'PA5008'];
const away = [502, 'PA5009'];
const html = `<!doctype html><${oddness}><script>alert(1)</script>`;
const isJson = { 'Content-Type': 'application/json' };
const good = JSON.stringify(goodToken());
const deep = '['.repeat(30000) + ']'.repeat(30000);

// What Segment says, and the page that comes of it.
const tokenAnswers = [
  // wrong types
  ...[[], evil, 1, null, true, {}, { error: null }].map((value) => [json(200, value), senseless]),
  ...[{ token_type: 'mac' }, { token_type: evil }, { token_type: ['bearer'] }, { access_token: 7 }, { access_token: null }, { access_token: '' },
    { access_token: [] }, { access_token: `a\r\nX-${oddness}: 1` }, { access_token: 'x'.repeat(4097) }, { access_token: '\u0000' },
    { install_name: 'installs/0' }, { install_name: 'installs/-7' }, { install_name: '../../7' }, { install_name: 7 },
    { install_name: 'installs/99999999999999999999' }, { workspace_names: 'workspaces/acme' }, { workspace_names: [] },
    { workspace_names: [{}] }, { workspace_names: ['workspaces/../x'] }, { workspace_names: [evil] }, { source_names: {} },
    { source_names: ['workspaces/other/sources/x'] }, { source_names: [`workspaces/acme/sources/${'s'.repeat(5000)}`] }, { app_name: [evil] },
    { scope: 7 }, { scope: evil }].map((over) => [json(200, goodToken(over)), senseless]),
  [json(200, goodToken({ scope: 'workspace' })), [400, 'PA5003']],
  [json(200, goodToken({ scope: 'destination/other' })), [400, 'PA5003']],
  // odd expires_in
  ...[-1, 0, 1e18, 1e308, 59, 2592001, 'soon', '1e3', [], {}, true].map((expires_in) => [json(200, goodToken({ expires_in })), senseless]),
  [raw(200, good.replace('3599', 'NaN'), isJson), senseless],
  [raw(200, good.replace('3599', '1e999'), isJson), senseless],
  // HTML, and what else is no JSON
  [raw(200, html, { 'Content-Type': 'text/html' }), senseless],
  [raw(403, html, { 'Content-Type': 'text/html' }), senseless],
  [raw(503, html, { 'Content-Type': 'text/html' }), away],
  [raw(302, '', { Location: `https://evil.example/?${oddness}` }), senseless],
  [raw(200, good.slice(0, -1), isJson), senseless],
  [raw(200, Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), isJson), senseless],
  [raw(204, undefined), senseless],
  // errors with a stranger's words in them
  [json(400, { error: evil, error_description: evil }), senseless],
  [json(401, { error: evil, error_description: evil, error_hint: evil }), [502, 'PA5002']],
  [json(429, { error: evil }, { 'Retry-After': evil.split('\r')[0] }), [503, 'PA5010']],
  // huge
  [raw(200, good.replace('{', `{"filler":"${'x'.repeat(70000)}",`), isJson), senseless],
  [raw(200, good.replace('{', `{"filler":"${'x'.repeat(5 << 20)}",`), isJson), senseless],
  [raw(200, deep, isJson), senseless],
];

// Those that take their time: each call ends within ten seconds.
const never = () => {};
const dribble = (response, write, every = 500) => {
  const timer = setInterval(write, every);

  response.on('close', () => clearInterval(timer));
};
const slowAnswers = [
  never,
  (response) => response.writeHead(200, isJson).write('{'),
  (response) => {
    response.writeHead(200, isJson);
    dribble(response, () => response.write(' '));
  },
  (response) => {
    const { socket } = response;

    socket.write('HTTP/1.1 200 OK\r\n');
    dribble(response, () => socket.write(`X-${oddness}: 1\r\n`));
  },
];

test(`${nTokenAnswers} hostile answers of the token endpoint: the right page each, and nothing stored`, { timeout: 120000 }, async (t) => {
  const site = await Site.start(t);

  assert.ok(tokenAnswers.length + slowAnswers.length >= nTokenAnswers, `${tokenAnswers.length}`);
  for (const [i, [answer, expected]] of tokenAnswers.entries()) {
    site.segment.answers.set(`code-${i}`, answer);
    const { status, code, text } = await site.redeem(`code-${i}`);

    assert.deepEqual([status, code], expected, `answer ${i}: ${text}`);
  }
  await site.isUntouched();
  assert.equal(site.segment.nConfig, 0, 'no token of these was used');
  // The same way stores what is as it should be: "3599" and 3599.5 are fine.
  site.segment.answers.set('good', json(200, goodToken({ expires_in: '3599' })));
  assert.equal((await site.redeem('good')).status, 200);
  site.segment.answers.set('also-good', json(200, goodToken({ expires_in: 3599.5, install_name: 'installs/8',
    workspace_names: ['workspaces/b'], source_names: ['workspaces/b/sources/c'] })));
  assert.equal((await site.redeem('also-good')).status, 200);
  assert.deepEqual((await site.service.api('/installs')).data.map(({ number }) => number), [7, 8]);
  await site.end();
});

test('answers that never end are given up after ten seconds, and others are not held up', { timeout: 60000 }, async (t) => {
  const site = await Site.start(t);
  const began = Date.now();

  slowAnswers.forEach((answer, i) => site.segment.answers.set(`slow-${i}`, answer));
  const pages = slowAnswers.map((_, i) => site.redeem(`slow-${i}`));

  assert.equal((await request(`${site.service.url}/readyz`)).status, 200);
  for (const [i, { status, code, text }] of (await Promise.all(pages)).entries())
    assert.deepEqual([status, code], away, `slow answer ${i}: ${text}`);
  assert.ok(Date.now() - began < 14000, `${Date.now() - began} ms`);
  await site.isUntouched();
  await site.end();
});

test('an address of Segment where nobody listens has its page', async (t) => {
  const site = await Site.start(t);
  const nowhere = `http://127.0.0.1:${await freePort()}`;

  site.service.configure({ ...site.service.config, segment: { id_url: nowhere, api_url: nowhere } });
  await site.service.stop();
  await site.service.up();
  const { status, code } = await site.redeem('any');

  assert.deepEqual([status, code], away);
  await site.isUntouched();
  await site.end();
});
