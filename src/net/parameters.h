/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * parameters - what the query of a request says, decoded once and only when asked for.
 *
 * Names and values point into memory of their own and live until parameters_done(). As
 * base/form.h reads them: nothing between two '&' is none. Without a '=' the value's ptr
 * is NULL, for who shows what was sent.
 */

#include "base/buf.h"
#include "net/framing.h"

enum { PARAMETERS_MAX = 512 };

/* Zeroed: not read yet. */
struct parameters {
    bool is_read;
    struct buf text;
    struct framing_field *fields;
    size_t n_fields;
};

/* More of them than PARAMETERS_MAX, empty ones included. */
must_check
bool parameters_are_too_many(struct bytes query);
/* @query: as it was sent, without the '?'; not too many. Once; later calls do nothing. */
void parameters_read(struct parameters *parameters, struct bytes query);
/* Frees; back to zero. */
void parameters_done(struct parameters *parameters);
