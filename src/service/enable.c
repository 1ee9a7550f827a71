/* SPDX-License-Identifier: MIT */

/* GET /auth/segment/callback and /auth/segment/done: an attempt ends. */

#include "service/enable.h"

#include <stdio.h>

#include "base/accept.h"
#include "base/form.h"
#include "base/mem.h"
#include "core/oauth.h"
#include "service/enable_state.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/registrar.h"
#include "service/snapshot.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { QUERY_BYTES = 8192, VERIFIER_BYTES = 256 };

static bool wants_json(struct server_request *request)
{
    const struct bytes accept = server_header(request, "Accept");

    return accept.len > 0 && accept_quality(accept, BYTES("application/json")) >
                                 accept_quality(accept, BYTES("text/html"));
}

static void answer_kind(struct server_request *request, bool as_json,
                        enum enable_kind kind, enum enabling_fault fault)
{
    const struct enable_story story = {.kind = kind, .fault = fault};

    if (as_json)
        enable_json_answer(request, &story);
    else
        enable_page_answer(request, &story);
}

struct landing {
    struct errand errand;
    struct parked parked; /* as it will wait */
    struct store_claim claim;
    struct store_oauth_attempt attempt;
    struct arena arena;
    struct buf scratch; /* holds the code */
    struct oauth_callback callback;
    enum oauth_callback_verdict verdict;
    int64_t known; /* the install that this browser has made; 0: none */
    bool is_found, is_late;
};

static void landing_free(struct landing *landing)
{
    if (landing->scratch.ptr != NULL)
        secret_wipe(landing->scratch.ptr, landing->scratch.len);
    buf_done(&landing->scratch);
    arena_done(&landing->arena);
    free(landing);
}

static int run_claim(struct errand *errand, struct store *store, struct err *err)
{
    struct landing *landing = container_of(errand, struct landing, errand);
    int result;

    landing->claim.now_ms = clock_wall_ms();
    result = store_take_attempt(store, &landing->claim, &landing->arena,
                                &landing->attempt, err);
    landing->is_found = result == 0;
    landing->is_late = result == STORE_LATE;
    return result == STORE_NONE || result == STORE_LATE ? 0 : result;
}

static bool start_exchange(struct landing *landing, struct pending *pending)
{
    struct site *site = landing->parked.site;
    cleanup(buf_done) struct buf verifier = {0};
    char redirect_uri[ENABLE_ADDRESS_BYTES];
    struct registrar_code code = {.code = landing->callback.code,
                                  .subscription = landing->attempt.subscription};
    bool is_asked;

    buf_init(&verifier, VERIFIER_BYTES);
    if (!vault_unseal(site->vault, INSTALLS_ATTEMPT, landing->attempt.row,
                      landing->attempt.sealed, &verifier))
        return false;
    enable_redirect_uri(site, redirect_uri);
    code.verifier = buf_bytes(&verifier);
    code.redirect_uri = bytes_str(redirect_uri);
    code.pressed_at_ms = landing->attempt.expires_at_ms - OAUTH_ATTEMPT_MS;
    is_asked = registrar_exchange(site->registrar, &code, visit_job_done, pending);
    secret_wipe(verifier.ptr, verifier.len);
    return is_asked;
}

/* "Installed already", and we hold it, or may: then that one is used (dossier §6.7). */
static bool start_sync(struct landing *landing, struct visit *visit,
                       struct pending *pending)
{
    struct registrar *registrar = landing->parked.site->registrar;
    int64_t number = 0;
    const size_t n_installs = registrar_count(registrar, &number);

    if (landing->known != 0 && registrar_has(registrar, landing->known))
        return registrar_sync(registrar, landing->known, /* may_mend= */ true,
                              visit_job_done, pending);
    visit->is_discreet = !landing->parked.site->is_dev;
    if (n_installs == 1)
        return registrar_sync(registrar, number, /* may_mend= */ true, visit_job_done,
                              pending);
    visit->story.kind = n_installs > 0 ? ENABLE_ALREADY : ENABLE_FAILED;
    visit->story.fault = ENABLING_FAULT_INSTALLED;
    visit_end(visit);
    free(pending);
    return true;
}

static void log_refusal(const struct landing *landing)
{
    const struct oauth_callback *callback = &landing->callback;
    cleanup(freep) char *description = bytes_copy(callback->description);

    if (landing->verdict == OAUTH_CALLBACK_CODE) {
        log_line(LOG_WARN, "an answer to an attempt names another issuer");
        return;
    }
    log_line(LOG_INFO, "Segment refused an attempt",
             LOG_TEXT("error", oauth_refusal_text(callback->refusal)),
             LOG_TEXT("description", description));
}

static bool is_issuer(const struct landing *landing)
{
    const struct config *config = atomic_load(&landing->parked.site->snapshot)->config;

    return landing->callback.issuer.len == 0 ||
           bytes_eq(landing->callback.issuer, bytes_str(config->segment.id_url));
}

/* NONE: there is a code to redeem. One with another issuer's name is nobody's refusal. */
static enum enabling_fault fault_of(const struct landing *landing)
{
    if (landing->is_late)
        return ENABLING_FAULT_EXPIRED;
    if (landing->verdict != OAUTH_CALLBACK_CODE)
        return enabling_fault_of_refusal(landing->callback.refusal);
    return is_issuer(landing) ? ENABLING_FAULT_NONE : ENABLING_FAULT_ANSWER;
}

