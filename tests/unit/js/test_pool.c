/* SPDX-License-Identifier: MIT */

/* The pool with a real runner (argv[1]) in its sandbox, and with a hostile one (argv[2]).
 */

#include "js/pool.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/cm.h"
#include "sys/clock.h"
#include "sys/loop.h"

static const char *runner;
static const char *hostile_runner;

enum { MAX_RUNS = 256, GRACE_MS = 250 };

struct stage;

/* One run and what became of it. */
struct run {
    struct stage *stage;
    struct pool_invocation *invocation;
    enum outcome_run run;
    char value[512];
    char name[64];
    char message[512];
    char stack[512];
    char handler[32];
    int line, column;
    size_t n_logs;
    unsigned n_logs_dropped;
    char log[512]; /* the first */
    unsigned n_free_reruns;
    bool is_transform;
    bool is_done;
    int64_t ended_ms;
    unsigned n_fetches;
    unsigned n_restarts;
    char url[256];
    char body[256];
};

/* A loop, a pool and one function. */
struct stage {
    struct loop *loop;
    struct pool *pool;
    struct pool_function *function;
    bool is_loaded;
    bool ok;
    char generation[32];
    char handlers[256];
    char name[64];
    char message[512];
    int line;
    enum sandbox_level level;
    struct run runs[MAX_RUNS];
    size_t n_runs;
    size_t n_done;
    size_t n_wanted; /* the loop stops when so many are done */
    struct loop_timer guard;
    struct loop_timer answer_timer;
    int64_t answer_ms; /* fetches are answered so much later; 0: at once */
    bool never_answers;
    struct {
        struct run *run;
        uint32_t fetch;
        int64_t at_ms;
    } queue[1024];
    size_t n_queued, n_answered;
};

static void copy(char *to, size_t size, struct bytes from)
{
    snprintf(to, size, "%.*s", BYTES_FMT(from));
}

static void give_up(void *arg)
{
    (void)arg;
    fail_msg("the test took longer than its guard");
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct stage *stage = arg;

    (void)function;
    stage->is_loaded = true;
    stage->ok = loaded->ok;
    stage->line = loaded->line;
    stage->level = loaded->level;
    copy(stage->name, sizeof(stage->name), bytes_str(loaded->error_name));
    copy(stage->message, sizeof(stage->message), bytes_str(loaded->error_message));
    if (loaded->ok) {
        copy(stage->generation, sizeof(stage->generation), bytes_str(loaded->generation));
        for (size_t i = 0; loaded->handlers[i] != NULL; i++)
            snprintf(stage->handlers + strlen(stage->handlers),
                     sizeof(stage->handlers) - strlen(stage->handlers), "%s ",
                     loaded->handlers[i]);
    }
    loop_stop(stage->loop);
}

static void answer(struct run *run, uint32_t fetch)
{
    const struct pool_header headers[] = {{BYTES("Content-Type"), BYTES("text/plain")}};

    pool_answer(run->invocation, fetch, TRANSPORT_OK, NULL, 201, headers, 1,
                BYTES("{\"hello\": \"w\303\266rld\"}"));
}

static void answer_due(void *arg)
{
    struct stage *stage = arg;
    int64_t now_ms = loop_now_ms(stage->loop);

    while (stage->n_answered < stage->n_queued &&
           stage->queue[stage->n_answered].at_ms <= now_ms) {
        struct run *run = stage->queue[stage->n_answered].run;

        if (!run->is_done)
            answer(run, stage->queue[stage->n_answered].fetch);
        stage->n_answered++;
    }
    if (stage->n_answered < stage->n_queued)
        loop_timer_set(&stage->answer_timer,
                       stage->queue[stage->n_answered].at_ms - now_ms);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct run *run = arg;
    struct stage *stage = run->stage;

    run->invocation = invocation;
    run->n_fetches++;
    copy(run->url, sizeof(run->url), request->url);
    copy(run->body, sizeof(run->body), request->body);
    if (stage->never_answers)
        return;
    if (bytes_find(request->url, BYTES("refused")) < request->url.len)
        pool_answer(invocation, fetch, TRANSPORT_REFUSED,
                    "connect ECONNREFUSED 1.2.3.4:80", 0, NULL, 0, bytes_of(NULL, 0));
    else if (stage->answer_ms == 0)
        answer(run, fetch);
    else if (stage->n_queued < COUNT(stage->queue)) {
        stage->queue[stage->n_queued].run = run;
        stage->queue[stage->n_queued].fetch = fetch;
        stage->queue[stage->n_queued++].at_ms =
            loop_now_ms(stage->loop) + stage->answer_ms;
        if (!loop_timer_is_set(&stage->answer_timer))
            loop_timer_set(&stage->answer_timer, stage->answer_ms);
    }
}

