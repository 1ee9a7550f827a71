/* SPDX-License-Identifier: MIT */

/*
 * The input is a query, a payload and a record of attempts with a line break between
 * them. What is no query says why and where; what is one has an answer, which facts that
 * are not known yet never turn into the opposite; where a store may look always has the
 * match; and each term excluded says the opposite.
 */

#include "base/err.h"
#include "core/query.h"
#include "core/query_record.h"
#include "fuzz/fuzz.h"
#include "json/scan.h"

#define NOW INT64_C(1788436800000)

static size_t characters(struct bytes text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return n;
}

static struct query_facts facts_of(struct bytes payload, struct bytes record)
{
    struct query_facts facts = {
        .event_row = 42,
        .delivery_row = 43,
        .received_at_ms = NOW - 1000,
        .state = DELIVERY_DISCARDED,
        .kind = EVENT_TRACK,
        .name = BYTES("Signed Up"),
        .user_id = BYTES("u"),
        .message_id = BYTES("m"),
        .subscription = BYTES("crm"),
        .key_name = BYTES("acme"),
        .install = 7,
        .source = BYTES("workspaces/w/sources/web"),
        .function = BYTES("functions/hello.js"),
        .error_name = BYTES("DropEvent"),
        .attempts = 3,
        .size_bytes = (int64_t)payload.len,
    };
    struct scan_span root;
    struct scan_fault fault;

    query_record_read(record, QUERY_OF_RECORD, &facts);
    CLAIM(facts.status >= 0 && facts.status < 1000 && facts.latency_us >= 0);
    if (scan_json(payload, NULL, &root, &fault))
        facts.payload = payload;
    return facts;
}

static bool is_admitted(const struct query *query, const struct query_facts *facts)
{
    for (size_t group = 0; group < query->n_groups; group++) {
        struct query_narrow narrow;

        query_narrow(query, group, &narrow);
        if (facts->received_at_ms >= narrow.after_ms &&
            facts->received_at_ms < narrow.before_ms &&
            (narrow.event_row == 0 || narrow.event_row == facts->event_row) &&
            (narrow.state == DELIVERY_NONE || narrow.state == facts->state) &&
            (narrow.user.len == 0 || bytes_eq(narrow.user, facts->user_id)) &&
            narrow.anonymous.len == 0 &&
            (narrow.name.len == 0 || bytes_eq(narrow.name, facts->name)))
            return true;
    }
    return false;
}

static void check_answers(struct query *query, const struct query_facts *facts)
{
    const bool is_match = query_match(query, facts);

    CLAIM(query->n_terms <= QUERY_MAX_TERMS && query->n_groups >= 1);
    CLAIM(!is_match || is_admitted(query, facts));
    for (unsigned field = 0; field < QUERY_N_FIELDS; field++) {
        enum query_answer answer = query_judge(query, facts, 1u << field);

        CLAIM(answer == QUERY_UNKNOWN || (answer == QUERY_YES) == is_match);
        CLAIM(answer != QUERY_UNKNOWN || query_looks_at(query, 1u << field));
    }
    if (query->n_terms != 1)
        return;
    query->terms[0].is_excluded = !query->terms[0].is_excluded;
    CLAIM(query_match(query, facts) != is_match);
}

static void check_fault(struct bytes text, const struct query *query,
                        const struct err *err)
{
    CLAIM(err->exit_code == ERR_USAGE && err->text[0] != '\0');
    CLAIM(query->fault_len > 0);
    /* Without a place it is refused as a whole: too long, or not UTF-8. */
    CLAIM(err->place[0] == '\0' ||
          query->fault_at + query->fault_len <= characters(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes record = bytes_of(data, size);
    struct bytes text = bytes_take_until(&record, '\n');
    struct bytes payload = bytes_take_until(&record, '\n');
    const struct query_facts facts = facts_of(payload, record);
    struct query query;
    struct err err = {0};

    if (query_parse(text, NOW, &query, &err) < 0) {
        check_fault(text, &query, &err);
        return 0;
    }
    check_answers(&query, &facts);
    query_done(&query);
    return 0;
}
