/* SPDX-License-Identifier: MIT */

/* The role of a lambda: STS AssumeRole before Invoke (dossier §5.2). The first of
 * Segment's two hops, into its own account, is not imitated. */

#include "emulator/delivery/attempt_inside.h"

#include <stdio.h>

#include "base/buf.h"
#include "emulator/delivery/assumed.h"
#include "emulator/delivery/attempt_mask.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "segment/assume_role.h"
#include "sys/clock.h"

enum { BODY_BYTES = 16 << 10, MESSAGE_BYTES = 64 << 10, NUMBER_BYTES = 16 };

static struct assumed_key key_of(const struct attempt *attempt)
{
    const struct target *target = &attempt->target;

    return (struct assumed_key){target->role, target->external_id, target->sts_url,
                                target->region};
}

/* From here on no record shows them. */
static void take_credentials(struct attempt *attempt,
                             const struct assume_role_credentials *credentials)
{
    struct attempt_credentials *own = &attempt->credentials;

    own->key_id = attempt_keep(attempt, credentials->key_id);
    own->secret = attempt_keep(attempt, credentials->secret);
    own->token = attempt_keep(attempt, credentials->token);
    redact_add(&attempt->redact, own->key_id);
    redact_add(&attempt->redact, own->secret);
    redact_add(&attempt->redact, own->token);
}

/* The local Segment's own Invoke takes any credentials and has no STS beside it. Plain
 * http goes to this machine only (target_check_url). */
static bool is_own(const struct attempt *attempt)
{
    cleanup(buf_done) struct buf endpoint = {0};
    char port[NUMBER_BYTES];

    buf_init(&endpoint, BODY_BYTES);
    snprintf(port, sizeof(port), ":%d", emulator_port(attempt->emulator));
    return bytes_eq_nocase(bytes_slice(attempt->target.sts_url, 0, 7),
                           BYTES("http://")) &&
           client_url_endpoint(attempt->target.sts_url, &endpoint) &&
           bytes_ends(buf_bytes(&endpoint), bytes_str(port));
}

/* --- taking turns ------------------------------------------------------------------- */

/* The attempt beside @attempt that has @role in the same matter, from @link on. */
static struct attempt *find_other(const struct attempt *attempt, enum attempt_role role,
                                  struct list_link *link)
{
    const struct assumed_key key = key_of(attempt);

    for (; link != NULL; link = link->next) {
        struct attempt *other = list_entry(link, struct attempt, link);
        const struct assumed_key its = key_of(other);

        if (other != attempt && other->role == role && other->world == attempt->world &&
            assumed_key_eq(&key, &its))
            return other;
    }
    return NULL;
}

static struct list_link *first_attempt(const struct attempt *attempt)
{
    return emulator_parts(attempt->emulator)->attempts.first;
}

static void on_turn(void *arg)
{
    attempt_role_begin(arg);
}

void attempt_role_done(struct attempt *attempt)
{
    struct list_link *link = first_attempt(attempt);
    struct attempt *other;

    if (attempt->role != ROLE_ASKS)
        return;
    attempt->role = ROLE_NONE;
    while ((other = find_other(attempt, ROLE_WAITS, link)) != NULL) {
        other->role = ROLE_NONE;
        other->has_waited_for_role = true;
        alarm_set_in(other->emulator, &other->alarm, 0, on_turn, other);
        link = other->link.next;
    }
}

/* --- the answer --------------------------------------------------------------------- */

struct bytes attempt_role_shown(struct attempt *attempt, int status, struct bytes xml)
{
    cleanup(buf_done) struct buf shown = {0};

    buf_init(&shown, ASSUME_ROLE_ANSWER_BYTES);
    if (!assume_role_cut(xml, &shown))
        return status / 100 == 2 ? BYTES(ATTEMPT_MASK) : xml;
    return attempt_keep(attempt, buf_bytes(&shown));
}

