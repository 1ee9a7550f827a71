/* SPDX-License-Identifier: MIT */

// fetch, Request and Response with the manners of node-fetch 2.

const MAX_REDIRECTS = 20;

/** text → href, of what was fetched lately: a function goes to the same places. */
const hrefs = new Map();

const HAS_SCHEME = /^[a-z][a-z\d+\-.]*:/i;

/** null when it is not absolute; an absolute one that is broken throws. */
function parsedUrl(text) {
    try {
        return new URL(text);
    } catch (thrown) {
        if (HAS_SCHEME.test(text))
            throw thrown;
        return null;
    }
}

/** A URL's text in its normal form; null when it is none. */
function hrefOf(text) {
    const known = hrefs.get(text);
    if (known !== undefined)
        return known;
    return remember(hrefs, text, parsedUrl(text)?.href ?? null);
}

function fetchedUrl(text) {
    const href = hrefOf(text);
    if (href === null)
        throw new TypeError('Only absolute URLs are supported');
    if (!href.startsWith('https:') && !href.startsWith('http:'))
        throw new TypeError('Only HTTP(S) protocols are supported');
    return href;
}

/** What a request is, of what fetch() or Request() are called with; headers: their text. */
function requestFacts(input, init) {
    init ??= {};
    const from = input instanceof Request ? input : null;
    const method = String(init.method ?? from?.method ?? 'GET').toUpperCase();
    const made = init.body === undefined || init.body === null ? null : bodyOf(init.body);
    const content = made ? made.content : from && contentOf(from);
    if (content !== null && (method === 'GET' || method === 'HEAD'))
        throw new TypeError('Request with GET/HEAD method cannot have body');
    const headers = headersTextOf(init.headers ?? from?.headers, made ? made.type : null);
    const signal = 'signal' in init ? init.signal : from?.signal ?? null;
    if (signal && !(signal instanceof AbortSignal))
        throw new TypeError('Expected signal to be an instanceof AbortSignal');
    return {
        url: from ? from.url : hrefOf(String(input?.href ?? input)) ?? String(input),
        method, headers, content, signal,
        redirect: init.redirect ?? from?.redirect ?? 'follow',
        size: init.size ?? from?.size ?? 0,
        timeout: init.timeout ?? from?.timeout ?? 0,
        follow: init.follow ?? from?.follow ?? MAX_REDIRECTS,
        compress: init.compress ?? from?.compress ?? true,
        counter: init.counter ?? from?.counter ?? 0,
        agent: init.agent ?? from?.agent,
    };
}

class Request extends Body {
    #url;
    #method;
    #headers;
    #redirect;
    #signal;
    constructor(input, init = {}) {
        const facts = requestFacts(input, init);
        super(facts.content, facts.size, facts.timeout, false);
        this.#method = facts.method;
        this.#headers = new Headers(headerPairs(facts.headers));
        this.#redirect = facts.redirect;
        this.#signal = facts.signal;
        this.follow = facts.follow;
        this.compress = facts.compress;
        this.counter = facts.counter;
        this.agent = facts.agent;
        this.#url = facts.url;
    }
    get method() {
        return this.#method;
    }
    get url() {
        return this.#url;
    }
    get headers() {
        return this.#headers;
    }
    get redirect() {
        return this.#redirect;
    }
    get signal() {
        return this.#signal;
    }
    clone() {
        return new Request(this);
    }
    get [Symbol.toStringTag]() {
        return 'Request';
    }
}

/** An endpoint's malformed header is nothing to stop for. */
function receivedHeaders(pairs) {
    const headers = new Headers();
    for (const [name, value] of pairs)
        try {
            headers.append(name.toLowerCase(), value);
        } catch {
            // It is left out.
        }
    return headers;
}

