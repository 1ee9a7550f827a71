// SPDX-License-Identifier: MIT
// The Config API of the local Segment: who may what, how it is asked, what it keeps.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acme, asPerson, clearbrain, Config, demo, isRefused, masked, setting, website, wish } from './lib/config.mjs';

const insufficient = { error: 'insufficient scope', code: 7 };
const everyPath = ['destination.enabled', 'destination.config', 'destination.connection_mode'];
const destinations = `${website}/destinations`;

test('case 84: an existing destination is 500 with code 13, and a PATCH with three paths updates it', async (t) => {
  const config = await Config.start(t);
  const update = wish(clearbrain, { config: [setting(clearbrain, 'apiKey', 'efgh5678')], enabled: false });

  await config.good('POST', destinations, wish(clearbrain));
  const again = await config.post(destinations, wish(clearbrain));

  assert.equal(again.status, 500);
  assert.deepEqual(again.json, { error: 'destination already exists or other internal error', code: 13 });
  const updated = await config.good('PATCH', clearbrain, masked(update, ...everyPath));

  assert.equal(updated.enabled, false);
  assert.equal(await config.value(clearbrain, 'apiKey'), 'efgh5678');
});

test('with --strict an existing destination is 409 with code 6, as is documented', async (t) => {
  const config = await Config.start(t, { flags: ['--strict'] });

  await config.good('POST', destinations, wish(clearbrain));
  isRefused(await config.post(destinations, wish(clearbrain)), 409, /destination already exists/);
});

test('case 88: the path destination.enabled without a value disables', async (t) => {
  const config = await Config.start(t);

  await config.good('POST', destinations, wish(demo));
  const { enabled } = await config.good('PATCH', demo, masked({ destination: {} }, 'destination.enabled'));

  assert.equal(enabled, false);
});

test('case 89: data without a mask changes nothing and is no error', async (t) => {
  const config = await Config.start(t);
  const before = await config.good('POST', destinations, wish(demo));
  const other = wish(demo, { enabled: false, config: [setting(demo, 'apiKey', 'other')] });

  for (const mask of [{}, { update_mask: {} }, { update_mask: { paths: [] } }, { update_mask: null }])
    assert.deepEqual(await config.good('PATCH', demo, { ...other, ...mask }), before, JSON.stringify(mask));
});

test('case 90: a config of one setting leaves the others, and the last of two wins', async (t) => {
  const config = await Config.start(t);
  const both = [setting(demo, 'apiKey', 'abcd1234'), setting(demo, 'region', 'us')];
  const twice = [setting(demo, 'region', 'ap'), setting(demo, 'region', 'eu')];

  await config.good('POST', destinations, wish(demo, { config: both }));
  await config.good('PATCH', demo, masked({ destination: { config: twice } }, 'destination.config'));
  assert.equal(await config.value(demo, 'apiKey'), 'abcd1234');
  assert.equal(await config.value(demo, 'region'), 'eu');
});

test('an empty list of settings keeps them, and no list at all empties them', async (t) => {
  const config = await Config.start(t);

  await config.good('POST', destinations, wish(demo));
  await config.good('PATCH', demo, masked({ destination: { config: [] } }, 'destination.config'));
  assert.equal(await config.value(demo, 'apiKey'), 'abcd1234');
  isRefused(await config.patch(demo, masked({ destination: {} }, 'destination.config')), 400, /apiKey is required/);
  assert.equal(await config.value(demo, 'apiKey'), 'abcd1234', 'what is refused has changed nothing');
  await config.good('PATCH', demo, masked({ destination: {} }, 'destination.config', 'destination.enabled'));
  assert.equal(await config.value(demo, 'apiKey'), '');
});

test('masks are read without prefix, in camelCase, as a text, and inside the resource', async (t) => {
  const config = await Config.start(t);
  const bodies = {
    'without prefix': { destination: { enabled: false }, update_mask: { paths: ['enabled'] } },
    'in camelCase': { destination: { enabled: false }, updateMask: { paths: ['destination.enabled'] } },
    'as a text': { destination: { enabled: false }, update_mask: 'destination.enabled' },
    'inside the resource': { destination: { enabled: false, update_mask: { paths: ['destination.enabled'] } } },
    'of a resource that is not wrapped': { enabled: false, update_mask: { paths: ['enabled'] } },
    'with a boolean as text': { destination: { enabled: 'false' }, update_mask: { paths: ['enabled'] } },
  };

  await config.good('POST', destinations, wish(demo));
  for (const [why, body] of Object.entries(bodies)) {
    await config.good('PATCH', demo, masked({ destination: { enabled: true } }, 'enabled'));
    assert.equal((await config.good('PATCH', demo, body)).enabled, false, why);
  }
  isRefused(await config.patch(demo, masked({ destination: {} }, 'destination.color')), 400, /destination\.color/);
  isRefused(await config.patch(demo, { update_mask: { paths: [1] } }), 400, /update_mask/);
});

