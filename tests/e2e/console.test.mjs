// SPDX-License-Identifier: MIT
// The console, in a real browser: what it shows, what it does, and what it lets nobody do.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { Chromium, noChromium } from './lib/chromium.mjs';
import { Desk, sizes } from './lib/console.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { request } from './lib/http.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { build } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';
import { payloads } from './lib/xss.mjs';

const inBrowser = { skip: noChromium };
const chromium = noChromium ? null : await Chromium.start({ after });
const KB = 1000;

test('the console is small: at most 250 kB, at most 60 kB at first, each packed', () => {
  const { files } = sizes();
  const sum = (list) => list.reduce((n, { packed }) => n + packed, 0);
  const names = files.map(({ name }) => name);

  assert.ok(sum(files) <= 250 * KB, `${sum(files)} bytes`);
  assert.ok(sum(files.filter((file) => file.is_first)) <= 60 * KB, `${sum(files.filter((file) => file.is_first))} bytes at first`);
  for (const name of ['app.js', 'app.css', 'theme.js', 'index.html']) assert.ok(names.includes(name), name);
  assert.ok(!files.find(({ name }) => name.startsWith('code-')).is_first && !files.find(({ name }) => name.startsWith('plot-')).is_first);
});

test('its pages are one HTML with a tag and a strict policy; its assets are for ever, packed or not', async (t) => {
  const service = await Service.start(t, { mode: 'dev' });
  const get = (target, headers = {}, method = 'GET') => request(`${service.url}${target}`, { method, headers });
  const first = await get('/');
  const { build } = sizes();

  assert.equal(first.status, 200);
  assert.equal(first.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(first.headers['content-security-policy'], "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  assert.equal(first.headers['x-content-type-options'], 'nosniff');
  assert.equal(first.headers['referrer-policy'], 'same-origin');
  assert.equal(first.headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(first.headers['cache-control'], 'no-cache');
  for (const target of ['/events', '/events/evt_01jd7q', '/functions', '/functions/hello', '/endpoints', '/installs', '/installs/7', '/dead', '/settings'])
    assert.equal((await get(target)).text, first.text, target);
  assert.doesNotMatch(first.text, /<script>|style=|\son\w+=|https?:/);
  const same = await get('/events', { 'If-None-Match': first.headers.etag });

  assert.deepEqual([same.status, same.text], [304, '']);
  assert.equal((await get('/', { 'If-None-Match': '"else"' })).status, 200);
  const assets = [...first.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, one]) => one);

  assert.ok(assets.length >= 3 && assets.every((one) => one.startsWith(`/assets/${build}/`)), assets.join());
  for (const asset of assets) {
    const plain = await get(asset);
    const packed = await get(asset, { 'Accept-Encoding': 'br, gzip;q=0.8' });

    assert.equal(plain.status, 200, asset);
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.equal(packed.headers.vary, 'Accept-Encoding');
    assert.equal((await get(asset, { 'Accept-Encoding': 'gzip;q=0' })).headers['content-encoding'], undefined);
    assert.equal(Buffer.byteLength(plain.text), sizes().files.find(({ name }) => asset.endsWith(`/${name}`)).bytes, asset);
  }
  assert.equal((await get(`/assets/000000000000/app.js`)).status, 404, 'another build');
  assert.equal((await get(`/assets/${build}/..%2f..%2fpartnerapp.db`)).status, 404);
  assert.equal((await get('/nothing')).status, 404);
  assert.equal((await get('/', {}, 'POST')).status, 405);
  assert.equal((await get('/', {}, 'HEAD')).status, 200);
});

test('who works on the console has dev serve it from a folder; serve does not look at that', async (t) => {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'web/index.html': '<!doctype html><title>mine</title>', 'web/app.js': 'mine()\n', 'web/notes.txt': 'x', 'web/.hidden.js': 'x', 'outside.js': 'x' });
  const env = { PARTNERAPP_WEB_DIR: path.join(folder, 'web') };
  const service = await Service.start(t, { mode: 'dev', env });
  const get = (target) => request(`${service.url}${target}`);
  const page = await get('/events/evt_1');

  assert.match(page.text, /<title>mine/);
  assert.match(page.headers['content-security-policy'], /^default-src 'none'/);
  assert.deepEqual([page.headers['cache-control'], page.headers.etag], ['no-store', undefined]);
  const asset = await get('/assets/any/app.js');

  assert.deepEqual([asset.status, asset.text, asset.headers['content-type']], [200, 'mine()\n', 'text/javascript; charset=utf-8']);
  fs.writeFileSync(path.join(folder, 'web/app.js'), 'changed()\n');
  assert.equal((await get('/assets/any/app.js')).text, 'changed()\n', 'read each time');
  for (const name of ['..%2foutside.js', '%2e%2e%2foutside.js', '.hidden.js', 'notes.txt', 'none.js', '..', 'a..js', encodeURIComponent(path.join(folder, 'outside.js'))])
    assert.equal((await get(`/assets/any/${name}`)).status, 404, name);
  const other = await Service.start(t, { env });

  assert.doesNotMatch((await request(`${other.admin}/`)).text, /mine/);
});

