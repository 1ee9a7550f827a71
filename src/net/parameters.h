/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * parameters - what the query of a request says, decoded once and only when asked for.
 *
 * Names and values point into memory of their own and live until parameters_done(). As
 * base/form.h reads them: a parameter without '=' has an empty value, and nothing between
 * two '&' is none.
 */

#include "base/buf.h"
#include "net/framing.h"

/* Zeroed: not read yet. */
struct parameters {
    bool is_read;
    struct buf text;
    struct framing_field *fields;
    size_t n_fields;
};

/* @query: as it was sent, without the '?'. Once; later calls do nothing. */
void parameters_read(struct parameters *parameters, struct bytes query);
/* Frees; back to zero. */
void parameters_done(struct parameters *parameters);
