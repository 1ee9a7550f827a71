/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * reader - looking at the store without disturbing it: a read-only connection.
 *
 * For the console, the API and the command line, each on a thread of its own. A reader
 * never checkpoints. It sees what is committed; states that live in memory (running) are
 * the caller's to lay over.
 */

#include "base/arena.h"
#include "core/query.h"
#include "store/installs.h"
#include "store/store.h"

struct reader;

must_check
int reader_open(const char *path, struct reader **ret_reader, struct err *err);
void reader_close(struct reader *reader);

struct reader_delivery {
    int64_t row, event;
    int64_t created_at_ms;
    uint16_t subscription;
    int64_t replay; /* 0: none */
    int64_t replay_created_at_ms;
    int64_t function_version;
    enum delivery_state state;
    unsigned attempts;
    int64_t next_at_ms, settled_at_ms;
    struct bytes error_name;
    struct bytes attempts_json; /* objects joined by ",": put [ ] around them */
    int64_t superseded_by;      /* of a dead one: the replay; 0 none */
};

struct reader_event {
    int64_t row;
    int64_t received_at_ms;
    uint16_t subscription;
    struct bytes subscription_name;
    int64_t key;
    struct bytes key_name;
    int64_t key_created_at_ms;
    enum event_kind kind;
    struct bytes name, user_id, anonymous_id, group_id, previous_id, message_id;
    uint8_t sha256[SHA256_LEN];
    bool has_settings;
    bool is_erased;                     /* payload was blanked by a delete */
    struct bytes payload;               /* as received */
    struct reader_delivery *deliveries; /* the first one first; an event that has not been
                                           settled or retried shows QUEUED here */
    size_t n_deliveries;
};

/* A call looks at a bounded number of events, or for a bounded time: a page may be short,
 * even empty, and still have a next_row; and total be -1 because that was not enough to
 * tell. */
struct reader_page {
    struct reader_event *events; /* newest first; all in the arena given */
    size_t n_events;
    int64_t next_row;     /* events below this row follow; 0: no more */
    int64_t total;        /* all matches; -1 when more than 10,000, or not known */
    bool is_partial;      /* it stopped looking before the page was full */
    size_t n_looks;       /* events looked at for the page, */
    int64_t looked_to_ms; /* down to this time */
};

struct reader_find {
    const struct query *query;
    int64_t below_row; /* 0: from the newest */
    size_t limit;
    bool is_dead_list; /* only dead letters that are not superseded */
    bool needs_total;
    bool needs_attempts; /* else attempts_json stays empty */
    /* With a clock, microseconds that do not go back: it stops looking after budget_us.
     * NULL: after 200,000 events. */
    int64_t (*clock_us)(void);
    int64_t budget_us;
    /* The state in memory of a delivery that the store shows as queued or retrying, so
     * that is:running works; laid over the deliveries returned, too. NULL: as stored. */
    enum delivery_state (*live_state)(void *arg, int64_t delivery_row,
                                      enum delivery_state stored);
    void *arg;
};

must_check
int reader_find(struct reader *reader, const struct reader_find *find,
                struct arena *arena, struct reader_page *ret_page, struct err *err);
/* One event with everything. 1 found, 0 not there, -1. */
must_check
int reader_get(struct reader *reader, int64_t event_row, struct arena *arena,
               struct reader_event *ret_event, struct err *err);
/* What the key of an event says of where it comes from. */
struct reader_origin {
    struct bytes key_name;
    int64_t key_created_at_ms;
    int64_t install; /* Segment's number; 0: none */
    struct bytes source;
};
/* Zeros for a key that is not there. */
must_check
int reader_origin(struct reader *reader, int64_t key, struct arena *arena,
                  struct reader_origin *ret_origin, struct err *err);
/* The name of a function's version; empty: not there. */
must_check
int reader_function(struct reader *reader, int64_t version, struct arena *arena,
                    struct bytes *ret_name, struct err *err);
/* The event of a delivery row; 0 not there. */
must_check
int reader_event_of(struct reader *reader, int64_t delivery_row, int64_t *ret_event_row,
                    struct err *err);

struct reader_replay {
    int64_t row, created_at_ms;
    struct bytes query;
    int64_t matched, delivered, discarded, dead; /* the rest is on its way */
};
/* 1 found, 0 not there, -1. */
must_check
int reader_replay(struct reader *reader, int64_t row, struct arena *arena,
                  struct reader_replay *ret_replay, struct err *err);

/* The newest READER_REPLAYS, newest first. */
enum { READER_REPLAYS = 20 };
struct reader_replays {
    struct reader_replay list[READER_REPLAYS];
    size_t n;
};
must_check
int reader_replays(struct reader *reader, struct arena *arena,
                   struct reader_replays *ret_replays, struct err *err);
/* Its row; 0: there was none yet. */
must_check
int reader_newest_replay(struct reader *reader, int64_t *ret_row, struct err *err);

/* All keys and tokens, as in store.h, without their sealed values. */
must_check
int reader_each_key(struct reader *reader, store_key_fn *fn, void *arg, struct err *err);
must_check
int reader_each_token(struct reader *reader, store_token_fn *fn, void *arg,
                      struct err *err);
/* All installs, newest first, without their tokens. */
must_check
int reader_each_install(struct reader *reader, store_install_fn *fn, void *arg,
                        struct err *err);
/* Dead letters that nobody has replayed, by subscription and name of the last error: what
 * a query can name. The group of the newest letter first. */
enum { READER_DEAD_GROUPS = 100, READER_DEAD_LOOKS = 40000 };
struct reader_dead_sample { /* of a letter's last attempt; empty: there was none */
    struct bytes message;
    struct bytes url; /* of its last request */
    int status;       /* what that was answered, 0: nothing */
};
struct reader_dead_group {
    struct bytes subscription, error_name;
    int64_t count;
    int64_t first_at_ms, last_at_ms; /* when they died */
    int64_t first_row, last_row;
    struct reader_dead_sample oldest, newest;
};
struct reader_dead_groups {
    struct reader_dead_group list[READER_DEAD_GROUPS];
    size_t n;
    int64_t total;     /* groups */
    int64_t n_letters; /* of the newest READER_DEAD_LOOKS that were looked at */
};
must_check
int reader_dead_groups(struct reader *reader, struct arena *arena,
                       struct reader_dead_groups *ret_groups, struct err *err);
/* When the delivery came that has waited longest, wall; 0: none waits. */
must_check
int reader_oldest_waiting(struct reader *reader, int64_t *ret_at_ms, struct err *err);
/* When the oldest event that is stored came, and the oldest of which a dead letter is
 * left; wall, 0: there is none. */
must_check
int reader_oldest_event(struct reader *reader, int64_t *ret_at_ms,
                        int64_t *ret_dead_at_ms, struct err *err);
/* What code there was of a function, by its path: the newest READER_VERSIONS, newest
 * first. */
enum { READER_VERSIONS = 100 };
struct reader_version {
    int64_t row, created_at_ms;
    uint8_t sha256[SHA256_LEN];
};
struct reader_versions {
    struct reader_version list[READER_VERSIONS];
    size_t n;
};
must_check
int reader_versions(struct reader *reader, struct bytes name,
                    struct reader_versions *ret_versions, struct err *err);
/* 1 with the source added, 0 not there, -1. */
must_check
int reader_version_source(struct reader *reader, struct bytes name, int64_t row,
                          struct buf *ret_source, struct err *err);
/* Recounts from the rows what the tally says; for `doctor` and the campaigns. */
must_check
int reader_count(struct reader *reader, struct store_tally *ret_counted, struct err *err);