test('a name of another site, rebound to this machine, gets no page and changes nothing', async (t) => {
  const service = await Service.start(t, { mode: 'dev' });

  for (const headers of [{ Host: `evil.example:${service.port}` }, { Origin: 'https://evil.example' }]) {
    assert.equal((await request(`${service.url}/`, { headers })).status, 403, JSON.stringify(headers));
    assert.equal((await request(`${service.url}/api/v1/replays`, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: '{"q":""}' })).status, 403);
  }
});

const pages = [
  ['overview', '/', 'Overview', '.uplot'], ['events', '/events', 'Events', 'tr[data-id]'], ['functions', '/functions', 'Functions', 'td'],
  ['function', '/functions/default', 'default', '[role=tabpanel]'], ['endpoints', null, 'Endpoints', '.card'], ['installs', '/installs/1', 'Installs', '.card .facts'],
  ['dead', '/dead', 'Dead letters', '.group'], ['settings', '/settings', 'Settings', 'table'], ['settings-tokens', '/settings#tokens', 'Settings', 'form'],
  ['settings-retention', '/settings#retention', 'Settings', 'progress'], ['settings-support', '/settings#support', 'Settings', '.checks'],
  ['settings-health', '/settings#health', 'Settings', '.facts'], ['settings-appearance', '/settings#appearance', 'Settings', 'fieldset'],
];

test('every page, in light and dark and on a telephone: nothing wrong, nothing cut, AA', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;
  const { late } = await desk.fill();
  const drawer = ['sent', 'function', 'request', 'response'].map((tab) => [`event-${tab}`, `/events/${late}#${tab}`, 'Events', '[role=tabpanel] > *']);

  for (const [name, target, title, mark] of [...pages, ...drawer]) {
    await desk.open(target ?? `/endpoints/localhost:${desk.service.port}`, title);
    await page.locator(mark).first().waitFor();
    await desk.looks(name);
    desk.well(name);
  }
});

test('without events each page says so, and how to get some; a press fills the list', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;

  for (const [target, title, words] of [['/', 'Overview', 'Needs attention'], ['/dead', 'Dead letters', 'Nothing here, which is good'], ['/installs', 'Installs', 'Nobody has connected yet'],
    ['/events', 'Events', 'No events yet']]) {
    await desk.open(target, title);
    await desk.heading(words).waitFor();
    await desk.looks(`empty-${title.toLowerCase().replace(' ', '-')}`);
  }
  await page.getByRole('button', { name: 'Send a test event' }).click();
  await page.locator('tr[data-id]').waitFor();
  await desk.says(page.locator('tr[data-id] .state'), /delivered/);
  desk.well();
});

