/* SPDX-License-Identifier: MIT */

/*
 * How long searches take in a full store: search FILE [EVENTS=1000000] [cpu]
 *
 * Fills FILE with events unless it has that many already, by the store's own calls, then
 * asks each query as the API does: 25 rows, a total, 100 ms to look. Prints one JSON
 * object a query: the median and the longest of its runs, and how far it came. With
 * "cpu" the clock is the processor time of this thread: what a machine with nothing else
 * to do would need, told on one that has.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/query.h"
#include "store/installs.h"
#include "store/reader.h"
#include "sys/clock.h"

enum {
    BATCH = 2000,
    N_RUNS = 5,
    N_KEYS = 200,
    ROWS = 25,
    BUDGET_US = 100000,
    PAYLOAD_BYTES = 2048,
    RECORD_BYTES = 2048,
    STEP_MS = 90, /* a million events are a little more than a day */
    FAR_MS = 4 * 24 * 60 * 60 * 1000,
};

static int64_t cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t (*clock_us)(void) = clock_now_us;

static void must(int result, const char *what, const struct err *err)
{
    if (result >= 0)
        return;
    fprintf(stderr, "search: %s: %s\n", what, err->text);
    exit(1);
}

#define TRY(call) must((call), #call, &err)

/* --- a store as it looks after a busy day --------------------------------------------
 */

