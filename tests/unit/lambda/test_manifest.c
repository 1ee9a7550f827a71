/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/manifest.h"

#include "base/err.h"
#include "lib/cm.h"

static void what_is_written_is_read_again(void **state)
{
    static const struct {
        const char *why;
        struct manifest manifest;
        const char *text;
    } cases[] = {
        {"a name alone", {.name = BYTES("hello")}, "{\"name\":\"hello\"}"},
        {"everything",
         {BYTES("ü\""), POOL_SUBSCRIPTION, POOL_EVAL_ON, 3000, 250, true},
         "{\"name\":\"ü\\\"\",\"generation\":\"subscription\",\"allow_eval\":\"on\","
         "\"timeout_ms\":3000,\"slice_ms\":250,\"isolation\":\"event\"}"},
        {"other values",
         {BYTES("x"), POOL_CUSTOM, POOL_EVAL_OFF, 1, 1, false},
         "{\"name\":\"x\",\"generation\":\"custom\",\"allow_eval\":\"off\",\"timeout_"
         "ms\":1,"
         "\"slice_ms\":1}"},
        {"functions",
         {.name = BYTES("x"), .generation = POOL_FUNCTIONS},
         "{\"name\":\"x\",\"generation\":\"functions\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct manifest *want = &cases[i].manifest;
        struct manifest got;
        struct arena arena;
        struct buf text;

        arena_init(&arena);
        buf_init(&text, MANIFEST_BYTES);
        manifest_write(want, &text);
        if (strcmp(buf_text(&text), cases[i].text) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&text), cases[i].text);
        if (manifest_read(buf_bytes(&text), &arena, &got, NULL) < 0 ||
            !bytes_eq(got.name, want->name) || got.generation != want->generation ||
            got.allow_eval != want->allow_eval || got.timeout_ms != want->timeout_ms ||
            got.slice_ms != want->slice_ms || got.is_fresh != want->is_fresh)
            fail_msg("%s: it is read as something else", cases[i].why);
        buf_done(&text);
        arena_done(&arena);
    }
}

static void what_is_not_ours_is_refused(void **state)
{
    static const struct {
        const char *why, *text;
    } cases[] = {
        {"no JSON", "{"},
        {"a list", "[]"},
        {"nothing", ""},
        {"an unknown member", "{\"name\":\"x\",\"nome\":1}"},
        {"an empty name", "{\"name\":\"\"}"},
        {"a name that is a number", "{\"name\":1}"},
        {"an unknown generation", "{\"generation\":\"g4\"}"},
        {"an empty generation", "{\"generation\":\"\"}"},
        {"eval as a boolean", "{\"allow_eval\":true}"},
        {"an isolation that there is not", "{\"isolation\":\"none\"}"},
        {"no time at all", "{\"timeout_ms\":0}"},
        {"a negative time", "{\"slice_ms\":-1}"},
        {"a time as text", "{\"timeout_ms\":\"5000\"}"},
        {"longer than Lambda allows", "{\"timeout_ms\":900001}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        struct manifest got;
        struct arena arena;

        arena_init(&arena);
        if (manifest_read(bytes_str(cases[i].text), &arena, &got, &err) == 0)
            fail_msg("%s: it is taken", cases[i].why);
        assert_true(err.text[0] != '\0');
        arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(what_is_not_ours_is_refused),
    };

    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
