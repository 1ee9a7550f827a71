/* SPDX-License-Identifier: MIT */

// cache: values that outlive a run, within one runner.

const cached = new Map(); // key → {value, until} or {waiting}

/** A promise that settles in an entry of the run that waits, not of the one that loads. */
function settleHere(promise) {
    return new Promise((resolve, reject) => {
        const here = current;
        const back = (settle, value) => {
            if (current === here || !live.has(here.id))
                return settle(value);
            const other = current;
            current = here;
            new Timeout(settle, 0, [value], false);
            current = other;
        };
        promise.then(value => back(resolve, value), thrown => back(reject, thrown));
    });
}

define('cache', {
    async load(key, ttl, fn) {
        if (typeof ttl === 'function')
            [ttl, fn] = [-1, ttl];
        const found = cached.get(key);
        if (found?.waiting && live.has(found.run.id))
            return settleHere(found.waiting);
        if (found && !found.waiting && Date.now() < found.until)
            return found.value;
        const waiting = (async () => fn())();
        const entry = { waiting, run: current };
        cached.set(key, entry);
        try {
            const value = await waiting;
            const until = ttl === undefined || ttl < 0 ? Infinity : Date.now() + ttl;
            if (cached.get(key) === entry)
                cached.set(key, { value, until });
            return value;
        } catch (thrown) {
            if (cached.get(key) === entry)
                cached.delete(key);
            throw thrown;
        }
    },
    async delete(key) {
        cached.delete(key);
    },
});
