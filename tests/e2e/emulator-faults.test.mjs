// SPDX-License-Identifier: MIT
// Segment has a bad day: what a fault does to an answer or a delivery, and how it ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { exchange, request, statusOf } from './lib/http.mjs';
import { authorize, basic, consentTo, form, install, landing, redeem, tryToken } from './lib/oauth.mjs';
import { cleanEnvironment, program } from './lib/program.mjs';
import { Customer, demo } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const add = (emulator, fault) => emulator.control('POST', 'faults', fault);
const list = async (emulator) => (await emulator.control('GET', 'faults')).faults;
const config = (emulator) => emulator.ask('GET', '/v1beta/workspaces/acme');
const newest = async (emulator) => (await emulator.control('GET', 'requests?limit=1')).requests[0];
// A request whose answer is read as bytes: broken ones, too.
const raw = (emulator, path = '/v1beta/workspaces/acme', options = {}) =>
  exchange(new URL(emulator.url).port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, options);

/* --- answers ------------------------------------------------------------------------ */

test('a fault answers in its role\'s words, is marked, and ends by its count', async (t) => {
  const emulator = await Emulator.start(t);
  const { id } = await add(emulator, { where: 'config', what: 'status', times: 2 });

  for (let i = 0; i < 2; i++) {
    const answer = await config(emulator);

    assert.equal(answer.status, 503);
    assert.equal(answer.text, '{\n "error": "temporarily unavailable",\n "code": 14\n}');
    assert.equal(answer.headers['x-emulator-fault'], `f${id}`);
    assert.equal((await newest(emulator)).fault, `f${id}`, 'and in the inspector');
  }
  assert.deepEqual(await list(emulator), []);
  assert.equal((await emulator.control('GET', 'state')).faults, 0);
  const after = await config(emulator);

  assert.equal(after.status, 401);
  assert.equal(after.headers['x-emulator-fault'], undefined);
});

test('each role has its own words for the same status', async (t) => {
  const emulator = await Emulator.start(t);
  const ask = {
    auth: () => authorize(emulator),
    token: () => redeem(emulator, 'code'),
    refresh: () => emulator.ask('GET', '/v1beta/installs/7/token'),
    config: () => config(emulator),
    tracking: () => emulator.ask('POST', '/v1/track', {}),
  };
  const members = {
    auth: 'error,error_description,error_hint,status_code', token: 'error,error_description,error_hint,status_code',
    refresh: 'error,code', config: 'error,code', tracking: 'success,code,message,error',
  };

  for (const where of Object.keys(ask)) {
    await emulator.control('PUT', 'faults', { faults: [{ where, what: 'status', status: 500 }] });
    for (const other of Object.keys(ask)) {
      const answer = await ask[other]();

      if (other !== where) {
        assert.equal(answer.headers['x-emulator-fault'], undefined, `${where} is not ${other}`);
        continue;
      }
      assert.equal(answer.status, 500, where);
      assert.equal(Object.keys(answer.json).join(), members[where]);
    }
  }
});

test('a fault says what its maker wants said, only to the calls it names', async (t) => {
  const emulator = await Emulator.start(t);

  await add(emulator, { where: 'config', what: 'status', status: 418, body: { a: [1] }, method: 'POST', path: '/destinations' });
  await add(emulator, { where: 'config', what: 'status', status: 502, body: 'Bad "Gateway"', path: '/sources' });
  assert.equal((await config(emulator)).status, 401);
  assert.equal((await emulator.ask('GET', '/v1beta/workspaces/acme/sources/x/destinations')).text, 'Bad "Gateway"');
  assert.equal((await emulator.ask('POST', '/v1beta/workspaces/acme/sources/x/destinations')).text, '{"a":[1]}');
});

test('a fault ends when the world\'s clock says so', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.control('POST', 'clock', { frozen: true });
  await add(emulator, { where: 'config', what: 'status', for: '20s' });
  await emulator.control('POST', 'clock', { advance: 19999 });
  assert.equal((await config(emulator)).status, 503);
  await emulator.control('POST', 'clock', { advance: 1 });
  assert.equal((await config(emulator)).status, 401);
  assert.deepEqual(await list(emulator), []);
});

