/* SPDX-License-Identifier: MIT */

#include "core/query_value.h"

#include "base/err.h"
#include "base/time_text.h"
#include "core/outcome.h"
#include "core/suggest.h"

#define CODE "PA7017"

struct bytes query_value_shown(struct bytes text)
{
    size_t len = text.len;

    if (len <= QUERY_SHOWN_BYTES)
        return text;
    len = QUERY_SHOWN_BYTES;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return bytes_slice(text, 0, len);
}

/* `no state "ded"; did you mean is:dead?` */
static int unknown_value(const struct query_term *term, const char *prefix,
                         const char *what, const char *const *words, size_t n_words,
                         struct err *err)
{
    const char *nearest = suggest_nearest(term->text, words, n_words);
    struct bytes shown = query_value_shown(term->text);

    if (nearest == NULL)
        return err_code(err, CODE, ERR_USAGE, "no %s \"%.*s\"", what, BYTES_FMT(shown));
    return err_code(err, CODE, ERR_USAGE, "no %s \"%.*s\"; did you mean %s:%s?", what,
                    BYTES_FMT(shown), prefix, nearest);
}

static int parse_state(struct query_term *term, struct err *err)
{
    static const char *const states[] = {"queued",    "running",  "retrying", "delivered",
                                         "discarded", "filtered", "dead"};

    term->state = delivery_state_parse(term->text);
    term->is_filtered = bytes_eq_nocase(term->text, BYTES("filtered"));
    if (term->is_filtered)
        term->state = DELIVERY_DISCARDED;
    if (term->state != DELIVERY_NONE)
        return 0;
    unknown_value(term, "is", "state", states, COUNT(states), err);
    return err_help(err,
                    "states: queued running retrying delivered discarded filtered dead");
}

static int parse_type(struct query_term *term, struct err *err)
{
    static const char *const types[] = {"identify", "track", "page",   "screen",
                                        "group",    "alias", "delete", "request"};

    term->kind = event_kind_parse(term->text);
    if (term->kind != EVENT_NONE)
        return 0;
    unknown_value(term, "type", "event type", types, COUNT(types), err);
    return err_help(err, "types: identify track page screen group alias delete request");
}

static int parse_has(struct query_term *term, struct err *err)
{
    static const char *const words[] = {"log"};

    if (bytes_eq_nocase(term->text, BYTES("log")) ||
        bytes_eq_nocase(term->text, BYTES("logs")))
        return 0;
    unknown_value(term, "has", "such thing as", words, COUNT(words), err);
    return err_help(err, "has:log finds what a function logged something for");
}

static int parse_time(struct query_term *term, int64_t now_ms, struct err *err)
{
    int64_t ago_ms, unitless, time_ms;
    bool is_known = time_text_parse(term->text, &time_ms);

    /* A number alone might be a year as well as seconds. */
    if (!is_known)
        is_known = !bytes_to_i64(term->text, &unitless) &&
                   time_text_parse_duration(term->text, &ago_ms) &&
                   !__builtin_sub_overflow(now_ms, ago_ms, &time_ms);
    if (is_known && time_ms > INT64_MIN) {
        term->low = term->field == QUERY_AFTER ? time_ms : INT64_MIN;
        term->high = term->field == QUERY_BEFORE ? time_ms - 1 : INT64_MAX;
        return 0;
    }
    err_code(err, CODE, ERR_USAGE, "\"%.*s\" is no time",
             BYTES_FMT(query_value_shown(term->text)));
    return err_help(err, "after:2h     after:2026-09-03     "
                         "after:2026-09-03T14:05:00Z");
}

static int parse_id(struct query_term *term, struct err *err)
{
    struct id id;

    if (id_parse(term->text, &id) && (id.kind == ID_EVENT || id.kind == ID_DELIVERY)) {
        term->low = term->high = id.row;
        term->id_time_ms = id.time_ms;
        term->field = id.kind == ID_EVENT ? QUERY_ID : QUERY_DELIVERY;
        return 0;
    }
    err_code(err, CODE, ERR_USAGE, "\"%.*s\" is no event's or delivery's id",
             BYTES_FMT(query_value_shown(term->text)));
    return err_help(err, "evt_ or dlv_, and then 26 characters");
}

static int parse_install(struct query_term *term, struct err *err)
{
    static const char *const before[] = {"installs/", "ins_"};
    struct bytes number = term->text;

    for (size_t i = 0; i < COUNT(before); i++) {
        if (bytes_starts(number, bytes_str(before[i])))
            number = bytes_slice(number, strlen(before[i]), number.len);
    }
    if (bytes_to_i64(number, &term->low) && term->low > 0) {
        term->high = term->low;
        return 0;
    }
    err_code(err, CODE, ERR_USAGE, "\"%.*s\" is no install",
             BYTES_FMT(query_value_shown(term->text)));
    return err_help(err, "install:7     install:ins_7     install:installs/7");
}

/* --- statuses ------------------------------------------------------------------------
 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "503", "5xx". */
