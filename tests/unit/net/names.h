/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * names - host names of the tests' own, without a resolver's help.
 *
 * "10.0.0.1.and.127.0.0.1.test" leads to both addresses, in this order. Linked into a
 * test it stands before the C library's getaddrinfo, for libcurl too.
 */
