/* SPDX-License-Identifier: MIT */

// What `fn check` asks about code: where it is broken, which events it handles, and which
// names and modules it takes from outside. This runs as an ordinary function inside a
// runner: the code that is looked at is only read, by a program that may not do anything.

import { parse } from 'acorn';

import { refusalOf } from './check/engine.js';
import { ownOf } from './check/handlers.js';
import { freeNames, modulesOf } from './check/names.js';
import { placeAt } from './check/place.js';
import { wordsOf } from './check/words.js';

// Code is the body of a function, so it may return.
const OPTIONS = {
    ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true, allowReturnOutsideFunction: true,
};

/** Of a regular expression and a template the parser tells the place behind their first mark. */
function startOf(source, { message, pos }) {
    if (/ regular expression/.test(message) && source[pos - 1] === '/')
        return pos - 1;
    if (message.startsWith('Unterminated template') && source[pos - 1] === '`')
        return pos - 1;
    return message.startsWith('Unexpected character') && source[pos - 1] === '#' ? pos - 1 : pos;
}

/** The code's tree, or acorn's error, which knows its place. */
function treeOf(source) {
    try {
        return { tree: parse(source, OPTIONS) };
    } catch (error) {
        if (!(error instanceof SyntaxError) || error.pos === undefined)
            throw error;
        return { error };
    }
}

function problemOf(source, error, refusal) {
    const at = startOf(source, error);
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    return { ...placeAt(source, at), ...wordsOf(source, at, message, { refusal, options: OPTIONS }) };
}

// As any function's handler: the variable is there already.
onTrack = ({ source }) => {
    const { tree, error } = treeOf(source);
    const found = tree
        ? { own: ownOf(source, tree), names: freeNames(source, tree), modules: modulesOf(source, tree) }
        : {};
    // Last: it may leave the code's own names behind in this context.
    const refusal = refusalOf(source);
    return { ...found, problem: error ? problemOf(source, error, refusal) : null, refusal };
};
