/* SPDX-License-Identifier: MIT */

// setTimeout and its family over the host's clock.

/** id → timer, of all runs. */
const timers = new Map();
let nextTimer = 1;

class Timeout {
    #id;
    #run; // on whose account
    #origin; // whose code
    #every;
    #delay;
    #fn;
    #args;
    constructor(fn, delay, args, repeats) {
        if (typeof fn !== 'function')
            throw argumentError('callback', 'of type function', fn);
        this.#run = ownerOf('a timer');
        this.#origin = current;
        if (!this.#run)
            return;
        if (this.#run.timers.size >= MAX_TIMERS)
            throw new RangeError(`a run may have ${MAX_TIMERS} timers at once`);
        delay = +delay;
        delay = delay >= 1 && delay <= 0x7fffffff ? Math.trunc(delay) : 1;
        this.#fn = fn;
        this.#args = args;
        this.#every = repeats ? delay : 0;
        this.#delay = delay;
        this.#id = nextTimer++;
        timers.set(this.#id, this);
        this.#run.timers.add(this);
        native.timer(this.#id, this.#run.id, delay);
    }
    fire() {
        current = this.#origin;
        if (this.#every)
            native.timer(this.#id, this.#run.id, this.#every);
        else
            this.forget();
        try {
            this.#fn.apply(undefined, this.#args);
        } catch (thrown) {
            failRun(this.#origin, thrown);
        }
    }
    forget() {
        timers.delete(this.#id);
        this.#run.timers.delete(this);
    }
    stop() {
        if (timers.get(this.#id) !== this)
            return;
        this.forget();
        native.stop(this.#id);
    }
    /** Begins its time again. */
    refresh() {
        if (this.#run && timers.get(this.#id) === this)
            native.timer(this.#id, this.#run.id, this.#delay);
        return this;
    }
    ref() {
        return this;
    }
    unref() {
        return this;
    }
    hasRef() {
        return true;
    }
    [Symbol.toPrimitive]() {
        return this.#id;
    }
}

function clear(timer) {
    const found = timer instanceof Timeout ? timer : timers.get(+timer);
    found?.stop();
}

define('setTimeout', (fn, delay, ...args) => new Timeout(fn, delay, args, false));
define('setInterval', (fn, delay, ...args) => new Timeout(fn, delay, args, true));
define('setImmediate', (fn, ...args) => new Timeout(fn, 0, args, false));
for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate'])
    define(name, clear);
define('queueMicrotask', fn => {
    if (typeof fn !== 'function')
        throw argumentError('callback', 'of type function', fn);
    const run = current;
    Promise.resolve().then(fn).catch(thrown => run && failRun(run, thrown));
});
