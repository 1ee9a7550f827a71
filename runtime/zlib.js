/* SPDX-License-Identifier: MIT */

// The module zlib over the package pako: all of a text at once, with or without callback.

const ZLIB_CODES = { '-1': 'Z_ERRNO', '-2': 'Z_STREAM_ERROR', '-3': 'Z_DATA_ERROR', '-4': 'Z_MEM_ERROR', '-5': 'Z_BUF_ERROR' };
const ZLIB_ERRORS = {
    'stream end': ['unexpected end of file', -5], 'buffer error': ['unexpected end of file', -5],
    'data error': ['incorrect data check', -3],
};

function zlibError(thrown) {
    const [message, errno] = ZLIB_ERRORS[thrown] ?? [textOf(thrown?.message ?? thrown), -3];
    return Object.assign(new Error(message), { errno, code: ZLIB_CODES[errno] });
}

/** One of pako's functions as a function of Node's module. */
function zlibSync(work) {
    return (data, options = {}) => {
        const bytes = wantBytes('buffer', data, undefined,
            'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer');
        const { level, windowBits, memLevel, strategy, dictionary, raw } = options ?? {};
        const given = Object.entries({ level, windowBits, memLevel, strategy, dictionary, raw })
            .filter(([, value]) => value !== undefined);
        let out;
        try {
            out = work(bytes, Object.fromEntries(given));
        } catch (thrown) {
            throw zlibError(thrown);
        }
        if (out === undefined)
            throw zlibError('stream end');
        return asBuffer(out);
    };
}

/** The form with a callback. */
const zlibLater = sync => (data, options, callback = options) => {
    let outcome;
    try {
        outcome = [null, sync(data, typeof options === 'object' ? options : {})];
    } catch (thrown) {
        if (thrown.code === 'ERR_INVALID_ARG_TYPE')
            throw thrown;
        outcome = [thrown];
    }
    queueMicrotask(() => callback(...outcome));
};

provide('zlib', () => {
    const pako = requireModule('pako');
    const works = {
        gzip: pako.gzip, gunzip: pako.ungzip, deflate: pako.deflate, inflate: pako.inflate,
        deflateRaw: pako.deflateRaw, inflateRaw: pako.inflateRaw, unzip: pako.ungzip,
    };
    const module = {};
    for (const [name, work] of Object.entries(works)) {
        module[`${name}Sync`] = zlibSync(work);
        module[name] = zlibLater(module[`${name}Sync`]);
    }
    module.constants = Object.fromEntries(Object.entries(pako.constants));
    Object.assign(module, module.constants);
    addAbsent(module, 'zlib', ['brotliCompress', 'brotliCompressSync', 'brotliDecompress', 'brotliDecompressSync'],
        'use gzip or deflate');
    return addAbsent(module, 'zlib', ['createGzip', 'createGunzip', 'createDeflate', 'createInflate', 'createDeflateRaw',
        'createInflateRaw', 'createUnzip', 'createBrotliCompress', 'createBrotliDecompress'],
    'use gzipSync() and its like');
});
