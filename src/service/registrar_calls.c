/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "net/client.h"
#include "net/egress.h"
#include "net/url.h"
#include "service/keyring.h"
#include "service/registrar_state.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"
#include "json/json.h"

enum {
    PATH_BYTES = 512,
    URL_BYTES = 4096,
    CREDENTIAL_BYTES = 8192,
    REFRESH_TRIES = 3,
    CONSENT_MS = 5000,
    CONSENT_BYTES = 16 << 10,
};

void calls_fail(struct run *run, enum enabling_fault fault, const char *why)
{
    run->fault = fault;
    if (why != run->why) /* it may stay as it is */
        snprintf(run->why, sizeof(run->why), "%s", why);
}

static void add_host(const char *address, struct buf *ret_host)
{
    const char *why;
    struct url *url = url_parse(bytes_str(address), &why);

    buf_init(ret_host, URL_BYTES);
    if (url == NULL || !url_add_host(url, ret_host))
        buf_clear(ret_host);
    url_free(url);
}

/* The addresses of Segment are the operator's word, so they may be anywhere. */
static struct egress *make_egress(const struct config *config)
{
    cleanup(buf_done) struct buf id = {0};
    cleanup(buf_done) struct buf api = {0};
    struct egress *egress = NULL;

    add_host(config->segment.id_url, &id);
    add_host(config->segment.api_url, &api);
    const char *const names[] = {buf_text(&id), buf_text(&api)};
    if (id.len == 0 || api.len == 0 ||
        egress_new(names, COUNT(names), /* allow_loopback= */ false, &egress, NULL) < 0)
        return NULL; /* which refuses all that is not global */
    return egress;
}

static void speak(struct run *run, const char *base, const struct secret *authorization,
                  const struct segment_request *request, const char *content_type,
                  struct segment_answer *ret_answer)
{
    struct egress *egress = make_egress(run->snapshot->config);
    cleanup(secret_done) struct secret key = {0};

    if (run->install.key != 0)
        keyring_key_text(run->registrar->options.keyring, run->install.key, &key);
    const struct segment_caller caller = {
        .backend = SEGMENT_V1BETA,
        .base = bytes_str(base),
        .authorization = secret_bytes(authorization),
        .secret = secret_bytes(&key),
        .egress = egress,
        .max_tries = 1, /* core/enabling decides what is tried again */
        .is_over_fn = registrar_is_stopping,
        .arg = run->registrar,
    };

    struct told_call told = {
        .method = request->method,
        .body = buf_bytes(&request->body),
        .has_form = content_type != NULL,
        .authorization = caller.authorization,
        .at_ms = clock_wall_ms(),
        .began_us = clock_now_us(),
        .answer = ret_answer,
    };
    cleanup(buf_done) struct buf url = {0};

    buf_init(&url, URL_BYTES);
    buf_addf(&url, "%s%.*s", base, BYTES_FMT(buf_bytes(&request->path)));
    told.url = buf_bytes(&url);
    segment_call(&caller, request->method, buf_bytes(&request->path),
                 buf_bytes(&request->body), content_type, ret_answer);
    told_call(run, &told);
    egress_free(egress);
}

static void make_basic(const struct config *config, struct secret *ret_value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, CREDENTIAL_BYTES);
    if (oauth_basic(secret_bytes(&config->app.client_id),
                    secret_bytes(&config->app.client_secret), &text) == 0)
        secret_set(ret_value, buf_bytes(&text));
    if (text.ptr != NULL)
        secret_wipe(text.ptr, text.len);
}

static void make_bearer(const struct run *run, struct secret *ret_value)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, CREDENTIAL_BYTES);
    buf_addf(&text, "Bearer %.*s", BYTES_FMT(secret_bytes(&run->token)));
    secret_set(ret_value, buf_bytes(&text));
    if (text.ptr != NULL)
        secret_wipe(text.ptr, text.len);
}

/* --- tokens --------------------------------------------------------------------------
 */

static enum oauth_token_verdict read_token(struct run *run,
                                           enum oauth_token_purpose purpose,
                                           const struct segment_answer *answer,
                                           struct buf *scratch,
                                           struct oauth_token *ret_token)
{
    const struct oauth_token_answer told = {
        .purpose = purpose,
        .status = answer->status,
        .body = buf_bytes(&answer->body),
        .scope = bytes_str(run->snapshot->config->app.scope),
    };
    enum oauth_token_verdict verdict;

