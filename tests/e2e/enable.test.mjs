// SPDX-License-Identifier: MIT
// Enable with Segment: what the customer's browser sees, and what is there afterwards.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { basic as keyOf, request } from './lib/http.mjs';
import { consentTo, landing } from './lib/oauth.mjs';
import { Partner, demo } from './lib/partner.mjs';
import { run } from './lib/program.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { Service } from './lib/service.mjs';
import { websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const title = (page) => /<h1>([^<]*)<\/h1>/.exec(page.text)?.[1];
const isPage = (page) => {
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.equal(page.headers['cache-control'], 'no-store');
  assert.equal(page.headers['referrer-policy'], 'no-referrer');
  assert.match(page.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(page.text, /<script/);
};

test('case 70: the button leads to Segment with the five parameters, and a state of its own each time', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const answers = [await person.get('/auth/segment'), await person.get('/auth/segment')];
  const [first, second] = answers.map(({ headers }) => new URL(headers.location));

  assert.equal(`${first.origin}${first.pathname}`, `${partner.emulator.env.SEGMENT_ID_URL}/oauth2/auth`);
  assert.deepEqual([...first.searchParams.keys()].slice(0, 5), ['client_id', 'redirect_uri', 'scope', 'response_type', 'state']);
  assert.match(first.search, /scope=destination%2Fdemo&/);
  assert.equal(first.searchParams.get('redirect_uri'), `${partner.base}/auth/segment/callback`);
  assert.equal(first.searchParams.get('code_challenge_method'), 'S256');
  assert.match(first.searchParams.get('state'), /^[\w-]{43}$/);
  assert.notEqual(first.searchParams.get('state'), second.searchParams.get('state'));
  const [cookie] = answers[0].headers['set-cookie'];

  assert.match(cookie, /^pa_enable_[\w-]{8}=[\w-]{43}; Max-Age=4200; Path=\/auth; HttpOnly; SameSite=Lax$/);
});

test('case 71: after the consent the code is redeemed and the destination is made, and the page says so', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();

  await consentTo(partner.emulator, { auto: false });
  const pressed = await person.get('/auth/segment');
  const url = new URL(pressed.headers.location);
  const consent = await person.segment.submit(await person.segment.open(`${url.pathname}${url.search}`), { person: 'owner@acme.test' });
  const allowed = await person.segment.submit(consent, { do: 'allow', workspace: 'acme', source: 'workspaces/acme/sources/website' });
  const page = await person.land(allowed.headers.location);

  assert.equal(page.status, 200);
  assert.equal(title(page), 'Connected');
  isPage(page);
  assert.match(page.text, /Created destination <strong>demo<\/strong> on workspaces\/acme\/sources\/website/);
  assert.match(page.address, /^\/auth\/segment\/done\?attempt=[\w-]{8}$/, 'no code in it');
  assert.deepEqual(await partner.lines(), ['POST /oauth2/token 200', `POST /v1beta/workspaces/acme/sources/website/destinations 200`]);
  const made = await partner.call('POST /v1beta');
  const { destination } = JSON.parse(made.request_body);

  assert.equal(destination.name, demo);
  assert.equal(destination.connection_mode, 'CLOUD');
  assert.equal(destination.enabled, true);
  assert.equal(destination.config[0].name, `${demo}/config/apiKey`);
  const redeemed = await partner.call('POST /oauth2/token');

  assert.match(JSON.stringify(redeemed.request_headers), /Basic/);
  assert.match(redeemed.request_body, /grant_type=authorization_code/);
  assert.match(redeemed.request_body, /redirect_uri=http%3A%2F%2Flocalhost/);
});

test('who prefers JSON gets the destination, or the problem', async (t) => {
  const partner = await Partner.start(t, { settings: { apiKey: 'abcd1234' } });
  const { status, json, headers } = await partner.person().enableJson();

  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(json.name, demo);
  assert.equal(json.config.find(({ name }) => name.endsWith('/apiKey')).value, 'abcd1234');
  await consentTo(partner.emulator, { deny: true });
  const denied = await partner.person().enableJson();

  assert.equal(denied.status, 403);
  assert.equal(denied.json.code, 'PA5007');
  assert.ok(denied.json.remedy);
});

