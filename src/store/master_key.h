/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * master_key - where the vault's master key comes from. The first of these that is there:
 *
 *   1  PARTNERAPP_MASTER_KEY in the environment; wiped from it when it was read
 *   2  $CREDENTIALS_DIRECTORY/partnerapp-master-key, a systemd credential
 *   3  the key file: master_key_file, or master.key in the data folder
 *
 * A file and a credential hold 32 bytes, or base64 of 32 bytes; a variable the base64.
 * There may be several of base64, a line each (or with commas between): the first seals,
 * all open. So it is while a key is exchanged for another (store/reseal.h). Only the key
 * file must be private by its mode: systemd gives a credential to the service alone in a
 * folder of its own.
 */

#include "base/bytes.h"

struct err;

enum { MASTER_KEY_LEN = 32, MASTER_KEYS_MAX = 4 };

struct master_keys {
    uint8_t keys[MASTER_KEYS_MAX][MASTER_KEY_LEN]; /* the newest first */
    size_t n;
    bool is_file; /* the key file's: it can be changed */
};

#define MASTER_KEY_VARIABLE "PARTNERAPP_MASTER_KEY"
#define MASTER_KEY_CREDENTIAL "partnerapp-master-key"

/*
 * Reads the keys; makes the key file when no source is there and @may_create. -1: a
 * source that is there but wrong, with the place and what to do; never the next source
 * instead, which would be another key. The caller wipes @ret_keys.
 */
must_check
int master_key_read(const char *key_file, bool may_create, struct master_keys *ret_keys,
                    struct err *err);
/* Puts these keys into the key file, as a whole: a kill leaves the old file or the new.
 */
must_check
int master_key_replace(const char *key_file, const struct master_keys *keys,
                       struct err *err);
