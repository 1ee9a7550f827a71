/* SPDX-License-Identifier: MIT */

// Headers, with the manners of node-fetch 2.

function headerName(name) {
    name = String(name);
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
        throw new TypeError(`${name} is not a legal HTTP header name`);
    return name;
}

function headerValue(value) {
    value = String(value);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
        throw new TypeError(`${value} is not a legal HTTP header value`);
    return value;
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

class Headers {
    #map = new Map(); // lower case → [name as written, values]
    constructor(init) {
        for (const [name, value] of headerInit(init))
            this.append(name, value);
    }
    append(name, value) {
        const written = headerName(name);
        const key = written.toLowerCase();
        const found = this.#map.get(key);
        if (found)
            found[1].push(headerValue(value));
        else
            this.#map.set(key, [written, [headerValue(value)]]);
    }
    set(name, value) {
        const written = headerName(name);
        const found = this.#map.get(written.toLowerCase());
        this.#map.set(written.toLowerCase(), [found?.[0] ?? written, [headerValue(value)]]);
    }
    get(name) {
        return this.#map.get(headerName(name).toLowerCase())?.[1].join(', ') ?? null;
    }
    has(name) {
        return this.#map.has(headerName(name).toLowerCase());
    }
    delete(name) {
        this.#map.delete(headerName(name).toLowerCase());
    }
    raw() {
        const all = {};
        for (const [name, values] of this.#map.values())
            all[name] = [...values];
        return all;
    }
    /** [name as written, value] of all, in the order in which they came. */
    static pairsOf(headers) {
        const pairs = [];
        headers.#map.forEach(one => one[1].forEach(value => pairs.push([one[0], value])));
        return pairs;
    }
    forEach(fn, self) {
        for (const [name, value] of this)
            fn.call(self, value, name, this);
    }
    *entries() {
        for (const name of [...this.#map.keys()].sort())
            yield [name, this.get(name)];
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
const pairsOf = Headers.pairsOf;
delete Headers.pairsOf;
define('Headers', Headers);
