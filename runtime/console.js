/* SPDX-License-Identifier: MIT */

// console: one log line per call, values shown much as Node's util.inspect shows them.

const LINE_WIDTH = 72;
const MAX_DEPTH = 2;
const MAX_ITEMS = 100;

const ESCAPES = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function quote(text) {
    const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : '`';
    return mark + text.replace(/[\\\n\t\r]/g, c => ESCAPES[c]) + mark;
}

function inspectFunction(value) {
    const kind = value.constructor?.name ?? 'Function';
    if (/^class\b/.test(Function.prototype.toString.call(value)))
        return `[class ${value.name || '(anonymous)'}]`;
    return value.name ? `[${kind}: ${value.name}]` : `[${kind} (anonymous)]`;
}

function inspectError(value) {
    const { name, message, stack } = describe(value);
    const text = stack || `${name}: ${message}`;
    return text.includes('\n') ? text : `[${text}]`;
}

function nameOfKey(key) {
    if (typeof key === 'symbol')
        return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function nameOfAccess({ get, set }) {
    if (get && set)
        return '[Getter/Setter]';
    return get ? '[Getter]' : '[Setter]';
}

/** The pieces between an object's brackets. */
function itemsOf(value, show) {
    const items = [];
    if (Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView)) {
        for (let i = 0; i < value.length && i < MAX_ITEMS; i++)
            items.push(i in value ? show(value[i]) : '<1 empty item>');
        if (value.length > MAX_ITEMS)
            items.push(`... ${value.length - MAX_ITEMS} more items`);
        return items;
    }
    if (value instanceof Map)
        for (const [key, one] of value)
            items.push(`${show(key)} => ${show(one)}`);
    else if (value instanceof Set)
        for (const one of value)
            items.push(show(one));
    for (const key of Reflect.ownKeys(value)) {
        const at = Object.getOwnPropertyDescriptor(value, key);
        if (!at.enumerable)
            continue;
        items.push(`${nameOfKey(key)}: ${'value' in at ? show(at.value) : nameOfAccess(at)}`);
    }
    return items;
}

function prefixOf(value) {
    const name = Object.getPrototypeOf(value) === null
        ? '[Object: null prototype]' : textOf(value.constructor?.name ?? 'Object');
    if (value instanceof Map || value instanceof Set)
        return `${name}(${value.size}) `;
    if (Array.isArray(value))
        return name === 'Array' ? '' : `${name}(${value.length}) `;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
        return `${name}(${value.length}) `;
    return name === 'Object' ? '' : `${name} `;
}

function inspectObject(value, depth, seen) {
    if (value instanceof Error)
        return inspectError(value);
    if (value instanceof Date)
        return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp)
        return String(value);
    if (value instanceof Promise)
        return 'Promise { <pending> }';
    if (seen.includes(value))
        return '[Circular *1]';
    const isList = Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView);
    const [open, close] = isList ? ['[', ']'] : ['{', '}'];
    const prefix = prefixOf(value);
    if (depth > MAX_DEPTH)
        return Array.isArray(value) ? '[Array]' : `[${prefix.trim() || 'Object'}]`;
    const items = itemsOf(value, one => inspect(one, depth + 1, [...seen, value]));
    if (items.length === 0)
        return prefix + open + close;
    const flat = `${prefix}${open} ${items.join(', ')} ${close}`;
    if (flat.length <= LINE_WIDTH && !flat.includes('\n'))
        return flat;
    const indent = '  '.repeat(depth + 1);
    return `${prefix}${open}\n${indent}${items.join(`,\n${indent}`)}\n${'  '.repeat(depth)}${close}`;
}

function inspect(value, depth = 0, seen = []) {
    switch (typeof value) {
    case 'string':
        return quote(value);
    case 'bigint':
        return `${value}n`;
    case 'number':
        return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
        return inspectFunction(value);
    case 'object':
        return value === null ? 'null' : inspectObject(value, depth, seen);
    default:
        return String(value);
    }
}

function formatOne(letter, value) {
    switch (letter) {
    case 's':
        return typeof value === 'object' && value !== null ? inspect(value, MAX_DEPTH) : textOf(value);
    case 'd':
        return textOf(typeof value === 'object' ? NaN : Number(value));
    case 'i':
        return textOf(parseInt(value, 10));
    case 'f':
        return textOf(parseFloat(value));
    case 'j':
        return JSON.stringify(value) ?? 'undefined';
    case 'c':
        return '';
    default:
        return inspect(value);
    }
}

function format(args) {
    const rest = [...args];
    let text = '';
    if (typeof rest[0] === 'string') {
        text = rest.shift().replace(/%([sdifjoOc%])/g, (all, letter) => {
            if (letter === '%')
                return args.length > 1 ? '%' : all;
            return rest.length ? formatOne(letter, rest.shift()) : all;
        });
        if (rest.length)
            text += ' ';
    }
    return text + rest.map(one => typeof one === 'string' ? one : inspect(one)).join(' ');
}

const MAX_LOG_CHARACTERS = 4096;
const MAX_LOG_LINES = 64; // of one run; those after are only counted
const MAX_COUNTED_LINES = 10000;

function textOfLine(args) {
    try {
        return format(args).slice(0, MAX_LOG_CHARACTERS);
    } catch (thrown) {
        return `(a value that throws when it is shown: ${textOf(thrown)})`;
    }
}

function print(...args) {
    const run = current && live.has(current.id) ? current : null;
    if (!run || run.nLines >= MAX_COUNTED_LINES)
        return;
    run.nLines++;
    native.log(run.id, run.nLines <= MAX_LOG_LINES ? textOfLine(args) : '');
}

const consoleMethods = {};
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'])
    consoleMethods[name] = print;
consoleMethods.assert = (is, ...args) => is || print('Assertion failed', ...args);
define('console', consoleMethods);
