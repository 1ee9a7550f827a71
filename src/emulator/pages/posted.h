/* SPDX-License-Identifier: MIT */
#pragma once

/* posted - what somebody typed into a page's form (base/form, of the request's body). */

#include "base/bytes.h"

struct err;
struct exchange;

/* The first field called @name, decoded, in the arena; empty when there is none. */
struct bytes posted_field(struct exchange *exchange, const char *name);
bool posted_is(struct exchange *exchange, const char *name, const char *value);
/* A field of many lines as one that programs wrote: CR LF is LF. */
struct bytes posted_text(struct exchange *exchange, const char *name);
/* The JSON object typed into @name, compact; -1 with @err when it is none. */
must_check
int posted_object(struct exchange *exchange, const char *name, struct bytes *ret_json,
                  struct err *err);
