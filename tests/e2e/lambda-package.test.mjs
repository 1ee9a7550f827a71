// SPDX-License-Identifier: MIT
// lambda package and lambda template: case 68 of the protocol dossier, what the zip runs
// without, and what is refused.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';

import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { build, program, root, run } from './lib/program.mjs';
import { Lambda, RuntimeApi } from './lib/runtime-api.mjs';
import { selfSigned } from './lib/tls.mjs';
import { until } from './lib/wait.mjs';
import { entriesOf, unpack } from './lib/zip.mjs';

const CODE = `async function onTrack(event, settings) {
  console.log('got', event.event)
  if (event.event === 'Wrong') throw new EventNotSupported('not this one')
  if (event.event === 'Fetch') return { status: (await fetch(event.properties.url)).status }
  return { event: event.event, plan: settings.plan ?? 'none' }
}
`;
const CONFIGURATION = `subscriptions:
  - name: default
    function: FUNCTION
    function_timeout: 4s
    slice: 300ms
    allow_eval: on
    isolation: event
    settings:
      apiKey: very-secret
`;
const LOADER = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2';
const isRoot = process.getuid() === 0;
const shared = fs.mkdtempSync(path.join(os.tmpdir(), 'partnerapp-test-'));
const inShared = (...parts) => path.join(shared, ...parts);

process.on('exit', () => fs.rmSync(shared, { recursive: true, force: true }));

function compile(target, ...flags) {
  execFileSync(process.env.CC ?? 'cc', ['-D_GNU_SOURCE', '-O1', '-o', target,
    path.join(root, 'tests/fixtures/lambda/handler.c'), ...flags]);
}

const pack = (args, options = {}) => run(['lambda', 'package', ...args], { cwd: shared, timeout: 240000, ...options });

// What the tests pack: a function and a handler, once.
before(async () => {
  writeFiles(shared, { 'functions/hello/index.js': CODE,
    'partnerapp.yaml': CONFIGURATION.replace('FUNCTION', inShared('functions/hello/index.js')) });
  compile(inShared('handler'), '-DWITH_ZLIB', '-lz');
  const [made, small] = await Promise.all([pack(['hello', '-o', 'function.zip', '--json']),
    pack(['--handler', './handler', '-o', 'handler.zip'])]);

  assert.equal(made.code, 0, made.stderr);
  assert.equal(small.code, 0, small.stderr);
  fs.writeFileSync(inShared('made.json'), made.stdout);
  unpack(inShared('function.zip'), inShared('function'));
  unpack(inShared('handler.zip'), inShared('small'));
});

const track = (event, properties = {}) => ({ event: { type: 'track', event, userId: 'u', properties }, settings: { plan: 'Pro' }, version: '1' });

// A packed folder as Lambda starts it; with `within`, that folder is all there is.
async function start(t, folder, { env = {}, within = false } = {}) {
  const api = await RuntimeApi.start(t);
  const [command, args] = within ? ['/usr/sbin/chroot', [folder, '/bootstrap']] : [`${folder}/bootstrap`, []];
  const lambda = Lambda.start(t, api, args, { command, cwd: temporaryFolder(t), env, bare: true });
  const invoke = (payload) => Promise.race([api.invoke(payload, { timeout: 15000 }), failure(api, lambda)]);

  return { api, lambda, invoke };
}

// An invocation that nobody takes would be waited for in vain.
async function failure(api, lambda) {
  await lambda.ended(20000);
  throw new Error(`it ended: ${lambda.stderr} ${JSON.stringify(api.initError)}`);
}

async function result({ invoke }, payload) {
  const { ok, result: bytes, error } = await invoke(payload);

  assert.ok(ok, JSON.stringify(error));
  return JSON.parse(bytes);
}

// The kinds of an ELF file's segments (its program headers).
function segmentKinds(file) {
  const bytes = fs.readFileSync(file);
  const at = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);

  assert.equal(bytes.toString('latin1', 0, 4), '\x7fELF');
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, i) => bytes.readUInt32LE(at + i * size));
}

