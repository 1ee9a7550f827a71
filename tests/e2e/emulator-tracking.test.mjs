// SPDX-License-Identifier: MIT
// The Tracking API of the local Segment: what is answered, what is discarded, what arrives.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { basic } from './lib/http.mjs';
import { apiKey, Customer, website } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const success = { success: true };
const plain = { 'Content-Type': 'text/plain', Authorization: undefined };

function isAccepted(answer) {
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, success);
}

function isRefused(answer, status, what) {
  assert.equal(answer.status, status);
  assert.equal(answer.json.success, false);
  assert.equal(answer.json.message, answer.json.error, 'clients read either');
  assert.match(answer.json.message, what);
}

const got = (customer, n) => until(`the partner got ${n}`, () => customer.partner.requests.length >= n);

test('case 102: a track call is accepted, and its stamped event reaches the destination', async (t) => {
  const customer = await Customer.connected(t);
  const answer = await customer.track({ writeKey: 'a secret of the site', properties: { plan: 'pro' } });

  isAccepted(answer);
  assert.equal(answer.headers['x-emulator-fidelity'], 'documented');
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  await got(customer, 1);
  const [event] = customer.got;

  assert.equal(event.type, 'track');
  assert.equal(event.event, 'Signed Up');
  assert.deepEqual(event.properties, { plan: 'pro' });
  assert.match(event.messageId, /^api-[A-Za-z0-9]{32}$/);
  assert.match(event.receivedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(event.timestamp, event.receivedAt);
  assert.match(event.projectId, /^[A-Za-z0-9]{10}$/);
  assert.equal(event.channel, 'server');
  assert.equal(event.version, 2);
  assert.deepEqual(event.context.library, { name: 'unknown', version: 'unknown' });
  assert.ok(!('writeKey' in event));
  assert.equal(customer.partner.requests[0].headers.authorization, basic(apiKey));
});

test('case 103: an unknown key and an event without a name are answered 200 and discarded', async (t) => {
  const customer = await Customer.connected(t);

  isAccepted(await customer.send('track', { event: 'A', userId: 'u' }, { Authorization: basic('nobody') }));
  isAccepted(await customer.send('track', { userId: 'u' }));
  assert.deepEqual((await customer.events()).map(({ verdict, source }) => [verdict, source]),
    [['event_not_defined', website], ['unknown_source', '']]);
  assert.ok((await customer.events()).every(({ remedy, destinations }) => remedy !== '' && destinations === 0));
  assert.deepEqual(await customer.counted(website), { event_not_defined: 1, received: 1 });
  assert.deepEqual(await customer.counted('unknown'), { received: 1, unknown_source: 1 });
  assert.equal(customer.partner.requests.length, 0);
});

test('case 104: an event of 33 KB, a batch of 501 KB and broken JSON are answered 400', async (t) => {
  const customer = await Customer.start(t);
  const large = { event: 'A', userId: 'u', properties: { text: 'x'.repeat(33 << 10) } };
  const batch = { batch: Array.from({ length: 501 }, () => ({ type: 'track', event: 'A', text: 'x'.repeat(1000) })) };

  isRefused(await customer.send('track', large), 400, /32 KB/);
  isRefused(await customer.send('batch', batch), 400, /500 KB/);
  isRefused(await customer.send('batch', { batch: 'x'.repeat(7 << 20) }), 400, /500 KB/);
  isRefused(await customer.send('track', '{"event":'), 400, /malformed JSON at byte 9/);
  isRefused(await customer.send('batch', '{"batch":[{}}'), 400, /malformed JSON/);
  isRefused(await customer.send('track', ''), 400, /malformed JSON/);
  assert.deepEqual(await customer.events(), []);
});

test('case 105: a batch of 2,501 events is answered 200 and discarded; one of 2,500 is taken', async (t) => {
  const customer = await Customer.start(t);
  const batch = (n) => ({ batch: Array.from({ length: n }, (_, i) => ({ type: 'track', event: 'A', userId: `u${i}` })) });

  isAccepted(await customer.send('batch', batch(2501)));
  assert.deepEqual(await customer.counted(website), { received: 2501, too_large: 2501 });
  assert.equal((await customer.events())[0].title, 'a batch of 2501 events');
  isAccepted(await customer.send('batch', batch(2500)));
  assert.deepEqual(await customer.counted(website), { received: 5001, too_large: 2501 });
});

test('case 106: a batch in gzip is accepted, and what is inside counts', async (t) => {
  const customer = await Customer.connected(t);
  const gzip = { 'Content-Encoding': 'gzip' };
  const pack = (value) => gzipSync(JSON.stringify(value));

  isAccepted(await customer.send('batch', pack({ batch: [{ type: 'track', event: 'A', userId: 'u' }] }), gzip));
  await got(customer, 1);
  assert.equal(customer.got[0].event, 'A');
  isRefused(await customer.send('batch', pack({ batch: [], text: 'x'.repeat(512000) }), gzip), 400, /500 KB/);
  isRefused(await customer.send('track', pack({ event: 'x'.repeat(40000) }), gzip), 400, /32 KB/);
  isRefused(await customer.send('batch', gzipSync(Buffer.alloc(50 << 20)), gzip), 400, /500 KB/);
  isRefused(await customer.send('batch', '{"batch":[]}', gzip), 400, /not gzip/);
  isRefused(await customer.send('batch', '{"batch":[]}', { 'Content-Encoding': 'br' }), 400, /gzip/);
});

test('case 107: a skewed clock is corrected by the time between sentAt and the event', async (t) => {
  const customer = await Customer.connected(t);

  await customer.track({ timestamp: '2001-02-03T04:05:06.000Z', sentAt: '2001-02-03T04:05:16.500Z' });
  await got(customer, 1);
  const [event] = customer.got;

  assert.equal(Date.parse(event.receivedAt) - Date.parse(event.timestamp), 10500);
  assert.equal(event.originalTimestamp, '2001-02-03T04:05:06.000Z');
  assert.equal(event.sentAt, '2001-02-03T04:05:16.500Z');
});

test('case 108: the same messageId is delivered once, and again after 24 hours', async (t) => {
  const customer = await Customer.connected(t, 200, ['--clock-rate', '0']);

  for (let i = 0; i < 3; i++) isAccepted(await customer.track({ messageId: 'm-1' }));
  await customer.track({ messageId: 'm-2' });
  await customer.idle();
  assert.deepEqual(customer.got.map(({ messageId }) => messageId), ['m-1', 'm-2']);
  assert.deepEqual((await customer.events()).map(({ duplicate }) => duplicate), [false, true, true, false]);
  assert.equal((await customer.counted(website)).duplicate, 2);

  await customer.send('track', { event: 'A', userId: 'u', messageId: 'm-1' }, { Authorization: basic('dev_writekey_ios') });
  assert.equal((await customer.events())[0].duplicate, false, 'another source has ids of its own');

  await customer.advance('25h');
  await customer.track({ messageId: 'm-1' });
  await customer.idle();
  assert.equal(customer.partner.requests.length, 3);
});

test('a messageId is remembered over kill -9, a reset forgets it, a snapshot brings it back', async (t) => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'emulator-'));
  const customer = await Customer.start(t, 200, ['--data', data]);
  const isDuplicate = async () => {
    isAccepted(await customer.track({ messageId: 'm-1' }));
    return (await customer.events())[0].duplicate;
  };

  t.after(() => fs.rmSync(data, { recursive: true, force: true }));
  assert.equal(await isDuplicate(), false);
  await customer.emulator.kill();
  await customer.emulator.up();
  assert.equal(await isDuplicate(), true, 'after kill -9');
  const snapshot = (await customer.emulator.ask('GET', '/_emulator/snapshot')).text;

  await customer.emulator.control('POST', 'reset');
  assert.equal(await isDuplicate(), false, 'after a reset');
  await customer.emulator.control('POST', 'reset');
  await customer.emulator.control('PUT', 'snapshot', snapshot);
  assert.equal(await isDuplicate(), true, 'after the snapshot');
});

