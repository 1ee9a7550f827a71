/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * subject - the function that a request of the console is about: its configuration and
 * its file.
 *
 * Only the path that the configuration names is ever read or written, and only while it
 * is a file of its own: a link may lead anywhere.
 */

#include "base/buf.h"
#include "core/config.h"
#include "service/snapshot.h"

struct err;
struct site_call;

struct subject {
    const struct snapshot *snapshot; /* stays (service/snapshot.h) */
    const struct config_subscription *config;
};

enum { SUBJECT_SOURCE_BYTES = 1 << 20, SUBJECT_SUM_LEN = 65 };

/* By the name in the path of @call. False: answered with 404. */
must_check
bool subject_find(const struct site_call *call, struct subject *ret_subject);
/* The file as it is; no file is empty. */
must_check
int subject_read(const struct subject *subject, struct buf *ret_source, struct err *err);
must_check
int subject_write(const struct subject *subject, struct bytes source, struct err *err);
/* Lower-case hex of SHA-256. */
void subject_sum(struct bytes source, char ret_text[SUBJECT_SUM_LEN]);
