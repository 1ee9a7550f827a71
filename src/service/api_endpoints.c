/* SPDX-License-Identifier: MIT */

/* /api/v1/endpoints and the list of functions: what courier knows, asked in its own
 * thread. */

#include "base/err.h"
#include "base/mem.h"
#include "js/pool.h"
#include "net/client.h"
#include "service/courier.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/record.h"
#include "service/site.h"
#include "store/store.h"
#include "sys/clock.h"
#include "json/write.h"

enum { ANSWER_BYTES = 8 << 20 };

struct visit {
    struct order order;
    struct errand errand; /* a pause is remembered */
    struct site *site;
    struct server_request *request;
    char *name; /* NULL: all */
    bool is_paused;
    struct courier *courier;
};

static void visit_free(struct visit *visit)
{
    free(visit->name);
    free(visit);
}

static void start_visit(const struct site_call *call, bool has_name,
                        void (*run_fn)(struct courier *courier, struct order *order),
                        bool is_paused)
{
    struct visit *visit = mem_new(struct visit);

    visit->site = call->site;
    visit->request = call->request;
    visit->name = has_name ? bytes_copy(call->parameters[0]) : NULL;
    visit->is_paused = is_paused;
    visit->order.run_fn = run_fn;
    courier_order(call->site->courier, &visit->order);
}

static void answer_list(struct visit *visit, const struct buf *objects, size_t n_objects)
{
    cleanup(buf_done) struct buf body = {0};

    buf_init(&body, ANSWER_BYTES);
    buf_add_text(&body, "{\"data\":[");
    buf_add(&body, buf_bytes(objects));
    buf_addf(&body, "],\"next\":null,\"total\":%zu}", n_objects);
    site_json(visit->request, 200, &body);
}

static void run_endpoints(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf objects = {0};
    size_t n;

    buf_init(&objects, ANSWER_BYTES);
    n = courier_print_endpoints(courier, visit->name, &objects);
    if (visit->name == NULL)
        answer_list(visit, &objects, n);
    else if (n > 0)
        site_json(visit->request, 200, &objects);
    else
        site_problem(visit->request, 404, "PA7005", "there is no endpoint on this host");
    visit_free(visit);
}

void api_endpoints_list(const struct site_call *call)
{
    start_visit(call, /* has_name= */ false, run_endpoints, false);
}

void api_endpoints_get(const struct site_call *call)
{
    start_visit(call, /* has_name= */ true, run_endpoints, false);
}

/* --- pause and resume ------------------------------------------------------------------
 */

static int run_remember(struct errand *errand, struct store *store, struct err *err)
{
    struct visit *visit = container_of(errand, struct visit, errand);

    return store_set_paused(store, bytes_str(visit->name), visit->is_paused,
                            clock_wall_ms(), err);
}

static void finish_remember(struct errand *errand, const struct err *err)
{
    struct visit *visit = container_of(errand, struct visit, errand);

    if (err != NULL) {
        site_problem_err(visit->request, err);
        visit_free(visit);
        return;
    }
    visit->order.run_fn = run_endpoints;
    courier_order(visit->courier, &visit->order);
}

static void run_pause(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    const char *name = courier_pause(courier, bytes_str(visit->name), visit->is_paused);

    if (name == NULL) {
        site_problem(visit->request, 404, "PA7005", "there is no endpoint on this host");
        visit_free(visit);
        return;
    }
    free(visit->name);
    visit->name = bytes_copy(bytes_str(name)); /* which a start will find again */
    visit->courier = courier;
    visit->errand.run_fn = run_remember;
    visit->errand.finish_fn = finish_remember;
    keeper_errand(visit->site->keeper, &visit->errand);
}

void api_endpoints_pause(const struct site_call *call)
{
    start_visit(call, /* has_name= */ true, run_pause, /* is_paused= */ true);
}

void api_endpoints_resume(const struct site_call *call)
{
    start_visit(call, /* has_name= */ true, run_pause, /* is_paused= */ false);
}

/* --- ping
 * -------------------------------------------------------------------------------- */

static void on_pong(void *arg, const struct client_response *response)
{
    struct visit *visit = arg;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "host", visit->name);
    write_member_text(&json, "transport", outcome_transport_text(response->transport));
    write_key(&json, "status");
    if (response->transport == TRANSPORT_OK)
        write_i64(&json, response->status);
    else
        write_null(&json);
    write_key(&json, "duration_ms");
    write_double(&json, (double)response->duration_us / 1000.0);
    record_timing(&json, response);
    write_member_text(&json, "error",
                      response->transport == TRANSPORT_OK ? NULL : response->error);
    write_object_end(&json);
    site_json(visit->request, 200, &body);
    visit_free(visit);
}

static void run_ping(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);

    if (courier_ping(courier, bytes_str(visit->name), on_pong, visit))
        return;
    site_problem(visit->request, 404, "PA7005",
                 "no subscription has its endpoint on this host");
    visit_free(visit);
}

void api_endpoints_ping(const struct site_call *call)
{
    start_visit(call, /* has_name= */ true, run_ping, false);
}

/* --- functions
 * ---------------------------------------------------------------------------- */

static void run_functions(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf objects = {0};

    buf_init(&objects, ANSWER_BYTES);
    answer_list(visit, &objects, courier_print_functions(courier, &objects));
    visit_free(visit);
}

void api_functions_list(const struct site_call *call)
{
    start_visit(call, /* has_name= */ false, run_functions, false);
}
