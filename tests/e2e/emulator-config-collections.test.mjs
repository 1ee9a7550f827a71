// SPDX-License-Identifier: MIT
// The Config API's other collections, and every scope against every call.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acme, asPerson, clearbrain, Config, demo, isRefused, masked, setting, website, wish } from './lib/config.mjs';
import { Customer } from './lib/tracking.mjs';

const destinations = `${website}/destinations`;
const drop = [{ type: 'drop_event' }];

// --- scopes -------------------------------------------------------------------------------

// The answers to no token, destination/demo on website, workspace:read, workspace. "ok" is
// that the scope lets it through, whatever comes after.
const table = [
  ['GET', 'workspaces', 401, 403, 'ok', 'ok'],
  ['GET', acme, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/sources`, 401, 403, 'ok', 'ok'],
  ['GET', website, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/sources`, 401, 403, 403, 'ok'],
  ['DELETE', `${acme}/sources/ios`, 401, 403, 403, 'ok'],
  ['GET', `${website}/schema-config`, 401, 403, 'ok', 'ok'],
  ['PATCH', `${website}/schema-config`, 401, 403, 403, 'ok'],
  ['GET', destinations, 401, 403, 'ok', 'ok'],
  ['GET', demo, 401, 'ok', 'ok', 'ok'],
  ['POST', destinations, 401, 'ok', 403, 'ok', wish(demo)],
  ['PATCH', demo, 401, 'ok', 403, 'ok'],
  ['GET', clearbrain, 401, 403, 'ok', 'ok'],
  ['POST', destinations, 401, 403, 403, 'ok', wish(clearbrain)],
  ['PATCH', clearbrain, 401, 403, 403, 'ok'],
  ['DELETE', clearbrain, 401, 403, 403, 'ok'],
  ['GET', `${acme}/sources/ios/destinations/demo`, 401, 403, 'ok', 'ok'],
  ['GET', 'workspaces/globex', 401, 403, 403, 403],
  ['GET', 'workspaces/globex/sources/website/destinations/demo', 401, 403, 403, 403],
  ['DELETE', 'workspaces/globex/sources/website', 401, 403, 403, 403],
  ['GET', `${demo}/filters`, 401, 'ok', 'ok', 'ok'],
  ['POST', `${demo}/filters`, 401, 403, 403, 'ok'],
  ['PATCH', `${demo}/filters/df_1`, 401, 403, 403, 'ok'],
  ['DELETE', `${demo}/filters/df_1`, 401, 403, 403, 'ok'],
  ['GET', `${clearbrain}/filters`, 401, 403, 'ok', 'ok'],
  ['POST', 'filters/preview', 401, 'ok', 'ok', 'ok'],
  ['GET', `${demo}/metrics`, 401, 'ok', 'ok', 'ok'],
  ['GET', `${demo}/metrics/successes`, 401, 'ok', 'ok', 'ok'],
  ['GET', `${demo}/metrics:batchGet`, 401, 'ok', 'ok', 'ok'],
  ['GET', `${demo}/metrics:getSummary`, 401, 'ok', 'ok', 'ok'],
  ['GET', `${clearbrain}/metrics:getSummary`, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/event-delivery-metrics:batchGetSummary`, 401, 403, 'ok', 'ok'],
  ['GET', 'catalog/destinations', 401, 'ok', 'ok', 'ok'],
  ['GET', 'catalog/sources/go', 401, 'ok', 'ok', 'ok'],
  ['GET', `${acme}/tracking-plans`, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/tracking-plans`, 401, 403, 403, 'ok'],
  ['PUT', `${acme}/tracking-plans/rs_1`, 401, 403, 403, 'ok'],
  ['DELETE', `${acme}/tracking-plans/rs_1`, 401, 403, 403, 'ok'],
  ['GET', `${acme}/tracking-plans/rs_1/source-connections`, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/tracking-plans/rs_1/source-connections`, 401, 403, 403, 'ok'],
  ['POST', `${acme}/tracking-plans/rs_1/source-connections:batchCreateConnections`, 401, 403, 403, 'ok'],
  ['DELETE', `${acme}/tracking-plans/rs_1/source-connections/website`, 401, 403, 403, 'ok'],
  ['GET', `${acme}/functions`, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/functions`, 401, 403, 403, 'ok'],
  ['PATCH', `${acme}/functions/1`, 401, 403, 403, 'ok'],
  ['DELETE', `${acme}/functions/1`, 401, 403, 403, 'ok'],
  ['GET', `${acme}/roles`, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/roles/-/policies`, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/roles/owner/policies`, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/invites`, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/invites`, 401, 403, 403, 'ok'],
  ['GET', `${acme}/users`, 401, 403, 'ok', 'ok'],
  ['GET', `${acme}/regulations`, 401, 403, 'ok', 'ok'],
  ['POST', `${acme}/regulations`, 401, 403, 403, 'ok'],
  ['POST', `${website}/regulations`, 401, 403, 403, 'ok'],
  ['GET', `${acme}/suppressed-users`, 401, 403, 'ok', 'ok'],
  ['POST', 'apps', 401, 403, 403, 'ok'],
  ['POST', `${acme}/apps`, 401, 403, 403, 'ok'],
  ['DELETE', demo, 401, 'ok', 403, 'ok'],
];

