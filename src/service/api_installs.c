/* SPDX-License-Identifier: MIT */

/* /api/v1/installs: whose destinations we set up. A token is shown by one call only,
 * which an administrator makes for that. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "service/desk.h"
#include "service/enable.h"
#include "service/registrar.h"
#include "service/snapshot.h"
#include "store/install_steps.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4 << 20 };

static void print_text(struct write *json, const char *key, struct bytes text)
{
    if (text.len > 0)
        write_member_string(json, key, text);
    else
        write_member_text(json, key, NULL);
}

static void print_install(struct write *json, const struct store_install *install)
{
    char name[32];

    snprintf(name, sizeof(name), "installs/%lld", (long long)install->number);
    write_member_text(json, "install", name);
    write_member_i64(json, "number", install->number);
    write_member_string(json, "state", install->state);
    print_text(json, "app", install->app);
    print_text(json, "workspace", install->workspace);
    print_text(json, "source", install->source);
    print_text(json, "scope", install->scope);
    print_text(json, "subscription", install->subscription);
    print_text(json, "destination", install->destination);
    write_member_bool(json, "created", install->was_created);
    write_member_time(json, "token_expires_at", install->expires_at_ms);
    write_member_i64(json, "token_generation", install->generation);
    write_member_raw(json, "drift", install->drift);
    print_text(json, "fault", install->fault);
    write_member_time(json, "created_at", install->created_at_ms);
    write_member_time(json, "updated_at", install->updated_at_ms);
    write_member_time(json, "synced_at", install->synced_at_ms);
}

void site_print_install(struct write *json, const struct store_install *install)
{
    write_object(json);
    print_install(json, install);
    write_object_end(json);
}

/* --- questions ------------------------------------------------------------------------
 */

struct listing {
    struct write json;
    struct buf body;
    struct buf steps; /* of the one */
    int64_t number;   /* the one that is wanted; 0: all */
    int64_t n;
};

static void print_one(void *arg, const struct store_install *install)
{
    struct listing *listing = arg;

    listing->n++;
    site_print_install(&listing->json, install);
}

void api_installs_list(const struct site_call *call)
{
    struct listing listing = {.number = 0};

    buf_init(&listing.body, ANSWER_BYTES);
    write_init(&listing.json, &listing.body);
    write_object(&listing.json);
    write_key(&listing.json, "data");
    write_array(&listing.json);
    registrar_each(call->site->registrar, print_one, &listing);
    write_array_end(&listing.json);
    write_member_text(&listing.json, "next", NULL);
    write_member_i64(&listing.json, "total", listing.n);
    write_object_end(&listing.json);
    site_json(call->request, 200, &listing.body);
    buf_done(&listing.body);
}

static void refuse_unknown(struct server_request *request)
{
    site_problem(request, 404, "PA7005", "there is no install of this number");
}

/* "7", as in installs/7. 0: answered. */
static int64_t find_number(const struct site_call *call)
{
    int64_t number;

    if (bytes_to_i64(call->parameters[0], &number) && number > 0 &&
        registrar_has(call->site->registrar, number))
        return number;
    refuse_unknown(call->request);
    return 0;
}

/* One install, with the last that was said to Segment about it. */
struct question {
    struct desk_job job;
    struct site *site;
    struct server_request *request;
    int64_t number;
};

static void print_with_steps(void *arg, const struct store_install *install)
{
    struct listing *listing = arg;

    if (listing->number != install->number)
        return;
    listing->n++;
    write_object(&listing->json);
    print_install(&listing->json, install);
    write_key(&listing->json, "steps");
    write_array(&listing->json);
    if (listing->steps.len > 0)
        write_raw(&listing->json, buf_bytes(&listing->steps));
    write_array_end(&listing->json);
    write_object_end(&listing->json);
}

static void run_get(struct reader *reader, struct desk_job *job)
{
    struct question *question = container_of(job, struct question, job);
    struct listing listing = {.number = question->number};
    struct err err = {0};

    buf_init(&listing.body, ANSWER_BYTES);
    buf_init(&listing.steps, ANSWER_BYTES);
    write_init(&listing.json, &listing.body);
    if (reader_install_steps(reader, question->number, &listing.steps, &err) < 0) {
        site_problem_err(question->request, &err);
    } else {
        registrar_each(question->site->registrar, print_with_steps, &listing);
        if (listing.n == 1)
            site_json(question->request, 200, &listing.body);
        else
            refuse_unknown(question->request);
    }
    buf_done(&listing.steps);
    buf_done(&listing.body);
    free(question);
}

