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

/** The engine gives no line for `const onTrack`, so look for the declaration. */
function lineOfClash(message, source) {
    const name = /^Identifier '([\w$]+)' has already been declared/.exec(message)?.[1];
    const at = name ? source.search(new RegExp(`^[ \\t]*(const|let|class)\\s+${name}\\b`, 'm')) : -1;
    return at < 0 ? 0 : source.slice(0, at).split('\n').length;
}

function refuse(thrown, source) {
    const { name, message, line, column } = describe(thrown);
    const absent = noteOfAbsent(textOf(thrown?.message ?? ''));
    native.refused(name, absent ? `${message}; ${absent}` : message, line || lineOfClash(message, source), column);
}

function runCode(name, source, reading) {
    if (reading.isModule)
        return runModule(name, source);
    native.run(name, source);
    return wanted => [globalThis[wanted]].find(isOurs);
}

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
    if (reading.isSource)
        define('Segment', Segment);
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
