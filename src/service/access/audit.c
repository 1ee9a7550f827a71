/* SPDX-License-Identifier: MIT */

#include "service/access/audit.h"

#include <pthread.h>
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "service/access/principal.h"
#include "service/keeper.h"
#include "sys/log.h"

struct ending {
    struct list_link link;
    int64_t row;
    int status;
};

struct audit {
    struct keeper *keeper;
    pthread_mutex_t lock;
    bool is_closed;
    bool is_writing;        /* the errand is keeper's */
    struct list outcomes;   /* not written yet */
    struct list on_the_way; /* keeper's */
    struct errand errand;
};

static void drop(struct list *outcomes)
{
    struct list_link *link;

    while ((link = list_pop(outcomes)) != NULL)
        free(list_entry(link, struct ending, link));
}

/* May run twice, when a commit failed: what it writes stays until it is durable. */
static int run(struct errand *errand, struct store *store, struct err *err)
{
    struct audit *audit = container_of(errand, struct audit, errand);

    pthread_mutex_lock(&audit->lock);
    list_append_all(&audit->on_the_way, &audit->outcomes);
    pthread_mutex_unlock(&audit->lock);
    for (struct list_link *link = audit->on_the_way.first; link != NULL;
         link = link->next) {
        const struct ending *ending = list_entry(link, struct ending, link);

        if (store_set_audit_status(store, ending->row, ending->status, err) < 0)
            return -1;
    }
    return 0;
}

static void finish(struct errand *errand, const struct err *err)
{
    struct audit *audit = container_of(errand, struct audit, errand);

    if (err != NULL)
        log_line(LOG_WARN, "the audit list misses how something ended",
                 LOG_TEXT("why", err->text));
    drop(&audit->on_the_way);
    pthread_mutex_lock(&audit->lock);
    audit->is_writing = !list_is_empty(&audit->outcomes) && !audit->is_closed;
    if (audit->is_writing)
        keeper_errand(audit->keeper, errand);
    pthread_mutex_unlock(&audit->lock);
}

struct audit *audit_new(struct keeper *keeper)
{
    struct audit *audit = mem_new(struct audit);

    audit->keeper = keeper;
    audit->errand.run_fn = run;
    audit->errand.finish_fn = finish;
    pthread_mutex_init(&audit->lock, NULL);
    return audit;
}

void audit_free(struct audit *audit)
{
    if (audit == NULL)
        return;
    drop(&audit->outcomes);
    drop(&audit->on_the_way);
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

void audit_close(struct audit *audit)
{
    if (audit == NULL)
        return;
    pthread_mutex_lock(&audit->lock);
    audit->is_closed = true;
    pthread_mutex_unlock(&audit->lock);
}

bool audit_errand(struct audit *audit, struct errand *errand)
{
    bool is_open;

    pthread_mutex_lock(&audit->lock);
    is_open = !audit->is_closed;
    if (is_open)
        keeper_errand(audit->keeper, errand);
    pthread_mutex_unlock(&audit->lock);
    return is_open;
}

int audit_add(struct store *store, const struct principal *principal,
              const struct store_audit *row, int64_t *ret_row, struct err *err)
{
    struct store_audit whole = *row;
    char actor[PRINCIPAL_NAME_BYTES + 8];

    snprintf(actor, sizeof(actor), "%s%s%s", principal_kind_text(principal->kind),
             principal->kind >= PRINCIPAL_TOKEN ? " " : "",
             principal->kind >= PRINCIPAL_TOKEN ? principal->name : "");
    whole.actor = bytes_str(actor);
    whole.role = bytes_str(keyring_role_text(principal->role));
    whole.is_stranger = principal->kind == PRINCIPAL_NOBODY;
    return store_add_audit(store, &whole, ret_row, err);
}

void audit_status(struct audit *audit, int64_t row, int status)
{
    struct ending *ending = mem_new(struct ending);

    ending->row = row;
    ending->status = status;
    pthread_mutex_lock(&audit->lock);
    list_push(&audit->outcomes, &ending->link);
    if (!audit->is_writing && !audit->is_closed) {
        audit->is_writing = true;
        keeper_errand(audit->keeper, &audit->errand);
    }
    pthread_mutex_unlock(&audit->lock);
}
