/* SPDX-License-Identifier: MIT */

#include "net/url.h"

#include "lib/cm.h"
#include "net/client.h"

static const struct {
    const char *why;
    const char *url;
    const char *host; /* NULL: refused */
} hosts[] = {
    {"a name", "https://api.crm.example/notes", "api.crm.example"},
    {"another port is told", "http://a.example:8080/", "a.example:8080"},
    {"capitals", "HTTPS://API.Example", "api.example"},
    {"an IPv6 address has no brackets", "http://[2001:DB8::1]:80/", "2001:db8::1"},
    {"a dotted address", "http://10.0.0.1/", "10.0.0.1"},
    {"decimal", "http://2130706433/", "127.0.0.1"},
    {"hex", "http://0x7f000001/", "127.0.0.1"},
    {"octal", "http://0177.0.0.1/", "127.0.0.1"},
    {"short", "http://127.1/", "127.0.0.1"},
    {"mixed", "http://0x7f.0.0.01/", "127.0.0.1"},
    {"what follows an at sign in the path is no host", "http://a.example/@b.example",
     "a.example"},
    {"nor in the query", "http://a.example?@b.example", "a.example"},
    {"nor in the fragment", "http://a.example#@b.example", "a.example"},
    {"a percent sign hides nothing", "http://127%2e0.0.1/", "127.0.0.1"},
    {"letters beyond ASCII",
     "https://b\xc3\xbc"
     "cher.example/",
     NULL},
    {"the same as the resolver knows it", "https://xn--bcher-kva.example/",
     "xn--bcher-kva.example"},
    {"a percent sign that hides another", "http://127%25%32e0.0.1/", NULL},
    {"a percent sign that hides a short address", "http://%36/", NULL},
    {"one slash is two, and hides it no better", "http:/%36", NULL},
    {"a percent sign that hides a hex address", "http://0%787f000001/", NULL},
    {"a percent sign in one", "http://0x7f%2e1/", NULL},
    {"an encoded letter of a name", "http://%61.example/", "a.example"},
    {"a user name", "http://a@b.example/", NULL},
    {"a user name and a backslash", "http://a.example\\@b.example/", NULL},
    {"another scheme", "ftp://a.example/", NULL},
    {"a file", "file:///etc/passwd", NULL},
    {"no scheme", "a.example/x", NULL},
    {"nothing", "", NULL},
    {"three slashes are two, as in a browser", "http:///x", "x"},
    {"no host", "http://", NULL},
    {"no host but a port", "http://:80/", NULL},
    {"a space", "http://a b/", NULL},
    {"a line break", "http://a.example/\r\nX: 1", NULL},
    {"a port out of range", "http://a.example:99999/", NULL},
};

static void the_host_is_what_the_connection_will_see(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct buf host;

        buf_init(&host, 300);
        bool is_good = client_url_endpoint(bytes_str(hosts[i].url), &host);
        if (is_good != (hosts[i].host != NULL) ||
            (is_good && !bytes_eq(buf_bytes(&host), bytes_str(hosts[i].host))))
            fail_msg("%s (%s): got %s %s, want %s", hosts[i].why, hosts[i].url,
                     is_good ? "good" : "bad", buf_text(&host),
                     hosts[i].host != NULL ? hosts[i].host : "bad");
        buf_done(&host);
    }
}

static void a_nul_is_no_end(void **state)
{
    struct buf host;

    (void)state;
    buf_init(&host, 300);
    assert_false(client_url_endpoint(BYTES("http://a.example\0.evil.example/"), &host));
    buf_done(&host);
}

static const struct {
    const char *why;
    const char *from;
    const char *location;
    const char *host; /* NULL: not followed */
    bool is_same_origin;
} redirects[] = {
    {"an absolute path", "http://a.example/x/y", "/z", "a.example", true},
    {"a relative path", "http://a.example/x/y", "z", "a.example", true},
    {"the same, absolute", "http://a.example/", "http://A.example:80/z", "a.example",
     true},
    {"another host", "http://a.example/", "http://b.example/", "b.example", false},
    {"another port", "http://a.example/", "http://a.example:8080/", "a.example", false},
    {"without a scheme", "https://a.example/", "//b.example/", "b.example", false},
    {"up to https", "http://a.example/", "https://a.example/", "a.example", false},
    {"never down to http", "https://a.example/", "http://a.example/", NULL, false},
    {"another scheme", "http://a.example/", "file:///etc/passwd", NULL, false},
    {"a script", "http://a.example/", "javascript:alert(1)", NULL, false},
    {"a user name", "http://a.example/", "http://u@b.example/", NULL, false},
    {"a percent sign that hides an address", "http://a.example/", "//127%2e1/", NULL,
     false},
};

static void redirects_lead_only_to_the_web_and_never_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(redirects); i++) {
        const char *why;
        struct url *from = url_parse(bytes_str(redirects[i].from), &why);
        struct url *to = url_redirect(from, bytes_str(redirects[i].location));
        struct buf host;

        buf_init(&host, 300);
        if ((to != NULL) != (redirects[i].host != NULL))
            fail_msg("%s: %s", redirects[i].why,
                     to != NULL ? "followed" : "not followed");
        if (to != NULL && (!url_add_host(to, &host) ||
                           !bytes_eq(buf_bytes(&host), bytes_str(redirects[i].host)) ||
                           url_is_same_origin(from, to) != redirects[i].is_same_origin))
            fail_msg("%s: got %s, same %d", redirects[i].why, buf_text(&host),
                     url_is_same_origin(from, to));
        buf_done(&host);
        url_free(from);
        url_free(to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_what_the_connection_will_see),
        cmocka_unit_test(a_nul_is_no_end),
        cmocka_unit_test(redirects_lead_only_to_the_web_and_never_down),
    };

    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
