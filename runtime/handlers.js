/* SPDX-License-Identifier: MIT */

// The handlers of the third generation: the names that code may define, and what stands
// there when it does not.

const TYPES = ['', 'identify', 'track', 'page', 'screen', 'group', 'alias', 'delete'];
const EVENT_TYPES = TYPES.slice(1);

const handlerOf = type => `on${type[0].toUpperCase()}${type.slice(1)}`;

/** on<Type> since 2020; the bare names before, where `delete` could not be one. */
const HANDLER_NAMES = [...EVENT_TYPES, 'batch', 'request'].map(handlerOf).concat(EVENT_TYPES.slice(0, -1));

/** Handlers nobody wrote, by name: what stands there until code defines it may be called. */
const MISSING = new Map([...EVENT_TYPES, 'batch', 'request'].map(type => [handlerOf(type), event => {
    // Named by the event, which another handler may have handed over.
    throw new EventNotSupported(`${EVENT_TYPES.includes(type) ? event.type : type} not supported`);
}]));
const defaults = new Set(MISSING.values());

const isOurs = fn => typeof fn === 'function' && !defaults.has(fn);

/**
 * What the code turned out to be, once it has run:
 *   generation   the word that the host is told
 *   byType       type → [name, function], of events; batch, request likewise
 *   older        [name, function] of processEvents or transformEvent
 */
let loadedCode = { generation: '', byType: new Map(), older: null };

/** type → [name, function], of those of @names that are there. */
function handlersOf(names, find) {
    const byType = new Map();
    for (const name of names)
        if (find(name))
            byType.set(name.replace(/^on/, '').toLowerCase(), [name, find(name)]);
    return byType;
}

/** @find looks a name up; @isOlder: a generation before the third is asked for. */
function describeCode(find, kind, reading) {
    const byType = handlersOf(HANDLER_NAMES.slice(0, MISSING.size), find);
    // Beside on<Type>, a function called `page` or `alias` is one of the code's own.
    if (byType.size === 0)
        for (const [type, found] of handlersOf(HANDLER_NAMES.slice(MISSING.size), find))
            byType.set(type, found);
    const processEvents = kind === FUNCTIONS ? undefined : find('processEvents');
    const transformEvent = kind === FUNCTIONS ? undefined : find('transformEvent');
    const isCustom = kind === CUSTOM || kind === BY_CODE && (reading.isCustom || transformEvent);
    if (processEvents && reading.isModule)
        return { generation: isCustom ? 'custom' : 'subscription', byType: new Map(), older: ['processEvents', processEvents] };
    if (transformEvent && byType.size === 0)
        return { generation: 'transform', byType, older: ['transformEvent', transformEvent] };
    const isSource = byType.size === 1 && byType.has('request');
    return { generation: isSource ? 'source' : 'functions', byType, older: null };
}

/** The names of what was found, as the host is told. */
function foundNames({ byType, older }) {
    const found = new Set([...byType.values()].map(([name]) => name));
    return older ? [older[0]] : HANDLER_NAMES.filter(name => found.has(name));
}
