/* SPDX-License-Identifier: MIT */

// crypto: Node's module, as far as digests, codes, random values and signatures go. The
// mathematics are native (src/js/hashing.c, signing.c); signatures are in signing.js.

// Those of OpenSSL 3 without its legacy ones, by the names that Node lists.
const DIGESTS = [
    'RSA-MD5', 'RSA-RIPEMD160', 'RSA-SHA1', 'RSA-SHA224', 'RSA-SHA256', 'RSA-SHA3-224', 'RSA-SHA3-256',
    'RSA-SHA3-384', 'RSA-SHA3-512', 'RSA-SHA384', 'RSA-SHA512', 'RSA-SHA512/224', 'RSA-SHA512/256',
    'blake2b512', 'blake2s256', 'md5', 'ripemd160', 'rmd160', 'sha1', 'sha224', 'sha256', 'sha3-224', 'sha3-256',
    'sha3-384', 'sha3-512', 'sha384', 'sha512', 'sha512-224', 'sha512-256', 'shake128', 'shake256', 'sm3',
];

const digestName = name => name.toLowerCase().replace(/^rsa-/, '').replace(/^rmd160$/, 'ripemd160');

const BYTE_SOURCES = 'of type string or an instance of Buffer, TypedArray, or DataView';
const KEY_SOURCES = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey';

function wantBytes(name, value, encoding, wanted = BYTE_SOURCES) {
    const bytes = bytesFrom(value, encoding);
    if (!bytes)
        throw argumentError(name, wanted, value);
    return bytes;
}

/** @bytes as Node gives them out: text in an encoding, else a Buffer. */
function givenOut(bytes, encoding) {
    if (encoding === undefined || encoding === null || encoding === 'buffer')
        return asBuffer(bytes);
    return requireModule('buffer').Buffer.isEncoding(encoding) ? encodeBytes(bytes, encoding) : asBuffer(bytes);
}

/** Pieces of data until somebody asks for all of them. */
class Pieces {
    #parts = [];
    constructor(from) {
        this.#parts = from ? [...from.#parts] : [];
    }
    add(name, data, encoding) {
        this.#parts.push(wantBytes(name, data, encoding).slice());
    }
    join() {
        return this.#parts.length === 1 ? this.#parts[0] : joinBytes(this.#parts);
    }
}

/** What takes data by update() takes it as a stream does, too. */
class Taker {
    write(data, encoding) {
        this.update(data, encoding);
        return true;
    }
    end(data, encoding) {
        if (data !== undefined)
            this.update(data, encoding);
        return this;
    }
}

