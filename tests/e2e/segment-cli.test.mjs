// SPDX-License-Identifier: MIT
// `partnerapp segment`: Segment's two APIs from the command line, without a service.

import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { test } from 'node:test';

import { Emulator } from './lib/emulator.mjs';
import { install } from './lib/oauth.mjs';
import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { run } from './lib/program.mjs';

const acme = 'workspaces/acme';
const website = `${acme}/sources/website`;
const demo = `${website}/destinations/demo`;

// A person's token in a file, and the command line with it.
class Console {
  static async start(t, { scopes = 'workspace' } = {}) {
    const console = new Console();

    console.emulator = await Emulator.start(t);
    console.folder = temporaryFolder(t);
    console.token = await console.personal(scopes);
    writeFiles(console.folder, { 'token.txt': `${console.token}\n` });
    return console;
  }

  async personal(scopes) {
    const answer = await this.emulator.ask('POST', '/v1beta/access-tokens',
      { access_token: { description: 'test', scopes, workspace_names: [acme] } },
      { Authorization: `Basic ${Buffer.from('owner@acme.test:x').toString('base64')}` });

    assert.equal(answer.status, 200, answer.text);
    return answer.json.token;
  }

  async run(args, { token = 'token.txt', input, env = {}, expect = 0 } = {}) {
    const flags = token ? ['--token-file', token] : [];
    const result = await run(['segment', ...args, ...flags],
      { cwd: this.folder, input, env: { PARTNERAPP_EMULATOR_URL: this.emulator.url, ...env } });

    assert.equal(result.code, expect, `segment ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    for (const text of [result.stdout, result.stderr]) assert.ok(!text.includes(this.token), 'the token is shown');
    return result;
  }

  async json(args, options) {
    return JSON.parse((await this.run([...args, '--json'], options)).stdout);
  }

  // How often the Config API was asked so far.
  async calls() {
    return (await this.emulator.control('GET', 'requests?area=config')).requests.length;
  }
}

// --- lists and resources --------------------------------------------------------------------

test('lists are tables for people and the API\'s own document for programs', async (t) => {
  const console = await Console.start(t);
  const { stdout } = await console.run(['workspaces']);

  assert.match(stdout, /^NAME +DISPLAY NAME +ID\nworkspaces\/acme +/);
  const document = await console.json(['workspaces', 'list']);

  assert.deepEqual(Object.keys(document), ['workspaces', 'next_page_token']);
  assert.equal(document.workspaces[0].name, acme);
  assert.equal((await console.json(['workspaces', 'get', 'acme'])).name, acme);
  assert.ok((await console.json(['sources', 'list', acme])).sources.some(({ name }) => name === website));
  assert.match((await console.run(['sources', 'get', website])).stdout, /catalog_name +catalog\/sources\/javascript/);
});

test('pages are followed with --all, one object a page, and told of without it', async (t) => {
  const console = await Console.start(t);
  const whole = (await console.json(['catalog', 'destinations'])).destinations.map(({ name }) => name);
  const { stdout } = await console.run(['catalog', 'destinations', '--limit', '2', '--all', '--json']);
  const pages = stdout.trim().split('\n').map((line) => JSON.parse(line).destinations.map(({ name }) => name));

  assert.ok(whole.length > 2);
  assert.equal(pages.length, Math.ceil(whole.length / 2));
  assert.deepEqual(pages.flat(), whole);
  const first = await console.run(['catalog', 'destinations', '--limit', '2']);
  const [, cursor] = /More: --all, or --after (\S+)/.exec(first.stderr);
  const rest = await console.json(['catalog', 'destinations', '--limit', '2', '--after', cursor]);

  assert.deepEqual(rest.destinations.map(({ name }) => name), whole.slice(2, 4));
});

test('a source is made of the catalog, exists once, and is deleted with a yes', async (t) => {
  const console = await Console.start(t);
  const made = `${acme}/sources/shop`;

  assert.equal((await console.json(['sources', 'create', made, '--catalog', 'javascript'])).name, made);
  const again = await console.run(['sources', 'create', made, '--catalog', 'javascript'], { expect: 6 });

  assert.match(again.stderr, /error\[PA5023\]: it exists already \(409: /);
  assert.match((await console.run(['sources', 'create', made], { expect: 2 })).stderr, /--catalog/);
  const asked = await console.run(['sources', 'delete', made], { expect: 2 });

  assert.match(asked.stderr, /--yes/);
  await console.run(['sources', 'get', made]);
  await console.run(['sources', 'delete', made, '--yes']);
  assert.match((await console.run(['sources', 'get', made], { expect: 5 })).stderr, /error\[PA5022\]/);
});

test('a destination is created with settings, and its secrets are masked for people only', async (t) => {
  const console = await Console.start(t);

  writeFiles(console.folder, { 'key.txt': '12345678\n' });
  const made = await console.json(['destinations', 'create', demo, '--set', 'apiKey=@key.txt', '--enabled']);

  assert.equal(made.name, demo);
  assert.equal(made.enabled, true);
  assert.equal(made.config.find(({ name }) => name.endsWith('/apiKey')).value, '12345678', 'digits of a file are text');
  const { stdout } = await console.run(['destinations', 'get', 'demo', '--source', website]);

  assert.match(stdout, /enabled +true/);
  assert.match(stdout, /apiKey +••••/);
  assert.ok(!stdout.includes('12345678'));
  const again = await console.run(['destinations', 'create', demo, '--set', 'apiKey=abcd1234'], { expect: 6 });

  assert.match(again.stderr, /error\[PA5023\].*\(500: destination already exists/);
  assert.match(again.stderr, /segment destinations update/);
});

test('an update changes what was given and nothing else', async (t) => {
  const console = await Console.start(t);
  const key = ({ config }) => config.find(({ name }) => name.endsWith('/apiKey')).value;

  await console.run(['destinations', 'create', demo, '--set', 'apiKey=abcd1234', '--enabled']);
  const set = await console.json(['destinations', 'update', demo, '--set', 'apiKey=efgh5678']);

  assert.deepEqual([set.enabled, key(set)], [true, 'efgh5678']);
  const off = await console.json(['destinations', 'update', demo, '--disabled']);

  assert.deepEqual([off.enabled, key(off)], [false, 'efgh5678']);
  assert.match((await console.run(['destinations', 'update', demo], { expect: 2 })).stderr, /nothing to change/);
  assert.match((await console.run(['destinations', 'update', demo, '--enabled', '--disabled'], { expect: 2 })).stderr, /not both/);
  await console.run(['destinations', 'delete', demo, '--yes']);
  await console.run(['destinations', 'get', demo], { expect: 5 });
});

// --- looking before -------------------------------------------------------------------------

test('--dry-run shows the request with the token masked and sends nothing', async (t) => {
  const console = await Console.start(t);
  const before = await console.calls();
  const args = ['destinations', 'create', demo, '--set', 'apiKey=abcd1234', '--enabled', '--dry-run'];
  const { stdout } = await console.run(args);

  assert.match(stdout, new RegExp(`^POST ${console.emulator.url}/v1beta/${website}/destinations\nAuthorization: Bearer ••••\n`));
  const shown = await console.json(args);

  assert.deepEqual(shown, {
    method: 'POST', url: `${console.emulator.url}/v1beta/${website}/destinations`,
    headers: { Authorization: 'Bearer ••••', 'Content-Type': 'application/json' },
    body: { destination: {
      name: demo, connection_mode: 'CLOUD', config: [{ name: `${demo}/config/apiKey`, value: 'abcd1234' }], enabled: true,
    } },
  });
  const update = await console.json(['destinations', 'update', demo, '--disabled', '-n'], { token: null });

  assert.deepEqual(update.body.update_mask, { paths: ['destination.enabled'] });
  assert.equal((await console.json(['destinations', 'delete', demo, '-n'])).method, 'DELETE');
  assert.equal(await console.calls(), before);
  await console.run(['workspaces']);
  assert.equal(await console.calls(), before + 1, 'calls are counted');
});

// --- refusals -------------------------------------------------------------------------------

test('a refusal says what the API said, what to do, and ends with its own code', async (t) => {
  const console = await Console.start(t);

  writeFiles(console.folder, { 'bad.txt': 'no-token', 'reader.txt': await console.personal('workspace:read'), 'empty.txt': '\n' });
  for (const [args, token, code, words] of [
    [['workspaces'], 'bad.txt', 4, [/error\[PA5020\]/, /401: malformed token/, /install refresh/]],
    [['sources', 'delete', website, '--yes'], 'reader.txt', 4, [/error\[PA5021\]/, /403: insufficient scope/, /workspace: everything/]],
    [['sources', 'get', `${acme}/sources/none`], 'token.txt', 5, [/error\[PA5022\]/]],
    [['destinations', 'create', demo, '--set', 'nonsense=1'], 'token.txt', 2, [/error\[PA5024\]/, /400: /, /--dry-run/]],
    [['destinations', 'create', demo, '--set', 'nothing'], 'token.txt', 2, [/NAME=VALUE/]],
    [['destinations', 'get', 'not/a/name'], 'token.txt', 2, [/no name/]],
    [['destinations', 'get'], 'token.txt', 2, [/wants a name/]],
    [['destinations', 'remove', demo], 'token.txt', 2, [/none of: /]],
    [['sources', 'update', website], 'token.txt', 2, [/none of: /]],
    [['catalog', 'warehouses'], 'token.txt', 2, [/`destinations` and `sources`/]],
    [['workspaces'], 'empty.txt', 2, [/empty/]],
    [['workspaces'], 'absent.txt', 5, [/no file/]],
    [['workspaces', '--api-url', 'nowhere'], 'token.txt', 2, [/wants a URL/]],
  ]) {
    const { stderr, stdout } = await console.run(args, { token, expect: code });

    for (const word of words) assert.match(stderr, word, args.join(' '));
    assert.equal(stdout, '');
  }
});

test('errors are one object with --json', async (t) => {
  const console = await Console.start(t);
  const { stderr, stdout } = await console.run(['sources', 'get', `${acme}/sources/none`, '--json'], { expect: 5 });
  const { error } = JSON.parse(stderr);

  assert.equal(stdout, '');
  assert.deepEqual([error.code, error.exit], ['PA5022', 5]);
});

test('a 503 is tried again, and what never answers ends with 7', async (t) => {
  const console = await Console.start(t);

  await console.emulator.control('POST', 'faults', { where: 'config', what: 'status', status: 503, times: 1 });
  assert.equal((await console.json(['workspaces', 'get', acme])).name, acme);
  await console.emulator.kill();
  const { stderr } = await console.run(['workspaces', 'get', acme], { expect: 7 });

  assert.match(stderr, /error\[PA5025\]/);
});

test('the token never goes to another host than the one that was configured', async (t) => {
  const console = await Console.start(t);
  const seen = [];
  const other = http.createServer((request, response) => { seen.push(request.url); response.end('{}'); });

  await new Promise((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  t.after(() => other.close());
  const { port } = other.address();

  for (const target of [`@127.0.0.1:${port}/v1beta/workspaces`, `http://127.0.0.1:${port}/x`, `//127.0.0.1:${port}/x`]) {
    const { stderr } = await run(['segment', 'api', 'GET', target, '--token-file', 'token.txt'],
      { cwd: console.folder, env: { PARTNERAPP_EMULATOR_URL: console.emulator.url } });

    assert.match(stderr, /error\[PA50/, target);
  }
  assert.deepEqual(seen, []);
});

// --- any request ------------------------------------------------------------------------------

test('segment api sends what is typed, its body as text or from a file', async (t) => {
  const console = await Console.start(t);
  const body = { source: { name: `${acme}/sources/app`, catalog_name: 'catalog/sources/javascript' } };

  writeFiles(console.folder, { 'source.json': body });
  assert.match((await console.run(['api', 'GET', '/v1beta/workspaces/acme'])).stdout, /^\{\n {2}"name": "workspaces\/acme"/);
  assert.equal((await console.json(['api', 'GET', 'v1beta/workspaces/acme'])).name, acme);
  assert.equal((await console.json(['api', 'POST', `/v1beta/${acme}/sources`, '--data', '@source.json'])).name, body.source.name);
  body.source.name += '2';
  assert.equal((await console.json(['api', 'POST', `/v1beta/${acme}/sources`, '--data', JSON.stringify(body)])).name, body.source.name);
  const shown = await console.json(['api', 'POST', '/v1beta/x', '--body', '@-', '--dry-run'], { input: '{"a": 1}' });

  assert.deepEqual([shown.method, shown.body], ['POST', { a: 1 }]);
  assert.match((await console.run(['api', 'get', '/v1beta/workspaces'], { expect: 2 })).stderr, /one of GET/);
  assert.match((await console.run(['api', 'POST', '/v1beta/x', '--body', '{"a":'], { expect: 2 })).stderr, /no JSON/);
  assert.match((await console.run(['api', 'POST', '/v1beta/x', '--body', '@none.json'], { expect: 5 })).stderr, /no file/);
});

test('the token may come on standard input, and emulator exec says where Segment is', async (t) => {
  const console = await Console.start(t);

  assert.equal((await console.json(['workspaces', 'get', acme], { token: '-', input: `${console.token}\n` })).name, acme);
  const { code, stdout, stderr } = await run(['emulator', 'exec', '--', 'sh', '-c',
    `curl -s -u owner@acme.test:x -d '{"access_token":{"scopes":"workspace","workspace_names":["${acme}"]}}' \
       "$SEGMENT_API_URL/v1beta/access-tokens" | grep -o '"token": *"[^"]*"' | cut -d'"' -f4 |
     "$0" segment workspaces get acme --json --token-file -`, path.resolve(process.env.BUILD ?? 'build', 'partnerapp')],
  { cwd: console.folder });

  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).name, acme);
});