test('every scope may do what its column says, and nothing else', async (t) => {
  const owner = await Config.start(t);
  const tokens = [undefined, await owner.installed(), await owner.personal('workspace:read'), owner.token];

  for (const [method, path, ...rest] of table) {
    const body = rest[4] ?? (method === 'GET' || method === 'DELETE' ? undefined : {});

    for (const [i, token] of tokens.entries()) {
      const { status, json } = await owner.as(token).call(method, path, body);
      const why = `${method} ${path} ${body?.destination?.name ?? ''} with token ${i}`;

      if (rest[i] === 'ok') assert.ok(status !== 401 && status !== 403, `${why}: ${status}`);
      else assert.equal(status, rest[i], why);
      if (status === 403) assert.deepEqual(json, { error: 'insufficient scope', code: 7 }, why);
    }
  }
});

test('a token for several workspaces sees them all, and who only reads makes none that writes', async (t) => {
  const config = await Config.start(t, { email: 'owner@globex.test', workspaces: ['acme', 'globex'] });
  const { workspaces } = await config.good('GET', 'workspaces');

  assert.deepEqual(workspaces.map(({ name }) => name), [acme, 'workspaces/globex']);
  await config.good('GET', 'workspaces/globex/sources/website');
  for (const [email, scopes, name, status] of [
    ['analyst@acme.test', 'workspace', acme, 403], ['analyst@acme.test', 'workspace:read', acme, 200],
    ['owner@acme.test', 'workspace:read', 'workspaces/globex', 403], ['owner@acme.test', 'workspace', 'nobody', 403],
    ['owner@acme.test', 'destination/demo', acme, 400], ['owner@acme.test', 'everything', acme, 400],
  ]) {
    const body = { access_token: { scopes, workspace_names: [name] } };

    assert.equal((await config.emulator.ask('POST', '/v1beta/access-tokens', body, asPerson(email))).status, status,
      `${email} ${scopes} ${name}`);
  }
});

// --- tokens, apps -------------------------------------------------------------------------

