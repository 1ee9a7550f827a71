/* SPDX-License-Identifier: MIT */

// What an expression of the user's code was worth, told after it failed: the engine names
// the expression and not its value, which is in Node's words. Followed are names back to
// what the handler was called with and to JSON that was read; all else is UNKNOWN.

const UNKNOWN = Symbol('unknown');
const MAX_STEPS = 6;
/** So many a run: code may make errors in a loop. */
const MAX_PLACES = 150;
const MAX_LOOK_BACK = 3000;
const MAX_CODE_CHARACTERS = 6000;
const MAX_LINES_BEFORE = 150;
const MAX_LINES_AFTER = 40;

const PAIRS = { '(': ')', '[': ']', '{': '}' };

/** Where a text ends that begins with a quote at @at. */
function endOfQuoted(text, at) {
    let i = at + 1;
    while (i < text.length && text[i] !== text[at])
        i += text[i] === '\\' ? 2 : 1;
    return i + 1;
}

/** Where what the bracket at @at opens is closed: behind it. */
function endOfBracket(text, at) {
    let depth = 0;
    for (let i = at; i < text.length; i++) {
        if (`"'\``.includes(text[i]))
            i = endOfQuoted(text, i) - 1;
        else if (text[i] in PAIRS)
            depth++;
        else if (')]}'.includes(text[i]) && --depth === 0)
            return i + 1;
    }
    return text.length;
}

/** Where, from @at on, the first character that @ends says ends it stands outside brackets. */
function endOutside(text, at, ends) {
    let i = at;
    while (i < text.length && !ends(text, i) && !')]}'.includes(text[i]))
        i = text[i] in PAIRS ? endOfBracket(text, i)
            : `"'\``.includes(text[i]) ? endOfQuoted(text, i) : i + 1;
    return Math.min(i, text.length);
}

const isComma = (text, i) => text[i] === ',';
const isPlainEqual = (text, i) => text[i] === '=' && !'=>'.includes(text[i + 1]) && !'=!<>'.includes(text[i - 1]);
const goesOn = /^\s*(?:\?\.|[.?:]|&&|\|\||\?\?)/;
/** A line's end too, when the next does not go on. */
const isStatementEnd = (text, i) => text[i] === ';' || text[i] === ',' ||
    text[i] === '\n' && !goesOn.test(text.slice(i + 1, i + 80)) && text.slice(0, i).trim() !== '';

/** The parts of a list without its brackets. */
function partsOf(text) {
    const parts = [];
    for (let at = 0; at < text.length;) {
        const end = endOutside(text, at, isComma);
        parts.push(text.slice(at, end).trim());
        at = end + 1;
    }
    return parts;
}

