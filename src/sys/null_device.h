/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * null_device - nothing to read, and somewhere to write that nobody reads.
 *
 * /dev/null; where there is none (a chroot, a lambda's folder), a socket whose other end
 * is closed: reading ends at once, writing fails with EPIPE (and SIGPIPE, unless it is
 * ignored).
 */

/* A descriptor for both, not close-on-exec; -1 with errno. Safe between fork and exec. */
int null_device_open(void);
