// SPDX-License-Identifier: MIT
// The Developer Center of the local Segment: Send Test Event and the Test suite (dossier
// §3.10, cases 42 to 45), as JSON and on their pages.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { Endpoint } from './lib/endpoint.mjs';
import { basic } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

// Copied from the dossier by hand, so that a typing mistake of ours cannot agree with itself.
const SAMPLE = '{"event":"Test Event Name","userId":"test-user-xip99","projectId":"23kwesej33",'
  + '"messageId":"test-message-9qkgq","timestamp":"2019-04-08T01:19:38.931Z","type":"track",'
  + '"email":"test@example.com","properties":{"foo":"bar"}}';
const NAMES = [
  ['page', 'Anonymous User Navigates to Homepage'],
  ['page', 'Anonymous User Navigates to Signup Page'],
  ['identify', 'Identify Anonymous User'],
  ['track', 'User Signs Up'],
  ['group', 'User is Grouped into myUsers'],
  ['track', 'User enables an Integration'],
  ['track', 'User Invites a Teammate'],
  ['screen', 'User Opens Mobile Application'],
];

async function start(t, mood) {
  const endpoint = await Endpoint.start(t, mood);
  const emulator = await Emulator.start(t, ['--subscription-url', endpoint.url]);

  return { emulator, endpoint };
}

// What a browser sends when somebody presses a form's button.
function submit(emulator, page, fields) {
  return emulator.ask('POST', page, new URLSearchParams(fields).toString(),
    { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html' });
}

// What a page says, without its markup.
function textOf(html) {
  return html.replace(/<[^>]*>/g, ' ').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

function rows(html) {
  return [...html.matchAll(/<tr><td class="number">(\d)<\/td>(.*?)<\/tr>/gs)].map((match) => textOf(match[2]));
}

test('case 42: an endpoint that answers 200 makes eight green tests in the listed order', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200 });
  const suite = await emulator.control('POST', 'suite', { apiKey: 'abcd1234' });

  assert.deepEqual(suite.results.map(({ index, type, name, color, status }) => [index, type, name, color, status]),
    NAMES.map(([type, name], i) => [i + 1, type, name, 'green', 200]));
  assert.equal(suite.success, 8);
  assert.equal(suite.passed, true);
  assert.deepEqual(endpoint.requests.map(({ body }) => JSON.parse(body).type), NAMES.map(([type]) => type));

  const page = await submit(emulator, '/developer/test', { api_key: 'abcd1234' });

  assert.equal(page.status, 200);
  assert.match(page.text, /All Tests Passed!/);
  assert.match(textOf(page.text), /Success: 8\b/);
  rows(page.text).forEach((row, i) => {
    assert.ok(row.includes(NAMES[i][1]), row);
    assert.match(row, /green/);
  });
  assert.equal(rows(page.text).length, 8);
});

test('the events of the suite are the listed ones plus messageId, receivedAt and projectId', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200 });

  await emulator.control('POST', 'suite', { apiKey: 'abcd1234' });

  const [, , identify] = endpoint.requests.map(({ body }) => JSON.parse(body));
  const { messageId, receivedAt, projectId, ...rest } = identify;

  assert.deepEqual(rest, {
    type: 'identify', timestamp: '2019-05-31T23:27:37Z', anonymousId: 'anonymous-1', userId: 'identified-1',
    traits: { email: 'calvinfo@segment.com', first_name: 'Calvin', last_name: 'French-Owen', phone: '555-555-5555' },
  });
  assert.match(messageId, /^test-message-\w{5}$/);
  assert.ok(Date.parse(receivedAt) > 0);
  assert.match(projectId, /^\w{10}$/);
  assert.equal(endpoint.requests[0].headers.authorization, basic('abcd1234'));
  assert.equal(new Set(endpoint.requests.map(({ body }) => JSON.parse(body).messageId)).size, 8);
});

test('the suite sends one event after the other', async (t) => {
  let under = 0;
  let most = 0;
  const { emulator, endpoint } = await start(t);

  endpoint.mood(() => {
    most = Math.max(most, ++under);
    setTimeout(() => { under--; }, 20);
    return { status: 200, delay: 20 };
  });
  await emulator.control('POST', 'suite', {});
  assert.equal(endpoint.requests.length, 8);
  assert.equal(most, 1);
});

