// SPDX-License-Identifier: MIT
// A receiver as one writes it in an afternoon. Without a store a crash loses the events.
//   node express-receiver.mjs PORT                  checks the key, parses, answers 202
//   node express-receiver.mjs PORT ENDPOINT         and transforms, and awaits the delivery
//   node express-receiver.mjs PORT ENDPOINT STORE   and keeps it first, in SQLite with synchronous=FULL

import { timingSafeEqual } from 'node:crypto';
import express from 'express';

const [port, endpoint, file] = process.argv.slice(2);
const want = Buffer.from('bench-key:');
const app = express();

// {keep, end} of an event; both are on the disk when they return.
async function openStore() {
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(file);

  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE event (id INTEGER PRIMARY KEY, body TEXT NOT NULL, state TEXT NOT NULL)');
  const insert = database.prepare("INSERT INTO event (body, state) VALUES (?, 'queued')");
  const update = database.prepare("UPDATE event SET state = 'delivered' WHERE id = ?");

  return { keep: (event) => insert.run(JSON.stringify(event)).lastInsertRowid, end: (id) => update.run(id) };
}

const store = file ? await openStore() : undefined;

function isAllowed(request) {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  const got = Buffer.from(value, 'base64');

  return /^basic$/i.test(scheme) && got.length === want.length && timingSafeEqual(got, want);
}

app.use(express.json({ limit: '512kb' }));
app.post('/webhook', async (request, response) => {
  const event = request.body;

  if (!isAllowed(request)) return response.status(401).json({ message: 'API key is missing or invalid' });
  if (typeof event.type !== 'string') return response.status(400).json({ message: 'Missing type' });
  if (endpoint) {
    const id = store?.keep(event);
    const note = { id: event.messageId, contact: event.userId, note: event.event, revenue: event.properties?.revenue };
    const answer = await fetch(endpoint, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(note),
    });

    await answer.arrayBuffer();
    if (!answer.ok) return response.status(502).json({ message: 'endpoint failed' });
    store?.end(id);
  }
  return response.status(202).json({ accepted: 1 });
});
app.listen(Number(port), '127.0.0.1');
