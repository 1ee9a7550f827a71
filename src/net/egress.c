/* SPDX-License-Identifier: MIT */

/*
 * The tables follow IANA's special-purpose registries. Where those call a piece of a
 * reserved block reachable (anycast services in 192.0.0.0/24 and 2001::/23), we refuse
 * still: no partner's API lives there.
 */

#include "net/egress.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

enum { IPV4_LEN = 4, IPV6_LEN = 16, HOST_MAX = 253 };

struct block {
    uint8_t start[IPV6_LEN];
    unsigned n_bits;
};

struct egress {
    struct block *ipv4; /* allowed */
    size_t n_ipv4;
    struct block *ipv6;
    size_t n_ipv6;
    char **hosts; /* lower case, no dot at the end */
    size_t n_hosts;
    bool allow_loopback;
};

static const struct block refused_ipv4[] = {
    {{0}, 8},                 /* "this network" */
    {{10}, 8},                /* private */
    {{100, 64}, 10},          /* CGNAT; Alibaba's metadata */
    {{127}, 8},               /* loopback */
    {{168, 63, 129, 16}, 32}, /* Azure's metadata; looks public */
    {{169, 254}, 16},         /* link-local; most clouds' metadata */
    {{172, 16}, 12},          /* private */
    {{192, 0, 0}, 24},        /* protocol assignments; Oracle's metadata */
    {{192, 0, 2}, 24},        /* documentation */
    {{192, 88, 99}, 24},      /* 6to4 relays */
    {{192, 168}, 16},         /* private */
    {{198, 18}, 15},          /* benchmarks */
    {{198, 51, 100}, 24},     /* documentation */
    {{203, 0, 113}, 24},      /* documentation */
    {{224}, 4},               /* multicast */
    {{240}, 4},               /* reserved, broadcast */
};

/* Of IPv6 only this is global unicast at all, … */
static const struct block global_ipv6 = {{0x20}, 3};

/* … but for these. */
static const struct block refused_ipv6[] = {
    {{0x20, 0x01}, 23},             /* protocol assignments, benchmarks, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x3f, 0xff}, 20},             /* documentation */
};

static const struct block loopback_ipv4 = {{127}, 8};
static const struct block loopback_ipv6 = {{[15] = 1}, 128};
static const struct block mapped = {{[10] = 0xff, [11] = 0xff}, 96};

/* Addresses that lead to an IPv4 address, and where in them it stands. */
static const struct tunnel {
    struct block block;
    unsigned at;
    uint8_t mask; /* Teredo hides the client's address by inverting it */
} tunnels[] = {
    {{{0}, 96}, 12, 0},                         /* compatible: ::10.0.0.1 */
    {{{[8] = 0xff, [9] = 0xff}, 96}, 12, 0},    /* translated: ::ffff:0:10.0.0.1 */
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12, 0},    /* NAT64 */
    {{{0x20, 0x02}, 16}, 2, 0},                 /* 6to4 */
    {{{0x20, 0x01, 0x00, 0x00}, 32}, 4, 0},     /* Teredo: the server, */
    {{{0x20, 0x01, 0x00, 0x00}, 32}, 12, 0xff}, /* and the client behind it */
};

static bool block_has(const struct block *block, const uint8_t *address)
{
    const unsigned n_bytes = block->n_bits / 8;
    const unsigned n_rest = block->n_bits % 8;

    if (memcmp(block->start, address, n_bytes) != 0)
        return false;
    return n_rest == 0 || (block->start[n_bytes] ^ address[n_bytes]) >> (8 - n_rest) == 0;
}

static bool any_has(const struct block *blocks, size_t n_blocks, const uint8_t *address)
{
    for (size_t i = 0; i < n_blocks; i++) {
        if (block_has(&blocks[i], address))
            return true;
    }
    return false;
}

static enum egress_verdict judge_ipv4(const struct egress *egress, const uint8_t *address)
{
    if (egress != NULL && any_has(egress->ipv4, egress->n_ipv4, address))
        return EGRESS_ALLOWED;
    if (egress != NULL && egress->allow_loopback && block_has(&loopback_ipv4, address))
        return EGRESS_ALLOWED;
    return any_has(refused_ipv4, COUNT(refused_ipv4), address) ? EGRESS_REFUSED
                                                               : EGRESS_ALLOWED;
}

