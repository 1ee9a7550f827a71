/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <endian.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/digest.h"
#include "content.h"
#include "ledger.h"
#include "store/filed.h"

static_assert(SLICE_ROWS == 16, "a comparison says so, and slices should fill");

enum { ATTEMPT_BYTES = 7 }; /* {"n":1}, joined by commas */

struct comparison {
    sqlite3 *db;
    struct ledger *ledger;
    struct findings *findings;
    struct buf text; /* of the content at hand */
};

unsigned findings_n(const struct findings *findings)
{
    return findings->lost + findings->reverted + findings->halves + findings->counters +
           findings->corrupt;
}

printf_like(3, 4) static void find(struct comparison *comparison, unsigned *counter,
                                   const char *format, ...)
{
    struct findings *findings = comparison->findings;
    va_list args;

    (*counter)++;
    if (findings->first[0] != '\0')
        return;
    va_start(args, format);
    (void)vsnprintf(findings->first, sizeof(findings->first), format, args);
    va_end(args);
}

/* --- asking ------------------------------------------------------------------------- */

static void finalizep(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

static sqlite3_stmt *ask(struct comparison *comparison, const char *text)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(comparison->db, text, -1, &statement, NULL) != SQLITE_OK)
        find(comparison, &comparison->findings->corrupt, "%.60s…: %s", text,
             sqlite3_errmsg(comparison->db));
    return statement;
}

static bool next(struct comparison *comparison, sqlite3_stmt *statement)
{
    int code = statement != NULL ? sqlite3_step(statement) : SQLITE_DONE;

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        find(comparison, &comparison->findings->corrupt, "%.60s…: %s",
             sqlite3_sql(statement), sqlite3_errmsg(comparison->db));
    return code == SQLITE_ROW;
}

static struct bytes column(sqlite3_stmt *row, int i)
{
    const void *ptr = sqlite3_column_blob(row, i);

    return bytes_of(ptr, (size_t)sqlite3_column_bytes(row, i));
}

/* A query that has to answer 0. */
static void expect_none(struct comparison *comparison, unsigned *counter,
                        const char *text, const char *what)
{
    cleanup(finalizep) sqlite3_stmt *row = ask(comparison, text);
    int64_t n;

    if (!next(comparison, row))
        return;
    n = sqlite3_column_int64(row, 0);
    if (n != 0)
        find(comparison, counter, "%lld %s", (long long)n, what);
}

/* --- events ------------------------------------------------------------------------- */

static bool has_mark(const struct slot *slot, struct bytes mark)
{
    uint8_t want[16];

    if (!slot->has_mark)
        return mark.len == 0;
    content_mark(slot->content, want);
    return bytes_eq(mark, bytes_of(want, sizeof(want)));
}

static bool has_payload(struct comparison *comparison, struct slot *slot,
                        sqlite3_stmt *row)
{
    struct bytes payload = column(row, 5), want;
    uint8_t sum[SHA256_LEN];

    if (payload.len == 0 && slot->may_be_blank) {
        slot->is_blank = true;
        return true;
    }
    content_make(slot->content, &comparison->text);
    want = buf_bytes(&comparison->text);
    sha256_sum(&want, 1, sum);
    return !slot->is_blank && bytes_eq(payload, want) &&
           bytes_eq(column(row, 4), bytes_of(sum, sizeof(sum)));
}

static void judge_event(struct comparison *comparison, int64_t id, sqlite3_stmt *row)
{
    struct findings *findings = comparison->findings;
    struct slot *slot;

    if ((size_t)id >= comparison->ledger->n_slots ||
        comparison->ledger->slots[id].kind != SLOT_EVENT) {
        find(comparison, &findings->halves, "event %lld was never acknowledged",
             (long long)id);
        return;
    }
    slot = &comparison->ledger->slots[id];
    if (slot->is_gone)
        find(comparison, &findings->reverted, "event %lld is back", (long long)id);
    if (sqlite3_column_int64(row, 1) != slot->at_ms ||
        sqlite3_column_int64(row, 2) != slot->key || !has_mark(slot, column(row, 3)) ||
        !has_payload(comparison, slot, row))
        find(comparison, &findings->lost, "event %lld is not what was acknowledged",
             (long long)id);
}

/* An event of the ledger that the database does not have. */
static void miss_event(struct comparison *comparison, int64_t id)
{
    struct slot *slot = &comparison->ledger->slots[id];

    if (slot->kind != SLOT_EVENT || slot->is_gone)
        return;
    if (slot->may_be_gone)
        slot->is_gone = true;
    else
        find(comparison, &comparison->findings->lost, "event %lld is lost",
             (long long)id);
}