/** What Hash and Hmac share: data is collected, and summed up at the end. */
class Summing extends Taker {
    #pieces;
    #isDone = false;
    constructor(pieces) {
        super();
        this.#pieces = pieces;
    }
    update(data, encoding) {
        if (this.#isDone)
            throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
        this.#pieces.add('data', data, encoding);
        return this;
    }
    /** The pieces, once; null the second time. */
    take() {
        const pieces = this.#isDone ? null : this.#pieces;
        this.#isDone = true;
        return pieces;
    }
    copyPieces() {
        if (this.#isDone)
            throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
        return new Pieces(this.#pieces);
    }
    read() {
        return this.digest();
    }
}

class Hash extends Summing {
    #name;
    #length;
    constructor(name, { outputLength } = {}, pieces = new Pieces()) {
        super(pieces);
        if (typeof name !== 'string')
            throw argumentError('algorithm', 'of type string', name);
        this.#name = digestName(name);
        this.#length = outputLength ?? 0;
        if (!native.hash(this.#name, '', 0))
            throw new Error('Digest method not supported');
        if (!native.hash(this.#name, '', this.#length))
            throw withCode(new Error('error:030000B2:digital envelope routines::not XOF or invalid length'),
                'ERR_OSSL_EVP_NOT_XOF_OR_INVALID_LENGTH');
    }
    copy(options = {}) {
        return new Hash(this.#name, { outputLength: this.#length, ...options }, this.copyPieces());
    }
    digest(encoding) {
        const pieces = this.take();
        if (!pieces)
            throw withCode(new Error('Digest already called'), 'ERR_CRYPTO_HASH_FINALIZED');
        return givenOut(native.hash(this.#name, pieces.join(), this.#length), encoding);
    }
}

class Hmac extends Summing {
    #name;
    #key;
    constructor(name, key, options) {
        super(new Pieces());
        if (typeof name !== 'string')
            throw argumentError('hmac', 'of type string', name);
        this.#key = secretOf(key, options?.encoding);
        this.#name = digestName(name);
        if (!native.hmac(this.#name, '', ''))
            throw withCode(new TypeError(`Invalid digest: ${name}`), 'ERR_CRYPTO_INVALID_DIGEST');
    }
    digest(encoding) {
        const pieces = this.take();
        return givenOut(pieces ? native.hmac(this.#name, this.#key, pieces.join()) : new Uint8Array(0), encoding);
    }
}

/** A secret's bytes: text, bytes or a KeyObject. */
function secretOf(key, encoding) {
    if (key instanceof KeyObject) {
        if (key.type !== 'secret')
            throw withCode(new TypeError(`Invalid key object type ${key.type}, expected secret.`),
                'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE');
        return materialOf(key);
    }
    return wantBytes('key', key, encoding, KEY_SOURCES).slice();
}

const RANDOM_AT_ONCE = 1 << 20;

function randomFillBytes(bytes) {
    for (let at = 0; at < bytes.length; at += RANDOM_AT_ONCE)
        bytes.set(native.random(Math.min(RANDOM_AT_ONCE, bytes.length - at)), at);
    return bytes;
}

/** Gives @make's result, or what it throws, to an optional callback as Node does: later. */
function handOver(callback, make) {
    if (callback === undefined)
        return make();
    if (typeof callback !== 'function')
        throw argumentError('callback', 'of type function', callback);
    const value = make();
    queueMicrotask(() => callback(null, value));
}

function randomBytes(size, callback) {
    if (typeof size !== 'number')
        throw argumentError('size', 'of type number', size);
    if (!(size >= 0 && size <= 0x7fffffff))
        throw rangeError('size', '>= 0 && <= 2147483647', size);
    return handOver(callback, () => asBuffer(randomFillBytes(new Uint8Array(size))));
}

function randomFillSync(target, offset = 0, size = target.byteLength - offset) {
    const bytes = bytesOf(target);
    if (!bytes)
        throw argumentError('buf', 'an instance of ArrayBuffer or ArrayBufferView', target);
    randomFillBytes(bytes.subarray(offset, offset + size));
    return target;
}

function randomFill(target, ...rest) {
    const callback = rest.pop();
    handOver(callback, () => randomFillSync(target, ...rest));
}

function randomUUID() {
    const bytes = native.random(16);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    return native.hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Even over [0, range), range up to 2^48: numbers past the last whole multiple are thrown away. */
function randomBelow(range) {
    const limit = 2 ** 48 - 2 ** 48 % range;
    for (;;) {
        const number = native.random(6).reduce((sum, byte) => sum * 256 + byte, 0);
        if (number < limit)
            return number % range;
    }
}

function randomInt(min, max, callback) {
    if (max === undefined || typeof max === 'function')
        [min, max, callback] = [0, min, max];
    if (!Number.isSafeInteger(min))
        throw argumentError('min', 'a safe integer', min);
    if (!Number.isSafeInteger(max))
        throw argumentError('max', 'a safe integer', max);
    if (max <= min)
        throw rangeError('max', `greater than the value of "min" (${min})`, max);
    if (max - min >= 2 ** 48)
        throw rangeError('max - min', '<= 281474976710655', max - min);
    const value = min + randomBelow(max - min);
    if (callback === undefined)
        return value;
    queueMicrotask(() => callback(undefined, value));
}

function timingSafeEqual(a, b) {
    const [left, right] = [bytesOf(a), bytesOf(b)];
    if (!left || !right)
        throw withCode(new TypeError(`The "${left ? 'buf2' : 'buf1'}" argument must be an instance of ArrayBuffer, ` +
            'Buffer, TypedArray, or DataView.'), 'ERR_INVALID_ARG_TYPE');
    if (left.length !== right.length)
        throw withCode(new RangeError('Input buffers must have the same byte length'),
            'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH');
    return native.same(left, right);
}

function pbkdf2Sync(password, salt, iterations, length, digest) {
    const [secret, seasoning] = [wantBytes('password', password), wantBytes('salt', salt)];
    if (typeof digest !== 'string')
        throw argumentError('digest', 'of type string', digest);
    if (!native.hmac(digestName(digest), '', ''))
        throw withCode(new TypeError(`Invalid digest: ${digest}`), 'ERR_CRYPTO_INVALID_DIGEST');
    if (!(iterations >= 1))
        throw rangeError('iterations', '>= 1 && <= 2147483647', iterations);
    const key = native.pbkdf2(digestName(digest), secret, seasoning, iterations, length);
    if (!key)
        throw rangeError('keylen', '>= 0 && <= 1048576', length);
    return asBuffer(key);
}

function scryptSync(password, salt, length, options = {}) {
    const N = options.N ?? options.cost ?? 16384;
    const r = options.r ?? options.blockSize ?? 8;
    const p = options.p ?? options.parallelization ?? 1;
    const key = native.scrypt(wantBytes('password', password), wantBytes('salt', salt), N, r, p, length,
        options.maxmem ?? 32 * 1024 * 1024);
    if (!key)
        throw withCode(new RangeError('Invalid scrypt params'), 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS');
    return asBuffer(key);
}

/** HKDF (RFC 5869). */
function hkdfSync(digest, key, salt, info, length) {
    const name = digestName(digest);
    if (!native.hmac(name, '', ''))
        throw withCode(new TypeError(`Invalid digest: ${digest}`), 'ERR_CRYPTO_INVALID_DIGEST');
    const extracted = native.hmac(name, wantBytes('salt', salt), secretOf(key));
    const about = wantBytes('info', info);
    const blocks = [];
    for (let n = 1, last = new Uint8Array(0); (n - 1) * extracted.length < length; n++) {
        last = native.hmac(name, extracted, joinBytes([last, about, Uint8Array.of(n)]));
        blocks.push(last);
    }
    return joinBytes(blocks).slice(0, length).buffer;
}

/** The form with a callback of a function that Node also has as name + Sync. */
const withCallback = sync => (...args) => {
    const callback = args.pop();
    if (typeof callback !== 'function')
        throw argumentError('callback', 'of type function', callback);
    const value = sync(...args);
    queueMicrotask(() => callback(null, value));
};

const ABSENT_CRYPTO = [
    'checkPrime', 'checkPrimeSync', 'createCipher', 'createCipheriv', 'createDecipher', 'createDecipheriv',
    'createDiffieHellman', 'createDiffieHellmanGroup', 'createECDH', 'diffieHellman', 'generateKey',
    'generateKeySync', 'generateKeyPair', 'generateKeyPairSync', 'generatePrime', 'generatePrimeSync',
    'getDiffieHellman', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt', 'publicEncrypt', 'setEngine', 'setFips',
];

provide('crypto', () => addAbsent({
    createHash: (name, options) => new Hash(name, options),
    createHmac: (name, key, options) => new Hmac(name, key, options),
    hash(name, data, encoding = 'hex') {
        return new Hash(name).update(data).digest(encoding);
    },
    Hash, Hmac,
    getHashes: () => [...DIGESTS],
    getCiphers: () => [],
    getCurves: () => [],
    getFips: () => 0,
    randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual,
    rng: randomBytes, pseudoRandomBytes: randomBytes,
    pbkdf2Sync, pbkdf2: withCallback(pbkdf2Sync),
    scryptSync, scrypt: withCallback(scryptSync),
    hkdfSync, hkdf: withCallback(hkdfSync),
    ...signingModule,
    webcrypto, subtle: webcrypto.subtle, getRandomValues: webcrypto.getRandomValues,
}, 'crypto', ABSENT_CRYPTO, 'encrypt and decrypt outside of the function'));
defineLazy('crypto', () => requireModule('crypto'));
