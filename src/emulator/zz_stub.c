/* SPDX-License-Identifier: MIT */
#include "emulator/attempt.h"
#include "base/err.h"
#include "base/mem.h"
#include "emulator/emulator.h"
#include "emulator/world.h"
#include "net/client.h"
#include "segment/basic.h"
#include "json/json.h"
#include "json/write.h"
struct attempt { struct emulator *emulator; struct client_call *call; attempt_done_fn *fn; void *arg; char *event, *url; struct client_header headers[2]; struct buf auth; };
int target_of_destination(struct world *world, struct bytes name, struct arena *arena, struct target *t, struct err *err)
{
    struct sql_statement *s = world_use(world, "SELECT body FROM subscription WHERE app = 1");
    struct sql_statement *c;
    struct json *j = NULL;
    *t = (struct target){.kind = TARGET_WEBHOOK, .n_hooks = 1, .timeout_ms = 5000};
    if (world_step(world, s) && json_parse(sql_bytes(s, 0), &j, err) == 0) {
        struct bytes u = json_string(json_get(j, "url"));
        t->hooks[0].url = bytes_of(arena_copy(arena, u), u.len);
    }
    json_free(j); j = NULL;
    sql_reset(s);
    c = world_use(world, "SELECT config FROM destination WHERE name = ?1");
    sql_bind_text(c, 1, name);
    if (world_step(world, c) && json_parse(sql_bytes(c, 0), &j, err) == 0) {
        struct bytes u = json_string(json_get(j, "apiKey"));
        t->api_key = bytes_of(arena_copy(arena, u), u.len);
    }
    json_free(j);
    sql_reset(c);
    if (t->api_key.len == 0) return err_set(err, "apiKey is missing");
    return 0;
}
static void done(void *arg, const struct client_response *r)
{
    struct attempt *a = arg;
    struct attempt_result res = {0};
    struct attempt_call call = {.method = BYTES("POST"), .url = bytes_str(a->url), .headers = BYTES("{}"), .body = bytes_str(a->event), .status = r->status, .response_headers = BYTES("{}"), .response_body = r->body, .duration_us = r->duration_us};
    if (r->transport == TRANSPORT_OK) {
        res.reading = retry_of_status(r->status);
        for (size_t i = 0; i < r->n_headers; i++)
            if (bytes_eq_nocase(r->headers[i].name, BYTES("Retry-After"))) { int64_t v; if (bytes_to_i64(r->headers[i].value, &v)) res.retry_after_ms = v * 1000; }
    } else {
        call.status = 0;
        call.trouble = r->transport == TRANSPORT_TIMEOUT ? BYTES("ETIMEDOUT") : BYTES("ECONNREFUSED");
        res.reading = retry_of_trouble(call.trouble.ptr);
    }
    res.calls = &call; res.n_calls = 1; res.duration_us = r->duration_us;
    struct emulator *em = a->emulator;
    emulator_enter(em);
    a->fn(a->arg, &res);
    free(a->event); free(a->url); buf_done(&a->auth); free(a);
    emulator_leave(em);
}
struct attempt *attempt_start(struct world *world, const struct target *target, struct bytes event, attempt_done_fn *fn, void *arg)
{
    struct attempt *a = mem_new(struct attempt);
    struct emulator_parts *p = emulator_parts(world->emulator);
    a->emulator = world->emulator; a->fn = fn; a->arg = arg; a->event = bytes_copy(event); a->url = bytes_copy(target->hooks[0].url);
    buf_init(&a->auth, 1000);
    (void)basic_format(target->api_key, &a->auth);
    a->headers[0] = (struct client_header){BYTES("Content-Type"), BYTES("application/json")};
    a->headers[1] = (struct client_header){BYTES("Authorization"), buf_bytes(&a->auth)};
    const struct client_request rq = {.method = BYTES("POST"), .url = bytes_str(a->url), .headers = a->headers, .n_headers = 2, .body = bytes_str(a->event), .has_body = true, .timeout_ms = target->timeout_ms, .egress = p->egress};
    a->call = client_start(p->client, &rq, done, a);
    return a;
}
void attempt_cancel(struct attempt *a) { client_cancel(a->call); free(a->event); free(a->url); buf_done(&a->auth); free(a); }
void attempt_write(const struct attempt_result *r, struct write *w)
{
    write_member_text(w, "code", r->reading.code);
    write_member_string(w, "message", r->message);
    write_key(w, "calls"); write_array(w);
    for (size_t i = 0; i < r->n_calls; i++) { write_object(w); write_member_i64(w, "status", r->calls[i].status); write_member_string(w, "body", r->calls[i].body); write_object_end(w); }
    write_array_end(w);
}
#include "emulator/page.h"
#include "emulator/exchange.h"
void page_begin(struct exchange *exchange, const struct page *page) { (void)exchange; (void)page; }
void page_end(struct exchange *exchange) { exchange->content_type = "text/html"; }