test('case 91: a mask without prefix changes one field of a filter, and one of a tracking plan', async (t) => {
  const config = await Config.start(t);
  const sent = { title: 'Drop tests', if: 'type = "track"', actions: [{ type: 'drop_event' }], enabled: true };

  await config.good('POST', destinations, wish(demo));
  const filter = await config.good('POST', `${demo}/filters`, { filter: sent, update_mask: { paths: ['if'] } });

  assert.match(filter.name, new RegExp(`^${demo}/filters/df_[A-Za-z0-9]{22}$`));
  const other = { filter: { title: 'Other', if: 'all', enabled: false }, update_mask: { paths: ['enabled'] } };

  assert.deepEqual(await config.good('PATCH', filter.name, other), { ...filter, enabled: false });
  const rules = { events: [{ name: 'Order Completed', version: 1, rules: { type: 'object' } }] };
  const plan = await config.good('POST', `${acme}/tracking-plans`, { tracking_plan: { display_name: 'One' } });

  assert.match(plan.name, /^workspaces\/acme\/tracking-plans\/rs_/);
  assert.deepEqual(plan.rules, { global: {}, events: [], identify: {}, group: {} });
  const changed = await config.good('PUT', plan.name,
    { tracking_plan: { display_name: 'Two', rules }, update_mask: { paths: ['tracking_plan.rules'] } });

  assert.equal(changed.display_name, 'One');
  assert.deepEqual(changed.rules, { global: {}, ...rules, identify: {}, group: {} });
});

test('case 92: doubled and trailing slashes are the same path', async (t) => {
  const config = await Config.start(t);
  const plain = await config.get('catalog/sources');

  for (const path of ['/catalog/sources/', '//catalog//sources', 'catalog/sources/']) {
    const answer = await config.get(path);

    assert.equal(answer.status, 200, path);
    assert.equal(answer.text, plain.text, path);
  }
  assert.ok(plain.json.sources.length > 3);
});

test('case 93: the pseudo-JSON of the documents creates a destination', async (t) => {
  const config = await Config.start(t);
  const bodies = [
    `{'destination': {'name': '${demo}', 'enabled': 'true', 'config': [{'name': '${demo}/config/apiKey', 'value': 'it\\'s'}]`,
    `{destination: {name: '${demo}', enabled: true, config: [{name: '${demo}/config/apiKey', value: "it's"},]}}`,
    JSON.stringify(wish(demo, { enabled: 'true', config: [setting(demo, 'apiKey', "it's")] })),
  ];

  for (const body of bodies) {
    const answer = await config.call('POST', destinations, body, { 'Content-Type': 'application/x-www-form-urlencoded' });

    assert.equal(answer.status, 200, `${body}: ${answer.text}`);
    assert.equal(answer.json.enabled, true, body);
    assert.equal(await config.value(demo, 'apiKey'), "it's", body);
    await config.good('DELETE', demo);
  }
});

test('case 94: workspace:read may not create a source', async (t) => {
  const config = await Config.start(t, { scope: 'workspace:read' });
  const answer = await config.post(`${acme}/sources`,
    { source: { name: `${acme}/sources/js`, catalog_name: 'catalog/sources/javascript' } });

  assert.equal(answer.status, 403);
  assert.deepEqual(answer.json, insufficient);
  await config.good('GET', `${acme}/sources`);
});

