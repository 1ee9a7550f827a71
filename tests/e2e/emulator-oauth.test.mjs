// SPDX-License-Identifier: MIT
// The local Segment's OAuth server: dossier §6 and its acceptance cases 72 to 83, the server's half.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { exchange as raw, statusOf } from './lib/http.mjs';
import { Browser, authorize, basic, callback, consentTo, form, install, landing, parameters, redeem, tryToken }
  from './lib/oauth.mjs';

const CODE = /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/;
const ID = /^[0-9a-f]{32}$/;
const website = 'workspaces/acme/sources/website';
const page = (name) => ({ do: name, workspace: 'acme', source: website });

async function fresh(t, flags) {
  const emulator = await Emulator.start(t, flags);

  await consentTo(emulator);
  return emulator;
}

const codeOf = async (emulator, over) => landing(await authorize(emulator, over)).code;

/* --- the authorization request ------------------------------------------------------ */

test('case 72: a scope that is not the app\'s is redirected as invalid_scope, with the state', async (t) => {
  const emulator = await fresh(t);

  for (const scope of ['workspace', 'destination/other', '', undefined]) {
    const answer = await authorize(emulator, { scope });
    const { to, ...query } = landing(answer);

    assert.equal(answer.status, 302);
    assert.equal(to, callback);
    assert.deepEqual(Object.keys(query), ['error', 'error_description', 'error_hint', 'state']);
    assert.equal(query.error, 'invalid_scope');
    assert.equal(query.state, 'a-state-of-12');
    assert.match(answer.headers.location, /error_description=The\+requested\+scope/);
  }
});

test('case 73: an unknown redirect URI is not redirected to', async (t) => {
  const emulator = await fresh(t);

  for (const uri of ['https://evil.example/cb', `${callback}/`, `${callback}?a=b`, callback.toUpperCase(), ' ']) {
    const answer = await authorize(emulator, { redirect_uri: uri });

    assert.equal(answer.status, 400, uri);
    assert.equal(answer.headers.location, undefined);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.match(answer.text, /^\{\n\t"error": "invalid_request",\n\t"error_description": /);
    assert.deepEqual(Object.keys(answer.json), ['error', 'error_description', 'error_hint', 'status_code']);
    assert.equal(answer.json.status_code, 400);
  }
});

test('an unknown client is not redirected, and a browser gets a page', async (t) => {
  const emulator = await fresh(t);
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const asProgram = await authorize(emulator, { client_id: 'nobody' });
  const asBrowser = await authorize(emulator, { client_id: undefined }, { Accept: accept });

  assert.equal(asProgram.status, 401);
  assert.equal(asProgram.json.error, 'invalid_client');
  assert.equal(asBrowser.status, 401);
  assert.match(asBrowser.headers['content-type'], /^text\/html/);
  assert.match(asBrowser.text, /invalid_client/);
});

test('case 74: response_type must be code', async (t) => {
  const emulator = await fresh(t);

  for (const type of ['token', 'code token', '', undefined])
    assert.equal(landing(await authorize(emulator, { response_type: type })).error, 'unsupported_response_type');
});

test('the checks come in the dossier\'s order', async (t) => {
  const emulator = await fresh(t);
  const all = { client_id: 'x', redirect_uri: 'https://x.example/', scope: 'x', response_type: 'x' };

  assert.equal((await authorize(emulator, all)).json.error, 'invalid_client');
  assert.equal((await authorize(emulator, { ...all, client_id: emulator.env.CLIENT_ID })).json.error, 'invalid_request');
  assert.equal(landing(await authorize(emulator, { scope: 'x', response_type: 'x' })).error, 'invalid_scope');
  assert.equal(landing(await authorize(emulator, { response_type: 'x' })).error, 'unsupported_response_type');
});

test('a short state is fine, unless the documents are taken strictly', async (t) => {
  const lenient = await fresh(t);
  const strict = await fresh(t, ['--strict']);

  assert.match(await codeOf(lenient, { state: '123' }), CODE);
  assert.equal(landing(await authorize(strict, { state: '1234567' })).error, 'invalid_state');
  assert.match(await codeOf(strict, { state: '12345678' }), CODE);
});

test('success is code, scope and state in this order, blanks as %20, and state unchanged', async (t) => {
  const emulator = await fresh(t);
  const states = ['a b+c', '%20', '&=?#/', 'ü€😀', '"<script>\'', 'x'.repeat(2000), '', '\n\r\t', 'a\0b'];

  for (const state of states) {
    const { location } = (await authorize(emulator, { state })).headers;

    assert.match(location, /\?code=[^&]+&scope=destination%2Fdemo&state=[^&+]*$/);
    assert.equal(new URL(location).searchParams.get('state'), state);
    assert.match(landing({ headers: { location } }).code, CODE);
  }
  assert.equal(landing(await authorize(emulator, { state: undefined })).state, undefined);
});

test('the order of parameters does not matter, and the only redirect URI is the default', async (t) => {
  const emulator = await fresh(t);
  const backwards = form(Object.fromEntries(Object.entries(parameters(emulator)).reverse()));

  assert.match(landing(await emulator.ask('GET', `/oauth2/auth?${backwards}`)).code, CODE);
  const defaulted = landing(await authorize(emulator, { redirect_uri: undefined }));

  assert.equal(defaulted.to, callback);
  assert.equal((await redeem(emulator, defaulted.code, { redirect_uri: undefined })).status, 200);
  await emulator.control('PUT', 'app', { reinstall: 'allow' });
  const empty = landing(await authorize(emulator, { redirect_uri: '' }));

  assert.equal(empty.to, callback);
  assert.equal((await redeem(emulator, empty.code, { redirect_uri: undefined })).status, 200);
  await emulator.control('PUT', 'app', { redirect_uris: [callback, 'https://partner.example/cb?x=1'] });
  assert.equal((await authorize(emulator, { redirect_uri: undefined })).status, 400);
  const other = await authorize(emulator, { redirect_uri: 'https://partner.example/cb?x=1', response_type: 'x' });

  assert.match(other.headers.location, /^https:\/\/partner\.example\/cb\?x=1&error=/);
});

test('a form may be posted to /oauth2/auth', async (t) => {
  const emulator = await fresh(t);
  const answer = await emulator.ask('POST', '/oauth2/auth', form(parameters(emulator, { state: 'p q' })),
    { 'Content-Type': 'application/x-www-form-urlencoded' });

  assert.equal(answer.status, 302);
  assert.equal(landing(answer).state, 'p q');
  assert.match(landing(answer).code, CODE);
  for (const method of ['PUT', 'DELETE'])
    assert.equal((await emulator.ask(method, '/oauth2/auth')).json.error, 'invalid_request');
});

test('hostile parameters neither break a header nor reach a page as HTML', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const nasty = ['\r\nX-Evil: 1\r\n\r\n<script>', '<script>alert(1)</script>', '\0', '"\'><img src=x>', '\u202e'];

  for (const text of nasty) {
    for (const name of ['client_id', 'redirect_uri', 'scope', 'response_type', 'state', 'code_challenge', 'login_verifier']) {
      const answer = await authorize(emulator, { [name]: text }, { Accept: 'text/html' });

      assert.ok(answer.status >= 300 && answer.status < 500, `${name}: ${answer.status}`);
      assert.equal(answer.headers['x-evil'], undefined);
      assert.ok(!answer.text.includes('<script>') && !answer.text.includes('<img'));
    }
    const consent = await browser.submit(await browser.begin({ state: text }), { person: 'owner@acme.test' });

    assert.match(consent.text, /Authorize demo-app/);
    assert.ok(!consent.text.includes('<script>') && !consent.text.includes('<img'));
    browser.cookies.clear();
  }
});

