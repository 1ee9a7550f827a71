/* SPDX-License-Identifier: MIT */

/* Who is ended and who pays: hostile code in a real runner, and hostile runners. */

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/cm.h"
#include "stage.h"
#include "sys/clock.h"

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
        stage = stage_open(&(struct plan){
            .source = source,
            .timeout_ms = hostile[i].want == RUN_MEMORY ? 15000 : 2000,
            .slice_ms = hostile[i].want == RUN_MEMORY ? 10000 : 300,
        });
        stage->answer_ms = 150;
        bystander = stage_begin(stage, "{}", EVENT_PAGE);
        begun_ms = clock_now_ms();
        bad = stage_begin(stage, "{}", EVENT_TRACK);
        later = stage_begin(stage, "{}", EVENT_PAGE);
        stage_finish(stage, 3);
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
        stage_close(stage);
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
    {"lies about the past", RUN_TIMEOUT},
    {"lies about the future", RUN_TIMEOUT},
    {"lies about rest", RUN_TIMEOUT},
    {"resizes the page", RUN_CRASHED},
    {"sends descriptors", RUN_CRASHED},
    {"swells", RUN_MEMORY},
};

static unsigned n_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned n = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n;
}

static void outlives_a_hostile_runner(void **state)
{
    const char *real = stage_runner;
    struct stage *honest = stage_open_source(H("return 1"));
    unsigned n_before = n_descriptors();

    (void)state;
    for (size_t i = 0; i < COUNT(nonsense); i++) {
        struct stage *stage;
        struct run *run;

        stage_runner = stage_hostile_runner;
        /* Ample for what must swell first, however little of the CPU it gets. */
        stage = stage_open(
            &(struct plan){.source = nonsense[i].mode,
                           .timeout_ms = nonsense[i].want == RUN_MEMORY ? 20000 : 300});
        stage_runner = real;
        assert_true(stage->ok);
        stage->never_answers = true;
        run = stage_play(stage, "{}", EVENT_TRACK);
        if (run->run != nonsense[i].want)
            fail_msg("%s: got %d '%s', want %d", nonsense[i].mode, (int)run->run,
                     run->message, (int)nonsense[i].want);
        stage_close(stage);
        assert_int_equal(RUN_RETURNED, stage_play(honest, "{}", EVENT_TRACK)->run);
        if (n_descriptors() > n_before)
            fail_msg("%s: left %u descriptors behind", nonsense[i].mode,
                     n_descriptors() - n_before);
    }
    stage_close(honest);
}

static void stop(void *arg)
{
    loop_stop(arg);
}

/* It has answered and nobody asked it for anything: the scales go on. */
static void ends_a_runner_that_swells_at_rest(void **state)
{
    const char *real = stage_runner;
    struct stage *stage;
    struct pool_stats stats = {0};
    struct loop_timer look;

    (void)state;
    stage_runner = stage_hostile_runner;
    stage = stage_open(&(struct plan){.source = "swells at rest"});
    stage_runner = real;
    assert_int_equal(RUN_RETURNED, stage_play(stage, "{}", EVENT_TRACK)->run);
    loop_timer_init(&look, stage->loop, stop, stage->loop);
    while (stats.n_killed_memory == 0) {
        loop_timer_set(&look, 10);
        loop_run(stage->loop);
        pool_stats(stage->pool, &stats);
    }
    loop_timer_done(&look);
    print_message("  a runner that swelled at rest had %lld MiB\n",
                  (long long)(stats.peak_rss_bytes >> 20));
    stage_close(stage);
}

enum { MAX_RUNNERS = 8 };

/* Runners with a parent among @parents; adds them, and says how many are not stopped. */
static unsigned find_runners(const int parents[], size_t n_parents, int ret[MAX_RUNNERS],
                             size_t *ret_n)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    unsigned n_awake = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[300];
        FILE *file;
        int pid = 0, parent = 0;
        char how = 0;
        bool is_one;

        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        is_one = fscanf(file, "%d (partnerapp-runn) %c %d", &pid, &how, &parent) == 3;
        for (size_t i = 0; i < n_parents && is_one; i++) {
            if (parent != parents[i] || *ret_n == MAX_RUNNERS)
                continue;
            ret[(*ret_n)++] = pid;
            n_awake += how != 'T';
        }
        fclose(file);
    }
    closedir(folder);
    return n_awake;
}

/* Both that we started and what these are in their own namespaces. */
static unsigned count_awake(void)
{
    const int self = (int)getpid();
    int ours[MAX_RUNNERS], theirs[MAX_RUNNERS];
    size_t n_ours = 0, n_theirs = 0;
    unsigned n = find_runners(&self, 1, ours, &n_ours);

    assert_true(n_ours > 0);
    return n + find_runners(ours, n_ours, theirs, &n_theirs);
}

