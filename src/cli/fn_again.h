/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_again - a command that can be pasted into a shell.
 */

#include "base/buf.h"

struct call;

/* Adds the call as it was typed: "partnerapp fn run hello --event e.json". False when it
 * read standard input, which nobody can type again. */
bool fn_again_call(const struct call *call, struct buf *ret_command);
/* Adds those flags of the call that are among @names (NULL-terminated), as typed. */
void fn_again_flags(const struct call *call, const char *const *names,
                    struct buf *ret_command);
