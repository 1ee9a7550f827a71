// SPDX-License-Identifier: MIT
// Worlds of the local Segment: saved and loaded, private, the same for the same seed, and their clocks.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { install, tryToken } from './lib/oauth.mjs';
import { Customer } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const snapshot = (emulator) => emulator.control('GET', 'snapshot');
const load = (emulator, body) => emulator.control('PUT', 'snapshot', body);
const now = async (emulator) => Date.parse((await emulator.control('GET', 'clock')).now);
const within = (name) => ({ 'X-Emulator-World': name });
const inWorld = async (emulator, name, method, control, body) =>
  JSON.parse((await emulator.ask(method, `/_emulator/${control}`, body, within(name))).text);
// All but the moment: a clock that runs is never the same twice.
const still = ({ tables, ...rest }) => ({ ...rest, tables: { ...tables, world: { ...tables.world,
  rows: tables.world.rows.filter(([key]) => !key.startsWith('clock_')) } } });

/* --- snapshots ---------------------------------------------------------------------- */

test('a snapshot brings back all that was, the clock too', async (t) => {
  const emulator = await Emulator.start(t);
  const { access_token: token } = await install(emulator);

  await emulator.control('POST', 'clock', { frozen: true });
  await emulator.control('POST', 'faults', { where: 'sink', what: 'status', status: 503, for: '1h' });
  await emulator.ask('POST', '/v1/track', { event: 'A', userId: 'u', messageId: 'm' },
    { 'Content-Type': 'application/json', Authorization: 'Basic ZGV2X3dyaXRla2V5X3dlYnNpdGU6' });
  const saved = await snapshot(emulator);
  const at = await now(emulator);

  assert.ok(saved.tables.seen.rows.length > 0, 'bytes are in it');
  await emulator.control('POST', 'reset');
  assert.equal((await tryToken(emulator, token)).status, 401);
  await load(emulator, saved);
  assert.equal((await tryToken(emulator, token)).status, 200);
  assert.equal(await now(emulator), at);
  assert.equal((await emulator.control('GET', 'clock')).frozen, true);
  assert.deepEqual(still(await snapshot(emulator)), still(saved));
});

test('a snapshot is loaded into another emulator, and ids go on from it', async (t) => {
  const [one, other] = [await Emulator.start(t), await Emulator.start(t, ['--seed', '7'])];

  await one.control('PUT', 'app', { reinstall: 'allow' });
  const { access_token: token } = await install(one);

  await load(other, await snapshot(one));
  other.env = await other.control('GET', 'env');
  assert.equal(other.env.CLIENT_SECRET, one.env.CLIENT_SECRET);
  assert.equal((await tryToken(other, token)).status, 200);
  assert.equal((await other.control('GET', 'state')).seed, 1);
  const [next, same] = [await install(one), await install(other)];

  assert.deepEqual(same, next);
  assert.notEqual(next.access_token, token);
});

test('deliveries that wait are in a snapshot and go on after it', async (t) => {
  const customer = await Customer.connected(t, 503);
  const { emulator } = customer;

  await customer.track();
  await customer.waits(1);
  const saved = await snapshot(emulator);

  await emulator.control('POST', 'reset');
  assert.deepEqual(await customer.deliveries(), []);
  await load(emulator, saved);
  customer.partner.mood(200);
  const sent = customer.partner.requests.length;

  await customer.advance('60s');
  await until('it arrives', () => customer.partner.requests.length > sent);
  await customer.ends('delivered');
});

test('a snapshot of 20 MB is taken, one of 40 MB is not', async (t) => {
  const emulator = await Emulator.start(t);
  const saved = await snapshot(emulator);
  const { columns, rows } = saved.tables.function;

  rows.push(columns.map((name) => (name === 'create_time' ? 0 : 'x'.repeat(name === 'body' ? 20 << 20 : 3))));
  await load(emulator, saved);
  assert.equal((await snapshot(emulator)).tables.function.rows[0][columns.indexOf('body')].length, 20 << 20);
  rows[0][columns.indexOf('body')] = 'x'.repeat(40 << 20);
  const answer = await emulator.ask('PUT', '/_emulator/snapshot', saved).catch(() => ({ status: 413 }));

  assert.equal(answer.status, 413);
});