test('case 68: the zip has an executable static bootstrap at its root, as a Unix made it', () => {
  const entries = entriesOf(inShared('function.zip'));
  const names = entries.map(({ name }) => name);
  const made = JSON.parse(fs.readFileSync(inShared('made.json')));
  const programs = ['bootstrap', 'lib/partnerapp-runner', `lib/${LOADER}`, 'lib/bin/bootstrap', 'lib/bin/partnerapp-runner'];

  assert.deepEqual(names, [...names].sort());
  for (const name of [...programs, 'function/index.js', 'function/function.json', 'lib/ca-certificates.crt', 'lib/libc.so.6'])
    assert.ok(names.includes(name), name);
  for (const { name, mode, system, time, extra } of entries) {
    assert.deepEqual([mode.toString(8), system, time, extra],
      [programs.includes(name) ? '100755' : '100644', 3, [1980, 1, 1, 0, 0, 0], 0], name);
  }
  assert.ok(!segmentKinds(inShared('function/bootstrap')).includes(3), 'it wants a loader');
  assert.deepEqual([made.path, made.name, made.files, made.architecture],
    ['function.zip', 'hello', entries.length, process.arch === 'arm64' ? 'arm64' : 'x86_64']);
  assert.equal(made.zipped_bytes, fs.statSync(inShared('function.zip')).size);
  assert.equal(made.unzipped_bytes, entries.reduce((sum, { size }) => sum + size, 0));
  assert.ok(made.zipped_bytes <= 50 << 20 && made.unzipped_bytes <= 250 << 20);
  assert.equal(fs.readFileSync(inShared('function/function/index.js'), 'utf8'), CODE);
});

test('case 68: the same inputs give the same bytes, whoever packs them when and where', async (t) => {
  const cwd = temporaryFolder(t);
  const shell = (line, env) => run(['-c', line, program, shared], { command: '/bin/sh', cwd, env, timeout: 240000 });

  for (const name of ['handler', 'functions/hello/index.js'])
    fs.utimesSync(inShared(name), 2000000000, 2000000000);
  const got = await Promise.all([
    shell('umask 077; "$0" --config "$1/partnerapp.yaml" lambda package "$1/functions/hello/index.js" -o f.zip', { TZ: 'Pacific/Kiritimati' }),
    shell('umask 002; "$0" lambda package --handler "$1/handler" -o h.zip', { TZ: 'America/Los_Angeles', LANG: 'C' })]);

  for (const { code, stderr } of got) assert.equal(code, 0, stderr);
  assert.match(got[0].stderr, /settings are not packed.*\n.*PARTNERAPP_SETTINGS/);
  assert.ok(fs.readFileSync(path.join(cwd, 'f.zip')).equals(fs.readFileSync(inShared('function.zip'))));
  assert.ok(fs.readFileSync(path.join(cwd, 'h.zip')).equals(fs.readFileSync(inShared('handler.zip'))));
  assert.equal(fs.statSync(path.join(cwd, 'f.zip')).mode & 0o777, 0o600);
  assert.deepEqual(fs.readdirSync(cwd).sort(), ['f.zip', 'h.zip']);
});

test('case 68: it runs from an empty folder with an empty environment', async (t) => {
  const begun = Date.now();
  const packed = await start(t, inShared('function'));
  const first = await result(packed, track('First'));

  t.diagnostic(`from exec to the first answer: ${Date.now() - begun} ms`);
  assert.deepEqual(first, { event: 'First', plan: 'Pro' });
  const wrong = await packed.invoke(track('Wrong'));

  assert.deepEqual([wrong.ok, wrong.type, wrong.error.errorType], [false, 'Function.EventNotSupported', 'EventNotSupported']);
  assert.deepEqual(await result(packed, track('Third')), { event: 'Third', plan: 'Pro' });
  await until('the log is there', () => /got First/.test(packed.lambda.stdout));
  assert.deepEqual(packed.api.violations, []);
});

test('what it fetches is believed by the packed authorities, or by those of SSL_CERT_FILE', async (t) => {
  const server = await selfSigned(t);
  const env = { PARTNERAPP_EGRESS_ALLOW: '127.0.0.1' };
  const packed = await start(t, inShared('function'), { env });
  const refused = await packed.invoke(track('Fetch', { url: server.url }));

  assert.equal(refused.ok, false);
  assert.match(refused.error.errorMessage, /certificate/);
  const own = await start(t, inShared('function'), { env: { ...env, SSL_CERT_FILE: server.cert } });

  assert.deepEqual(await result(own, track('Fetch', { url: server.url })), { status: 200 });
  const third = temporaryFolder(t);

  fs.cpSync(inShared('function'), third, { recursive: true });
  fs.copyFileSync(server.cert, path.join(third, 'lib/ca-certificates.crt'));
  const exchanged = await start(t, third, { env });

  assert.deepEqual(await result(exchanged, track('Fetch', { url: server.url })), { status: 200 });
});

