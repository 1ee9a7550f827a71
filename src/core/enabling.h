/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * enabling - the steps from a press of the button to a configured destination, and what
 * to do after a crash between any two of them.
 *
 *   PRESSED ──code──▶ EXCHANGED ──key made──▶ KEYED ──created or updated──▶ ENABLED
 *                        │  ▲                    │
 *                        └──┴── a later press, a start or a sync goes on from here
 *   ENABLED ──second 401 after a refresh──▶ REINSTALL ──press──▶ EXCHANGED
 *   any ──403/404 of the refresh──▶ REVOKED ──press──▶ EXCHANGED
 *
 * Each arrow is one committed write before the next call goes out, so a kill loses no
 * more than the call that was under way, which is made again: every call here may be made
 * twice. The key is committed before Segment hears of it, so the events that then come
 * are accepted and attributed.
 */

#include "base/bytes.h"
#include "core/oauth.h"
#include "core/segment_api.h"

enum enabling_state {
    ENABLING_NONE = 0,
    ENABLING_EXCHANGED, /* the install token is stored */
    ENABLING_KEYED,     /* and the key for this customer, if one is wanted */
    ENABLING_ENABLED,
    ENABLING_REINSTALL, /* Segment does not take our token any more */
    ENABLING_REVOKED,   /* the customer removed the app */
};
/* "exchanged" …; of a value that there is none of: "none", as which any other text reads.
 */
const char *enabling_state_text(enum enabling_state state);
enum enabling_state enabling_state_parse(struct bytes text);

enum enabling_step {
    ENABLING_DONE = 0,
    ENABLING_REFRESH,  /* the token is near its end or was refused once */
    ENABLING_MAKE_KEY, /* commit a key, then KEYED */
    ENABLING_CREATE,   /* POST the destination */
    ENABLING_UPDATE,   /* it existed: PATCH with the three paths */
    ENABLING_WAIT,     /* call again in *ret_wait_ms */
    ENABLING_FAIL,     /* for this time; the row stays as it is. Why: NO_SOURCE when there
                          is none, else enabling_fault_of_answer() */
    ENABLING_LOST,     /* state becomes REINSTALL */
};

/* What has happened so far in this run of the steps. */
struct enabling {
    enum enabling_state state;
    bool wants_key;     /* settings.apiKey is "new" */
    bool has_source;    /* the token named one */
    bool was_refreshed; /* in this run; whoever refreshes sets it and expires_at_ms */
    bool has_existed;   /* CREATE was answered EXISTS in this run */
    unsigned n_tries;   /* of the call that is under way */
    int64_t expires_at_ms;
};

/* What to do next, when nothing is under way: after a WAIT the same call again. A state
 * that only a press can leave is a FAIL. */
enum enabling_step enabling_next(const struct enabling *enabling, int64_t now_ms);
/* What to do after CREATE or UPDATE was answered; changes @enabling: ENABLED with DONE,
 * REINSTALL with LOST, was_refreshed with REFRESH (so a second 401 is the last). */
enum enabling_step enabling_answered(struct enabling *enabling, enum enabling_step step,
                                     enum segment_verdict verdict, int64_t retry_after_ms,
                                     uint32_t random, int64_t *ret_wait_ms);

/* Why an attempt ended badly, for its page, its log line and `install start` (§6.9). */
enum enabling_fault {
    ENABLING_FAULT_NONE = 0,
    ENABLING_FAULT_STATE,   /* unknown, used, or of another browser */
    ENABLING_FAULT_EXPIRED, /* the attempt is older than ten minutes, or the code is */
    ENABLING_FAULT_DENIED,
    ENABLING_FAULT_SCOPE,
    ENABLING_FAULT_INSTALLED, /* "install already exists", and we do not hold it */
    ENABLING_FAULT_REDIRECT,
    ENABLING_FAULT_CLIENT, /* CLIENT_ID or CLIENT_SECRET is wrong */
    ENABLING_FAULT_ANSWER, /* Segment's answer makes no sense */
    ENABLING_FAULT_AWAY,   /* Segment does not answer, or says 5xx */
    ENABLING_FAULT_LIMITED,
    ENABLING_FAULT_REFUSED,   /* the Config API refused the destination */
    ENABLING_FAULT_NO_SOURCE, /* a scope without a source: nothing to configure */
    ENABLING_FAULT_OURS,      /* store, queue, a restart: try again */
    ENABLING_N_FAULTS,
};
enum enabling_fault enabling_fault_of_refusal(enum oauth_refusal refusal);
enum enabling_fault enabling_fault_of_token(enum oauth_token_verdict verdict);
enum enabling_fault enabling_fault_of_answer(enum segment_verdict verdict);

struct enabling_words {
    const char *code;           /* "PA5001" …: also of `partnerapp explain` */
    int status;                 /* of the page */
    const char *title;          /* "Segment did not accept our client secret" */
    const char *cause, *remedy; /* a sentence each */
    bool may_press_again;
};
/* Never NULL: what there are no words for (NONE, too) gets those of OURS. */
const struct enabling_words *enabling_words(enum enabling_fault fault);
