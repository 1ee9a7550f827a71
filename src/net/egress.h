/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * egress - may this address be connected to? (reliability §2 OUT-1, OUT-2)
 *
 * Asked on the real socket address at connect time and again for every request on a
 * kept-alive connection, so names that resolve to private addresses, odd spellings,
 * redirects and a policy that has changed are all covered. Everything but global unicast
 * is refused: private, loopback, link-local, metadata (169.254/16, 100.100.100.200,
 * 168.63.129.16, 192.0.0.192, fd00:ec2::254), CGNAT, multicast, reserved, documentation,
 * and IPv6 forms that embed an IPv4 address are judged by that address.
 *
 * A mapped address (::ffff:10.0.0.1) is that IPv4 address, for the allow list too. The
 * tunnels (6to4, Teredo, NAT64, …) are not: what they lead to must be global, whatever
 * else is allowed.
 */

#include <stdbool.h>
#include <sys/socket.h>

#include "base/bytes.h"

struct err;
struct egress; /* a policy; immutable */

enum egress_verdict { EGRESS_REFUSED = 0, EGRESS_ALLOWED };

/*
 * @allow: host names ("crm.internal", exact, any case), addresses or CIDRs ("10.0.0.0/8",
 * "::1"). A name is allowed wherever it leads. @allow_loopback: 127.0.0.0/8 and ::1 as
 * well. -1 with @err for an entry that is neither (a port, a wildcard, a bad prefix).
 */
must_check
int egress_new(const char *const *allow, size_t n_allow, bool allow_loopback,
               struct egress **ret_egress, struct err *err);
void egress_free(struct egress *egress);
/* @host: the name in the URL. A NULL policy refuses everything that is not global. */
must_check
enum egress_verdict egress_check(const struct egress *egress, struct bytes host,
                                 const struct sockaddr *address);
