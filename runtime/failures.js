/* SPDX-License-Identifier: MIT */

// Errors in the words and with the codes of Node's own.

/** @made with a code, as Node's own errors carry it. */
function withCode(made, code) {
    made.code = code;
    if (code.startsWith('ERR_'))
        Object.defineProperty(made, 'toString', {
            value: () => `${made.name} [${code}]: ${made.message}`, writable: true, configurable: true,
        });
    return made;
}

/** What Node calls a value that it did not want. */
function received(value) {
    if (value === null || value === undefined)
        return `Received ${value}`;
    if (typeof value === 'function')
        return `Received function ${value.name}`;
    if (typeof value === 'object')
        return value.constructor?.name ? `Received an instance of ${value.constructor.name}`
            : `Received ${inspect(value, { depth: -1 })}`;
    const text = inspect(value);
    return `Received type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}

function argumentError(name, wanted, value) {
    const what = name.includes('.') ? 'property' : 'argument';
    return withCode(new TypeError(`The "${name}" ${what} must be ${wanted}. ${received(value)}`),
        'ERR_INVALID_ARG_TYPE');
}

function valueError(name, value, why = 'is invalid') {
    return withCode(new TypeError(`The argument '${name}' ${why}. Received ${inspect(value)}`),
        'ERR_INVALID_ARG_VALUE');
}

function rangeError(name, range, value) {
    return withCode(new RangeError(
        `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(value)}`),
    'ERR_OUT_OF_RANGE');
}

/** Members of one of Node's modules that are not there: they throw, and say so. */
function addAbsent(module, moduleName, names, instead) {
    for (const name of names)
        Object.defineProperty(module, name, {
            value: () => {
                throw withCode(new Error(`${moduleName}.${name}() is not available here (PA2020): ${instead}`),
                    'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
            },
            writable: true, configurable: true, enumerable: true,
        });
    return module;
}
