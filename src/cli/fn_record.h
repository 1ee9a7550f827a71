/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * fn_record - tests written from what happened (`fn test --record`).
 *
 * Secrets never reach a file. Without --live the code is given the settings with every
 * value that looks like one replaced ("masked-apiKey"), so what the requests show of them
 * is made of the replacement and the test finds it again. With --live the code needs the
 * real ones: what was sent and answered is masked ("••••", which a test takes for
 * anything).
 */

#include "base/attr.h"
#include "base/buf.h"

struct call;
struct err;
struct fn_code;
struct fn_settings;
struct fn_verdict;
struct json;

/* Replaces in an object of settings each text whose name says that it is a secret. */
void fn_record_mask(struct json *settings);
/* Adds the JSON of a test that expects what @verdict found. */
void fn_record_text(const struct fn_verdict *verdict, bool is_live, struct buf *ret_json);
/* Writes functions/NAME/tests/NN-name.json; one that is there stays, unless @is_forced.
 * Says on stderr which. */
must_check
int fn_record_write(const struct call *call, struct fn_code *code,
                    const struct fn_verdict *verdict, struct err *err);