test('an event to the source comes through the new destination, under the new key, to the endpoint', async (t) => {
  const partner = await Partner.start(t);

  assert.equal(title(await partner.person().enable()), 'Connected');
  const { data: [key] } = await partner.service.api('/keys');

  assert.equal(key.name, 'acme');
  await partner.emulator.ask('POST', '/v1/track', { userId: 'u1', event: 'Order Completed', properties: { total: 42 } },
    { 'Content-Type': 'application/json', Authorization: keyOf(websiteKey) });
  const event = await until('it has come', async () => (await partner.service.events())[0], { timeout: 15000 });

  assert.equal(event.key, key.id);
  assert.equal(event.install, 'installs/1');
  await partner.service.settled(event.id, { states: ['delivered'] });
  assert.ok(partner.endpoint.requests.some(({ body }) => body.includes('Order Completed')));
});

test('case 75: who declines gets a page that says so, and can press again', async (t) => {
  const partner = await Partner.start(t);

  await consentTo(partner.emulator, { deny: true });
  const page = await partner.person().enable();

  assert.equal(page.status, 403);
  assert.equal(title(page), 'The app was not allowed in');
  isPage(page);
  assert.match(page.text, /href="\/auth\/segment"/);
  assert.deepEqual(await partner.lines(), [], 'and nobody asked for a token');
});

test('case 72: a scope that is not the app\'s has its own page', async (t) => {
  const partner = await Partner.start(t, { emulatorFlags: ['--scope', 'workspace'] });
  const page = await partner.person().enable();

  assert.equal(page.status, 400);
  assert.equal(title(page), 'The scopes do not match');
});

test('case 76: a state of another browser, a changed, a used and a shortened one are 400, and nobody asks for a token', async (t) => {
  const partner = await Partner.start(t);
  const [ana, eve] = [partner.person(), partner.person()];
  const hers = await ana.press();
  const swapped = await eve.get(hers);

  await eve.press();
  assert.equal(swapped.status, 400);
  assert.equal(title(swapped), 'This answer does not belong to this browser');
  for (const change of [(s) => `${s}x`, (s) => s.slice(1), (s) => s.slice(0, -1), () => '', (s) => s.toUpperCase()]) {
    const url = new URL(hers);

    url.searchParams.set('state', change(url.searchParams.get('state')));
    assert.equal((await ana.get(url.href)).status, 400);
  }
  assert.equal((await ana.get('/auth/segment/callback')).status, 400);
  assert.equal((await ana.get('/auth/segment/callback?code=x&code=y&state=z')).status, 400);
  assert.deepEqual(await partner.lines(), []);
  assert.equal(title(await ana.land(hers)), 'Connected', 'and hers is still good');
  await partner.crash();
  assert.equal((await ana.get(hers)).status, 400, 'once');
});

test('reload and back show what is true now; the address has neither code nor state', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const location = await person.press();
  const page = await person.land(location);

  for (const again of [await person.land(location), await person.get(page.address)]) {
    assert.equal(again.status, 200);
    assert.equal(title(again), 'Connected');
  }
  assert.equal((await partner.lines()).filter((line) => line.includes('/oauth2/token')).length, 1);
  assert.equal((await partner.person().get(page.address)).status, 404, 'of its browser only');
  const code = landing({ headers: { location } }).code;

  for (const text of person.pages) assert.ok(!text.includes(code), 'no code in a page or an address');
});

test('two tabs do not spoil each other', async (t) => {
  const partner = await Partner.start(t);

  await partner.emulator.control('PUT', 'app', { reinstall: 'allow' });
  const person = partner.person();
  const [one, two] = [await person.press(), await person.press()];

  assert.equal(title(await person.land(one)), 'Connected');
  assert.equal(title(await person.land(two)), 'Connected');
});

test('an attempt is good for ten minutes', async (t) => {
  const partner = await Partner.start(t);
  const [late, later] = [partner.person(), partner.person()];
  const locations = [await late.press(), await later.press()];

  await partner.advance('9m');
  assert.equal(title(await late.land(locations[0])), 'Connected');
  await partner.advance('2m');
  assert.equal(title(await later.land(locations[1])), 'That took too long');
  assert.equal((await partner.lines()).filter((line) => line.includes('/oauth2/token')).length, 1);
});

test('installs are told on the stream, without a token', async (t) => {
  const partner = await Partner.start(t);
  let text = '';
  const incoming = await new Promise((resolve) => {
    http.get(`${partner.service.admin}/api/v1/stream`, { headers: { Authorization: `Bearer ${partner.service.token()}` } }, resolve);
  });

  t.after(() => incoming.destroy());
  incoming.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', () => {});
  await partner.person().enable();
  await until('it is told', () => text.includes('"what":"created"'));
  assert.match(text, /event: install\ndata: \{"kind":"install",.*"what":"granted"/);
  assert.ok(!text.includes(await partner.token()));
});

test('a code that has expired has a page that says so', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();

  await partner.fault({ where: 'token', what: 'code_used' });
  const page = await person.enable();

  assert.equal(page.status, 400);
  assert.equal(title(page), 'That took too long');
  assert.deepEqual(await partner.installs(), []);
});

