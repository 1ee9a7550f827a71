/* SPDX-License-Identifier: MIT */

// URL and URLSearchParams after the WHATWG standard, for the schemes that functions meet.

const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };

const ALWAYS_PLAIN = /^[A-Za-z0-9\-._~/=&+,;:@$!*()]*$/;

/** Percent-encodes what @pattern matches, as UTF-8. */
function percentEncode(text, pattern) {
    if (pattern !== IN_USER && pattern !== IN_FORM && ALWAYS_PLAIN.test(text))
        return text;
    return text.toWellFormed().replace(pattern, c =>
        Array.from(native.encode(c), byte => '%' + byte.toString(16).toUpperCase().padStart(2, '0')).join(''));
}

function percentDecode(text) {
    if (!text.includes('%'))
        return text;
    const from = native.encode(text);
    const to = new Uint8Array(from.length);
    let n = 0;
    for (let i = 0; i < from.length; i++) {
        const hex = from[i] === 37 ? /^[0-9a-f]{2}/i.exec(String.fromCharCode(from[i + 1], from[i + 2])) : null;
        to[n++] = hex ? parseInt(hex[0], 16) : from[i];
        i += hex ? 2 : 0;
    }
    return native.decode(to.slice(0, n));
}

const IN_PATH = /[^!-~]|["#<>?`{}]/gu;
const IN_QUERY = /[^!-~]|["#<>]/gu;
const IN_SPECIAL_QUERY = /[^!-~]|["#<>']/gu;
const IN_HASH = /[^!-~]|["<>`]/gu;
const IN_USER = /[^!-~]|["#<>?`{}/:;=@[\\\]^|]/gu;
const IN_OPAQUE = /[^ -~]/gu;

/** One label of a host name in the ASCII form of RFC 3492. */
function punycode(label) {
    const points = Array.from(label, c => c.codePointAt(0));
    let out = points.filter(p => p < 128).map(p => String.fromCharCode(p)).join('');
    const nBasic = out.length;
    let [n, delta, bias, handled] = [128, 0, 72, nBasic];
    if (nBasic)
        out += '-';
    const digit = d => String.fromCharCode(d < 26 ? 97 + d : 22 + d);
    while (handled < points.length) {
        const next = Math.min(...points.filter(p => p >= n));
        delta += (next - n) * (handled + 1);
        n = next;
        for (const p of points) {
            if (p < n)
                delta++;
            if (p !== n)
                continue;
            let q = delta;
            for (let k = 36; ; k += 36) {
                const t = Math.min(Math.max(k - bias, 1), 26);
                if (q < t)
                    break;
                out += digit(t + (q - t) % (36 - t));
                q = Math.floor((q - t) / (36 - t));
            }
            out += digit(q);
            let d = Math.floor(delta / (handled === nBasic ? 700 : 2));
            d += Math.floor(d / (handled + 1));
            let k = 0;
            for (; d > 455; k += 36)
                d = Math.floor(d / 35);
            bias = k + Math.floor(36 * d / (d + 38));
            delta = 0;
            handled++;
        }
        delta++;
        n++;
    }
    return `xn--${out}`;
}

/** 0x7f.1 and its like, as four numbers; null when it is a name. */
function parseV4(host) {
    const parts = host.replace(/\.$/, '').split('.');
    if (!/^(0x[0-9a-f]*|[0-9]+)$/i.test(parts.at(-1)))
        return null;
    const numbers = parts.map(part => /^0x[0-9a-f]*$/i.test(part) ? parseInt(part.slice(2) || '0', 16)
        : /^0[0-7]+$/.test(part) ? parseInt(part, 8) : /^\d+$/.test(part) ? +part : NaN);
    const last = numbers.pop();
    if (parts.length > 4 || numbers.some(n => !(n <= 255)) || !(last < 256 ** (4 - numbers.length)))
        throw new TypeError('Invalid URL');
    const value = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The eight 16-bit groups in their shortest form. */
function formatV6(groups) {
    let [bestAt, bestLen] = [-1, 1];
    for (let i = 0; i < 8; i++) {
        let len = 0;
        while (i + len < 8 && groups[i + len] === 0)
            len++;
        if (len > bestLen)
            [bestAt, bestLen] = [i, len];
    }
    const hex = groups.map(group => group.toString(16));
    if (bestAt < 0)
        return hex.join(':');
    return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + bestLen).join(':')}`;
}

function parseV6(text) {
    const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
    if (dotted) {
        const [a, b, c, d] = dotted.slice(2).map(Number);
        if ([a, b, c, d].some(n => n > 255))
            throw new TypeError('Invalid URL');
        text = `${dotted[1]}${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
    }
    const halves = text.split('::').map(half => half ? half.split(':') : []);
    const given = halves.flat();
    const missing = 8 - given.length;
    const fits = halves.length === 2 ? missing >= 1 : halves.length === 1 && missing === 0;
    if (!fits || given.some(one => !/^[0-9a-f]{1,4}$/i.test(one)))
        throw new TypeError('Invalid URL');
    const groups = halves.length === 2 ? [...halves[0], ...Array(missing).fill('0'), ...halves[1]] : given;
    return `[${formatV6(groups.map(one => parseInt(one, 16)))}]`;
}

function parseHost(text, isSpecial) {
    if (text.startsWith('[') && text.endsWith(']'))
        return parseV6(text.slice(1, -1));
    if (!isSpecial)
        return percentEncode(text, IN_OPAQUE);
    if (/^[a-z0-9-]+(\.[a-z0-9-]*[a-z][a-z0-9-]*)+$/.test(text))
        return text;
    const host = percentDecode(text).normalize('NFKC').toLowerCase()
        .replace(/[\u3002\uff0e\uff61]/g, '.').replace(/\u00ad/g, '')
        .split('.').map(label => /[^\0-\x7f]/.test(label) ? punycode(label) : label).join('.');
    if (/[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(host))
        throw new TypeError('Invalid URL');
    return parseV4(host) ?? host;
}

/** A path's segments without "." and "..". */
function normalizePath(path) {
    if (ALWAYS_PLAIN.test(path) && !/\/\.{1,2}(\/|$)/.test(path))
        return path || '/';
    const out = [];
    const parts = path.split('/');
    for (const [i, part] of parts.entries()) {
        const isLast = i === parts.length - 1;
        if (/^(\.|%2e){2}$/i.test(part)) {
            if (out.length > 1)
                out.pop();
            if (isLast)
                out.push('');
        } else if (/^(\.|%2e)$/i.test(part)) {
            if (isLast)
                out.push('');
        } else {
            out.push(percentEncode(part, IN_PATH));
        }
    }
    return out.join('/') || '/';
}

function setAuthority(url, authority) {
    const at = authority.lastIndexOf('@');
    const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1)) ?? [];
    const isSpecial = url.protocol in PORTS;
    if (host === undefined || isSpecial && url.protocol !== 'file:' && host === '' || +port > 65535)
        throw new TypeError('Invalid URL');
    if (at >= 0) {
        const user = authority.slice(0, at);
        const colon = user.indexOf(':');
        url.username = percentEncode(colon < 0 ? user : user.slice(0, colon), IN_USER);
        url.password = colon < 0 ? '' : percentEncode(user.slice(colon + 1), IN_USER);
    }
    url.host = host === '' ? '' : parseHost(host, isSpecial);
    url.port = port && String(+port) !== PORTS[url.protocol] ? String(+port) : '';
}

const emptyUrl = protocol => ({
    protocol, username: '', password: '', host: null, port: '', path: '', query: null, hash: null,
});

function setTail(url, query, hash) {
    const inQuery = url.protocol in PORTS ? IN_SPECIAL_QUERY : IN_QUERY;
    url.query = query === undefined ? null : percentEncode(query, inQuery);
    url.hash = hash === undefined ? null : percentEncode(hash, IN_HASH);
}

function parseAbsolute(protocol, rest) {
    const url = emptyUrl(protocol);
    const [, body, query, hash] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest);
    const text = protocol in PORTS ? body.replace(/\\/g, '/') : body;
    const pattern = protocol in PORTS && protocol !== 'file:' ? /^\/*([^/]*)(.*)$/s : /^\/\/([^/]*)(.*)$/s;
    const parts = pattern.exec(text);
    if (parts) {
        setAuthority(url, parts[1]);
        url.path = parts[2] || protocol in PORTS ? normalizePath(parts[2] || '/') : '';
    } else {
        url.path = text.startsWith('/') ? normalizePath(text) : percentEncode(text, IN_OPAQUE);
    }
    setTail(url, query, hash);
    return url;
}

function parseRelative(text, base) {
    const [, body, query, hash] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
    const path = base.protocol in PORTS ? body.replace(/\\/g, '/') : body;
    if (path.startsWith('//'))
        return parseAbsolute(base.protocol, text);
    const url = { ...base };
    if (path !== '')
        url.path = normalizePath(path.startsWith('/') ? path : base.path.replace(/[^/]*$/, '') + path);
    setTail(url, path === '' && query === undefined ? undefined : query, hash);
    if (path === '' && query === undefined)
        url.query = base.query;
    return url;
}

function parseUrl(input, base) {
    const text = String(input).replace(/^[\0- ]+|[\0- ]+$/g, '').replace(/[\t\n\r]/g, '');
    const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text) ?? [];
    const protocol = scheme && `${scheme.toLowerCase()}:`;
    if (protocol && !(base && protocol === base.protocol && protocol in PORTS && !/^[/\\]/.test(rest)))
        return parseAbsolute(protocol, rest);
    if (!base || !base.path.startsWith('/') && base.host === null && !/^#/.test(text))
        throw new TypeError('Invalid URL');
    return parseRelative(protocol ? rest : text, base);
}

function urlText(url) {
    const password = url.password && `:${url.password}`;
    const user = url.username || password ? `${url.username}${password}@` : '';
    const port = url.port && `:${url.port}`;
    const authority = url.host === null ? '' : `//${user}${url.host}${port}`;
    const query = url.query === null ? '' : `?${url.query}`;
    const hash = url.hash === null ? '' : `#${url.hash}`;
    return `${url.protocol}${authority}${url.path}${query}${hash}`;
}

const IN_FORM = /[^A-Za-z0-9*\-._ ]/gu;
const formEncode = text => percentEncode(String(text), IN_FORM).replace(/ /g, '+');
const formDecode = text => percentDecode(text.replace(/\+/g, ' '));

/** Told when a URL's parameters change, so that its query follows. */
const onParamsChange = Symbol('change');
const readAgain = Symbol('read again');

const wellFormed = text => String(text).toWellFormed();

function queryPair(pair) {
    const two = pair !== null && pair !== undefined && typeof pair[Symbol.iterator] === 'function' ? [...pair] : [];
    if (two.length !== 2)
        throw withCode(new TypeError('Each query pair must be an iterable [name, value] tuple'), 'ERR_INVALID_TUPLE');
    return two.map(wellFormed);
}

function wantArguments(args, ...names) {
    if (args.length >= names.length)
        return;
    const list = names.map(name => `"${name}"`).join(' and ');
    throw withCode(new TypeError(`The ${list} argument${names.length > 1 ? 's' : ''} must be specified`), 'ERR_MISSING_ARGS');
}

class URLSearchParams {
    #list = [];
    constructor(init) {
        init ??= '';
        if (typeof init === 'object' && init !== null)
            this.#list = typeof init[Symbol.iterator] === 'function' ? Array.from(init, queryPair)
                : Object.entries(init).map(([name, value]) => [wellFormed(name), wellFormed(value)]);
        else
            this.#parse(String(init));
    }
    #parse(text) {
        this.#list = text.replace(/^\?/, '').split('&').filter(Boolean).map(part => {
            const [name] = part.split('=', 1);
            return [formDecode(name), formDecode(part.slice(name.length + 1))];
        });
    }
    [readAgain](text) {
        this.#parse(text);
    }
    #changed() {
        this[onParamsChange]?.(this.toString());
    }
    get size() {
        return this.#list.length;
    }
    append(...args) {
        wantArguments(args, 'name', 'value');
        this.#list.push(args.slice(0, 2).map(wellFormed));
        this.#changed();
    }
    delete(...args) {
        wantArguments(args, 'name');
        const [name, value] = args.map(one => one === undefined ? one : String(one));
        this.#list = this.#list.filter(([one, its]) => one !== name || value !== undefined && its !== value);
        this.#changed();
    }
    get(...args) {
        wantArguments(args, 'name');
        const [name] = args;
        return this.#list.find(([one]) => one === String(name))?.[1] ?? null;
    }
    getAll(name) {
        return this.#list.filter(([one]) => one === String(name)).map(([, value]) => value);
    }
    has(...args) {
        wantArguments(args, 'name');
        const [name, value] = args.map(one => one === undefined ? one : String(one));
        return this.#list.some(([one, its]) => one === name && (value === undefined || its === value));
    }
    set(...args) {
        wantArguments(args, 'name', 'value');
        const [name, value] = args;
        const found = this.#list.find(([one]) => one === String(name));
        if (!found)
            return this.append(name, value);
        found[1] = String(value);
        this.#list = this.#list.filter(pair => pair === found || pair[0] !== found[0]);
        this.#changed();
    }
    sort() {
        this.#list.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
        this.#changed();
    }
    forEach(fn, self) {
        for (const [name, value] of this.#list)
            fn.call(self, value, name, this);
    }
    *entries() {
        for (const [name, value] of this.#list)
            yield [name, value];
    }
    *keys() {
        for (const [name] of this.#list)
            yield name;
    }
    *values() {
        for (const [, value] of this.#list)
            yield value;
    }
    [Symbol.iterator]() {
        return this.entries();
    }
    [INSPECT_CUSTOM](depth, options) {
        if (typeof depth === 'number' && depth < 0)
            return '[Object]';
        const pairs = this.#list.map(([name, value]) => `${inspect(name, options)} => ${inspect(value, options)}`);
        const line = pairs.join(', ');
        if (line.length > (options.breakLength ?? INSPECT_DEFAULTS.breakLength))
            return `URLSearchParams {\n  ${pairs.join(',\n  ')} }`;
        return line ? `URLSearchParams { ${line} }` : 'URLSearchParams {}';
    }
    get [Symbol.toStringTag]() {
        return 'URLSearchParams';
    }
    toString() {
        return this.#list.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&');
    }
}

class URL {
    #url;
    #params = null;
    constructor(input, base) {
        try {
            this.#url = parseUrl(input, base === undefined ? undefined : parseUrl(base));
        } catch {
            const error = new TypeError('Invalid URL');
            error.code = 'ERR_INVALID_URL';
            error.input = textOf(input);
            throw error;
        }
    }
    static canParse(input, base) {
        try {
            return Boolean(new URL(input, base));
        } catch {
            return false;
        }
    }
    get href() {
        return urlText(this.#url);
    }
    set href(text) {
        this.#url = new URL(text).#url;
        this.#params = null;
    }
    get origin() {
        const { protocol } = this.#url;
        return protocol in PORTS && protocol !== 'file:' ? `${protocol}//${this.host}` : 'null';
    }
    get protocol() {
        return this.#url.protocol;
    }
    set protocol(text) {
        const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):?/.exec(String(text)) ?? [];
        const next = scheme && `${scheme.toLowerCase()}:`;
        if (next && next in PORTS === this.#url.protocol in PORTS) {
            this.#url.protocol = next;
            if (this.#url.port === PORTS[next])
                this.#url.port = '';
        }
    }
    get username() {
        return this.#url.username;
    }
    set username(text) {
        this.#url.username = percentEncode(String(text), IN_USER);
    }
    get password() {
        return this.#url.password;
    }
    set password(text) {
        this.#url.password = percentEncode(String(text), IN_USER);
    }
    get host() {
        return `${this.hostname}${this.#url.port ? `:${this.#url.port}` : ''}`;
    }
    set host(text) {
        const host = String(text);
        this.#setAuthority(/:\d+$/.test(host) || !this.#url.port ? host : `${host}:${this.#url.port}`);
    }
    get hostname() {
        return this.#url.host ?? '';
    }
    set hostname(text) {
        this.#setAuthority(`${text}${this.#url.port ? `:${this.#url.port}` : ''}`);
    }
    #setAuthority(text) {
        const next = { ...this.#url };
        try {
            setAuthority(next, text.replace(/[/?#].*$/s, ''));
            this.#url = next;
        } catch {
            // What does not parse changes nothing, says the standard.
        }
    }
    get port() {
        return this.#url.port;
    }
    set port(text) {
        const [digits] = /^\d*/.exec(String(text));
        if (+digits <= 65535)
            this.#url.port = digits && String(+digits) !== PORTS[this.#url.protocol] ? String(+digits) : '';
    }
    get pathname() {
        return this.#url.path;
    }
    set pathname(text) {
        this.#url.path = normalizePath(String(text).replace(/^(?![/\\])/, '/').replace(/\\/g, '/'));
    }
    get search() {
        return this.#url.query ? `?${this.#url.query}` : '';
    }
    set search(text) {
        this.#setQuery(String(text).replace(/^\?/, ''));
        this.#params?.[readAgain](this.#url.query ?? '');
    }
    #setQuery(text) {
        this.#url.query = text === '' ? null : percentEncode(text, IN_SPECIAL_QUERY);
    }
    get searchParams() {
        if (!this.#params) {
            this.#params = new URLSearchParams(this.#url.query ?? '');
            Object.defineProperty(this.#params, onParamsChange, { value: text => this.#setQuery(text) });
        }
        return this.#params;
    }
    get hash() {
        return this.#url.hash ? `#${this.#url.hash}` : '';
    }
    set hash(text) {
        const plain = String(text).replace(/^#/, '');
        this.#url.hash = plain === '' ? null : percentEncode(plain, IN_HASH);
    }
    [INSPECT_CUSTOM](depth, options) {
        const { href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash } =
            this;
        const shown = { href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash };
        return `URL ${inspect(shown, options)}`;
    }
    toString() {
        return this.href;
    }
    toJSON() {
        return this.href;
    }
    get [Symbol.toStringTag]() {
        return 'URL';
    }
}

define('URL', URL);
define('URLSearchParams', URLSearchParams);
