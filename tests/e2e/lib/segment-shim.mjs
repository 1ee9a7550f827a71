// SPDX-License-Identifier: MIT
// Segment's rules for functions on Node, as far as they are known: what unmodified code
// does there is what it has to do on us.

import vm from 'node:vm';
import crypto from 'node:crypto';
import util from 'node:util';

const EVENT_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'delete'];
const handlerOf = (type) => `on${type[0].toUpperCase()}${type.slice(1)}`;
const HANDLERS = [...EVENT_TYPES, 'batch', 'request'].map(handlerOf);

// Made inside the context, so that errors and lists are of its own realm.
const PRELUDE = `
class ValidationError extends Error { constructor(m) { super(m); this.name = this.constructor.name } }
class EventNotSupported extends Error { constructor(m) { super(m); this.name = this.constructor.name } }
class InvalidEventPayload extends Error { constructor(m) { super(m); this.name = this.constructor.name } }
class RetryError extends Error { constructor(m) { super(m); this.name = this.constructor.name } }
class DropEvent extends Error { constructor(m) { super(m); this.name = this.constructor.name } }
class FetchError extends Error { constructor(m, type) { super(); this.message = m; this.type = type } }
FetchError.prototype.name = 'FetchError';
const put = (to, from, ...names) => { for (const name of names) if (from[name]) to[name] = from[name]; return to };
const copy = (value) => {
  if (Array.isArray(value)) return value.map(copy);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copy(one)]));
};
const need = (from, name) => {
  if (from[name] === undefined || from[name] === '') throw new ValidationError(name + ' is required but not defined');
};
const common = (from) => {
  if (!from.userId && !from.anonymousId) throw new ValidationError('One of userId,anonymousId is required but not defined');
  return copy(put({}, from, 'userId', 'anonymousId', 'context', 'integrations', 'messageId', 'sentAt', 'timestamp'));
};
const say = (made, from) => { Segment.events.push(Object.assign(made, common(from))); return made };
const Segment = {
  events: [], objects: [],
  set: (d) => {
    need(d, 'collection'); need(d, 'id');
    const made = put({ collection: d.collection, id: d.id }, d, 'properties');
    Segment.objects.push(made);
    return made;
  },
  identify: (d) => say(put({ type: 'identify' }, d, 'traits'), d),
  track: (d) => { need(d, 'event'); return say(put({ type: 'track', event: d.event }, d, 'properties'), d) },
  page: (d) => say(put({ type: 'page' }, d, 'name', 'properties'), d),
  screen: (d) => say(put({ type: 'screen' }, d, 'name', 'properties'), d),
  group: (d) => { need(d, 'groupId'); return say(put({ type: 'group', groupId: d.groupId }, d, 'traits'), d) },
  alias: (d) => { need(d, 'previousId'); return say(put({ type: 'alias' }, d, 'previousId'), d) },
};
class ServerRequest {
  #body;
  #init;
  constructor(body, init) {
    if (typeof body !== 'string' && typeof body !== 'object') throw new TypeError('unsupported body type');
    this.#body = typeof body === 'string' ? { text: body } : { json: body };
    this.#init = init;
  }
  get url() { return this.#init.url }
  get headers() { return this.#init.headers }
  json() { return this.#body.json ||= JSON.parse(this.#body.text) }
  text() { return this.#body.text ??= JSON.stringify(this.#body.json) }
}
const json = (text) => JSON.parse(text);
for (const [name, value] of Object.entries({ ValidationError, EventNotSupported, InvalidEventPayload, RetryError, DropEvent, FetchError, Segment, ServerRequest }))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
({ json, Segment, ServerRequest, EventNotSupported, FetchError })`;

const consoleInto = (logs) => Object.fromEntries(['log', 'info', 'warn', 'error', 'debug']
  .map((name) => [name, (...values) => { logs.push(util.format(...values)); }]));

