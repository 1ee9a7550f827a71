/* SPDX-License-Identifier: MIT */

#include "service/enable.h"

#include <pthread.h>
#include <stdio.h>

#include "base/accept.h"
#include "base/form.h"
#include "base/map.h"
#include "base/mem.h"
#include "core/oauth.h"
#include "service/desk.h"
#include "service/enable_state.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/registrar.h"
#include "service/snapshot.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"

enum {
    MAX_VISITS = 4096,
    MAX_PARKED = 1000,
    QUERY_BYTES = 8192,
    VERIFIER_BYTES = 256,
    WHY_BYTES = 256,
    LOCATION_BYTES = 128,
};

/* What became of an attempt whose browser has come back. */
struct visit {
    struct list_link age; /* the oldest first */
    char tag[ENABLE_TAG_LEN + 1];
    uint8_t cookie_hash[VAULT_HASH_LEN];
    int64_t began_ms; /* monotonic */
    bool is_over;
    bool is_discreet; /* the browser did not prove that the install is its own */
    char why[WHY_BYTES];
    struct enable_story story; /* its texts in the arena */
    struct arena arena;
    struct list parked;
};

/* A request that waits for the end of a visit. The desk's until its time has come. */
struct parked {
    struct desk_job timer;
    struct list_link link;
    struct site *site;
    struct server_request *request;
    char tag[ENABLE_TAG_LEN + 1];
    bool is_callback, wants_json;
    bool is_answered;
};

struct enable {
    pthread_mutex_t lock;
    struct map visits; /* by tag */
    struct list by_age;
    size_t n_parked;
};

struct enable *enable_new(void)
{
    struct enable *enable = mem_new(struct enable);
    const uint64_t seed[2] = {rand_u64(), rand_u64()};

    pthread_mutex_init(&enable->lock, NULL);
    map_init(&enable->visits, seed);
    return enable;
}

static void visit_free(struct enable *enable, struct visit *visit)
{
    map_remove(&enable->visits, bytes_str(visit->tag));
    list_remove(&enable->by_age, &visit->age);
    arena_done(&visit->arena);
    free(visit);
}

void enable_free(struct enable *enable)
{
    if (enable == NULL)
        return;
    while (!list_is_empty(&enable->by_age))
        visit_free(enable, list_entry(enable->by_age.first, struct visit, age));
    map_done(&enable->visits);
    pthread_mutex_destroy(&enable->lock);
    free(enable);
}

static bool wants_json(struct server_request *request)
{
    const struct bytes accept = server_header(request, "Accept");

    return accept.len > 0 && accept_quality(accept, BYTES("application/json")) >
                                 accept_quality(accept, BYTES("text/html"));
}

static void answer_story(struct server_request *request, bool as_json,
                         const struct enable_story *story)
{
    if (as_json)
        enable_json_answer(request, story);
    else
        enable_page_answer(request, story);
}

static void answer_kind(struct server_request *request, bool as_json,
                        enum enable_kind kind, enum enabling_fault fault)
{
    const struct enable_story story = {.kind = kind, .fault = fault};

    answer_story(request, as_json, &story);
}

/* --- visits: under the lock ----------------------------------------------------------
 */

/* Old ones go; those that somebody waits for stay. */
static void make_room(struct enable *enable)
{
    const int64_t now_ms = clock_now_ms();
    struct list_link *link = enable->by_age.first;

    while (link != NULL) {
        struct visit *visit = list_entry(link, struct visit, age);

        link = link->next;
        if (enable->by_age.n_links <= MAX_VISITS &&
            now_ms - visit->began_ms < OAUTH_ATTEMPT_MS)
            return;
        if (list_is_empty(&visit->parked))
            visit_free(enable, visit);
    }
}

static struct visit *visit_new(struct enable *enable, const char *tag,
                               const uint8_t cookie_hash[VAULT_HASH_LEN])
{
    struct visit *visit = mem_new(struct visit);

    make_room(enable);
    snprintf(visit->tag, sizeof(visit->tag), "%s", tag);
    memcpy(visit->cookie_hash, cookie_hash, sizeof(visit->cookie_hash));
    visit->began_ms = clock_now_ms();
    visit->story.kind = ENABLE_RUNNING;
    arena_init(&visit->arena);
    list_push(&enable->by_age, &visit->age);
    map_put(&enable->visits, bytes_str(visit->tag), visit);
    return visit;
}

