// SPDX-License-Identifier: MIT
// fn check: syntax with its place, handlers, what is not there; and it runs nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { run } from './lib/program.mjs';

async function check(cwd, code, ...args) {
  writeFiles(cwd, { 'f.js': code });
  const got = await run(['fn', 'check', 'f.js', '--json', ...args], { cwd });

  assert.ok(got.stdout, got.stderr);
  return { ...JSON.parse(got.stdout), code: got.code };
}

// [why, code, line, column]; a column of null: the whole line is underlined.
const broken = [
  ['a parenthesis that is not closed', 'function onTrack(event) {\n  console.log("got", event.event;\n}\n', 2, 33],
  ['a text that is not closed', 'function onTrack(event) {\n  const a = "abc\n  return a\n}\n', 2, 13],
  ['two commas', 'function onTrack(event) {\n  return {a: 1,, b: 2}\n}\n', 2, 16],
  ['a condition that is not closed', 'function onTrack(event) {\n  if (event {\n }\n}\n', 2, 13],
  ['a body that is not closed: the end of the file', 'function onTrack(event) {\n  return 1\n', 3, 1],
  ['the last line without its end', 'function onTrack(event) {\n  return (1', 2, 12],
  ['a broken expression in a template literal', 'function onTrack(e) {\n  return `a ${e. } b`\n}\n', 2, 18],
  ['a name declared twice', 'function onTrack(event) {\n  let a; let a;\n}\n', 2, 14],
  ['await outside of async', 'function onTrack(event) {\n  await fetch("x")\n}\n', 2, 9],
  ['a regular expression that is not closed', 'function onTrack() {\n /abc\n}\n', 2, 2],
  ['a regular expression that is none', 'function onTrack(a) {\n  return /(/\n}\n', 2, 10],
  ['a reserved word as a name', 'function onTrack() {\n var class = 1\n}\n', 2, 6],
  ['a const without a value', 'function onTrack() {\n const x;\n}\n', 2, 9],
  ['a brace too many', 'function onTrack() {\n} }\n', 2, 3],
  ['an assignment to a number', 'function onTrack() {\n 1 = 2\n}\n', 2, 2],
  ['break outside of a loop', 'function onTrack() {\n break\n}\n', 2, 2],
  ['a comment that is not closed', 'function onTrack(a) { /* abc \n}\n', 1, 23],
  ['an escape that is none', 'function onTrack(a) {\n return "\\u{zz}" \n}\n', 2, 13],
  ['half a conditional', 'function onTrack(a) {\n return a ? 1\n}\n', 3, 1],
  ['a comma in a for: the name is declared twice', 'function onTrack() {\n for (let i = 0, i < 3; i++) {}\n}\n', 2, 18],
  ['a dot and nothing behind it', 'function onTrack(a) {\n return a.\n}\n', 3, 1],
  ['the same parameter twice, in strict code', '"use strict";\nfunction onTrack(a, a) {}\n', 2, 21],
  ['import', 'import x from "y"\nfunction onTrack() {}\n', 1, 1],
  ['export', 'function onTrack() {}\nexport default 1\n', 2, 1],
  ['after CR LF line ends', 'function onTrack() {\r\n  const x = ;\r\n}\r\n', 2, 13],
  ['after a tab', 'function onTrack() {\n\tconst x = ;\n}\n', 2, 12],
  ['after letters beyond ASCII', 'function onTrack() {\n  const ä = "日本" +;\n}\n', 2, 19],
  ['after an emoji', 'function onTrack() {\n  const a = "😀" +;\n}\n', 2, 18],
  ['behind a byte order mark', '\ufeffconst x = ;\nfunction onTrack() {}\n', 1, 11],
  ['far right in a long line', `function onTrack() { return [${'1,'.repeat(40000)} ] + ; }\n`, 1, 80035],
  ['in a script that begins with #!', '#!/usr/bin/env node\nfunction onTrack() { return + }\n', 2, 31],
  ['a template literal that is not closed, at its start', 'function onTrack(e) {\n  return `abc\n}\n', 2, 10],
  ['a hash', '# a\nfunction onTrack() {}\n', 1, 1],
  ['in CommonJS code', "const https = require('https');\nexports.processEvents = (payload, context, callback) => {\n  callback(null,, 1);\n};\n", 3, 17],
];

