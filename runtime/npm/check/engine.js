/* SPDX-License-Identifier: MIT */

// The engine's verdict on code's syntax, without running it. The engine reads a whole script
// before it runs the first statement, so a script that begins with a throw of our own is
// judged and never begun.

const indirectEval = eval;

// Directives must come first, so who puts something before a script repeats its own.
const STRICT = /^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*(["'])use strict\1/;

function judge(text) {
    const stop = {};
    globalThis.partnerappStop = stop;
    try {
        indirectEval(text);
    } catch (thrown) {
        if (thrown !== stop && thrown instanceof SyntaxError)
            return String(thrown.message);
    }
    return null;
}

/** null: the engine takes it; else its words. (Of the place it says nothing to eval().) */
export function refusalOf(source) {
    const text = source.startsWith('#!') ? `//${source.slice(2)}` : source;
    const directive = STRICT.test(text) ? '"use strict";' : '';
    const refusal = judge(`${directive}throw partnerappStop;${text}`);
    // Only within a function may code return. What closes that function is refused as it stands.
    return refusal?.startsWith('Return statements') ? judge(`(function () {${text}\n})`) : refusal;
}
