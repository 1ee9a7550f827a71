// SPDX-License-Identifier: MIT
// The inspector: what was called, without a secret in it, and once more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { basic as key, exchange } from './lib/http.mjs';
import { Browser, authorize, basic, consentTo, form, install, landing, redeem, tryToken } from './lib/oauth.mjs';

const json = { 'Content-Type': 'application/json' };
const list = async (emulator, query = '') => (await emulator.control('GET', `requests${query}`)).requests;
const one = (emulator, number) => emulator.control('GET', `requests/${number}`);
const newest = async (emulator) => one(emulator, (await list(emulator, '?limit=1'))[0].number);
const pageOf = async (emulator, path) => (await emulator.ask('GET', path)).text;
const replay = (emulator, number, fields) =>
  emulator.ask('POST', `/requests/${number}`, form(fields), { 'Content-Type': 'application/x-www-form-urlencoded' });

test('each call of Segment\'s roles is there, newest first, and none of ours', async (t) => {
  const emulator = await Emulator.start(t);

  await authorize(emulator);
  await redeem(emulator, 'no-code');
  await emulator.ask('GET', '/v1beta/workspaces/acme?a=b%20c&d');
  await emulator.ask('POST', '/v1/track', { event: 'A', userId: 'u' }, { ...json, Authorization: key('dev_writekey_website') });
  for (const path of ['/', '/requests', '/faults', '/_emulator/state', '/differences']) await emulator.ask('GET', path);
  const calls = await list(emulator);

  assert.deepEqual(calls.map(({ where, method, status }) => [where, method, status]), [['tracking', 'POST', 200],
    ['config', 'GET', 401], ['token', 'POST', 400], ['auth', 'GET', 302]]);
  assert.equal(calls[1].target, '/v1beta/workspaces/acme?a=b%20c&d');
  assert.equal((await list(emulator, '?area=tracking')).length, 1);
  assert.equal((await list(emulator, `?area=${encodeURIComponent('config api')}`)).length, 1);
  assert.equal((await list(emulator, '?limit=2')).length, 2);
  const { request } = await one(emulator, calls[0].number);

  assert.equal(request.request_body, '{"event":"A","userId":"u"}');
  assert.equal(request.response_body, '{"success":true}');
  assert.ok(request.duration_us > 0 && request.at);
  await emulator.control('DELETE', 'requests');
  assert.deepEqual(await list(emulator), []);
  assert.equal((await emulator.ask('GET', '/_emulator/requests/1')).status, 404);
});

