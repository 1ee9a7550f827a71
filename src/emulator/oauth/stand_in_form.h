/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * stand_in_form - the forms of the two pages that stand in for Segment's own: login and
 * consent (dossier §6.4).
 *
 * Each is about one challenge, which is named in the address or in the form, and is sent
 * with that challenge's CSRF token.
 */

#include "emulator/oauth/challenge.h"

struct exchange;

/* A field of the form that was sent, in the arena; empty when it is absent. */
struct bytes stand_in_form_field(struct exchange *exchange, const char *name);
/* The challenge that this page is about, its id, and the token if it is a POST; false
 * after having answered that it is over. */
must_check
bool stand_in_form_read(struct exchange *exchange, enum challenge_kind kind,
                        const char *name, struct bytes *ret_id,
                        struct challenge *ret_challenge);
/* "<form …>" with the hidden fields. */
void stand_in_form_begin(struct exchange *exchange, const char *action, const char *name,
                         struct bytes id, const struct challenge *challenge);
/* Ends the challenge and goes back to /oauth2/auth with a verifier of @kind that holds
 * @next. */
void stand_in_form_finish(struct exchange *exchange, struct bytes id,
                          enum challenge_kind kind, const struct challenge *next);
