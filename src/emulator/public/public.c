/* SPDX-License-Identifier: MIT */

/* The Public API (dossier §8), on a port of its own: its token, its words, its table. */

#include <stdio.h>

#include "emulator/faults/faults.h"
#include "emulator/frame/areas.h"
#include "emulator/frame/exchange.h"
#include "emulator/frame/limits.h"
#include "emulator/oauth/bearer.h"
#include "emulator/public/answer.h"
#include "emulator/public/routes.h"
#include "emulator/world/world.h"
#include "json/write.h"

enum { BODY_BYTES = 8 << 20, BODY_USED_BYTES = 4 << 20, HEADER_BYTES = 32 };

/* --- before the handler ------------------------------------------------------------- */

static void set_number(struct exchange *exchange, const char *name, int64_t value)
{
    char digits[HEADER_BYTES];

    snprintf(digits, sizeof(digits), "%lld", (long long)value);
    exchange_set_header(exchange, name, digits);
}

static void tell_use(struct exchange *exchange, const struct limits_use *use)
{
    set_number(exchange, "X-RateLimit-Consumed", (int64_t)use->n_calls);
    set_number(exchange, "X-RateLimit-Remaining", LIMITS_CALLS - (int64_t)use->n_calls);
    set_number(exchange, "X-RateLimit-Reset", (use->reset_ms + 999) / 1000);
}

static void refuse_rate(struct exchange *exchange, int64_t wait_ms)
{
    struct write write;

    exchange_answer(exchange, 429, exchange->content_type);
    write_init(&write, &exchange->out);
    write_object(&write);
    write_key(&write, "errors");
    write_array(&write);
    write_object(&write);
    write_member_text(&write, "type", "too-many-requests");
    write_member_text(&write, "message", "Rate limit exceeded.");
    write_key(&write, "data");
    write_object(&write);
    write_member_i64(&write, "remainingPoints", 0);
    write_member_i64(&write, "msBeforeNext", wait_ms);
    write_member_i64(&write, "consumedPoints", LIMITS_CALLS);
    write_object_end(&write);
    write_member_text(&write, "status", "429");
    write_object_end(&write);
    write_array_end(&write);
    write_object_end(&write);
    set_number(exchange, "Retry-After", (wait_ms + 999) / 1000);
}

static bool is_within_rate(struct exchange *exchange, struct bytes token)
{
    struct world *world = exchange->world;
    const int64_t now_ms = world_now_ms(world);
    const int64_t wait_ms = faults_take_rate(exchange, token);
    const struct limits_use use = limits_look(world->limits, token, now_ms);

    tell_use(exchange, &use);
    if (wait_ms > 0)
        refuse_rate(exchange, wait_ms);
    return wait_ms == 0;
}

static bool before(struct exchange *exchange)
{
    struct bearer *bearer = arena_new(&exchange->arena, struct bearer);

    exchange->area_data = bearer;
    if (!public_choose_type(exchange))
        return false;
    if (bearer_check_public(exchange, bearer) != BEARER_GOOD) {
        public_refuse(exchange, 401, NULL, "Unauthorized");
        return false;
    }
    if (!is_within_rate(exchange, bearer->token))
        return false;
    if (exchange->body.len > BODY_USED_BYTES) {
        public_refuse(exchange, 413, NULL, "The body is larger than %d bytes.",
                      BODY_USED_BYTES);
        return false;
    }
    return true;
}

static void missing(struct exchange *exchange, enum route_missing why)
{
    (void)why;
    public_refuse(exchange, 501, NULL, "The local Segment does not imitate this call.");
}

/* --- the workspace ------------------------------------------------------------------ */

static void write_workspace(struct exchange *exchange, struct sql_statement *row,
                            struct write *write)
{
    (void)exchange;
    write_object(write);
    write_member_string(write, "id", sql_bytes(row, 0));
    write_member_string(write, "slug", sql_bytes(row, 1));
    write_member_string(write, "name", sql_bytes(row, 2));
    write_object_end(write);
}

