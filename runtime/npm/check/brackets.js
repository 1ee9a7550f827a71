/* SPDX-License-Identifier: MIT */

// Which bracket was meant to be closed when the code broke: the innermost that is still
// open, or, at the end, one whose closing bracket stands further left than its own line.

import { tokenizer } from 'acorn';

const CLOSED_BY = { '(': ')', '[': ']', '{': '}', '${': '}' };

const lineStart = (source, at) => source.lastIndexOf('\n', at - 1) + 1;
const indentAt = (source, at) => /^[ \t]*/.exec(source.slice(lineStart(source, at), at))[0].length;
const isFirstInLine = (source, at) => source.slice(lineStart(source, at), at).trim() === '';

/** The tokens before `end`; those behind something that is no token are not told. */
function* tokensBefore(source, end, options) {
    try {
        for (const token of tokenizer(source, options)) {
            if (token.start >= end)
                return;
            yield token;
        }
    } catch (error) {
        if (!(error instanceof SyntaxError))
            throw error;
    }
}

const endsTooEarly = (source, opener, closer) =>
    isFirstInLine(source, closer.start) && indentAt(source, closer.start) < indentAt(source, opener.start);

/** Whether `token` would close a bracket like this one. */
export const isClosedBy = (bracket, token) => CLOSED_BY[bracket.label] === token;

/** { open, suspect, last }: the open brackets, one closed by another's, and the token before `end`. */
export function bracketsBefore(source, end, options) {
    const stack = [];
    let suspect;
    let last;
    for (const token of tokensBefore(source, end, options)) {
        const { label } = token.type;
        const open = stack[stack.length - 1];
        last = token;
        if (label in CLOSED_BY) {
            stack.push({ label, start: token.start });
        } else if (open && label === CLOSED_BY[open.label]) {
            stack.pop();
            if (!suspect && endsTooEarly(source, open, token))
                suspect = open;
        }
    }
    return { open: stack, suspect, last };
}
