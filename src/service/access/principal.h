/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * principal - who asks: in dev whoever sits at this machine, else a token of the API or
 * a user with a session. A value; a zeroed one is nobody and may do nothing.
 */

#include "service/keyring.h"

enum { PRINCIPAL_NAME_BYTES = 72 };

enum principal_kind {
    PRINCIPAL_NOBODY = 0,
    PRINCIPAL_DEV,
    PRINCIPAL_TOKEN,
    PRINCIPAL_USER,
};

struct principal {
    enum principal_kind kind;
    enum keyring_role role;
    int64_t row;                  /* of the token or the user */
    int64_t session;              /* of a user */
    int64_t expires_at_ms;        /* of a session; 0: never */
    uint8_t hash[VAULT_HASH_LEN]; /* of the token or the session's cookie */
    char name[PRINCIPAL_NAME_BYTES];
};

/* "dev", "token", "user", "nobody". */
const char *principal_kind_text(enum principal_kind kind);
