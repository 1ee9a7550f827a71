/* SPDX-License-Identifier: MIT */

#include "net/peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct peer peer_of(const struct sockaddr *address)
{
    const struct sockaddr_in *ipv4 = (const void *)address;
    const struct sockaddr_in6 *ipv6 = (const void *)address;
    struct peer peer = {0};

    if (address->sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &ipv4->sin_addr, peer.address, sizeof(peer.address));
        peer.port = ntohs(ipv4->sin_port);
    } else if (address->sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &ipv6->sin6_addr, peer.address, sizeof(peer.address));
        peer.port = ntohs(ipv6->sin6_port);
    }
    return peer;
}

bool peer_parse(const char *text, unsigned port, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6,
                                .sin6_port = htons((uint16_t)port)};

    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
        memcpy(ret_address, &ipv4, sizeof(ipv4));
    else if (inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1)
        memcpy(ret_address, &ipv6, sizeof(ipv6));
    else
        return false;
    return true;
}

const char *peer_text(const struct peer *peer, char ret_text[PEER_TEXT_LEN])
{

    const bool is_ipv6 = strchr(peer->address, ':') != NULL;

    (void)snprintf(ret_text, PEER_TEXT_LEN, is_ipv6 ? "[%s]:%u" : "%s:%u", peer->address,
                   peer->port);
    return ret_text;
}
