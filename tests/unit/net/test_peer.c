/* SPDX-License-Identifier: MIT */

#include "net/peer.h"

#include <string.h>
#include <sys/un.h>

#include "lib/cm.h"

static const struct {
    const char *why;
    const char *address;
    const char *text; /* NULL: no address */
} cases[] = {
    {"IPv4", "127.0.0.1", "127.0.0.1:443"},
    {"IPv6 in brackets", "2001:DB8::1", "[2001:db8::1]:443"},
    {"the longest", "2001:db8:1111:2222:3333:4444:5555:6666",
     "[2001:db8:1111:2222:3333:4444:5555:6666]:443"},
    {"a name", "localhost", NULL},
    {"a short spelling", "127.1", NULL},
    {"nothing", "", NULL},
};

static void reads_and_writes_every_address(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sockaddr_storage address;
        char text[PEER_TEXT_LEN] = "";
        bool is_good = peer_parse(cases[i].address, 443, &address);

        if (is_good) {
            struct peer peer = peer_of((const struct sockaddr *)&address);

            (void)peer_text(&peer, text);
        }
        if (is_good != (cases[i].text != NULL) ||
            (is_good && strcmp(text, cases[i].text) != 0))
            fail_msg("%s: got \"%s\"", cases[i].why, text);
    }
}

static void what_is_no_ip_has_no_address(void **state)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct peer peer = peer_of((const struct sockaddr *)&address);

    (void)state;
    assert_string_equal("", peer.address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_every_address),
        cmocka_unit_test(what_is_no_ip_has_no_address),
    };

    return cmocka_run_group_tests_name("peer", tests, NULL, NULL);
}
