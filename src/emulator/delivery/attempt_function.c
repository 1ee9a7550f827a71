/* SPDX-License-Identifier: MIT */

/* Functions of all generations, in the sandbox the service uses (dossier §4). */

#include "emulator/delivery/attempt_inside.h"

#include "base/buf.h"
#include "base/err.h"
#include "emulator/delivery/attempt_mask.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "segment/event.h"
#include "json/json.h"
#include "json/write.h"

enum { ERROR_BYTES = 256 << 10, FETCH_TIMEOUT_MS = 10000 };

static struct retry_reading invalid_settings(void)
{
    return retry_of_function(/* is_loaded= */ false, false, false, BYTES(""));
}

/* --- results ------------------------------------------------------------------------ */

static void set_error(struct attempt *attempt, struct bytes name, struct bytes message,
                      struct bytes stack)
{
    cleanup(buf_done) struct buf text = {0};
    struct write write;

    buf_init(&text, ERROR_BYTES);
    write_init(&write, &text);
    write_object(&write);
    write_member_string(&write, "name", name);
    write_member_string(&write, "message", message);
    write_member_string(&write, "stack", stack);
    write_object_end(&write);
    if (!text.full)
        attempt->result.error = attempt_keep(attempt, buf_bytes(&text));
    attempt->result.message = attempt_keep(attempt, message);
}

static void end_broken(struct attempt *attempt)
{
    const struct shelf_code *code = attempt->code;

    set_error(attempt, bytes_str(shelf_error_name(code)),
              bytes_str(shelf_error_message(code)), BYTES(""));
    attempt_refuse(attempt, invalid_settings(), attempt->result.message);
}

static struct retry_reading read_run(const struct pool_result *result)
{
    switch (result->run) {
    case RUN_RETURNED:
        return retry_of_function(true, false, false, BYTES(""));
    case RUN_TIMEOUT:
        return retry_of_function(true, true, false, BYTES(""));
    case RUN_NO_HANDLER:
        return retry_of_function(true, false, true, BYTES("EventNotSupported"));
    case RUN_NOT_LOADED:
        return invalid_settings();
    case RUN_NONE:
    case RUN_THREW:
    case RUN_MEMORY:
    case RUN_CRASHED:
        break;
    }
    return retry_of_function(true, false, true, result->error_name);
}

static void keep_logs(struct attempt *attempt, const struct pool_result *result)
{
    struct bytes *logs =
        arena_zero(&attempt->arena, (result->n_logs + 1) * sizeof(*logs));

    for (size_t i = 0; i < result->n_logs; i++)
        logs[i] = attempt_keep(attempt, result->logs[i]);
    attempt->result.logs = logs;
    attempt->result.n_logs = result->n_logs;
}

static void keep_result(struct attempt *attempt, const struct pool_result *result)
{
    const bool has_no_name = result->error_name.len == 0;

    attempt->result.reading = read_run(result);
    attempt->result.has_statuses = result->has_statuses;
    attempt->result.returned = attempt_keep(attempt, result->value);
    keep_logs(attempt, result);
    if (result->run == RUN_RETURNED)
        return;
    set_error(attempt,
              has_no_name && result->run == RUN_NO_HANDLER ? BYTES("EventNotSupported")
              : has_no_name                                ? BYTES("Error")
                                                           : result->error_name,
              result->error_message, result->error_stack);
}

/* --- transformEvent alone: we send what it returned (dossier §4.1) -------------------
 */

static void on_transformed(struct attempt_post *post,
                           const struct client_response *response)
{
    struct attempt *attempt = post->attempt;

    if (response->transport != TRANSPORT_OK) {
        set_error(attempt, BYTES("BadRequestError"), bytes_str(response->error),
                  BYTES(""));
        attempt->result.reading = retry_of_function(true, false, true, BYTES("Error"));
    }
    attempt_end(attempt);
}

static void refuse_transform(struct attempt *attempt, const char *why)
{
    set_error(attempt, BYTES("BadRequestError"), bytes_str(why), BYTES(""));
    attempt->result.reading = retry_of_function(true, false, true, BYTES("Error"));
    attempt_end(attempt);
}

static void post_transformed(struct attempt *attempt)
{
    cleanup(json_freep) struct json *settings = NULL;
    struct attempt_post *post;
    struct err err = {0};
    struct bytes endpoint = {0};

    if (attempt->target.settings.len > 0 &&
        json_parse(attempt->target.settings, &settings, &err) == 0)
        endpoint = json_string(json_get(settings, "endpoint"));
    if (endpoint.len == 0) { /* first, in the order of dossier §4.1 */
        refuse_transform(attempt, "You must provide an endpoint to your API Endpoint");
        return;
    }
    if (attempt->result.returned.len == 0) {
        attempt->result.returned =
            BYTES("\"Ignored due to empty return of transformEvent\"");
        attempt_end(attempt);
        return;
    }
    if (target_check_url(endpoint, &err) < 0) {
        refuse_transform(attempt, "endpoint must use HTTPS");
        return;
    }
    post = attempt_post_new(attempt);
    post->request.url = attempt_keep(attempt, endpoint);
    post->request.body = attempt->result.returned;
    attempt_post_header(post, "Content-Type", BYTES("application/json"));
    attempt_post_start(post, on_transformed);
}

/* --- the run ------------------------------------------------------------------------ */

