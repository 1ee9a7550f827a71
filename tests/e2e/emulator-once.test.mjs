// SPDX-License-Identifier: MIT
// What is good once is used once, whoever comes at the same time, and whatever becomes of the world meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { Browser, authorize, basic, consentTo, form, install, landing, redeem, tryToken } from './lib/oauth.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { Customer } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const N = 12;
const website = 'workspaces/acme/sources/website';
const page = { do: 'allow', workspace: 'acme', source: website };
const times = (n, fn) => Promise.all(Array.from({ length: n }, (_, i) => fn(i)));
const hidden = (html) => Object.fromEntries([...html.matchAll(/type="hidden" name="(\w+)" value="(\w+)"/g)].map((m) => m.slice(1)));

async function fresh(t, flags) {
  const emulator = await Emulator.start(t, flags);

  await consentTo(emulator);
  return emulator;
}

const codeOf = async (emulator, over) => landing(await authorize(emulator, over)).code;

test('of many who exchange one code, one gets a token, and the others end it', async (t) => {
  const emulator = await fresh(t);
  const code = await codeOf(emulator);
  const answers = await times(N, () => redeem(emulator, code));
  const [won, ...more] = answers.filter(({ status }) => status === 200);

  assert.equal(more.length, 0);
  for (const { status, json } of answers.filter((answer) => answer !== won))
    assert.deepEqual([status, json.error], [400, 'invalid_grant']);
  assert.equal((await tryToken(emulator, won.json.access_token)).status, 401, 'a code that was used twice ends its token');
});

test('of many codes for one workspace, one becomes an install, which stays', async (t) => {
  const emulator = await fresh(t);
  const codes = await times(N, () => codeOf(emulator));
  const answers = await Promise.all(codes.map((code) => redeem(emulator, code)));
  const won = answers.filter(({ status }) => status === 200);

  assert.equal(won.length, 1);
  assert.equal((await tryToken(emulator, won[0].json.access_token)).status, 200);
  assert.equal((await emulator.control('GET', 'installs')).installs.length, 1);
});

test('of many refreshes at once all are answered, and one token is good: the last', async (t) => {
  const emulator = await fresh(t);
  const { install_name: name, access_token: first } = await install(emulator);
  const answers = await times(N, () => emulator.ask('GET', `/v1beta/${name}/token`, undefined, basic(emulator)));

  assert.ok(answers.every(({ status }) => status === 200));
  const tokens = [first, ...answers.map(({ json }) => json.access_token)];
  const good = (await Promise.all(tokens.map((token) => tryToken(emulator, token)))).filter(({ status }) => status === 200);

  assert.equal(good.length, 1);
});

test('of many who come with one verifier, one goes on', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const login = await browser.begin();
  const afterLogin = await times(N, () => browser.go('POST', '/login', form({ ...hidden(login.text), person: 'owner@acme.test' })));
  const [{ headers: { location: loginUrl } }, ...others] = afterLogin.filter(({ status }) => status === 302);

  assert.equal(others.length, 0, 'the form of one login');
  const consents = (await times(N, () => browser.get(loginUrl))).map(({ headers }) => headers.location);
  const [consentPage, ...more] = consents.filter((location) => location.startsWith('/authorize'));

  assert.equal(more.length, 0, 'a login verifier');
  const consent = await browser.get(consentPage);
  const allowed = (await times(N, () => browser.go('POST', '/authorize', form({ ...hidden(consent.text), ...page }))))
    .filter(({ status }) => status === 302);

  assert.equal(allowed.length, 1, 'the form of one consent');
  const ends = (await times(N, () => browser.get(allowed[0].headers.location))).map(landing);

  assert.equal(ends.filter(({ code }) => code !== undefined).length, 1, 'a consent verifier');
  assert.equal(ends.filter(({ error }) => error === 'access_denied').length, N - 1);
});

test('a restart in the middle of a consent is not seen: the form, the code and its token go on', async (t) => {
  const emulator = await Emulator.start(t, ['--data', temporaryFolder(t)]);
  const again = async () => {
    assert.equal((await emulator.stop()).code, 0);
    await emulator.up();
  };
  const browser = new Browser(emulator);
  const login = await browser.begin();

  await again();
  const consent = await browser.submit(login, { person: 'owner@acme.test' });

  await again();
  const { code } = landing(await browser.submit(consent, page));

  await again();
  const { json } = await redeem(emulator, code);

  await again();
  assert.equal((await tryToken(emulator, json.access_token)).status, 200);
  assert.equal((await redeem(emulator, code)).json.error, 'invalid_grant');
  assert.equal((await tryToken(emulator, json.access_token)).status, 401);
});