static void fail(struct attempt *attempt, const struct client_response *response)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct attempt_result *result = &attempt->result;
    struct bytes code, message;

    buf_init(&scratch, MESSAGE_BYTES);
    (void)!assume_role_read_error(response->body, &scratch, &code, &message);
    result->reading = retry_of_assume_role(response->status, code);
    if (response->status / 100 == 2)
        message = BYTES("STS gave no credentials: the answer is not AssumeRole's XML");
    result->message = attempt_keep(attempt, message);
}

static void on_answer(struct attempt_post *post, const struct client_response *response)
{
    struct attempt *attempt = post->attempt;
    struct assume_role_credentials credentials;
    const struct assumed_key key = key_of(attempt);

    if (response->transport == TRANSPORT_OK && response->status / 100 == 2 &&
        assume_role_read(response->body, &credentials)) {
        assumed_keep(attempt->world->assumed, &key, clock_wall_ms(), &credentials);
        attempt_role_done(attempt);
        take_credentials(attempt, &credentials);
        attempt_lambda_invoke(attempt);
        return;
    }
    if (response->transport == TRANSPORT_OK)
        fail(attempt, response);
    else
        attempt_lambda_unanswered(attempt, response);
    if (attempt->result.reading.class == RETRY_AGAIN)
        attempt->result.retry_after_ms = attempt_post_retry_after(response);
    attempt_end(attempt);
}

/* --- asking ------------------------------------------------------------------------- */

static void ask(struct attempt *attempt)
{
    const struct attempt_credentials own = attempt_own_credentials();
    const struct assume_role_request request = {
        .role = attempt->target.role,
        .external_id = attempt->target.external_id,
        .now_ns = clock_wall_ms() * 1000000,
    };
    struct attempt_post *post = attempt_post_new(attempt);
    cleanup(buf_done) struct buf body = {0};

    buf_init(&body, BODY_BYTES);
    (void)assume_role_write(&request, &body);
    attempt->role = ROLE_ASKS;
    post->is_role = true;
    post->request.url = attempt->target.sts_url;
    post->request.body = attempt_keep(attempt, buf_bytes(&body));
    post->request.keeps_redirects = true;
    attempt_post_header(post, "Content-Type",
                        BYTES("application/x-www-form-urlencoded; charset=utf-8"));
    attempt_post_header(post, "User-Agent", BYTES("Segment.io/1.0"));
    attempt_sign(post, BYTES("sts"), &own);
    attempt_post_start(post, on_answer);
}

/* When another asks already, its answer will do. */
static void ask_or_wait(struct attempt *attempt)
{
    if (!attempt->has_waited_for_role &&
        find_other(attempt, ROLE_ASKS, first_attempt(attempt)) != NULL)
        attempt->role = ROLE_WAITS;
    else
        ask(attempt);
}

void attempt_role_begin(struct attempt *attempt)
{
    const struct assumed_key key = key_of(attempt);
    struct assume_role_credentials credentials;

    if (is_own(attempt)) {
        attempt->credentials = attempt_own_credentials();
        attempt_lambda_invoke(attempt);
        return;
    }
    if (!assumed_find(attempt->world->assumed, &key, clock_wall_ms(), &credentials)) {
        ask_or_wait(attempt);
        return;
    }
    attempt->has_kept_credentials = !attempt->has_renewed_credentials;
    take_credentials(attempt, &credentials);
    attempt_lambda_invoke(attempt);
}

/* Others may have renewed them meanwhile. */
static void forget(const struct attempt *attempt)
{
    const struct assumed_key key = key_of(attempt);
    struct assume_role_credentials credentials;

    if (assumed_find(attempt->world->assumed, &key, clock_wall_ms(), &credentials) &&
        bytes_eq(credentials.key_id, attempt->credentials.key_id))
        assumed_forget(attempt->world->assumed, &key);
}

bool attempt_role_again(struct attempt *attempt, struct bytes service_error)
{
    if (!attempt->has_kept_credentials || !retry_is_expired_token(service_error))
        return false;
    forget(attempt);
    attempt->has_renewed_credentials = true;
    attempt->has_kept_credentials = false;
    attempt_role_begin(attempt);
    return true;
}