static void on_fetched(struct attempt_post *post, const struct client_response *response)
{
    struct pool_header headers[POOL_HEADERS];
    struct pool_response said = {
        .transport = response->transport,
        .error = response->error,
        .status = response->status,
        .headers = headers,
        .body = response->body,
    };

    for (size_t i = 0; i < response->n_headers && i < POOL_HEADERS; i++)
        headers[said.n_headers++] =
            (struct pool_header){response->headers[i].name, response->headers[i].value};
    if (post->attempt->invocation != NULL)
        pool_answer(post->attempt->invocation, (uint32_t)post->number, &said);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    struct attempt *attempt = arg;
    struct attempt_post *post = attempt_post_new(attempt);

    (void)invocation;
    post->number = fetch;
    post->request.method = attempt_keep(attempt, request->method);
    post->request.url = attempt_keep(attempt, request->url);
    post->request.body = attempt_keep(attempt, request->body);
    post->request.has_body = request->has_body;
    post->request.keeps_redirects = true; /* fetch() follows them itself */
    post->request.cuts_response = false;
    post->request.is_plain_local = false; /* the code's own affair */
    post->request.timeout_ms = FETCH_TIMEOUT_MS;
    for (size_t i = 0; i < request->n_headers; i++)
        attempt_post_header(post, arena_copy(&attempt->arena, request->headers[i].name),
                            attempt_keep(attempt, request->headers[i].value));
    attempt_post_start(post, on_fetched);
}

static void on_restart(void *arg)
{
    attempt_post_cancel_all(arg, /* forgets= */ true);
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct attempt *attempt = arg;
    struct emulator *emulator = attempt->emulator;

    emulator_enter(emulator);
    attempt->invocation = NULL;
    attempt_post_cancel_all(attempt, /* forgets= */ false);
    keep_result(attempt, result);
    if (result->run == RUN_RETURNED && result->is_transform)
        post_transformed(attempt);
    else
        attempt_end(attempt);
    emulator_leave(emulator);
}

static void run(struct attempt *attempt, const struct event *event)
{
    const struct pool_run wanted = {
        .entry = bytes_starts(attempt->event, BYTES("[")) ? POOL_BATCH : POOL_EVENT,
        .event = attempt->event,
        .settings = attempt_settings(attempt),
        .kind = event->kind,
        .is_folded = event->is_folded,
        .fetch_fn = on_fetch,
        .restart_fn = on_restart,
        .done_fn = on_done,
        .arg = attempt,
    };

    attempt->invocation = pool_invoke(shelf_function(attempt->code), &wanted);
    if (attempt->invocation == NULL) /* somebody else took the room: next time */
        shelf_wait(attempt->code, &attempt->wait);
}

/* The shim would call nothing and be content (dossier §4.4). */
static void end_unknown(struct attempt *attempt, struct bytes type)
{
    const char *message =
        arena_printf(&attempt->arena, "%.*s not supported", BYTES_FMT(type));

    set_error(attempt, BYTES("EventNotSupported"), bytes_str(message), BYTES(""));
    attempt_refuse(attempt,
                   retry_of_function(true, false, true, BYTES("EventNotSupported")),
                   bytes_str(message));
}

static void on_turn(void *arg)
{
    struct attempt *attempt = arg;
    const bool is_batch = bytes_starts(attempt->event, BYTES("["));
    cleanup(buf_done) struct buf scratch = {0};
    struct event event = {0};

    buf_init(&scratch, EVENT_SCRATCH_BYTES);
    if (shelf_function(attempt->code) == NULL)
        end_broken(attempt);
    else if (!is_batch && event_judge(attempt->event, &scratch, &event) != EVENT_GOOD &&
             event.kind == EVENT_NONE)
        end_unknown(attempt, event.type);
    else
        run(attempt, &event);
}

static enum pool_generation generation_of(const struct target *target)
{
    static const struct {
        const char *name;
        enum pool_generation generation;
    } names[] = {
        {"custom", POOL_CUSTOM},
        {"subscription", POOL_SUBSCRIPTION},
        {"functions", POOL_FUNCTIONS},
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        if (bytes_eq(target->generation, bytes_str(names[i].name)))
            return names[i].generation;
    }
    return target->is_enveloped ? POOL_SUBSCRIPTION : POOL_BY_CODE;
}

void attempt_function_begin(struct attempt *attempt)
{
    struct shelf *shelf = emulator_parts(attempt->emulator)->shelf;
    const struct target *target = &attempt->target;

    if (shelf == NULL) {
        attempt_refuse(attempt, invalid_settings(),
                       BYTES("no code can be run: partnerapp-runner is not beside "
                             "partnerapp-emulator"));
        return;
    }
    if (target->api_key.len > 0)
        redact_add(&attempt->redact, target->api_key);
    attempt_mask_collect(target->settings, target->sensitive, &attempt->arena,
                         &attempt->redact);
    attempt->code = shelf_take(shelf, target->function, generation_of(target));
    attempt->wait.fn = on_turn;
    attempt->wait.arg = attempt;
    shelf_wait(attempt->code, &attempt->wait);
}

void attempt_function_done(struct attempt *attempt)
{
    shelf_stop_waiting(&attempt->wait);
    if (attempt->invocation != NULL)
        pool_cancel(attempt->invocation);
    attempt->invocation = NULL;
    if (attempt->code != NULL)
        shelf_put(take(attempt->code));
}
