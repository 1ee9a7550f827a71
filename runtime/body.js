/* SPDX-License-Identifier: MIT */

// What Request and Response share: a body that is read once.

const isStream = body => typeof body === 'object' && typeof body?.pipe === 'function' && !(body instanceof FormData);

// Text is kept as text, which is what is asked for as a rule; its bytes are UTF-8.
const bytesOfContent = content => typeof content === 'string' ? native.encode(content) : content;
const textOfContent = content => typeof content === 'string' ? content : native.decode(content);

/** A body as it is kept: {content: text, bytes, Blob, stream or null; type: what it implies}. */
function bodyOf(body) {
    if (body === undefined || body === null)
        return { content: null, type: null };
    if (typeof body === 'string')
        return { content: body.toWellFormed(), type: 'text/plain;charset=UTF-8' };
    if (body instanceof URLSearchParams)
        return { content: body.toString(), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
    if (body instanceof Blob)
        return { content: body, type: body.type || null };
    if (body instanceof FormData)
        return { content: body.getBuffer(), type: `multipart/form-data;boundary=${body.getBoundary()}` };
    if (isStream(body))
        return { content: body, type: null };
    const bytes = bytesOf(body);
    return bytes ? { content: bytes.slice(), type: null } : bodyOf(String(body));
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
    #content;
    #stream = null; // what was fetched, once somebody asked for it as a stream
    #isFetched;
    #isUsed = false;
    constructor(content, size, timeout, isFetched) {
        this.#content = content;
        this.#isFetched = isFetched;
        this.size = size;
        this.timeout = timeout;
    }
    get bodyUsed() {
        return this.#isUsed || Boolean(this.#stream?.readableEnded);
    }
    /** Fetched: a stream, as node-fetch has it; else what it was made of. */
    get body() {
        if (this.#content === null || this.#content instanceof Blob || isStream(this.#content))
            return this.#content;
        this.#content = bytesOfContent(this.#content);
        if (!this.#isFetched)
            return asBuffer(this.#content.subarray());
        this.#stream ??= streamOf(this.#content);
        return this.#stream;
    }
    /** All text or bytes; a promise of them when they come from a stream. */
    #take() {
        if (this.bodyUsed)
            throw new TypeError(`body used already for: ${this.url}`);
        this.#isUsed = true;
        if (this.#content === null)
            return '';
        if (isStream(this.#content))
            return bytesOfStream(this.#content).then(bytes => this.#checked(bytes));
        return this.#checked(this.#content instanceof Blob ? bytesOfBlob(this.#content) : this.#content);
    }
    #checked(content) {
        if (this.size && bytesOfContent(content).length > this.size)
            throw new FetchError(`content size at ${this.url} over limit: ${this.size}`, 'max-size');
        return content;
    }
    async #takeBytes() {
        return bytesOfContent(await this.#take()).slice();
    }
    async text() {
        return textOfContent(await this.#take());
    }
    async json() {
        const text = textOfContent(await this.#take());
        try {
            return JSON.parse(text);
        } catch (thrown) {
            const why = `invalid json response body at ${this.url} reason: ${thrown.message}`;
            throw new FetchError(why, 'invalid-json');
        }
    }
    async buffer() {
        return asBuffer(await this.#takeBytes());
    }
    async arrayBuffer() {
        return (await this.#takeBytes()).buffer;
    }
    async blob() {
        const type = (this.headers?.get('content-type') ?? '').toLowerCase();
        return new Blob([await this.#takeBytes()], { type });
    }
    /** What a copy of @from has for a body; a stream is shared, since it is read once. */
    static contentOf(from) {
        return from.#content;
    }
}
const contentOf = Body.contentOf;
delete Body.contentOf;
