/* SPDX-License-Identifier: MIT */
#pragma once

/* keys - walks over keys and tokens, shared by the writer and the readers. */

#include "store/store.h"

struct sql;

enum keys_part { KEYS_WITHOUT_SEALED = 0, KEYS_WITH_SEALED };

must_check
int keys_each(struct sql *sql, enum keys_part part, store_key_fn *fn, void *arg,
              struct err *err);
must_check
int keys_each_token(struct sql *sql, store_token_fn *fn, void *arg, struct err *err);