test('new rows come by themselves, and never move what one reads', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;

  await desk.post(...Array.from({ length: 40 }, (_, i) => track({ event: `Old ${i}` })));
  await desk.open('/events', 'Events');
  await page.locator('tr[data-id]').nth(39).waitFor();
  const [top] = await desk.post(track({ event: 'At the top' }));

  await desk.row(top).waitFor();
  await desk.says(desk.row(top).locator('.state'), /delivered/);
  const scroller = page.getByTestId('scroller');

  await scroller.evaluate((node) => node.scrollTo(0, 300));
  const placeOf = async () => (await page.locator('tr[data-id]', { hasText: 'Old 30' }).boundingBox()).y;
  const before = await placeOf();

  await desk.post(...Array.from({ length: 50 }, (_, i) => track({ event: `New ${i}` })));
  await desk.says(page.locator('.pill'), /↑ 50 new/);
  assert.equal(await placeOf(), before);
  assert.equal(await page.locator('tr[data-id]').count(), 41);
  await page.locator('.pill').click();
  await page.locator('tr[data-id]', { hasText: 'New 49' }).waitFor();
  assert.equal(await scroller.evaluate((node) => node.scrollTop), 0);
  await page.getByRole('button', { name: 'Pause' }).click();
  await desk.post(track({ event: 'While paused' }));
  await desk.says(page.locator('.top .sign'), /paused · 1 new/);
  assert.equal(await page.locator('tr', { hasText: 'While paused' }).count(), 0);
  await page.getByRole('button', { name: 'Go live' }).click();
  await page.locator('tr[data-id]', { hasText: 'While paused' }).waitFor();
  desk.well();
});

test('two tabs of a browser have one stream between them', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const second = await desk.visitor.context.newPage();
  let streams = 0;

  desk.visitor.context.on('request', (one) => { streams += one.url().includes('/api/v1/stream'); });
  await desk.open('/events', 'Events');
  await second.goto(`${desk.base}/events`);
  await second.locator('.top .sign', { hasText: 'live' }).waitFor();
  const [id] = await desk.post(track());

  await desk.row(id).waitFor();
  await second.locator(`tr[data-id="${id}"]`).waitFor();
  assert.equal(streams, 1);
  await desk.page.close();
  const [next] = await desk.post(track());

  await second.locator(`tr[data-id="${next}"]`).waitFor({ timeout: 10000 });
});

test('search: terms, no match, what is not understood; the address brings it back', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;

  await desk.fill();
  await desk.open('/events', 'Events');
  await page.keyboard.press('/');
  await page.keyboard.type('is:de');
  await page.getByRole('option', { name: 'is:dead' }).waitFor();
  assert.match(await page.locator('.search-box .command').innerText(), /partnerapp events list is:de/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await desk.says(page.getByTestId('found'), /2 events found/);
  assert.equal(new URL(page.url()).search, '?q=is%3Adead');
  assert.equal(await page.locator('tr[data-id]').count(), 2);
  await page.reload();
  await desk.says(page.getByTestId('found'), /2 events found/);
  await desk.sink(401, 1);
  await desk.post(track({ event: 'Third' }));
  await page.locator('tr[data-id]', { hasText: 'Third' }).waitFor();
  await page.goBack();
  await page.locator('tr[data-id]', { hasText: 'Order Completed' }).waitFor();
  await page.locator('.search input').fill('');
  await page.getByRole('option', { name: /^is:dead ?searched before/ }).waitFor();
  await page.locator('.search input').fill('event:ord');
  await page.getByRole('option', { name: 'event:"Order Completed"' }).waitFor();
  await page.locator('.search input').fill('snb:crm is:dead');
  await desk.says(page.locator('.mistake'), /no field snb: – did you mean sub:\?/);
  await desk.looks('search');
  await desk.open('/events?q=is:dead+user:nobody', 'Events');
  await desk.heading('Nothing matches').waitFor();
  await desk.says(page.locator('li', { hasText: 'Drop user:nobody' }), /3 events without it/);
  desk.visitor.troubles.length = 0;
  await desk.open('/events?q=snb:x', 'Events');
  await desk.heading('This search is not understood').waitFor();
  assert.match(await page.locator('.notice').innerText(), /snb/);
  desk.visitor.troubles = desk.visitor.troubles.filter((one) => !one.includes('q=snb') && !one.includes('400'));
  desk.well();
});

