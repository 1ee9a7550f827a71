/* SPDX-License-Identifier: MIT */

// The error classes that functions throw, and what an exception says to people.

/** Gives @name to all code; writable and deletable, as in Node. */
function define(name, value) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function errorClass(name) {
    return { [name]: class extends Error {
        constructor(message) {
            super(message);
            this.name = this.constructor.name; // a subclass has its own
        }
    } }[name];
}

const EventNotSupported = errorClass('EventNotSupported');
const ValidationError = errorClass('ValidationError');
define('EventNotSupported', EventNotSupported);
define('ValidationError', ValidationError);
for (const name of ['InvalidEventPayload', 'RetryError', 'DropEvent'])
    define(name, errorClass(name));

class FetchError extends Error {
    constructor(message, type, code) {
        super(message);
        this.type = type;
        if (code !== undefined)
            this.code = this.errno = code;
    }
}
FetchError.prototype.name = 'FetchError';

class AbortError extends Error {
    constructor(message) {
        super(message);
        this.type = 'aborted';
    }
}
AbortError.prototype.name = 'AbortError';

/** String(value), whatever value is. */
function textOf(value) {
    try {
        return String(value);
    } catch {
        return Object.prototype.toString.call(value);
    }
}

/** The name of the user's script; frames of other scripts are not shown. */
let scriptName = '';
let scriptLines = [];
/** What stands before the user's first line on that line. */
let firstLineShift = 0;

/** The column in the user's file. */
const columnOf = (line, column) => line === 1 ? Math.max(1, column - firstLineShift) : column;

/**
 * A place in the user's file as Node names it: where the name begins. The engine points
 * behind it, at the dot or the parenthesis.
 */
function placeOf(line, engines) {
    const column = columnOf(line, engines);
    const text = scriptLines[line - 1] ?? '';
    const dot = /^\??\./.exec(text.slice(column - 1));
    if (dot)
        return { line, column: column + dot[0].length };
    const name = /(?:\bnew\s+[\w$.]+|[\w$]+)$/.exec(text.slice(0, column - 1));
    return { line, column: name && !/[\w$]/.test(text[column - 1] ?? '') ? name.index + 1 : column };
}

/** The user's frames of a stack: [{where, line, column}]. */
function framesOf(stack) {
    const frames = [];
    for (const text of stack.split('\n')) {
        const colon = /:(\d+):(\d+)$/.exec(text);
        const at = text.indexOf('@');
        if (colon && text.slice(at + 1, colon.index) === scriptName)
            frames.push({ where: at > 0 ? text.slice(0, at) : '', ...placeOf(+colon[1], +colon[2]) });
    }
    return frames;
}

function stackOf(error, title) {
    const frames = framesOf(textOf(error.stack ?? ''));
    const lines = frames.map(({ where, line, column }) =>
        where ? `    at ${where} (${scriptName}:${line}:${column})` : `    at ${scriptName}:${line}:${column}`);
    return [title, ...lines].join('\n');
}

const plainFailure = message => ({ name: '', message, stack: '', line: 0, column: 0 });

/** Where the user's code threw; not where the constructor of its error class is. */
function placeOfThrow(thrown) {
    const frames = framesOf(textOf(thrown.stack ?? ''));
    const maker = textOf(thrown.constructor?.name ?? '');
    const first = frames.find(({ where }) => where === '' || where !== maker) ?? frames[0];
    if (first)
        return first;
    // Code that does not parse has a line; its column is the runtime's own.
    return { line: thrown.sourceURL === scriptName && thrown.line || 0, column: 0 };
}

/**
 * What an exception says: {name, message, stack, line, column, note}; name is '' for a
 * non-Error. @run, when there is one, is looked at for what was missing.
 */
function describe(thrown, run = null) {
    try {
        if (typeof thrown !== 'object' || thrown === null || !('message' in thrown))
            return plainFailure(textOf(thrown));
        const name = textOf(thrown.name ?? 'Error');
        const message = reword(textOf(thrown.message), thrown);
        const { line, column } = placeOfThrow(thrown);
        return {
            name,
            message,
            stack: stackOf(thrown, message ? `${name}: ${message}` : name),
            line,
            column,
            note: run ? noteOf(textOf(thrown.message), run) : undefined,
        };
    } catch {
        return plainFailure('an error that throws when it is looked at');
    }
}
