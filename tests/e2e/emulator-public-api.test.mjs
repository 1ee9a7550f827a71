// SPDX-License-Identifier: MIT
// The Public API of the local Segment, on its own port: ids instead of slugs, settings as objects.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { request } from './lib/http.mjs';
import { Customer } from './lib/tracking.mjs';

const v1 = 'application/vnd.segment.v1+json';

class PublicApi {
  static async start(t, emulator) {
    const api = new PublicApi();

    api.emulator = emulator ?? await Emulator.start(t);
    return api;
  }

  call(method, path, body, headers = {}) {
    const sent = { Authorization: `Bearer ${this.emulator.env.SEGMENT_PUBLIC_API_TOKEN}`, ...headers };

    if (body !== undefined && sent['Content-Type'] === undefined) sent['Content-Type'] = 'application/json';
    for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
    return request(`${this.emulator.publicUrl}${path}`, { method, body, headers: sent });
  }

  async good(method, path, body) {
    const answer = await this.call(method, path, body);

    assert.equal(answer.status, 200, `${method} ${path}: ${answer.status} ${answer.text}`);
    assert.deepEqual(Object.keys(answer.json), ['data']);
    return answer.json.data;
  }

  async source(slug) {
    return (await this.good('GET', '/sources')).sources.find((source) => source.slug === slug);
  }

  async metadata(slug) {
    return (await this.good('GET', '/catalog/destinations')).destinationsCatalog.find((item) => item.slug === slug);
  }

  async connect(slug, settings = { apiKey: 'abcd1234' }) {
    const source = await this.source('website');
    const metadata = await this.metadata(slug);

    return (await this.good('POST', '/destinations', { sourceId: source.id, metadataId: metadata.id, enabled: true, settings }))
      .destination;
  }
}

function isRefused(answer, status, type, field) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.json), ['errors']);
  const [error, ...others] = answer.json.errors;

  assert.deepEqual(others, []);
  assert.equal(error.type, type);
  assert.equal(error.status, String(status));
  assert.equal(error.field, field);
  assert.ok(error.message.length > 0);
}

test('the workspace is the one of the token', async (t) => {
  const api = await PublicApi.start(t);
  const { workspace } = await api.good('GET', '/');

  assert.deepEqual(workspace, { id: workspace.id, slug: 'acme', name: 'Acme' });
  assert.match(workspace.id, /^[0-9a-f]{10}$/);
});

test('the answer is of the type that was asked for', async (t) => {
  const api = await PublicApi.start(t);
  const asked = {
    '': v1, '*/*': v1, 'application/json': 'application/json', [v1]: v1,
    'application/vnd.segment.v1beta+json': 'application/vnd.segment.v1beta+json',
    'application/vnd.segment.v1alpha+json': 'application/vnd.segment.v1alpha+json',
    [`text/html, ${v1};q=0.5`]: v1,
  };

  for (const [accept, type] of Object.entries(asked)) {
    const answer = await api.call('GET', '/', undefined, accept === '' ? {} : { Accept: accept });

    assert.equal(answer.status, 200, accept);
    assert.equal(answer.headers['content-type'].split(';')[0], type, accept);
  }
  isRefused(await api.call('GET', '/', undefined, { Accept: 'text/html' }), 406, 'not-acceptable');
});

test('only its own tokens are good, and no token is 401', async (t) => {
  const api = await PublicApi.start(t);
  const { json } = await api.emulator.ask('POST', '/v1beta/access-tokens',
    { access_token: { scopes: 'workspace', workspace_names: ['acme'] } },
    { Authorization: `Basic ${Buffer.from('owner@acme.test:x').toString('base64')}` });

  for (const authorization of [undefined, 'Bearer nobody', `Bearer ${json.token}`, 'Basic eDp5'])
    isRefused(await api.call('GET', '/', undefined, { Authorization: authorization }), 401, 'unauthorized');
});

