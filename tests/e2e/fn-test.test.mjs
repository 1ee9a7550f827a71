// SPDX-License-Identifier: MIT
// fn test: the Developer Center's suite, the function's own tests, and what they are told.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { cleanEnvironment, endSignal, isSanitized, program, run } from './lib/program.mjs';

const all = ['Identify', 'Track', 'Page', 'Screen', 'Group', 'Alias', 'Delete']
  .map((type) => `async function on${type}(event) { console.log(event.type); return event.type }`).join('\n');
const names = [
  ['PAGE', 'Anonymous User Navigates to Homepage'], ['PAGE', 'Anonymous User Navigates to Signup Page'],
  ['IDENTIFY', 'Identify Anonymous User'], ['TRACK', 'User Signs Up'], ['GROUP', 'User is Grouped into myUsers'],
  ['TRACK', 'User enables an Integration'], ['TRACK', 'User Invites a Teammate'], ['SCREEN', 'User Opens Mobile Application'],
];
const note = {
  name: 'a note is sent',
  event: { type: 'track', event: 'Signed Up', userId: 'u1' },
  settings: { apiKey: 'k' },
  answers: [{ request: { url: 'https://a.example/*' }, response: { status: 201, body: { id: 7 } } }],
  expect: { outcome: 'delivered', result: 7, requests: [{ method: 'POST', headers: { authorization: 'k' }, body: { note: 'Signed Up' } }] },
};
const sends = `async function onTrack(event, settings) {
  const answer = await fetch('https://a.example/notes', { method: 'POST', headers: { Authorization: settings.apiKey }, body: JSON.stringify({ note: event.event }) })
  return (await answer.json()).id
}\n`;

function place(t, code, files = {}) {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'functions/f/index.js': code, ...files });
  return cwd;
}

async function report(cwd, ...args) {
  const got = await run(['fn', 'test', 'f', '--json', ...args], { cwd });

  assert.ok(got.stdout, got.stderr);
  return { ...JSON.parse(got.stdout), code: got.code };
}

test('the eight names in order, alias and delete, one verdict line', async (t) => {
  const { code, stdout, stderr } = await run(['fn', 'test', 'f'], { cwd: place(t, all) });
  const lines = stdout.split('\n').filter((line) => /^ {2}\S+ \d{3} /.test(line));

  assert.equal(code, 0, stderr);
  assert.deepEqual(lines.slice(0, 8).map((line) => line.trim().split(/ {2,}/).slice(1, 3)), names);
  assert.deepEqual(lines.slice(8).map((line) => line.trim().split(/ {2,}/)[1]), ['ALIAS', 'DELETE']);
  assert.match(stdout, /\n\nAll tests passed \(10\)\.\n$/);
});

test('a type without a handler is not supported: counted apart, and a failure when strict', async (t) => {
  const cwd = place(t, 'async function onTrack() {}\nasync function onGroup() { throw new EventNotSupported("no") }\n');
  const { code, stdout } = await run(['fn', 'test', 'f'], { cwd });

  assert.equal(code, 0);
  assert.match(stdout, /501 {2}PAGE +Anonymous User Navigates to Homepage +EventNotSupported \(no onPage\)\n/);
  assert.match(stdout, /501 {2}GROUP .*EventNotSupported \(thrown\)\n/);
  assert.match(stdout, /\n3 passed, 7 not supported, 0 failed\n$/);
  const strict = await report(cwd, '--strict');

  assert.deepEqual([strict.code, strict.failed, strict.unsupported], [10, 7, 0]);
});

test('every outcome has its colour', async (t) => {
  const cwd = place(t, `async function onTrack() { throw new Error('no') }
    async function onIdentify() { throw new RetryError('later') }
    async function onPage() { throw new ValidationError('bad') }
    async function onScreen() { throw new DropEvent('on purpose') }
    async function onGroup() {}\n`);
  const { cases, code } = await report(cwd);

  assert.equal(code, 10);
  assert.deepEqual(cases.map(({ type, color, status }) => [type, color, status]), [
    ['PAGE', 'red', 400], ['PAGE', 'red', 400], ['IDENTIFY', 'red', 503], ['TRACK', 'red', 400], ['GROUP', 'green', 200],
    ['TRACK', 'red', 400], ['TRACK', 'red', 400], ['SCREEN', 'green', 400], ['ALIAS', 'yellow', 501], ['DELETE', 'yellow', 501]]);
});

test('a failure shows the error with its place and a command that runs it alone', async (t) => {
  const cwd = place(t, 'async function onTrack(event) {\n  return event.traits.plan\n}\n');
  const { stdout } = await run(['fn', 'test', 'f'], { cwd });

  assert.match(stdout, /400 {2}TRACK +User Signs Up.*\nerror\[PA2010\]: TypeError: .*\n {2}--> functions\/f\/index\.js:2:23\n/);
  assert.match(stdout, /= help: partnerapp fn test f --only 4\n/);
});

