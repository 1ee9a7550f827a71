/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * lambda_call - one signed request to an Invoke API (dossier §5.2, §5.4).
 *
 * By the environment's AWS credentials, or local/local, which every local imitation
 * takes. In a loop, because the host that answers may run in the same one.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "net/client.h"

struct err;
struct loop;

struct lambda_wish {
    const char *url;               /* "http://127.0.0.1:9001", with or without a path */
    const char *function;          /* a name or an ARN */
    const char *type;              /* "RequestResponse" */
    struct bytes payload, context; /* JSON; no context: empty */
    bool wants_tail;
    int64_t timeout_ms;
};

struct lambda_call {
    struct arena arena; /* of all texts below */
    struct egress *egress;
    struct client *client;
    struct client_request request;
    struct client_header headers[12];
    char error[256];             /* why there was no answer; "": there was */
    int status;                  /* 0: no answer */
    struct bytes function_error; /* "Unhandled"; empty: it went well */
    struct bytes refusal;        /* X-Amzn-ErrorType's value; of a status from 400 on */
    struct bytes request_id;
    struct bytes body;
    struct buf log; /* the tail, decoded */
    int64_t duration_us;
    void (*done_fn)(void *arg);
    void *arg;
};

/* Sends; done_fn is called once. End with lambda_call_done, also after -1. */
must_check
int lambda_call_start(struct lambda_call *call, struct loop *loop,
                      const struct lambda_wish *wish, void (*done_fn)(void *arg),
                      void *arg, struct err *err);
void lambda_call_done(struct lambda_call *call);
