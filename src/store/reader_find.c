/* SPDX-License-Identifier: MIT */

#include "core/query_record.h"
#include "store/reader_names.h"
#include "store/reader_source.h"

/*
 * Searching: sources give event rows, newest first, that may match; the query judges
 * every delivery of each. What costs more is read later, and only when what is known does
 * not decide: first the head, then names, the delivery, the record of its attempts, and
 * the payload last. A call looks at a bounded number of rows or for a bounded time.
 */

enum { MAX_LOOKS = 200000, MAX_TOTAL = 10000 };

/* The answers of hunt_next; 0 is the end. */
enum { HUNT_FOUND = 1, HUNT_TIRED = 2 };

struct hunt {
    struct reader *reader;
    const struct reader_find *find;
    int64_t first_replayed, last_replayed; /* events with replays lie between */
    bool needs_head; /* to judge; else it is read of what is found */
    struct sources sources;
    struct rows_cursors cursors;
    struct names names;
    unsigned record_fields; /* of it, what is asked for */
    int64_t until_us;
    size_t n_looks;
    int64_t last_row;      /* looked at */
    struct rows_head head; /* what was found; but for needs_head its row alone */
};

static const unsigned without_head =
    QUERY_OF_DELIVERY | QUERY_OF_RECORD | QUERY_OF_PAYLOAD;

static void hunt_done(struct hunt *hunt)
{
    sources_done(&hunt->sources);
    rows_cursors_done(&hunt->cursors);
    names_done(&hunt->names);
}

static unsigned fields_of(const struct query *query)
{
    unsigned fields = 0;

    for (size_t i = 0; i < query->n_terms; i++)
        fields |= 1u << query->terms[i].field;
    return fields;
}

static int hunt_begin(struct hunt *hunt, int64_t below_row, struct err *err)
{
    struct sql *sql = hunt->reader->sql;
    struct sources_wanted wanted = {
        .query = hunt->find->query,
        .is_dead_list = hunt->find->is_dead_list,
        .below_row = below_row > 0 ? below_row : INT64_MAX,
    };

    names_init(&hunt->names, hunt->reader);
    rows_cursors_init(&hunt->cursors);
    hunt->last_row = wanted.below_row;
    hunt->needs_head = query_looks_at(hunt->find->query, ~without_head);
    hunt->record_fields = fields_of(hunt->find->query) & QUERY_OF_RECORD;
    if (sql_number(sql, "SELECT indexed FROM progress", 0, &wanted.indexed, err) < 0 ||
        sql_number(sql,
                   "SELECT event FROM delivery WHERE replay IS NOT NULL"
                   " ORDER BY event LIMIT 1",
                   INT64_MAX, &hunt->first_replayed, err) < 0 ||
        sql_number(sql,
                   "SELECT event FROM delivery WHERE replay IS NOT NULL"
                   " ORDER BY event DESC LIMIT 1",
                   0, &hunt->last_replayed, err) < 0)
        return -1;
    return sources_open(&hunt->sources, hunt->reader, &wanted, err);
}

/* --- the judge ---------------------------------------------------------------------- */

struct look { /* at one event */
    struct hunt *hunt;
    struct query_facts facts;
    bool has_payload;
    char replay_id[ID_TEXT_LEN];
};

static bool asks(const struct look *look, unsigned fields)
{
    return query_looks_at(look->hunt->find->query, fields);
}

static enum query_answer judge_without(const struct look *look, unsigned unknown)
{
    return query_judge(look->hunt->find->query, &look->facts, unknown);
}

/* The last step: everything else is known. 1, 0, -1. */
static int judge_payload(struct look *look, struct err *err)
{
    enum query_answer answer = judge_without(look, QUERY_OF_PAYLOAD);
    struct hunt *hunt = look->hunt;

    if (answer != QUERY_UNKNOWN)
        return answer == QUERY_YES;
    if (!look->has_payload && rows_payload(hunt->reader, hunt->head.row, &hunt->cursors,
                                           &look->facts.payload, err) < 0)
        return -1;
    look->has_payload = true;
    return judge_without(look, 0) == QUERY_YES;
}