test('a syntax error is told with its line and column', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [why, code, line, column] of broken) {
    const got = await check(cwd, code);

    assert.equal(got.code, 10, why);
    assert.equal(got.ok, false, why);
    assert.deepEqual(got.problems.map((one) => [one.line, one.column]), [[line, column]], `${why}: ${got.problems[0]?.message}`);
    assert.match(got.problems[0].message, /^SyntaxError: ./, why);
  }
});

// [why, code, what the message says, what the help says]
const told = [
  ['a call that is not closed', 'function onTrack(e) {\n  log("a", e;\n}\n', /Unexpected ';'\. Expected '\)'/, /the `\(` in line 2, column 6 is still open/],
  ['an object in a call', 'function onTrack(e) {\n  fetch("x", {\n    body: JSON.stringify({ a: 1 }\n  })\n}\n', /Unexpected '}'/, /the `\(` in line 3, column 25 is still open/],
  ['a block, told by its indentation', 'function onTrack(e) {\n  if (e.a) {\n    return 1\n  return 2\n}\n', /end of the code/, /the `{` in line 2, column 12 is still open/],
  ['a bracket too many', 'function onTrack(e) {\n  foo())\n}\n', /Unexpected '\)'/, /no bracket is open here/],
  ['await outside of async', 'function onTrack(e) {\n  await fetch("x")\n}\n', /Unexpected 'fetch'/, /write `async` before the function/],
  ['await at the top', 'const a = await fetch("x")\nfunction onTrack() {}\n', /Unexpected 'fetch'/, /not for the top level/],
  ['a module', "import fetch from 'node-fetch'\nfunction onTrack() {}\n", /^SyntaxError: import and export/, /scripts, not modules/],
  ['TypeScript', 'async function onTrack(event: any) {}\n', /Unexpected ':'/, /TypeScript/],
  ['a type', 'interface A { a: string }\nfunction onTrack() {}\n', /Unexpected 'A'/, /TypeScript/],
  ['JSX', 'function onTrack() {\n  return <div>a</div>\n}\n', /Unexpected '<'/, /JSX/],
  ['JSON', '{\n  "name": "x",\n  "version": "1"\n}\n', /Unexpected ':'/, /this is JSON/],
  ['a conflict', 'function onTrack() {\n<<<<<<< HEAD\n}\n', /Unexpected '<<<<<<<'/, /conflict of a merge/],
  ['typographic quotes', 'function onTrack() {\n  return “a”\n}\n', /Unexpected character '“'/, /typographic quote/],
  ['a character that nobody sees', 'function onTrack() {\n  ret\u200burn\n}\n', /Unexpected character U\+200B/, null],
  ['words for people', 'function onTrack() {\n  break\n}\n', /only valid inside a switch or loop/, null],
  ['no bracket is blamed for what is none', 'function onTrack() {\n  const a\n}\n', /must have an initializer/, null],
];

test('a syntax error says what was expected and what to do', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [why, code, message, help] of told) {
    const [problem] = (await check(cwd, code)).problems;

    assert.match(problem.message, message, why);
    if (help) assert.match(problem.help ?? '', help, why);
    else assert.equal(problem.help, null, why);
  }
});

test('the caret stands below the error', async (t) => {
  const cwd = temporaryFolder(t);

  writeFiles(cwd, { 'f.js': 'function onTrack() {\n\tconst x = ;\n}\n' });
  const { code, stderr, stdout } = await run(['fn', 'check', 'f.js'], { cwd });
  const [, source, mark] = /\n( 2 \| .*)\n( +\| +\^)\n/.exec(stderr);

  assert.equal(code, 10);
  assert.equal(stdout, '');
  assert.match(stderr, /error\[PA2001\]: SyntaxError: .*\n {2}--> f\.js:2:12\n/);
  assert.equal(source[mark.length - 1], ';');
});

