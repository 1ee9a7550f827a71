/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/deliveries.h"

#include "base/err.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "emulator/delivery/attempt.h"
#include "emulator/delivery/delivery.h"
#include "emulator/delivery/settling.h"
#include "emulator/delivery/target.h"
#include "emulator/faults/faults_event.h"
#include "emulator/frame/alarm.h"
#include "emulator/world/world.h"
#include "sys/rand.h"
#include "json/write.h"

/* Attempts that are begun before others get the lock: most end at once when a destination
 * is gone. */
enum { STARTS_AT_ONCE = 64 };

/* One delivery in memory: in its queue's heap while it waits (`tie` is the id), on the
 * list `running` while an attempt is under way. */
struct job {
    struct heap_node node;
    struct list_link link;
    struct queue *queue;
    struct attempt *attempt;
    int64_t began_at_ms;
    bool is_drawn; /* faults have had their say about the next attempt */
};

/* Where the events of a queue go, as it was read when the world's n_changes was `at`: it
 * holds as long as that number stays (known.h has the argument). */
struct aim {
    uint64_t at;
    struct arena arena;
    int64_t enabled; /* -1: the destination is gone */
    bool is_good;
    struct target target;
    struct err err; /* when it is not good */
};

struct queue {
    struct deliveries *deliveries;
    struct bytes destination; /* owned */
    struct aim aim;
    struct heap waiting;
    struct list running;
    struct alarm alarm;
};

struct deliveries {
    struct world *world;
    struct map queues; /* by destination */
    size_t n_jobs;
    int64_t next_id;
    int64_t next_number; /* of what has ended */
};

static void pump(struct queue *queue);
static struct job *add_job(struct deliveries *deliveries, struct bytes destination,
                           int64_t id, int64_t at_ms);

/* --- settling ----------------------------------------------------------------------- */

static void drop_job(struct job *job)
{
    job->queue->deliveries->n_jobs--;
    free(job);
}

static void wait_until(struct job *job, int64_t at_ms)
{
    job->node.at = at_ms;
    heap_push(&job->queue->waiting, &job->node);
}

static struct settling settling_of(struct job *job, struct delivery *delivery,
                                   struct arena *arena)
{
    return (struct settling){
        .world = job->queue->deliveries->world,
        .delivery = delivery,
        .arena = arena,
        .began_at_ms = job->began_at_ms,
        .number = job->queue->deliveries->next_number,
    };
}

static void end(struct job *job)
{
    job->queue->deliveries->next_number++;
    drop_job(job);
}

static void settle(struct job *job, const struct attempt_result *result)
{
    struct delivery delivery;
    struct arena arena;

    arena_init(&arena);
    if (delivery_read(job->queue->deliveries->world, job->node.tie, &arena, &delivery)) {
        const struct settling settling = settling_of(job, &delivery, &arena);
        const int64_t next_at_ms = settling_take(&settling, result);

        if (next_at_ms > 0)
            wait_until(job, next_at_ms);
        else
            end(job);
    } else {
        drop_job(job); /* the transaction that made it was undone */
    }
    arena_done(&arena);
}

static void on_done(void *arg, const struct attempt_result *result)
{
    struct job *job = arg;
    struct queue *queue = job->queue;

    job->attempt = NULL;
    list_remove(&queue->running, &job->link);
    settle(job, result);
    pump(queue);
}

/* --- attempts ----------------------------------------------------------------------- */

static void refuse(struct job *job, struct delivery *delivery, struct arena *arena,
                   const char *code, const char *why)
{
    const struct settling settling = settling_of(job, delivery, arena);

    settling_refuse(&settling, code, why);
    end(job);
}

static void expire(struct job *job, struct delivery *delivery, struct arena *arena)
{
    const struct settling settling = settling_of(job, delivery, arena);

    settling_expire(&settling, "LATE");
    end(job);
}

/* The same event once more, past the faults: they would double it for ever. */
static void send_twice(struct deliveries *deliveries, const struct delivery *delivery)
{
    struct delivery copy = {
        .id = deliveries->next_id++,
        .destination = delivery->destination,
        .message_id = delivery->message_id,
        .event = delivery->event,
        .received_at_ms = delivery->received_at_ms,
        .next_at_ms = world_now_ms(deliveries->world),
    };

    delivery_add(deliveries->world, &copy);
    add_job(deliveries, copy.destination, copy.id, copy.next_at_ms)->is_drawn = true;
}