static void compare_events(struct comparison *comparison)
{
    cleanup(finalizep) sqlite3_stmt *row =
        ask(comparison, "SELECT id, received_at, key, mark, sha256, payload FROM event"
                        " ORDER BY id");
    const int64_t end = (int64_t)comparison->ledger->n_slots;
    int64_t at = 1;

    while (next(comparison, row)) {
        int64_t id = sqlite3_column_int64(row, 0);

        for (; at < id && at < end; at++)
            miss_event(comparison, at);
        judge_event(comparison, id, row);
        at = id + 1;
    }
    for (; at < end; at++)
        miss_event(comparison, at);
}

/* --- deliveries --------------------------------------------------------------------- */

static bool wants_delivery(const struct ledger *ledger, int64_t id)
{
    const struct slot *slot = ledger_look(ledger, id);

    if (slot->kind == SLOT_GAP || ledger_look(ledger, slot->event)->is_gone)
        return false;
    return slot->kind == SLOT_REPLAY || slot->state != SLOT_QUEUED;
}

static bool has_detail(const struct ledger *ledger, const struct slot *slot, int64_t len)
{
    int64_t want = slot->attempts * (ATTEMPT_BYTES + 1) - (slot->attempts > 0);

    return len == want || (len == 0 && ledger_look(ledger, slot->event)->is_blank);
}

static void judge_delivery(struct comparison *comparison, int64_t id, sqlite3_stmt *row)
{
    const struct ledger *ledger = comparison->ledger;
    const struct slot *slot = ledger_look(ledger, id);

    if (!wants_delivery(ledger, id)) {
        find(comparison, &comparison->findings->halves,
             "delivery %lld was never acknowledged", (long long)id);
        return;
    }
    if (sqlite3_column_int64(row, 1) != slot->event ||
        sqlite3_column_int64(row, 2) != slot->replay ||
        sqlite3_column_int64(row, 3) != (int64_t)slot->state ||
        sqlite3_column_int64(row, 4) != slot->attempts ||
        sqlite3_column_int64(row, 5) != slot->next_at_ms ||
        sqlite3_column_int64(row, 6) != slot->superseded ||
        !has_detail(ledger, slot, sqlite3_column_int64(row, 7)))
        find(comparison, &comparison->findings->reverted,
             "delivery %lld: state %lld after %lld attempts, acknowledged: %d after %u",
             (long long)id, (long long)sqlite3_column_int64(row, 3),
             (long long)sqlite3_column_int64(row, 4), (int)slot->state, slot->attempts);
}

static void miss_delivery(struct comparison *comparison, int64_t id)
{
    if (wants_delivery(comparison->ledger, id))
        find(comparison, &comparison->findings->reverted, "delivery %lld is lost",
             (long long)id);
}

static void compare_deliveries(struct comparison *comparison)
{
    cleanup(finalizep) sqlite3_stmt *row =
        ask(comparison,
            "SELECT id, event, coalesce(replay, 0), state, attempts, next_at, superseded,"
            " coalesce(length(detail), 0) FROM delivery ORDER BY id");
    const int64_t end = (int64_t)comparison->ledger->n_slots;
    int64_t at = 1;

    while (next(comparison, row)) {
        int64_t id = sqlite3_column_int64(row, 0);

        for (; at < id && at < end; at++)
            miss_delivery(comparison, at);
        judge_delivery(comparison, id, row);
        at = id + 1;
    }
    for (; at < end; at++)
        miss_delivery(comparison, at);
}

/* --- the rest ----------------------------------------------------------------------- */

static void compare_tally(struct comparison *comparison)
{
    static const char *const names[] = {"accepted",  "duplicates", "replayed",
                                        "delivered", "discarded",  "dead",
                                        "attempts"};
    cleanup(finalizep) sqlite3_stmt *row =
        ask(comparison, "SELECT accepted, duplicates, replayed, delivered, discarded,"
                        " dead, attempts FROM progress");

    if (!next(comparison, row)) {
        find(comparison, &comparison->findings->counters, "there are no counters");
        return;
    }
    for (int i = 0; i < TALLY_N; i++) {
        int64_t got = sqlite3_column_int64(row, i);
        int64_t want = comparison->ledger->page.tally[i];

        if (got != want)
            find(comparison, &comparison->findings->counters, "%s: %lld, not %lld",
                 names[i], (long long)got, (long long)want);
    }
}

