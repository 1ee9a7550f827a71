// SPDX-License-Identifier: MIT
// Who may come into the console: users with passwords, sessions, roles; and what is
// written down of what they did (ux §3.7, reliability CO-1, CO-3, CO-4, CO-9).

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { request } from './lib/http.mjs';
import { Person, pathOf, setupLink } from './lib/person.mjs';
import { Service, track } from './lib/service.mjs';
import { until } from './lib/wait.mjs';

const password = 'correct horse battery';
let service;
let ada; // the first user
const later = [];

before(async () => {
  service = await Service.start({ after: (fn) => later.push(fn) }, {
    config: { subscriptions: [{ name: 'default', auth: 'none' }] },
  });
});
after(async () => {
  for (const fn of later) await fn();
});

function token(method, target, role = 'admin', body) {
  const headers = { Authorization: `Bearer ${role === 'admin' ? service.token() : role}`, 'Content-Type': 'application/json' };

  return request(`${service.admin}/api/v1${target}`, { method, headers, body });
}

// A new user with a password, signed in.
async function join(name, role, secret = password) {
  const { status, json } = await token('POST', '/users', 'admin', { name, role });

  assert.equal(status, 201, JSON.stringify(json));
  const person = new Person(service);
  const answer = await person.fill(pathOf(json.invitation.url), { password: secret });

  assert.equal(answer.status, 303, answer.text);
  person.id = json.id;
  person.name = name;
  return person;
}

test('without a session a page leads to the login and back, the API says 401 and where the login is', async () => {
  const nobody = new Person(service);
  const page = await nobody.send('/events?q=is%3Adead&x=%2F%2Fa');

  assert.equal(page.status, 303);
  const { searchParams, pathname } = new URL(page.headers.location, service.admin);

  assert.equal(pathname, '/login');
  assert.equal(searchParams.get('next'), '/events?q=is%3Adead&x=%2F%2Fa');
  const api = await nobody.send('/api/v1/status');

  assert.equal(api.status, 401);
  assert.equal(api.json.code, 'PA3021');
  assert.equal(api.json.login, '/login');
  assert.equal((await nobody.send('/assets/x/y')).status, 404, 'assets hold no data');
});

