/* SPDX-License-Identifier: MIT */

#include "core/id.h"

#include "lib/cm.h"

#define MAX48 ((INT64_C(1) << 48) - 1)

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static struct id any_id(uint64_t *seed)
{
    return (struct id){
        .kind = (enum id_kind)(ID_EVENT + next_random(seed) % 6),
        .time_ms = (int64_t)(next_random(seed) & MAX48),
        .node = (uint16_t)next_random(seed),
        .extra = (uint16_t)next_random(seed),
        .row = (int64_t)(next_random(seed) & MAX48),
    };
}

static void assert_same(struct id got, struct id want)
{
    assert_int_equal(got.kind, want.kind);
    assert_int_equal(got.time_ms, want.time_ms);
    assert_int_equal(got.node, want.node);
    assert_int_equal(got.extra, want.extra);
    assert_int_equal(got.row, want.row);
}

static void what_was_formatted_is_parsed_again(void **state)
{
    uint64_t seed = 88172645463325252u;
    char text[ID_TEXT_LEN];
    struct id got;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct id want = any_id(&seed);

        id_format(want, text);
        assert_int_equal(strlen(text), ID_TEXT_LEN - 1);
        assert_true(id_parse(bytes_str(text), &got));
        assert_same(got, want);
    }
}

static void the_largest_values_survive(void **state)
{
    const struct id want = {ID_DELIVERY, MAX48, UINT16_MAX, UINT16_MAX, MAX48};
    char text[ID_TEXT_LEN];
    struct id got;

    (void)state;
    id_format(want, text);
    assert_string_equal(text, "dlv_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    assert_true(id_parse(bytes_str(text), &got));
    assert_same(got, want);
}

static void text_sorts_by_time(void **state)
{
    uint64_t seed = 123456789u;
    char texts[2][ID_TEXT_LEN];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct id a = any_id(&seed);
        struct id b = any_id(&seed);

        a.kind = b.kind = ID_EVENT;
        b.time_ms = i % 2 == 0 ? b.time_ms : (a.time_ms + 1) & MAX48;
        if (a.time_ms == b.time_ms)
            continue;
        id_format(a, texts[0]);
        id_format(b, texts[1]);
        assert_true((strcmp(texts[0], texts[1]) < 0) == (a.time_ms < b.time_ms));
    }
}

static const struct {
    const char *why;
    const char *text;
    bool want;
} cases[] = {
    {"zero", "evt_00000000000000000000000000", true},
    {"capitals", "EVT_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", true},
    {"every prefix: att", "att_00000000000000000000000000", true},
    {"every prefix: key", "key_00000000000000000000000000", true},
    {"every prefix: rpl", "rpl_00000000000000000000000000", true},
    {"every prefix: exp", "exp_00000000000000000000000000", true},
    {"beyond 128 bits", "evt_80000000000000000000000000", false},
    {"one short", "evt_0000000000000000000000000", false},
    {"one long", "evt_000000000000000000000000000", false},
    {"another prefix", "abc_00000000000000000000000000", false},
    {"no underscore", "evt-00000000000000000000000000", false},
    {"an o is no zero", "evt_0000000000000000000000000o", false},
    {"an l is no one", "evt_0000000000000000000000000l", false},
    {"an i is no one", "evt_0000000000000000000000000i", false},
    {"u is not in the alphabet", "evt_0000000000000000000000000u", false},
    {"punctuation", "evt_0000000000000000000000000.", false},
    {"only the prefix", "evt_", false},
    {"empty", "", false},
};

static void exactly_the_26_characters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct id id;
        bool got = id_parse(bytes_str(cases[i].text), &id);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
    }
}

static void a_nul_inside_is_no_character(void **state)
{
    char text[ID_TEXT_LEN] = "evt_00000000000000000000000000";
    struct id id;

    (void)state;
    text[10] = '\0';
    assert_false(id_parse(bytes_of(text, ID_TEXT_LEN - 1), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_formatted_is_parsed_again),
        cmocka_unit_test(the_largest_values_survive),
        cmocka_unit_test(text_sorts_by_time),
        cmocka_unit_test(exactly_the_26_characters),
        cmocka_unit_test(a_nul_inside_is_no_character),
    };

    return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