const withoutRemarks = text => text.replace(/(^|[^:\\])\/\/[^\n]*/g, '$1').replace(/\/\*[^]*?\*\//g, '');

function literalValue(text) {
    if (/^(?:undefined|void 0)$/.test(text))
        return undefined;
    const quoted = /^(['`])((?:(?!\1)[^\\$])*)\1$/.exec(text);
    if (quoted)
        return quoted[2];
    if (/^-?Infinity$|^NaN$/.test(text))
        return Number(text);
    try {
        return plainParse(text === '{}' ? '{}' : text);
    } catch {
        return UNKNOWN;
    }
}

/** The last of @found before @end, as what @make makes of it; undefined when none is. */
function lastOf(code, pattern, end, make) {
    const from = Math.max(0, end - MAX_LOOK_BACK);
    const all = [...code.slice(from, end).matchAll(pattern)];
    for (const found of all.reverse()) {
        found.index += from;
        const made = make(found);
        if (made)
            return made;
    }
    return undefined;
}

const quotedName = name => name.replace(/\$/g, '\\$&');

/** `{ a, name: other = 1 } = text`: what @name was of text; undefined when it is none of it. */
function memberInPattern(found, name) {
    for (const part of partsOf(found[1])) {
        const [, key, as = key] = /^([\w$]+)(?:\s*:\s*([\w$]+))?/.exec(part) ?? [];
        if (as === name)
            return { at: found.index, text: found[2].trim(), key };
    }
    return undefined;
}

/** The @place-th argument of the only call of @name, whose head is near @end. */
function argumentText(code, name, place, end) {
    const call = new RegExp(`(?<!function\\s)(?<![\\w$.])${quotedName(name)}\\s*\\(`, 'g');
    const calls = [...code.matchAll(call)].filter(({ index }) => index >= end || index < end - 200);
    if (calls.length !== 1)
        return undefined;
    const open = calls[0].index + calls[0][0].length - 1;
    return partsOf(code.slice(open + 1, endOfBracket(code, open) - 1))[place] ?? 'undefined';
}

const HEADS =
    /(?:\bfunction\s+([\w$]+)\s*|\b([\w$]+)\s*=\s*(?:async\s*)?(?:function\s*)?)\(([^()]*)\)\s*(?=\{|=>)/g;

/** What the parameter @name was given: {at, text}; undefined when unclear. */
function argumentOf(code, name, end) {
    return lastOf(code, HEADS, end, found => {
        const place = partsOf(found[3]).findIndex(part => part.split('=')[0].trim() === name);
        const text = place < 0 ? undefined
            : argumentText(code, found[1] ?? found[2], place, found.index + found[0].length);
        return text && { at: found.index, text };
    });
}

/** The text that @name is set to far from here, at the head of the file as a rule. */
function knownConstant(name) {
    const set = new RegExp(`\\b(?:const|let|var)\\s+${quotedName(name)}\\s*=\\s*(["'])([^"'\\\\\\n]*)\\1`);
    return set.exec(scriptLines.join('\n'))?.[2] ?? UNKNOWN;
}

/** What the variable @name was, as the code before @end says. */
function knownVariable(code, name, end, steps) {
    const set = new RegExp(`(?<![\\w$.])${quotedName(name)}\\s*=(?![=>])\\s*([^;\\n]+)`, 'g');
    const sets = [
        lastOf(code, set, end, found => ({ at: found.index, text: found[1].trim() })),
        lastOf(code, /\{([^{}]*)\}\s*=(?![=>])\s*([^;\n]+)/g, end, found => memberInPattern(found, name)),
        argumentOf(code, name, end),
    ].filter(Boolean).sort((a, b) => b.at - a.at);
    if (sets.length === 0)
        return knownConstant(name);
    const [{ at, text, key }] = sets;
    const value = knownValue(withoutRemarks(text).trim().replace(/[;,]$/, ''), code, at, steps - 1);
    return key === undefined || value === UNKNOWN ? value : value?.[key];
}

const isEither = (text, i) => /^(?:\|\||&&|\?\?)/.test(text.slice(i, i + 2));

/** `a || b` and the like. */
function knownEither(text, at, code, end, steps) {
    const left = knownValue(text.slice(0, at), code, end, steps - 1);
    if (left === UNKNOWN)
        return UNKNOWN;
    const goesRight = { '||': !left, '&&': !!left, '??': left === null || left === undefined }[text.slice(at, at + 2)];
    return goesRight ? knownValue(text.slice(at + 2), code, end, steps - 1) : left;
}

/** What the expression @text, which stands at @end of @code, was; or UNKNOWN. */
function knownValue(text, code, end, steps = MAX_STEPS) {
    text = text.trim().replace(/^await\s+/, '');
    if (steps === 0 || !current)
        return UNKNOWN;
    const asked = /^([\w$]+)\.json\(\)$/.exec(text)?.[1];
    if (asked && 'posted' in current && rootsOf(current)[asked] === current.event)
        return current.posted;
    if (/^[\w$.]+\.json\(\)$|^JSON\.parse\([^()]*\)$/.test(text))
        return 'parsed' in current ? current.parsed : UNKNOWN;
    const either = endOutside(text, 0, isEither);
    if (either < text.length)
        return knownEither(text, either, code, end, steps);
    const literal = literalValue(text);
    if (literal !== UNKNOWN || !/^[\w$]+(?:\s*(?:\?\.|\.)\s*[\w$]+|\[\s*(?:\d+|(["'])[^'"]*\1)\s*\])*$/.test(text))
        return literal;
    const [root, ...path] = pathOf(text);
    const roots = rootsOf(current);
    let value = Object.hasOwn(roots, root) ? roots[root] : knownVariable(code, root, end, steps);
    for (const name of value === UNKNOWN ? [] : path)
        value = value?.[name];
    return value;
}

const ENGINES = new Set([TypeError, RangeError, SyntaxError, ReferenceError, URIError]);
/** Not one that code made of another's message. */
const isEngines = thrown => ENGINES.has(thrown.constructor);

/** Where the block opens whose `catch` stands last before @at and throws there; @at when none. */
function startOfTry(code, at) {
    const opening = code.lastIndexOf('catch', at);
    const opens = [...code.slice(0, Math.max(0, opening)).matchAll(/\btry\s*\{/g)]
        .map(({ index, 0: text }) => index + text.length - 1);
    return opens.findLast(open => code.slice(endOfBracket(code, open), opening).trim() === '') ?? at;
}

/**
 * The code and where in it @thrown points, or the error that it quotes: {code, at}; null
 * when that is not in the user's file.
 */
function placeInCode(thrown) {
    if (!current || (current.nPlaces = (current.nPlaces ?? 0) + 1) > MAX_PLACES)
        return null;
    const isHere = thrown?.sourceURL === scriptName && thrown.line;
    // Of our error classes the constructor is elsewhere: who called it counts.
    const { line, column } = isHere ? { line: thrown.line, column: columnOf(thrown.line, thrown.column) }
        : thrown instanceof Error && framesOf(thrown)[0] || {};
    if (!line)
        return null;
    const before = scriptLines.slice(Math.max(0, line - 1 - MAX_LINES_BEFORE), line - 1)
        .map(text => `${text}\n`).join('').slice(-MAX_CODE_CHARACTERS);
    const rest = scriptLines.slice(line - 1, line + MAX_LINES_AFTER).join('\n').slice(0, MAX_CODE_CHARACTERS);
    const at = before.length + column - 1;
    const code = before + rest;
    return { code, at: isEngines(thrown) ? at : startOfTry(code, at) };
}

/** What @text was, which is somewhere on @thrown's line. */
function knownAt(text, thrown) {
    const place = placeInCode(thrown);
    return place ? knownValue(text, place.code, place.at) : UNKNOWN;
}