void api_installs_get(const struct site_call *call)
{
    const int64_t number = find_number(call);
    struct question *question;

    if (number == 0)
        return;
    question = mem_new(struct question);
    question->site = call->site;
    question->request = call->request;
    question->number = number;
    question->job.run_fn = run_get;
    if (desk_ask(call->site->desk, &question->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(question);
}

/* --- what makes Segment be asked -------------------------------------------------------
 */

static void refuse_fault(struct server_request *request,
                         const struct registrar_result *result)
{
    const struct enabling_words *words = enabling_words(result->fault);
    char detail[1024];

    snprintf(detail, sizeof(detail), "%s: %s%s%s%s", words->title, words->cause,
             result->why[0] != '\0' ? " Segment: " : "", result->why,
             result->why[0] != '\0' ? "." : "");
    site_problem(request, words->status, words->code, detail);
}

static bool is_refused(struct server_request *request,
                       const struct registrar_result *result)
{
    if (result->fault == ENABLING_FAULT_NONE)
        return false;
    if (result->install == NULL && result->fault == ENABLING_FAULT_OURS)
        refuse_unknown(request); /* forgotten meanwhile */
    else
        refuse_fault(request, result);
    return true;
}

static void answer_install(void *arg, const struct registrar_result *result)
{
    struct server_request *request = arg;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    if (is_refused(request, result))
        return;
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    site_print_install(&json, result->install);
    site_json(request, 200, &body);
}

static void answer_started(void *arg, const struct registrar_result *result)
{
    const struct store_install *install = result->install;
    struct server_request *request = arg;
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    char name[32];

    if (result->fault != ENABLING_FAULT_NONE || install == NULL) {
        refuse_fault(request, result);
        return;
    }
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    snprintf(name, sizeof(name), "installs/%lld", (long long)install->number);
    write_object(&json);
    write_member_text(&json, "install", name);
    write_member_string(&json, "workspace", install->workspace);
    print_text(&json, "source", install->source);
    write_member_string(&json, "scope", install->scope);
    print_text(&json, "destination", install->destination);
    write_member_bool(&json, "created", result->is_created);
    write_object_end(&json);
    site_json(request, 200, &body);
}

static void answer_token(void *arg, const struct secret *token,
                         const struct registrar_result *result)
{
    struct server_request *request = arg;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    if (is_refused(request, result))
        return;
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_i64(&json, "number", result->install->number);
    write_member_string(&json, "token", secret_bytes(token));
    write_member_time(&json, "expires_at", result->install->expires_at_ms);
    write_object_end(&json);
    site_json(request, 200, &body);
    if (body.ptr != NULL)
        secret_wipe(body.ptr, body.len);
}

static void answer_forgotten(void *arg, const struct registrar_result *result)
{
    struct server_request *request = arg;
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    if (is_refused(request, result))
        return;
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_bool(&json, "forgotten", true);
    write_object_end(&json);
    site_json(request, 200, &body);
}

/* @is_asked: the registrar has taken it, and will answer. */
static void refuse_unless(struct server_request *request, bool is_asked)
{
    if (!is_asked)
        site_problem(request, 503, NULL, "too many installs are being worked on");
}

static bool is_enabled(const struct site_call *call)
{
    const struct config *config = atomic_load(&call->site->snapshot)->config;

    if (config->app.is_present && secret_is_set(&config->app.client_id))
        return true;
    site_problem(call->request, 409, "PA7040",
                 "Enable with Segment is not configured: app.destination, CLIENT_ID and "
                 "CLIENT_SECRET");
    return false;
}

void api_installs_refresh(const struct site_call *call)
{
    const int64_t number = find_number(call);

    if (number == 0 || !is_enabled(call))
        return;
    refuse_unless(call->request, registrar_refresh(call->site->registrar, number,
                                                   answer_install, call->request));
}

void api_installs_sync(const struct site_call *call)
{
    static const struct site_field fields[] = {{"mend", JSON_BOOL}};
    const int64_t number = find_number(call);
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (number == 0 || !is_enabled(call))
        return;
    if (site_read(call->request, fields, COUNT(fields), &json, &err) < 0) {
        site_problem_err(call->request, &err);
        return;
    }
    refuse_unless(call->request, registrar_sync(call->site->registrar, number,
                                                json_bool(json_get(json, "mend")),
                                                answer_install, call->request));
}

void api_installs_token(const struct site_call *call)
{
    const int64_t number = find_number(call);

    if (number == 0 || !is_enabled(call))
        return;
    refuse_unless(call->request, registrar_token(call->site->registrar, number,
                                                 answer_token, call->request));
}

void api_installs_forget(const struct site_call *call)
{
    const int64_t number = find_number(call);

    if (number == 0)
        return;
    refuse_unless(call->request, registrar_forget(call->site->registrar, number,
                                                  answer_forgotten, call->request));
}

void api_installs_start(const struct site_call *call)
{
    static const struct site_field fields[] = {{"auto_approve", JSON_BOOL}};
    cleanup(json_freep) struct json *json = NULL;
    char redirect_uri[ENABLE_ADDRESS_BYTES];
    struct err err = {0};

    if (!is_enabled(call))
        return;
    if (site_read(call->request, fields, COUNT(fields), &json, &err) < 0) {
        site_problem_err(call->request, &err);
        return;
    }
    if (!call->site->is_dev || !json_bool(json_get(json, "auto_approve"))) {
        site_problem(call->request, 409, "PA7041",
                     "only dev with the local Segment consents by itself "
                     "(auto_approve: true); else a person presses the button");
        return;
    }
    enable_redirect_uri(call->site, redirect_uri);
    refuse_unless(call->request,
                  registrar_approve(call->site->registrar, bytes_str(redirect_uri),
                                    answer_started, call->request));
}
