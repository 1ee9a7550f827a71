/* SPDX-License-Identifier: MIT */

// Source functions: onRequest gets what was posted and says through Segment.* what events
// and objects follow from it.

const REQUEST_URL = 'https://fn.segmentapis.com/';

/** Of each method: the members that must be there; of a list in it, one of them. */
const REQUIRED = {
    identify: [['userId', 'anonymousId']],
    track: ['event', ['userId', 'anonymousId']],
    page: [['userId', 'anonymousId']],
    screen: [['userId', 'anonymousId']],
    group: ['groupId', ['userId', 'anonymousId']],
    alias: ['previousId', 'userId'],
    set: ['collection', 'id'],
};

function checkRequired(message, wanted) {
    for (const names of wanted.map(one => [one].flat()))
        if (!names.some(name => message?.[name] !== undefined && message[name] !== null && message[name] !== ''))
            throw new ValidationError(`${names.join(' or ')} is required but not defined`);
}

const Segment = {};
for (const [method, wanted] of Object.entries(REQUIRED))
    Segment[method] = message => {
        const run = ownerOf(`Segment.${method}()`);
        checkRequired(message, wanted);
        if (method === 'set')
            run?.said.objects.push({ ...message });
        else
            run?.said.events.push({ ...message, type: method });
    };

/** What was posted, as onRequest sees it. */
class SourceRequest {
    #text;
    constructor({ body, headers, url, queryParameters, method }) {
        if (typeof body !== 'string' && typeof body !== 'object')
            throw new TypeError('unsupported body type');
        this.#text = typeof body === 'string' ? body : JSON.stringify(body);
        this.method = method ?? 'POST';
        this.headers = new Headers(headers);
        this.url = new URL(url ?? `${REQUEST_URL}?${new URLSearchParams(queryParameters ?? '')}`);
    }
    get body() {
        return this.#text;
    }
    async json() {
        return JSON.parse(this.#text);
    }
    async text() {
        return this.#text;
    }
    async arrayBuffer() {
        return native.encode(this.#text).slice().buffer;
    }
}
