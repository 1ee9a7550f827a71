/* SPDX-License-Identifier: MIT */

// fetch, Headers, Request, Response with the manners of node-fetch 2, and AbortController.
// The request itself is made outside the sandbox; what may be reached is decided there.

class AbortSignal {
    #listeners = new Set();
    aborted = false;
    onabort = null;
    addEventListener(type, fn) {
        if (type === 'abort')
            this.#listeners.add(fn);
    }
    removeEventListener(type, fn) {
        this.#listeners.delete(fn);
    }
    throwIfAborted() {
        if (this.aborted)
            throw new AbortError('The user aborted a request.');
    }
    static fire(signal) {
        if (signal.aborted)
            return;
        signal.aborted = true;
        const event = { type: 'abort', target: signal };
        signal.onabort?.(event);
        for (const fn of signal.#listeners)
            typeof fn === 'function' ? fn.call(signal, event) : fn.handleEvent(event);
    }
}

define('AbortController', class AbortController {
    #signal = new AbortSignal();
    get signal() {
        return this.#signal;
    }
    abort() {
        AbortSignal.fire(this.#signal);
    }
});

function headerName(name) {
    name = String(name);
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
        throw new TypeError(`${name} is not a legal HTTP header name`);
    return name;
}

function headerValue(value) {
    value = String(value);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
        throw new TypeError(`${value} is not a legal HTTP header value`);
    return value.replace(/^[ \t]+|[ \t]+$/g, '');
}

class Headers {
    #map = new Map(); // lower case → [name as written, values]
    constructor(init) {
        if (init === undefined || init === null)
            return;
        if (typeof init !== 'object')
            throw new TypeError('Provided initializer must be an object');
        const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
        for (const [name, value] of pairs)
            this.append(name, value);
    }
    append(name, value) {
        const written = headerName(name);
        const found = this.#map.get(written.toLowerCase());
        if (found)
            found[1].push(headerValue(value));
        else
            this.#map.set(written.toLowerCase(), [written, [headerValue(value)]]);
    }
    set(name, value) {
        const written = headerName(name);
        const found = this.#map.get(written.toLowerCase());
        this.#map.set(written.toLowerCase(), [found?.[0] ?? written, [headerValue(value)]]);
    }
    get(name) {
        return this.#map.get(headerName(name).toLowerCase())?.[1].join(', ') ?? null;
    }
    has(name) {
        return this.#map.has(headerName(name).toLowerCase());
    }
    delete(name) {
        this.#map.delete(headerName(name).toLowerCase());
    }
    raw() {
        const all = {};
        for (const [name, values] of this.#map.values())
            all[name] = [...values];
        return all;
    }
    forEach(fn, self) {
        for (const [name, value] of this)
            fn.call(self, value, name, this);
    }
    *entries() {
        for (const name of [...this.#map.keys()].sort())
            yield [name, this.get(name)];
    }
    *keys() {
        for (const [name] of this)
            yield name;
    }
    *values() {
        for (const [, value] of this)
            yield value;
    }
    [Symbol.iterator]() {
        return this.entries();
    }
    get [Symbol.toStringTag]() {
        return 'Headers';
    }
}

/** What a body is sent as: [text or Uint8Array or null, its content type or null]. */
function bodyOf(body) {
    if (body === undefined || body === null)
        return [null, null];
    if (body instanceof URLSearchParams)
        return [body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8'];
    const bytes = typeof body === 'object' ? bytesOf(body) : null;
    return bytes ? [bytes.slice(), null] : [String(body), 'text/plain;charset=UTF-8'];
}

/** What Request and Response share: a body that is read once. */
class Body {
    #body;
    #used = false;
    constructor(body) {
        this.#body = body;
    }
    get bodyUsed() {
        return this.#used;
    }
    get body() {
        return this.#body;
    }
    #take() {
        if (this.#used)
            throw new TypeError(`body used already for: ${this.url}`);
        this.#used = true;
        return this.#body ?? '';
    }
    async text() {
        const body = this.#take();
        return typeof body === 'string' ? body : native.decode(body).replace(/^\ufeff/, '');
    }
    async json() {
        const text = await this.text();
        try {
            return JSON.parse(text);
        } catch (thrown) {
            const why = `invalid json response body at ${this.url} reason: ${thrown.message}`;
            throw new FetchError(why, 'invalid-json');
        }
    }
    async arrayBuffer() {
        const body = this.#take();
        return (typeof body === 'string' ? native.encode(body) : body).slice().buffer;
    }
}

class Request extends Body {
    constructor(input, init = {}) {
        const from = input instanceof Request ? input : null;
        const method = String(init.method ?? from?.method ?? 'GET').toUpperCase();
        if ((init.body ?? null) !== null && (method === 'GET' || method === 'HEAD'))
            throw new TypeError('Request with GET/HEAD method cannot have body');
        const [body, type] = init.body === undefined && from ? [from.body, null] : bodyOf(init.body);
        super(body);
        this.method = method;
        this.headers = new Headers(init.headers ?? from?.headers);
        if (type && !this.headers.has('Content-Type'))
            this.headers.append('Content-Type', type);
        this.redirect = init.redirect ?? from?.redirect ?? 'follow';
        this.signal = init.signal ?? from?.signal ?? null;
        let url;
        try {
            url = new URL(from ? from.url : input?.href ?? input);
        } catch {
            throw new TypeError('Only absolute URLs are supported');
        }
        if (!/^https?:$/.test(url.protocol))
            throw new TypeError('Only HTTP(S) protocols are supported');
        this.url = url.href;
    }
    clone() {
        return new Request(this);
    }
}

class Response extends Body {
    constructor(body, init = {}) {
        const [content, type] = bodyOf(body);
        super(content);
        this.status = init.status ?? 200;
        this.statusText = init.statusText ?? STATUS_TEXTS[this.status] ?? '';
        this.headers = new Headers(init.headers);
        if (type && !this.headers.has('Content-Type'))
            this.headers.append('Content-Type', type);
        this.url = init.url ?? '';
        this.redirected = init.redirected ?? false;
        this.size = 0;
        this.timeout = 0;
    }
    get ok() {
        return this.status >= 200 && this.status < 300;
    }
    clone() {
        if (this.bodyUsed)
            throw new TypeError('cannot clone body after it is used');
        const { status, statusText, headers, url, redirected } = this;
        return new Response(this.body, { status, statusText, headers, url, redirected });
    }
}

const STATUS_TEXTS = {
    200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content',
    301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 304: 'Not Modified',
    307: 'Temporary Redirect', 308: 'Permanent Redirect',
    400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden',
    404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable', 408: 'Request Timeout',
    409: 'Conflict', 410: 'Gone', 411: 'Length Required', 412: 'Precondition Failed',
    413: 'Payload Too Large', 415: 'Unsupported Media Type', 418: "I'm a Teapot",
    422: 'Unprocessable Entity', 423: 'Locked', 429: 'Too Many Requests',
    500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway',
    503: 'Service Unavailable', 504: 'Gateway Timeout',
};

const FOLLOWS = 1;
const TRANSPORT_OK = 1;

const REDIRECTED = 'uri requested responds with a redirect, redirect mode is set to error';

/** What node-fetch says when no answer came; @why may hold a code such as ECONNREFUSED. */
function failure(request, why) {
    const code = /\bE[A-Z]{3,}\b/.exec(why)?.[0];
    return new FetchError(`request to ${request.url} failed, reason: ${why}`, 'system', code);
}

/** Sends @job of @run, or queues it while too many are under way. */
function sendFetch(run, job) {
    if (run.fetches.size >= MAX_FETCHES) {
        run.queue.push(job);
        return;
    }
    const { request } = job;
    const id = run.nextFetch++;
    let headers = '';
    for (const [name, values] of Object.entries(request.headers.raw()))
        headers += values.map(value => `${name}\n${value}\n`).join('');
    run.fetches.set(id, job);
    const url = request.url.replace(/#.*$/s, '');
    const flags = request.redirect === 'follow' ? FOLLOWS : 0;
    if (native.fetch(run.id, id, request.method, url, headers, request.body, flags))
        return;
    run.fetches.delete(id);
    job.reject(failure(request, 'the request is too large'));
}

function fetch(input, init) {
    return new Promise((resolve, reject) => {
        const request = new Request(input, init);
        const run = ownerOf('fetch()');
        const abort = () => reject(new AbortError('The user aborted a request.'));
        if (request.signal?.aborted)
            return abort();
        request.signal?.addEventListener('abort', abort);
        if (run)
            sendFetch(run, { request, resolve, reject, origin: current });
    });
}

function responseOf(request, status, headers, body) {
    const lines = headers.split('\n');
    const pairs = [];
    for (let i = 0; i + 1 < lines.length; i += 2)
        pairs.push([lines[i], lines[i + 1]]);
    const redirects = status >= 300 && status < 400 &&
        pairs.some(([name]) => /^location$/i.test(name));
    if (redirects && request.redirect === 'error')
        throw new FetchError(`${REDIRECTED}: ${request.url}`, 'no-redirect');
    const response = new Response(body, { status, url: request.url });
    for (const [name, value] of pairs)
        try {
            response.headers.append(name, value);
        } catch {
            // An endpoint's malformed header is nothing to stop for.
        }
    return response;
}

function answer(runId, id, transport, status, headers, body, error) {
    const run = live.get(runId);
    const job = run?.fetches.get(id);
    current = job?.origin ?? run ?? null;
    if (!job)
        return;
    run.fetches.delete(id);
    try {
        if (transport !== TRANSPORT_OK)
            throw failure(job.request, error);
        job.resolve(responseOf(job.request, status, headers, body));
    } catch (thrown) {
        job.reject(thrown);
    }
    if (run.queue.length)
        sendFetch(run, run.queue.shift());
    if (run.onIdle && run.fetches.size === 0)
        Promise.resolve().then(() => run.fetches.size === 0 && run.onIdle());
}

for (const [name, value] of Object.entries({ fetch, Headers, Request, Response }))
    define(name, value);
