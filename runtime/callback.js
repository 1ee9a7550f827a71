/* SPDX-License-Identifier: MIT */

// The first two generations: processEvents is called as AWS Lambda calls a handler, and
// its end is a call of the callback. The error's name, not its class, says what it means,
// since the classes are the code's own.

const CALLBACK_MS = 3000;
const TYPED = new Set(['ValidationError', 'EventNotSupported', 'InvalidEventPayload', 'RetryError', 'DropEvent']);

/** Anything untyped is a bad request; what it was called moves into its message. */
function asBadRequest(described) {
    const { name, message } = described;
    if (TYPED.has(name))
        return described;
    const text = name === '' || name === 'Error' ? message : `${name}: ${message}`;
    return { ...described, name: 'BadRequestError', message: text };
}

function requestId() {
    const hex = [...native.random(16)].map(byte => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
}

/** What Lambda calls the context; @settle is what the callback does. */
function contextOf(settings, settle) {
    const deadline = Date.now() + CALLBACK_MS;
    return {
        callbackWaitsForEmptyEventLoop: true,
        functionName: 'processEvents',
        functionVersion: '$LATEST',
        memoryLimitInMB: '128',
        awsRequestId: requestId(),
        clientContext: { ...settings },
        getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
        done: settle,
        succeed: result => settle(null, result),
        fail: error => settle(error ?? 'the function failed'),
    };
}

/** Calls it and settles @run by whatever comes first: the callback, a throw, a promise. */
function callOlder(run, processEvents, event, settings) {
    let isSettled = false;
    const settle = (error, result) => {
        if (isSettled)
            return;
        isSettled = true;
        if (error || error === '')
            failRun(run, error, 0, result);
        else
            settleRun(run, result);
    };
    run.isOlder = true;
    const isCustom = loadedCode.generation === 'custom';
    const payload = isCustom ? event : { event, settings, version: '1.0' };
    const context = contextOf(settings, settle);
    try {
        const value = processEvents(payload, context, settle);
        // Of a promise that was only there to be awaited: settled later, so that a callback
        // that comes with the last fetch still counts.
        if (typeof value?.then === 'function')
            Promise.resolve(value).then(result => isSettled || settleRun(run, result), settle);
    } catch (thrown) {
        settle(thrown || `${textOf(thrown)} was thrown`);
    }
}