static void compare_facts(struct comparison *comparison)
{
    static const char text[] =
        "SELECT 'key ' || id || ' ' || lower(hex(substr(hash, 1, 4))) || ' ' ||"
        " revoked_at FROM key"
        " UNION ALL SELECT 'sub ' || id || ' ' || name FROM subscription"
        " UNION ALL SELECT 'paused ' || endpoint || ' ' || paused_at FROM paused"
        " UNION ALL SELECT 'version ' || id || ' ' || name || ' ' || length(source)"
        " FROM function_version"
        " UNION ALL SELECT 'token ' || id || ' ' || name || ' ' || revoked_at FROM token";
    cleanup(finalizep) sqlite3_stmt *row = ask(comparison, text);
    const struct ledger_page *page = &comparison->ledger->page;
    size_t n = 0;

    while (next(comparison, row)) {
        const char *got = (const char *)sqlite3_column_text(row, 0);
        size_t i = 0;

        if (got == NULL) { /* a column that is never NULL was */
            find(comparison, &comparison->findings->corrupt, "a fact without its text");
            continue;
        }
        while (i < page->n_facts && strcmp(page->facts[i], got) != 0)
            i++;
        if (i == page->n_facts)
            find(comparison, &comparison->findings->halves, "%s", got);
        n++;
    }
    if (n < page->n_facts)
        find(comparison, &comparison->findings->lost, "%zu rows of small tables, not %zu",
             n, page->n_facts);
}

/* What was asked for is still asked for, or done. */
static bool is_erased(const struct ledger *ledger, unsigned user)
{
    for (int64_t row = 1; row <= ledger->page.erased_up_to[user]; row++) {
        const struct slot *slot = ledger_look(ledger, row);

        if (slot->kind == SLOT_EVENT && content_user(slot->content) == user &&
            !slot->is_gone && !slot->is_blank)
            return false;
    }
    return true;
}

static void compare_erasures(struct comparison *comparison)
{
    cleanup(finalizep) sqlite3_stmt *row =
        ask(comparison, "SELECT substr(user, 2) + 0, up_to FROM erasure");
    const struct ledger *ledger = comparison->ledger;
    int64_t up_to[LEDGER_USERS] = {0};

    while (next(comparison, row))
        up_to[sqlite3_column_int64(row, 0) % LEDGER_USERS] = sqlite3_column_int64(row, 1);
    for (unsigned user = 0; user < LEDGER_USERS; user++) {
        int64_t want = ledger->page.erased_up_to[user];

        if (up_to[user] > want)
            find(comparison, &comparison->findings->halves,
                 "an erasure of user %u was never acknowledged", user);
        if (up_to[user] < want && !is_erased(ledger, user))
            find(comparison, &comparison->findings->lost,
                 "the erasure of user %u is lost", user);
    }
}

/* Tables that are made from the others. */
static void compare_derived(struct comparison *comparison)
{
    unsigned *corrupt = &comparison->findings->corrupt;

    expect_none(comparison, &comparison->findings->lost,
                "SELECT count(*) FROM event AS e LEFT JOIN delivery AS d ON d.id = e.id"
                " WHERE e.id < (SELECT low_water FROM progress) AND d.id IS NULL",
                "events wait below the low water: nobody would deliver them");
    expect_none(comparison, corrupt,
                "SELECT count(*) FROM event AS e LEFT JOIN search AS s ON s.id = e.id"
                " WHERE s.id IS NULL OR s.received_at <> e.received_at",
                "events have no head");
    expect_none(comparison, corrupt,
                "SELECT count(*) FROM search AS s LEFT JOIN event AS e ON e.id = s.id"
                " WHERE e.id IS NULL",
                "heads are of events that are not there");
    expect_none(comparison, corrupt,
                "SELECT count(*) FROM delivery WHERE replay IS NOT NULL AND replay NOT IN"
                " (SELECT id FROM replay)",
                "deliveries belong to no replay");
}

/* part_of(row, kind, value): where it is filed; of a mark, kind is 9. */
static void part_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    const int64_t row = sqlite3_value_int64(args[0]);
    const int kind = sqlite3_value_int(args[1]);
    const uint8_t *value = sqlite3_value_blob(args[2]);
    const size_t len = (size_t)sqlite3_value_bytes(args[2]);
    const uint8_t first =
        kind == 9
            ? value[0]
            : (uint8_t)(filed_key((enum filed_kind)kind, bytes_of(value, len)) >> 56);

    (void)n_args;
    sqlite3_result_int64(context, slice_part(slice_of(row), first));
}