test('case 43: an endpoint that answers 501 to group makes it yellow and the suite passes', async (t) => {
  const { emulator } = await start(t, ({ body }) => ({ status: JSON.parse(body).type === 'group' ? 501 : 200 }));
  const suite = await emulator.control('POST', 'suite', { apiKey: 'abcd1234' });

  assert.deepEqual(suite.results.map(({ color }) => color),
    ['green', 'green', 'green', 'green', 'yellow', 'green', 'green', 'green']);
  assert.equal(suite.results[4].message, 'event not supported');
  assert.equal(suite.success, 7);
  assert.equal(suite.passed, true);

  const page = await submit(emulator, '/developer/test', { api_key: 'abcd1234' });

  assert.match(page.text, /All Tests Passed!/);
  assert.match(rows(page.text)[4], /yellow/);
  assert.match(textOf(page.text), /Success: 7\b/);
});

test('case 44: an endpoint that answers 404 to one event makes that one red and the suite fails', async (t) => {
  const { emulator } = await start(t, ({ body }) => ({ status: /Signed up/.test(body) ? 404 : 200 }));
  const suite = await emulator.control('POST', 'suite', { apiKey: 'abcd1234' });

  assert.deepEqual(suite.results.map(({ color }) => color),
    ['green', 'green', 'green', 'red', 'green', 'green', 'green', 'green']);
  assert.equal(suite.results[3].status, 404);
  assert.equal(suite.passed, false);

  const page = await submit(emulator, '/developer/test', { api_key: 'abcd1234' });

  assert.doesNotMatch(page.text, /All Tests Passed!/);
  assert.match(rows(page.text)[3], /red/);
  assert.match(textOf(page.text), /Success: 7\b/);
});

test('an endpoint that is not there makes eight red tests, and the page says why', async (t) => {
  const emulator = await Emulator.start(t, ['--subscription-url', 'http://127.0.0.1:1/']);
  const suite = await emulator.control('POST', 'suite', {});

  assert.ok(suite.results.every(({ color, status }) => color === 'red' && status === 0));
  assert.match(suite.results[0].message, /ECONNREFUSED|refused/);
  assert.equal(suite.passed, false);
});

test('case 45: a webhook\'s default test event is the sample, its response {body, header, status}', async (t) => {
  const answer = { status: 200, headers: { 'content-type': 'text/plain', 'x-amzn-requestid': 'r-1' }, body: 'ok' };
  const { emulator, endpoint } = await start(t, answer);
  const page = await emulator.ask('GET', '/developer/build');
  const [, event] = /<textarea[^>]*name="event"[^>]*>\n(.*?)<\/textarea>/s.exec(page.text);

  assert.match(page.text, /Send to Endpoint/);

  const sent = await submit(emulator, '/developer/build',
    { url: endpoint.url, api_key: 'abcd1234', event: event.replaceAll('&quot;', '"') });

  assert.equal(sent.status, 200);
  assert.equal(endpoint.requests[0].body, SAMPLE);
  assert.equal(endpoint.requests[0].headers.authorization, basic('abcd1234'));
  assert.match(sent.text, /200 Success in Response from Endpoint/);
  assert.match(sent.text, /<h3>Request from Segment/);
  assert.match(sent.text, /<h3>Response from Endpoint/);

  const shown = /Response from Endpoint <.*?<pre>(.*?)<\/pre>/s.exec(sent.text)[1].replaceAll('&quot;', '"');
  const { body, header, status } = JSON.parse(shown);

  assert.equal(shown, JSON.stringify({ body, header, status }, null, 2), 'members in this order, indented by two');
  assert.equal(body, 'ok');
  assert.equal(status, 200);
  assert.equal(header['X-Amzn-Requestid'], 'r-1', 'canonical names');
  assert.deepEqual(Object.keys(header), [...Object.keys(header)].sort());
});

test('as JSON, a test event without an event is the sample too', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200, body: '{"a":1}', headers: { 'X-A': ['1', '2'] } });
  const result = await emulator.control('POST', 'test-event', {});

  assert.equal(endpoint.requests[0].body, SAMPLE);
  assert.equal(result.request.body, SAMPLE);
  assert.equal(result.response.body, '{"a":1}', 'a text even when it is JSON');
  assert.equal(result.response.header['X-A'], '1, 2', 'repeated headers are joined');
  assert.equal(result.response.status, 200);
  assert.equal(result.error, null);
  assert.deepEqual(Object.keys(result), ['request', 'response', 'error']);
});

