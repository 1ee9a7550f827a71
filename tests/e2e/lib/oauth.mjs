// SPDX-License-Identifier: MIT
// Enable with Segment, from both ends: what an app sends, and what a browser does.

import { request } from './http.mjs';

export const callback = 'http://localhost:8888/auth/segment/callback';

// A query or form of @fields; undefined ones are left out, lists come several times.
export function form(fields) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));

  return pairs.filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

// The five parameters of the reference client, with others over them.
export function parameters(emulator, over = {}) {
  return {
    client_id: emulator.env.CLIENT_ID, redirect_uri: callback, scope: 'destination/demo', response_type: 'code',
    state: 'a-state-of-12', ...over,
  };
}

export function authorize(emulator, over, headers) {
  return emulator.ask('GET', `/oauth2/auth?${form(parameters(emulator, over))}`, undefined, headers);
}

// What a redirect brings to the app: {to, ...query}.
export function landing(answer) {
  const url = new URL(answer.headers.location);

  return { to: `${url.origin}${url.pathname}`, ...Object.fromEntries(url.searchParams) };
}

export function basic(emulator, { id = emulator.env.CLIENT_ID, secret = emulator.env.CLIENT_SECRET } = {}) {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

// POST /oauth2/token as the reference client does.
export function redeem(emulator, code, over = {}, headers = basic(emulator)) {
  const body = form({ code, grant_type: 'authorization_code', redirect_uri: callback, ...over });

  return emulator.ask('POST', '/oauth2/token', body, { 'Content-Type': 'application/x-www-form-urlencoded', ...headers });
}

// Consent without a person.
export function consentTo(emulator, setting = {}) {
  return emulator.control('PUT', 'consent', { auto: true, workspace: 'acme', source: 'website', ...setting });
}

// A whole install without a person: the token endpoint's answer.
export async function install(emulator, setting = {}, over = {}) {
  await consentTo(emulator, setting);
  return (await redeem(emulator, landing(await authorize(emulator, over)).code)).json;
}

// What a call of the Config API with this token answers; any good one may read the catalog.
export function tryToken(emulator, token) {
  return emulator.ask('GET', '/v1beta/catalog/destinations/demo', undefined, { Authorization: `Bearer ${token}` });
}

const text = (html) => html.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"')
  .replace(/&#39;/g, "'").replace(/&amp;/g, '&');

// A browser without scripts: cookies, forms, and one redirect at a time.
export class Browser {
  cookies = new Map();

  constructor(emulator) {
    this.emulator = emulator;
  }

  async go(method, path, body) {
    const headers = {};

    if (this.cookies.size > 0)
      headers.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (body !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
    const answer = await request(new URL(path, this.emulator.url).href, { method, headers, body });

    this.setCookies = answer.headers['set-cookie'] ?? [];
    for (const cookie of this.setCookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);

      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  get(path) {
    return this.go('GET', path);
  }

  // Follows redirects within the emulator: the page at the end, or the redirect out of it.
  async open(path) {
    for (let answer = await this.get(path); ; answer = await this.get(answer.headers.location))
      if (answer.status !== 302 || !answer.headers.location.startsWith('/')) return answer;
  }

  // Opens the app's authorization request.
  begin(over) {
    return this.open(`/oauth2/auth?${form(parameters(this.emulator, over))}`);
  }

  // Sends the form of @page with its hidden fields and @fields.
  async submit(page, fields) {
    const action = /<form method="post" action="([^"]+)">/.exec(page.text)[1];
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
      .map(([, name, value]) => [name, text(value)]);
    const body = form({ ...Object.fromEntries(hidden), ...fields });
    const answer = await this.go('POST', action, body);

    return answer.status === 302 && answer.headers.location.startsWith('/') ? this.open(answer.headers.location) : answer;
  }

  // The consent page, as @person.
  async logIn(person = 'owner@acme.test', over = {}) {
    return this.submit(await this.begin(over), { person });
  }
}
