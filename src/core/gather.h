/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * gather - how long a commit waits for company.
 *
 * A commit costs a sync and some pages whatever is in it. While events come one by one
 * and seldom, each has a commit of its own, at once. Where they come so thick that the
 * last commit has only just begun, the next one waits until GATHER_US after that: a bound
 * on commits in a second, and on what a sender waits for it (architecture §1). Nobody
 * waits for company that cannot come: GATHER_LETTERS are enough, and when every
 * connection has its request in already, nothing more comes before they are answered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum { GATHER_US = 2000, GATHER_LETTERS = 32 };

struct gather {
    int64_t began_us; /* the last commit, monotonic; 0: none yet */
    size_t n_letters; /* that wait for the next */
    bool has_sender;  /* one of them is a request, whose sender waits */
    bool is_alone;    /* nobody else is connected who could send another */
};

/* For how long still, at most; 0: commit now. */
must_check
int64_t gather_us(const struct gather *gather, int64_t now_us);
