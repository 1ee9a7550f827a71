/* SPDX-License-Identifier: MIT */

// Buffer: the package of that name, with what Node has since learnt (base64url), and the
// conversions that take time done outside JavaScript.

const URL_LETTERS = { '+': '-', '/': '_', '=': '' };
const base64Url = bytes => native.base64(bytes).replace(/[+/=]/g, c => URL_LETTERS[c]);

const isBase64Url = encoding => typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';
const isUtf8 = encoding => encoding === undefined || encoding === null || encoding === '' ||
    typeof encoding === 'string' && /^utf-?8$/i.test(encoding);

/** Text of bytes that are no Buffer, in one of the few encodings that do not need one. */
const FAST_TEXTS = {
    utf8: bytes => native.decode(bytes),
    'utf-8': bytes => native.decode(bytes),
    hex: bytes => native.hex(bytes),
    base64: bytes => native.base64(bytes),
    base64url: base64Url,
};

/** The same bytes, seen as a Buffer. */
function asBuffer(bytes) {
    return Object.setPrototypeOf(bytes, requireModule('buffer').Buffer.prototype);
}

function encodeBytes(bytes, encoding) {
    const fast = FAST_TEXTS[String(encoding).toLowerCase()];
    return fast ? fast(bytes) : asBuffer(bytes.subarray()).toString(encoding);
}

/** Bytes of a string in @encoding, or of any buffer or view; null for anything else. */
function bytesFrom(value, encoding) {
    if (typeof value !== 'string')
        return bytesOf(value);
    return isUtf8(encoding) ? native.encode(value) : requireModule('buffer').Buffer.from(value, encoding);
}

function addToBuffer(Buffer) {
    const { from, isEncoding, byteLength } = Buffer;
    const { toString, write, fill } = Buffer.prototype;
    const plain = encoding => isBase64Url(encoding) ? 'base64' : encoding;
    const hidden = (target, methods) => {
        for (const [name, value] of Object.entries(methods))
            Object.defineProperty(target, name, { value, writable: true, configurable: true });
    };

    hidden(Buffer, {
        from(value, encoding, length) {
            if (typeof value === 'string' && isUtf8(encoding))
                return asBuffer(native.encode(value));
            return from.call(Buffer, value, plain(encoding), length);
        },
        isEncoding: encoding => isBase64Url(encoding) || isEncoding(encoding),
        byteLength(value, encoding) {
            if (typeof value === 'string' && isBase64Url(encoding))
                return byteLength(value.replace(/=+$/, ''), 'base64');
            return byteLength(value, encoding);
        },
    });
    hidden(Buffer.prototype, {
        toString(encoding, start, end) {
            const fast = FAST_TEXTS[encoding === undefined ? 'utf8' : String(encoding).toLowerCase()];
            if (!fast)
                return toString.call(this, encoding, start, end);
            return fast(start === undefined && end === undefined ? this : this.slice(start ?? 0, end));
        },
        write(text, ...rest) {
            return write.call(this, text, ...rest.map(plain));
        },
        fill(value, ...rest) {
            return fill.call(this, value, ...rest.map(plain));
        },
    });
    return Buffer;
}

provide('buffer', () => {
    const { Buffer, SlowBuffer, kMaxLength } = loadPackage('buffer');
    return {
        Buffer: addToBuffer(Buffer), SlowBuffer, kMaxLength, INSPECT_MAX_BYTES: 50, Blob, atob, btoa,
        constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 0x1fffffe8 },
        isUtf8: bytes => native.same(native.encode(native.decode(bytesOf(bytes))), bytesOf(bytes)),
        isAscii: bytes => bytesOf(bytes).every(byte => byte < 128),
    };
});
defineLazy('Buffer', () => requireModule('buffer').Buffer);
