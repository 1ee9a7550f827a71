/* SPDX-License-Identifier: MIT */

#include "core/query.h"

#include <stddef.h>

#include "core/query_text.h"

void query_done(struct query *query)
{
    arena_done(&query->arena);
    query->n_terms = 0;
}

/* --- the judge ---------------------------------------------------------------------- */

static bool is_between(const struct query_term *term, int64_t value)
{
    return value >= term->low && value <= term->high;
}

/* The facts that are texts and are compared as they are. */
static const size_t texts[QUERY_N_FIELDS] = {
    [QUERY_EVENT] = offsetof(struct query_facts, name),
    [QUERY_ANON] = offsetof(struct query_facts, anonymous_id),
    [QUERY_SUB] = offsetof(struct query_facts, subscription),
    [QUERY_MESSAGE] = offsetof(struct query_facts, message_id),
    [QUERY_ERROR] = offsetof(struct query_facts, error_name),
};

static bool matches_text(const struct query_term *term, const struct query_facts *facts)
{
    const struct bytes *text = (const void *)((const char *)facts + texts[term->field]);

    return query_text_matches(term->text, *text);
}

static bool matches_state(const struct query_term *term, const struct query_facts *facts)
{
    if (facts->state != term->state)
        return false;
    return !term->is_filtered || bytes_eq(facts->error_name, BYTES("DropEvent")) ||
           bytes_eq(facts->error_name, BYTES("EventNotSupported"));
}

static bool matches_type(const struct query_term *term, const struct query_facts *facts)
{
    return facts->kind == term->kind;
}

static bool matches_user(const struct query_term *term, const struct query_facts *facts)
{
    struct bytes user = facts->user_id.len > 0 ? facts->user_id : facts->anonymous_id;

    return query_text_matches(term->text, user);
}

static struct bytes after_slashes(struct bytes path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return bytes_slice(path, at, path.len);
}

static bool matches_name(struct bytes pattern, struct bytes path)
{
    return query_text_matches(pattern, path) ||
           query_text_matches(pattern, after_slashes(path));
}

static bool matches_source(const struct query_term *term, const struct query_facts *facts)
{
    return matches_name(term->text, facts->source);
}

static bool matches_function(const struct query_term *term,
                             const struct query_facts *facts)
{
    struct bytes name = after_slashes(facts->function);

    return matches_name(term->text, facts->function) ||
           query_text_matches(term->text, bytes_slice(name, 0, bytes_index(name, '.')));
}

static bool matches_install(const struct query_term *term,
                            const struct query_facts *facts)
{
    return facts->install != 0 && is_between(term, facts->install);
}

static bool matches_key(const struct query_term *term, const struct query_facts *facts)
{
    return bytes_eq_nocase(term->text, facts->key_id) ||
           query_text_matches(term->text, facts->key_name);
}

/* Rows begin anew in a new store, so an event's id is also known by its time. */
static bool matches_id(const struct query_term *term, const struct query_facts *facts)
{
    return is_between(term, facts->event_row) &&
           term->id_time_ms == facts->received_at_ms;
}

static bool matches_delivery(const struct query_term *term,
                             const struct query_facts *facts)
{
    return is_between(term, facts->delivery_row);
}

static bool matches_replay(const struct query_term *term, const struct query_facts *facts)
{
    return bytes_eq_nocase(term->text, facts->replay_id);
}

static bool matches_status(const struct query_term *term, const struct query_facts *facts)
{
    if (term->text.len > 0)
        return bytes_eq_nocase(term->text, facts->status_cause);
    return facts->status != 0 && is_between(term, facts->status);
}

static bool matches_attempts(const struct query_term *term,
                             const struct query_facts *facts)
{
    return is_between(term, facts->attempts);
}

static bool matches_latency(const struct query_term *term,
                            const struct query_facts *facts)
{
    return facts->latency_us != 0 && is_between(term, facts->latency_us);
}

static bool matches_size(const struct query_term *term, const struct query_facts *facts)
{
    return facts->size_bytes != 0 && is_between(term, facts->size_bytes);
}

static bool matches_log(const struct query_term *term, const struct query_facts *facts)
{
    (void)term; /* has: knows nothing but the log */
    return facts->has_log;
}

static bool matches_time(const struct query_term *term, const struct query_facts *facts)
{
    return is_between(term, facts->received_at_ms);
}

static bool matches_word(const struct query_term *term, const struct query_facts *facts)
{
    return query_text_contains(facts->payload, term->text);
}

static bool matches_path(const struct query_term *term, const struct query_facts *facts)
{
    return query_text_at_path(facts->payload, term->path, term->text);
}

