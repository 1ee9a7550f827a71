/* SPDX-License-Identifier: MIT */

// The modules util, assert, timers and string helpers that code of the first generations requires.

const CUSTOM_PROMISIFY = Symbol.for('nodejs.util.promisify.custom');

function promisify(original) {
    if (typeof original !== 'function')
        throw argumentError('original', 'of type function', original);
    if (original[CUSTOM_PROMISIFY])
        return original[CUSTOM_PROMISIFY];
    const made = function (...args) {
        return new Promise((resolve, reject) => {
            original.call(this, ...args, (error, value) => error ? reject(error) : resolve(value));
        });
    };
    return Object.defineProperties(Object.setPrototypeOf(made, Object.getPrototypeOf(original)),
        Object.getOwnPropertyDescriptors(original));
}
promisify.custom = CUSTOM_PROMISIFY;
setTimeout[CUSTOM_PROMISIFY] = (delay, value) => new Promise(resolve => setTimeout(resolve, delay, value));
setImmediate[CUSTOM_PROMISIFY] = value => new Promise(resolve => setImmediate(resolve, value));

function callbackify(original) {
    if (typeof original !== 'function')
        throw argumentError('original', 'of type function', original);
    return function (...args) {
        const callback = args.pop();
        original.apply(this, args).then(
            value => process.nextTick(callback, null, value),
            thrown => process.nextTick(callback, thrown || Object.assign(
                new Error('Promise was rejected with a falsy value'),
                { code: 'ERR_FALSY_VALUE_REJECTION', reason: thrown })));
    };
}

function inherits(constructor, parent) {
    Object.defineProperty(constructor, 'super_', { value: parent, writable: true, configurable: true });
    Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

function deprecate(fn) {
    return fn;
}

const tagOf = value => Object.prototype.toString.call(value).slice(8, -1);
const types = {
    isAnyArrayBuffer: value => value instanceof ArrayBuffer,
    isArrayBuffer: value => value instanceof ArrayBuffer,
    isArrayBufferView: value => ArrayBuffer.isView(value),
    isAsyncFunction: value => tagOf(value) === 'AsyncFunction' || tagOf(value) === 'AsyncGeneratorFunction',
    isBoxedPrimitive: value => [Number, String, Boolean, Symbol, BigInt].some(type => value instanceof type),
    isDate: value => value instanceof Date,
    isGeneratorFunction: value => /GeneratorFunction$/.test(tagOf(value)),
    isMap: value => value instanceof Map,
    isNativeError: value => value instanceof Error,
    isPromise: value => value instanceof Promise,
    isRegExp: value => value instanceof RegExp,
    isSet: value => value instanceof Set,
    isSharedArrayBuffer: () => false,
    isTypedArray: value => ArrayBuffer.isView(value) && !(value instanceof DataView),
    isUint8Array: value => value instanceof Uint8Array,
    isWeakMap: value => value instanceof WeakMap,
    isWeakSet: value => value instanceof WeakSet,
};

/** Are the pieces of two objects of one kind the same? */
function sameParts(a, b, same) {
    if (a instanceof Date || a instanceof Number || a instanceof String || a instanceof Boolean)
        return Object.is(a.valueOf(), b.valueOf());
    if (a instanceof RegExp)
        return String(a) === String(b);
    if (a instanceof Error && (a.message !== b.message || a.name !== b.name))
        return false;
    if (ArrayBuffer.isView(a) || a instanceof ArrayBuffer)
        return native.same(bytesOf(a), bytesOf(b));
    if (a instanceof Map)
        return a.size === b.size && [...a].every(([key, value]) => b.has(key) ? same(value, b.get(key))
            : [...b].some(([other, one]) => same(key, other) && same(value, one)));
    if (a instanceof Set)
        return a.size === b.size && [...a].every(one => b.has(one) || [...b].some(other => same(one, other)));
    return !Array.isArray(a) || a.length === b.length;
}

function isDeepStrictEqual(a, b, open = [], isLoose = false) {
    if (Object.is(a, b) || isLoose && a == b)
        return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
        return false;
    if (!isLoose && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || tagOf(a) !== tagOf(b))
        return false;
    if (open.some(([one, other]) => one === a && other === b))
        return true;
    const inside = [...open, [a, b]];
    const same = (one, other) => isDeepStrictEqual(one, other, inside, isLoose);
    const keys = Object.keys(a);
    return sameParts(a, b, same) && keys.length === Object.keys(b).length &&
        keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key]));
}

