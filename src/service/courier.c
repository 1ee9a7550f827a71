/* SPDX-License-Identifier: MIT */

#include "service/courier.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/backoff.h"
#include "core/id.h"
#include "js/pool.h"
#include "service/courier_state.h"
#include "service/dialect.h"
#include "service/keeper.h"
#include "service/live.h"
#include "sys/clock.h"
#include "sys/haste.h"
#include "sys/mailbox.h"

enum { MAX_LETTERS = 65536, CONNECTIONS_PER_HOST = 256, AUTO_RUNNERS_MAX = 4 };

void courier_notice(struct courier *courier, struct service_notice *notice)
{
    if (courier->options.notice_fn == NULL)
        return;
    notice->wall_ms = clock_wall_ms();
    courier->options.notice_fn(courier->options.notice_arg, notice);
}

void courier_delivery_id(const struct delivery *delivery, char ret_text[32])
{
    id_format((struct id){.kind = ID_DELIVERY,
                          .time_ms = delivery->created_at_ms,
                          .extra = delivery->line->number,
                          .row = delivery->row},
              ret_text);
}

void courier_event_id(const struct delivery *delivery, char ret_text[32])
{
    ret_text[0] = '\0';
    if (delivery->parcel == NULL)
        return;
    id_format((struct id){.kind = ID_EVENT,
                          .time_ms = delivery->parcel->received_at_ms,
                          .row = delivery->event},
              ret_text);
}

/* --- letters ------------------------------------------------------------------------ */

static struct delivery *delivery_of_parcel(struct line *line, struct parcel *parcel)
{
    const struct store_delivery stored = {
        .row = parcel->row,
        .event = parcel->row,
        .created_at_ms = parcel->received_at_ms,
        .state = DELIVERY_QUEUED,
    };
    struct delivery *delivery = delivery_new(line, &stored);

    delivery_set_parcel(line->courier, delivery, parcel);
    return delivery;
}

/* Who waits stands at the front, where that has room: there he gets an answer in time. */
static void take_parcel(struct courier *courier, struct parcel *parcel)
{
    struct line *line = lines_get(courier, parcel->subscription);
    struct server_request *waiting = take(parcel->waiter);
    bool is_later = courier->is_stopping || refill_is_full(line) ||
                    (line->later.n_rows > 0 && waiting == NULL);
    struct delivery *delivery = delivery_of_parcel(line, parcel);

    if (waiting != NULL) {
        char event_id[32];

        courier_event_id(delivery, event_id);
        waiters_add(&courier->waiters, &delivery->waiter, waiting, event_id);
    }
    if (!is_later) {
        lines_add(line, delivery);
        return;
    }
    refill_later(line, delivery->row);
    delivery_free(courier, delivery);
}

static void take_retry(struct line *line, const struct store_delivery *stored,
                       int64_t now_ms)
{
    struct delivery *delivery = delivery_new(line, stored);
    int64_t wait_ms =
        backoff_resume_ms(stored->next_at_ms, stored->first_attempt_ms, now_ms);

    if (wait_ms > 0)
        lines_wait(line->courier, delivery, wait_ms);
    else
        lines_add(line, delivery);
}

static void take_due(struct courier *courier, struct due *due)
{
    int64_t now_ms = clock_wall_ms();

    for (size_t i = 0; i < due->n_deliveries; i++) {
        const struct store_delivery *stored = &due->deliveries[i];
        struct line *line = lines_get(courier, stored->subscription);

        if (stored->state == DELIVERY_RETRYING)
            take_retry(line, stored, now_ms);
        else
            refill_later(line, stored->row);
    }
    due_free(due);
}

static bool is_worth_keeping(const struct courier *courier, int64_t wait_ms)
{
    return wait_ms <= COURIER_KEEP_MS &&
           courier->resident_bytes <= COURIER_RESIDENT_BYTES;
}