test('dead letters: plan, replay, delivered', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;

  await desk.sink(401, 3);
  for (const id of await desk.post(track(), track(), track())) await desk.service.settled(id);
  await desk.open('/dead', 'Dead letters');
  await desk.says(page.locator('.group'), /3 deliveries/);
  await page.getByRole('button', { name: /^Export / }).click();
  await desk.says(page.getByTestId('job'), /Export is done.*3 events/);
  await page.reload();
  await desk.says(page.getByTestId('job'), /Export is done.*3 events/);
  const saving = page.waitForEvent('download');

  await page.getByRole('link', { name: 'Download' }).click();
  assert.equal(fs.readFileSync(await (await saving).path(), 'utf8').match(/^\{"id":"evt_.*"Signed Up".*\}$/gm).length, 3);
  await page.screenshot({ path: path.join(build, 'screenshots/console-export.png') });
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByTestId('job').waitFor({ state: 'detached' });
  await desk.says(page.locator('.side a[href="/dead"]'), /3/);
  await page.getByRole('button', { name: /^Replay / }).click();
  const plan = page.getByRole('dialog');

  await plan.getByRole('button', { name: 'Replay 3 deliveries' }).waitFor();
  await desk.says(page.getByTestId('first'), /Signed Up[^]*Successfully executed[^]*POST [^]*nothing was sent/);
  await desk.looks('plan');
  assert.equal((await desk.service.api('/status')).counters.replayed, 0, 'a plan sends nothing');
  await plan.getByRole('button', { name: 'Replay 3 deliveries' }).click();
  await desk.says(page.getByTestId('progress'), /Replayed 3 of 3/);
  await desk.heading('Nothing here, which is good').waitFor();
  await page.reload();
  await desk.says(page.getByTestId('progress'), /Replayed 3 of 3/);
  await page.getByRole('link', { name: 'Look at them' }).click();
  await desk.says(page.getByTestId('found'), /3 events found/);
  for (const state of await page.locator('tr[data-id] .state').allTextContents()) assert.match(state, /delivered/);
  desk.well();
});

test('with the keyboard alone: pages, rows, drawer, tabs, selection, replay', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const focused = () => page.evaluate(() => document.activeElement.closest('tr')?.dataset.id ?? document.activeElement.textContent);
  const { late } = await desk.fill();

  await desk.open('/', 'Overview');
  await press('Tab');
  assert.equal(await focused(), 'Skip to the page');
  for (const [key, title] of [['f', 'Functions'], ['d', 'Endpoints'], ['i', 'Installs'], ['x', 'Dead letters'], ['s', 'Settings'], ['o', 'Overview'], ['e', 'Events']]) {
    await press('g', key);
    await page.locator('h1', { hasText: title }).waitFor();
  }
  await page.locator('tr[data-id]').first().waitFor();
  await press('j', 'j', 'k');
  const first = await focused();

  assert.match(first, /^evt_/);
  await press('Enter');
  await until('the drawer has the focus', async () => /^(track|Event|identify|page|group)/.test(await focused()));
  await press('2');
  await page.locator('[role=tab][aria-selected=true]', { hasText: 'Function' }).waitFor();
  await press(']');
  await until('the next one is open', () => !page.url().includes(first));
  await press('[');
  await until('and the first again', () => page.url().includes(first));
  await press('Escape');
  await until('the row has the focus again', async () => (await focused()) === first);
  await press('x', 'j', 'Shift+X');
  await page.locator('.selection', { hasText: '2 selected' }).waitFor();
  await press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press('Control+k');
  await page.getByRole('dialog', { name: 'Go to' }).waitFor();
  await page.keyboard.type('endp');
  await page.locator('[role=option][aria-selected=true]', { hasText: 'Endpoints' }).waitFor();
  await press('Enter');
  await page.locator('h1', { hasText: 'Endpoints' }).waitFor();
  await desk.open(`/events/${late}`, 'Events');
  await desk.says(page.locator('.outcome'), /retrying/);
  await press('.');
  await page.locator('.top .sign', { hasText: 'paused' }).waitFor();
  await press('.', '/', 'r');
  assert.equal(await page.locator('.search input').inputValue(), 'r', 'in a field a letter is a letter');
  desk.well();
});

test('replay of an open event makes a second delivery; the copied command and curl run', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium, { visitor: { permissions: ['clipboard-read', 'clipboard-write'] } });
  const { page } = desk;
  const { delivered } = await desk.fill();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await desk.open(`/events/${delivered}`, 'Events');
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByLabel('Delivery').waitFor();
  assert.equal(await page.getByLabel('Delivery').locator('option').count(), 2);
  await page.getByRole('button', { name: 'Copy as', exact: true }).click();
  await page.getByRole('button', { name: 'Command', exact: true }).click();
  const [, ...words] = (await clipboard()).split(' ');
  const { code, stdout } = await desk.service.run(words);

  assert.equal(code, 0);
  assert.match(stdout, /Order Completed/);
  await page.getByRole('tab', { name: 'Request to endpoint' }).click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const before = (await desk.service.api('/sinks/demo/requests')).data.length;

  assert.match(await clipboard(), /^curl -X POST /);
  execFileSync('sh', ['-c', await clipboard()], { stdio: 'pipe' });
  assert.equal((await desk.service.api('/sinks/demo/requests')).data.length, before + 1);
  desk.well();
});

