/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * ask - dangerous things ask first (ux §2.1).
 *
 * --yes answers for scripts. Where nobody can answer (stdin is no terminal) and without
 * --yes nothing is done: exit 2, and the message names the flag.
 */

#include "base/attr.h"

struct call;
struct err;

enum { ASK_NO = 1 };
/* "[y/N]" after @question. 0 yes, ASK_NO, or -1. */
must_check
int ask_yes(const struct call *call, const char *question, struct err *err);
/* The answer must be @word (a count, a name): for what cannot be undone. */
must_check
int ask_word(const struct call *call, const char *question, const char *word,
             struct err *err);
