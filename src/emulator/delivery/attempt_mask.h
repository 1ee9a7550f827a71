/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempt_mask - what must not be seen in the record of a call: the customer's key and
 * settings whose name says that they are secret (dossier §10.5).
 */

#include "base/arena.h"
#include "core/redact.h"

#define ATTEMPT_MASK "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2" /* •••• */

/* A JSON object's text with the values of such members masked, and of those whose names
 * are in @names (a JSON list's text, may be empty). */
struct bytes attempt_mask_object(struct bytes text, struct bytes names,
                                 struct arena *arena);
/* Adds them to @redact; the copies lie in @arena. */
void attempt_mask_collect(struct bytes text, struct bytes names, struct arena *arena,
                          struct redact *redact);
