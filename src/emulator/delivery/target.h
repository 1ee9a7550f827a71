/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * target - where events go, and as whom: a destination's, or one typed on a page.
 *
 * Destinations are delivered through the app's subscription (interface §9), but for the
 * catalog's own ways out: webhooks (up to five hooks of the customer, dossier §3.9),
 * actions-webhook (§3.9) and amazon-lambda (§5.1), whose settings say where.
 */

#include "base/arena.h"

struct err;
struct json;
struct world;

enum target_kind {
    TARGET_NONE = 0,
    TARGET_WEBHOOK,  /* partner subscription: Basic key, X-Segment-Settings */
    TARGET_CLASSIC,  /* webhooks: hooks[], X-Signature */
    TARGET_ACTIONS,  /* actions-webhook: method, headers, batches, 10 s */
    TARGET_FUNCTION, /* code, in the same runner as the service's */
    TARGET_LAMBDA,
};

enum { TARGET_HOOKS = 5, TARGET_HEADERS = 32 };

struct target_header {
    struct bytes name, value;
};

struct target_hook {
    struct bytes url;
    struct target_header headers[TARGET_HEADERS];
    size_t n_headers;
};

/* All texts lie in the arena it was read into. */
struct target {
    enum target_kind kind;
    struct bytes api_key;   /* may be empty; sent all the same ("Basic Og==") */
    struct bytes settings;  /* JSON object's text of all other settings; empty: none */
    struct bytes sensitive; /* JSON list's text: keys of settings that no record shows */
    struct bytes shared_secret;             /* signs X-Signature; empty: none */
    struct target_hook hooks[TARGET_HOOKS]; /* one but for CLASSIC */
    size_t n_hooks;
    struct bytes method;      /* of ACTIONS: POST, PUT, PATCH */
    struct bytes function;    /* FUNCTION: path of the code */
    struct bytes generation;  /* FUNCTION: "custom", "subscription", "functions"; empty:
                                 by the code */
    struct bytes invoke_url;  /* LAMBDA: base of the endpoint, "http://127.0.0.1:9001" or
                                 "https://lambda.us-west-2.amazonaws.com" */
    struct bytes arn, region; /* LAMBDA; arn: name, name:alias or ARN */
    struct bytes role;        /* LAMBDA: assumed before Invoke; empty: none */
    struct bytes external_id; /* of role; empty: none is sent */
    struct bytes sts_url;     /* of role: where it is assumed */
    struct bytes client_context; /* JSON object's text, with apiKey; empty: none */
    bool wants_log;              /* LogType Tail */
    bool is_enveloped;           /* function and lambda of the second generation:
                                    {event, settings, version}, not the bare event */
    int64_t timeout_ms;          /* 5,000; ACTIONS 10,000 */
};

/*
 * Of a destination, by name. -1 with @err when its settings do not make one (a required
 * one is missing, a sixth hook, a header that is not ASCII): INVALID_SETTINGS.
 */
must_check
int target_of_destination(struct world *world, struct bytes name, struct arena *arena,
                          struct target *ret_target, struct err *err);
/* Of a page or PUT /_emulator/subscription: {"kind","url","api_key","settings",
 * "shared_secret","function","generation","arn","region","role","external_id",
 * "client_context","log_type","invoke_url","sts_url","payload":"event|envelope"}; "url"
 * of a lambda is another word for "invoke_url". Of the kinds
 * "classic" and "actions" also "hooks":[{"hook","headers"}], "method", "headers". */
must_check
int target_of_json(const struct json *json, struct arena *arena,
                   struct target *ret_target, struct err *err);
/* May this be configured? https to anywhere, http to loopback only (dossier §3.1). */
must_check
int target_check_url(struct bytes url, struct err *err);
/* A role without an external id gets the id of the app's workspace (dossier §5.1). */
void target_default_external_id(struct world *world, int64_t app, struct arena *arena,
                                struct target *target);
/* Copies all texts into @arena. */
struct target target_copy(const struct target *target, struct arena *arena);
/* Names and values; Actions sends no others (dossier §3.9). */
bool target_has_ascii_headers(const struct target_hook *hook);
