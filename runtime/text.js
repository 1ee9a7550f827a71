/* SPDX-License-Identifier: MIT */

// Text and bytes: TextEncoder, TextDecoder, atob, btoa.

define('TextEncoder', class TextEncoder {
    get encoding() {
        return 'utf-8';
    }
    encode(text = '') {
        return native.encode(String(text));
    }
});

/** A Uint8Array over the same bytes, of any buffer or view. */
function bytesOf(source) {
    if (source instanceof ArrayBuffer)
        return new Uint8Array(source);
    if (ArrayBuffer.isView(source))
        return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return null;
}

define('TextDecoder', class TextDecoder {
    constructor(label = 'utf-8') {
        if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label))
            throw new RangeError(`The "${label}" encoding is not supported`);
    }
    get encoding() {
        return 'utf-8';
    }
    decode(source = new Uint8Array(0)) {
        const bytes = bytesOf(source);
        if (!bytes)
            throw new TypeError('TextDecoder.decode wants an ArrayBuffer or a view of one');
        const text = native.decode(bytes);
        return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
});

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

class InvalidCharacterError extends Error {}
InvalidCharacterError.prototype.name = 'InvalidCharacterError';

define('btoa', source => {
    const text = String(source);
    let out = '';
    for (let i = 0; i < text.length; i += 3) {
        const [a, b, c] = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
        if (a > 255 || b > 255 || c > 255)
            throw new InvalidCharacterError('Invalid character');
        out += BASE64[a >> 2] + BASE64[(a & 3) << 4 | b >> 4];
        out += i + 1 < text.length ? BASE64[(b & 15) << 2 | c >> 6] : '=';
        out += i + 2 < text.length ? BASE64[c & 63] : '=';
    }
    return out;
});

define('atob', source => {
    let text = String(source).replace(/[\t\n\f\r ]/g, '');
    if (text.length % 4 === 0)
        text = text.replace(/==?$/, '');
    if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
        throw new InvalidCharacterError('The string to be decoded is not correctly encoded.');
    let out = '';
    let bits = 0;
    let n = 0;
    for (const c of text) {
        bits = (bits << 6 | BASE64.indexOf(c)) & 0xffffff;
        n += 6;
        if (n >= 8) {
            n -= 8;
            out += String.fromCharCode(bits >> n & 255);
        }
    }
    return out;
});