// --- the Public API -----------------------------------------------------------------------------

test('the same commands speak the Public API when segment.api says so', async (t) => {
  const console = await Console.start(t);
  const options = { token: null };

  writeFiles(console.folder, { 'partnerapp.yaml': 'segment: {api: public}\n' });
  const { sources } = (await console.json(['sources', 'list'], options)).data;
  const source = sources.find(({ slug }) => slug === 'website');
  const { destinationsCatalog } = (await console.json(['catalog', 'destinations'], options)).data;
  const item = destinationsCatalog.find(({ slug }) => slug === 'demo');

  assert.match((await console.run(['workspaces'], options)).stdout, /acme/);
  const { destination } = (await console.json(
    ['destinations', 'create', item.id, '--source', source.id, '--set', 'apiKey=abcd1234', '--enabled'], options)).data;

  assert.deepEqual([destination.enabled, destination.sourceId], [true, source.id]);
  const off = await console.json(['destinations', 'update', destination.id, '--disabled', '--dry-run'], options);

  assert.deepEqual([off.method, off.body], ['PATCH', { enabled: false }]);
  assert.equal((await console.json(['destinations', 'update', destination.id, '--disabled'], options)).data.destination.enabled, false);
  assert.match((await console.run(['destinations', 'list', source.id], options)).stdout, new RegExp(destination.id));
  await console.run(['destinations', 'delete', destination.id, '--yes'], options);
  await console.run(['destinations', 'get', destination.id], { ...options, expect: 5 });
});

