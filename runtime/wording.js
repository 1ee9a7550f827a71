/* SPDX-License-Identifier: MIT */

// The engine's errors in the words of Node, in which results are compared and people
// search. Errors are made by the engine itself, so code that reads error.message sees the
// engine's words; String(error), which is what wraps one error into another, and all that
// leaves the runner has Node's.

/** What the engine says whole → what Node says. */
const SAME_ALWAYS = new Map(Object.entries({
    'Unexpected EOF': 'Unexpected end of input',
    'Parser error': "Unexpected token '}'", // one too many
    'Multiline comment was not closed properly': 'Invalid or unexpected token',
    'Unexpected end of script': 'Unexpected end of input',
    'Maximum call stack size exceeded.': 'Maximum call stack size exceeded',
    'Array length must be a positive integer of safe magnitude.': 'Invalid array length',
    'Array size is not a small enough positive integer.': 'Invalid array length',
    'toFixed() argument must be between 0 and 100': 'toFixed() digits argument must be between 0 and 100',
    "Conversion from 'BigInt' to 'number' is not allowed.": 'Cannot convert a BigInt value to a number',
    '0 is an invalid divisor value.': 'Division by zero',
    'Cannot convert a symbol to a string': 'Cannot convert a Symbol value to a string',
    'Cannot convert a symbol to a number': 'Cannot convert a Symbol value to a number',
    'Properties can only be defined on Objects.': 'Object.defineProperty called on non-object',
    'Right hand side of instanceof is not an object': "Right-hand side of 'instanceof' is not an object",
    'reduce of empty array with no initial value': 'Reduce of empty array with no initial value',
    'reduceRight of empty array with no initial value': 'Reduce of empty array with no initial value',
    'URI error': 'URI malformed',
    'String contained an illegal UTF-16 sequence.': 'URI malformed',
    'JSON.stringify cannot serialize BigInt.': 'Do not know how to serialize a BigInt',
    'The superclass is not a constructor.': 'Class extends value undefined is not a constructor or null',
    'Cannot call a constructor without |new|': "Promise constructor cannot be invoked without 'new'",
    'Object prototype may only be an Object or null.': 'Object prototype may only be an Object or null: undefined',
    'Prototype value can only be an object or null': 'Object prototype may only be an Object or null: undefined',
    'argument does not match any normalization form': 'The normalization form should be one of NFC, NFD, NFKC, NFKD.',
    'currency must be a string': 'Currency code is required with currency style.',
    'Array.prototype.sort requires the comparator argument to be a function or undefined':
        'The comparison function must be either a function or undefined',
    "'super()' must be called in derived constructor before accessing |this| or returning non-object.":
        "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
    'WeakMap keys must be objects or non-registered symbols': 'Invalid value used as weak map key',
    'WeakSet values must be objects or non-registered symbols': 'Invalid value used in weak set',
    'String.prototype.matchAll argument must not be a non-global regular expression':
        'String.prototype.matchAll called with a non-global RegExp argument',
    'String.prototype.replaceAll argument must not be a non-global regular expression':
        'String.prototype.replaceAll called with a non-global RegExp argument',
    "A Proxy's 'target' should be an Object": 'Cannot create proxy with a non-object as target or handler',
    "A Proxy's 'handler' should be an Object": 'Cannot create proxy with a non-object as target or handler',
    'Left side of assignment is not a reference.': 'Invalid left-hand side in assignment',
    'Return statements are only valid inside functions.': 'Illegal return statement',
    "'break' is only valid inside a switch or loop statement.": 'Illegal break statement',
    "'continue' is only valid inside a loop statement.":
        'Illegal continue statement: no surrounding iteration statement',
    'Cannot declare multiple constructors in a single class.': 'A class may only have one constructor',
    'super is not valid in this context.': "'super' keyword unexpected here",
    'Function statements must have a name.': 'Function statements require a function name',
    "Cannot have a newline after 'throw'.": 'Illegal newline after throw',
    'No identifiers allowed directly after numeric literal': 'Invalid or unexpected token',
}));
/** Only when the message is nothing else: words that people write too. */
const SAME_ALONE = new Map(Object.entries({
    'Invalid Date': 'Invalid time value',
    'Parser error': "Unexpected token '}'",
}));