test('case 95: a destination token is for its own slug on the chosen source, and nothing else', async (t) => {
  const owner = await Config.start(t);
  const config = owner.as(await owner.installed());
  const ios = `${acme}/sources/ios`;
  const elsewhere = `${ios}/destinations/demo`;

  await owner.good('POST', destinations, wish(clearbrain));
  await owner.good('POST', `${ios}/destinations`, wish(elsewhere));
  await config.good('POST', destinations, wish(demo));
  await config.good('GET', demo);
  await config.good('PATCH', demo, masked(wish(demo), ...everyPath));
  for (const [method, path, body] of [
    ['GET', destinations], ['GET', clearbrain], ['GET', elsewhere], ['PATCH', clearbrain, {}], ['DELETE', elsewhere],
    ['POST', destinations, wish(clearbrain)], ['POST', `${ios}/destinations`, wish(elsewhere)],
    ['GET', 'workspaces/globex/sources/website/destinations/demo'], ['GET', `${website}/destinations/nobody`],
  ]) {
    const answer = await config.call(method, path, body);

    assert.equal(answer.status, 403, `${method} ${path}`);
    assert.deepEqual(answer.json, insufficient, `${method} ${path}`);
  }
  isRefused(await config.post(destinations, '{"destination" ['), 400, /JSON/);
  isRefused(await config.patch(demo, masked(wish(demo, { connection_mode: 'DEVICE' }), 'connection_mode')), 403);
  await config.good('DELETE', demo);
});

test('case 96: a source whose slug is taken is 409 with code 6', async (t) => {
  const config = await Config.start(t);
  const body = { source: { name: website, catalog_name: 'catalog/sources/javascript' } };

  isRefused(await config.post(`${acme}/sources`, body), 409, /source already exists/);
});

test('case 97: three sources come in pages of two, and the last page says so', async (t) => {
  const config = await Config.start(t);
  const first = await config.good('GET', `${acme}/sources?page_size=2`);
  const second = await config.good('GET',
    `${acme}/sources?page_size=2&page_token=${encodeURIComponent(first.next_page_token)}`);

  assert.deepEqual(first.sources.map(({ name }) => name), [website, `${acme}/sources/ios`]);
  assert.notEqual(first.next_page_token, '');
  assert.deepEqual(second.sources.map(({ name }) => name), [`${acme}/sources/backend`]);
  assert.equal(second.next_page_token, '');
});

test('a page token goes on where it was even when a source between has gone', async (t) => {
  const config = await Config.start(t);
  const first = await config.good('GET', `${acme}/sources?page_size=2`);

  await config.good('DELETE', website);
  const second = await config.good('GET', `${acme}/sources?page_token=${encodeURIComponent(first.next_page_token)}`);

  assert.deepEqual(second.sources.map(({ name }) => name), [`${acme}/sources/backend`]);
});

test('an odd page_size is the default, and a token of nobody is 400', async (t) => {
  const config = await Config.start(t);

  for (const size of ['0', '-1', 'many', '', '9999999999999999999999', '1000'])
    assert.equal((await config.good('GET', `${acme}/sources?page_size=${size}`)).sources.length, 3, size);
  for (const token of ['x', 'MQ==', 'YWZ0ZXIg', 'YWZ0ZXIgLTE=', '%00', 'YWZ0ZXIgOTk5OTk5OTk5OTk5OTk5OTk5OTk5'])
    isRefused(await config.get(`${acme}/sources?page_token=${token}`), 400, /page_token/);
});

test('case 98: the 201st request within a minute is 429 with code 8, and says when to come back', async (t) => {
  const config = await Config.start(t);

  await config.emulator.control('POST', 'clock', { frozen: true });
  for (let n = 1; n <= 200; n++) assert.equal((await config.get('catalog/sources/go')).status, 200, `request ${n}`);
  const refused = await config.get('catalog/sources/go');

  isRefused(refused, 429);
  assert.equal(refused.headers['retry-after'], '60');
  assert.equal((await config.as(await config.personal('workspace')).get('catalog/sources/go')).status, 200,
    'another token has a window of its own');
  await config.emulator.control('POST', 'clock', { advance: '59s' });
  isRefused(await config.get('catalog/sources/go'), 429);
  await config.emulator.control('POST', 'clock', { advance: '1s' });
  assert.equal((await config.get('catalog/sources/go')).status, 200);
});

test('case 99: a deleted destination is {}, and gone', async (t) => {
  const config = await Config.start(t);

  await config.good('POST', destinations, wish(demo));
  const answer = await config.delete(demo);

  assert.equal(answer.status, 200);
  assert.equal(answer.text, '{}');
  isRefused(await config.get(demo), 404);
  isRefused(await config.delete(demo), 404);
});

