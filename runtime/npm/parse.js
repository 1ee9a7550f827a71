/* SPDX-License-Identifier: MIT */

// What `fn check` asks about code: where it is broken, which events it handles, and which
// names and modules it takes from outside. This runs as an ordinary function inside a
// runner: the code that is looked at is only read, by a program that may not do anything.

import { parse } from 'acorn';

import { refusalOf } from './check/engine.js';
import { ownOf } from './check/handlers.js';
import { freeNames, modulesOf } from './check/names.js';
import { placeAt } from './check/place.js';

const OPTIONS = { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true };
// For looking at code that acorn alone refuses: a function around it allows these.
const TOLERANT = { ...OPTIONS, allowReturnOutsideFunction: true };

/** Of a regular expression the parser tells the place behind the slash. */
const startOf = (source, { message, pos }) =>
    / regular expression/.test(message) && source[pos - 1] === '/' ? pos - 1 : pos;

function treeOf(source, options) {
    try {
        return { tree: parse(source, options) };
    } catch (error) {
        if (!(error instanceof SyntaxError) || error.pos === undefined)
            throw error;
        return { problem: { ...placeAt(source, startOf(source, error)), message: error.message.replace(/ \(\d+:\d+\)$/, '') } };
    }
}

// A handler is a parameter of the function around the code, so it is assigned by its bare name.
onTrack = ({ source }) => {
    const { problem } = treeOf(source, OPTIONS);
    const { tree } = treeOf(source, TOLERANT);
    const found = tree
        ? { ...ownOf(source, tree), names: freeNames(source, tree), modules: modulesOf(source, tree) }
        : {};
    // Last: it may leave the code's own names behind in this context.
    const refusal = refusalOf(source, found.isOld ?? true);
    return { ...found, problem: problem ?? null, refusal };
};
