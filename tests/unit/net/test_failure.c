/* SPDX-License-Identifier: MIT */

#include "net/failure.h"

#include <errno.h>
#include <string.h>

#include "lib/cm.h"
#include "net/peer.h"

static const struct peer metadata = {"169.254.169.254", 80};

static void a_refusal_names_address_host_and_remedy(void **state)
{
    struct failure failure;

    (void)state;
    failure_set_egress(&failure, &metadata, BYTES("metadata.example"));
    assert_int_equal(TRANSPORT_EGRESS, failure.transport);
    assert_string_equal("connect to 169.254.169.254 (metadata.example) refused: "
                        "private address; allow it with egress.allow",
                        failure.text);
    failure_set_egress(&failure, &metadata, BYTES("169.254.169.254"));
    assert_string_equal("connect to 169.254.169.254 refused: "
                        "private address; allow it with egress.allow",
                        failure.text);
}

static void a_failed_connection_names_peer_and_reason(void **state)
{
    const struct peer peer = {"::1", 9};
    struct failure failure;

    (void)state;
    failure_set_connect(&failure, &peer, ECONNREFUSED);
    assert_int_equal(TRANSPORT_REFUSED, failure.transport);
    assert_string_equal("connect to [::1]:9: connection refused", failure.text);
    failure_set_connect(&failure, &peer, 0);
    assert_string_equal("connect to [::1]:9: no address answered", failure.text);
}

static void a_long_host_keeps_the_remedy_in_sight(void **state)
{
    char host[3000];
    struct failure failure;

    (void)state;
    memset(host, 'h', sizeof(host));
    failure_set_egress(&failure, &metadata, bytes_of(host, sizeof(host)));
    assert_non_null(strstr(failure.text, "egress.allow"));
    failure_set_dns(&failure, bytes_of(host, sizeof(host)));
    assert_int_equal(TRANSPORT_DNS, failure.transport);
    assert_non_null(strstr(failure.text, "getaddrinfo ENOTFOUND hhh"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_address_host_and_remedy),
        cmocka_unit_test(a_failed_connection_names_peer_and_reason),
        cmocka_unit_test(a_long_host_keeps_the_remedy_in_sight),
    };

    return cmocka_run_group_tests_name("failure", tests, NULL, NULL);
}
