/* SPDX-License-Identifier: MIT */

/* What became of attempts whose browsers have come back, and who waits to hear of it. */

#include <stdio.h>

#include "base/mem.h"
#include "core/oauth.h"
#include "service/enable_state.h"
#include "service/registrar.h"
#include "sys/clock.h"
#include "sys/rand.h"

enum { MAX_VISITS = 4096, MAX_PARKED = 1000, LOCATION_BYTES = 128 };

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

static void answer_story(struct server_request *request, bool as_json,
                         const struct enable_story *story)
{
    if (as_json)
        enable_json_answer(request, story);
    else
        enable_page_answer(request, story);
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

struct visit *visit_new(struct enable *enable, const char *tag,
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

/* Now when it is over, or later. Who looks at the page behind the callback has waited
 * enough: that page comes at once, and looks again by itself. */
void visit_answer(struct visit *visit, const struct parked *what)
{
    if (visit->is_over || !what->is_callback || !park(visit, what))
        answer_parked(what, visit);
}

void visit_end(struct visit *visit)
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

void visit_job_done(void *arg, const struct registrar_result *result)
{
    struct pending *pending = arg;
    struct enable *enable = pending->site->enable;
    struct visit *visit;

    pthread_mutex_lock(&enable->lock);
    visit = map_find(&enable->visits, bytes_str(pending->tag));
    if (visit != NULL && !visit->is_over) {
        tell(visit, pending->site, result);
        visit_end(visit);
    }
    pthread_mutex_unlock(&enable->lock);
    free(pending);
}

struct pending *visit_pending(struct site *site, const char *tag)
{
    struct pending *pending = mem_new(struct pending);

    pending->site = site;
    snprintf(pending->tag, sizeof(pending->tag), "%s", tag);
    return pending;
}

/* The attempt is over, or under way, and this is its browser once more: reload, back. */
bool visit_answer_again(const struct parked *parked,
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
        visit_answer(visit, parked);
    pthread_mutex_unlock(&enable->lock);
    return is_its_own;
}