test('case 100: a catalog item has the spellings that are easily missed', async (t) => {
  const config = await Config.start(t);
  const item = await config.good('GET', 'catalog/destinations/clearbrain');
  const [key] = item.settings;

  assert.equal(key.type, 'STRING');
  assert.deepEqual(key.string_validators, { regexp: '^.{8,}$' });
  assert.equal(item.methods.page_view, true);
  assert.ok(!('page' in item.methods));
  assert.equal(item.browserUnbundlingSupported, false);
  assert.equal(item.browserUnbundlingPublic, true);
  const { destinations: all } = await config.good('GET', 'catalog/destinations');

  assert.deepEqual(all.find(({ name }) => name === item.name), item);
});

test('case 101: CLOUD on an item that has only that mode is read back as UNSPECIFIED', async (t) => {
  const config = await Config.start(t);
  const ads = `${website}/destinations/fake-ads`;

  assert.equal((await config.good('POST', destinations, wish(clearbrain))).connection_mode, 'UNSPECIFIED');
  assert.equal((await config.good('GET', clearbrain)).connection_mode, 'UNSPECIFIED');
  assert.equal((await config.good('POST', destinations, wish(ads))).connection_mode, 'CLOUD');
  assert.equal((await config.good('PATCH', ads, masked(wish(ads, { connection_mode: 'DEVICE' }), 'connectionMode')))
    .connection_mode, 'DEVICE');
  isRefused(await config.patch(ads, masked(wish(ads, { connection_mode: 'cloud' }), 'connection_mode')), 400);
});

// --- shapes -------------------------------------------------------------------------------

