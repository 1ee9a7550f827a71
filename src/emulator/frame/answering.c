/* SPDX-License-Identifier: MIT */

#include "emulator/frame/answering.h"

#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/guard.h"
#include "emulator/frame/route.h"
#include "emulator/world/world.h"

enum {
    HEADER_BYTES = 16 << 10, /* as Node; all of it is cleared for each request */
    BODY_BYTES = 8 << 20,
    CONTROL_BODY_BYTES = 32 << 20, /* a snapshot */
    MAX_CONNECTIONS = 4096,
    DEADLINE_MS = 90000, /* the eight events of the suite may take 5 s each */
    IDLE_MS = 60000,
};

/* One listener. */
struct counter {
    struct emulator *emulator;
    struct server *server;
    const struct area *const *areas;
};

struct answering {
    struct counter main, public;
};

static struct bytes world_name(struct server_request *request)
{
    return server_header(request, "X-Emulator-World");
}

static void serve(struct exchange *exchange, enum route_missing why)
{
    const struct area *area = exchange->area;

    if (!guard_allows(exchange))
        return;
    if (exchange->body.len > area->body_bytes) {
        exchange_refuse(exchange, 413, "the body is larger than %zu bytes",
                        area->body_bytes);
        return;
    }
    if (faults_before(exchange))
        return;
    if (area->before_fn != NULL && !area->before_fn(exchange))
        return;
    if (exchange->route != NULL && exchange->route->fn != NULL)
        exchange->route->fn(exchange);
    else
        area->missing_fn(exchange, why);
}

/* True: its transaction may wait for the next call. */
static bool answer(struct counter *counter, struct server_request *request)
{
    struct world *world = emulator_find_world(counter->emulator, world_name(request));
    enum route_missing why = ROUTE_NO_PATH;
    struct exchange *exchange;
    bool is_shared;

    if (world == NULL) {
        server_answer_message(request, 503,
                              "there are too many worlds, or its name is "
                              "longer than 64 bytes: DELETE "
                              "/_emulator/worlds ends the private ones");
        return false;
    }
    exchange = exchange_new(counter->emulator, world, request);
    route_find(counter->areas, exchange, &why);
    is_shared = exchange->area->shares_transactions;
    if (!is_shared)
        emulator_commit(counter->emulator);
    serve(exchange, why);
    if (!exchange->is_deferred)
        exchange_finish(exchange);
    return is_shared;
}

static void on_head(struct server_request *request, void *arg)
{
    (void)arg;
    if (bytes_starts(server_path(request), BYTES("/_emulator/")))
        server_limit_body(request, CONTROL_BODY_BYTES);
}

static void on_body(struct server_request *request, void *arg)
{
    struct counter *counter = arg;
    bool is_shared = false;

    emulator_enter_open(counter->emulator);
    if (emulator_is_stopping(counter->emulator))
        server_answer_message(request, 503, "the local Segment is stopping");
    else
        is_shared = answer(counter, request);
    if (is_shared)
        emulator_leave_open(counter->emulator);
    else
        emulator_leave(counter->emulator);
}

static int start(struct counter *counter, int port, struct err *err)
{
    const struct server_options options = {
        .host = emulator_options(counter->emulator)->host,
        .port = port,
        .header_bytes = HEADER_BYTES,
        .body_bytes = BODY_BYTES,
        .max_connections = MAX_CONNECTIONS,
        .deadline_ms = DEADLINE_MS,
        .idle_ms = IDLE_MS,
        .head_fn = on_head,
        .body_fn = on_body,
        .arg = counter,
    };

    return server_start(&options, &counter->server, err);
}

int answering_start(struct emulator *emulator, struct answering **ret_answering,
                    struct err *err)
{
    const struct emulator_options *options = emulator_options(emulator);
    struct answering *answering = mem_new(struct answering);

    answering->main = (struct counter){.emulator = emulator, .areas = main_areas};
    answering->public = (struct counter){.emulator = emulator, .areas = public_areas};
    if (start(&answering->main, options->port, err) < 0 ||
        (options->public_port >= 0 &&
         start(&answering->public, options->public_port, err) < 0)) {
        answering_stop(answering);
        return -1;
    }
    *ret_answering = answering;
    return 0;
}

void answering_stop(struct answering *answering)
{
    if (answering == NULL)
        return;
    if (answering->main.server != NULL)
        server_stop(answering->main.server);
    if (answering->public.server != NULL)
        server_stop(answering->public.server);
    free(answering);
}

int answering_port(const struct answering *answering)
{
    return server_port(answering->main.server);
}

int answering_public_port(const struct answering *answering)
{
    return answering->public.server != NULL ? server_port(answering->public.server) : -1;
}
