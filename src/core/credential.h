/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * credential - which names and passwords users may have (ASVS V6, NIST SP 800-63B): a
 * password is long, and nothing else is asked of it.
 */

#include "base/bytes.h"

enum {
    CREDENTIAL_NAME_BYTES = 64,
    CREDENTIAL_PASSWORD_CHARS = 12,
    CREDENTIAL_PASSWORD_BYTES = 1024,
};

/* NULL when it is fine, else a sentence for the one who chose it. A name is letters and
 * digits of ASCII, and . _ - + @; a mail address is one. */
const char *credential_name_fault(struct bytes name);
/* @name: of the user. */
const char *credential_password_fault(struct bytes password, struct bytes name);
