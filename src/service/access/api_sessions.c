/* SPDX-License-Identifier: MIT */

/* /api/v1/sessions: who is signed in. One's own; an admin's are all. */

#include "base/mem.h"
#include "core/id.h"
#include "service/access/audit.h"
#include "service/access/people.h"
#include "service/site.h"
#include "store/people.h"
#include "sys/clock.h"
#include "json/write.h"

enum { ANSWER_BYTES = 8 << 20 };

static bool may_see(const struct principal *principal, const struct session *session)
{
    return principal->role == KEYRING_ADMIN ||
           (principal->kind == PRINCIPAL_USER && principal->row == session->user);
}

struct listing {
    const struct site_call *call;
    struct write json;
    int64_t n;
};

static void print_session(void *arg, const struct session *session)
{
    struct listing *listing = arg;
    const struct principal *principal = &listing->call->principal;
    struct write *json = &listing->json;
    struct person person;
    char id[ID_TEXT_LEN];

    if (!may_see(principal, session) ||
        !people_by_row(listing->call->site->people, session->user, &person))
        return;
    listing->n++;
    id_format((struct id){.kind = ID_SESSION,
                          .time_ms = session->created_at_ms,
                          .row = session->row},
              id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_text(json, "user", person.name);
    write_member_text(json, "role", keyring_role_text(person.role));
    write_member_time(json, "created_at", session->created_at_ms);
    write_member_time(json, "used_at", session->used_at_ms);
    write_member_time(json, "expires_at", session->expires_at_ms);
    write_member_bool(json, "is_current",
                      principal->kind == PRINCIPAL_USER &&
                          principal->session == session->row);
    write_object_end(json);
}

void api_sessions_list(const struct site_call *call)
{
    cleanup(buf_done) struct buf body = {0};
    struct listing listing = {.call = call};
    struct write *json = &listing.json;

    buf_init(&body, ANSWER_BYTES);
    write_init(json, &body);
    write_object(json);
    write_key(json, "data");
    write_array(json);
    people_each_session(call->site->people, clock_wall_ms(), print_session, &listing);
    write_array_end(json);
    write_member_text(json, "next", NULL);
    write_member_i64(json, "total", listing.n);
    write_object_end(json);
    site_json(call->request, 200, &body);
}

struct end {
    struct errand errand;
    struct site *site;
    struct server_request *request;
    int64_t row;
};

static int run(struct errand *errand, struct store *store, struct err *err)
{
    return store_end_session(store, container_of(errand, struct end, errand)->row, err);
}

static void finish(struct errand *errand, const struct err *err)
{
    struct end *end = container_of(errand, struct end, errand);
    cleanup(buf_done) struct buf body = {0};

    if (err != NULL) {
        site_problem_err(end->request, err);
    } else {
        people_end_session(end->site->people, end->row);
        buf_init(&body, ANSWER_BYTES);
        buf_add_text(&body, "{\"ended\":true}");
        site_json(end->request, 200, &body);
    }
    free(end);
}

void api_sessions_end(const struct site_call *call)
{
    struct session session;
    struct end *end;
    struct id id;

    /* Of somebody else's nobody learns that it is there. */
    if (!id_parse(call->parameters[0], &id) || id.kind != ID_SESSION ||
        !people_session(call->site->people, id.row, &session) ||
        session.created_at_ms != id.time_ms || !may_see(&call->principal, &session)) {
        site_problem(call->request, 404, "PA7005", "there is no session with this id");
        return;
    }
    end = mem_new(struct end);
    end->site = call->site;
    end->request = call->request;
    end->row = session.row;
    end->errand.run_fn = run;
    end->errand.finish_fn = finish;
    if (audit_errand(call->site->audit, &end->errand))
        return;
    site_problem(call->request, 503, NULL, "the service is about to stop");
    free(end);
}
