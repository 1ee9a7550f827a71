/* SPDX-License-Identifier: MIT */

// Builtins whose errors name, on Node, the argument that was wrong: the engine's do not.
// Each still does the work itself; only its error is said anew, with the argument at hand.

/** The words of a regular expression's error: the engine's → Node's. */
const REGEXP_WORDS = new Map(Object.entries({
    'missing )': 'Unterminated group',
    'missing terminating ] for character class': 'Unterminated character class',
    'nothing to repeat': 'Nothing to repeat',
    'duplicate group specifier name': 'Duplicate capture group name',
    'invalid group specifier name': 'Invalid capture group name',
    'range out of order in character class': 'Range out of order in character class',
    'unmatched parentheses': "Unmatched ')'",
    'invalid quantifier': 'Invalid quantifier',
    'invalid Unicode code point \\u{} escape': 'Invalid Unicode escape',
    'invalid Unicode {} escape': 'Invalid Unicode escape',
    'invalid \\u escape': 'Invalid Unicode escape',
    'invalid escaped character for Unicode pattern': 'Invalid escape',
    'invalid backreference for Unicode pattern': 'Invalid escape',
    'invalid \\k<> named backreference': 'Invalid named reference',
    'unrecognized character after (?': 'Invalid group',
    'invalid property expression': 'Invalid property name',
    'invalid class escape for Unicode pattern': 'Invalid class escape',
    'invalid range in character class for Unicode pattern': 'Invalid character class',
    'incomplete quantifier in Unicode pattern': 'Incomplete quantifier',
    'regular expression too large': 'Regular expression too large',
}));

function wordsOfRegExp(message, pattern, flags = '') {
    if (message.startsWith('Invalid flags'))
        return `Invalid flags supplied to RegExp constructor '${textOf(flags)}'`;
    const why = message.replace(/^Invalid regular expression: /, '');
    const source = pattern instanceof RegExp ? pattern.source : textOf(pattern);
    return `Invalid regular expression: /${source}/${textOf(flags)}: ${REGEXP_WORDS.get(why) ?? why}`;
}

function wordsOfBigInt(message, value) {
    if (/constructor/.test(message))
        return 'BigInt is not a constructor';
    return typeof value === 'number'
        ? `The number ${value} cannot be converted to a BigInt because it is not an integer`
        : `Cannot convert ${textOf(value)} to a BigInt`;
}

/** @work's outcome; of an error that is of the class @Kind the message is made anew. */
function renamed(work, Kind, wordsOf) {
    try {
        return work();
    } catch (thrown) {
        if (thrown instanceof Kind)
            thrown.message = wordsOf(thrown.message);
        throw thrown;
    }
}

/** Replaces the method @name of @owner by one that does the same. */
function rewordMethod(owner, name, Kind, wordsOf) {
    const plain = owner[name];
    const value = new Proxy(plain, {
        apply: (method, self, args) => renamed(() => Reflect.apply(method, self, args), Kind,
            message => wordsOf(message, args)),
    });
    Object.defineProperty(owner, name, { value, writable: true, configurable: true });
}

rewordMethod(String.prototype, 'repeat', RangeError, (message, [count]) =>
    /repeat argument/.test(message) ? `Invalid count value: ${textOf(count)}` : 'Invalid string length');
for (const name of ['padStart', 'padEnd'])
    rewordMethod(String.prototype, name, RangeError, () => 'Invalid string length');

/**
 * A builtin constructor that does the same; its own statics want to be asked themselves.
 * @gives: what a call without `new` gives.
 */
function rewordConstructor(Plain, Kind, wordsOf, gives = args => Plain(...args)) {
    const Reworded = new Proxy(Plain, {
        apply: (make, self, args) => renamed(() => gives(args), Kind, message => wordsOf(message, ...args)),
        construct: (Make, args, target) => renamed(() => Reflect.construct(Make, args, target), Kind,
            message => wordsOf(message, ...args)),
        get: (Make, name) => Make[name],
    });
    Plain.prototype.constructor = Reworded;
    define(Plain.name, Reworded);
}

rewordConstructor(BigInt, Error, wordsOfBigInt);
const PlainRegExp = RegExp;
rewordConstructor(RegExp, SyntaxError, wordsOfRegExp, ([pattern, flags]) =>
    // The engine would not know its own: a pattern that is one already is given back.
    pattern instanceof PlainRegExp && flags === undefined && pattern.constructor === RegExp ? pattern
        : PlainRegExp(pattern, flags));
