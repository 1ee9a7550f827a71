/* SPDX-License-Identifier: MIT */

/* The generations of Segment's functions: what is called with what, and what its end
 * means. The real runner, in its sandbox. */

#include "js/pool.h"

#include "lib/cm.h"
#include "stage.h"

#define P(body) "exports.processEvents = (payload, context, callback) => {" body "}"
#define CLASS(name)                                                                      \
    "class " name " extends Error { constructor(m) { super(m); this.name = '" name       \
    "' } } "

static const struct {
    const char *why;
    const char *source;
    const char *generation, *handlers;
    const char *event;
    enum outcome_run want;
    const char *value, *name, *message;
} older[] = {
    {"payload, settings, version", P("callback(null, payload)"), "subscription",
     "processEvents ", "{\"a\":1}", RUN_RETURNED,
     "{\"event\":{\"a\":1},\"settings\":{\"apiKey\":\"abcd\"},\"version\":\"1.0\"}", "",
     ""},
    {"the event and clientContext",
     "const transformEvent = e => e.a; module.exports.processEvents = function (event, "
     "c, "
     "cb) { cb(null, [transformEvent(event), c.clientContext]) }",
     "custom", "processEvents ", "{\"a\":1}", RUN_RETURNED, "[1,{\"apiKey\":\"abcd\"}]",
     "", ""},
    {"module.exports = {}",
     "async function processEvents(p) { return p.event.a } "
     "module.exports = { processEvents }",
     "subscription", "processEvents ", "{\"a\":2}", RUN_RETURNED, "2", "", ""},
    {"module.exports = function", "module.exports = (p, c, cb) => cb(); // processEvents",
     "subscription", "processEvents ", "{}", RUN_RETURNED, "", "", ""},
    {"only declared", "function processEvents(p, c, cb) { cb(null, 1) }", "subscription",
     "processEvents ", "{}", RUN_RETURNED, "1", "", ""},
    {"defined by a compiler",
     "'use strict'; Object.defineProperty(exports, '__esModule', {value: true}); "
     "exports.processEvents = void 0; exports.processEvents = (p, c, cb) => cb(null, 1)",
     "subscription", "processEvents ", "{}", RUN_RETURNED, "1", "", ""},
    {"handlers that are exported",
     "exports.onTrack = async e => e.a; function onPage() {}", "functions",
     "onTrack onPage ", "{\"a\":3}", RUN_RETURNED, "3", "", ""},
    {"a script that is also tested elsewhere",
     "function onTrack(e) { return e.a } if (typeof module !== 'undefined') "
     "module.exports "
     "= {}",
     "functions", "onTrack ", "{\"a\":3}", RUN_RETURNED, "3", "", ""},
    {"exports in a comment, a text, a pattern",
     "// exports.processEvents = 1\nfunction onTrack() { return `exports.x` + "
     "'exports.y' "
     "+ /exports.z'/.source }",
     "functions", "onTrack ", "{}", RUN_RETURNED, "\"exports.xexports.yexports.z'\"", "",
     ""},
    {"this, require, __filename, __dirname",
     "const self = this === exports; exports.processEvents = (p, c, cb) => cb(null, "
     "[self, "
     "typeof require, __filename, __dirname, module.exports === exports])",
     "subscription", "processEvents ", "{}", RUN_RETURNED,
     "[true,\"function\",\"functions/test/index.js\",\"functions/test\",true]", "", ""},
    {"a hashbang",
     "#!/usr/bin/env node\nexports.processEvents = (p, c, cb) => cb(null, 1)",
     "subscription", "processEvents ", "{}", RUN_RETURNED, "1", "", ""},
    {"eval() is on", P("callback(null, eval('payload.event.a + 1'))"), "subscription",
     "processEvents ", "{\"a\":1}", RUN_RETURNED, "2", "", ""},
    {"callback()", P("callback()"), "subscription", "processEvents ", "{}", RUN_RETURNED,
     "", "", ""},
    {"callback later", P("setTimeout(callback, 5, null, 'late')"), "subscription",
     "processEvents ", "{}", RUN_RETURNED, "\"late\"", "", ""},
    {"callback with a text", P("callback('no')"), "subscription", "processEvents ", "{}",
     RUN_THREW, "", "BadRequestError", "no"},
    {"callback with an Error", P("callback(new Error('no'))"), "subscription",
     "processEvents ", "{}", RUN_THREW, "", "BadRequestError", "no"},
    {"callback with another Error", P("callback(new RangeError('no'))"), "subscription",
     "processEvents ", "{}", RUN_THREW, "", "BadRequestError", "RangeError: no"},
    {"an error and a result", P("callback(new Error('no'), {request: 1})"),
     "subscription", "processEvents ", "{}", RUN_THREW, "{\"request\":1}",
     "BadRequestError", "no"},
    {"own ValidationError",
     CLASS("ValidationError") P("callback(new ValidationError('v'))"), "subscription",
     "processEvents ", "{}", RUN_THREW, "", "ValidationError", "v"},
    {"own EventNotSupported",
     CLASS("EventNotSupported") P("callback(new EventNotSupported('e'))"), "subscription",
     "processEvents ", "{}", RUN_THREW, "", "EventNotSupported", "e"},
    {"own InvalidEventPayload, thrown",
     CLASS("InvalidEventPayload") P("throw new InvalidEventPayload('i')"), "subscription",
     "processEvents ", "{}", RUN_THREW, "", "InvalidEventPayload", "i"},
    {"a thrown text", P("throw 'text'"), "subscription", "processEvents ", "{}",
     RUN_THREW, "", "BadRequestError", "text"},
    {"thrown nothing", P("throw undefined"), "subscription", "processEvents ", "{}",
     RUN_THREW, "", "BadRequestError", "undefined was thrown"},
    {"thrown in a timer", P("setTimeout(() => { throw new Error('t') }, 1)"),
     "subscription", "processEvents ", "{}", RUN_THREW, "", "BadRequestError", "t"},
    {"a second callback", P("callback(null, 1); callback('no')"), "subscription",
     "processEvents ", "{}", RUN_RETURNED, "1", "", ""},
    {"a throw after the callback", P("callback(null, 1); throw 'no'"), "subscription",
     "processEvents ", "{}", RUN_RETURNED, "1", "", ""},
    {"a promise", "exports.processEvents = async p => p.event.a", "subscription",
     "processEvents ", "{\"a\":1}", RUN_RETURNED, "1", "", ""},
    {"a rejected promise", "exports.processEvents = async () => { throw new Error('r') }",
     "subscription", "processEvents ", "{}", RUN_THREW, "", "BadRequestError", "r"},
    {"context.succeed", P("context.succeed(payload.event.a)"), "subscription",
     "processEvents ", "{\"a\":1}", RUN_RETURNED, "1", "", ""},
    {"context.fail", P("context.fail('f')"), "subscription", "processEvents ", "{}",
     RUN_THREW, "", "BadRequestError", "f"},
    {"a callback after a fetch that an async function did not await",
     "exports.processEvents = async (p, c, cb) => { fetch('https://a.example/').then(r "
     "=> "
     "cb(null, r.status)) }",
     "subscription", "processEvents ", "{}", RUN_RETURNED, "201", "", ""},
};