static void on_restart(void *arg)
{
    struct run *run = arg;

    run->n_restarts++;
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct run *run = arg;
    struct stage *stage = run->stage;

    assert_false(run->is_done);
    run->is_done = true;
    run->run = result->run;
    run->line = result->line;
    run->column = result->column;
    run->n_logs = result->n_logs;
    run->n_logs_dropped = result->n_logs_dropped;
    run->n_free_reruns = result->n_free_reruns;
    run->is_transform = result->is_transform;
    run->ended_ms = clock_now_ms();
    copy(run->value, sizeof(run->value), result->value);
    copy(run->name, sizeof(run->name), result->error_name);
    copy(run->message, sizeof(run->message), result->error_message);
    copy(run->stack, sizeof(run->stack), result->error_stack);
    copy(run->handler, sizeof(run->handler), result->handler);
    if (result->n_logs > 0)
        copy(run->log, sizeof(run->log), result->logs[0]);
    if (++stage->n_done == stage->n_wanted)
        loop_stop(stage->loop);
}

struct plan {
    const char *source;
    int64_t timeout_ms, slice_ms;
    unsigned in_flight, count;
    int64_t memory_bytes;
    bool allow_eval;
};

static struct stage *open_stage(const struct plan *plan)
{
    struct stage *stage = mem_new(struct stage);
    const struct pool_options options = {
        .runner = runner,
        .count = plan->count,
        .memory_bytes = plan->memory_bytes > 0 ? plan->memory_bytes : 128 << 20,
        .minimum = SANDBOX_LEVEL_LAMBDA,
    };
    const struct pool_code code = {
        .name = BYTES("functions/test/index.js"),
        .source = bytes_str(plan->source),
        .timeout_ms = plan->timeout_ms > 0 ? plan->timeout_ms : 5000,
        .slice_ms = plan->slice_ms > 0 ? plan->slice_ms : 1000,
        .in_flight = plan->in_flight > 0 ? plan->in_flight : 64,
        .allow_eval = plan->allow_eval,
    };

    stage->loop = loop_new();
    stage->pool = pool_new(stage->loop, &options);
    loop_timer_init(&stage->guard, stage->loop, give_up, NULL);
    loop_timer_init(&stage->answer_timer, stage->loop, answer_due, stage);
    loop_timer_set(&stage->guard, 60000);
    stage->function = pool_load(stage->pool, &code, on_loaded, stage);
    loop_run(stage->loop);
    assert_true(stage->is_loaded);
    return stage;
}

static struct stage *open_source(const char *source)
{
    return open_stage(&(struct plan){.source = source});
}

static void close_stage(struct stage *stage)
{
    pool_retire(stage->function);
    pool_free(stage->pool);
    loop_timer_done(&stage->guard);
    loop_timer_done(&stage->answer_timer);
    loop_free(stage->loop);
    free(stage);
}

static struct run *begin(struct stage *stage, const char *event, enum event_kind kind)
{
    struct run *run = &stage->runs[stage->n_runs++];
    const struct pool_run what = {
        .event = bytes_str(event),
        .settings = BYTES("{\"apiKey\":\"abcd\"}"),
        .kind = kind,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_done,
        .arg = run,
    };

    run->stage = stage;
    run->invocation = pool_invoke(stage->function, &what);
    assert_non_null(run->invocation);
    return run;
}

static void finish(struct stage *stage, size_t n_wanted)
{
    stage->n_wanted = n_wanted;
    if (stage->n_done < n_wanted)
        loop_run(stage->loop);
}

static struct run *play(struct stage *stage, const char *event, enum event_kind kind)
{
    struct run *run = begin(stage, event, kind);

    finish(stage, stage->n_done + 1);
    return run;
}

#define H(body) "async function onTrack(event, settings) {" body "}"