test('the setup link makes the first user once, whoever is first', async () => {
  const link = setupLink(service.log);
  const codes = { right: link.pathname + link.search, wrong: '/setup?code=00000000000000000000000000000000' };
  const stranger = new Person(service);

  assert.equal((await stranger.send(codes.wrong)).status, 410);
  assert.equal((await stranger.send('/setup')).status, 410);
  const shown = await stranger.send(codes.right);

  assert.equal(shown.status, 200);
  assert.match(shown.headers['content-security-policy'], /default-src 'none'/);
  assert.doesNotMatch(shown.text, /<script/);
  for (const [fields, why] of [
    [{ name: 'ada', password: 'short' }, /at least 12 characters/],
    [{ name: 'ada lovelace', password }, /letters and digits/],
    [{ name: 'ada@example.com', password: 'ADA@example.com' }, /not the user&#39;s name|not the user's name/],
  ]) {
    const { status, text } = await stranger.fill(codes.right, fields);

    assert.equal(status, 400);
    assert.match(text, why);
    assert.doesNotMatch(text, /value="(short|correct horse|ADA@)/, 'a password is never shown again');
  }
  const two = [new Person(service), new Person(service)];
  const answers = await Promise.all(two.map((one, i) => one.fill(codes.right, { name: `ada${i}`, password })));
  const statuses = answers.map(({ status }) => status).sort();

  assert.deepEqual(statuses, [303, 410], 'one of two who use it at once');
  const won = answers.findIndex(({ status }) => status === 303);

  ada = two[won];
  ada.name = `ada${won}`;
  assert.equal((await stranger.send(codes.right)).status, 410, 'and never again');
  const me = (await ada.api('/me')).json;

  assert.deepEqual({ ...me, expires_at: null }, { kind: 'user', name: ada.name, role: 'admin', expires_at: null });
  assert.ok(Date.parse(me.expires_at) - Date.now() > 11.9 * 3600 * 1000);
  ada.id = (await ada.api('/users')).json.data[0].id;
});

test('the cookie is for this host alone, no script reads it, and it is new at each login', async () => {
  const one = new Person(service);

  one.cookies.set('pa_console', 'a'.repeat(32)); // planted: session fixation
  const { status, headers } = await one.login(ada.name, password, '/dead');

  assert.equal(status, 303);
  assert.equal(headers.location, '/dead');
  const line = headers['set-cookie'].find((text) => text.startsWith('pa_console='));

  assert.match(line, /; Path=\/; HttpOnly; SameSite=Strict$/);
  const first = one.cookies.get('pa_console');

  assert.notEqual(first, 'a'.repeat(32));
  const second = (await (async () => {
    await one.submit('/logout', {});
    return one.login(ada.name.toUpperCase(), password);
  })(), one.cookies.get('pa_console'));

  assert.notEqual(first, second);
  one.cookies.set('pa_console', first);
  assert.equal((await one.api('/me')).status, 401, 'the old one is void');
  one.cookies.set('pa_console', second);
  assert.equal((await one.api('/me')).status, 200, 'a name has no case');
  assert.equal((await one.send('/')).status, 200);
  assert.equal((await one.send('/login')).status, 303, 'who is in needs no login');
  const overTls = new Person(service);

  overTls.origin = service.admin.replace('http:', 'https:');
  const secure = await overTls.login(ada.name, password);

  assert.ok(secure.headers['set-cookie'].every((text) => text.endsWith('; Secure')));
});

test('a login leads nowhere but to a page of ours', async () => {
  const one = new Person(service);

  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'evil', '', '/\tx', '/ä',
    `/${'x'.repeat(2000)}`, '/x\r\nSet-Cookie: a=b']) {
    const { status, headers } = await one.login(ada.name, password, next);

    assert.equal(status, 303);
    assert.equal(headers.location, '/', next);
    await one.submit('/logout', {});
  }
});

