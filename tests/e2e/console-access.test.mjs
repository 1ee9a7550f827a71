// SPDX-License-Identifier: MIT
// Who comes into the console, in a real browser: people with their roles, and no page of another site.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Chromium, noChromium } from './lib/chromium.mjs';
import { Desk } from './lib/console.mjs';
import { OtherSite, rebind } from './lib/othersite.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const inBrowser = { skip: noChromium };
const chromium = noChromium ? null : await Chromium.start({ after }, { hosts: ['evil.example', 'rebound.example'] });
const passwords = { ana: 'a long password of ana', ben: 'a long password of ben' };
const code = `async function onTrack(event) {
  console.log('got', event.properties.plan)
  if (event.event === 'Refused') throw new Error('no')
  return { plan: event.properties.plan }
}
`;
const service = noChromium ? null : await Service.start({ after }, { files: { 'functions/hello.js': code }, subscription: { function: 'functions/hello.js' }, config: { functions: { readonly: false } } });

// One person at a browser, which has never been here.
async function person(name) {
  const desk = await Desk.at({ after }, chromium, service, { permissions: ['clipboard-read', 'clipboard-write'] });

  desk.name = name;
  desk.local = (link) => link.replace(/^http:\/\/[^/]+/, desk.base); // the name that the cookie is for
  desk.is = (text) => desk.page.locator('h1', { hasText: text }).first().waitFor();
  desk.type = async (password, name_ = name) => {
    const { page } = desk;

    await page.getByLabel('Name', { exact: true }).fill(name_);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
  };
  desk.account = async (what) => {
    await desk.page.getByRole('button', { name: `Account: ${name}` }).click();
    await desk.page.locator('.account-menu').getByText(what).click();
  };
  // What the browser notes of a refusal that was meant to come.
  desk.expect = (...refusals) => { desk.visitor.troubles = desk.visitor.troubles.filter((one) => !refusals.some((word) => one.includes(word))); };
  return desk;
}

// All that a stranger would like to change.
const attacksOn = (host) => [
  ['POST', '/api/v1/replays', { q: 'is:dead' }],
  ['DELETE', '/api/v1/dead?q=is%3Adead'],
  ['POST', `/api/v1/endpoints/${encodeURIComponent(host)}/pause`, {}],
  ['POST', '/api/v1/tokens', { name: 'evil', role: 'admin' }],
  ['POST', '/api/v1/keys', { name: 'evil' }],
  ['POST', '/api/v1/users', { name: 'evil', role: 'admin' }],
  ['POST', '/api/v1/me/password', { current: 'a password of mine', new: 'a password of theirs' }],
  ['PUT', '/api/v1/functions/default', { source: 'async function onTrack() {}', base_sha256: '' }],
  ['POST', '/api/v1/functions/default/deploy', {}],
  ['POST', '/api/v1/installs', { auto_approve: true }],
  ['DELETE', '/api/v1/installs/1'],
  ['POST', '/webhook', track({ event: 'evil' })],
  ['POST', '/logout', {}],
].map(([method, path, body]) => ({ method, path, body: body && JSON.stringify(body) }));

// What there is, without what changes by being looked at.
async function stateOf(service) {
  const state = {};
  const volatile = /^(?:used_at|last_used_at|uptime_ms|rss_bytes)$/;

  for (const path of ['/events?limit=100', '/dead/groups', '/jobs', '/endpoints', '/functions', '/functions/default', '/installs', '/keys', '/tokens'].concat(process.env.NOACC ? [] : ['/users', '/sessions']))
    state[path] = JSON.parse(JSON.stringify(await service.api(path), (name, value) => (volatile.test(name) ? undefined : value)));
  return state;
}

const ana = noChromium ? null : await person('ana');
const ben = noChromium ? null : await person('ben');

test('the setup link makes the first user, once; she signs out and in, and comes back to where she was', inBrowser, async (t) => {
  const link = await until('the setup link is told', () => /http:[^\s"]+\/setup\?code=[^\s"]+/.exec(service.log)?.[0]);

  const { page, visitor } = ana;

  await visitor.goto(`${ana.base}/dead`);
  await ana.looks('login');
  assert.match(page.url(), /\/login\?next=%2Fdead$/);
  await visitor.goto(ana.local(link));
  await ana.looks('setup');
  await ana.type(passwords.ana);
  await ana.is('Overview');
  await ana.isLive();
  await ana.account('Sign out');
  await page.waitForURL(/\/login/);
  assert.equal((await ana.visitor.context.cookies()).filter(({ name }) => name === 'pa_console').length, 0);
  await visitor.goto(`${ana.base}/settings?actor=ana#audit`);
  await ana.type('not the password of ana');
  await page.locator('[role=alert]').waitFor();
  await ana.looks('login-refused');
  const words = await page.locator('[role=alert]').innerText();

  await ana.type('not the password of ana', 'nobody');
  await page.locator('[role=alert]').waitFor();
  assert.equal(await page.locator('[role=alert]').innerText(), words, 'nobody learns which names there are');
  await ana.type(passwords.ana);
  await page.waitForURL(/\/settings\?actor=ana/);
  await visitor.goto(ana.local(link));
  await ana.says(page.locator('main'), /link/);
  ana.well();
});

