// SPDX-License-Identifier: MIT
// Another site, whose page does to the console all that a browser lets a page do to a site that is
// not its own: forms, requests with and without credentials, pictures, frames.

import http from 'node:http';

import { freePort } from './place.mjs';

const page = '<!doctype html><html lang="en"><title>another site</title><h1>Another site</h1>';

export class OtherSite {
  static async start(t) {
    const site = new OtherSite();
    const server = http.createServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(page);
    });

    site.port = await freePort();
    await new Promise((resolve) => server.listen(site.port, '127.0.0.1', resolve));
    t.after(() => { server.closeAllConnections(); server.close(); });
    return site;
  }

  // Opens the page under the name @host. What it could read: [how, what, status, text].
  async visit(tab, host, attacks, target) {
    await tab.goto(`http://${host}:${this.port}/`);
    return tab.evaluate(attack, { attacks, target });
  }
}

// The name of @origin meant the site when its page was loaded, and means the console from then on.
export async function rebind(tab, origin, attacks) {
  const address = `${origin}/another-site`;

  await tab.route(address, (route) => route.fulfill({ contentType: 'text/html', body: page }));
  await tab.goto(address);
  await tab.unroute(address);
  return tab.evaluate(attack, { attacks, target: origin });
}

// Runs in the page.
async function attack({ attacks, target }) {
  const read = [];
  const LONGEST_MS = 5000;
  const enctypes = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
  const settled = (element, events) => new Promise((resolve) => {
    for (const event of events) element.addEventListener(event, resolve, { once: true });
    setTimeout(resolve, LONGEST_MS);
  });
  const show = (element, events) => {
    document.body.append(element);
    return settled(element, events);
  };
  const element = (name, members) => Object.assign(document.createElement(name), members);
  const ask = async (how, { method, path, body }, options) => {
    try {
      const response = await fetch(target + path, { method, body, ...options });

      if (response.type !== 'opaque') read.push([how, `${method} ${path}`, response.status, (await response.text()).slice(0, 300)]);
    } catch {
      // the browser gives the page nothing
    }
  };
  const submit = async ({ path, body }, enctype, i) => {
    const frame = element('iframe', { name: `form-${enctype}-${i}` });
    const form = element('form', { action: target + path, method: 'POST', enctype, target: frame.name });
    const entries = enctype === 'text/plain' && body ? [[body.replace(/}$/, ',"x":"'), '"}']] : Object.entries(JSON.parse(body ?? '{}'));

    document.body.append(frame);
    await Promise.race([settled(frame, ['load']), new Promise((resolve) => setTimeout(resolve, 0))]);
    form.append(...entries.map(([name, value]) => element('input', { type: 'hidden', name, value })));
    document.body.append(form);
    const end = settled(frame, ['load']);

    form.submit();
    await end;
  };
  const one = async (which, i) => {
    const { method, path, body } = which;
    const json = { 'Content-Type': 'application/json' };

    await Promise.all([
      ask('fetch with credentials', which, { headers: json, credentials: 'include' }),
      ask('fetch without credentials', which, { headers: json, credentials: 'omit' }),
      ask('fetch of a text', which, { headers: { 'Content-Type': 'text/plain' }, credentials: 'include' }),
      ...(method === 'POST' ? [
        ask('fetch no-cors', which, { mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, credentials: 'include' }),
        ask('fetch no-cors of no type', { ...which, body: new Blob([body ?? '']) }, { mode: 'no-cors', credentials: 'include' }),
        submit(which, enctypes[i % enctypes.length], i),
      ] : [show(element('img', { src: target + path, alt: '' }), ['load', 'error'])]),
    ]);
    navigator.sendBeacon(target + path, body ?? '');
    navigator.sendBeacon(target + path, new Blob([body ?? ''], { type: 'application/json' }));
  };

  await Promise.all(attacks.map(one));
  await Promise.all(['/', '/events', '/api/v1/status', '/login'].flatMap((path) => [
    ask('read', { method: 'GET', path }, { credentials: 'include' }),
    show(element('iframe', { src: target + path }), ['load']),
  ]));
  return read;
}
