/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * assumed - credentials of roles, kept for as long as they are valid (dossier §5.2), so
 * that not every event asks STS.
 *
 * In memory only, a world's own, at most ASSUMED_MAX: the one that ends first goes. They
 * are wiped, and there is no way to print them. Times are Unix time, which is what AWS
 * means, whatever the world's clock says.
 */

#include "base/bytes.h"

struct assume_role_credentials;
struct assumed;

enum {
    ASSUMED_MAX = 64,
    ASSUMED_MARGIN_MS = 60 * 1000,    /* before they end they are not used any more */
    ASSUMED_LONGEST_MS = 3600 * 1000, /* whatever STS says */
};

/* Whose they are. */
struct assumed_key {
    struct bytes role, external_id, url, region;
};

must_check
bool assumed_key_eq(const struct assumed_key *a, const struct assumed_key *b);

must_check
struct assumed *assumed_new(void);
void assumed_free(struct assumed *assumed); /* NULL is fine */
void assumed_clear(struct assumed *assumed);

/* False: there are none that are still valid. Slices live until the next call here. */
must_check
bool assumed_find(struct assumed *assumed, const struct assumed_key *key, int64_t now_ms,
                  struct assume_role_credentials *ret_credentials);
/* Copies; what is about to end is not kept. */
void assumed_keep(struct assumed *assumed, const struct assumed_key *key, int64_t now_ms,
                  const struct assume_role_credentials *credentials);
void assumed_forget(struct assumed *assumed, const struct assumed_key *key);