    if (answer->status == 0) {
        snprintf(run->why, sizeof(run->why), "%s", answer->why);
        return answer->verdict == SEGMENT_MALFORMED ? OAUTH_TOKEN_MALFORMED
                                                    : OAUTH_TOKEN_UNAVAILABLE;
    }
    if (answer->body.len > OAUTH_ANSWER_BYTES) {
        snprintf(run->why, sizeof(run->why), "the answer is larger than 64 KiB");
        return OAUTH_TOKEN_MALFORMED;
    }
    verdict = oauth_token_read(&told, scratch, ret_token, run->why, sizeof(run->why));
    if (verdict != OAUTH_TOKEN_GOOD || purpose == OAUTH_EXCHANGE ||
        ret_token->install == 0 || ret_token->install == run->install.number)
        return verdict;
    snprintf(run->why, sizeof(run->why), "the token is another install's");
    return OAUTH_TOKEN_MALFORMED;
}

int calls_exchange(struct run *run, const struct registrar_code *code,
                   struct buf *scratch, struct oauth_token *ret_token)
{
    struct segment_request request = {.method = "POST"};
    struct segment_answer answer;
    cleanup(secret_done) struct secret basic = {0};
    enum oauth_token_verdict verdict;

    segment_request_init(&request);
    segment_answer_init(&answer);
    request.method = "POST";
    buf_add_text(&request.path, "/oauth2/token");
    run->saying = "exchange";
    run->saying_secrets[0] = code->code;
    run->saying_secrets[1] = code->verifier;
    make_basic(run->snapshot->config, &basic);
    (void)oauth_exchange_form(code->code, code->redirect_uri, code->verifier,
                              &request.body);
    speak(run, run->snapshot->config->segment.id_url, &basic, &request,
          "application/x-www-form-urlencoded", &answer);
    run->saying_secrets[0] = run->saying_secrets[1] = BYTES("");
    verdict = read_token(run, OAUTH_EXCHANGE, &answer, scratch, ret_token);
    run->fault = enabling_fault_of_token(verdict);
    if (request.body.ptr != NULL)
        secret_wipe(request.body.ptr, request.body.len);
    segment_request_done(&request);
    segment_answer_done(&answer);
    return verdict == OAUTH_TOKEN_GOOD ? 0 : -1;
}

static enum oauth_token_verdict ask_token(struct run *run, struct buf *scratch,
                                          struct oauth_token *ret_token,
                                          int64_t *ret_retry_after_ms)
{
    struct segment_request request = {.method = "GET"};
    struct segment_answer answer;
    cleanup(secret_done) struct secret basic = {0};
    enum oauth_token_verdict verdict;

    segment_request_init(&request);
    segment_answer_init(&answer);
    request.method = "GET";
    buf_addf(&request.path, "/v1beta/installs/%lld/token",
             (long long)run->install.number);
    run->saying = "refresh";
    make_basic(run->snapshot->config, &basic);
    speak(run, run->snapshot->config->segment.api_url, &basic, &request, NULL, &answer);
    verdict = read_token(run, OAUTH_REFRESH, &answer, scratch, ret_token);
    *ret_retry_after_ms = answer.retry_after_ms;
    segment_request_done(&request);
    segment_answer_done(&answer);
    return verdict;
}

/* A lost answer has made the old token useless, so asking again is all that helps; and it
 * does no harm, for only the newest counts. */
static enum oauth_token_verdict ask_until_told(struct run *run, struct buf *scratch,
                                               struct oauth_token *ret_token)
{
    for (unsigned tries = 1;; tries++) {
        int64_t wait_ms = 0;
        const enum oauth_token_verdict verdict =
            ask_token(run, scratch, ret_token, &wait_ms);

        if (tries == REFRESH_TRIES || registrar_is_stopping(run->registrar) ||
            (verdict != OAUTH_TOKEN_UNAVAILABLE && verdict != OAUTH_TOKEN_LIMITED))
            return verdict;
        wait_ms = segment_api_wait_ms(tries, wait_ms, rand_jitter());
        if (wait_ms < 0)
            return verdict;
        registrar_sleep(run->registrar, wait_ms);
    }
}

int calls_refresh(struct run *run)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct oauth_token token = {0};
    enum oauth_token_verdict verdict;
    int result;

    buf_init(&scratch, OAUTH_ANSWER_BYTES * 2);
    verdict = ask_until_told(run, &scratch, &token);
    if (verdict == OAUTH_TOKEN_REVOKED) {
        run->install.state = bytes_str(enabling_state_text(ENABLING_REVOKED));
        (void)rows_put(run);
    }
    run->fault = enabling_fault_of_token(verdict);
    run->was_refreshed = true;
    if (verdict != OAUTH_TOKEN_GOOD) {
        log_line(LOG_WARN, "an install got no new token",
                 LOG_I64("install", run->install.number), LOG_TEXT("why", run->why));
        return -1;
    }
    result = rows_renew(run, &token);
    if (scratch.ptr != NULL)
        secret_wipe(scratch.ptr, scratch.len);
    if (result == 0)
        registrar_tell(run, REGISTRAR_CHANGED);
    return result;
}