static void check(struct stage *stage, const struct run *run, size_t i)
{
    if (run->run != older[i].want || strcmp(run->value, older[i].value) != 0 ||
        strcmp(run->name, older[i].name) != 0 ||
        strcmp(run->message, older[i].message) != 0)
        fail_msg("%s: got %d %s '%s' '%s' (%s), want %d %s '%s' '%s'", older[i].why,
                 (int)run->run, run->value, run->name, run->message, run->stack,
                 (int)older[i].want, older[i].value, older[i].name, older[i].message);
    stage_close(stage);
}

static void calls_the_older_generations_as_lambda_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(older); i++) {
        struct stage *stage =
            stage_open(&(struct plan){.source = older[i].source, .has_auto_eval = true});

        if (!stage->ok || strcmp(stage->generation, older[i].generation) != 0 ||
            strcmp(stage->handlers, older[i].handlers) != 0)
            fail_msg("%s: got %s (%s) %s %s, want %s (%s)", older[i].why,
                     stage->generation, stage->handlers, stage->name, stage->message,
                     older[i].generation, older[i].handlers);
        check(stage, stage_play(stage, older[i].event, EVENT_TRACK), i);
    }
}

static const struct {
    const char *why;
    const char *source;
    enum pool_generation forced;
    const char *generation, *handlers;
    int64_t timeout_ms;
} found[] = {
    {"three seconds to call back", P(""), POOL_BY_CODE, "subscription", "processEvents ",
     3000},
    {"the first generation by force", P(""), POOL_CUSTOM, "custom", "processEvents ",
     3000},
    {"the second by force", "function transformEvent() {} " P(""), POOL_SUBSCRIPTION,
     "subscription", "processEvents ", 3000},
    {"the third by force", P("") "; function onTrack() {}", POOL_FUNCTIONS, "functions",
     "onTrack ", 5000},
    {"five seconds to return", "function onTrack() {}", POOL_BY_CODE, "functions",
     "onTrack ", 5000},
    {"the bare names", "function identify() {} function track() {} group = () => 1",
     POOL_BY_CODE, "functions", "identify track group ", 5000},
    {"a batch beside its events", "function onBatch() {} function onTrack() {}",
     POOL_BY_CODE, "functions", "onTrack onBatch ", 5000},
    {"a source", "async function onRequest(request) {}", POOL_BY_CODE, "source",
     "onRequest ", 5000},
    {"a transform alone", "function transformEvent() {}", POOL_BY_CODE, "transform",
     "transformEvent ", 5000},
    {"nothing", "const a = 1", POOL_BY_CODE, "functions", "", 5000},
};