static const struct {
    const char *why;
    const char *source;
    const char *event;
    enum event_kind kind;
    enum outcome_run want;
    const char *value; /* or the error's name */
    const char *message;
} cases[] = {
    {"returns an object", H("return {got: event.event, key: settings.apiKey}"),
     "{\"event\":\"E\"}", EVENT_TRACK, RUN_RETURNED, "{\"got\":\"E\",\"key\":\"abcd\"}",
     ""},
    {"returns nothing", H(""), "{}", EVENT_TRACK, RUN_RETURNED, "", ""},
    {"a plain function", "function onPage(e) { return 1 }", "{}", EVENT_PAGE,
     RUN_RETURNED, "1", ""},
    {"an assignment", "onGroup = e => 'g'", "{}", EVENT_GROUP, RUN_RETURNED, "\"g\"", ""},
    {"a bare name", "function identify(e) { return 2 }", "{}", EVENT_IDENTIFY,
     RUN_RETURNED, "2", ""},
    {"inside a condition", "if (true) { function onAlias() { return 3 } }", "{}",
     EVENT_ALIAS, RUN_RETURNED, "3", ""},
    {"a byte order mark", "\357\273\277function onTrack() { return 4 }", "{}",
     EVENT_TRACK, RUN_RETURNED, "4", ""},
    {"no handler", "function onPage() {}", "{}", EVENT_TRACK, RUN_NO_HANDLER,
     "EventNotSupported", "track not supported"},
    {"EventNotSupported", H("throw new EventNotSupported('no')"), "{}", EVENT_TRACK,
     RUN_THREW, "EventNotSupported", "no"},
    {"InvalidEventPayload", H("throw new InvalidEventPayload('no')"), "{}", EVENT_TRACK,
     RUN_THREW, "InvalidEventPayload", "no"},
    {"ValidationError", H("throw new ValidationError('no')"), "{}", EVENT_TRACK,
     RUN_THREW, "ValidationError", "no"},
    {"RetryError", H("throw new RetryError('no')"), "{}", EVENT_TRACK, RUN_THREW,
     "RetryError", "no"},
    {"DropEvent", H("throw new DropEvent('no')"), "{}", EVENT_TRACK, RUN_THREW,
     "DropEvent", "no"},
    {"an error's class is of Error", H("return new RetryError('x') instanceof Error"),
     "{}", EVENT_TRACK, RUN_RETURNED, "true", ""},
    {"a thrown string", H("throw 'text'"), "{}", EVENT_TRACK, RUN_THREW, "", "text"},
    {"a rejected promise", "function onTrack() { return Promise.reject(new Error('r')) }",
     "{}", EVENT_TRACK, RUN_THREW, "Error", "r"},
    {"process.exit", H("process.exit(1)"), "{}", EVENT_TRACK, RUN_THREW, "TypeError",
     NULL},
    {"deep recursion", "function f() { return f() + 1 } " H("f()"), "{}", EVENT_TRACK,
     RUN_THREW, "RangeError", "Maximum call stack size exceeded."},
    {"a cycle is shown as text", H("const a = {}; a.a = a; return a"), "{}", EVENT_TRACK,
     RUN_RETURNED, "\"[object Object]\"", ""},
    {"a function is shown as text", H("return Symbol('s')"), "{}", EVENT_TRACK,
     RUN_RETURNED, "\"Symbol(s)\"", ""},
    {"an absent global", H("return AWS"), "{}", EVENT_TRACK, RUN_THREW, "ReferenceError",
     NULL},
    {"eval is off", H("return eval('1')"), "{}", EVENT_TRACK, RUN_THREW, "EvalError",
     NULL},
    {"Function is off", H("return (() => {}).constructor('return 1')()"), "{}",
     EVENT_TRACK, RUN_THREW, "EvalError", NULL},
    {"no WebAssembly", H("return [typeof WebAssembly, typeof SharedArrayBuffer]"), "{}",
     EVENT_TRACK, RUN_RETURNED, "[\"undefined\",\"undefined\"]", ""},
    {"the natives are out of reach", H("return typeof native"), "{}", EVENT_TRACK,
     RUN_RETURNED, "\"undefined\"", ""},
    {"an own fetch may be declared", "const fetch = 1; " H("return fetch"), "{}",
     EVENT_TRACK, RUN_RETURNED, "1", ""},
    {"other characters", H("return event.x + '\303\244\360\237\230\200'"),
     "{\"x\":\"\303\266\"}", EVENT_TRACK, RUN_RETURNED,
     "\"\303\266\303\244\360\237\230\200\"", ""},
    {"transformEvent", "function transformEvent(e) { return {a: e.b} }", "{\"b\":1}",
     EVENT_TRACK, RUN_RETURNED, "{\"a\":1}", ""},
    {"transformEvent returns nothing", "function transformEvent(e) { }", "{}",
     EVENT_TRACK, RUN_RETURNED, "", ""},
    {"a timer", H("return new Promise(r => setTimeout(r, 5, 'late'))"), "{}", EVENT_TRACK,
     RUN_RETURNED, "\"late\"", ""},
    {"an interval",
     H("return new Promise(r => { let n = 0; const t = setInterval(() => { if (++n == 3) "
       "{ "
       "clearInterval(t); r(n) } }, 2) })"),
     "{}", EVENT_TRACK, RUN_RETURNED, "3", ""},
    {"a timer's throw fails its run",
     H("setTimeout(() => { throw new RetryError('t') }, 1); await new Promise(() => {})"),
     "{}", EVENT_TRACK, RUN_THREW, "RetryError", "t"},
    {"a fetch",
     H("const r = await fetch('https://a.example/x?y=1#z', {method: 'post', body: "
       "'b'}); const j = await r.json(); return [r.ok, r.status, "
       "r.headers.get('content-type'), j.hello]"),
     "{}", EVENT_TRACK, RUN_RETURNED, "[true,201,\"text/plain\",\"w\303\266rld\"]", ""},
    {"a refused fetch", H("await fetch('http://refused.example')"), "{}", EVENT_TRACK,
     RUN_THREW, "FetchError",
     "request to http://refused.example/ failed, reason: connect ECONNREFUSED "
     "1.2.3.4:80"},
    {"fifty fetches at once",
     H("const r = await Promise.all(Array.from({length: 50}, (_, i) => "
       "fetch('https://a.example/' + i))); return r.length"),
     "{}", EVENT_TRACK, RUN_RETURNED, "50", ""},
    {"a relative URL", H("await fetch('/x')"), "{}", EVENT_TRACK, RUN_THREW, "TypeError",
     "Only absolute URLs are supported"},
    {"a cache is loaded once",
     "let n = 0; " H("const f = () => cache.load('k', 1000, async () => { await "
                     "fetch('https://a.example'); return ++n }); return "
                     "Promise.all([f(), f(), f()])"),
     "{}", EVENT_TRACK, RUN_RETURNED, "[1,1,1]", ""},
    {"structuredClone",
     H("const a = {d: new Date(0), m: new Map([[1, {x: 2}]])}; a.self = a; const b = "
       "structuredClone(a); return [b !== a, b.self === b, b.d.getTime(), b.m.get(1).x]"),
     "{}", EVENT_TRACK, RUN_RETURNED, "[true,true,0,2]", ""},
    {"atob and btoa", H("return [btoa('a\\xff'), atob('Yf8=').length]"), "{}",
     EVENT_TRACK, RUN_RETURNED, "[\"Yf8=\",2]", ""},
    {"TextEncoder",
     H("const b = new TextEncoder().encode('\303\244'); return [[...b], new "
       "TextDecoder().decode(b.subarray(0, 2)), new "
       "TextDecoder().decode(new Uint8Array([65, 66, 67]).subarray(1, 2))]"),
     "{}", EVENT_TRACK, RUN_RETURNED, "[[195,164],\"\303\244\",\"B\"]", ""},
    {"a URL",
     H("const u = new URL('../b?x=1', 'HTTPS://User@EXAMPLE.com:443/a/c'); "
       "u.searchParams.append('y', 'a b&'); return [u.href, u.origin, u.port]"),
     "{}", EVENT_TRACK, RUN_RETURNED,
     "[\"https://User@example.com/b?x=1&y=a+b%26\",\"https://example.com\",\"\"]", ""},
    {"what warm-up has not met still works",
     H("const a = []; for (const l of ['ja', 'ar-EG', 'th', 'hi', 'zh-Hant', 'pt-BR']) "
       "a.push(new Intl.DateTimeFormat(l, {dateStyle: 'full', timeStyle: 'full', "
       "timeZone: "
       "'Asia/Tokyo'}).format(0), new Intl.NumberFormat(l, {style: 'currency', currency: "
       "'JPY'}).format(5), new Intl.Collator(l).compare('a', 'b'), "
       "'x'.toLocaleUpperCase(l), "
       "new Intl.RelativeTimeFormat(l).format(3, 'week')); "
       "a.push(Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(2020, 5, "
       "1).toLocaleString('en-US', {timeZone: 'America/New_York'}), new "
       "Date().getTimezoneOffset()); "
       "let b = []; for (let i = 0; i < 20; i++) { b = Array.from({length: 20000}, (_, "
       "j) => "
       "({j, s: 'x' + j})); } b.sort((x, y) => y.j - x.j); "
       "const f = n => n ? 1 + f(n - 1) : 0; f(9000); "
       "/(?<y>\\d{4})-(?<m>\\d\\d)/u.exec('2020-01'); 'x'.repeat(5e6).replace(/x/g, "
       "'yy'); "
       "new Uint8Array(4e7).fill(1); for (let i = 0; i < 40; i++) { new "
       "Array(1e5).fill({}) } new WeakRef(a); new FinalizationRegistry(() => "
       "0).register({}, 1); "
       "JSON.parse(JSON.stringify(b)); return 'ok'"),
     "{}", EVENT_TRACK, RUN_RETURNED, "\"ok\"", ""},
    {"a value of 2 MiB is refused", H("return 'x'.repeat(2 << 20)"), "{}", EVENT_TRACK,
     RUN_THREW, "RangeError", NULL},
};

