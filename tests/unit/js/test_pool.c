/* SPDX-License-Identifier: MIT */

/* The pool with a real runner in its sandbox. */

#include "js/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cm.h"
#include "stage.h"
#include "sys/clock.h"

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
    {"process.exit ends its own run alone", H("process.exit(1)"), "{}", EVENT_TRACK,
     RUN_THREW, "Error", NULL},
    {"deep recursion", "function f() { return f() + 1 } " H("f()"), "{}", EVENT_TRACK,
     RUN_THREW, "RangeError", "Maximum call stack size exceeded"},
    {"a cycle is shown as text", H("const a = {}; a.a = a; return a"), "{}", EVENT_TRACK,
     RUN_RETURNED, "\"[object Object]\"", ""},
    {"what JSON leaves out is shown as text", H("return Symbol('s')"), "{}", EVENT_TRACK,
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
            stage_open(&(struct plan){.source = cases[i].source, .slice_ms = 4000});
        struct run *run;
        const char *text;

        if (!stage->ok)
            fail_msg("%s: not loaded: %s %s", cases[i].why, stage->name, stage->message);
        run = stage_play(stage, cases[i].event, cases[i].kind);
        text = run->run == RUN_RETURNED ? run->value : run->name;
        if (run->run != cases[i].want || strcmp(text, cases[i].value) != 0 ||
            (cases[i].message != NULL && strcmp(run->message, cases[i].message) != 0))
            fail_msg("%s: got %d '%s' '%s' (%s), want %d '%s' '%s'", cases[i].why,
                     (int)run->run, text, run->message, run->stack, (int)cases[i].want,
                     cases[i].value, cases[i].message != NULL ? cases[i].message : "any");
        stage_close(stage);
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
    {"a script that requires", "\nconst https = require('https')", "ReferenceError", 2},
    {"a module that requires what is not there",
     "\n\nconst x = require('left-pad'); exports.processEvents = x", "Error", 3},
    {"a module's line", "exports.processEvents = 1;\n\nnothing.x", "ReferenceError", 3},
    {"a fetch while loading", "fetch('https://a.example'); missing()", "ReferenceError",
     1},
    {"a loop while loading", "for (;;) ;", "Timeout", 0},
};

static void names_the_line_of_code_that_does_not_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_codes); i++) {
        struct stage *stage =
            stage_open(&(struct plan){.source = bad_codes[i].source, .timeout_ms = 200});

        if (stage->ok || strcmp(stage->name, bad_codes[i].name) != 0 ||
            stage->line != bad_codes[i].line)
            fail_msg("%s: got %s '%s' line %d (%s), want '%s' line %d", bad_codes[i].why,
                     stage->ok ? "loaded" : "refused", stage->name, stage->line,
                     stage->message, bad_codes[i].name, bad_codes[i].line);
        stage_close(stage);
    }
}

static void tells_what_it_found(void **state)
{
    struct stage *stage = stage_open_source(
        "function onTrack() {}; async function onDelete() {}; const page = 1");

    (void)state;
    assert_string_equal("functions", stage->generation);
    assert_string_equal("onTrack onDelete ", stage->handlers);
    stage_close(stage);
    stage = stage_open_source("var transformEvent = e => e");
    assert_string_equal("transform", stage->generation);
    stage_close(stage);
}

static void says_why_there_is_no_runner(void **state)
{
    const char *real = stage_runner;
    struct stage *stage;

    (void)state;
    stage_runner = "/nonexistent/partnerapp-runner";
    stage = stage_open_source("");
    assert_false(stage->ok);
    assert_string_equal("Runner", stage->name);
    assert_non_null(strstr(stage->message, "No such file"));
    stage_close(stage);
    stage_runner = real;
}

static void places_a_throw(void **state)
{
    struct stage *stage =
        stage_open_source("function deep(e) {\n  return e.traits.email\n}\n"
                          "async function onTrack(e) {\n  await null\n"
                          "  return deep(e)\n}");
    struct run *run = stage_play(stage, "{}", EVENT_TRACK);

    (void)state;
    assert_string_equal("TypeError", run->name);
    assert_int_equal(2, run->line);
    assert_in_range(run->column, 10, 24);
    assert_string_equal("onTrack", run->handler);
    assert_non_null(strstr(run->stack, "at deep (functions/test/index.js:2:"));
    assert_non_null(strstr(run->stack, "at onTrack (functions/test/index.js:6:"));
    stage_close(stage);
}

static void keeps_logs_within_their_limits(void **state)
{
    struct stage *stage = stage_open_source(
        H("console.log('a %s %d', 'b', 3, {c: [1, 'x']}); for (let i = 0; i < 99; i++) "
          "console.warn('y'.repeat(9999))"));
    struct run *run = stage_play(stage, "{}", EVENT_TRACK);

    (void)state;
    assert_int_equal(POOL_LOG_LINES, run->n_logs);
    assert_int_equal(100 - POOL_LOG_LINES, run->n_logs_dropped);
    assert_string_equal("a b 3 { c: [ 1, 'x' ] }", run->log);
    stage_close(stage);
}

static void gives_exact_keys_of_folded_ones(void **state)
{
    struct stage *stage =
        stage_open_source(H("return [event.userId, event.messageId, event.properties]"));
    struct run *run = &stage->runs[stage->n_runs++];
    const struct pool_run what = {
        .event = BYTES("{\"User ID\":\"u\",\"message_id\":\"m\",\"properties\":1}"),
        .kind = EVENT_TRACK,
        .is_folded = true,
        .done_fn = stage_done,
        .arg = run,
    };

    (void)state;
    run->stage = stage;
    assert_non_null(pool_invoke(stage->function, &what));
    stage_finish(stage, 1);
    assert_string_equal("[\"u\",\"m\",1]", run->value);
    stage_close(stage);
}

