/* SPDX-License-Identifier: MIT */

#include "store/reader_source.h"

enum { SPAN_ROWS = 1024 };

/* ?1: rows below this. ?2: filed up to here. ?3 and ?4: filed rows from here to below
 * there. ?5: the text that is looked for. One bound at each end only: of two SQLite
 * would seek by one, and walk to the other. */
#define OPEN "SELECT id FROM search WHERE id > ?2 AND id < ?1"
#define NEWEST_FIRST " ORDER BY 1 DESC"
/* ?3: rows from here on. */
#define IN_STATE(number)                                                                 \
    "SELECT event FROM delivery WHERE state = " number                                   \
    " AND state <> 4 AND event < ?1 AND event >= ?3"

static const char *const source_all =
    OPEN " UNION ALL SELECT id FROM search WHERE id >= ?3 AND id < ?4" NEWEST_FIRST;
static const char *const source_user =
    OPEN " AND (user = ?5 OR anonymous = ?5)" NEWEST_FIRST;
static const char *const source_anonymous = OPEN " AND anonymous = ?5" NEWEST_FIRST;
static const char *const source_name = OPEN " AND name = ?5" NEWEST_FIRST;
static const char *const source_one = "SELECT id FROM event WHERE id = ?1";
static const char *const source_dead = IN_STATE("6") NEWEST_FIRST;
static const char *const source_discarded = IN_STATE("5") NEWEST_FIRST;
/* What has an error is on retry, discarded or dead; or was, and waits again. */
static const char *const source_error =
    IN_STATE("1") " UNION " IN_STATE("3") " UNION " IN_STATE("5") " UNION " IN_STATE("6")
        NEWEST_FIRST;
/* Below the low-water mark every event that waits has a row. */
static const char *const source_waiting =
    "SELECT id FROM event WHERE id < ?1"
    " AND id >= max(?3, (SELECT low_water FROM progress))"
    " UNION " IN_STATE("1") " UNION " IN_STATE("3") NEWEST_FIRST;

struct plan {
    const char *text;
    struct bytes looked_for; /* ?5 */
    uint64_t key;            /* it is filed under this; 0: by its row alone */
    bool is_filed;
};

static struct plan plan_filed(const char *text, enum filed_kind kind, struct bytes value)
{
    return (struct plan){.text = text,
                         .looked_for = value,
                         .key = filed_key(kind, value),
                         .is_filed = true};
}

/* Rows of a state are fewer than of a name mostly, more than of a person. */
static struct plan choose(const struct query_narrow *narrow, bool is_dead_list)
{
    if (narrow->event_row != 0)
        return (struct plan){.text = source_one};
    if (narrow->anonymous.len > 0)
        return plan_filed(source_anonymous, FILED_ID, narrow->anonymous);
    if (narrow->user.len > 0)
        return plan_filed(source_user, FILED_ID, narrow->user);
    if (is_dead_list || narrow->state == DELIVERY_DEAD)
        return (struct plan){.text = source_dead};
    if (narrow->state == DELIVERY_DISCARDED)
        return (struct plan){.text = source_discarded};
    if (narrow->state != DELIVERY_NONE && !delivery_is_terminal(narrow->state))
        return (struct plan){.text = source_waiting};
    if (narrow->name.len > 0)
        return plan_filed(source_name, FILED_NAME, narrow->name);
    if (narrow->has_error)
        return (struct plan){.text = source_error};
    return (struct plan){.text = source_all, .is_filed = true};
}

/* --- time ----------------------------------------------------------------------------
 */

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

struct rows { /* filed ones that can lie in the asked time: from, below */
    int64_t low, high;
};

/* By the times of their spans. */
static int bound_by_time(struct sql *sql, const struct query_narrow *narrow,
                         struct rows *ret_rows, struct err *err)
{
    int64_t first = 0, last = INT64_MAX / SPAN_ROWS - 1;

    if (narrow->after_ms != INT64_MIN &&
        number_at(sql, "SELECT id FROM span WHERE last_at >= ?1 ORDER BY id LIMIT 1",
                  narrow->after_ms, last, &first, err) < 0)
        return -1;
    if (narrow->before_ms != INT64_MAX &&
        number_at(sql, "SELECT id FROM span WHERE first_at < ?1 ORDER BY id DESC LIMIT 1",
                  narrow->before_ms, -1, &last, err) < 0)
        return -1;
    ret_rows->low = first * SPAN_ROWS;
    ret_rows->high = (last + 1) * SPAN_ROWS;
    return 0;
}

