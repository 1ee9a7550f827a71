/* SPDX-License-Identifier: MIT */
#include "js/absent.h"

#include "base/attr.h"

/* The sentences that several names share. */
#define REST "call the vendor's HTTP API with fetch()"
#define ABSENT_FILES "a function has no files; keep values with cache.load()"
#define ABSENT_SOCKETS "a function has no sockets; use fetch() or https.request()"
#define ABSENT_PROCESSES "a function starts no programs and no threads"
#define ABSENT_BINARY "functions run JavaScript only"

struct absence {
    struct bytes name;
    const char *instead;
};

static const struct absence globals[] = {
    {BYTES("AWS"), "call AWS with fetch() and sign the request with crypto.createHmac()"},
    {BYTES("google"),
     "call the Google API with fetch(); jsonwebtoken signs the token request (RS256)"},
    {BYTES("OAuth"),
     "sign the request with crypto.createHmac('sha1', …) and use fetch()"},
    {BYTES("jsforce"), "call Salesforce's REST API with fetch()"},
    {BYTES("stripe"), "call https://api.stripe.com/v1 with fetch() and a Bearer token"},
    {BYTES("twilio"), "call https://api.twilio.com with fetch() and Basic authorization"},
    {BYTES("sendgrid"),
     "call https://api.sendgrid.com/v3 with fetch() and a Bearer token"},
    {BYTES("hubspotlib"), "call https://api.hubapi.com with fetch() and a Bearer token"},
    {BYTES("mailchimplib"), REST},
    {BYTES("nodemailjet"),
     "call https://api.mailjet.com with fetch() and Basic authorization"},
    {BYTES("skyflowlib"), REST},
    {BYTES("winstonlib"), "write to the log with console.log()"},
    {BYTES("axios"), "use fetch()"},
    {BYTES("XMLHttpRequest"), "use fetch()"},
    {BYTES("WebSocket"), "use fetch(); a function holds no connection open"},
    {BYTES("WebAssembly"), ABSENT_BINARY},
    {BYTES("SharedArrayBuffer"), ABSENT_PROCESSES},
    {BYTES("Worker"), ABSENT_PROCESSES},
    {BYTES("localStorage"), "keep values with cache.load()"},
    {BYTES("sessionStorage"), "keep values with cache.load()"},
    {BYTES("document"), "there is no page; a function runs on the server"},
    {BYTES("navigator"), "there is no browser; a function runs on the server"},
    {BYTES("__dirname"), ABSENT_FILES},
    {BYTES("__filename"), ABSENT_FILES},
};

static const struct absence modules[] = {
    {BYTES("fs"), ABSENT_FILES},
    {BYTES("fs/promises"), ABSENT_FILES},
    {BYTES("path"), ABSENT_FILES},
    {BYTES("os"), "a function learns nothing about the machine"},
    {BYTES("net"), ABSENT_SOCKETS},
    {BYTES("tls"), ABSENT_SOCKETS},
    {BYTES("dgram"), ABSENT_SOCKETS},
    {BYTES("dns"), ABSENT_SOCKETS},
    {BYTES("http2"), ABSENT_SOCKETS},
    {BYTES("child_process"), ABSENT_PROCESSES},
    {BYTES("cluster"), ABSENT_PROCESSES},
    {BYTES("worker_threads"), ABSENT_PROCESSES},
    {BYTES("vm"), "code from text runs only with allow_eval, by eval()"},
    {BYTES("aws-sdk"),
     "call AWS with fetch() and sign the request with crypto.createHmac()"},
    {BYTES("axios"), "use fetch()"},
    {BYTES("request"), "use fetch() or https.request()"},
    {BYTES("request-promise"), "use fetch()"},
    {BYTES("got"), "use fetch()"},
    {BYTES("superagent"), "use fetch()"},
    {BYTES("stripe"), "call https://api.stripe.com/v1 with fetch() and a Bearer token"},
    {BYTES("twilio"), "call https://api.twilio.com with fetch() and Basic authorization"},
    {BYTES("jsforce"), "call Salesforce's REST API with fetch()"},
    {BYTES("oauth"),
     "sign the request with crypto.createHmac('sha1', …) and use fetch()"},
    {BYTES("winston"), "write to the log with console.log()"},
};

static const char *find(const struct absence *rows, size_t n_rows, struct bytes name)
{
    for (size_t i = 0; i < n_rows; i++)
        if (bytes_eq(rows[i].name, name))
            return rows[i].instead;
    return NULL;
}

const char *absent_global(struct bytes name)
{
    return find(globals, COUNT(globals), name);
}

const char *absent_module(struct bytes name)
{
    if (bytes_starts(name, BYTES("node:")))
        name = bytes_slice(name, 5, name.len);
    return find(modules, COUNT(modules), name);
}