test('a request that went out twice says so, with the request and with the answer', inBrowser, async (t) => {
  const endpoint = await Endpoint.start(t, (_, n) => (n === 1 ? 'cut' : 200));
  const code = `async function onTrack(event) { await fetch('${endpoint.url}', { method: 'POST', body: event.messageId }) }\n`;
  const desk = await Desk.start(t, chromium, { files: { 'functions/hello/index.js': code } });
  const drawer = desk.page.locator('.drawer');

  for (const n of [0, 1]) {
    const [id] = await desk.post(track());

    await desk.service.settled(id);
    for (const tab of ['request', 'response']) {
      await desk.open(`/events/${id}#${tab}`, 'Events');
      await desk.says(drawer, tab === 'request' ? /POST http/ : /The endpoint accepted it/);
      assert.equal(/sent 2 times: the connection ended without an answer/.test(await drawer.textContent()), n === 1, `${n} ${tab}`);
    }
  }
  desk.well();
});

test('editor: a broken save is marked where it is broken; mended, tried, deployed, rolled back', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium, { files: { 'functions/hello/index.js': "async function onTrack() { return 'first' }\n" } });
  const { page } = desk;
  const file = path.join(desk.service.folder, 'functions/hello/index.js');
  const onDisk = () => fs.readFileSync(file, 'utf8');
  const code = page.getByTestId('editor').locator('.cm-content');
  const write = async (text) => {
    await code.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  };
  const result = async () => (await desk.service.deliver(track())).deliveries[0].attempts[0].result;

  await desk.open('/functions/default', 'default');
  await desk.says(code, /first/);
  await write("async function onTrack() {\n  return (\n}\n");
  await desk.says(page.locator('.problems'), /✖ 3:1 SyntaxError.*PA2001/);
  await page.locator('.cm-lint-marker-error').waitFor();
  assert.equal(await page.locator('.cm-lintRange-error').textContent(), '}');
  await page.keyboard.press('Control+s');
  await desk.heading('The last save does not run').waitFor();
  await desk.looks('broken');
  assert.match(onDisk(), /return \(\n}/);
  assert.equal(await result(), 'first', 'the last good version still runs');
  await write("async function onTrack(event) {\n  console.log('got', event.event)\n  return 'second'\n}\n");
  await page.locator('.problems').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Deploy', exact: true }).click();
  await page.getByTestId('verdict').waitFor();
  assert.match(await page.locator('.diff').textContent(), /- async function onTrack\(\) { return 'first' }[\s\S]*\+ {3}return 'second'/);
  await desk.looks('deploy');
  await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
  await desk.says(page.locator('.page-head'), /v2 in service/);
  assert.equal(await result(), 'second');
  await page.getByRole('button', { name: 'Send Test Event' }).click();
  await desk.says(page.locator('.outcome-card'), /Successfully executed.*"second".*got Signed Up/);
  await page.getByRole('tab', { name: 'Eight cases' }).click();
  await page.getByRole('button', { name: 'Run all 8 cases' }).click();
  await desk.says(page.getByTestId('verdict'), / passed, \d+ not supported, 0 failed/);
  await desk.accessible('the cases');
  await page.getByRole('tab', { name: 'Logs' }).click();
  await desk.says(page.locator('.editor-side .versions'), /Signed Up[^]*delivered[^]*got.*Signed Up/);
  await page.getByRole('tab', { name: 'Versions' }).click();
  await page.getByRole('button', { name: 'Roll back to v1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
  await until('the first is back on disk', () => onDisk().includes("'first'"));
  await until('and runs', async () => (await result()) === 'first');
  await desk.says(code, /first/);
  await write("async function onTrack() { return 'mine' }");
  fs.writeFileSync(file, "async function onTrack() { return 'theirs' }\n");
  await desk.heading('The file changed on disk').waitFor();
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until('mine is on disk', () => onDisk().includes("'mine'"));
  await desk.open('/functions', 'Functions');
  await page.getByText('New function from a template').click();
  await page.getByRole('radio').nth(1).check();
  await page.getByLabel('Name', { exact: true }).fill('second-one');
  await desk.accessible('templates');
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: path.join(build, 'screenshots/console-templates.png'), fullPage: true });
  await page.getByRole('button', { name: /^Begin with/ }).click();
  await desk.says(page.getByTestId('made'), /second-one is there.*index\.js/);
  assert.ok(fs.existsSync(path.join(desk.service.folder, 'functions/second-one/index.js')));
  desk.visitor.troubles = desk.visitor.troubles.filter((one) => !one.includes('409'));
  desk.well();
});