// The least that a root folder can have: what lies in the zip, and devices by name.
function makeRoot(t, folder, ...devices) {
  const place = temporaryFolder(t);

  fs.cpSync(folder, place, { recursive: true });
  fs.chmodSync(place, 0o755); // the runner becomes another user, and must get through
  for (const [name, major, minor] of devices) {
    fs.mkdirSync(path.join(place, 'dev'), { recursive: true });
    execFileSync('mknod', ['-m', '666', path.join(place, 'dev', name), 'c', major, minor]);
  }
  return place;
}

const onlyRoot = { skip: isRoot ? false : 'chroot is for root' };

test('in a root folder with the zip and /dev/urandom alone it runs too', onlyRoot, async (t) => {
  const server = await selfSigned(t);
  const place = makeRoot(t, inShared('function'), ['urandom', '1', '9']);

  fs.copyFileSync(server.cert, path.join(place, 'lib/ca-certificates.crt'));
  const packed = await start(t, place, { within: true, env: { PARTNERAPP_EGRESS_ALLOW: '127.0.0.1' } });

  assert.deepEqual(await result(packed, track('First')), { event: 'First', plan: 'Pro' });
  assert.equal((await packed.invoke(track('Wrong'))).error.errorType, 'EventNotSupported');
  assert.deepEqual(await result(packed, track('Fetch', { url: server.url })), { status: 200 });
  assert.deepEqual(packed.api.violations, []);
});

test('without /dev/urandom the engine cannot start, and the init error says so', onlyRoot, async (t) => {
  const { api, lambda } = await start(t, makeRoot(t, inShared('function')), { within: true });

  assert.equal((await lambda.ended()).code, 1);
  assert.match(api.initError.error.errorMessage, /\/dev\/urandom/);
});

test('a handler in C runs where there is nothing but its zip', onlyRoot, async (t) => {
  const packed = await start(t, makeRoot(t, inShared('small')), { within: true });
  const { argv0, root: taskRoot, zlib, event } = await result(packed, { n: 1 });

  assert.deepEqual([argv0, taskRoot, event], ['bootstrap', '/', { n: 1 }]);
  assert.match(zlib, /^1\./);
});

test('the environment cannot bring other libraries in', async (t) => {
  const trap = temporaryFolder(t);

  writeFiles(trap, { 'libz.so.1': 'no library', 'libc.so.6': 'no library', 'libpreloaded.so': 'no library' });
  const packed = await start(t, inShared('small'), { env: { LD_LIBRARY_PATH: trap,
    LD_PRELOAD: path.join(trap, 'libpreloaded.so'), LAMBDA_TASK_ROOT: '/of/lambda' } });
  const { root: taskRoot, preload } = await result(packed, {});

  assert.deepEqual([taskRoot, preload, packed.lambda.stderr], ['/of/lambda', false, '']);
});

test('a static handler is the bootstrap itself, and the only entry', async (t) => {
  compile(inShared('static'), '-static');
  const got = await pack(['--handler', 'static', '-o', 'static.zip']);

  assert.equal(got.code, 0, got.stderr);
  assert.deepEqual(entriesOf(inShared('static.zip')).map(({ name, mode }) => [name, mode.toString(8)]), [['bootstrap', '100755']]);
  unpack(inShared('static.zip'), inShared('alone'));

  assert.equal((await result(await start(t, inShared('alone')), {})).zlib, 'none');
});

test('the starter is found by a relative path, and passes arguments on', (t) => {
  const got = spawnSync('./small/bootstrap', ['a'], { cwd: shared, env: {}, encoding: 'utf8' });

  assert.deepEqual([got.status, got.stderr], [1, 'no AWS_LAMBDA_RUNTIME_API\n']);
  const dump = temporaryFolder(t);

  fs.cpSync(inShared('small'), dump, { recursive: true });
  fs.copyFileSync('/bin/echo', path.join(dump, 'lib/bin/bootstrap'));
  assert.equal(spawnSync('./bootstrap', ['a', 'b c'], { cwd: dump, env: {}, encoding: 'utf8' }).stdout, 'a b c\n');
});

test('a folder that is not whole is refused in words', (t) => {
  const starter = path.join(build, 'partnerapp-starter');
  const say = (folder) => {
    const { status, stderr } = spawnSync(path.join(folder, 'bootstrap'), { env: {}, encoding: 'utf8' });

    assert.equal(status, 1);
    return stderr;
  };
  const alone = temporaryFolder(t);

  fs.copyFileSync(starter, path.join(alone, 'bootstrap'));
  assert.match(say(alone), new RegExp(`^partnerapp-starter: ${alone}/lib/${LOADER}: No such file or directory\n.*unpack the whole zip\n$`, 's'));
  fs.cpSync(inShared('small/lib', LOADER), path.join(alone, 'lib', LOADER));
  assert.match(say(alone), new RegExp(`: ${alone}/lib/bin/bootstrap: No such file`));
  const colon = path.join(alone, 'a:b');

  fs.cpSync(inShared('small'), colon, { recursive: true });
  assert.match(say(colon), /with ':', ';' or '\$' cannot be used/);
});