static void judges_every_ending(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct stage *stage =
            open_stage(&(struct plan){.source = cases[i].source, .slice_ms = 4000});
        struct run *run;
        const char *text;

        if (!stage->ok)
            fail_msg("%s: not loaded: %s %s", cases[i].why, stage->name, stage->message);
        run = play(stage, cases[i].event, cases[i].kind);
        text = run->run == RUN_RETURNED ? run->value : run->name;
        if (run->run != cases[i].want || strcmp(text, cases[i].value) != 0 ||
            (cases[i].message != NULL && strcmp(run->message, cases[i].message) != 0))
            fail_msg("%s: got %d '%s' '%s' (%s), want %d '%s' '%s'", cases[i].why,
                     (int)run->run, text, run->message, run->stack, (int)cases[i].want,
                     cases[i].value, cases[i].message != NULL ? cases[i].message : "any");
        close_stage(stage);
    }
}

static const struct {
    const char *why;
    const char *source;
    const char *name;
    int line;
} bad_codes[] = {
    {"a token too many", "let a = 1;\nlet b = ;\n", "SyntaxError", 2},
    {"a handler that is a const", "\n\nconst onTrack = () => 1", "SyntaxError", 3},
    {"a handler that is a let", "let onIdentify", "SyntaxError", 1},
    {"a throw at the top level", "\nthrow new TypeError('x')", "TypeError", 2},
    {"CommonJS of an older generation", "exports.processEvents = () => 1", "Unsupported",
     1},
    {"require of an older generation", "const https = require('https')", "Unsupported",
     1},
    {"a fetch while loading", "fetch('https://a.example'); missing()", "ReferenceError",
     1},
    {"a loop while loading", "for (;;) ;", "Timeout", 0},
};

