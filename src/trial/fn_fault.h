/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_fault - an error of a partner's code as people are shown it (ux §2.6): the line, a
 * mark under what failed, the value that was missing, and the command that runs it again.
 *
 * Of a runtime error the engine says where the failing operation is, not where the name
 * begins that a person looks for, and for some errors a line that is not theirs. What is
 * marked is therefore read off the code at that place and compared with the message;
 * where the two do not agree the whole line is underlined. A wrong mark is worse than
 * none.
 */

#include "base/bytes.h"

struct err;

struct fn_fault {
    const char *name, *message; /* name: "" or NULL for what is no Error */
    int line, column;           /* 0: not known */
    int width;                  /* 0: one character, or what is found */
    bool is_load;               /* it was thrown while loading */
    bool is_exact;              /* the column is the parser's, in characters */
    const char *note;           /* "event.traits was {…}: it has no `user`", or NULL */
    const char *again;          /* the command that runs it again, or NULL */
};

/* Describes @fault of the code @source in the file @path. */
void fn_fault_describe(const struct fn_fault *fault, const char *path,
                       struct bytes source, struct err *err);

/* Where the mark goes, in characters from 1; line 0: only the file is known, column 0:
 * the whole line. */
struct fn_fault_mark {
    int line, column, width;
};
void fn_fault_mark(const struct fn_fault *fault, struct bytes source,
                   struct fn_fault_mark *ret_mark);