test('whatever is changed about a source is seen by its next event', async (t) => {
  const customer = await Customer.connected(t);
  const verdict = async () => {
    await customer.track();
    return (await customer.events())[0];
  };

  assert.equal((await verdict()).destinations, 1);
  await customer.connect('demo', { enabled: false });
  assert.equal((await verdict()).destinations, 0, 'disabled');
  await customer.connect('demo');
  assert.equal((await verdict()).destinations, 1, 'enabled again');
  await customer.emulator.control('POST', 'faults', { where: 'tracking', what: 'status', status: 503, times: 1 });
  assert.equal((await customer.track()).status, 503, 'a fault');
  assert.equal((await customer.track()).status, 200, 'it was for once');
  await customer.emulator.control('POST', 'reset');
  assert.equal((await verdict()).destinations, 0, 'reset');
});

test('case 109: integrations {"All":false,"X":true} lets only X have it', async (t) => {
  const customer = await Customer.connected(t);
  const keys = () => customer.partner.requests.map(({ headers }) => headers.authorization);

  await customer.connect('clearbrain', { key: 'clear-brain-key' });
  await customer.track({ integrations: { All: false, ClearBrain: true } });
  await customer.idle();
  assert.deepEqual(keys(), [basic('clear-brain-key')]);
  assert.deepEqual(await customer.counted(), { FILTERED_BY_INTEGRATIONS_OBJECT: 1 });
  await customer.track();
  await customer.idle();
  assert.equal(keys().length, 3, 'both get what names nobody');
});