test('its own tests: a part of what happens is expected', async (t) => {
  const cwd = place(t, sends, { 'functions/f/tests/note.json': note });
  const { cases, code } = await report(cwd, '--only', 'a note');

  assert.equal(code, 0, JSON.stringify(cases));
  assert.deepEqual(cases.map(({ from, color, file }) => [from, color, file]), [['own', 'green', 'functions/f/tests/note.json']]);
});

test('a test that is not met shows path, want and got', async (t) => {
  const cwd = place(t, sends, { 'functions/f/tests/note.json': { ...note, expect: { requests: [{ body: { note: 'Other' } }] } } });
  const { stdout, code } = await run(['fn', 'test', 'f', '--only', 'note.json'], { cwd });

  assert.equal(code, 10);
  assert.match(stdout, /requests\[0\]\.body\.note\n +want {2}"Other"\n +got {3}"Signed Up"\n/);
});

test('a file that is no test is named', async (t) => {
  for (const [content, why] of [['{', /note\.json/], [{ expect: {} }, /neither an event nor a request/], [{ event: { type: 'track' }, expect: 1 }, /"expect" is no object/]]) {
    const { stderr, code } = await run(['fn', 'test', 'f'], { cwd: place(t, all, { 'functions/f/tests/note.json': content }) });

    assert.equal(code, 1);
    assert.match(stderr, why);
  }
});

test('each test has a fresh environment', async (t) => {
  const { cases } = await report(place(t, 'let n = 0\nasync function onTrack() { return ++n }\n'), '--only', 'track');

  assert.deepEqual(cases.map(({ result }) => result), [1, 1, 1]);
});

test('onBatch gets the suite as one batch too', async (t) => {
  const { cases } = await report(place(t, `${all}\nasync function onBatch(events) { return events.map(() => ({ status: 200 })) }\n`), '--only', 'batch');

  assert.deepEqual(cases.map(({ type, color, result }) => [type, color, result.length]), [['BATCH', 'green', 10]]);
});

test('of a batch, a bad status is a failure', async (t) => {
  const { cases } = await report(place(t, `${all}\nasync function onBatch(events) { return events.map((one, i) => ({ status: i === 2 ? 500 : 200 })) }\n`), '--only', 'batch');

  assert.equal(cases[0].color, 'red');
  assert.match(cases[0].error.message, /event 3 .*500/);
});

test('a source function has only tests of its own', async (t) => {
  const cwd = place(t, 'async function onRequest(request) { const { id } = await request.json(); Segment.track({ event: "Paid", userId: id, properties: {} }) }\n');
  const none = await run(['fn', 'test', 'f'], { cwd });

  assert.equal(none.code, 10);
  assert.match(none.stderr, /PA2043/);
  writeFiles(cwd, { 'functions/f/tests/paid.json': { request: { body: { id: 'u7' } }, expect: { result: { events: [{ userId: 'u7' }] } } } });
  const { cases } = await report(cwd);

  assert.deepEqual(cases.map(({ type, color }) => [type, color]), [['REQUEST', 'green']]);
});

test('code that does not load is shown, exit 10', async (t) => {
  const { stderr, code } = await run(['fn', 'test', 'f'], { cwd: place(t, 'function onTrack() {\n  return +;\n}\n') });

  assert.equal(code, 10);
  assert.match(stderr, /error\[PA2001\]: SyntaxError: .*\n {2}--> functions\/f\/index\.js:2:11\n/);
});

test('the report as JUnit', async (t) => {
  const cwd = place(t, "async function onTrack() { throw new Error('a < b & \"c\"\\u0007') }\nasync function onPage() {}\n");

  await run(['fn', 'test', 'f', '--junit', 'report.xml'], { cwd });
  const xml = fs.readFileSync(path.join(cwd, 'report.xml'), 'utf8');

  assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="10" failures="3">/);
  assert.equal(xml.match(/<testcase /g).length, 10);
  assert.equal(xml.match(/<skipped /g).length, 5);
  assert.match(xml, /<failure type="Error" message="a &lt; b &amp; &quot;c&quot;\?">/);
  // Every tag that opens closes, and no bare & or < is left in what stands between.
  const open = [];
  for (const [, slash, name, self] of xml.replace(/<\?.*?\?>/, '').matchAll(/<(\/?)(\w+)(?:\s+\w+="[^"<]*")*\s*(\/?)>/g)) {
    if (slash) assert.equal(open.pop(), name);
    else if (!self) open.push(name);
  }
  assert.deepEqual(open, []);
});

