/* SPDX-License-Identifier: MIT */

#include "service/keeper.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "core/gather.h"
#include "service/backfill.h"
#include "service/chores.h"
#include "service/room.h"
#include "service/watermark.h"
#include "store/erase.h"
#include "store/vault.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/mailbox.h"

enum {
    MAX_LETTERS = 8192,
    BATCH_EVENTS = 1024,
    IDLE_MS = 1000, /* what others do on the disk is seen then */
    FULL_RETRY_MS = 100,
    SEALED_MAX = 64 << 10,
};

struct keeper {
    struct keeper_options options;
    struct mailbox *box;
    pthread_t thread;
    struct watermark mark;
    struct store_tally saved; /* as of the last commit */
    struct list waiting;      /* letters taken from the box, not yet in a batch */
    struct list receipts, settlements, errands; /* the batch */
    size_t n_events;
    struct server_batch answers; /* of the batch that is durable now */
    struct list to_courier;
    struct chores chores;
    struct loader loader;
    struct backfill backfill;
    struct buf sealed;
    atomic_bool is_failed, is_stopping;
    atomic_bool is_all; /* as of the last receipts: see keeper_receive */
    int64_t began_us;   /* the last batch */
    _Atomic int64_t retention_ms;
    struct room room;
};

/* --- what others call ------------------------------------------------------------- */

const char *keeper_refusal(struct keeper *keeper)
{
    if (atomic_load(&keeper->is_failed))
        return "the store has failed";
    if (!atomic_load(&keeper->room.is_there))
        return "the disk limit is reached";
    if (mailbox_count(keeper->box) >= MAX_LETTERS)
        return "too many requests wait for the disk";
    return NULL;
}

bool keeper_has_failed(const struct keeper *keeper)
{
    return atomic_load(&keeper->is_failed);
}

void keeper_receive(struct keeper *keeper, struct list *receipts, bool is_all)
{
    atomic_store(&keeper->is_all, is_all);
    mailbox_force_all(keeper->box, receipts);
    if (is_all)
        mailbox_hurry(keeper->box);
}

void keeper_settle(struct keeper *keeper, struct settlement *settlement)
{
    mailbox_force(keeper->box, &settlement->mail.link);
}

void keeper_load(struct keeper *keeper, struct load *load)
{
    mailbox_force(keeper->box, &load->mail.link);
    mailbox_hurry(keeper->box);
}

void keeper_errand(struct keeper *keeper, struct errand *errand)
{
    errand->mail.kind = MAIL_ERRAND;
    mailbox_force(keeper->box, &errand->mail.link);
    mailbox_hurry(keeper->box);
}

int64_t keeper_store_bytes(struct keeper *keeper)
{
    return atomic_load(&keeper->room.store_bytes);
}

void keeper_set_retention(struct keeper *keeper, int64_t retention_ms)
{
    atomic_store(&keeper->retention_ms, retention_ms);
}

/* --- one batch -------------------------------------------------------------------- */

static int store_item(struct keeper *keeper, struct receipt_item *item, struct err *err)
{
    struct parcel *parcel = item->parcel;
    struct store *store = keeper->options.store;
    struct store_event event;
    int found = 0;

    if (parcel->has_mark)
        found = store_find_mark(store, &parcel->mark, parcel->received_at_ms, &item->row,
                                &item->received_at_ms, err);
    item->is_duplicate = found > 0;
    if (found != 0)
        return found > 0 ? 0 : -1;
    parcel->row = store_next_row(store);
    event = (struct store_event){
        .row = parcel->row,
        .received_at_ms = parcel->received_at_ms,
        .subscription = parcel->subscription,
        .key = parcel->key,
        .has_mark = parcel->has_mark,
        .mark = parcel->mark,
        .payload = parcel->payload,
        .head = &parcel->head,
    };
    memcpy(event.sha256, parcel->sha256, sizeof(event.sha256));
    if (parcel->settings.len > 0) {
        buf_clear(&keeper->sealed);
        vault_seal(keeper->options.vault, "settings", parcel->row, parcel->settings,
                   &keeper->sealed);
        event.settings = buf_bytes(&keeper->sealed);
    }
    item->row = parcel->row;
    item->received_at_ms = parcel->received_at_ms;
    return store_add_event(store, &event, err);
}