static void finds_out_whose_interface_the_code_has(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(found); i++) {
        struct stage *stage = stage_open(&(struct plan){.source = found[i].source,
                                                        .generation = found[i].forced,
                                                        .has_auto_timeout = true});

        if (!stage->ok || strcmp(stage->generation, found[i].generation) != 0 ||
            strcmp(stage->handlers, found[i].handlers) != 0 ||
            stage->timeout_ms != found[i].timeout_ms)
            fail_msg("%s: got %s (%s) %lld ms %s, want %s (%s) %lld ms", found[i].why,
                     stage->generation, stage->handlers, (long long)stage->timeout_ms,
                     stage->message, found[i].generation, found[i].handlers,
                     (long long)found[i].timeout_ms);
        stage_close(stage);
    }
}

static void calls_a_missing_callback_a_bad_request(void **state)
{
    static const char *const sources[] = {P(""), P("for (;;) ;")};

    (void)state;
    for (size_t i = 0; i < COUNT(sources); i++) {
        struct stage *stage = stage_open(
            &(struct plan){.source = sources[i], .timeout_ms = 100, .slice_ms = 60});
        struct run *run = stage_play(stage, "{}", EVENT_TRACK);

        assert_int_equal(RUN_THREW, run->run);
        assert_string_equal("BadRequestError", run->name);
        stage_close(stage);
    }
}

#define STATUSES "[{\"status\":200},{\"status\":400,\"errormessage\":\"Bad Request\"}]"

static const struct {
    const char *why;
    const char *source;
    enum outcome_run want;
    const char *value; /* or the error's name */
    bool has_statuses;
} batches[] = {
    {"a list, and the settings",
     "function onBatch(events, settings) { return [events.length, settings.apiKey] }",
     RUN_RETURNED, "[2,\"abcd\"]", false},
    {"one status an event", "async function onBatch() { return " STATUSES " }",
     RUN_RETURNED, STATUSES, true},
    {"too few of them", "function onBatch() { return [{status: 200}] }", RUN_RETURNED,
     "[{\"status\":200}]", false},
    {"a status that is a text",
     "function onBatch() { return [{status: 200}, {status: "
     "'400'}] }",
     RUN_RETURNED, "[{\"status\":200},{\"status\":\"400\"}]", false},
    {"an entry that is nothing", "function onBatch() { return [{status: 200}, null] }",
     RUN_RETURNED, "[{\"status\":200},null]", false},
    {"nothing", "function onBatch() { }", RUN_RETURNED, "", false},
    {"a throw", "function onBatch() { throw new RetryError('x') }", RUN_THREW,
     "RetryError", false},
    {"no onBatch", "function onTrack() { }", RUN_NO_HANDLER, "EventNotSupported", false},
    {"handlers that it calls",
     "function onTrack(e) { return e.a } function onBatch(es) { "
     "return es.map(onTrack) }",
     RUN_RETURNED, "[1,2]", false},
};

