// SPDX-License-Identifier: MIT
// The query language, the same for command line, API and stream.

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { basic as keyOf, request } from './lib/http.mjs';
import { Partner } from './lib/partner.mjs';
import { freePort } from './lib/place.mjs';
import { run } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';
import { websiteKey } from './lib/tracking.mjs';
import { until } from './lib/wait.mjs';

const code = `
async function onTrack(event, settings) {
  if (event.event === 'Unwanted') throw new DropEvent('not for us')
  if (event.event === 'Loud') console.log('heard')
  if (event.event === 'Broken') throw new TypeError('oh')
  const url = event.event === 'Nobody' ? settings.nobody : settings.endpoint
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(event) })
  if (answer.status >= 500) throw new RetryError('later')
}`;

// One of each fate: name → event as the API shows it.
async function world(t) {
  const endpoint = await Endpoint.start(t, (got) => {
    if (/Slow/.test(got.body)) return { status: 200, delay: 400 };
    return /Unlucky/.test(got.body) ? 503 : 200;
  });
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  const retry = { attempts: 2, over: '200ms' };
  const service = await Service.start(t, {
    files: { 'functions/crm.js': code },
    config: {
      subscriptions: [
        { name: 'crm', path: '/webhook', function: 'functions/crm.js', endpoint: endpoint.url, retry,
          settings: { endpoint: endpoint.url, nobody }, timeout: '1s' },
        { name: 'web', auth: 'none', endpoint: endpoint.url, retry },
        { name: 'void', auth: 'none', endpoint: nobody, retry },
      ],
    },
  });
  const { key, id: keyId } = await service.createKey({ name: 'acme' });
  const events = {};
  const deliver = async (name, body, options) => { events[name] = await service.deliver(body, options); };

  await deliver('good', track({ event: 'Good', userId: 'ann', messageId: 'm-good',
    properties: { plan: 'pro', tags: ['new', 'eu'] }, context: { ip: '8.8.8.8' } }), { key });
  await deliver('unwanted', track({ event: 'Unwanted', userId: 'ann' }), { key });
  await deliver('loud', track({ event: 'Loud', userId: 'bob' }), { key });
  await deliver('broken', track({ event: 'Broken', userId: 'bob' }), { key });
  await deliver('unlucky', track({ event: 'Unlucky', userId: 'cy' }), { key });
  await deliver('slow', track({ event: 'Slow', userId: 'cy' }), { key });
  await deliver('nobody', track({ event: 'Nobody', userId: 'dee' }), { key });
  await deliver('page', { type: 'page', name: 'Home', anonymousId: 'a-1', messageId: 'm-page',
    properties: { filling: 'x'.repeat(5000) } }, { path: '/webhook/web' });
  await deliver('person', { type: 'identify', userId: 'eve', traits: { email: 'jo@initech.com' } },
    { path: '/webhook/web' });
  await deliver('refused', { type: 'identify', userId: 'fay' }, { path: '/webhook/void' });
  return { service, events, keyId };
}