static int store_receipt(struct keeper *keeper, struct receipt *receipt,
                         struct store_tally *tally, struct err *err)
{
    for (size_t i = 0; i < receipt->n_items; i++) {
        struct receipt_item *item = &receipt->items[i];
        int result;

        if (item->parcel == NULL)
            continue;
        result = store_item(keeper, item, err);
        if (result != 0)
            return result;
        tally->accepted += !item->is_duplicate;
        tally->duplicates += item->is_duplicate;
    }
    return 0;
}

static void count_settled(struct store_tally *tally, enum delivery_state state)
{
    tally->attempts++;
    tally->delivered += state == DELIVERY_DELIVERED;
    tally->discarded += state == DELIVERY_DISCARDED;
    tally->dead += state == DELIVERY_DEAD;
}

static void add_change(struct store_tally *tally, const struct store_tally *change)
{
    tally->replayed += change->replayed;
    tally->discarded += change->discarded;
    tally->dead += change->dead;
}

/* What a delete event asks for is as durable as that it was delivered. */
static int store_settlement(struct store *store, const struct settlement *settlement,
                            struct err *err)
{
    if (settlement->erases_user &&
        store_add_erasure(store, bytes_str(settlement->user_id),
                          settlement->delivery.event - 1, err) < 0)
        return -1;
    return store_put_delivery(store, &settlement->delivery, err);
}

static int store_letters(struct keeper *keeper, struct store_tally *tally,
                         struct err *err)
{
    struct store *store = keeper->options.store;
    int result = 0;

    for (struct list_link *link = keeper->receipts.first; link != NULL && result == 0;
         link = link->next)
        result =
            store_receipt(keeper, mail_letter(mail_of(link), struct receipt), tally, err);
    for (struct list_link *link = keeper->settlements.first; link != NULL && result == 0;
         link = link->next) {
        struct settlement *settlement = mail_letter(mail_of(link), struct settlement);

        result = store_settlement(store, settlement, err);
        count_settled(tally, settlement->delivery.state);
    }
    return result;
}

/* 0 durable, STORE_FULL undone, -1 the store has failed. */
static int commit_batch(struct keeper *keeper, struct store_tally *tally, struct err *err)
{
    struct store *store = keeper->options.store;
    int result;

    result = store_begin(store, err);
    if (result != 0)
        return result;
    result = store_letters(keeper, tally, err);
    if (result == 0)
        result = store_save_tally(store, tally, err);
    if (result == 0)
        result = store_save_low_water(store, watermark_low(&keeper->mark), err);
    if (result != 0) {
        store_rollback(store);
        if (store_is_latched(store))
            return -1;
        /* A put cannot say STORE_FULL, its error does. */
        return err->exit_code == ERR_TRY_LATER ? STORE_FULL : result;
    }
    return store_commit(store, err);
}

static void count_stored(struct keeper *keeper, const struct receipt *receipt)
{
    struct tally_stored stored = {0};

    for (size_t i = 0; i < receipt->n_items; i++) {
        const struct receipt_item *item = &receipt->items[i];

        if (item->is_duplicate)
            stored.duplicates++;
        else if (item->parcel != NULL)
            stored.accepted[item->parcel->head.kind]++;
    }
    tally_store(keeper->options.tally, receipt->subscription, &stored);
}

static void receipt_is_durable(struct keeper *keeper, struct receipt *receipt)
{
    count_stored(keeper, receipt);
    if (receipt->is_inline && receipt->items[0].parcel != NULL &&
        !receipt->items[0].is_duplicate)
        receipt->items[0].parcel->waiter = receipt->request;
    else
        receipt_answer_stored(receipt, &keeper->answers);
    if (keeper->options.stored_fn != NULL)
        keeper->options.stored_fn(keeper->options.arg, receipt);
    for (size_t i = 0; i < receipt->n_items; i++) {
        struct parcel *parcel = receipt->items[i].parcel;

        if (parcel == NULL || receipt->items[i].is_duplicate)
            continue;
        receipt->items[i].parcel = NULL;
        list_push(&keeper->to_courier, &parcel->mail.link);
    }
    receipt_free(receipt);
}