static void runs_batches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(batches); i++) {
        struct stage *stage = stage_open_source(batches[i].source);
        struct run *run =
            stage_play_entry(stage, POOL_BATCH, "[{\"a\":1},{\"a\":2}]", EVENT_NONE);
        const char *text = run->run == RUN_RETURNED ? run->value : run->name;

        if (run->run != batches[i].want || strcmp(text, batches[i].value) != 0 ||
            run->has_statuses != batches[i].has_statuses)
            fail_msg("%s: got %d %s %d '%s', want %d %s %d", batches[i].why,
                     (int)run->run, text, run->has_statuses, run->message,
                     (int)batches[i].want, batches[i].value, batches[i].has_statuses);
        stage_close(stage);
    }
}

#define R(body) "async function onRequest(request, settings) {" body "}"

static const struct {
    const char *why;
    const char *source;
    const char *request;
    enum outcome_run want;
    const char *value; /* or the error's name */
    const char *message;
} requests[] = {
    {"events and objects",
     R("const {a} = await request.json(); Segment.track({event: 'E', userId: a, "
       "properties: {b: 1}}); Segment.identify({anonymousId: 'n'}); "
       "Segment.set({collection: 'c', id: 'i', properties: {}}); return 'lost'"),
     "{\"body\":\"{\\\"a\\\":\\\"u\\\"}\",\"headers\":{}}", RUN_RETURNED,
     "{\"events\":[{\"type\":\"track\",\"event\":\"E\",\"properties\":{\"b\":1},"
     "\"userId\":"
     "\"u\"},{\"type\":\"identify\",\"anonymousId\":\"n\"}],\"objects\":[{"
     "\"collection\":\"c\",\"id\":\"i\",\"properties\":{}}]}",
     ""},
    {"headers, url",
     R("Segment.page({userId: request.headers.get('X-A') + "
       "request.url.searchParams.get('q') + request.url.href})"),
     "{\"body\":{},\"headers\":{\"x-a\":\"1\"},\"queryParameters\":{\"q\":\"2\"}}",
     RUN_RETURNED,
     "{\"events\":[{\"type\":\"page\",\"userId\":\"12https://fn.segmentapis.com/"
     "?q=2\"}],\"objects\":[]}",
     ""},
    {"a url of its own",
     R("Segment.group({groupId: request.url.pathname, userId: await "
       "request.text()})"),
     "{\"body\":{\"b\":1},\"url\":\"https://a.example/x?y\"}", RUN_RETURNED,
     "{\"events\":[{\"type\":\"group\",\"groupId\":\"/x\",\"userId\":\"{\\\"b\\\":1}\"}],"
     "\"objects\":[]}",
     ""},
    {"a body that is a number", R(""), "{\"body\":5}", RUN_THREW, "TypeError",
     "unsupported body type"},
    {"no event name", R("Segment.track({userId: 'u'})"), "{\"body\":\"\"}", RUN_THREW,
     "ValidationError", "event is required but not defined"},
    {"nobody", R("Segment.screen({})"), "{\"body\":\"\"}", RUN_THREW, "ValidationError",
     "One of userId,anonymousId is required but not defined"},
    {"alias", R("Segment.alias({userId: 'u'})"), "{\"body\":\"\"}", RUN_THREW,
     "ValidationError", "previousId is required but not defined"},
    {"set", R("Segment.set({collection: 'u'})"), "{\"body\":\"\"}", RUN_THREW,
     "ValidationError", "id is required but not defined"},
    {"no onRequest", "function onTrack() {}", "{\"body\":\"\"}", RUN_NO_HANDLER,
     "EventNotSupported", "request not supported"},
    {"what Segment.* returns and keeps",
     R("const context = {a: [1, {b: 2}]}, properties = {p: 1}; const e = "
       "Segment.track({userId: null, anonymousId: 'n', event: null, context, properties, "
       "timestamp: 0, lost: 1}); context.a[1].b = 3; properties.p = 2; return "
       "Segment.events.push([e === Segment.events[0], Segment.objects.length])"),
     "{\"body\":null}", RUN_RETURNED,
     "{\"events\":[{\"type\":\"track\",\"event\":null,\"properties\":{\"p\":2},"
     "\"anonymousId\":\"n\",\"context\":{\"a\":[1,{\"b\":2}]}},[true,0]],\"objects\":[]}",
     ""},
    {"a text is not parsed twice, nor a body copied",
     R("Segment.page({userId: [request.json() === request.json(), "
       "typeof request.text(), await request.json().b]})"),
     "{\"body\":\"{\\\"b\\\":1}\"}", RUN_RETURNED,
     "{\"events\":[{\"type\":\"page\",\"userId\":[true,\"string\",1]}],\"objects\":[]}",
     ""},
    {"parameters as a list, as a text", R("Segment.page({userId: request.url.search})"),
     "{\"body\":\"\",\"queryParameters\":{\"a\":[1,2],\"b\":\"c d\"}}", RUN_RETURNED,
     "{\"events\":[{\"type\":\"page\",\"userId\":\"?a=1&a=2&b=c+d\"}],\"objects\":[]}",
     ""},
    {"nothing to say", R("Segment.track()"), "{\"body\":\"\"}", RUN_THREW, "TypeError",
     "Cannot read properties of undefined (reading 'event')"},
    {"a member of its own first", R("Segment.group({})"), "{\"body\":\"\"}", RUN_THREW,
     "ValidationError", "groupId is required but not defined"},
    {"an older source",
     "exports.processEvents = async ({payload: p, settings}) => ({events: [p.body, "
     "p.headers, p.queryParameters, settings.apiKey], objects: []})",
     "{\"body\":\"{\\\"b\\\":1}\",\"headers\":{\"a\":\"1\"}}", RUN_RETURNED,
     "{\"events\":[{\"b\":1},{\"a\":\"1\"},{},\"abcd\"],\"objects\":[]}", ""},
    {"an older source that throws",
     "exports.processEvents = async () => { throw new ValidationError('v') }",
     "{\"body\":\"no json\"}", RUN_THREW, "ValidationError", "v"},
};

