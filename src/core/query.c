/* SPDX-License-Identifier: MIT */

#include "core/query.h"

#include "core/id.h"
#include "core/query_text.h"

void query_done(struct query *query)
{
    arena_done(&query->arena);
    query->n_terms = 0;
}

static void narrow_term(const struct query_term *term, struct query_narrow *narrow)
{
    bool has_star = query_text_has_star(term->text);

    switch (term->field) {
    case QUERY_AFTER:
        if (term->number > narrow->after_ms)
            narrow->after_ms = term->number;
        return;
    case QUERY_BEFORE:
        if (term->number < narrow->before_ms)
            narrow->before_ms = term->number;
        return;
    case QUERY_ID:
        if (term->id_kind == ID_EVENT)
            narrow->event_row = term->number;
        return;
    case QUERY_IS:
        narrow->state = term->state;
        return;
    case QUERY_USER:
        if (!has_star)
            narrow->user = term->text;
        return;
    case QUERY_EVENT:
        if (!has_star)
            narrow->name = term->text;
        return;
    case QUERY_WORD:
    case QUERY_TYPE:
    case QUERY_SUB:
    case QUERY_KEY:
    case QUERY_MESSAGE:
    case QUERY_REPLAY:
    case QUERY_ERROR:
        return;
    }
}

void query_narrow(const struct query *query, struct query_narrow *ret_narrow)
{
    *ret_narrow = (struct query_narrow){.after_ms = INT64_MIN, .before_ms = INT64_MAX};
    for (size_t i = 0; i < query->n_terms; i++) {
        const struct query_term *term = &query->terms[i];

        if (term->field == QUERY_WORD)
            ret_narrow->needs_payload = true;
        if (!term->is_excluded)
            narrow_term(term, ret_narrow);
    }
}

static bool matches_user(struct bytes pattern, const struct query_facts *facts)
{
    struct bytes user = facts->user_id.len > 0 ? facts->user_id : facts->anonymous_id;

    return query_text_matches(pattern, user);
}

/* Rows begin anew in a new store, so an event's id is also known by its time. */
static bool matches_id(const struct query_term *term, const struct query_facts *facts)
{
    if (term->id_kind == ID_DELIVERY)
        return term->number == facts->delivery_row;
    return term->number == facts->event_row && term->id_time_ms == facts->received_at_ms;
}

static bool matches(const struct query_term *term, const struct query_facts *facts)
{
    switch (term->field) {
    case QUERY_WORD:
        return query_text_contains(facts->payload, term->text);
    case QUERY_IS:
        return facts->state == term->state;
    case QUERY_TYPE:
        return facts->kind == term->kind;
    case QUERY_EVENT:
        return query_text_matches(term->text, facts->name);
    case QUERY_USER:
        return matches_user(term->text, facts);
    case QUERY_SUB:
        return query_text_matches(term->text, facts->subscription);
    case QUERY_KEY:
        return bytes_eq_nocase(term->text, facts->key_id) ||
               query_text_matches(term->text, facts->key_name);
    case QUERY_ID:
        return matches_id(term, facts);
    case QUERY_MESSAGE:
        return query_text_matches(term->text, facts->message_id);
    case QUERY_REPLAY:
        return bytes_eq_nocase(term->text, facts->replay_id);
    case QUERY_ERROR:
        return query_text_matches(term->text, facts->error_name);
    case QUERY_AFTER:
        return facts->received_at_ms >= term->number;
    case QUERY_BEFORE:
        return facts->received_at_ms < term->number;
    }
    return false;
}

bool query_match(const struct query *query, const struct query_facts *facts)
{
    for (size_t i = 0; i < query->n_terms; i++) {
        const struct query_term *term = &query->terms[i];

        if (matches(term, facts) == term->is_excluded)
            return false;
    }
    return true;
}

bool query_looks_at(const struct query *query, unsigned fields)
{
    for (size_t i = 0; i < query->n_terms; i++) {
        if ((fields & 1u << query->terms[i].field) != 0)
            return true;
    }
    return false;
}