static bool (*const matchers[QUERY_N_FIELDS])(const struct query_term *,
                                              const struct query_facts *) = {
    [QUERY_WORD] = matches_word,         [QUERY_IS] = matches_state,
    [QUERY_TYPE] = matches_type,         [QUERY_EVENT] = matches_text,
    [QUERY_USER] = matches_user,         [QUERY_ANON] = matches_text,
    [QUERY_SUB] = matches_text,          [QUERY_SOURCE] = matches_source,
    [QUERY_FN] = matches_function,       [QUERY_INSTALL] = matches_install,
    [QUERY_KEY] = matches_key,           [QUERY_ID] = matches_id,
    [QUERY_MESSAGE] = matches_text,      [QUERY_REPLAY] = matches_replay,
    [QUERY_STATUS] = matches_status,     [QUERY_ERROR] = matches_text,
    [QUERY_ATTEMPTS] = matches_attempts, [QUERY_LATENCY] = matches_latency,
    [QUERY_SIZE] = matches_size,         [QUERY_HAS] = matches_log,
    [QUERY_AFTER] = matches_time,        [QUERY_BEFORE] = matches_time,
    [QUERY_DELIVERY] = matches_delivery, [QUERY_PATH] = matches_path,
};

static enum query_answer judge_term(const struct query_term *term,
                                    const struct query_facts *facts, unsigned unknown)
{
    if ((unknown & 1u << term->field) != 0)
        return QUERY_UNKNOWN;
    return matchers[term->field](term, facts) != term->is_excluded ? QUERY_YES : QUERY_NO;
}

/* The group that begins with term *i; *i is then behind it. */
static enum query_answer judge_group(const struct query *query, size_t *i,
                                     const struct query_facts *facts, unsigned unknown)
{
    const unsigned group = query->terms[*i].group;
    enum query_answer answer = QUERY_YES;

    for (; *i < query->n_terms && query->terms[*i].group == group; *i += 1) {
        enum query_answer one = QUERY_NO;

        if (answer != QUERY_NO)
            one = judge_term(&query->terms[*i], facts, unknown);
        if (one != QUERY_YES)
            answer = one;
    }
    return answer;
}

enum query_answer query_judge(const struct query *query, const struct query_facts *facts,
                              unsigned unknown)
{
    enum query_answer answer = query->n_terms == 0 ? QUERY_YES : QUERY_NO;
    size_t i = 0;

    while (i < query->n_terms && answer != QUERY_YES) {
        enum query_answer one = judge_group(query, &i, facts, unknown);

        if (one != QUERY_NO)
            answer = one;
    }
    return answer;
}

bool query_match(const struct query *query, const struct query_facts *facts)
{
    return query_judge(query, facts, 0) == QUERY_YES;
}

bool query_looks_at(const struct query *query, unsigned fields)
{
    for (size_t i = 0; i < query->n_terms; i++) {
        if ((fields & 1u << query->terms[i].field) != 0)
            return true;
    }
    return false;
}

/* --- where to look ------------------------------------------------------------------ */

static void narrow_text(struct bytes pattern, struct bytes *exact)
{
    if (!query_text_has_star(pattern))
        *exact = pattern;
}

static void narrow_time(const struct query_term *term, struct query_narrow *narrow)
{
    if (term->low > narrow->after_ms)
        narrow->after_ms = term->low;
    if (term->high < narrow->before_ms)
        narrow->before_ms = term->high + 1;
}

static void narrow_term(const struct query_term *term, struct query_narrow *narrow)
{
    switch (term->field) {
    case QUERY_AFTER:
    case QUERY_BEFORE:
        narrow_time(term, narrow);
        return;
    case QUERY_ID:
        narrow->event_row = term->low;
        return;
    case QUERY_IS:
        narrow->state = term->state;
        return;
    case QUERY_ERROR:
        narrow->has_error = true;
        return;
    case QUERY_USER:
        narrow_text(term->text, &narrow->user);
        return;
    case QUERY_ANON:
        narrow_text(term->text, &narrow->anonymous);
        return;
    case QUERY_EVENT:
        narrow_text(term->text, &narrow->name);
        return;
    case QUERY_WORD:
    case QUERY_TYPE:
    case QUERY_SUB:
    case QUERY_SOURCE:
    case QUERY_FN:
    case QUERY_INSTALL:
    case QUERY_KEY:
    case QUERY_MESSAGE:
    case QUERY_REPLAY:
    case QUERY_STATUS:
    case QUERY_ATTEMPTS:
    case QUERY_LATENCY:
    case QUERY_SIZE:
    case QUERY_HAS:
    case QUERY_DELIVERY:
    case QUERY_PATH:
    case QUERY_N_FIELDS:
        return;
    }
}

void query_narrow(const struct query *query, size_t group,
                  struct query_narrow *ret_narrow)
{
    *ret_narrow = (struct query_narrow){.after_ms = INT64_MIN, .before_ms = INT64_MAX};
    for (size_t i = 0; i < query->n_terms; i++) {
        const struct query_term *term = &query->terms[i];

        if (term->group == group && !term->is_excluded)
            narrow_term(term, ret_narrow);
    }
}