static const struct {
    const char *why;
    const char *source;
    const char *value; /* of a track event; or the refusal */
    int line;
} scripts[] = {
    {"own names hide globals",
     "const fetch = 1, Headers = 2; let URL = 3; class Response {} "
     "function onTrack() { return [fetch, Headers, URL, typeof globalThis.fetch] }",
     "[1,2,3,\"function\"]", 0},
    {"what is not declared is global",
     "function onTrack() { seen = 1; return [globalThis.seen, "
     "typeof globalThis.onTrack] }",
     "[1,\"undefined\"]", 0},
    {"a return ends it", "function onTrack() { return 1 } return; onTrack = null", "1",
     0},
    {"the last one counts", "function onTrack() { return 1 } onTrack = () => 2", "2", 0},
    {"a var", "var onTrack = () => 3", "3", 0},
    {"never strict", "'use strict'; function onTrack() { return this === globalThis }",
     "true", 0},
    {"a comment at the end", "function onTrack() { return 4 } // end", "4", 0},
    {"functions that are only called like a handler",
     "function track() { return 5 } function onTrack() { return track() }", "5", 0},
    {"errors have the name of their class",
     "class Mine extends ValidationError {} function onTrack() { const e = new "
     "Mine('m'); "
     "return [e, e.message, String(e), e instanceof ValidationError] }",
     "[{\"name\":\"Mine\"},\"m\",\"Mine: m\",true]", 0},
    {"a class for a handler", "\n\nclass onTrack {}",
     "Identifier 'onTrack' has already been declared", 3},
    {"a brace too many", "\n}); (function () {", "Unexpected token '}'", 2},
    {"a brace too few", "\nfunction onTrack() {", "Unexpected end of input", 2},
    {"another operand", "}, {", "Unexpected token '}'", 1},
    {"an open comment", "\n/* never closed", "Invalid or unexpected token", 2},
    {"await at the top", "\nconst a = await fetch('https://a.example/')",
     "await is only valid in async functions and the top level bodies of modules", 2},
    {"import", "\nimport a from 'a'", "Cannot use import statement outside a module", 2},
    {"export", "\nexport const a = 1", "Unexpected token 'export'", 2},
};