test('resources have all their members, one space a level', async (t) => {
  const config = await Config.start(t);

  await config.emulator.control('POST', 'clock', { frozen: true });
  const workspace = await config.get(acme);

  assert.match(workspace.text,
    /^\{\n "name": "workspaces\/acme",\n "display_name": "Acme",\n "id": "[0-9a-f]{10}",\n "create_time": "[^"]+Z"\n\}\n?$/);
  assert.equal(workspace.headers['x-emulator-fidelity'], 'documented');
  const source = await config.good('POST', `${acme}/sources`,
    { source: { name: `${acme}/sources/Js_2`, catalog_name: 'catalog/sources/javascript', unknown: 1 } });

  assert.match(source.write_keys[0], /^[A-Za-z0-9]{32}$/);
  const time = (await config.emulator.control('GET', 'clock')).now;

  assert.deepEqual(source, {
    name: `${acme}/sources/Js_2`, parent: acme, display_name: '', catalog_name: 'catalog/sources/javascript',
    write_keys: source.write_keys,
    library_config: { metrics_enabled: false, retry_queue: false, cross_domain_id_enabled: false, api_host: '' },
    labels: {}, create_time: time,
  });
  assert.deepEqual(await config.good('POST', destinations, wish(clearbrain)), {
    name: clearbrain, parent: website, display_name: 'ClearBrain', enabled: true, connection_mode: 'UNSPECIFIED',
    config: [{ name: `${clearbrain}/config/apiKey`, display_name: 'API Key', value: 'abcd1234', type: 'string' }],
    create_time: time, update_time: time,
  });
});

test('a destination shows every setting of its item, in the order of the catalog', async (t) => {
  const config = await Config.start(t);
  const crm = `${website}/destinations/fake-crm`;
  const item = await config.good('GET', 'catalog/destinations/fake-crm');
  const zeros = { boolean: false, number: 0, list: [], map: {}, mixed: [] };
  const created = await config.good('POST', destinations, { destination: { name: crm } });

  assert.equal(created.enabled, false);
  assert.deepEqual(created.config, item.settings.map((one) => ({
    name: `${crm}/config/${one.name}`, display_name: one.display_name,
    value: zeros[one.type.toLowerCase()] ?? '', type: one.type.toLowerCase(),
  })));
});

test('with --redact what is sensitive comes back masked, and only that', async (t) => {
  const config = await Config.start(t, { flags: ['--redact'] });
  const both = [setting(demo, 'apiKey', 'abcd1234'), setting(demo, 'region', 'us')];

  for (const shown of [await config.good('POST', destinations, wish(demo, { config: both })), await config.good('GET', demo),
    (await config.good('GET', destinations)).destinations[0],
    await config.good('PATCH', demo, masked({ destination: { enabled: true } }, 'destination.enabled'))]) {
    const values = Object.fromEntries(shown.config.map(({ name, value }) => [name.split('/').pop(), value]));

    assert.equal(values.apiKey, '\u2022'.repeat(8));
    assert.equal(values.region, 'us');
  }
  await config.good('POST', destinations, wish(clearbrain, { enabled: false, config: [] }));
  assert.equal(await config.value(clearbrain, 'apiKey'), '', 'what is not set is seen not to be');
});

test('a source that goes takes all that hangs on it along', async (t) => {
  const config = await Config.start(t);

  await config.good('POST', destinations, wish(demo));
  await config.good('POST', `${demo}/filters`, { filter: { if: 'all', actions: [{ type: 'drop_event' }] } });
  const plan = await config.good('POST', `${acme}/tracking-plans`, { tracking_plan: {} });

  await config.good('POST', `${plan.name}/source-connections`, { source_name: website });
  assert.equal((await config.delete(website)).text, '{}');
  for (const path of [website, destinations, demo, `${demo}/filters`, `${website}/schema-config`])
    isRefused(await config.get(path), 404);
  assert.deepEqual((await config.good('GET', `${plan.name}/source-connections`)).connections, []);
  await config.good('POST', `${acme}/sources`, { source: { name: website, catalog_name: 'catalog/sources/javascript' } });
  assert.deepEqual((await config.good('GET', destinations)).destinations, []);
  await config.good('POST', destinations, wish(demo));
  assert.deepEqual((await config.good('GET', `${demo}/filters`)).filters, []);
});

// --- what is refused ----------------------------------------------------------------------

test('a source needs a name below its workspace and a known kind', async (t) => {
  const config = await Config.start(t);
  const kind = 'catalog/sources/javascript';

  for (const source of [
    {}, { name: `${acme}/sources/a` }, { name: `${acme}/sources/a`, catalog_name: 'catalog/sources/nobody' },
    { name: 'workspaces/globex/sources/a', catalog_name: kind }, { name: 'a', catalog_name: kind },
    { name: `${acme}/sources/`, catalog_name: kind }, { name: `${acme}/sources/a b`, catalog_name: kind },
    { name: `${acme}/sources/a.b`, catalog_name: kind }, { name: `${acme}/sources/${'a'.repeat(101)}`, catalog_name: kind },
    { name: 7, catalog_name: kind }, { name: `${acme}/sources/a`, catalog_name: kind, display_name: 'x'.repeat(4097) },
  ]) isRefused(await config.post(`${acme}/sources`, { source }), 400);
  assert.equal((await config.good('GET', `${acme}/sources`)).sources.length, 3);
});

test('a destination needs a name of the catalog below its source, and settings that are its own', async (t) => {
  const config = await Config.start(t);

  for (const [destination, what] of [
    [{}, /destination\.name/],
    [{ name: `${website}/destinations/nobody` }, /destination\.name/],
    [{ name: `${acme}/sources/ios/destinations/demo` }, /destination\.name/],
    [{ name: `${website}/demo` }, /destination\.name/],
    [{ name: demo, enabled: 'yes' }, /enabled/],
    [{ name: demo, connection_mode: 'SERVER' }, /connection_mode/],
    [{ name: demo, config: {} }, /config must be a list/],
    [{ name: demo, config: ['x'] }, /config\[0\]/],
    [{ name: demo, config: [{ name: 'apiKey', value: 'x' }] }, /config\[0\]/],
    [{ name: demo, config: [setting(demo, 'apiKye', 'x')] }, /unknown setting apiKye/],
    [{ name: demo, config: [setting(clearbrain, 'apiKey', 'x')] }, /config\[0\]/],
    [{ name: demo, enabled: true }, /apiKey is required/],
    [{ name: demo, enabled: true, config: [setting(demo, 'apiKey', '')] }, /apiKey is required/],
    [{ name: clearbrain, config: [setting(clearbrain, 'apiKey', 'abc123')] }, /apiKey does not match/],
  ]) isRefused(await config.post(destinations, { destination }), 400, what);
  assert.deepEqual((await config.good('GET', destinations)).destinations, []);
});

test('each type of setting has its validator, on create and on update', async (t) => {
  const config = await Config.start(t);
  const crm = `${website}/destinations/fake-crm`;
  const set = (key, value) => config.patch(crm, masked({ destination: { config: [setting(crm, key, value)] } }, 'config'));
  const table = {
    apiKey: { good: ['x', '', null], bad: [1, true, ['x'], {}] },
    region: { good: ['us', 'eu', ''], bad: ['mars', 1] },
    sendAnonymous: { good: [true, false, 'true', 'false', null], bad: ['yes', 1, []] },
    batchSeconds: { good: [1, 60, 2.5], bad: [0, 61, '5', true] },
    eventNames: { good: [[], ['a', 'b']], bad: ['a', [1], {}] },
    fieldMap: { good: [{}, { a: 'b' }], bad: ['a', []] },
    password: { good: ['hunter2'], bad: [1] },
    brandColor: { good: ['#ff0000'], bad: [255] },
  };

  await config.good('POST', destinations, { destination: { name: crm } });
  for (const [key, { good, bad }] of Object.entries(table)) {
    for (const value of good) assert.equal((await set(key, value)).status, 200, `${key} ${JSON.stringify(value)}`);
    const before = await config.value(crm, key);

    for (const value of bad) isRefused(await set(key, value), 400, new RegExp(key));
    assert.deepEqual(await config.value(crm, key), before);
  }
  assert.equal(await config.value(crm, 'password'), 'hunter2', 'sensitive values come back in clear');
  assert.equal(await config.value(crm, 'batchSeconds'), 2.5);
  assert.equal(await config.value(crm, 'sendAnonymous'), false);
});

test('bodies that are no object are 400 with code 3, and none is an empty one', async (t) => {
  const config = await Config.start(t);

  for (const body of ['{', '[]', '7', 'null', '"x"', '\u0000', '{"source":', 'a=b&c=d', '{"a":1}{"b":2}', `${'['.repeat(600)}`])
    isRefused(await config.post(`${acme}/sources`, body), 400);
  isRefused(await config.post(`${acme}/sources`, ''), 400, /source\.name/);
  isRefused(await config.post(`${acme}/sources`, `{"source":{"name":"${'x'.repeat(5 << 20)}"}}`), 400);
  for (const body of ['{}', '{'])
    assert.equal((await config.call('GET', acme, body, { 'Content-Length': body.length })).status, 200, 'ignored in a GET');
});

test('paths outside of the API answer as its proxy does, unknown things as it does itself', async (t) => {
  const config = await Config.start(t);

  for (const path of ['', 'nothing', 'destinations', 'workspace/acme']) {
    const answer = await config.get(path);

    assert.equal(answer.status, 503, path);
    assert.match(answer.headers['content-type'], /^text\/plain/);
    assert.equal(answer.text, 'upstream connect error or disconnect/reset before headers');
  }
  for (const [method, path] of [
    ['GET', `${acme}/nothing`], ['GET', `${acme}/sources/nobody`], ['GET', `${acme}/sources/nobody/destinations`],
    ['POST', `${acme}/sources/nobody/destinations`], ['PUT', website], ['POST', demo], ['DELETE', acme], ['GET', demo],
    ['GET', 'catalog/destinations/nobody'], ['GET', 'catalog/warehouses'], ['GET', `${demo}/filters`], ['GET', `${demo}/metrics`],
    ['GET', `${acme}/tracking-plans/rs_1`], ['GET', `${acme}/functions/1`], ['GET', `${acme}/regulations/1`],
  ]) isRefused(await config.call(method, path), 404);
  isRefused(await config.patch(website, {}), 501);
  isRefused(await config.get('apps/1'), 501);
});

test('a workspace may be named bare in a path, as the documents do', async (t) => {
  const config = await Config.start(t);

  assert.deepEqual(await config.good('GET', 'acme/sources'), await config.good('GET', `${acme}/sources`));
  isRefused(await config.get('globex/sources'), 403);
});

test('no token, or a bad one, is 401 before anything else', async (t) => {
  const config = await Config.start(t);

  isRefused(await config.as(undefined).get('workspaces'), 401);
  isRefused(await config.as('nobody').get('workspaces'), 401, /malformed token/);
  isRefused(await config.as('nobody').get(`${acme}/nothing`), 401);
  isRefused(await config.as(config.emulator.env.SEGMENT_PUBLIC_API_TOKEN).get('workspaces'), 401);
  isRefused(await config.as(undefined).call('GET', 'workspaces', undefined, asPerson('owner@acme.test')), 401);
});

test('scope comes before the parent, the parent before the body', async (t) => {
  const config = await Config.start(t);
  const reader = config.as(await config.personal('workspace:read'));

  isRefused(await reader.post(`${acme}/sources/nobody/destinations`, '{'), 403);
  isRefused(await config.post(`${acme}/sources/nobody/destinations`, '{'), 404);
  isRefused(await config.post(destinations, '{'), 400);
});