// Every field at least once: query → what it finds, the newest first.
const all = ['refused', 'person', 'page', 'nobody', 'slow', 'unlucky', 'broken', 'loud', 'unwanted', 'good'];
const without = (...names) => all.filter((name) => !names.includes(name));
const wanted = ({ events, keyId }) => ({
  '': all,
  'is:dead': ['refused', 'nobody', 'unlucky', 'broken'],
  'is:discarded': ['unwanted'],
  'is:filtered': ['unwanted'],
  'is:queued': [],
  'is:retrying': [],
  'is:running': [],
  'is:delivered sub:crm': ['slow', 'loud', 'good'],
  'type:page': ['page'],
  'event:Good': ['good'],
  'event:Un*': ['unlucky', 'unwanted'],
  'user:ann': ['unwanted', 'good'],
  'user:a-1': ['page'],
  'anon:a-1': ['page'],
  'anon:*': ['page'],
  'sub:web': ['person', 'page'],
  'sub:w*': ['person', 'page'],
  'source:website': [],
  'install:7': [],
  'fn:crm': ['nobody', 'slow', 'unlucky', 'broken', 'loud', 'unwanted', 'good'],
  'fn:crm.js -user:bob -user:cy -user:dee': ['unwanted', 'good'],
  'fn:mail': [],
  'key:acme user:ann': ['unwanted', 'good'],
  [`key:${keyId} event:Good`]: ['good'],
  'key:none': [],
  [`id:${events.loud.id}`]: ['loud'],
  [`id:${events.loud.deliveries[0].id}`]: ['loud'],
  'message:m-good': ['good'],
  'message:m-*': ['page', 'good'],
  'status:503': ['unlucky'],
  'status:5xx': ['unlucky'],
  'status:200 sub:crm': ['slow', 'loud', 'good'],
  'status:refused': ['refused', 'nobody'],
  'status:timeout': [],
  'error:RetryError': ['unlucky'],
  'error:*Error sub:crm -error:RetryError': ['nobody', 'broken'],
  'attempts:2': ['refused', 'unlucky'],
  'attempts:>1': ['refused', 'unlucky'],
  'attempts:>2': [],
  'latency:>=400ms is:delivered': ['slow'],
  'latency:>1h': [],
  'size:>4k': ['page'],
  'has:log': ['loud'],
  'after:1h event:Good': ['good'],
  'before:1h': [],
  'properties.plan:pro event:Good': ['good'],
  'properties.tags:eu': ['good'],
  'context.ip:8.8.8.8': ['good'],
  'traits.email:*@initech.com': ['person'],
  'payload.name:Home': ['page'],
  'payload.properties.none:*': [],
  initech: ['person'],
  'INITECH -user:nobody': ['person'],
  '"\\"plan\\":\\"pro\\",\\"tags\\""': ['good'],
  'nothing-like-this': [],
  '-is:dead -is:delivered': ['unwanted'],
  'user:eve OR user:fay': ['refused', 'person'],
  'is:dead user:bob OR type:page OR initech': ['person', 'page', 'broken'],
  '-has:log': without('loud'),
  'replay:rpl_00000000000000000000000000': [],
});

const faults = {
  'snb:crm': [/^no field "snb"; did you mean sub:\?$/, 0, 4],
  'is:dead propertes.plan:pro': [/^no field "propertes.plan"; did you mean properties.plan:\?$/, 8, 15],
  'is:ded': [/^no state "ded"; did you mean is:dead\?$/, 3, 3],
  'ünï OR': [/^OR stands between two terms$/, 4, 2],
  '(a OR b)': [/^there are no parentheses in queries$/, 0, 1],
  'latency:>5': [/^">5" is no latency$/, 8, 2],
  'a event:"b': [/^a quote in the query is not closed$/, 8, 2],
};

// The command line takes a query that begins with a minus behind "--".
const command = (service, words, query) => run(
  [...words, '--config', service.configFile, '--data', service.data, '--', ...(query ? [query] : [])], { cwd: service.folder });

async function found(service, query) {
  const { code: exit, stdout, stderr } = await command(service, ['events', 'list', '--json'], query);

  assert.equal(exit, 0, `${query}: ${stderr}`);
  return JSON.parse(stdout).data;
}

test('every field finds what it says, by the API and the command line alike', async (t) => {
  const { service, events, keyId } = await world(t);
  const nameOf = Object.fromEntries(Object.entries(events).map(([name, { id }]) => [id, name]));
  const names = (data) => data.map(({ id }) => nameOf[id]);

  for (const [query, names_] of Object.entries(wanted({ events, keyId }))) {
    const page = await service.api(`/events?q=${encodeURIComponent(query)}`);

    assert.deepEqual(names(page.data), names_, query);
    assert.deepEqual([page.total, page.partial, page.next], [names_.length, null, null], query);
    assert.deepEqual(names(await found(service, query)), names_, `events list ${query}`);
  }
  // Of replays, and of dead letters.
  const replay = await service.api('/replays', { method: 'POST', body: { q: 'event:Good OR event:Loud' } });

  assert.equal(replay.matched, 2);
  await until('the replay is done', async () => (await service.api(`/replays/${replay.id}`)).state === 'done');
  assert.deepEqual(names(await service.events(`replay:${replay.id}`)), ['loud', 'good']);
  assert.deepEqual(names((await service.api('/dead?q=status:503%20OR%20user:bob')).data), ['unlucky', 'broken']);
  assert.deepEqual(names((await service.api('/dead?q=user:ann')).data), []);
});

