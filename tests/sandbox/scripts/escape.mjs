// SPDX-License-Identifier: MIT
// S2: bodies of a handler that reach for what is not theirs: code from text, the natives
// behind the runtime, another realm, memory that is shared or gone, headers of their own.
// Each returns the list of what it got hold of, which must be empty, or ends by an exception
// or a limit; a crash of the engine is a failure here. `explore` and `watch` are those of
// attack.mjs. The service sends no request with `x-injected`, whatever they do.

const text = "return 'code from text'";

// Where the constructor of functions can be found.
const makers = {
  Function: 'Function',
  'the constructor of a list\'s method': '[].map.constructor',
  'the constructor of a constructor': '[].constructor.constructor',
  'the constructor of async functions': '(async () => {}).constructor',
  'the constructor of generators': '(function* () {}).constructor',
  'the constructor of async generators': '(async function* () {}).constructor',
  'the constructor of a class': '(class {}).constructor',
  'the constructor of fetch': 'fetch.constructor',
  'the constructor of a timer\'s class': 'setTimeout(() => {}, 1).constructor.constructor',
  'the constructor of console.log': 'console.log.constructor',
  'the constructor of a getter': 'Object.prototype.__lookupGetter__("__proto__").constructor',
  'the constructor of a bound function': '(() => {}).bind().constructor',
  'the constructor of an error\'s class': 'new EventNotSupported("x").constructor.constructor',
  'the constructor of a promise\'s resolver': '(() => { let c; new Promise((yes) => { c = yes.constructor }); return c })()',
  'the constructor of a Proxy\'s revoker': 'Proxy.revocable({}, {}).revoke.constructor',
  'the prototype of what is callable': 'Object.getPrototypeOf(Object.getPrototypeOf(async () => {})).constructor',
};

// What the runtime may use later, replaced by something that looks at its arguments.
const tampered = ['Map.prototype', 'Set.prototype', 'WeakMap.prototype', 'Array.prototype', 'Array', 'Promise.prototype',
  'Promise', 'Object.prototype', 'Object', 'JSON', 'String.prototype', 'String', 'RegExp.prototype', 'Function.prototype',
  'Number.prototype', 'Number', 'Math', 'Date', 'Date.prototype', 'Reflect', 'ArrayBuffer', 'ArrayBuffer.prototype',
  'Uint8Array.prototype', 'Object.getPrototypeOf(Uint8Array.prototype)', 'Error.prototype', 'Error', 'Symbol.prototype',
  'Object.getPrototypeOf([][Symbol.iterator]())', 'Object.getPrototypeOf(new Map()[Symbol.iterator]())',
  'Object.getPrototypeOf(""[Symbol.iterator]())', 'Object.getPrototypeOf(function* () {}).prototype',
  'Object.getPrototypeOf(async function () {})', 'URL.prototype', 'URLSearchParams.prototype', 'Headers.prototype', 'console'];

// Names that the runtime's own objects have.
const names = ['id', 'handler', 'fetches', 'queue', 'timers', 'nextFetch', 'onIdle', 'resolve', 'reject', 'waiting', 'run',
  'value', 'until', 'name', 'message', 'stack', 'line', 'column', 'get', 'set', 'writable', 'enumerable', 'length', 'status',
  'headers', 'body', 'native', 'current', 'then', 'toJSON', 'constructor', 'settings'];

const fromText = Object.entries(makers).flatMap(([where, maker]) => [
  { name: `code from text: ${where}`, code: `const made = (${maker})(${JSON.stringify(text)}); return [String(await made())]` },
]);

const tampering = tampered.map((place) => ({
  name: `tampering with ${place}`,
  code: `const seen = watch(() => ${place}); try { await everything(settings) } catch {} return explore(seen)`,
}));

const traps = names.map((name) => ({
  name: `a trap on every object's \`${name}\``,
  code: `const seen = []; Object.defineProperty(Object.prototype, ${JSON.stringify(name)}, { configurable: true,
    get() { seen.length < 1e4 && (seen[seen.length] = this); }, set(v) { seen.length < 1e4 && (seen[seen.length] = this, seen[seen.length] = v);
      Object.defineProperty(this, ${JSON.stringify(name)}, { value: v, writable: true, configurable: true }) } });
    try { await everything(settings) } catch {} return explore(seen)`,
}));