test('case 73: at a redirect address that Segment does not know the browser stays there, and nothing begins here', async (t) => {
  const partner = await Partner.start(t);

  await partner.emulator.control('PUT', 'app', { redirect_uris: ['https://other.example/callback'] });
  const pressed = new URL((await partner.person().get('/auth/segment')).headers.location);
  const answer = await partner.emulator.ask('GET', `${pressed.pathname}${pressed.search}`);

  assert.equal(answer.status, 400);
  assert.equal(answer.headers.location, undefined);
  assert.deepEqual(await partner.lines(), []);
  assert.deepEqual(await partner.installs(), []);
});

test('case 74: unsupported_response_type, should Segment ever say it, has its page', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const pressed = new URL((await person.get('/auth/segment')).headers.location);
  const landed = `${partner.base}/auth/segment/callback?error=unsupported_response_type&state=${pressed.searchParams.get('state')}`;

  assert.equal(pressed.searchParams.get('response_type'), 'code', 'we never ask for another');
  const page = await person.land(landed);

  assert.ok(page.status >= 400);
  assert.match(page.text, /PA50\d\d/);
  isPage(page);
  assert.deepEqual(await partner.lines(), []);
});

test('case 77: a callback that comes twice redeems its code once, so the token lives', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const landed = await person.press();

  assert.equal(title(await person.land(landed)), 'Connected');
  await person.land(landed);
  await person.land(landed);
  assert.equal((await partner.lines()).filter((line) => line.startsWith('POST /oauth2/token')).length, 1);
  const alive = await partner.emulator.ask('GET', `/v1beta/${demo}`, undefined, { Authorization: `Bearer ${await partner.token()}` });

  assert.equal(alive.status, 200);
  assert.equal((await partner.install()).state, 'enabled');
});

test('case 80: source and end of life are taken from the answer of a destination scope', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const [install] = await partner.installs();
  const left = new Date(install.token_expires_at) - new Date((await partner.emulator.control('GET', 'clock')).now);

  assert.equal(install.source, 'workspaces/acme/sources/website');
  assert.equal(install.scope, 'destination/demo');
  assert.ok(left > 3599000 - 60000 && left <= 3599000 + 1000, `it has ${left} ms`);
});

test('case 78: a redirect address that Segment does not know has its page', async (t) => {
  const partner = await Partner.start(t);

  await partner.fault({ where: 'token', what: 'status', status: 400,
    body: { error: 'invalid_request', error_description: 'The request is missing a required parameter' } });
  const page = await partner.person().enable();

  assert.equal(page.status, 502);
  assert.equal(title(page), 'Segment does not know our redirect URL');
});

test('case 79: a wrong client secret has its page, which does not show it', async (t) => {
  const partner = await Partner.start(t, { env: { CLIENT_SECRET: 'wrong-secret-canary' } });
  const person = partner.person();
  const page = await person.enable();

  assert.equal(page.status, 502);
  assert.equal(title(page), 'Segment did not accept our credentials');
  assert.deepEqual(partner.leaks(['wrong-secret-canary'], [person]), []);
});

test('case 81: a refreshed token works, and the old one is dead', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const old = await partner.token();

  await partner.service.api('/installs/1/refresh', { method: 'POST' });
  const now = await partner.token();

  assert.notEqual(now, old);
  const ask = (token) => partner.emulator.ask('GET', `/v1beta/${demo}`, undefined, { Authorization: `Bearer ${token}` });

  assert.equal((await ask(old)).status, 401);
  assert.equal((await ask(now)).status, 200);
});

test('case 82: an hour later the token is renewed once, before it is used', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.advance('1h');
  await until('the service sees that', async () => {
    await partner.service.api('/installs/1/sync', { method: 'POST', body: {} });
    return (await partner.lines()).some((line) => line.includes('/installs/1/token 200'));
  });
  const [install] = await partner.installs();

  assert.equal(install.token_generation, 2);
  assert.equal(install.state, 'enabled');
});

