/* SPDX-License-Identifier: MIT */

/* The scripts of the registrar's jobs. Each reads from top to bottom. */

#include <stdio.h>

#include "base/err.h"
#include "service/keyring.h"
#include "service/registrar_state.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"

enum { SCRATCH_BYTES = OAUTH_ANSWER_BYTES * 2, DAY_MS = 24 * 60 * 60 * 1000 };

static void set_state(struct run *run, enum enabling_state state)
{
    run->install.state = bytes_str(enabling_state_text(state));
}

/* What went wrong stays visible at the install. */
static void end_badly(struct run *run)
{
    const struct enabling_words *words = enabling_words(run->fault);

    log_line(LOG_WARN, words->title, LOG_I64("install", run->install.number),
             LOG_TEXT("code", words->code), LOG_TEXT("segment", run->why));
    if (run->install.number > 0 && run->install.row != 0) {
        const enum enabling_fault fault = run->fault;

        run->install.fault = bytes_str(words->code);
        (void)rows_put(run);
        run->fault = fault;
    }
    registrar_tell(run, REGISTRAR_FAILED);
}

static void end_well(struct run *run)
{
    run->fault = ENABLING_FAULT_NONE;
    run->why[0] = '\0';
    run->install.fault = BYTES("");
    run->install.synced_at_ms = clock_wall_ms();
    run->install.drift = buf_bytes(&run->drift);
    if (rows_put(run) < 0)
        end_badly(run);
}

/* --- from a token to a destination ----------------------------------------------------
 */

static struct enabling begin(const struct run *run)
{
    const struct store_install *install = &run->install;

    return (struct enabling){
        .state = enabling_state_parse(install->state),
        .wants_key = calls_want_key(run),
        .has_source = install->source.len > 0,
        .was_refreshed = run->was_refreshed,
        .expires_at_ms = install->expires_at_ms,
    };
}

static int refresh(struct run *run, struct enabling *enabling)
{
    const int result = calls_refresh(run);

    enabling->was_refreshed = true;
    enabling->expires_at_ms = run->install.expires_at_ms;
    return result;
}

static void lose(struct run *run)
{
    set_state(run, ENABLING_REINSTALL);
    calls_fail(run, ENABLING_FAULT_REFUSED, run->why);
}

/* CREATE or UPDATE, and what its answer leads to. */
static enum enabling_step set_destination(struct run *run, struct enabling *enabling,
                                          enum enabling_step step)
{
    const enum segment_verb verb =
        step == ENABLING_CREATE ? SEGMENT_CREATE : SEGMENT_UPDATE;
    int64_t wait_ms = 0;
    enum segment_verdict verdict;
    enum enabling_step next;

    if (rows_open_token(run) < 0)
        return ENABLING_FAIL;
    verdict = calls_destination(run, verb, &wait_ms);
    next = enabling_answered(enabling, step, verdict, wait_ms, rand_jitter(), &wait_ms);
    run->fault = enabling_fault_of_answer(verdict);
    if (verdict == SEGMENT_FINE) {
        run->is_created = step == ENABLING_CREATE;
        run->is_set = true;
        run->install.was_created |= run->is_created;
    }
    if (next != ENABLING_WAIT)
        return next;
    if (registrar_is_stopping(run->registrar))
        return ENABLING_FAIL;
    registrar_sleep(run->registrar, wait_ms);
    return step;
}

/* Returns the next step; DONE, FAIL and LOST end the run. */
static enum enabling_step take_step(struct run *run, struct enabling *enabling,
                                    enum enabling_step step)
{
    switch (step) {
    case ENABLING_REFRESH:
        if (refresh(run, enabling) < 0)
            return ENABLING_FAIL;
        return enabling_next(enabling, clock_wall_ms());
    case ENABLING_MAKE_KEY:
        if (rows_make_key(run) < 0)
            return ENABLING_FAIL;
        told_deed(run, "key", "the customer has a key of his own for what he sends");
        enabling->state = ENABLING_KEYED;
        return enabling_next(enabling, clock_wall_ms());
    case ENABLING_CREATE:
    case ENABLING_UPDATE:
        return set_destination(run, enabling, step);
    case ENABLING_WAIT:
    case ENABLING_DONE:
    case ENABLING_FAIL:
    case ENABLING_LOST:
        break;
    }
    return step;
}

static void go_on(struct run *run, struct enabling *enabling, enum enabling_step step)
{
    while (step != ENABLING_DONE && step != ENABLING_FAIL && step != ENABLING_LOST)
        step = take_step(run, enabling, step);
    if (step == ENABLING_DONE) {
        set_state(run, ENABLING_ENABLED);
        end_well(run);
        if (run->is_set && run->fault == ENABLING_FAULT_NONE)
            registrar_tell(run, run->is_created ? REGISTRAR_CREATED : REGISTRAR_UPDATED);
        return;
    }
    if (step == ENABLING_LOST)
        lose(run);
    else if (run->fault == ENABLING_FAULT_NONE)
        calls_fail(run,
                   enabling->has_source ? ENABLING_FAULT_OURS : ENABLING_FAULT_NO_SOURCE,
                   "");
    end_badly(run);
}

