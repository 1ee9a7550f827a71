// SPDX-License-Identifier: MIT
// What the service refuses to reach. The addresses lead to an endpoint that would answer
// 200, so a delivery that is not refused is seen.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Endpoint } from './lib/endpoint.mjs';
import { Service, track } from './lib/service.mjs';

const forward = `
async function onTrack(event, settings) {
  const answer = await fetch(event.properties.url, { method: 'POST', body: '{}' })
  return answer.status
}`;

const forwardByModule = `
function onTrack(event, settings) {
  return new Promise((resolve, reject) => {
    https.get(event.properties.url.replace('http:', 'https:'), (response) => resolve(response.statusCode)).on('error', reject)
  })
}`;

async function start(t, egress, code = forward) {
  const endpoint = await Endpoint.start(t, 200, '::');
  const service = await Service.start(t, {
    files: { 'functions/f.js': code },
    config: { egress },
    subscription: { function: 'functions/f.js', timeout: '2s', retry: { attempts: 1, over: '1s' } },
  });
  const { key } = await service.createKey();

  return {
    endpoint,
    fetch: async (url) => (await service.deliver(track({ properties: { url } }), { key })).deliveries[0],
  };
}

const spellings = [
  ['loopback', '127.0.0.1'], ['another loopback', '127.8.9.10'], ['a name for loopback', 'localhost'],
  ['short loopback', '127.1'], ['decimal', '2130706433'], ['hexadecimal', '0x7f000001'], ['octal', '0177.0.0.1'],
  ['hexadecimal parts', '0x7f.0.0.1'], ['this host', '0.0.0.0'], ['zero', '0'], ['IPv6 loopback', '[::1]'],
  ['IPv6 any', '[::]'], ['IPv4 in IPv6', '[::ffff:127.0.0.1]'], ['IPv4 in IPv6, hexadecimal', '[::ffff:7f00:1]'],
  ['IPv4 in IPv6, compatible', '[::127.0.0.1]'], ['NAT64', '[64:ff9b::7f00:1]'], ['6to4', '[2002:7f00:1::]'],
  ['metadata', '169.254.169.254'], ['private 10', '10.0.0.1'], ['private 172', '172.16.0.1'],
  ['private 192', '192.168.0.1'], ['carrier', '100.64.0.1'], ['multicast', '224.0.0.1'], ['broadcast', '255.255.255.255'],
  ['IPv6 link-local', '[fe80::1]'], ['IPv6 private', '[fd00::1]'], ['IPv6 metadata', '[fd00:ec2::254]'],
  ['upper-case name', 'LOCALHOST'], ['a trailing dot', 'localhost.'], ['full-width digits', '１２７.0.0.1'],
];

test('private, loopback, link-local and metadata addresses are refused in every spelling', async (t) => {
  const { endpoint, fetch } = await start(t, { allow: [] });

  for (const [why, host] of spellings) {
    const delivery = await fetch(`http://${host}:${endpoint.port}/`);
    const said = JSON.stringify(delivery.attempts);

    assert.equal(delivery.state, 'dead', `${why}: ${host}: ${said}`);
    if (!['trailing', 'full-width'].some((word) => why.includes(word)))
      assert.match(said, /egress|refus|not allowed|private/i, `${why}: ${host}`);
  }
  assert.equal(endpoint.requests.length, 0);
});

test('https.request() is held to the same policy as fetch()', async (t) => {
  const { endpoint, fetch } = await start(t, { allow: [] }, forwardByModule);

  for (const host of ['127.0.0.1', '169.254.169.254', '[::1]']) {
    const delivery = await fetch(`http://${host}:${endpoint.port}/`);

    assert.equal(delivery.state, 'dead', host);
    assert.match(JSON.stringify(delivery.attempts), /refused: private address/, host);
  }
  assert.equal(endpoint.requests.length, 0);
});

test('a subscription that forwards to a private address: dead, and the error says so', async (t) => {
  const endpoint = await Endpoint.start(t, 200);
  const service = await Service.start(t, { config: { egress: { allow: [] } },
    subscription: { endpoint: endpoint.url } });
  const { key } = await service.createKey();
  const event = await service.deliver(track(), { key });

  assert.equal(event.deliveries[0].state, 'dead');
  assert.match(JSON.stringify(event.deliveries[0].attempts), /egress/);
  assert.equal(endpoint.requests.length, 0);
});

test('a redirect to a private address is refused', async (t) => {
  const { endpoint, fetch } = await start(t, { allow: ['127.0.0.1'] });

  endpoint.mood(({ url }) => (url === '/start'
    ? { status: 307, headers: { Location: `http://127.0.0.2:${endpoint.port}/end` } } : 200));
  const delivery = await fetch(`http://127.0.0.1:${endpoint.port}/start`);

  assert.notEqual(delivery.state, 'delivered', JSON.stringify(delivery.attempts));
  assert.deepEqual(endpoint.requests.map(({ url }) => url), ['/start']);
});

test('other schemes and nonsense are refused', async (t) => {
  const { fetch } = await start(t, { allow: ['127.0.0.1'] });

  for (const url of ['file:///etc/passwd', 'gopher://127.0.0.1/', 'ftp://127.0.0.1/', 'dict://127.0.0.1/', 'http://', '',
    'http://127.0.0.1:99999/', 'http://user:pass@/'])
    assert.equal((await fetch(url)).state, 'dead', url);
});

test('egress.allow opens what it names and nothing else', async (t) => {
  const { endpoint, fetch } = await start(t, { allow: ['127.0.0.0/24', 'localhost'] });

  for (const [host, state] of [['127.0.0.1', 'delivered'], ['127.0.0.200', 'delivered'],
    ['127.0.1.1', 'dead'], ['localhost', 'delivered']]) {
    const delivery = await fetch(`http://${host}:${endpoint.port}/`);

    assert.equal(delivery.state, state, `${host}: ${JSON.stringify(delivery.attempts)}`);
  }
});
