// SPDX-License-Identifier: MIT
// What became of each acknowledged event: by the endpoint, by the service's own API, and by a
// look into the store with sqlite3, when nobody has it open.

import path from 'node:path';

import { run } from '../../e2e/lib/program.mjs';

const states = ['none', 'queued', 'running', 'retrying', 'delivered', 'discarded', 'dead'];

async function query(file, sql) {
  const { code, stdout, stderr } = await run([path.basename(file), sql],
    { command: 'sqlite3', cwd: path.dirname(file), timeout: 300000 });

  if (code !== 0) throw new Error(`sqlite3: ${stderr}`);
  return stdout.split('\n').filter(Boolean);
}

// messageId → the state of its delivery. An event without a row of a delivery is queued.
async function statesInStore(file) {
  const rows = await query(file, `SELECT json_extract(CAST(payload AS TEXT), '$.messageId') || ' ' || ifnull(delivery.state, 1)
    FROM event LEFT JOIN delivery ON delivery.id = event.id`);

  return new Map(rows.map((row) => {
    const space = row.lastIndexOf(' ');

    return [row.slice(0, space), states[Number(row.slice(space + 1))]];
  }));
}

async function statesByApi(service) {
  const there = new Map();
  let cursor = '';

  do {
    const page = await service.api(`/events?limit=1000&after=${cursor}`);

    for (const event of page.data) there.set(event.id, event.deliveries[0]?.state ?? 'without a delivery');
    cursor = page.next ?? '';
  } while (cursor);
  return there;
}

// Stops the service. @acknowledged: messageId → event id; @arrived: has messageIds. Returns
// {lost, stored, groups}: groups maps a sentence to the messageIds it is true of.
export async function fates(service, acknowledged, arrived, file) {
  const byApi = await statesByApi(service);

  await service.stop('SIGTERM', 30000);
  const inStore = await statesInStore(file);
  const groups = new Map();
  const lost = [];

  for (const [messageId, id] of acknowledged) {
    const fate = `${arrived.has(messageId) ? 'arrived' : 'did not arrive'}, the API says `
      + `${byApi.get(id) ?? 'nothing'}, the store has it ${inStore.get(messageId) ?? 'not'}`;

    if (!inStore.has(messageId) || !byApi.has(id)) lost.push(messageId);
    if (!groups.has(fate)) groups.set(fate, []);
    groups.get(fate).push(messageId);
  }
  return { lost, stored: inStore.size, groups };
}
