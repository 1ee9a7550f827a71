/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * entry - a form of login, setup or invitation that was sent: on its way from the
 * listener over the hasher and keeper back to the browser.
 *
 *   listener            hasher              keeper                       answer
 *   form, token, guess  password            session, audit; durable      303, cookies
 *
 * What was looked at in the listener is looked at again in keeper's thread, where nobody
 * else changes it: of two who use a link at once one is too late.
 */

#include "base/secret.h"
#include "core/credential.h"
#include "core/guess.h"
#include "service/access/device.h"
#include "service/access/hasher.h"
#include "service/access/next.h"
#include "service/access/page.h"
#include "service/access/sessions.h"
#include "service/errand.h"
#include "service/site.h"

enum { ENTRY_PEER_BYTES = 64 };

struct entry {
    enum page_kind kind;
    struct site *site;
    struct server_request *request;
    struct hasher_job job;
    struct errand errand;
    char name[CREDENTIAL_NAME_BYTES + 1];
    struct secret password;
    char code_text[COOKIE_VALUE_BYTES]; /* of the link */
    uint8_t code[VAULT_HASH_LEN];
    char next[NEXT_BYTES + 1];
    char account[CREDENTIAL_NAME_BYTES + 1],
        address[ENTRY_PEER_BYTES]; /* of the guess, */
    bool is_known;                 /* and of it too */
    bool is_secure;
    char peer[ENTRY_PEER_BYTES];
    int64_t old_session; /* of this browser; 0: none */
    char token[FORM_TOKEN_BYTES], form_cookie[COOKIE_BYTES];
    bool is_right; /* since the hasher */
    struct person person;
    struct sessions_new session;
};

/* The form of @call: token, name and password are read. NULL: answered. */
struct entry *entry_read(const struct site_call *call, enum page_kind kind);
void entry_free(struct entry *entry); /* wipes */
/* The form again, with a fault; frees @entry. */
void entry_refuse(struct entry *entry, int status, const char *fault,
                  int64_t retry_after_s);
/* To the hasher. */
void entry_hash(struct entry *entry, void (*run_fn)(struct hasher_job *job));
/* To keeper. */
void entry_write(struct entry *entry,
                 int (*run_fn)(struct errand *errand, struct store *store,
                               struct err *err),
                 void (*finish_fn)(struct errand *errand, const struct err *err));
/* In keeper's transaction: the session of entry->person, and the row of the audit list.
 */
must_check
int entry_store(struct entry *entry, struct store *store, const char *action,
                struct err *err);
/* Signed in: cookies, and on to `next`; frees. */
void entry_let_in(struct entry *entry);
/* In dev nobody signs in: true when that was answered. */
must_check
bool entry_is_needless(const struct site_call *call);
/* A form that was asked for. @code and @name may be empty. */
void entry_show(const struct site_call *call, const struct page *page);