test('a test event can go elsewhere, with a key and settings of its own', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200 });
  const other = await Endpoint.start(t, { status: 404, body: 'no' });
  const result = await emulator.control('POST', 'test-event', {
    endpoint: other.url, apiKey: 'k-1', settings: { region: 'eu' }, event: { type: 'track', event: 'A', userId: 'u' },
  });

  assert.equal(endpoint.requests.length, 0);
  assert.equal(other.requests[0].headers.authorization, basic('k-1'));
  assert.equal(Buffer.from(other.requests[0].headers['x-segment-settings'], 'base64').toString(), '{"region":"eu"}');
  assert.deepEqual(JSON.parse(other.requests[0].body), { type: 'track', event: 'A', userId: 'u' });
  assert.equal(result.response.status, 404);
});

test('a test event that nobody answers has an error and no response', async (t) => {
  const { emulator } = await start(t);
  const result = await emulator.control('POST', 'test-event', { url: 'http://127.0.0.1:1/' });

  assert.equal(result.response, null);
  assert.match(result.error, /ECONNREFUSED/);
});

test('what cannot be sent is refused with a reason', async (t) => {
  const { emulator } = await start(t);

  for (const [why, name, body] of [
    ['no object', 'test-event', '[1]'],
    ['an event that is none', 'test-event', { event: 'x' }],
    ['plain http to elsewhere', 'test-event', { url: 'http://example.com/' }],
    ['a kind that is none', 'suite', { kind: 'pigeon' }],
  ]) {
    const answer = await emulator.ask('POST', `/_emulator/${name}`, body);

    assert.equal(answer.status, 400, why);
    assert.ok(JSON.parse(answer.text).message.length > 0, why);
  }
});

test('a function runs with its return value and its log shown', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dev-center-'));
  const file = path.join(folder, 'index.js');
  const { emulator } = await start(t);

  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(file, `
    async function onTrack(event) { console.log('saw', event.event); return { saw: event.event }; }
    async function onGroup() { throw new EventNotSupported('no groups'); }
    async function onIdentify() { throw new Error('<b>broken</b>'); }
  `);
  await emulator.control('PUT', 'subscription', { kind: 'function', function: file });

  const page = await emulator.ask('GET', '/developer/build');

  assert.match(page.text, /Registered/, 'the default event of functions');

  const result = await emulator.control('POST', 'test-event', {});

  assert.deepEqual(Object.keys(result), ['callbackReturn', 'logs', 'error']);
  assert.equal(result.error, null);
  assert.match(result.logs.join('\n'), /saw Registered/);

  const sent = await submit(emulator, '/developer/build',
    { function: file, event: '{"type":"track","event":"Registered","userId":"u"}' });

  assert.match(sent.text, /Successfully executed Function/);
  assert.match(sent.text, /<h3>Callback Return/);
  assert.match(sent.text, /<h3>Log Output/);

  const failed = await submit(emulator, '/developer/build', { function: file, event: '{"type":"identify","userId":"u"}' });

  assert.doesNotMatch(failed.text, /Successfully/);
  assert.doesNotMatch(failed.text, /<b>broken/);

  const suite = await emulator.control('POST', 'suite', {});

  assert.equal(suite.results[2].color, 'red', 'another error');
  assert.equal(suite.results[4].color, 'yellow', 'EventNotSupported');
  assert.equal(suite.results[3].color, 'green');
});

test('the emulator ends at once while a test waits for an endpoint that never answers', async (t) => {
  const { emulator, endpoint } = await start(t, 'hang');
  const asked = emulator.ask('POST', '/_emulator/suite', {}).catch((error) => error);

  await until('the first event is under way', () => endpoint.requests.length === 1);

  const exit = await emulator.stop();

  assert.deepEqual(exit, { code: 0, signal: null });
  await asked;
});

test('the checklist knows how the last test ended and whether somebody installed the app', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 500 });
  const state = async () => [...(await emulator.ask('GET', '/developer/publish')).text
    .matchAll(/(done|open)<\/span> <a [^>]*>([^<]*)/g)].map(([, word, point]) => `${point}: ${word}`);

  assert.deepEqual(await state(), ['Endpoint completed and tested: open', 'OAuth implemented: open', 'App info: done',
    'Subscription info: done']);
  await submit(emulator, '/developer/test', { api_key: 'a' });
  assert.equal((await state())[0], 'Endpoint completed and tested: open');
  endpoint.mood({ status: 200 });
  await submit(emulator, '/developer/test', { api_key: 'a' });
  assert.equal((await state())[0], 'Endpoint completed and tested: done');
});