static void runs_a_script_as_the_body_of_a_function(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct stage *stage = stage_open_source(scripts[i].source);
        const char *got =
            stage->ok ? stage_play(stage, "{}", EVENT_TRACK)->value : stage->message;

        if (strcmp(got, scripts[i].value) != 0 || stage->line != scripts[i].line)
            fail_msg("%s: got %s, line %d, want %s, line %d", scripts[i].why, got,
                     stage->line, scripts[i].value, scripts[i].line);
        stage_close(stage);
    }
}

static void runs_source_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct stage *stage = stage_open_source(requests[i].source);
        struct run *run =
            stage_play_entry(stage, POOL_REQUEST, requests[i].request, EVENT_NONE);
        const char *text = run->run == RUN_RETURNED ? run->value : run->name;

        if (run->run != requests[i].want || strcmp(text, requests[i].value) != 0 ||
            strcmp(run->message, requests[i].message) != 0)
            fail_msg("%s: got %d %s '%s' (%s), want %d %s '%s'", requests[i].why,
                     (int)run->run, text, run->message, run->stack, (int)requests[i].want,
                     requests[i].value, requests[i].message);
        stage_close(stage);
    }
}

static void keeps_what_requests_say_apart(void **state)
{
    struct stage *stage = stage_open_source(
        R("const {n} = await request.json(); for (let i = 0; i < n; i++) { await "
          "fetch('https://a.example/'); Segment.track({event: `${n}`, userId: 'u'}) }"));
    struct run *two;
    struct run *one;

    (void)state;
    stage->answer_ms = 2;
    two = stage_begin_entry(stage, POOL_REQUEST, "{\"body\":{\"n\":2}}", EVENT_NONE);
    one = stage_begin_entry(stage, POOL_REQUEST, "{\"body\":{\"n\":1}}", EVENT_NONE);
    stage_finish(stage, 2);
#define SAID(n) "{\"type\":\"track\",\"event\":\"" n "\",\"userId\":\"u\"}"
    assert_string_equal("{\"events\":[" SAID("2") "," SAID("2") "],\"objects\":[]}",
                        two->value);
    assert_string_equal("{\"events\":[" SAID("1") "],\"objects\":[]}", one->value);
    stage_close(stage);
}

static const struct {
    const char *why;
    const char *source;
    const char *note;
} notes[] = {
    {"a member that is not there", "function onTrack(event) { event.traits.user.email }",
     "event.traits was {\"plan\":\"pro\",\"none\":null}: it has no `user`"},
    {"a member that is null", "function onTrack(event) { event.traits.none.email }",
     "event.traits was {\"plan\":\"pro\",\"none\":null}: its `none` is null"},
    {"under another name", "onTrack = async e => e.traits.user.email",
     "e.traits was {\"plan\":\"pro\",\"none\":null}: it has no `user`"},
    {"in the payload",
     "exports.processEvents = function (p, c, cb) { cb(null, p.event.list[0].x.y) }",
     "p.event.list[0] was {\"a\":1}: it has no `x`"},
    {"a function that is not there", "function onTrack(event) { event.traits.greet(1) }",
     "event.traits was {\"plan\":\"pro\",\"none\":null}: it has no `greet`"},
    {"settings keep their values",
     "function onTrack(event, s) { s.region.toLowerCase() }",
     "s was an object with `apiKey`: it has no `region`"},
    {"settings in the payload keep theirs",
     "exports.processEvents = p => p.settings.region.x",
     "p.settings was an object with `apiKey`: it has no `region`"},
    {"a text of settings", "function onTrack(e, settings) { settings.apiKey.a.b }",
     "settings.apiKey was a value: it has no `a`"},
    {"something of its own", "function onTrack() { const a = {}; a.b.c }", ""},
    {"an error that is thrown", "function onTrack() { throw new TypeError('x') }", ""},
};