static const char *settled_message(const struct settlement *settlement)
{
    return settlement->delivery.state == DELIVERY_DELIVERED ? NULL
                                                            : settlement->error_name;
}

static enum outcome settled_outcome(const struct settlement *settlement)
{
    switch (settlement->delivery.state) {
    case DELIVERY_DELIVERED:
        return OUTCOME_DELIVERED;
    case DELIVERY_DISCARDED:
        return OUTCOME_DISCARDED;
    case DELIVERY_DEAD:
        return OUTCOME_DEAD;
    case DELIVERY_NONE:
    case DELIVERY_QUEUED:
    case DELIVERY_RUNNING:
    case DELIVERY_RETRYING:
    case DELIVERY_N_STATES:
        break;
    }
    return OUTCOME_RETRY;
}

/* It is on stable storage: the next attempt may come, or the delivery be forgotten. */
static void take_settlement(struct courier *courier, struct settlement *settlement)
{
    struct delivery *delivery = settlement->owner;

    courier->n_unsettled--;
    live_remove(courier->options.live, delivery->row);
    waiters_answer(&courier->waiters, &delivery->waiter, settled_outcome(settlement),
                   settlement->error_name,
                   settlement->message[0] != '\0' ? settlement->message
                                                  : settled_message(settlement));
    delivery->state = settlement->delivery.state;
    if (delivery->state == DELIVERY_RETRYING && !courier->is_stopping &&
        !settlement->is_lost) {
        int64_t wait_ms = settlement->due_ms - lines_now_ms(courier);

        if (wait_ms < 0)
            wait_ms = 0;
        if (!is_worth_keeping(courier, wait_ms))
            delivery_drop_parcel(courier, delivery);
        lines_wait(courier, delivery, wait_ms);
    } else {
        delivery_free(courier, delivery);
    }
    buf_done(&settlement->attempt);
    free(settlement->user_id);
    free(settlement);
    if (courier->was_full && courier->n_unsettled < COURIER_MAX_UNSETTLED / 2) {
        courier->was_full = false;
        lines_wake_all(courier);
    }
}

static void take_order(struct courier *courier, struct order *order)
{
    order->run_fn(courier, order);
}

static void take_letter(struct courier *courier, struct mail *mail)
{
    switch (mail->kind) {
    case MAIL_PARCEL:
        take_parcel(courier, mail_letter(mail, struct parcel));
        break;
    case MAIL_DUE:
        take_due(courier, mail_letter(mail, struct due));
        break;
    case MAIL_LOAD:
        refill_take(mail_letter(mail, struct load));
        break;
    case MAIL_SETTLEMENT:
        take_settlement(courier, mail_letter(mail, struct settlement));
        break;
    case MAIL_ORDER:
        take_order(courier, mail_letter(mail, struct order));
        break;
    case MAIL_NONE:
    case MAIL_RECEIPT:
    case MAIL_ERRAND:
        abort(); /* nobody sends these here */
    }
}

struct rest_order {
    struct order order;
    int64_t grace_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
};

static void end(struct courier *courier)
{
    struct rest_order *rest = take(courier->rest);

    waiters_forget_all(&courier->waiters);
    if (!courier->is_resting)
        loop_stop(courier->loop);
    if (rest == NULL)
        return;
    pthread_mutex_lock(&rest->lock);
    rest->is_done = true;
    pthread_cond_signal(&rest->changed);
    pthread_mutex_unlock(&rest->lock);
}

/* Everything that has begun has ended and is with keeper. */
static void end_when_done(struct courier *courier)
{
    if (courier->is_stopping && (!courier->is_resting || courier->rest != NULL) &&
        list_is_empty(&courier->attempts) && courier->n_unsettled == 0)
        end(courier);
}

static void on_grace_over(void *arg)
{
    struct courier *courier = arg;

    /* What keeper still has, it writes at its own stop; or the disk is full and stays so.
     */
    attempt_drop_all(courier);
    end(courier);
}

