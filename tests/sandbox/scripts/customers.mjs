// SPDX-License-Identifier: MIT
// S3: what one customer's event leaves behind, and a probe that another customer's event
// runs afterwards. Under `isolation: key` and `isolation: event` the probe must tell exactly
// what it tells in a runner where nobody was before.

export const secret = 'secret-of-a';

// Bodies of customer A's handler; settings.secret is A's.
export const leavings = [
  { name: 'a variable without a declaration', code: 'kept = settings.secret' },
  { name: 'a property of the globals', code: 'globalThis.kept = { deep: [settings.secret] }' },
  { name: 'a symbol of the globals', code: 'globalThis[Symbol.for(settings.secret)] = 1' },
  { name: 'a variable of the file', code: 'shared.last = settings.secret' },
  { name: 'a list of the file', code: 'shared.list.push(settings.secret)' },
  { name: 'a private field of a class of the file', code: 'Keeper.put(settings.secret)' },
  { name: 'a generator of the file', code: 'sequence.next(); sequence.next(settings.secret)' },
  { name: 'the last index of an expression of the file', code: 'shared.expression.exec("aaa")' },
  { name: 'a weak map of the file', code: 'shared.weak.set(fetch, settings.secret)' },
  { name: 'a template\'s own list', code: 'shared.weak.set(template(), settings.secret)' },
  { name: 'a property of every object', code: 'Object.prototype.kept = settings.secret' },
  { name: 'a property of every list', code: 'Array.prototype.kept = settings.secret' },
  { name: 'a property of every function', code: 'Function.prototype.kept = settings.secret' },
  { name: 'a property of every text', code: 'String.prototype.kept = settings.secret' },
  { name: 'a property of a constructor', code: 'Map.kept = settings.secret' },
  { name: 'a property of a handler', code: 'onTrack.kept = settings.secret' },
  { name: 'a property of the console', code: 'console.kept = settings.secret' },
  { name: 'a property of process.env', code: 'process.env.KEPT = settings.secret' },
  { name: 'the cache', code: 'await cache.load("token", 1e6, () => settings.secret)' },
  { name: 'the last match of an expression', code: '/secret.*/.exec(settings.secret)' },
  { name: 'the last match of a replacement', code: '"x".replace(/x/, settings.secret); settings.secret.replace(/(of)-(a)/, "")' },
  { name: 'an interval that goes on', code: 'setInterval(() => { globalThis.kept = settings.secret }, 1)' },
  { name: 'a timer for later', code: 'setTimeout(() => { globalThis.kept = settings.secret }, 20)' },
  { name: 'a microtask for later', code: 'const later = () => Promise.resolve().then(() => { globalThis.kept = settings.secret }); setTimeout(later, 5)' },
  { name: 'a fetch for later', code: 'fetch(settings.endpoint).then(() => { globalThis.kept = settings.secret })' },
  { name: 'a promise that others await', code: 'shared.promise = Promise.resolve(settings.secret)' },
  { name: 'a handler in place of another', code: 'globalThis.onPage = async () => settings.secret' },
  { name: 'fetch in place of fetch', code: 'const old = fetch; globalThis.fetch = (url, o) => old(url, { ...o, headers: { "X-Kept": settings.secret } })' },
  { name: 'console.log in place of its own', code: 'const old = console.log; console.log = (...all) => old(settings.secret, ...all)' },
  { name: 'JSON.stringify in place of its own', code: 'const old = JSON.stringify; JSON.stringify = (v) => old(v ?? null) + " "' },
  { name: 'JSON.parse in place of its own', code: 'JSON.parse = () => ({ secret: settings.secret })' },
  { name: 'toJSON of every object', code: 'Object.prototype.toJSON = () => settings.secret' },
  { name: 'then of every promise', code: 'const old = Promise.prototype.then; Promise.prototype.then = function (a, b) { globalThis.kept = settings.secret; return old.call(this, a, b) }' },
  { name: 'then of every object', code: 'Object.defineProperty(Object.prototype, "then", { configurable: true, get() { globalThis.kept = this; return undefined } })' },
  { name: 'a trap for others\' settings', code: 'Object.defineProperty(Object.prototype, "apiKey", { configurable: true, set(v) { globalThis.kept = v }, get() { return settings.secret } })' },
  { name: 'iteration of every list', code: 'Array.prototype[Symbol.iterator] = function* () { yield settings.secret }' },
  { name: 'species of every list', code: 'Object.defineProperty(Array, Symbol.species, { value: class extends Array { get kept() { return settings.secret } } })' },
  { name: 'push of every list', code: 'const old = Array.prototype.push; Array.prototype.push = function (...all) { globalThis.kept = all; return old.apply(this, all) }' },
  { name: 'get of every map', code: 'const old = Map.prototype.get; Map.prototype.get = function (k) { globalThis.kept = settings.secret; return old.call(this, k) }' },
  { name: 'headers of every answer', code: 'Headers.prototype.get = () => settings.secret' },
  { name: 'bodies of every answer', code: 'Response.prototype.text = async () => settings.secret' },
  { name: 'encoding of every text', code: 'TextEncoder.prototype.encode = () => new Uint8Array([1])' },
  { name: 'the name of an error class', code: 'EventNotSupported.prototype.name = settings.secret' },
  { name: 'the length of stacks', code: 'Error.stackTraceLimit = 0; Error.kept = settings.secret' },
  { name: 'another clock', code: 'Date.now = () => 42; Math.random = () => 0.5' },
  { name: 'another format of dates', code: 'Intl.DateTimeFormat.prototype.formatToParts = () => settings.secret' },
  { name: 'a global taken away', code: 'delete globalThis.atob' },
  { name: 'lists that are frozen', code: 'Object.freeze(Array.prototype); Object.freeze(Object.prototype)' },
  { name: 'globals that cannot be extended', code: 'Object.preventExtensions(globalThis)' },
  { name: 'another parent of the globals', code: 'try { Object.setPrototypeOf(Object.getPrototypeOf(globalThis), { kept: settings.secret }) } catch { globalThis.kept = 1 }' },
  { name: 'a finaliser', code: 'shared.registry = new FinalizationRegistry((held) => { globalThis.kept = held }); shared.registry.register({}, settings.secret)' },
];