test('a token that Segment refuses is renewed once and the call repeated; refused again, a reinstall is needed', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.fault({ where: 'config', what: 'token_expired' });
  await partner.service.api('/installs/1/sync', { method: 'POST', body: {} });
  assert.equal((await partner.installs())[0].token_generation, 2);
  await partner.fault({ where: 'config', what: 'token_expired', times: 2 });
  await assert.rejects(partner.service.api('/installs/1/sync', { method: 'POST', body: {} }), /502/);
  assert.equal((await partner.installs())[0].state, 'reinstall');
});

test('a customer who removes the app is seen: revoked, and the next press begins anew', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const key = await partner.apiKey();

  await partner.emulator.control('DELETE', 'installs/1');
  await assert.rejects(partner.service.api('/installs/1/refresh', { method: 'POST' }), /PA5011/);
  assert.equal((await partner.installs())[0].state, 'revoked');
  const page = await partner.person().enable();

  assert.equal(title(page), 'Connected');
  assert.match(page.text, /it existed/);
  const [{ number, state }, ...others] = await partner.installs();

  assert.deepEqual({ number, state, others }, { number: 2, state: 'enabled', others: [] });
  const { json } = await partner.emulator.ask('GET', `/v1beta/${demo}`, undefined, { Authorization: `Bearer ${await partner.token(2)}` });

  assert.equal(json.config.find(({ name }) => name.endsWith('/apiKey')).value, key, 'the same key as before');
});

test('many who want the same refresh share one', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.fault({ where: 'refresh', what: 'delay', delay_ms: [300, 301] });
  await Promise.all(Array.from({ length: 50 }, () => partner.service.api('/installs/1/refresh', { method: 'POST' })));
  assert.equal((await partner.installs())[0].token_generation, 2);
  await partner.advance('1h');
  await until('the service sees that', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => partner.token()));

    assert.equal(new Set(tokens).size, 1);
    return (await partner.installs())[0].token_generation === 3;
  });
});

test('case 83: a second install on the workspace uses the one that we hold', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();

  await person.enable();
  const again = await person.enable();

  assert.equal(again.status, 200);
  assert.equal(title(again), 'Connected');
  const stranger = await partner.person().enable();

  assert.equal(stranger.status, 200);
  assert.equal(title(stranger), 'Installed already');
  assert.doesNotMatch(stranger.text, /acme/, 'whose it is, it is not told');
  assert.equal((await partner.installs()).length, 1);
});

test('an install that we do not hold is told with what to do', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.service.api('/installs/1', { method: 'DELETE' });
  assert.deepEqual(await partner.installs(), []);
  const page = await partner.person().enable();

  assert.equal(page.status, 409);
  assert.equal(title(page), 'The app is installed there already');
});

test('case 84: a destination that exists is updated with the three paths, and the page shows it', async (t) => {
  const partner = await Partner.start(t);

  await partner.emulator.control('PUT', 'destination',
    { source: 'workspaces/acme/sources/website', slug: 'demo', enabled: false, config: { apiKey: 'made by hand' } });
  const page = await partner.person().enable();

  assert.equal(title(page), 'Connected');
  assert.match(page.text, /it existed/);
  assert.deepEqual((await partner.lines()).slice(1),
    [`POST /v1beta/workspaces/acme/sources/website/destinations 500`, `PATCH /v1beta/${demo} 200`]);
  const { request_body: body } = await partner.call('PATCH');

  assert.deepEqual([...JSON.parse(body).update_mask.paths].sort(),
    ['destination.config', 'destination.connection_mode', 'destination.enabled']);
});

test('case 85: when creating fails with another 500 the page is 502, and does not hang', async (t) => {
  const partner = await Partner.start(t);

  await partner.fault({ where: 'config', what: 'status', status: 500, code: 13, times: 20 });
  const page = await partner.person().enable();

  assert.equal(page.status, 502);
  assert.equal(title(page), 'Segment does not answer');
  await partner.emulator.control('DELETE', 'faults');
  await partner.service.api('/installs/1/sync', { method: 'POST', body: { mend: true } });
  assert.equal((await partner.install()).destination, demo, 'and it goes on from there');
});

test('case 86: without CLIENT_ID the service does not start, and says what to do', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'partnerapp.yaml': 'app: {destination: demo}\nsubscriptions: [{name: default, auth: none, endpoint: "https://example.com/"}]\n' });
  const { code, stderr } = await run(['serve', '--data', `${folder}/data`], { cwd: folder });

  assert.equal(code, 3);
  assert.match(stderr, /no CLIENT_ID or CLIENT_SECRET/);
});

