/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * input - the controls of a page's forms, each with its label.
 *
 * All texts are escaped. An input's id is "f-" and its name, so names are unique on a
 * page.
 */

#include "base/buf.h"

struct input {
    const char *name;
    struct bytes label;
    struct bytes value;
    struct bytes hint; /* below it; may be empty */
    bool is_required;
    bool is_secret;   /* dots on the page; of one line */
    unsigned n_lines; /* 0: one line; else a text of so many */
};

void input_show(struct buf *out, const struct input *input);
/* A choice: begin, options, end. @label as above. */
void input_choice_begin(struct buf *out, const char *name, struct bytes label);
void input_option(struct buf *out, struct bytes value, struct bytes text,
                  bool is_selected);
void input_choice_end(struct buf *out, struct bytes hint);
/* A box to tick; its value is "true". */
void input_tick(struct buf *out, const char *name, struct bytes label, bool is_ticked);
/* <form method="post"> to @action, or to the page itself when that is NULL. */
void input_form(struct buf *out, const char *action);
/* A hidden field. */
void input_hidden(struct buf *out, const char *name, struct bytes value);