test('a wrong name and a wrong password are told the same, and no session begins', async () => {
  const texts = [];

  for (const [name, secret] of [[ada.name, 'wrong password'], ['nobody-here', 'wrong password'], ['', '']]) {
    const one = new Person(service);
    const { status, text } = await one.login(name, secret);

    assert.equal(status, 403);
    assert.equal(one.cookies.has('pa_console'), false);
    texts.push(text.replace(/value="[^"]*"/g, ''));
  }
  assert.equal(texts[0], texts[1]);
  assert.equal(texts[0], texts[2]);
});

test('a form that another site posts signs nobody in', async () => {
  const one = new Person(service);
  const fields = { name: ada.name, password };

  await one.send('/login');
  assert.equal((await one.submit('/login', fields)).status, 403, 'no token');
  assert.equal((await one.submit('/login', { ...fields, token: '0'.repeat(32) })).status, 403, 'a wrong one');
  const other = new Person(service);
  const theirs = /name="token" value="([^"]+)"/.exec((await other.send('/login')).text)[1];

  assert.equal((await one.submit('/login', { ...fields, token: theirs })).status, 403, 'another browser’s');
  for (const headers of [{ Origin: 'http://evil.example' }, { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' }, { Origin: undefined, 'Sec-Fetch-Site': 'same-site' }]) {
    const answer = await one.fill('/login', fields, headers);

    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.equal(answer.json?.code, 'PA3023');
  }
  assert.equal((await one.submit('/login', fields, { 'Content-Type': 'text/plain' })).status, 403);
  assert.equal(one.cookies.has('pa_console'), false);
});

test('a call with a cookie that changes something comes from our own page, as JSON', async () => {
  const create = (headers) => ada.send('/api/v1/keys', { method: 'POST', body: '{"name":"x"}', headers });
  const json = { 'Content-Type': 'application/json' };
  const origin = { Origin: service.admin };

  for (const [headers, why] of [
    [{ ...json }, 'says nothing of its origin'],
    [{ ...json, Origin: 'http://evil.example' }, 'another origin'],
    [{ ...json, Origin: `http://127.0.0.1:${service.port}` }, 'another port of this host'],
    [{ ...json, Origin: 'null' }, 'a frame in a sandbox'],
    [{ ...json, ...origin, 'Sec-Fetch-Site': 'cross-site' }, 'the browser knows better'],
    [{ ...origin, 'Content-Type': 'text/plain' }, 'what a form can send'],
    [{ ...origin }, 'no type'],
  ]) {
    const answer = await create(headers);

    assert.equal(answer.status, 403, why);
    assert.equal(answer.json.code, 'PA3023', why);
  }
  assert.equal((await create({ ...json, ...origin })).status, 201);
  assert.equal((await create({ ...json, 'Sec-Fetch-Site': 'same-origin' })).status, 201);
  assert.equal((await ada.send('/api/v1/status', { headers: { 'Sec-Fetch-Site': 'same-site' } })).status, 403,
    'a page of another port reads nothing');
  assert.equal((await ada.send('/logout', { method: 'POST', headers: { Origin: 'http://evil.example' } })).status, 403);
  assert.equal((await ada.api('/me')).status, 200, 'and signs nobody out');
});

test('cookies that are strange open nothing and break nothing', async () => {
  const good = ada.cookies.get('pa_console');
  const send = (Cookie) => request(`${service.admin}/api/v1/me`, { headers: { Cookie } });

  for (const cookie of ['pa_console=', `pa_console=${'x'.repeat(4096)}`, `pa_console=${good}; pa_console=other`,
    `pa_console=other; pa_console=${good}`, `PA_CONSOLE=${good}`, `pa_console="${good}"`, `pa_console=${good}x`,
    '; ; =;;', `x=pa_console=${good}`])
    assert.equal((await send(cookie)).status, 401, cookie.slice(0, 60));
  assert.equal((await send(`a=b; pa_console=${good}; c=d`)).status, 200);
  const both = await request(`${service.admin}/api/v1/me`,
    { headers: { Cookie: `pa_console=${good}`, Authorization: 'Bearer pat_wrong' } });

  assert.equal(both.status, 401, 'a token that is sent counts');
});

test('a form of a megabyte is not read', async () => {
  const one = new Person(service);
  const huge = await one.login(ada.name, 'x'.repeat(1 << 20)).catch((error) => ({ status: error.code }));

  assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(huge.status), String(huge.status));
  const long = await one.login(ada.name, 'x'.repeat(8000));

  assert.equal(long.status, 403, 'and one of 8 kB is only wrong');
});