static void names_the_line_of_code_that_does_not_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_codes); i++) {
        struct stage *stage =
            open_stage(&(struct plan){.source = bad_codes[i].source, .timeout_ms = 200});

        if (stage->ok || strcmp(stage->name, bad_codes[i].name) != 0 ||
            stage->line != bad_codes[i].line)
            fail_msg("%s: got %s '%s' line %d (%s), want '%s' line %d", bad_codes[i].why,
                     stage->ok ? "loaded" : "refused", stage->name, stage->line,
                     stage->message, bad_codes[i].name, bad_codes[i].line);
        close_stage(stage);
    }
}

static void tells_what_it_found(void **state)
{
    struct stage *stage = open_source(
        "function onTrack() {}; async function onDelete() {}; const page = 1");

    (void)state;
    assert_string_equal("functions", stage->generation);
    assert_string_equal("onTrack onDelete ", stage->handlers);
    close_stage(stage);
    stage = open_source("var transformEvent = e => e");
    assert_string_equal("transform", stage->generation);
    close_stage(stage);
}

static void says_why_there_is_no_runner(void **state)
{
    const char *real = runner;
    struct stage *stage;

    (void)state;
    runner = "/nonexistent/partnerapp-runner";
    stage = open_source("");
    assert_false(stage->ok);
    assert_string_equal("Runner", stage->name);
    assert_non_null(strstr(stage->message, "No such file"));
    close_stage(stage);
    runner = real;
}

static void places_a_throw(void **state)
{
    struct stage *stage = open_source("function deep(e) {\n  return e.traits.email\n}\n"
                                      "async function onTrack(e) {\n  await null\n"
                                      "  return deep(e)\n}");
    struct run *run = play(stage, "{}", EVENT_TRACK);

    (void)state;
    assert_string_equal("TypeError", run->name);
    assert_int_equal(2, run->line);
    assert_in_range(run->column, 10, 24);
    assert_string_equal("onTrack", run->handler);
    assert_non_null(strstr(run->stack, "at deep (functions/test/index.js:2:"));
    assert_non_null(strstr(run->stack, "at onTrack (functions/test/index.js:6:"));
    close_stage(stage);
}

