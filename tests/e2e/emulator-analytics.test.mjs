// SPDX-License-Identifier: MIT
// Segment's own library for Node, which knows nothing of us, sends to the local Segment.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { client } from './lib/clients.mjs';
import { temporaryFolder } from './lib/place.mjs';
import { root } from './lib/program.mjs';
import { Customer, websiteKey } from './lib/tracking.mjs';

const { Analytics } = client('@segment/analytics-node');

function library(customer, settings = {}) {
  const analytics = new Analytics({ writeKey: websiteKey, host: customer.emulator.url, maxEventsInBatch: 100, ...settings });
  const errors = [];

  analytics.on('error', (error) => errors.push(error));
  return { analytics, errors };
}

test('each call of analytics-node arrives in the journal and at the destination', async (t) => {
  const customer = await Customer.connected(t);
  const { analytics, errors } = library(customer);

  analytics.identify({ userId: 'u1', traits: { email: 'ann@example.com', plan: 'pro' } });
  analytics.track({ userId: 'u1', event: 'Signed Up', properties: { price: 12.5 }, context: { ip: '203.0.113.9' } });
  analytics.page({ anonymousId: 'a1', name: 'Home', properties: { url: 'https://shop.example/' } });
  analytics.screen({ userId: 'u1', name: 'Start' });
  analytics.group({ userId: 'u1', groupId: 'g1', traits: { name: 'Acme' } });
  analytics.alias({ userId: 'u1', previousId: 'a1' });
  await analytics.closeAndFlush();
  await customer.idle();
  const events = (await customer.events()).reverse();

  assert.deepEqual(errors, []);
  assert.deepEqual(events.map(({ verdict }) => verdict), Array(6).fill('good'));
  assert.deepEqual(events.map(({ type }) => type), ['identify', 'track', 'page', 'screen', 'group', 'alias']);
  assert.deepEqual(events.map(({ message_id }) => message_id).sort(), customer.got.map(({ messageId }) => messageId).sort());
  const track = customer.got.find(({ type }) => type === 'track');

  assert.deepEqual([track.event, track.properties.price, track.context.ip], ['Signed Up', 12.5, '203.0.113.9']);
  assert.equal(track.context.library.name, '@segment/analytics-node');
  assert.ok(Math.abs(Date.parse(track.timestamp) - Date.now()) < 60000);
});

test('a thousand events of analytics-node are flushed in batches, and all arrive once', async (t) => {
  const customer = await Customer.connected(t);
  const { analytics, errors } = library(customer);

  for (let i = 0; i < 1000; i++) analytics.track({ userId: `u${i}`, event: 'Order Completed', properties: { number: i } });
  await analytics.closeAndFlush();
  await customer.idle();
  const events = await customer.events();
  const numbers = new Set(events.map(({ stamped }) => stamped.properties.number));

  assert.deepEqual(errors, []);
  assert.deepEqual([events.length, numbers.size, customer.partner.ids.size], [1000, 1000, 1000]);
  assert.equal(customer.partner.requests.length, 1000);
});

test('an unknown write key is no error to analytics-node', async (t) => {
  const customer = await Customer.start(t);
  const { analytics, errors } = library(customer, { writeKey: 'nobody' });

  analytics.track({ userId: 'u1', event: 'Signed Up' });
  await analytics.closeAndFlush();
  assert.deepEqual(errors, []);
  assert.equal((await customer.events())[0].verdict, 'unknown_source');
});

test('the Node snippet of Workspaces, pasted into a file, sends its event here', async (t) => {
  const customer = await Customer.connected(t);
  const page = (await customer.emulator.ask('GET', '/')).text;
  const code = /id="snippet-node">(.*?)<\/pre>/s.exec(page)[1].replaceAll('&#39;', '\'').replaceAll('&quot;', '"');
  const folder = temporaryFolder(t);

  fs.symlinkSync(path.join(root, 'tests/clients/node_modules'), path.join(folder, 'node_modules'));
  fs.writeFileSync(path.join(folder, 'send.mjs'), code.replaceAll('localhost', '127.0.0.1'));

  const child = spawn(process.execPath, ['send.mjs'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });

  assert.deepEqual(await once(child, 'close'), [0, null]);
  await customer.idle();
  assert.deepEqual(customer.got.map(({ event, userId, properties }) => [event, userId, properties]),
    [['Order Completed', 'u42', { total: 42 }]]);
});