test('an access token is shown once, listed without, and works until it is deleted', async (t) => {
  const config = await Config.start(t);
  const ask = (method, path, body, who = asPerson('owner@acme.test')) => config.emulator.ask(method, `/v1beta/${path}`, body, who);
  const made = (await ask('POST', 'access-tokens',
    { access_token: { description: 'mine', scopes: 'workspace', workspace_names: [acme] } })).json;

  assert.match(made.token, /^[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(made, {
    name: 'access-tokens/2', description: 'mine', scopes: 'workspace', create_time: made.create_time, token: made.token,
    workspace_names: [acme],
  });
  const { token, ...shown } = made;

  assert.deepEqual((await ask('GET', made.name)).json, shown);
  assert.deepEqual((await ask('GET', 'access-tokens')).json.access_tokens.at(-1), shown);
  isRefused(await ask('GET', made.name, undefined, asPerson('owner@globex.test')), 404);
  isRefused(await ask('DELETE', made.name, undefined, asPerson('owner@globex.test')), 404);
  await config.as(token).good('GET', acme);
  assert.equal((await ask('DELETE', made.name)).text, '{}');
  isRefused(await config.as(token).get(acme), 401, /malformed token/);
  for (const who of [{}, asPerson('nobody@acme.test'), asPerson('owner@acme.test', ''), { Authorization: `Bearer ${config.token}` },
    { Authorization: 'Basic !!' }, { Authorization: 'Basic' }])
    isRefused(await ask('GET', 'access-tokens', undefined, who), 401);
});

test('an app is created with its secret, which no other call shows', async (t) => {
  const config = await Config.start(t);
  const app = {
    client_uri: 'https://example.com', description: 'Does things', display_name: 'My App', public: true,
    redirect_uris: ['http://localhost:8888/auth/segment/callback'], scope: 'destination/clearbrain',
  };
  const created = await config.good('POST', 'apps', { app });

  assert.match(created.client_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(created.client_secret.length, 12);
  assert.equal(created.name, 'apps/2');
  assert.deepEqual(created.technical_contact, { name: '', email: '', role: '' });
  for (const [key, value] of Object.entries(app)) assert.deepEqual(created[key], value, key);
  isRefused(await config.post('apps', { app }), 409, /app already exists/);
  const older = await config.good('POST', `${acme}/apps`, { application: { ...app, display_name: 'Other' } });

  assert.equal(older.name, `${acme}/apps/3`);
  assert.equal(older.parent, acme);
  for (const bad of [
    { display_name: '!' }, { display_name: 7 }, { scope: 'everything' }, { scope: 'workspace destination/x' },
    { redirect_uris: 'https://a.test' }, { redirect_uris: ['http://a.test/'] }, { redirect_uris: ['/relative'] }, { public: 'x' },
    { redirect_uris: Array(6).fill('https://a.test/') }, { tos_uri: [] },
  ]) isRefused(await config.post('apps', { app: { ...app, display_name: 'New', ...bad } }), 400);
});

// --- schema config, filters ---------------------------------------------------------------

test('the schema config changes by the fields of its mask', async (t) => {
  const config = await Config.start(t);
  const path = `${website}/schema-config`;
  const before = await config.good('GET', path);
  const sent = { schema_config: { allow_unplanned_track_events: 'false', common_track_event_on_violations: 'OMIT_PROPERTIES' } };

  assert.equal(before.allow_unplanned_track_events, true);
  assert.deepEqual(await config.good('PATCH', path, sent), before);
  const after = await config.good('PATCH', path, masked(sent, 'schema_config.common_track_event_on_violations',
    'schema_config.allow_unplanned_track_events', 'schema_config.allow_unplanned_group_traits'));

  assert.deepEqual(after, {
    ...before, allow_unplanned_track_events: false, allow_unplanned_group_traits: false,
    common_track_event_on_violations: 'OMIT_PROPERTIES',
  });
  assert.deepEqual(await config.good('GET', path), after);
  const word = { schema_config: { common_group_event_on_violations: 'OMIT_PROPERTIES' } };

  isRefused(await config.patch(path, masked(word, 'schema_config.common_group_event_on_violations')), 400, /OMIT_TRAITS/);
});

test('a destination has at most ten filters, and each must make sense', async (t) => {
  const config = await Config.start(t);
  const path = `${demo}/filters`;

  await config.good('POST', destinations, wish(demo));
  for (const filter of [
    { if: 'type = ', actions: drop }, { if: 'type = "track"', actions: [{ type: 'explode' }] }, { if: 7, actions: drop },
    { if: 'all', actions: {} }, { if: 'all', actions: [{ type: 'sample_event', percent: 2 }] }, { if: 'all', title: {} },
    { if: 'x'.repeat(6000), actions: drop },
  ]) isRefused(await config.post(path, { filter }), 400);
  for (let n = 0; n < 10; n++) await config.good('POST', path, { filter: { title: `${n}`, if: 'all', actions: drop } });
  isRefused(await config.post(path, { filter: { if: 'all', actions: drop } }), 400, /at most 10/);
  const { filters } = await config.good('GET', `${path}?page_size=4`);

  assert.deepEqual(filters.map(({ title }) => title), ['0', '1', '2', '3']);
  assert.deepEqual(filters[0], { name: filters[0].name, title: '0', description: '', if: 'all', actions: drop, enabled: true });
  assert.equal((await config.delete(filters[0].name)).text, '{}');
  isRefused(await config.get(filters[0].name), 404);
  await config.good('POST', path, { filter: { if: 'all', actions: drop } });
});

test('a preview shows the event that is left, or null', async (t) => {
  const config = await Config.start(t);
  const event = { type: 'track', event: 'Test', properties: { a: 1, b: 2 }, n: 1e21 };
  const preview = (filter, input = JSON.stringify(event)) => config.good('POST', 'filters/preview', { filter, input });

  assert.equal(await preview({ if: 'event = "Test"', actions: drop }), null);
  assert.deepEqual(await preview({ if: 'event = "Other"', actions: drop }), event);
  assert.deepEqual(await preview({ if: 'all', actions: [{ type: 'blacklist_fields', fields: { properties: { fields: ['a'] } } }] }),
    { ...event, properties: { b: 2 } });
  for (const input of ['{', '[]', '7', undefined, ''])
    isRefused(await config.post('filters/preview', { filter: { if: 'all', actions: drop }, input }), 400, /input/);
});

test('a filter of this API drops events on their way', async (t) => {
  const customer = await Customer.connected(t);
  const config = Object.assign(new Config(), { emulator: customer.emulator });

  config.token = await config.personal('workspace');
  await config.good('POST', `${demo}/filters`, { filter: { if: 'event = "Secret"', actions: drop } });
  await customer.track({ event: 'Secret' });
  await customer.track({ event: 'Public', userId: 'u2' });
  await customer.ends('delivered');
  assert.deepEqual(customer.got.map(({ event }) => event), ['Public']);
});

// --- plans, functions, IAM ----------------------------------------------------------------

test('sources are connected to a tracking plan, alone and together', async (t) => {
  const config = await Config.start(t);
  const { name } = await config.good('POST', `${acme}/tracking-plans`,
    { tracking_plan: { display_name: 'P', rules: { identify_traits: [] } } });
  const id = name.split('/').at(-1);
  const path = `${name}/source-connections`;
  const connection = (slug) => ({ source_name: `${acme}/sources/${slug}`, tracking_plan_id: id });

  assert.deepEqual(await config.good('POST', path, { source_name: website }), connection('website'));
  assert.deepEqual(await config.good('POST', `${path}:batchCreateConnections`,
    { source_names: [website, `${acme}/sources/ios`] }), { connections: [connection('website'), connection('ios')] });
  assert.deepEqual(await config.good('GET', path), { connections: [connection('website'), connection('ios')], next_page_token: '' });
  for (const source_name of ['workspaces/globex/sources/website', `${acme}/sources/nobody`, '', 7])
    isRefused(await config.post(path, { source_name }), 400);
  isRefused(await config.post(`${path}:batchCreateConnections`, { source_names: [`${acme}/sources/backend`, 'x'] }), 400);
  isRefused(await config.post(`${path}:batchCreateConnections`, { source_names: 'x' }), 400);
  assert.equal((await config.good('GET', path)).connections.length, 2, 'all or none');
  assert.equal((await config.delete(`${path}/website`)).text, '{}');
  isRefused(await config.delete(`${path}/website`), 404);
  assert.equal((await config.delete(name)).text, '{}');
  isRefused(await config.get(path), 404);
  isRefused(await config.post(`${acme}/tracking-plans`, { tracking_plan: { rules: [] } }), 400);
});

test('a plan that gets another name keeps its rules', async (t) => {
  const config = await Config.start(t);
  const rules = { global: {}, events: [{ name: 'A' }], identify: {}, group: {} };
  const plan = await config.good('POST', `${acme}/tracking-plans`, { tracking_plan: { display_name: 'One', rules } });
  const named = await config.good('PUT', plan.name, masked({ tracking_plan: { display_name: 'Two' } }, 'display_name'));

  assert.equal(named.display_name, 'Two');
  assert.deepEqual(named.rules, rules);
});

test('a plan that is refused in part is not changed at all', async (t) => {
  const config = await Config.start(t);
  const plan = await config.good('POST', `${acme}/tracking-plans`, { tracking_plan: { display_name: 'One' } });

  isRefused(await config.put(plan.name, masked({ tracking_plan: { display_name: 'Two', rules: 7 } },
    'tracking_plan.display_name', 'tracking_plan.rules')), 400);
  assert.deepEqual(await config.good('GET', plan.name), plan);
});

test('functions are kept and changed by their mask', async (t) => {
  const config = await Config.start(t);
  const created = await config.good('POST', `${acme}/functions`,
    { type: 'DESTINATION', function: { display_name: 'F', code: 'async function onTrack() {}', buildpack: 'boreal' } });
  const path = `${acme}/functions/${created.id}`;

  assert.equal(created.workspace_id, (await config.good('GET', acme)).id);
  assert.equal(created.type, 'DESTINATION');
  assert.deepEqual(created.settings, []);
  const changed = await config.good('PATCH', path, masked({ function: { code: 'x', display_name: 'no' } }, 'function.code'));

  assert.deepEqual(changed, { ...created, code: 'x' });
  assert.deepEqual((await config.good('GET', `${acme}/functions`)).functions, [changed]);
  isRefused(await config.post(`${acme}/functions`, { type: 'LAMBDA', function: {} }), 400);
  isRefused(await config.patch(path, masked({ function: { settings: {} } }, 'function.settings')), 400);
  assert.equal((await config.delete(path)).text, '{}');
  isRefused(await config.get(path), 404);
});

test('IAM has the shape of its lists', async (t) => {
  const config = await Config.start(t);

  for (const [path, member] of [['roles', 'roles'], ['roles/-/policies', 'policies'], ['roles/owner/policies', 'policies'],
    ['invites', 'invites'], ['users', 'users']]) {
    const list = await config.good('GET', `${acme}/${path}`);

    assert.deepEqual(Object.keys(list), [member, 'next_page_token'], path);
    assert.ok(Array.isArray(list[member]), path);
  }
  const { users } = await config.good('GET', `${acme}/users?page_size=1`);

  assert.deepEqual(users.map(({ email }) => email), ['owner@acme.test']);
  isRefused(await config.post(`${acme}/invites`, {}), 501);
});

// --- metrics, regulations -----------------------------------------------------------------

test('metrics are counted by the hour, by name and in summary', async (t) => {
  const customer = await Customer.connected(t, (_, n) => ({ status: n === 0 ? 503 : 200 }));
  const config = Object.assign(new Config(), { emulator: customer.emulator });

  config.token = await config.personal('workspace');
  await customer.track();
  await customer.waits(1);
  await customer.advance('5m');
  await customer.ends('delivered');
  await customer.advance('2h');
  await customer.track({ userId: 'u2' });
  await customer.idle();
  const values = ({ series }) => series.map(({ value }) => value);
  const { metrics } = await config.good('GET', `${demo}/metrics`);

  assert.deepEqual(metrics.map(({ name }) => name), ['successes', 'time_to_success_p95', 'retried_503']
    .map((metric) => `${demo}/metrics/${metric}`));
  assert.deepEqual(values(await config.good('GET', `${demo}/metrics/successes`)), [1, 1]);
  assert.deepEqual(values(await config.good('GET', `${demo}/metrics/successes?granularity=DAY`)).reduce((a, b) => a + b), 2);
  assert.deepEqual(values(await config.good('GET', `${demo}/metrics/retried_503`)), [1]);
  const some = await config.good('GET', `${demo}/metrics:batchGet?names=successes,retried_503&names=${demo}/metrics/expired_500`);

  assert.deepEqual(some.metrics.map(values), [[1, 1], [1], []]);
  const summary = await config.good('GET', `${demo}/metrics:getSummary`);

  assert.deepEqual(values(summary.metrics[0]), [2]);
  assert.ok(values(summary.metrics[1])[0] >= 28000 / 2, 'the retry took its time');
  assert.deepEqual((await config.good('GET', `${acme}/event-delivery-metrics:batchGetSummary?names=${demo},${clearbrain}`)).metrics,
    summary.metrics);
  for (const query of ['granularity=YEAR', 'start_time=now', 'start_time=1970-01-01T00:00:00Z'])
    isRefused(await config.get(`${demo}/metrics?${query}`), 400);
});

test('a deletion is told to every enabled destination of the sources concerned, past filters', async (t) => {
  const customer = await Customer.connected(t);
  const config = Object.assign(new Config(), { emulator: customer.emulator });
  const regulate = (parent, type, ...values) => config.good('POST', `${parent}/regulations`,
    { regulation_type: type, attributes: { name: 'userId', values } });

  config.token = await config.personal('workspace');
  await config.good('POST', `${acme}/sources/ios/destinations`, wish(`${acme}/sources/ios/destinations/demo`));
  await config.good('POST', destinations, wish(clearbrain, { enabled: false }));
  await config.good('POST', `${demo}/filters`, { filter: { if: 'all', actions: drop } });
  const { regulate_id: id, ...others } = await regulate(acme, 'Suppress_With_Delete', 'u1', 'u2');

  assert.deepEqual(others, {});
  await customer.idle();
  assert.deepEqual(customer.got.map(({ userId }) => userId).sort(), ['u1', 'u1', 'u2', 'u2']);
  const [event] = customer.got;
  const projects = new Set(customer.got.map(({ projectId }) => projectId));

  assert.equal(projects.size, 2);
  assert.match(event.messageId, /^delete-[0-9a-f-]{36}$/);
  assert.deepEqual(event, {
    type: 'delete', channel: 'server', messageId: event.messageId, projectId: event.projectId, userId: event.userId, context: [],
    integrations: [], receivedAt: event.receivedAt, sentAt: event.receivedAt, originalTimestamp: event.receivedAt,
    timestamp: event.receivedAt,
  });
  await regulate(website, 'Delete', 'u3');
  await customer.idle();
  assert.equal(customer.got.length, 5);
  await regulate(acme, 'Unsuppress', 'u1');
  assert.deepEqual((await config.good('GET', `${acme}/suppressed-users`)).suppressed_users.map(({ user_id }) => user_id), ['u2']);
  const list = async (query, parent = acme) => (await config.good('GET', `${parent}/regulations?${query}`)).regulations;

  assert.deepEqual((await list('')).map((one) => one.regulation_type), ['Suppress_With_Delete', 'Unsuppress']);
  assert.deepEqual((await list('', website)).map((one) => one.regulation_type), ['Delete']);
  assert.equal((await list('regulation_types=Unsuppress,Delete')).length, 1);
  assert.equal((await list('status=FINISHED')).length, 2);
  assert.equal((await list('status=RUNNING')).length, 0);
  const one = await config.good('GET', `${acme}/regulations/${id}`);

  assert.deepEqual(one.attributes, { name: 'userId', values: ['u1', 'u2'] });
  assert.equal((await config.delete(`${acme}/regulations/${id}`)).text, '{}');
  isRefused(await config.get(`${acme}/regulations/${id}`), 404);
});

test('a regulation needs a type, userId, and 1 to 5000 ids', async (t) => {
  const config = await Config.start(t);
  const post = (regulation_type, name, values) =>
    config.post(`${acme}/regulations`, { regulation_type, attributes: { name, values } });

  for (const [type, name, values] of [
    ['Forget', 'userId', ['u']], [undefined, 'userId', ['u']], ['Delete', 'email', ['u']], ['Delete', 'userId', []],
    ['Delete', 'userId', 'u'], ['Delete', 'userId', [1]], ['Delete', 'userId', ['']], ['Delete', 'userId', ['x'.repeat(513)]],
    ['Delete', 'userId', Array(5001).fill('u')], ['Delete', 'userId', { 0: 'u' }],
  ]) isRefused(await post(type, name, values), 400);
  isRefused(await config.post(`${acme}/regulations`, { regulation_type: 'Delete', attributes: [] }), 400);
  assert.equal((await post('Suppress', 'userId', Array(5000).fill(0).map((_, n) => `u${n}`))).status, 200);
  assert.equal((await config.good('GET', `${acme}/suppressed-users`)).suppressed_users.length, 100);
});

// --- hostile ------------------------------------------------------------------------------

test('texts that are odd come back as they were sent, and break nothing', async (t) => {
  const config = await Config.start(t);

  for (const value of ['"><script>alert(1)</script>', '\u0000', '\ud83d\ude00'.repeat(100), "'; DROP TABLE source; --", '\\', '\n',
    'x'.repeat(100000)]) {
    await config.good('POST', destinations, wish(demo, { config: [setting(demo, 'apiKey', value)] }));
    assert.equal(await config.value(demo, 'apiKey'), value);
    assert.equal((await config.delete(demo)).status, 200);
  }
  for (const path of [`${acme}/sources/%00`, `${acme}/sources/a%2Fb`, `${acme}/sources/'`,
    `${acme}/sources/${'x'.repeat(2000)}`, `catalog/destinations/%ff`, `${acme}/sources/:x`])
    assert.ok([400, 404].includes((await config.get(path)).status), path);
  const many = Array(1001).fill(setting(demo, 'apiKey', 'x'));

  isRefused(await config.post(destinations, wish(demo, { config: many })), 400, /config/);
  await config.good('POST', destinations, wish(demo, { config: many.slice(1) }));
});

test('worlds are apart', async (t) => {
  const config = await Config.start(t);

  await config.good('POST', destinations, wish(demo));
  const elsewhere = await config.call('GET', demo, undefined, { 'X-Emulator-World': 'other' });

  isRefused(elsewhere, 401);
});
