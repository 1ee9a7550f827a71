/* SPDX-License-Identifier: MIT */

#include "core/id.h"
#include "store/reader_rows.h"

/*
 * Searching: a source gives event rows, newest first, that may match; the query judges
 * every delivery of each. Sources use the indexes of what the background has filed, and
 * always join the tail that it has not. A call looks at a bounded number of rows.
 */

enum { MAX_LOOKS = 200000, MAX_TOTAL = 10000, SPAN_ROWS = 1024 };

/* The answers of hunt_next; 0 is the end. */
enum { HUNT_FOUND = 1, HUNT_TIRED = 2 };

/* ?1: rows below this. ?2: filed up to here. ?3 and ?4: filed rows from here to below
 * there, for a search by time. ?5: the user's or event's name. */
#define TAIL "SELECT id FROM event WHERE id > ?2 AND id < ?1"
#define FILED " FROM search WHERE id < ?1 AND id <= ?2 AND id >= ?3 AND id < ?4"
#define NEWEST_FIRST " ORDER BY 1 DESC"

static const char *const source_all = TAIL " UNION ALL SELECT id" FILED NEWEST_FIRST;
static const char *const source_user =
    TAIL " UNION SELECT id" FILED " AND user = ?5 UNION SELECT id" FILED
         " AND anonymous = ?5" NEWEST_FIRST;
static const char *const source_name =
    TAIL " UNION ALL SELECT id" FILED " AND name = ?5" NEWEST_FIRST;
static const char *const source_one = "SELECT id FROM event WHERE id = ?1";
static const char *const source_dead =
    "SELECT DISTINCT event FROM delivery WHERE state = 6"
    " AND state <> 4 AND event < ?1 ORDER BY event DESC";
static const char *const source_discarded =
    "SELECT DISTINCT event FROM delivery WHERE state = 5"
    " AND state <> 4 AND event < ?1 ORDER BY event DESC";
/* Below the low-water mark every event that waits has a row. */
static const char *const source_waiting =
    "SELECT id FROM event WHERE id < ?1 AND id >= (SELECT low_water FROM progress)"
    " UNION SELECT event FROM delivery WHERE state = 1 AND state <> 4 AND event < ?1"
    " UNION SELECT event FROM delivery WHERE state = 3 AND state <> 4 AND event < "
    "?1" NEWEST_FIRST;

struct hunt {
    struct reader *reader;
    const struct reader_find *find;
    struct query_narrow narrow;
    int64_t indexed;
    int64_t low_row, high_row; /* of filed rows, by time */
    struct sql_statement *source;
    size_t n_looks;
    int64_t last_row;      /* looked at */
    struct rows_head head; /* what was found */
    /* Names last looked up: events come in runs of one key and one subscription. */
    struct arena names;
    int64_t key;
    uint16_t subscription;
    struct bytes key_name, subscription_name;
    char key_id[ID_TEXT_LEN];
};

static void hunt_done(struct hunt *hunt)
{
    sql_resetp(&hunt->source);
    arena_done(&hunt->names);
}

/* --- the source --------------------------------------------------------------------- */

static int number_at(struct sql *sql, const char *literal, int64_t value,
                     int64_t otherwise, int64_t *ret_number, struct err *err)
{
    cleanup(sql_resetp) struct sql_statement *select = sql_use(sql, literal, err);
    int result;

    if (select == NULL)
        return -1;
    sql_bind(select, 1, value);
    result = sql_step(select, err);
    *ret_number = result == SQL_ROW ? sql_i64(select, 0) : otherwise;
    return result < 0 ? -1 : 0;
}

/* Which filed rows can lie in the asked time, by the times of their spans. */
static int bound_by_time(struct hunt *hunt, struct err *err)
{
    int64_t first = 0, last = INT64_MAX / SPAN_ROWS - 1;

    if (hunt->narrow.after_ms != INT64_MIN &&
        number_at(hunt->reader->sql,
                  "SELECT id FROM span WHERE last_at >= ?1 ORDER BY id LIMIT 1",
                  hunt->narrow.after_ms, last, &first, err) < 0)
        return -1;
    if (hunt->narrow.before_ms != INT64_MAX &&
        number_at(hunt->reader->sql,
                  "SELECT id FROM span WHERE first_at < ?1 ORDER BY id DESC LIMIT 1",
                  hunt->narrow.before_ms, -1, &last, err) < 0)
        return -1;
    hunt->low_row = first * SPAN_ROWS;
    hunt->high_row = (last + 1) * SPAN_ROWS;
    return 0;
}