/* --- destinations --------------------------------------------------------------------
 */

static struct json *read_settings(const struct run *run)
{
    const char *text = run->snapshot->config->app.settings_json;
    struct json *settings = NULL;

    if (text == NULL || json_parse(bytes_str(text), &settings, NULL) < 0)
        return json_object();
    return settings;
}

bool calls_want_key(const struct run *run)
{
    cleanup(json_freep) struct json *settings = read_settings(run);

    return bytes_eq(json_string(json_get(settings, "apiKey")), BYTES("new"));
}

static void add_settings(const struct run *run, const struct secret *key,
                         struct buf *ret_text)
{
    cleanup(json_freep) struct json *settings = read_settings(run);

    if (calls_want_key(run))
        json_set_string(settings, "apiKey", secret_bytes(key));
    json_print(settings, /* indented= */ false, ret_text);
}

/* What is shown never has the key that we made. */
static void add_masked(struct bytes text, struct bytes secret, struct buf *ret_text)
{
    while (secret.len > 0 && text.len > 0) {
        const size_t at = bytes_find(text, secret);

        buf_add(ret_text, bytes_slice(text, 0, at));
        if (at == text.len)
            return;
        buf_add_text(ret_text, "••••");
        text = bytes_slice(text, at + secret.len, text.len);
    }
    buf_add(ret_text, text);
}

static void keep_answer(struct run *run, const struct segment_target *target,
                        const struct segment_destination *wanted,
                        const struct secret *key, const struct segment_answer *answer)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf text = {0};
    struct bytes next;
    const struct json *data;

    if (json_parse(buf_bytes(&answer->body), &json, NULL) < 0)
        return;
    data = segment_api_data(target, json, &next);
    buf_init(&text, REGISTRAR_TEXT_BYTES);
    json_print(data, /* indented= */ false, &text);
    buf_clear(&run->destination);
    add_masked(buf_bytes(&text), secret_bytes(key), &run->destination);
    if (text.ptr != NULL)
        secret_wipe(text.ptr, text.len);
    if (target->verb != SEGMENT_GET)
        return;
    buf_clear(&run->drift);
    if (!segment_api_drift(data, wanted, &run->drift))
        buf_clear(&run->drift);
}

static void name_destination(struct run *run)
{
    if (run->install.destination.len > 0)
        return;
    run->install.destination = bytes_str(
        arena_printf(&run->arena, "%.*s/destinations/%s", BYTES_FMT(run->install.source),
                     run->snapshot->config->app.destination));
}

enum segment_verdict calls_destination(struct run *run, enum segment_verb verb,
                                       int64_t *ret_retry_after_ms)
{
    struct segment_request request = {.method = ""};
    struct segment_answer answer;
    cleanup(buf_done) struct buf settings = {0};
    cleanup(secret_done) struct secret key = {0};
    cleanup(secret_done) struct secret bearer = {0};
    struct segment_destination destination = {.is_enabled = true,
                                              .connection_mode = BYTES("CLOUD")};
    struct segment_target target = {.noun = SEGMENT_DESTINATIONS, .verb = verb};
    enum segment_verdict verdict;
    struct err err = {0};

    name_destination(run);
    target.name = run->install.destination;
    target.parent = run->install.source;
    keyring_key_text(run->registrar->options.keyring, run->install.key, &key);
    buf_init(&settings, REGISTRAR_TEXT_BYTES);
    add_settings(run, &key, &settings);
    destination.settings = buf_bytes(&settings);
    segment_request_init(&request);
    segment_answer_init(&answer);
    if (segment_api_write(&target, &destination, &request, &err) < 0) {
        answer.verdict = SEGMENT_INVALID;
        snprintf(answer.why, sizeof(answer.why), "%.255s", err.text);
    } else {
        make_bearer(run, &bearer);
        run->saying = verb == SEGMENT_CREATE   ? "destination"
                      : verb == SEGMENT_UPDATE ? "settings"
                                               : "sync";
        speak(run, run->snapshot->config->segment.api_url, &bearer, &request, NULL,
              &answer);
    }
    if (answer.verdict == SEGMENT_FINE)
        keep_answer(run, &target, &destination, &key, &answer);
    verdict = answer.verdict;
    *ret_retry_after_ms = answer.retry_after_ms;
    memcpy(run->why, answer.why, sizeof(run->why));
    if (request.body.ptr != NULL)
        secret_wipe(request.body.ptr, request.body.len);
    if (settings.ptr != NULL)
        secret_wipe(settings.ptr, settings.len);
    segment_request_done(&request);
    segment_answer_done(&answer);
    return verdict;
}

/* --- consent without a browser, at the local Segment only ------------------------------
 */

struct visit {
    struct buf body;
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response;
};