class Response extends Body {
    #facts; // {status, statusText, url, counter, text: of its headers when nobody has asked for them yet}
    #headers = null;
    /** @fetched: the facts of what was fetched; @body is then content that nobody else writes to. */
    constructor(body, init = {}, fetched = null) {
        const made = fetched ? null : bodyOf(body);
        super(made ? made.content : body, init?.size ?? 0, init?.timeout ?? 0, made === null);
        this.#facts = fetched ?? {
            status: init?.status || 200, statusText: init?.statusText, url: init?.url ?? '', counter: 0, text: null,
        };
        if (this.#facts.text === null)
            this.#headers = new Headers(init?.headers);
        if (made?.type && !this.#headers.has('Content-Type'))
            this.#headers.append('Content-Type', made.type);
    }
    get url() {
        return this.#facts.url;
    }
    get status() {
        return this.#facts.status;
    }
    get statusText() {
        return this.#facts.statusText || STATUS_TEXTS[this.#facts.status] || '';
    }
    get ok() {
        const { status } = this.#facts;
        return status >= 200 && status < 300;
    }
    get redirected() {
        return this.#facts.counter > 0;
    }
    get headers() {
        this.#headers ??= receivedHeaders(headerPairs(this.#facts.text));
        return this.#headers;
    }
    clone() {
        if (this.bodyUsed)
            throw new Error('cannot clone body after it is used');
        const { headers, size, timeout } = this;
        return new Response(contentOf(this), { headers, size, timeout }, { ...this.#facts, text: null });
    }
    get [Symbol.toStringTag]() {
        return 'Response';
    }
}

const isRedirect = status => status > 300 && [301, 302, 303, 307, 308].includes(status);

const REDIRECTED = 'uri requested responds with a redirect, redirect mode is set to error';

/** A request's error in node-fetch's words; what is already one of them goes on. */
function fetchFailure(url, thrown) {
    if (thrown instanceof FetchError || thrown instanceof AbortError)
        return thrown;
    return new FetchError(`request to ${url} failed, reason: ${thrown.message}`, 'system', thrown.code);
}

const isSubdomain = (a, b) => a === b || a.endsWith(`.${b}`);

/** What is sent next when @hop was answered with a redirect to @url. */
function nextHop(hop, status, url) {
    const becomesGet = status === 303 || (status === 301 || status === 302) && hop.method === 'POST';
    const isForeign = !isSubdomain(new URL(url).hostname, new URL(hop.url).hostname);
    const dropped = name => becomesGet && /^content-length$/i.test(name) ||
        isForeign && /^(authorization|www-authenticate|cookie2?)$/i.test(name);
    return {
        url,
        method: becomesGet ? 'GET' : hop.method,
        headers: headersText(headerPairs(hop.headers).filter(([name]) => !dropped(name))),
        body: becomesGet ? null : hop.body,
    };
}

/** The body of @got out of what its Content-Encoding says it is in. */
function decompressed(request, got) {
    const { body, status } = got;
    if (!got.isCoded || !request.compress || request.method === 'HEAD' || status === 204 || status === 304 || body.length === 0)
        return body;
    const coding = receivedHeaders(headerPairs(got.headers)).get('content-encoding')?.toLowerCase();
    if (!/^(x-)?(gzip|deflate)$/.test(coding ?? ''))
        return body;
    const { gunzipSync, inflateSync, inflateRawSync } = requireModule('zlib');
    const bytes = bytesOfContent(body);
    try {
        return coding.endsWith('gzip') ? gunzipSync(bytes) : (bytes[0] & 15) === 8 ? inflateSync(bytes) : inflateRawSync(bytes);
    } catch (thrown) {
        throw new FetchError(`Invalid response body while trying to fetch ${request.url}: ${thrown.message}`, 'system',
            thrown.code);
    }
}

const responseOf = (request, url, counter, got) => new Response(decompressed(request, got), request,
    { status: got.status, statusText: '', url, counter, text: got.headers });

/**
 * One request on the way and what follows from its answer: a job of exchange(). Without
 * promises or functions of its own, which take longer than all else here.
 */
class Hop {
    constructor(request, counter, parts, ticket, keep, fail) {
        this.url = parts.url;
        this.method = parts.method;
        this.headers = parts.headers;
        this.body = parts.body;
        this.origin = null;
        this.request = request;
        this.counter = counter; // how often it was redirected
        this.ticket = ticket;
        this.keep = keep; // of the promise that fetch() gave
        this.fail = fail;
    }
    send() {
        exchange(this, 'fetch()', this.ticket);
    }
    resolve(got) {
        try {
            const response = this.arrive(got);
            if (response)
                this.keep(response);
        } catch (thrown) {
            this.fail(thrown);
        }
    }
    reject(thrown) {
        this.fail(fetchFailure(this.url, thrown));
    }
    /** The response that @got is; null when it redirects. */
    arrive(got) {
        const { request } = this;
        const response = responseOf(request, this.url, this.counter, got);
        const location = isRedirect(got.status) ? response.headers.get('Location') : null;
        if (location === null)
            return response;
        if (request.redirect === 'error')
            throw new FetchError(`${REDIRECTED}: ${this.url}`, 'no-redirect');
        const url = new URL(location, this.url).href;
        if (request.redirect === 'manual') {
            response.headers.set('Location', url);
            return response;
        }
        if (this.counter >= request.follow)
            throw new FetchError(`maximum redirect reached at: ${this.url}`, 'max-redirect');
        const next = nextHop(this, got.status, fetchedUrl(url));
        new Hop(request, this.counter + 1, next, this.ticket, this.keep, this.fail).send();
        return null;
    }
}

/** Sends @request before it returns, unless its body is a stream. */
function start(request, ticket) {
    return new Promise((resolve, reject) => {
        const { method, headers, content } = request;
        const body = content instanceof Blob ? bytesOfBlob(content) : content;
        const first = { url: fetchedUrl(request.url), method, headers, body };
        const hop = new Hop(request, request.counter, first, ticket, resolve, reject);
        if (!isStream(body))
            return hop.send();
        bytesOfStream(body).then(bytes => {
            hop.body = bytes;
            hop.send();
        }).catch(reject);
    });
}

/** A fetch that ends early by a signal or a timeout. */
function startLimited(request) {
    return new Promise((resolve, reject) => {
        const ticket = {};
        const give = error => {
            reject(error);
            abandon(ticket);
        };
        const abort = () => give(new AbortError('The user aborted a request.'));
        if (request.signal?.aborted)
            return abort();
        request.signal?.addEventListener('abort', abort);
        const over = () => give(new FetchError(`network timeout at: ${request.url}`, 'request-timeout'));
        const timer = request.timeout ? new Timeout(over, request.timeout, [], false) : null;
        start(request, ticket).then(resolve, reject).finally(() => {
            timer?.stop();
            request.signal?.removeEventListener('abort', abort);
        });
    });
}

function fetch(input, init) {
    try {
        const request = requestFacts(input, init);
        return request.signal || request.timeout ? startLimited(request) : start(request, {});
    } catch (thrown) {
        return Promise.reject(thrown);
    }
}

fetch.isRedirect = isRedirect;

for (const [name, value] of Object.entries({ fetch, Request, Response }))
    define(name, value);
provide('node-fetch', () => Object.assign((...args) => fetch(...args),
    { default: fetch, fetch, Headers, Request, Response, FetchError, AbortError, isRedirect }));
