// SPDX-License-Identifier: MIT
// Requests that nobody honest makes: each gets its documented answer or a closed
// connection, nothing is stored, and the service goes on.

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Chance } from './lib/chance.mjs';
import { basic, exchange, statusOf } from './lib/http.mjs';
import { isSanitized } from './lib/program.mjs';
import { Service, track } from './lib/service.mjs';

let service;
let earlier;

before(async () => {
  service = await Service.start(null, { subscription: { auth: 'key', endpoint: 'http://127.0.0.1:9/' } });
  await service.createKey({ value: 'segment' });
});

after(async () => {
  if (!service) return;
  const { code } = await service.stop();

  assert.equal(code, 0, service.log);
  assert.doesNotMatch(service.log, /AddressSanitizer|runtime error/);
});

beforeEach(async () => { earlier = (await service.counters()).accepted; });

afterEach(async () => {
  assert.equal((await service.counters()).accepted, earlier, 'nothing is stored');
  assert.equal(service.exit, null, 'the service goes on');
});

const event = JSON.stringify(track());
const head = (lines, request = 'POST /webhook HTTP/1.1') =>
  [request, 'Host: localhost', `Authorization: ${basic('segment')}`, 'Content-Type: application/json',
    ...lines, '', ''].join('\r\n');
const send = (bytes, options) => exchange(service.port, bytes, options);

test('a body of 40 MB: 413, told at once to who asks first', async () => {
  const asked = await send(head([`Content-Length: ${40 << 20}`, 'Expect: 100-continue']));

  assert.equal(statusOf(asked), 413, asked);
  assert.equal((await service.post(Buffer.alloc(40 << 20, 'x'), { key: 'segment' })).status, 413);
});

test('a body of 40 MB in chunks is refused on the way', async () => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const raw = await send(head(['Transfer-Encoding: chunked']) + chunk.repeat(640), { timeout: 10000 });

  // The connection may be reset before the answer could be read.
  assert.ok([413, 0].includes(statusOf(raw)), raw.slice(0, 200));
});

test('10,000 headers are refused', async () => {
  const headers = Array.from({ length: 10000 }, (_, i) => `X-Filler-${i}: ${'y'.repeat(20)}`);
  const raw = await send(head([...headers, `Content-Length: ${event.length}`]) + event);

  assert.ok([431, 413, 400, 0].includes(statusOf(raw)), raw.slice(0, 200));
});

test('a query of thousands of parameters is refused at once', async () => {
  for (const query of ['&'.repeat(800), 'a&'.repeat(2000), 'a=b&'.repeat(9000), '&'.repeat(43000)])
    assert.equal(statusOf(await send(head(['Content-Length: 0'], `POST /webhook?${query} HTTP/1.1`))), 431, query.length);
});

test('one header of 1 MB is refused', async () => {
  const raw = await send(head([`X-Long: ${'y'.repeat(1 << 20)}`, `Content-Length: ${event.length}`]) + event);

  assert.ok([431, 413, 400, 0].includes(statusOf(raw)), raw.slice(0, 200));
});

test('a sender that dribbles its header is cut off', { skip: isSanitized && 'timing' }, async () => {
  await dribble(head([`Content-Length: ${event.length}`]));
});

test('a sender that dribbles its body is cut off', { skip: isSanitized && 'timing' }, async () => {
  await dribble(event, head([`Content-Length: ${event.length}`]));
});

// One byte now and then keeps the connection active, so only a deadline for the whole
// request ends it. Others are served in the meantime.
async function dribble(bytes, first = '') {
  const socket = net.connect(service.port, '127.0.0.1');
  const started = Date.now();
  let closed = false;
  let got = '';

  socket.on('data', (part) => { got += part; });
  socket.on('error', () => {});
  socket.on('close', () => { closed = true; });
  socket.on('end', () => { closed = true; });
  socket.write(first);
  for (let i = 0; !closed && Date.now() - started < 20000; i = Math.min(i + 1, bytes.length - 2)) {
    socket.write(bytes[i]);
    await pause(200);
    assert.equal((await service.post(undefined, { method: 'GET', path: '/livez' })).status, 200);
  }
  socket.destroy();
  assert.ok(closed, 'the service closed the connection within 20 s');
  assert.ok(got === '' || [408, 503].includes(statusOf(got)), got);
}

