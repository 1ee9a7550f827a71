/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * steps - the way of an install from the press of the button on: each request between us
 * and Segment with its answer, their safe parts (core/safe_parts.h), as lines of JSON
 * that are stored with the install (store/install_steps.h).
 */

#include <stdint.h>

#include "base/buf.h"

struct redact;

enum { STEPS_BYTES = 256 << 10 }; /* of one run's */

struct step {
    const char *name; /* "exchange", "refresh" … */
    const char *summary;
    int64_t at_ms;       /* wall */
    int64_t duration_us; /* -1: not known */
    bool is_ok;
    const char *method; /* NULL: no request was made */
    struct bytes url;   /* without a query */
    struct bytes query; /* of the URL */
    struct bytes body;
    bool has_form; /* the body is a form; else JSON */
    int status;    /* 0: no answer */
    struct bytes answer;
    const struct redact *redact;
};

/* Adds one, with a line feed; one that does not fit is left out. */
void steps_add(struct buf *lines, const struct step *step);
