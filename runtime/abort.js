/* SPDX-License-Identifier: MIT */

// EventTarget, AbortController and AbortSignal after the DOM standard.

class Event {
    constructor(type, { cancelable = false } = {}) {
        Object.assign(this, { type: String(type), cancelable, target: null, currentTarget: null });
        this.defaultPrevented = false;
        this.timeStamp = performanceNow();
    }
    preventDefault() {
        this.defaultPrevented ||= this.cancelable;
    }
    stopImmediatePropagation() {
        this.isStopped = true;
    }
    stopPropagation() {}
}

class EventTarget {
    #listeners = []; // {type, fn, once}
    addEventListener(type, fn, options) {
        const once = typeof options === 'object' && Boolean(options?.once);
        if (fn && !this.#listeners.some(one => one.type === type && one.fn === fn))
            this.#listeners.push({ type, fn, once });
        if (typeof options === 'object' && options?.signal)
            options.signal.addEventListener('abort', () => this.removeEventListener(type, fn));
    }
    removeEventListener(type, fn) {
        this.#listeners = this.#listeners.filter(one => one.type !== type || one.fn !== fn);
    }
    dispatchEvent(event) {
        event.target = event.currentTarget = this;
        for (const one of this.#listeners.filter(({ type }) => type === event.type)) {
            if (event.isStopped)
                break;
            if (one.once)
                this.removeEventListener(one.type, one.fn);
            if (typeof one.fn === 'function')
                one.fn.call(this, event);
            else
                one.fn.handleEvent(event);
        }
        const handler = this[`on${event.type}`];
        if (typeof handler === 'function')
            handler.call(this, event);
        return !event.defaultPrevented;
    }
}

const mayMakeSignal = Symbol('may make a signal');

class AbortSignal extends EventTarget {
    #isAborted = false;
    #reason = undefined;
    onabort = null;
    constructor(key) {
        super();
        if (key !== mayMakeSignal)
            throw withCode(new TypeError('Illegal constructor'), 'ERR_ILLEGAL_CONSTRUCTOR');
    }
    get aborted() {
        return this.#isAborted;
    }
    get reason() {
        return this.#reason;
    }
    throwIfAborted() {
        if (this.#isAborted)
            throw this.#reason;
    }
    static fire(signal, reason = new DOMException('This operation was aborted', 'AbortError')) {
        if (signal.#isAborted)
            return;
        signal.#isAborted = true;
        signal.#reason = reason;
        signal.dispatchEvent(new Event('abort'));
    }
    static abort(reason) {
        const signal = new AbortSignal(mayMakeSignal);
        fireAbort(signal, reason);
        return signal;
    }
    static timeout(delay) {
        const signal = new AbortSignal(mayMakeSignal);
        const over = () => fireAbort(signal,
            new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
        new Timeout(over, delay, [], false);
        return signal;
    }
    static any(signals) {
        const all = [...signals];
        const first = all.find(signal => signal.aborted);
        if (first)
            return AbortSignal.abort(first.reason);
        const one = new AbortSignal(mayMakeSignal);
        for (const signal of all)
            signal.addEventListener('abort', () => fireAbort(one, signal.reason));
        return one;
    }
    get [Symbol.toStringTag]() {
        return 'AbortSignal';
    }
}

const fireAbort = AbortSignal.fire;
delete AbortSignal.fire;

class AbortController {
    #signal = new AbortSignal(mayMakeSignal);
    get signal() {
        return this.#signal;
    }
    abort(reason) {
        fireAbort(this.#signal, reason);
    }
    get [Symbol.toStringTag]() {
        return 'AbortController';
    }
}

for (const [name, value] of Object.entries({ AbortController, AbortSignal, Event, EventTarget }))
    define(name, value);
