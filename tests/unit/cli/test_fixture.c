/* SPDX-License-Identifier: MIT */

#include "cli/fixture.h"

#include "base/err.h"
#include "lib/cm.h"
#include "segment/event.h"
#include "json/json.h"

static const char *const types[] = {"identify", "track", "page",  "screen",
                                    "group",    "alias", "delete"};

static void every_type_is_a_good_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        cleanup(buf_done) struct buf json = {0};
        cleanup(buf_done) struct buf scratch = {0};
        struct event event;
        struct err err = {0};

        buf_init(&json, FIXTURE_MAX);
        buf_init(&scratch, EVENT_SCRATCH_BYTES);
        if (fixture_make(bytes_str(types[i]), NULL, 0, &json, &err) < 0)
            fail_msg("%s: %s", types[i], err.text);
        if (event_judge(buf_bytes(&json), &scratch, &event) != EVENT_GOOD)
            fail_msg("%s: %s", types[i], event.why);
        if (event.message_id.len == 0 ||
            event.kind != event_kind_parse(bytes_str(types[i])))
            fail_msg("%s: no messageId, or another kind", types[i]);
    }
}

static void no_two_are_duplicates(void **state)
{
    cleanup(buf_done) struct buf first = {0};
    cleanup(buf_done) struct buf second = {0};
    struct err err = {0};

    (void)state;
    buf_init(&first, FIXTURE_MAX);
    buf_init(&second, FIXTURE_MAX);
    assert_int_equal(0, fixture_make(BYTES("track"), NULL, 0, &first, &err));
    assert_int_equal(0, fixture_make(BYTES("track"), NULL, 0, &second, &err));
    assert_false(bytes_eq(buf_bytes(&first), buf_bytes(&second)));
}

static void changes_reach_their_member(void **state)
{
    static const char *const changes[] = {"properties.plan=free", "properties.total=42",
                                          "context.app.name=x"};
    cleanup(buf_done) struct buf text = {0};
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    (void)state;
    buf_init(&text, FIXTURE_MAX);
    assert_int_equal(0,
                     fixture_make(BYTES("track"), changes, COUNT(changes), &text, &err));
    assert_int_equal(0, json_parse(buf_bytes(&text), &json, &err));
    assert_true(bytes_eq(json_string(json_path(json, "properties.plan")), BYTES("free")));
    assert_int_equal(42, json_i64(json_path(json, "properties.total")));
    assert_true(bytes_eq(json_string(json_path(json, "context.app.name")), BYTES("x")));
}

static const struct {
    const char *why;
    const char *type;
    const char *change;
} refused[] = {
    {"no such type", "purchase", NULL},
    {"a change without =", "track", "properties.plan"},
    {"a change without a path", "track", "=pro"},
    {"a path through a text", "track", "event.name=x"},
};

static void nonsense_is_refused_as_usage(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        cleanup(buf_done) struct buf text = {0};
        struct err err = {0};

        buf_init(&text, FIXTURE_MAX);
        if (fixture_make(bytes_str(refused[i].type), &refused[i].change,
                         refused[i].change != NULL ? 1 : 0, &text, &err) == 0)
            fail_msg("%s: accepted", refused[i].why);
        if (err.exit_code != ERR_USAGE)
            fail_msg("%s: exit %d, want 2", refused[i].why, (int)err.exit_code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_a_good_event),
        cmocka_unit_test(no_two_are_duplicates),
        cmocka_unit_test(changes_reach_their_member),
        cmocka_unit_test(nonsense_is_refused_as_usage),
    };

    return cmocka_run_group_tests_name("fixture", tests, NULL, NULL);
}
