/* SPDX-License-Identifier: MIT */

// Blob, File and FormData: the standard's, and what form-data (npm) adds to it.

class Blob {
    #bytes;
    #type;
    constructor(parts = [], { type = '' } = {}) {
        if (typeof parts !== 'object' || typeof parts?.[Symbol.iterator] !== 'function')
            throw withCode(new TypeError(`The "sources" argument must be a sequence. ${received(parts)}`), 'ERR_INVALID_ARG_TYPE');
        this.#bytes = joinBytes([...parts].map(part =>
            part instanceof Blob ? part.#bytes : bytesOf(part) ?? native.encode(String(part))));
        this.#type = /[^\x20-\x7e]/.test(type) ? '' : String(type).toLowerCase();
    }
    get size() {
        return this.#bytes.length;
    }
    get type() {
        return this.#type;
    }
    async arrayBuffer() {
        return this.#bytes.slice().buffer;
    }
    async bytes() {
        return this.#bytes.slice();
    }
    async text() {
        return native.decode(this.#bytes);
    }
    slice(start = 0, end = this.size, type = '') {
        return new Blob([this.#bytes.slice(start, end)], { type });
    }
    stream() {
        return streamOf(this.#bytes);
    }
    static bytesOf(blob) {
        return blob.#bytes;
    }
    get [Symbol.toStringTag]() {
        return 'Blob';
    }
}
const bytesOfBlob = Blob.bytesOf;
delete Blob.bytesOf;

class File extends Blob {
    #name;
    #lastModified;
    constructor(parts, name, options = {}) {
        super(parts, options);
        this.#name = String(name);
        this.#lastModified = options.lastModified ?? Date.now();
    }
    get name() {
        return this.#name;
    }
    get lastModified() {
        return this.#lastModified;
    }
    get [Symbol.toStringTag]() {
        return 'File';
    }
}

const escapeName = text => text.replace(/[\r\n"]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const FILE_TYPES = {
    json: 'application/json', csv: 'text/csv', txt: 'text/plain', html: 'text/html', xml: 'application/xml',
    png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', pdf: 'application/pdf', zip: 'application/zip',
    gz: 'application/gzip',
};

/** The name and type of a part that is a file; {} when it is a plain value. */
function fileFacts(value, options) {
    const given = typeof options === 'string' ? { filename: options } : options ?? {};
    const filename = given.filename ?? given.filepath?.split('/').pop() ?? (value instanceof File ? value.name
        : value instanceof Blob ? 'blob' : undefined);
    const known = filename === undefined ? undefined : FILE_TYPES[filename.split('.').pop().toLowerCase()];
    const contentType = given.contentType ?? (value instanceof Blob ? value.type || undefined : known) ??
        (filename !== undefined || bytesOf(value) ? 'application/octet-stream' : undefined);
    return { filename, contentType, header: given.header };
}

class FormData {
    #parts = []; // {name, value, facts}
    #boundary = null;
    append(name, value, options) {
        if (Array.isArray(value))
            throw new Error('Arrays are not supported.');
        const isPlain = !(value instanceof Blob) && !bytesOf(value);
        this.#parts.push({ name: String(name), value: isPlain ? String(value) : value, facts: fileFacts(value, options) });
    }
    set(name, value, options) {
        const at = this.#parts.findIndex(part => part.name === String(name));
        this.append(name, value, options);
        if (at < 0)
            return;
        const [made] = this.#parts.splice(-1);
        this.#parts = this.#parts.filter((part, i) => i <= at || part.name !== made.name);
        this.#parts[at] = made;
    }
    delete(name) {
        this.#parts = this.#parts.filter(part => part.name !== String(name));
    }
    get(name) {
        return this.#parts.find(part => part.name === String(name))?.value ?? null;
    }
    getAll(name) {
        return this.#parts.filter(part => part.name === String(name)).map(({ value }) => value);
    }
    has(name) {
        return this.#parts.some(part => part.name === String(name));
    }
    forEach(fn, self) {
        for (const [name, value] of this)
            fn.call(self, value, name, this);
    }
    *entries() {
        for (const { name, value } of this.#parts)
            yield [name, value];
    }
    *keys() {
        for (const { name } of this.#parts)
            yield name;
    }
    *values() {
        for (const { value } of this.#parts)
            yield value;
    }
    [Symbol.iterator]() {
        return this.entries();
    }
    get [Symbol.toStringTag]() {
        return 'FormData';
    }

    // What the package form-data has.
    getBoundary() {
        this.#boundary ??= `--------------------------${native.hex(native.random(12))}`;
        return this.#boundary;
    }
    setBoundary(boundary) {
        this.#boundary = boundary;
    }
    getHeaders(more = {}) {
        return { 'content-type': `multipart/form-data; boundary=${this.getBoundary()}`, ...more };
    }
    getBuffer() {
        const parts = this.#parts.flatMap(({ name, value, facts }) => {
            const file = facts.filename === undefined ? '' : `; filename="${escapeName(facts.filename)}"`;
            const type = facts.contentType ? `\r\nContent-Type: ${facts.contentType}` : '';
            const more = Object.entries(facts.header ?? {}).map(([key, text]) => `\r\n${key}: ${text}`).join('');
            const head = `--${this.getBoundary()}\r\nContent-Disposition: form-data; name="${escapeName(name)}"` +
                `${file}${type}${more}\r\n\r\n`;
            const bytes = value instanceof Blob ? bytesOfBlob(value) : bytesFrom(value);
            return [native.encode(head), bytes, native.encode('\r\n')];
        });
        return asBuffer(joinBytes([...parts, native.encode(`--${this.getBoundary()}--\r\n`)]));
    }
    getLengthSync() {
        return this.getBuffer().length;
    }
    getLength(callback) {
        queueMicrotask(() => callback(null, this.getLengthSync()));
    }
    hasKnownLength() {
        return true;
    }
    pipe(target) {
        target.end(this.getBuffer());
        return target;
    }
}

for (const [name, value] of Object.entries({ Blob, File, FormData }))
    define(name, value);