static void keeps_logs_within_their_limits(void **state)
{
    struct stage *stage = open_source(
        H("console.log('a %s %d', 'b', 3, {c: [1, 'x']}); for (let i = 0; i < 99; i++) "
          "console.warn('y'.repeat(9999))"));
    struct run *run = play(stage, "{}", EVENT_TRACK);

    (void)state;
    assert_int_equal(POOL_LOG_LINES, run->n_logs);
    assert_int_equal(100 - POOL_LOG_LINES, run->n_logs_dropped);
    assert_string_equal("a b 3 { c: [ 1, 'x' ] }", run->log);
    close_stage(stage);
}

static void gives_exact_keys_of_folded_ones(void **state)
{
    struct stage *stage =
        open_source(H("return [event.userId, event.messageId, event.properties]"));
    struct run *run = &stage->runs[stage->n_runs++];
    const struct pool_run what = {
        .event = BYTES("{\"User ID\":\"u\",\"message_id\":\"m\",\"properties\":1}"),
        .kind = EVENT_TRACK,
        .is_folded = true,
        .done_fn = on_done,
        .arg = run,
    };

    (void)state;
    run->stage = stage;
    assert_non_null(pool_invoke(stage->function, &what));
    finish(stage, 1);
    assert_string_equal("[\"u\",\"m\",1]", run->value);
    close_stage(stage);
}

static void has_many_in_flight(void **state)
{
    struct stage *stage = open_stage(
        &(struct plan){.source = H("await fetch('https://a.example/'); return event.n"),
                       .in_flight = 200});
    char event[32];

    (void)state;
    stage->answer_ms = 20;
    for (int i = 0; i < 200; i++) {
        snprintf(event, sizeof(event), "{\"n\":%d}", i);
        begin(stage, event, EVENT_TRACK);
    }
    assert_false(pool_has_room(stage->function));
    finish(stage, 200);
    for (int i = 0; i < 200; i++) {
        snprintf(event, sizeof(event), "%d", i);
        assert_string_equal(event, stage->runs[i].value);
    }
    close_stage(stage);
}

static void ends_a_run_that_only_waits(void **state)
{
    struct stage *stage = open_stage(&(struct plan){
        .source = H("if (event.hang) await fetch('https://a.example/'); return 1"),
        .timeout_ms = 100});
    struct run *hung;
    struct pool_stats stats;
    int64_t begun_ms = clock_now_ms();

    (void)state;
    stage->never_answers = true;
    hung = play(stage, "{\"hang\":true}", EVENT_TRACK);
    assert_int_equal(RUN_TIMEOUT, hung->run);
    assert_in_range(hung->ended_ms - begun_ms, 99, 100 + GRACE_MS);
    assert_int_equal(RUN_RETURNED, play(stage, "{}", EVENT_TRACK)->run);
    pool_stats(stage->pool, &stats);
    assert_int_equal(0, stats.n_killed_time);
    assert_int_equal(1, stats.n_started);
    close_stage(stage);
}

/* The loop's fetches must not go on on the account of the runs after it. */
static void stops_the_code_of_a_run_that_has_ended(void **state)
{
    struct stage *stage = open_stage(&(struct plan){
        .source =
            H("if (event.hang) for (;;) try { await fetch('https://a.example/loop') } "
              "catch {} await fetch('https://a.example/'); return 1"),
        .timeout_ms = 100});
    struct run *last;

    (void)state;
    stage->answer_ms = 5;
    assert_int_equal(RUN_TIMEOUT, play(stage, "{\"hang\":true}", EVENT_TRACK)->run);
    for (int i = 0; i < 20; i++)
        last = play(stage, "{}", EVENT_TRACK);
    assert_int_equal(RUN_RETURNED, last->run);
    assert_int_equal(1, last->n_fetches);
    close_stage(stage);
}

static void awaits_a_fetch_that_nobody_awaited(void **state)
{
    struct stage *stage =
        open_source(H("fetch('https://a.example/').then(() => console.log('later')); "
                      "return 'now'"));
    struct run *run;

    (void)state;
    stage->answer_ms = 20;
    run = play(stage, "{}", EVENT_TRACK);
    assert_string_equal("\"now\"", run->value);
    assert_string_equal("later", run->log);
    close_stage(stage);
}

