// SPDX-License-Identifier: MIT
// Enable with Segment in a real browser: the right page each time, and nothing that is not for it.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Chromium, noChromium } from './lib/chromium.mjs';
import { consentTo } from './lib/oauth.mjs';
import { Partner } from './lib/partner.mjs';

const inBrowser = { skip: noChromium };
const siteTitle = 'Settings of Initech';

// The partner's own site: one page, with the button on it as a picture.
async function startSite(t, partner) {
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${siteTitle}</title><link rel="icon" href="data:,">
<h1>${siteTitle}</h1><a href="${partner.base}/auth/segment"><img src="${partner.base}/auth/segment/button.svg?theme=green" alt="Enable with Segment"></a>`;
  const server = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(page));

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections?.(); server.close(); });
  return `http://localhost:${server.address().port}/`;
}

class Scene {
  static async start(t, { partner: options = {}, visitor = {} } = {}) {
    const scene = new Scene();

    scene.partner = await Partner.start(t, options);
    scene.site = await startSite(t, scene.partner);
    scene.chromium = await Chromium.start(t);
    scene.ana = await scene.chromium.visitor(visitor);
    await consentTo(scene.partner.emulator, { auto: false });
    return scene;
  }

  async pressButton(visitor = this.ana) {
    await visitor.goto(this.site);
    await visitor.arrived(siteTitle);
    await visitor.press('link', 'Enable with Segment');
  }

  async logIn(visitor = this.ana) {
    await visitor.arrived('Log in to the emulator');
    await visitor.page.locator('input[name=person][value="owner@acme.test"]').check();
    await visitor.press('button', 'Continue');
  }

  async answer(label, visitor = this.ana) {
    await visitor.arrived('Authorize demo-app');
    await visitor.page.locator('#source').selectOption('workspaces/acme/sources/website');
    await visitor.press('button', label);
  }

  async connect(visitor = this.ana) {
    await this.pressButton(visitor);
    await this.logIn(visitor);
    await this.answer('Allow', visitor);
  }

  // All that nobody may read in a browser.
  async secrets(visitor) {
    const { partner } = this;
    const secrets = [partner.emulator.env.CLIENT_SECRET, ...visitor.callbacks.map((url) => new URL(url).searchParams.get('code'))];

    for (const { number, state } of await partner.installs())
      if (state === 'enabled') secrets.push(await partner.token(number), await partner.apiKey(number));
    return secrets;
  }

  // The page is right in every respect; its pictures are called @name.
  async see(name, title, status = 200, visitor = this.ana) {
    await visitor.arrived(title, status);
    assert.equal(new URL(visitor.page.url()).searchParams.get('code'), null);
    await visitor.fitsTelephone();
    assert.deepEqual(await visitor.leaks(await this.secrets(visitor)), []);
    await visitor.photograph(name);
    await visitor.arrived(title, status);
  }

  async tokenCalls() {
    return (await this.partner.lines()).filter((line) => line.includes('/oauth2/token')).length;
  }
}

test('button, login, consent, callback: the customer is connected', inBrowser, async (t) => {
  const scene = await Scene.start(t);

  await scene.pressButton();
  await scene.ana.fitsTelephone();
  await scene.logIn();
  await scene.ana.fitsTelephone();
  await scene.answer('Allow');
  await scene.see('connected', 'Connected');
  const text = await scene.ana.page.locator('main').textContent();

  assert.notDeepEqual(await scene.ana.leaks(['acme/sources']), [], 'what is on the page is found');
  assert.match(text, /Created destination demo on workspaces\/acme\/sources\/website/);
  assert.match(scene.ana.page.url(), /\/auth\/segment\/done\?attempt=[\w-]{8}$/);
  await scene.ana.page.locator('summary').click();
  await scene.see('connected-open', 'Connected');
  assert.ok(!(await scene.ana.page.locator('pre').textContent()).includes(await scene.partner.apiKey()));
  for (const cookie of await scene.ana.context.cookies(`${scene.partner.base}/auth/segment`)) assert.ok(cookie.httpOnly, cookie.name);
});

test('reload and back after it show what is true, and ask Segment for nothing again', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana } = scene;

  await scene.connect();
  await ana.arrived('Connected');
  const before = await scene.partner.lines();

  for (let i = 0; i < 3; i++) {
    await ana.page.reload({ waitUntil: 'load' });
    await ana.arrived('Connected');
  }
  await ana.goto(scene.site);
  await ana.page.goBack({ waitUntil: 'load' });
  await ana.arrived('Connected');
  assert.deepEqual(await scene.partner.lines(), before);
  await scene.see('connected-again', 'Connected');
  assert.equal(await scene.tokenCalls(), 1);
});

test('who goes back to the consent and allows once more is told that it is there already', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana } = scene;

  await scene.connect();
  await ana.arrived('Connected');
  await ana.page.goBack({ waitUntil: 'load' });
  await ana.page.goForward({ waitUntil: 'load' });
  await ana.arrived('Connected');
  await scene.pressButton();
  await scene.answer('Allow');
  await scene.see('connected-existing', 'Connected');
  assert.equal((await scene.partner.installs()).length, 1);
  assert.equal(await scene.tokenCalls(), 1);
});

