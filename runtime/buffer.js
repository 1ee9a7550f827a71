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

const plainEncoding = encoding => isBase64Url(encoding) ? 'base64' : encoding;

/** Gives @target methods that are not listed when it is shown. */
function addHidden(target, methods) {
    for (const name of Reflect.ownKeys(methods))
        Object.defineProperty(target, name, { value: methods[name], writable: true, configurable: true });
}

const BUFFER_SOURCES = 'of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object';

/** The package's errors, as Node has them. */
function bufferError(thrown, value) {
    if (/^Unknown encoding/.test(thrown.message))
        return withCode(thrown, 'ERR_UNKNOWN_ENCODING');
    if (/must not be of type number|must be one of type string/.test(thrown.message))
        return withCode(new TypeError(`The first argument must be ${BUFFER_SOURCES}. ${received(value)}`),
            'ERR_INVALID_ARG_TYPE');
    if (/beyond buffer length|Index out of range/.test(thrown.message))
        return withCode(new RangeError('Attempt to access memory outside buffer bounds'), 'ERR_BUFFER_OUT_OF_BOUNDS');
    return thrown;
}

/** @method with its errors as Node's. */
const asNode = method => function (...args) {
    try {
        return method.apply(this, args);
    } catch (thrown) {
        throw bufferError(thrown, args[0]);
    }
};

const sized = make => (size, ...rest) => {
    if (typeof size !== 'number')
        throw argumentError('size', 'of type number', size);
    if (!(size >= 0 && size <= 2 ** 32))
        throw rangeError('size', '>= 0 && <= 4294967296', size);
    return make(size, ...rest.map(plainEncoding));
};

function addToStatics(Buffer) {
    const { from, isEncoding, byteLength, alloc, allocUnsafe, concat } = Buffer;

    addHidden(Buffer, {
        name: 'Buffer',
        alloc: sized(alloc),
        allocUnsafe: sized(allocUnsafe),
        concat(list, length) {
            if (!Array.isArray(list))
                throw argumentError('list', 'an instance of Array', list);
            return concat(list, length);
        },
        from(value, encoding, length) {
            if (typeof value === 'string' && isUtf8(encoding))
                return asBuffer(native.encode(value));
            return asNode(from).call(Buffer, value, plainEncoding(encoding), length);
        },
        isEncoding: encoding => isBase64Url(encoding) || isEncoding(encoding),
        byteLength(value, encoding) {
            if (typeof value === 'string' && isBase64Url(encoding))
                return byteLength(value.replace(/=+$/, ''), 'base64');
            return byteLength(value, encoding);
        },
    });
}

function addToBuffer(Buffer) {
    const { toString, write, fill, equals } = Buffer.prototype;

    addToStatics(Buffer);
    for (const name of Object.keys(Buffer.prototype).filter(one => /^(read|write)[A-Z]/.test(one)))
        addHidden(Buffer.prototype, { [name]: asNode(Buffer.prototype[name]) });
    addHidden(Buffer.prototype, {
        equals(other) {
            return equals.call(this, other instanceof Uint8Array ? asBuffer(other.subarray()) : other);
        },
        [INSPECT_CUSTOM]() {
            const shown = native.hex(this.slice(0, 50)).replace(/(.{2})(?=.)/g, '$1 ');
            const rest = this.length - 50;
            return `<Buffer${shown && ` ${shown}`}${rest > 0 ? ` ... ${plural(rest, 'byte')}` : ''}>`;
        },
        toString(encoding, start, end) {
            const fast = FAST_TEXTS[encoding === undefined ? 'utf8' : String(encoding).toLowerCase()];
            if (!fast)
                return asNode(toString).call(this, encoding, start, end);
            return fast(start === undefined && end === undefined ? this : this.slice(start ?? 0, end));
        },
        write(text, ...rest) {
            return write.call(this, text, ...rest.map(plainEncoding));
        },
        fill(value, ...rest) {
            return fill.call(this, value, ...rest.map(plainEncoding));
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
