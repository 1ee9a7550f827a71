/* SPDX-License-Identifier: MIT */

// Of `const { a: { b } } = c` the engine says only that it cannot be taken apart; Node says
// which key of what it was. The pattern is found in the code and its keys are followed.

/** {keys: [{key, isRest, inner, byDefault}]} of a pattern with its brackets. */
function patternOf(text) {
    const isList = text[0] === '[';
    const keys = partsOf(withoutRemarks(text).slice(1, -1)).map((part, i) => {
        const colon = isList ? -1 : endOutside(part, 0, (all, at) => all[at] === ':' || isPlainEqual(all, at));
        const hasColon = part[colon] === ':';
        const target = (hasColon ? part.slice(colon + 1) : part).trim();
        const equal = endOutside(target, 0, isPlainEqual);
        const to = target.slice(0, equal).trim();
        const written = hasColon ? part.slice(0, colon).trim() : to;
        return {
            key: isList ? String(i) : written.replace(/^(["'])(.*)\1$/, '$2'),
            isRest: part.startsWith('...'),
            isComputed: written.startsWith('['),
            inner: /^[{[]/.test(to) ? patternOf(to) : null,
            byDefault: equal < target.length ? target.slice(equal + 1).trim() : null,
        };
    }).filter(({ key }) => key !== '');
    return { keys, isList };
}

/** What Node says of the null or undefined @value that @pattern takes apart. */
function wordsOfMissing({ keys: [first] }, value, text) {
    const kind = value === null ? 'null' : 'undefined';
    if (!first || first.isRest || first.isComputed)
        return text === null ? `Cannot read properties of ${kind}` : `Cannot destructure '${text}' as it is ${kind}.`;
    if (text === null || first.byDefault !== null && !first.inner)
        return `Cannot read properties of ${kind} (reading '${first.key}')`;
    const shown = first.byDefault !== null ? shownExpression(first.byDefault) : text;
    return `Cannot destructure property '${first.key}' of '${shown}' as it is ${kind}.`;
}

/** The words of what fails first when @value is taken apart; '' when nothing does. */
function failureOf(pattern, value, text, place) {
    if (value === null || value === undefined)
        return pattern.isList ? '' : wordsOfMissing(pattern, value, text);
    for (const { key, inner, byDefault, isRest, isComputed } of pattern.keys) {
        if (!inner || isRest || isComputed)
            continue;
        const given = value[key];
        const one = given === undefined && byDefault !== null ? knownValue(byDefault, place.code, place.at) : given;
        const failure = one === UNKNOWN ? ''
            : failureOf(inner, one, byDefault === null ? null : shownExpression(byDefault), place);
        if (failure)
            return failure;
    }
    return '';
}

/** Of a value that nobody knows: the innermost pattern is the likely one. */
function likelyFailure(pattern, text) {
    const nested = pattern.keys.find(({ inner, byDefault }) => inner && !inner.isList && byDefault === null);
    return nested ? wordsOfMissing(nested.inner, undefined, null) : wordsOfMissing(pattern, undefined, text);
}

/** An expression as Node shows it. */
function shownExpression(text) {
    const plain = text.trim();
    if (/^await\b/.test(plain) || endOutside(plain, 0, (all, at) => all.startsWith('?.', at)) < plain.length)
        return '(intermediate value)';
    if (endOutside(plain, 0, isEither) < plain.length)
        return `(${plain})`;
    if (endOutside(plain, 0, (all, at) => all[at] === '?') < plain.length)
        return '(intermediate value)'.repeat(3);
    return calledPart(plain);
}

/** What a parameter's value is called: it has no expression. */
const shownParameter = value => value === null ? 'object null' : 'undefined';

/** The failure of the first of @values that has one. */
function failureOfAny(pattern, values, place) {
    for (const value of values) {
        const failure = failureOf(pattern, value, shownParameter(value), place);
        if (failure)
            return failure;
    }
    return '';
}

const CALLBACK_OF = new RegExp(String.raw`([\w$.]+|\[\s*(?:null|undefined)\s*\])\s*\.\s*` +
    String.raw`(?:map|forEach|flatMap|filter|find|findIndex|some|every|sort)\(\s*(?:async\s*)?\(?\s*$`);
const MAX_PATTERN_CHARACTERS = 800;
const MAX_CANDIDATES = 6;
const MAX_HEAD_CHARACTERS = 200;
const FUNCTION_HEAD = /(?:\bfunction\s+|\b)([\w$]+)\s*(?:=\s*(?:async\s*)?(?:function\s*)?)?\(([^()]*)$/;

/** What the only call of the function whose head ends @before gives the parameter there. */
function givenToParameter(before, start, { code }) {
    const [, name, others] = FUNCTION_HEAD.exec(before) ?? [];
    const text = name && argumentText(code, name, partsOf(others).filter(part => part !== '').length, start);
    return text ? knownValue(text, code, start) : UNKNOWN;
}

/** A pattern among a function's parameters: it is called with what it cannot take apart. */
function failureOfParameter({ pattern, start, place }) {
    const before = place.code.slice(Math.max(0, start - MAX_HEAD_CHARACTERS), start);
    const list = CALLBACK_OF.exec(before)?.[1];
    const values = list === undefined ? UNKNOWN
        : list[0] === '[' ? [literalValue(list.slice(1, -1).trim())] : knownValue(list, place.code, place.at);
    if (Array.isArray(values))
        return failureOfAny(pattern, values, place);
    const known = givenToParameter(before, start, place);
    const value = known === UNKNOWN ? undefined : known;
    return failureOf(pattern, value, shownParameter(value), place);
}

/** `for (const { a } of list)`. */
function failureInLoop({ pattern, list, place }) {
    const values = knownValue(list, place.code, place.at);
    const missing = Array.isArray(values) ? values.find(one => failureOf(pattern, one, '.for', place)) : undefined;
    return failureOf(pattern, missing, '.for', place);
}

/** `const { a } = text`. */
function failureOfSet({ pattern, text, start, place }) {
    const value = knownValue(text, place.code, start);
    return value === UNKNOWN ? likelyFailure(pattern, shownExpression(text))
        : failureOf(pattern, value, shownExpression(text), place);
}

/** The pattern that begins at @start and what says its failure; null when it is none. */
function candidateAt(start, place) {
    const { code } = place;
    const end = endOfBracket(code, start);
    const rest = code.slice(end, end + 400);
    const [loop] = /^\s*of\b\s*/.exec(rest) ?? [];
    const candidate = { brackets: [start, end], start, end, place };
    if (loop) {
        const list = code.slice(end + loop.length, endOutside(code, end + loop.length, () => false));
        return { ...candidate, end: end + loop.length + list.length, list, tell: failureInLoop };
    }
    const [equal] = /^\s*=(?![=>])\s*/.exec(rest) ?? [];
    const closing = endOutside(code, end, () => false);
    const isHead = /^\)\s*(?:=>|\{)/.test(code.slice(closing, closing + 40));
    if (isHead)
        return { ...candidate, tell: failureOfParameter };
    if (!equal)
        return null;
    const textEnd = endOutside(code, end + equal.length, isStatementEnd);
    return { ...candidate, end: textEnd, text: code.slice(end + equal.length, textEnd).trim(), tell: failureOfSet };
}

const HEAD = /\bfunction\b[^(]*\([^()]*\)\s*\{|=>\s*\{/g;
const STATEMENT = /\b(?:if|for|while|switch|catch)\b/g;
const HAS_PLACE = /[\w$)\]]\s*(?:[[(]|\.\s*[\w$])/;

/** Where the engine names nothing before a failure it names what is next in the function. */
function isBeforeAllPlaces({ text: name, start, place: { code, at } }) {
    if (!/^[\w$]+$/.test(name ?? '.'))
        return false;
    const head = [...code.slice(0, at).matchAll(HEAD)]
        .findLast(({ index, 0: text }) => endOfBracket(code, index + text.length - 1) > at);
    const from = head ? head.index + head[0].length : 0;
    return start > from &&
        !HAS_PLACE.test(code.slice(from, start).replace(STATEMENT, ';'));
}

/** What could not be taken apart where @thrown points, in Node's words; '' when unclear. */
function ofDestructuring(thrown) {
    const place = placeInCode(thrown);
    const unclear = "Cannot destructure 'undefined' as it is undefined.";
    if (!place)
        return unclear;
    const starts = /(?:\b(?:const|let|var)\s+|[(,]\s*)(?=[{[])/g;
    starts.lastIndex = Math.max(0, place.at - MAX_PATTERN_CHARACTERS);
    for (let found, n = 0; n < MAX_CANDIDATES && (found = starts.exec(place.code)) !== null;) {
        const candidate = candidateAt(found.index + found[0].length, place);
        if (!candidate || candidate.end < place.at && !isBeforeAllPlaces(candidate))
            continue;
        n++;
        candidate.pattern = patternOf(place.code.slice(...candidate.brackets));
        const failure = candidate.tell(candidate);
        if (failure)
            return failure;
    }
    return unclear;
}