test('roles: a viewer sees shapes and is told why; an operator replays; the last admin stays one', inBrowser, async (t) => {
  const { page } = ana;
  const { key } = await service.createKey();
  const id = (await service.deliver(track({ event: 'Order Completed', properties: { plan: 'a secret plan' } }), { key })).id;

  await ana.open('/settings#users', 'Settings');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.keyboard.type('ben');
  await ana.looks('invite');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  assert.equal(await page.locator('.once .secret').innerText(), link);
  await page.getByRole('button', { name: 'Done' }).click();
  await ana.says(page.locator('[data-user=ben]'), /viewer.*no password yet/);
  await ben.visitor.goto(link);
  await ben.looks('invitation');
  await ben.page.getByLabel('Password', { exact: true }).fill(passwords.ben);
  await ben.page.keyboard.press('Enter');
  await ben.is('Overview');
  await ben.open(`/events/${id}`, 'Events');
  await ben.says(ben.page.locator('.masked'), /Values are masked for your role, viewer/);
  await ben.says(ben.page.locator('[role=tabpanel]'), /plan.*•••/s);
  assert.equal(await ben.page.getByRole('button', { name: 'Replay' }).count(), 0);
  await ben.says(ben.page.locator('.drawer .only'), /Only an operator or an admin can replay/);
  await ben.looks('viewer');
  await ben.page.keyboard.press('r');
  await ben.open('/settings#users', 'Settings');
  await ben.heading('Users are for admins').waitFor();
  await ben.open(`/events/${id}`, 'Events');
  ben.well();
  assert.equal((await service.api(`/events/${id}`)).deliveries.length, 1);
  await ana.looks('users');
  await page.getByRole('button', { name: 'Change the role of ben' }).click();
  await page.getByLabel('operator').check();
  await page.getByRole('button', { name: 'Change the role', exact: true }).click();
  await ana.says(page.locator('[data-user=ben]'), /operator.*can sign in/);
  await ben.says(ben.page.locator('[role=tabpanel]'), /a secret plan/);
  assert.equal(await ben.page.locator('.masked').count(), 0);
  await ben.page.getByRole('button', { name: 'Replay', exact: true }).click();
  await until('it was replayed', async () => (await service.api(`/events/${id}`)).deliveries.length === 2);
  await page.getByRole('button', { name: 'Remove ana' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove ana' }).click();
  await ana.says(page.locator('.refused'), /last admin/);
  await ana.accessible('a refusal');
  await page.keyboard.press('Escape');
  ana.expect('409');
  ana.well();
  ben.expect('401');
  ben.well();
});

test('a session that is ended leads to the login at once, and what was typed in the editor waits for its author', inBrowser, async (t) => {
  const { page } = ben;
  const editor = page.getByTestId('editor').locator('.cm-content');
  const { id } = (await service.api('/users')).data.find(({ name }) => name === 'ben');

  await service.api(`/users/${id}`, { method: 'PATCH', body: '{"role":"admin"}' });
  await ben.open('/functions/default', 'default');
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('async function onTrack() { return "typed, not saved" }');
  await page.locator('.page-head', { hasText: 'not saved' }).waitFor();
  await ana.open('/settings#sessions', 'Settings');
  await ana.page.locator('tr', { hasText: 'this one' }).waitFor();
  await ana.looks('sessions');
  await ana.page.getByRole('button', { name: 'End the session of ben' }).first().click();
  await page.waitForURL(/\/login\?next=%2Ffunctions%2Fdefault/);
  await ben.type(passwords.ben);
  await ben.says(editor, /typed, not saved/);
  assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), '{}');
  ben.expect('401');
  ben.well();
  ana.well();
});

