/* SPDX-License-Identifier: MIT */

// JSON.parse and JSON.stringify fail in Node's words. The engine's own do the work; only
// when they throw is it looked at why.

const CONTEXT_CHARACTERS = 10;
const JSON_ESCAPES = '"\\/bfnrt';

/** A walk over text that is not JSON, to the place and the words of the first fault. */
class JsonFault {
    #text;
    #at = 0;
    constructor(text) {
        this.#text = text;
    }
    /** What Node says of it. */
    message() {
        try {
            this.#value();
            this.#space();
            if (this.#at < this.#text.length)
                this.#fail('Unexpected non-whitespace character after JSON');
        } catch (fault) {
            return fault.message;
        }
        return 'Unexpected end of JSON input';
    }
    #fail(why) {
        throw new SyntaxError(`${why} in JSON at position ${this.#at}`.replace('after JSON in JSON', 'after JSON'));
    }
    #unexpected() {
        const text = this.#text;
        const at = this.#at;
        if (at >= text.length)
            throw new SyntaxError('Unexpected end of JSON input');
        if (/[-\d]/.test(text[at]))
            this.#fail('Unexpected number');
        if (text[at] === '"')
            this.#fail('Unexpected string');
        if (['undefined', 'NaN', 'Infinity', '[object Object]'].includes(text))
            throw new SyntaxError(`"${text}" is not valid JSON`);
        const from = text.length > 2 * CONTEXT_CHARACTERS && at >= CONTEXT_CHARACTERS ? at - CONTEXT_CHARACTERS : 0;
        const isCut = text.length > 2 * CONTEXT_CHARACTERS && at < text.length - CONTEXT_CHARACTERS;
        const to = isCut ? at + CONTEXT_CHARACTERS : text.length;
        const shown = `${from > 0 ? '...' : ''}"${text.slice(from, to)}"${isCut ? '... ' : ' '}`;
        throw new SyntaxError(`Unexpected token '${text[at]}', ${shown}is not valid JSON`);
    }
    #space() {
        while (' \t\n\r'.includes(this.#text[this.#at] ?? '.'))
            this.#at++;
    }
    /** Whether @c comes next; if so it is taken. */
    #take(c) {
        this.#space();
        const found = this.#text[this.#at] === c;
        this.#at += found ? 1 : 0;
        return found;
    }
    #value() {
        this.#space();
        const c = this.#text[this.#at];
        if (c === '{')
            return this.#object();
        if (c === '[')
            return this.#array();
        if (c === '"')
            return this.#string();
        if (c === '-' || c >= '0' && c <= '9')
            return this.#number();
        for (const word of ['true', 'false', 'null'])
            if (c === word[0])
                return this.#word(word);
        return this.#unexpected();
    }
    #word(word) {
        for (const c of word) {
            if (this.#text[this.#at] !== c)
                this.#unexpected();
            this.#at++;
        }
    }
    #object() {
        this.#at++;
        if (this.#take('}'))
            return;
        for (let isFirst = true; isFirst || this.#take(','); isFirst = false) {
            this.#space();
            if (this.#text[this.#at] !== '"')
                this.#fail(isFirst ? "Expected property name or '}'" : 'Expected double-quoted property name');
            this.#string();
            if (!this.#take(':'))
                this.#fail("Expected ':' after property name");
            this.#value();
        }
        if (!this.#take('}'))
            this.#fail("Expected ',' or '}' after property value");
    }
    #array() {
        this.#at++;
        if (this.#take(']'))
            return;
        do
            this.#value();
        while (this.#take(','));
        if (!this.#take(']'))
            this.#fail("Expected ',' or ']' after array element");
    }
    #string() {
        for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
            const c = this.#text[this.#at];
            if (c === undefined)
                this.#fail('Unterminated string');
            if (c < ' ')
                this.#fail('Bad control character in string literal');
            if (c === '\\')
                this.#escape();
        }
        this.#at++;
    }
    #escape() {
        const c = this.#text[++this.#at];
        if (c === undefined)
            this.#unexpected();
        if (c === 'u')
            for (let i = 0; i < 4; i++)
                if (!/[\da-f]/i.test(this.#text[++this.#at] ?? ''))
                    this.#fail('Bad Unicode escape');
        if (c !== 'u' && !JSON_ESCAPES.includes(c))
            this.#fail('Bad escaped character');
    }
    #digits() {
        const start = this.#at;
        while (this.#text[this.#at] >= '0' && this.#text[this.#at] <= '9')
            this.#at++;
        return this.#at > start;
    }
    #number() {
        if (this.#text[this.#at] === '-')
            this.#at++;
        if (this.#text[this.#at] === '0') {
            this.#at++;
            if (this.#text[this.#at] >= '0' && this.#text[this.#at] <= '9')
                this.#fail('Unexpected number');
        } else if (!this.#digits()) {
            this.#fail('No number after minus sign');
        }
        if (this.#text[this.#at] === '.') {
            this.#at++;
            if (!this.#digits())
                this.#fail('Unterminated fractional number');
        }
        if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
            this.#at += /[+-]/.test(this.#text[this.#at + 1] ?? '') ? 2 : 1;
            if (!this.#digits())
                this.#fail('Exponent part is missing a number');
        }
    }
}

/** The keys from the value that a cycle begins at to the one that closes it; null: none. */
function findCycle(value, path = []) {
    if (typeof value !== 'object' || value === null)
        return null;
    const at = path.findIndex(step => step.value === value);
    if (at >= 0)
        return path.slice(at);
    for (const key of Object.keys(value)) {
        const found = findCycle(value[key], [...path, { value, key }]);
        if (found)
            return found;
    }
    return null;
}

/** Node's drawing of a cycle. */
function drawCycle(steps) {
    const maker = value => `object with constructor '${value.constructor?.name ?? 'Object'}'`;
    const keyOf = ({ value, key }) => Array.isArray(value) ? `index ${key}` : `property '${key}'`;
    const inner = steps.slice(1).map((step, i) => `\n    |     ${keyOf(steps[i])} -> ${maker(step.value)}`);
    if (inner.length > 3)
        inner.splice(2, inner.length - 3, '\n    |     ...');
    return `\n    --> starting at ${maker(steps[0].value)}${inner.join('')}` +
        `\n    --- ${keyOf(steps[steps.length - 1])} closes the circle`;
}

const plainParse = JSON.parse;
const plainStringify = JSON.stringify;

const inNodesWords = {
    parse(text, reviver) {
        try {
            const value = plainParse(text, reviver);
            if (current)
                current.parsed = value; // runtime/known.js
            return value;
        } catch (thrown) {
            if (thrown instanceof SyntaxError && /^JSON Parse error/.test(thrown.message))
                thrown.message = new JsonFault(textOf(text)).message();
            throw thrown;
        }
    },
    stringify(value, replacer, space) {
        try {
            return plainStringify(value, replacer, space);
        } catch (thrown) {
            if (thrown instanceof TypeError && thrown.message === 'JSON.stringify cannot serialize cyclic structures.') {
                const steps = findCycle(value);
                thrown.message = `Converting circular structure to JSON${steps ? drawCycle(steps) : ''}`;
            } else if (thrown instanceof TypeError && thrown.message === 'JSON.stringify cannot serialize BigInt.') {
                thrown.message = 'Do not know how to serialize a BigInt';
            }
            throw thrown;
        }
    },
};
for (const [name, value] of Object.entries(inNodesWords))
    Object.defineProperty(JSON, name, { value, writable: true, configurable: true });