static const char *choose_source(const struct hunt *hunt)
{
    if (hunt->narrow.event_row != 0)
        return source_one;
    if (hunt->find->is_dead_list || hunt->narrow.state == DELIVERY_DEAD)
        return source_dead;
    if (hunt->narrow.state == DELIVERY_DISCARDED)
        return source_discarded;
    if (hunt->narrow.user.len > 0)
        return source_user;
    if (hunt->narrow.name.len > 0)
        return source_name;
    if (hunt->narrow.state != DELIVERY_NONE && !delivery_is_terminal(hunt->narrow.state))
        return source_waiting;
    return source_all;
}

static bool is_filed(const char *source)
{
    return source == source_all || source == source_user || source == source_name;
}

static int open_source(struct hunt *hunt, int64_t below_row, struct err *err)
{
    const char *text = choose_source(hunt);
    int64_t wanted = hunt->narrow.event_row;

    hunt->source = sql_use(hunt->reader->sql, text, err);
    if (hunt->source == NULL)
        return -1;
    if (text == source_one) {
        sql_bind(hunt->source, 1, wanted < below_row ? wanted : 0);
        return 0;
    }
    sql_bind(hunt->source, 1, below_row);
    if (!is_filed(text))
        return 0;
    sql_bind(hunt->source, 2, hunt->indexed);
    sql_bind(hunt->source, 3, hunt->low_row);
    sql_bind(hunt->source, 4, hunt->high_row);
    if (text != source_all)
        sql_bind_text(hunt->source, 5,
                      text == source_user ? hunt->narrow.user : hunt->narrow.name);
    return 0;
}

static int hunt_begin(struct hunt *hunt, struct reader *reader,
                      const struct reader_find *find, int64_t below_row, struct err *err)
{
    *hunt = (struct hunt){.reader = reader, .find = find};
    arena_init(&hunt->names);
    query_narrow(find->query, &hunt->narrow);
    hunt->last_row = below_row > 0 ? below_row : INT64_MAX;
    if (sql_number(reader->sql, "SELECT indexed FROM progress", 0, &hunt->indexed, err) <
            0 ||
        bound_by_time(hunt, err) < 0)
        return -1;
    return open_source(hunt, hunt->last_row, err);
}

/* --- the judge ---------------------------------------------------------------------- */

static int look_up_names(struct hunt *hunt, struct err *err)
{
    int64_t created_at_ms;

    if (hunt->head.key != hunt->key) {
        hunt->key = hunt->head.key;
        if (rows_key(hunt->reader, hunt->key, &hunt->names, &hunt->key_name,
                     &created_at_ms, err) < 0)
            return -1;
        id_format((struct id){.kind = ID_KEY, .time_ms = created_at_ms, .row = hunt->key},
                  hunt->key_id);
    }
    if (hunt->head.subscription != hunt->subscription) {
        hunt->subscription = hunt->head.subscription;
        if (rows_subscription(hunt->reader, hunt->subscription, &hunt->names,
                              &hunt->subscription_name, err) < 0)
            return -1;
    }
    return 0;
}

static bool delivery_matches(const struct hunt *hunt, struct query_facts *facts,
                             const struct reader_delivery *delivery)
{
    char replay_id[ID_TEXT_LEN] = "";

    if (hunt->find->is_dead_list &&
        (delivery->state != DELIVERY_DEAD || delivery->superseded_by != 0))
        return false;
    if (delivery->replay != 0)
        id_format((struct id){.kind = ID_REPLAY,
                              .time_ms = delivery->replay_created_at_ms,
                              .row = delivery->replay},
                  replay_id);
    facts->delivery_row = delivery->row;
    facts->state = delivery->state;
    facts->error_name = delivery->error_name;
    facts->replay_id = bytes_str(replay_id);
    return query_match(hunt->find->query, facts);
}

/* 1 when one of the event's deliveries matches, 0, -1. */
static int judge_deliveries(struct hunt *hunt, struct query_facts *facts, struct err *err)
{
    struct rows_deliveries walk = {.head = &hunt->head,
                                   .live_state = hunt->find->live_state,
                                   .arg = hunt->find->arg};
    struct reader_delivery delivery;
    int result;

    while ((result = rows_next_delivery(hunt->reader, &walk, &delivery, err)) == 1) {
        if (delivery_matches(hunt, facts, &delivery))
            return 1;
    }
    return result;
}

