// SPDX-License-Identifier: MIT
// A client of the Config API of the local Segment, with tokens of every scope.

import assert from 'node:assert/strict';

import { Emulator } from './emulator.mjs';
import { install } from './oauth.mjs';

export const acme = 'workspaces/acme';
export const website = `${acme}/sources/website`;
export const demo = `${website}/destinations/demo`;
export const clearbrain = `${website}/destinations/clearbrain`;

export const asPerson = (email, password = 'any') => ({
  Authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
});

// One entry of a destination's config.
export const setting = (destination, key, value) => ({ name: `${destination}/config/${key}`, value });

// What the reference partner sends (dossier §6.8).
export const wish = (name, over = {}) => ({
  destination: {
    name, connection_mode: 'CLOUD', config: [setting(name, 'apiKey', 'abcd1234')], enabled: true, ...over,
  },
});

export const masked = (body, ...paths) => ({ ...body, update_mask: { paths } });

export class Config {
  // An emulator of its own and, unless @options say other, a token for all of acme.
  static async start(t, { flags = [], scope = 'workspace', email, workspaces } = {}) {
    const config = new Config();

    config.emulator = await Emulator.start(t, flags);
    config.token = await config.personal(scope, { email, workspaces });
    return config;
  }

  async personal(scopes, { email = 'owner@acme.test', workspaces = ['acme'] } = {}) {
    const names = workspaces.map((slug) => `workspaces/${slug}`);
    const answer = await this.emulator.ask('POST', '/v1beta/access-tokens',
      { access_token: { description: 'a test', scopes, workspace_names: names } }, asPerson(email));

    assert.equal(answer.status, 200, answer.text);
    return answer.json.token;
  }

  // As an app gets it, for the source `website`. The emulator's app must have that scope.
  async installed() {
    const { access_token: token } = await install(this.emulator, {},
      { scope: (await this.emulator.control('GET', 'app')).scope });

    assert.ok(token);
    return token;
  }

  // The same emulator with another token; undefined: none.
  as(token) {
    return Object.assign(new Config(), { emulator: this.emulator, token });
  }

  call(method, path, body, headers = {}) {
    const sent = this.token === undefined ? headers : { Authorization: `Bearer ${this.token}`, ...headers };

    return this.emulator.ask(method, `/v1beta/${path}`, body, sent);
  }

  get(path) {
    return this.call('GET', path);
  }

  post(path, body) {
    return this.call('POST', path, body);
  }

  patch(path, body) {
    return this.call('PATCH', path, body);
  }

  put(path, body) {
    return this.call('PUT', path, body);
  }

  delete(path) {
    return this.call('DELETE', path);
  }

  // The same, and its body, which must be good.
  async good(method, path, body) {
    const answer = await this.call(method, path, body);

    assert.equal(answer.status, 200, `${method} ${path}: ${answer.status} ${answer.text}`);
    assert.match(answer.headers['content-type'], /^application\/json/);
    return answer.json;
  }

  // The value of a setting of a destination.
  async value(destination, key) {
    const { config } = await this.good('GET', destination);

    return config.find(({ name }) => name === `${destination}/config/${key}`)?.value;
  }
}

const codes = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 500: 13, 501: 12 };

// Exactly two members, and the code that belongs to the status.
export function isRefused(answer, status, what, code = codes[status]) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.json), ['error', 'code']);
  assert.equal(answer.json.code, code);
  if (what !== undefined) assert.match(answer.json.error, what);
}