test('OAuth: saving says App updated!, what is wrong is said with the form as it was typed', async (t) => {
  const { emulator } = await start(t);
  const saved = await submit(emulator, '/developer/oauth',
    { do: 'save', 'uri-1': 'https://a.test/cb', 'uri-3': 'http://localhost:8888/cb', scope: 'workspace' });

  assert.equal(saved.status, 303);
  assert.match((await emulator.ask('GET', saved.headers.location)).text, /App updated!/);

  const app = await emulator.control('GET', 'app');

  assert.deepEqual(app.redirect_uris, ['https://a.test/cb', 'http://localhost:8888/cb']);
  assert.equal(app.scope, 'workspace');

  const refused = await submit(emulator, '/developer/oauth', { do: 'save', 'uri-1': 'http://a.test/<i>', scope: 'workspace' });

  assert.equal(refused.status, 400);
  assert.match(refused.text, /role="alert"/);
  assert.match(refused.text, /value="http:\/\/a\.test\/&lt;i&gt;"/);
  assert.deepEqual((await emulator.control('GET', 'app')).redirect_uris, app.redirect_uris);
});

test('OAuth: the secret is masked, and Regenerate makes another', async (t) => {
  const { emulator } = await start(t);
  const before = await emulator.control('GET', 'app');
  const page = await emulator.ask('GET', '/developer/oauth');

  assert.match(page.text, /<details class="masked"><summary>secret/, 'closed until somebody opens it');

  const answer = await submit(emulator, '/developer/oauth', { do: 'regenerate' });
  const after = await emulator.control('GET', 'app');

  assert.equal(answer.status, 303);
  assert.notEqual(after.client_secret, before.client_secret);
  assert.equal(after.client_id, before.client_id);
});

test('App Info and Components do what PUT /_emulator/app and /_emulator/subscription do', async (t) => {
  const { emulator } = await start(t);

  assert.equal((await submit(emulator, '/developer', { display_name: 'New Name', reinstall: 'true' })).status, 303);

  const app = await emulator.control('GET', 'app');

  assert.deepEqual([app.display_name, app.public, app.reinstall], ['New Name', false, 'allow']);
  assert.equal((await submit(emulator, '/developer', { display_name: '' })).status, 400);

  const saved = await submit(emulator, '/developer/components',
    { kind: 'lambda', arn: 'demo', invoke_url: 'http://127.0.0.1:9001', url: 'ignored', payload: 'envelope' });

  assert.equal(saved.status, 303);

  const subscription = await emulator.control('GET', 'subscription');

  assert.equal(subscription.kind, 'lambda');
  assert.equal(subscription.arn, 'demo');
  assert.equal(subscription.payload, 'envelope');
  assert.equal(subscription.url, undefined, 'a field of another kind does not count');
  assert.match((await emulator.ask('GET', '/developer/build')).text, /Lambda ARN/);
  assert.equal((await submit(emulator, '/developer/components', { kind: 'webhook', url: 'nonsense' })).status, 400);
});

/* --- Settings Builder --------------------------------------------------------------- */

const DEFINITION = 'catalog/destinations/demo';
const definition = (emulator) => emulator.control('GET', DEFINITION);
const put = (emulator, change) => emulator.ask('PUT', `/_emulator/${DEFINITION}`, change);

