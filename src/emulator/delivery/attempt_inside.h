/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * attempt_inside - what attempt's files share: its life, and requests that are recorded.
 *
 * attempt.c      life, cancelling, the result as JSON
 * attempt_post.c one request and its record
 * attempt_http.c, attempt_function.c, attempt_lambda.c: the kinds of targets
 * attempt_role.c, attempt_sign.c: what AWS wants before and under a lambda's Invoke
 *
 * Everything but `fn`, `arg` and the alarm is touched in the loop's thread only.
 */

#include "base/arena.h"
#include "base/list.h"
#include "core/redact.h"
#include "emulator/delivery/attempt.h"
#include "emulator/delivery/shelf.h"
#include "emulator/frame/alarm.h"
#include "js/pool.h"
#include "net/client.h"

enum {
    ATTEMPT_CALLS = 64, /* recorded; a function may make more */
    ATTEMPT_LOGS = 128,
    ATTEMPT_SHOWN_BYTES = 64 << 10,
    ATTEMPT_ANSWER_BYTES = 7 << 20, /* Lambda answers with up to 6 MB */
};

struct attempt_post;
/* The answer has been recorded; the lock is held. */
typedef void attempt_post_fn(struct attempt_post *post,
                             const struct client_response *response);

/* A request of an attempt; in its arena. */
struct attempt_post {
    struct list_link link; /* in the attempt's posts */
    struct attempt *attempt;
    struct client_call *call;    /* NULL: not under way */
    struct attempt_call *record; /* NULL: there were too many */
    struct client_request request;
    struct client_header headers[CLIENT_MAX_HEADERS];
    size_t number; /* of a hook, or of a fetch */
    bool is_role;  /* AssumeRole: the record of its answer is without the credentials */
    attempt_post_fn *done_fn;
};

/* What came of one hook. */
struct attempt_hook {
    struct retry_reading reading;
    struct bytes message;
    int64_t retry_after_ms;
};

/* Who signs; slices of the arena or of the environment. Never shown. */
struct attempt_credentials {
    struct bytes key_id, secret, token; /* token empty: none */
};

/* One asks STS, others that want the same credentials wait for its answer. */
enum attempt_role { ROLE_NONE = 0, ROLE_ASKS, ROLE_WAITS };

struct attempt {
    struct list_link link; /* in emulator_parts()->attempts */
    struct emulator *emulator;
    struct world *world;
    struct arena arena;
    struct target target;
    struct bytes event;
    attempt_done_fn *fn; /* NULL: cancelled */
    void *arg;
    struct alarm alarm;
    int64_t began_us;
    struct redact redact;                   /* of what is sent, got and shown */
    struct attempt_credentials credentials; /* LAMBDA */
    enum attempt_role role;
    bool has_waited_for_role;  /* it does not wait again */
    bool has_kept_credentials; /* they come from assumed.h: they may have ended since */
    bool has_renewed_credentials; /* they had; it is not done again */
    struct list posts;
    struct attempt_call calls[ATTEMPT_CALLS];
    struct attempt_result result;
    struct attempt_hook hooks[TARGET_HOOKS];
    size_t n_hooks_left;
    struct shelf_code *code;
    struct shelf_wait wait;
    struct pool_invocation *invocation;
};

/* The kinds: called once, in the loop's thread, with the lock. */
void attempt_http_begin(struct attempt *attempt);
void attempt_function_begin(struct attempt *attempt);
void attempt_lambda_begin(struct attempt *attempt);
/* Lets go of what function_begin took. */
void attempt_function_done(struct attempt *attempt);

/* Invokes with attempt->credentials. */
void attempt_lambda_invoke(struct attempt *attempt);
/* Reads a call of AWS that got no answer. */
void attempt_lambda_unanswered(struct attempt *attempt,
                               const struct client_response *response);
/* Finds the role's credentials, then invokes; or ends the attempt. */
void attempt_role_begin(struct attempt *attempt);
/* True: the credentials were kept ones that Invoke says have ended (@service_error), and
 * it goes on with others, once. */
must_check
bool attempt_role_again(struct attempt *attempt, struct bytes service_error);
/* It asks no more, whatever came of it: who waits goes on. */
void attempt_role_done(struct attempt *attempt);
/* AssumeRole's answer as a record shows it. */
struct bytes attempt_role_shown(struct attempt *attempt, int status, struct bytes xml);
/* The environment's, or what every local imitation takes. */
struct attempt_credentials attempt_own_credentials(void);
/* Signs for the target's region: X-Amz-Date, X-Amz-Security-Token, Authorization. All
 * else of @post is there already. */
void attempt_sign(struct attempt_post *post, struct bytes service,
                  const struct attempt_credentials *credentials);
/* "/a/b" of "https://host/a/b"; empty without one. */
struct bytes attempt_url_path(struct bytes url);

/* The end: calls fn and frees. With the lock. */
void attempt_end(struct attempt *attempt);
/* The end of an attempt that could not be made; the message is a literal or in the
 * arena. */
void attempt_refuse(struct attempt *attempt, struct retry_reading reading,
                    struct bytes message);
struct bytes attempt_keep(struct attempt *attempt, struct bytes bytes);
/* The same without what attempt->redact knows. */
struct bytes attempt_masked(struct attempt *attempt, struct bytes text);
/* {"apiKey":…, all other settings}. */
struct bytes attempt_settings(struct attempt *attempt);
/* {"event":…,"settings":…,"version":"1.0"} */
struct bytes attempt_envelope(struct attempt *attempt);

/* --- requests ----------------------------------------------------------------------- */

/* A request with the target's time limit; fill in method, url, body, headers. */
struct attempt_post *attempt_post_new(struct attempt *attempt);
/* Replaces a header of that name. Slices are borrowed for the attempt's life. */
void attempt_post_header(struct attempt_post *post, const char *name, struct bytes value);
void attempt_post_start(struct attempt_post *post, attempt_post_fn *fn);
/* Of all that are under way; forgets records too when @forgets. */
void attempt_post_cancel_all(struct attempt *attempt, bool forgets);
/* A header of the answer; ptr NULL: absent. */
struct bytes attempt_post_find(const struct client_response *response, const char *name);
/* "ETIMEDOUT" …; NULL for an answer. */
const char *attempt_post_trouble(const struct client_response *response);
/* An answer's or a failure's reading, by the rules for HTTP. */
struct retry_reading attempt_post_read(const struct client_response *response);
/* Milliseconds that Retry-After asks for; 0: none. */
int64_t attempt_post_retry_after(const struct client_response *response);