test('bytes that are no text, repeated and huge parameters are answered, not obeyed', async (t) => {
  const emulator = await fresh(t);
  const port = Number(new URL(emulator.url).port);
  const good = form(parameters(emulator, { state: undefined }));
  const send = (query) => raw(port, `GET /oauth2/auth?${query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);

  assert.match(await send(`${good}&state=%ff%fe%0d%0aSet-Cookie:x`), /Location: \S+state=%FF%FE%0D%0ASet-Cookie%3Ax\r\n/);
  assert.match(await send(`${good}&state=\xff`), /^HTTP\/1\.1 (302|400)/);
  assert.match(await send(`${good}&state=a&state=b`), /error=invalid_request/);
  assert.match(await send(`${good}&scope=workspace`), /error=invalid_request/);
  assert.equal(statusOf(await send(`${good}&redirect_uri=https%3A%2F%2Fevil.example`)), 400);
  assert.equal(statusOf(await send(`${good}&client_id=x`)), 400);
  assert.equal(statusOf(await send(`${good}&state=${'x'.repeat(9000)}`)), 400);
  assert.equal(statusOf(await send('%')), 401);
  for (const body of ['\r\n\0&=%', 'client_id=\xff\r\nLocation: x', `state=${'&'.repeat(100000)}`, 'x'.repeat(900000)]) {
    const answer = await emulator.ask('POST', '/oauth2/auth', Buffer.from(body, 'latin1'),
      { 'Content-Type': 'application/x-www-form-urlencoded' });

    assert.ok(answer.status === 400 || answer.status === 401, `${answer.status}`);
  }
  const broken = await emulator.ask('POST', '/oauth2/auth', Buffer.from(`${good}&state=\r\nX-Evil: 1\0\xff`, 'latin1'),
    { 'Content-Type': 'application/x-www-form-urlencoded' });

  assert.equal(broken.status, 302);
  assert.equal(broken.headers['x-evil'], undefined);
});

/* --- people ------------------------------------------------------------------------- */

test('a person logs in, consents, and the app gets its code: five steps of plain HTTP', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const first = await browser.get(`/oauth2/auth?${form(parameters(emulator))}`);

  assert.equal(first.status, 302);
  assert.match(first.headers.location, /^\/login\?login_challenge=[0-9a-f]{32}$/);
  assert.match(browser.setCookies[0], /^oauth2_authentication_csrf=[0-9a-f]{32}; .*HttpOnly; SameSite=Lax$/);
  const login = await browser.get(first.headers.location);

  assert.equal(login.status, 200);
  for (const email of ['owner@acme.test', 'analyst@acme.test', 'owner@globex.test'])
    assert.ok(login.text.includes(`value="${email}"`));
  const hidden = Object.fromEntries([...login.text.matchAll(/type="hidden" name="(\w+)" value="(\w+)"/g)].map((m) => m.slice(1)));
  const second = await browser.go('POST', '/login', form({ ...hidden, person: 'owner@acme.test', remember: 'on' }));

  assert.equal(second.status, 302);
  assert.match(browser.setCookies[0], /^oauth2_authentication_session=[0-9a-f]{32}; .*HttpOnly; SameSite=Lax$/);
  const afterLogin = new URL(second.headers.location, emulator.url);

  assert.equal(afterLogin.pathname, '/oauth2/auth');
  assert.equal(afterLogin.searchParams.get('client_id'), emulator.env.CLIENT_ID);
  assert.match(afterLogin.searchParams.get('login_verifier'), ID);
  const third = await browser.get(second.headers.location);

  assert.match(third.headers.location, /^\/authorize\?consent_challenge=[0-9a-f]{32}$/);
  const consent = await browser.get(third.headers.location);

  assert.match(consent.text, /<h1>Authorize demo-app<\/h1>/);
  assert.match(consent.text, /administer the demo destination on one of your sources/);
  assert.match(consent.text, /Logged in as owner@acme\.test/);
  assert.deepEqual([...consent.text.matchAll(/<option value="([^"]+)"/g)].map((m) => m[1]),
    ['acme', website, 'workspaces/acme/sources/ios', 'workspaces/acme/sources/backend']);
  const last = await browser.submit(consent, page('allow'));

  assert.equal(last.status, 302);
  assert.equal(landing(last).to, callback);
  assert.equal(landing(last).state, 'a-state-of-12');
  const token = await redeem(emulator, landing(last).code);

  assert.deepEqual(token.json.source_names, [website]);
  assert.deepEqual((await emulator.control('GET', 'installs')).installs.map((one) => one.person), ['owner@acme.test']);
});

test('who is remembered is not asked again, and may log out', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const consent = await browser.submit(await browser.begin(), { person: 'owner@acme.test', remember: 'on' });
  const again = await browser.begin();

  assert.match(again.text, /Logged in as owner@acme\.test/);
  assert.match((await browser.submit(consent, { do: 'log_out' })).text, /Who are you today/);
  assert.match((await browser.begin()).text, /Who are you today/);
  await browser.submit(await browser.begin(), { person: 'owner@acme.test' });
  assert.match((await browser.begin()).text, /Who are you today/, 'not remembered');
});

test('a session ends after thirty days', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);

  await browser.submit(await browser.begin(), { person: 'owner@acme.test', remember: 'on' });
  await emulator.control('POST', 'clock', { advance: '29d' });
  assert.match((await browser.begin()).text, /Logged in as/);
  await emulator.control('POST', 'clock', { advance: '25h' });
  assert.match((await browser.begin()).text, /Who are you today/);
});

test('changing the workspace shows its sources, and a source of another one is not taken', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const first = await browser.logIn('owner@globex.test');
  const changed = await browser.submit(first, { do: 'workspace', workspace: 'globex', source: website });

  assert.match(changed.text, /<option value="globex" selected>/);
  assert.ok(changed.text.includes('workspaces/globex/sources/website'));
  assert.ok(!changed.text.includes(website));
  const mixed = await browser.submit(changed, { do: 'allow', workspace: 'globex', source: website });

  assert.equal(mixed.status, 400);
  assert.match(mixed.text, /choose one of the sources/);
  const done = await browser.submit(mixed, { do: 'allow', workspace: 'globex', source: 'workspaces/globex/sources/website' });

  assert.deepEqual((await redeem(emulator, landing(done).code)).json.workspace_names, ['workspaces/globex']);
});

test('a read-only person sees why not instead of Allow, and cannot send it either', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const consent = await browser.logIn('analyst@acme.test');

  assert.match(consent.text, /Only an owner of the workspace/);
  assert.ok(!consent.text.includes('value="allow"'));
  for (const answer of ['allow', 'short_code', 'wrong_state', 'slow']) {
    const forced = await browser.submit(consent, page(answer));

    assert.equal(forced.status, 403);
    assert.equal(forced.headers.location, undefined);
  }
  assert.equal(landing(await browser.submit(consent, page('access_denied'))).error, 'access_denied');
});

test('a new person gets a workspace of her own, where the app can be installed once more', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);

  assert.equal((await install(emulator)).install_name, 'installs/1');
  await emulator.control('PUT', 'consent', { auto: false });
  for (const email of ['', 'no-at', 'a@b@c', '@x', 'x@', '<b>@x.test', 'a\0@x.test', `${'x'.repeat(120)}@x.test`]) {
    const refused = await browser.submit(await browser.begin(), { person: 'new', email });

    assert.equal(refused.status, 400, email);
    assert.match(refused.text, /needs an email address/);
  }
  const consent = await browser.submit(await browser.begin(), { person: 'new', email: 'Ada.L@example.test' });

  assert.match(consent.text, /<option value="ada-l" selected>/);
  const done = await browser.submit(consent, { do: 'allow', workspace: 'ada-l', source: 'workspaces/ada-l/sources/website' });
  const token = (await redeem(emulator, landing(done).code)).json;

  assert.equal(token.install_name, 'installs/2');
  assert.deepEqual(token.source_names, ['workspaces/ada-l/sources/website']);
  assert.match((await browser.begin()).text, /Ada\.L@example\.test<\/label> <span class="hint">owner of ada-l/);
});

test('scopes workspace and workspace:read list what they grant, and have no source picker', async (t) => {
  for (const [scope, words] of [['workspace', /read everything in it/], ['workspace:read', /nothing of it can be changed/]]) {
    const emulator = await Emulator.start(t, ['--scope', scope]);
    const browser = new Browser(emulator);
    const consent = await browser.logIn('owner@acme.test', { scope });

    assert.match(consent.text, words);
    assert.ok(!consent.text.includes('name="source"'));
    const answer = await redeem(emulator, landing(await browser.submit(consent, { do: 'allow', workspace: 'acme' })).code);

    assert.equal(answer.json.scope, scope);
    assert.ok(!('source_names' in answer.json));
  }
});

test('case 75: a person who declines is redirected as access_denied', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const { to, ...query } = landing(await browser.submit(await browser.logIn(), page('access_denied')));

  assert.equal(to, callback);
  assert.deepEqual(Object.keys(query), ['error', 'error_description', 'error_hint', 'state']);
  assert.equal(query.error, 'access_denied');
  assert.equal(query.state, 'a-state-of-12');
  await consentTo(emulator, { deny: true });
  assert.equal(landing(await authorize(emulator)).error, 'access_denied');
  assert.deepEqual((await emulator.control('GET', 'installs')).installs, []);
});

test('the consent page can be made to fail in each way', async (t) => {
  const emulator = await Emulator.start(t);
  const answer = async (name) => {
    const browser = new Browser(emulator);

    return landing(await browser.submit(await browser.logIn(), page(name)));
  };

  assert.equal((await answer('server_error')).error, 'server_error');
  const wrong = await answer('wrong_state');

  assert.match(wrong.code, CODE);
  assert.notEqual(wrong.state, 'a-state-of-12');
  await emulator.control('POST', 'clock', { rate: 0 });
  const short = await answer('short_code');

  await emulator.control('POST', 'clock', { advance: '1s' });
  assert.equal((await redeem(emulator, short.code)).json.error, 'invalid_grant');
  const began = Date.now();
  const slow = answer('slow');

  assert.equal((await emulator.ask('GET', '/_emulator/state')).status, 200, 'others are answered meanwhile');
  assert.equal((await redeem(emulator, (await slow).code)).status, 200);
  assert.ok(Date.now() - began >= 4900);
});

test('challenges and verifiers are good once, for ten minutes, in their own browser', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const login = await browser.begin();
  const stranger = new Browser(emulator);

  assert.equal((await stranger.submit(login, { person: 'owner@acme.test' })).status, 410, 'another browser');
  assert.equal((await browser.submit({ text: login.text.replace(/name="csrf" value="\w+"/, 'name="csrf" value="0"') },
    { person: 'owner@acme.test' })).status, 410, 'another token');
  const consent = await browser.submit(login, { person: 'owner@acme.test' });

  assert.match(consent.text, /Authorize/);
  assert.equal((await browser.submit(login, { person: 'owner@acme.test' })).status, 410, 'a used login challenge');
  assert.match(landing(await browser.submit(consent, page('allow'))).code, CODE);
  assert.equal((await browser.submit(consent, page('allow'))).status, 410, 'a used consent challenge');
  const late = await browser.begin();

  await emulator.control('POST', 'clock', { advance: '10m' });
  assert.equal((await browser.submit(late, { person: 'owner@acme.test' })).status, 410, 'an old login challenge');
  assert.equal((await browser.get('/login?login_challenge=0')).status, 410);
  assert.equal((await browser.get('/authorize')).status, 410);
});

test('a verifier that was used, is old, or belongs to another browser is access_denied', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const verifierUrl = async () => {
    const login = await browser.begin();
    const hidden = Object.fromEntries([...login.text.matchAll(/type="hidden" name="(\w+)" value="(\w+)"/g)].map((m) => m.slice(1)));

    return (await browser.go('POST', '/login', form({ ...hidden, person: 'owner@acme.test' }))).headers.location;
  };
  const used = await verifierUrl();

  assert.match((await browser.get(used)).headers.location, /^\/authorize/);
  assert.equal(landing(await browser.get(used)).error, 'access_denied');
  assert.equal(landing(await new Browser(emulator).get(await verifierUrl())).error, 'access_denied');
  const old = await verifierUrl();

  await emulator.control('POST', 'clock', { advance: '10m' });
  assert.equal(landing(await browser.get(old)).error, 'access_denied');
  assert.equal(landing(await browser.get(`/oauth2/auth?${form(parameters(emulator))}&consent_verifier=0`)).error, 'access_denied');
  const consent = await browser.logIn();
  const hidden = Object.fromEntries([...consent.text.matchAll(/type="hidden" name="(\w+)" value="(\w+)"/g)].map((m) => m.slice(1)));
  const allowed = (await browser.go('POST', '/authorize', form({ ...hidden, ...page('allow') }))).headers.location;

  assert.match((await browser.logIn('owner@acme.test', { login_verifier: 'x'.repeat(300) })).text, /Authorize/, 'no verifier at all');
  assert.match(allowed, /&consent_verifier=[0-9a-f]{32}$/);
  assert.equal(landing(await new Browser(emulator).get(allowed)).error, 'access_denied', 'of another browser');
  assert.match(landing(await browser.get(allowed)).code, CODE);
  assert.equal(landing(await browser.get(allowed)).error, 'access_denied', 'a second time');
});

/* --- codes and tokens --------------------------------------------------------------- */

test('case 77: a code that is used twice is refused, and ends the token it was used for', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const first = await redeem(emulator, code);

  assert.equal(first.status, 200);
  assert.equal((await tryToken(emulator, first.json.access_token)).status, 200);
  const second = await redeem(emulator, code);

  assert.equal(second.status, 400);
  assert.equal(second.json.error, 'invalid_grant');
  assert.equal((await tryToken(emulator, first.json.access_token)).status, 401);
  assert.equal((await emulator.control('GET', 'installs')).installs[0].state, 'revoked');
});

test('a code is good for ten minutes', async (t) => {
  const emulator = await fresh(t);

  await emulator.control('POST', 'clock', { rate: 0 });
  const [early, late] = [await codeOf(emulator), await codeOf(emulator)];

  await emulator.control('POST', 'clock', { advance: '599s' });
  assert.equal((await redeem(emulator, early)).status, 200);
  await emulator.control('POST', 'clock', { advance: '1s' });
  const refused = await redeem(emulator, late);

  assert.equal(refused.status, 400);
  assert.equal(refused.json.error, 'invalid_grant');
});

test('case 78: another redirect_uri is "missing a required parameter"', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);

  for (const uri of [`${callback}/`, undefined, '']) {
    const answer = await redeem(emulator, code, { redirect_uri: uri });

    assert.equal(answer.status, 400);
    assert.equal(answer.json.error, 'invalid_request');
    assert.match(answer.json.error_description, /missing a required parameter/);
  }
  assert.equal((await redeem(emulator, code)).status, 200, 'and the code is still good');
});

test('case 79: a wrong secret, an unknown client and credentials in the body are invalid_client', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const { CLIENT_ID: id, CLIENT_SECRET: secret } = emulator.env;
  const attempts = [
    redeem(emulator, code, {}, basic(emulator, { secret: 'wrong' })),
    redeem(emulator, code, {}, basic(emulator, { secret: secret.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')) })),
    redeem(emulator, code, {}, basic(emulator, { secret: '' })),
    redeem(emulator, code, {}, basic(emulator, { id: 'nobody' })),
    redeem(emulator, code, {}, {}),
    redeem(emulator, code, {}, { Authorization: 'Basic *' }),
    redeem(emulator, code, {}, { Authorization: `Bearer ${secret}` }),
    redeem(emulator, code, { client_id: id, client_secret: secret }, {}),
  ];

  for (const answer of await Promise.all(attempts)) {
    assert.equal(answer.status, 401);
    assert.equal(answer.json.error, 'invalid_client');
    assert.equal(answer.headers['www-authenticate'], 'Basic');
    assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(Object.keys(answer.json), ['error', 'error_description', 'error_hint', 'status_code']);
  }
  assert.equal((await redeem(emulator, code)).status, 200);
});

test('an app may be allowed to send its credentials in the body, and then sends them one way only', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const { CLIENT_ID: id, CLIENT_SECRET: secret } = emulator.env;

  assert.equal((await emulator.control('GET', 'app')).client_secret_post, 'refuse');
  assert.equal((await emulator.control('PUT', 'app', { client_secret_post: 'allow' })).client_secret_post, 'allow');
  for (const [fields, headers] of [
    [{ client_id: id, client_secret: 'wrong' }, {}],
    [{ client_id: id }, {}],
    [{ client_secret: secret }, {}],
    [{ client_id: id, client_secret: secret }, basic(emulator, { secret: 'wrong' })],
  ]) {
    const refused = await redeem(emulator, code, fields, headers);

    assert.deepEqual([refused.status, refused.json.error], [401, 'invalid_client'], JSON.stringify(fields));
  }
  const twice = await emulator.ask('POST', '/oauth2/token', `${form({ grant_type: 'authorization_code', code, client_id: id })}` +
    `&client_secret=${encodeURIComponent(secret)}&client_secret=x`, { 'Content-Type': 'application/x-www-form-urlencoded' });

  assert.deepEqual([twice.status, twice.json.error], [400, 'invalid_request']);
  const { json } = await redeem(emulator, code, { client_id: id, client_secret: secret }, {});

  assert.equal(json.token_type, 'bearer');
  assert.equal((await emulator.ask('GET', `/v1beta/${json.install_name}/token?${form({ client_id: id, client_secret: secret })}`)).status,
    401, 'a refresh has no body');
});

test('credentials may be form-encoded before they are joined', async (t) => {
  const emulator = await fresh(t);
  const encode = (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('');
  const { CLIENT_ID: id, CLIENT_SECRET: secret } = emulator.env;
  const headers = basic(emulator, { id: encode(id), secret: encode(secret) });

  assert.equal((await redeem(emulator, await codeOf(emulator), {}, headers)).status, 200);
});

test('case 80: a destination scope has source_names, no refresh_token, and 3599 seconds', async (t) => {
  const emulator = await fresh(t);
  const answer = await redeem(emulator, await codeOf(emulator));

  assert.equal(answer.headers['content-type'], 'application/json;charset=UTF-8');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers.pragma, 'no-cache');
  assert.match(answer.json.access_token, CODE);
  assert.deepEqual({ ...answer.json, access_token: '' }, {
    access_token: '', expires_in: 3599, scope: 'destination/demo', token_type: 'bearer', app_name: 'apps/1',
    install_name: 'installs/1', workspace_names: ['workspaces/acme'], source_names: [website],
  });
  assert.deepEqual(Object.keys(answer.json), ['access_token', 'expires_in', 'scope', 'token_type', 'app_name',
    'install_name', 'workspace_names', 'source_names']);
});

test('requests to the token endpoint that are malformed are told so', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const errorOf = async (answer) => {
    const { status, json } = await answer;

    return `${status} ${json.error}`;
  };
  const send = (body, headers = { 'Content-Type': 'application/x-www-form-urlencoded' }) =>
    errorOf(emulator.ask('POST', '/oauth2/token', body, { ...headers, ...basic(emulator) }));

  assert.equal(await send(''), '400 invalid_request');
  assert.equal(await send(`code=${code}`), '400 invalid_request');
  assert.equal(await send('grant_type=authorization_code'), '400 invalid_request');
  assert.equal(await send(`grant_type=authorization_code&code=${code}&code=x`), '400 invalid_request');
  assert.equal(await send(JSON.stringify({ code, grant_type: 'authorization_code' }), { 'Content-Type': 'application/json' }),
    '400 invalid_request');
  assert.equal(await send(Buffer.from('\0\r\n%%&=&grant_type=%00', 'latin1')), '400 unsupported_grant_type');
  assert.equal(await errorOf(redeem(emulator, code, { grant_type: 'client_credentials' })), '400 unsupported_grant_type');
  assert.equal(await errorOf(redeem(emulator, code, { grant_type: 'refresh_token' })), '400 unsupported_grant_type');
  assert.equal(await errorOf(redeem(emulator, 'unknown')), '400 invalid_grant');
  assert.equal(await errorOf(redeem(emulator, '\0')), '400 invalid_grant');
  assert.equal(await errorOf(redeem(emulator, 'x'.repeat(20000))), '400 invalid_request');
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH'])
    assert.equal(await errorOf(emulator.ask(method, '/oauth2/token')), '400 invalid_request');
});

test('a code challenge is optional, and counts when it was sent', async (t) => {
  const emulator = await fresh(t);
  const verifier = crypto.randomBytes(32).toString('base64url');
  const hashed = { code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' };

  await emulator.control('PUT', 'app', { reinstall: 'allow' });
  for (const sent of [hashed, { code_challenge: verifier }, { code_challenge: verifier, code_challenge_method: 'plain' }]) {
    const code = await codeOf(emulator, sent);

    for (const wrong of [undefined, '', hashed.code_challenge.replace(/^./, '_'), 'short'])
      assert.equal((await redeem(emulator, code, { code_verifier: wrong })).json.error, 'invalid_grant');
    assert.equal((await redeem(emulator, code, { code_verifier: verifier })).status, 200);
  }
  assert.equal((await redeem(emulator, await codeOf(emulator), { code_verifier: verifier })).json.error, 'invalid_grant');
  for (const bad of [{ ...hashed, code_challenge_method: 'S512' }, { code_challenge: 'short' }, { code_challenge_method: 'S256' }])
    assert.equal(landing(await authorize(emulator, bad)).error, 'invalid_request');
});

test('case 81: a refreshed token works, the old one does not, and lives for 3600 seconds', async (t) => {
  const emulator = await Emulator.start(t);
  const first = await install(emulator);
  const answer = await emulator.ask('GET', '/v1beta/installs/1/token', undefined, basic(emulator));

  assert.equal(answer.status, 200);
  assert.deepEqual({ ...answer.json, access_token: '' }, {
    access_token: '', token_type: 'bearer', expires_in: 3600, scope: 'destination/demo', app_name: 'apps/1',
    install_name: 'installs/1', workspace_names: ['workspaces/acme'],
  });
  assert.match(answer.json.access_token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal((await tryToken(emulator, answer.json.access_token)).status, 200);
  assert.equal((await tryToken(emulator, first.access_token)).status, 401);
  const singular = await emulator.ask('GET', '/v1beta/install/1/token', undefined, basic(emulator));

  assert.equal(singular.json.install_name, 'installs/1');
  assert.equal((await tryToken(emulator, answer.json.access_token)).status, 401);
});

test('a refresh is refused to strangers, for what is not there, and after the customer removed the app', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: token } = await install(emulator);
  const refresh = async (number, headers = basic(emulator)) => {
    const { status, json } = await emulator.ask('GET', `/v1beta/installs/${number}/token`, undefined, headers);

    return { status, json };
  };

  for (const headers of [{}, basic(emulator, { secret: 'x' }), { Authorization: `Bearer ${token}` }])
    assert.deepEqual(await refresh(1, headers), { status: 401, json: { error: 'unauthenticated', code: 16 } });
  for (const number of ['2', 'x', '99999999999999999999', '-1'])
    assert.deepEqual(await refresh(number), { status: 404, json: { error: 'install not found', code: 5 } });
  assert.equal((await tryToken(emulator, token)).status, 200, 'none of that ended the token');
  assert.equal((await emulator.control('DELETE', 'installs/1')).state, 'revoked');
  const refused = await refresh(1);

  assert.equal(refused.status, 403);
  assert.equal(refused.json.code, 7);
  assert.equal((await tryToken(emulator, token)).status, 401);
  assert.equal((await emulator.ask('DELETE', '/_emulator/installs/7')).status, 404);
});

test('the 201st refresh within a minute has to wait', async (t) => {
  const emulator = await Emulator.start(t);

  await install(emulator);
  await emulator.control('POST', 'clock', { rate: 0 });
  for (let i = 0; i < 200; i++)
    assert.equal((await emulator.ask('GET', '/v1beta/installs/1/token', undefined, basic(emulator))).status, 200);
  const refused = await emulator.ask('GET', '/v1beta/installs/1/token', undefined, basic(emulator));

  assert.equal(refused.status, 429);
  assert.equal(refused.json.code, 8);
  assert.equal(refused.headers['retry-after'], '60');
});

test('case 82: an hour later the token is refused, and a refreshed one works', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: first } = await install(emulator);

  await emulator.control('POST', 'clock', { rate: 0 });
  await emulator.control('POST', 'clock', { advance: '59m' });
  assert.equal((await tryToken(emulator, first)).status, 200);
  await emulator.control('POST', 'clock', { advance: '1m' });
  assert.equal((await tryToken(emulator, first)).status, 401);
  const second = (await emulator.ask('GET', '/v1beta/installs/1/token', undefined, basic(emulator))).json.access_token;

  assert.equal((await tryToken(emulator, second)).status, 200);
  await emulator.control('POST', 'clock', { advance: '1h' });
  assert.equal((await tryToken(emulator, second)).status, 401);
});

test('case 83: a second install on the workspace is refused as "install already exists"', async (t) => {
  const emulator = await Emulator.start(t);

  await consentTo(emulator);
  const unused = await codeOf(emulator);

  await install(emulator);
  const again = landing(await authorize(emulator));

  assert.equal(again.to, callback);
  assert.equal(again.error, 'invalid_request');
  assert.match(again.error_description, /install already exists/);
  assert.equal(again.state, 'a-state-of-12');
  assert.equal((await redeem(emulator, unused)).json.error, 'invalid_grant', 'nor by a code from before');
  assert.equal((await install(emulator, { workspace: 'globex' })).install_name, 'installs/2');
  await emulator.control('DELETE', 'installs/1');
  assert.equal((await install(emulator)).install_name, 'installs/3', 'once it was removed it is the first again');
});

test('an app may be allowed to install again', async (t) => {
  const emulator = await Emulator.start(t);
  const first = await install(emulator);

  await emulator.control('PUT', 'app', { reinstall: 'allow' });
  const second = await install(emulator, { source: 'ios' });

  assert.equal(second.install_name, 'installs/2');
  for (const { access_token: token } of [first, second]) assert.equal((await tryToken(emulator, token)).status, 200);
});

test('a private app is for its own workspace only', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);

  await emulator.control('PUT', 'app', { public: false });
  const consent = await browser.logIn('owner@globex.test');

  assert.match(consent.text, /value="allow"/, 'it belongs to acme');
  const changed = await browser.submit(consent, { do: 'workspace', workspace: 'globex' });

  assert.match(changed.text, /The app is private/);
  assert.equal((await browser.submit(changed, { do: 'allow', workspace: 'globex', source: 'workspaces/globex/sources/website' })).status, 403);
  await consentTo(emulator, { workspace: 'globex' });
  assert.equal(landing(await authorize(emulator)).error, 'access_denied');
  assert.equal((await install(emulator)).install_name, 'installs/1');
});

/* --- controls ----------------------------------------------------------------------- */

test('consent without a person says what it is told, and names what is not there', async (t) => {
  const emulator = await Emulator.start(t);

  assert.deepEqual(await emulator.control('GET', 'consent'), { auto: false });
  const setting = { auto: true, workspace: 'acme', source: 'ios', person: 'analyst@acme.test', answer: 'allow' };

  assert.deepEqual(await emulator.control('PUT', 'consent', setting), setting);
  assert.deepEqual(await emulator.control('GET', 'consent'), setting);
  assert.equal(landing(await authorize(emulator)).error, 'access_denied', 'she may only read');
  await emulator.control('PUT', 'consent', { auto: true, answer: 'server_error' });
  assert.equal(landing(await authorize(emulator)).error, 'server_error');
  await emulator.control('PUT', 'consent', { auto: true });
  assert.deepEqual((await redeem(emulator, await codeOf(emulator))).json.source_names, [website]);
  for (const bad of [{}, { auto: 1 }, { auto: true, workspace: 'x' }, { auto: true, source: 'website' }, { auto: true, answer: 'x' },
    { auto: true, workspace: 'acme', source: 'x' }, { auto: true, person: 'x' }, { auto: true, deny: 1 }, []])
    assert.equal((await emulator.ask('PUT', '/_emulator/consent', bad)).status, 400, JSON.stringify(bad));
  await emulator.control('POST', 'reset');
  assert.deepEqual(await emulator.control('GET', 'consent'), { auto: false });
});

test('the app can be changed, within the rules', async (t) => {
  const emulator = await Emulator.start(t);
  const before = await emulator.control('GET', 'app');

  assert.equal(before.client_id, emulator.env.CLIENT_ID);
  assert.equal(before.client_secret, emulator.env.CLIENT_SECRET);
  const change = { redirect_uris: [callback, 'https://a.example/cb'], scope: 'workspace:read', reinstall: 'allow', client_secret_post: 'allow', public: false, display_name: 'Mine' };

  assert.deepEqual(await emulator.control('PUT', 'app', change), { ...before, ...change });
  for (const bad of [{ redirect_uris: Array(6).fill(callback) }, { redirect_uris: ['http://a.example/'] }, { redirect_uris: [`${callback}#x`] },
    { redirect_uris: 'x' }, { redirect_uris: [1] }, { scope: 'all' }, { reinstall: 'yes' }, { client_secret_post: true }, { public: 'no' }, { display_name: '' },
    { display_name: 'x', scope: 'all' }]) {
    assert.equal((await emulator.ask('PUT', '/_emulator/app', bad)).status, 400, JSON.stringify(bad));
    assert.deepEqual(await emulator.control('GET', 'app'), { ...before, ...change });
  }
  assert.equal((await emulator.ask('GET', '/_emulator/app?app=9')).status, 404);
});

test('a regenerated secret replaces the old one', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const { client_secret: secret } = await emulator.control('POST', 'app/regenerate-secret');

  assert.match(secret, /^[A-Za-z0-9_~]{12}$/);
  assert.notEqual(secret, emulator.env.CLIENT_SECRET);
  assert.equal((await redeem(emulator, code)).status, 401);
  assert.equal((await redeem(emulator, code, {}, basic(emulator, { secret }))).status, 200);
});
