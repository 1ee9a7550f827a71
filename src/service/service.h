/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * service - partnerapp itself: front, keeper and courier brought together.
 *
 * The command line starts one, waits for signals, reloads and stops it. Everything else
 * talks to it over HTTP.
 */

#include "base/err.h"
#include "core/config.h"

struct inherit;
struct service;

enum service_notice_kind {
    NOTICE_NONE = 0,
    NOTICE_RECEIVED, /* an event was accepted: text = type, detail = its name */
    NOTICE_FUNCTION, /* ran: text = function's name, detail = "onTrack → 1 request" */
    NOTICE_REQUEST,  /* ended: text = host, detail = "200 POST /sink/demo" */
    NOTICE_SETTLED,  /* state is terminal or retrying; detail = why, when not delivered */
    NOTICE_RELOADED, /* a function: text = its name, detail = handlers */
    NOTICE_RELOAD_FAILED, /* broken save: err says where; the last good version keeps on
                           */
    NOTICE_ENDPOINT_DOWN, /* text = host, detail = what it last said */
    NOTICE_ENDPOINT_UP,   /* text = host */
    NOTICE_INSTALL,       /* Enable with Segment: text = "install" or "segment", detail =
                             what happened, state = to what, status 0 or 1: it failed */
    NOTICE_RECOVERED,     /* at start: number = deliveries that were waiting */
};

/* For the terminal of `dev`. Called from the service's threads, one at a time; must be
 * quick. Texts live during the call. Never holds a secret. */
struct service_notice {
    enum service_notice_kind kind;
    int64_t wall_ms;
    const char *event_id; /* "" when not about one */
    const char *subscription;
    const char *text;
    const char *detail;
    const char *state; /* "delivered" … */
    int status;        /* HTTP, 0 none */
    unsigned attempt, attempts_allowed;
    int64_t duration_us;
    int64_t next_in_ms; /* when retrying */
    int64_t number;
    const struct err *err;
};
typedef void service_notice_fn(void *arg, const struct service_notice *notice);

struct service_options {
    bool is_dev;
    const char *data;      /* folder; made when absent, locked while the service runs */
    const char *runner;    /* path of partnerapp-runner */
    const char *clock_url; /* the wall time follows this (follower.h); NULL: the kernel */
    struct config *config; /* taken: the service frees it */
    const struct inherit *inherit; /* sockets from before; lives during the start; NULL */
    service_notice_fn *notice_fn;  /* may be NULL */
    void *notice_arg;
};

/* Opens, recovers, listens. Ready when it returns 0. */
must_check
int service_start(const struct service_options *options, struct service **ret_service,
                  struct err *err);
/* Takes a new configuration, all or nothing: on -1 the old one goes on (and @config was
 * freed). Listeners, store and data folder cannot change: that is an error that says so.
 */
must_check
int service_reload(struct service *service, struct config *config, struct err *err);
/* How a reload ended, which may fail before there is a configuration: for /metrics. */
void service_reloaded(struct service *service, bool is_good);
/* Stops accepting, lets what is under way finish for at most @grace_ms, parks the rest in
 * the store. Returns the numbers for the last line. */
struct service_summary {
    int64_t n_accepted, n_delivered, n_waiting, n_dead, n_discarded;
};
void service_stop(struct service *service, int64_t grace_ms, struct service_summary *ret);
/*
 * As the stop, but for a program that goes on with our sockets; no request fails by it.
 * What is under way to endpoints may end within @grace_ms while events are still taken.
 * Then nobody is accepted any more (who connects waits in the kernel), what has come is
 * answered, and the connections between two requests go along in @ret_inherit. The
 * process is to exec: threads and files have ended, memory has not.
 */
void service_hand_over(struct service *service, int64_t grace_ms,
                       struct inherit *ret_inherit, struct service_summary *ret);
/* Would a start with these succeed, as far as one can see from outside while another
 * service runs on the same data? Takes the configuration; data and notices do not count.
 */
must_check
int service_check(const struct service_options *options, struct err *err);
/* Readable when the service cannot go on (a failed sync): the process must end with 1. */
int service_failure_fd(const struct service *service);
/* Why, once that is readable. */
void service_failure(const struct service *service, struct err *ret_err);
/* "127.0.0.1:8888" */
const char *service_public_address(const struct service *service);
const char *service_admin_address(const struct service *service);
int service_admin_port(const struct service *service); /* the public one in dev */
/* The level that runners are in ("strict"), "not used" when no function is configured. */
const char *service_sandbox(const struct service *service);
void service_sandbox_layers(const struct service *service, char *ret_text, size_t size);
/* Waiting and retrying deliveries found at start. */
int64_t service_n_recovered(const struct service *service);
