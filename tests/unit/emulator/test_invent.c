/* SPDX-License-Identifier: MIT */

#include "emulator/world/invent.h"

#include "base/mem.h"
#include "emulator/world/world.h"
#include "lib/cm.h"

/* Is @text of the letters of @alphabet, where @mask has an 'x', and as @mask elsewhere?
 */
static bool has_shape(const char *text, const char *mask, const char *alphabet)
{
    if (strlen(text) != strlen(mask))
        return false;
    for (size_t i = 0; mask[i] != '\0'; i++) {
        if (mask[i] == 'x' ? strchr(alphabet, text[i]) == NULL : text[i] != mask[i])
            return false;
    }
    return true;
}

#define HEX "0123456789abcdef"
#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define X43 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void hex_10(struct world *world, char ret_text[INVENT_BYTES])
{
    invent_hex(world, 10, ret_text);
}

static void alphanumeric_32(struct world *world, char ret_text[INVENT_BYTES])
{
    invent_alphanumeric(world, 32, ret_text);
}

static const struct {
    const char *why; /* dossier §1.5 */
    void (*fn)(struct world *world, char ret_text[INVENT_BYTES]);
    const char *mask, *alphabet;
} cases[] = {
    {"workspace id", hex_10, "xxxxxxxxxx", HEX},
    {"write key", alphanumeric_32, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ALPHANUMERIC},
    {"client id", invent_uuid, "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx", HEX},
    {"client secret", invent_secret, "xxxxxxxxxxxx", ALPHANUMERIC "_~-"},
    {"token", invent_token, X43 "." X43, ALPHANUMERIC "-_"},
};

static void has_segments_shapes(void **state)
{
    struct world world = {.seed = 1};
    char text[INVENT_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int n = 0; n < 100; n++) {
            cases[i].fn(&world, text);
            if (!has_shape(text, cases[i].mask, cases[i].alphabet))
                fail_msg("%s: got '%s'", cases[i].why, text);
        }
    }
    invent_uuid(&world, text);
    assert_non_null(strchr("89ab", text[19]));
}

static void the_same_for_the_same_seed_name_and_order(void **state)
{
    struct world worlds[] = {
        {.seed = 42}, {.seed = 42}, {.seed = 43}, {.seed = 42, .name = "a"}};
    char texts[COUNT(worlds)][INVENT_BYTES];

    (void)state;
    for (int n = 0; n < 10; n++) {
        for (size_t i = 0; i < COUNT(worlds); i++)
            invent_token(&worlds[i], texts[i]);
        assert_string_equal(texts[0], texts[1]);
        assert_string_not_equal(texts[0], texts[2]);
        assert_string_not_equal(texts[0], texts[3]);
    }
    assert_int_equal(invent_u32(&worlds[0]), invent_u32(&worlds[1]));
}

static void never_the_same_twice(void **state)
{
    enum { N = 200 };
    static char texts[N][INVENT_BYTES];
    struct world world = {.seed = 7};

    (void)state;
    for (size_t i = 0; i < N; i++) {
        invent_uuid(&world, texts[i]);
        for (size_t other = 0; other < i; other++)
            assert_string_not_equal(texts[i], texts[other]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_segments_shapes),
        cmocka_unit_test(the_same_for_the_same_seed_name_and_order),
        cmocka_unit_test(never_the_same_twice),
    };

    return cmocka_run_group_tests_name("invent", tests, NULL, NULL);
}