test('what is there is replaced, through a link, with its own rights', async (t) => {
  const cwd = temporaryFolder(t);

  fs.writeFileSync(path.join(cwd, 'real.zip'), 'old');
  fs.chmodSync(path.join(cwd, 'real.zip'), 0o640);
  fs.symlinkSync('real.zip', path.join(cwd, 'out.zip'));
  const got = await pack(['--handler', inShared('handler'), '-o', 'out.zip'], { cwd });

  assert.equal(got.code, 0, got.stderr);
  assert.match(got.stdout, /^out\.zip: 1\.\d MB \(3\.\d MB unzipped, 7 files\), for provided\.al2023 on /);
  assert.match(got.stderr, /partnerapp lambda template --function-name handler --code-uri out\.zip > template\.yaml\n/);
  assert.match(got.stderr, /aws lambda update-function-code --function-name handler .*--zip-file fileb:\/\/out\.zip\n/);
  assert.ok(fs.lstatSync(path.join(cwd, 'out.zip')).isSymbolicLink());
  assert.equal(fs.statSync(path.join(cwd, 'real.zip')).mode & 0o777, 0o640);
  assert.ok(fs.readFileSync(path.join(cwd, 'real.zip')).equals(fs.readFileSync(inShared('handler.zip'))));
  assert.deepEqual(fs.readdirSync(cwd).sort(), ['out.zip', 'real.zip']);
});

test('the configuration of the function goes along, its settings do not', () => {
  const manifest = JSON.parse(fs.readFileSync(inShared('function/function/function.json')));

  assert.deepEqual(manifest, { name: 'hello', allow_eval: 'on', timeout_ms: 4000, slice_ms: 300,
    isolation: 'event' });
  for (const name of ['index.js', 'function.json'])
    assert.ok(!fs.readFileSync(inShared('function/function', name)).includes('very-secret'));
});

const sparse = (name, size) => {
  fs.copyFileSync(inShared('handler'), inShared(name));
  fs.truncateSync(inShared(name), size);
};

const refusals = [
  ['a function that is not there', ['nobody'], 5, /nobody/],
  ['neither a function nor a handler', [], 2, /what is to be packed/],
  ['both', ['hello', '--handler', './handler'], 2, /not both/],
  ['code that does not load', ['broken.js'], 10, /error\[PA20\d\d\]: SyntaxError.*\n {2}--> broken\.js:\d:/],
  ['a source function', ['source.js'], 1, /error\[PA9034\]/],
  ['a handler that is not there', ['--handler', './nobody'], 1, /\.\/nobody: No such file/],
  ['a handler that is a script', ['--handler', './script'], 1, /error\[PA9030\]: \.\/script is no program/],
  ['a handler that is a library', ['--handler', './library.so'], 1, /error\[PA9030\].* is a library/],
  ['a handler whose library is missing', ['--handler', './lacks'], 1, /error\[PA9031\]: \.\/lacks needs libmissing\.so/],
  ['a handler of more than 250 MiB', ['--handler', './huge'], 1, /huge is larger than/],
  ['250 MiB with the rest', ['--handler', './whole'], 1, /error\[PA9032\].*250 MiB.*\n.*largest parts.*lib\/bin\/bootstrap 249 MiB/],
  ['50 MiB zipped', ['--handler', './large'], 1, /error\[PA9032\]: the zip .* 50 MiB.*\n.*lib\/bin\/bootstrap 52 MiB/],
  ['a folder that is not there', ['--handler', './handler', '-o', 'nowhere/out.zip'], 1, /nowhere\/out\.zip.*No such file/],
  ['a place that is no file', ['--handler', './handler', '-o', '/dev/null'], 1, /\/dev\/null is there and is no file/],
  ['no list of authorities where one was named', ['--handler', './handler'], 1, /\/nowhere\.pem: No such file/, { SSL_CERT_FILE: '/nowhere.pem' }],
];