/* As if the receiver had answered so; nothing is sent. */
static void pretend(struct job *job, const struct fault_event *fault, struct arena *arena)
{
    const struct attempt_result result = {
        .reading = fault->trouble != NULL ? retry_of_trouble(fault->trouble)
                                          : retry_of_status(fault->status),
        .message =
            bytes_str(arena_printf(arena, "fault f%u: nothing was sent", fault->id)),
    };

    settle(job, &result);
}

/* What a fault makes of the event that is about to be sent. True: it is not sent now. */
static bool spoil(struct job *job, const struct delivery *delivery, struct arena *arena,
                  struct bytes *ret_event)
{
    cleanup(buf_done) struct buf text = {0};
    struct fault_event fault;

    buf_init(&text, FAULT_EVENT_BYTES);
    fault = faults_event(job->queue->deliveries->world, delivery->destination,
                         delivery->event, &text);
    if (text.len > 0)
        *ret_event = bytes_of(arena_copy(arena, buf_bytes(&text)), text.len);
    if (fault.is_twice)
        send_twice(job->queue->deliveries, delivery);
    if (fault.trouble != NULL || fault.status != 0) {
        pretend(job, &fault, arena);
        return true;
    }
    if (fault.delay_ms > 0) {
        job->is_drawn = true;
        wait_until(job, job->began_at_ms + fault.delay_ms);
    }
    return fault.delay_ms > 0;
}

static void attempt(struct job *job, struct delivery *delivery,
                    const struct target *target, struct arena *arena)
{
    struct world *world = job->queue->deliveries->world;
    struct bytes event = delivery->event;

    /* One reading for report, deadline and expiry: at 3600 times the pace two differ. */
    delivery_begin(world, delivery, job->began_at_ms);
    if (!job->is_drawn && spoil(job, delivery, arena, &event))
        return;
    job->is_drawn = false;
    job->attempt = attempt_start(world, target, event, on_done, job);
    list_push(&job->queue->running, &job->link);
}

static const struct aim *aim_of(struct queue *queue)
{
    struct world *world = queue->deliveries->world;
    struct aim *aim = &queue->aim;

    if (aim->at == world->n_changes)
        return aim;
    arena_done(&aim->arena);
    *aim = (struct aim){.at = world->n_changes};
    aim->enabled = world_number(world, "SELECT enabled FROM destination WHERE name = ?1",
                                queue->destination, /* otherwise= */ -1);
    aim->is_good = target_of_destination(world, queue->destination, &aim->arena,
                                         &aim->target, &aim->err) == 0;
    return aim;
}

static void try_delivery(struct job *job, struct delivery *delivery, struct arena *arena)
{
    struct world *world = job->queue->deliveries->world;
    const int64_t deadline_ms = delivery_deadline_ms(delivery);
    const struct aim *aim = aim_of(job->queue);

    job->began_at_ms = world_now_ms(world);
    if (aim->enabled < 0)
        refuse(job, delivery, arena, "UNKNOWN_INTEGRATION", "the destination is gone");
    else if (aim->enabled == 0)
        refuse(job, delivery, arena, "DESTINATION_DISABLED",
               "the destination was disabled while this waited");
    else if (deadline_ms != 0 && job->began_at_ms > deadline_ms)
        expire(job, delivery, arena);
    else if (!aim->is_good)
        refuse(job, delivery, arena, "INVALID_SETTINGS", aim->err.text);
    else
        attempt(job, delivery, &aim->target, arena);
}

static void start(struct job *job)
{
    struct world *world = job->queue->deliveries->world;
    struct delivery delivery;
    struct arena arena;

    arena_init(&arena);
    if (delivery_read(world, job->node.tie, &arena, &delivery) &&
        delivery_read_event(world, &arena, &delivery))
        try_delivery(job, &delivery, &arena);
    else
        drop_job(job);
    arena_done(&arena);
}

/* --- queues ------------------------------------------------------------------------- */

static void on_due(void *arg)
{
    pump(arg);
}

