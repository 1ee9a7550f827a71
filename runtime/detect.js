/* SPDX-License-Identifier: MIT */

// Which of Segment's generations some code is written for, found out by reading it. It has
// to be known before the code runs: an older generation's is wrapped as CommonJS has it,
// and may use eval().

const HANDLED = '(?:identify|track|page|screen|group|alias|delete|batch|request)';

// In the order in which a lexer would try them. A slash begins a regular expression where
// no operand can end.
const SILENT = new RegExp([
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[^]*?\*\/`,
    String.raw`'(?:[^'\\\n]|\\[^])*'`,
    String.raw`"(?:[^"\\\n]|\\[^])*"`,
    String.raw`\x60(?:[^\x60\\]|\\[^])*\x60`,
    String.raw`(?<=(?:^|[=(,:;!&|?{}[+*%~<>\n-]|\breturn|\btypeof)\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/`,
].join('|'), 'g');

/** The code without what only looks like code: comments, texts, regular expressions. */
const spokenPart = source => source.replace(SILENT, ' ');

const EXPORTS = /(?<![\w$.])(?:exports\s*[.[]|exports\s*=[^=]|module\s*\.\s*exports\b|Object\s*\.\s*definePropert(?:y|ies)\s*\(\s*exports\b)/;
const ASKS_FOR_A_MODULE = /\btypeof\s*\(?\s*(?:module|exports|require)\b/;
const DECLARES_TRANSFORM = /\b(?:function\s*\*?|const|let|var|class)\s+transformEvent\b|\btransformEvent\s*[=:]/;
const DECLARES_PROCESS = /\b(?:function\s*\*?|const|let|var)\s+processEvents\b/;
const DECLARES_HANDLER = new RegExp(`\\bon(?:${HANDLED.slice(3, -1).split('|')
    .map(type => type[0].toUpperCase() + type.slice(1)).join('|')})\\b`);

/**
 * {isModule, isOlder, isCustom}: is the code CommonJS, and one of the first two
 * generations; is it the first, if so. Code that only looks whether there are modules, as
 * what is also tested elsewhere does, is a script when it has handlers.
 */
function readCode(source) {
    if (!/processEvents|exports/.test(source))
        return { isModule: false, isOlder: false, isCustom: false };
    const text = spokenPart(source);
    const hasHandler = DECLARES_HANDLER.test(text);
    const isModule = EXPORTS.test(text) && !(ASKS_FOR_A_MODULE.test(text) && hasHandler) ||
        DECLARES_PROCESS.test(text) && !hasHandler;
    return {
        isModule,
        isOlder: isModule && /\bprocessEvents\b/.test(text),
        isCustom: DECLARES_TRANSFORM.test(text),
    };
}