test('at two in the night: what needs somebody, a ping with its times, and pictures for paper and strong contrast', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;
  const host = `localhost:${desk.service.port}`;
  const { late } = await desk.fill();

  await desk.open('/', 'Overview');
  await page.getByRole('button', { name: `Ping ${host}` }).click();
  await desk.says(page.locator('.announcer'), /answers 200 in/);
  await page.getByRole('button', { name: `Pause ${host}` }).click();
  await desk.says(page.locator('.announcer'), /is paused/);
  assert.equal((await desk.service.api('/endpoints')).data[0].paused, true);
  await page.getByRole('img', { name: /^Throughput/ }).focus();
  await page.keyboard.press('End');
  await desk.says(page.locator('.chart .summary'), /received [\d.]+, delivered/);
  await page.emulateMedia({ forcedColors: 'active' });
  await desk.accessible('strong contrast');
  await page.screenshot({ path: path.join(build, 'screenshots/console-forced-colors.png') });
  await page.emulateMedia({ forcedColors: 'none' });
  await desk.open(`/endpoints/${host}`, 'Endpoints');
  await page.getByRole('button', { name: 'Ping', exact: true }).click();
  await desk.says(page.getByTestId('ping'), /it answers \(200\)[^]*Where the time went.*wait for the answer.*together/);
  await page.screenshot({ path: path.join(build, 'screenshots/console-ping.png') });
  await desk.open(`/events/${late}#response`, 'Events');
  await desk.says(page.locator('.drawer'), /Where the time went/);
  await page.emulateMedia({ media: 'print' });
  assert.deepEqual(await Promise.all(['.top', '.side', '.list-side', '.drawer .actions', '.tabs'].map((one) => page.locator(one).first().isVisible())), [false, false, false, false, false]);
  assert.equal(await page.locator('.drawer h2').isVisible(), true);
  await page.screenshot({ path: path.join(build, 'screenshots/console-print.png'), fullPage: true });
  desk.well();
});

test('a browser that nobody looks at has no stream, asks now and then, and catches up', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page } = desk;
  const look = (isHidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
  const asked = [];

  page.on('request', (one) => asked.push(new URL(one.url()).pathname));
  await page.clock.install();
  await desk.open('/events', 'Events');
  const closed = page.waitForEvent('requestfailed', (one) => one.url().includes('/stream'));

  await look(true);
  await page.clock.runFor(8000);
  await closed;
  desk.visitor.troubles.length = 0;
  const [id] = await desk.post(track());

  await desk.service.settled(id);
  asked.length = 0;
  await page.clock.runFor(20500);
  assert.deepEqual(asked.filter((one) => one !== '/api/v1/status'), []);
  assert.equal(asked.length, 2);
  await look(false);
  await page.clock.runFor(2000);
  await desk.row(id).waitFor();
  assert.ok(asked.includes('/api/v1/stream'));
});

test('from the button on the page of installs to the install in its list', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium);
  const { page, visitor } = desk;

  await desk.open('/installs', 'Installs');
  await desk.heading('Nobody has connected yet').waitFor();
  await visitor.press('link', 'Enable with Segment');
  await visitor.arrived('Log in to the emulator');
  await page.locator('input[name=person][value="owner@acme.test"]').check();
  await visitor.press('button', 'Continue');
  await visitor.arrived('Authorize demo-app');
  await page.locator('#source').selectOption('workspaces/acme/sources/website');
  await visitor.press('button', 'Allow');
  await visitor.arrived('Connected');
  await visitor.press('link', 'All installs');
  await desk.says(page.locator('tbody tr'), /installs\/1.*acme \/ website.*active/);
  await page.getByRole('link', { name: 'installs/1' }).click();
  await page.getByRole('button', { name: 'Refresh the token' }).click();
  await desk.says(page.locator('.card .facts'), /number 2/);
  await desk.says(page.getByTestId('step'), /A new token.*answered 200/);
  await page.getByTestId('step').filter({ hasText: 'The code becomes a token' }).locator('summary').click();
  await desk.says(page.locator('.install-steps details[open]'), /code=••••[^]*grant_type=authorization_code/);
  await page.evaluate(() => scrollTo(0, 0)); // the bars stay where they belong in a picture of all of it
  await page.screenshot({ path: path.join(build, 'screenshots/console-install-steps.png'), fullPage: true });
  desk.well();
});

