// SPDX-License-Identifier: MIT
// The pages of the local Segment: there, honest, usable without scripts, and never a
// stranger's markup.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic, request } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

const BAR = 'Local emulator: not Segment. Nothing leaves this machine.';
const WEBSITE = 'workspaces/acme/sources/website';
const PAGES = [
  '/', '/catalog', '/catalog?q=demo', '/catalog/destinations/demo', `/catalog/destinations/demo?source=${WEBSITE}`,
  '/catalog/destinations/fake-crm?source=workspaces/globex/sources/website', '/catalog/sources/ios',
  '/sources/acme/website', '/sources/acme/website/debugger',
  '/destinations/acme/website/demo', '/destinations/acme/website/demo/tester',
  '/destinations/acme/website/demo/delivery',
  '/developer', '/developer/oauth', '/developer/components', '/developer/build', '/developer/test',
  '/developer/publish',
];
const HTML = { Accept: 'text/html,*/*' };

// Markup, quotes, control characters, a byte that is no UTF-8, and text that turns around.
const NASTY = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>\u0000\u0007\u001b[31m\u202egnp.exe</textarea>&amp;';

async function start(t, mood = { status: 200 }, flags = []) {
  const endpoint = await Endpoint.start(t, mood);
  const emulator = await Emulator.start(t, ['--subscription-url', endpoint.url, ...flags]);

  await submit(emulator, '/catalog/destinations/demo', { source: WEBSITE, 's-apiKey': 'abcd1234', enabled: 'true' });
  return { emulator, endpoint };
}

function submit(emulator, page, fields) {
  return emulator.ask('POST', page, new URLSearchParams(fields).toString(),
    { 'Content-Type': 'application/x-www-form-urlencoded', ...HTML });
}

function see(emulator, page) {
  return emulator.ask('GET', page, undefined, HTML);
}

function track(emulator, event, key = 'dev_writekey_website') {
  return request(`${emulator.url}/v1/${event.type ?? 'track'}`,
    { method: 'POST', headers: { Authorization: basic(key), 'Content-Type': 'application/json' }, body: event });
}

async function deliveries(emulator) {
  return (await emulator.control('GET', 'deliveries?limit=100')).deliveries;
}

// Tags that people's text may have made: everything that is not written by us.
function assertHarmless(html, where) {
  assert.doesNotMatch(html, /<script>|<img|onerror=alert\(2\)>|alert\(1\)<\/script>/, where);
  assert.doesNotMatch(html, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/, where);
  assert.equal(html.match(/<script/g).length, 1, `${where}: our own file and nothing else`);
  assert.equal((html.match(/<textarea/g) ?? []).length, (html.match(/<\/textarea>/g) ?? []).length, where);
}

// Attributes of every start tag of a kind.
function tags(html, name) {
  return [...html.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'g'))].map(([, attributes]) => attributes);
}

function attribute(attributes, name) {
  return new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
}

