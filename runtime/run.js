/* SPDX-License-Identifier: MIT */

// What is in flight: one run per invocation. `current` is the run whose entry this is:
// set at every entry, so that a fetch, a timer or a log knows whom it belongs to. Code
// after an await runs in the entry of the answer or timer that it awaited. Who awaits a
// promise that another run made is therefore taken for that run; cache.load() avoids it.

const MAX_FETCHES = 32;
const MAX_TIMERS = 1000;
const MAX_STRAYS = 8; // acts of an ended run on another's account
const LINGER_MS = 2000; // how long a run that returned waits for fetches nobody awaited

/** id → run, in the order in which they began. */
const live = new Map();
let current = null;

class Run {
    constructor(id) {
        this.id = id;
        this.handler = '';
        this.type = '';
        this.event = undefined; // what it was called with
        this.settings = undefined;
        this.fetches = new Map(); // by number: those under way
        this.queue = []; // those that wait until fewer are
        this.timers = new Set();
        this.nextFetch = 1;
    }
}
// What few runs ever set.
Object.assign(Run.prototype, {
    nLines: 0,
    nStrays: 0,
    onIdle: null, // set once it has returned and waits for its fetches
    isOlder: false, // ends by callback (callback.js)
    flags: 0, // of its result
    nBatch: 0, // how many events, when it is a batch
    said: null, // what Segment.* collected, when it is a request
});

function beginRun(id) {
    const run = new Run(id);
    live.set(id, run);
    current = run;
    return run;
}

function abortFetches(run) {
    for (const { reject } of [...run.fetches.values(), ...run.queue])
        reject(new AbortError('the function has ended'));
    run.fetches.clear();
    run.queue.length = 0;
}

/** Most runs have nothing left: asking first is cheaper than a loop over nothing. */
function endRun(run) {
    live.delete(run.id);
    if (run.timers.size > 0)
        for (const timer of run.timers)
            timer.stop();
    if (run.fetches.size > 0 || run.queue.length > 0)
        abortFetches(run);
}

/**
 * The run on whose account an act goes: the current one; when that has ended, any that
 * lives, since its code may be another run's that shares a promise with it. An ended run's
 * own loops would go on for ever so, hence the bound: null, the act never takes place.
 */
function ownerOf(what) {
    if (!current)
        throw new Error(`${what} is not available while the code loads`);
    if (live.has(current.id))
        return current;
    if (current.nStrays++ < MAX_STRAYS)
        for (const run of live.values())
            return run;
    return null;
}