/* --- one source ----------------------------------------------------------------------
 */

/* Of the slices, newest first. */
static int step_slices(struct source *source, struct sql *sql, struct err *err)
{
    for (;;) {
        int offset = filed_pop_highest(&source->rows);

        source->row = slice_first_row(source->slice) + offset;
        if (offset >= 0 && source->row >= source->low && source->row < source->high)
            return 0;
        if (offset >= 0)
            continue;
        source->row = 0;
        if (slice_first_row(source->slice) <= source->low)
            return 0;
        source->slice--;
        if (filed_find(sql, source->slice, source->key, &source->rows, err) < 0)
            return -1;
    }
}

static int step(struct source *source, struct sql *sql, struct err *err)
{
    int result = source->statement != NULL ? sql_step(source->statement, err) : 0;

    source->row = result == SQL_ROW ? sql_i64(source->statement, 0) : 0;
    if (result != 0 || source->key == 0)
        return result < 0 ? -1 : 0;
    sql_free(source->statement);
    source->statement = NULL;
    return step_slices(source, sql, err);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void bind_filed(struct source *source, const struct plan *plan,
                       const struct rows *rows, const struct sources_wanted *wanted)
{
    source->low = rows->low;
    source->high = least(rows->high, least(wanted->below_row, wanted->indexed + 1));
    sql_bind(source->statement, 2, wanted->indexed);
    if (plan->key == 0) {
        sql_bind(source->statement, 3, source->low);
        sql_bind(source->statement, 4, source->high);
        return;
    }
    sql_bind_text(source->statement, 5, plan->looked_for);
    source->key = plan->key;
    source->slice = slice_of(source->high + SLICE_ROWS - 1);
}

static int open_source(struct source *source, struct reader *reader,
                       const struct query_narrow *narrow,
                       const struct sources_wanted *wanted, struct err *err)
{
    const struct plan plan = choose(narrow, wanted->is_dead_list);
    struct rows rows = {0};

    if (bound_by_time(reader->sql, narrow, &rows, err) < 0)
        return -1;
    source->statement = sql_make(reader->sql, plan.text, err);
    if (source->statement == NULL)
        return -1;
    if (plan.text == source_one) {
        sql_bind(source->statement, 1,
                 narrow->event_row < wanted->below_row ? narrow->event_row : 0);
        return step(source, reader->sql, err);
    }
    sql_bind(source->statement, 1, wanted->below_row);
    if (plan.is_filed)
        bind_filed(source, &plan, &rows, wanted);
    else /* what is not filed has no span, and lies above all that have */
        sql_bind(source->statement, 3, least(rows.low, wanted->indexed + 1));
    return step(source, reader->sql, err);
}

/* --- all of them ---------------------------------------------------------------------
 */

int sources_open(struct sources *sources, struct reader *reader,
                 const struct sources_wanted *wanted, struct err *err)
{
    *sources = (struct sources){.sql = reader->sql};
    for (size_t group = 0; group < wanted->query->n_groups; group++) {
        struct query_narrow narrow;

        query_narrow(wanted->query, group, &narrow);
        if (open_source(&sources->of_group[sources->n_sources++], reader, &narrow, wanted,
                        err) < 0)
            return -1;
    }
    return 0;
}

void sources_done(struct sources *sources)
{
    for (size_t i = 0; i < sources->n_sources; i++)
        sql_free(sources->of_group[i].statement);
    *sources = (struct sources){0};
}

int sources_next(struct sources *sources, int64_t *ret_row, struct err *err)
{
    int64_t row = 0;

    for (size_t i = 0; i < sources->n_sources; i++) {
        if (sources->of_group[i].row > row)
            row = sources->of_group[i].row;
    }
    /* A row comes once, though several groups or deliveries have it. */
    for (size_t i = 0; i < sources->n_sources; i++) {
        while (row != 0 && sources->of_group[i].row == row) {
            if (step(&sources->of_group[i], sources->sql, err) < 0)
                return -1;
        }
    }
    *ret_row = row;
    return row != 0;
}
