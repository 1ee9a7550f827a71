// SPDX-License-Identifier: MIT
// A client that forgives nothing: one request a time over a connection, nothing is sent
// again, and an end that HTTP did not announce is a failure of the request under way.

import net from 'node:net';

import { basic } from './http.mjs';

export const TIMEOUT_MS = 5000; // as Segment's

export function requestText(body, { key, path = '/webhook', close = false } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);

  return `POST ${path} HTTP/1.1\r\nHost: strict\r\nContent-Type: application/json\r\n`
    + (key ? `Authorization: ${basic(key)}\r\n` : '') + (close ? 'Connection: close\r\n' : '')
    + `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

// {status, close, text}, or undefined while the answer is not whole.
function parse(got) {
  const end = got.indexOf('\r\n\r\n');

  if (end < 0) return undefined;
  const head = got.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  const text = got.slice(end + 4);

  if (Number.isNaN(length)) throw new Error(`no length: ${head}`);
  if (text.length < length) return undefined;
  if (text.length > length) throw new Error(`more than was asked for: ${text}`);
  return { status: Number(head.slice(9, 12)), close: /\r\nconnection: close/i.test(head), text };
}

export class Connection {
  #socket;
  #timeout;
  #got = '';
  #wait = null; // {resolve, reject} of the request under way
  #error = null;
  isOpen = false;
  nRequests = 0;
  beganAt = performance.now();

  static open(port, { host = '127.0.0.1', timeout = TIMEOUT_MS } = {}) {
    return new Promise((resolve, reject) => {
      const connection = new Connection();
      const socket = net.connect({ port, host, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeout);

      connection.#socket = socket;
      connection.#timeout = timeout;
      socket.setEncoding('latin1');
      socket.once('connect', () => {
        clearTimeout(timer);
        connection.isOpen = true;
        resolve(connection);
      });
      socket.on('data', (text) => connection.#take(text));
      socket.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
        connection.#end(error);
      });
      socket.on('end', () => connection.#end(new Error('the connection ended without an answer')));
      socket.on('close', () => connection.#end(new Error('the connection closed without an answer')));
    });
  }

  #end(error) {
    this.isOpen = false;
    this.#error ??= error;
    this.#wait?.reject(error);
    this.#wait = null;
  }

  #take(text) {
    this.#got += text;
    if (!this.#wait) return;
    try {
      const answer = parse(this.#got);

      if (!answer) return;
      this.#got = '';
      if (answer.close) this.isOpen = false;
      this.#wait.resolve(answer);
    } catch (error) {
      this.#wait.reject(error);
    }
    this.#wait = null;
  }

  // The bytes as they are; the answer comes from answer().
  write(text) {
    this.#socket.write(text);
  }

  answer() {
    this.nRequests++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#socket.destroy(new Error('no answer in time')), this.#timeout);

      this.#wait = {
        resolve: (answer) => { clearTimeout(timer); resolve(answer); },
        reject: (error) => { clearTimeout(timer); reject(error); },
      };
      if (this.#error) this.#end(this.#error);
    });
  }

  request(text) {
    const answer = this.answer();

    this.write(text);
    return answer;
  }

  close() {
    this.isOpen = false;
    this.#socket.destroy();
  }
}
