// SPDX-License-Identifier: MIT
// A Tracking API as one writes it in an afternoon, to test against: it takes single events and
// batches, checks and stamps them, remembers the last thousand, and forwards nothing.
//   node express-tracking.mjs PORT

import { randomUUID } from 'node:crypto';
import express from 'express';

const app = express();
const last = [];
const seen = new Set();

function sourceOf(request) {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  const key = /^basic$/i.test(scheme) ? Buffer.from(value, 'base64').toString().replace(/:$/, '') : request.body.writeKey;

  return key === 'dev_writekey_website' ? 'website' : undefined;
}

function take(event, { source, type, sentAt = event.sentAt }) {
  const receivedAt = new Date();
  const original = event.originalTimestamp ?? event.timestamp;
  const skew = sentAt && original ? new Date(sentAt) - new Date(original) : 0;
  const messageId = event.messageId ?? `api-${randomUUID()}`;

  if (!source || !(event.userId || event.anonymousId) || seen.has(messageId)) return;
  seen.add(messageId);
  const { writeKey, ...rest } = event;

  last.push(JSON.stringify({
    ...rest, type, messageId, receivedAt, originalTimestamp: original,
    timestamp: new Date(receivedAt - skew), version: 2, projectId: source,
    context: { library: { name: 'unknown', version: 'unknown' }, ...event.context },
  }));
  if (last.length > 1000) last.shift();
}

app.use(express.json({ limit: '500kb' }));
app.post('/v1/batch', (request, response) => {
  const source = sourceOf(request);

  for (const event of request.body.batch) take(event, { source, type: event.type, sentAt: request.body.sentAt });
  response.json({ success: true });
});
app.post('/v1/:type', (request, response) => {
  take(request.body, { source: sourceOf(request), type: request.params.type });
  response.json({ success: true });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