test('Settings Builder: a setting is added with the key of its label, edited, and removed', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200 });
  const item = '/catalog/destinations/demo';
  const source = 'workspaces/acme/sources/website';
  const added = await submit(emulator, '/developer', {
    do: 'setting', key: '', label: 'Custom Setting One', description: 'Where to <file> it', type: 'SELECT',
    options: 'a\r\n b \r\n\r\n', required: 'true', sensitive: 'true',
  });

  assert.equal(added.status, 303, added.text);
  assert.match(textOf((await emulator.ask('GET', '/developer')).text),
    /Custom Setting One\s+customSettingOne\s+SELECT\s+required, sensitive\s+Where to <file> it\s+Edit/);

  const setting = (await definition(emulator)).settings.find(({ name }) => name === 'customSettingOne');

  assert.deepEqual(setting, {
    name: 'customSettingOne', display_name: 'Custom Setting One', type: 'SELECT', deprecated: false, required: true,
    select_validators: { select_options: ['a', 'b'] }, settings: [], description: 'Where to <file> it', sensitive: true,
  });
  assert.equal((await submit(emulator, item, { source, 's-apiKey': 'k', enabled: 'true' })).status, 400, 'required');
  assert.equal((await submit(emulator, item,
    { source, 's-apiKey': 'k', 's-customSettingOne': 'b', enabled: 'true' })).status, 303);

  const edit = (await emulator.ask('GET', '/developer?edit=customSettingOne')).text;

  assert.match(edit, /name="label"[^>]*value="Custom Setting One"/);
  assert.match(edit, /name="key" value="customSettingOne"/);
  assert.equal((await submit(emulator, '/developer',
    { do: 'setting', key: 'customSettingOne', label: 'Other', type: 'STRING' })).status, 303);

  const after = await definition(emulator);

  assert.deepEqual(after.settings.map(({ name, display_name: label }) => [name, label]),
    [['apiKey', 'API Key'], ['region', 'Region'], ['customSettingOne', 'Other']], 'the key stays, and the order');

  const sent = async () => {
    await emulator.ask('POST', '/destinations/acme/website/demo/tester', new URLSearchParams(
      { do: 'send', type: 'track', event: '{"type":"track","event":"E","userId":"u"}' }).toString(),
    { 'Content-Type': 'application/x-www-form-urlencoded' });
    return JSON.parse(Buffer.from(endpoint.requests.at(-1).headers['x-segment-settings'] ?? 'e30=', 'base64'));
  };

  assert.deepEqual(await sent(), { customSettingOne: 'b' });
  assert.equal((await submit(emulator, '/developer', { do: 'remove-setting', key: 'customSettingOne' })).status, 303);
  assert.equal((await definition(emulator)).settings.length, 2);
  assert.deepEqual(await sent(), {}, 'what the customer typed went with it');
});

test('Settings Builder: what cannot be is said in words, with the form as it was typed', async (t) => {
  const { emulator } = await start(t);
  const before = await definition(emulator);
  const long = 'x'.repeat(90);
  const refusals = [
    [{ label: 'region!', type: 'STRING' }, /“Region” and “region!” both give the key region: change one/],
    [{ label: '***', type: 'STRING' }, /gives no key/],
    [{ label: '', type: 'STRING' }, /needs a label/],
    [{ label: 'Choice', type: 'SELECT', options: '\n' }, /select without options/],
    [{ label: 'Kind', type: 'DATE' }, /has no type/],
    [{ label: 'x'.repeat(101), type: 'STRING' }, /at most 100 bytes/],
    [{ label: 'Api Key', type: 'STRING' }, /“API Key” and “Api Key” both give the key apiKey/],
    [{ key: 'apiKey', label: 'API Key', type: 'NUMBER' }, /apiKey is fixed/],
  ];

  for (const [fields, why] of refusals) {
    const page = await submit(emulator, '/developer', { do: 'setting', ...fields });

    assert.equal(page.status, 400, JSON.stringify(fields));
    assert.match(textOf(page.text), why);
    assert.ok(fields.key || page.text.includes(`name="label" aria-describedby="h-label" required value="${fields.label}"`),
      'the label stands there again');
  }
  assert.match((await submit(emulator, '/developer', { do: 'remove-setting', key: 'apiKey' })).text, /cannot be removed/);
  assert.deepEqual(await definition(emulator), before);
  assert.match(textOf((await emulator.ask('GET', '/developer')).text), /API Key\s+apiKey\s+STRING\s+required, sensitive.*?fixed/s);

  const many = Array.from({ length: 75 }, (_, i) => ({ display_name: `${long} ${i}`, type: 'STRING' }));
  const answer = await put(emulator, { settings: [...before.settings, ...many] });

  assert.equal(answer.status, 400);
  assert.match(answer.text, /X-Segment-Settings is longer than 8192 bytes/);
  assert.deepEqual(await definition(emulator), before);
});

