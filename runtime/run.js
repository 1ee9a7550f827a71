// What is in flight: one run per invocation. `current` is the run whose entry this is:
// set at every entry, so that a fetch, a timer or a log knows whom it belongs to. Code
// after an await runs in the entry of the answer or timer that it awaited. Who awaits a
// promise that another run made is therefore taken for that run; cache.load() avoids it.

const MAX_FETCHES = 32;
const MAX_TIMERS = 1000;
const LINGER_MS = 2000; // how long a run that returned waits for fetches nobody awaited

/** id → run, in the order in which they began. */
const live = new Map();
let current = null;

function beginRun(id) {
    const run = { id, fetches: new Map(), queue: [], timers: new Set(), nextFetch: 1, onIdle: null };
    live.set(id, run);
    current = run;
    return run;
}

function endRun(run) {
    live.delete(run.id);
    for (const timer of run.timers)
        timer.stop();
    for (const { reject } of [...run.fetches.values(), ...run.queue])
        reject(new AbortError('the function has ended'));
    run.fetches.clear();
    run.queue.length = 0;
}

/** The run to which an act belongs; any other that lives when its own has ended. */
function ownerOf(what) {
    if (current && live.has(current.id))
        return current;
    for (const run of live.values())
        return run;
    throw new Error(`${what} is not available while the code loads`);
}
