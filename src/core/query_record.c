/* SPDX-License-Identifier: MIT */

#include "core/query_record.h"

#include "core/outcome.h"
#include "json/number.h"
#include "json/scan.h"
#include "json/walk.h"

#define STATUS_MEMBER "\"status\":" /* as json/write prints it */

struct attempt { /* spans of one record's members */
    struct bytes duration, error, logs, requests;
};

/* The duration stands before all that is long: who asks for nothing else stops there. */
static void read_members(struct bytes object, bool stops_early, struct attempt *attempt)
{
    struct walk_member member;

    *attempt = (struct attempt){0};
    while (walk_member(&object, &member)) {
        if (bytes_eq(member.key, BYTES("duration_ms")))
            attempt->duration = member.value;
        else if (bytes_eq(member.key, BYTES("error")))
            attempt->error = member.value;
        else if (bytes_eq(member.key, BYTES("logs")))
            attempt->logs = member.value;
        else if (bytes_eq(member.key, BYTES("requests")))
            attempt->requests = member.value;
        if (stops_early && attempt->duration.len > 0)
            return;
    }
}

/* The last element of an array's text; empty: it has none. */
static struct bytes last_element(struct bytes array)
{
    struct bytes last = bytes_of(NULL, 0);
    struct bytes rest = bytes_slice(array, 1, array.len);

    while (array.len > 0 && array.ptr[0] == '[') {
        walk_space(&rest);
        if (rest.len == 0 || rest.ptr[0] == ']')
            break;
        last = walk_value(&rest);
        walk_space(&rest);
        if (rest.len > 0 && rest.ptr[0] == ',')
            rest = bytes_slice(rest, 1, rest.len);
    }
    return last;
}

static struct bytes string_at(struct bytes object, struct bytes path)
{
    struct scan_span found;

    if (object.len == 0 || !scan_find(object, path, &found) || found.kind != SCAN_STRING)
        return bytes_of(NULL, 0);
    return scan_inside(&found);
}

static bool is_cause(struct bytes text)
{
    for (int i = TRANSPORT_TIMEOUT; i <= TRANSPORT_OTHER; i++) {
        if (bytes_eq(text, bytes_str(outcome_transport_text((enum outcome_transport)i))))
            return true;
    }
    return false;
}

struct request { /* spans of one request's members */
    struct bytes response, cause;
};

static struct request read_request(struct bytes object)
{
    struct request request = {0};
    struct walk_member member;

    while (walk_member(&object, &member)) {
        if (bytes_eq(member.key, BYTES("response")))
            request.response = member.value;
        else if (bytes_eq(member.key, BYTES("cause")))
            request.cause = member.value;
    }
    return request;
}

/* A delivery without a function has a status or a cause as its error's name. */
static void read_status(const struct attempt *attempt, struct query_facts *facts)
{
    const struct request request = read_request(last_element(attempt->requests));
    struct scan_span found;
    struct bytes cause;
    int64_t number;

    if (request.response.len > 0 &&
        scan_find(request.response, BYTES("status"), &found) &&
        bytes_to_i64(found.text, &number) && number > 0 && number < 1000)
        facts->status = (int)number;
    if (facts->status != 0)
        return;
    found = scan_span_of(request.cause);
    cause = found.kind == SCAN_STRING ? scan_inside(&found)
                                      : string_at(attempt->error, BYTES("name"));
    if (is_cause(cause))
        facts->status_cause = cause;
}

static int64_t read_latency(const struct attempt *attempt)
{
    double us = attempt->duration.len > 0 ? number_parse(attempt->duration) * 1000 : -1;

    if (us < 0 || us >= 1e15)
        return 0;
    /* 0 would say that nothing was tried. */
    return us < 1 ? 1 : (int64_t)(us + 0.5);
}

static void read_attempt(struct bytes object, unsigned fields, bool is_last,
                         struct query_facts *facts)
{
    struct attempt attempt;

    if (!is_last && (fields & QUERY_BIT(HAS)) == 0)
        return;
    read_members(object, fields == QUERY_BIT(LATENCY), &attempt);
    if ((fields & QUERY_BIT(HAS)) != 0)
        facts->has_log |= last_element(attempt.logs).len > 0;
    if (is_last && (fields & QUERY_BIT(STATUS)) != 0)
        read_status(&attempt, facts);
    if (is_last && (fields & QUERY_BIT(LATENCY)) != 0)
        facts->latency_us = read_latency(&attempt);
}

void query_record_read(struct bytes attempts, unsigned fields, struct query_facts *facts)
{
    facts->status = 0;
    facts->status_cause = bytes_of(NULL, 0);
    facts->latency_us = 0;
    facts->has_log = false;
    for (;;) {
        struct bytes object;

        walk_space(&attempts);
        if (attempts.len == 0 || attempts.ptr[0] != '{')
            return;
        object = walk_value(&attempts);
        read_attempt(object, fields, attempts.len == 0, facts);
        if (attempts.len > 0 && attempts.ptr[0] == ',')
            attempts = bytes_slice(attempts, 1, attempts.len);
    }
}

static bool occurs(struct bytes text, struct bytes part)
{
    return part.len > 0 && text.len > 0 &&
           memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* A status of the term's range, or all that begin with its first digit. */
static bool status_occurs(struct bytes attempts, const struct query_term *term)
{
    char member[sizeof(STATUS_MEMBER) + 3] = STATUS_MEMBER;
    size_t len = sizeof(STATUS_MEMBER) - 1;

    if (term->text.len > 0)
        return occurs(attempts, term->text);
    member[len++] = (char)('0' + term->low / 100);
    if (term->low == term->high) {
        member[len++] = (char)('0' + term->low / 10 % 10);
        member[len++] = (char)('0' + term->low % 10);
    }
    return occurs(attempts, bytes_of(member, len));
}

static bool term_matters(struct bytes attempts, const struct query_term *term)
{
    if (term->field == QUERY_STATUS)
        return status_occurs(attempts, term);
    if (term->field == QUERY_HAS)
        return occurs(attempts, BYTES("\"logs\":[\""));
    return term->field == QUERY_LATENCY;
}

bool query_record_matters(struct bytes attempts, const struct query *query)
{
    for (size_t i = 0; i < query->n_terms; i++) {
        if (term_matters(attempts, &query->terms[i]))
            return true;
    }
    return false;
}