test('case 110: a disabled destination gets nothing and counts nothing', async (t) => {
  const customer = await Customer.start(t);

  await customer.connect('demo', { enabled: false });
  isAccepted(await customer.track());
  await customer.idle();
  assert.equal(customer.partner.requests.length, 0);
  assert.deepEqual(await customer.counted(), {});
  assert.equal((await customer.events())[0].verdict, 'good');
});

test('case 112: a key of the other region is rejected, at either endpoint', async (t) => {
  const customer = await Customer.start(t);
  const eu = { Authorization: basic('eu-key') };
  const event = { event: 'A', userId: 'u' };

  await customer.emulator.control('PUT', 'write-key', { write_key: 'eu-key', source: website, region: 'eu' });
  isRefused(await customer.send('track', event, eu), 403, /other region/);
  isRefused(await customer.send('batch', { batch: [event], writeKey: 'eu-key' }, { Authorization: undefined }), 403, /other region/);
  assert.deepEqual(await customer.events(), []);
  isAccepted(await customer.send('track', event, { ...eu, Host: 'events.eu1.segmentapis.com' }));
  isRefused(await customer.send('track', event, { Host: 'events.eu1.segmentapis.com' }), 403, /other region/);
  isAccepted(await customer.send('track', event, { Authorization: basic('nobody'), Host: 'events.eu1.segmentapis.com' }));
});

test('every path gives its event its type', async (t) => {
  const customer = await Customer.start(t);
  const ids = { userId: 'u', previousId: 'p', groupId: 'g', event: 'A' };
  const paths = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'i', 't', 'p', 's', 'g', 'a'];
  const types = ['identify', 'track', 'page', 'screen', 'group', 'alias'];

  for (const path of paths) isAccepted(await customer.send(path, { ...ids, type: 'nonsense' }));
  const events = (await customer.events()).reverse();

  assert.deepEqual(events.map(({ stamped }) => stamped?.type), [...types, ...types]);
  assert.deepEqual(events.map(({ stamped }) => stamped?.channel), [...Array(6).fill('server'), ...Array(6).fill('client')]);
  assert.ok(events.slice(6).every(({ stamped }) => stamped.context.ip === '127.0.0.1'), 'browsers get their address');
  assert.ok(events.slice(0, 6).every(({ stamped }) => !('ip' in stamped.context)), 'servers do not');
});

