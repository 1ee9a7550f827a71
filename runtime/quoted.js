/* SPDX-License-Identifier: MIT */

// What code makes of error.message: it is logged, returned and sent on in longer texts, in
// which the engine's words become Node's too (wording.js).

const QUOTED = new RegExp([
    String.raw`\b(?:undefined|null) is not an object \(evaluating '.*?'\)`,
    String.raw`[^\s:]* is not a function\. \(In '.*?', '.*?' is .*?\)`,
    String.raw`Can't find variable: [\w$]+`,
    String.raw`\bURI error\b`,
].join('|'), 'g');
const MARKS = ["(evaluating '", "(In '", "Can't find variable: ", 'URI error'];

const quotesEngine = text => MARKS.some(mark => text.includes(mark));

/** @text with each of the engine's messages in it reworded. */
const rewordQuoted = text => quotesEngine(text) ? text.replace(QUOTED, message => reword(message)) : text;

/** @value's JSON @text, made anew where members quote the engine. */
function rewordJson(value, text) {
    if (text === undefined || !quotesEngine(text))
        return text;
    return plainStringify(value, (key, one) => typeof one === 'string' ? rewordQuoted(one) : one);
}
