// SPDX-License-Identifier: MIT
// A person in front of the console: a jar of cookies, forms as a browser sends them, and
// calls of the API as the page makes them.

import { request } from './http.mjs';

export class Person {
  cookies = new Map();

  constructor(service) {
    this.service = service;
    this.origin = service.admin;
  }

  get jar() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async send(target, { method = 'GET', headers = {}, body } = {}) {
    const all = { ...(this.cookies.size > 0 ? { Cookie: this.jar } : {}), ...headers };

    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    const answer = await request(`${this.service.admin}${target}`, { method, headers: all, body });

    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);

      if (/Max-Age=0\b/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  // Opens the page, fills in its form and sends it, hidden fields and all.
  async fill(page, fields, headers = {}) {
    const { text, status } = await this.send(page);

    if (status !== 200) return { status, text };
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      .map(([, name, value]) => [name, value.replaceAll('&amp;', '&')]);

    return this.submit(page.replace(/\?.*/, ''), { ...Object.fromEntries(hidden), ...fields }, headers);
  }

  submit(path, fields, headers = {}) {
    return this.send(path, { method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: this.origin, ...headers },
      body: new URLSearchParams(fields).toString() });
  }

  login(name, password, next) {
    return this.fill(`/login${next === undefined ? '' : `?next=${encodeURIComponent(next)}`}`, { name, password });
  }

  api(target, { method = 'GET', body, headers = {} } = {}) {
    const ours = method === 'GET' ? { 'Sec-Fetch-Site': 'same-origin' } : { Origin: this.origin };

    if (body !== undefined) ours['Content-Type'] = 'application/json';
    return this.send(`/api/v1${target}`, { method, body, headers: { ...ours, ...headers } });
  }
}

// The link that the service writes to its log when it has no user.
export function setupLink(log) {
  return new URL([...log.matchAll(/http:\/\/\S+\/setup\?code=[a-z0-9]+/g)].at(-1)[0]);
}

export function pathOf(link) {
  const { pathname, search } = new URL(link);

  return pathname + search;
}
