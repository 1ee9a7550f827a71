/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * streams_state - what the files of streams share: streams.c has the listeners,
 * streams_tell.c makes the messages, streams_facts.c looks up what these did not know.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "core/query.h"
#include "service/console/jobs.h"
#include "service/console/journal.h"
#include "service/desk.h"
#include "service/streams.h"

enum { STREAMS_MESSAGE_BYTES = 16 << 10, STREAMS_BOOT_LEN = 17 };

enum streams_topic { /* bits */
                     TOPIC_STATS = 1,
                     TOPIC_EVENTS = 2,
                     TOPIC_JOBS = 4,
                     TOPIC_INSTALLS = 8,
};

enum streams_kind { MESSAGE_OTHER = 0, MESSAGE_EVENT, MESSAGE_DELIVERY };

struct message {
    struct list_link link; /* while the desk has not judged it */
    enum streams_topic topic;
    enum streams_kind kind;
    struct query_facts facts;
    unsigned asked; /* the facts that are missing, see QUERY_BIT */
    int64_t function_version;
    char error_name[64]; /* what facts.error_name borrows */
    char cause[16];      /* and facts.status_cause */
    struct buf text;     /* begins with its id, see streams_begin */
};

struct streams {
    pthread_mutex_t lock;
    struct list listeners;
    atomic_size_t n_listeners;
    _Atomic int64_t wanted_until_ms; /* monotonic: a page may come back until then */
    bool is_ended;
    const struct site *site; /* since the first listener */
    struct list unjudged;    /* messages; the oldest first */
    struct desk_job judging, counting;
    bool is_judging, is_counting; /* the job is with the desk */
    struct journal journal;
    struct jobs_watch jobs; /* the desk's, while is_counting */
    unsigned n_ticks;
    char boot[STREAMS_BOOT_LEN]; /* ids of another process are not ours */
    char build[STREAMS_BOOT_LEN];
};

/* Whether anybody is there, or may be back soon. */
bool streams_are_wanted(struct streams *streams);
/* A message's head: "id: …", "event: @name", "data: ". */
void streams_begin(const struct streams *streams, const char *name, struct buf *text);
/* Numbers it, keeps it, and sends it to whom it goes. */
void streams_send(struct streams *streams, struct message *message);
/* A job is new or has moved; @arg: the streams. */
struct store_export;
void streams_export(void *arg, const struct store_export *export);
void streams_job(void *arg, const struct reader_replay *replay);
/* All @facts of a @message of an event or a delivery, by the desk; what the store says
 * lies in @arena or is the reader's until its next call. 0: the event is gone. */
must_check
int streams_complete(struct reader *reader, const struct message *message,
                     struct query_facts *facts, struct arena *arena, struct err *err);
