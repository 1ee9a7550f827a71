/* SPDX-License-Identifier: MIT */

#include "net/egress.h"

#include <string.h>
#include <sys/un.h>

#include "base/err.h"
#include "lib/cm.h"
#include "net/peer.h"

static enum egress_verdict check(const struct egress *egress, const char *host,
                                 const char *address)
{
    struct sockaddr_storage peer;

    assert_true(peer_parse(address, 443, &peer));
    return egress_check(egress, bytes_str(host), (const struct sockaddr *)&peer);
}

#define NO EGRESS_REFUSED
#define YES EGRESS_ALLOWED

static const struct {
    const char *why;
    const char *address;
    enum egress_verdict want;
} cases[] = {
    {"a public address", "93.184.216.34", YES},
    {"the first global one", "1.0.0.0", YES},
    {"this network", "0.0.0.0", NO},
    {"this network's last", "0.255.255.255", NO},
    {"before private 10", "9.255.255.255", YES},
    {"private 10, first", "10.0.0.0", NO},
    {"private 10, last", "10.255.255.255", NO},
    {"after private 10", "11.0.0.0", YES},
    {"before CGNAT", "100.63.255.255", YES},
    {"CGNAT, first", "100.64.0.0", NO},
    {"Alibaba's metadata", "100.100.100.200", NO},
    {"CGNAT, last", "100.127.255.255", NO},
    {"after CGNAT", "100.128.0.0", YES},
    {"before loopback", "126.255.255.255", YES},
    {"loopback", "127.0.0.1", NO},
    {"loopback, elsewhere", "127.1.2.3", NO},
    {"loopback, last", "127.255.255.255", NO},
    {"after loopback", "128.0.0.0", YES},
    {"Azure's metadata", "168.63.129.16", NO},
    {"beside Azure's metadata", "168.63.129.17", YES},
    {"before link-local", "169.253.255.255", YES},
    {"link-local, first", "169.254.0.0", NO},
    {"AWS's metadata", "169.254.169.254", NO},
    {"AWS's container credentials", "169.254.170.2", NO},
    {"AWS's pod identity", "169.254.170.23", NO},
    {"link-local, last", "169.254.255.255", NO},
    {"after link-local", "169.255.0.0", YES},
    {"before private 172.16", "172.15.255.255", YES},
    {"private 172.16, first", "172.16.0.0", NO},
    {"private 172.16, last", "172.31.255.255", NO},
    {"after private 172.16", "172.32.0.0", YES},
    {"protocol assignments", "192.0.0.1", NO},
    {"Oracle's metadata", "192.0.0.192", NO},
    {"after protocol assignments", "192.0.1.0", YES},
    {"documentation 1", "192.0.2.1", NO},
    {"after documentation 1", "192.0.3.0", YES},
    {"6to4 relays", "192.88.99.1", NO},
    {"before private 192.168", "192.167.255.255", YES},
    {"private 192.168, first", "192.168.0.0", NO},
    {"private 192.168, last", "192.168.255.255", NO},
    {"after private 192.168", "192.169.0.0", YES},
    {"before benchmarks", "198.17.255.255", YES},
    {"benchmarks, first", "198.18.0.0", NO},
    {"benchmarks, last", "198.19.255.255", NO},
    {"after benchmarks", "198.20.0.0", YES},
    {"documentation 2", "198.51.100.7", NO},
    {"documentation 3", "203.0.113.7", NO},
    {"after documentation 3", "203.0.114.0", YES},
    {"the last global one", "223.255.255.255", YES},
    {"multicast, first", "224.0.0.0", NO},
    {"multicast, last", "239.255.255.255", NO},
    {"reserved", "240.0.0.0", NO},
    {"broadcast", "255.255.255.255", NO},
    {"a public IPv6 address", "2606:4700:4700::1111", YES},
    {"unspecified", "::", NO},
    {"IPv6 loopback", "::1", NO},
    {"compatible, public", "::93.184.216.34", YES},
    {"compatible, private", "::10.0.0.1", NO},
    {"mapped, public", "::ffff:93.184.216.34", YES},
    {"mapped loopback", "::ffff:127.0.0.1", NO},
    {"mapped metadata", "::ffff:169.254.169.254", NO},
    {"mapped unspecified", "::ffff:0.0.0.0", NO},
    {"translated, public", "::ffff:0:93.184.216.34", YES},
    {"translated, private", "::ffff:0:10.0.0.1", NO},
    {"NAT64, public", "64:ff9b::93.184.216.34", YES},
    {"NAT64, metadata", "64:ff9b::169.254.169.254", NO},
    {"NAT64, private", "64:ff9b::192.168.1.1", NO},
    {"local NAT64", "64:ff9b:1::93.184.216.34", NO},
    {"discard-only", "100::1", NO},
    {"before global unicast", "1fff:ffff::1", NO},
    {"Teredo, public ends", "2001:0:5db8:d822::a247:27dd", YES},
    {"Teredo, private server", "2001:0:a00:1::a247:27dd", NO},
    {"Teredo, private client", "2001:0:5db8:d822::f5ff:fffe", NO},
    {"IPv6 benchmarks", "2001:2::1", NO},
    {"ORCHID", "2001:10::1", NO},
    {"protocol assignments, last", "2001:1ff:ffff::1", NO},
    {"after protocol assignments", "2001:200::1", YES},
    {"IPv6 documentation", "2001:db8::1", NO},
    {"after IPv6 documentation", "2001:db9::1", YES},
    {"6to4, public", "2002:5db8:d822::1", YES},
    {"6to4, private", "2002:a00:1::1", NO},
    {"6to4, metadata", "2002:a9fe:a9fe::1", NO},
    {"6to4, loopback", "2002:7f00:1::1", NO},
    {"ISATAP, public", "2606:4700::5efe:93.184.216.34", YES},
    {"ISATAP, private", "2606:4700::5efe:10.0.0.1", NO},
    {"ISATAP with the universal bit", "2606:4700::200:5efe:10.0.0.1", NO},
    {"new documentation", "3fff::1", NO},
    {"new documentation, last", "3fff:fff:ffff::1", NO},
    {"after new documentation", "3fff:1000::1", YES},
    {"the last of global unicast", "3ffe:ffff::1", YES},
    {"after global unicast", "4000::1", NO},
    {"segment routing", "5f00::1", NO},
    {"unique local", "fc00::1", NO},
    {"AWS's metadata over IPv6", "fd00:ec2::254", NO},
    {"unique local, last", "fdff:ffff::1", NO},
    {"IPv6 link-local", "fe80::1", NO},
    {"site-local", "fec0::1", NO},
    {"IPv6 multicast", "ff02::1", NO},
    {"the very last", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NO},
};