static void visit(const char *method, const char *url, struct bytes body,
                  struct visit *ret_visit)
{
    static const struct client_header json = {BYTES("Content-Type"),
                                              BYTES("application/json")};
    struct egress *egress = NULL;
    struct client_request request = {
        .method = bytes_str(method),
        .url = bytes_str(url),
        .headers = &json,
        .n_headers = 1,
        .body = body,
        .has_body = body.len > 0,
        .keeps_redirects = true,
        .timeout_ms = CONSENT_MS,
        .is_plain_local = true,
    };

    buf_init(&ret_visit->body, CONSENT_BYTES);
    if (egress_new(NULL, 0, /* allow_loopback= */ true, &egress, NULL) < 0)
        egress = NULL;
    request.egress = egress;
    client_fetch(&request, &ret_visit->body, ret_visit->headers, &ret_visit->response);
    egress_free(egress);
}

static struct bytes location_of(const struct visit *visit)
{
    for (size_t i = 0; i < visit->response.n_headers; i++) {
        if (bytes_eq_nocase(visit->response.headers[i].name, BYTES("Location")))
            return visit->response.headers[i].value;
    }
    return BYTES("");
}

/* False: this is not a local Segment. *ret_was: nobody has to be asked already. */
static bool set_consent(const char *id_url, struct bytes wanted, bool *ret_was)
{
    struct visit *now = mem_new(struct visit);
    cleanup(json_freep) struct json *json = NULL;
    char url[URL_BYTES];
    bool is_set;

    snprintf(url, sizeof(url), "%s/_emulator/consent", id_url);
    visit(wanted.len > 0 ? "PUT" : "GET", url, wanted, now);
    is_set = now->response.transport == TRANSPORT_OK && now->response.status == 200 &&
             json_parse(now->response.body, &json, NULL) == 0;
    if (is_set && ret_was != NULL)
        *ret_was = json_bool(json_get(json, "auto"));
    buf_done(&now->body);
    free(now);
    return is_set;
}

static void take_code(struct run *run, struct bytes location, struct bytes state,
                      struct secret *ret_code)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct oauth_callback callback = {.refusal = OAUTH_REFUSAL_NONE};
    enum oauth_callback_verdict verdict;

    buf_init(&scratch, URL_BYTES);
    (void)bytes_take_until(&location, '?');
    verdict = oauth_callback_read(location, &scratch, &callback);
    if (verdict == OAUTH_CALLBACK_REFUSED)
        calls_fail(run, enabling_fault_of_refusal(callback.refusal), "");
    else if (verdict != OAUTH_CALLBACK_CODE)
        calls_fail(run, ENABLING_FAULT_ANSWER, "the local Segment did not redirect");
    else if (!bytes_eq(callback.state, state))
        calls_fail(run, ENABLING_FAULT_STATE, "");
    else
        secret_set(ret_code, callback.code);
}

static void press(struct run *run, const char *redirect_uri, struct secret *verifier,
                  struct secret *ret_code)
{
    const struct config *config = run->snapshot->config;
    struct visit *page = mem_new(struct visit);
    cleanup(buf_done) struct buf url = {0};
    uint8_t random[2][32];
    char texts[2][OAUTH_STATE_LEN + 1];
    struct oauth_request request = {
        .id_url = bytes_str(config->segment.id_url),
        .client_id = secret_bytes(&config->app.client_id),
        .redirect_uri = bytes_str(redirect_uri),
        .scope = bytes_str(config->app.scope),
    };

    rand_bytes(random, sizeof(random));
    oauth_random_text(random[0], texts[0]);
    oauth_random_text(random[1], texts[1]);
    request.state = bytes_str(texts[0]);
    request.verifier = bytes_str(texts[1]);
    secret_set(verifier, request.verifier);
    buf_init(&url, URL_BYTES);
    (void)oauth_authorize_url(&request, &url);
    visit("GET", buf_text(&url), BYTES(""), page);
    take_code(run, location_of(page), request.state, ret_code);
    buf_done(&page->body);
    free(page);
}

int calls_consent(struct run *run, const char *redirect_uri, struct secret *verifier,
                  struct secret *ret_code)
{
    const char *id_url = run->snapshot->config->segment.id_url;
    bool was_automatic = false;

    if (!set_consent(id_url, BYTES(""), &was_automatic) ||
        (!was_automatic && !set_consent(id_url, BYTES("{\"auto\":true}"), NULL))) {
        calls_fail(run, ENABLING_FAULT_AWAY,
                   "nobody can be asked: this needs the local Segment");
        return -1;
    }
    press(run, redirect_uri, verifier, ret_code);
    if (!was_automatic)
        (void)set_consent(id_url, BYTES("{\"auto\":false}"), NULL);
    return run->fault == ENABLING_FAULT_NONE ? 0 : -1;
}