/* 1 when the event matches, 0, -1. */
static int judge(struct hunt *hunt, int64_t row, struct err *err)
{
    struct rows_head *head = &hunt->head;
    struct bytes payload = bytes_of(NULL, 0);
    int result = rows_head(hunt->reader, row, hunt->indexed, head, err);

    if (result != SQL_ROW)
        return result;
    if (head->received_at_ms < hunt->narrow.after_ms ||
        head->received_at_ms >= hunt->narrow.before_ms)
        return 0;
    if (look_up_names(hunt, err) < 0 ||
        (hunt->narrow.needs_payload &&
         rows_payload(hunt->reader, row, &payload, err) < 0))
        return -1;
    struct query_facts facts = {
        .event_row = row,
        .received_at_ms = head->received_at_ms,
        .kind = head->kind,
        .name = head->name,
        .user_id = head->user_id,
        .anonymous_id = head->anonymous_id,
        .message_id = head->message_id,
        .subscription = hunt->subscription_name,
        .key_id = hunt->key != 0 ? bytes_str(hunt->key_id) : bytes_of(NULL, 0),
        .key_name = hunt->key_name,
        .payload = payload,
    };
    return judge_deliveries(hunt, &facts, err);
}

/* HUNT_FOUND: hunt->head. HUNT_TIRED: enough rows for one call. 0: no more. -1. */
static int hunt_next(struct hunt *hunt, struct err *err)
{
    int result;

    while ((result = sql_step(hunt->source, err)) == SQL_ROW) {
        if (hunt->n_looks++ >= MAX_LOOKS)
            return HUNT_TIRED;
        hunt->last_row = sql_i64(hunt->source, 0);
        result = judge(hunt, hunt->last_row, err);
        if (result != 0)
            return result < 0 ? -1 : HUNT_FOUND;
    }
    return result;
}

/* --- pages -------------------------------------------------------------------------- */

static int fill_page(struct hunt *hunt, struct arena *arena, struct reader_page *page,
                     struct err *err)
{
    const struct reader_find *find = hunt->find;
    const struct rows_deliveries walk = {.live_state = find->live_state,
                                         .arg = find->arg,
                                         .needs_attempts = find->needs_attempts};
    int result = 0;

    page->events = arena_zero(arena, (find->limit + 1) * sizeof(*page->events));
    /* One match more than asked for tells whether there is a next page. */
    while ((result = hunt_next(hunt, err)) == HUNT_FOUND &&
           page->n_events < find->limit) {
        if (rows_event(hunt->reader, &hunt->head, &walk, arena,
                       &page->events[page->n_events], err) < 0)
            return -1;
        page->n_events++;
    }
    if (result < 0)
        return -1;
    if (result == HUNT_TIRED)
        page->next_row = hunt->last_row;
    else if (result == HUNT_FOUND && page->n_events > 0)
        page->next_row = page->events[page->n_events - 1].row;
    return 0;
}

static int count_matches(struct reader *reader, const struct reader_find *find,
                         int64_t *ret_total, struct err *err)
{
    cleanup(hunt_done) struct hunt hunt = {0};
    int64_t total = 0;
    int result;

    if (find->query->n_terms == 0 && !find->is_dead_list) {
        result = sql_number(reader->sql,
                            "SELECT count(*) FROM (SELECT 1 FROM event LIMIT 10001)", 0,
                            &total, err);
    } else {
        result = hunt_begin(&hunt, reader, find, 0, err);
        while (result == 0 && total <= MAX_TOTAL &&
               (result = hunt_next(&hunt, err)) == HUNT_FOUND) {
            total++;
            result = 0;
        }
    }
    *ret_total = result == HUNT_TIRED || total > MAX_TOTAL ? -1 : total;
    return result < 0 ? -1 : 0;
}

static int find_page(struct reader *reader, const struct reader_find *find,
                     struct arena *arena, struct reader_page *page, struct err *err)
{
    cleanup(hunt_done) struct hunt hunt = {0};

    if (hunt_begin(&hunt, reader, find, find->below_row, err) < 0 ||
        fill_page(&hunt, arena, page, err) < 0)
        return -1;
    return 0;
}

int reader_find(struct reader *reader, const struct reader_find *find,
                struct arena *arena, struct reader_page *ret_page, struct err *err)
{
    struct reader_page page = {.total = -1};
    int result;

    if (sql_begin(reader->sql, err) < 0)
        return -1;
    result = find_page(reader, find, arena, &page, err);
    if (result == 0 && find->needs_total)
        result = count_matches(reader, find, &page.total, err);
    sql_rollback(reader->sql);
    if (result == 0)
        *ret_page = page;
    return result;
}