/* A clean address, and for the browser that made an install the sign that it did. */
static void send_on(const struct parked *parked, const struct visit *visit)
{
    char location[LOCATION_BYTES];
    char cookie[ENABLE_COOKIE_BYTES];
    struct server_answer answer = {.status = 303,
                                   .headers = {{"Location", location},
                                               {"Cache-Control", "no-store"},
                                               {"Referrer-Policy", "no-referrer"}}};

    snprintf(location, sizeof(location), "/auth/segment/done?attempt=%s", parked->tag);
    if (visit->story.kind == ENABLE_CONNECTED) {
        enable_write_known(parked->site, visit->story.number, cookie);
        answer.headers[3] = (struct server_header){"Set-Cookie", cookie};
    }
    server_answer(parked->request, &answer);
}

static void answer_parked(const struct parked *parked, const struct visit *visit)
{
    if (parked->is_callback && !parked->wants_json)
        send_on(parked, visit);
    else
        answer_story(parked->request, parked->wants_json, &visit->story);
}

static void run_timer(struct reader *reader, struct desk_job *job)
{
    struct parked *parked = container_of(job, struct parked, timer);
    struct enable *enable = parked->site->enable;

    (void)reader;
    pthread_mutex_lock(&enable->lock);
    if (!parked->is_answered) {
        struct visit *visit = map_find(&enable->visits, bytes_str(parked->tag));

        if (visit != NULL) {
            list_remove(&visit->parked, &parked->link);
            answer_parked(parked, visit);
        }
    }
    enable->n_parked--;
    pthread_mutex_unlock(&enable->lock);
    free(parked);
}

static bool park(struct visit *visit, const struct parked *what)
{
    struct enable *enable = what->site->enable;
    struct parked *parked;

    if (enable->n_parked >= MAX_PARKED)
        return false;
    parked = mem_new(struct parked);
    *parked = *what;
    parked->timer.run_fn = run_timer;
    parked->timer.at_ms = clock_now_ms() + ENABLE_WAIT_MS;
    if (!desk_ask(what->site->desk, &parked->timer)) {
        free(parked);
        return false;
    }
    enable->n_parked++;
    list_push(&visit->parked, &parked->link);
    return true;
}

/* Now when it is over, or later. */
static void answer_when_over(struct visit *visit, const struct parked *what)
{
    if (visit->is_over || !park(visit, what))
        answer_parked(what, visit);
}

static void end_visit(struct visit *visit)
{
    struct list_link *link;

    visit->is_over = true;
    while ((link = list_pop(&visit->parked)) != NULL) {
        struct parked *parked = list_entry(link, struct parked, link);

        answer_parked(parked, visit);
        parked->is_answered = true;
    }
}

/* --- how a job ended ------------------------------------------------------------------
 */

struct pending {
    struct site *site;
    char tag[ENABLE_TAG_LEN + 1];
};

static struct bytes keep(struct arena *arena, struct bytes text)
{
    return bytes_of(arena_copy(arena, text), text.len);
}

static void tell(struct visit *visit, const struct site *site,
                 const struct registrar_result *result)
{
    struct enable_story *story = &visit->story;

    story->is_dev = site->is_dev;
    story->fault = result->fault;
    story->kind = result->fault == ENABLING_FAULT_NONE ? ENABLE_CONNECTED : ENABLE_FAILED;
    if (visit->is_discreet) {
        if (story->kind == ENABLE_CONNECTED)
            story->kind = ENABLE_ALREADY;
        return;
    }
    snprintf(visit->why, sizeof(visit->why), "%s", result->why);
    story->why = visit->why;
    story->is_created = result->is_created;
    story->json = keep(&visit->arena, result->destination);
    if (result->install == NULL)
        return;
    story->number = result->install->number;
    story->workspace = keep(&visit->arena, result->install->workspace);
    story->source = keep(&visit->arena, result->install->source);
    story->destination = keep(&visit->arena, result->install->destination);
}

