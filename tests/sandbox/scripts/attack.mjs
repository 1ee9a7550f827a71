// SPDX-License-Identifier: MIT
// Makes one function of many attacks: the event's property `attack` says which one it is.
// They are one file so that a runner is as alike to a partner's as can be, and the service
// has few of them.

// Looks through everything that values lead to, for what no code of a function may hold:
// an object with the natives or the entries, a function of another realm (natives are none
// of this one).
const tools = `
const { ownKeys: keysOf, getOwnPropertyDescriptor: at, getPrototypeOf: above, apply, construct } = Reflect;
const OwnSet = Set;
const functions = Function.prototype;
const isThing = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
const [hasThing, addThing] = [Set.prototype.has, Set.prototype.add].map((f) => (set, v) => apply(f, set, [v]));

function suspect(value) {
  const has = (name) => { try { const d = at(value, name); return !!d && typeof d.value === 'function' } catch { return false } };
  if (has('refused') && has('fail') && has('result')) return 'the natives';
  if (has('invoke') && has('loaded') && has('cancel')) return 'the entries';
  if (typeof value === 'function') {
    let proto = value;
    for (let i = 0; i < 100 && proto !== null && proto !== functions; i++) try { proto = above(proto) } catch { return '' }
    if (proto !== functions) return 'a function that is not of this realm';
  }
  return '';
}

function explore(roots, limit = 20000) {
  const found = [], seen = new OwnSet(), todo = [roots];
  for (let i = 0; i < todo.length && i < limit; i++) {
    const value = todo[i];
    if (!isThing(value) || hasThing(seen, value) || value === todo || value === seen || value === found) continue;
    addThing(seen, value);
    const what = suspect(value);
    if (what) found[found.length] = what;
    let keys = [];
    try { keys = keysOf(value); todo[todo.length] = above(value) } catch { continue }
    for (let k = 0; k < keys.length && k < 2000; k++) try {
      const d = at(value, keys[k]);
      todo[todo.length] = d.value; todo[todo.length] = d.get; todo[todo.length] = d.set;
    } catch {}
  }
  return found;
}

// Replaces every method at a place by one that remembers what it was given, then works.
function watch(place) {
  const seen = [], where = place();
  const keys = keysOf(where);
  for (let k = 0; k < keys.length; k++) try {
    const d = at(where, keys[k]);
    if (typeof d?.value !== 'function' || keys[k] === 'constructor') continue;
    const old = d.value;
    where[keys[k]] = function () {
      if (seen.length < 5000) { seen[seen.length] = this; for (let i = 0; i < arguments.length; i++) seen[seen.length] = arguments[i]; }
      const answer = new.target ? construct(old, arguments) : apply(old, this, arguments);
      if (seen.length < 5000) seen[seen.length] = answer;
      return answer;
    };
  } catch {}
  return seen;
}

// Something of everything that the runtime does.
async function everything(settings) {
  console.log('a %s', 'b', { c: [1, new Map([[1, 2]])] });
  const timer = setTimeout(() => {}, 1000); clearTimeout(timer);
  await new Promise((go) => setTimeout(go, 1));
  await cache.load('key', 10, () => 1); await cache.delete('key');
  const answer = await fetch(settings.endpoint, { method: 'POST', headers: { A: 'b' }, body: JSON.stringify({ x: 1 }) });
  await answer.text();
  new URL('http://a.example/b?c=d').searchParams.append('e', 'f');
  new TextDecoder().decode(new TextEncoder().encode('ä')); atob(btoa('x'));
  structuredClone({ a: [new Date()] });
  try { new URL('x') } catch (e) { console.log(e) }
  queueMicrotask(() => {});
  return 1;
}
`;

export function attackFunction(scripts) {
  const cases = scripts.map(({ name, code }) => `attacks[${JSON.stringify(name)}] = async function (event, settings) {\n${code}\n};`);

  return `${tools}
const attacks = Object.create(null);
attacks.loop = async () => { for (;;); };
${cases.join('\n')}
async function onTrack(event, settings) { return attacks[event.properties.attack].call(this, event, settings) }
async function onPage() { return 'as ever' }
`;
}