static int read_delivery(struct look *look, const struct reader_delivery *delivery,
                         struct err *err)
{
    struct query_facts *facts = &look->facts;
    const struct bytes *function;

    look->replay_id[0] = '\0';
    if (delivery->replay != 0)
        id_format((struct id){.kind = ID_REPLAY,
                              .time_ms = delivery->replay_created_at_ms,
                              .row = delivery->replay},
                  look->replay_id);
    facts->delivery_row = delivery->row;
    facts->state = delivery->state;
    facts->error_name = delivery->error_name;
    facts->attempts = delivery->attempts;
    facts->replay_id = bytes_str(look->replay_id);
    facts->function = bytes_of(NULL, 0);
    if (delivery->function_version == 0 || !asks(look, QUERY_BIT(FN)))
        return 0;
    function = names_function(&look->hunt->names, delivery->function_version, err);
    if (function == NULL)
        return -1;
    facts->function = *function;
    return 0;
}

static void read_record(struct look *look, struct bytes attempts)
{
    if (!query_record_matters(attempts, look->hunt->find->query))
        attempts = bytes_of(NULL, 0);
    query_record_read(attempts, look->hunt->record_fields, &look->facts);
}

/* 1 when this delivery matches, 0, -1. */
static int judge_delivery(struct look *look, const struct rows_deliveries *walk,
                          const struct reader_delivery *delivery, struct err *err)
{
    enum query_answer answer;

    if (look->hunt->find->is_dead_list &&
        (delivery->state != DELIVERY_DEAD || delivery->superseded_by != 0))
        return 0;
    if (read_delivery(look, delivery, err) < 0)
        return -1;
    answer = judge_without(look, QUERY_OF_RECORD | QUERY_OF_PAYLOAD);
    if (answer != QUERY_UNKNOWN)
        return answer == QUERY_YES;
    if (asks(look, QUERY_OF_RECORD))
        read_record(look, rows_attempts(walk));
    return judge_payload(look, err);
}

/* 1 when one of the event's deliveries matches, 0, -1. */
static int judge_deliveries(struct look *look, struct err *err)
{
    struct hunt *hunt = look->hunt;
    const int64_t row = hunt->head.row;
    struct rows_deliveries walk = {
        .head = &hunt->head,
        .live_state = hunt->find->live_state,
        .arg = hunt->find->arg,
        .cursors = &hunt->cursors,
        .has_no_replays = row < hunt->first_replayed || row > hunt->last_replayed,
    };
    struct reader_delivery delivery;
    int result;

    while ((result = rows_next_delivery(hunt->reader, &walk, &delivery, err)) == 1) {
        int found = judge_delivery(look, &walk, &delivery, err);

        if (found != 0)
            return found;
    }
    return result;
}

static int read_names(struct look *look, struct err *err)
{
    struct hunt *hunt = look->hunt;
    const struct names_key *key;
    const struct bytes *subscription;

    if (asks(look, QUERY_BIT(SUB))) {
        subscription = names_subscription(&hunt->names, hunt->head.subscription, err);
        if (subscription == NULL)
            return -1;
        look->facts.subscription = *subscription;
    }
    if (!asks(look, QUERY_OF_KEY))
        return 0;
    key = names_key(&hunt->names, hunt->head.key, err);
    if (key == NULL)
        return -1;
    look->facts.key_id = bytes_str(key->id);
    look->facts.key_name = key->origin.key_name;
    look->facts.install = key->origin.install;
    look->facts.source = key->origin.source;
    return 0;
}