void public_get_workspace(struct exchange *exchange)
{
    public_answer_one(exchange,
                      "SELECT id, slug, display_name FROM workspace WHERE slug = ?1"
                      " AND ?2 IS NULL",
                      bytes_of(NULL, 0), "workspace", write_workspace);
}

/* --- the table ---------------------------------------------------------------------- */

#define DOCUMENTED FIDELITY_DOCUMENTED
#define GUESS FIDELITY_GUESS
#define NO_SLUG "A source's slug cannot be changed: 501."
#define SINGLE "Every type of destination is single-instance here."
#define MASKED                                                                           \
    "Passwords come back as eight bullets and their last four characters. A mask that "  \
    "is sent back is stored as it is."
#define TOTALS                                                                           \
    "Totals of the span; by hours, so MINUTE is no finer. Which metrics there are is "   \
    "ours."
#define SHORTER "Items have fewer members than Segment's."
#define NOT_IMITATED "Answers 501."

static const struct route routes[] = {
    {"GET", "/", public_get_workspace, DOCUMENTED, NULL},
    {"GET", "/sources", public_list_sources, DOCUMENTED, NULL},
    {"POST", "/sources", public_create_source, DOCUMENTED, NULL},
    {"GET", "/sources/{}", public_get_source, DOCUMENTED, NULL},
    {"PATCH", "/sources/{}", public_update_source, DOCUMENTED, NO_SLUG},
    {"DELETE", "/sources/{}", public_delete_source, DOCUMENTED, NULL},
    {"GET", "/sources/{}/connected-destinations", public_list_connected, DOCUMENTED,
     NULL},
    {"POST", "/sources/{}/writekey", public_create_key, DOCUMENTED, NULL},
    {"DELETE", "/sources/{}/writekey/{}", public_delete_key, DOCUMENTED, NULL},
    {"GET", "/destinations", public_list_destinations, DOCUMENTED, MASKED},
    {"POST", "/destinations", public_create_destination, DOCUMENTED, SINGLE},
    {"GET", "/destinations/{}", public_get_destination, DOCUMENTED, MASKED},
    {"PATCH", "/destinations/{}", public_update_destination, DOCUMENTED, MASKED},
    {"DELETE", "/destinations/{}", public_delete_destination, DOCUMENTED, NULL},
    {"GET", "/destinations/{}/delivery-metrics", public_get_metrics, DOCUMENTED, TOTALS},
    {"GET", "/catalog/destinations", public_list_catalog_destinations, DOCUMENTED,
     SHORTER},
    {"GET", "/catalog/destinations/{}", public_get_catalog_destination, DOCUMENTED,
     SHORTER},
    {"GET", "/catalog/sources", public_list_catalog_sources, DOCUMENTED, SHORTER},
    {"GET", "/catalog/sources/{}", public_get_catalog_source, DOCUMENTED, SHORTER},
    {"GET", "/catalog/warehouses", public_list_catalog_warehouses, DOCUMENTED,
     "There are none."},
    {"GET", "/functions", NULL, GUESS, NOT_IMITATED},
    {"POST", "/functions", NULL, GUESS, NOT_IMITATED},
    {"PATCH", "/functions/{}", NULL, GUESS, NOT_IMITATED},
    {"DELETE", "/functions/{}", NULL, GUESS, NOT_IMITATED},
    {"POST", "/functions/{}/deploy", NULL, GUESS, NOT_IMITATED},
    {"POST", "/functions/{}/preview", NULL, GUESS, NOT_IMITATED},
    {.method = NULL},
};

const struct area public_area = {
    .title = "Public API",
    .prefix = "/",
    .routes = routes,
    .body_bytes = BODY_BYTES,
    .before_fn = before,
    .missing_fn = missing,
};
