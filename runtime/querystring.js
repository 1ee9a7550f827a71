/* SPDX-License-Identifier: MIT */

// The module querystring, as Node has it.

const IN_QUERYSTRING = /[^A-Za-z0-9\-_.!~*'()]/;

function queryEscape(text) {
    text = typeof text === 'string' ? text : typeof text === 'object' ? String(text) : `${text}`;
    if (!IN_QUERYSTRING.test(text))
        return text;
    try {
        return encodeURIComponent(text);
    } catch {
        throw withCode(new URIError('URI malformed'), 'ERR_INVALID_URI');
    }
}

/** Percent-decoding that takes what is none as it is. */
function queryUnescape(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return percentDecode(String(text));
    }
}

function queryValue(value) {
    if (typeof value === 'number')
        return isFinite(value) ? String(value) : '';
    return typeof value === 'string' ? value : typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

function queryStringify(object, separator, equals, options) {
    if (object === null || typeof object !== 'object')
        return '';
    const encode = options?.encodeURIComponent ?? requireModule('querystring').escape;
    const [between, is] = [separator || '&', equals || '='];
    return Object.keys(object).flatMap(key => {
        const name = encode(queryValue(key)) + is;
        return [object[key]].flat().map(value => name + encode(queryValue(value)));
    }).join(between);
}

function queryParse(text, separator, equals, options) {
    const found = Object.create(null);
    if (typeof text !== 'string' || text.length === 0)
        return found;
    const { maxKeys = 1000, decodeURIComponent: given } = options ?? {};
    const decode = given ?? requireModule('querystring').unescape;
    const safely = part => {
        try {
            return decode(part.replace(/\+/g, ' '));
        } catch {
            return queryUnescape(part.replace(/\+/g, ' '));
        }
    };
    const is = equals || '=';
    const parts = text.split(separator || '&').filter(part => part !== '');
    for (const part of maxKeys > 0 ? parts.slice(0, maxKeys) : parts) {
        const at = part.indexOf(is);
        const name = safely(at < 0 ? part : part.slice(0, at));
        const value = at < 0 ? '' : safely(part.slice(at + is.length));
        if (name in found)
            found[name] = [found[name], value].flat();
        else
            found[name] = value;
    }
    return found;
}

provide('querystring', () => ({
    escape: queryEscape, unescape: queryUnescape, unescapeBuffer: text => asBuffer(native.encode(percentDecode(text))),
    stringify: queryStringify, encode: queryStringify, parse: queryParse, decode: queryParse,
}));
