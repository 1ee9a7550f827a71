// SPDX-License-Identifier: MIT
// A partner with the button on its site: our service, a local Segment, and people's browsers.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import { Emulator } from './emulator.mjs';
import { Endpoint } from './endpoint.mjs';
import { request } from './http.mjs';
import { Browser, consentTo } from './oauth.mjs';
import { Service } from './service.mjs';
import { until } from './wait.mjs';

export const demo = 'workspaces/acme/sources/website/destinations/demo';

// A browser on the partner's site and at Segment, one redirect at a time.
export class Person {
  jar = new Map();
  pages = []; // all that it was sent by the partner

  constructor(partner) {
    this.partner = partner;
    this.segment = new Browser(partner.emulator);
  }

  // GET of a path or an address of the partner; no redirect is followed.
  async get(target, { accept = 'text/html', headers = {} } = {}) {
    const { service } = this.partner;
    const url = new URL(target, service.url);
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await request(`${service.url}${url.pathname}${url.search}`, {
      timeout: 30000,
      headers: { Host: `localhost:${service.port}`, Accept: accept, ...(cookie && { Cookie: cookie }), ...headers },
    });

    for (const one of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(one);

      this.jar.set(name, value);
    }
    this.pages.push(JSON.stringify(answer.headers) + answer.text);
    return answer;
  }

  // The button: where Segment's answer leads (the callback's address).
  async press(query = '') {
    const pressed = await this.get(`/auth/segment${query}`);

    assert.equal(pressed.status, 302, pressed.text);
    return this.atSegment(pressed.headers.location);
  }

  async atSegment(location) {
    const url = new URL(location);
    const answer = await this.segment.open(`${url.pathname}${url.search}`);

    assert.equal(answer.status, 302, answer.text);
    return answer.headers.location;
  }

  // The callback and the page behind it.
  async land(location) {
    const answer = await this.get(location);

    return answer.status === 303 ? { ...await this.get(answer.headers.location), address: answer.headers.location } : answer;
  }

  async enable(query) {
    return this.land(await this.press(query));
  }

  async enableJson(query) {
    return this.get(await this.press(query), { accept: 'application/json' });
  }
}

export class Partner {
  static async start(t, { settings = { apiKey: 'new' }, config = {}, emulatorFlags = [], env = {}, subscription = {} } = {}) {
    const partner = new Partner();

    partner.endpoint = await Endpoint.start(t);
    partner.service = await Service.prepare(t, { subscription: { auth: 'key', endpoint: partner.endpoint.url, ...subscription } });
    const { service } = partner;

    partner.base = `http://localhost:${service.port}`;
    partner.emulator = await Emulator.start(t, ['--redirect-uri', `${partner.base}/auth/segment/callback`,
      '--subscription-url', `${service.url}/webhook`, ...emulatorFlags]);
    const { env: given } = partner.emulator;

    service.configure({
      app: { destination: 'demo', settings },
      segment: { id_url: given.SEGMENT_ID_URL, api_url: given.SEGMENT_API_URL },
      log: { level: 'debug' },
      ...config,
    }, { auth: 'key', endpoint: partner.endpoint.url, ...subscription });
    service.env = { CLIENT_ID: given.CLIENT_ID, CLIENT_SECRET: given.CLIENT_SECRET,
      PARTNERAPP_CLOCK_URL: `${partner.emulator.url}/_emulator/clock`, ...env };
    await service.up();
    await consentTo(partner.emulator);
    return partner;
  }

  person() {
    return new Person(this);
  }

  fault(fault) {
    return this.emulator.control('POST', 'faults', { times: 1, ...fault });
  }

  // The calls that Segment got, oldest first: "POST /oauth2/token 200".
  async calls() {
    const { requests } = await this.emulator.control('GET', 'requests?limit=500');

    return requests.reverse().map(({ number, method, target, status }) => ({ number, line: `${method} ${target} ${status}` }))
      .filter(({ line }) => !line.includes('/oauth2/auth') && !line.includes('/login') && !line.includes('/authorize'));
  }

  async lines() {
    return (await this.calls()).map(({ line }) => line);
  }

  async call(part) {
    const found = (await this.calls()).find(({ line }) => line.startsWith(part));

    return found && (await this.emulator.control('GET', `requests/${found.number}`)).request;
  }

  async installs() {
    return (await this.service.api('/installs')).data;
  }

  // The one install, once it is in that state.
  async install(state = 'enabled', options = {}) {
    return until(`an install is ${state}`, async () => {
      const [install] = await this.installs();

      return install?.state === state && install;
    }, { timeout: 20000, ...options });
  }

  async token(number = 1) {
    return (await this.service.api(`/installs/${number}/token`, { method: 'POST' })).token;
  }

  // What the destination was configured with, as Segment has it.
  async apiKey(number = 1) {
    const { json } = await this.emulator.ask('GET', `/v1beta/${demo}`, undefined, { Authorization: `Bearer ${await this.token(number)}` });

    return json.config.find(({ name }) => name.endsWith('/apiKey')).value;
  }

  advance(advance) {
    return this.emulator.control('POST', 'clock', { advance });
  }

  // Kills it without warning and starts it again.
  async crash() {
    await this.service.stop('SIGKILL');
    await this.service.up();
  }

  // Where none of @secrets may be, in any spelling: log, database, what browsers got.
  leaks(secrets, people = []) {
    const places = { log: Buffer.from(this.service.log) };

    people.forEach((person, i) => { places[`pages of person ${i}`] = Buffer.from(person.pages.join('\n')); });
    for (const name of fs.readdirSync(this.service.data)) {
      const file = path.join(this.service.data, name);

      if (fs.statSync(file).isFile() && name !== 'admin.token') places[name] = fs.readFileSync(file);
    }
    return secrets.flatMap((secret) => spellings(secret).flatMap((text) =>
      Object.keys(places).filter((name) => places[name].includes(text)).map((name) => `${text} in ${name}`)));
  }
}

// @secret as it may be written: raw, URL-encoded, in hex, in Base64 wherever that begins.
export function spellings(secret) {
  const bytes = Buffer.from(secret);
  // Base64 of it within something longer: without what its neighbours change.
  const inner = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, -4));

  return [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...inner];
}
