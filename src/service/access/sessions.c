/* SPDX-License-Identifier: MIT */

#include "service/access/sessions.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/secret.h"
#include "service/access/audit.h"
#include "service/site.h"
#include "store/people.h"
#include "sys/clock.h"

enum { COOKIE_CHARS = 32 };

/* --- it is used --------------------------------------------------------------------- */

struct use {
    struct errand errand;
    int64_t row, now_ms;
};

static int run_use(struct errand *errand, struct store *store, struct err *err)
{
    const struct use *use = container_of(errand, struct use, errand);

    return store_use_session(store, use->row, use->now_ms, err);
}

/* What the store does not know only makes the session end earlier after a restart. */
static void finish_use(struct errand *errand, const struct err *err)
{
    (void)err;
    free(container_of(errand, struct use, errand));
}

static void save_use(struct site *site, int64_t row, int64_t now_ms)
{
    struct use *use = mem_new(struct use);

    use->errand.run_fn = run_use;
    use->errand.finish_fn = finish_use;
    use->row = row;
    use->now_ms = now_ms;
    if (!audit_errand(site->audit, &use->errand))
        free(use);
}

void sessions_enter(struct site *site, const struct server_request *request,
                    struct principal *ret_principal)
{
    const struct bytes value = cookie_read(request, COOKIE_SESSION);
    const int64_t now_ms = clock_wall_ms();
    uint8_t hash[VAULT_HASH_LEN];
    bool is_news;

    *ret_principal = (struct principal){0};
    if (value.len != COOKIE_CHARS)
        return;
    vault_hash(site->vault, "session", value, hash);
    if (people_enter(site->people, hash, now_ms, ret_principal, &is_news) && is_news)
        save_use(site, ret_principal->session, now_ms);
}

/* --- it begins ---------------------------------------------------------------------- */

void sessions_make(const struct site *site, int64_t now_ms, struct sessions_new *ret_new)
{
    cleanup(buf_done) struct buf value = {0};

    buf_init(&value, COOKIE_VALUE_BYTES);
    vault_new_secret("", &value);
    *ret_new =
        (struct sessions_new){.session = {.created_at_ms = now_ms,
                                          .used_at_ms = now_ms,
                                          .expires_at_ms = now_ms + PEOPLE_SESSION_MS}};
    vault_hash(site->vault, "session", buf_bytes(&value), ret_new->session.hash);
    snprintf(ret_new->value, sizeof(ret_new->value), "%s", buf_text(&value));
    secret_wipe(value.ptr, value.len);
}

int sessions_store(struct site *site, struct store *store, struct sessions_new *new,
                   struct err *err)
{
    const struct session *session = &new->session;
    const int64_t oldest = people_oldest_session(site->people, session->user);
    struct store_session stored = {
        .user = session->user,
        .created_at_ms = session->created_at_ms,
        .used_at_ms = session->used_at_ms,
        .expires_at_ms = session->expires_at_ms,
    };

    memcpy(stored.hash, session->hash, sizeof(stored.hash));
    if (store_expire_sessions(store, session->created_at_ms,
                              session->created_at_ms - PEOPLE_IDLE_MS - 60000, err) < 0 ||
        (oldest != 0 && store_end_session(store, oldest, err) < 0))
        return -1;
    return store_add_session(store, &stored, &new->session.row, err);
}

void sessions_begin(struct site *site, const struct sessions_new *new)
{
    const int64_t oldest = people_oldest_session(site->people, new->session.user);

    people_forget(site->people, new->session.created_at_ms);
    if (oldest != 0)
        people_end_session(site->people, oldest);
    people_put_session(site->people, &new->session);
}