static void settlement_is_durable(struct keeper *keeper, struct settlement *settlement)
{
    const struct store_delivery *delivery = &settlement->delivery;

    tally_move(keeper->options.tally, DELIVERY_RUNNING, delivery->state);
    tally_settled(keeper->options.tally, delivery->subscription, delivery->state,
                  settlement->latency_us);
    watermark_record(&keeper->mark, delivery->row);
    if (keeper->options.settled_fn != NULL)
        keeper->options.settled_fn(keeper->options.arg, settlement);
    list_push(&keeper->to_courier, &settlement->mail.link);
}

/* An errand has a transaction of its own: what an administrator asked for in vain must
 * not undo what others sent. */
static int commit_errand(struct keeper *keeper, struct errand *errand,
                         struct store_tally *tally, struct err *err)
{
    struct store *store = keeper->options.store;
    int result;

    errand->change = (struct store_tally){0};
    result = store_begin(store, err);
    if (result != 0)
        return result;
    result = errand->run_fn(errand, store, err);
    add_change(tally, &errand->change);
    if (result == 0)
        result = store_save_tally(store, tally, err);
    if (result == 0)
        return store_commit(store, err);
    store_rollback(store);
    return result;
}

static void batch_is_durable(struct keeper *keeper)
{
    struct list_link *link;

    while ((link = list_pop(&keeper->receipts)) != NULL)
        receipt_is_durable(keeper, mail_letter(mail_of(link), struct receipt));
    while ((link = list_pop(&keeper->settlements)) != NULL)
        settlement_is_durable(keeper, mail_letter(mail_of(link), struct settlement));
    server_batch_send(&keeper->answers);
    mailbox_force_all(keeper->options.courier, &keeper->to_courier);
}

/* Never promised: the deliveries are still unsettled in the store and are made again at
 * the next start. Courier only needs to know that nothing more will come. */
static void return_settlements(struct keeper *keeper)
{
    struct list_link *link;

    while ((link = list_pop(&keeper->settlements)) != NULL) {
        mail_letter(mail_of(link), struct settlement)->is_lost = true;
        mailbox_force(keeper->options.courier, link);
    }
}

/* Undone: who asked is told to come again; settlements stay and are tried again. */
static void batch_is_refused(struct keeper *keeper)
{
    struct list_link *link;

    if (atomic_load(&keeper->is_failed))
        return_settlements(keeper);
    while ((link = list_pop(&keeper->receipts)) != NULL) {
        struct receipt *receipt = mail_letter(mail_of(link), struct receipt);

        receipt_answer_busy(receipt, "Temporarily unavailable");
        receipt_free(receipt);
    }
}

static void fail(struct keeper *keeper, const struct err *err)
{
    if (atomic_exchange(&keeper->is_failed, true))
        return;
    log_line(LOG_ERROR, "the store has failed; nothing more is accepted",
             LOG_TEXT("why", err->text));
    keeper->options.failed_fn(keeper->options.arg, err);
}

/* A transaction went wrong: is it a full disk, which passes, or the end? */
static void judge_failure(struct keeper *keeper, int result, const struct err *err)
{
    if (store_is_latched(keeper->options.store)) {
        fail(keeper, err);
    } else if (result == STORE_FULL) {
        room_note_full(&keeper->room, clock_now_ms());
    } else {
        log_line(LOG_ERROR, "a write was undone", LOG_TEXT("why", err->text));
    }
}

/* Nothing has the numbers that an undone transaction gave after @last_row, and nothing
 * will: gaps, which must not hold the mark back. */
static void record_gaps(struct keeper *keeper, int64_t last_row)
{
    while (last_row < store_last_row(keeper->options.store))
        watermark_record(&keeper->mark, ++last_row);
}