static void only_global_addresses_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum egress_verdict got = check(NULL, "host.example", cases[i].address);

        if (got != cases[i].want)
            fail_msg("%s (%s): got %d, want %d", cases[i].why, cases[i].address, (int)got,
                     (int)cases[i].want);
    }
}

static const char *const allow[] = {
    "crm.internal", "10.20.0.0/16",  "192.168.1.9",  "fd00:1::/32",
    "fe80::7",      "Upper.Example", "dot.example.", "172.16.0.0/13",
};

static const struct {
    const char *why;
    const char *host;
    const char *address;
    enum egress_verdict want;
} allowed[] = {
    {"an allowed name, wherever it leads", "crm.internal", "10.9.9.9", YES},
    {"in any case", "CRM.Internal", "127.0.0.1", YES},
    {"with a dot at the end", "crm.internal.", "::1", YES},
    {"written in capitals", "upper.example", "10.0.0.1", YES},
    {"written with a dot", "dot.example", "10.0.0.1", YES},
    {"a name below it is another", "x.crm.internal", "10.9.9.9", NO},
    {"a name that ends like it is another", "xcrm.internal", "10.9.9.9", NO},
    {"no name", "", "10.9.9.9", NO},
    {"the block's first", "x", "10.20.0.0", YES},
    {"the block's last", "x", "10.20.255.255", YES},
    {"before the block", "x", "10.19.255.255", NO},
    {"after the block", "x", "10.21.0.0", NO},
    {"a block that ends within a byte", "x", "172.23.255.255", YES},
    {"and after it", "x", "172.24.0.0", NO},
    {"one address", "x", "192.168.1.9", YES},
    {"its neighbour", "x", "192.168.1.8", NO},
    {"the same, mapped", "x", "::ffff:192.168.1.9", YES},
    {"the same through 6to4 is a detour", "x", "2002:c0a8:109::1", NO},
    {"an IPv6 block", "x", "fd00:1:ffff::1", YES},
    {"beside it", "x", "fd00:2::1", NO},
    {"an IPv6 address", "x", "fe80::7", YES},
    {"its neighbour", "x", "fe80::8", NO},
    {"global stays allowed", "x", "93.184.216.34", YES},
    {"loopback was not allowed", "x", "127.0.0.1", NO},
};