test('a forgotten fault ends by itself', async (t) => {
  const emulator = await Emulator.start(t);

  await add(emulator, { where: 'config', what: 'status' });
  await emulator.control('POST', 'clock', { advance: '10m' });
  assert.equal((await config(emulator)).status, 401);
});

test('30 % are drawn the same for the same seed, and are about 30 %', async (t) => {
  const emulator = await Emulator.start(t);
  const draw = async () => {
    const drawn = [];

    await emulator.control('POST', 'reset');
    await add(emulator, { where: 'config', what: 'status', percent: 30 });
    for (let i = 0; i < 100; i++) drawn.push((await config(emulator)).status === 503);
    return drawn;
  };
  const first = await draw();
  const hits = first.filter(Boolean).length;

  assert.deepEqual(await draw(), first);
  assert.ok(hits > 15 && hits < 45, `${hits} of 100`);
});

test('a delay holds one answer and nobody else\'s', async (t) => {
  const emulator = await Emulator.start(t);
  const began = Date.now();

  await add(emulator, { where: 'config', what: 'delay', delay_ms: [300, 400], path: '/workspaces', times: 1 });
  const late = config(emulator).then((answer) => ({ ...answer, took: Date.now() - began }));
  const other = await emulator.ask('GET', '/v1beta/catalog/destinations');

  assert.equal(other.headers['x-emulator-fault'], undefined);
  assert.ok(Date.now() - began < 300);
  const { status, took, headers } = await late;

  assert.equal(status, 401, 'the answer is its own');
  assert.ok(took >= 300, `${took} ms`);
  assert.equal(headers['x-emulator-fault'], 'f1');
});

test('a status can come late', async (t) => {
  const emulator = await Emulator.start(t);
  const began = Date.now();

  await add(emulator, { where: 'config', what: 'status', status: 504, delay_ms: 200, times: 1 });
  assert.equal((await config(emulator)).status, 504);
  assert.ok(Date.now() - began >= 200);
});

test('a call that hangs gets no answer, is in the inspector, and does not keep the emulator from ending', async (t) => {
  const emulator = await Emulator.start(t);

  await add(emulator, { where: 'config', what: 'hang', times: 1 });
  assert.equal(await raw(emulator, undefined, { timeout: 300 }), '');
  const call = await newest(emulator);

  assert.equal(call.status, 0);
  assert.equal(call.fault, 'f1');
  assert.equal((await config(emulator)).status, 401);
  const { code } = await emulator.stop();

  assert.equal(code, 0, emulator.log);
});

test('what is wrong with an answer can be seen in its bytes', async (t) => {
  const emulator = await Emulator.start(t);
  const once = async (what, members = {}) => {
    await add(emulator, { where: 'config', what, times: 1, ...members });
    return raw(emulator, '/v1beta/workspaces/acme', { timeout: 500 });
  };
  const split = (text) => {
    const at = text.indexOf('\r\n\r\n');

    return { head: text.slice(0, at), body: text.slice(at + 4) };
  };
  const length = (head) => Number(/^Content-Length: (\d+)/m.exec(head)[1]);
  const whole = split(await raw(emulator, undefined, { timeout: 500 }));

  assert.equal(length(whole.head), whole.body.length);
  assert.equal(await once('close'), '', 'closed before the head');
  assert.equal((await newest(emulator)).status, 0);
  const headOnly = split(await once('cut', { after_bytes: 0 }));

  assert.equal(headOnly.body, '', 'closed after the head');
  assert.equal(length(headOnly.head), whole.body.length);
  const half = split(await once('cut'));

  assert.equal(half.body, whole.body.slice(0, whole.body.length / 2));
  assert.match(half.head, /^X-Emulator-Fault: f3/m);
  const short = split(await once('content_length'));

  assert.equal(short.body, whole.body);
  assert.equal(length(short.head), Math.floor(whole.body.length / 2));
  assert.match(split(await once('content_type')).head, /^Content-Type: text\/html/m);
  const bad = split(await once('bad_json'));

  assert.equal(length(bad.head), bad.body.length, 'the message is whole');
  assert.throws(() => JSON.parse(bad.body));
  const loop = await once('redirect_loop');

  assert.equal(statusOf(loop), 302);
  assert.match(loop, /^Location: \/v1beta\/workspaces\/acme\r$/m);
});