test('case 87: what a query or Segment says is never markup, and no page shows a token', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const evil = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';

  for (const name of ['error', 'error_description', 'error_hint', 'code', 'state', 'scope', 'iss']) {
    const at = new URL(await person.press());

    at.searchParams.set(name, evil);
    if (name.startsWith('error')) at.searchParams.set('error', 'access_denied');
    const page = await person.land(at.href);

    assert.doesNotMatch(page.text, /<script|<img|alert\(1\)/, name);
  }
  await partner.fault({ where: 'config', what: 'status', status: 400, body: { error: evil, code: 3 } });
  const refused = await partner.person().enable();

  assert.equal(refused.status, 502);
  assert.doesNotMatch(refused.text, /<script|<img/);
  assert.doesNotMatch(refused.text, /Bearer|Authorization/i);
});

test('Host and X-Forwarded-Host do not change where Segment sends the code', async (t) => {
  const partner = await Partner.start(t);

  for (const headers of [{ Host: 'evil.example' }, { 'X-Forwarded-Host': 'evil.example' }, { Forwarded: 'host=evil.example' }]) {
    const { headers: { location } } = await partner.person().get('/auth/segment', { headers });

    assert.equal(new URL(location).searchParams.get('redirect_uri'), `${partner.base}/auth/segment/callback`);
  }
});

test('a Segment that hangs does not hang the browser; it goes on by itself', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();

  await partner.fault({ where: 'config', what: 'delay', delay_ms: [6000, 6001] });
  const started = Date.now();
  const page = await person.enable();

  assert.equal(title(page), 'Connected', 'past the 4.5 s of other requests');
  assert.ok(Date.now() - started < 20000);
});

test('a destination that was changed by hand is seen by a sync, and mended when asked for', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const key = await partner.apiKey();

  await partner.emulator.control('PUT', 'destination',
    { source: 'workspaces/acme/sources/website', slug: 'demo', enabled: false, config: { apiKey: 'changed by hand' } });
  const seen = await partner.service.api('/installs/1/sync', { method: 'POST', body: {} });

  assert.deepEqual(seen.drift.map(({ setting }) => setting).sort(), ['apiKey', 'enabled']);
  assert.ok(!JSON.stringify(seen).includes(key));
  const mended = await partner.service.api('/installs/1/sync', { method: 'POST', body: { mend: true } });

  assert.equal(mended.drift, null);
  assert.equal(await partner.apiKey(), key, 'the same key as before');
});

test('a day later the destination is looked at, and what differs is said', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.emulator.control('PUT', 'destination',
    { source: 'workspaces/acme/sources/website', slug: 'demo', enabled: false, config: { apiKey: 'changed by hand' } });
  await partner.advance('25h');
  await until('the difference is seen', async () => (await partner.installs())[0].drift !== null, { timeout: 15000 });
});

/* --- crashes ------------------------------------------------------------------------ */

for (const [what, fault] of [
  ['the code was sent and not answered', { where: 'token', what: 'hang' }],
  ['the code was redeemed and the answer was on its way', { where: 'token', what: 'delay', delay_ms: [5000, 5001] }],
  ['the destination was being made', { where: 'config', what: 'hang' }],
  ['the destination was made and the answer was on its way', { where: 'config', what: 'delay', delay_ms: [5000, 5001] }],
])
  test(`killed while ${what}: the next start or press finishes it`, async (t) => {
    const partner = await Partner.start(t);
    const person = partner.person();

    await partner.fault(fault);
    const location = await person.press();
    const before = (await partner.lines()).length;

    person.get(location).catch(() => {});
    await until('the call is under way', async () => (await partner.lines()).length > before || (await partner.emulator.control('GET', 'faults')).faults.length === 0);
    await partner.crash();
    const done = await until('it is finished', async () => {
      const [install] = await partner.installs();

      if (install?.state === 'enabled') return true;
      return title(await partner.person().enable()) === 'Connected';
    }, { timeout: 20000, every: 300 });

    assert.ok(done);
    const [{ number }, ...others] = await partner.installs();

    assert.deepEqual(others, []);
    assert.match(await partner.apiKey(number), /^pk_/);
  });

test('killed while a refresh was answered and not stored: the next call repairs it', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.fault({ where: 'refresh', what: 'hang' });
  partner.service.api('/installs/1/refresh', { method: 'POST' }).catch(() => {});
  await until('the call is under way', async () => (await partner.emulator.control('GET', 'faults')).faults.length === 0);
  await partner.crash();
  await partner.service.api('/installs/1/sync', { method: 'POST', body: {} });
  assert.equal((await partner.installs())[0].state, 'enabled');
});

