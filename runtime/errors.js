/* SPDX-License-Identifier: MIT */

// The error classes that functions throw, and what an exception says to people.

const MAX_CAUSES = 4;
const MAX_INNER_ERRORS = 8;

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

// In node-fetch the message of these two is a member like any other: JSON has it.
class FetchError extends Error {
    constructor(message, type, code) {
        super();
        this.message = message;
        this.type = type;
        if (code !== undefined)
            this.code = this.errno = code;
    }
}
FetchError.prototype.name = 'FetchError';

class AbortError extends Error {
    constructor(message) {
        super();
        this.message = message;
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

/** Whether the place is an async function's head: the engine lists the call beside the body. */
const isAsyncHead = (line, engines) =>
    /\basync\b[^{};]*$/.test((scriptLines[line - 1] ?? '').slice(0, columnOf(line, engines) - 1));

/** The user's frames of an error: [{where, line, column}]. */
function framesOf(error) {
    const frames = [];
    for (const text of textOf(error.stack ?? '').split('\n')) {
        const found = /^(?:(.*?)@)?(.*):(\d+):(\d+)$/.exec(text);
        if (!found || found[2] !== scriptName)
            continue;
        const [where, line, column] = [found[1] ?? '', +found[3], +found[4]];
        if (frames.at(-1)?.where !== where || !isAsyncHead(line, column))
            frames.push({ where, ...placeOf(line, column) });
    }
    return frames;
}

const indent = text => text.replace(/\n/g, '\n  ');

/** What else an error holds, as Node shows it after the stack. */
function detailsOf(error, depth) {
    const details = [];
    if (depth > 0 && Object.hasOwn(error, 'cause'))
        details.push(`\n  [cause]: ${indent(describe(error.cause, null, depth - 1).stack || textOf(error.cause))}`);
    if (depth > 0 && Array.isArray(error.errors) && error instanceof AggregateError)
        details.push(`\n  [errors]: [${error.errors.slice(0, MAX_INNER_ERRORS).map(inner =>
            `\n    ${indent(indent(describe(inner, null, depth - 1).stack || textOf(inner)))}`).join(',')}\n  ]`);
    return details.length ? ` {${details.join(',')}\n}` : '';
}

function stackOf(error, title, frames, depth) {
    const lines = frames.map(({ where, line, column }) =>
        where ? `    at ${where} (${scriptName}:${line}:${column})` : `    at ${scriptName}:${line}:${column}`);
    return [title, ...lines].join('\n') + detailsOf(error, depth);
}

const plainFailure = message => ({ name: '', message, stack: '', line: 0, column: 0 });

/** Where the user's code threw; not where the constructor of its error class is. */
function placeOfThrow(thrown, frames) {
    const maker = textOf(thrown.constructor?.name ?? '');
    const first = frames.find(({ where }) => where === '' || where !== maker) ?? frames[0];
    // Code that does not parse has a line; its column is the runtime's own.
    return first ?? { line: thrown.sourceURL === scriptName && thrown.line || 0, column: 0 };
}

/** The message; Promise.any's error has none in this engine. */
function messageOf(thrown, name) {
    const message = reword(textOf(thrown.message), thrown);
    return message === '' && name === 'AggregateError' ? 'All promises were rejected' : message;
}

/**
 * What an exception says: {name, message, stack, line, column, note}; name is '' for a
 * non-Error. @run, when there is one, is looked at for what was missing; @depth is how far
 * its causes are followed.
 */
function describe(thrown, run = null, depth = MAX_CAUSES) {
    try {
        if (typeof thrown !== 'object' || thrown === null || !('message' in thrown))
            return plainFailure(textOf(thrown));
        const name = textOf(thrown.name ?? 'Error');
        const message = messageOf(thrown, name);
        const frames = framesOf(thrown);
        const { line, column } = placeOfThrow(thrown, frames);
        return {
            name,
            message,
            stack: stackOf(thrown, message ? `${name}: ${message}` : name, frames, depth),
            line,
            column,
            note: run ? noteOf(textOf(thrown.message), run) : undefined,
        };
    } catch {
        return plainFailure('an error that throws when it is looked at');
    }
}
