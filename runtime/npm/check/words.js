/* SPDX-License-Identifier: MIT */

// What people are told about broken code. The place is the parser's; the words are the
// engine's where both speak of the same token, since the engine says what it expected.

import { bracketsBefore, isClosedBy } from './brackets.js';
import { placeAt } from './place.js';

const UNEXPECTED = 'Unexpected token'; // acorn's
const TOKEN = /^(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*|=>|\?\?|\*\*|<<<<<<<|[^\s])/u;
const ENGINE = /^Unexpected (?:token|identifier|keyword|number) '([^']+)'\. (.+?)\.?$/;
const INVISIBLE = /^[\p{C}\p{Z}]/u;

const tokenAt = (source, at) => TOKEN.exec(source.slice(at, at + 200))?.[0];
const isEnd = (source, at) => source.slice(at).trim() === '';

function codePointText(character) {
    return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

// What does not belong into a function: [how the rest of the code begins, what to say].
const STRANGERS = [
    [/^<<<<<<< /, 'a conflict of a merge is not resolved: keep one side, remove the marks'],
    [/^import\b/, 'functions are scripts, not modules: fetch, crypto, _ and others are globals'],
    [/^export\b/, 'functions are scripts, not modules: leave `export` away'],
    [/^[“”„‘’‚]/, 'a typographic quote: write " or \''],
    [/^<[A-Za-z!?>]/, 'JSX and HTML must be translated to JavaScript first'],
    [/^@\w/, 'decorators must be translated to JavaScript first'],
];

const TYPED_PARAMETER = /^\??:\s*[A-Za-z_$][\w$.<>[\]| ]*\s*[,)=]/;
const TYPE_DECLARED = /^[A-Za-z_$][\w$]*\s*[={<]/;
const TYPE_WORDS = new Set(['interface', 'type', 'enum', 'namespace', 'declare', 'abstract']);

// Where the parser speaks as a parser, the engine speaks as one would to people.
const JARGON = /^(?:Unsyntactic|Assigning to rvalue|Argument name clash|Bad character escape|Code point out)/;

function isTyped(rest, last, open) {
    if (/^(?:as|satisfies) /.test(rest))
        return true;
    if (last && TYPE_WORDS.has(last.value))
        return TYPE_DECLARED.test(rest);
    return open?.label === '(' && last?.type.label === 'name' && TYPED_PARAMETER.test(rest);
}

function isJson(source) {
    try {
        return typeof JSON.parse(source) === 'object';
    } catch {
        return false;
    }
}

function isMissed(source, at, { open, last }) {
    const innermost = open[open.length - 1];
    const token = tokenAt(source, at);
    if (!innermost || isClosedBy(innermost, token))
        return false;
    if (/^[)\]}]$/.test(token))
        return open.some((bracket) => isClosedBy(bracket, token));
    return /[([]/.test(innermost.label) && (token === ';' || source.slice(last.end, at).includes('\n'));
}

function helpOfBrackets(source, at, around) {
    const { open, suspect } = around;
    const end = isEnd(source, at);
    const missed = end ? suspect ?? open[open.length - 1] : open[open.length - 1];
    const token = tokenAt(source, at);
    if (missed && (end || isMissed(source, at, around))) {
        const { line, column } = placeAt(source, missed.start);
        return `the \`${missed.label}\` in line ${line}, column ${column} is still open`;
    }
    const isStray = /^[)\]}]$/.test(token) && !open.some((bracket) => isClosedBy(bracket, token));
    return isStray ? `no bracket is open here that \`${token}\` could close` : null;
}

function helpOfAwait(open) {
    return open.length > 0
        ? '`await` is for async functions: write `async` before the function that it stands in'
        : '`await` is for async functions, not for the top level: do it in the handler';
}

function helpOf(source, at, message, options) {
    const rest = source.slice(at, at + 500);
    const around = bracketsBefore(source, at, options);
    const stranger = STRANGERS.find(([pattern]) => pattern.test(rest));
    if (isJson(source))
        return 'this is JSON, not JavaScript';
    if (stranger)
        return stranger[1];
    if (message !== UNEXPECTED)
        return null;
    if (around.last?.value === 'await' || tokenAt(source, at) === 'await')
        return helpOfAwait(around.open);
    if (isTyped(rest, around.last, around.open[around.open.length - 1]))
        return 'TypeScript must be translated to JavaScript first';
    return helpOfBrackets(source, at, around);
}

function unexpected(source, at, refusal) {
    const token = tokenAt(source, at);
    const [, named, why] = ENGINE.exec(refusal ?? '') ?? [];
    if (isEnd(source, at))
        return 'Unexpected end of the code';
    // Of `import` the engine knows only the call, which is not what was meant.
    if (named === token && !why.startsWith('import call'))
        return `Unexpected '${token}'. ${why}`;
    return `Unexpected '${token}'`;
}

function messageOf(source, at, message, refusal) {
    const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
    if (message === UNEXPECTED)
        return unexpected(source, at, refusal);
    if (message.startsWith('Unexpected character'))
        return `Unexpected character ${INVISIBLE.test(character) ? codePointText(character) : `'${character}'`}`;
    if (message.startsWith("'import' and 'export'"))
        return 'import and export are for modules';
    if (JARGON.test(message) && refusal && !refusal.startsWith('Unexpected'))
        return refusal.replace(/\.$/, '');
    return message;
}

/** Of a problem at `at`: { message, help }, help null when there is nothing to say. */
export const wordsOf = (source, at, message, { refusal, options }) => ({
    message: messageOf(source, at, message, refusal),
    help: helpOf(source, at, message, options),
});
