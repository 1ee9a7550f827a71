/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * consent - consent without a person, for tests (dossier §6.4 "headless use").
 *
 *   {"auto":true,"workspace":"acme","source":"website","person":"owner@acme.test",
 *    "answer":"allow"}
 *
 * While it is on, /oauth2/auth answers at once as if that person had said that. All but
 * "auto" may be left out: the first workspace, its first source, its first owner,
 * "allow". "answer" is one of grant.h's; "deny":true is short for "access_denied".
 */

#include "emulator/oauth/grant.h"

/* False: a person has to be asked. */
must_check
bool consent_is_automatic(struct exchange *exchange, const struct ask *ask,
                          struct grant *ret_grant);