const isOfType = type => value => typeof value === type;

provide('util', () => ({
    inspect, format: (...args) => format(args), formatWithOptions: (options, ...args) => format(args, options),
    promisify, callbackify, inherits, deprecate, types,
    isDeepStrictEqual: (a, b) => isDeepStrictEqual(a, b),
    debuglog: () => Object.assign(() => {}, { enabled: false }), debug: () => () => {},
    stripVTControlCharacters: text => String(text).replace(/\u001b\[[0-9;]*[A-Za-z]/g, ''),
    toUSVString: text => String(text).toWellFormed(),
    TextEncoder, TextDecoder,
    isArray: Array.isArray, isBoolean: isOfType('boolean'), isNumber: isOfType('number'), isString: isOfType('string'),
    isSymbol: isOfType('symbol'), isFunction: isOfType('function'), isUndefined: isOfType('undefined'),
    isNull: value => value === null, isNullOrUndefined: value => value === null || value === undefined,
    isObject: value => value !== null && typeof value === 'object', isRegExp: types.isRegExp, isDate: types.isDate,
    isError: types.isNativeError, isPrimitive: value => Object(value) !== value,
    isBuffer: value => requireModule('buffer').Buffer.isBuffer(value),
    _extend: (target, source) => Object.assign(target, source),
}));

provide('timers', () => ({ setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate }));

class AssertionError extends Error {
    constructor({ message, actual, expected, operator }) {
        super(message);
        Object.assign(this, { generatedMessage: false, code: 'ERR_ASSERTION', actual, expected, operator });
    }
}
AssertionError.prototype.name = 'AssertionError';

function makeAssert() {
    const claim = (isTrue, given, facts, message) => {
        if (isTrue)
            return;
        throw given instanceof Error ? given : new AssertionError({ message: given ?? message(), ...facts });
    };
    const compare = (operator, test, word) => (actual, expected, message) =>
        claim(test(actual, expected), message, { actual, expected, operator },
            () => `${inspect(actual)} ${word} ${inspect(expected)}`);
    const assert = (value, message) => claim(value, message, { actual: value, expected: true, operator: '==' },
        () => 'The expression evaluated to a falsy value');
    const loosely = (a, b) => isDeepStrictEqual(a, b, [], true);
    const not = test => (a, b) => !test(a, b);
    return Object.assign(assert, {
        ok: assert, AssertionError, strict: assert,
        equal: compare('==', (a, b) => a == b || a !== a && b !== b, '=='),
        notEqual: compare('!=', (a, b) => a != b, '!='),
        strictEqual: compare('strictEqual', Object.is, '!=='),
        notStrictEqual: compare('notStrictEqual', not(Object.is), '==='),
        deepEqual: compare('deepEqual', loosely, 'deepEqual'),
        notDeepEqual: compare('notDeepEqual', not(loosely), 'notDeepEqual'),
        deepStrictEqual: compare('deepStrictEqual', (a, b) => isDeepStrictEqual(a, b), 'deepStrictEqual'),
        notDeepStrictEqual: compare('notDeepStrictEqual', (a, b) => !isDeepStrictEqual(a, b), 'notDeepStrictEqual'),
        fail(message = 'Failed') {
            claim(false, message, { operator: 'fail' });
        },
        throws(fn, expected, message) {
            let thrown;
            try {
                fn();
            } catch (one) {
                thrown = [one];
            }
            const note = typeof expected === 'string' ? expected : message;
            claim(thrown, undefined, { operator: 'throws' },
                () => `Missing expected exception${note ? `: ${note}` : '.'}`);
            const isRight = !(expected instanceof RegExp) || expected.test(String(thrown[0]));
            claim(isRight, message, { actual: thrown[0], expected, operator: 'throws' },
                () => `The input did not match the regular expression ${expected}`);
        },
    });
}
provide('assert', makeAssert);