test('settings that would make the header too long are refused when they are saved, whoever saves them', async (t) => {
  const { emulator } = await start(t, { status: 200 });
  const fill = (n) => ({ source: 'workspaces/acme/sources/website', 's-apiKey': 'k'.repeat(9000), 's-region': 'x'.repeat(n) });
  const page = '/catalog/destinations/demo';

  // 8192 characters of base64 are 6144 bytes: {"region":""} and 6131 more.
  const refused = await submit(emulator, page, fill(6132));

  assert.equal(refused.status, 400);
  assert.match(refused.text, /8196 bytes; it has 8192 at most/);
  assert.equal((await submit(emulator, page, fill(6131))).status, 303, 'apiKey does not count');
  assert.equal((await submit(emulator, '/destinations/acme/website/demo', fill(6132))).status, 400);
});

test('PUT /_emulator/catalog/destinations/{slug} shapes the partner\'s destination, and what GET says can be put', async (t) => {
  const { emulator } = await start(t);
  const before = await definition(emulator);

  assert.deepEqual(JSON.parse((await put(emulator, before)).text), before);

  const answer = await put(emulator, {
    display_name: ' My CRM ', methods: { group: false },
    settings: [before.settings[0], { display_name: 'customer ID', type: 'number', number_validators: { min: 1 } }],
  });
  const after = JSON.parse(answer.text);

  assert.equal(answer.status, 200, answer.text);
  assert.equal(after.display_name, 'My CRM');
  assert.deepEqual(after.methods, { ...before.methods, group: false });
  assert.deepEqual(after.settings.map(({ name, type }) => [name, type]), [['apiKey', 'STRING'], ['customerId', 'NUMBER']]);
  assert.match((await emulator.ask('GET', '/catalog')).text, /My CRM/);

  for (const [change, why] of [
    [{ settings: {} }, /settings is a list/], [{ settings: [1] }, /must be an object/],
    [{ settings: [] }, /apiKey is fixed: it cannot be removed/],
    [{ settings: [{ ...before.settings[0], required: false }] }, /apiKey is fixed: a required/],
    [{ settings: [{ ...before.settings[0], sensitive: false }] }, /apiKey is fixed: a required/],
    [{ settings: [before.settings[0], { display_name: 'A', type: 'string', require: true }] }, /unknown member: require/],
    [{ settings: [before.settings[0], { display_name: 'A', name: 'a"b', type: 'string' }] }, /is no key/],
    [{ settings: [before.settings[0], { display_name: 'A', type: 'string', required: 'yes' }] }, /true or false/],
    [{ methods: { delete: true } }, /methods are/], [{ methods: { track: 1 } }, /methods are/],
    [{ display_name: '' }, /display_name is a text/], [{ slug: 'other' }, /the slug stays/],
    [{ status: 'PUBLIC' }, /not status/],
  ]) {
    const refused = await put(emulator, change);

    assert.equal(refused.status, 400, JSON.stringify(change));
    assert.match(JSON.parse(refused.text).message, why);
  }
  assert.deepEqual(await definition(emulator), after);
  assert.equal((await emulator.ask('GET', '/_emulator/catalog/destinations/none')).status, 404);

  const { body } = await emulator.ask('GET', '/v1beta/catalog/destinations/demo', undefined,
    { Authorization: 'Bearer x' });

  assert.doesNotMatch(JSON.stringify(body ?? ''), /sensitive/, 'the catalog does not say it');
});

test('a sensitive setting is dots on every page that shows what was sent', async (t) => {
  const { emulator, endpoint } = await start(t, { status: 200 });
  const { settings } = await definition(emulator);
  const secret = 'hush-4711';

  await emulator.control('PUT', DEFINITION, { settings: [...settings, { display_name: 'Pin', type: 'STRING', sensitive: true }] });
  await submit(emulator, '/catalog/destinations/demo',
    { source: 'workspaces/acme/sources/website', 's-apiKey': 'abcd1234', 's-pin': secret, enabled: 'true' });
  assert.match((await emulator.ask('GET', '/destinations/acme/website/demo')).text,
    /<input type="password" [^>]*name="s-pin"/);

  const page = await submit(emulator, '/destinations/acme/website/demo/tester',
    { do: 'send', type: 'track', event: '{"type":"track","event":"E","userId":"u"}' });
  const header = endpoint.requests.at(-1).headers['x-segment-settings'];

  assert.equal(JSON.parse(Buffer.from(header, 'base64')).pin, secret);
  assert.ok(!page.text.includes(header) && !page.text.includes(secret));
});
