/* SPDX-License-Identifier: MIT */

// webcrypto: random values, digests, HMAC, and signatures with RSA (PKCS #1) and ECDSA keys.

const unsupported = what => new DOMException(`${what} is not available here (PA2020)`, 'NotSupportedError');

const nameOfAlgorithm = algorithm => String(algorithm?.name ?? algorithm);
const digestOfWeb = hash => {
    const name = nameOfAlgorithm(hash);
    if (!/^SHA-(1|256|384|512)$/i.test(name))
        throw new DOMException('Unrecognized algorithm name', 'NotSupportedError');
    return name.toLowerCase().replace('-', '');
};

const webBytes = (name, source) => {
    const bytes = bytesOf(source);
    if (!bytes)
        throw argumentError(name, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView', source);
    return bytes;
};

const fromBase64Url = text => requireModule('buffer').Buffer.from(text, 'base64');

class CryptoKey {
    constructor(type, algorithm, extractable, usages, keyObject) {
        Object.assign(this, { type, algorithm, extractable, usages: [...usages] });
        Object.defineProperty(this, 'keyObject', { value: keyObject });
    }
}

/** What a key is signed and verified with: the options of signBytes. */
function webSigningKey(algorithm, key) {
    const name = nameOfAlgorithm(key.algorithm);
    if (name === 'ECDSA')
        return [digestOfWeb(algorithm.hash), { key: key.keyObject, dsaEncoding: 'ieee-p1363' }];
    return [digestOfWeb(key.algorithm.hash), { key: key.keyObject, padding: PKCS1 }];
}

function wantUsage(key, usage) {
    if (!key.usages.includes(usage))
        throw new DOMException(`Unable to use this key to ${usage}`, 'InvalidAccessError');
}

function importAsymmetric(format, data, algorithm, extractable, usages) {
    const isPrivate = format === 'pkcs8';
    if (!isPrivate && format !== 'spki')
        throw unsupported(`a key in the form ${format}`);
    const key = makeAsymmetric({ key: webBytes('keyData', data).slice() }, isPrivate);
    return new CryptoKey(key.type, { ...algorithm }, extractable, usages, key);
}

const subtle = {
    async digest(algorithm, data) {
        return native.hash(digestOfWeb(algorithm), webBytes('data', data), 0).buffer;
    },
    async importKey(format, data, algorithm, extractable, usages) {
        const name = nameOfAlgorithm(algorithm);
        if (name === 'RSASSA-PKCS1-v1_5' || name === 'ECDSA')
            return importAsymmetric(format, data, algorithm, extractable, usages);
        if (name !== 'HMAC')
            throw unsupported(name);
        if (format !== 'raw' && format !== 'jwk')
            throw unsupported(`a key in the form ${format}`);
        const bytes = format === 'jwk' ? fromBase64Url(data.k) : webBytes('keyData', data).slice();
        const hash = { name: `SHA-${digestOfWeb(algorithm.hash).slice(3)}` };
        return new CryptoKey('secret', { name, hash, length: 8 * bytes.length }, extractable, usages,
            new KeyObject('secret', bytes));
    },
    async exportKey(format, key) {
        if (!key.extractable)
            throw new DOMException('key is not extractable', 'InvalidAccessError');
        if (key.type !== 'secret' || format !== 'raw')
            throw unsupported(`a key in the form ${format}`);
        return materialOf(key.keyObject).slice().buffer;
    },
    async sign(algorithm, key, data) {
        wantUsage(key, 'sign');
        const bytes = webBytes('data', data);
        if (key.type === 'secret')
            return native.hmac(digestOfWeb(key.algorithm.hash), materialOf(key.keyObject), bytes).buffer;
        const [digest, options] = webSigningKey(algorithm, key);
        return signBytes(digest, bytes, options).slice().buffer;
    },
    async verify(algorithm, key, signature, data) {
        wantUsage(key, 'verify');
        const [given, bytes] = [webBytes('signature', signature), webBytes('data', data)];
        if (key.type === 'secret')
            return native.same(native.hmac(digestOfWeb(key.algorithm.hash), materialOf(key.keyObject), bytes), given);
        const [digest, options] = webSigningKey(algorithm, key);
        return verifyBytes(digest, bytes, options, given);
    },
};
for (const name of ['encrypt', 'decrypt', 'generateKey', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'])
    subtle[name] = async () => {
        throw unsupported(`crypto.subtle.${name}()`);
    };

const webcrypto = {
    subtle,
    randomUUID,
    getRandomValues(target) {
        const isInteger = ArrayBuffer.isView(target) && /^(Big)?(Ui|I)nt\d+(Clamped)?Array$/.test(
            target[Symbol.toStringTag]);
        if (!isInteger)
            throw new DOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
        if (target.byteLength > 65536)
            throw new DOMException('The requested length exceeds 65,536 bytes', 'QuotaExceededError');
        return randomFillSync(target);
    },
};