static uint32_t chance(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static int print_payload(int64_t row, char *ret_text)
{
    static const char *const names[] = {"Order Completed", "Signed Up", "Page Scrolled",
                                        "Cart Viewed", "Invite Sent"};
    static const char *const plans[] = {"free", "pro", "team"};

    return snprintf(
        ret_text, PAYLOAD_BYTES,
        "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"u%u\",\"anonymousId\":"
        "\"%08x-%04x-4%03x-8%03x-%08x%04x\",\"messageId\":\"ajs-next-%08x%08x%08x%08x\","
        "\"timestamp\":\"2026-09-03T11:58:11.204Z\",\"properties\":{\"plan\":\"%s\","
        "\"revenue\":%u.%02u,\"currency\":\"EUR\",\"order_id\":\"ord_%08x%08x\","
        "\"items\":["
        "{\"sku\":\"sku-%u\",\"quantity\":%u,\"price\":%u},{\"sku\":\"sku-%u\","
        "\"quantity\":1,\"price\":%u}],\"coupon\":null},\"context\":{\"ip\":\"10.%u.%u.%"
        "u\","
        "\"locale\":\"de-DE\",\"timezone\":\"Europe/Berlin\",\"userAgent\":\"Mozilla/5.0 "
        "(X11; "
        "Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 "
        "Safari/537.36\","
        "\"page\":{\"path\":\"/shop/%u\",\"referrer\":\"https://www.example.com/"
        "\",\"search\":"
        "\"\",\"title\":\"Shop\",\"url\":\"https://shop.example.com/shop/"
        "%u\"},\"library\":"
        "{\"name\":\"analytics.js\",\"version\":\"next-1.70.0\"}},\"integrations\":{},"
        "\"seq\":%" PRId64 "}",
        names[chance() % 5], chance() % 200000, chance(), chance() & 0xffff,
        chance() & 0xfff, chance() & 0xfff, chance(), chance() & 0xffff, chance(),
        chance(), chance(), chance(), plans[chance() % 3], chance() % 500, chance() % 100,
        chance(), chance(), chance() % 9000, chance() % 9 + 1, chance() % 300,
        chance() % 9000, chance() % 300, chance() % 256, chance() % 256, chance() % 256,
        chance() % 5000, chance() % 5000, row);
}

static int print_record(int status, char *ret_text)
{
    return snprintf(
        ret_text, RECORD_BYTES,
        "{\"id\":\"att_0000000000000000000000001a\",\"at\":\"2026-09-03T11:58:11.204Z\","
        "\"duration_ms\":%u.%03u,\"outcome\":\"x\",\"error\":null,\"result\":null,"
        "\"logs\":[],"
        "\"requests\":[{\"method\":\"POST\",\"url\":\"https://api.example.com/v1/"
        "contacts\","
        "\"headers\":{\"Content-Type\":\"application/json\",\"Authorization\":\"••••\"},"
        "\"body\":\"{\\\"email\\\":\\\"jo@example.com\\\",\\\"plan\\\":\\\"pro\\\","
        "\\\"id\\\":%u}\","
        "\"response\":{\"status\":%d,\"headers\":{\"content-type\":\"application/json\","
        "\"date\":\"Thu, 03 Sep 2026 11:58:11 GMT\"},\"body\":\"{\\\"ok\\\":true}\"},"
        "\"duration_ms\":%u.5,\"error\":null}]}",
        chance() % 90 + 5, chance() % 1000, chance(), status, chance() % 90);
}

static void add_delivery(struct store *store, int64_t row, int64_t at_ms)
{
    static char record[RECORD_BYTES];
    const unsigned fate = chance() % 1000; /* 3 in 1000 dead, 2 on retry, 30 discarded */
    struct store_delivery delivery = {.row = row,
                                      .event = row,
                                      .created_at_ms = at_ms,
                                      .subscription = 1,
                                      .function_version = 1 + chance() % 2,
                                      .state = DELIVERY_DELIVERED,
                                      .attempts = 1,
                                      .first_attempt_ms = at_ms + 3,
                                      .settled_at_ms = at_ms + 40};
    struct err err = {0};
    int status = 200;

    if (fate < 3) {
        delivery.state = DELIVERY_DEAD;
        delivery.error_name = BYTES("503");
        delivery.attempts = 10;
        status = 503;
    } else if (fate < 5) {
        delivery.state = DELIVERY_RETRYING;
        delivery.error_name = BYTES("503");
        delivery.next_at_ms = at_ms + FAR_MS; /* a service that opens this lets it be */
        status = 503;
    } else if (fate < 35) {
        delivery.state = DELIVERY_DISCARDED;
        delivery.error_name = BYTES("EventNotSupported");
    }
    delivery.attempt_json = bytes_of(record, (size_t)print_record(status, record));
    TRY(store_put_delivery(store, &delivery, &err));
}

static void add_event(struct store *store, int64_t at_ms)
{
    static char payload[PAYLOAD_BYTES];
    struct store_event event = {.row = store_next_row(store),
                                .received_at_ms = at_ms,
                                .subscription = 1,
                                .key = 1 + chance() % N_KEYS};
    struct err err = {0};

    event.payload = bytes_of(payload, (size_t)print_payload(event.row, payload));
    TRY(store_add_event(store, &event, &err));
    add_delivery(store, event.row, at_ms);
}

static void add_names(struct store *store)
{
    static const char *const files[] = {"functions/crm.js", "functions/mail.js"};
    uint8_t sha256[SHA256_LEN] = {0};
    struct err err = {0};
    uint16_t number;
    int64_t version;

    TRY(store_begin(store, &err));
    TRY(store_subscription(store, BYTES("default"), &number, &err));
    for (size_t i = 0; i < COUNT(files); i++)
        TRY(store_function_version(store, bytes_str(files[i]), sha256, BYTES("x"), 1,
                                   &version, &err));
    for (unsigned i = 0; i < N_KEYS; i++) {
        char name[32], source[64];
        struct store_key key = {.sealed = BYTES("x"), .created_at_ms = 1};
        struct store_install install = {.number = i + 1, .state = BYTES("active")};

        snprintf(name, sizeof(name), "customer-%u", i);
        snprintf(source, sizeof(source), "workspaces/w%u/sources/website", i);
        key.name = bytes_str(name);
        memcpy(key.hash, &i, sizeof(i));
        TRY(store_new_key_row(store, &key.row, &err));
        if (key.row <= N_KEYS) /* else the service's own keys are there already */
            TRY(store_add_key(store, &key, &err));
        install.key = i + 1;
        install.source = bytes_str(source);
        TRY(store_put_install(store, &install, &install.row, &err));
    }
    TRY(store_commit(store, &err));
}

static void index_all(struct store *store, int64_t *index_us)
{
    struct err err = {0};
    bool has_filed = true;

    *index_us -= clock_now_us();
    while (has_filed)
        TRY(store_index_step(store, &has_filed, &err));
    *index_us += clock_now_us();
}

static void fill(struct store *store, int64_t n_events, int64_t now_ms)
{
    int64_t index_us = 0, began_us = clock_now_us();
    struct err err = {0};

    add_names(store);
    for (int64_t done = 0; done < n_events; done += BATCH) {
        TRY(store_begin(store, &err));
        for (int64_t i = 0; i < BATCH; i++)
            add_event(store, now_ms - (n_events - done - i) * STEP_MS);
        TRY(store_save_low_water(store, done + BATCH, &err));
        TRY(store_commit(store, &err));
        index_all(store, &index_us);
        TRY(store_checkpoint(store, /* is_idle= */ false, &err));
    }
    TRY(store_checkpoint(store, /* is_idle= */ true, &err));
    fprintf(stderr,
            "search: %" PRId64 " events in %.1f s, of it %.1f µs each for filing;"
            " %.0f bytes each\n",
            n_events, (double)(clock_now_us() - began_us) / 1e6,
            (double)index_us / (double)n_events,
            (double)store_bytes(store) / (double)n_events);
}

/* --- questions -----------------------------------------------------------------------
 */

static const char *const queries[] = {
    "",
    "is:dead",
    "is:retrying",
    "is:discarded",
    "is:filtered",
    "is:delivered",
    "is:queued",
    "type:track",
    "type:group",
    "event:\"Signed Up\"",
    "event:Nothing",
    "event:Sign*",
    "event:*zzz*",
    "user:u4711",
    "user:nobody",
    "user:*zzz",
    "anon:nobody",
    "sub:default",
    "sub:nothing",
    "source:website",
    "source:nothing",
    "fn:crm",
    "fn:nothing",
    "install:7",
    "install:9999",
    "key:customer-7",
    "key:nobody",
    "status:200",
    "status:503",
    "status:5xx is:dead",
    "status:418",
    "error:503",
    "error:nothing",
    "attempts:>3",
    "attempts:>99",
    "latency:>50ms",
    "latency:>1h",
    "size:>1k",
    "size:>1M",
    "has:log",
    "after:1h",
    "before:20h",
    "after:20h before:19h is:dead",
    "before:10000h",
    "message:ajs-next-nothing",
    "berlin",
    "\"seq\\\":777\"",
    "nothing-has-this-word",
    "properties.plan:pro",
    "properties.plan:none",
    "context.ip:*.9.9",
    "properties.order_id:ord_none",
    "user:u1 OR user:u2 OR user:u3",
    "is:dead OR message:nothing",
    "user:u1 nothing OR event:Nothing OR is:dead status:418",
    "-is:delivered -is:discarded -is:dead -is:retrying",
    "is:dead nothing-has-this-word",
};

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void ask_once(struct reader *reader, const struct query *query, int64_t below_row,
                     struct arena *arena, struct reader_page *page)
{
    const struct reader_find find = {.query = query,
                                     .below_row = below_row,
                                     .limit = ROWS,
                                     .needs_total = true,
                                     .needs_attempts = true,
                                     .clock_us = clock_us,
                                     .budget_us = BUDGET_US};
    struct err err = {0};

    TRY(reader_find(reader, &find, arena, page, &err));
}

static void print_result(const char *text, const int64_t *took_us, int n_calls,
                         const struct reader_page *page)
{
    const int64_t median_us = took_us[N_RUNS / 2], longest_us = took_us[N_RUNS - 1];

    printf("{\"q\":\"");
    for (const char *at = text; *at != '\0'; at++)
        printf(*at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    printf("\",\"median_ms\":%.1f,\"longest_ms\":%.1f,\"rows\":%zu,\"total\":%" PRId64
           ",\"is_partial\":%s,\"looked_at\":%zu,\"calls_to_the_end\":%d}\n",
           (double)median_us / 1000, (double)longest_us / 1000, page->n_events,
           page->total, page->is_partial ? "true" : "false", page->n_looks, n_calls);
    fflush(stdout);
}

/* How many calls a search needs that goes on until it has a row, or has seen all. */
static int count_calls(struct reader *reader, const struct query *query,
                       struct reader_page page)
{
    int n_calls = 1;

    while (page.is_partial && page.n_events == 0) {
        struct arena arena;

        arena_init(&arena);
        ask_once(reader, query, page.next_row, &arena, &page);
        arena_done(&arena);
        n_calls++;
    }
    return n_calls;
}

static void ask(struct reader *reader, const char *text, int64_t now_ms)
{
    int64_t took_us[N_RUNS];
    struct reader_page page;
    struct query query;
    struct err err = {0};

    TRY(query_parse(bytes_str(text), now_ms, &query, &err));
    for (int i = 0; i < N_RUNS; i++) {
        struct arena arena;
        int64_t began_us = clock_us();

        arena_init(&arena);
        ask_once(reader, &query, 0, &arena, &page);
        took_us[i] = clock_us() - began_us;
        arena_done(&arena);
    }
    qsort(took_us, N_RUNS, sizeof(took_us[0]), compare);
    print_result(text, took_us, count_calls(reader, &query, page), &page);
    query_done(&query);
}

int main(int n_args, char **args)
{
    static const struct store_options options = {.dedupe_ms = 1000,
                                                 .disk_bytes = INT64_C(1) << 40};
    const int64_t n_events = n_args > 2 ? strtoll(args[2], NULL, 10) : 1000000;
    const int64_t now_ms = clock_wall_ms();
    struct store_tally counted;
    struct store *store;
    struct reader *reader;
    struct err err = {0};

    if (n_args < 2) {
        fprintf(stderr, "search FILE [EVENTS]\n");
        return 2;
    }
    if (n_args > 3 && strcmp(args[3], "cpu") == 0)
        clock_us = cpu_us;
    TRY(store_open(args[1], &options, &store, &err));
    TRY(reader_open(args[1], &reader, &err));
    TRY(reader_count(reader, &counted, &err));
    if (counted.accepted < n_events)
        fill(store, n_events - counted.accepted, now_ms);
    for (size_t i = 0; i < COUNT(queries); i++)
        ask(reader, queries[i], now_ms);
    reader_close(reader);
    store_close(store);
    return 0;
}
