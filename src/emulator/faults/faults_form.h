/* SPDX-License-Identifier: MIT */
#pragma once

/* faults_form - the form of one fault (faults_row.h) on the page Faults: shown from its
 * JSON, and read back to it. What makes no sense is kept as it was typed. */

struct exchange;
struct json;

/* A new one, as the form begins. Free it. */
struct json *faults_form_blank(void);
/* What was typed, as JSON. Free it. */
struct json *faults_form_read(struct exchange *exchange);
/* The fields; @id: of the fault that is changed, 0: a new one. */
void faults_form_show(struct exchange *exchange, const struct json *fault, unsigned id);
