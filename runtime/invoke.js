/* SPDX-License-Identifier: MIT */

// The entries: what the host calls, and how a handler's end becomes a result.

const TYPES = ['', 'identify', 'track', 'page', 'screen', 'group', 'alias', 'delete'];
const ENVELOPE = [
    'userId', 'anonymousId', 'previousId', 'groupId', 'messageId',
    'type', 'event', 'name', 'properties', 'traits',
];
const MAX_VALUE_CHARACTERS = 1 << 20;
const MAX_STACK_CHARACTERS = 8192;
const NO_HANDLER = 1;
const TRANSFORM = 2;

const handlerOf = type => `on${type[0].toUpperCase()}${type.slice(1)}`;

/** Handlers nobody wrote; code may call them, as onBatch does. */
const defaults = new Set();
for (const type of [...TYPES.slice(1), 'batch', 'request']) {
    const missing = () => {
        throw new EventNotSupported(`${type} not supported`);
    };
    defaults.add(missing);
    // Not configurable: `const onTrack` at the top level is then the SyntaxError that it is
    // on Segment, where handlers are parameters of the function around the code.
    Object.defineProperty(globalThis, handlerOf(type),
        { value: missing, writable: true, enumerable: true, configurable: false });
}

let generation = '';

const isOurs = fn => typeof fn === 'function' && !defaults.has(fn);

/** [name, function] of the handler for a type, or []. */
function findHandler(type) {
    if (generation === 'transform')
        return ['transformEvent', globalThis.transformEvent];
    for (const name of [handlerOf(type), ...(type === 'delete' ? [] : [type])])
        if (isOurs(globalThis[name]))
            return [name, globalThis[name]];
    return [];
}

function failRun(run, thrown, flags = 0) {
    if (!live.has(run.id))
        return;
    const { name, message, stack, line, column } = describe(thrown);
    endRun(run);
    native.fail(run.id, flags, run.handler ?? '', name, message.slice(0, MAX_VALUE_CHARACTERS),
        stack.slice(0, MAX_STACK_CHARACTERS), line, column);
}

/** JSON text of what a handler returned; undefined stays undefined. */
function resultText(value) {
    try {
        const text = JSON.stringify(value);
        if (text !== undefined || value === undefined)
            return text;
    } catch {
        // A cycle, a BigInt, a toJSON that throws: shown as text.
    }
    return JSON.stringify(textOf(value));
}

function finishRun(run, value) {
    if (!live.has(run.id))
        return;
    const isTransform = generation === 'transform';
    const text = isTransform && !value ? undefined : resultText(value);
    if (text !== undefined && text.length > MAX_VALUE_CHARACTERS)
        return failRun(run, new RangeError('the returned value is larger than 1 MiB'));
    endRun(run);
    native.result(run.id, isTransform ? TRANSFORM : 0, run.handler, text);
}

/** A fetch that nobody awaited still leaves and is answered, within reason. */
function settleRun(run, value) {
    if (!live.has(run.id) || run.onIdle)
        return;
    if (run.fetches.size === 0)
        return finishRun(run, value);
    run.onIdle = () => finishRun(run, value);
    current = run;
    for (const timer of run.timers)
        timer.stop();
    new Timeout(run.onIdle, LINGER_MS, [], false);
}

const fold = key => key.toLowerCase().replace(/[_\- ]/g, '');

/** Gives the exact envelope keys too, where only another spelling of them is there. */
function addExactKeys(event) {
    for (const key of Object.keys(event)) {
        const exact = ENVELOPE.find(one => fold(one) === fold(key));
        if (exact && !Object.hasOwn(event, exact))
            event[exact] = event[key];
    }
}

function invoke(id, kind, event, settings, isFolded) {
    const run = beginRun(id);
    const type = TYPES[kind] ?? '';
    const [name, handler] = findHandler(type || 'unknown');
    run.handler = name;
    if (!handler)
        return failRun(run, new EventNotSupported(`${type || 'this type'} not supported`), NO_HANDLER);
    if (isFolded)
        addExactKeys(event);
    try {
        const value = handler(event, settings ?? {});
        if (typeof value?.then === 'function')
            Promise.resolve(value).then(result => settleRun(run, result), thrown => failRun(run, thrown));
        else
            settleRun(run, value);
    } catch (thrown) {
        failRun(run, thrown);
    }
}

function cancel(id) {
    const run = live.get(id);
    current = run ?? null;
    if (run)
        endRun(run);
}

/** The engine gives no line for `const onTrack`, so look for the declaration. */
function lineOfClash(message, source) {
    const name = /shadows a global property: '(\w+)'/.exec(message)?.[1];
    const at = name ? source.search(new RegExp(`^[ \\t]*(const|let|class)\\s+${name}\\b`, 'm')) : -1;
    return at < 0 ? 0 : source.slice(0, at).split('\n').length;
}

const OLD = "the code uses %, which only the older generations of Segment's functions have " +
    '(exports.processEvents); write on<Type> handlers, or transformEvent';

function refuse(thrown, source) {
    const { name, message, line, column } = describe(thrown);
    const old = name === 'ReferenceError' && /^Can't find variable: (exports|module|require)$/.exec(message);
    if (old)
        return native.refused('Unsupported', OLD.replace('%', old[1]), line, column);
    native.refused(name, message, line || lineOfClash(message, source), column);
}

function loaded(threw, thrown, source) {
    current = null;
    if (threw)
        return refuse(thrown, source);
    const names = [...TYPES.slice(1), 'batch', 'request'].map(handlerOf).concat(TYPES.slice(1, -1));
    const handlers = names.filter(name => isOurs(globalThis[name]));
    generation = handlers.length === 0 && isOurs(globalThis.transformEvent) ? 'transform' : 'functions';
    native.loaded(generation, (generation === 'transform' ? ['transformEvent'] : handlers).join('\n'));
}

define('process', { env: {} });

// Nothing may load lazily once the files are out of reach.
function warmUp() {
    const some = new Date(0);
    some.toString();
    some.toLocaleString('de', { timeZone: 'Europe/Berlin', timeZoneName: 'long' });
    (1234.5).toLocaleString('fr');
    new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(1);
    new Intl.PluralRules('ar').select(3);
    new Intl.RelativeTimeFormat('en').format(1, 'day');
    new Intl.ListFormat('en').format(['a', 'b']);
    new Intl.DisplayNames('en', { type: 'region' }).of('DE');
    [...new Intl.Segmenter('en', { granularity: 'word' }).segment('a b')].length;
    Intl.supportedValuesOf?.('timeZone');
    'ä'.localeCompare('z');
    'ǆ'.normalize('NFKD').toLocaleUpperCase('tr');
    /\p{L}+(?<=a)/u.exec('äb a');
    new URL('https://a.example/b?c=d#e').searchParams.get('c');
    inspect({ a: [1, { b: new Map() }] });
    describe(new Error('x'));
    BigInt(2) ** 70n;
    JSON.stringify(JSON.parse('{"a":[1,2,{"b":null}]}'));
    return Promise.resolve().then(() => btoa(atob('YQ==')));
}

warmUp();
if (typeof WebAssembly !== 'undefined' || typeof SharedArrayBuffer !== 'undefined')
    throw new Error('WebAssembly or SharedArrayBuffer is there, which the options should have removed');

return {
    loaded(threw, thrown, name, source) {
        scriptName = name;
        loaded(threw, thrown, source);
    },
    invoke,
    answer,
    cancel,
    timer: id => timers.get(id)?.fire(),
};