export const escape = [
  ...fromText,
  { name: 'code from text: eval', code: `return [eval("'code from text'")]` },
  { name: 'code from text: eval by another name', code: `return [(0, eval)("'code from text'")]` },
  { name: 'code from text: globalThis.eval', code: `return [globalThis["ev" + "al"].call(null, "'code from text'")]` },
  { name: 'code from text: Reflect.construct', code: `return [Reflect.construct(Function, [${JSON.stringify(text)}])()]` },
  { name: 'code from text: a class above Function', code: `return [new (class extends Function {})(${JSON.stringify(text)})()]` },
  { name: 'code from text: Function behind a Proxy', code: `return [new (new Proxy(Function, {}))(${JSON.stringify(text)})()]` },
  { name: 'code from text: Function by species', code: `class P extends Promise { static get [Symbol.species]() { return Function } } return [String(P.resolve(1).then(() => 1))]` },
  { name: 'code from text: a text that is made late', code: `return [Function({ toString: () => ${JSON.stringify(text)} })()]` },
  { name: 'code from text: setTimeout', code: `setTimeout("globalThis.made = 1", 0); return []` },
  { name: 'code from text: setInterval', code: `setInterval("globalThis.made = 1", 1); return []` },
  { name: 'code from text: queueMicrotask', code: `queueMicrotask("globalThis.made = 1"); return []` },
  { name: 'code from text: ShadowRealm', code: `return [new ShadowRealm().evaluate("'code from text'")]` },
  { name: 'code from text: import', code: `return [Object.keys(await import("data:text/javascript,export const a = 1"))]` },
  { name: 'code from a file: import', code: `return [Object.keys(await import("file:///etc/passwd"))]` },
  { name: 'code from a file: import.meta', code: `return [typeof import("fs").then === "function" && String(await import("fs"))].filter((x) => x !== "[object Module]" && x)` },
  { name: 'things of other places', code: `return ["Deno", "Bun", "load", "print", "readFile", "read", "readline", "run", "quit", "gc", "edenGC", "fullGC",
    "$vm", "$262", "$", "jscStack", "Worker", "importScripts", "XMLHttpRequest", "WebSocket", "WebAssembly", "SharedArrayBuffer", "ShadowRealm",
    "document", "navigator", "transferArrayBuffer", "describe", "checkpoint", "createGlobalObject", "drainMicrotasks", "native"]
    .filter((name) => typeof globalThis[name] !== "undefined")` },
  { name: 'memory that two share', code: `return [new SharedArrayBuffer(8).byteLength]` },
  { name: 'memory that two share, by a number\'s back door', code: `return Object.getOwnPropertyNames(Atomics).filter((name) => { try { return Atomics[name](new Int32Array(1), 0, 0, 0) === "ok" } catch { return false } })` },
  { name: 'machine code', code: `return [new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))]` },
  { name: 'everything that the globals lead to', code: 'return explore([globalThis])' },
  { name: 'everything that a result leads to', code: 'const answer = await fetch(settings.endpoint); return explore([answer, answer.headers, fetch, console, cache, setTimeout(() => {}, 1), new AbortController()])' },
  { name: 'who called: arguments.callee', code: 'function f() { return arguments.callee.caller } return explore([f()])' },
  { name: 'who called: caller', code: 'function f() { return f.caller } return explore([f(), f.caller])' },
  { name: 'who called: through natives', code: 'let got; function f() { got = f.caller; return 1 } [1].map(f); [1, 2].sort(f); "x".replace("x", f); return explore([got])' },
  { name: 'who called: arguments of the runtime', code: 'return explore([fetch.arguments, fetch.caller, console.log.arguments, setTimeout.caller])' },
  { name: 'the stack: prepareStackTrace', code: 'const seen = []; Error.prepareStackTrace = (e, frames) => { seen.push(e, frames); return frames }; try { null.x } catch (e) { seen.push(e.stack) } return explore(seen)' },
  { name: 'the stack: captureStackTrace', code: 'const o = {}; Error.captureStackTrace?.(o); return explore([o])' },
  { name: 'exceptions of natives: another realm', code: 'const errors = []; for (const f of [() => fetch(Symbol()), () => new URL("x"), () => atob("*"), () => structuredClone(() => {}), () => new Headers(1), () => setTimeout(1)]) try { await f() } catch (e) { errors.push(e) } return errors.filter((e) => !(e instanceof Error) || e.constructor.constructor !== Function).map(String)' },
  { name: 'callbacks: this of a timer', code: 'const self = await new Promise((go) => setTimeout(function () { "use strict"; go([this]) }, 1)); return explore(self)' },
  { name: 'callbacks: this of a microtask', code: 'const self = await new Promise((go) => queueMicrotask(function () { "use strict"; go([this]) })); return explore(self)' },
  { name: 'callbacks: this of a handler', code: 'return explore([this])' },
  { name: 'with a scope that lies', code: 'return Function.prototype.call.call(function () { with ({ fetch: 1 }) { return explore([fetch]) } })' },
  { name: 'classes put over others: brands', code: 'const seen = []; class Stamp { constructor(o) { return o } } class Thief extends Stamp { #x = 1; static has(o) { return #x in o } } for (const o of [setTimeout(() => {}, 1), new Headers(), new AbortController().signal]) { new Thief(o); seen.push(o) } return explore(seen)' },
  { name: 'methods on what is not theirs', code: 'const out = []; for (const C of [URL, Headers, Response, Request, AbortController, URLSearchParams]) for (const [n, d] of Object.entries(Object.getOwnPropertyDescriptors(C.prototype))) for (const f of [d.value, d.get, d.set]) if (typeof f === "function" && n !== "constructor") try { const r = f.call({}, 1, 2); out.push(r) } catch {} return explore(out)' },
  { name: 'construction with another target', code: 'const out = []; for (const C of [URL, Headers, Response, AbortController, Promise]) try { out.push(Reflect.construct(C, ["http://a.example/"], Map)) } catch {} return explore(out)' },
  { name: 'a then on every object', code: 'const seen = []; Object.prototype.then = function (yes) { seen.length < 1e4 && seen.push(this); delete Object.prototype.then; yes(1) }; await fetch(settings.endpoint); return explore(seen)' },
  { name: 'species of a promise', code: 'const seen = []; class P extends Promise { constructor(f) { super((a, b) => { seen.push(a, b); f(a, b) }) } } Object.defineProperty(Promise, Symbol.species, { get: () => P, configurable: true }); Promise.prototype.constructor = P; await everything(settings); return explore(seen)' },
  { name: 'the executor of every promise', code: 'const seen = []; const Old = Promise; globalThis.Promise = function (f) { seen.push(f); return new Old((a, b) => { seen.push(a, b); f(a, b) }) }; Object.assign(globalThis.Promise, { resolve: Old.resolve.bind(Old), prototype: Old.prototype }); try { await everything(settings) } finally { globalThis.Promise = Old } return explore(seen)' },
  { name: 'every global replaced', code: 'const seen = []; for (const name of Object.getOwnPropertyNames(globalThis)) { const old = globalThis[name]; if (typeof old === "function" && !["onTrack", "explore", "watch", "everything", "Function", "Object", "Reflect"].includes(name)) try { globalThis[name] = new Proxy(old, { apply(f, self, args) { seen.length < 1e4 && (seen[seen.length] = self, seen[seen.length] = args); return Reflect.apply(f, self, args) }, construct(f, args, t) { seen.length < 1e4 && (seen[seen.length] = args); return Reflect.construct(f, args) } }) } catch {} } try { await everything(settings) } catch {} return explore(seen)' },
  { name: 'every global taken away', code: 'for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name] } catch {} return []' },
  { name: 'everything frozen', code: 'for (const o of [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Promise.prototype, globalThis]) try { Object.freeze(o) } catch {} return []' },
  { name: 'a handler that is a getter', code: 'const seen = []; try { Object.defineProperty(globalThis, "onTrack", { get() { seen.push(this) } }) } catch {} globalThis.onTrack = new Proxy(function () {}, { apply: (f, self, args) => { seen.push(self, args) } }); return explore(seen)' },

  // Natives, called back while they work.
  { name: 're-entry: a URL that fetches', code: 'let n = 0; const url = { toString: () => (n++ < 5 && fetch(url).catch(() => {}), settings.endpoint) }; await fetch(url); return []' },
  { name: 're-entry: a header that fetches', code: 'let n = 0; const value = { toString: () => (n++ < 5 && fetch(settings.endpoint, { headers: { a: value } }).catch(() => {}), "b") }; await fetch(settings.endpoint, { headers: { a: value } }); return []' },
  { name: 're-entry: a body that fetches', code: 'let n = 0; const body = { toString: () => (n++ < 5 && fetch(settings.endpoint, { method: "POST", body }).catch(() => {}), "b") }; await fetch(settings.endpoint, { method: "POST", body }); return []' },
  { name: 're-entry: a line that logs', code: 'let n = 0; const line = { toString: () => (n++ < 5 && console.log("%s", line), "x") }; console.log("%s %d %s", line, line, line); return []' },
  { name: 're-entry: slices that log', code: 'const old = String.prototype.slice; let n = 0; String.prototype.slice = function (...a) { const s = old.apply(this, a); return n++ < 9 ? { toString() { console.log("in"); return s } } : s }; console.log("out"); console.log("out"); String.prototype.slice = old; return []' },
  { name: 're-entry: texts that end the run', code: 'const old = String.prototype.slice; String.prototype.slice = function (...a) { const s = old.apply(this, a); return { toString() { fetch(settings.endpoint); setTimeout(() => {}, 1); console.log("y"); return s } } }; try { throw new Error("x") } finally { console.log("z") }' },
  { name: 're-entry: a result that logs', code: 'return { toJSON() { console.log("a"); fetch(settings.endpoint).catch(() => {}); return [] } }' },
  { name: 're-entry: joins that fetch', code: 'const old = Array.prototype.join; Array.prototype.join = function (...a) { return { toString: () => (fetch(settings.endpoint).catch(() => {}), old.apply(this, a)) } }; try { await fetch(settings.endpoint, { headers: { a: "b" } }) } catch {} Array.prototype.join = old; return []' },
  { name: 're-entry: recursion inside a native', code: 'const deep = { toString: () => `${deep}` }; try { console.log("%s", deep) } catch {} try { await fetch(deep) } catch {} return []' },
  { name: 're-entry: near the end of the stack', code: 'const dive = () => { try { dive() } catch { console.log("x"); new TextEncoder().encode("ä"); setTimeout(() => {}, 1); throw 1 } }; try { dive() } catch {} return []' },

  // Buffers that change while they are read.
  { name: 'buffers: taken away', code: 'const b = new ArrayBuffer(64), v = new Uint8Array(b); b.transfer?.(); return [new TextDecoder().decode(v)].filter(Boolean)' },
  { name: 'buffers: taken away while it is sent', code: 'const b = new ArrayBuffer(1 << 16), body = new Uint8Array(b); await fetch(settings.endpoint, { get method() { b.transfer?.(); return "POST" }, body }); return []' },
  { name: 'buffers: shrunk under a view', code: 'const b = new ArrayBuffer(64, { maxByteLength: 128 }), v = new Uint8Array(b, 32); b.resize(8); return [new TextDecoder().decode(v)].filter(Boolean)' },
  { name: 'buffers: a view that lies', code: 'class Lie extends Uint8Array { get byteLength() { return 1e9 } get byteOffset() { return -4096 } get length() { return 1e9 } } const t = new TextDecoder().decode(new Lie(8)); return t.length > 64 ? [t.length] : []' },
  { name: 'buffers: a view that lies to fetch', code: 'class Lie extends Uint8Array { get byteLength() { return 1e9 } slice() { return new Uint8Array(8) } } const a = await fetch(settings.endpoint, { method: "POST", body: new Lie(8) }); return []' },
  { name: 'buffers: not a view at all', code: 'return [new TextDecoder().decode({ buffer: new ArrayBuffer(8), byteOffset: 1e9, byteLength: 1e9 })].filter(Boolean)' },
  { name: 'buffers: sixteen exabytes', code: 'return [new Uint8Array(2 ** 53 - 1).length]' },
  { name: 'texts: halves and zeros', code: 'console.log("\\ud800\\0\\udfff"); await fetch(settings.endpoint, { method: "POST", body: "\\ud800\\0" }); throw new Error("\\udc00\\0x")' },

  // Values at the seam.
  { name: 'a result that is a revoked Proxy', code: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy' },
  { name: 'a throw of a revoked Proxy', code: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy' },
  { name: 'a throw of nothing', code: 'throw undefined' },
  { name: 'a throw of a symbol', code: 'throw Symbol("x")' },
  { name: 'a throw without a prototype', code: 'throw Object.create(null, { message: { value: Object.create(null) }, name: { value: Symbol() }, stack: { value: 1n } })' },
  { name: 'errors that hold each other', code: 'const a = new Error("a"), b = new AggregateError([a], "b", { cause: a }); a.cause = b; console.log(a, b); throw b' },
  { name: 'a name of many lines', code: 'const e = new Error("x\\n at y"); e.name = "Retry\\nError\\0"; throw e' },
  { name: 'a position that is none', code: 'const e = new Error("x"); Object.defineProperties(e, { line: { value: -1e99 }, column: { value: NaN }, sourceURL: { value: "functions/attack.js" }, stack: { value: "f@functions/attack.js:99999999999:-4" } }); throw e' },
  { name: 'the clock turned back', code: 'Date.now = () => -1e15; await new Promise((go) => setTimeout(go, 5)); await cache.load("k", 1, () => 1); return []' },
  { name: 'a delay that is none', code: 'for (const d of [-1e99, NaN, Infinity, "x", {}, 2 ** 53]) clearTimeout(setTimeout(() => {}, d)); return []' },
  { name: 'numbers of timers that are not its own', code: 'for (let i = 0; i < 1e4; i++) { clearTimeout(i); clearInterval(-i) } return []' },

  // What leaves the machine.
  { name: 'headers: a line more', code: 'await fetch(settings.endpoint, { headers: { a: "b\\r\\nx-injected: 1" } }); return []' },
  { name: 'headers: a line more in the name', code: 'await fetch(settings.endpoint, { headers: { "a: b\\r\\nx-injected": "1" } }); return []' },
  { name: 'headers: a line more, unseen by the check', code: 'const old = RegExp.prototype.test; RegExp.prototype.test = function (s) { return this.source.includes("x20-") ? false : true }; RegExp.prototype.exec = function () { return null }; try { await fetch(settings.endpoint, { headers: { a: "b\\r\\nx-injected: 1" } }) } finally { RegExp.prototype.test = old } return []' },
  { name: 'headers: a line more in the method', code: 'await fetch(settings.endpoint, { method: "GET / HTTP/1.1\\r\\nx-injected: 1\\r\\n" }); return []' },
  { name: 'headers: a line more in the URL', code: 'await fetch(settings.endpoint + " HTTP/1.1\\r\\nx-injected: 1\\r\\n"); return []' },
  { name: 'headers: two lengths', code: 'await fetch(settings.endpoint, { method: "POST", headers: { "Content-Length": "4", "Transfer-Encoding": "chunked" }, body: "0\\r\\n\\r\\nPOST / HTTP/1.1\\r\\nx-injected: 1\\r\\n\\r\\n" }); return []' },
  { name: 'hosts: the cloud\'s own', code: 'return [(await fetch("http://169.254.169.254/latest/meta-data/")).status]' },
  { name: 'hosts: the cloud\'s own, as one number', code: 'return [(await fetch("http://2852039166/")).status]' },
  { name: 'hosts: the cloud\'s own, mapped', code: 'return [(await fetch("http://[::ffff:a9fe:a9fe]/")).status]' },
  { name: 'hosts: a file', code: 'return [await (await fetch("file:///etc/passwd")).text()]' },
  { name: 'hosts: another protocol', code: 'return [await (await fetch("gopher://127.0.0.1:1/_x")).text()]' },
  ...tampering,
  ...traps,
];