test('what a browser asks before it sends is answered on every path, and PUT is not supported', async (t) => {
  const customer = await Customer.start(t);

  for (const path of ['track', 't', 'batch', 'import']) {
    const asked = await customer.emulator.ask('OPTIONS', `/v1/${path}`, undefined,
      { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' });
    const put = await customer.emulator.ask('PUT', `/v1/${path}`, {});

    assert.equal(asked.status, 204);
    assert.equal(asked.headers['access-control-allow-origin'], '*');
    assert.equal(asked.headers['access-control-allow-methods'], 'POST');
    assert.equal(asked.headers['access-control-allow-headers'], 'Content-Type, Authorization');
    isRefused(put, 405, /POST/);
    assert.equal(put.headers.allow, 'POST, OPTIONS');
  }
  isRefused(await customer.send('nonsense', {}), 404, /identify/);
});

test('who sends is said by Basic, else by the batch, else by the event', async (t) => {
  const customer = await Customer.start(t);
  const event = { type: 'track', event: 'A', userId: 'u' };
  const ios = 'dev_writekey_ios';
  const cases = [
    ['track', { ...event, writeKey: ios }, {}, ['website']],
    ['track', { ...event, writeKey: ios }, { Authorization: undefined }, ['ios']],
    ['track', { ...event, writeKey: ios }, { Authorization: 'Bearer token' }, ['ios']],
    ['track', event, { Authorization: undefined }, ['']],
    ['track', event, { Authorization: `Basic ${Buffer.from('dev_writekey_ios').toString('base64')}` }, ['ios']],
    ['batch', { batch: [event], writeKey: ios }, {}, ['website']],
    ['batch', { batch: [{ ...event, writeKey: 'dev_writekey_backend' }], writeKey: ios }, { Authorization: undefined }, ['ios']],
    ['batch', { batch: [{ ...event, writeKey: ios }, { ...event, writeKey: 'dev_writekey_backend' }, event] },
      { Authorization: undefined }, ['', 'backend', 'ios']],
    ['import', { batch: [event] }, {}, ['website']],
  ];
  let before = 0;

  for (const [path, body, headers, want] of cases) {
    isAccepted(await customer.send(path, body, headers));
    const events = await customer.events();

    assert.deepEqual(events.slice(0, events.length - before).map(({ source }) => source.split('/').at(-1)), want,
      JSON.stringify([path, body, headers]));
    before = events.length;
  }
});

test('JSON is read whatever Content-Type says: beacons cannot say it, curl -d does not', async (t) => {
  const customer = await Customer.start(t);
  const body = JSON.stringify({ event: 'A', userId: 'u', writeKey: 'dev_writekey_website' });

  isAccepted(await customer.send('t', body, { ...plain, 'Content-Type': 'text/plain;charset=UTF-8', Origin: 'https://shop.example' }));
  assert.equal((await customer.events())[0].source, website);
  isAccepted(await customer.send('track', body, { ...plain, Origin: 'https://shop.example' }));
  assert.deepEqual([(await customer.events())[0].stamped.channel, (await customer.events())[0].stamped.context.ip],
    ['client', '127.0.0.1'], 'who has an Origin is a browser');
  isAccepted(await customer.send('t', body, { 'Content-Type': 'application/x-www-form-urlencoded' }));
  isAccepted(await customer.send('t', body, { 'Content-Type': undefined }));
  assert.equal((await customer.events()).length, 4);
  isRefused(await customer.send('t', 'event=A&userId=u', { 'Content-Type': 'application/x-www-form-urlencoded' }), 400, /JSON/);
});

test('odd bytes stay where they are: a byte order mark, long ids, text that is no text', async (t) => {
  const customer = await Customer.connected(t);
  const long = '"'.repeat(100);

  isAccepted(await customer.send('track', '\ufeff {"event":"A","userId":"u"} '));
  isAccepted(await customer.track({ messageId: long }));
  isAccepted(await customer.send('track', '"a text"'));
  isAccepted(await customer.send('track', '{"event":"\\ud800\\u0000","userId":"u","__proto__":{"a":1}}'));
  isRefused(await customer.send('track', Buffer.from('{"event":"\xff"}', 'latin1')), 400, /malformed JSON/);
  await customer.idle();
  const events = await customer.events();

  assert.deepEqual(events.map(({ verdict }) => verdict), ['good', 'bad_request', 'good', 'good']);
  assert.ok((await customer.deliveries()).some(({ message_id }) => message_id === long));
});

test('a messageId of more than 100 characters is discarded, and told why', async (t) => {
  const customer = await Customer.connected(t);

  isAccepted(await customer.track({ messageId: '\u{1f600}'.repeat(100) }));
  isAccepted(await customer.track({ messageId: 'm'.repeat(101) }));
  await customer.idle();
  const [long, good] = await customer.events();

  assert.deepEqual([long.verdict, good.verdict], ['too_large', 'good']);
  assert.match(long.remedy, /messageId/);
  assert.equal(customer.got.length, 1);
});

test('events of a suppressed user are discarded, of the source or the workspace that said so, until it says otherwise', async (t) => {
  const customer = await Customer.connected(t);
  const token = (await customer.emulator.ask('POST', '/v1beta/access-tokens',
    { access_token: { description: 'privacy', scopes: 'workspace', workspace_names: ['workspaces/acme'] } },
    { Authorization: `Basic ${Buffer.from('owner@acme.test:any').toString('base64')}` })).json.token;
  const regulate = async (parent, regulation_type, ...values) => assert.equal((await customer.emulator.ask('POST',
    `/v1beta/${parent}/regulations`, { regulation_type, attributes: { name: 'userId', values } },
    { Authorization: `Bearer ${token}` })).status, 200);
  const verdict = async (members) => {
    isAccepted(await customer.track(members));
    return (await customer.events())[0].verdict;
  };

  await regulate('workspaces/acme', 'Suppress', 'gone', '7');
  await regulate(website, 'Suppress_With_Delete', 'here');
  await regulate('workspaces/acme/sources/ios', 'Suppress', 'there');
  for (const userId of ['gone', 7, 'here']) assert.equal(await verdict({ userId }), 'suppressed', userId);
  for (const userId of ['there', 'Gone']) assert.equal(await verdict({ userId }), 'good', userId);
  assert.equal(await verdict({ userId: undefined, anonymousId: 'gone' }), 'good', 'a regulation is about userId');
  isAccepted(await customer.send('batch', { batch: [{ type: 'identify', userId: 'gone' }, { type: 'identify', userId: 'u1' }] }));
  assert.deepEqual((await customer.events()).slice(0, 2).map((event) => event.verdict), ['good', 'suppressed']);
  assert.equal((await customer.counted(website)).suppressed, 4);
  await regulate('workspaces/acme', 'Unsuppress', 'gone', 'here');
  assert.equal(await verdict({ userId: 'gone' }), 'good');
  assert.equal(await verdict({ userId: 'here' }), 'suppressed', 'the source has not taken it back');
});

test('context, integrations and sentAt of a batch are its events\' defaults', async (t) => {
  const customer = await Customer.start(t);

  isAccepted(await customer.send('batch', {
    context: { app: { name: 'shop' }, locale: 'de' }, integrations: { All: false }, sentAt: '2020-01-01T00:00:10.000Z',
    batch: [
      { type: 'track', event: 'A', userId: 'u', timestamp: '2020-01-01T00:00:00.000Z', context: { locale: 'fr' } },
      { type: 'track', event: 'B', userId: 'u', integrations: { All: true }, sentAt: '2020-01-01T00:00:30.000Z' },
    ],
  }));
  const [b, a] = (await customer.events()).map(({ stamped }) => stamped);

  assert.deepEqual([a.context.app, a.context.locale, b.context.locale], [{ name: 'shop' }, 'fr', 'de']);
  assert.deepEqual([a.integrations, b.integrations], [{ All: false }, { All: true }]);
  assert.deepEqual([a.sentAt, b.sentAt], ['2020-01-01T00:00:10.000Z', '2020-01-01T00:00:30.000Z']);
  assert.equal(Date.parse(a.receivedAt) - Date.parse(a.timestamp), 10000);
});

test('good events of a batch are taken, the others are discarded one by one', async (t) => {
  const customer = await Customer.connected(t);

  isAccepted(await customer.send('batch', {
    batch: [
      { type: 'track', event: 'A', userId: 'u' }, 7, { type: 'track', event: 'B' }, { type: 'delete', userId: 'u' },
      { type: 'track', event: 'C', userId: 'u', properties: { text: 'x'.repeat(33 << 10) } },
      { type: 'track', event: 'D', userId: 'u' },
    ],
  }));
  await customer.idle();
  assert.deepEqual(customer.got.map(({ event }) => event).sort(), ['A', 'D']);
  assert.deepEqual((await customer.events()).map(({ verdict }) => verdict).reverse(),
    ['good', 'bad_request', 'no_user_anon_id', 'bad_request', 'too_large', 'good']);
  isAccepted(await customer.send('batch', { batch: [] }));
  isAccepted(await customer.send('batch', { events: [] }));
  isAccepted(await customer.send('batch', '[]'));
  assert.equal((await customer.counted(website)).empty_batch, 3);
  assert.ok((await customer.events()).slice(0, 3).every(({ title }) => title === 'an empty batch'));
});

test('a type that the catalog does not support is counted, not sent', async (t) => {
  const customer = await Customer.start(t);

  await customer.connect('clearbrain', { key: 'clear-brain-key' });
  isAccepted(await customer.send('alias', { userId: 'u', previousId: 'p' }));
  isAccepted(await customer.send('identify', { userId: 'u' }));
  await customer.idle();
  assert.deepEqual(customer.got.map(({ type }) => type), ['identify']);
  assert.deepEqual(await customer.counted(`${website}/destinations/clearbrain`), { UNSUPPORTED_EVENT_TYPE: 1, successes: 1 });
});

test('filters drop events, change them for one destination, or let them pass', async (t) => {
  const customer = await Customer.start(t);
  const put = (slug, key, filters) => customer.emulator.control('PUT', 'destination',
    { source: website, slug, enabled: true, config: { apiKey: key }, filters });

  await put('demo', 'demo-key', [
    { if: 'type = "identify"', actions: [{ type: 'drop_event' }] },
    { if: 'event = "Paid"', actions: [{ type: 'blacklist_fields', fields: { properties: { fields: ['card'] } } }] },
    { if: 'properties.card = "4111"', actions: [{ type: 'blacklist_fields', fields: { properties: { fields: ['name'] } } }] },
  ]);
  await put('clearbrain', 'clear-brain-key', []);
  isAccepted(await customer.send('identify', { userId: 'u' }));
  isAccepted(await customer.track({ event: 'Paid', properties: { card: '4111', name: 'Ann', price: 3 } }));
  isAccepted(await customer.track({ event: 'Seen', properties: { card: '5', name: 'Ann' } }));
  await customer.idle();
  const of = (key) => customer.partner.requests.filter(({ headers }) => headers.authorization === basic(key))
    .map(({ body }) => JSON.parse(body)).sort((a, b) => (a.event ?? '').localeCompare(b.event ?? ''));

  assert.deepEqual(of('demo-key').map(({ event, properties }) => [event, properties]),
    [['Paid', { price: 3 }], ['Seen', { card: '5', name: 'Ann' }]]);
  assert.deepEqual(of('clear-brain-key').map(({ event }) => event), [undefined, 'Paid', 'Seen']);
  assert.deepEqual(of('clear-brain-key')[1].properties, { card: '4111', name: 'Ann', price: 3 });
  assert.deepEqual(await customer.counted(`${website}/destinations/demo`), { FILTERED_BY_RULES: 1, successes: 2 });
});

test('a destination whose required setting is missing gets nothing', async (t) => {
  const customer = await Customer.start(t);

  await customer.emulator.control('PUT', 'destination', { source: website, slug: 'demo', enabled: true, config: {} });
  isAccepted(await customer.track());
  await customer.idle();
  assert.equal(customer.partner.requests.length, 0);
  assert.deepEqual(await customer.counted(), { 'errors.discarded.INVALID_SETTINGS': 1 });
});

test('the journal and the controls refuse what makes no sense', async (t) => {
  const { emulator } = await Customer.start(t);
  const refused = [
    ['GET', 'events?limit=0', undefined, 400], ['GET', 'events?limit=1001', undefined, 400],
    ['GET', 'deliveries?limit=x', undefined, 400], ['POST', 'deliveries/hurry', '[', 400],
    ['PUT', 'destination', { source: 'nobody', slug: 'demo' }, 404], ['PUT', 'destination', { source: website, slug: 'nobody' }, 404],
    ['PUT', 'destination', { source: website, slug: 'demo', filters: [{ if: 'type =', actions: [{ type: 'drop_event' }] }] }, 400],
    ['PUT', 'destination', { source: website, slug: 'demo', filters: [{ if: 'all', actions: [{ type: 'nonsense' }] }] }, 400],
    ['PUT', 'destination', [], 400], ['PUT', 'write-key', { write_key: 'k', source: website, region: 'mars' }, 400],
    ['PUT', 'write-key', { source: website, region: 'eu' }, 400],
  ];

  for (const [method, path, body, status] of refused) {
    const answer = await emulator.ask(method, `/_emulator/${path}`, body);

    assert.equal(answer.status, status, `${method} ${path} ${answer.text}`);
    assert.ok(answer.json.message.length > 0);
  }
});