test('every page answers 200 with the bar, the clock and a policy that runs nothing but our own file', async (t) => {
  const { emulator } = await start(t);

  for (const page of PAGES) {
    const { status, headers, text } = await see(emulator, page);

    assert.equal(status, 200, page);
    assert.match(headers['content-type'], /^text\/html/, page);
    assert.ok(text.includes(BAR), page);
    assert.match(text, /clock <time datetime="\d{4}-/, page);
    assert.match(text, /world: -/, page);
    assert.equal(headers['cache-control'], 'no-store', page);
    assert.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self'/, page);
    assert.match(headers['content-security-policy'], /form-action 'self'/, page);
    assert.doesNotMatch(text, / style="| on[a-z]+="|<script>|<style/, `${page}: nothing inline`);
    assert.doesNotMatch(text, /<\w[^>]*=&quot;/, `${page}: an attribute of ours is no text`);
    assert.equal(text.match(/<h1/g).length, 1, page);
  }
});

test('no page asks another host for anything, and what it asks for is there', async (t) => {
  const { emulator } = await start(t);
  const wanted = new Set();

  for (const page of PAGES) {
    const { text } = await see(emulator, page);

    for (const [, url] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) {
      assert.match(url, /^(\/|#)(?!\/)/, `${page}: ${url}`);
      if (url.startsWith('/assets/')) wanted.add(url);
    }
  }
  assert.deepEqual([...wanted].sort(), ['/assets/emulator.css', '/assets/emulator.js', '/assets/icon.svg']);
  for (const url of wanted) {
    const { status, text } = await see(emulator, url);

    assert.equal(status, 200, url);
    assert.doesNotMatch(text, /url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/, url);
  }
});

test('every link of every page leads somewhere', async (t) => {
  const { emulator } = await start(t);
  const seen = new Set();

  for (const page of PAGES) {
    for (const [, url] of (await see(emulator, page)).text.matchAll(/<a [^>]*href="(\/[^"#]*)/g))
      seen.add(url.replaceAll('&amp;', '&'));
  }
  for (const url of ['/requests', '/faults', '/differences']) seen.delete(url); // pages with tests of their own
  for (const url of seen) assert.equal((await see(emulator, url)).status, 200, url);
  assert.ok(seen.size > 20);
});

test('every control of every form has a label, every button says what it does, ids are unique', async (t) => {
  const { emulator } = await start(t);

  for (const page of PAGES) {
    const { text } = await see(emulator, page);
    const labelled = new Set(tags(text, 'label').map((label) => attribute(label, 'for')));
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);

    assert.equal(new Set(ids).size, ids.length, page);
    for (const name of ['input', 'select', 'textarea']) {
      for (const tag of tags(text, name)) {
        const isIn = new RegExp(`<label class="inline">[^<]*<${name}\\b[^>]*name="${attribute(tag, 'name')}"`).test(text);

        assert.ok(attribute(tag, 'type') === 'hidden' || labelled.has(attribute(tag, 'id')) || isIn,
          `${page}: <${name}${tag}>`);
      }
    }
    for (const [, attributes, inside] of text.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs))
      assert.ok(attribute(attributes, 'aria-label') || inside.replace(/<[^>]*>/g, '').trim(), `${page}: a button`);
    for (const table of text.matchAll(/<th\b([^>]*)>/g)) assert.match(table[1], /scope="(col|row)"/, page);
    assert.match(text, /<html lang="en">/, page);
    assert.match(text, /<a class="skip" href="#main">/, page);
    assert.match(text, /<main id="main"/, page);
    assert.match(text, /<title>[^<]+ · Local emulator<\/title>/, page);
  }
});

test('the page that one is on is marked in the navigation', async (t) => {
  const { emulator } = await start(t);

  for (const [page, name] of [['/', 'Workspaces'], ['/catalog', 'Catalog'], ['/developer/oauth', 'Developer']])
    assert.match((await see(emulator, page)).text, new RegExp(`aria-current="page">${name}<`), page);
});

test('an unknown page is a 404 with the bar for people and a sentence for programs', async (t) => {
  const { emulator } = await start(t);

  for (const page of ['/nope', '/sources/acme/nope', '/sources/nope/website', '/destinations/acme/website/nope',
    '/destinations/acme/ios/demo/tester', '/catalog/destinations/nope', '/catalog/nope/demo', '/developer?app=7',
    '/catalog/destinations/demo?source=workspaces/acme/sources/nope', '/assets/nope.css', '/assets/../schema.sql',
    `/${encodeURIComponent(NASTY.replace('\u0000', ''))}`]) {
    const { status, text } = await see(emulator, page);

    assert.equal(status, 404, page);
    assert.ok(text.includes(BAR), page);
    assertHarmless(text, page);
  }
  assert.deepEqual(JSON.parse((await emulator.ask('GET', '/nope')).text), { message: 'there is no such page' });
  assert.equal((await emulator.ask('DELETE', '/catalog', undefined, HTML)).status, 405);
});

test('Workspaces shows sources, write keys, events a minute, and destinations with a masked apiKey', async (t) => {
  const { emulator } = await start(t);

  await track(emulator, { userId: 'u', event: 'A' });
  await track(emulator, { userId: 'u', event: 'B' });

  const { text } = await see(emulator, '/');

  for (const part of ['acme', 'globex', 'dev_writekey_website', 'dev_writekey_ios', 'dev_writekey_backend', '2 events/min',
    'no events this minute', '● enabled'])
    assert.ok(text.includes(part), part);
  assert.match(text, /<details class="masked"><summary>apiKey .*?<code>abcd1234<\/code><\/details>/);
  for (const name of ['analytics.js', 'Node', 'Python', 'Go', 'curl']) assert.ok(text.includes(`<summary>${name}<`), name);
});

test('the curl that Workspaces shows sends an event here', async (t) => {
  const { emulator } = await start(t);
  const { text } = await see(emulator, '/');
  const [, snippet] = /id="snippet-curl">(.*?)<\/pre>/s.exec(text);
  const [, url] = /(http:\S+)/.exec(snippet);
  const [, body] = /-d &#39;(.*?)&#39;/.exec(snippet);
  const answer = await request(url.replace('localhost', '127.0.0.1'),
    {
      method: 'POST', body: body.replaceAll('&quot;', '"'),
      headers: { Authorization: basic(/-u (\w+):/.exec(snippet)[1]), 'Content-Type': /Content-Type: ([\w/]+)/.exec(snippet)[1] },
    });

  assert.equal(answer.status, 200);
  assert.match((await see(emulator, '/sources/acme/website/debugger')).text, /Order Completed/);
});

test('the forms of Workspaces: turn off and on, move the clock, freeze it, reset', async (t) => {
  const { emulator } = await start(t);
  const name = `${WEBSITE}/destinations/demo`;
  const clock = async () => emulator.control('GET', 'clock');
  const before = Date.parse((await clock()).now);

  assert.equal((await submit(emulator, '/', { do: 'toggle', destination: name, enabled: 'false' })).status, 303);
  assert.match((await see(emulator, '/')).text, /○ disabled/);
  assert.equal((await submit(emulator, '/', { do: 'toggle', destination: name, enabled: 'true' })).status, 303);
  assert.match((await see(emulator, '/')).text, /● enabled/);
  assert.equal((await submit(emulator, '/', { do: 'toggle', destination: 'nope', enabled: 'true' })).status, 400);

  const moved = await submit(emulator, '/', { do: 'advance', by: '2h', back: '/developer/oauth' });

  assert.match(moved.headers.location, /^\/developer\/oauth\?/);
  assert.ok(Date.parse((await clock()).now) - before >= 7200000);
  assert.equal((await submit(emulator, '/', { do: 'advance', by: 'soon' })).status, 400);
  await submit(emulator, '/', { do: 'rate', rate: '0' });
  assert.equal((await clock()).frozen, true);
  assert.match((await see(emulator, '/')).text, /\(frozen\)/);
  await submit(emulator, '/', { do: 'rate', rate: '1' });
  assert.equal((await clock()).frozen, false);

  const reset = await submit(emulator, '/', { do: 'reset' });

  assert.equal(reset.status, 303);
  assert.equal((await emulator.control('GET', 'state')).destinations, 0);
  assert.match((await see(emulator, reset.headers.location)).text, /back at its beginning/);
  assert.equal((await submit(emulator, '/', { do: 'explode' })).status, 400);
});

test('nobody is led off this program, and no link can put words on a page', async (t) => {
  const { emulator } = await start(t);

  for (const back of ['//evil.test', 'https://evil.test', '/\\evil.test', '/a\r\nSet-Cookie: x=1', '/?a', 'javascript:1', ''])
    assert.match((await submit(emulator, '/', { do: 'advance', by: '1s', back })).headers.location, /^\/\?done=/, back);
  assert.doesNotMatch((await see(emulator, '/?done=You+have+been+hacked')).text, /hacked/);
});

test('a form of another site cannot do anything here', async (t) => {
  const { emulator } = await start(t);
  const answer = await emulator.ask('POST', '/', 'do=reset',
    { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://evil.test' });

  assert.equal(answer.status, 403);
  assert.equal((await emulator.control('GET', 'state')).destinations, 1);
});

test('the bar is amber on every page while a fault is on', async (t) => {
  const { emulator } = await start(t);
  const added = await emulator.ask('POST', '/_emulator/faults', { where: 'sink', what: 'status', status: 503 });

  if (added.status === 404) return t.skip('there are no faults in this build');
  for (const page of ['/', '/developer']) {
    assert.match((await see(emulator, page)).text, /class="bar is-faulty"/, page);
    assert.match((await see(emulator, page)).text, /1 fault is on/, page);
  }
  return undefined;
});

test('the catalog begins with the partner\'s own, and its search finds by slug and name', async (t) => {
  const { emulator } = await start(t, undefined, ['--slug', 'my-thing']);
  const cards = (html) => [...html.matchAll(/<li class="panel">.*?href="\/catalog\/([^"]*)"/gs)].map(([, item]) => item);
  const all = (await see(emulator, '/catalog')).text;

  assert.equal(cards(all)[0], 'destinations/my-thing');
  assert.match(all, /yours/);
  assert.deepEqual(cards((await see(emulator, '/catalog?q=CLEAR')).text), ['destinations/clearbrain']);
  assert.deepEqual(cards((await see(emulator, '/catalog?kind=sources&q=ios')).text), ['sources/ios']);

  const nothing = (await see(emulator, `/catalog?q=${encodeURIComponent(NASTY)}`)).text;

  assert.deepEqual(cards(nothing), []);
  assert.match(nothing, /Show everything/);
  assertHarmless(nothing, 'search');
});

test('Configure App: choose a source, confirm it, fill in, and events arrive', async (t) => {
  const { emulator, endpoint } = await start(t);
  const choose = (await see(emulator, '/catalog/destinations/demo')).text;

  assert.match(choose, /Confirm Source/);
  assert.match(choose, /there already, <a href="\/destinations\/acme\/website\/demo">/);

  const source = 'workspaces/acme/sources/ios';
  const form = (await see(emulator, `/catalog/destinations/demo?source=${source}`)).text;

  assert.match(form, /name="s-apiKey"/);
  assert.match(form, /apiKey · STRING · required/);

  const refused = await submit(emulator, '/catalog/destinations/demo', { source, 's-region': 'eu', enabled: 'true' });

  assert.equal(refused.status, 400);
  assert.match(refused.text, /role="alert"/);
  assert.match(refused.text, /name="s-region"[^>]*value="eu"/, 'what was typed is still there');

  const saved = await submit(emulator, '/catalog/destinations/demo',
    { source, 's-apiKey': 'key-ios', 's-region': 'eu', enabled: 'true' });

  assert.equal(saved.status, 303);
  assert.match(saved.headers.location, /^\/destinations\/acme\/ios\/demo\?/);
  await track(emulator, { userId: 'u', event: 'A' }, 'dev_writekey_ios');
  await until('the event arrives', () => endpoint.requests.length === 1);
  assert.equal(endpoint.requests[0].headers.authorization, basic('key-ios'));
});

test('settings of every kind can be typed, wrong ones are refused by the catalog\'s rules', async (t) => {
  const { emulator } = await start(t);
  const page = '/catalog/destinations/fake-crm';
  const fields = {
    source: WEBSITE, 's-apiKey': 'k1', 's-sendAnonymous': 'true', 's-batchSeconds': '30', 's-eventNames': '["A","B"]',
    's-fieldMap': '{"a":"b"}',
  };

  assert.equal((await submit(emulator, page, { ...fields, 's-batchSeconds': 'many' })).status, 400);
  assert.equal((await submit(emulator, page, { ...fields, 's-eventNames': 'A, B' })).status, 400);

  const saved = await submit(emulator, page, fields);

  assert.equal(saved.status, 303, saved.text);

  const { text } = await see(emulator, '/destinations/acme/website/fake-crm');

  assert.match(text, /name="s-batchSeconds"[^>]*value="30"/);
  assert.match(text, /name="s-sendAnonymous" value="true" checked/);
  assert.match(text, /&quot;A&quot;,\s+&quot;B&quot;/);
});

test('the settings page changes what it was made for', async (t) => {
  const { emulator } = await start(t);
  const page = '/destinations/acme/website/demo';

  assert.equal((await submit(emulator, page, { 's-apiKey': 'other', 's-region': 'us' })).status, 303);

  const { text } = await see(emulator, page);

  assert.match(text, /value="other"/);
  assert.match(text, /○ disabled/, 'no tick, not enabled');
  assert.equal((await submit(emulator, page, { 's-apiKey': '', enabled: 'true' })).status, 400);
});

test('the Event Tester sends past the switch and the integrations object, and shows both sides', async (t) => {
  const { emulator, endpoint } = await start(t, ({ body }) => (/Bad/.test(body)
    ? { status: 400, body: '<b>no</b>' } : { status: 200, body: '{"ok":true}' }));
  const page = '/destinations/acme/website/demo/tester';

  await submit(emulator, '/destinations/acme/website/demo', { 's-apiKey': 'k' }); // off

  const good = await submit(emulator, page,
    { do: 'send', event: '{"type":"track","event":"A","userId":"u","integrations":{"All":false}}' });

  assert.match(good.text, /✔ Test event received by destination\./);
  assert.match(good.text, /1 API call/);
  assert.match(good.text, /<h3>Request/);
  assert.match(good.text, /<h3>Response/);
  assert.equal(endpoint.requests.length, 1);
  assert.doesNotMatch(good.text, new RegExp(Buffer.from('k:').toString('base64')), 'no credential on the page');

  const bad = await submit(emulator, page, { do: 'send', event: '{"type":"track","event":"Bad","userId":"u"}' });

  assert.match(bad.text, /did not take the test event: 400/);
  assertHarmless(bad.text, 'an answer with markup');

  const broken = await submit(emulator, page, { do: 'send', event: `{"type": ${NASTY}` });

  assert.equal(broken.status, 400);
  assert.match(broken.text, /not JSON/);
  assertHarmless(broken.text, 'typed markup');
  assert.equal(endpoint.requests.length, 2);
});

test('the Event Tester generates a sample of each type and loads the source\'s last event', async (t) => {
  const { emulator, endpoint } = await start(t);
  const page = '/destinations/acme/website/demo/tester';
  const shown = (html) => JSON.parse(/<textarea[^>]*>\n(.*?)<\/textarea>/s.exec(html)[1].replaceAll('&quot;', '"'));

  for (const type of ['identify', 'track', 'page', 'screen', 'group', 'alias']) {
    const { text } = await submit(emulator, page, { do: 'sample', type });

    assert.equal(shown(text).type, type);
    assert.ok(shown(text).messageId && shown(text).receivedAt && shown(text).projectId, type);
    assert.match(text, new RegExp(`<option value="${type}" selected`));
  }
  assert.match((await submit(emulator, page, { do: 'load' })).text, /The source has no event yet/);
  await track(emulator, { userId: 'u', event: 'Loaded' });
  assert.equal(shown((await submit(emulator, page, { do: 'load' })).text).event, 'Loaded');
  assert.ok(endpoint.requests.length <= 1, 'nothing was sent but the event itself');
});

test('Event Delivery shows counters, what waits with its next attempt, and can retry now', async (t) => {
  const { emulator, endpoint } = await start(t, (_, n) => ({ status: n === 0 ? 503 : 200 }), ['--clock-rate', '0']);
  const page = '/destinations/acme/website/demo/delivery';

  await track(emulator, { userId: 'u', event: 'A', messageId: 'm-1' });
  await until('it waits for a retry', async () => /awaiting-retry/.test((await see(emulator, page)).text));

  const { text } = await see(emulator, page);

  assert.match(text, /<code>errors\.awaiting-retry\.503<\/code>/);
  assert.match(text, /<code>m-1<\/code>/);
  assert.match(text, /▲ waiting<\/td><td><span class="when-folded">next attempt <\/span><time datetime="\d{4}-[^"]*" title="[^"]*">\d\d:\d\d:\d\d\.\d{3}</);
  assert.match(text, /Request to destination[\s\S]*&quot;event&quot;: &quot;A&quot;[\s\S]*Response from destination: 503/);
  assert.match((await see(emulator, /href="(\/sources[^"]*q=m-1)"/.exec(text)[1])).text, /event=1"/, 'the debugger finds it');

  const hurried = await submit(emulator, page, {});

  assert.equal(hurried.status, 303);
  await until('it is delivered', async () => /✔ delivered/.test((await see(emulator, page)).text));
  assert.equal(endpoint.requests.length, 2);
});

test('the debugger tells good events, discarded ones with a remedy, and where each went', async (t) => {
  const { emulator } = await start(t);
  const page = '/sources/acme/website/debugger';
  const events = async (query = '') => [...(await see(emulator, `${page}${query}`)).text
    .matchAll(/<li[^>]*><a href="[^"]*event=(\d+)">.*?<bdi>(.*?)<\/bdi>/gs)].map(([, number, title]) => [+number, title]);

  assert.match((await see(emulator, page)).text, /No events yet/);
  await track(emulator, { userId: 'u42', event: 'Order Completed', properties: { total: 42 }, messageId: 'm-1' });
  await track(emulator, { userId: 'u42', event: 'Order Completed', messageId: 'm-1' });
  await track(emulator, { userId: 'u42' });
  await track(emulator, { userId: 'u1', event: 'Elsewhere' }, 'dev_writekey_ios');

  assert.deepEqual((await events()).map(([number]) => number), [3, 2, 1], 'newest first, only this source');
  assert.deepEqual((await events('?q=total')).map(([number]) => number), [1]);
  assert.match((await see(emulator, `${page}?q=zzz`)).text, /No event has <bdi>zzz<\/bdi>/);

  const discarded = (await see(emulator, `${page}?event=3`)).text;

  assert.match(discarded, /Discarded/);
  assert.match(discarded, /<li class="is-current"><a href="[^"]*event=3"/);
  assert.match((await see(emulator, '/login?login_challenge=none')).text, /<body class="(is-bare)?">/);
  assert.match(discarded, /<code>event_not_defined<\/code><\/p>\s*<p>[^<]{10,}/, 'and a remedy');
  assert.match((await see(emulator, `${page}?event=2&view=problems`)).text, /same messageId/);
  assert.match((await see(emulator, `${page}?event=1`)).text, /analytics\.track\(&quot;Order Completed&quot;, \{/);

  const raw = (await see(emulator, `${page}?event=1&view=raw`)).text;

  assert.match(raw, /As it went on/);
  assert.match(raw, /&quot;receivedAt&quot;/);
  await until('it was delivered', async () => /delivered/.test((await see(emulator, `${page}?event=1&view=went-to`)).text));
  assert.match((await see(emulator, `${page}?event=1&view=went-to`)).text,
    /href="\/destinations\/acme\/website\/demo\/delivery"/);
  assert.match((await see(emulator, `${page}?event=4`)).text, /Choose an event/, 'that of another source is not shown');
});

test('Went to names the event at partnerapp, when partnerapp was there', async (t) => {
  const answers = {
    good: 'evt_01jd8k2f', markup: '<b>', path: 'a/../../x', query: 'a?b', long: 'x'.repeat(101),
  };
  const { emulator, endpoint } = await start(t, ({ body }) => ({
    status: 200, headers: { 'x-partnerapp-event-id': answers[JSON.parse(body).event] ?? '' },
  }));
  const wentTo = async (number) => (await see(emulator, `/sources/acme/website/debugger?event=${number}&view=went-to`)).text;
  const names = [...Object.keys(answers), 'none'];

  for (const [i, event] of names.entries()) {
    await track(emulator, { userId: 'u', event });
    await until('it was delivered', async () => /<td>delivered<\/td>/.test(await wentTo(i + 1)));
  }
  assert.match(await wentTo(1), new RegExp(
    `<a href="${new URL(endpoint.url).origin}/api/v1/events/evt_01jd8k2f" rel="noreferrer"><code>evt_01jd8k2f</code>`));
  for (let i = 2; i <= names.length; i++) {
    const text = await wentTo(i);

    assert.doesNotMatch(text, /api\/v1\/events/, names[i - 1]);
    assertHarmless(text, names[i - 1]);
  }
  assert.match((await see(emulator, '/destinations/acme/website/demo/delivery')).text, /events\/evt_01jd8k2f"/);
});

test('what is empty says what to do next', async (t) => {
  const emulator = await Emulator.start(t);

  await submit(emulator, '/catalog/destinations/demo', { source: WEBSITE, 's-apiKey': 'k' });
  for (const [page, words] of [
    ['/', /No destinations.*Add one\s+from the catalog/s],
    ['/sources/acme/website/debugger', /No events yet.*sends one/s],
    ['/destinations/acme/website/demo/delivery', /No event has been on its way here.*Event Tester.*disabled/s],
    ['/requests', /Nobody has called yet.*Enable with Segment/s], ['/faults', /no fault is on. Add one below/],
    ['/catalog?q=zzz', /matches <bdi>zzz.*Show everything/s],
  ])
    assert.match((await see(emulator, page)).text, words, page);
  await track(emulator, { userId: 'u', event: 'A' });
  assert.match((await see(emulator, '/sources/acme/website/debugger?event=1&view=went-to')).text, /0 destinations.*turned on.*Workspaces/s);
});

// Reads a stream of Server-Sent Events; cancel() ends it.
async function listen(t, emulator, page) {
  const abort = new AbortController();
  const response = await fetch(`${emulator.url}${page}`, { signal: abort.signal });
  const got = { response, events: [], text: '', isOpen: true, cancel: () => abort.abort() };

  t.after(got.cancel);
  (async () => {
    for await (const part of response.body) {
      got.text += Buffer.from(part).toString();
      got.events = [...got.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data));
    }
  })().catch(() => {}).finally(() => { got.isOpen = false; });
  return got;
}

test('the debugger is live: every reader gets the source\'s events as they come', async (t) => {
  const { emulator } = await start(t);
  const page = '/sources/acme/website/debugger/stream';
  const readers = [await listen(t, emulator, page), await listen(t, emulator, page)];

  assert.equal(readers[0].response.headers.get('content-type'), 'text/event-stream');
  await track(emulator, { userId: 'u', event: `A ${NASTY}` });
  await track(emulator, { userId: 'u', event: 'Not here' }, 'dev_writekey_ios');
  await track(emulator, { userId: 'u' });
  for (const reader of readers) {
    await until('both are there', () => reader.events.length === 2);
    assert.equal(reader.events[0].kind, 'track');
    assert.ok(reader.events[0].title.startsWith('A <script>'), 'as data; the page writes it as text');
    assert.equal(reader.events[0].isGood, true);
    assert.equal(reader.events[1].verdict, 'event_not_defined');
    assert.equal(reader.events[1].isGood, false);
  }
  readers[0].cancel();
  await track(emulator, { userId: 'u', event: 'B' });
  await until('the other goes on', () => readers[1].events.length === 3);
});

test('many readers come and go while events arrive, and the emulator still ends at once', async (t) => {
  const { emulator } = await start(t);
  const page = '/sources/acme/website/debugger/stream';

  for (let round = 0; round < 5; round++) {
    const readers = await Promise.all(Array.from({ length: 10 }, () => listen(t, emulator, page)));

    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => track(emulator, { userId: 'u', event: `E ${i}` })),
      ...readers.slice(0, 8).map(async (reader) => reader.cancel()),
    ]);
    await until('who stayed has all', () => readers.slice(8).every(({ events }) => events.length >= 20));
  }
  assert.deepEqual(await emulator.stop(), { code: 0, signal: null });
});

test('a reset ends no stream: the next event of the new world still comes', async (t) => {
  const { emulator } = await start(t);
  const reader = await listen(t, emulator, '/sources/acme/website/debugger/stream');

  await emulator.control('POST', 'reset');
  await track(emulator, { userId: 'u', event: 'After' });
  await until('it came', () => reader.events.length === 1);
});

test('a stranger\'s text is text on every page that shows it', async (t) => {
  const { emulator } = await start(t, { status: 400, body: NASTY, headers: { 'X-Nasty': '<script>alert(1)</script>"' } });

  await submit(emulator, '/developer', { display_name: NASTY.slice(0, 90) });
  await submit(emulator, '/catalog/destinations/demo',
    { source: 'workspaces/acme/sources/ios', 's-apiKey': NASTY, 's-region': NASTY, enabled: 'true' });
  for (const key of ['dev_writekey_website', 'dev_writekey_ios']) {
    await track(emulator, { userId: NASTY, event: NASTY, properties: { [NASTY]: NASTY }, messageId: NASTY.slice(0, 60) }, key);
    await track(emulator, { type: 'group', userId: NASTY, groupId: NASTY, traits: { [NASTY]: 1 } }, key);
    await track(emulator, { type: 'page', userId: 'u', name: NASTY, category: NASTY }, key);
    await track(emulator, { userId: NASTY, properties: NASTY }, key);
  }
  await until('it came back', async () => {
    const all = await deliveries(emulator);

    return all.length > 0 && all.every(({ state, attempts }) => state === 'discarded' && attempts.length > 0);
  });

  const pages = [...PAGES, '/destinations/acme/ios/demo', '/destinations/acme/ios/demo/delivery',
    '/destinations/acme/ios/demo/tester', `/sources/acme/website/debugger?q=${encodeURIComponent(NASTY.replace('\u0000', ''))}`];

  for (let number = 1; number <= 8; number++)
    for (const view of ['pretty', 'raw', 'problems', 'went-to'])
      for (const source of ['website', 'ios']) pages.push(`/sources/acme/${source}/debugger?event=${number}&view=${view}`);
  for (const page of pages) {
    const { status, text } = await see(emulator, page);

    assert.equal(status, 200, page);
    assertHarmless(text, page);
  }
  for (const [page, fields] of [
    ['/developer/build', { url: emulator.url, api_key: NASTY, event: NASTY }],
    ['/developer/build', { url: NASTY, api_key: NASTY, event: '{"type":"track"}' }],
    ['/developer/build', { url: (await emulator.control('GET', 'subscription')).url, api_key: NASTY,
      event: JSON.stringify({ type: 'track', event: NASTY }) }],
    ['/developer/test', { api_key: NASTY }],
    ['/developer/components', { kind: NASTY, url: NASTY }],
    ['/developer/oauth', { do: 'save', 'uri-1': NASTY, scope: NASTY }],
    ['/destinations/acme/website/demo/tester', { do: 'send', event: JSON.stringify({ type: 'track', event: NASTY }), type: NASTY }],
    ['/destinations/acme/website/demo', { 's-apiKey': '', 's-region': NASTY, enabled: 'true' }],
    ['/catalog/destinations/demo', { source: WEBSITE, 's-apiKey': '', 's-region': NASTY, enabled: 'true' }],
  ]) {
    const { status, text } = await submit(emulator, page, fields);

    assert.ok(status === 200 || status === 400, `${page}: ${status}`);
    assertHarmless(text, page);
  }
});

test('text that turns around stays within its own element', async (t) => {
  const { emulator } = await start(t);
  const title = '\u202egnp.exe';

  await track(emulator, { userId: 'u', event: title });
  assert.ok((await see(emulator, '/sources/acme/website/debugger')).text.includes(`<bdi>${title}</bdi>`));
  assert.match((await see(emulator, '/assets/emulator.css')).text, /pre \{[^}]*unicode-bidi: plaintext/s);
});

test('a private world has pages of its own', async (t) => {
  const { emulator } = await start(t);
  const mine = await emulator.ask('GET', '/', undefined, { ...HTML, 'X-Emulator-World': 'w-1' });

  assert.match(mine.text, /world: w-1/);
  assert.doesNotMatch(mine.text, /● enabled/);
});