static void forgets_a_cancelled_run(void **state)
{
    struct stage *stage = open_source(H("await fetch('https://a.example/'); return 1"));
    struct run *run = begin(stage, "{}", EVENT_TRACK);

    (void)state;
    pool_cancel(run->invocation);
    assert_int_equal(RUN_RETURNED, play(stage, "{}", EVENT_TRACK)->run);
    assert_false(run->is_done);
    close_stage(stage);
}

/* What a hostile handler does, and how its run must end. */
static const struct {
    const char *why;
    const char *body;
    enum outcome_run want;
} hostile[] = {
    {"an endless loop", "while (true) {}", RUN_TIMEOUT},
    {"a promise storm", "for (;;) await null", RUN_TIMEOUT},
    {"a microtask storm",
     "const f = () => queueMicrotask(f); f(); await new Promise(() => {})", RUN_TIMEOUT},
    {"a timer storm",
     "const f = () => setTimeout(f, 0); f(); await new Promise(() => {})", RUN_TIMEOUT},
    {"a catastrophic expression", "/^(a+)+$/.test('a'.repeat(64) + 'b')", RUN_TIMEOUT},
    {"a loop in finally", "try { throw 1 } finally { for (;;) ; }", RUN_TIMEOUT},
    {"a loop in toJSON", "return {toJSON() { for (;;) ; }}", RUN_TIMEOUT},
    {"a loop in a thrown getter", "throw {get message() { for (;;) ; }}", RUN_TIMEOUT},
    {"a sort of the deaf", "[1, 2, 3].sort(() => { for (;;) ; })", RUN_TIMEOUT},
    {"a giant number", "return String(3n ** (1n << 19n)).length", RUN_TIMEOUT},
    {"arrays to 2 GiB",
     "const a = []; for (;;) a.push(new Array(1 << 20).fill(a.length))", RUN_MEMORY},
    {"one array of 2 GiB", "return new Uint8Array(2 ** 31).fill(7).length", RUN_MEMORY},
    {"a string that doubles",
     "let s = 'x'; const a = []; for (;;) { s += s; a.push(s.length > 1e7 ? (s = 'y', "
     "'z'.repeat(1e7).split('')) : 0) }",
     RUN_MEMORY},
    {"a growing map", "const m = new Map(); for (let i = 0; ; i++) m.set(i, {i})",
     RUN_MEMORY},
};

static void contains_what_hangs_or_swells(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        char source[1024];
        struct stage *stage;
        struct run *bystander, *bad, *later;
        int64_t begun_ms, took_ms;

        snprintf(
            source, sizeof(source),
            "async function onPage() { await fetch('https://a.example/'); return 'ok' "
            "}\nasync function onTrack(event) { %s }",
            hostile[i].body);
        stage = open_stage(&(struct plan){
            .source = source,
            .timeout_ms = hostile[i].want == RUN_MEMORY ? 15000 : 2000,
            .slice_ms = hostile[i].want == RUN_MEMORY ? 10000 : 300,
        });
        stage->answer_ms = 150;
        bystander = begin(stage, "{}", EVENT_PAGE);
        begun_ms = clock_now_ms();
        bad = begin(stage, "{}", EVENT_TRACK);
        later = begin(stage, "{}", EVENT_PAGE);
        finish(stage, 3);
        took_ms = bad->ended_ms - begun_ms;
        if (bad->run != hostile[i].want ||
            (bad->run == RUN_TIMEOUT && took_ms > 2000 + GRACE_MS))
            fail_msg("%s: got %d '%s' after %lld ms, want %d", hostile[i].why,
                     (int)bad->run, bad->message, (long long)took_ms,
                     (int)hostile[i].want);
        if (bystander->run != RUN_RETURNED || later->run != RUN_RETURNED)
            fail_msg("%s: bystanders ended %d '%s' and %d '%s', want returned",
                     hostile[i].why, (int)bystander->run, bystander->message,
                     (int)later->run, later->message);
        if (bad->n_free_reruns > 1 || bystander->n_free_reruns > 3)
            fail_msg("%s: too many reruns: %u, %u", hostile[i].why, bad->n_free_reruns,
                     bystander->n_free_reruns);
        print_message("  %-28s %5lld ms, reruns %u/%u\n", hostile[i].why,
                      (long long)took_ms, bad->n_free_reruns, bystander->n_free_reruns);
        close_stage(stage);
    }
}