static void configure(struct run *run)
{
    struct enabling enabling = begin(run);

    go_on(run, &enabling, enabling_next(&enabling, clock_wall_ms()));
}

/* --- codes ---------------------------------------------------------------------------
 */

static void take_lease(struct run *run, int64_t number)
{
    if (run->lease == number)
        return;
    if (run->lease != 0)
        registrar_release(run->registrar, run->lease);
    run->lease = 0;
    registrar_lease(run->registrar, number);
    run->lease = number;
}

/* May the code have been used without our having the token? Then it is sent once more. */
static bool is_unclear(const struct run *run)
{
    if (clock_wall_ms() - run->code_row.created_at_ms > DAY_MS)
        return false;
    if (run->fault == ENABLING_FAULT_AWAY || run->fault == ENABLING_FAULT_LIMITED)
        return true;
    return run->job->kind != JOB_REDEEM &&
           (run->fault == ENABLING_FAULT_ANSWER || run->fault == ENABLING_FAULT_SCOPE);
}

static void leave_code(struct run *run)
{
    const enum enabling_fault fault = run->fault;
    char why[sizeof(run->why)];

    memcpy(why, run->why, sizeof(why));
    if (is_unclear(run))
        registrar_put(run->registrar, &run->code_row);
    else
        (void)rows_forget_code(run);
    calls_fail(run, fault, why);
    end_badly(run);
}

/* The customer had removed the app, and has come back: the new install takes the old
 * one's place, and its key. */
static int store_token(struct run *run, const struct oauth_token *token)
{
    const int64_t number = registrar_older(run->registrar, token);
    struct store_install older = {0};
    int result;

    if (number != 0) {
        registrar_lease(run->registrar, number);
        if (registrar_load(run, number))
            older = run->install;
    }
    run->install = (struct store_install){0};
    (void)registrar_load(run, token->install);
    result = rows_put_token(run, token, &older);
    if (number != 0)
        registrar_release(run->registrar, number);
    return result;
}

static void redeem(struct run *run, const struct registrar_code *code)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct oauth_token token = {0};
    int result;

    buf_init(&scratch, SCRATCH_BYTES);
    if (calls_exchange(run, code, &scratch, &token) < 0) {
        leave_code(run);
        return;
    }
    take_lease(run, token.install);
    result = store_token(run, &token);
    if (scratch.ptr != NULL)
        secret_wipe(scratch.ptr, scratch.len);
    if (result < 0) {
        registrar_put(run->registrar, &run->code_row); /* it is what we have */
        registrar_tell(run, REGISTRAR_FAILED);
        return;
    }
    registrar_tell(run, REGISTRAR_GRANTED);
    configure(run);
}

static void exchange(struct run *run, const struct registrar_code *code)
{
    if (rows_put_code(run, code) < 0)
        registrar_tell(run, REGISTRAR_FAILED);
    else
        redeem(run, code);
}

static void do_exchange(struct run *run)
{
    const struct job *job = run->job;
    const struct registrar_code code = {
        .code = secret_bytes(&job->code),
        .verifier = secret_bytes(&job->verifier),
        .redirect_uri = bytes_str(job->redirect_uri),
        .subscription = bytes_str(job->subscription),
    };

    told_visit(run);
    exchange(run, &code);
}

static void do_redeem(struct run *run)
{
    cleanup(secret_done) struct secret storage = {0};
    struct registrar_code code;

    if (!registrar_load(run, run->job->number))
        return;
    run->code_row = run->install;
    run->install = (struct store_install){0};
    if (rows_open_code(run, &storage, &code)) {
        redeem(run, &code);
        return;
    }
    calls_fail(run, ENABLING_FAULT_OURS, "the master key does not open this code");
    leave_code(run);
}

/* --- what is there --------------------------------------------------------------------
 */

static bool must_replace_key(const struct run *run)
{
    return calls_want_key(run) &&
           (run->install.key == 0 ||
            !keyring_key_lasts(run->registrar->options.keyring, run->install.key));
}

static bool is_lost(const struct run *run)
{
    const enum enabling_state state = enabling_state_parse(run->install.state);

    return state == ENABLING_REINSTALL || state == ENABLING_REVOKED;
}

/* The destination as it is; a token that is refused once is renewed. */
static enum segment_verdict look(struct run *run)
{
    int64_t wait_ms = 0;
    enum segment_verdict verdict;