/* --- tokens, codes, states ---------------------------------------------------------- */

test('scenario token-expires-mid-install: the token is dead until the app gets a new one', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: token, install_name: name } = await install(emulator);

  const { expect, faults } = await emulator.control('POST', 'scenarios/token-expires-mid-install');

  assert.match(expect, /asks for a new token once/);
  assert.equal(faults.length, 1);
  const first = await tryToken(emulator, token);

  assert.equal(first.status, 401);
  assert.equal(first.json.error, 'malformed token');
  assert.equal(first.headers['x-emulator-fault'], 'f1');
  const second = await tryToken(emulator, token);

  assert.equal(second.status, 401, 'trying again does not help');
  assert.equal(second.headers['x-emulator-fault'], undefined, 'it is as dead as any expired one');
  const fresh = await emulator.ask('GET', `/v1beta/${name}/token`, undefined, basic(emulator));

  assert.equal((await tryToken(emulator, fresh.json.access_token)).status, 200);
});

test('a token is revoked, or of the wrong scope, as long as the fault is on', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: token } = await install(emulator);

  await add(emulator, { where: 'config', what: 'token_revoked', times: 1 });
  assert.equal((await tryToken(emulator, token)).status, 401);
  await add(emulator, { where: 'config', what: 'token_scope', times: 1 });
  const answer = await emulator.ask('GET', '/v1beta/workspaces/acme/sources/website/destinations', undefined,
    { Authorization: `Bearer ${token}` });

  assert.equal(answer.status, 403);
  assert.deepEqual(answer.json, { error: 'insufficient scope', code: 7 });
  assert.equal((await tryToken(emulator, token)).status, 200);
});

test('a code counts as used, and a state comes back changed', async (t) => {
  const emulator = await Emulator.start(t);

  await consentTo(emulator);
  await add(emulator, { where: 'auth', what: 'state_changed', times: 1 });
  const changed = await authorize(emulator);

  assert.notEqual(landing(changed).state, 'a-state-of-12');
  assert.equal(changed.headers['x-emulator-fault'], 'f1');
  const { code, state } = landing(await authorize(emulator));

  assert.equal(state, 'a-state-of-12');
  await add(emulator, { where: 'token', what: 'code_used', times: 1 });
  const refused = await redeem(emulator, code);

  assert.equal(refused.status, 400);
  assert.equal(refused.json.error, 'invalid_grant');
});

test('case 76: the state comes back changed, and nobody has asked for a token then', async (t) => {
  const emulator = await Emulator.start(t);

  await consentTo(emulator);
  await add(emulator, { where: 'auth', what: 'state_changed', times: 1 });
  const landed = landing(await authorize(emulator, { state: 'mine-alone-12' }));

  assert.notEqual(landed.state, 'mine-alone-12');
  assert.ok(landed.code);
  assert.equal((await emulator.control('GET', 'state')).installs, 0, 'an unredeemed code installs nothing');
});

test('case 85: creating a destination fails with another 500 than the one that means it exists', async (t) => {
  const emulator = await Emulator.start(t);
  const token = await install(emulator);
  const name = 'workspaces/acme/sources/website';
  const create = () => emulator.ask('POST', `/v1beta/${name}/destinations`,
    { destination: { name: `${name}/destinations/demo`, enabled: false } }, { Authorization: `Bearer ${token.access_token}` });

  await add(emulator, { where: 'config', method: 'POST', path: '/destinations', what: 'status', status: 500, times: 1 });
  const failed = await create();

  assert.equal(failed.status, 500);
  assert.equal(failed.json.code, 13);
  assert.doesNotMatch(failed.json.error, /already exists/);
  assert.equal((await create()).status, 200, 'nothing had been made');
});

