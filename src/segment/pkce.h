/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * pkce - proof that who redeems a code is who asked for it (RFC 7636).
 *
 * Segment's documents do not know it; clients from libraries send it, so it is taken when
 * it is sent, and then it counts.
 */

#include "base/bytes.h"

enum { PKCE_CHALLENGE_LEN = 43 }; /* base64url of 32 bytes */

/* The S256 challenge of @verifier (RFC 7636 §4.2). Not terminated. */
void pkce_challenge(struct bytes verifier, char ret_text[PKCE_CHALLENGE_LEN]);

enum pkce_method { PKCE_UNKNOWN = 0, PKCE_NONE, PKCE_PLAIN, PKCE_S256 };

/* Of code_challenge_method beside @challenge. NONE: no challenge was sent. UNKNOWN: a
 * method there is none of, or a challenge that is not 43 to 128 unreserved characters. */
must_check
enum pkce_method pkce_parse(struct bytes method, struct bytes challenge);
/* Does @verifier prove it? Where no challenge was sent, only no verifier does. */
must_check
bool pkce_proves(enum pkce_method method, struct bytes challenge, struct bytes verifier);