test('handlers and generation are read, not run', async (t) => {
  const cwd = temporaryFolder(t);

  for (const [code, generation, handlers] of [
    ['async function onTrack() {}\nonPage = () => 1\nvar onGroup = async () => {}', 'functions', ['onGroup', 'onPage', 'onTrack']],
    ['if (true) { function onAlias() {} }', 'functions', ['onAlias']],
    ['function onTrack() {}\nif (!onTrack) return\n', 'functions', ['onTrack']],
    ['async function track() {}\nasync function identify() {}', 'functions', ['identify', 'track']],
    ['async function onTrack() {}\nasync function onBatch() {}', 'functions', ['onBatch', 'onTrack']],
    ['async function onPage() { return page() }\nfunction page() {}', 'functions', ['onPage']],
    ['const onTrack = async () => {}\nmodule.exports = { onTrack }', 'functions', ['onTrack']],
    ['async function onRequest(request) {}', 'source', ['onRequest']],
    ['function transformEvent(event) { return event }', 'transform', ['transformEvent']],
    ['exports.processEvents = function (p, c, cb) { cb() }', 'subscription', ['processEvents']],
    ['function processEvents(p, c, cb) { cb() }', 'subscription', ['processEvents']],
    ['module.exports = { processEvents(p, c, cb) { cb() } }', 'subscription', ['processEvents']],
    ['function transformEvent(e) { return e }\nexports.processEvents = (e, c, cb) => cb()', 'custom', ['processEvents']],
  ]) {
    const got = await check(cwd, code);

    assert.equal(got.code, 0, `${code}: ${JSON.stringify(got.problems)}`);
    assert.equal(got.generation, generation, code);
    assert.deepEqual(got.handlers.sort(), handlers, code);
  }
  const endless = await check(cwd, 'function onTrack() {}\nwhile (true) {}\n');

  assert.deepEqual([endless.ok, endless.handlers], [true, ['onTrack']]);
});

test('handlers that the text does not show are found by loading it', async (t) => {
  const cwd = temporaryFolder(t);
  const got = await check(cwd, '(() => { onTrack = onPage = async () => {} })()\n');

  assert.deepEqual([got.ok, got.handlers.sort()], [true, ['onPage', 'onTrack']]);
});

test('what is not there is found, with its place and what to use instead', async (t) => {
  const cwd = temporaryFolder(t);
  const got = await check(cwd, "const fs = require('fs')\nasync function onTrack() {\n  return new AWS.S3() && stripe('k')\n}\n");

  assert.equal(got.code, 10);
  assert.deepEqual(got.problems.map(({ line, column }) => [line, column]), [[3, 14], [3, 26], [1, 20]]);
  for (const { message, help } of got.problems) {
    assert.match(message, /^`(AWS|stripe|fs)` is not available here: /);
    assert.ok(help.length > 10);
  }
  assert.deepEqual(got.problems.map(({ code }) => code), ['PA2020', 'PA2020', 'PA2020']);
});

test('a name of the code itself, or one that is asked for, is not missed', async (t) => {
  const cwd = temporaryFolder(t);

  for (const code of ['function onTrack(AWS) { return AWS }', 'const stripe = 1\nfunction onTrack() { return stripe }',
    "function onTrack() { return typeof AWS === 'undefined' ? 1 : AWS }", 'function onTrack(e) { return e.AWS + ({ stripe: 1 }).stripe }'])
    assert.deepEqual((await check(cwd, code)).problems, [], code);
});

test('a handler declared with const is told what it must be', async (t) => {
  const cwd = temporaryFolder(t);
  const got = await check(cwd, 'const onTrack = async () => {}\nfunction onPage() {}\n');

  assert.equal(got.code, 10);
  assert.deepEqual([got.problems[0].line, got.problems[0].column], [1, 7]);
  assert.match(got.problems[0].help, /async function onTrack/);
});

test('a name close to a handler is a note, and the code is good', async (t) => {
  const cwd = temporaryFolder(t);
  const got = await check(cwd, 'function onTrack() {}\nfunction onIdentfy() {}\n');

  assert.equal(got.code, 0);
  assert.deepEqual(got.notes.map(({ line, column, help }) => [line, column, help]), [[2, 10, 'did you mean `onIdentify`?']]);
  const human = await run(['fn', 'check', 'f.js'], { cwd });

  assert.equal(human.code, 0);
  assert.match(human.stderr, /warning\[PA2003\]/);
  assert.match(human.stdout, /^f\.js: good \(functions\): onTrack\n$/);
});