test('an unknown path: 404; an unknown subscription: 404', async () => {
  for (const path of ['/', '/nothing', '/webhook/unknown', '/webhook/', '/webhook/../webhook/default'])
    assert.equal(statusOf(await send(head([`Content-Length: ${event.length}`, 'Connection: close'],
      `POST ${path} HTTP/1.1`) + event)), 404, path);
});

test('no length and no chunks: 411', async () => {
  assert.equal(statusOf(await send(head([]), { timeout: 2000 })), 411);
});

test('two lengths that differ are refused', async () => {
  const raw = await send(head([`Content-Length: ${event.length}`, 'Content-Length: 5']) + event);

  assert.ok([400, 0].includes(statusOf(raw)), raw);
});

test('a length and chunks together store nothing behind the back of a proxy', async () => {
  const hidden = head([`Content-Length: ${event.length}`]) + event;
  const raw = await send(`${head(['Transfer-Encoding: chunked', 'Content-Length: 4'])}0\r\n\r\n${hidden}`,
    { timeout: 1500 });
  const answers = raw.match(/HTTP\/1\.1 \d{3}/g) ?? [];

  assert.ok(answers.every((line) => /[45]\d\d$/.test(line)), raw);
});

test('a negative, a huge and a wordy length are refused', async () => {
  for (const length of ['-1', '99999999999999999999', 'ten', '0x10']) {
    const raw = await send(head([`Content-Length: ${length}`]) + event, { timeout: 2000 });

    assert.ok([400, 413, 0].includes(statusOf(raw)), `${length}: ${raw}`);
  }
});

test('a chunk size that overflows is refused', async () => {
  const raw = await send(`${head(['Transfer-Encoding: chunked'])}fffffffffffffffff\r\n${event}\r\n0\r\n\r\n`,
    { timeout: 2000 });

  assert.ok([400, 413, 0].includes(statusOf(raw)), raw);
});

test('what is no HTTP at all is refused', async () => {
  for (const bytes of ['\x16\x03\x01\x02\x00\x01\x00', '\0\0\0\0\r\n\r\n', 'hello\r\n\r\n', '\r\n'.repeat(1000)]) {
    const raw = await send(bytes, { timeout: 800 });

    assert.ok([400, 405, 501, 505, 0].includes(statusOf(raw)), raw);
  }
});

test('methods other than POST: 405 with Allow, whatever they carry', async () => {
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'BREW']) {
    const raw = await send(head([`Content-Length: ${event.length}`, 'Connection: close'],
      `${method} /webhook HTTP/1.1`) + event);

    assert.equal(statusOf(raw), 405, `${method}: ${raw}`);
    assert.match(raw, /^Allow: POST\r$/im);
  }
});

test('credentials that are no credentials: 401', async () => {
  for (const value of ['', 'Basic', 'Basic ', 'Basic !!!', 'Bearer c2VnbWVudDo=', `Basic ${'A'.repeat(20000)}`,
    'Basic Og==', 'Basic c2VnbWVudDpwYXNz', 'Basic AAAA', 'basic\tc2VnbWVudDo']) {
    const answer = await service.post(event, { headers: { Authorization: value } });

    assert.equal(answer.status, 401, `${value.slice(0, 40)}: ${answer.status}`);
  }
});

test('bodies that are no events: 400', async () => {
  const bodies = ['', ' ', 'null', 'true', '1', '"x"', '[]', '{}', '[1]', '{"type":1}', '{"type":"track"}',
    '{"type":"track","userId":"u"}', '{"type":"track","event":"e","userId":""}', `${event}x`, `${event}${event}`,
    '{"type":"track","event":"e","userId":"u",}', "{'type':'track'}", '\ufeff{', '\xff\xfe', '{"type":"alias","userId":"u"}'];

  for (const body of bodies) {
    const answer = await service.post(Buffer.from(body, 'latin1'), { key: 'segment' });

    assert.equal(answer.status, 400, `${body}: ${answer.status} ${answer.text}`);
    assert.equal(typeof answer.json.message, 'string', body);
  }
});

test('500 connections that say nothing do not keep others out', async () => {
  const idle = Array.from({ length: 500 }, () => {
    const socket = net.connect(service.port, '127.0.0.1');

    socket.on('error', () => {});
    return socket;
  });

  await pause(100);
  assert.equal((await service.post('{', { key: 'segment' })).status, 400);
  for (const socket of idle) socket.destroy();
});

