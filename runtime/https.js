/* SPDX-License-Identifier: MIT */

// The modules http and https, over the way that fetch() goes: what code of the first two
// generations sends requests with. There are no sockets below; agents are ignored.

const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Of these the first value counts; others are joined (Node's IncomingMessage).
const SINGLE_HEADERS = new Set(['age', 'authorization', 'content-length', 'content-type', 'etag', 'expires', 'from',
    'host', 'if-modified-since', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards',
    'proxy-authorization', 'referer', 'retry-after', 'server', 'user-agent']);

function joinHeaders(pairs) {
    const headers = {};
    for (const [written, value] of pairs) {
        const name = written.toLowerCase();
        if (name === 'set-cookie')
            (headers[name] ??= []).push(value);
        else if (!Object.hasOwn(headers, name))
            headers[name] = value;
        else if (!SINGLE_HEADERS.has(name))
            headers[name] += (name === 'cookie' ? '; ' : ', ') + value;
    }
    return headers;
}

/** What a URL object says as options of request(). */
function optionsOfUrl(url) {
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const { protocol, hash, search, pathname, href, username, password } = url;
    const options = { protocol, hostname, hash, search, pathname, path: `${pathname || ''}${search || ''}`, href };
    if (url.port !== '')
        options.port = Number(url.port);
    if (username || password)
        options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return options;
}

/** request(url?, options?, callback?) → [options, callback] */
function requestArguments(args) {
    let [input, options, callback] = args;
    if (typeof input === 'string')
        input = optionsOfUrl(new URL(input));
    else if (input instanceof URL)
        input = optionsOfUrl(input);
    else
        [input, options, callback] = [{}, input, options];
    if (typeof options === 'function')
        [options, callback] = [{}, options];
    return [{ ...input, ...options }, callback];
}

function hostOf(options) {
    for (const name of ['hostname', 'host']) {
        const host = options[name];
        if (host !== null && host !== undefined && typeof host !== 'string')
            throw argumentError(`options.${name}`, 'of type string or one of undefined or null', host);
    }
    return options.hostname || options.host || 'localhost';
}

function checkHeader(name, value) {
    if (typeof name !== 'string' || !HTTP_TOKEN.test(name))
        throw withCode(new TypeError(`Header name must be a valid HTTP token ["${textOf(name)}"]`), 'ERR_INVALID_HTTP_TOKEN');
    if (value === undefined)
        throw withCode(new TypeError(`Invalid value "undefined" for header "${name}"`), 'ERR_HTTP_INVALID_HEADER_VALUE');
    if ([value].flat().some(one => /[^\t\x20-\x7e\x80-\xff]/.test(one)))
        throw withCode(new TypeError(`Invalid character in header content ["${name}"]`), 'ERR_INVALID_CHAR');
}

/** The classes, once somebody uses them: they are streams. */
const httpClasses = makeOnce(() => {
    const { Readable, Writable } = requireModule('stream');
    const EventEmitter = requireModule('events');

    class Socket extends EventEmitter {
        setTimeout() {
            return this;
        }
        setNoDelay() {
            return this;
        }
        setKeepAlive() {
            return this;
        }
        destroy() {}
    }

    class IncomingMessage extends Readable {
        constructor({ status, headers, body }, socket) {
            super();
            this.httpVersion = '1.1';
            this.statusCode = status;
            this.statusMessage = STATUS_TEXTS[status] ?? '';
            const pairs = headerPairs(headers);
            this.headers = joinHeaders(pairs);
            this.rawHeaders = pairs.flat();
            this.trailers = {};
            this.rawTrailers = [];
            this.complete = false;
            this.aborted = false;
            this.url = '';
            this.method = null;
            this.socket = this.connection = socket;
            this.body = bytesOfContent(body);
            Object.defineProperty(this, 'body', { enumerable: false });
        }
        _read() {
            if (this.body.length)
                this.push(asBuffer(this.body.slice()));
            this.complete = true;
            this.push(null);
        }
        setTimeout() {
            return this;
        }
    }

    class ClientRequest extends Writable {
        #headers = new Map(); // lower case → [name as written, value]
        #parts = [];
        #timer = null;
        #isAnswered = false;
        #isOver = false;
        #ticket = {};
        #url;
        constructor(protocol, options, callback) {
            super({ decodeStrings: true });
            if (options.protocol && options.protocol !== protocol)
                throw withCode(new TypeError(`Protocol "${options.protocol}" not supported. Expected "${protocol}"`),
                    'ERR_INVALID_PROTOCOL');
            if (options.path && /[^\u0021-\u00ff]/.test(options.path))
                throw withCode(new TypeError('Request path contains unescaped characters'), 'ERR_UNESCAPED_CHARACTERS');
            this.host = hostOf(options);
            this.protocol = protocol;
            this.path = options.path || '/';
            this.#setMethod(options.method);
            const own = protocol === 'https:' ? 443 : 80;
            const port = +(options.port || options.defaultPort || own);
            const name = this.host.includes(':') && !this.host.startsWith('[') ? `[${this.host}]` : this.host;
            const host = port === own ? name : `${name}:${port}`;
            this.#url = `${protocol}//${host}${this.path.replace(/#/g, '%23').replace(/^(?!\/)/, '/')}`;
            this.reusedSocket = this.aborted = false;
            this.#setHeaders(options, host);
            if (callback)
                this.once('response', callback);
            if (options.timeout)
                this.setTimeout(options.timeout);
            options.signal?.addEventListener('abort', () => this.destroy(abortedByNode()));
            this.socket = this.connection = new Socket();
            queueMicrotask(() => this.emit('socket', this.socket));
        }
        #setMethod(method) {
            if (method !== null && method !== undefined && typeof method !== 'string')
                throw argumentError('options.method', 'of type string', method);
            if (method && !HTTP_TOKEN.test(method))
                throw withCode(new TypeError(`Method must be a valid HTTP token ["${method}"]`), 'ERR_INVALID_HTTP_TOKEN');
            this.method = method ? method.toUpperCase() : 'GET';
        }
        #setHeaders({ headers, auth }, host) {
            if (Array.isArray(headers))
                for (let i = 0; i + 1 < headers.length; i += 2)
                    this.setHeader(headers[i], headers[i + 1]);
            else
                for (const [name, value] of Object.entries(headers ?? {}))
                    this.setHeader(name, value);
            if (!this.hasHeader('host'))
                this.setHeader('Host', host);
            if (auth && !this.hasHeader('authorization'))
                this.setHeader('Authorization', `Basic ${native.base64(native.encode(auth))}`);
        }
        setHeader(name, value) {
            checkHeader(name, value);
            if (this.headersSent)
                throw withCode(new Error('Cannot set headers after they are sent to the client'), 'ERR_HTTP_HEADERS_SENT');
            this.#headers.set(name.toLowerCase(), [name, value]);
            return this;
        }
        getHeader(name) {
            return this.#headers.get(String(name).toLowerCase())?.[1];
        }
        hasHeader(name) {
            return this.#headers.has(String(name).toLowerCase());
        }
        removeHeader(name) {
            this.#headers.delete(String(name).toLowerCase());
        }
        getHeaderNames() {
            return [...this.#headers.keys()];
        }
        getRawHeaderNames() {
            return Array.from(this.#headers.values(), ([name]) => name);
        }
        getHeaders() {
            return Object.assign(Object.create(null),
                Object.fromEntries(Array.from(this.#headers, ([name, [, value]]) => [name, value])));
        }
        get headersSent() {
            return this.#parts.length > 0 || this.writableEnded;
        }
        flushHeaders() {}
        setNoDelay() {}
        setSocketKeepAlive() {}
        setTimeout(delay, callback) {
            if (callback)
                this.once('timeout', callback);
            this.#timer?.stop();
            this.#timer = delay > 0 && !this.#isOver ? new Timeout(() => this.emit('timeout'), delay, [], false) : null;
            this.timeout = delay;
            return this;
        }
        _write(chunk, encoding, done) {
            this.#parts.push(bytesFrom(chunk));
            done();
        }
        _final(done) {
            done();
            if (!this.destroyed)
                this.#send();
        }
        #send() {
            const headers = headersText([...this.#headers.values()].flatMap(([name, value]) =>
                [value].flat().map(one => [name, one])));
            const isBodiless = this.#parts.length === 0 && /^(GET|HEAD|DELETE|OPTIONS|TRACE)$/.test(this.method);
            exchange({
                method: this.method, url: this.#url, headers, body: isBodiless ? null : joinBytes(this.#parts),
                resolve: answer => queueMicrotask(() => this.#take(answer)),
                reject: thrown => queueMicrotask(() => this.#fail(thrown)),
            }, `${this.protocol.slice(0, -1)}.request()`, this.#ticket);
        }
        #take(answer) {
            if (this.#isOver)
                return;
            this.#isAnswered = true;
            const response = this.res = new IncomingMessage(answer, this.socket);
            response.req = this;
            response.once('end', () => this.#finish());
            if (!this.emit('response', response))
                response.resume();
        }
        #finish() {
            if (this.#isOver)
                return;
            this.#isOver = true;
            this.#timer?.stop();
            queueMicrotask(() => this.emit('close'));
        }
        #fail(error) {
            if (this.#isOver)
                return;
            this.#finish();
            this.emit('error', error);
        }
        abort() {
            if (this.aborted)
                return;
            this.aborted = true;
            queueMicrotask(() => this.emit('abort'));
            this.destroy();
        }
        destroy(error) {
            if (this.destroyed)
                return this;
            this.destroyed = true;
            abandon(this.#ticket);
            const why = error ?? (this.#isAnswered ? null : withCode(new Error('socket hang up'), 'ECONNRESET'));
            queueMicrotask(() => why ? this.#fail(why) : this.#finish());
            return this;
        }
    }

    class Agent extends EventEmitter {
        constructor(options = {}) {
            super();
            this.options = { ...options };
        }
        destroy() {}
    }

    return { Agent, ClientRequest, IncomingMessage };
});

const abortedByNode = () => Object.assign(new AbortError('The operation was aborted'), { code: 'ABORT_ERR' });

function makeHttp(protocol) {
    const { Agent, ClientRequest, IncomingMessage } = httpClasses();
    const request = (...args) => new ClientRequest(protocol, ...requestArguments(args));
    const get = (...args) => {
        const made = request(...args);
        made.end();
        return made;
    };
    return addAbsent({
        request, get, Agent, globalAgent: new Agent(), ClientRequest, IncomingMessage,
        STATUS_CODES: { ...STATUS_TEXTS },
        METHODS: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
    }, protocol.slice(0, -1), ['createServer'], 'a function answers no requests; write onRequest for a source');
}

provide('http', () => makeHttp('http:'));
provide('https', () => makeHttp('https:'));
defineLazy('https', () => requireModule('https'));
