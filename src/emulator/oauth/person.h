/* SPDX-License-Identifier: MIT */
#pragma once

/* person - who may log in to the local Segment, and as what. */

#include "base/bytes.h"

struct exchange;

enum { PERSON_EMAIL_BYTES = 100 };

/* Does @text look like an email address? Visible ASCII around one '@'. */
must_check
bool person_is_email(struct bytes text);
must_check
bool person_exists(struct exchange *exchange, struct bytes email);
/* Somebody new, with a workspace of her own, named after her, that has a source
 * "website": so that an app can be installed once more. False when there are too many. */
must_check
bool person_add(struct exchange *exchange, struct bytes email);
/* Radio buttons of all of them, for the form of the login page. */
void person_write_choices(struct exchange *exchange);