static const struct {
    const char *mode;
    enum outcome_run want;
} nonsense[] = {
    {"magic", RUN_CRASHED},
    {"zeros", RUN_CRASHED},
    {"length", RUN_CRASHED},
    {"trailing", RUN_CRASHED},
    {"down type", RUN_CRASHED},
    {"ready twice", RUN_CRASHED},
    {"loaded twice", RUN_CRASHED},
    {"unknown invocation", RUN_CRASHED},
    {"no invocation", RUN_CRASHED},
    {"fetch id twice", RUN_CRASHED},
    {"too many fetches", RUN_CRASHED},
    {"exit", RUN_CRASHED},
    {"trap", RUN_CRASHED},
    {"socket", RUN_CRASHED},
    {"log flood", RUN_CRASHED},
    {"lies about work", RUN_TIMEOUT},
    {"deaf", RUN_TIMEOUT},
};

static void outlives_a_hostile_runner(void **state)
{
    const char *real = runner;
    struct stage *honest = open_source(H("return 1"));

    (void)state;
    for (size_t i = 0; i < COUNT(nonsense); i++) {
        struct stage *stage;
        struct run *run;

        runner = hostile_runner;
        stage = open_stage(&(struct plan){.source = nonsense[i].mode, .timeout_ms = 300});
        runner = real;
        assert_true(stage->ok);
        stage->never_answers = true;
        run = play(stage, "{}", EVENT_TRACK);
        if (run->run != nonsense[i].want)
            fail_msg("%s: got %d '%s', want %d", nonsense[i].mode, (int)run->run,
                     run->message, (int)nonsense[i].want);
        close_stage(stage);
        assert_int_equal(RUN_RETURNED, play(honest, "{}", EVENT_TRACK)->run);
    }
    close_stage(honest);
}

/* All children of this process, found as an operator would find them. */
static void kill_runners(void)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[300];
        FILE *file;
        int pid = 0;
        int parent = 0;

        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fscanf(file, "%d (partnerapp-runn) %*c %d", &pid, &parent) == 2 &&
            parent == (int)getpid())
            assert_int_equal(0, kill(pid, SIGKILL));
        fclose(file);
    }
    closedir(folder);
}

static void replaces_a_killed_runner(void **state)
{
    struct stage *stage = open_source(H("await fetch('https://a.example/'); return 1"));
    struct pool_stats stats;

    (void)state;
    stage->answer_ms = 20;
    for (int i = 0; i < 20; i++)
        begin(stage, "{}", EVENT_TRACK);
    kill_runners();
    finish(stage, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(RUN_RETURNED, stage->runs[i].run);
        assert_int_equal(1, stage->runs[i].n_free_reruns);
        assert_int_equal(1, stage->runs[i].n_restarts);
    }
    pool_stats(stage->pool, &stats);
    assert_int_equal(1, stats.n_crashed);
    close_stage(stage);
}

static void answers_a_thousand_slow_fetches_a_second(void **state)
{
    struct stage *stage = open_stage(&(struct plan){
        .source = H("await fetch('https://a.example/'); return 1"), .in_flight = 64});
    int64_t begun_ms;

    (void)state;
    stage->answer_ms = 50;
    begun_ms = clock_now_ms();
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 64; i++)
            begin(stage, "{}", EVENT_TRACK);
        finish(stage, stage->n_runs);
    }
    /* 256 in four rounds of 50 ms; a second would still be a machine at its limit. */
    assert_in_range(clock_now_ms() - begun_ms, 200, 1000);
    close_stage(stage);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_ending),
        cmocka_unit_test(names_the_line_of_code_that_does_not_load),
        cmocka_unit_test(tells_what_it_found),
        cmocka_unit_test(says_why_there_is_no_runner),
        cmocka_unit_test(places_a_throw),
        cmocka_unit_test(keeps_logs_within_their_limits),
        cmocka_unit_test(gives_exact_keys_of_folded_ones),
        cmocka_unit_test(has_many_in_flight),
        cmocka_unit_test(ends_a_run_that_only_waits),
        cmocka_unit_test(forgets_a_cancelled_run),
        cmocka_unit_test(stops_the_code_of_a_run_that_has_ended),
        cmocka_unit_test(awaits_a_fetch_that_nobody_awaited),
        cmocka_unit_test(contains_what_hangs_or_swells),
        cmocka_unit_test(outlives_a_hostile_runner),
        cmocka_unit_test(replaces_a_killed_runner),
        cmocka_unit_test(answers_a_thousand_slow_fetches_a_second),
    };

    if (argc < 3)
        return 2;
    runner = argv[1];
    hostile_runner = argv[2];
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