test('who consents in a world that began anew is told to begin again', async (t) => {
  const emulator = await Emulator.start(t);
  const browser = new Browser(emulator);
  const consent = await browser.logIn();

  await emulator.control('POST', 'reset');
  assert.equal((await browser.submit(consent, page)).status, 410);
  assert.match((await browser.begin()).text, /Who are you today/);
});

test('lives are of the world\'s clock: frozen nothing ends, and what has ended stays so', async (t) => {
  const emulator = await fresh(t, ['--clock-rate', '0']);
  const { access_token: token } = await install(emulator);
  const advance = (by) => emulator.control('POST', 'clock', { advance: by });

  await emulator.control('PUT', 'app', { reinstall: 'allow' });
  await advance('59m');
  assert.equal((await tryToken(emulator, token)).status, 200);
  const code = await codeOf(emulator);

  await advance('9m');
  assert.equal((await tryToken(emulator, token)).status, 401);
  assert.equal((await redeem(emulator, code)).status, 200, 'nine minutes');
  const late = await codeOf(emulator);

  await advance('10m');
  assert.equal((await redeem(emulator, late)).json.error, 'invalid_grant');
  for (const back of [{ advance: -1 }, { advance: '-1h' }, { at: '2001-01-01T00:00:00Z' }])
    assert.equal((await emulator.ask('POST', '/_emulator/clock', back)).status, 400, 'time does not go back');
  await emulator.control('POST', 'clock', { rate: 3600 });
  const quick = await redeem(emulator, await codeOf(emulator));

  await until('an hour passes in a second', async () => (await tryToken(emulator, quick.json.access_token)).status === 401);
});

test('a minute of 200 calls is a minute of the world\'s clock', async (t) => {
  const emulator = await fresh(t, ['--clock-rate', '0']);
  const { access_token: token } = await install(emulator);
  const calls = async () => (await times(201, () => tryToken(emulator, token))).filter(({ status }) => status === 429);
  const [late, ...more] = await calls();

  assert.equal(more.length, 0);
  assert.equal(late.headers['retry-after'], '60');
  await emulator.control('POST', 'clock', { advance: '59999ms' });
  assert.equal((await tryToken(emulator, token)).status, 429);
  await emulator.control('POST', 'clock', { advance: '1ms' });
  assert.equal((await calls()).length, 1);
});

for (const [why, change] of [
  ['a snapshot is loaded', (customer, snapshot) => customer.emulator.ask('PUT', '/_emulator/snapshot', snapshot)],
  ['the world is reset', (customer) => customer.emulator.ask('POST', '/_emulator/reset')],
])
  test(`${why} while attempts, tests and faulty answers are under way`, async (t) => {
    const customer = await Customer.connected(t, { status: 200, delay: 100 });
    const { emulator } = customer;
    const { text: snapshot } = await emulator.ask('GET', '/_emulator/snapshot');
    const slow = await Endpoint.start(t, { status: 200, delay: 100 });

    for (let round = 0; round < 2; round++) {
      const before = customer.partner.requests.length + slow.requests.length;

      await customer.connect();
      await emulator.control('PUT', 'faults', { faults: [{ where: 'config', what: 'delay', delay_ms: 100 }] });
      await times(20, () => customer.track());
      const waiting = [
        emulator.ask('POST', '/_emulator/suite', { url: slow.url }),
        emulator.ask('POST', '/_emulator/test-event', { url: slow.url }),
        emulator.ask('POST', '/_emulator/attempt', { target: { kind: 'webhook', url: slow.url }, event: { type: 'track' } }),
        emulator.ask('GET', '/v1beta/workspaces', undefined, { Authorization: 'Bearer x' }),
      ];

      await until('attempts are under way', () => customer.partner.requests.length + slow.requests.length >= before + 10);
      assert.equal((await change(customer, snapshot)).status, 200);
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);

      assert.ok(statuses.every((status) => status > 0), `${statuses}`);
      assert.equal((await emulator.control('GET', 'deliveries')).waiting, 0);
    }
    assert.equal((await emulator.stop()).code, 0);
    assert.equal(emulator.log, '');
  });