static void write_batch(struct keeper *keeper)
{
    const int64_t last_row = store_last_row(keeper->options.store);
    struct store_tally tally = keeper->saved;
    struct err err = {0};
    int result;

    if (list_is_empty(&keeper->receipts) && list_is_empty(&keeper->settlements))
        return;
    if (atomic_load(&keeper->is_failed)) {
        batch_is_refused(keeper);
        return;
    }
    keeper->began_us = clock_now_us();
    result = commit_batch(keeper, &tally, &err);
    if (result == 0) {
        keeper->saved = tally;
        batch_is_durable(keeper);
        room_note_well(&keeper->room);
        return;
    }
    record_gaps(keeper, last_row);
    judge_failure(keeper, result, &err);
    batch_is_refused(keeper);
}

static void errand_is_undone(struct keeper *keeper, int64_t last_row,
                             const struct err *err)
{
    record_gaps(keeper, last_row);
    if (!atomic_load(&keeper->is_failed) && store_is_latched(keeper->options.store))
        fail(keeper, err);
}

static void do_errands(struct keeper *keeper)
{
    struct list_link *link;

    while ((link = list_pop(&keeper->errands)) != NULL) {
        struct errand *errand = mail_letter(mail_of(link), struct errand);
        const int64_t last_row = store_last_row(keeper->options.store);
        struct store_tally tally = keeper->saved;
        struct err err = {0};
        int result;

        if (atomic_load(&keeper->is_failed))
            result = err_code(&err, "PA6003", ERR_TRY_LATER, "the store has failed");
        else
            result = commit_errand(keeper, errand, &tally, &err);
        if (result == STORE_FULL)
            err_code(&err, "PA6004", ERR_TRY_LATER, "the disk is full");
        if (result == 0)
            keeper->saved = tally;
        else
            errand_is_undone(keeper, last_row, &err);
        errand->finish_fn(errand, result == 0 ? NULL : &err);
    }
}

/* Moves letters that wait into the batch, up to its size. */
static void fill_batch(struct keeper *keeper)
{
    struct list_link *link;

    keeper->n_events = 0;
    while (keeper->n_events < BATCH_EVENTS &&
           (link = list_pop(&keeper->waiting)) != NULL) {
        struct mail *mail = mail_of(link);

        if (mail->kind == MAIL_RECEIPT) {
            keeper->n_events += mail_letter(mail, struct receipt)->n_items;
            list_push(&keeper->receipts, link);
        } else if (mail->kind == MAIL_SETTLEMENT) {
            keeper->n_events++;
            list_push(&keeper->settlements, link);
        } else if (mail->kind == MAIL_LOAD) {
            loader_read(&keeper->loader, mail_letter(mail, struct load));
            mailbox_force(keeper->options.courier, link);
        } else {
            list_push(&keeper->errands, link);
        }
    }
}

/* How long what waits may wait for company: not at all where it is no commit's. */
static int64_t company_us(struct keeper *keeper)
{
    struct gather gather = {
        .began_us = keeper->began_us,
        .n_letters = keeper->waiting.n_links,
        .is_alone = atomic_load(&keeper->is_all),
    };

    if (atomic_load(&keeper->is_stopping) || gather.n_letters >= GATHER_LETTERS)
        return 0;
    for (struct list_link *link = keeper->waiting.first; link; link = link->next) {
        if (mail_of(link)->kind == MAIL_RECEIPT)
            gather.has_sender = true;
        else if (mail_of(link)->kind != MAIL_SETTLEMENT)
            return 0;
    }
    return gather_us(&gather, clock_now_us());
}

static void take_letters(struct keeper *keeper, int timeout_ms)
{
    int64_t gather_for_us;

    mailbox_wait(keeper->box, timeout_ms, &keeper->waiting);
    gather_for_us = company_us(keeper);
    if (gather_for_us > 0)
        mailbox_gather(keeper->box, GATHER_LETTERS - keeper->waiting.n_links,
                       gather_for_us, &keeper->waiting);
}

