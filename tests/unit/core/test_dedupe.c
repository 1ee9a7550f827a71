/* SPDX-License-Identifier: MIT */

#include "core/dedupe.h"

#include "lib/cm.h"

static struct dedupe_mark mark(const char *owner, const char *message_id, uint8_t content)
{
    uint8_t sum[SHA256_LEN] = {0};
    struct dedupe_mark mark;

    sum[SHA256_LEN - 1] = content;
    dedupe_mark_of(bytes_str(owner), bytes_str(message_id), sum, &mark);
    return mark;
}

static bool same(struct dedupe_mark a, struct dedupe_mark b)
{
    return memcmp(a.bytes, b.bytes, DEDUPE_MARK_LEN) == 0;
}

static void the_same_three_make_the_same_mark(void **state)
{
    (void)state;
    assert_true(same(mark("key:1", "m1", 7), mark("key:1", "m1", 7)));
}

static const struct {
    const char *why;
    const char *owner, *message_id;
    uint8_t content;
} others[] = {
    {"another owner", "key:2", "m1", 7},
    {"another message", "key:1", "m2", 7},
    {"another content", "key:1", "m1", 8},
    {"the border moved", "key:1m", "1", 7},
    {"the border moved the other way", "key:", "1m1", 7},
};

static void any_difference_makes_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        if (same(mark("key:1", "m1", 7),
                 mark(others[i].owner, others[i].message_id, others[i].content)))
            fail_msg("%s: the same mark", others[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_three_make_the_same_mark),
        cmocka_unit_test(any_difference_makes_another),
    };

    return cmocka_run_group_tests_name("dedupe", tests, NULL, NULL);
}