/** [what must be in it, pattern, replacement]: the first that fits is taken. */
const PATTERNS = [
    ["Can't find variable", /Can't find variable: ([^\s]+)/, '$1 is not defined'],
    ['Invalid mix of BigInt', /Invalid mix of BigInt and other type in [\w -]+\./,
        'Cannot mix BigInt and other types, use explicit conversions'],
    [' requires that ', /Object\.\w+ requires that input parameter not be null or undefined/,
        'Cannot convert undefined or null to object'],
    ['evaluating', /(?:undefined|null) is not an object \(evaluating 'Object\.(?:keys|values|entries)\([^]*'\)/,
        'Cannot convert undefined or null to object'],
    ['evaluating', /(?:undefined|null) is not an object \(evaluating 'delete [^]*'\)/,
        'Cannot convert undefined or null to object'],
    ['time zone', /invalid time zone: /, 'Invalid time zone specified: '],
    ['language tag', /invalid language tag: \S*/, 'Incorrect locale information provided'],
    ['instanceof', /[^\s]+ is not a function\. \(evaluating '[^]* instanceof [^]*'\)/,
        "Right-hand side of 'instanceof' is not callable"],
    ['is not a constructor', /\S+ is not a constructor \(evaluating 'new ([\w$.]+|\S)[^]*'\)/, '$1 is not a constructor'],
    ['private field', /Cannot access invalid private field \(evaluating '[^]*(#[\w$]+)\s*=[^=][^]*'\)/,
        'Cannot write private member $1 to an object whose class did not declare it'],
    ['private field', /Cannot access invalid private field \(evaluating '[^]*(#[\w$]+)[^]*'\)/,
        'Cannot read private member $1 from an object whose class did not declare it'],
    ['private method', /Cannot access private method or ac+essor \(evaluating '[^]*'\)/,
        'Receiver must be an instance of the class'],
    ['String.prototype.repeat', /String\.prototype\.repeat argument must be .*Infinity/, 'Invalid count value'],
    ['Promise constructor', /Promise constructor takes a function argument/, 'Promise resolver undefined is not a function'],
    ['without new', /calling (\w+) constructor without new is invalid/, "Constructor $1 requires 'new'"],
    ['Cannot declare ', /Cannot declare an? [\w/]+(?: variable)? (?:twice|that shadows a [\w/ ]+): '(.*?)'\./,
        "Identifier '$1' has already been declared"],
    ['duplicate variable', /Can't create duplicate variable(?: that shadows a global property)?: '(.*?)'/,
        "Identifier '$1' has already been declared"],
    ['import call', /Unexpected [^]*?\. import call expects [^]*?arguments\./, 'Cannot use import statement outside a module'],
    ['an initializer', /Unexpected [^]*?\. Expected an initializer in destructuring variable declaration\./,
        'Missing initializer in destructuring declaration'],
    ['an initializer', /Unexpected [^]*?\. const declared variable '.*?' must have an initializer\./,
        'Missing initializer in const declaration'],
    ['Try statements', /Unexpected [^]*?\. Try statements must have [^]*?block\./, 'Missing catch or finally after try'],
    ['Left hand side of operator', /Left hand side of operator '=' must be a reference\./,
        'Invalid left-hand side in assignment'],
    ['Invalid character', /Invalid character: '.*?'/, 'Invalid or unexpected token'],
    ['Unterminated regular', /Unterminated regular expression literal '[^]*'/, 'Invalid regular expression: missing /'],
    ['undeclared private', /Cannot reference undeclared private names: "(#.*?)"/,
        "Private field '$1' must be declared in an enclosing class"],
    ['reserved word', /Unexpected use of reserved word '\w+'/, 'Unexpected reserved word'],
    ['Unexpected number', /Unexpected number '.*?'(?:\. [^]*)?$/, 'Unexpected number'],
    ['Unexpected string', /Unexpected string literal [^]*$/, 'Unexpected string'],
    ['Unexpected template', /Unexpected template string[^]*$/, 'Unexpected template string'],
    ['Unexpected keyword', /Unexpected keyword ('.*?')(?:\. [^]*)?$/, 'Unexpected token $1'],
    ['Unexpected ', /Unexpected (token|identifier) ('.*?')\. [^]*$/, 'Unexpected $1 $2'],
    ['Unexpected EOF', /Unexpected EOF/, 'Unexpected end of input'],
    ['call stack', /Maximum call stack size exceeded\./, 'Maximum call stack size exceeded'],
];

const BY_SYMBOL = ' (cannot read property Symbol(Symbol.iterator))';
const IS_NOT_AN_OBJECT = /(undefined|null) is not an object \(evaluating '([^]*)'\)/;
const IS_NOT_A_FUNCTION = / is not a function\. \(In '[^]*', '([^]*)' is [^]*\)/;
const IS_NOT_ITERABLE = /undefined is not a function \(near '\.\.\.([^]*)\.\.\.'\)/;

/** The part of an assignment that is assigned to; '' when it is none. */
function assignedPart(text) {
    let depth = 0;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if ('([{'.includes(c))
            depth++;
        else if (')]}'.includes(c))
            depth--;
        else if (c === '=' && depth === 0 && text[i + 1] !== '=' && !'=!<>'.includes(text[i - 1]))
            return text.slice(0, i).trim();
    }
    return '';
}