static void the_list_allows_what_it_names_and_no_more(void **state)
{
    struct egress *egress;
    struct err err;

    (void)state;
    assert_int_equal(0, egress_new(allow, COUNT(allow), false, &egress, &err));
    for (size_t i = 0; i < COUNT(allowed); i++) {
        enum egress_verdict got = check(egress, allowed[i].host, allowed[i].address);

        if (got != allowed[i].want)
            fail_msg("%s (%s, %s): got %d, want %d", allowed[i].why, allowed[i].host,
                     allowed[i].address, (int)got, (int)allowed[i].want);
    }
    egress_free(egress);
}

static void dev_allows_loopback_only(void **state)
{
    struct egress *egress;
    struct err err;

    (void)state;
    assert_int_equal(0, egress_new(NULL, 0, true, &egress, &err));
    assert_int_equal(YES, check(egress, "x", "127.0.0.1"));
    assert_int_equal(YES, check(egress, "x", "127.8.8.8"));
    assert_int_equal(YES, check(egress, "x", "::1"));
    assert_int_equal(YES, check(egress, "x", "::ffff:127.0.0.1"));
    assert_int_equal(NO, check(egress, "x", "::2"));
    assert_int_equal(NO, check(egress, "x", "0.0.0.0"));
    assert_int_equal(NO, check(egress, "x", "10.0.0.1"));
    assert_int_equal(NO, check(egress, "x", "2002:7f00:1::1"));
    egress_free(egress);
}

static void a_zero_prefix_allows_all_of_its_family(void **state)
{
    static const char *const all_ipv4[] = {"0.0.0.0/0"};
    struct egress *egress;
    struct err err;

    (void)state;
    assert_int_equal(0, egress_new(all_ipv4, 1, false, &egress, &err));
    assert_int_equal(YES, check(egress, "x", "10.0.0.1"));
    assert_int_equal(NO, check(egress, "x", "fd00::1"));
    egress_free(egress);
}

static void nonsense_in_the_list_is_a_failure(void **state)
{
    static const char *const entries[] = {
        "",           "*",           "*.internal",
        "host:80",    "10.0.0.0/33", "10.0.0.0/",
        "10.0.0.0/x", "10.0.0/8",    "10.0.0",
        "1.2.3.4.5",  "::1/129",     "::1/-1",
        "a..b",       ".a",          "http://a.b/",
        "a b",        "[::1]",       "a/8",
        "256.1.1.1",  "0x7f.0.0.1",  "10.0.0.0/8/8",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct egress *egress;
        struct err err = {0};

        if (egress_new(&entries[i], 1, false, &egress, &err) != -1)
            fail_msg("\"%s\" was accepted", entries[i]);
        assert_non_null(strstr(err.text, "neither a host name nor an address"));
    }
}

static void what_is_no_ip_socket_is_refused(void **state)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/x"};

    (void)state;
    assert_int_equal(NO,
                     egress_check(NULL, BYTES("x"), (const struct sockaddr *)&address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_global_addresses_pass),
        cmocka_unit_test(the_list_allows_what_it_names_and_no_more),
        cmocka_unit_test(dev_allows_loopback_only),
        cmocka_unit_test(a_zero_prefix_allows_all_of_its_family),
        cmocka_unit_test(nonsense_in_the_list_is_a_failure),
        cmocka_unit_test(what_is_no_ip_socket_is_refused),
    };

    return cmocka_run_group_tests_name("egress", tests, NULL, NULL);
}
