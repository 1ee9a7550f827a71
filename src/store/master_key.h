/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * master_key - where the vault's master key comes from. The first of these that is there:
 *
 *   1  PARTNERAPP_MASTER_KEY in the environment; wiped from it when it was read
 *   2  $CREDENTIALS_DIRECTORY/partnerapp-master-key, a systemd credential
 *   3  the key file: master_key_file, or master.key in the data folder
 *
 * A file and a credential hold 32 bytes, or the same as base64 with a line's end; a
 * variable the base64. Only the key file must be private by its mode: systemd gives a
 * credential to the service alone in a folder of its own.
 */

#include "base/bytes.h"

struct err;

enum { MASTER_KEY_LEN = 32 };

#define MASTER_KEY_VARIABLE "PARTNERAPP_MASTER_KEY"
#define MASTER_KEY_CREDENTIAL "partnerapp-master-key"

/*
 * Reads the key; makes the key file when no source is there and @may_create. -1: a source
 * that is there but wrong, with the place and what to do; never the next source instead,
 * which would be another key. The caller wipes @ret_key.
 */
must_check
int master_key_read(const char *key_file, bool may_create,
                    uint8_t ret_key[MASTER_KEY_LEN], struct err *err);
