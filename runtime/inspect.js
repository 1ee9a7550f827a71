/* SPDX-License-Identifier: MIT */

// util.inspect: values as Node shows them. What is laid out here goes to console.log and
// into messages; layout.js decides what stands on one line.

const INSPECT_CUSTOM = Symbol.for('nodejs.util.inspect.custom');

const INSPECT_DEFAULTS = {
    depth: 2, colors: false, customInspect: true, showHidden: false, showProxy: false, maxArrayLength: 100,
    maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false,
};

const COLORS = {
    string: [32, 39], symbol: [32, 39], number: [33, 39], bigint: [33, 39], boolean: [33, 39], undefined: [90, 39],
    null: [1, 22], special: [36, 39], date: [35, 39], regexp: [31, 39],
};
const plainStyle = text => text;
const colorStyle = (text, style) => COLORS[style] ? `\u001b[${COLORS[style][0]}m${text}\u001b[${COLORS[style][1]}m` : text;

const ESCAPES = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '\\': '\\\\' };

function escapeCharacter(c) {
    const code = c.charCodeAt(0);
    return ESCAPES[c] ?? (code < 256 ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
        : `\\u${code.toString(16)}`);
}

function quote(text) {
    const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"'
        : !text.includes('`') && !text.includes('${') ? '`' : "'";
    const inside = text.replace(/[\0-\x1f\x7f-\x9f\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        escapeCharacter);
    return mark + (mark === "'" ? inside.replace(/'/g, "\\'") : inside) + mark;
}

const plural = (n, what) => `${n} more ${what}${n > 1 ? 's' : ''}`;

const MIN_LINE_WIDTH = 16;

function showString(view, text) {
    let rest = '';
    text = rewordQuoted(text);
    if (text.length > view.maxStringLength) {
        rest = `... ${plural(text.length - view.maxStringLength, 'character')}`;
        text = text.slice(0, view.maxStringLength);
    }
    const isLong = text.length > MIN_LINE_WIDTH && text.length > view.breakLength - view.indent - 4;
    if (view.compact !== true && isLong)
        return text.split(/(?<=\n)/).map(line => view.style(quote(line), 'string'))
            .join(` +\n${' '.repeat(view.indent + 2)}`) + rest;
    return view.style(quote(text), 'string') + rest;
}

function showPrimitive(view, value) {
    switch (typeof value) {
    case 'string':
        return showString(view, value);
    case 'number':
        return view.style(Object.is(value, -0) ? '-0' : String(value), 'number');
    case 'bigint':
        return view.style(`${value}n`, 'bigint');
    case 'object':
        return view.style('null', 'null');
    default:
        return view.style(String(value), typeof value);
    }
}

/** The name of the class that made @value; null without prototype. */
function constructorName(value) {
    for (let one = value; one !== null; one = Object.getPrototypeOf(one)) {
        const made = Object.getOwnPropertyDescriptor(one, 'constructor')?.value;
        if (typeof made === 'function' && made.name !== '' && isInstance(value, made))
            return String(made.name);
    }
    return Object.getPrototypeOf(value) === null ? null : 'Object <Complex prototype>';
}

function isInstance(value, made) {
    try {
        return value instanceof made;
    } catch {
        return false;
    }
}

/** "Foo(2) [Tag] ": what stands before the bracket. */
function prefixOf({ name, tag }, fallback, size = '') {
    if (name === null)
        return `[${fallback}${size}: null prototype] ${tag && tag !== fallback ? `[${tag}] ` : ''}`;
    return `${name}${size} ${tag && tag !== name ? `[${tag}] ` : ''}`;
}

function tagShown(value) {
    try {
        const tag = value[Symbol.toStringTag];
        const isOwn = Object.prototype.propertyIsEnumerable.call(value, Symbol.toStringTag);
        return typeof tag === 'string' && !(tag !== '' && isOwn) ? tag : '';
    } catch {
        return '';
    }
}

function shownKeys(view, value, isList) {
    const names = view.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
    const symbols = Object.getOwnPropertySymbols(value).filter(symbol =>
        view.showHidden || Object.prototype.propertyIsEnumerable.call(value, symbol));
    const kept = isList ? names.filter(name => !/^(0|[1-9]\d*)$/.test(name)) : names;
    return [...kept, ...symbols];
}

function functionBase(value, { name, tag }) {
    const source = Function.prototype.toString.call(value);
    const own = Object.hasOwn(value, 'name') && value.name || '';
    const tagged = tag !== '' && name !== tag ? ` [${tag}]` : '';
    if (/^class\b/.test(source)) {
        const parent = Object.getPrototypeOf(value)?.name;
        const kind = name !== 'Function' && name !== null ? ` [${name}]` : '';
        return `[class ${own || '(anonymous)'}${kind}${tagged}${name === null ? ' extends null prototype'
            : parent ? ` extends ${parent}` : ''}]`;
    }
    const type = /(Async)?(Generator)?Function$/.exec(Object.prototype.toString.call(value).slice(8, -1))?.[0] ?? 'Function';
    const made = name !== type && name !== null ? ` ${name}` : '';
    return `[${type}${name === null ? ' (null prototype)' : ''}${value.name === '' ? ' (anonymous)' : `: ${value.name}`}]` +
        made + tagged;
}

/** An error's stack as Node has it; the engine's own is in another form. */
function stackText(error) {
    const { stack } = error;
    if (stack === undefined || stack === null || stack === '')
        return stack === '' ? describe(error).stack : Error.prototype.toString.call(error);
    const text = textOf(stack);
    const title = textOf(error.name ?? 'Error');
    return text.startsWith(title) || text.includes('\n    at ') ? text : describe(error).stack;
}

function errorBase(view, error, keys) {
    const stack = stackText(error);
    for (const name of ['name', 'message', 'stack']) {
        const at = keys.indexOf(name);
        if (at >= 0 && stack.includes(textOf(error[name])))
            keys.splice(at, 1);
    }
    for (const name of ['line', 'column', 'sourceURL'])
        if (keys.includes(name))
            keys.splice(keys.indexOf(name), 1);
    for (const name of ['cause', 'errors'])
        if (Object.hasOwn(error, name) && !keys.includes(name))
            keys.push(name);
    const message = textOf(error.message ?? '');
    const at = message === '' ? -1 : stack.indexOf(message);
    const base = stack.indexOf('\n    at', at < 0 ? 0 : at + message.length) < 0 ? `[${stack}]` : stack;
    return view.indent ? base.replace(/\n/g, `\n${' '.repeat(view.indent)}`) : base;
}

function boxedBase(value, keys) {
    const type = ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].find(one => value instanceof globalThis[one]);
    if (!type)
        return '';
    if (type === 'String')
        keys.splice(0, value.length);
    return `[${type}: ${showPrimitive(viewOf({}), value.valueOf())}]`;
}

function dateBase(value) {
    return isNaN(value) ? 'Invalid Date' : value.toISOString();
}

/** Runs @fn with what it shows indented by two more. */
function indented(view, fn) {
    view.indent += 2;
    const shown = fn();
    view.indent -= 2;
    return shown;
}

function listItems(view, value) {
    const most = Math.min(Math.max(0, view.maxArrayLength), value.length);
    const items = [];
    let i = 0;
    for (; i < value.length && items.length < most; i++) {
        if (Object.hasOwn(value, i)) {
            items.push(showMember(view, value, i, true));
            continue;
        }
        const from = i;
        while (i + 1 < value.length && !Object.hasOwn(value, i + 1))
            i++;
        const n = i - from + 1;
        items.push(view.style(`<${n} empty item${n > 1 ? 's' : ''}>`, 'undefined'));
    }
    if (i < value.length)
        items.push(`... ${plural(value.length - i, 'item')}`);
    return items;
}

function collectionItems(view, entries, show) {
    const all = [...entries];
    const most = Math.max(0, view.maxArrayLength);
    const items = indented(view, () => all.slice(0, most).map(show));
    if (all.length > most)
        items.push(`... ${plural(all.length - most, 'item')}`);
    return items;
}

const hexContents = (view, buffer) => {
    const most = Math.min(Math.max(0, view.maxArrayLength), buffer.byteLength);
    const hex = native.hex(new Uint8Array(buffer, 0, most)).replace(/(.{2})(?=.)/g, '$1 ');
    const rest = buffer.byteLength - most;
    return `[Uint8Contents]: <${hex}${rest > 0 ? ` ... ${plural(rest, 'byte')}` : ''}>`;
};

/**
 * How a kind of object is shown: [test, (view, value, facts, keys) → shape]. A shape has
 * base (what it is without members), or open, close and items; isList: laid out in columns;
 * more: members that are not its own.
 */
const SHAPES = [
    [Array.isArray, (view, value, facts) => ({
        open: `${facts.name !== 'Array' || facts.tag ? prefixOf(facts, 'Array', `(${value.length})`) : ''}[`, close: ']',
        items: () => listItems(view, value), isEmpty: value.length === 0, isList: true,
    })],
    [value => value instanceof Set, (view, value, facts) => ({
        open: `${prefixOf(facts, 'Set', `(${value.size})`)}{`, isEmpty: value.size === 0,
        items: () => collectionItems(view, value, one => showAny(view, one)),
    })],
    [value => value instanceof Map, (view, value, facts) => ({
        open: `${prefixOf(facts, 'Map', `(${value.size})`)}{`, isEmpty: value.size === 0,
        items: () => collectionItems(view, value, ([key, one]) => `${showAny(view, key)} => ${showAny(view, one)}`),
    })],
    [value => ArrayBuffer.isView(value) && !(value instanceof DataView), (view, value, facts) => ({
        open: `${prefixOf(facts, facts.tag, `(${value.length})`)}[`, close: ']',
        items: () => listItems(view, value), isEmpty: value.length === 0, isList: true,
    })],
    [value => typeof value === 'function', (view, value, facts) => ({ base: functionBase(value, facts), style: 'special' })],
    [value => value instanceof RegExp, (view, value, facts) => {
        const prefix = prefixOf(facts, 'RegExp');
        return { base: (prefix === 'RegExp ' ? '' : prefix) + RegExp.prototype.toString.call(value), style: 'regexp' };
    }],
    [value => value instanceof Date, (view, value, facts) => {
        const prefix = prefixOf(facts, 'Date');
        return { base: (prefix === 'Date ' ? '' : prefix) + dateBase(value), style: 'date' };
    }],
    [value => value instanceof Error, (view, value, facts, keys) => ({ base: errorBase(view, value, keys) })],
    [value => value instanceof ArrayBuffer, (view, value, facts) => ({
        open: `${prefixOf(facts, 'ArrayBuffer')}{`, items: () => [hexContents(view, value)], more: ['byteLength'],
    })],
    [value => value instanceof DataView, (view, value, facts) => ({
        open: `${prefixOf(facts, 'DataView')}{`, items: () => [], more: ['byteLength', 'byteOffset', 'buffer'],
    })],
    // The engine does not tell what a promise has come to.
    [value => value instanceof Promise, (view, value, facts) => ({
        open: `${prefixOf(facts, 'Promise')}{`, items: () => [view.style('<pending>', 'special')],
    })],
    [value => value instanceof WeakSet || value instanceof WeakMap, (view, value, facts) => ({
        open: `${prefixOf(facts, facts.tag)}{`, items: () => [view.style('<items unknown>', 'special')],
    })],
    [value => Object.prototype.toString.call(value) === '[object Arguments]', () => ({
        open: '[Arguments] {', items: () => [],
    })],
    [value => ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].some(type => value instanceof globalThis[type]),
        (view, value, facts, keys) => ({ base: boxedBase(value, keys), style: 'string' })],
];

function objectShape(facts) {
    const isPlain = facts.name === 'Object' && facts.tag === '';
    return { open: `${isPlain ? '' : prefixOf(facts, 'Object')}{`, items: () => [], isEmpty: true };
}

function nameOfMember(view, key, at) {
    if (typeof key === 'symbol')
        return `[${view.style(String(key), 'symbol')}]`;
    if (key === '__proto__')
        return "['__proto__']";
    if (!at.enumerable)
        return `[${key}]`;
    return /^[A-Za-z_][A-Za-z_0-9]*$/.test(key) ? key : view.style(quote(key), 'string');
}

function showMember(view, value, key, isItem) {
    const at = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
    const shown = 'value' in at ? indented(view, () => showAny(view, at.value))
        : view.style(at.get ? `[Getter${at.set ? '/Setter' : ''}]` : at.set ? '[Setter]' : 'undefined',
            at.get || at.set ? 'special' : 'undefined');
    return isItem ? shown : `${nameOfMember(view, key, at)}: ${shown}`;
}

function showCustom(view, value) {
    const custom = view.customInspect && value[INSPECT_CUSTOM];
    if (typeof custom !== 'function' || custom === inspect || value.constructor?.prototype === value)
        return undefined;
    const depth = view.depth === null ? null : view.depth - view.level;
    const { style, indent, level, deepest, open, circular, ...options } = view;
    const made = custom.call(value, depth, { ...options, stylize: style }, inspect);
    if (made === value)
        return undefined;
    const shown = typeof made === 'object' && made !== null ? showAny(view, made) : String(made);
    return shown.replace(/\n/g, `\n${' '.repeat(view.indent)}`);
}

function showObject(view, value) {
    const facts = { name: constructorName(value), tag: tagShown(value) };
    const isList = Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView);
    const keys = shownKeys(view, value, isList);
    const shape = SHAPES.find(([test]) => test(value))?.[1](view, value, facts, keys) ?? objectShape(facts);
    const { open = '{', close = '}', style } = shape;
    if (keys.length === 0 && shape.base !== undefined)
        return view.style(shape.base, style);
    if (keys.length === 0 && shape.isEmpty)
        return `${open}${close}`;
    if (view.depth !== null && view.level > view.depth)
        return view.style(`[${prefixOf(facts, isList ? 'Array' : 'Object').slice(0, -1)}]`, 'special');

    view.level++;
    view.open.push(value);
    view.deepest = view.level;
    const items = shape.items?.() ?? [];
    for (const key of [...shape.more ?? [], ...keys])
        items.push(shape.more?.includes(key) ? `${key}: ${indented(view, () => showAny(view, value[key]))}`
            : showMember(view, value, key, false));
    view.open.pop();
    const number = view.circular.get(value);
    const base = [number ? view.style(`<ref *${number}>`, 'special') : '', shape.base ?? ''].filter(Boolean).join(' ');
    if (view.sorted)
        items.sort(typeof view.sorted === 'function' ? view.sorted : undefined);
    const shown = layOut(view, { items, base, open, close, isList: Boolean(shape.isList), value });
    view.level--;
    return shown;
}