test('with the keyboard alone: a token that is shown once, the audit list, the account, another password', inBrowser, async () => {
  const { page } = ana;
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const name = () => page.evaluate(() => { const at = document.activeElement; return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent; });
  const tabTo = async (words) => {
    for (let i = 0; i < 40; i++) {
      if (words.test(await name())) return;
      await press('Tab');
    }
    assert.fail(`Tab does not lead to ${words}`);
  };

  await ana.open('/settings#tokens', 'Settings');
  await tabTo(/^Make a token/);
  await press('Enter');
  await page.keyboard.type('nightly export');
  await press('Tab', 'ArrowDown', 'Enter');
  await page.locator('.once').waitFor();
  const token = await page.locator('.once .secret').innerText();

  assert.match(token, /^pat_/);
  await tabTo(/^Done/);
  await press('Enter');
  await ana.says(page.locator('tbody tr', { hasText: 'nightly export' }), /operator/);
  await ana.looks('tokens');
  assert.ok(!(await page.content()).includes(token), 'shown once');
  await tabTo(/^Revoke nightly export/);
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(/^Revoke nightly export/);
  await press('Enter');
  await ana.says(page.locator('tbody tr', { hasText: 'nightly export' }), /revoked/);
  await Promise.all(Array.from({ length: 60 }, () => service.api('/tokens/tok_none', { method: 'DELETE' }).catch(() => {})));
  await press('g', 's');
  await tabTo(/^Configuration$/);
  await press('ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await page.locator('tbody tr').nth(49).waitFor();
  await tabTo(/^Older entries/);
  await press('Enter');
  await page.locator('tbody tr').nth(59).waitFor();
  await press('Home');
  await tabTo(/^Who/);
  await page.keyboard.type('ben');
  await press('Enter');
  await page.locator('.chip', { hasText: 'ben' }).waitFor();
  await until('all are of ben', async () => (await page.locator('tbody .what').allTextContents()).every((text) => /ben/.test(text)));
  await ana.looks('audit');
  await tabTo(/^Account: ana/);
  await press('Enter');
  await ana.looks('account');
  await press('Escape');
  assert.match(await name(), /^Account: ana/);
  await press('Enter');
  await tabTo(/^Change password/);
  await press('Enter');
  await page.keyboard.type('not the password of ana');
  await press('Tab');
  await page.keyboard.type('another password of ana');
  await press('Enter');
  await page.locator('.refused').waitFor();
  await ana.looks('password');
  await press('Shift+Tab');
  await page.keyboard.type(passwords.ana);
  await press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  passwords.ana = 'another password of ana';
  await ana.isLive();
  await tabTo(/^Account: ana/);
  await press('Enter');
  await tabTo(/^Sign out/);
  await press('Enter');
  await ana.is('Sign in');
  await ana.type(passwords.ana);
  await ana.is('Overview');
  ana.expect('403', '400');
  ana.well();
});

// Every way there is, from every kind of origin. @target is the console as its people have it.
async function attackAll(tab, t, target) {
  const { port } = new URL(target);
  const site = await OtherSite.start(t);
  const attacks = attacksOn('crm.example:443');

  for (const name of ['127.0.0.1', 'localhost', 'evil.example'])
    assert.deepEqual(await site.visit(tab, name, attacks, target), [], name);
  const rebound = await rebind(tab, `http://rebound.example:${port}`, attacks);

  assert.ok(rebound.length > 20, `${rebound.length} answers`);
  return rebound;
}

test('the page of another site can neither change nor read anything of dev, by whatever name it comes', inBrowser, async (t) => {
  const dev = await Service.start(t, { mode: 'dev' });
  const context = await chromium.browser.newContext();
  const tab = await context.newPage();
  const own = `http://localhost:${dev.port}`;

  t.after(() => context.close());
  await dev.api('/sinks/demo/behaviour', { method: 'PUT', body: JSON.stringify({ status: 401, delay_ms: 0, times: 1 }) });
  for (const event of [track(), track()]) await dev.deliver(event);
  const before = await stateOf(dev);

  for (const [how, what, status, text] of await attackAll(tab, t, own)) assert.ok([403, 404].includes(status), `${how} ${what}: ${status} ${text}`);
  assert.deepEqual(await stateOf(dev), before);
  await rebind(tab, own, [{ method: 'POST', path: '/api/v1/tokens', body: '{"name":"mine","role":"viewer"}' }]);
  assert.notDeepEqual(await stateOf(dev), before, 'the same page under our name can');
});

test('nor of serve, in the browser of an admin who is signed in', inBrowser, async (t) => {
  const tab = await ana.visitor.context.newPage();
  const before = await stateOf(service);

  t.after(() => tab.close());
  for (const [how, what, status, text] of await attackAll(tab, t, ana.base))
    assert.ok([401, 403, 404, 405].includes(status) || /<title>Sign in/.test(text), `${how} ${what}: ${status} ${text}`);
  assert.deepEqual(await stateOf(service), before);
  await ana.open('/', 'Overview');
  await rebind(tab, ana.base, [{ method: 'POST', path: '/api/v1/tokens', body: '{"name":"mine","role":"viewer"}' }]);
  assert.notDeepEqual(await stateOf(service), before, 'the same page under our name can');
});
