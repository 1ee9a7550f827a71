/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * audit - what was done by whom: written before it is done, kept in the store.
 *
 * Never a body, a secret or a query. Bounded: the newest 100,000, of which strangers
 * (who tried to sign in) have at most 10,000, so that they cannot crowd out the rest.
 */

#include "service/errand.h"
#include "store/audit.h"

struct audit;
struct keeper;
struct principal;

must_check
struct audit *audit_new(struct keeper *keeper);
void audit_free(struct audit *audit);
/* Nothing is written from now on: before keeper's stop. */
void audit_close(struct audit *audit);

/* Hands an errand to keeper, unless that is about to stop: false. */
must_check
bool audit_errand(struct audit *audit, struct errand *errand);
/* In keeper's transaction. */
must_check
int audit_add(struct store *store, const struct principal *principal,
              const struct store_audit *row, int64_t *ret_row, struct err *err);
/* The status of a row's answer; from any thread, some time. */
void audit_status(struct audit *audit, int64_t row, int status);