// What is whole must not run into the deadline of who is slow: 408 comes after 4.5 s.
test('2000 random requests about as large as is allowed: each is answered or cut off, none is left alone', { timeout: 300000 }, async (t) => {
  const seed = Number(process.env.HOSTILE_SEED ?? Date.now() % 1000000);
  const chance = new Chance(seed);
  const statuses = {};
  let left = 2000;

  t.diagnostic(`seed ${seed}`);
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const bytes = Buffer.from(largeRequest(chance), 'latin1');
      const { status, took } = await askInPieces(bytes, chance);

      statuses[status] = (statuses[status] ?? 0) + 1;
      assert.ok(status !== 408 && took < 4000, `${status} after ${took} ms: ${bytes.toString('latin1', 0, 300)}`);
    }
  }));
  t.diagnostic(`statuses ${JSON.stringify(statuses)}`);
});

const limit = 44 << 10;

function largeField(chance) {
  switch (chance.below(6)) {
    case 0: return `Cookie: ${(chance.once(2) ? ';' : 'a=b;').repeat(chance.below(limit / 4))}`;
    case 1: return `Cookie: ${'c'.repeat(chance.below(limit))}`;
    case 2: return Array(1 + chance.below(700)).fill('q:').join('\r\n');
    case 3: return `X-Long: ${'y'.repeat(chance.below(limit))}`;
    default: return `X-${chance.below(1000)}: ${'y'.repeat(chance.below(200))}`;
  }
}

function largeQuery(chance) {
  switch (chance.below(4)) {
    case 0: return '&'.repeat(chance.below(limit));
    case 1: return 'a=b&'.repeat(chance.below(limit / 4));
    case 2: return `x=${'%41'.repeat(chance.below(limit / 3))}`;
    default: return 'a&'.repeat(chance.below(1000));
  }
}

function chunks(chance) {
  let text = '';

  for (let i = chance.below(4); i > 0; i--) {
    const data = 'b'.repeat(1 + chance.below(2000));
    const extension = chance.once(4) ? `;${'e'.repeat(chance.below(chance.once(2) ? 100 : 70000))}` : '';

    text += `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
  }
  return `${text}0\r\n${'t: r\r\n'.repeat(chance.below(400))}\r\n`;
}

// Each of them ends, if not always where it says.
function largeRequest(chance) {
  const lines = Array.from({ length: chance.below(3) }, () => largeField(chance));
  const target = `/webhook${chance.once(2) ? `?${largeQuery(chance)}` : ''}`;
  let body = '';

  switch (chance.below(5)) {
    case 0: lines.push('Content-Length: x'); break;
    case 1: lines.push('Transfer-Encoding: chunked'); body = chunks(chance); break;
    default:
      body = '{'.repeat(chance.below(chance.once(3) ? 60000 : 200));
      lines.push(`Content-Length: ${body.length}`);
  }
  const room = limit - target.length - lines.join().length;
  if (chance.once(3) && room > 0) lines.push(`X-Filler: ${'f'.repeat(Math.max(0, room - 2000 + chance.below(12000)))}`);
  return head(lines, `${chance.once(8) ? 'GET' : 'POST'} ${target} HTTP/1.1`) + body;
}

function askInPieces(bytes, chance) {
  const began = Date.now();

  return new Promise((resolve) => {
    const socket = net.connect(service.port, '127.0.0.1');
    let got = '';
    const end = () => {
      socket.destroy();
      resolve({ status: statusOf(got), took: Date.now() - began });
    };

    socket.setTimeout(6000, end);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('data', (part) => {
      got += part.toString('latin1');
      end();
    });
    socket.on('connect', async () => {
      for (let at = 0; at < bytes.length && !socket.destroyed;) {
        const piece = chance.once(3) ? bytes.length : 1 + chance.below(chance.once(2) ? 4000 : 40000);

        socket.write(bytes.subarray(at, at + piece));
        at += piece;
        await pause(chance.below(3));
      }
    });
  });
}

test('senders that leave in the middle harm nobody', async () => {
  for (let i = 0; i < 100; i++) {
    await new Promise((resolve) => {
      const socket = net.connect(service.port, '127.0.0.1', () => {
        socket.write(head(['Content-Length: 1000']) + event.slice(0, i), () => {
          socket.resetAndDestroy?.() ?? socket.destroy();
          resolve();
        });
      });

      socket.on('error', resolve);
    });
  }
  assert.equal((await service.post('{', { key: 'segment' })).status, 400);
});
