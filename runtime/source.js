/* SPDX-License-Identifier: MIT */

// Source functions: onRequest gets what was posted and says through Segment.* what events
// and objects follow from it.

const REQUEST_URL = 'https://fn.segmentapis.com/';

/** Of each method: the members of its own, in their order; whether the first must be there. */
const OWN_MEMBERS = {
    identify: [false, 'traits'],
    track: [true, 'event', 'properties'],
    page: [false, 'name', 'properties'],
    screen: [false, 'name', 'properties'],
    group: [true, 'groupId', 'traits'],
    alias: [true, 'previousId'],
};
const COMMON_MEMBERS = ['userId', 'anonymousId', 'context', 'integrations', 'messageId', 'sentAt', 'timestamp'];

/** What Node says of a message that is not there. */
function memberOf(message, name) {
    if (message === undefined || message === null)
        throw new TypeError(`Cannot read properties of ${message} (reading '${name}')`);
    return message[name];
}

function checkRequired(message, name) {
    const value = memberOf(message, name);
    if (value === undefined || value === '')
        throw new ValidationError(`${name} is required but not defined`);
}

/** Copies lists and plain objects, so that what the code changes later does not count. */
function deepCopy(value, seen = new Map()) {
    const isList = Array.isArray(value);
    if (!isList && Object.prototype.toString.call(value) !== '[object Object]')
        return value;
    const above = isList ? null : Object.getPrototypeOf(value);
    if (above !== null && above !== Object.prototype)
        return value;
    if (seen.has(value))
        return seen.get(value);
    const copy = isList ? [] : {};
    seen.set(value, copy);
    for (const key of Object.keys(value))
        copy[key] = deepCopy(value[key], seen);
    return copy;
}

/** Only what is true in the end is there: 0, '' and null are left out. */
function addMembers(made, message, names, change = value => value) {
    for (const name of names)
        if (memberOf(message, name))
            made[name] = change(message[name]);
}

function makeEvent(type, message) {
    const [isRequired, ...own] = OWN_MEMBERS[type];
    const made = { type };
    if (isRequired)
        checkRequired(message, own[0]);
    if (type === 'track' || type === 'group')
        made[own[0]] = message[own[0]];
    addMembers(made, message, own);
    if (!memberOf(message, 'userId') && !message.anonymousId)
        throw new ValidationError('One of userId,anonymousId is required but not defined');
    addMembers(made, message, COMMON_MEMBERS, value => deepCopy(value));
    return made;
}

/** What the current run has said: {events, objects}; of none, what nobody will read. */
const saidNow = () => current?.said ?? { events: [], objects: [] };

const Segment = {
    get events() {
        return saidNow().events;
    },
    set events(list) {
        saidNow().events = list;
    },
    get objects() {
        return saidNow().objects;
    },
    set objects(list) {
        saidNow().objects = list;
    },
    set(message) {
        checkRequired(message, 'collection');
        checkRequired(message, 'id');
        const made = { collection: message.collection, id: message.id };
        addMembers(made, message, ['properties']);
        saidNow().objects.push(made);
        return made;
    },
};
for (const type of Object.keys(OWN_MEMBERS))
    Segment[type] = { [type](message) {
        const made = makeEvent(type, message);
        saidNow().events.push(made);
        return made;
    } }[type];
Object.defineProperty(Segment, INSPECT_CUSTOM, { value: () => ({ ...Segment }) });
define('Segment', Segment);

/** The URL that was called, when only its parameters are known. */
function urlOfQuery(query) {
    if (typeof query === 'string')
        return `${REQUEST_URL}${query.startsWith('?') ? '' : '?'}${query}`;
    if (typeof query !== 'object' || query === null)
        return REQUEST_URL;
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
        for (const one of [value].flat(1))
            params.append(name, one);
    return `${REQUEST_URL}?${params}`;
}

// As symbols, so that console.log shows a request with all that is in it.
const REQUEST_HEADERS = Symbol('headers');
const REQUEST_ADDRESS = Symbol('url');
const REQUEST_BODY = Symbol('body');

/** What was posted, as onRequest sees it. */
class ServerRequest {
    constructor(body, { headers, url } = {}) {
        this[REQUEST_HEADERS] = headers instanceof Headers ? headers : new Headers(headers);
        this[REQUEST_ADDRESS] = url instanceof URL ? url : new URL(url ?? REQUEST_URL);
        if (typeof body !== 'string' && typeof body !== 'object')
            throw new TypeError('unsupported body type');
        this[REQUEST_BODY] = typeof body === 'string' ? { text: body } : { json: body };
    }
    get url() {
        return this[REQUEST_ADDRESS];
    }
    get headers() {
        return this[REQUEST_HEADERS];
    }
    json() {
        const body = this[REQUEST_BODY];
        if (!body.json) // null is no body either
            body.json = JSON.parse(body.text);
        if (current)
            current.posted = body.json; // runtime/known.js
        return body.json;
    }
    text() {
        const body = this[REQUEST_BODY];
        body.text ??= JSON.stringify(body.json);
        return body.text;
    }
}
define('ServerRequest', ServerRequest);

/** @request: {body, headers?, url?, queryParameters?}. */
const serverRequestOf = ({ body, headers, url, queryParameters }) =>
    new ServerRequest(body, { headers, url: url || urlOfQuery(queryParameters) });

/** What the first source functions, which are modules, were called with. */
function payloadOfRequest({ body, headers, url, queryParameters }, settings) {
    let parsed = body;
    try {
        parsed = typeof body === 'string' ? JSON.parse(body) : body;
    } catch {
        // A form, or plain text: as it is.
    }
    return { payload: { body: parsed, headers: headers ?? {}, queryParameters: queryParameters ?? {}, url }, settings };
}