static void on_letters(void *arg, int events)
{
    struct courier *courier = arg;
    struct list letters = {0};
    struct list_link *link;

    (void)events;
    mailbox_take(courier->box, &letters);
    while ((link = list_pop(&letters)) != NULL)
        take_letter(courier, mail_of(link));
    lines_dispatch(courier);
    end_when_done(courier);
}

static void on_due(void *arg)
{
    struct courier *courier = arg;
    int64_t now_ms = lines_now_ms(courier);
    struct heap_node *node;

    while ((node = heap_pop_due(&courier->due, now_ms)) != NULL) {
        struct delivery *delivery = container_of(node, struct delivery, due);

        lines_add(delivery->line, delivery);
    }
    lines_arm(courier);
    lines_dispatch(courier);
}

/* --- life --------------------------------------------------------------------------- */

static unsigned n_runners(const struct courier_options *options)
{
    long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->config->runners.count > 0)
        return (unsigned)options->config->runners.count;
    if (options->is_dev || n_cpus < 1)
        return 1;
    return n_cpus < AUTO_RUNNERS_MAX ? (unsigned)n_cpus : AUTO_RUNNERS_MAX;
}

struct courier *courier_new(const struct courier_options *options)
{
    struct courier *courier = mem_new(struct courier);
    const struct pool_options pool = {
        .runner = options->runner,
        .count = n_runners(options),
        .memory_bytes = options->config->runners.memory_bytes,
        .jit = options->config->runners.jit,
        .minimum = dialect_minimum(options->config),
    };

    courier->options = *options;
    courier->sandbox = "not used";
    courier->loop = loop_new();
    courier->box = mailbox_new(MAX_LETTERS);
    courier->client = client_new(courier->loop, CONNECTIONS_PER_HOST);
    courier->pool = pool_new(courier->loop, &pool);
    courier->credentials = credentials_cache_new(options->keyring);
    hosts_init(&courier->hosts);
    waiters_init(&courier->waiters, courier->loop);
    loop_timer_init(&courier->grace_timer, courier->loop, on_grace_over, courier);
    loop_timer_init(&courier->due_timer, courier->loop, on_due, courier);
    loop_watch_init(&courier->box_watch, courier->loop, mailbox_fd(courier->box),
                    on_letters, courier);
    loop_watch_set(&courier->box_watch, LOOP_READABLE);
    return courier;
}

struct mailbox *courier_box(struct courier *courier)
{
    return courier->box;
}

static void *courier_main(void *arg)
{
    struct courier *courier = arg;

    haste_ask();
    loop_run(courier->loop);
    return NULL;
}

void courier_was_paused(struct courier *courier, struct bytes host)
{
    hosts_get(&courier->hosts, host)->is_paused = true;
}

void courier_start(struct courier *courier, struct keeper *keeper)
{
    courier->keeper = keeper;
    courier->waiters.keeper = keeper;
    if (pthread_create(&courier->thread, NULL, courier_main, courier) != 0)
        abort();
    pthread_setname_np(courier->thread, "courier");
}

void courier_order(struct courier *courier, struct order *order)
{
    order->mail.kind = MAIL_ORDER;
    mailbox_force(courier->box, &order->mail.link);
}

static void run_retime(struct courier *courier, struct order *order)
{
    free(order);
    if (courier->is_stopping)
        return;
    lines_wake_all(courier);
    on_due(courier);
}

void courier_retime(struct courier *courier)
{
    struct order *order = mem_new(struct order);

    order->run_fn = run_retime;
    courier_order(courier, order);
}

struct stop_order {
    struct order order;
    int64_t grace_ms;
};

static void begin_stop(struct courier *courier, int64_t grace_ms)
{
    courier->is_stopping = true;
    loop_timer_set(&courier->grace_timer, grace_ms);
}

static void run_rest(struct courier *courier, struct order *order)
{
    courier->rest = container_of(order, struct rest_order, order);
    courier->is_resting = true;
    begin_stop(courier, courier->rest->grace_ms);
}