test('the Public API wants a token of its own and says so', async (t) => {
  const console = await Console.start(t);
  const { stderr } = await console.run(['sources', '--api', 'public', '--api-url', console.emulator.publicUrl],
    { token: null, expect: 4 });

  assert.match(stderr, /error\[PA5020\].*takes no install tokens/);
  assert.match(stderr, /--token-file/);
  const wrong = await console.run(['sources', '--api', 'public', '--api-url', console.emulator.publicUrl], { expect: 4 });

  assert.match(wrong.stderr, /eu1\.api\.segmentapis\.com/);
});

test('without a service and without a token file the command says how to get either', async (t) => {
  const console = await Console.start(t);
  const { stderr } = await console.run(['workspaces'], { token: null, expect: 7 });

  assert.match(stderr, /error\[PA7010\]/);
  assert.match(stderr, /--token-file/);
});

test('case 94: a reading token may not create a source, and the command says which scopes may', async (t) => {
  const console = await Console.start(t, { scopes: 'workspace:read' });
  const refused = await console.run(['sources', 'create', `${acme}/sources/mine`, '--catalog', 'javascript'], { expect: 4 });

  assert.match(refused.stderr, /insufficient scope/);
  assert.match(refused.stderr, /workspace: everything/);
  await console.run(['sources', 'get', website]);
});

test('case 95: a destination token reads and sets its own destination, and nothing else', async (t) => {
  const console = await Console.start(t);
  const { access_token: own } = await install(console.emulator);

  writeFiles(console.folder, { 'own.txt': own });
  await console.run(['destinations', 'create', demo, '--set', 'apiKey=abcd1234', '--enabled'], { token: 'own.txt' });
  await console.run(['destinations', 'get', demo], { token: 'own.txt' });
  for (const args of [['destinations', 'list', website], ['destinations', 'get', `${website}/destinations/clearbrain`],
    ['destinations', 'get', `${acme}/sources/ios/destinations/demo`], ['sources', 'list', acme]])
    assert.match((await console.run(args, { token: 'own.txt', expect: 4 })).stderr, /insufficient scope/, args.join(' '));
});