test('roles are what they may: of users as of tokens, and a change is in force at once', async () => {
  const grace = await join('grace', 'viewer');
  const id = grace.id;

  assert.equal((await grace.api('/status')).status, 200);
  assert.equal((await grace.api('/users')).json.code, 'PA3022');
  assert.equal((await grace.api('/dead?q=is:dead', { method: 'DELETE' })).status, 403);
  assert.equal((await ada.api(`/users/${id}`, { method: 'PATCH', body: { role: 'operator' } })).status, 200);
  assert.equal((await grace.api('/me')).json.role, 'operator');
  assert.equal((await grace.api('/dead?q=is:dead', { method: 'DELETE' })).status, 200);
  assert.equal((await grace.api('/keys', { method: 'POST', body: {} })).status, 403);
  for (const [body, status] of [[{ role: 'king' }, 400], [{}, 400], [{ name: 'x' }, 400], [[], 400]])
    assert.equal((await ada.api(`/users/${id}`, { method: 'PATCH', body })).status, status, JSON.stringify(body));
  assert.equal((await ada.api('/users', { method: 'POST', body: { name: 'GRACE', role: 'admin' } })).json.code, 'PA3028');
  assert.equal((await ada.api('/users', { method: 'POST', body: { name: '<b>', role: 'admin' } })).json.code, 'PA3028');
  assert.equal((await ada.api(`/users/${id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await grace.api('/me')).status, 401, 'who is removed is out');
  assert.equal((await ada.api(`/users/${id}`, { method: 'DELETE' })).status, 404);
});

test('the last admin can neither go nor step down', async () => {
  const only = `/users/${ada.id}`;

  for (const request of [{ method: 'DELETE' }, { method: 'PATCH', body: { role: 'viewer' } }]) {
    const answer = await ada.api(only, request);

    assert.equal(answer.status, 409);
    assert.equal(answer.json.code, 'PA3027');
  }
  assert.equal((await ada.api(only, { method: 'PATCH', body: { role: 'admin' } })).status, 200);
  const invited = (await ada.api('/users', { method: 'POST', body: { name: 'idle', role: 'admin' } })).json;

  assert.equal((await ada.api(only, { method: 'DELETE' })).status, 409, 'who has no password yet does not count');
  await ada.api(`/users/${invited.id}`, { method: 'DELETE' });
  const two = await Promise.all(['eve', 'bob'].map((name) => join(name, 'admin')));
  const ids = [ada.id, ...two.map(({ id }) => id)];
  const answers = await Promise.all(ids.map((id) => token('PATCH', `/users/${id}`, 'admin', { role: 'viewer' })));

  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 409], 'of all at once one stays');
  for (const id of ids) await token('PATCH', `/users/${id}`, 'admin', { role: 'admin' });
  for (const { id } of two) await token('DELETE', `/users/${id}`);
});

test('sessions are listed and ended: one’s own, by an admin anybody’s', async () => {
  const grace = await join('grace2', 'viewer');
  const phone = new Person(service);

  await phone.login('grace2', password);
  const own = (await grace.api('/sessions')).json.data;

  assert.deepEqual(own.map(({ user }) => user), ['grace2', 'grace2']);
  assert.deepEqual(own.map(({ is_current: current }) => current), [true, false]);
  const all = (await ada.api('/sessions')).json.data;
  const adas = all.find((one) => one.is_current);

  assert.ok(all.some(({ user }) => user === 'grace2'));
  assert.equal((await grace.api(`/sessions/${adas.id}`, { method: 'DELETE' })).status, 404, 'of others one does not even learn');
  assert.equal((await grace.api(`/sessions/${own[1].id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await phone.api('/me')).status, 401);
  assert.equal((await ada.api(`/sessions/${own[0].id}`, { method: 'DELETE' })).status, 200);
  assert.equal((await grace.api('/me')).status, 401);
  for (let i = 0; i < 3; i++) await phone.login('grace2', password);
  assert.equal((await ada.api('/sessions')).json.data.filter(({ user }) => user === 'grace2').length, 1,
    'a browser that signs in again leaves none behind');
});

test('a password is changed by who knows it, and ends the other sessions', async () => {
  const grace = await join('grace3', 'viewer');
  const phone = new Person(service);
  const change = (body) => grace.api('/me/password', { method: 'POST', body });

  await phone.login('grace3', password);
  assert.equal((await change({ current: 'wrong password', new: 'another password' })).json.code, 'PA3025');
  assert.equal((await change({ current: password, new: 'short' })).json.code, 'PA3029');
  assert.equal((await token('POST', '/me/password', 'admin', { current: 'x', new: 'y' })).status, 409);
  assert.equal((await change({ current: password, new: 'another password' })).status, 200);
  assert.equal((await grace.api('/me')).status, 200);
  assert.equal((await phone.api('/me')).status, 401);
  assert.equal((await phone.login('grace3', password)).status, 403);
  assert.equal((await phone.login('grace3', 'another password')).status, 303);
  const { url } = (await ada.api(`/users/${grace.id}/invitation`, { method: 'POST' })).json;

  assert.equal(new URL(url).origin, service.admin);
  const other = new Person(service);

  assert.equal((await other.fill(pathOf(url), { password: 'a third password' })).status, 303);
  assert.equal((await other.send(pathOf(url))).status, 410, 'once');
  assert.equal((await grace.api('/me')).status, 401, 'whoever had the old one is out');
});

test('guessing is slowed down, for the guesser alone', async () => {
  const grace = await join('grace4', 'viewer');
  const device = grace.cookies.get('pa_device');
  const guesser = new Person(service);
  const statuses = [];
  let slowed;

  for (let i = 0; i < 8; i++) {
    const answer = await guesser.login('grace4', `wrong password ${i}`);

    statuses.push(answer.status);
    slowed = answer;
  }
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429, 429]);
  assert.ok(Number(slowed.headers['retry-after']) >= 1);
  assert.match(slowed.text, /Too many tries/);
  assert.equal((await guesser.login('grace4', password)).status, 429, 'also with the right one');
  const back = new Person(service);

  back.cookies.set('pa_device', device);
  assert.equal((await back.login('grace4', password)).status, 303, 'who has been here before comes in');
});

