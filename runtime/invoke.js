/* SPDX-License-Identifier: MIT */

// One invocation: which handler it is for, and how that handler's end becomes a result.

const ENVELOPE = [
    'userId', 'anonymousId', 'previousId', 'groupId', 'messageId',
    'type', 'event', 'name', 'properties', 'traits',
];
const MAX_VALUE_CHARACTERS = 1 << 20;
const MAX_STACK_CHARACTERS = 8192;
// enum frame_result_flags and frame_invoke_flags.
const NO_HANDLER = 1;
const TRANSFORM = 2;
const STATUSES = 4;
const IS_FOLDED = 1;
const IS_BATCH = 2;
const IS_REQUEST = 4;

/** JSON text of what a handler returned; what JSON cannot say is shown as text. */
function resultText(value) {
    if (value === undefined)
        return undefined;
    try {
        const text = plainStringify(value);
        if (text !== undefined)
            return rewordJson(value, text);
    } catch {
        // A cycle, a BigInt, a toJSON that throws.
    }
    return plainStringify(textOf(value));
}

/** @value: what came beside the error, which the older generations allow. */
function failRun(run, thrown, flags = 0, value = undefined) {
    if (!live.has(run.id))
        return;
    const described = describe(thrown, run);
    const { name, message, stack, line, column, note } = run.isOlder ? asBadRequest(described) : described;
    const text = resultText(value);
    endRun(run);
    native.fail(run.id, flags, run.handler ?? '', name, message.slice(0, MAX_VALUE_CHARACTERS),
        stack.slice(0, MAX_STACK_CHARACTERS), line, column,
        text?.length <= MAX_VALUE_CHARACTERS ? text : undefined, note);
}

/** Whether what onBatch returned says of each event how it ended. */
function isStatuses(value, n) {
    return Array.isArray(value) && value.length === n &&
        value.every(one => Number.isFinite(one?.status));
}

function finishRun(run, value) {
    if (!live.has(run.id))
        return;
    if (run.said)
        value = run.said;
    const text = run.flags === TRANSFORM && !value ? undefined : resultText(value);
    if (text !== undefined && text.length > MAX_VALUE_CHARACTERS)
        return failRun(run, new RangeError('the returned value is larger than 1 MiB'));
    endRun(run);
    const flags = run.nBatch > 0 && isStatuses(value, run.nBatch) ? STATUSES : run.flags;
    native.result(run.id, flags, run.handler, text);
}

/** A fetch that nobody awaited still leaves and is answered, within reason. */
function settleRun(run, value) {
    if (!live.has(run.id))
        return;
    if (run.fetches.size === 0)
        return finishRun(run, value);
    const isWaiting = run.onIdle !== null;
    run.onIdle = () => finishRun(run, value);
    if (isWaiting)
        return;
    current = run;
    for (const timer of run.timers)
        timer.stop();
    new Timeout(() => run.onIdle(), LINGER_MS, [], false);
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

/** Calls a handler of the third generation and settles @run by what it returns. */
function call(run, handler, first, settings) {
    try {
        const value = handler(first, settings);
        if (typeof value?.then === 'function')
            Promise.resolve(value).then(result => settleRun(run, result), thrown => failRun(run, thrown));
        else
            settleRun(run, value);
    } catch (thrown) {
        failRun(run, thrown);
    }
}

/** The type under which a handler is looked for. */
function typeOf(kind, flags) {
    if ((flags & (IS_BATCH | IS_REQUEST)) === 0)
        return TYPES[kind] ?? '';
    return (flags & IS_BATCH) !== 0 ? 'batch' : 'request';
}

function callRequest(run, handler, request, settings) {
    run.said = { events: [], objects: [] };
    try {
        call(run, handler, serverRequestOf(request ?? {}), settings);
    } catch (thrown) {
        failRun(run, thrown);
    }
}

function callBatch(run, handler, events, settings, isFolded) {
    if (isFolded)
        events.forEach(addExactKeys);
    run.nBatch = events.length;
    call(run, handler, events, settings);
}

function invoke(id, kind, event, settings, flags) {
    const run = beginRun(id);
    const type = typeOf(kind, flags);
    const { older, byType, generation } = loadedCode;
    const isPlain = (flags & (IS_BATCH | IS_REQUEST)) === 0;
    const isOldSource = type === 'request' && older?.[0] === 'processEvents';
    const found = (isPlain || isOldSource) && older || byType.get(type);
    const name = found?.[0]; // taking it apart as a list costs a microsecond
    const handler = found?.[1];
    settings ??= {};
    run.handler = name;
    run.type = type;
    run.event = event;
    run.settings = settings;
    if (loadFailure)
        return failRun(run, loadFailure.thrown);
    if (!handler)
        return failRun(run, new EventNotSupported(`${type || 'this type'} not supported`), NO_HANDLER);
    if (isOldSource)
        return call(run, handler, payloadOfRequest(event ?? {}, settings));
    if (type === 'request')
        return callRequest(run, handler, event, settings);
    if (type === 'batch')
        return callBatch(run, handler, event, settings, (flags & IS_FOLDED) !== 0);
    if ((flags & IS_FOLDED) !== 0)
        addExactKeys(event);
    if (name === 'processEvents')
        return callOlder(run, handler, event, settings);
    if (generation === 'transform')
        run.flags = TRANSFORM;
    call(run, handler, event, settings);
}

function cancel(id) {
    const run = live.get(id);
    current = run ?? null;
    if (run)
        endRun(run);
}
