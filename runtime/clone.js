/* SPDX-License-Identifier: MIT */

// structuredClone: everything JSON has, and dates, patterns, maps, sets, buffers, errors.

function cloneObject(value, clone, seen) {
    if (value instanceof Date)
        return new Date(value.getTime());
    if (value instanceof RegExp)
        return new RegExp(value.source, value.flags);
    if (value instanceof ArrayBuffer)
        return value.slice(0);
    if (ArrayBuffer.isView(value))
        return new value.constructor(clone(value.buffer), value.byteOffset, value.length ?? value.byteLength);
    const made = Array.isArray(value) ? new Array(value.length)
        : value instanceof Map ? new Map()
            : value instanceof Set ? new Set()
                : value instanceof Error ? new (globalThis[value.name] ?? Error)(value.message) : {};
    seen.set(value, made);
    if (value instanceof Map)
        value.forEach((one, key) => made.set(clone(key), clone(one)));
    else if (value instanceof Set)
        value.forEach(one => made.add(clone(one)));
    else
        for (const key of Object.keys(value))
            made[key] = clone(value[key]);
    return made;
}

define('structuredClone', function structuredClone(...args) {
    const [value] = args;
    if (args.length === 0)
        throw withCode(new TypeError('The "value" argument must be specified'), 'ERR_MISSING_ARGS');
    const seen = new Map();
    const clone = one => {
        if (typeof one === 'function' || typeof one === 'symbol')
            throw new DOMException(`${textOf(one)} could not be cloned.`, 'DataCloneError');
        if (typeof one !== 'object' || one === null)
            return one;
        if (!seen.has(one))
            seen.set(one, cloneObject(one, clone, seen));
        return seen.get(one);
    };
    return clone(value);
});
