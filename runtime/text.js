/* SPDX-License-Identifier: MIT */

// Text and bytes: TextEncoder, TextDecoder, atob, btoa.

/** A Uint8Array over the same bytes, of any buffer or view; null when it is neither. */
function bytesOf(source) {
    if (source instanceof Uint8Array)
        return source;
    if (source instanceof ArrayBuffer)
        return new Uint8Array(source);
    if (ArrayBuffer.isView(source))
        return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return null;
}

/** All @parts, one after the other. */
function joinBytes(parts) {
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        joined.set(part, at);
        at += part.length;
    }
    return joined;
}

define('TextEncoder', class TextEncoder {
    get encoding() {
        return 'utf-8';
    }
    encode(text = '') {
        return native.encode(String(text));
    }
    /** As many whole characters as there is room for. */
    encodeInto(text, target) {
        let [read, written] = [0, 0];
        for (const c of String(text)) {
            const bytes = native.encode(c);
            if (written + bytes.length > target.length)
                break;
            target.set(bytes, written);
            written += bytes.length;
            read += c.length;
        }
        return { read, written };
    }
});

// What the labels of the Encoding standard stand for, as far as functions meet them.
const ENCODINGS = {
    'utf-8': ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'],
    'utf-16le': ['utf-16le', 'utf-16', 'ucs-2', 'unicode', 'iso-10646-ucs-2', 'csunicode', 'unicodefeff'],
    'utf-16be': ['utf-16be', 'unicodefffe'],
    'windows-1252': ['windows-1252', 'latin1', 'iso-8859-1', 'iso8859-1', 'iso88591', 'iso_8859-1', 'ascii',
        'us-ascii', 'l1', 'cp1252', 'x-cp1252', 'ansi_x3.4-1968', 'cp819', 'ibm819', 'csisolatin1'],
};

// What windows-1252 has from 0x80 to 0x9f, where Latin-1 has controls.
const WINDOWS_1252 = '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
    '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

function encodingOf(label) {
    const wanted = String(label).trim().toLowerCase();
    for (const [name, labels] of Object.entries(ENCODINGS))
        if (labels.includes(wanted))
            return name;
    throw withCode(new RangeError(`The "${label}" encoding is not supported`), 'ERR_ENCODING_NOT_SUPPORTED');
}

function decodeUtf16(bytes, isBig) {
    let text = '';
    for (let i = 0; i + 1 < bytes.length; i += 2)
        text += String.fromCharCode(isBig ? bytes[i] << 8 | bytes[i + 1] : bytes[i] | bytes[i + 1] << 8);
    return bytes.length % 2 ? `${text}\ufffd`.toWellFormed() : text.toWellFormed();
}

function decodeSingle(bytes) {
    let text = '';
    for (const byte of bytes)
        text += byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte);
    return text;
}

/** How many bytes at the end begin a UTF-8 character that goes on after them. */
function unfinishedUtf8(bytes) {
    for (let n = 1; n <= Math.min(3, bytes.length); n++) {
        const byte = bytes[bytes.length - n];
        if (byte >= 0xc0)
            return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > n ? n : 0;
        if (byte < 0x80)
            return 0;
    }
    return 0;
}

define('TextDecoder', class TextDecoder {
    #encoding;
    #rest = new Uint8Array(0); // of a character that goes on in the next call
    #isStarted = false;
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
        this.#encoding = encodingOf(label);
        Object.defineProperties(this, {
            fatal: { value: Boolean(fatal) }, ignoreBOM: { value: Boolean(ignoreBOM) },
        });
    }
    get encoding() {
        return this.#encoding;
    }
    #decodeWhole(bytes) {
        if (this.#encoding === 'windows-1252')
            return decodeSingle(bytes);
        if (this.#encoding !== 'utf-8')
            return decodeUtf16(bytes, this.#encoding === 'utf-16be');
        return native.decode(bytes);
    }
    #isExact(bytes, text) {
        if (this.#encoding === 'utf-8')
            return native.same(native.encode(text), bytes);
        return this.#encoding === 'windows-1252' || !text.includes('\ufffd');
    }
    decode(source = new Uint8Array(0), { stream = false } = {}) {
        const given = bytesOf(source);
        if (!given)
            throw argumentError('list', 'an instance of ArrayBuffer or ArrayBufferView', source);
        let bytes = this.#rest.length ? joinBytes([this.#rest, given]) : given;
        const nOpen = !stream || this.#encoding === 'windows-1252' ? 0
            : this.#encoding === 'utf-8' ? unfinishedUtf8(bytes) : bytes.length % 2;
        this.#rest = bytes.slice(bytes.length - nOpen);
        bytes = bytes.subarray(0, bytes.length - nOpen);
        const text = this.#decodeWhole(bytes);
        if (this.fatal && !this.#isExact(bytes, text))
            throw withCode(new TypeError(`The encoded data was not valid for encoding ${this.#encoding}`),
                'ERR_ENCODING_INVALID_ENCODED_DATA');
        const hasMark = !this.ignoreBOM && !this.#isStarted && text.charCodeAt(0) === 0xfeff;
        this.#isStarted = stream && (this.#isStarted || bytes.length > 0);
        return hasMark ? text.slice(1) : text;
    }
});

class DOMException extends Error {
    #name;
    #code;
    constructor(message = '', name = 'Error') {
        super(message);
        this.#name = String(name?.name ?? name);
        this.#code = DOM_CODES[this.#name] ?? 0;
    }
    get name() {
        return this.#name;
    }
    get code() {
        return this.#code;
    }
}
const DOM_CODES = {
    InvalidCharacterError: 5, NotFoundError: 8, NotSupportedError: 9, SyntaxError: 12, TypeMismatchError: 17,
    AbortError: 20, QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25,
};
define('DOMException', DOMException);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES_OF_BASE64 = Object.fromEntries([...BASE64].map((c, i) => [c, i]));

function btoa(...args) {
    const text = String(args[0]);
    if (args.length === 0)
        throw withCode(new TypeError('The "data" argument must be specified'), 'ERR_MISSING_ARGS');
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
        if (text.charCodeAt(i) > 255)
            throw new DOMException('Invalid character', 'InvalidCharacterError');
        bytes[i] = text.charCodeAt(i);
    }
    return native.base64(bytes);
}

function atob(...args) {
    if (args.length === 0)
        throw withCode(new TypeError('The "data" argument must be specified'), 'ERR_MISSING_ARGS');
    let text = String(args[0]).replace(/[\t\n\f\r ]/g, '');
    if (text.length % 4 === 0)
        text = text.replace(/==?$/, '');
    if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
        throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
    let out = '';
    let bits = 0;
    let n = 0;
    for (const c of text) {
        bits = (bits << 6 | VALUES_OF_BASE64[c]) & 0xffffff;
        n += 6;
        if (n >= 8) {
            n -= 8;
            out += String.fromCharCode(bits >> n & 255);
        }
    }
    return out;
}

define('btoa', btoa);
define('atob', atob);