function openStream(headers) {
  return new Promise((resolve, reject) => {
    const outgoing = http.get(`${service.admin}/api/v1/stream?topics=stats`, { headers }, (response) => {
      const stream = { status: response.statusCode, isOpen: true };

      response.on('data', () => {});
      response.on('close', () => { stream.isOpen = false; });
      resolve(stream);
    });

    outgoing.on('error', reject);
  });
}

test('an open stream ends with the session, the user’s role or the token that it was opened with', async () => {
  const grace = await join('grace5', 'operator');
  const heidi = await join('heidi', 'viewer');
  const made = (await token('POST', '/tokens', 'admin', { name: 'ci', role: 'viewer' })).json;
  const streams = {
    session: await openStream({ Cookie: grace.jar }),
    role: await openStream({ Cookie: heidi.jar }),
    token: await openStream({ Authorization: `Bearer ${made.token}` }),
    ada: await openStream({ Cookie: ada.jar }),
  };

  for (const stream of Object.values(streams)) assert.equal(stream.status, 200);
  await grace.submit('/logout', {});
  await token('PATCH', `/users/${heidi.id}`, 'admin', { role: 'operator' });
  await token('DELETE', `/tokens/${made.id}`);
  await until('all three have ended', () => !streams.session.isOpen && !streams.role.isOpen && !streams.token.isOpen,
    { timeout: 4000 });
  assert.ok(streams.ada.isOpen);
});

test('what was done is written down: by whom, from where, how it ended, and no secret', async () => {
  const stranger = new Person(service);

  await stranger.login('my-password-in-the-wrong-field', 'x');
  await ada.api('/users/usr_00000000000000000000000000', { method: 'DELETE' });
  await until('the last status is there', async () => (await token('GET', '/audit?limit=1')).json.data[0].status !== null);
  const { data, total } = (await token('GET', '/audit?limit=1000')).json;

  assert.equal(total, data.length);
  const of = (action) => data.filter((row) => row.action === action);

  assert.equal(of('setup').length, 1);
  assert.deepEqual({ ...of('setup')[0], id: '', at: '' }, { id: '', at: '', actor: `user ${ada.name}`, role: 'admin',
    action: 'setup', subject: ada.name, peer: '127.0.0.1', status: 303 });
  const logins = of('login');

  assert.ok(logins.some(({ actor, status, subject }) => actor === 'nobody' && status === 403 && subject === ada.name));
  assert.ok(logins.some(({ actor, status }) => actor === `user ${ada.name}` && status === 303));
  assert.ok(of('logout').length > 0);
  assert.ok(of('PATCH /api/v1/users/{}').some(({ actor, status }) => actor === `user ${ada.name}` && status === 409));
  assert.ok(of('POST /api/v1/users').every(({ actor, status }) => /^(token admin.token|user )/.test(actor) && status >= 201));
  assert.equal(data[0].subject, 'usr_00000000000000000000000000');
  assert.equal(of('GET /api/v1/events/export').length, 0);
  await token('GET', '/events/export');
  await until('an export is told', async () =>
    (await token('GET', '/audit?limit=1')).json.data[0].action === 'GET /api/v1/events/export');
  const paged = [];
  let next = '';

  while (next !== null) {
    const page = (await token('GET', `/audit?limit=20&after=${next}`)).json;

    paged.push(...page.data);
    next = page.next;
  }
  assert.equal(new Set(paged.map(({ id }) => id)).size, paged.length);
  assert.ok(paged.length >= total);
  assert.equal((await token('GET', '/audit?after=evt_1')).status, 400);
  const text = JSON.stringify(paged) + service.log.replace(/\/setup\?code=\w+/g, '');

  for (const secret of [password, 'another password', 'wrong password', 'my-password-in-the-wrong-field', 'code=',
    ada.cookies.get('pa_console'), service.token()])
    assert.ok(!text.includes(secret), `${secret} is nowhere`);
});