function showAny(view, value) {
    if (typeof value !== 'object' && typeof value !== 'function' || value === null)
        return showPrimitive(view, value);
    const custom = showCustom(view, value);
    if (custom !== undefined)
        return custom;
    if (view.open.includes(value)) {
        if (!view.circular.has(value))
            view.circular.set(value, view.circular.size + 1);
        return view.style(`[Circular *${view.circular.get(value)}]`, 'special');
    }
    return showObject(view, value);
}

function viewOf(options) {
    const view = { ...INSPECT_DEFAULTS, ...options, indent: 0, level: 0, deepest: 0, open: [], circular: new Map() };
    if (view.maxArrayLength === null)
        view.maxArrayLength = Infinity;
    if (view.maxStringLength === null)
        view.maxStringLength = Infinity;
    if (view.depth === Infinity)
        view.depth = null;
    view.style = view.colors ? colorStyle : plainStyle;
    return view;
}

/** inspect(value, options), or inspect(value, showHidden, depth, colors) as of old. */
function inspect(value, options, depth, colors) {
    const given = typeof options === 'object' && options !== null ? options
        : { showHidden: Boolean(options), ...depth === undefined ? {} : { depth }, colors: Boolean(colors) };
    return showAny(viewOf(given), value);
}
inspect.custom = INSPECT_CUSTOM;
inspect.defaultOptions = { ...INSPECT_DEFAULTS };
