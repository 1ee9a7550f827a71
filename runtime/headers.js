/* SPDX-License-Identifier: MIT */

// Headers, with the manners of node-fetch 2.

const MAX_KNOWN = 64;
const MAX_KNOWN_CHARACTERS = 1024;

/** Keeps what was found out about a text, which costs more than to look it up. */
function remember(known, text, value) {
    if (known.size >= MAX_KNOWN)
        known.clear();
    if (text.length <= MAX_KNOWN_CHARACTERS)
        known.set(text, value);
    return value;
}

// Functions use the same names and values again and again.
const knownNames = new Map(); // as written → in lower case
const knownValues = new Map(); // legal ones → themselves

/** @name in lower case. */
function foldedName(name) {
    const known = knownNames.get(name);
    if (known !== undefined)
        return known;
    name = String(name);
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
        throw new TypeError(`${name} is not a legal HTTP header name`);
    return remember(knownNames, name, name.toLowerCase());
}

function headerValue(value) {
    const known = knownValues.get(value);
    if (known !== undefined)
        return known;
    value = String(value);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
        throw new TypeError(`${value} is not a legal HTTP header value`);
    return remember(knownValues, value, value);
}

/** [name, value] pairs of what Headers are made of. */
function headerInit(init) {
    if (init === undefined || init === null)
        return [];
    if (typeof init !== 'object')
        throw new TypeError('Provided initializer must be an object');
    if (init instanceof Headers)
        return pairsOf(init);
    if (init[Symbol.iterator] === undefined || init[Symbol.iterator] === null)
        return Object.entries(init);
    if (typeof init[Symbol.iterator] !== 'function')
        throw new TypeError('Header pairs must be iterable');
    return Array.from(init, pair => {
        if (typeof pair !== 'object' || typeof pair?.[Symbol.iterator] !== 'function')
            throw new TypeError('Each header pair must be iterable');
        const two = Array.from(pair);
        if (two.length !== 2)
            throw new TypeError('Each header pair must be a name/value tuple');
        return two;
    });
}

// Where node-fetch keeps them, which is what console.log shows of Headers.
const HEADER_MAP = Symbol('map');

/** How @name, in any case, is written in @map; undefined when it is not there. */
function writtenName(map, name) {
    const folded = foldedName(name);
    if (name in map)
        return name;
    for (const one in map)
        if (one.toLowerCase() === folded)
            return one;
    return undefined;
}

/** [name as written, value] of all, in the order in which they came. */
function pairsOf(headers) {
    const map = headers[HEADER_MAP];
    const pairs = [];
    for (const name in map)
        for (const value of map[name])
            pairs.push([name, value]);
    return pairs;
}

// Headers between here and the host: each name and each value with a newline behind it.

function headersText(pairs) {
    let text = '';
    for (let i = 0; i < pairs.length; i++)
        text += `${pairs[i][0]}\n${pairs[i][1]}\n`;
    return text;
}

function headerPairs(text) {
    const lines = text.split('\n');
    const pairs = [];
    for (let i = 0; i + 1 < lines.length; i += 2)
        pairs.push([lines[i], lines[i + 1]]);
    return pairs;
}

/** The text of a plain object's members; null when it is none, or two names are the same one. */
function plainHeadersText(init, type) {
    if (init instanceof Headers || (init[Symbol.iterator] ?? null) !== null)
        return null;
    const names = Object.keys(init);
    let seen = '\n';
    let text = '';
    for (let i = 0; i < names.length; i++) {
        const folded = foldedName(names[i]);
        if (seen.includes(`\n${folded}\n`))
            return null;
        seen += `${folded}\n`;
        text += `${names[i]}\n${headerValue(init[names[i]])}\n`;
    }
    return type === null || seen.includes('\ncontent-type\n') ? text : `${text}Content-Type\n${type}\n`;
}

/** The text of the Headers that @init makes, and of the Content-Type when it says none. */
function headersTextOf(init, type) {
    const plain = typeof init === 'object' && init !== null ? plainHeadersText(init, type) : null;
    if (plain !== null)
        return plain;
    const headers = new Headers(init);
    if (type !== null && !headers.has('Content-Type'))
        headers.append('Content-Type', type);
    return headersText(pairsOf(headers));
}

class Headers {
    [HEADER_MAP] = Object.create(null); // name as it was first written → values
    constructor(init) {
        const pairs = headerInit(init);
        for (let i = 0; i < pairs.length; i++) // taking pairs apart as lists is slow
            this.append(pairs[i][0], pairs[i][1]);
    }
    append(name, value) {
        const map = this[HEADER_MAP];
        const written = writtenName(map, name);
        const text = headerValue(value);
        if (written === undefined)
            map[name] = [text];
        else
            map[written].push(text);
    }
    set(name, value) {
        const map = this[HEADER_MAP];
        map[writtenName(map, name) ?? name] = [headerValue(value)];
    }
    get(name) {
        return this[HEADER_MAP][writtenName(this[HEADER_MAP], name)]?.join(', ') ?? null;
    }
    has(name) {
        return writtenName(this[HEADER_MAP], name) !== undefined;
    }
    delete(name) {
        delete this[HEADER_MAP][writtenName(this[HEADER_MAP], name)];
    }
    raw() {
        return this[HEADER_MAP];
    }
    forEach(fn, self) {
        for (const [name, value] of this)
            fn.call(self, value, name, this);
    }
    *entries() {
        for (const name of Object.keys(this[HEADER_MAP]).sort())
            yield [name.toLowerCase(), this.get(name)];
    }
    *keys() {
        for (const [name] of this)
            yield name;
    }
    *values() {
        for (const [, value] of this)
            yield value;
    }
    [Symbol.iterator]() {
        return this.entries();
    }
    get [Symbol.toStringTag]() {
        return 'Headers';
    }
}
define('Headers', Headers);