// A fetch with the manners of node-fetch over @answer(method, path, body).
function fetchOver(answer, requests, inside) {
  return async (input, init = {}) => {
    const url = new URL(String(input));
    const method = (init.method ?? 'GET').toUpperCase();
    const body = init.body === undefined || init.body === null ? '' : String(init.body);

    requests.push({ method, url: url.href.replace(/#.*/, ''), headers: Object.fromEntries(new Headers(init.headers)), body });
    return responseOf(answer(method, url.pathname + url.search), url.href, inside);
  };
}

function responseOf({ status, headers = {}, body = '' }, url, inside) {
  let isUsed = false;
  const text = async () => {
    if (isUsed) throw new TypeError(`body used already for: ${url}`);
    isUsed = true;
    return body;
  };
  const response = {
    status, url, ok: status >= 200 && status < 300, headers: new Headers(headers), text,
    get bodyUsed() { return isUsed; },
    clone: () => responseOf({ status, headers, body }, url, inside),
    async json() {
      try {
        return inside.json(await text());
      } catch (thrown) {
        throw new inside.FetchError(`invalid json response body at ${url} reason: ${thrown.message}`, 'invalid-json');
      }
    },
  };
  return response;
}

function open(source, answer) {
  const requests = [];
  const logs = [];
  const globals = {
    Headers, URL, URLSearchParams, Buffer, crypto, atob, btoa, setTimeout, setInterval, clearTimeout, clearInterval,
    console: consoleInto(logs),
  };
  const context = vm.createContext(globals);
  const inside = vm.runInContext(PRELUDE, context);

  globals.fetch = fetchOver(answer, requests, inside);
  globals.window = { ...globals };
  return { context, inside, requests, logs, source };
}

// The code is the body of a function that has the handlers as parameters.
function handlersOf({ context, inside, source }) {
  const found = {};
  const save = HANDLERS.map((name) => `__found.${name} = ${name};`).join('');
  const missing = HANDLERS.map((name) => (event) => {
    throw new inside.EventNotSupported(`${name === 'onRequest' ? 'request' : event.type} not supported`);
  });
  const wrapped = vm.runInContext(`(function (__found, ${HANDLERS}) {${save}${source};\n${save}})`, context);

  wrapped.call(context.window, found, ...missing);
  return found;
}

function requestOf({ body, headers = {}, url, queryParameters }, inside) {
  const query = new URLSearchParams(typeof queryParameters === 'string' ? queryParameters : '');

  for (const [name, value] of typeof queryParameters === 'object' ? Object.entries(queryParameters) : [])
    for (const one of [value].flat()) query.append(name, one);
  return new inside.ServerRequest(body, {
    headers: new Headers(headers), url: new URL(url ?? `https://fn.segmentapis.com/${queryParameters ? `?${query}` : ''}`),
  });
}

async function callSource(room, request, settings) {
  const { context, inside, source } = room;

  if (/^exports\./m.test(source)) {
    const module = { exports: {} };

    vm.runInContext(`(function (exports, module) {${source}\n})`, context).call(null, module.exports, module);
    return module.exports.processEvents({ payload: request, settings });
  }
  await handlersOf(room).onRequest(requestOf(request, inside), settings);
  return { events: inside.Segment.events, objects: inside.Segment.objects };
}

async function callDestination(room, event, settings) {
  return handlersOf(room)[handlerOf(event.type)](event, settings);
}

/*
 * Runs @source with {event} or {request}, and {settings}: {result, error, requests, logs} as
 * values of JSON; error is {name, message} or null, a log the lines of one call.
 */
export async function runOnShim(source, { event, request, settings }, answer) {
  const room = open(source, answer);
  const given = (value) => room.inside.json(JSON.stringify(value));
  const ended = { result: null, error: null, requests: room.requests, logs: room.logs };

  try {
    const result = request === undefined
      ? await callDestination(room, given(event), given(settings))
      : await callSource(room, given(request), given(settings));

    ended.result = resultOf(result);
  } catch (thrown) {
    ended.error = { name: String(thrown?.name ?? ''), message: String(thrown?.message ?? thrown) };
  }
  return ended;
}

// What has no JSON is shown, not refused: the handler did its work.
function resultOf(value) {
  try {
    return JSON.parse(JSON.stringify(value) ?? JSON.stringify(value === undefined ? null : String(value)));
  } catch {
    return String(value);
  }
}
