/* SPDX-License-Identifier: MIT */

#include "net/known_urls.h"

#include <stdio.h>

#include "lib/cm.h"
#include "net/url.h"

static struct url *get(struct known_urls *known, const char *text)
{
    const char *why = NULL;
    struct url *url = known_urls_get(known, bytes_str(text), &why);

    assert_true(url != NULL || why != NULL);
    return url;
}

static void the_same_text_is_the_same_url(void **state)
{
    struct known_urls *known = known_urls_new();
    struct url *first = get(known, "http://a.example/x");
    struct url *again = get(known, "http://a.example/x");
    struct url *other = get(known, "http://a.example/y");

    (void)state;
    assert_ptr_equal(first, again);
    assert_ptr_not_equal(first, other);
    url_free(first);
    url_free(other);
    known_urls_free(known);
    /* Whoever was given it has it still. */
    assert_true(bytes_eq(url_host(again), BYTES("a.example")));
    url_free(again);
}

static void more_urls_than_places_are_each_their_own(void **state)
{
    struct known_urls *known = known_urls_new();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        char text[64];
        char host[32];

        (void)snprintf(host, sizeof(host), "h%d.example", i % 500);
        (void)snprintf(text, sizeof(text), "http://%s/", host);
        struct url *url = get(known, text);
        if (url == NULL || !bytes_eq(url_host(url), bytes_str(host)))
            fail_msg("%s is another host", text);
        url_free(url);
    }
    known_urls_free(known);
}

static void what_is_no_url_is_none_the_second_time(void **state)
{
    struct known_urls *known = known_urls_new();

    (void)state;
    assert_null(get(known, "ftp://a.example/"));
    assert_null(get(known, "ftp://a.example/"));
    assert_null(get(known, ""));
    known_urls_free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_text_is_the_same_url),
        cmocka_unit_test(more_urls_than_places_are_each_their_own),
        cmocka_unit_test(what_is_no_url_is_none_the_second_time),
    };

    return cmocka_run_group_tests_name("known_urls", tests, NULL, NULL);
}