test('denial: the page says so, and its button begins anew', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana } = scene;

  await scene.pressButton();
  await scene.logIn();
  await scene.answer('Deny');
  await scene.see('denied', 'The app was not allowed in', 403);
  await ana.page.reload({ waitUntil: 'load' });
  await ana.arrived('The app was not allowed in', 403);
  assert.equal(await scene.tokenCalls(), 0);
  await ana.press('link', 'Enable with Segment');
  await scene.answer('Allow');
  await ana.arrived('Connected');
});

test('an expired code: the page says so, and its button begins anew', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana } = scene;

  await scene.partner.fault({ where: 'token', what: 'code_used' });
  await scene.connect();
  await scene.see('expired', 'That took too long', 400);
  assert.deepEqual(await scene.partner.installs(), []);
  await ana.press('link', 'Enable with Segment');
  await scene.answer('Allow');
  await ana.arrived('Connected');
});

test('who comes back from Segment after the ten minutes is told that it took too long', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana, partner } = scene;

  await ana.hold('*/auth/segment/callback*', () => partner.advance('11m'));
  await scene.connect();
  await scene.see('late', 'That took too long', 400);
  assert.deepEqual(await partner.installs(), []);
  await ana.press('link', 'Enable with Segment');
  await ana.arrived('Authorize demo-app');
});

test('a second install: the same browser is connected, another is told no names', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const eve = await scene.chromium.visitor();

  await scene.connect();
  await scene.ana.arrived('Connected');
  await scene.connect(eve);
  await scene.see('installed-already', 'Installed already', 200, eve);
  assert.doesNotMatch(await eve.page.content(), /acme/);
  await scene.partner.service.api('/installs/1', { method: 'DELETE' });
  const joe = await scene.chromium.visitor();

  await scene.connect(joe);
  await scene.see('installed-elsewhere', 'The app is installed there already', 409, joe);
});

test('an answer that belongs to another browser is refused there, and good in its own', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana } = scene;
  const eve = await scene.chromium.visitor();

  await scene.connect();
  await ana.arrived('Connected');
  const [hers] = ana.callbacks;

  await eve.goto(hers);
  await eve.arrived('This answer does not belong to this browser', 400);
  await eve.fitsTelephone();
  await eve.photograph('state');
  await ana.goto(hers);
  await ana.arrived('Connected');
  assert.equal(await scene.tokenCalls(), 1);
});

test('an answer that takes long has a page that looks again by itself', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana, partner } = scene;

  // The first call is given up after 10 s, the page is shown after 12, the second call ends later.
  await partner.fault({ where: 'config', what: 'hang', times: 1 });
  await partner.fault({ where: 'config', what: 'delay', delay_ms: [5000, 5001], times: 1 });
  await scene.connect();
  await scene.see('running', 'Still connecting');
  await scene.see('running-done', 'Connected');
});

test('without scripts everything is the same', inBrowser, async (t) => {
  const scene = await Scene.start(t, { visitor: { javaScriptEnabled: false } });
  const { ana } = scene;

  await scene.pressButton();
  await scene.logIn();
  await scene.answer('Deny');
  await scene.see('denied-unscripted', 'The app was not allowed in', 403);
  await ana.press('link', 'Enable with Segment');
  await scene.answer('Allow');
  await scene.see('connected-unscripted', 'Connected');
  await ana.page.reload({ waitUntil: 'load' });
  await ana.arrived('Connected');
});

for (const [name, title, status, fault] of [
  ['credentials', 'Segment did not accept our credentials', 502, { where: 'token', what: 'status', status: 401, body: { error: 'invalid_client' } }],
  ['redirect', 'Segment does not know our redirect URL', 502,
    { where: 'token', what: 'status', status: 400, body: { error: 'invalid_request', error_description: 'The request is missing a required parameter' } }],
  ['senseless', 'Segment\'s answer makes no sense', 502, { where: 'token', what: 'bad_json' }],
  ['refused', 'Segment did not take the destination', 502,
    { where: 'config', what: 'status', status: 400, body: { error: `${'<b onclick=alert(1)>very</b>'.repeat(4)}${'long'.repeat(90)}`, code: 3 } }],
  ['away', 'Segment does not answer', 502, { where: 'config', what: 'status', status: 500, code: 13, times: 20 }],
])
  test(`an accident has its page: ${title}`, inBrowser, async (t) => {
    const scene = await Scene.start(t);

    await scene.partner.fault(fault);
    await scene.connect();
    await scene.see(name, title, status);
    await scene.ana.page.reload({ waitUntil: 'load' });
    await scene.ana.arrived(title, status);
  });

test('addresses that lead nowhere have their pages', inBrowser, async (t) => {
  const scene = await Scene.start(t);
  const { ana, partner } = scene;

  for (const [name, target, title, status] of [
    ['gone', '/auth/segment/done?attempt=abcdefgh', 'Nothing to show any more', 404],
    ['no-subscription', '/auth/segment?subscription=nobody', 'There is no subscription of that name', 404],
    ['no-state', '/auth/segment/callback', 'This answer does not belong to this browser', 400],
  ]) {
    await ana.goto(partner.base + target);
    await scene.see(name, title, status);
  }
  await ana.goto(`${partner.base}/auth/segment/button.svg?theme=dark`);
  assert.deepEqual(ana.troubles, []);
  partner.service.configure({ ...partner.service.config, app: undefined });
  await partner.service.stop();
  await partner.service.up();
  await ana.goto(`${partner.base}/auth/segment`);
  await ana.arrived('Enable with Segment is not set up here', 404);
  await ana.fitsTelephone();
  await ana.photograph('unconfigured');
});