test('what cannot be packed is refused in words, and leaves nothing behind', async (t) => {
  writeFiles(shared, { 'broken.js': 'async function onTrack( {\n', 'source.js': 'async function onRequest() {}\n', script: '#!/bin/sh\n',
    'f.c': 'int f(void) { return 1; }\n', 'm.c': 'int f(void);\nint main(void) { return f(); }\n' });
  const cc = (...args) => execFileSync(process.env.CC ?? 'cc', args, { cwd: shared });

  cc('-shared', '-fPIC', '-o', 'library.so', 'f.c', '-Wl,-soname,libmissing.so');
  cc('-o', 'lacks', 'm.c', './library.so');
  sparse('huge', (250 << 20) + 1);
  sparse('whole', 249 << 20);
  fs.copyFileSync(inShared('handler'), inShared('large'));
  fs.appendFileSync(inShared('large'), randomBytes(52 << 20));
  const before = fs.readdirSync(shared);

  for (const [why, args, code, said, env] of refusals) {
    const got = await pack(args, { env });

    assert.equal(got.code, code, `${why}: ${got.stderr}`);
    assert.match(got.stderr, said, why);
    assert.equal(got.stdout, '', why);
  }
  assert.deepEqual(fs.readdirSync(shared), before);
  t.diagnostic(`${refusals.length} refusals`);
});

test('a full disk leaves the old zip and nothing else', async (t) => {
  const cwd = temporaryFolder(t);

  fs.writeFileSync(path.join(cwd, 'out.zip'), 'old');
  const got = await run(['-c', 'ulimit -f 1000; exec "$0" lambda package --handler "$1" -o out.zip', program, inShared('handler')],
    { command: '/bin/sh', cwd });

  assert.equal(got.code, 1);
  assert.match(got.stderr, /write .*out\.zip: File too large/);
  assert.deepEqual([fs.readdirSync(cwd), fs.readFileSync(path.join(cwd, 'out.zip'), 'utf8')], [['out.zip'], 'old']);
});

const YAML = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';
const hasYaml = spawnSync('python3', ['-c', 'import yaml']).status === 0;

async function template(...args) {
  const got = await run(['lambda', 'template', ...args]);

  assert.equal(got.code, 0, got.stderr);
  return got.stdout;
}

test('case 68: the template has the function, and the role that Segment assumes',
  { skip: hasYaml ? false : 'python3 has no yaml' }, async () => {
    const parse = async (...args) => JSON.parse(execFileSync('python3', ['-c', YAML], { input: await template(...args) }));
    const plain = await parse();
    const { Function: code, SegmentRole: role } = plain.Resources;

    assert.deepEqual([plain.Transform, plain.AWSTemplateFormatVersion], ['AWS::Serverless-2016-10-31', '2010-09-09']);
    assert.deepEqual(code, { Type: 'AWS::Serverless::Function', Properties: { CodeUri: 'out.zip', Runtime: 'provided.al2023',
      Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'], Handler: 'bootstrap', Timeout: 5, MemorySize: 512 } });
    assert.equal(role.Type, 'AWS::IAM::Role');
    assert.deepEqual(role.Properties.AssumeRolePolicyDocument, { Version: '2012-10-17', Statement: [{ Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::595280932656:root', 'arn:aws:iam::595280932656:role/customer-lambda-prod-destination-access'] },
      Action: 'sts:AssumeRole', Condition: { StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } } }] });
    assert.deepEqual(role.Properties.Policies.map((policy) => policy.PolicyDocument.Statement),
      [[{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['Function', 'Arn'] } }]]);
    assert.deepEqual([plain.Outputs.LambdaARN.Value, plain.Outputs.RoleARN.Value],
      [{ 'Fn::GetAtt': ['Function', 'Arn'] }, { 'Fn::GetAtt': ['SegmentRole', 'Arn'] }]);
    assert.equal('Default' in plain.Parameters.ExternalId, false);

    const hostile = 'a "b"\\ #c: \n- é\u2028\u0085😀{{x}}.zip';
    const given = await parse('--function-name', 'no', '--external-id', '00123', '--code-uri', hostile, '--timeout', '9', '--memory', '128');
    const { Properties } = given.Resources.Function;

    assert.deepEqual([Properties.FunctionName, Properties.CodeUri, Properties.Timeout, Properties.MemorySize], ['no', hostile, 9, 128]);
    assert.equal(given.Parameters.ExternalId.Default, '00123');
  });

test('the template says where the function must be, and refuses what AWS would', async () => {
  assert.match(await template(), /us-west-2/);
  assert.match(await template('--function-name', 'crm'), /CodeUri: "crm\.zip"/);
  for (const args of [['--function-name', 'a b'], ['--function-name', 'a'.repeat(65)], ['--external-id', 'x'], ['--external-id', 'a"b'],
    ['--timeout', '0'], ['--timeout', '901'], ['--memory', '64'], ['--memory', '20000']]) {
    const got = await run(['lambda', 'template', ...args]);

    assert.deepEqual([got.code, got.stdout], [2, ''], args.join(' '));
  }
});
