/* SPDX-License-Identifier: MIT */

// What Request and Response share: a body that is read once.

const isStream = body => typeof body === 'object' && typeof body?.pipe === 'function' && !(body instanceof FormData);

/** A body as it is kept: [bytes, Blob, stream or null; the content type that it implies]. */
function bodyOf(body) {
    if (body === undefined || body === null)
        return [null, null];
    if (typeof body === 'string')
        return [native.encode(body), 'text/plain;charset=UTF-8'];
    if (body instanceof URLSearchParams)
        return [native.encode(body.toString()), 'application/x-www-form-urlencoded;charset=UTF-8'];
    if (body instanceof Blob)
        return [body, body.type || null];
    if (body instanceof FormData)
        return [body.getBuffer(), `multipart/form-data;boundary=${body.getBoundary()}`];
    if (isStream(body))
        return [body, null];
    const bytes = bytesOf(body);
    return bytes ? [bytes.slice(), null] : [native.encode(String(body)), 'text/plain;charset=UTF-8'];
}

/** A stream that gives @bytes and ends. */
function streamOf(bytes) {
    const stream = new (requireModule('stream').Readable)({ read() {} });
    if (bytes.length)
        stream.push(asBuffer(bytes.slice()));
    stream.push(null);
    return stream;
}

/** All of a stream. */
async function bytesOfStream(stream) {
    const parts = [];
    for await (const part of stream)
        parts.push(bytesFrom(part));
    return joinBytes(parts);
}

class Body {
    #body;
    #stream = null; // what was fetched, once somebody asked for it as a stream
    #isFetched;
    #isUsed = false;
    constructor(body, { size = 0, timeout = 0 } = {}, isFetched = false) {
        this.#body = body;
        this.#isFetched = isFetched;
        this.size = size;
        this.timeout = timeout;
    }
    get bodyUsed() {
        return this.#isUsed || Boolean(this.#stream?.readableEnded);
    }
    /** Fetched: a stream, as node-fetch has it; else what it was made of. */
    get body() {
        if (this.#body === null || this.#body instanceof Blob || isStream(this.#body))
            return this.#body;
        if (!this.#isFetched)
            return asBuffer(this.#body.subarray());
        this.#stream ??= streamOf(this.#body);
        return this.#stream;
    }
    /** All bytes; a promise of them when they come from a stream. */
    #take() {
        if (this.bodyUsed)
            throw new TypeError(`body used already for: ${this.url}`);
        this.#isUsed = true;
        if (this.#body === null)
            return new Uint8Array(0);
        if (isStream(this.#body))
            return bytesOfStream(this.#body).then(bytes => this.#checked(bytes));
        return this.#checked(this.#body instanceof Blob ? bytesOfBlob(this.#body) : this.#body);
    }
    #checked(bytes) {
        if (this.size && bytes.length > this.size)
            throw new FetchError(`content size at ${this.url} over limit: ${this.size}`, 'max-size');
        return bytes;
    }
    async text() {
        return native.decode(await this.#take());
    }
    async json() {
        const text = native.decode(await this.#take());
        try {
            return JSON.parse(text);
        } catch (thrown) {
            const why = `invalid json response body at ${this.url} reason: ${thrown.message}`;
            throw new FetchError(why, 'invalid-json');
        }
    }
    async buffer() {
        return asBuffer((await this.#take()).slice());
    }
    async arrayBuffer() {
        return (await this.#take()).slice().buffer;
    }
    async blob() {
        const type = (this.headers?.get('content-type') ?? '').toLowerCase();
        return new Blob([await this.#take()], { type });
    }
    /** What a copy of @from has for a body; a stream is shared, since it is read once. */
    static contentOf(from) {
        return from.#body;
    }
}
const contentOf = Body.contentOf;
delete Body.contentOf;
