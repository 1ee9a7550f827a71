// SPDX-License-Identifier: MIT
// A real browser, which tells on every page that is not as it should be.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { client } from './clients.mjs';
import { spellings } from './partner.mjs';
import { build } from './program.mjs';

const executablePath = '/usr/bin/chromium';

// For test(…, {skip}): false, or why there is no browser.
export const noChromium = !fs.existsSync(executablePath) && `there is no ${executablePath} here (tools/setup test)`;

// It shall ask nobody but us: no updates, no sync, no QUIC.
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

export class Chromium {
  // @hosts: names that are this machine, as a name server that somebody else rules can make them. Then
  // the browser's own guard of this machine is off too: not every browser has one.
  static async start(t, { hosts = [] } = {}) {
    const chromium = new Chromium();
    const rules = hosts.length > 0 ? [`--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',')}`,
      '--disable-features=LocalNetworkAccessChecks'] : [];

    chromium.browser = await client('playwright-core').chromium.launch({ executablePath, args: [...args, ...rules], timeout: 60000 });
    t.after(() => chromium.browser.close());
    return chromium;
  }

  // A person at a browser of her own; @options are those of a browser context.
  async visitor(options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1024, height: 768 }, ...options });

    context.setDefaultTimeout(30000);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`CSP report: ${violatedDirective} ${blockedURI}`));
    });
    return new Visitor(context, await context.newPage());
  }
}

// One tab; what went wrong in it is in troubles until someone has looked.
export class Visitor {
  troubles = [];
  callbacks = []; // the addresses by which Segment sent it back with a code

  constructor(context, page) {
    Object.assign(this, { context, page });
    page.on('console', (message) => this.#onConsole(message));
    page.on('pageerror', (error) => this.troubles.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => { this.troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('crash', () => this.troubles.push('the page crashed'));
    page.on('requestfailed', (request) => this.#onFailure(request));
    page.on('request', (request) => this.#onRequest(request));
    page.on('response', (response) => {
      if (response.status() >= 400 && !response.request().isNavigationRequest())
        this.troubles.push(`${response.status()} ${response.url()}`);
    });
  }

  // A page that is itself an error is noted by Chromium as one; its status is looked at
  // by arrived(), so the note says nothing new.
  #onConsole(message) {
    const isItself = message.text().startsWith('Failed to load resource: the server responded') &&
      message.location().url === this.document?.url();

    if (['error', 'warning', 'assert'].includes(message.type()) && !isItself && !this.#isIconOfLastPage(message.text()))
      this.troubles.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  // Who leaves a page early ends what it was still fetching, such as its icon.
  #onFailure(request) {
    const why = request.failure()?.errorText;

    if (why === 'net::ERR_ABORTED' && !request.isNavigationRequest()) return;
    if (why === 'csp' && this.#isIconOfLastPage(request.url())) return;
    this.troubles.push(`failed: ${request.url()} ${why}`);
  }

  // The browser asks for the icon of a page when it has time. If somebody else's page is there by
  // then, it asks as that page, whose policy says no.
  #isIconOfLastPage(text) {
    const [icon] = /https?:\/\/\S+\/assets\/icon\.svg/.exec(text) ?? [];

    return icon !== undefined && new URL(icon).origin !== new URL(this.document.url()).origin;
  }

  #onRequest(request) {
    const url = new URL(request.url());

    if (url.protocol !== 'data:' && url.hostname !== 'localhost') this.troubles.push(`another host: ${url.href}`);
    if (url.searchParams.has('code')) this.callbacks.push(url.href);
    if (request.isNavigationRequest()) this.document = request;
  }

  async goto(url) {
    await this.page.goto(url, { waitUntil: 'load' });
  }

  // Lets @meanwhile happen before a request to @pattern goes out, also one that is a redirect.
  async hold(pattern, meanwhile) {
    const session = await this.context.newCDPSession(this.page);

    session.on('Fetch.requestPaused', async ({ requestId }) => {
      await meanwhile();
      await session.send('Fetch.continueRequest', { requestId });
    });
    await session.send('Fetch.enable', { patterns: [{ urlPattern: pattern }] });
  }

  // Presses what has that name, and waits until the page behind it is there.
  async press(role, name) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: 'load', timeout: 60000 }), this.page.getByRole(role, { name, exact: true }).click()]);
  }

  // The page is the one that is called @title, came with @status, and nothing is wrong with it.
  async arrived(title, status = 200) {
    await this.page.locator('h1', { hasText: title }).first().waitFor({ timeout: 30000 })
      .catch(async () => assert.fail(`"${await this.page.title()}" instead of "${title}": ${await this.page.locator('main').innerText()}`));
    assert.equal(await this.page.locator('h1').first().textContent(), title);
    assert.ok([title, `${title} · Local emulator`].includes(await this.page.title()), await this.page.title());
    assert.equal((await this.document.response()).status(), status, title);
    assert.equal(this.troubles.length, 0, `${title}: ${this.troubles.join('; ')}`);
  }

  // All that a script, an extension or the next person at this computer could read.
  async visible() {
    const session = await this.context.newCDPSession(this.page);
    const { entries } = await session.send('Page.getNavigationHistory');
    const stores = await this.page.evaluate(() => {
      try {
        return JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, document.referrer, performance.getEntries()]);
      } catch {
        return '';
      }
    });

    await session.detach();
    return {
      DOM: await this.page.content(), stores, cookies: JSON.stringify(await this.context.cookies()),
      history: entries.map((one) => `${one.url} ${one.userTypedURL} ${one.title}`).join('\n'),
    };
  }

  // Where any of @secrets can be read, in any spelling.
  async leaks(secrets) {
    const places = await this.visible();

    return secrets.flatMap((secret) => spellings(secret).flatMap((text) =>
      Object.keys(places).filter((name) => places[name].includes(text)).map((name) => `${text} in ${name}`)));
  }

  // On a telephone nothing is cut off, and nothing moves sideways.
  async fitsTelephone() {
    const { width, height } = this.page.viewportSize();

    await this.page.setViewportSize({ width: 320, height: 640 });
    const [wanted, given] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);

    assert.ok(wanted <= given, `${wanted} px wide on ${given} px: ${await this.page.title()}`);
    await this.page.setViewportSize({ width, height });
  }

  // Pictures for people: build/screenshots/NAME-light.png, -dark.png, -narrow.png.
  async photograph(name) {
    const folder = path.join(build, 'screenshots');
    const { width, height } = this.page.viewportSize();

    fs.mkdirSync(folder, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: path.join(folder, `${name}-${colorScheme}.png`) });
    }
    await this.page.setViewportSize({ width: 320, height: 640 });
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.page.screenshot({ path: path.join(folder, `${name}-narrow.png`), fullPage: true });
    await this.page.setViewportSize({ width, height });
    await this.page.emulateMedia({ colorScheme: null });
  }
}