/* The alarm rings when the first is due, unless there is no room for it anyway. */
static void arm(struct queue *queue)
{
    const struct heap_node *first = heap_peek(&queue->waiting);

    if (first == NULL || queue->running.n_links >= DELIVERIES_CONCURRENCY)
        return;
    if (!heap_has(&queue->alarm.node) || queue->alarm.node.at > first->at)
        alarm_set_at(queue->deliveries->world, &queue->alarm, first->at, on_due, queue);
}

static void pump(struct queue *queue)
{
    const int64_t now_ms = world_now_ms(queue->deliveries->world);

    for (size_t i = 0; i < STARTS_AT_ONCE; i++) {
        struct heap_node *node;

        if (queue->running.n_links >= DELIVERIES_CONCURRENCY)
            return;
        node = heap_pop_due(&queue->waiting, now_ms);
        if (node == NULL)
            break;
        start(container_of(node, struct job, node));
    }
    arm(queue);
}

static struct queue *find_queue(struct deliveries *deliveries, struct bytes destination)
{
    struct queue *queue = map_find(&deliveries->queues, destination);

    if (queue != NULL)
        return queue;
    queue = mem_new(struct queue);
    queue->deliveries = deliveries;
    queue->destination = bytes_of(bytes_copy(destination), destination.len);
    map_put(&deliveries->queues, destination, queue);
    return queue;
}

static struct job *add_job(struct deliveries *deliveries, struct bytes destination,
                           int64_t id, int64_t at_ms)
{
    struct job *job = mem_new(struct job);

    job->queue = find_queue(deliveries, destination);
    job->node.tie = id;
    deliveries->n_jobs++;
    wait_until(job, at_ms);
    arm(job->queue);
    return job;
}

void deliveries_add(struct deliveries *deliveries, struct bytes destination,
                    struct bytes message_id, struct bytes event, int64_t received_at_ms)
{
    const struct delivery delivery = {
        .id = deliveries->next_id++,
        .destination = destination,
        .message_id = message_id,
        .event = event,
        .received_at_ms = received_at_ms,
        .next_at_ms = world_now_ms(deliveries->world),
    };

    delivery_add(deliveries->world, &delivery);
    (void)add_job(deliveries, destination, delivery.id, delivery.next_at_ms);
}

/* --- retry now ---------------------------------------------------------------------- */

/* The earliest stay in front. */
static size_t hurry(struct queue *queue, int64_t now_ms)
{
    const size_t n_jobs = queue->waiting.n_nodes;
    struct heap hurried = {0};
    struct heap_node *node;

    while ((node = heap_pop_due(&queue->waiting, INT64_MAX)) != NULL) {
        if (node->at > now_ms)
            node->at = now_ms;
        heap_push(&hurried, node);
    }
    heap_done(&queue->waiting);
    queue->waiting = hurried;
    arm(queue);
    return n_jobs;
}

static void hurry_rows(struct world *world, struct bytes destination, int64_t now_ms)
{
    struct sql_statement *rows =
        world_use(world, "UPDATE delivery SET next_at = ?2 "
                         "WHERE next_at > ?2 AND (?1 IS NULL OR destination = ?1)");

    sql_bind_text(rows, 1, destination);
    sql_bind(rows, 2, now_ms);
    world_run(world, rows);
}

size_t deliveries_hurry(struct deliveries *deliveries, struct bytes destination)
{
    const int64_t now_ms = world_now_ms(deliveries->world);
    size_t n_hurried = 0;
    size_t cursor = 0;
    void *value;

    hurry_rows(deliveries->world, destination, now_ms);
    while (map_next(&deliveries->queues, &cursor, NULL, &value)) {
        struct queue *queue = value;

        if (destination.len == 0 || bytes_eq(queue->destination, destination))
            n_hurried += hurry(queue, now_ms);
    }
    return n_hurried;
}

/* --- life --------------------------------------------------------------------------- */

