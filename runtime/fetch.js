/* SPDX-License-Identifier: MIT */

// fetch, Request and Response with the manners of node-fetch 2.

const MAX_REDIRECTS = 20;
const MAX_HREFS = 64;
const MAX_HREF_CHARACTERS = 1024;

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
    const href = parsedUrl(text)?.href ?? null;
    if (hrefs.size >= MAX_HREFS)
        hrefs.clear();
    if (text.length <= MAX_HREF_CHARACTERS)
        hrefs.set(text, href);
    return href;
}

function fetchedUrl(text) {
    const href = hrefOf(text);
    if (href === null)
        throw new TypeError('Only absolute URLs are supported');
    if (!href.startsWith('https:') && !href.startsWith('http:'))
        throw new TypeError('Only HTTP(S) protocols are supported');
    return href;
}

class Request extends Body {
    #url;
    #method;
    #headers;
    #redirect;
    #signal;
    constructor(input, init = {}) {
        init ??= {};
        const from = input instanceof Request ? input : null;
        const method = String(init.method ?? from?.method ?? 'GET').toUpperCase();
        const hasBody = (init.body ?? null) !== null || from !== null && from.body !== null;
        if (hasBody && (method === 'GET' || method === 'HEAD'))
            throw new TypeError('Request with GET/HEAD method cannot have body');
        const [body, type] = init.body === undefined || init.body === null ? [from && contentOf(from), null]
            : bodyOf(init.body);
        super(body, { size: init.size ?? from?.size, timeout: init.timeout ?? from?.timeout });
        this.#method = method;
        this.#headers = new Headers(init.headers ?? from?.headers ?? {});
        if (type && !this.#headers.has('Content-Type'))
            this.#headers.append('Content-Type', type);
        this.#redirect = init.redirect ?? from?.redirect ?? 'follow';
        this.#signal = 'signal' in init ? init.signal : from?.signal ?? null;
        if (this.#signal && !(this.#signal instanceof AbortSignal))
            throw new TypeError('Expected signal to be an instanceof AbortSignal');
        this.follow = init.follow ?? from?.follow ?? MAX_REDIRECTS;
        this.compress = init.compress ?? from?.compress ?? true;
        this.counter = init.counter ?? from?.counter ?? 0;
        this.agent = init.agent ?? from?.agent;
        this.#url = from ? from.url : hrefOf(String(input?.href ?? input)) ?? String(input);
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
    #facts;
    #headers; // null until somebody asks for what was fetched
    /** @fetched: {url, counter, pairs}; @body is then bytes that nobody else writes to. */
    constructor(body, init = {}, fetched = null) {
        const [content, type] = fetched ? [body, null] : bodyOf(body);
        super(content, init ?? {}, fetched !== null);
        const status = init?.status || 200;
        this.#headers = fetched?.pairs ? null : new Headers(init?.headers);
        if (type && !this.#headers.has('Content-Type'))
            this.#headers.append('Content-Type', type);
        this.#facts = {
            status, statusText: init?.statusText || STATUS_TEXTS[status] || '', url: fetched?.url ?? init?.url ?? '',
            counter: fetched?.counter ?? 0, pairs: fetched?.pairs,
        };
    }
    get url() {
        return this.#facts.url;
    }
    get status() {
        return this.#facts.status;
    }
    get statusText() {
        return this.#facts.statusText;
    }
    get ok() {
        return this.status >= 200 && this.status < 300;
    }
    get redirected() {
        return this.#facts.counter > 0;
    }
    get headers() {
        this.#headers ??= receivedHeaders(this.#facts.pairs);
        return this.#headers;
    }
    clone() {
        if (this.bodyUsed)
            throw new Error('cannot clone body after it is used');
        const { status, statusText, headers, size, timeout } = this;
        return new Response(contentOf(this), { status, statusText, headers, size, timeout },
            { ...this.#facts, pairs: null });
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
        headers: hop.headers.filter(([name]) => !dropped(name)),
        body: becomesGet ? null : hop.body,
    };
}

/** @body out of what its Content-Encoding says it is in. */
function decompressed(request, status, headers, body) {
    if (!request.compress || request.method === 'HEAD' || status === 204 || status === 304 || body.length === 0)
        return body;
    const coding = headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1].toLowerCase();
    if (!/^(x-)?(gzip|deflate)$/.test(coding ?? ''))
        return body;
    const { gunzipSync, inflateSync, inflateRawSync } = requireModule('zlib');
    try {
        return coding.endsWith('gzip') ? gunzipSync(body) : (body[0] & 15) === 8 ? inflateSync(body) : inflateRawSync(body);
    } catch (thrown) {
        throw new FetchError(`Invalid response body while trying to fetch ${request.url}: ${thrown.message}`, 'system',
            thrown.code);
    }
}

function responseOf(request, url, counter, { status, headers, body }) {
    const { size, timeout } = request;
    const pairs = headers;
    return new Response(decompressed(request, status, headers, body), { status, size, timeout }, { url, counter, pairs });
}

/** What goes out first; its body may be a stream still. */
function firstHop(request) {
    const content = contentOf(request);
    const body = content instanceof Blob ? bytesOfBlob(content) : content;
    return { url: fetchedUrl(request.url), method: request.method, headers: pairsOf(request.headers), body };
}

async function answerTo(hop, ticket) {
    try {
        return await exchange(hop, 'fetch()', ticket);
    } catch (thrown) {
        throw fetchFailure(hop.url, thrown);
    }
}

/** Sends @request before it returns, unless its body is a stream, and all that it is redirected to. */
async function start(request, ticket) {
    let hop = firstHop(request);
    if (isStream(hop.body))
        hop.body = await bytesOfStream(hop.body);
    for (let counter = request.counter; ; counter++) {
        const got = await answerTo(hop, ticket);
        const response = responseOf(request, hop.url, counter, got);
        const location = isRedirect(got.status) ? response.headers.get('Location') : null;
        if (location !== null && request.redirect === 'error')
            throw new FetchError(`${REDIRECTED}: ${hop.url}`, 'no-redirect');
        if (location === null)
            return response;
        const url = new URL(location, hop.url).href;
        if (request.redirect === 'manual') {
            response.headers.set('Location', url);
            return response;
        }
        if (counter >= request.follow)
            throw new FetchError(`maximum redirect reached at: ${hop.url}`, 'max-redirect');
        hop = nextHop(hop, got.status, fetchedUrl(url));
    }
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
        const request = new Request(input, init);
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