const probe = `
const shared = { last: null, list: [], expression: /a/g, weak: new WeakMap(), promise: null };
class Keeper { static #kept = null; static put(value) { Keeper.#kept = value } static get() { return Keeper.#kept } }
const sequence = (function* () { let last = 0; for (;;) last = yield last })();
function template() { return ((parts) => parts)\`x\` }

const needle = ${JSON.stringify(secret.split('-'))}.join('-'); // not to be found in this text itself

// performance.timeOrigin and its like are another in every runner.
const isTime = (value) => typeof value === 'number' && value > 1e12 && value < 4e12;

function fingerprint() {
  const seen = new Set(), todo = [['globalThis', globalThis], ['shared', shared]], marks = [];
  let isSeen = false;
  const note = (path, value) => {
    const text = typeof value === 'symbol' ? value.toString() : String(value);
    if (text.includes(needle)) isSeen = true;
    marks[marks.length] = path + '=' + typeof value + ':' + (isTime(value) ? 'a time' : text);
  };
  for (let i = 0; i < todo.length; i++) {
    const [path, value] = todo[i];
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) { note(path, value); continue }
    if (seen.has(value)) continue;
    seen.add(value);
    if (typeof value === 'function') note(path, Function.prototype.toString.call(value));
    marks[marks.length] = path + (Object.isExtensible(value) ? '' : ' is closed');
    for (const key of Reflect.ownKeys(value)) {
      const d = Reflect.getOwnPropertyDescriptor(value, key);
      const name = path + '.' + String(key);
      note(name, (d.writable ? 'w' : '') + (d.enumerable ? 'e' : '') + (d.configurable ? 'c' : ''));
      if ('value' in d) todo[todo.length] = [name, d.value];
      else { todo[todo.length] = [name + ' get', d.get]; todo[todo.length] = [name + ' set', d.set] }
    }
    todo[todo.length] = [path + ' parent', Reflect.getPrototypeOf(value)];
  }
  let hash = 7;
  for (let i = 0; i < marks.length; i++) for (let c = 0; c < marks[i].length; c++) hash = (Math.imul(hash, 31) + marks[i].charCodeAt(c)) | 0;
  return { n: marks.length, hash, isSeen };
}

async function onPage(event, settings) {
  const match = [RegExp.$1, RegExp.$_, RegExp['$&'], RegExp.lastMatch, RegExp.input, RegExp.leftContext];
  const before = fingerprint();
  await new Promise((go) => setTimeout(go, 30));
  const answer = await fetch(settings.endpoint, { method: 'POST', body: JSON.stringify({ apiKey: 'of b' }) });
  console.log('bystander', [1, { a: 2 }]);
  return {
    match, before, after: fingerprint(), body: await answer.text(), type: answer.headers.get('content-type'),
    cached: await cache.load('token', 1, () => 'mine'), keeper: Keeper.get(), sequence: [sequence.next('b').value, sequence.next('b').value],
    weak: [shared.weak.get(fetch), shared.weak.get(template())], promised: await shared.promise, expression: shared.expression.exec('aaa')?.index,
    encoded: new TextEncoder().encode('xyz').length, name: new EventNotSupported('x').name, key: settings.apiKey ?? null,
  };
}
`;

export function customersFunction() {
  const cases = leavings.map(({ name, code }) => `leavings[${JSON.stringify(name)}] = async function (event, settings) {\n${code}\n};`);

  return `${probe}
const leavings = Object.create(null);
${cases.join('\n')}
async function onTrack(event, settings) { await leavings[event.properties.leave](event, settings) }
`;
}
