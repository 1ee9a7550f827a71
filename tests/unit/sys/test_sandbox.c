/* SPDX-License-Identifier: MIT */

/* What the layers amount to; that they hold is tested by tests/sandbox/attempts.c. */

#include "sys/sandbox.h"

#include "lib/cm.h"

enum {
    LAMBDA = SANDBOX_SECCOMP | SANDBOX_NO_NEW_PRIVS | SANDBOX_RLIMITS,
    HARDENED = LAMBDA | SANDBOX_LANDLOCK | SANDBOX_NO_CAPABILITIES,
    STRICT = HARDENED | SANDBOX_NAMESPACES | SANDBOX_EMPTY_ROOT,
};

static void every_missing_layer_lowers_the_level(void **state)
{
    (void)state;
    assert_int_equal(SANDBOX_LEVEL_NONE, sandbox_level_of(0));
    assert_int_equal(SANDBOX_LEVEL_LAMBDA, sandbox_level_of(LAMBDA));
    assert_int_equal(SANDBOX_LEVEL_HARDENED, sandbox_level_of(HARDENED));
    assert_int_equal(SANDBOX_LEVEL_STRICT, sandbox_level_of(STRICT));
    for (unsigned layer = SANDBOX_NAMESPACES; layer <= SANDBOX_SECCOMP; layer <<= 1) {
        enum sandbox_level want = (layer & LAMBDA) != 0     ? SANDBOX_LEVEL_NONE
                                  : (layer & HARDENED) != 0 ? SANDBOX_LEVEL_LAMBDA
                                                            : SANDBOX_LEVEL_HARDENED;
        enum sandbox_level got = sandbox_level_of(STRICT & ~layer);

        if (got != want)
            fail_msg("without layer 0x%x: got %d, want %d", layer, (int)got, (int)want);
    }
}

static void names_layers(void **state)
{
    char text[160];

    (void)state;
    sandbox_layers_text(SANDBOX_NAMESPACES | SANDBOX_SECCOMP, text, sizeof(text));
    assert_string_equal("namespaces, seccomp", text);
    sandbox_layers_text(STRICT, text, 12);
    assert_string_equal("namespaces,", text);
    sandbox_layers_text(0, text, sizeof(text));
    assert_string_equal("", text);
    assert_string_equal("strict", sandbox_level_text(SANDBOX_LEVEL_STRICT));
    assert_int_equal(STRICT, sandbox_layers_of(SANDBOX_LEVEL_STRICT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_missing_layer_lowers_the_level),
        cmocka_unit_test(names_layers),
    };

    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
