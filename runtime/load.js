/* SPDX-License-Identifier: MIT */

// How code comes in: it is read, run once, and what it defines is noted.

// enum pool_generation and enum frame_load_flags.
const BY_CODE = 0;
const CUSTOM = 1;
const SUBSCRIPTION = 2;
const FUNCTIONS = 3;
const MAY_EVAL = 1;
const EVAL_BY_GENERATION = 2;

/** Set when a second context could not run code that the first could: {thrown}. */
let loadFailure = null;

/** Of `let onTrack` the engine names the line of what follows it. */
function lineOfClash(message, source) {
    const name = /^Identifier '([\w$]+)' has already been declared/.exec(message)?.[1];
    const at = MISSING.has(name) ? source.search(new RegExp(`\\b(?:const|let|class)\\s+${name}\\b`)) : -1;
    return at < 0 ? 0 : source.slice(0, at).split('\n').length;
}

/** Where `await` is only a name, the engine complains of what follows it. */
function isAwait(name, message, line, source) {
    const next = name === 'SyntaxError' && /^Unexpected \w+ '([\w$]+)'$/.exec(message)?.[1];
    return next && new RegExp(`\\bawait\\s+${next.replace(/\$/g, '\\$')}`).test(source.split('\n')[line - 1]);
}

function refuse(thrown, source) {
    const { name, message, line, column } = describe(thrown);
    const absent = noteOfAbsent(textOf(thrown?.message ?? ''));
    const said = isAwait(name, message, line, source)
        ? 'await is only valid in async functions and the top level bodies of modules' : message;
    native.refused(name, absent ? `${said}; ${absent}` : said,
        lineOfClash(message, source) || line, column);
}

const runCode = (name, source, reading) => (reading.isModule ? runModule : runScript)(name, source);

/**
 * @kind: whose interface was asked for. @isAgain: the code has been loaded before in
 * another context, where all this was said.
 */
function load(name, source, kind, flags, isAgain) {
    current = null;
    scriptName = name;
    scriptLines = source.split('\n');
    const reading = readCode(source);
    reading.isModule ||= kind === CUSTOM || kind === SUBSCRIPTION;
    const isOlder = kind === BY_CODE ? reading.isOlder : kind !== FUNCTIONS;
    native.allowEval((flags & EVAL_BY_GENERATION) !== 0 ? isOlder : (flags & MAY_EVAL) !== 0);
    try {
        loadedCode = describeCode(runCode(name, source, reading), kind, reading);
    } catch (thrown) {
        if (isAgain)
            loadFailure = { thrown };
        else
            refuse(thrown, source);
        return;
    }
    if (!isAgain)
        native.loaded(loadedCode.generation, foundNames(loadedCode).join('\n'));
}