test('scenario rate-limit: 429, code 8, Retry-After', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: token } = await install(emulator);

  await emulator.control('POST', 'scenarios/rate-limit');
  for (let i = 0; i < 20; i++) {
    const answer = await tryToken(emulator, token);

    assert.equal(answer.status, 429);
    assert.deepEqual(answer.json, { error: 'rate limit exceeded', code: 8 });
    assert.equal(answer.headers['retry-after'], '1');
  }
  assert.equal((await tryToken(emulator, token)).status, 200);
  await add(emulator, { where: 'tracking', what: 'rate_limit', times: 1 });
  const tracked = await emulator.ask('POST', '/v1/track', {});

  assert.equal(tracked.status, 429);
  assert.equal(tracked.json.code, 'too_many_requests');
  assert.ok(tracked.headers['retry-after'] && tracked.headers['x-ratelimit-reset']);
});

test('the Public API has bad days, too, in its own words', async (t) => {
  const emulator = await Emulator.start(t);
  const ask = () => request(`${emulator.publicUrl}/sources`,
    { headers: { Authorization: `Bearer ${emulator.env.SEGMENT_PUBLIC_API_TOKEN}` } });

  for (const [fault, status] of [[{ what: 'rate_limit' }, 429], [{ what: 'token_revoked' }, 401], [{ what: 'status', status: 502 }, 502]]) {
    await add(emulator, { where: 'public', times: 1, ...fault });
    const answer = await ask();

    assert.equal(answer.status, status);
    assert.match(answer.json.errors[0].type, /^[a-z]+(-[a-z]+)*$/, 'a word, not a sentence');
    assert.equal(answer.json.errors[0].status, String(status));
    assert.match(answer.headers['x-emulator-fault'], /^f\d$/);
    assert.equal((await ask()).status, 200);
  }
  assert.equal((await newest(emulator)).where, 'public');
});

test('six scenarios have a story; each plays twice without doubling itself', async (t) => {
  const emulator = await Emulator.start(t);
  const { scenarios } = await emulator.control('GET', 'scenarios');

  assert.equal(scenarios.length, 6);
  for (const { name, expect, faults } of scenarios) {
    assert.ok(expect.length > 50, name);
    await emulator.control('DELETE', 'faults');
    await emulator.control('POST', `scenarios/${name}`);
    await emulator.control('POST', `scenarios/${name}`);
    assert.equal((await list(emulator)).length, faults.length, name);
  }
  assert.equal((await emulator.ask('POST', '/_emulator/scenarios/doomsday')).status, 404);
});

test('scenario clock-off moves the clock by ten minutes', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.control('POST', 'clock', { frozen: true });
  const before = Date.parse((await emulator.control('GET', 'clock')).now);

  await emulator.control('POST', 'scenarios/clock-off');
  assert.equal(Date.parse((await emulator.control('GET', 'clock')).now) - before, 600000);
});

/* --- deliveries --------------------------------------------------------------------- */

async function connected(t) {
  const customer = await Customer.connected(t);

  customer.fault = (fault) => add(customer.emulator, { where: 'sink', ...fault });
  customer.arrived = (n) => until(`${n} arrived`, () => customer.partner.requests.length >= n);
  return customer;
}

test('a delivery comes twice, with the same messageId', async (t) => {
  const customer = await connected(t);

  await customer.fault({ what: 'duplicate', path: demo, times: 1 });
  await customer.track();
  await customer.arrived(2);
  const [one, two] = customer.got;

  assert.deepEqual(one, two);
  await customer.track({ event: 'Second' });
  await customer.arrived(3);
  await customer.fault({ what: 'duplicate' });
  await customer.track({ event: 'Third' });
  await customer.idle();
  assert.equal(customer.partner.requests.length, 5, 'a copy is not copied');
});

