/* SPDX-License-Identifier: MIT */

#include "service/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/server.h"
#include "service/access/veil.h"
#include "service/console/exports.h"
#include "service/console/pace.h"
#include "service/site.h"
#include "service/streams_state.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/rand.h"
#include "json/write.h"

enum {
    MAX_STREAMS = 64,
    BACKLOG_BYTES = 1 << 20,
    RESUME_BYTES = 512 << 10,
    MAX_UNJUDGED = 10000,
    STATS_MS = 1000,
    KEEP_MS = 60000, /* how long messages are kept for nobody */
    QUIET_TICKS = 15,
};

struct listener {
    struct list_link link;
    struct streams *streams;
    struct site *site;
    struct server_stream *stream;
    struct query query;
    struct principal principal;
    bool is_ended;
    /* Of a page: it asked for topics. Others get everything, or are cut off. */
    bool is_page;
    unsigned topics;
    struct pace pace;
    uint64_t n_missed;
};

/* Another program than the one that a page came from: it may offer to load itself anew.
 */
static void name_build(struct streams *streams)
{
    struct stat status = {0};

    (void)stat("/proc/self/exe", &status);
    snprintf(streams->build, sizeof(streams->build), "%08llx%08llx",
             (unsigned long long)status.st_mtim.tv_sec & 0xffffffff,
             (unsigned long long)(status.st_mtim.tv_nsec ^ status.st_size) & 0xffffffff);
}

struct streams *streams_new(void)
{
    struct streams *streams = mem_new(struct streams);

    pthread_mutex_init(&streams->lock, NULL);
    snprintf(streams->boot, sizeof(streams->boot), "%08x%08x", rand_jitter(),
             rand_jitter());
    name_build(streams);
    return streams;
}

static void message_free(struct message *message)
{
    buf_done(&message->text);
    free(message);
}

void streams_free(struct streams *streams)
{
    struct list_link *link;

    if (streams == NULL)
        return;
    while ((link = list_pop(&streams->unjudged)) != NULL)
        message_free(list_entry(link, struct message, link));
    journal_done(&streams->journal);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}

bool streams_are_wanted(struct streams *streams)
{
    return atomic_load(&streams->n_listeners) > 0 ||
           clock_now_ms() < atomic_load(&streams->wanted_until_ms);
}

static void on_closed(void *arg)
{
    struct listener *listener = arg;
    struct streams *streams = listener->streams;

    pthread_mutex_lock(&streams->lock);
    list_remove(&streams->listeners, &listener->link);
    if (listener->is_page)
        atomic_store(&streams->wanted_until_ms, clock_now_ms() + KEEP_MS);
    atomic_store(&streams->n_listeners, streams->listeners.n_links);
    pthread_mutex_unlock(&streams->lock);
    query_done(&listener->query);
    free(listener);
}

/* Under the lock, as all that follows up to what was made for other threads. */
static void end(struct listener *listener)
{
    if (!listener->is_ended)
        server_stream_end(listener->stream);
    listener->is_ended = true;
}

void streams_end(struct streams *streams)
{
    pthread_mutex_lock(&streams->lock);
    streams->is_ended = true;
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        end(list_entry(link, struct listener, link));
    pthread_mutex_unlock(&streams->lock);
}

static void tell_gap(struct listener *listener)
{
    char text[96];

    snprintf(text, sizeof(text),
             "event: gap\ndata: {\"kind\":\"gap\",\"missed\":%llu}\n\n",
             (unsigned long long)listener->n_missed);
    server_stream_send(listener->stream, bytes_str(text));
    listener->n_missed = 0;
}

/* A page that reads too slowly has a gap, which it is told once it has caught up. */
static bool has_room(struct listener *listener)
{
    enum pace_room room;

    if (!listener->is_page)
        return true;
    room = pace_room(listener->n_missed, server_stream_backlog(listener->stream));
    if (room == PACE_IS_TOLD_AND_GETS)
        tell_gap(listener);
    return room != PACE_MISSES;
}

static void send(struct listener *listener, struct bytes text)
{
    if (listener->is_ended)
        return;
    if (has_room(listener))
        server_stream_send(listener->stream, text);
    else
        listener->n_missed++;
}

/* A message of @topic, to a viewer without what it says of events. */
static void tell(struct listener *listener, unsigned topic, struct bytes text)
{
    cleanup(buf_done) struct buf veiled = {0};

    if ((topic & (TOPIC_EVENTS | TOPIC_JOBS)) == 0 ||
        !veil_is_for(&listener->principal)) {
        send(listener, text);
        return;
    }
    buf_init(&veiled, 2 * STREAMS_MESSAGE_BYTES);
    if (veil_message(text, &veiled) == 0)
        send(listener, buf_bytes(&veiled));
}