/* ISATAP marks itself in the lower half, under any prefix. */
static bool is_isatap(const uint8_t *address)
{
    return (address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e &&
           address[11] == 0xfe;
}

/* REFUSED when an IPv4 address inside is not global; *ret_is_tunnel whether there is one
 * that stands for the whole. */
static enum egress_verdict judge_tunnels(const uint8_t *address, bool *ret_is_tunnel)
{
    *ret_is_tunnel = false;
    for (size_t i = 0; i < COUNT(tunnels); i++) {
        const struct tunnel *tunnel = &tunnels[i];
        uint8_t inside[IPV4_LEN];

        if (!block_has(&tunnel->block, address))
            continue;
        for (size_t j = 0; j < IPV4_LEN; j++)
            inside[j] = address[tunnel->at + j] ^ tunnel->mask;
        if (judge_ipv4(NULL, inside) == EGRESS_REFUSED)
            return EGRESS_REFUSED;
        *ret_is_tunnel = true;
    }
    return is_isatap(address) ? judge_ipv4(NULL, address + 12) : EGRESS_ALLOWED;
}

static enum egress_verdict judge_ipv6(const struct egress *egress, const uint8_t *address)
{
    bool is_tunnel;

    if (egress != NULL && any_has(egress->ipv6, egress->n_ipv6, address))
        return EGRESS_ALLOWED;
    if (egress != NULL && egress->allow_loopback && block_has(&loopback_ipv6, address))
        return EGRESS_ALLOWED;
    if (block_has(&mapped, address))
        return judge_ipv4(egress, address + 12);
    if (judge_tunnels(address, &is_tunnel) == EGRESS_REFUSED)
        return EGRESS_REFUSED;
    if (is_tunnel)
        return EGRESS_ALLOWED;
    return block_has(&global_ipv6, address) &&
                   !any_has(refused_ipv6, COUNT(refused_ipv6), address)
               ? EGRESS_ALLOWED
               : EGRESS_REFUSED;
}

static struct bytes without_dot(struct bytes host)
{
    return bytes_ends(host, BYTES(".")) ? bytes_slice(host, 0, host.len - 1) : host;
}

static bool has_host(const struct egress *egress, struct bytes host)
{
    host = without_dot(host);
    for (size_t i = 0; i < egress->n_hosts; i++) {
        if (bytes_eq_nocase(bytes_str(egress->hosts[i]), host))
            return true;
    }
    return false;
}

enum egress_verdict egress_check(const struct egress *egress, struct bytes host,
                                 const struct sockaddr *address)
{
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return EGRESS_REFUSED;
    if (egress != NULL && has_host(egress, host))
        return EGRESS_ALLOWED;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const void *)address;

        return judge_ipv4(egress, (const uint8_t *)&ipv4->sin_addr);
    }
    const struct sockaddr_in6 *ipv6 = (const void *)address;

    return judge_ipv6(egress, ipv6->sin6_addr.s6_addr);
}

static void add_block(struct block **blocks, size_t *n_blocks, const struct block *block)
{
    *blocks = mem_grow(*blocks, *n_blocks + 1, sizeof(**blocks));
    (*blocks)[(*n_blocks)++] = *block;
}

static bool parse_bits(struct bytes text, bool has_slash, int64_t max_bits,
                       unsigned *ret_bits)
{
    int64_t n_bits = max_bits;

    if (has_slash && (!bytes_to_i64(text, &n_bits) || n_bits < 0 || n_bits > max_bits))
        return false;
    *ret_bits = (unsigned)n_bits;
    return true;
}

/* False when @entry is neither an address nor a block of them. */
static bool add_address(struct egress *egress, const char *entry)
{
    const bool has_slash = strchr(entry, '/') != NULL;
    struct bytes bits = bytes_str(entry);
    struct bytes start = bytes_take_until(&bits, '/');
    cleanup(freep) char *text = bytes_copy(start);
    struct block block = {0};

    if (inet_pton(AF_INET, text, block.start) == 1) {
        if (!parse_bits(bits, has_slash, 32, &block.n_bits))
            return false;
        add_block(&egress->ipv4, &egress->n_ipv4, &block);
        return true;
    }
    if (inet_pton(AF_INET6, text, block.start) != 1 ||
        !parse_bits(bits, has_slash, 128, &block.n_bits))
        return false;
    add_block(&egress->ipv6, &egress->n_ipv6, &block);
    return true;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

/* A host name has a letter in its last label; "10.0.0" is a mistyped address. */
static bool is_host(struct bytes host)
{
    bool has_letter = false;

    for (size_t i = 0; i < host.len; i++) {
        const char c = host.ptr[i];

        if (!is_host_char(c) || (c == '.' && (i == 0 || host.ptr[i - 1] == '.')))
            return false;
        has_letter = c != '.' && (has_letter || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
    }
    return host.len <= HOST_MAX && has_letter;
}

static bool add_host(struct egress *egress, const char *entry)
{
    struct bytes host = without_dot(bytes_str(entry));

    if (!is_host(host))
        return false;
    egress->hosts = mem_grow(egress->hosts, egress->n_hosts + 1, sizeof(*egress->hosts));
    egress->hosts[egress->n_hosts++] = bytes_copy(host);
    return true;
}

int egress_new(const char *const *allow, size_t n_allow, bool allow_loopback,
               struct egress **ret_egress, struct err *err)
{
    struct egress *egress = mem_new(struct egress);

    egress->allow_loopback = allow_loopback;
    for (size_t i = 0; i < n_allow; i++) {
        if (add_address(egress, allow[i]) || add_host(egress, allow[i]))
            continue;
        egress_free(egress);
        (void)err_set(err, "egress.allow: \"%s\" is neither a host name nor an address",
                      allow[i]);
        return err_help(err, "a name (crm.internal), an address (10.1.2.3) or a block "
                             "(10.0.0.0/8, fd00::/8); no port, no wildcard");
    }
    *ret_egress = egress;
    return 0;
}

void egress_free(struct egress *egress)
{
    if (egress == NULL)
        return;
    for (size_t i = 0; i < egress->n_hosts; i++)
        free(egress->hosts[i]);
    free(egress->hosts);
    free(egress->ipv4);
    free(egress->ipv6);
    free(egress);
}