for (const what of ['close', 'cut', 'bad_json'])
  test(`an answer to the exchange that comes as "${what}" loses no install`, async (t) => {
    const partner = await Partner.start(t);

    await partner.fault({ where: 'token', what });
    const page = await partner.person().enable();

    assert.equal(page.status, 502);
    await until('it can be connected again', async () => {
      const [install] = await partner.installs();

      return install?.state === 'enabled' || title(await partner.person().enable()) === 'Connected';
    }, { timeout: 20000, every: 300 });
  });

/* --- the ten faults of the sample (reliability §0.2) ---------------------------------- */

test('fault a: no two presses share a state, in one process or in two', async (t) => {
  const partner = await Partner.start(t);
  const states = new Set();
  const press = async () => {
    const { headers: { location } } = await partner.person().get('/auth/segment');

    states.add(new URL(location).searchParams.get('state'));
  };

  await Promise.all(Array.from({ length: 50 }, press));
  await partner.crash();
  await Promise.all(Array.from({ length: 50 }, press));
  assert.equal(states.size, 100);
});

test('faults b and j: no token, key, secret or code is in a log, a page or the database', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const location = await person.press();

  await person.land(location);
  const tokens = [await partner.token()];

  await partner.service.api('/installs/1/refresh', { method: 'POST' });
  tokens.push(await partner.token());
  await partner.fault({ where: 'config', what: 'status', status: 403 });
  await partner.service.api('/installs/1/sync', { method: 'POST', body: {} }).catch(() => {});
  const { code, state } = landing({ headers: { location } });
  const key = await partner.apiKey();

  assert.match(key, /^pk_/);
  assert.deepEqual(partner.leaks([...tokens, key, code, partner.emulator.env.CLIENT_SECRET], [person]), []);
  assert.ok(!partner.service.log.includes(state));
});

test('fault c: error, error_description and error_hint of a query are not shown', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const at = new URL(await person.press());
  const words = { error: 'canary_one', error_description: '<b>canary_two</b>', error_hint: 'canary_three' };

  at.searchParams.delete('code');
  for (const [name, value] of Object.entries(words)) at.searchParams.set(name, value);
  const page = await person.land(at.href);

  assert.ok(page.status >= 400);
  assert.doesNotMatch(page.text, /canary/);
});

test('fault d: a failure is a page with words, not an error object', async (t) => {
  const partner = await Partner.start(t);

  await partner.fault({ where: 'token', what: 'bad_json' });
  const page = await partner.person().enable();

  assert.equal(page.status, 502);
  isPage(page);
  assert.doesNotMatch(page.text, /[{}]"|\bat .*\.js/);
});

test('fault e: settings of a customer are data, whatever they look like', async (t) => {
  const evil = '${process.exit(1)}`;require("fs")';
  const partner = await Partner.start(t, { settings: { apiKey: evil } });

  assert.equal(title(await partner.person().enable()), 'Connected');
  assert.equal(await partner.apiKey(), evil);
});

test('fault f: an event without properties is accepted under the new key', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const answer = await partner.service.post({ type: 'track', userId: 'u1', event: 'E' }, { key: await partner.apiKey() });

  assert.equal(answer.status, 202);
});

test('fault g: a connection that breaks without an answer ends in a page', async (t) => {
  const partner = await Partner.start(t);

  await partner.fault({ where: 'config', what: 'close', times: 20 });
  const page = await partner.person().enable();

  assert.equal(page.status, 502);
  isPage(page);
});

test('fault h: an install outlives the process, and so does the way it came', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const [before] = await partner.installs();
  const { steps, ...shown } = await partner.service.api('/installs/1');
  const of = (name) => steps.find(({ step }) => step === name);

  assert.deepEqual(shown, before);
  assert.deepEqual(steps.map(({ step }) => step).reverse(), ['press', 'callback', 'exchange', 'key', 'destination']);
  assert.ok(steps.every(({ at, ok, summary }) => Date.parse(at) > 0 && ok && summary));
  assert.match(of('press').request.query, /^client_id=[^&]+&redirect_uri=http:.*&scope=destination\/demo&response_type=code&state=••••&/);
  assert.deepEqual([of('callback').request.query, of('key').request], ['code=••••&state=••••', null]);
  assert.match(of('exchange').request.body, /^code=••••&grant_type=authorization_code&redirect_uri=http:.*&code_verifier=••••$/);
  assert.deepEqual([of('exchange').status, of('exchange').response.body.access_token], [200, '••••']);
  assert.ok(of('exchange').duration_ms > 0);
  assert.match(of('destination').request.url, /\/v1beta\/workspaces\/acme\/sources\/website\/destinations$/);
  assert.deepEqual(of('destination').request.body.destination.config.map(({ name, value }) => [name, value]),
    [[`${demo}/config/apiKey`, '••••']]);
  await partner.crash();
  assert.deepEqual(await partner.installs(), [before]);
  assert.deepEqual((await partner.service.api('/installs/1')).steps, steps);
  await partner.service.api('/installs/1/sync', { method: 'POST', body: {} });
  assert.equal((await partner.service.api('/installs/1')).steps[0].step, 'sync');
  for (let i = 0; i < 60; i++) await partner.service.api('/installs/1/refresh', { method: 'POST' });
  const last = (await partner.service.api('/installs/1')).steps;

  assert.deepEqual([last.length, last.at(-1).step], [50, 'refresh'], 'the last fifty');
});

