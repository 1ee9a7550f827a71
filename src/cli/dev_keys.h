/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dev_keys - the hot keys of `dev`: one letter, no Enter. The scroll-back stays the
 * user's.
 */

#include <stdbool.h>
#include <termios.h>

struct call;
struct dev_trace;

struct dev_keys {
    bool is_on; /* stdin is a terminal, now without line editing and echo */
    struct termios before;
    const struct call *call;
    struct dev_trace *trace;
};

/* Takes over the terminal's line editing when stdin is one; Ctrl-C stays a signal. */
void dev_keys_start(struct dev_keys *keys, const struct call *call,
                    struct dev_trace *trace);
/* Gives it back; twice is fine. */
void dev_keys_stop(struct dev_keys *keys);
/* Reads one key and does what it says. False: stop (q, or the terminal is gone). */
bool dev_keys_read(struct dev_keys *keys);
/* Opens the first page of the service at @base in the browser of a desktop session. */
void dev_keys_open(const char *base);
