// SPDX-License-Identifier: MIT
// Errors of functions are told in Node's words, at the place that Node names.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { temporaryFolder, writeFiles } from './lib/place.mjs';
import { run } from './lib/program.mjs';

const event = { type: 'track', userId: 'u', event: 'E', traits: { plan: 'pro', list: [{ a: 1 }] } };

async function once(t, code, { settings = {} } = {}) {
  const folder = temporaryFolder(t);

  writeFiles(folder, { 'index.js': code, 'event.json': event });
  const { stdout, stderr } = await run(['fn', 'run', 'index.js', '--event', 'event.json',
    '--settings', JSON.stringify(settings), '--json'], { cwd: folder });

  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

// A statement and String() of what it throws in Node 20.
const thrown = [
  ['const a = {}; a.b.c', "TypeError: Cannot read properties of undefined (reading 'c')"],
  ['const a = {}; a.b.c = 1', "TypeError: Cannot set properties of undefined (setting 'c')"],
  ['const a = {}; a.b[0]', "TypeError: Cannot read properties of undefined (reading '0')"],
  ["const a = {}; a.b['x y']", "TypeError: Cannot read properties of undefined (reading 'x y')"],
  ['const a = null; a.x()', "TypeError: Cannot read properties of null (reading 'x')"],
  ['const a = {}; a?.b.c', "TypeError: Cannot read properties of undefined (reading 'c')"],
  ['const a = []; a.at(0).y', "TypeError: Cannot read properties of undefined (reading 'y')"],
  ["const a = {}; a.b.split(',')[0].trim()", "TypeError: Cannot read properties of undefined (reading 'split')"],
  ['const a = {}; a.b()', 'TypeError: a.b is not a function'],
  ["const a = { b: {} }; a['b'].c(1, { x: 1 })", 'TypeError: a.b.c is not a function'],
  ['const f = () => ({}); f(1, 2).g()', 'TypeError: f(...).g is not a function'],
  ["'abc'.foo()", 'TypeError: "abc".foo is not a function'],
  ['new Date().foo()', 'TypeError: (intermediate value).foo is not a function'],
  ['const o = {}; new o.x()', 'TypeError: o.x is not a constructor'],
  ['const f = () => 1; new f()', 'TypeError: f is not a constructor'],
  ['missing()', 'ReferenceError: missing is not defined'],
  ['early; const early = 1', "ReferenceError: Cannot access 'early' before initialization"],
  ['const a = 1; a = 2', 'TypeError: Assignment to constant variable.'],
  ["'use strict'; const a = Object.freeze({ x: 1 }); a.x = 2",
    "TypeError: Cannot assign to read only property 'x' of object '#<Object>'"],
  ["'use strict'; Object.preventExtensions({}).x = 1", 'TypeError: Cannot add property x, object is not extensible'],
  ["'use strict'; delete Object.freeze({ x: 1 }).x", "TypeError: Cannot delete property 'x' of #<Object>"],
  ['class Foo {} Foo()', "TypeError: Class constructor Foo cannot be invoked without 'new'"],
  ['class A { #x; static t(o) { return o.#x } } A.t({})',
    'TypeError: Cannot read private member #x from an object whose class did not declare it'],
  ['const { x } = undefined', "TypeError: Cannot destructure property 'x' of 'undefined' as it is undefined."],
  ['const a = {}; const { p } = a.b', "TypeError: Cannot destructure property 'p' of 'a.b' as it is undefined."],
  ['(function ({ a }) {})()', "TypeError: Cannot destructure property 'a' of 'undefined' as it is undefined."],
  ['const o = {}; for (const x of o);', 'TypeError: o is not iterable'],
  ['const o = {}; for (const x of o.items);', 'TypeError: o.items is not iterable'],
  ['const o = {}; [...o]', 'TypeError: o is not iterable'],
  ['const o = 5; const [x] = o', 'TypeError: o is not iterable'],
  ['(function f() { f() })()', 'RangeError: Maximum call stack size exceeded'],
  ['new Array(-1)', 'RangeError: Invalid array length'],
  ['new Date(NaN).toISOString()', 'RangeError: Invalid time value'],
  ['1n + 1', 'TypeError: Cannot mix BigInt and other types, use explicit conversions'],
  ["Symbol() + ''", 'TypeError: Cannot convert a Symbol value to a string'],
  ['Object.keys(undefined)', 'TypeError: Cannot convert undefined or null to object'],
  ['Object.entries(null)', 'TypeError: Cannot convert undefined or null to object'],
  ["'a' in 5", "TypeError: Cannot use 'in' operator to search for 'a' in 5"],
  ['1 instanceof {}', "TypeError: Right-hand side of 'instanceof' is not callable"],
  ['[].reduce((a, b) => a)', 'TypeError: Reduce of empty array with no initial value'],
  ['[1].map()', 'TypeError: undefined is not a function'],
  ['new Promise()', 'TypeError: Promise resolver undefined is not a function'],
  ["decodeURIComponent('%')", 'URIError: URI malformed'],
  ["JSON.parse('')", 'SyntaxError: Unexpected end of JSON input'],
  ["JSON.parse('{')", "SyntaxError: Expected property name or '}' in JSON at position 1"],
  ["JSON.parse('{\"a\":1')", "SyntaxError: Expected ',' or '}' after property value in JSON at position 6"],
  ["JSON.parse('{\"a\":1,}')", 'SyntaxError: Expected double-quoted property name in JSON at position 7'],
  ["JSON.parse('{\"a\" 1}')", "SyntaxError: Expected ':' after property name in JSON at position 5"],
  ["JSON.parse('[1 2]')", "SyntaxError: Expected ',' or ']' after array element in JSON at position 3"],
  ["JSON.parse('\"ab')", 'SyntaxError: Unterminated string in JSON at position 3'],
  ["JSON.parse('1 x')", 'SyntaxError: Unexpected non-whitespace character after JSON at position 2'],
  ["JSON.parse('<html><body>not found</body>')", `SyntaxError: Unexpected token '<', "<html><bod"... is not valid JSON`],
  ['JSON.parse(undefined)', 'SyntaxError: "undefined" is not valid JSON'],
  ['JSON.stringify({ a: 1n })', 'TypeError: Do not know how to serialize a BigInt'],
  ['const a = {}; a.b = { c: a }; JSON.stringify(a)', "TypeError: Converting circular structure to JSON\n" +
    "    --> starting at object with constructor 'Object'\n    |     property 'b' -> object with constructor 'Object'\n" +
    "    --- property 'c' closes the circle"],
];

test('errors are in Node\'s words, in String(error) and in what wraps it', async (t) => {
  const cases = thrown.map(([statement]) => `() => { ${statement}\n},`).join('\n');
  const { result, error } = await once(t, `const cases = [\n${cases}\n]
    function onTrack() {
      return cases.map((one) => { try { one() } catch (error) { return String(error) } })
    }`);

  assert.equal(error, null);
  thrown.forEach(([statement, want], i) => assert.equal(result[i], want, statement));
});

// Code, and the message, line and column of what ends its run. The caret's column is the
// first character of what is to blame.
const ended = [
  ['a member of nothing', 'function onTrack(event) {\n  return event.traits.user.email\n}',
    "Cannot read properties of undefined (reading 'email')", 2, 28],
  ['nothing that is called', 'function onTrack(event) {\n  event.traits.greet()\n}', 'event.traits.greet is not a function', 2, 16],
  ['a name that nobody defined', 'function onTrack(event) {\n  const a = 1, b = a + missing\n}', 'missing is not defined', 2, 24],
  ['an error class of its own', "class Odd extends Error {\n  constructor(message) {\n    super(message)\n  }\n}\n" +
    "function onTrack() {\n  throw new Odd('x')\n}", 'x', 7, 13],
  ['a module\'s first line', 'exports.processEvents = (payload) => payload.event.traits.user.email',
    "TypeError: Cannot read properties of undefined (reading 'email')", 1, 64],
  ['after an await', 'async function onTrack(event) {\n  await null\n  event.x.y\n}',
    "Cannot read properties of undefined (reading 'y')", 3, 11],
  ['an engine\'s text inside another', 'function onTrack(event) {\n  try {\n    event.x.y\n  } catch (e) {\n    throw new ValidationError(`no: ${e.message}`)\n  }\n}',
    "no: Cannot read properties of undefined (reading 'y')", 5, undefined],
  ['a thrown text has no place', "function onTrack() { throw 'text' }", 'text', null, null],
];

for (const [why, code, message, line, column] of ended)
  test(`the place and the words of ${why}`, async (t) => {
    const { error } = await once(t, code);

    assert.deepEqual({ message: error.message, line: error.line }, { message, line });
    if (column !== undefined) assert.equal(error.column, column); // else the caret has no one place
  });