static bool parse_status_number(struct query_term *term)
{
    struct bytes text = term->text;
    int64_t number;

    if (text.len != 3 || !is_digit(text.ptr[0]) || text.ptr[0] == '0')
        return false;
    if (bytes_eq_nocase(bytes_slice(text, 1, 2), BYTES("xx"))) {
        term->low = (text.ptr[0] - '0') * 100;
        term->high = term->low + 99;
    } else if (bytes_to_i64(text, &number)) {
        term->low = term->high = number;
    } else {
        return false;
    }
    term->text = bytes_of(NULL, 0);
    return true;
}

static int parse_status(struct query_term *term, struct err *err)
{
    const char *causes[TRANSPORT_OTHER + 1] = {NULL};

    if (parse_status_number(term))
        return 0;
    for (int i = TRANSPORT_TIMEOUT; i <= TRANSPORT_OTHER; i++) {
        causes[i] = outcome_transport_text((enum outcome_transport)i);
        if (!bytes_eq_nocase(term->text, bytes_str(causes[i])))
            continue;
        term->text = bytes_str(causes[i]); /* as records have it */
        return 0;
    }
    unknown_value(term, "status", "status", causes, COUNT(causes), err);
    return err_help(err, "status:503     status:5xx     or one of: timeout refused dns "
                         "tls egress bad_url too_large other");
}

/* --- amounts -------------------------------------------------------------------------
 */

/* Each of the amounts that people write means all from its first to its last unit here:
 * 500ms is 500,000 to 500,999 µs. */
static bool parse_amount(enum query_field field, struct bytes text, int64_t *ret_first,
                         int64_t *ret_last)
{
    int64_t amount, unitless;

    if (field == QUERY_LATENCY) {
        if (bytes_to_i64(text, &unitless) || !time_text_parse_duration(text, &amount) ||
            __builtin_mul_overflow(amount, 1000, ret_first))
            return false;
        return !__builtin_add_overflow(*ret_first, 999, ret_last);
    }
    if (field == QUERY_SIZE ? !time_text_parse_size(text, &amount)
                            : !bytes_to_i64(text, &amount))
        return false;
    *ret_first = *ret_last = amount;
    return amount >= 0 && amount < INT64_MAX;
}

static int bad_amount(const struct query_term *term, struct err *err)
{
    static const struct {
        enum query_field field;
        const char *what, *help;
    } kinds[] = {
        {QUERY_ATTEMPTS, "number of attempts",
         "attempts:3     attempts:>3     attempts:<=2"},
        {QUERY_LATENCY, "latency", "latency:>500ms     latency:<=2s; with a unit"},
        {QUERY_SIZE, "size", "size:>32k     size:<512     size:>=1M"},
    };
    size_t i = 0;

    while (i + 1 < COUNT(kinds) && kinds[i].field != term->field)
        i++;
    err_code(err, CODE, ERR_USAGE, "\"%.*s\" is no %s",
             BYTES_FMT(query_value_shown(term->text)), kinds[i].what);
    return err_help(err, "%s", kinds[i].help);
}

/* What is above 500 ms need not be a whole millisecond above it: 500.2 ms is. */
static void apply_operator(struct query_term *term, const char *operator, int64_t first,
                           int64_t last)
{
    bool allows_equal = operator[0] != '\0' && operator[1] == '=';

    term->low = first;
    term->high = last;
    if (operator[0] == '>') {
        term->low = allows_equal ? first : first + 1;
        term->high = INT64_MAX;
    } else if (operator[0] == '<') {
        term->low = INT64_MIN;
        term->high = allows_equal ? first : first - 1;
    }
}

static int parse_compared(struct query_term *term, struct err *err)
{
    static const char *const operators[] = {">=", "<=", ">", "<", "="};
    struct bytes text = term->text;
    int64_t first, last;
    size_t i = 0;

    while (i < COUNT(operators) && !bytes_starts(text, bytes_str(operators[i])))
        i++;
    if (i < COUNT(operators))
        text = bytes_slice(text, strlen(operators[i]), text.len);
    if (!parse_amount(term->field, text, &first, &last))
        return bad_amount(term, err);
    apply_operator(term, i < COUNT(operators) ? operators[i] : "", first, last);
    return 0;
}

int query_value_parse(struct query_term *term, int64_t now_ms, struct err *err)
{
    switch (term->field) {
    case QUERY_IS:
        return parse_state(term, err);
    case QUERY_TYPE:
        return parse_type(term, err);
    case QUERY_AFTER:
    case QUERY_BEFORE:
        return parse_time(term, now_ms, err);
    case QUERY_ID:
    case QUERY_DELIVERY:
        return parse_id(term, err);
    case QUERY_INSTALL:
        return parse_install(term, err);
    case QUERY_STATUS:
        return parse_status(term, err);
    case QUERY_ATTEMPTS:
    case QUERY_LATENCY:
    case QUERY_SIZE:
        return parse_compared(term, err);
    case QUERY_HAS:
        return parse_has(term, err);
    case QUERY_WORD:
    case QUERY_EVENT:
    case QUERY_USER:
    case QUERY_ANON:
    case QUERY_SUB:
    case QUERY_SOURCE:
    case QUERY_FN:
    case QUERY_KEY:
    case QUERY_MESSAGE:
    case QUERY_REPLAY:
    case QUERY_ERROR:
    case QUERY_PATH:
    case QUERY_N_FIELDS:
        return 0;
    }
    return 0;
}