test('users are managed from the command line, which prints links and never a password', async () => {
  const added = await service.run(['user', 'add', 'ivan', '--role', 'operator']);

  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, /^http:\/\/127\.0\.0\.1:\d+\/invitation\?code=[a-z0-9]+\n$/);
  const ivan = new Person(service);

  assert.equal((await ivan.fill(pathOf(added.stdout.trim()), { password })).status, 303);
  assert.equal((await ivan.api('/me')).json.role, 'operator');
  const listed = await service.run(['user', 'list']);

  assert.match(listed.stdout, /ivan +operator +set/);
  assert.equal((await service.run(['user', 'role', 'IVAN', 'viewer'])).code, 0);
  assert.equal((await ivan.api('/me')).json.role, 'viewer');
  const set = await service.run(['user', 'password', 'ivan', '--password-stdin'], { input: 'from standard input\n' });

  assert.equal(set.code, 0, set.stderr);
  assert.doesNotMatch(set.stdout + set.stderr, /from standard input/);
  assert.equal((await ivan.api('/me')).status, 401);
  assert.equal((await ivan.login('ivan', 'from standard input')).status, 303);
  assert.match((await service.runJson(['user', 'password', 'ivan'])).url, /invitation\?code=/);
  assert.equal((await service.run(['user', 'remove', 'nobody', '--yes'])).code, 5);
  assert.equal((await service.run(['user', 'remove', 'ivan'])).code, 2, 'without --yes nobody is asked here');
  assert.equal((await service.run(['user', 'remove', 'ivan', '--yes'])).code, 0);
  assert.equal((await ivan.api('/me')).status, 401);
  assert.equal((await service.run(['user', 'remove', ada.name, '--yes'])).code, 6, 'the last admin');
  const audit = await service.run(['audit', 'list', '--limit', '100']);

  assert.match(audit.stdout, /token admin\.token +admin +POST \/api\/v1\/users/);
  assert.equal((await service.runJson(['audit', 'list', '--limit', '2'])).data.length, 2);
});

test('a session survives a restart, and with users there is no setup link', async () => {
  const mark = service.log.length;

  await service.stop();
  await service.up();
  assert.doesNotMatch(service.log.slice(mark), /setup/);
  assert.equal((await ada.api('/me')).status, 200);
  const files = fs.readdirSync(service.data).filter((name) => name.startsWith('partnerapp.db'));
  const stored = Buffer.concat(files.map((name) => fs.readFileSync(path.join(service.data, name))));

  assert.ok(!stored.includes(password));
  assert.ok(!stored.includes(ada.cookies.get('pa_console')));
  assert.ok(stored.includes('$argon2id$v=19$m=19456,t=2,p=1$'));
});