/* 1 when the event whose head was read matches, 0, -1. */
static int judge_head(struct hunt *hunt, struct err *err)
{
    const struct rows_head *head = &hunt->head;
    struct look look = {
        .hunt = hunt,
        .facts = {.event_row = head->row,
                  .received_at_ms = head->received_at_ms,
                  .kind = head->kind,
                  .name = head->name,
                  .user_id = head->user_id,
                  .anonymous_id = head->anonymous_id,
                  .message_id = head->message_id,
                  .size_bytes = head->size_bytes},
    };
    enum query_answer answer =
        judge_without(&look, without_head | QUERY_OF_KEY | QUERY_BIT(SUB));

    if (answer == QUERY_UNKNOWN) {
        if (read_names(&look, err) < 0)
            return -1;
        answer = judge_without(&look, without_head);
    }
    if (answer == QUERY_NO || (answer == QUERY_YES && !hunt->find->is_dead_list))
        return answer == QUERY_YES;
    if (hunt->find->is_dead_list || asks(&look, QUERY_OF_DELIVERY | QUERY_OF_RECORD))
        return judge_deliveries(&look, err);
    return judge_payload(&look, err);
}

/* 1 read, 0 it is gone, -1. */
static int read_head(struct hunt *hunt, int64_t row, struct err *err)
{
    return rows_head(hunt->reader, row, &hunt->cursors, &hunt->head, err);
}

/* 1 when the event matches, 0, -1. */
static int judge(struct hunt *hunt, int64_t row, struct err *err)
{
    int result = 1;

    hunt->head = (struct rows_head){.row = row};
    if (hunt->needs_head)
        result = read_head(hunt, row, err);
    return result == 1 ? judge_head(hunt, err) : result;
}

/* At least one look is always possible, so that a search gets on. */
static bool is_tired(const struct hunt *hunt)
{
    if (hunt->n_looks == 0)
        return false;
    if (hunt->find->clock_us != NULL)
        return hunt->find->clock_us() >= hunt->until_us;
    return hunt->n_looks >= MAX_LOOKS;
}

/* HUNT_FOUND: hunt->head. HUNT_TIRED: enough rows for one call. 0: no more. -1. */
static int hunt_next(struct hunt *hunt, struct err *err)
{
    int64_t row;
    int result;

    while ((result = sources_next(&hunt->sources, &row, err)) == 1) {
        if (is_tired(hunt))
            return HUNT_TIRED;
        hunt->n_looks++;
        hunt->last_row = row;
        result = judge(hunt, row, err);
        if (result != 0)
            return result < 0 ? -1 : HUNT_FOUND;
    }
    return result;
}

/* --- pages -------------------------------------------------------------------------- */

static int add_found(struct hunt *hunt, struct arena *arena, struct reader_page *page,
                     struct err *err)
{
    const struct reader_find *find = hunt->find;
    const struct rows_deliveries walk = {.live_state = find->live_state,
                                         .arg = find->arg,
                                         .needs_attempts = find->needs_attempts};
    int result = hunt->needs_head ? 1 : read_head(hunt, hunt->head.row, err);

    if (result == 1)
        result = rows_event(hunt->reader, &hunt->head, &walk, arena,
                            &page->events[page->n_events++], err);
    return result < 0 ? -1 : 0;
}

/* How far it came in its time. */
static int say_partial(struct hunt *hunt, struct reader_page *page, struct err *err)
{
    int result = read_head(hunt, hunt->last_row, err);

    page->is_partial = true;
    page->next_row = hunt->last_row;
    if (result == 1)
        page->looked_to_ms = hunt->head.received_at_ms;
    return result < 0 ? -1 : HUNT_TIRED;
}

/* The answer of the last hunt_next. */
static int fill_page(struct hunt *hunt, struct arena *arena, struct reader_page *page,
                     struct err *err)
{
    const size_t limit = hunt->find->limit;
    int result = 0;