/* Under the lock. */
static void begin(struct landing *landing)
{
    struct site *site = landing->parked.site;
    struct visit *visit =
        visit_new(site->enable, landing->parked.tag, landing->claim.cookie_hash);
    struct pending *pending = visit_pending(site, visit->tag);
    const enum enabling_fault fault = fault_of(landing);
    bool is_asked = true;

    visit_answer(visit, &landing->parked);
    if (fault == ENABLING_FAULT_NONE) {
        is_asked = start_exchange(landing, pending);
    } else if (fault == ENABLING_FAULT_INSTALLED) {
        log_refusal(landing);
        is_asked = start_sync(landing, visit, pending);
    } else {
        if (!landing->is_late)
            log_refusal(landing);
        visit->story.kind = ENABLE_FAILED;
        visit->story.fault = fault;
        visit_end(visit);
        free(pending);
    }
    if (is_asked)
        return;
    visit->story.kind = ENABLE_BUSY;
    visit_end(visit);
    free(pending);
}

static void finish_claim(struct errand *errand, const struct err *err)
{
    struct landing *landing = container_of(errand, struct landing, errand);
    const struct parked *parked = &landing->parked;
    struct enable *enable = parked->site->enable;

    if (err != NULL) {
        answer_kind(parked->request, parked->wants_json, ENABLE_FAILED,
                    ENABLING_FAULT_OURS);
    } else if (!landing->is_found && !landing->is_late) {
        answer_kind(parked->request, parked->wants_json, ENABLE_FAILED,
                    ENABLING_FAULT_STATE);
    } else {
        pthread_mutex_lock(&enable->lock);
        begin(landing);
        pthread_mutex_unlock(&enable->lock);
    }
    landing_free(landing);
}

static void add_field(void *arg, struct bytes name, struct bytes value)
{
    struct buf *query = arg;
    cleanup(freep) char *text = bytes_copy(name);

    if (strlen(text) == name.len)
        (void)form_add(query, text, value, FORM_SPACE_PERCENT);
}

static void read_callback(struct server_request *request, struct landing *landing)
{
    cleanup(buf_done) struct buf query = {0};

    buf_init(&query, QUERY_BYTES);
    buf_init(&landing->scratch, QUERY_BYTES);
    server_each_query(request, add_field, &query);
    if (!query.full)
        landing->verdict =
            oauth_callback_read(buf_bytes(&query), &landing->scratch, &landing->callback);
    if (query.ptr != NULL)
        secret_wipe(query.ptr, query.len);
}

static bool is_configured(const struct site *site)
{
    const struct config *config =
        atomic_load(&((struct site *)(uintptr_t)site)->snapshot)->config;

    return config->app.is_present && secret_is_set(&config->app.client_id);
}

/* A look at the head only must not use an attempt up. */
static bool is_head(struct server_request *request)
{
    const struct server_answer nothing = {.status = 200,
                                          .headers = {{"Cache-Control", "no-store"}}};

    if (!bytes_eq(server_method(request), BYTES("HEAD")))
        return false;
    server_answer(request, &nothing);
    return true;
}

static void fill_parked(const struct site_call *call, struct bytes tag,
                        struct parked *ret_parked)
{
    *ret_parked = (struct parked){.site = call->site,
                                  .request = call->request,
                                  .wants_json = wants_json(call->request)};
    snprintf(ret_parked->tag, sizeof(ret_parked->tag), "%.*s", BYTES_FMT(tag));
}

void enable_callback(const struct site_call *call)
{
    struct landing *landing;
    struct bytes cookie;

    if (is_head(call->request))
        return;
    if (!is_configured(call->site)) {
        answer_kind(call->request, wants_json(call->request), ENABLE_UNCONFIGURED,
                    ENABLING_FAULT_NONE);
        return;
    }
    landing = mem_new(struct landing);
    arena_init(&landing->arena);
    read_callback(call->request, landing);
    const struct bytes tag = bytes_slice(landing->callback.state, 0, ENABLE_TAG_LEN);
    fill_parked(call, tag, &landing->parked);
    landing->parked.is_callback = true;
    cookie = enable_read_cookie(call->site, call->request, tag);
    if (landing->verdict == OAUTH_CALLBACK_MALFORMED || cookie.len == 0) {
        answer_kind(call->request, landing->parked.wants_json, ENABLE_FAILED,
                    ENABLING_FAULT_STATE);
        landing_free(landing);
        return;
    }
    server_keep_open(call->request);
    enable_hash(call->site, cookie, landing->claim.cookie_hash);
    enable_hash(call->site, landing->callback.state, landing->claim.state_hash);
    if (visit_answer_again(&landing->parked, landing->claim.cookie_hash)) {
        landing_free(landing);
        return;
    }
    landing->known = enable_read_known(call->site, call->request);
    landing->errand.run_fn = run_claim;
    landing->errand.finish_fn = finish_claim;
    keeper_errand(call->site->keeper, &landing->errand);
}

void enable_done(const struct site_call *call)
{
    const struct bytes tag = server_query(call->request, "attempt");
    const struct bytes cookie = enable_read_cookie(call->site, call->request, tag);
    uint8_t cookie_hash[VAULT_HASH_LEN];
    struct parked parked;

    if (is_head(call->request))
        return;
    fill_parked(call, bytes_slice(tag, 0, ENABLE_TAG_LEN), &parked);
    enable_hash(call->site, cookie, cookie_hash);
    server_keep_open(call->request);
    if (cookie.len == 0 || !visit_answer_again(&parked, cookie_hash))
        answer_kind(call->request, parked.wants_json, ENABLE_GONE, ENABLING_FAULT_NONE);
}
