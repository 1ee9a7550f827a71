/* SPDX-License-Identifier: MIT */

// How a request leaves and its answer comes back. It is made outside of the sandbox; what
// may be reached is decided there. fetch() and https.request() both go this way.

const TRANSPORT_OK = 1;

// What our client says of a connection, and what Node calls it.
const CONNECTION_ERRORS = [
    [/^connect to (\S+): connection refused$/, 'connect', 'ECONNREFUSED'],
    [/^connect to (\S+): connection timed out$/, 'connect', 'ETIMEDOUT'],
    [/^connect to (\S+): no route to host$/, 'connect', 'EHOSTUNREACH'],
    [/^connect to (\S+): network is unreachable$/, 'connect', 'ENETUNREACH'],
    [/^connect to (\S+): connection reset by peer$/, 'read', 'ECONNRESET'],
];
const ERROR_NUMBERS = {
    ECONNREFUSED: -111, ETIMEDOUT: -110, EHOSTUNREACH: -113, ENETUNREACH: -101, ECONNRESET: -104, ENOTFOUND: -3008,
};

function systemError(message, code, syscall, members) {
    return Object.assign(new Error(message), { errno: ERROR_NUMBERS[code], code, syscall }, members);
}

/** The error that Node has for what our client says. */
function connectionError(why) {
    for (const [pattern, syscall, code] of CONNECTION_ERRORS) {
        const [, peer] = pattern.exec(why) ?? [];
        if (!peer)
            continue;
        const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(peer) ?? [null, peer, 0];
        if (syscall === 'read')
            return systemError(`read ${code}`, code, syscall);
        return systemError(`connect ${code} ${address.includes(':') ? peer.replace(/[[\]]/g, '') : peer}`, code, syscall,
            { address, port: +port });
    }
    const [, hostname] = /^getaddrinfo ENOTFOUND (.*)$/.exec(why) ?? [];
    if (hostname)
        return systemError(why, 'ENOTFOUND', 'getaddrinfo', { hostname });
    if (/closed the connection without an answer$|broke the connection off$/.test(why))
        return withCode(new Error('socket hang up'), 'ECONNRESET');
    return new Error(why);
}

/** Sends @job of @run, or queues it while too many are under way. */
function sendFetch(run, job) {
    if (run.fetches.size >= MAX_FETCHES) {
        run.queue.push(job);
        return;
    }
    const id = run.nextFetch++;
    const url = job.url.includes('#') ? job.url.slice(0, job.url.indexOf('#')) : job.url;
    run.fetches.set(id, job);
    if (native.fetch(run.id, id, job.method, url, job.headers, job.body, 0))
        return;
    run.fetches.delete(id);
    job.reject(new Error('the request is too large'));
}

/**
 * One request and its answer. @job: {method, url, headers: their text, body: text or bytes
 * or null}, and what is called with its end: resolve({status, headers: their text, isCoded:
 * whether the body is in some encoding, body: bytes, or text of ASCII}), or reject(Node's
 * error). @ticket: what abandon() is given when nobody waits for the answer any more.
 */
function exchange(job, what, ticket) {
    job.origin = current;
    ticket.job = job;
    try {
        ticket.run = ownerOf(what);
        if (ticket.run)
            sendFetch(ticket.run, job);
    } catch (thrown) {
        job.reject(thrown);
    }
}

/** The answer may come, but the run does not wait for it. */
function abandon({ run, job }) {
    for (const [id, one] of run?.fetches ?? [])
        if (one === job)
            run.fetches.delete(id);
    if (run)
        run.queue = run.queue.filter(one => one !== job);
}

/** The entry of an answer that has come. */
function answer(runId, id, transport, status, headers, isCoded, body, error) {
    const run = live.get(runId);
    const job = run?.fetches.get(id);
    current = job?.origin ?? run ?? null;
    if (!job)
        return;
    run.fetches.delete(id);
    if (transport === TRANSPORT_OK)
        job.resolve({ status, headers, isCoded, body: body ?? '' });
    else
        job.reject(connectionError(error));
    if (run.queue.length && run.fetches.size < MAX_FETCHES)
        sendFetch(run, run.queue.shift());
    // In an entry of its own: what the code does with this answer may fetch again.
    if (run.onIdle && run.fetches.size === 0)
        new Timeout(() => run.fetches.size === 0 && run.onIdle(), 0, [], false);
}

const STATUS_TEXTS = {
    100: 'Continue', 101: 'Switching Protocols', 102: 'Processing', 103: 'Early Hints',
    200: 'OK', 201: 'Created', 202: 'Accepted', 203: 'Non-Authoritative Information', 204: 'No Content',
    205: 'Reset Content', 206: 'Partial Content', 207: 'Multi-Status', 208: 'Already Reported', 226: 'IM Used',
    300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 304: 'Not Modified',
    305: 'Use Proxy', 307: 'Temporary Redirect', 308: 'Permanent Redirect',
    400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found',
    405: 'Method Not Allowed', 406: 'Not Acceptable', 407: 'Proxy Authentication Required', 408: 'Request Timeout',
    409: 'Conflict', 410: 'Gone', 411: 'Length Required', 412: 'Precondition Failed', 413: 'Payload Too Large',
    414: 'URI Too Long', 415: 'Unsupported Media Type', 416: 'Range Not Satisfiable', 417: 'Expectation Failed',
    418: "I'm a Teapot", 421: 'Misdirected Request', 422: 'Unprocessable Entity', 423: 'Locked',
    424: 'Failed Dependency', 425: 'Too Early', 426: 'Upgrade Required', 428: 'Precondition Required',
    429: 'Too Many Requests', 431: 'Request Header Fields Too Large', 451: 'Unavailable For Legal Reasons',
    500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable',
    504: 'Gateway Timeout', 505: 'HTTP Version Not Supported', 506: 'Variant Also Negotiates',
    507: 'Insufficient Storage', 508: 'Loop Detected', 509: 'Bandwidth Limit Exceeded', 510: 'Not Extended',
    511: 'Network Authentication Required',
};