void courier_rest(struct courier *courier, int64_t grace_ms)
{
    struct rest_order rest = {.order = {.run_fn = run_rest},
                              .grace_ms = grace_ms,
                              .lock = PTHREAD_MUTEX_INITIALIZER,
                              .changed = PTHREAD_COND_INITIALIZER};

    courier_order(courier, &rest.order);
    pthread_mutex_lock(&rest.lock);
    while (!rest.is_done)
        pthread_cond_wait(&rest.changed, &rest.lock);
    pthread_mutex_unlock(&rest.lock);
}

static void run_stop(struct courier *courier, struct order *order)
{
    struct stop_order *stop = container_of(order, struct stop_order, order);

    courier->is_resting = false;
    begin_stop(courier, stop->grace_ms);
    free(stop);
}

void courier_stop(struct courier *courier, int64_t grace_ms)
{
    struct stop_order *stop;

    if (courier == NULL || courier->thread == 0)
        return;
    stop = mem_new(struct stop_order);
    stop->order.run_fn = run_stop;
    stop->grace_ms = grace_ms;
    courier_order(courier, &stop->order);
    pthread_join(courier->thread, NULL);
    courier->thread = 0;
}

static void free_due(struct courier *courier)
{
    struct heap_node *node;

    while ((node = heap_pop_due(&courier->due, INT64_MAX)) != NULL)
        delivery_free(courier, container_of(node, struct delivery, due));
    heap_done(&courier->due);
}

/* Orders too: they answer whoever asked. */
void courier_clear(struct courier *courier)
{
    struct list letters = {0};
    struct list_link *link;

    if (courier == NULL)
        return;
    courier->is_stopping = true;
    while (mailbox_count(courier->box) > 0) {
        mailbox_take(courier->box, &letters);
        while ((link = list_pop(&letters)) != NULL)
            take_letter(courier, mail_of(link));
    }
    waiters_done(&courier->waiters);
}

void courier_free(struct courier *courier)
{
    if (courier == NULL)
        return;
    courier_clear(courier);
    attempt_drop_all(courier);
    loop_timer_done(&courier->grace_timer);
    loop_timer_done(&courier->due_timer);
    loop_watch_done(&courier->box_watch);
    free_due(courier);
    lines_free(courier);
    pool_free(courier->pool);
    client_free(courier->client);
    credentials_cache_free(courier->credentials);
    hosts_done(&courier->hosts);
    mailbox_free(courier->box);
    loop_free(courier->loop);
    free(courier);
}

/* --- a configuration, from outside ---------------------------------------------------
 */

struct use_order {
    struct order order;
    struct snapshot *snapshot;
    bool is_lenient;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    bool has_failed;
    struct err err;
};

static void use_done(void *arg, const struct err *err)
{
    struct use_order *use = arg;

    pthread_mutex_lock(&use->lock);
    use->is_done = true;
    use->has_failed = err != NULL;
    if (err != NULL)
        use->err = *err;
    pthread_cond_signal(&use->changed);
    pthread_mutex_unlock(&use->lock);
}

static void run_use(struct courier *courier, struct order *order)
{
    struct use_order *use = container_of(order, struct use_order, order);

    functions_use(courier, use->snapshot, use->is_lenient, use_done, use);
}

int courier_use(struct courier *courier, struct snapshot *snapshot, bool is_lenient,
                struct err *err)
{
    struct use_order use = {.order = {.run_fn = run_use},
                            .snapshot = snapshot,
                            .is_lenient = is_lenient,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .changed = PTHREAD_COND_INITIALIZER};

    courier_order(courier, &use.order);
    pthread_mutex_lock(&use.lock);
    while (!use.is_done)
        pthread_cond_wait(&use.changed, &use.lock);
    pthread_mutex_unlock(&use.lock);
    if (!use.has_failed)
        return 0;
    *err = use.err;
    return -1;
}