/* entry_of(row, kind, value): what is filed there. */
static void entry_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
    const uint64_t offset = (uint64_t)sqlite3_value_int64(args[0]) % SLICE_ROWS;
    const enum filed_kind kind = (enum filed_kind)sqlite3_value_int(args[1]);
    const void *value = sqlite3_value_blob(args[2]);
    const size_t len = (size_t)sqlite3_value_bytes(args[2]);
    const uint64_t entry = htole64(filed_key(kind, bytes_of(value, len)) | offset);

    (void)n_args;
    sqlite3_result_blob(context, &entry, sizeof(entry), SQLITE_TRANSIENT);
}

#define NOT_FILED(column, kind)                                                          \
    "SELECT count(*) FROM search AS s WHERE " column " IS NOT NULL AND"                  \
    " s.id <= (SELECT indexed FROM progress) AND NOT EXISTS (SELECT 1 FROM filed AS f"   \
    " WHERE f.id = part_of(s.id, " kind ", " column ")"                                  \
    " AND instr(f.entries, entry_of(s.id, " kind ", " column ")) > 0)"

static void compare_filed(struct comparison *comparison)
{
    unsigned *corrupt = &comparison->findings->corrupt;
    char text[400];

    sqlite3_create_function(comparison->db, "part_of", 3, SQLITE_UTF8, NULL, part_of,
                            NULL, NULL);
    sqlite3_create_function(comparison->db, "entry_of", 3, SQLITE_UTF8, NULL, entry_of,
                            NULL, NULL);
    expect_none(comparison, corrupt, NOT_FILED("name", "1"), "names are not filed");
    expect_none(comparison, corrupt, NOT_FILED("user", "0"), "users are not filed");
    expect_none(comparison, corrupt, NOT_FILED("anonymous", "0"),
                "anonymous users are not filed");
    expect_none(
        comparison, corrupt,
        "SELECT count(*) FROM (SELECT id FROM filed UNION SELECT id FROM mark) WHERE"
        " id / 256 >= ((SELECT indexed FROM progress) + 1) / 16",
        "parts are filed of a slice that is not");
    snprintf(text, sizeof(text),
             "SELECT count(*) FROM event AS e WHERE e.mark IS NOT NULL AND"
             " e.received_at > %lld AND e.id <= (SELECT indexed FROM progress) AND"
             " NOT EXISTS (SELECT 1 FROM mark AS m WHERE m.id = part_of(e.id, 9, e.mark)"
             " AND instr(m.entries, e.mark) > 0)",
             (long long)comparison->ledger->marks_after_ms);
    expect_none(comparison, corrupt, text, "events have no mark");
}

static void check_integrity(struct comparison *comparison)
{
    cleanup(finalizep) sqlite3_stmt *row = ask(comparison, "PRAGMA integrity_check");

    if (next(comparison, row) && !bytes_eq(column(row, 0), BYTES("ok")))
        find(comparison, &comparison->findings->corrupt, "integrity: %s",
             (const char *)sqlite3_column_text(row, 0));
}

static void compare_all(struct comparison *comparison)
{
    compare_tally(comparison);
    compare_events(comparison);
    compare_deliveries(comparison);
    compare_facts(comparison);
    compare_erasures(comparison);
    compare_derived(comparison);
    compare_filed(comparison);
}

static int settle_doubt(struct comparison *comparison)
{
    struct findings with_it = {0};
    struct findings *findings = comparison->findings;

    comparison->findings = &with_it;
    compare_all(comparison);
    comparison->findings = findings;
    if (findings_n(&with_it) == 0) {
        ledger_commit(comparison->ledger);
        return 1;
    }
    ledger_undo(comparison->ledger);
    compare_all(comparison);
    return 0;
}

int ledger_compare(struct ledger *ledger, const char *path, struct findings *ret)
{
    struct comparison comparison = {.ledger = ledger, .findings = ret};
    int was_there = 0;

    *ret = (struct findings){0};
    buf_init(&comparison.text, CONTENT_MAX_BYTES);
    if (sqlite3_open_v2(path, &comparison.db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        find(&comparison, &ret->corrupt, "%s cannot be opened", path);
    check_integrity(&comparison);
    if (ledger->is_doubted)
        was_there = settle_doubt(&comparison);
    else
        compare_all(&comparison);
    sqlite3_close(comparison.db);
    buf_done(&comparison.text);
    return was_there;
}
