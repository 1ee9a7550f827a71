/* SPDX-License-Identifier: MIT */

#include "cli/fn_again.h"

#include "base/err.h"
#include "cli/call.h"
#include "lib/cm.h"

static bool again(const char *event, struct buf *ret_text)
{
    char name[] = "partnerapp", fn[] = "fn", run[] = "run", file[] = "my fn.js",
         flag[] = "--event", live[] = "--live";
    char value[32];
    char *argv[] = {name, fn, run, file, flag, value, live, NULL};
    struct call call;
    struct err err = {0};
    bool can;

    snprintf(value, sizeof(value), "%s", event);
    buf_init(ret_text, 1000);
    assert_int_equal(0, call_parse(&call, (int)COUNT(argv) - 1, argv, &err));
    can = fn_again_call(&call, ret_text);
    call_done(&call);
    return can;
}

static void a_call_is_typed_again(void **state)
{
    cleanup(buf_done) struct buf text = {0};

    (void)state;
    assert_true(again("e.json", &text));
    assert_string_equal("partnerapp fn run 'my fn.js' --event e.json --live",
                        buf_text(&text));
}

static void standard_input_cannot_be_typed_again(void **state)
{
    cleanup(buf_done) struct buf text = {0};

    (void)state;
    assert_false(again("-", &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_typed_again),
        cmocka_unit_test(standard_input_cannot_be_typed_again),
    };

    return cmocka_run_group_tests_name("fn_again", tests, NULL, NULL);
}