test('deliveries change their order', async (t) => {
  const customer = await connected(t);

  await customer.fault({ what: 'reorder', times: 1 });
  await customer.track({ event: 'First' });
  await customer.track({ event: 'Second' });
  await customer.arrived(1);
  assert.equal(customer.got[0].event, 'Second');
  await customer.advance('2s');
  await customer.arrived(2);
  assert.equal(customer.got[1].event, 'First');
});

test('a delivery is a hundred events, too large, or spelled oddly', async (t) => {
  const customer = await connected(t);

  await customer.fault({ what: 'batch', times: 1 });
  await customer.track();
  await customer.arrived(1);
  assert.equal(customer.got[0].length, 100);
  assert.equal(new Set(customer.got[0].map(({ messageId }) => messageId)).size, 100);
  await customer.fault({ what: 'large', times: 1 });
  await customer.track();
  await customer.arrived(2);
  assert.equal(customer.partner.requests[1].body.length, 512 * 1024 + 1);
  assert.equal(customer.got[1].event, 'Signed Up');
  await customer.fault({ what: 'letter_case', times: 1 });
  await customer.track({ properties: { userId: 'stays' } });
  await customer.arrived(3);
  assert.equal(customer.got[2].User_ID, 'u1');
  assert.equal(customer.got[2].userId, undefined);
  assert.deepEqual(customer.got[2].Properties, { userId: 'stays' });
});

test('scenario our-receiver-restarts: nothing is sent for a while, and in the end it arrives once', async (t) => {
  const customer = await connected(t);

  await customer.emulator.control('POST', 'clock', { frozen: true });
  await customer.emulator.control('POST', 'scenarios/our-receiver-restarts');
  await customer.track();
  const { attempts } = await customer.waits(1);

  assert.equal(attempts[0].code, 'ECONNRESET');
  assert.match(attempts[0].message, /fault f1: nothing was sent/);
  assert.equal(customer.partner.requests.length, 0);
  await customer.advance('60s');
  await customer.arrived(1);
  await customer.ends('delivered');
});

test('the receiver seems to answer 503, and 400 ends it', async (t) => {
  const customer = await connected(t);

  await customer.fault({ what: 'status', status: 503, times: 1 });
  await customer.track();
  assert.equal((await customer.waits(1)).attempts[0].code, '503');
  await customer.fault({ what: 'status', status: 400, times: 1 });
  await customer.track();
  await until('the other one is discarded', async () =>
    (await customer.deliveries()).some(({ state }) => state === 'discarded'));
  assert.equal(customer.partner.requests.length, 0);
});

/* --- controls and page -------------------------------------------------------------- */

test('PUT sets a fault once, POST adds, one can be changed and removed', async (t) => {
  const emulator = await Emulator.start(t);
  const fault = { where: 'sink', what: 'status', status: 503, for: '20s' };

  assert.equal((await emulator.control('PUT', 'faults', fault)).id, 1);
  assert.equal((await emulator.control('PUT', 'faults', { ...fault, status: 500 })).id, 1);
  assert.equal((await add(emulator, fault)).id, 2);
  assert.deepEqual((await list(emulator)).map(({ id, status }) => [id, status]), [[1, 500], [2, 503]]);
  await emulator.control('PUT', 'faults/2', { where: 'config', what: 'hang', times: 1 });
  assert.equal((await emulator.control('GET', 'faults/2')).where, 'config');
  await emulator.control('DELETE', 'faults/1');
  assert.equal((await list(emulator)).length, 1);
  await emulator.control('DELETE', 'faults');
  assert.equal((await add(emulator, fault)).id, 3, 'numbers are not used again');
  for (const method of ['GET', 'DELETE'])
    assert.equal((await emulator.ask(method, '/_emulator/faults/2')).status, 404);
  assert.equal((await emulator.ask('PUT', '/_emulator/faults/99', fault)).status, 404);
});