test('--record writes tests that pass, without secrets, and never over others', async (t) => {
  const cwd = place(t, sends, { 'functions/f/mocks/a.json': note.answers[0] });
  const settings = ['--settings', '{"apiKey":"sk_live_4711"}'];
  const file = path.join(cwd, 'functions/f/tests/04-user-signs-up.json');
  const first = await run(['fn', 'test', 'f', '--record', '--only', '4', ...settings], { cwd });

  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /written +functions\/f\/tests\/04-user-signs-up\.json/);
  const written = fs.readFileSync(file, 'utf8');

  assert.doesNotMatch(written, /4711/);
  assert.equal(JSON.parse(written).expect.requests[0].url, 'https://a.example/notes');
  assert.deepEqual((await report(cwd, '--only', '04-')).cases.map(({ color }) => color), ['green']);
  fs.writeFileSync(file, written.replace('User Signs Up', 'Mine'));
  const second = await run(['fn', 'test', 'f', '--record', '--only', '4'], { cwd });

  assert.match(second.stderr, /kept .*--force/);
  assert.match(fs.readFileSync(file, 'utf8'), /Mine/);
  await run(['fn', 'test', 'f', '--record', '--force', '--only', '4'], { cwd });
  assert.match(fs.readFileSync(file, 'utf8'), /"name": "User Signs Up"/);
});

test('--only takes a number, a type or a part of a name; none is a usage error', async (t) => {
  const cwd = place(t, all);

  for (const [only, n] of [['4', 1], ['track', 3], ['anonymous', 4]])
    assert.equal((await report(cwd, '--only', only)).cases.length, n, only);
  assert.equal((await run(['fn', 'test', 'f', '--only', 'nothing'], { cwd })).code, 2);
});

// Resolves with what the process has printed once that matches.
function prints(child, state, pattern) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!pattern.test(state.text)) return;
      child.stdout.off('data', look);
      resolve(state.text);
    };

    child.stdout.on('data', look);
    child.once('exit', () => reject(new Error(`it ended: ${state.text}`)));
    look();
  });
}

test('--watch runs again after a save of code, test or mock; Ctrl-C ends it well', async (t) => {
  const cwd = place(t, sends, { 'functions/f/tests/note.json': note });
  const child = spawn(program, ['fn', 'test', 'f', '--watch', '--only', 'note'], { cwd, env: cleanEnvironment() });
  const state = { text: '' };
  const ended = new Promise((resolve) => { child.once('exit', (code, signal) => resolve({ code, signal })); });
  const waits = [];

  t.after(() => child.kill(endSignal));
  child.stdout.setEncoding('utf8').on('data', (text) => { state.text += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { state.text += text; });
  child.stderr.on('data', () => child.stdout.emit('data', ''));
  const saved = async (file, content, pattern) => {
    state.text = '';
    writeFiles(cwd, { [file]: content });
    const started = performance.now();

    await prints(child, state, pattern);
    waits.push(performance.now() - started);
    await prints(child, state, /Waiting for a save/);
  };

  await prints(child, state, /All tests passed \(1\)[^]*Waiting for a save/);
  await saved('functions/f/index.js', sends.replace('.id', '.no'), /1 failed/);
  await saved('functions/f/index.js', sends, /All tests passed/);
  await saved('functions/f/tests/note.json', { ...note, expect: { result: 8 } }, /1 failed/);
  await saved('functions/f/tests/note.json', note, /All tests passed/);
  await saved('functions/f/tests/note-2.json', { ...note, name: 'a second note' }, /All tests passed \(2\)/);
  await saved('functions/f/index.js', 'function (', /PA2001/);
  await saved('functions/f/index.js', sends, /All tests passed/);
  child.kill('SIGINT');
  assert.deepEqual(await ended, { code: 0, signal: null });
  waits.sort((a, b) => a - b);
  console.log(`      after a save: best ${Math.round(waits[0])} ms, worst ${Math.round(waits.at(-1))} ms`);
  // The best of seven: other tests may keep the machine busy.
  if (!isSanitized) assert.ok(waits[0] < 300, `${waits}`);
});

test('fn test of ten events and fn run cost little to start', async (t) => {
  const cwd = place(t, all);
  const best = { run: Infinity, test: Infinity };

  for (let i = 0; i < 7; i++)
    for (const which of ['run', 'test']) {
      const { code, stderr } = await run(['-c', 'TIMEFORMAT="cpu %U %S"; time "$@"', '-', program, 'fn', which, 'f'], { cwd, command: 'bash', env: { LC_ALL: 'C' } });
      const [, user, system] = /^cpu (\S+) (\S+)$/m.exec(stderr);

      assert.equal(code, 0);
      // What it had of the processor: others use the machine meanwhile.
      best[which] = Math.min(best[which], (Number(user) + Number(system)) * 1000);
    }

  console.log(`      fn run: ${Math.round(best.run)} ms, fn test: ${Math.round(best.test)} ms`);
  if (isSanitized) return;
  assert.ok(best.run < 150, `fn run: ${best.run} ms`);
  assert.ok(best.test < 400, `fn test: ${best.test} ms`);
});

test('the command that runs a failed case again takes the flags along', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'functions/k/index.js': 'async function onTrack(event, settings) {\n  return eval("event.nope[settings.a]")\n}\n' });
  const got = await run(['fn', 'test', 'k', '--only', '4', '--strict', '--allow-eval', '--settings', '{"a": "b c"}'], { cwd });

  assert.equal(got.code, 10);
  assert.match(got.stdout + got.stderr, /= help: partnerapp fn test k --only 4 --allow-eval --settings '{"a": "b c"}'\n/);
});