/* --- the numbers, once a second ------------------------------------------------------
 */

static void print_stats(const struct site *site, struct buf *text)
{
    struct tally_counts counts;
    struct write json;

    tally_counts(site->tally, &counts);
    buf_add_text(text, "event: stats\ndata: ");
    write_init(&json, text);
    write_object(&json);
    write_member_text(&json, "kind", "stats");
    write_member_time(&json, "at", clock_wall_ms());
    site_print_counters(&json, &counts);
    write_object_end(&json);
    buf_add_text(text, "\n\n");
}

static void tell_sample(struct listener *listener)
{
    unsigned n_events = pace_tick(&listener->pace);
    char text[96];

    if (n_events == 0)
        return;
    snprintf(text, sizeof(text),
             "event: sampled\ndata: {\"kind\":\"sampled\",\"shown\":%d,\"of\":%u}\n\n",
             PACE_EVENTS, n_events);
    send(listener, bytes_str(text));
}

static void tick(struct listener *listener, const struct buf *stats, bool is_quiet)
{
    /* Who may not come in any more does not stay either. */
    if (!access_lasts(listener->site, &listener->principal)) {
        end(listener);
        return;
    }
    if ((listener->topics & TOPIC_STATS) != 0)
        send(listener, buf_bytes(stats));
    else if (is_quiet)
        send(listener, BYTES(": still here\n\n"));
    if (listener->is_page)
        tell_sample(listener);
}

static bool is_topic_wanted(struct streams *streams, enum streams_topic topic)
{
    bool is_wanted = false;

    pthread_mutex_lock(&streams->lock);
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        is_wanted |= (list_entry(link, struct listener, link)->topics & topic) != 0;
    pthread_mutex_unlock(&streams->lock);
    return is_wanted;
}

static void look_at_jobs(struct streams *streams, struct reader *reader)
{
    struct err err;

    /* Who asks the store is told what is wrong with it. */
    if (!is_topic_wanted(streams, TOPIC_JOBS) ||
        jobs_look(&streams->jobs, reader, streams_job, streams, &err) < 0)
        streams->jobs = (struct jobs_watch){0};
    if (is_topic_wanted(streams, TOPIC_JOBS))
        exports_each_moved(streams->site->exports, streams_export, streams);
}

static void run_counting(struct reader *reader, struct desk_job *job)
{
    struct streams *streams = container_of(job, struct streams, counting);
    cleanup(buf_done) struct buf text = {0};
    bool is_quiet = ++streams->n_ticks % QUIET_TICKS == 0;

    look_at_jobs(streams, reader);
    buf_init(&text, STREAMS_MESSAGE_BYTES);
    print_stats(streams->site, &text);
    pthread_mutex_lock(&streams->lock);
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next)
        tick(list_entry(link, struct listener, link), &text, is_quiet);
    job->at_ms = clock_now_ms() + STATS_MS;
    streams->is_counting = streams->listeners.n_links > 0 && !streams->is_ended &&
                           desk_ask(streams->site->desk, job);
    pthread_mutex_unlock(&streams->lock);
}

static void start_counting(struct streams *streams)
{
    if (streams->is_counting)
        return; /* the job is the desk's until it runs */
    streams->counting.run_fn = run_counting;
    streams->counting.at_ms = 0;
    streams->is_counting = desk_ask(streams->site->desk, &streams->counting);
}

/* --- a new listener ------------------------------------------------------------------
 */

/* "stats,events": bits; 0: one of them is none. */
static unsigned topics_of(struct bytes text)
{
    static const struct {
        const char *name;
        enum streams_topic topic;
    } names[] = {{"stats", TOPIC_STATS},
                 {"events", TOPIC_EVENTS},
                 {"jobs", TOPIC_JOBS},
                 {"installs", TOPIC_INSTALLS}};
    unsigned topics = 0;

    while (text.len > 0) {
        struct bytes name = bytes_take_until(&text, ',');
        size_t i = 0;

        while (i < COUNT(names) && !bytes_eq(name, bytes_str(names[i].name)))
            i++;
        if (i == COUNT(names))
            return 0;
        topics |= names[i].topic;
    }
    return topics;
}

static void say_hello(struct listener *listener)
{
    const struct streams *streams = listener->streams;
    char text[256];

    snprintf(text, sizeof(text),
             "retry: 2000\nevent: hello\ndata: {\"kind\":\"hello\",\"version\":\"%s\","
             "\"build\":\"%s\",\"mode\":\"%s\"}\n\n",
             PARTNERAPP_VERSION, streams->build, streams->site->is_dev ? "dev" : "serve");
    server_stream_send(listener->stream, bytes_str(text));
}