test('what is not understood is said with its place, by the API and the command line alike', async (t) => {
  const service = await Service.start(t);
  const headers = { Authorization: `Bearer ${service.token()}`, 'Content-Type': 'application/json' };

  for (const [query, [detail, position, length]] of Object.entries(faults)) {
    const q = encodeURIComponent(query);

    for (const [target, method, body] of [[`/events?q=${q}`, 'GET'], [`/stream?q=${q}`, 'GET'], [`/dead?q=${q}`, 'GET'],
      [`/dead?q=${q}`, 'DELETE'], ['/replays', 'POST', { q: query }]]) {
      const answer = await request(`${service.admin}/api/v1${target}`, { method, headers, body });

      assert.equal(answer.status, 400, `${method} ${target}`);
      assert.match(answer.headers['content-type'], /^application\/problem\+json/);
      assert.match(answer.json.detail, detail);
      assert.deepEqual([answer.json.code, answer.json.position, answer.json.length], ['PA7017', position, length], query);
    }
    for (const words of [['events', 'list'], ['events', 'tail'], ['dead', 'list']]) {
      const { code: exit, stderr } = await command(service, words, query);
      const lines = stderr.split('\n').map((line) => line.replace(/^error(\[PA7017\])?: /i, ''));

      assert.equal(exit, 2, stderr);
      assert.ok(lines.some((line) => detail.test(line)), stderr);
      assert.match(stderr, new RegExp(`--> query:1:${position + 1}\\b`));
      assert.match(stderr, new RegExp(`\\| {${position + 1}}\\^{${length}}( |$)`, 'm'));
    }
  }
});

test('source: and install: find what came through an install', async (t) => {
  const partner = await Partner.start(t);

  await partner.person().enable();
  await partner.emulator.ask('POST', '/v1/track', { userId: 'u1', event: 'Order Completed' },
    { 'Content-Type': 'application/json', Authorization: keyOf(websiteKey) });
  await until('it has come', async () => (await partner.service.events()).length === 1);
  for (const query of ['source:website', 'source:workspaces/acme/sources/website', 'source:web*', 'install:1', 'install:ins_1',
    'install:installs/1 source:website'])
    assert.equal((await partner.service.events(query)).length, 1, query);
  for (const query of ['source:site', 'install:2', '-install:1', '-source:website'])
    assert.equal((await partner.service.events(query)).length, 0, query);
});

// Reads /stream with a query; the list grows by [name, data].
async function follow(t, service, query) {
  const got = [];
  const headers = { Authorization: `Bearer ${service.token()}` };

  await new Promise((resolve, reject) => {
    const asked = http.get(`${service.admin}/api/v1/stream?q=${encodeURIComponent(query)}`, { headers }, (answer) => {
      let text = '';

      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
          const [, name, data] = /^(?:id: \S+\n)?event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];

          if (name && name !== 'stats') got.push([name, JSON.parse(data)]);
        }
        resolve();
      });
    });

    asked.on('error', reject);
    t.after(() => asked.destroy());
  });
  return got;
}

test('the stream is filtered by the same language, also by what only the store knows', async (t) => {
  const endpoint = await Endpoint.start(t, (got) => (/Unlucky/.test(got.body) ? 503 : 200));
  const service = await Service.start(t, {
    files: { 'functions/crm.js': code },
    config: { subscriptions: [{ name: 'crm', path: '/webhook', function: 'functions/crm.js', endpoint: endpoint.url,
      settings: { endpoint: endpoint.url }, retry: { attempts: 1, over: '1s' } }] },
  });
  const { key } = await service.createKey({ name: 'acme' });
  // Of an event "e" and its delivery "d" in the order below: Good, Unlucky, Loud.
  const streams = {
    '': 'ed ed ed',
    'is:dead OR event:Good type:track': 'ed d -',
    'status:5xx': '- d -',
    'status:200': 'd - d',
    'attempts:>0': 'd d d',
    'has:log': '- - d',
    'latency:<1h': 'd d d',
    'fn:crm': 'd d d',
    'size:>1': 'ed ed ed',
    'anon:a-1': '- - ed',
    'key:acme': 'ed ed ed',
    'key:other': '- - -',
    'properties.plan:pro': 'ed ed ed',
    'loud OR is:dead': '- d ed',
    '-has:log user:u1': 'ed ed e',
    'install:1': '- - -',
  };
  const lists = {};

  for (const query of Object.keys(streams)) lists[query] = await follow(t, service, query);
  const ids = [];

  for (const body of [{ event: 'Good' }, { event: 'Unlucky' }, { event: 'Loud', anonymousId: 'a-1' }])
    ids.push((await service.deliver(track(body), { key })).id);
  for (const [query, want] of Object.entries(streams)) {
    const told = () => ids.map((id) => lists[query].filter(([name, data]) => (name === 'event' ? data.id : data.event) === id)
      .map(([name]) => name[0]).sort().reverse().join('').replace('de', 'ed') || '-').join(' ');

    await until(`${query} got ${want}, not ${told()}`, () => told() === want, { timeout: 5000 });
  }
});
