/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sts - the Security Token Service of a machine: AssumeRole, and nothing else (dossier
 * §5.2). Pure: time and chance come in.
 *
 *   POST /  Action=AssumeRole&Version=2011-06-15&RoleArn=…&RoleSessionName=…&ExternalId=…
 *
 * It hands out temporary credentials to who names the role and the external id that were
 * set, or anything where none were, and knows the last STS_KEPT of them again.
 */

#include "base/buf.h"

enum {
    STS_KEPT = 256,
    STS_RANDOM_BYTES = 96,
    STS_DEFAULT_S = 3600,
    STS_XML_BYTES = 32 << 10
};

struct sts_credentials {
    char key_id[21]; /* "ASIA" and 16 more */
    char secret[41]; /* 40 */
    char token[65];  /* 64 */
    int64_t expires_ms;
};

struct sts {
    const char *role, *external_id;        /* NULL: any */
    struct sts_credentials kept[STS_KEPT]; /* a ring: the oldest goes */
    size_t n_made;
};

/* The answer to a request's @form as XML; returns its HTTP status. @request_id is shown
 * in it. */
int sts_answer(struct sts *sts, struct bytes form, int64_t now_ms,
               const uint8_t random[STS_RANDOM_BYTES], const char *request_id,
               struct buf *ret_xml);
/* An error in the same manner. */
void sts_write_error(const char *code, const char *message, const char *request_id,
                     struct buf *ret_xml);

enum sts_verdict { STS_UNKNOWN = 0, STS_EXPIRED, STS_GOOD };
/* Were they handed out here? *ret_credentials of what is not unknown. */
must_check
enum sts_verdict sts_find(const struct sts *sts, struct bytes key_id, struct bytes token,
                          int64_t now_ms, const struct sts_credentials **ret_credentials);