test('sources are created, renamed, disabled, given keys, and deleted with their destinations', async (t) => {
  const api = await PublicApi.start(t);
  const { sourcesCatalog } = await api.good('GET', '/catalog/sources');
  const metadata = sourcesCatalog.find(({ slug }) => slug === 'javascript');
  const { source } = await api.good('POST', '/sources',
    { slug: 'shop', enabled: true, metadataId: metadata.id, settings: { domain: 'shop.test' } });

  assert.match(source.id, /^[A-Za-z0-9]+$/);
  assert.deepEqual(source, {
    id: source.id, slug: 'shop', name: 'shop', workspaceId: (await api.good('GET', '/')).workspace.id, enabled: true,
    writeKeys: source.writeKeys, metadata, settings: { domain: 'shop.test' }, labels: [],
  });
  const path = `/sources/${source.id}`;
  const changed = await api.good('PATCH', path, { name: 'The Shop', enabled: false });

  assert.deepEqual(changed.source, { ...source, name: 'The Shop', enabled: false });
  const keyed = await api.good('POST', `${path}/writekey`);

  assert.equal(keyed.source.writeKeys.length, 2);
  assert.deepEqual(await api.good('DELETE', `${path}/writekey/${source.writeKeys[0]}`), { status: 'SUCCESS' });
  assert.deepEqual((await api.good('GET', path)).source.writeKeys, [keyed.source.writeKeys[1]]);
  const { destination } = await api.good('POST', '/destinations',
    { sourceId: source.id, metadataId: (await api.metadata('demo')).id, settings: { apiKey: 'k' } });

  assert.deepEqual((await api.good('GET', `${path}/connected-destinations`)).destinations, [destination]);
  assert.deepEqual(await api.good('DELETE', path), { status: 'SUCCESS' });
  for (const gone of [path, `${path}/connected-destinations`, `/destinations/${destination.id}`])
    isRefused(await api.call('GET', gone), 404, 'not-found');
});