/** The key that an expression ends with: {key}, or {computed} of what it is; or null. */
function lastKey(text) {
    const named = /\.\s*([\w$#]+)\s*$/.exec(text);
    if (named)
        return { key: named[1] };
    const keyed = /\[\s*(?:(["'])((?:(?!\1).)*)\1|(\d+)|([^[\]]*))\s*\]\s*$/.exec(text);
    return keyed ? { key: keyed[2] ?? keyed[3], computed: keyed[4] } : null;
}

/** The code from @thrown's place on; '' when that is not in the user's file. */
function codeAt(thrown) {
    if (thrown?.sourceURL !== scriptName || !thrown.line)
        return '';
    const { line, column } = thrown;
    return scriptLines.slice(line - 1).join('\n').slice(Math.max(0, columnOf(line, column) - 1));
}

/** The user's line of @thrown and some before, for what began there. */
function codeAround(thrown) {
    if (thrown?.sourceURL !== scriptName || !thrown.line)
        return '';
    return scriptLines.slice(Math.max(0, thrown.line - 8), thrown.line).join('\n');
}

/** Where in the code around @thrown the expression stands: what is left of it. */
function codeBefore(text, thrown) {
    const line = codeAround(thrown).split('\n').pop() ?? '';
    const at = line.indexOf(text);
    return at < 0 ? '' : line.slice(0, at);
}

/** What says that @text was to be gone through, when the engine only says it is @what. */
function ofMissingList(what, text, thrown) {
    const before = codeBefore(text, thrown);
    if (text.startsWith('[')) {
        const [, list] = /\]\s*=\s*([\w$]+)\s*(?:[;,]|$)/.exec(codeAround(thrown).split('\n').pop() ?? '') ?? [];
        return list && list !== what ? `${list} is not iterable` : `${what} is not iterable${BY_SYMBOL}`;
    }
    if (/\]\s*=\s*$/.test(before))
        return text === what ? `${what} is not iterable` : `${what} is not iterable${BY_SYMBOL}`;
    return `${text} is not iterable`;
}

/** Of `x of a.b` the engine says the same as of a read of b: then a shallow path is a list. */
const isList = (text, found, thrown) => !found || text.startsWith('[') ||
    pathOf(text).length <= 2 && /(?:\bof|[[(,]\s*\.\.\.|\]\s*=)\s*$/.test(codeBefore(text, thrown));

function ofProperty(what, text, thrown) {
    const target = assignedPart(text);
    const found = lastKey(target || text);
    if (isList(text, found, thrown))
        return ofMissingList(what, text, thrown);
    const [read, reading] = target ? ['set', 'setting'] : ['read', 'reading'];
    const known = found.computed ? knownAt(found.computed, thrown) : UNKNOWN;
    const key = known === UNKNOWN ? found.key : textOf(known);
    const tail = key === undefined ? '' : ` (${reading} '${key}')`;
    return `Cannot ${read} properties of ${what}${tail}`;
}

/** An expression as Node shows what was called: without arguments and quotes. */
function calledPart(text) {
    let shown = '';
    let depth = 0;
    for (const c of text) {
        if (c === '(' && depth++ === 0)
            shown += '(...)';
        else if (c === ')')
            depth--;
        else if (depth === 0)
            shown += c;
    }
    return shown.replace(/\[(["'])([^"'\]]+)\1\]/g, '.$2').replace(/^'([^']*)'/, '"$1"')
        .replace(/^(?:new [\w$.]+)?\(\.\.\.\)/, '(intermediate value)');
}

function ofCall(message) {
    const [all, callee] = IS_NOT_A_FUNCTION.exec(message);
    const at = message.indexOf(all);
    const before = message.slice(0, at);
    return (before.endsWith(callee) ? before.slice(0, -callee.length) : before) +
        `${calledPart(callee)} is not a function${message.slice(at + all.length)}`;
}


function ofIteration(near, thrown) {
    const of = /\bof\s+([^]*)$/.exec(near ?? '')?.[1];
    if (of)
        return `${of.trim()} is not iterable`;
    if (near && !near.startsWith('['))
        return `${near.replace(/`[^]*$/, '')} is not a function`;
    const line = codeAround(thrown).split('\n').pop() ?? '';
    const from = near ? line.slice(line.indexOf(near) + near.length) : line;
    // Of a pattern's list only a plain name is told.
    const found = (near ? /^\s*=\s*([\w$]+)(?![\w$.[(?])/ : /\.\.\.\s*([\w$.]+)/).exec(from);
    return found ? `${found[1]} is not iterable` : `object is not iterable${BY_SYMBOL}`;
}

function ofSpread(message, thrown) {
    const line = codeAround(thrown).split('\n').pop() ?? '';
    const [, open, list] = /([[({,])\s*\.\.\.\s*([\w$.]+)/.exec(line) ?? [];
    if (!list || open === '(' && message.includes('to be a function'))
        return message;
    const why = open === '(' ? ` (cannot read property ${knownAt(list, thrown) === null ? 'null' : 'undefined'})` : '';
    return message.replace(/Spread syntax requires [^]*(?:to be a function|undefined)/, `${list} is not iterable${why}`);
}

/** The first of the names that @declared finds in the code which also stands on the line. */
function nameOnLine(thrown, declared, after) {
    const line = codeAround(thrown).split('\n').pop() ?? '';
    for (const [, name] of scriptLines.join('\n').matchAll(declared))
        if (new RegExp(`(?<![\\w$.])${name.replace(/\$/g, '\\$')}${after}`).test(line))
            return name;
    return '';
}

/** The name on @thrown's line that is declared behind its place; '' when there is none. */
function laterName(thrown) {
    const place = placeInCode(thrown);
    const line = codeAround(thrown).split('\n').pop() ?? '';
    const used = new Set(line.replace(/\b(?:let|const|class)\s+[\w$]+/g, '').match(/(?<![\w$.])[\w$]+/g));
    const later = [...place?.code.slice(place.at).matchAll(/\b(?:let|const|class)\s+([\w$]+)/g) ?? []];
    return later.find(([, name]) => used.has(name))?.[1] ?? '';
}

/** The key of the assignment that stands where @thrown points. */
function keyAt(thrown) {
    const written = /^\s*(?:\.\s*([\w$]+)|\[\s*["']?([\w$]+))/.exec(codeAt(thrown));
    return written?.[1] ?? written?.[2];
}

function ofAssignment(thrown) {
    const key = keyAt(thrown);
    return key ? `Cannot assign to read only property '${key}' of object '#<Object>'`
        : 'Assignment to constant variable.';
}

const WRONG_IN = / is not an Object\. \(evaluating '([^]*)'\)/;
const isIn = (text, at) => /^\s+in\s/.test(text.slice(at, at + 40));

/** A value in a message; @text, which it was in the code, when that is not known. */
function shownOperand(value, text) {
    if (value !== UNKNOWN)
        return textOf(value);
    return /^(['"`]).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function ofIn(message, thrown) {
    const text = WRONG_IN.exec(message)?.[1] ?? '';
    const at = endOutside(text, 0, isIn);
    const [key, where] = [text.slice(0, at).trim(), text.slice(at).replace(/^\s+in\s+/, '')];
    const whole = `${where} is not an Object. (evaluating '${text}')`;
    const known = knownAt(where, thrown);
    return message.replace(message.includes(whole) ? whole : WRONG_IN, () =>
        `Cannot use 'in' operator to search for '${shownOperand(knownAt(key, thrown), key)}' in ${
            known === UNKNOWN ? 'undefined' : textOf(known)}`);
}

/** What the first argument of the call at @thrown's place was; or UNKNOWN. */
function firstArgument(thrown) {
    const code = codeAt(thrown);
    const open = code.indexOf('(');
    return open < 0 || /[;\n]/.test(code.slice(0, open)) ? UNKNOWN
        : knownAt(partsOf(code.slice(open + 1, endOfBracket(code, open) - 1))[0] ?? 'undefined', thrown);
}

/** A value that is no function, in a message. */
function shownInMessage(value) {
    if (value === UNKNOWN)
        return 'undefined';
    return typeof value === 'object' && value !== null ? Array.isArray(value) ? '[object Array]' : '#<Object>'
        : textOf(value);
}

/** A value that is not iterable, in a message. */
function shownWithKind(value) {
    if (value === UNKNOWN || typeof value === 'object' && value !== null)
        return 'object';
    return value === undefined ? 'undefined' : `${typeof value} ${textOf(value)}`;
}

/** [what must be in it, what it becomes]: those that need the code to be told well. */
const WITH_THE_CODE = [
    ['is not an Object', (message, thrown) => WRONG_IN.test(message) ? ofIn(message, thrown) : message],
    ['is not an object (evaluating', (message, thrown) =>
        message.replace(IS_NOT_AN_OBJECT, (all, what, text) => ofProperty(what, text, thrown))],
    ['Invalid regular expression: ', (message, thrown) => {
        const pattern = /^[a-z\\]/.test(message.slice(28)) ? firstArgument(thrown) : UNKNOWN;
        return typeof pattern === 'string' ? wordsOfRegExp(message, pattern) : message;
    }],
    ['callback must be a function', (message, thrown) =>
        message.replace(/\w+\.prototype\.\w+ callback must be a function/,
            () => `${shownInMessage(firstArgument(thrown))} is not a function`)],
    ['Type error', (message, thrown) => message === 'Type error'
        ? `${shownWithKind(firstArgument(thrown))} is not iterable${BY_SYMBOL}` : message],
    ['Array.from requires an array-like', (message, thrown) => message.replace(/Array\.from requires .*undefined/,
        () => `${shownWithKind(firstArgument(thrown))} is not iterable${BY_SYMBOL}`)],
    ['undefined is not an object', (message, thrown) => message === 'undefined is not an object' &&
        /\bfromEntries\(/.test(codeAround(thrown).split('\n').pop()) ? 'undefined is not iterable' : message],
    ['is not a function. (In ', message => IS_NOT_A_FUNCTION.test(message) ? ofCall(message) : message],
    ['Spread syntax', ofSpread],
    ['undefined is not a function (near', (message, thrown) =>
        message.replace(IS_NOT_ITERABLE, (all, near) => ofIteration(near, thrown))],
    ['Right side of assignment cannot be destructured', (message, thrown) =>
        message.replace('Right side of assignment cannot be destructured', () => ofDestructuring(thrown))],
    ['Cannot access uninitialized variable.', (message, thrown) => {
        const name = laterName(thrown) || nameOnLine(thrown, /\b(?:let|const|class)\s+([\w$]+)/g, '(?![\\w$])');
        return message.replace('uninitialized variable.', `'${name || 'variable'}' before initialization`);
    }],
    ['Cannot call a class constructor without |new|', (message, thrown) => {
        // Its own frame is the first.
        const name = /^([\w$]+)@/.exec(thrown?.stack ?? '')?.[1];
        return message.replace('Cannot call a class constructor without |new|',
            `Class constructor ${name ? `${name} ` : ''}cannot be invoked without 'new'`);
    }],
    ['Attempting to define property on object that is not extensible.', (message, thrown) => {
        const key = keyAt(thrown);
        return message.replace('Attempting to define property on object that is not extensible.',
            `Cannot ${key ? `add property ${key}` : 'define property'}, object is not extensible`);
    }],
    ['Unable to delete property.', (message, thrown) => {
        const key = /\bdelete\s+[^;]*[.[]\s*["']?([\w$]+)/.exec(codeAround(thrown).split('\n').pop() ?? '')?.[1];
        return message.replace('Unable to delete property.', `Cannot delete property '${key ?? ''}' of #<Object>`);
    }],
    ['Attempted to assign to readonly property.', (message, thrown) =>
        message.replace('Attempted to assign to readonly property.', () => ofAssignment(thrown))],
];

/** @message, which @thrown has or quotes, in Node's words. */
function reword(message, thrown) {
    const same = SAME_ALWAYS.get(message) ?? SAME_ALONE.get(message);
    if (same)
        return same;
    for (const [hint, pattern, words] of PATTERNS)
        if (message.includes(hint) && pattern.test(message))
            return message.replace(pattern, words);
    for (const [hint, put] of WITH_THE_CODE)
        if (message.includes(hint))
            return put(message, thrown);
    if (message.includes(': '))
        for (const [engines, nodes] of SAME_ALWAYS)
            if (message.includes(engines))
                return message.replace(engines, nodes);
    return message;
}

const plainToString = Error.prototype.toString;
Object.defineProperty(Error.prototype, 'toString', {
    value: { toString() {
        const text = plainToString.call(this);
        const message = textOf(this.message);
        return text.endsWith(message) ? text.slice(0, text.length - message.length) + reword(message, this) : text;
    } }.toString,
    writable: true,
    configurable: true,
});
