/* SPDX-License-Identifier: MIT */

// Code of the third generation is, as on Segment, the body of a sloppy function in which
// the handlers are there already: what it declares hides globals instead of clashing with
// them, a `const onTrack` is a syntax error, and a `return` ends it.

const functionText = Function.prototype.toString;

/**
 * The error of @source as it stands, so that its words do not speak of what we put around
 * it; null when it is none by itself. Nothing of @source runs.
 */
function errorOfBare(name, source) {
    try {
        native.run(name, `throw null;${source}`);
        return null;
    } catch (thrown) {
        return thrown !== null && !/^Return statements/.test(thrown.message) ? thrown : null;
    }
}

/**
 * The function that @head, @source and @tail make; all of @head is on the first line.
 * Code that closes @head itself, and would go on behind it, is refused.
 */
function compileBody(name, source, head, tail) {
    // Of the same length, so that columns stay what they are.
    const body = source.startsWith('#!') ? `//${source.slice(2)}` : source;
    const text = head + body + tail;
    let made;
    firstLineShift = head.length;
    try {
        made = native.run(name, text);
    } catch (thrown) {
        throw errorOfBare(name, body) ?? thrown;
    }
    if (typeof made !== 'function' || functionText.call(made) !== text.slice(1, -1))
        throw errorOfBare(name, body) ?? new SyntaxError("Unexpected token '}'");
    return made;
}

const OTHER_NAMES = ['processEvents', 'transformEvent', ...HANDLER_NAMES.slice(MISSING.size)];
// Variables, not parameters: a function declared inside a condition then counts too.
const SCRIPT_HEAD = [
    `(function (partner$) { var ${[...MISSING.keys()].join(', ')};`,
    ...[...MISSING.keys()].map(name => `${name} ??= partner$.${name};`),
    'partner$.keep({',
    ...[...MISSING.keys()].map(name => `get ${name}() { return ${name}; },`),
    ...OTHER_NAMES.map(name => `get ${name}() { return typeof ${name} === 'undefined' ? undefined : ${name}; },`),
    '}); ',
].join(' ');
const SCRIPT_TAIL = '\n})';

/** Runs the script; answers what finds a name in it. */
function runScript(name, source) {
    let locals;
    const wrapped = compileBody(name, source, SCRIPT_HEAD, SCRIPT_TAIL);
    wrapped.call(globalThis.window ?? globalThis, { ...Object.fromEntries(MISSING), keep: found => {
        locals ??= found;
    } });
    return wanted => {
        try {
            return [locals[wanted]].find(isOurs);
        } catch {
            return undefined; // declared behind a `return`
        }
    };
}
