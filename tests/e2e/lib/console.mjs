// SPDX-License-Identifier: MIT
// The console in a real browser, over a `dev` of the test's own.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { client } from './clients.mjs';
import { build } from './program.mjs';
import { Service, track } from './service.mjs';
import { until } from './wait.mjs';

const axe = fs.readFileSync(client.resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export const sizes = () => JSON.parse(fs.readFileSync(path.join(build, 'web/console-sizes.json'), 'utf8'));

// A function that answers what the endpoint says, and throws for it.
export const passing = `async function onTrack(event, settings) {
  console.log('got', event.event)
  const response = await fetch(settings.url ?? endpoint, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ who: event.userId, what: event.event }) })
  if (response.status >= 500) throw new RetryError('the API answered ' + response.status)
  if (!response.ok) throw new Error('the API answered ' + response.status)
  return { ok: true }
}
async function onIdentify() { return 'seen' }
async function onPage() { return 'seen' }
`;

export class Desk {
  // @options are those of Service; @chromium is shared by the file.
  static async start(t, chromium, { files = {}, visitor = {} } = {}) {
    return Desk.at(t, chromium, await Service.start(t, { mode: 'dev', files }), visitor);
  }

  // Of somebody who comes to a service that runs.
  static async at(t, chromium, service, visitor = {}) {
    const desk = new Desk();

    desk.service = service;
    desk.base = `http://localhost:${service.adminPort}`;
    desk.visitor = await chromium.visitor({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...visitor });
    desk.page = desk.visitor.page;
    t.after(() => desk.visitor.context.close());
    return desk;
  }

  // What the sink answers the next @times.
  sink(status, times) {
    return this.service.api('/sinks/demo/behaviour', { method: 'PUT', body: JSON.stringify({ status, delay_ms: 0, times }) });
  }

  async post(...events) {
    const ids = [];

    for (const event of events) {
      const { status, text, json } = await this.service.post(event);

      assert.equal(status, 202, text);
      ids.push(json.ids[0]);
    }
    return ids;
  }

  // One of everything: delivered, not supported, dead, on retry; an install.
  async fill() {
    const ids = await this.post(track({ event: 'Order Completed', userId: 'u42', properties: { plan: 'pro', total: 42, items: [{ sku: 'a-1', n: 2 }] } }),
      { type: 'identify', userId: 'u42', traits: { email: 'ana@example.com' }, messageId: 'i-1' },
      { type: 'page', userId: 'u42', name: 'Home', messageId: 'p-1' }, { type: 'group', userId: 'u42', groupId: 'acme', messageId: 'g-1' });

    for (const id of ids) await this.service.settled(id);
    await this.sink(401, 2);
    for (const id of await this.post(track({ userId: 'u7' }), track({ userId: 'u8' }))) await this.service.settled(id);
    await this.sink(503, 1);
    const [late] = await this.post(track({ event: 'Trial Ended' }));

    await this.service.settled(late, { states: ['retrying'] });
    await this.service.api('/installs', { method: 'POST', body: '{"auto_approve":true}' });
    return { delivered: ids[0], late };
  }

  async open(target, title) {
    await this.visitor.goto(this.base + target);
    await this.page.locator('h1', { hasText: title }).first().waitFor();
    await this.isLive();
  }

  isLive() {
    return this.page.locator('.top .sign', { hasText: 'live' }).waitFor();
  }

  row(id) {
    return this.page.locator(`tr[data-id="${id}"]`);
  }

  heading(text) {
    return this.page.locator('h1, h2', { hasText: text }).first();
  }

  // Nothing on the page is against WCAG 2.2 AA, as far as a machine can tell.
  async accessible(what) {
    if (!await this.page.evaluate('typeof axe === "object"')) await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })`);

    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`), [], what);
  }

  // In light, in dark and on a telephone: AA, nothing cut, and a picture of each for people.
  async looks(name) {
    const folder = path.join(build, 'screenshots');
    const shot = (kind, options) => this.page.screenshot({ path: path.join(folder, `console-${name}-${kind}.png`), ...options });
    const { width, height } = this.page.viewportSize();

    fs.mkdirSync(folder, { recursive: true });
    for (const colorScheme of ['dark', 'light']) {
      await this.page.emulateMedia({ colorScheme });
      await this.accessible(`${name}, ${colorScheme}`);
      await shot(colorScheme);
    }
    await this.page.setViewportSize({ width: 320, height: 640 });
    const [wanted, given] = await this.page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);

    assert.ok(wanted <= given, `${wanted} px wide on ${given} px: ${name}`);
    await shot('narrow', { fullPage: true });
    await this.page.setViewportSize({ width, height });
  }

  well(what) {
    assert.deepEqual(this.visitor.troubles, [], what);
  }

  // Waits until the text of @locator passes @test.
  says(locator, test) {
    return until(`${locator} says ${test}`, async () => test.test(await locator.first().textContent()), { every: 20 });
  }
}
