/* SPDX-License-Identifier: MIT */

// The part of crypto that has keys: KeyObject, sign, verify.

const materials = new WeakMap(); // KeyObject → {bytes, passphrase}
const materialOf = key => materials.get(key).bytes;

/** An OpenSSL reason as Node's error; its code is made of the reason's words. */
function opensslError(why) {
    const reason = why.split(':').pop() || 'unknown';
    return withCode(new Error(why), `ERR_OSSL_${reason.toUpperCase().replace(/ /g, '_')}`);
}

const UNSUPPORTED_KEY = 'error:1E08010C:DECODER routines::unsupported';

/** Asking OpenSSL takes a while: most secrets can be told from keys at a glance. */
const looksLikeKey = bytes => bytes[0] === 0x30 || native.decode(bytes).includes('-----BEGIN ');

class KeyObject {
    #type;
    #facts; // "rsa 2048", split
    constructor(type, bytes, passphrase = '', facts = '') {
        materials.set(this, { bytes, passphrase });
        this.#type = type;
        this.#facts = facts.split(' ');
    }
    static from(key) {
        return key.keyObject;
    }
    get type() {
        return this.#type;
    }
    get symmetricKeySize() {
        return this.#type === 'secret' ? materialOf(this).length : undefined;
    }
    get asymmetricKeyType() {
        return this.#type === 'secret' ? undefined : this.#facts[0];
    }
    get asymmetricKeyDetails() {
        const [name, fact] = this.#facts;
        if (this.#type === 'secret')
            return undefined;
        if (name === 'ec')
            return { namedCurve: fact };
        return name.startsWith('rsa') ? { modulusLength: +fact, publicExponent: 65537n } : {};
    }
    equals(other) {
        return other instanceof KeyObject && other.type === this.#type &&
            native.same(materialOf(other), materialOf(this));
    }
    export({ format = 'buffer' } = {}) {
        const bytes = materialOf(this);
        if (this.#type === 'secret')
            return format === 'jwk' ? { kty: 'oct', k: base64Url(bytes) } : asBuffer(bytes.slice());
        if (format !== 'pem')
            throw new Error(`a key is exported only as the PEM that it was made of, not as ${format}`);
        return native.decode(bytes);
    }
    get [Symbol.toStringTag]() {
        return 'KeyObject';
    }
}

/** [bytes, passphrase] of a key in any of the forms that Node takes. */
function keyParts(key) {
    if (key instanceof KeyObject)
        return [materialOf(key), materials.get(key).passphrase];
    const isBare = typeof key === 'string' || bytesOf(key) !== null;
    if (!isBare && key?.key instanceof KeyObject)
        return keyParts(key.key);
    if (!isBare && key?.format === 'jwk')
        throw new Error('keys in JWK form are not available here (PA2020): give the key as PEM');
    const bytes = bytesFrom(isBare ? key : key?.key, isBare ? undefined : key?.encoding);
    if (!bytes)
        throw argumentError('key', KEY_SOURCES, key);
    return [bytes, isBare ? '' : key.passphrase ?? ''];
}

function makeAsymmetric(key, isPrivate) {
    if (key instanceof KeyObject && (isPrivate || key.type === 'secret'))
        throw withCode(new TypeError(`Invalid key object type ${key.type}, expected private.`),
            'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE');
    const [bytes, passphrase] = keyParts(key);
    const facts = looksLikeKey(bytes) ? native.describeKey(bytes, passphrase, isPrivate) : `: ${UNSUPPORTED_KEY}`;
    if (facts.startsWith(': '))
        throw opensslError(facts.slice(2));
    return new KeyObject(isPrivate ? 'private' : 'public', bytes.slice(), passphrase, facts);
}

const AS_KEY = 0;
const PKCS1 = 1;
const PSS = 6;
const SALT_OF_DIGEST = -1;
const SALT_AUTO = -2;
const CURVE_BYTES = { prime256v1: 32, secp256k1: 32, secp384r1: 48, secp521r1: 66 };

/** An ECDSA signature's two numbers, of @size bytes each, out of their DER. */
function numbersOfDer(der, size) {
    const out = new Uint8Array(2 * size);
    let at = der[1] & 0x80 ? 3 : 2;
    for (let i = 1; i <= 2; i++) {
        const number = der.subarray(at + 2, at + 2 + der[at + 1]);
        const trimmed = number.length > size ? number.subarray(number.length - size) : number;
        out.set(trimmed, i * size - trimmed.length);
        at += 2 + der[at + 1];
    }
    return out;
}

function derOfNumbers(raw) {
    const half = raw.length / 2;
    const integers = [raw.subarray(0, half), raw.subarray(half)].map(number => {
        const first = number.findIndex(byte => byte !== 0);
        const short = first < 0 ? Uint8Array.of(0) : number.subarray(first);
        const padded = short[0] & 0x80 ? joinBytes([Uint8Array.of(0), short]) : short;
        return joinBytes([Uint8Array.of(2, padded.length), padded]);
    });
    const body = joinBytes(integers);
    return joinBytes([body.length < 128 ? Uint8Array.of(0x30, body.length) : Uint8Array.of(0x30, 0x81, body.length), body]);
}

/** The curve's size when signatures are wanted as two numbers, else 0. */
function rawSize(key, bytes, passphrase, isPrivate) {
    if (key?.dsaEncoding !== 'ieee-p1363')
        return 0;
    const [, curve] = native.describeKey(bytes, passphrase, isPrivate).split(' ');
    return CURVE_BYTES[curve] ?? 0;
}

function signBytes(digest, data, key) {
    const [bytes, passphrase] = keyParts(key);
    if (!looksLikeKey(bytes))
        throw opensslError(UNSUPPORTED_KEY);
    const signature = native.sign(digest, data, bytes, passphrase, key.padding ?? AS_KEY,
        key.saltLength ?? SALT_AUTO);
    if (typeof signature === 'string')
        throw opensslError(signature);
    const size = rawSize(key, bytes, passphrase, true);
    return size ? numbersOfDer(signature, size) : signature;
}

function verifyBytes(digest, data, key, signature) {
    const [bytes, passphrase] = keyParts(key);
    if (!looksLikeKey(bytes))
        throw opensslError(UNSUPPORTED_KEY);
    const size = rawSize(key, bytes, passphrase, false);
    if (size && signature.length !== 2 * size)
        return false;
    const verdict = native.verify(digest, data, bytes, passphrase, size ? derOfNumbers(signature) : signature,
        key.padding ?? AS_KEY, key.saltLength ?? SALT_AUTO);
    if (typeof verdict === 'string')
        throw opensslError(verdict);
    return verdict;
}

/** The digest's name for OpenSSL; null and undefined are the key's own. */
function signingDigest(name) {
    if (name === null || name === undefined)
        return '';
    const digest = digestName(name);
    if (!native.hash(digest, '', 0))
        throw withCode(new TypeError('Invalid digest'), 'ERR_CRYPTO_INVALID_DIGEST');
    return digest;
}

/** What Sign and Verify share. */
class Signing extends Taker {
    #pieces = new Pieces();
    #digest;
    constructor(name) {
        super();
        if (typeof name !== 'string')
            throw argumentError('algorithm', 'of type string', name);
        this.#digest = signingDigest(name);
    }
    get digest() {
        return this.#digest;
    }
    update(data, encoding) {
        this.#pieces.add('data', data, encoding);
        return this;
    }
    join() {
        return this.#pieces.join();
    }
}

class Sign extends Signing {
    sign(key, encoding) {
        if (!key)
            throw withCode(new Error('No key provided to sign'), 'ERR_CRYPTO_SIGN_KEY_REQUIRED');
        return givenOut(signBytes(this.digest, this.join(), key), encoding);
    }
}

class Verify extends Signing {
    verify(key, signature, encoding) {
        return verifyBytes(this.digest, this.join(), key, wantBytes('signature', signature, encoding));
    }
}

const signingModule = {
    KeyObject, Sign, Verify,
    createSign: name => new Sign(name),
    createVerify: name => new Verify(name),
    createSecretKey(key, encoding) {
        return new KeyObject('secret', wantBytes('key', key, encoding, KEY_SOURCES).slice());
    },
    createPublicKey: key => makeAsymmetric(key, false),
    createPrivateKey: key => makeAsymmetric(key, true),
    sign(digest, data, key, callback) {
        return handOver(callback, () => asBuffer(signBytes(signingDigest(digest), wantBytes('data', data), key)));
    },
    verify(digest, data, key, signature, callback) {
        return handOver(callback, () =>
            verifyBytes(signingDigest(digest), wantBytes('data', data), key, wantBytes('signature', signature)));
    },
    constants: {
        RSA_PKCS1_PADDING: PKCS1, RSA_PKCS1_PSS_PADDING: PSS, RSA_PSS_SALTLEN_DIGEST: SALT_OF_DIGEST,
        RSA_PSS_SALTLEN_AUTO: SALT_AUTO, RSA_PSS_SALTLEN_MAX_SIGN: SALT_AUTO,
    },
};