static void stops_a_runner_without_work_until_there_is_some(void **state)
{
    struct stage *stage = stage_open_source(H("return event.n"));
    struct loop_timer look;

    (void)state;
    loop_timer_init(&look, stage->loop, stop, stage->loop);
    for (int i = 0; i < 2; i++) {
        assert_string_equal("7", stage_play(stage, "{\"n\":7}", EVENT_TRACK)->value);
        while (count_awake() > 0) {
            loop_timer_set(&look, 50);
            loop_run(stage->loop);
        }
    }
    loop_timer_done(&look);
    stage_close(stage);
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
    struct stage *stage =
        stage_open_source(H("await fetch('https://a.example/'); return 1"));
    struct pool_stats stats;

    (void)state;
    stage->answer_ms = 20;
    for (int i = 0; i < 20; i++)
        stage_begin(stage, "{}", EVENT_TRACK);
    kill_runners();
    stage_finish(stage, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(RUN_RETURNED, stage->runs[i].run);
        assert_int_equal(1, stage->runs[i].n_free_reruns);
        assert_int_equal(1, stage->runs[i].n_restarts);
    }
    pool_stats(stage->pool, &stats);
    assert_int_equal(1, stats.n_crashed);
    stage_close(stage);
}

/* One that swells among 63 that wait for an answer: it pays, they are delivered, and not
 * one after the other. */
static void tries_the_innocent_together(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source = "async function onPage() { await fetch('https://a.example/') }\n"
                  "async function onTrack() { new Uint8Array(2 ** 31).fill(7) }",
        .in_flight = 64,
        .timeout_ms = 20000,
        .slice_ms = 10000});
    int64_t begun_ms = clock_now_ms();
    struct run *bad;

    (void)state;
    stage->answer_ms = 300;
    for (int i = 0; i < 63; i++)
        stage_begin(stage, "{}", EVENT_PAGE);
    bad = stage_begin(stage, "{}", EVENT_TRACK);
    stage_finish(stage, 64);
    assert_int_equal(RUN_MEMORY, bad->run);
    for (int i = 0; i < 63; i++)
        if (stage->runs[i].run != RUN_RETURNED || stage->runs[i].n_free_reruns > 1)
            fail_msg("innocent %d: got %d after %u free reruns, want returned after 1", i,
                     (int)stage->runs[i].run, stage->runs[i].n_free_reruns);
    /* One after the other they would take 19 s. */
    print_message("  63 innocents and one bomb: %lld ms\n",
                  (long long)(clock_now_ms() - begun_ms));
    assert_in_range(clock_now_ms() - begun_ms, 300, 9000);
    stage_close(stage);
}

/* Four that hang among others: an innocent met more ends than are for free, and is not
 * charged for it. */
static void never_charges_the_innocent(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source =
            "async function onPage() { await fetch('https://a.example/') }\n"
            "async function onTrack() { await fetch('https://a.example/'); for (;;) ; }",
        .in_flight = 16,
        .timeout_ms = 5000,
        .slice_ms = 150});

    (void)state;
    stage->answer_ms = 20;
    for (int i = 0; i < 6; i++)
        stage_begin(stage, "{}", EVENT_TRACK);
    stage->answer_ms = 400;
    for (int i = 6; i < 10; i++)
        stage_begin(stage, "{}", EVENT_PAGE);
    stage_finish(stage, 10);
    for (int i = 0; i < 10; i++) {
        enum outcome_run want = i < 6 ? RUN_TIMEOUT : RUN_RETURNED;

        if (stage->runs[i].run != want)
            fail_msg("run %d: got %d '%s', want %d", i, (int)stage->runs[i].run,
                     stage->runs[i].message, (int)want);
    }
    stage_close(stage);
}

static void answers_slow_fetches_at_once(void **state)
{
    struct stage *stage = stage_open(&(struct plan){
        .source = H("await fetch('https://a.example/'); return 1"), .in_flight = 64});
    int64_t begun_ms;

    (void)state;
    stage->answer_ms = 50;
    begun_ms = clock_now_ms();
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 64; i++)
            stage_begin(stage, "{}", EVENT_TRACK);
        stage_finish(stage, stage->n_runs);
    }
    /* 256 in four rounds of 50 ms; one after the other they would take 13 s. */
    assert_in_range(clock_now_ms() - begun_ms, 200, 4000);
    stage_close(stage);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contains_what_hangs_or_swells),
        cmocka_unit_test(outlives_a_hostile_runner),
        cmocka_unit_test(ends_a_runner_that_swells_at_rest),
        cmocka_unit_test(stops_a_runner_without_work_until_there_is_some),
        cmocka_unit_test(replaces_a_killed_runner),
        cmocka_unit_test(tries_the_innocent_together),
        cmocka_unit_test(never_charges_the_innocent),
        cmocka_unit_test(answers_slow_fetches_at_once),
    };

    if (!stage_use(argc, argv))
        return 2;
    return cmocka_run_group_tests_name("referee", tests, NULL, NULL);
}