static void send_again(void *arg, const struct journal_entry *entry)
{
    struct listener *listener = arg;

    if ((listener->topics & entry->topic) != 0)
        tell(listener, entry->topic, bytes_of(entry->text, entry->len));
}

/* The number in "BOOT-NUMBER", both in hexadecimal. */
static bool parse_id(const struct streams *streams, struct bytes id, uint64_t *ret_number)
{
    struct bytes boot = bytes_take_until(&id, '-');
    char text[STREAMS_BOOT_LEN] = "";
    char *rest;

    if (!bytes_eq(boot, bytes_str(streams->boot)) || id.len != sizeof(text) - 1)
        return false;
    memcpy(text, id.ptr, id.len);
    *ret_number = strtoull(text, &rest, 16);
    return *rest == '\0';
}

/* From where the page was on; what it asks for is not known of old messages, so a query
 * only goes on where nothing was missed. */
static void resume(struct listener *listener, struct bytes last_id)
{
    const struct journal *journal = &listener->streams->journal;
    uint64_t number;

    if (last_id.len == 0)
        return;
    if (parse_id(listener->streams, last_id, &number) &&
        journal_has_since(journal, number,
                          listener->query.n_terms > 0 ? 0 : RESUME_BYTES))
        journal_each_since(journal, number, send_again, listener);
    else
        server_stream_send(listener->stream,
                           BYTES("event: reset\ndata: {\"kind\":\"reset\"}\n\n"));
}

static void add_listener(struct streams *streams, const struct site_call *call,
                         const struct query *query, unsigned topics)
{
    struct listener *listener = mem_new(struct listener);
    bool is_page = server_query(call->request, "topics").ptr != NULL;

    listener->streams = streams;
    listener->query = *query;
    listener->principal = call->principal;
    listener->site = call->site;
    listener->is_page = is_page;
    listener->topics =
        is_page ? topics : (unsigned)TOPIC_STATS | TOPIC_EVENTS | TOPIC_INSTALLS;
    const struct bytes last_id = server_header(call->request, "Last-Event-ID");
    cleanup(freep) char *last = bytes_copy(last_id);

    listener->stream = server_stream_start(call->request, "text/event-stream",
                                           BACKLOG_BYTES, on_closed, listener);
    list_push(&streams->listeners, &listener->link);
    atomic_store(&streams->n_listeners, streams->listeners.n_links);
    streams->site = call->site;
    server_stream_send(listener->stream, BYTES(": open\n\n"));
    if (is_page) {
        say_hello(listener);
        resume(listener, bytes_str(last));
    }
    start_counting(streams);
}

static int read_wish(const struct site_call *call, struct query *query, unsigned *topics,
                     struct err *err)
{
    struct bytes text = server_query(call->request, "topics");

    *topics = topics_of(text);
    if (text.ptr != NULL && *topics == 0)
        return err_code(err, "PA7030", ERR_USAGE,
                        "topics are stats, events, jobs and installs, with commas");
    return query_parse(server_query(call->request, "q"), clock_wall_ms(), query, err);
}

void streams_add(struct streams *streams, const struct site_call *call)
{
    struct query query = {0};
    unsigned topics;
    struct err err = {0};

    if (read_wish(call, &query, &topics, &err) < 0) {
        if (query.fault_len > 0)
            site_problem_query(call->request, &query, &err);
        else
            site_problem_err(call->request, &err);
        return;
    }
    if (veil_refuses(call, &query)) {
        query_done(&query);
        return;
    }
    pthread_mutex_lock(&streams->lock);
    if (streams->listeners.n_links < MAX_STREAMS && !streams->is_ended) {
        add_listener(streams, call, &query, topics);
        pthread_mutex_unlock(&streams->lock);
        return;
    }
    pthread_mutex_unlock(&streams->lock);
    query_done(&query);
    site_problem(call->request, 503, NULL, "too many streams are open");
}

/* --- to whom it goes -----------------------------------------------------------------
 */

static bool is_in_pace(struct listener *listener, const struct message *message)
{
    if (!listener->is_page || message->kind == MESSAGE_OTHER)
        return true;
    return message->kind == MESSAGE_EVENT
               ? pace_event(&listener->pace, message->facts.event_row)
               : pace_delivery(&listener->pace, message->facts.event_row);
}

