// SPDX-License-Identifier: MIT
// The fastest receiver that Node makes without effort: its own http, undici's Pool with connections
// that stay open. It keeps nothing, isolates nothing, and awaits the delivery as Express does.
//   node tuned-receiver.mjs PORT ENDPOINT

import http from 'node:http';
import { Pool } from 'undici';

const [port, endpoint] = process.argv.slice(2);
const { origin, pathname } = new URL(endpoint);
const pool = new Pool(origin, { connections: 64, pipelining: 1 });
const want = `Basic ${Buffer.from('bench-key:').toString('base64')}`;
const headers = { 'content-type': 'application/json' };
const accepted = '{"accepted":1}';

async function deliver(event) {
  const note = { id: event.messageId, contact: event.userId, note: event.event, revenue: event.properties?.revenue };
  const { statusCode, body } = await pool.request({ path: pathname, method: 'POST', headers, body: JSON.stringify(note) });

  await body.dump();
  return statusCode < 300;
}

function answer(response, status, text) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function take(request, response, text) {
  if (request.headers.authorization !== want) return answer(response, 401, '{"message":"API key is missing or invalid"}');
  let event;

  try {
    event = JSON.parse(text);
  } catch {
    return answer(response, 400, '{"message":"not JSON"}');
  }
  if (typeof event.type !== 'string') return answer(response, 400, '{"message":"Missing type"}');
  const isDelivered = await deliver(event).catch(() => false);

  return isDelivered ? answer(response, 202, accepted) : answer(response, 502, '{"message":"endpoint failed"}');
}

const server = http.createServer((request, response) => {
  let text = '';

  request.setEncoding('utf8').on('data', (part) => { text += part; });
  request.on('end', () => take(request, response, text));
});

server.keepAliveTimeout = 60000;
server.listen(Number(port), '127.0.0.1', 4096);