// Says all it gets in every way a function can.
const echo = `async function onTrack(event) {
  const words = event.properties.words ?? [event.event]
  for (const word of words) console.log(word)
  await fetch(event.context.sink + '?' + encodeURIComponent(words[0]), { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Word': encodeURI(words[0]) }, body: JSON.stringify(words) })
  if (event.properties.fails) { const error = new Error(event.event); error.name = event.event; throw error }
  return { words, [words[0]]: words[1] }
}
`;

test('200 texts that would be scripts stay texts, wherever a stranger can put them', inBrowser, async (t) => {
  const desk = await Desk.start(t, chromium, { files: { 'functions/hello/index.js': echo } });
  const { page, visitor } = desk;
  const words = payloads();
  const sink = `${desk.base}/sink/demo`;

  assert.equal(new Set(words).size, 200);
  await page.addInitScript(() => { window.ran = (word) => console.error(`ran: ${word}`); });
  const ids = await desk.post(...words.map((word, i) => track({ event: word, userId: word, context: { sink }, properties: { fails: i < 10, [word]: word } })),
    track({ event: words[0], userId: words[1], context: { sink }, properties: { words, ...Object.fromEntries(words.map((word) => [word, word])) } }));

  for (const id of ids.slice(-12)) await desk.service.settled(id);
  await until('all have ended', async () => { const { queued, running } = await desk.service.counters(); return queued + running === 0; });
  await desk.open('/events', 'Events');
  for (let shown = 50; shown < 200; shown += 50) {
    await page.locator('.more').click();
    await page.locator('tr[data-id]').nth(shown + 49).waitFor();
  }
  const seen = new Set((await page.locator('tr[data-id] .what').allTextContents()).map((text) => text.replace(/\s+/g, ' ')));

  for (const word of words) assert.ok(seen.has(word.replace(/\s+/g, ' ')), `is in the list: ${word}`);
  for (const id of [ids.at(-1), ids[0], ids[9]])
    for (const tab of ['sent', 'function', 'request', 'response']) {
      await desk.open(`/events/${id}#${tab}`, 'Events');
      await page.locator('[role=tabpanel] > *').first().waitFor();
      if (tab === 'request' && id !== ids.at(-1)) await page.locator('summary').click();
    }
  const text = await page.locator('.drawer').textContent();

  assert.ok(text.includes(words[9]), 'the error is shown as it is');
  await desk.open('/dead', 'Dead letters');
  await page.locator('.group').first().waitFor();
  await desk.open('/', 'Overview');
  for (const word of words.slice(0, 6)) {
    const part = encodeURIComponent(word);

    await desk.open(`/events?q=${part}#${part}`, 'Events');
    for (const target of ['functions', 'endpoints', 'installs']) await visitor.goto(`${desk.base}/${target}/${part.replaceAll('%2F', '')}`);
  }
  assert.deepEqual(visitor.troubles.filter((one) => !/ 40[04] |40[04] http|status of 40[04]/.test(one)), []);
  assert.equal(await page.evaluate(() => document.querySelectorAll('main script, main iframe, main object, main [onerror], main [onclick]').length), 0);
});

test('a server that does not know who asks leads to the login, and has no console for the public', inBrowser, async (t) => {
  const service = await Service.start(t);
  const visitor = await chromium.visitor();

  t.after(() => visitor.context.close());
  await visitor.goto(`http://localhost:${service.adminPort}/events`);
  await visitor.page.locator('h1', { hasText: 'Sign in' }).waitFor();
  assert.match(visitor.page.url(), /\/login\?next=%2Fevents$/);
  assert.equal((await request(`${service.url}/events`)).status, 404, 'the public listener has no console');
});