test('what is no snapshot is refused in words and changes nothing', async (t) => {
  const emulator = await Emulator.start(t);

  await install(emulator);
  await emulator.control('POST', 'clock', { frozen: true });
  const good = await snapshot(emulator);
  const before = JSON.stringify(good);
  const spoil = (change) => {
    const copy = JSON.parse(before);

    change(copy);
    return copy;
  };
  const { columns } = good.tables.source;
  const cases = [
    [{}, /no snapshot/],
    [[], /object/],
    [spoil((s) => { s.version = 2; }), /another version/],
    [spoil((s) => { s.tables.sqlite_master = s.tables.app; }), /no table sqlite_master/],
    [spoil((s) => { s.tables['x"; DROP TABLE app; --'] = s.tables.app; }), /no table x"/],
    [spoil((s) => { s.tables.app.columns[0] = 'id"'; }), /no such column/],
    [spoil((s) => { s.tables.app.rows[0].pop(); }), /one cell a column/],
    [spoil((s) => { s.tables.app.rows[0][0] = [1]; }), /a cell is/],
    [spoil((s) => { s.tables.app.rows[0][0] = 1.5; }), /a cell is/],
    [spoil((s) => { s.tables.app.rows[0][0] = { hex: 'zz' }; }), /hex is pairs/],
    [spoil((s) => { s.tables.app.rows[0][0] = { hex: 'abc' }; }), /a cell is/],
    [spoil((s) => { s.tables.app.rows.push(s.tables.app.rows[0]); }), /there twice/],
    [spoil((s) => { s.tables.source.rows[0][columns.indexOf('workspace')] = null; }), /./],
    [spoil((s) => { s.tables.app.columns = s.tables.app.columns.map(() => 'id'); }), /./],
    [spoil((s) => { delete s.tables.world; }), /no table world/],
    [spoil((s) => { s.tables = []; }), /no table world/],
    ['{"format"', /JSON/],
  ];

  for (const [body, why] of cases) {
    const answer = await emulator.ask('PUT', '/_emulator/snapshot', body);

    assert.equal(answer.status, 400, `${why}: ${answer.text}`);
    assert.match(answer.json.message, why);
    assert.deepEqual(still(await snapshot(emulator)), still(good), `${why} changed something`);
  }
});

test('a snapshot with an impossible clock is loaded with a possible one', async (t) => {
  const emulator = await Emulator.start(t);
  const saved = await snapshot(emulator);
  const set = (key, value) => saved.tables.world.rows.forEach((row) => { if (row[0] === key) row[1] = value; });

  for (const rate of ['nan', '-1', '1e300', 'x', '']) {
    set('clock_rate', rate);
    set('clock_base', '9223372036854775807');
    await load(emulator, saved);
    assert.ok(Number.isFinite(await now(emulator)), rate);
  }
});

/* --- reset -------------------------------------------------------------------------- */

test('a reset takes less than 50 ms and clears what was looked at', async (t) => {
  const emulator = await Emulator.start(t);

  for (let i = 0; i < 50; i++) await emulator.ask('GET', '/v1beta/workspaces');
  await install(emulator);
  await emulator.control('POST', 'faults', { where: 'sink', what: 'hang' });
  const took = [];

  for (let i = 0; i < 5; i++) {
    const began = performance.now();

    await emulator.control('POST', 'reset');
    took.push(performance.now() - began);
  }
  assert.ok(Math.min(...took) < 50, `${took} ms`);
  assert.deepEqual((await emulator.control('GET', 'requests')).requests, []);
  assert.deepEqual((await emulator.control('GET', 'faults')).faults, []);
});

/* --- determinism -------------------------------------------------------------------- */

// Everything that has been invented, in order.
async function walk(emulator) {
  const installed = await install(emulator);
  const state = await snapshot(emulator);

  return { installed, env: { ...emulator.env }, tables: Object.fromEntries(['source', 'app', 'code', 'token', 'catalog']
    .map((name) => [name, state.tables[name].rows.map((row) => row.filter((cell) => typeof cell === 'string'))])) };
}

test('the same seed and the same calls make the same ids and tokens, another seed others', async (t) => {
  const [one, same, other] = [await Emulator.start(t, ['--seed', '42']), await Emulator.start(t, ['--seed', '42']),
    await Emulator.start(t, ['--seed', '43'])];
  const [first, second, third] = [await walk(one), await walk(same), await walk(other)];

  assert.deepEqual(second.installed, first.installed);
  assert.deepEqual(second.tables, first.tables);
  assert.equal(second.env.CLIENT_SECRET, first.env.CLIENT_SECRET);
  assert.notEqual(third.installed.access_token, first.installed.access_token);
  assert.notEqual(third.env.CLIENT_ID, first.env.CLIENT_ID);
  await one.control('POST', 'reset');
  assert.deepEqual((await walk(one)).installed, first.installed, 'a reset begins again');
});

/* --- worlds ------------------------------------------------------------------------- */

test('private worlds do not see each other', async (t) => {
  const emulator = await Emulator.start(t);

  await inWorld(emulator, 'a', 'POST', 'faults', { where: 'config', what: 'status' });
  await inWorld(emulator, 'a', 'POST', 'clock', { frozen: true });
  const ask = (name) => emulator.ask('GET', '/v1beta/workspaces', undefined, name ? within(name) : {});

  assert.equal((await ask('a')).status, 503);
  for (const name of ['b', undefined]) assert.equal((await ask(name)).status, 401);
  assert.equal((await inWorld(emulator, 'b', 'GET', 'clock')).frozen, false);
  assert.equal((await inWorld(emulator, 'a', 'GET', 'requests')).requests.length, 1);
  assert.notEqual((await inWorld(emulator, 'a', 'GET', 'env')).CLIENT_SECRET, (await inWorld(emulator, 'b', 'GET', 'env')).CLIENT_SECRET);
  assert.deepEqual((await emulator.control('GET', 'worlds')).worlds.map(({ name }) => name).sort(), ['', 'a', 'b']);
});

test('worlds end, with what is under way in them, and begin anew', async (t) => {
  const emulator = await Emulator.start(t);

  await inWorld(emulator, 'a', 'POST', 'faults', { where: 'config', what: 'hang' });
  await inWorld(emulator, 'b', 'POST', 'faults', { where: 'config', what: 'delay', delay_ms: 60000 });
  const hung = ['a', 'b'].map((name) => emulator.ask('GET', '/v1beta/workspaces', undefined, within(name))
    .then(({ status }) => status, () => 'closed'));

  await until('both are under way', async () =>
    (await inWorld(emulator, 'a', 'GET', 'requests')).requests.length === 1 &&
    (await inWorld(emulator, 'b', 'GET', 'faults')).faults[0].fired === 1);
  assert.deepEqual(await emulator.control('DELETE', 'worlds'), { ended: 2, busy: 0 });
  assert.deepEqual(await Promise.all(hung), ['closed', 503]);
  assert.deepEqual((await emulator.control('GET', 'worlds')).worlds.map(({ name }) => name), ['']);
  assert.deepEqual((await inWorld(emulator, 'a', 'GET', 'faults')).faults, []);
  const own = await emulator.ask('DELETE', '/_emulator/worlds/a', undefined, within('a'));

  assert.equal(own.status, 409, 'not from within');
  await emulator.control('DELETE', 'worlds/a');
  assert.equal((await emulator.ask('DELETE', '/_emulator/worlds/a')).status, 404);
  const { code } = await emulator.stop();

  assert.equal(code, 0, emulator.log);
});

test('a world ends while its deliveries are under way', async (t) => {
  const customer = await Customer.start(t, 'hang');
  const { emulator } = customer;
  const source = 'workspaces/acme/sources/website';

  await inWorld(emulator, 'w', 'PUT', 'destination', { source, slug: 'demo', enabled: true, config: { apiKey: 'k' } });
  await customer.send('track', { event: 'A', userId: 'u' }, within('w'));
  await until('it is under way', () => customer.partner.requests.length === 1);
  assert.equal((await emulator.control('DELETE', 'worlds')).ended, 1);
  assert.equal((await emulator.control('GET', 'state')).waiting, 0);
  const { code } = await emulator.stop();

  assert.equal(code, 0, emulator.log);
});

test('there are at most 64 private worlds, and room again when they ended', async (t) => {
  const emulator = await Emulator.start(t);
  const statuses = [];

  for (let i = 0; i < 66; i++) statuses.push((await emulator.ask('GET', '/_emulator/state', undefined, within(`w${i}`))).status);
  assert.equal(statuses.filter((status) => status === 200).length, 64);
  assert.equal(statuses.at(-1), 503);
  assert.equal((await emulator.ask('GET', '/_emulator/state', undefined, within('x'.repeat(65)))).status, 503);
  assert.equal((await emulator.control('DELETE', 'worlds')).ended, 64);
  assert.equal((await emulator.ask('GET', '/_emulator/state', undefined, within('more'))).status, 200);
});

/* --- clocks ------------------------------------------------------------------------- */

test('a clock freezes, moves and speeds up; a token ends by it', async (t) => {
  const emulator = await Emulator.start(t);

  await emulator.control('POST', 'clock', { frozen: true });
  const { access_token: token } = await install(emulator);
  const at = await now(emulator);

  await emulator.control('POST', 'clock', { advance: '59m' });
  assert.equal(await now(emulator) - at, 59 * 60000);
  assert.equal((await tryToken(emulator, token)).status, 200);
  await emulator.control('POST', 'clock', { advance: '1m' });
  assert.equal((await tryToken(emulator, token)).status, 401);
  await emulator.control('POST', 'clock', { rate: 3600 });
  await until('an hour passes in a second', async () => await now(emulator) - at > 2 * 3600000, { timeout: 8000 });
});

test('a persistent clock goes on over restarts as if it had been read all the time', async (t) => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'emulator-'));

  t.after(() => fs.rmSync(data, { recursive: true, force: true }));
  const emulator = await Emulator.start(t, ['--data', data]);

  await emulator.control('POST', 'clock', { advance: '100h' });
  for (let i = 0; i < 3; i++) {
    await emulator.stop();
    await emulator.up();
    const ahead = await now(emulator) - Date.now() - 100 * 3600000;

    assert.ok(Math.abs(ahead) < 2000, `${ahead} ms off after restart ${i + 1}`);
  }
  // Ten hours a second: what a restart forgets shows.
  const { now: start } = await emulator.control('POST', 'clock', { rate: 36000 });

  await until('hours have passed', async () => await now(emulator) - Date.parse(start) > 10 * 3600000);
  for (let i = 0; i < 3; i++) {
    const before = await now(emulator);

    await emulator.stop();
    await emulator.up();
    assert.ok(await now(emulator) >= before, `back in time after restart ${i + 1}`);
  }
});