test('what makes no sense is refused in words, and a list is taken whole or not', async (t) => {
  const emulator = await Emulator.start(t);
  const good = { where: 'config', what: 'status', times: 1 };

  await add(emulator, good);
  for (const [bad, why] of [[{ ...good, percentage: 5 }, /no member.*percentage/], [{ ...good, where: 'x' }, /where is/],
    [{ ...good, status: 99 }, /status is a whole number/], [{ where: 'config', what: 'duplicate' }, /nothing that happens/]]) {
    const answer = await emulator.ask('POST', '/_emulator/faults', bad);

    assert.equal(answer.status, 400);
    assert.match(answer.json.message, why);
    const whole = await emulator.ask('PUT', '/_emulator/faults', { faults: [good, good, bad] });

    assert.equal(whole.status, 400);
    assert.match(whole.json.message, /^fault 3: /);
    assert.equal((await list(emulator)).length, 1, 'what was on stays');
  }
  const many = { faults: Array.from({ length: 101 }, () => good) };

  assert.equal((await emulator.ask('PUT', '/_emulator/faults', many)).status, 400);
});

const formHeaders = { 'Content-Type': 'application/x-www-form-urlencoded' };
const post = (emulator, fields) => emulator.ask('POST', '/faults', form(fields), formHeaders);

test('the page adds, plays and removes, and the bar says so', async (t) => {
  const emulator = await Emulator.start(t);
  const added = await post(emulator, {
    do: 'add', where: 'config', what: 'status', status: '503', body: '', delay_ms: '2-6', percent: '50', for: '20s',
    times: '3', method: 'POST', path: '/dest',
  });

  assert.equal(added.status, 303);
  const [fault] = await list(emulator);

  assert.deepEqual(fault, { ...fault, where: 'config', method: 'POST', path: '/dest', status: 503, delay_ms: [2, 6], percent: 50, times: 3 });
  assert.match((await emulator.ask('GET', '/faults')).text, /is-faulty[\s\S]*● 1 active[\s\S]*next 3/);
  await post(emulator, { do: 'play', scenario: 'our-receiver-restarts' });
  assert.equal((await list(emulator)).length, 2);
  await post(emulator, { do: 'remove', id: '1' });
  assert.equal((await list(emulator)).length, 1);
  await post(emulator, { do: 'clear' });
  assert.deepEqual(await list(emulator), []);
  assert.doesNotMatch((await emulator.ask('GET', '/')).text, /is-faulty/);
});

test('a form that makes no sense comes back with its words, escaped', async (t) => {
  const emulator = await Emulator.start(t);
  const evil = '"><script>alert(1)</script>\u0001';
  const answer = await post(emulator, { do: 'add', where: 'sink', what: 'hang', percent: evil, path: evil });

  assert.equal(answer.status, 400);
  assert.match(answer.text, /percent is a whole number/);
  assert.doesNotMatch(answer.text, /<script>alert|\u0001/);
  assert.match(answer.text, /&lt;script&gt;/);
  await add(emulator, { where: 'config', what: 'hang', path: evil, method: '<b>' });
  const page = (await emulator.ask('GET', '/faults')).text;

  assert.doesNotMatch(page, /<script>alert|\u0001|<b>/);
});

test('a page of another site cannot switch faults on', async (t) => {
  const emulator = await Emulator.start(t);

  for (const path of ['/faults', '/_emulator/faults', '/_emulator/scenarios/rate-limit', '/requests'])
    assert.equal((await emulator.ask('POST', path, '{}', { Origin: 'http://evil.example' })).status, 403, path);
});

