// SPDX-License-Identifier: MIT
// The balance: what was acknowledged beside what is there. The events come from the API, the
// state of the file from sqlite3's own program.

import path from 'node:path';

import { run } from '../../e2e/lib/program.mjs';
import { addsUp } from '../../e2e/lib/service.mjs';

export const columns = ['rounds', 'sent', 'acknowledged', 'stored', 'delivered', 'duplicates', 'lost'];

// Every acknowledged event of a sample is there; the others' names.
export async function missing(service, load, random, count = 20) {
  const ids = [...load.acknowledged.values()];
  const lost = [];

  for (let i = 0; i < count && ids.length > 0; i++) {
    const id = ids[Math.floor(random() * ids.length)];
    const event = await service.api(`/events/${id}`).catch(() => null);

    if (event?.id !== id) lost.push(id);
  }
  return lost;
}

export async function everyEvent(service) {
  const there = new Map();
  let cursor = '';

  do {
    const page = await service.api(`/events?limit=1000&after=${cursor}`);

    for (const event of page.data) there.set(event.id, event.message_id);
    cursor = page.next ?? '';
  } while (cursor);
  return there;
}

// Of a store that nobody has open. sqlite3 leaves no trace in a folder that the service owns.
export async function integrity(file) {
  const { stdout, stderr } = await run([path.basename(file), 'PRAGMA integrity_check'],
    { command: 'sqlite3', cwd: path.dirname(file), timeout: 120000 });

  return (stdout + stderr).trim();
}

// The senders have ended; the service is up. Stops it, looks at the file, starts it again.
// Returns a row of the table, with the sentences of what is wrong.
export async function balance(service, load, { rounds, file = path.join(service.data, 'partnerapp.db') } = {}) {
  const problems = [];
  const there = await everyEvent(service);
  const lost = [...load.acknowledged].filter(([messageId, id]) => there.get(id) !== messageId);
  const twice = there.size - new Set(there.values()).size;

  await service.stop('SIGTERM', 30000);
  const sound = await integrity(file);

  await service.up();
  const counters = await service.counters();
  const statuses = [...load.refusals.keys()].filter((status) => ![0, 503].includes(status));

  if (lost.length > 0) problems.push(`lost: ${lost.slice(0, 5).join(' ')}`);
  if (twice !== 0) problems.push(`${twice} events are stored twice`);
  if (sound !== 'ok') problems.push(`integrity: ${sound}`);
  if (!addsUp(counters)) problems.push(`the counters do not add up: ${JSON.stringify(counters)}`);
  if (statuses.length > 0) problems.push(`answers for our own trouble: ${statuses.join()}`);
  return {
    rounds, sent: load.sent, acknowledged: load.acknowledged.size, stored: there.size,
    delivered: load.delivered.size, duplicates: [...load.delivered.values()].reduce((sum, n) => sum + n - 1, 0),
    lost: lost.length, problems,
  };
}

// Rows of several episodes as one.
export function sum(rows) {
  const total = { problems: rows.flatMap(({ problems }) => problems) };

  for (const column of columns) total[column] = rows.reduce((all, row) => all + (row[column] ?? 0), 0);
  return total;
}

// Lines of text: the first column to the left, figures to the right.
export function align(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));

  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join('  '));
}

export function table(rows) {
  return align([['campaign', ...columns], ...rows.map((row) => [row.name, ...columns.map((column) => row[column] ?? '-')])]).join('\n');
}
