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