// What the page shows in an element, as a person would copy it.
function copied(html, id) {
  return new RegExp(`id="${id}">([^<]*)<`).exec(html)[1].replace(/&quot;/g, '"').replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

// A command with --json, run by a shell against this emulator.
function shell(emulator, command) {
  const env = cleanEnvironment({
    PARTNERAPP_EMULATOR_URL: emulator.url, PATH: `${path.dirname(program)}:${process.env.PATH}`,
  });

  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', `${command} --json`], { env });
    let [stdout, stderr] = ['', ''];

    child.stdout.on('data', (text) => { stdout += text; });
    child.stderr.on('data', (text) => { stderr += text; });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('the command that the page shows for a fault sets the same one, of every kind', async (t) => {
  const emulator = await Emulator.start(t);
  const page = (await emulator.ask('GET', '/faults')).text;
  const kinds = [...page.split('name="what"')[1].split('</select>')[0]
    .matchAll(/<option value="([^"]+)"[^>]*>([^<]*)</g)].map(([, what, text]) => [what, text.split(' · ')[1] ?? 'config']);
  const odd = 'it\'s "a" $PATH\\ -x';
  const faults = kinds.map(([what, where]) => (what === 'delay' ? { where, what, delay_ms: 1500 } : { where, what }));

  assert.equal(copied(page, 'command'), 'partnerapp emulator fault set sink --status 503 --for 20s');
  assert.equal(kinds.length, 20);
  faults.push(
    { where: 'config', what: 'status', status: 500, code: 13, body: { a: [1, odd] }, percent: 30, times: 3, method: 'POST', path: odd },
    { where: 'token', what: 'status', status: 429, body: odd, delay_ms: [2000, 6000], for: '90m' },
    { where: 'auth', what: 'cut', after_bytes: 10, times: 1 }, { where: 'sink', what: 'status', status: 400, path: '-for' },
    { where: 'public', what: 'delay', delay_ms: [1, 60000], times: 2 });
  await emulator.control('POST', 'clock', { frozen: true });
  for (const fault of faults) {
    await emulator.control('DELETE', 'faults');
    const { id, ...wanted } = await add(emulator, fault);
    const command = copied((await emulator.ask('GET', '/faults')).text, `command-${id}`);
    const { code, stdout, stderr } = await shell(emulator, command);

    assert.equal(code, 0, `${command}\n${stderr}`);

    const { id: other, ...got } = JSON.parse(stdout);

    assert.notEqual(other, id);
    assert.deepEqual(got, wanted, command);
  }
});

test('Edit fills the form with the fault as it is now, and Change replaces it under its number', async (t) => {
  const emulator = await Emulator.start(t);
  const { id } = await add(emulator, { where: 'config', what: 'status', status: 500, code: 13, body: { a: 1 }, times: 3, for: '1h', delay_ms: [2, 6] });

  await config(emulator);

  const page = (await emulator.ask('GET', `/faults?edit=${id}`)).text;
  const value = (name) => new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(page)[1];

  assert.match(page, /<h2>Change f1<\/h2>/);
  assert.match(page, /<option value="config" selected>/);
  assert.deepEqual(['status', 'code', 'body', 'delay_ms', 'percent', 'times'].map(value), ['500', '13', '{&quot;a&quot;:1}', '2-6', '100', '2']);
  assert.match(value('for'), /^(1h|3\d\d\ds|59m)$/);

  const changed = await post(emulator, { do: 'change', id, where: 'config', what: 'hang', percent: '50', times: '7' });

  assert.equal(changed.status, 303);
  assert.deepEqual(await list(emulator), [{ id, where: 'config', what: 'hang', percent: 50, times: 7, fired: 0 }]);

  const refused = await post(emulator, { do: 'change', id, where: 'config', what: 'duplicate' });

  assert.equal(refused.status, 400);
  assert.match(refused.text, /nothing that happens to config[\s\S]*<h2>Change f1/, 'and it is still that one which is changed');
  assert.match(refused.text, /<option value="duplicate" selected>/);
  assert.equal((await list(emulator))[0].what, 'hang');
  await emulator.control('DELETE', 'faults');
  for (const answer of [await post(emulator, { do: 'change', id, where: 'sink', what: 'hang' }), await emulator.ask('GET', `/faults?edit=${id}`)])
    assert.match(answer.text, /That fault has ended\. Add it again below\.[\s\S]*<h2>New/);
  assert.deepEqual(await list(emulator), []);
});
