// SPDX-License-Identifier: MIT
// Requests as Segment makes them, and requests as nobody should make them.

import http from 'node:http';
import net from 'node:net';

// One request: {status, headers, text, json}. The body may be bytes, text or a value.
export function request(url, { method = 'GET', headers = {}, body, agent, timeout = 20000 } = {}) {
  const isText = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = isText ? body : JSON.stringify(body);

  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method, headers, agent, timeout }, (response) => {
      const parts = [];

      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve(answer(response, Buffer.concat(parts).toString())));
    });

    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeout} ms`)));
    outgoing.end(payload);
  });
}

function answer(response, text) {
  let json;

  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.statusCode, headers: response.headers, text, json };
}

// The header value of a key, exactly as Segment sends it.
export function basic(key) {
  return `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
}

export function post(url, body, { key, headers = {}, ...rest } = {}) {
  const sent = { 'Content-Type': 'application/json', 'User-Agent': 'Segment.io/1.0', ...headers };

  if (key !== undefined) sent.Authorization = basic(key);
  for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
  return request(url, { method: 'POST', headers: sent, body, ...rest });
}

// Writes @bytes to a connection and returns what came back when the other side closed,
// or what had come until @timeout.
export function exchange(port, bytes, { timeout = 3000 } = {}) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let got = '';
    const end = () => {
      socket.destroy();
      resolve(got);
    };

    socket.setTimeout(timeout, end);
    socket.on('data', (part) => { got += part.toString('latin1'); });
    socket.on('error', end);
    socket.on('close', end);
    socket.on('connect', () => socket.write(bytes));
  });
}

export function statusOf(raw) {
  const match = /^HTTP\/1\.[01] (\d{3})/.exec(raw);

  return match ? Number(match[1]) : 0;
}