test('no credential of an install is kept, neither as sent nor as answered', async (t) => {
  const emulator = await Emulator.start(t);
  const secrets = [emulator.env.CLIENT_SECRET, Buffer.from(`${emulator.env.CLIENT_ID}:${emulator.env.CLIENT_SECRET}`).toString('base64')];
  const browser = new Browser(emulator);
  const consent = await browser.logIn();

  secrets.push(...browser.cookies.values());
  secrets.push(...[...consent.text.matchAll(/name="(?:csrf|consent_challenge)" value="([^"]+)"/g)].map(([, value]) => value));
  await consentTo(emulator);
  const { code } = landing(await authorize(emulator));
  const { access_token: token } = (await redeem(emulator, code)).json;

  secrets.push(code, token);
  await redeem(emulator, code, { client_secret: emulator.env.CLIENT_SECRET }, {});
  await emulator.control('PUT', 'app', { reinstall: 'allow' });
  const fresh = await install(emulator);
  const refreshed = await emulator.ask('GET', `/v1beta/${fresh.install_name}/token`, undefined, basic(emulator));

  secrets.push(fresh.access_token, refreshed.json.access_token);
  const headers = { ...json, Authorization: `Bearer ${refreshed.json.access_token}` };
  const settings = 'workspaces/acme/sources/website/destinations/demo';

  await emulator.ask('POST', '/v1beta/workspaces/acme/sources/website/destinations', { destination: { name: settings,
    connection_mode: 'CLOUD', enabled: true, config: [{ name: `${settings}/config/apiKey`, value: 'the-customers-own-key' }] } }, headers);
  await emulator.ask('GET', '/v1beta/workspaces/acme/sources/website', undefined, headers);
  await emulator.ask('POST', '/v1/batch', { writeKey: 'dev_writekey_ios', batch: [{ type: 'track', event: 'A', userId: 'u' }] }, json);
  await emulator.ask('POST', '/v1/track', { event: 'A', userId: 'u' }, { ...json, Authorization: key('dev_writekey_website') });
  secrets.push('the-customers-own-key', 'dev_writekey_ios', 'dev_writekey_website', key('dev_writekey_website').slice(6));
  const calls = await list(emulator, '?limit=500');

  assert.ok(calls.length >= 12 && secrets.length >= 12);
  for (const { number } of calls)
    for (const text of [JSON.stringify(await one(emulator, number)), await pageOf(emulator, `/requests/${number}`)])
      for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
});

test('a call that differs from the documented one is told so', async (t) => {
  const emulator = await Emulator.start(t);
  const remark = async (answer) => (await answer, (await list(emulator, '?limit=1'))[0].remark);
  const config = (body, headers) => emulator.ask('POST', '/v1beta/workspaces/acme/sources', body, headers);

  assert.equal(await remark(authorize(emulator)), '');
  assert.match(await remark(authorize(emulator, { scope: 'destination/demo ' })),
    /^your call differs from the documented one: `scope` has white space/);
  assert.match(await remark(authorize(emulator, { scopes: 'x' })), /there is no parameter `scopes`/);
  assert.match(await remark(emulator.ask('GET', '//v1beta//workspaces/')), /doubled slashes; the path ends in a slash/);
  assert.equal(await remark(config('{"source":{}}', json)), '');
  assert.match(await remark(config('{"source":{}}')), /there is no Content-Type: application\/json/);
  assert.match(await remark(config("{'source':{}", json)), /the body is not strict JSON \(byte 2: /);
  assert.match(await remark(config('nonsense', json)), /the body is not JSON/);
  assert.match(await remark(emulator.ask('GET', '/v1beta/workspaces', '{}', { 'Content-Length': 2 })), /a GET has no body/);
  assert.match(await remark(redeem(emulator, 'c', {}, { 'Content-Type': 'text/plain' })), /the body is a form/);
});

test('what strangers send is escaped on pages and in JSON', async (t) => {
  const emulator = await Emulator.start(t);
  const evil = '<script>alert("1")</script>\'"&\u0007';
  const path = `/v1/${encodeURIComponent(evil)}?${encodeURIComponent(evil)}=${encodeURIComponent(evil)}`;
  const port = new URL(emulator.url).port;

  await emulator.ask('POST', path, JSON.stringify({ a: evil }), { ...json, 'X-Evil': '<script>alert("h")</script>\'"' });
  await emulator.ask('POST', '/v1/track', evil, { 'Content-Type': '<b>' });
  await emulator.ask('GET', `/oauth2/auth?scope=${encodeURIComponent(evil)}&${encodeURIComponent(evil)}=1`);
  await exchange(port, 'EVIL<b>! /v1/track HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n\x00\xff\x1b[', { timeout: 300 });
  await exchange(port, 'GET /v1beta/%1b%5b31m%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n', { timeout: 300 });
  const calls = await list(emulator);
  const pages = [await pageOf(emulator, '/requests'), await pageOf(emulator, `/requests?area=${encodeURIComponent(evil)}`)];

  assert.ok(calls.length >= 3);
  for (const { number } of calls) pages.push(await pageOf(emulator, `/requests/${number}`));
  for (const page of pages) {
    assert.doesNotMatch(page, /<script>alert|<b>|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    assert.match(page, /<\/html>/);
  }
  assert.equal((await emulator.ask('GET', '/requests/9999')).status, 404);
  assert.equal((await emulator.ask('GET', '/requests/-1')).status, 404);
});

test('bodies are cut, bytes and pages are named, and only the last 500 are kept', async (t) => {
  const emulator = await Emulator.start(t);
  const long = JSON.stringify({ userId: 'u', event: 'x'.repeat(30000) });

  await emulator.ask('POST', '/v1/track', long, json);
  const { request } = await newest(emulator);

  assert.ok(request.request_body.length < 17000);
  assert.ok(request.request_body.endsWith(`… (${long.length} bytes)`));
  await emulator.ask('POST', '/v1/track', Buffer.from([0x1f, 0x8b, 8, 0]), json);
  assert.equal((await newest(emulator)).request.request_body, '(4 bytes, no text)');
  await emulator.ask('GET', '/login?login_challenge=nobody', undefined, { Accept: 'text/html' });
  assert.match((await newest(emulator)).request.response_body, /^\(\d+ bytes of HTML\)$|^\{/);
  for (let i = 0; i < 510; i++) await emulator.ask('GET', '/v1beta/workspaces');
  const calls = await list(emulator, '?limit=1000');

  assert.equal(calls.length, 500);
  assert.equal(calls[0].number - calls[499].number, 499);
});

test('the command repeats the call with the credentials of emulator env', async (t) => {
  const emulator = await Emulator.start(t);
  const body = '{"writeless":"it\'s $HOME `x` \\\\ \\"q\\""}';
  const headers = { ...json, 'X-Odd': 'a\'b$c' };

  if (spawnSync('curl', ['--version']).status !== 0) return t.skip('there is no curl');
  await emulator.ask('POST', '/v1/track?x=%27%3B', body, { ...headers, Authorization: key('dev_writekey_website') });
  const first = await newest(emulator);
  // Away with all of them that might help by chance.
  const ran = spawnSync('sh', ['-c', first.curl.replace('localhost', '127.0.0.1')],
    { env: { PATH: process.env.PATH, ...emulator.env }, encoding: 'utf8' });
  const again = await newest(emulator);

  assert.equal(ran.status, 0, ran.stderr);
  assert.notEqual(again.request.number, first.request.number);
  for (const part of ['method', 'target', 'request_body', 'status']) assert.equal(again.request[part], first.request[part], part);
  const value = (call, name) => call.request.request_headers.find(([header]) => header.toLowerCase() === name)?.[1];

  for (const name of ['x-odd', 'content-type', 'authorization']) assert.equal(value(again, name), value(first, name), name);
  await emulator.ask('GET', '/v1beta/installs/1/token', undefined, basic(emulator));
  assert.match((await newest(emulator)).curl, /-u "\$CLIENT_ID:\$CLIENT_SECRET"/);
  await tryToken(emulator, 'secret-token');
  assert.match((await newest(emulator)).curl, /-H "Authorization: Bearer \$SEGMENT_TOKEN"/);
});

test('a replay asks again: as the app, with a token, or edited', async (t) => {
  const emulator = await Emulator.start(t);
  const { install_name: name, access_token: token } = await install(emulator);
  const path = `/v1beta/${name}/token`;
  const numberOf = (answer) => /^\/requests\/(\d+)$/.exec(answer.headers.location)[1];

  await emulator.ask('GET', path);
  const refused = (await newest(emulator)).request;

  assert.equal(refused.status, 401);
  const asApp = await one(emulator, numberOf(await replay(emulator, refused.number, { method: 'GET', target: path, credential: 'app' })));

  assert.equal(asApp.request.status, 200);
  assert.ok(asApp.request.request_headers.some(([header, value]) => header === 'X-Emulator-Replay' && value === String(refused.number)));
  assert.equal((await tryToken(emulator, token)).status, 401, 'it had its effect: the first token is dead');
  const edited = await one(emulator, numberOf(await replay(emulator, refused.number, { method: 'POST', target: '/v1/track',
    body: '{"event":"Edited","userId":"u"}', headers: 'Content-Type: application/json\r\nX-Mine: 1\r\nHost: evil.example',
    credential: 'write_key', secret: 'dev_writekey_website' })));

  assert.equal(edited.request.status, 200);
  assert.equal(edited.request.request_body, '{"event":"Edited","userId":"u"}');
  assert.ok(edited.request.request_headers.some(([header]) => header.toLowerCase() === 'x-mine'));
  const wrong = await one(emulator, numberOf(await replay(emulator, refused.number, { method: 'GET', target: '/v1beta/workspaces/acme',
    credential: 'bearer', secret: 'nonsense' })));

  assert.equal(wrong.request.status, 401);
  for (const [fields, why] of [[{ method: 'POST', target: '/v1/track', body: '{"writeKey":"••••"}' }, /type it again/],
    [{ method: 'GET', target: 'http://evil.example/' }, /the target is a path/], [{ method: '', target: '/' }, /the method/]]) {
    const answer = await replay(emulator, refused.number, fields);

    assert.equal(answer.status, 400);
    assert.match(answer.text, why);
  }
});

test('a replay stays in its world', async (t) => {
  const emulator = await Emulator.start(t);
  const own = { 'X-Emulator-World': 'own' };

  await emulator.ask('GET', '/v1beta/workspaces', undefined, own);
  const answer = await emulator.ask('POST', '/requests/1', form({ method: 'GET', target: '/v1beta/workspaces' }),
    { ...own, 'Content-Type': 'application/x-www-form-urlencoded' });

  assert.equal(answer.headers.location, '/requests/2');
  assert.deepEqual(await list(emulator), []);
});

test('a replay that a fault hangs on does not keep the emulator from ending', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.ask('GET', '/v1beta/workspaces/acme');
  await emulator.control('POST', 'faults', { where: 'config', what: 'hang' });
  const hung = replay(emulator, 1, { method: 'GET', target: '/v1beta/workspaces/acme' }).catch(() => null);

  for (let n = 1; n < 2; n = (await list(emulator)).length);
  const { code } = await emulator.stop();

  assert.equal(code, 0, emulator.log);
  assert.ok([null, 502, 503].includes((await hung)?.status ?? null));
});

test('the page filters by the roles that there are, and an empty list says what to do', async (t) => {
  const emulator = await Emulator.start(t);

  assert.match(await pageOf(emulator, '/requests'), /Nobody has called yet.*Enable with Segment/s);
  await emulator.ask('GET', '/v1beta/workspaces/acme');
  await emulator.ask('POST', '/v1/track', {});

  const page = await pageOf(emulator, '/requests?area=Config%20API');
  const roles = [...page.matchAll(/<option value="([^"]*)"/g)].map(([, role]) => role);

  assert.deepEqual(roles.slice(0, 2), ['', 'OAuth']);
  for (const role of ['Config API', 'Tracking API', 'Public API']) assert.ok(roles.includes(role), role);
  assert.ok(!roles.includes('Faults') && !roles.includes('Controls'), 'ours are no roles');
  assert.match(page, /<option value="Config API" selected/);
  assert.match(page, /v1beta\/workspaces\/acme/);
  assert.doesNotMatch(page, /v1\/track/);
  assert.match(page, />\d\d:\d\d:\d\d\.\d\d\d<\/time>/, 'a time of day without a zone');
  assert.match(page, /<td class="number">\d+\.\d ms</, 'one decimal');
  assert.match(await pageOf(emulator, '/requests?area=Public%20API'), /No call of Public API is kept.*Show all roles/s);
});

test('one call has Replay, when nothing has to be typed for it, and what is wrong comes back with the form', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.ask('GET', '/v1beta/workspaces/acme');
  assert.match(await pageOf(emulator, '/requests/1'), /value="again">Replay/);
  assert.match(await pageOf(emulator, '/requests/1'), /data-copy="curl" hidden>Copy as curl/);

  const again = await replay(emulator, 1, { do: 'again' });

  assert.equal(again.status, 303);
  assert.match(await pageOf(emulator, again.headers.location), /a replay of <a href="\/requests\/1">1/);
  await tryToken(emulator, 'secret-token');
  assert.doesNotMatch(await pageOf(emulator, '/requests/3'), /value="again"/, 'its token is not kept');

  const refused = await replay(emulator, 3, { method: 'GET', target: '/v1beta/<b>', credential: 'bearer' });

  assert.equal(refused.status, 400);
  assert.match(refused.text, /role="alert">✖ the token or key that was sent then is not kept/);
  assert.match(refused.text, /name="target" value="\/v1beta\/&lt;b&gt;"/);
  await emulator.control('POST', 'faults', { where: 'config', what: 'close', times: 1 });

  const lost = await replay(emulator, 1, { do: 'again' });

  assert.ok([303, 502].includes(lost.status));
});

test('POST /_emulator/requests/{n}/replay asks again, as it was or changed, and answers the new record', async (t) => {
  const emulator = await Emulator.start(t);
  const { install_name: name } = await install(emulator);
  const again = (number, body) => emulator.ask('POST', `/_emulator/requests/${number}/replay`, body);

  await emulator.ask('GET', `/v1beta/${name}/token`, undefined, { ...basic(emulator), 'X-Mine': '1' });

  const first = (await newest(emulator)).request;
  const same = JSON.parse((await again(first.number)).text);

  assert.equal(same.request.status, 200);
  assert.equal(same.request.number, first.number + 1);
  assert.match(same.curl, /^curl -i -X GET/);
  assert.ok(same.request.request_headers.some(([header]) => header === 'X-Mine'));

  const changed = JSON.parse((await again(first.number, { method: 'POST', target: '/v1/track',
    body: '{"event":"E","userId":"u"}', headers: [['Content-Type', 'application/json']], as: 'write_key',
    secret: 'dev_writekey_website' })).text);

  assert.equal(changed.request.status, 200);
  assert.equal(changed.request.target, '/v1/track');
  assert.ok(!changed.request.request_headers.some(([header]) => header === 'X-Mine'));
  assert.match((await again(changed.request.number)).text, /is not kept: give one/);
  for (const [body, why] of [[{ as: 'me' }, /as is app/], [{ headers: [['a']] , method: 1 }, /method is a text/],
    [{ headers: [['', 'b']] }, /headers is a list/], [{ headers: [['A', 'b\nC: d']] }, /headers is a list/],
    [{ target: 'http://evil.example/' }, /target is a path/], ['[]', /must be a JSON object/]]) {
    const answer = await again(first.number, body);

    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(JSON.parse(answer.text).message, why);
  }
  assert.equal((await again(4711)).status, 404);
  await emulator.ask('POST', '/v1/track', JSON.stringify({ userId: 'u', event: 'x'.repeat(30000) }), json);
  assert.match((await again((await newest(emulator)).request.number)).text, /not kept whole/);
});

test('the page Differences has every call of every role', async (t) => {
  const emulator = await Emulator.start(t);
  const page = await pageOf(emulator, '/differences');

  for (const call of ['GET /oauth2/auth', 'POST /oauth2/token', 'GET /v1beta/workspaces', 'POST /v1/track'])
    assert.ok(page.includes(`<code>${call}</code>`), call);
  assert.match(page, /not imitated/);
  assert.match(page, /checked against documents/);
  assert.doesNotMatch(page, /_emulator/, 'ours is not Segment\'s');
});

test('Differences counts what is documented, observed, guessed and not imitated, role by role', async (t) => {
  const emulator = await Emulator.start(t);
  const page = await pageOf(emulator, '/differences');
  const [summary, ...sections] = page.split('<h2 id="').map((part) => part.split('</table>')[0]);
  const counts = new Map([...summary.matchAll(/<th scope="row">(?:<a href="#([^"]*)">)?[^<]*.*?<\/th>(.*?)<\/tr>/gs)]
    .map(([, anchor, row]) => [anchor ?? 'all', [...row.matchAll(/<td class="number">(\d+)/g)].map(([, n]) => +n)]));
  const words = ['checked against documents', 'seen in samples', 'our guess', 'not imitated'];
  const totals = [0, 0, 0, 0];

  assert.ok(counts.has('config-api') && counts.has('tracking-api') && counts.has('public-api'));
  for (const section of sections) {
    const [anchor] = section.split('"');
    const found = words.map((word) => section.split(`>${word}</td>`).length - 1);

    assert.deepEqual(counts.get(anchor), found, anchor);
    found.forEach((n, i) => { totals[i] += n; });
  }
  assert.deepEqual(counts.get('all'), totals);
  assert.equal(counts.size, sections.length + 1, 'each role has its heading');
});
