/* SPDX-License-Identifier: MIT */

#include "service/access/visit.h"

#include <stdio.h>

#include "base/mem.h"
#include "service/access/audit.h"
#include "service/site.h"
#include "sys/clock.h"

static void visit_free(void *data)
{
    struct visit *visit = data;

    if (visit->row != 0)
        audit_status(visit->site->audit, visit->row,
                     visit->is_handled ? server_status(visit->request) : 503);
    free(visit);
}

struct visit *visit_begin(struct site *site, struct server_request *request,
                          enum route_access access)
{
    struct principal principal;
    struct visit *visit;

    if (!access_allows(site, request, access, &principal))
        return NULL;
    visit = mem_new(struct visit);
    visit->site = site;
    visit->request = request;
    visit->principal = principal;
    snprintf(visit->peer, sizeof(visit->peer), "%s", server_peer(request));
    server_set_data(request, visit, visit_free);
    return visit;
}

struct visit *visit_of(const struct server_request *request)
{
    return server_data_of(request, visit_free);
}

static int run(struct errand *errand, struct store *store, struct err *err)
{
    struct visit *visit = container_of(errand, struct visit, errand);
    const struct store_audit row = {
        .at_ms = clock_wall_ms(),
        .action = bytes_str(visit->action),
        .subject = bytes_str(visit->subject),
        .peer = bytes_str(visit->peer),
    };

    return audit_add(store, &visit->principal, &row, &visit->row, err);
}

static void finish(struct errand *errand, const struct err *err)
{
    struct visit *visit = container_of(errand, struct visit, errand);

    visit->is_written = err == NULL;
    visit->has_failed = err != NULL;
    if (err != NULL) {
        visit->failure = *err;
        visit->row = 0;
    }
    server_again(visit->request);
}

static void write_down(struct visit *visit, const char *action, struct bytes subject)
{
    snprintf(visit->action, sizeof(visit->action), "%s", action);
    snprintf(visit->subject, sizeof(visit->subject), "%.*s", BYTES_FMT(subject));
    visit->errand.run_fn = run;
    visit->errand.finish_fn = finish;
    if (!audit_errand(visit->site->audit, &visit->errand))
        site_problem(visit->request, 503, NULL, "the service is about to stop");
}

bool visit_proceed(struct visit *visit, const char *action, struct bytes subject)
{
    if (visit->has_failed) {
        site_problem_err(visit->request, &visit->failure);
        return false;
    }
    /* It may have ended while the body came. */
    if (visit->principal.kind != PRINCIPAL_NOBODY &&
        !access_lasts(visit->site, &visit->principal)) {
        site_problem(visit->request, 401, "PA3021", "this session or token has ended");
        return false;
    }
    if (action != NULL && !visit->is_written) {
        write_down(visit, action, subject);
        return false;
    }
    visit->is_handled = true;
    return true;
}
