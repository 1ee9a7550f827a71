// SPDX-License-Identifier: MIT
// The partner's own API, with moods: it answers well, badly, too often, or never.

import http from 'node:http';

export class Endpoint {
  #server;
  #mood = () => ({ status: 200 });
  #hanging = new Set();

  requests = []; // {method, url, headers, body, at}
  ids = new Map(); // messageId → how often it came

  static async start(t, mood, host = '127.0.0.1') {
    const endpoint = new Endpoint();

    if (mood !== undefined) endpoint.mood(mood);
    endpoint.#server = http.createServer((request, response) => endpoint.#take(request, response));
    endpoint.#server.keepAliveTimeout = 60000;
    endpoint.#server.unref(); // a test that forgets it may still end
    await new Promise((resolve) => endpoint.#server.listen(0, host, resolve));
    t?.after(() => endpoint.stop());
    return endpoint;
  }

  get port() {
    return this.#server.address().port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  // Requests that hang, and whose sender still waits.
  get nHanging() {
    return this.#hanging.size;
  }

  // Those that hang are answered after all.
  release(status = 200) {
    for (const response of this.#hanging) response.writeHead(status).end('{}');
  }

  // A status, 'hang', 'cut' (the connection ends unanswered), an answer {status, headers, body,
  // delay}, or a function of the request and its number (from 0) that returns one of these.
  mood(mood) {
    this.#mood = typeof mood === 'function' ? mood : () => mood;
  }

  stop() {
    for (const response of this.#hanging) response.destroy();
    this.#server.closeAllConnections?.();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #take(request, response) {
    const parts = [];

    request.on('data', (part) => parts.push(part));
    request.on('error', () => {});
    request.on('end', () => {
      const got = {
        method: request.method, url: request.url, headers: request.headers,
        body: Buffer.concat(parts).toString(), at: Date.now(),
      };

      this.#count(got.body);
      this.requests.push(got);
      this.#answer(response, this.#mood(got, this.requests.length - 1));
    });
  }

  #count(body) {
    const match = /"messageId":"([^"]+)"/.exec(body);

    if (match) this.ids.set(match[1], (this.ids.get(match[1]) ?? 0) + 1);
  }

  #answer(response, mood) {
    if (mood === 'hang') {
      this.#hanging.add(response);
      response.on('close', () => this.#hanging.delete(response));
      return;
    }
    if (mood === 'cut') {
      response.destroy();
      return;
    }
    const { status, headers = {}, body = '{}', delay = 0 } =
      typeof mood === 'number' ? { status: mood } : mood;

    setTimeout(() => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(body);
    }, delay);
  }
}
