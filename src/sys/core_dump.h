/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * core_dump - a crash must not write what is in memory to a disk: keys, tokens and the
 * master key are in it.
 *
 * RLIMIT_CORE becomes zero, for children too. A kernel.core_pattern that is a pipe gets
 * the dump all the same, and must look at the limit itself (systemd-coredump does).
 */

/* Once, at the start. */
void core_dump_forbid(void);
