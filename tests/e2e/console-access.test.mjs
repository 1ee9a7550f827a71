// SPDX-License-Identifier: MIT
// Who comes into the console, in a real browser: people with their roles, and no page of another site.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Chromium, noChromium } from './lib/chromium.mjs';
import { request } from './lib/http.mjs';
import { OtherSite, rebind } from './lib/othersite.mjs';
import { Service, track } from './lib/service.mjs';

const inBrowser = { skip: noChromium };
const chromium = noChromium ? null : await Chromium.start({ after }, { hosts: ['evil.example', 'rebound.example'] });

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

async function fill(service) {
  const ids = [];

  for (const event of [track(), track()]) ids.push((await service.deliver(event)).id);
  return new URL((await service.api('/endpoints')).data[0] ? `http://${(await service.api('/endpoints')).data[0].host}` : 'http://none').host;
}

test('the page of another site can neither change nor read anything of dev, by whatever name it comes', inBrowser, async (t) => {
  const service = await Service.start(t, { mode: 'dev' });
  const site = await OtherSite.start(t);
  const context = await chromium.browser.newContext();
  const tab = await context.newPage();

  t.after(() => context.close());
  await service.api('/sinks/demo/behaviour', { method: 'PUT', body: JSON.stringify({ status: 401, delay_ms: 0, times: 1 }) });
  const host = await fill(service);
  const before = await stateOf(service);
  const own = `http://localhost:${service.port}`;

  for (const name of ['127.0.0.1', 'localhost', 'evil.example'])
    assert.deepEqual(await site.visit(tab, name, attacksOn(host), own), [], name);
  const rebound = await rebind(tab, `http://rebound.example:${service.port}`, attacksOn(host));

  assert.ok(rebound.length > 20, `${rebound.length} answers`);
  for (const [how, what, status, text] of rebound) assert.ok([403, 404, 421].includes(status), `${how} ${what}: ${status} ${text}`);
  assert.deepEqual(await stateOf(service), before);
  await rebind(tab, own, [{ method: 'POST', path: '/api/v1/tokens', body: '{"name":"mine","role":"viewer"}' }]);
  assert.notDeepEqual(await stateOf(service), before, 'the same page under our name can');
});
