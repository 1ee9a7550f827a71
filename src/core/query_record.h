/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * query_record - what the record of a delivery's attempts says to a query: how the last
 * one ended and how long it took, and whether any has logged something.
 *
 * Read only when a query asks (QUERY_OF_RECORD): the record is what service/record
 * writes, one JSON object an attempt, joined by ','.
 */

#include "core/query.h"

/* Fills status, status_cause, latency_us and has_log, as far as @fields ask for them (of
 * QUERY_OF_RECORD); the others are none. status_cause borrows from @attempts. What is no
 * record fills nothing. */
void query_record_read(struct bytes attempts, unsigned fields, struct query_facts *facts);
/* False when reading it would change no answer of @query: its terms look for what does
 * not occur in it as text. Much cheaper than reading, and so it is with most of what a
 * search passes by. */
must_check
bool query_record_matters(struct bytes attempts, const struct query *query);