test('a disabled source takes no events, and one more write key takes them too', async (t) => {
  const customer = await Customer.connected(t);
  const api = await PublicApi.start(t, customer.emulator);
  const { id } = await api.source('website');
  const { source } = await api.good('POST', `/sources/${id}/writekey`);
  const key = source.writeKeys.at(-1);

  await customer.send('track', { event: 'E', userId: 'u' }, { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
  await customer.ends('delivered');
  await api.good('PATCH', `/sources/${id}`, { enabled: false });
  await customer.track();
  assert.equal((await customer.counted('workspaces/acme/sources/website')).source_disabled, 1);
});

test('a destination has its settings as an object, and a change merges them', async (t) => {
  const api = await PublicApi.start(t);
  const destination = await api.connect('demo');

  assert.match(destination.id, /^[A-Za-z0-9]{22}$/);
  assert.deepEqual(destination, {
    id: destination.id, name: 'Demo', enabled: true, metadata: await api.metadata('demo'),
    sourceId: (await api.source('website')).id, settings: { apiKey: 'abcd1234', region: '' },
  });
  const path = `/destinations/${destination.id}`;
  const changed = await api.good('PATCH', path, { name: 'Mine', settings: { region: 'eu' } });

  assert.deepEqual(changed.destination, { ...destination, name: 'Mine', settings: { apiKey: 'abcd1234', region: 'eu' } });
  assert.deepEqual((await api.good('GET', path)).destination, changed.destination);
  assert.deepEqual((await api.good('GET', '/destinations')).destinations, [changed.destination]);
  assert.deepEqual(await api.good('DELETE', path), { status: 'SUCCESS' });
  isRefused(await api.call('GET', path), 404, 'not-found');
});

test('a second destination of one type on a source is 400 in the words of Segment', async (t) => {
  const api = await PublicApi.start(t);
  const { sourceId, metadata } = await api.connect('demo');
  const answer = await api.call('POST', '/destinations', { sourceId, metadataId: metadata.id, settings: { apiKey: 'k' } });

  isRefused(answer, 400, 'bad-request');
  assert.equal(answer.json.errors[0].message, 'Multiple configurations of this destination type not supported.');
});

test('a password comes back masked, but for its last four characters', async (t) => {
  const api = await PublicApi.start(t);
  const destination = await api.connect('fake-crm', { apiKey: 'abcd1234', password: 'correct horse' });

  assert.match(destination.settings.password, /^\u2022{8,}orse$/);
  const wide = await api.good('PATCH', `/destinations/${destination.id}`, { settings: { password: 'ünïcödé😀' } });

  assert.match(wide.destination.settings.password, /^\u2022{8}ödé😀$/);
  const short = await api.good('PATCH', `/destinations/${destination.id}`, { settings: { password: 'abc' } });

  assert.match(short.destination.settings.password, /^\u2022{8,}$/);
});

test('what is wrong with a field is 422, and names it', async (t) => {
  const api = await PublicApi.start(t);
  const source = await api.source('website');
  const metadata = await api.metadata('clearbrain');
  const { id: kind } = source.metadata;
  const good = { sourceId: source.id, metadataId: metadata.id, settings: { apiKey: 'abcd1234' } };

  for (const [path, body, field] of [
    ['/sources', {}, 'slug'], ['/sources', { slug: 'a b', metadataId: kind }, 'slug'], ['/sources', { slug: 7 }, 'slug'],
    ['/sources', { slug: 'a' }, 'metadataId'], ['/sources', { slug: 'a', metadataId: metadata.id }, 'metadataId'],
    ['/sources', { slug: 'a', metadataId: kind, enabled: 'true' }, 'enabled'],
    ['/sources', { slug: 'a', metadataId: kind, settings: [] }, 'settings'],
    ['/destinations', { ...good, sourceId: 'x' }, 'sourceId'], ['/destinations', { ...good, metadataId: 'x' }, 'metadataId'],
    ['/destinations', { ...good, settings: { apiKey: 'abc123' } }, 'settings'],
    ['/destinations', { ...good, settings: { nothing: 1 } }, 'settings'], ['/destinations', { ...good, settings: {} }, 'settings'],
    ['/destinations', { ...good, settings: 'x' }, 'settings'], ['/destinations', { ...good, name: {} }, 'name'],
  ]) isRefused(await api.call('POST', path, body), 422, 'input-validation', field);
  isRefused(await api.call('POST', '/sources', { slug: 'website', metadataId: kind }), 409, 'conflict', 'slug');
  isRefused(await api.call('PATCH', `/sources/${source.id}`, { slug: 'other' }), 501, 'not-implemented', 'slug');
  await api.good('PATCH', `/sources/${source.id}`, { slug: 'website' });
});

test('bodies that are no JSON, no object, of another type or too large are refused', async (t) => {
  const api = await PublicApi.start(t);

  for (const body of ['', '{', '[]', 'null', "{'slug':'a'}", '\u0000'])
    isRefused(await api.call('POST', '/sources', body), 400, 'bad-request');
  isRefused(await api.call('POST', '/sources', '{}', { 'Content-Type': 'text/plain' }), 400, 'bad-request');
  isRefused(await api.call('POST', '/sources', '{}', { 'Content-Type': `${v1}; charset=utf-8` }), 422, 'input-validation', 'slug');
  isRefused(await api.call('POST', '/sources', `"${'x'.repeat(5 << 20)}"`), 413, 'payload-too-large');
});

test('lists come in pages, with parameters in both spellings', async (t) => {
  const api = await PublicApi.start(t);
  const cursor = (offset) => Buffer.from(String(offset)).toString('base64');

  for (const [count, after] of [['pagination.count', 'pagination.cursor'], ['pagination[count]', 'pagination[cursor]']]) {
    const first = await api.good('GET', `/sources?${encodeURIComponent(count)}=2`);
    const second = await api.good('GET',
      `/sources?${count}=2&${encodeURIComponent(after)}=${encodeURIComponent(first.pagination.next)}`);

    assert.deepEqual(first.pagination, { current: 'MA==', next: cursor(2), totalEntries: 3 });
    assert.deepEqual(second.pagination, { current: cursor(2), previous: 'MA==', totalEntries: 3 });
    assert.deepEqual([...first.sources, ...second.sources].map(({ slug }) => slug), ['website', 'ios', 'backend']);
  }
  assert.deepEqual((await api.good('GET', '/sources?pagination.count=3')).pagination, { current: 'MA==', totalEntries: 3 });
  assert.deepEqual((await api.good('GET', `/sources?pagination.cursor=${encodeURIComponent(cursor(99))}`)).sources, []);
  for (const size of ['0', '1001', '-1', 'x', ''])
    isRefused(await api.call('GET', `/sources?pagination.count=${size}`), 422, 'input-validation', 'pagination.count');
  for (const bad of ['x', 'LTE=', '!!'])
    isRefused(await api.call('GET', `/sources?pagination.cursor=${bad}`), 422, 'input-validation', 'pagination.cursor');
});

test('the catalog has ids, slugs and options, and can be asked for one item', async (t) => {
  const api = await PublicApi.start(t);
  const item = await api.metadata('fake-crm');

  assert.match(item.id, /^[0-9a-f]{24}$/);
  assert.deepEqual(item.options[0], {
    name: 'apiKey', type: 'string', required: true, label: 'API Key', description: item.options[0].description, defaultValue: '',
  });
  assert.deepEqual(item.options.map(({ defaultValue }) => defaultValue), ['', '', false, 0, [], {}, '', '']);
  assert.deepEqual((await api.good('GET', `/catalog/destinations/${item.id}`)).destinationMetadata, item);
  isRefused(await api.call('GET', `/catalog/sources/${item.id}`), 404, 'not-found');
  assert.deepEqual((await api.good('GET', '/catalog/warehouses')).warehousesCatalog, []);
});

test('delivery metrics say what became of the events of a destination', async (t) => {
  const customer = await Customer.start(t, (_, n) => ({ status: n === 0 ? 200 : 400 }));
  const api = await PublicApi.start(t, customer.emulator);
  const { id, sourceId, metadata } = await api.connect('demo');

  await customer.track();
  await customer.ends('delivered');
  await customer.track({ userId: 'u2' });
  await customer.ends('discarded');
  const path = `/destinations/${id}/delivery-metrics`;
  const { deliveryMetricsSummary: summary } = await api.good('GET', `${path}?sourceId=${sourceId}&granularity=MINUTE`);
  const metric = (name) => summary.metrics.find(({ metricName }) => metricName === name);

  assert.equal(summary.sourceId, sourceId);
  assert.equal(summary.destinationMetadataId, metadata.id);
  assert.deepEqual(metric('successes'), { metricName: 'successes', total: 1, breakdown: [] });
  assert.deepEqual(metric('discarded'), { breakdown: [{ metricName: '400', value: 1 }], metricName: 'discarded', total: 1 });
  isRefused(await api.call('GET', `${path}?granularity=YEAR`), 422, 'input-validation');
  isRefused(await api.call('GET', `${path}?startTime=now`), 422, 'input-validation');
  isRefused(await api.call('GET', `${path}?sourceId=other`), 404, 'not-found');
});

test('the rate is told in headers, and 429 has it in data', async (t) => {
  const api = await PublicApi.start(t);

  await api.emulator.control('POST', 'clock', { frozen: true });
  const first = await api.call('GET', '/');

  assert.equal(first.headers['x-ratelimit-consumed'], '1');
  assert.equal(first.headers['x-ratelimit-remaining'], '199');
  assert.equal(first.headers['x-ratelimit-reset'], '60');
  for (let n = 2; n <= 200; n++) await api.good('GET', '/');
  const refused = await api.call('GET', '/');

  assert.equal(refused.status, 429);
  assert.deepEqual(refused.json.errors[0].data, { remainingPoints: 0, msBeforeNext: 60000, consumedPoints: 200 });
  assert.equal(refused.headers['x-ratelimit-remaining'], '0');
  await api.emulator.control('POST', 'clock', { advance: '60s' });
  await api.good('GET', '/');
});

test('what is not imitated says so in the words of this API', async (t) => {
  const api = await PublicApi.start(t);

  for (const [method, path] of [['GET', '/functions'], ['POST', '/functions/1/deploy'], ['GET', '/nothing'], ['PUT', '/sources'],
    ['GET', '/v1beta/workspaces'], ['GET', '/_emulator/state'], ['DELETE', '/']])
    isRefused(await api.call(method, path), 501, 'not-implemented');
  for (const path of ['/sources/x', '/destinations/x', '/sources/x/connected-destinations', '/destinations/x/delivery-metrics'])
    isRefused(await api.call('GET', path), 404, 'not-found');
  for (const path of ['/sources/x/writekey/y', '/sources/x', '/destinations/x'])
    isRefused(await api.call('DELETE', path), 404, 'not-found');
  isRefused(await api.call('POST', '/sources/x/writekey'), 404, 'not-found');
});

test('what is of another workspace is not found', async (t) => {
  const customer = await Customer.start(t);
  const api = await PublicApi.start(t, customer.emulator);
  const source = 'workspaces/globex/sources/website';

  await customer.connect('demo', { source });
  await customer.send('track', { event: 'E', userId: 'u' },
    { Authorization: `Basic ${Buffer.from('dev_writekey_globex:').toString('base64')}` });
  await customer.idle();
  const [{ projectId }] = customer.got;

  assert.match(projectId, /^[A-Za-z0-9]{10}$/);
  for (const path of [`/sources/${projectId}`, `/sources/${projectId}/connected-destinations`])
    isRefused(await api.call('GET', path), 404, 'not-found');
  for (const [method, path] of [['DELETE', `/sources/${projectId}`], ['PATCH', `/sources/${projectId}`],
    ['POST', `/sources/${projectId}/writekey`], ['DELETE', `/sources/${projectId}/writekey/dev_writekey_globex`]])
    isRefused(await api.call(method, path, method === 'PATCH' ? {} : undefined), 404, 'not-found');
  isRefused(await api.call('POST', '/destinations', { sourceId: projectId, metadataId: (await api.metadata('demo')).id }), 422,
    'input-validation', 'sourceId');
  assert.deepEqual((await api.good('GET', '/destinations')).destinations, []);
  assert.equal((await api.good('GET', '/sources')).pagination.totalEntries, 3);
});