static void has_many_in_flight(void **state)
{
    struct stage *stage = stage_open(
        &(struct plan){.source = H("await fetch('https://a.example/'); return event.n"),
                       .in_flight = 200});
    char event[32];

    (void)state;
    stage->answer_ms = 20;
    for (int i = 0; i < 200; i++) {
        snprintf(event, sizeof(event), "{\"n\":%d}", i);
        stage_begin(stage, event, EVENT_TRACK);
    }
    assert_false(pool_has_room(stage->function));
    stage_finish(stage, 200);
    for (int i = 0; i < 200; i++) {
        snprintf(event, sizeof(event), "%d", i);
        assert_string_equal(event, stage->runs[i].value);
    }
    stage_close(stage);
}

static void ends_a_run_that_only_waits(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source = H("if (event.hang) await fetch('https://a.example/'); return 1"),
        .timeout_ms = 100});
    struct run *hung;
    struct pool_stats stats;
    int64_t begun_ms = clock_now_ms();

    (void)state;
    stage->never_answers = true;
    hung = stage_play(stage, "{\"hang\":true}", EVENT_TRACK);
    assert_int_equal(RUN_TIMEOUT, hung->run);
    assert_in_range(hung->ended_ms - begun_ms, 99, 100 + GRACE_MS);
    assert_int_equal(RUN_RETURNED, stage_play(stage, "{}", EVENT_TRACK)->run);
    pool_stats(stage->pool, &stats);
    assert_int_equal(0, stats.n_killed_time);
    assert_int_equal(1, stats.n_started);
    stage_close(stage);
}

/* The loop's fetches must not go on on the account of the runs after it. */
static void stops_the_code_of_a_run_that_has_ended(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source =
            H("if (event.hang) for (;;) try { await fetch('https://a.example/loop') } "
              "catch {} await fetch('https://a.example/'); return 1"),
        .timeout_ms = 100});
    struct run *last;

    (void)state;
    stage->answer_ms = 5;
    assert_int_equal(RUN_TIMEOUT, stage_play(stage, "{\"hang\":true}", EVENT_TRACK)->run);
    for (int i = 0; i < 20; i++)
        last = stage_play(stage, "{}", EVENT_TRACK);
    assert_int_equal(RUN_RETURNED, last->run);
    assert_int_equal(1, last->n_fetches);
    stage_close(stage);
}

static void awaits_a_fetch_that_nobody_awaited(void **state)
{
    struct stage *stage = stage_open_source(
        H("fetch('https://a.example/').then(() => console.log('later')); "
          "return 'now'"));
    struct run *run;

    (void)state;
    stage->answer_ms = 20;
    run = stage_play(stage, "{}", EVENT_TRACK);
    assert_string_equal("\"now\"", run->value);
    assert_string_equal("later", run->log);
    stage_close(stage);
}

static void forgets_a_cancelled_run(void **state)
{
    struct stage *stage =
        stage_open_source(H("await fetch('https://a.example/'); return 1"));
    struct run *run = stage_begin(stage, "{}", EVENT_TRACK);

    (void)state;
    pool_cancel(run->invocation);
    assert_int_equal(RUN_RETURNED, stage_play(stage, "{}", EVENT_TRACK)->run);
    assert_false(run->is_done);
    stage_close(stage);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void run_for(struct loop *loop, int64_t time_ms)
{
    struct loop_timer timer;

    loop_timer_init(&timer, loop, stop, loop);
    loop_timer_set(&timer, time_ms);
    loop_run(loop);
    loop_timer_done(&timer);
}

static void ends_a_run_whose_time_its_owner_says_is_over(void **state)
{
    static const struct {
        const char *why, *source, *event;
    } endings[] = {
        {"it waits",
         "async function onTrack(e) { if (e.x) await new Promise(() => {}); }",
         "{\"x\":1}"},
        {"it holds the CPU", "async function onTrack(e) { if (e.x) for (;;); }",
         "{\"x\":1}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(endings); i++) {
        struct stage *stage = stage_open(&(struct plan){
            .source = endings[i].source, .slice_ms = 5000, .in_flight = 2});
        struct run *run = stage_begin(stage, endings[i].event, EVENT_TRACK);
        int64_t began_ms;

        run_for(stage->loop, 200);
        assert_false(run->is_done);
        pool_expire(run->invocation, "so says the owner");
        if (!run->is_done || run->run != RUN_TIMEOUT ||
            strcmp(run->message, "so says the owner") != 0)
            fail_msg("%s: got %d \"%s\"", endings[i].why, (int)run->run, run->message);
        began_ms = clock_now_ms();
        assert_int_equal(RUN_RETURNED, stage_play(stage, "{}", EVENT_TRACK)->run);
        if (clock_now_ms() - began_ms > 3000)
            fail_msg("%s: the next one waited for the slice's limit", endings[i].why);
        stage_close(stage);
    }
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
        cmocka_unit_test(stops_the_code_of_a_run_that_has_ended),
        cmocka_unit_test(awaits_a_fetch_that_nobody_awaited),
        cmocka_unit_test(forgets_a_cancelled_run),
        cmocka_unit_test(ends_a_run_whose_time_its_owner_says_is_over),
    };

    if (!stage_use(argc, argv))
        return 2;
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