static void notes_what_was_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(notes); i++) {
        struct stage *stage = stage_open_source(notes[i].source);
        struct run *run = stage_play(stage,
                                     "{\"traits\":{\"plan\":\"pro\",\"none\":null},"
                                     "\"list\":[{\"a\":1}]}",
                                     EVENT_TRACK);

        if (run->run != RUN_THREW || strcmp(run->note, notes[i].note) != 0)
            fail_msg("%s: got '%s' (%s %s), want '%s'", notes[i].why, run->note,
                     run->name, run->message, notes[i].note);
        stage_close(stage);
    }
}

static void gives_each_event_a_context_of_its_own(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source =
            "let n = 0; globalThis.seen = globalThis.seen || []; async function "
            "onTrack(e) { "
            "seen.push(e.i); n++; console.log(n); await "
            "fetch('https://a.example/'); await new Promise(r => setTimeout(r, 3)); "
            "Array.prototype.mine = 1; return [n, seen, e.i] }",
        .is_fresh = true});

    (void)state;
    stage->answer_ms = 1;
    for (size_t i = 0; i < 20; i++)
        stage_begin(stage, i % 2 == 0 ? "{\"i\":0}" : "{\"i\":1}", EVENT_TRACK);
    stage_finish(stage, 20);
    for (size_t i = 0; i < 20; i++) {
        const char *want = i % 2 == 0 ? "[1,[0],0]" : "[1,[1],1]";

        if (strcmp(want, stage->runs[i].value) != 0 ||
            strcmp("1", stage->runs[i].log) != 0)
            fail_msg("run %zu: got %s (%s, log %s), want %s", i, stage->runs[i].value,
                     stage->runs[i].message, stage->runs[i].log, want);
    }
    stage_close(stage);
}

/* Contexts share nothing, so only chance makes the second load fail and not the first. */
static void fails_the_event_whose_context_does_not_load(void **state)
{
    const struct plan plan = {.source =
                                  "if (Math.random() < 0.5) throw new Error('odd'); "
                                  "function onTrack() { return 1 }",
                              .is_fresh = true};
    struct stage *stage = stage_open(&plan);

    (void)state;
    while (!stage->ok) {
        stage_close(stage);
        stage = stage_open(&plan);
    }
    for (size_t i = 0; i < 40; i++) {
        struct run *run = stage_play(stage, "{}", EVENT_TRACK);

        if (run->run == RUN_THREW)
            assert_string_equal("odd", run->message);
        else
            assert_string_equal("1", run->value);
    }
    stage_close(stage);
}

static void keeps_a_fresh_context_within_its_run(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source =
            H("setInterval(() => console.log('late'), 1); queueMicrotask(() => {}); "
              "fetch('https://a.example/'); return new Array(1e5).fill('x').length"),
        .is_fresh = true});

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        struct run *run = stage_play(stage, "{}", EVENT_TRACK);

        if (run->run != RUN_RETURNED || strcmp("100000", run->value) != 0)
            fail_msg("run %zu: got %d %s %s", i, (int)run->run, run->name, run->message);
        assert_int_equal(0, run->n_free_reruns);
    }
    stage_close(stage);
}

static void ends_a_context_that_its_code_has_broken(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source = "function onTrack() { Map.prototype.delete = () => { throw new "
                  "Error('mine') }; return 1 }",
        .is_fresh = true});

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct run *run = stage_play(stage, "{}", EVENT_TRACK);

        assert_int_equal(RUN_THREW, run->run);
        assert_non_null(strstr(run->message, "mine"));
    }
    stage_close(stage);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_the_older_generations_as_lambda_does),
        cmocka_unit_test(finds_out_whose_interface_the_code_has),
        cmocka_unit_test(calls_a_missing_callback_a_bad_request),
        cmocka_unit_test(runs_batches),
        cmocka_unit_test(runs_a_script_as_the_body_of_a_function),
        cmocka_unit_test(runs_source_functions),
        cmocka_unit_test(keeps_what_requests_say_apart),
        cmocka_unit_test(notes_what_was_missing),
        cmocka_unit_test(gives_each_event_a_context_of_its_own),
        cmocka_unit_test(fails_the_event_whose_context_does_not_load),
        cmocka_unit_test(ends_a_context_that_its_code_has_broken),
        cmocka_unit_test(keeps_a_fresh_context_within_its_run),
    };

    if (!stage_use(argc, argv))
        return 2;
    return cmocka_run_group_tests_name("generations", tests, NULL, NULL);
}