static void on_done(void *arg, const struct registrar_result *result)
{
    struct pending *pending = arg;
    struct enable *enable = pending->site->enable;
    struct visit *visit;

    pthread_mutex_lock(&enable->lock);
    visit = map_find(&enable->visits, bytes_str(pending->tag));
    if (visit != NULL && !visit->is_over) {
        tell(visit, pending->site, result);
        end_visit(visit);
    }
    pthread_mutex_unlock(&enable->lock);
    free(pending);
}

static struct pending *pending_new(struct site *site, const char *tag)
{
    struct pending *pending = mem_new(struct pending);

    pending->site = site;
    snprintf(pending->tag, sizeof(pending->tag), "%s", tag);
    return pending;
}

/* --- the callback ---------------------------------------------------------------------
 */

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
    bool is_found;
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
    return result == STORE_NONE ? 0 : result;
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
    is_asked = registrar_exchange(site->registrar, &code, on_done, pending);
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
        return registrar_sync(registrar, landing->known, /* may_mend= */ true, on_done,
                              pending);
    visit->is_discreet = !landing->parked.site->is_dev;
    if (n_installs == 1)
        return registrar_sync(registrar, number, /* may_mend= */ true, on_done, pending);
    visit->story.kind = n_installs > 0 ? ENABLE_ALREADY : ENABLE_FAILED;
    visit->story.fault = ENABLING_FAULT_INSTALLED;
    end_visit(visit);
    free(pending);
    return true;
}

static void log_refusal(const struct landing *landing)
{
    const struct oauth_callback *callback = &landing->callback;
    cleanup(freep) char *description = bytes_copy(callback->description);

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

/* Under the lock. */
static void begin(struct landing *landing)
{
    struct site *site = landing->parked.site;
    struct visit *visit =
        visit_new(site->enable, landing->parked.tag, landing->claim.cookie_hash);
    struct pending *pending = pending_new(site, visit->tag);
    const enum enabling_fault fault =
        enabling_fault_of_refusal(landing->callback.refusal);
    bool is_asked = true;

    answer_when_over(visit, &landing->parked);
    if (landing->verdict == OAUTH_CALLBACK_CODE && is_issuer(landing)) {
        is_asked = start_exchange(landing, pending);
    } else if (landing->verdict == OAUTH_CALLBACK_REFUSED &&
               fault == ENABLING_FAULT_INSTALLED) {
        log_refusal(landing);
        is_asked = start_sync(landing, visit, pending);
    } else {
        log_refusal(landing);
        visit->story.kind = ENABLE_FAILED;
        visit->story.fault = fault;
        end_visit(visit);
        free(pending);
    }
    if (is_asked)
        return;
    visit->story.kind = ENABLE_BUSY;
    end_visit(visit);
    free(pending);
}

static void finish_claim(struct errand *errand, const struct err *err)
{
    struct landing *landing = container_of(errand, struct landing, errand);
    const struct parked *parked = &landing->parked;
    struct enable *enable = parked->site->enable;

    if (err != NULL || !landing->is_found) {
        answer_kind(parked->request, parked->wants_json, ENABLE_FAILED,
                    err != NULL ? ENABLING_FAULT_OURS : ENABLING_FAULT_STATE);
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

/* The attempt is over, or under way, and this is its browser once more: reload, back. */
static bool answer_again(const struct parked *parked,
                         const uint8_t cookie_hash[VAULT_HASH_LEN])
{
    struct enable *enable = parked->site->enable;
    struct visit *visit;
    bool is_its_own;

    pthread_mutex_lock(&enable->lock);
    visit = map_find(&enable->visits, bytes_str(parked->tag));
    is_its_own =
        visit != NULL && secret_eq(visit->cookie_hash, cookie_hash, VAULT_HASH_LEN);
    if (is_its_own)
        answer_when_over(visit, parked);
    pthread_mutex_unlock(&enable->lock);
    return is_its_own;
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
    if (answer_again(&landing->parked, landing->claim.cookie_hash)) {
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
    if (cookie.len == 0 || !answer_again(&parked, cookie_hash))
        answer_kind(call->request, parked.wants_json, ENABLE_GONE, ENABLING_FAULT_NONE);
}
