// SPDX-License-Identifier: MIT
// Clients from npm talk to the local Segment as they do to any OAuth server: only the base URL is ours.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { client } from './lib/clients.mjs';
import { Emulator } from './lib/emulator.mjs';
import { Browser, callback, consentTo, landing, tryToken } from './lib/oauth.mjs';

const state = 'drawn by lot';
const source = 'workspaces/acme/sources/website';

// A person says yes to what the client asks; back comes the address her browser lands on.
async function consent(emulator, url) {
  const browser = new Browser(emulator);
  const login = await browser.open(url.replace(emulator.url, ''));
  const question = await browser.submit(login, { person: 'owner@acme.test' });

  return (await browser.submit(question, { do: 'allow', workspace: 'acme', source })).headers.location;
}

async function checkToken(emulator, token) {
  assert.equal(token.token_type, 'bearer');
  assert.equal(token.install_name, 'installs/1');
  assert.deepEqual(token.source_names, [source]);
  assert.equal((await tryToken(emulator, token.access_token)).status, 200);
}

function clientOauth2(emulator, over = {}) {
  const ClientOAuth2 = client('client-oauth2');

  return new ClientOAuth2({
    clientId: emulator.env.CLIENT_ID, clientSecret: emulator.env.CLIENT_SECRET, redirectUri: callback, scopes: ['destination/demo'],
    authorizationUri: `${emulator.url}/oauth2/auth`, accessTokenUri: `${emulator.url}/oauth2/token`, state, ...over,
  });
}

function simpleOauth2(emulator, over = {}) {
  const { AuthorizationCode } = client('simple-oauth2');

  return new AuthorizationCode({
    client: { id: emulator.env.CLIENT_ID, secret: emulator.env.CLIENT_SECRET, ...over },
    auth: { tokenHost: emulator.url, tokenPath: '/oauth2/token', authorizePath: '/oauth2/auth' },
  });
}

test('client-oauth2 gets a token', async (t) => {
  const emulator = await Emulator.start(t);
  const auth = clientOauth2(emulator);
  const landed = await consent(emulator, auth.code.getUri());
  const token = await auth.code.getToken(landed);

  await checkToken(emulator, token.data);
  assert.equal(token.accessToken, token.data.access_token);
  assert.equal(token.tokenType, 'bearer');
  assert.equal(token.refreshToken, undefined);
  const inAnHour = Date.now() + 3599 * 1000;

  assert.ok(Math.abs(token.expires.getTime() - inAnHour) < 10000);
  await assert.rejects(auth.code.getToken(landed), { code: 'EAUTH', message: /code/ }, 'the code was used');
});

test('client-oauth2 understands a refusal', async (t) => {
  const emulator = await Emulator.start(t);
  const auth = clientOauth2(emulator);
  const refusal = async (setting, options) => {
    await consentTo(emulator, setting);
    return (await fetch(auth.code.getUri(options), { redirect: 'manual' })).headers.get('location');
  };

  const says = (word) => (error) => error.code === 'EAUTH' && error.body.error === word;

  await assert.rejects(auth.code.getToken(await refusal({ deny: true })), says('access_denied'));
  await assert.rejects(auth.code.getToken(await refusal({}, { scopes: ['workspace'] })), says('invalid_scope'));
  await assert.rejects(auth.code.getToken(await refusal({ answer: 'wrong_state' })), { message: /[Ii]nvalid state/ });
  const wrong = clientOauth2(emulator, { clientSecret: 'wrong' });

  await assert.rejects(wrong.code.getToken(await refusal({})), says('invalid_client'));
});

test('simple-oauth2 gets a token', async (t) => {
  const emulator = await Emulator.start(t);
  const auth = simpleOauth2(emulator);
  const url = auth.authorizeURL({ redirect_uri: callback, scope: 'destination/demo', state });
  const landed = landing({ headers: { location: await consent(emulator, url) } });

  assert.equal(landed.state, state);
  const wanted = { code: landed.code, redirect_uri: callback };
  const token = await auth.getToken(wanted);

  await checkToken(emulator, token.token);
  assert.equal(token.expired(), false);
  assert.equal(token.expired(3600), true, 'it has 3599 seconds');
  await assert.rejects(auth.getToken(wanted), (error) => error.output.statusCode === 400 && error.data.payload.error === 'invalid_grant');
});

test('simple-oauth2 is told about a wrong secret', async (t) => {
  const emulator = await Emulator.start(t);

  await consentTo(emulator);
  const auth = simpleOauth2(emulator, { secret: 'wrong' });
  const answer = await fetch(auth.authorizeURL({ redirect_uri: callback, scope: 'destination/demo', state }), { redirect: 'manual' });
  const { searchParams } = new URL(answer.headers.get('location'));

  await assert.rejects(auth.getToken({ code: searchParams.get('code'), redirect_uri: callback }),
    (error) => error.output.statusCode === 401 && error.data.payload.error === 'invalid_client');
});

// What partners have copied since 2019: a process with one state, client-oauth2, a POST, and a PATCH
// when the words say that the destination is there.
async function startPartner(t, emulator) {
  const auth = clientOauth2(emulator, { state: 'one for all' });
  const server = http.createServer(async (request, response) => {
    const say = (body) => response.end(typeof body === 'string' ? body : JSON.stringify(body));

    if (request.url === '/auth/segment') {
      response.writeHead(302, { Location: auth.code.getUri() });
      return say('');
    }
    const token = (await auth.code.getToken(request.url)).data;
    const name = `${token.source_names[0]}/destinations/demo`;
    const destination = { name, connection_mode: 'CLOUD', enabled: true, config: [{ name: `${name}/config/apiKey`, value: 'abcd1234' }] };
    const call = (method, where, body) => fetch(`${emulator.url}/v1beta/${where}`, {
      method, headers: { Authorization: `Bearer ${token.access_token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    const created = await call('POST', `${token.source_names[0]}/destinations`, { destination });
    const answer = await created.json();

    if (created.ok) return say({ ...answer, how: 'created' });
    if (!answer.error.includes('destination already exists')) return say(answer);
    const paths = ['destination.enabled', 'destination.config', 'destination.connection_mode'];
    const updated = await call('PATCH', name, { destination, update_mask: { paths } });

    return say({ ...await updated.json(), how: 'updated' });
  });

  t.after(() => server.close());
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

test('case 84: a partner app creates its destination, and updates it after its customer had removed the app', async (t) => {
  const emulator = await Emulator.start(t);
  const partner = await startPartner(t, emulator);
  const press = async () => {
    const started = await fetch(`${partner}/auth/segment`, { redirect: 'manual' });
    const landed = await consent(emulator, started.headers.get('location'));

    return (await fetch(partner + new URL(landed).pathname + new URL(landed).search)).json();
  };

  const first = await press();

  assert.equal(first.how, 'created');
  assert.equal(first.name, `${source}/destinations/demo`);
  assert.equal(first.enabled, true);
  assert.equal(first.connection_mode, 'UNSPECIFIED');
  await emulator.control('DELETE', 'installs/1');
  await emulator.control('PUT', 'destination', { source, slug: 'demo', enabled: false, config: { apiKey: 'changed by hand' } });
  const second = await press();

  assert.equal(second.how, 'updated');
  assert.equal(second.enabled, true);
  assert.equal(second.config.find((setting) => setting.name.endsWith('/apiKey')).value, 'abcd1234');
});