    page->events = arena_zero(arena, (limit + 1) * sizeof(*page->events));
    /* One match more than asked for tells whether there is a next page. */
    while ((result = hunt_next(hunt, err)) == HUNT_FOUND && page->n_events < limit) {
        if (add_found(hunt, arena, page, err) < 0)
            return -1;
    }
    page->n_looks = hunt->n_looks;
    if (result == HUNT_TIRED)
        return say_partial(hunt, page, err);
    if (result == HUNT_FOUND && page->n_events > 0)
        page->next_row = page->events[page->n_events - 1].row;
    return result;
}

/* Goes on from where the hunt is, which has found @total already and answered @result. */
static int count_on(struct hunt *hunt, int result, int64_t total, int64_t *ret_total,
                    struct err *err)
{
    while (result == HUNT_FOUND && total < MAX_TOTAL + 1) {
        total++;
        result = hunt_next(hunt, err);
    }
    *ret_total = result == 0 ? total : -1;
    return result < 0 ? -1 : 0;
}

static int count_from_newest(struct reader *reader, const struct reader_find *find,
                             int64_t until_us, int64_t *ret_total, struct err *err)
{
    cleanup(hunt_done) struct hunt hunt = {
        .reader = reader, .find = find, .until_us = until_us};
    int result = hunt_begin(&hunt, 0, err);

    if (result == 0)
        result = hunt_next(&hunt, err);
    return result < 0 ? -1 : count_on(&hunt, result, 0, ret_total, err);
}

/* A state alone is counted in its index; what changes in memory is none of these. */
static const char *count_of_state(const struct query *query)
{
    const struct query_term *term = &query->terms[0];

    if (query->n_terms != 1 || term->field != QUERY_IS || term->is_excluded ||
        term->is_filtered)
        return NULL;
    if (term->state == DELIVERY_DEAD)
        return "SELECT count(*) FROM (SELECT DISTINCT event FROM delivery"
               " WHERE state = 6 AND state <> 4 LIMIT 10001)";
    if (term->state == DELIVERY_DISCARDED)
        return "SELECT count(*) FROM (SELECT DISTINCT event FROM delivery"
               " WHERE state = 5 AND state <> 4 LIMIT 10001)";
    return NULL;
}

/* Without a query that asks for anything every event counts. */
static const char *count_at_once(const struct reader_find *find)
{
    if (find->is_dead_list)
        return NULL;
    return find->query->n_terms == 0
               ? "SELECT count(*) FROM (SELECT 1 FROM event LIMIT 10001)"
               : count_of_state(find->query);
}

static int find_page(struct reader *reader, const struct reader_find *find,
                     struct arena *arena, struct reader_page *page, struct err *err)
{
    const int64_t until_us =
        find->clock_us != NULL ? find->clock_us() + find->budget_us : 0;
    cleanup(hunt_done) struct hunt hunt = {
        .reader = reader, .find = find, .until_us = until_us};
    const char *at_once = count_at_once(find);
    int result = hunt_begin(&hunt, find->below_row, err);

    if (result == 0)
        result = fill_page(&hunt, arena, page, err);
    if (result < 0 || !find->needs_total)
        return result < 0 ? -1 : 0;
    if (at_once != NULL) {
        result = sql_number(reader->sql, at_once, 0, &page->total, err);
        page->total = page->total > MAX_TOTAL ? -1 : page->total;
        return result;
    }
    if (find->below_row == 0)
        return count_on(&hunt, result, (int64_t)page->n_events, &page->total, err);
    rows_cursors_done(&hunt.cursors);
    return count_from_newest(reader, find, until_us, &page->total, err);
}

int reader_find(struct reader *reader, const struct reader_find *find,
                struct arena *arena, struct reader_page *ret_page, struct err *err)
{
    struct reader_page page = {.total = -1};
    int result;

    if (sql_begin(reader->sql, err) < 0)
        return -1;
    result = find_page(reader, find, arena, &page, err);
    sql_rollback(reader->sql);
    if (result == 0)
        *ret_page = page;
    return result;
}