/* How long keeper may sleep when nobody writes to it. */
static int wait_ms(const struct keeper *keeper)
{
    if (!list_is_empty(&keeper->waiting) || atomic_load(&keeper->is_stopping) ||
        (!backfill_is_done(&keeper->backfill) && !atomic_load(&keeper->is_failed)))
        return 0;
    if (atomic_load(&keeper->is_failed))
        return IDLE_MS; /* no chores any more */
    /* Settlements that did not fit on the disk stay in the batch: try again soon. */
    if (!list_is_empty(&keeper->settlements) || !atomic_load(&keeper->room.is_there))
        return FULL_RETRY_MS;
    return chores_wait_ms(&keeper->chores, clock_now_ms(), IDLE_MS);
}

static void *keeper_main(void *arg)
{
    struct keeper *keeper = arg;
    struct err err = {0};

    for (;;) {
        bool was_idle;
        int read;

        take_letters(keeper, wait_ms(keeper));
        was_idle = list_is_empty(&keeper->waiting);
        fill_batch(keeper);
        write_batch(keeper);
        do_errands(keeper);
        if (was_idle && atomic_load(&keeper->is_stopping))
            break;
        if (atomic_load(&keeper->is_failed))
            continue;
        if (store_check_place(keeper->options.store, clock_now_ms(), &err) < 0) {
            fail(keeper, &err);
            continue;
        }
        room_look(&keeper->room, keeper->options.store, clock_now_ms());
        read = backfill_step(&keeper->backfill, &err);
        if (read < 0)
            fail(keeper, &err);
        if (read != 0)
            continue;
        /* Undone chores are done again later; a full disk is no failure. */
        if (chores_do(&keeper->chores, clock_now_ms(), was_idle,
                      atomic_load(&keeper->retention_ms), &err) != 0 &&
            store_is_latched(keeper->options.store))
            fail(keeper, &err);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------- */

struct keeper *keeper_new(const struct keeper_options *options)
{
    struct keeper *keeper = mem_new(struct keeper);
    struct err err = {0};

    keeper->options = *options;
    keeper->box = mailbox_new(MAX_LETTERS);
    buf_init(&keeper->sealed, SEALED_MAX);
    loader_init(&keeper->loader, options->store, options->vault);
    atomic_store(&keeper->room.is_there, true);
    atomic_store(&keeper->retention_ms, options->retention_ms);
    chores_init(&keeper->chores, options->store);
    watermark_init(&keeper->mark, options->low_water);
    keeper->backfill = (struct backfill){options->store, options->courier, &keeper->mark,
                                         options->low_water, options->next_row};
    if (store_load_tally(options->store, &keeper->saved, &err) < 0)
        log_line(LOG_ERROR, "the counters cannot be read", LOG_TEXT("why", err.text));
    return keeper;
}

void keeper_start(struct keeper *keeper)
{
    if (pthread_create(&keeper->thread, NULL, keeper_main, keeper) != 0)
        abort();
    pthread_setname_np(keeper->thread, "keeper");
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper == NULL || keeper->thread == 0)
        return;
    atomic_store(&keeper->is_stopping, true);
    mailbox_wake(keeper->box);
    pthread_join(keeper->thread, NULL);
    keeper->thread = 0;
    return_settlements(keeper);
}

static void drop_letters(struct keeper *keeper)
{
    struct list_link *link;

    mailbox_take(keeper->box, &keeper->waiting);
    while ((link = list_pop(&keeper->waiting)) != NULL) {
        struct mail *mail = mail_of(link);

        if (mail->kind == MAIL_RECEIPT)
            receipt_free(mail_letter(mail, struct receipt));
        else if (mail->kind == MAIL_LOAD)
            free(mail_letter(mail, struct load));
    }
}

void keeper_free(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    drop_letters(keeper);
    mailbox_free(keeper->box);
    watermark_done(&keeper->mark);
    buf_done(&keeper->sealed);
    loader_done(&keeper->loader);
    free(keeper);
}