test('fault i: the callback is at the address that is configured, with cookies as https deserves', async (t) => {
  const partner = await Partner.start(t);

  partner.service.configure({ ...partner.service.config,
    server: { ...partner.service.config.server, public_url: 'https://hooks.example.com' } });
  await partner.service.stop();
  await partner.service.up();
  const { headers } = await partner.person().get('/auth/segment');

  assert.equal(new URL(headers.location).searchParams.get('redirect_uri'), 'https://hooks.example.com/auth/segment/callback');
  assert.match(headers['set-cookie'][0], /^__Host-pa_enable_[\w-]{8}=[^;]+; Max-Age=4200; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
});

/* --- odds --------------------------------------------------------------------------- */

test('without an app the button says how to configure one', async (t) => {
  const partner = await Partner.start(t);

  partner.service.configure({ ...partner.service.config, app: undefined });
  await partner.service.stop();
  await partner.service.up();
  const page = await partner.person().get('/auth/segment');

  assert.equal(page.status, 404);
  assert.match(page.text, /CLIENT_ID/);
});

test('the key is made for the subscription that the button names; another one gets another key, and a day for the old', async (t) => {
  const partner = await Partner.start(t);

  await partner.emulator.control('PUT', 'app', { reinstall: 'allow' });
  assert.equal((await partner.person().get('/auth/segment?subscription=nobody')).status, 404);
  await partner.person().enable('?subscription=default');
  const { data: [key] } = await partner.service.api('/keys');

  assert.deepEqual(key.subscriptions, ['default']);
  const old = await partner.apiKey();

  await partner.person().enable('?subscription=default');
  assert.equal(await partner.apiKey(2), old, 'the same for the same');
  await partner.person().enable();
  const now = await partner.apiKey(3);
  const send = (one) => partner.service.post({ type: 'track', userId: 'u1', event: 'E' }, { key: one });

  assert.notEqual(now, old);
  for (const one of [old, now]) assert.equal((await send(one)).status, 202);
  await partner.crash();
  assert.equal((await send(old)).status, 202, 'also after a restart');
  await partner.advance('25h');
  await until('it is over', async () => (await send(old)).status === 401, { timeout: 10000 });
  assert.equal((await send(now)).status, 202);
});

test('hostile callbacks: no crash, no call to Segment, nothing stored', async (t) => {
  const partner = await Partner.start(t);
  const person = partner.person();
  const values = ['', 'a', 'x'.repeat(600), '%00', '%0d%0aSet-Cookie:%20a=b', '%ff%fe', '%F0%9F%98%80', '<script>', "'\"--", '../../etc/passwd', '%2525', '[]', '{}', 'null', '-1'];
  const shapes = [(v) => `code=${v}`, (v) => `code=${v}&state=${v}`, (v) => `state=${v}&error=${v}`, (v) => `code=x&state=${'A'.repeat(43)}&iss=${v}`,
    (v) => `code=${v}&code=b&state=${'A'.repeat(43)}`, (v) => `error=${v}&error_description=${v}&state=${'A'.repeat(43)}`, (v) => `code[]=${v}&state[]=${v}`,
    (v) => `access_token=${v}&state=${'A'.repeat(43)}`, (v) => `${v}=${v}`, (v) => `state=${'A'.repeat(43)}&code=${v}&scope=${v}`];

  await person.get('/auth/segment');
  for (const value of values)
    for (const shape of shapes) {
      const { status, text, headers } = await person.get(`/auth/segment/callback?${shape(value)}`);

      assert.equal(status, 400, shape(value));
      assert.doesNotMatch(text, /<script/);
      assert.equal(headers['set-cookie'], undefined);
    }
  assert.deepEqual(await partner.lines(), []);
  assert.deepEqual(await partner.installs(), []);
});

test('hostile token answers: the right page, and nothing stored', async (t) => {
  const partner = await Partner.start(t);
  const good = { access_token: 't'.repeat(43), expires_in: 3599, scope: 'destination/demo', token_type: 'bearer', app_name: 'apps/1',
    install_name: 'installs/7', workspace_names: ['workspaces/acme'], source_names: ['workspaces/acme/sources/website'] };
  const bad = [[], 'text', 1, null, {}, { ...good, token_type: 'mac' }, { ...good, access_token: 7 }, { ...good, access_token: 'x'.repeat(60000) },
    { ...good, access_token: 'a b\nc' }, { ...good, expires_in: -1 }, { ...good, expires_in: 1e18 }, { ...good, expires_in: 'soon' }, { ...good, expires_in: 5 },
    { ...good, scope: 'workspace' }, { ...good, install_name: '../../7' }, { ...good, install_name: 'installs/0' }, { ...good, install_name: null },
    { ...good, workspace_names: [] }, { ...good, workspace_names: ['workspaces/../x'] }, { ...good, source_names: ['workspaces/other/sources/x'] }];

  await partner.emulator.control('PUT', 'app', { reinstall: 'allow' });
  // Each of them leaves a code, which is good and is sent once more within a second or two. So
  // there is always a bad answer, for however many: the next comes before the last one goes.
  let last;

  for (const body of bad) {
    const { id } = await partner.fault({ where: 'token', what: 'status', status: 200, body, times: 1000 });

    if (last !== undefined) await partner.emulator.control('DELETE', `faults/${last}`);
    last = id;
    const page = await partner.person().enable();

    assert.ok([400, 502].includes(page.status), `${JSON.stringify(body).slice(0, 80)}: ${page.status}`);
  }
  await until('each code was sent once more', async () => (await partner.lines()).filter((line) => line.startsWith('POST /oauth2/token')).length === 2 * bad.length,
    { timeout: 10000 });
  await until('what was left of them is cleared', async () => (await partner.installs()).length === 0);
  assert.deepEqual((await partner.service.api('/keys')).data, []);
});

test('in dev one call presses, consents and connects; the second time it only looks', async (t) => {
  const service = await Service.start(t, { mode: 'dev' });
  const started = Date.now();
  const first = await service.api('/installs', { method: 'POST', body: { auto_approve: true } });
  const second = await service.api('/installs', { method: 'POST', body: { auto_approve: true } });

  assert.ok(Date.now() - started < 2000);
  assert.deepEqual([first.install, first.created, first.destination], ['installs/1', true, demo]);
  assert.deepEqual(second, { ...first, created: false });
  await until('the terminal tells', () => service.log.includes('destination created'));
  assert.match(service.log, new RegExp(`Enable with Segment +http://localhost:${service.port}/auth/segment`));
  const { headers } = await request(`${service.url}/auth/segment`);

  assert.equal(headers.location, `http://localhost:${service.port}/auth/segment`, 'where the cookie will be needed');
});

test('only dev consents by itself', async (t) => {
  const partner = await Partner.start(t);

  await assert.rejects(partner.service.api('/installs', { method: 'POST', body: { auto_approve: true } }), /409.*PA7041/);
});

test('the button is a picture with three themes', async (t) => {
  const partner = await Partner.start(t);
  const texts = await Promise.all(['light', 'dark', 'green', '"><script>'].map(async (theme) => {
    const { status, headers, text } = await request(`${partner.service.url}/auth/segment/button.svg?theme=${encodeURIComponent(theme)}`);

    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'image/svg+xml');
    assert.doesNotMatch(text, /script/);
    return text;
  }));

  assert.equal(new Set(texts).size, 3, 'an unknown one is light');
});

test('forgetting an install leaves its key a day', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  const key = await partner.apiKey();
  const send = () => partner.service.post({ type: 'track', userId: 'u1', event: 'E' }, { key });

  await partner.service.api('/installs/1', { method: 'DELETE' });
  assert.equal((await send()).status, 202);
  await partner.advance('25h');
  await until('it is over', async () => (await send()).status === 401, { timeout: 10000 });
});

test('nobody without a token of the admin listener sees installs', async (t) => {
  const partner = await Partner.start(t);

  for (const target of ['/installs', '/installs/1', '/installs/1/token'])
    assert.equal((await request(`${partner.service.admin}/api/v1${target}`, { method: target.endsWith('token') ? 'POST' : 'GET' })).status, 401);
  assert.equal((await request(`${partner.service.url}/api/v1/installs`)).status, 404);
});