static void load(struct deliveries *deliveries)
{
    struct world *world = deliveries->world;
    struct sql_statement *rows;
    const struct bytes none = bytes_of(NULL, 0);

    deliveries->next_id =
        1 + world_number(world,
                         "SELECT max(id) FROM (SELECT id FROM delivery UNION ALL"
                         " SELECT id FROM delivered)",
                         none, 0);
    deliveries->next_number =
        1 + world_number(world, "SELECT max(number) FROM delivered", none, 0);
    rows = world_use(world, "SELECT id, destination, next_at FROM delivery ORDER BY id");
    while (world_step(world, rows))
        add_job(deliveries, sql_bytes(rows, 1), sql_i64(rows, 0), sql_i64(rows, 2));
}

struct deliveries *deliveries_new(struct world *world)
{
    struct deliveries *deliveries = mem_new(struct deliveries);
    uint64_t hash_seed[2];

    rand_bytes(hash_seed, sizeof(hash_seed));
    deliveries->world = world;
    map_init(&deliveries->queues, hash_seed);
    load(deliveries);
    return deliveries;
}

static void free_queue(struct queue *queue)
{
    struct heap_node *node;
    struct list_link *link;

    alarm_stop(&queue->alarm);
    while ((node = heap_pop_due(&queue->waiting, INT64_MAX)) != NULL)
        free(container_of(node, struct job, node));
    heap_done(&queue->waiting);
    while ((link = list_pop(&queue->running)) != NULL) {
        struct job *job = list_entry(link, struct job, link);

        attempt_cancel(job->attempt);
        free(job);
    }
    freep(&queue->destination.ptr);
    arena_done(&queue->aim.arena);
    free(queue);
}

static void forget(struct deliveries *deliveries)
{
    size_t cursor = 0;
    void *value;

    while (map_next(&deliveries->queues, &cursor, NULL, &value))
        free_queue(value);
    map_done(&deliveries->queues);
    deliveries->n_jobs = 0;
}

void deliveries_free(struct deliveries *deliveries)
{
    if (deliveries == NULL)
        return;
    forget(deliveries);
    free(deliveries);
}

void deliveries_reload(struct deliveries *deliveries)
{
    forget(deliveries);
    load(deliveries);
}

size_t deliveries_n_waiting(const struct deliveries *deliveries)
{
    return deliveries->n_jobs;
}

/* --- the list ----------------------------------------------------------------------- */

static bool is_running(const struct deliveries *deliveries, struct bytes destination,
                       int64_t id)
{
    const struct queue *queue = map_find(&deliveries->queues, destination);

    if (queue == NULL)
        return false;
    for (struct list_link *link = queue->running.first; link != NULL; link = link->next) {
        if (list_entry(link, struct job, link)->node.tie == id)
            return true;
    }
    return false;
}

static size_t write_pending(struct deliveries *deliveries, struct bytes destination,
                            size_t limit, struct write *write)
{
    struct world *world = deliveries->world;
    struct sql_statement *rows =
        world_use(world, "SELECT id FROM delivery WHERE ?1 IS NULL OR destination = ?1 "
                         "ORDER BY id LIMIT ?2");
    size_t n_written = 0;

    sql_bind_text(rows, 1, destination);
    sql_bind(rows, 2, (int64_t)limit);
    for (; world_step(world, rows); n_written++) {
        struct delivery delivery = {.id = 0};
        struct arena arena;

        arena_init(&arena);
        if (delivery_read(world, sql_i64(rows, 0), &arena, &delivery))
            delivery_write(&delivery,
                           is_running(deliveries, delivery.destination, delivery.id)
                               ? "running"
                               : "waiting",
                           write);
        arena_done(&arena);
    }
    return n_written;
}

static void write_ended(struct world *world, struct bytes destination, size_t limit,
                        struct write *write)
{
    struct sql_statement *rows = world_use(
        world, "SELECT body FROM delivered WHERE ?1 IS NULL OR destination = ?1 "
               "ORDER BY number DESC LIMIT ?2");

    sql_bind_text(rows, 1, destination);
    sql_bind(rows, 2, (int64_t)limit);
    while (world_step(world, rows))
        write_raw(write, sql_bytes(rows, 0));
}

void deliveries_write(struct deliveries *deliveries, struct bytes destination,
                      size_t limit, struct write *write)
{
    size_t n_pending;

    write_array(write);
    n_pending = write_pending(deliveries, destination, limit, write);
    write_ended(deliveries->world, destination, limit - n_pending, write);
    write_array_end(write);
}
