/* SPDX-License-Identifier: MIT */

#include "lambda/runtime/api_base.h"

#include <arpa/inet.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/egress.h"

static bool may_reach(const struct api_base *base, const char *host, const char *address)
{
    struct sockaddr_in there = {.sin_family = AF_INET};

    assert_int_equal(inet_pton(AF_INET, address, &there.sin_addr), 1);
    return egress_check(base->egress, bytes_str(host), (const void *)&there) ==
           EGRESS_ALLOWED;
}

static void only_the_api_itself_may_be_reached(void **state)
{
    struct api_base base = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(api_base_read(&base, BYTES("127.0.0.1:9001"), &err), 0);
    assert_string_equal(buf_text(&base.url), "http://127.0.0.1:9001/2018-06-01");
    assert_true(may_reach(&base, "127.0.0.1", "127.0.0.1"));
    assert_false(may_reach(&base, "127.0.0.2", "127.0.0.2"));
    assert_false(may_reach(&base, "10.0.0.1", "10.0.0.1"));
    assert_false(may_reach(&base, "169.254.169.254", "169.254.169.254"));
    api_base_done(&base);

    assert_int_equal(api_base_read(&base, BYTES("169.254.100.1:9001"), &err), 0);
    assert_true(may_reach(&base, "169.254.100.1", "169.254.100.1"));
    assert_false(may_reach(&base, "127.0.0.1", "127.0.0.1"));
    api_base_done(&base);
    api_base_done(&base);
}

static void it_is_a_host_and_a_port(void **state)
{
    static const struct {
        const char *why, *api;
        int want;
    } cases[] = {
        {"a name", "localhost:9001", 0},
        {"IPv6", "[::1]:9001", 0},
        {"without a port it is 80", "127.0.0.1", 0},
        {"nothing", "", -1},
        {"a port alone", ":9001", -1},
        {"a URL", "http://127.0.0.1:9001", -1},
        {"a path", "127.0.0.1:9001/x", -1},
        {"a user", "a@127.0.0.1:9001", -1},
        {"a line break", "127.0.0.1:9001\n", -1},
        {"a port that is none", "127.0.0.1:port", -1},
        {"a bracket that stays open", "[::1:9001", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct api_base base = {0};
        int got = api_base_read(&base, bytes_str(cases[i].api), NULL);

        if (got != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, got, cases[i].want);
        api_base_done(&base);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_api_itself_may_be_reached),
        cmocka_unit_test(it_is_a_host_and_a_port),
    };

    return cmocka_run_group_tests_name("api_base", tests, NULL, NULL);
}