/* By @facts, without those that the message does not know. */
static enum query_answer ask(const struct listener *listener,
                             const struct message *message,
                             const struct query_facts *facts)
{
    if ((listener->topics & message->topic) == 0)
        return QUERY_NO;
    /* What is no event has nothing that a page's query could speak of. */
    if (listener->is_page && message->topic != TOPIC_EVENTS)
        return QUERY_YES;
    return query_judge(&listener->query, facts, message->asked);
}

/* To those whose query says yes by what is known. True when somebody's says neither yes
 * nor no without the facts that are missing. */
static bool send_known(struct streams *streams, const struct message *message)
{
    bool needs_more = false;

    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        struct listener *listener = list_entry(link, struct listener, link);
        enum query_answer answer = ask(listener, message, &message->facts);

        needs_more |= answer == QUERY_UNKNOWN;
        if (answer == QUERY_YES && is_in_pace(listener, message))
            tell(listener, message->topic, buf_bytes(&message->text));
    }
    return needs_more;
}

/* With all @facts, to those who could not be answered without. */
static void send_late(struct streams *streams, const struct message *message,
                      const struct query_facts *facts)
{
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        struct listener *listener = list_entry(link, struct listener, link);

        if (ask(listener, message, facts) == QUERY_UNKNOWN &&
            query_match(&listener->query, facts) && is_in_pace(listener, message))
            tell(listener, message->topic, buf_bytes(&message->text));
    }
}

/* The desk does not keep up: like a reader that is too slow. */
static void cut_off(struct streams *streams, const struct message *message)
{
    for (struct list_link *link = streams->listeners.first; link != NULL;
         link = link->next) {
        struct listener *listener = list_entry(link, struct listener, link);

        if (ask(listener, message, &message->facts) != QUERY_UNKNOWN)
            continue;
        if (listener->is_page)
            listener->n_missed++;
        else
            end(listener);
    }
}

static void judge(struct streams *streams, struct reader *reader,
                  const struct message *message)
{
    cleanup(arena_done) struct arena arena = {0};
    struct query_facts facts = message->facts;
    struct err err;

    arena_init(&arena);
    if (streams_complete(reader, message, &facts, &arena, &err) <= 0)
        return; /* retention was faster */
    pthread_mutex_lock(&streams->lock);
    send_late(streams, message, &facts);
    pthread_mutex_unlock(&streams->lock);
}

static void run_judging(struct reader *reader, struct desk_job *job)
{
    struct streams *streams = container_of(job, struct streams, judging);
    struct list messages;
    struct list_link *link;

    pthread_mutex_lock(&streams->lock);
    messages = streams->unjudged;
    streams->unjudged = (struct list){0};
    streams->is_judging = false;
    pthread_mutex_unlock(&streams->lock);
    while ((link = list_pop(&messages)) != NULL) {
        struct message *message = list_entry(link, struct message, link);

        judge(streams, reader, message);
        message_free(message);
    }
}

/* Takes the message's text. */
static void leave_to_desk(struct streams *streams, struct message *message)
{
    struct message *kept;

    if (streams->unjudged.n_links >= MAX_UNJUDGED) {
        cut_off(streams, message);
        return;
    }
    kept = mem_new(struct message);
    *kept = *message;
    message->text = (struct buf){0};
    kept->facts.error_name = bytes_str(kept->error_name);
    kept->facts.status_cause = bytes_str(kept->cause);
    list_push(&streams->unjudged, &kept->link);
    if (streams->is_judging)
        return; /* as above: not ours to write to */
    streams->judging.run_fn = run_judging;
    streams->is_judging = desk_ask(streams->site->desk, &streams->judging);
}

void streams_begin(const struct streams *streams, const char *name, struct buf *text)
{
    buf_addf(text, "id: %s-%016x\nevent: %s\ndata: ", streams->boot, 0, name);
}

/* The number is known only now: it stands where streams_begin left room for it. */
static void set_number(const struct streams *streams, struct message *message)
{
    char digits[STREAMS_BOOT_LEN];

    snprintf(digits, sizeof(digits), "%016llx",
             (unsigned long long)journal_next(&streams->journal));
    memcpy(message->text.ptr + strlen("id: ") + STREAMS_BOOT_LEN, digits,
           sizeof(digits) - 1);
}

void streams_send(struct streams *streams, struct message *message)
{
    buf_add_text(&message->text, "\n\n");
    if (message->text.full)
        return;
    pthread_mutex_lock(&streams->lock);
    set_number(streams, message);
    journal_add(&streams->journal, buf_bytes(&message->text), message->topic);
    if (send_known(streams, message))
        leave_to_desk(streams, message);
    pthread_mutex_unlock(&streams->lock);
}

void api_stream_get(const struct site_call *call)
{
    streams_add(call->site->streams, call);
}
