/* SPDX-License-Identifier: MIT */

/* /api/v1/me: who asks, in all three kinds; and a user's own password. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "core/credential.h"
#include "service/access/audit.h"
#include "service/access/doorman.h"
#include "service/access/hasher.h"
#include "service/access/people.h"
#include "service/site.h"
#include "store/password.h"
#include "store/people.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4096 };

void api_me_get(const struct site_call *call)
{
    const struct principal *principal = &call->principal;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "kind", principal_kind_text(principal->kind));
    write_member_text(&json, "name", principal->name);
    write_member_text(&json, "role", keyring_role_text(principal->role));
    write_member_time(&json, "expires_at", principal->expires_at_ms);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}

/* --- another password ----------------------------------------------------------------
 */

struct renewal {
    struct hasher_job job;
    struct errand errand;
    struct site *site;
    struct server_request *request;
    struct principal principal;
    struct person person;
    struct secret current, wanted;
    char password[PASSWORD_TEXT_BYTES]; /* the new one, computed */
    bool is_right;
};

static void renewal_free(struct renewal *renewal)
{
    secret_done(&renewal->current);
    secret_done(&renewal->wanted);
    free(renewal);
}

static void refuse(struct renewal *renewal, int status, const char *code,
                   const char *detail)
{
    site_problem(renewal->request, status, code, detail);
    renewal_free(renewal);
}

static int run(struct errand *errand, struct store *store, struct err *err)
{
    struct renewal *renewal = container_of(errand, struct renewal, errand);
    struct person *person = &renewal->person;
    struct person now;

    renewal->is_right = people_by_row(renewal->site->people, person->row, &now) &&
                        strcmp(now.password, person->password) == 0;
    if (!renewal->is_right)
        return 0;
    *person = now;
    person->changed_at_ms = clock_wall_ms();
    memcpy(person->password, renewal->password, sizeof(renewal->password));
    const struct store_user row = {
        .row = person->row,
        .role = bytes_str(keyring_role_text(person->role)),
        .password = bytes_str(person->password),
        .changed_at_ms = person->changed_at_ms,
    };

    if (store_set_user(store, &row, err) < 0)
        return -1;
    return store_end_sessions(store, person->row, renewal->principal.session, err);
}

static void finish(struct errand *errand, const struct err *err)
{
    struct renewal *renewal = container_of(errand, struct renewal, errand);
    cleanup(buf_done) struct buf body = {0};

    if (err != NULL) {
        site_problem_err(renewal->request, err);
    } else if (!renewal->is_right) {
        site_problem(renewal->request, 409, "PA3025",
                     "the password was changed meanwhile");
    } else {
        people_put(renewal->site->people, &renewal->person);
        people_end_sessions(renewal->site->people, renewal->person.row,
                            renewal->principal.session);
        buf_init(&body, ANSWER_BYTES);
        buf_add_text(&body, "{\"changed\":true}");
        site_json(renewal->request, 200, &body);
    }
    renewal_free(renewal);
}

static void compute(struct hasher_job *job)
{
    struct renewal *renewal = container_of(job, struct renewal, job);

    if (!password_matches(renewal->person.password, secret_bytes(&renewal->current))) {
        refuse(renewal, 403, "PA3025", "the current password is another one");
        return;
    }
    doorman_right_user(renewal->site->doorman, &renewal->principal);
    if (!password_hash(secret_bytes(&renewal->wanted), renewal->password)) {
        refuse(renewal, 503, NULL, "there is no memory for a password now");
        return;
    }
    renewal->errand.run_fn = run;
    renewal->errand.finish_fn = finish;
    if (!audit_errand(renewal->site->audit, &renewal->errand))
        refuse(renewal, 503, NULL, "the service is about to stop");
}

static int read_renewal(struct renewal *renewal, struct err *err)
{
    static const struct site_field fields[] = {{"current", JSON_STRING},
                                               {"new", JSON_STRING}};
    cleanup(json_freep) struct json *json = NULL;
    const char *fault;

    if (site_read(renewal->request, fields, COUNT(fields), &json, err) < 0)
        return -1;
    secret_set(&renewal->current, json_string(json_get(json, "current")));
    secret_set(&renewal->wanted, json_string(json_get(json, "new")));
    if (renewal->current.len > CREDENTIAL_PASSWORD_BYTES)
        return err_code(err, "PA3025", ERR_USAGE, "no password is that long");
    fault = credential_password_fault(secret_bytes(&renewal->wanted),
                                      bytes_str(renewal->person.name));
    return fault == NULL ? 0 : err_code(err, "PA3029", ERR_USAGE, "%s", fault);
}

void api_me_password(const struct site_call *call)
{
    struct renewal *renewal;
    struct err err = {0};
    char detail[96];
    int64_t wait_ms;

    if (call->principal.kind != PRINCIPAL_USER) {
        site_problem(call->request, 409, "PA3025", "only users have passwords");
        return;
    }
    renewal = mem_new(struct renewal);
    renewal->site = call->site;
    renewal->request = call->request;
    renewal->principal = call->principal;
    renewal->job.run_fn = compute;
    if (!people_by_row(call->site->people, call->principal.row, &renewal->person)) {
        refuse(renewal, 404, "PA7005", "there is no such user any more");
    } else if (read_renewal(renewal, &err) < 0) {
        site_problem_err(call->request, &err);
        renewal_free(renewal);
    } else if (!doorman_lets_user(call->site->doorman, &call->principal, &wait_ms)) {
        snprintf(detail, sizeof(detail), "too many tries; the next one is in %lld s",
                 (long long)(wait_ms + 999) / 1000);
        refuse(renewal, 429, "PA3026", detail);
    } else if (!hasher_ask(call->site->hasher, &renewal->job)) {
        refuse(renewal, 503, NULL, "too many passwords at once");
    }
}