    if (rows_open_token(run) < 0)
        return SEGMENT_MALFORMED;
    verdict = calls_destination(run, SEGMENT_GET, &wait_ms);
    if (verdict != SEGMENT_UNAUTHENTICATED || run->was_refreshed)
        return verdict;
    if (calls_refresh(run) < 0)
        return SEGMENT_MALFORMED;
    return calls_destination(run, SEGMENT_GET, &wait_ms);
}

static void mend(struct run *run, enum segment_verdict found)
{
    struct enabling enabling;

    if (must_replace_key(run) && rows_make_key(run) < 0) {
        end_badly(run);
        return;
    }
    set_state(run, ENABLING_KEYED);
    enabling = begin(run);
    enabling.has_existed = found == SEGMENT_FINE;
    buf_clear(&run->drift);
    go_on(run, &enabling, found == SEGMENT_FINE ? ENABLING_UPDATE : ENABLING_CREATE);
}

static void compare(struct run *run)
{
    const enum segment_verdict found = look(run);
    const bool is_gone = found == SEGMENT_NOT_FOUND;

    if (run->fault != ENABLING_FAULT_NONE) {
        end_badly(run);
        return;
    }
    if (found == SEGMENT_UNAUTHENTICATED) {
        lose(run);
        end_badly(run);
        return;
    }
    if (found != SEGMENT_FINE && !is_gone) {
        calls_fail(run, enabling_fault_of_answer(found), run->why);
        end_badly(run);
        return;
    }
    if (is_gone)
        buf_add_text(&run->drift,
                     "[{\"setting\":\"destination\",\"is\":null,\"should\":true}]");
    if (run->job->may_mend && (run->drift.len > 0 || must_replace_key(run))) {
        mend(run, found);
        return;
    }
    if (run->drift.len > 0)
        log_line(LOG_WARN, "a destination is not as we set it",
                 LOG_I64("install", run->install.number));
    end_well(run);
    registrar_tell(run, REGISTRAR_CHANGED);
}

static void sync_install(struct run *run)
{
    if (is_lost(run)) {
        /* Only the customer's press leads out of it, or a token that is given all the
         * same. */
        if (calls_refresh(run) < 0) {
            end_badly(run);
            return;
        }
        set_state(run, ENABLING_EXCHANGED);
    } else if (oauth_needs_refresh(run->install.expires_at_ms, clock_wall_ms()) &&
               calls_refresh(run) < 0) {
        end_badly(run);
        return;
    }
    if (enabling_state_parse(run->install.state) == ENABLING_ENABLED)
        compare(run);
    else
        configure(run);
}

static bool load(struct run *run)
{
    if (registrar_load(run, run->job->number))
        return true;
    calls_fail(run, ENABLING_FAULT_OURS, "there is no such install");
    return false;
}

static void do_refresh(struct run *run, bool only_when_near)
{
    if ((!only_when_near ||
         oauth_needs_refresh(run->install.expires_at_ms, clock_wall_ms())) &&
        calls_refresh(run) < 0) {
        end_badly(run);
        return;
    }
    if (rows_open_token(run) < 0)
        end_badly(run);
}

/* --- without a browser ----------------------------------------------------------------
 */

static void consent(struct run *run)
{
    cleanup(secret_done) struct secret verifier = {0};
    cleanup(secret_done) struct secret text = {0};
    struct registrar_code code = {.redirect_uri = bytes_str(run->job->redirect_uri)};

    if (calls_consent(run, run->job->redirect_uri, &verifier, &text) < 0) {
        end_badly(run);
        return;
    }
    told_deed(run, "consent", "the local Segment consented by itself: nobody pressed");
    code.code = secret_bytes(&text);
    code.verifier = secret_bytes(&verifier);
    exchange(run, &code);
}

static void start_anew(struct run *run)
{
    run->install = (struct store_install){0};
    run->fault = ENABLING_FAULT_NONE;
    run->why[0] = '\0';
    run->was_refreshed = false;
    secret_done(&run->token);
}

static void do_approve(struct run *run)
{
    int64_t number;

    if (registrar_count(run->registrar, &number) > 0) {
        take_lease(run, number);
        if (registrar_load(run, number)) {
            sync_install(run);
            if (run->fault == ENABLING_FAULT_NONE || !is_lost(run))
                return;
            start_anew(run);
        }
    }
    consent(run);
}

void steps_run(struct run *run)
{
    switch (run->job->kind) {
    case JOB_EXCHANGE:
        do_exchange(run);
        return;
    case JOB_REDEEM:
        do_redeem(run);
        return;
    case JOB_APPROVE:
        do_approve(run);
        return;
    case JOB_SYNC:
    case JOB_REFRESH:
    case JOB_TOKEN:
    case JOB_FORGET:
        break;
    }
    if (!load(run))
        return;
    if (run->job->kind == JOB_SYNC)
        sync_install(run);
    else if (run->job->kind == JOB_FORGET)
        (void)rows_forget(run);
    else
        do_refresh(run, run->job->kind == JOB_TOKEN);
}
