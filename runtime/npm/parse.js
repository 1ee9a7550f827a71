/* SPDX-License-Identifier: MIT */

// What `fn check` asks about code: where it is broken, which events it handles, and which
// names and modules it takes from outside. This runs as an ordinary function inside a
// runner: the code that is looked at is only read, by a program that may not do anything.

import { parse } from 'acorn';

import { refusalOf } from './check/engine.js';
import { ownOf } from './check/handlers.js';
import { freeNames, modulesOf } from './check/names.js';
import { placeAt } from './check/place.js';

// Code is the body of a function, so it may return.
const OPTIONS = {
    ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true, allowReturnOutsideFunction: true,
};

/** Of a regular expression the parser tells the place behind the slash. */
const startOf = (source, { message, pos }) =>
    / regular expression/.test(message) && source[pos - 1] === '/' ? pos - 1 : pos;

function treeOf(source) {
    try {
        return { tree: parse(source, OPTIONS) };
    } catch (error) {
        if (!(error instanceof SyntaxError) || error.pos === undefined)
            throw error;
        const message = error.message.replace(/ \(\d+:\d+\)$/, '');
        return { problem: { ...placeAt(source, startOf(source, error)), message } };
    }
}

// As any function's handler: the variable is there already.
onTrack = ({ source }) => {
    const { tree, problem } = treeOf(source);
    const found = tree
        ? { own: ownOf(source, tree), names: freeNames(source, tree), modules: modulesOf(source, tree) }
        : {};
    // Last: it may leave the code's own names behind in this context.
    return { ...found, problem: problem ?? null, refusal: refusalOf(source) };
};
