/* SPDX-License-Identifier: MIT */

/*
 * A call owns an easy handle for good; ended calls wait in a short list for the next
 * request, because a fresh handle costs a third of a request. All that differs between
 * requests is set anew each time, all that never differs once.
 */

#include "net/client.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "net/answer.h"
#include "net/failure.h"
#include "net/field.h"
#include "net/gate.h"
#include "net/known_urls.h"
#include "net/moments.h"
#include "net/sockets.h"
#include "net/url.h"
#include "sys/clock.h"
#include "sys/loop.h"

enum { MAX_IDLE_CALLS = 256, MAX_IDLE_CONNECTIONS = 256, KEPT_BODY_BYTES = 64 * 1024 };

struct client {
    CURLM *multi;
    struct loop *loop;
    struct sockets sockets;
    struct known_urls *urls;
    struct loop_timer timer;  /* libcurl's */
    struct loop_timer report; /* for calls that failed before they began */
    struct list running;
    struct list failed;
    struct list idle;
    uint64_t n_connections;
};

struct client_call {
    struct list_link link; /* in the client's running, failed or idle */
    struct list *list;
    struct client *client;
    CURL *easy;
    struct client_request request;
    client_done_fn *fn;
    void *arg;
    int64_t began_us;

    struct url *url;
    struct field_lines lines;
    struct curl_slist fields[FIELD_MAX_LINES]; /* the same, as libcurl wants it */
    bool is_redirected;
    bool is_foreign; /* redirected to another origin */

    struct answer answer;
    struct client_header headers[CLIENT_MAX_HEADERS]; /* of it, for done_fn */
    bool is_too_large;
    unsigned n_sent; /* libcurl sends again when a kept connection ends unanswered */

    struct gate gate;
    struct failure failure;
    char curl_error[CURL_ERROR_SIZE];
};

static void move(struct client_call *call, struct list *list)
{
    if (call->list != NULL)
        list_remove(call->list, &call->link);
    call->list = list;
    if (list == &call->client->idle)
        list_push_front(list, &call->link); /* the caches have it still */
    else if (list != NULL)
        list_push(list, &call->link);
}

static bool set_url(struct client_call *call, struct url *url)
{
    url_free(call->url);
    call->url = url;
    call->n_sent = 0;
    if (url_host(url).len == 0)
        return failure_set(&call->failure, TRANSPORT_BAD_URL, "the URL has no host");
    gate_begin(&call->gate, call->request.is_plain_local && !url_is_https(url));
    curl_easy_setopt(call->easy, CURLOPT_CURLU, url_handle(url));
    return true;
}

/* The first of @list, off it; NULL when there is none. */
static struct client_call *pop(struct list *list)
{
    struct list_link *link = list_pop(list);
    struct client_call *call =
        link != NULL ? list_entry(link, struct client_call, link) : NULL;

    if (call != NULL)
        call->list = NULL;
    return call;
}

/* Egress */

static bool ask_egress(struct client_call *call, const struct sockaddr *address)
{
    return gate_ask(&call->gate, call->request.egress, url_host(call->url), address);
}

/* One refused address refuses a name's whole answer (reliability OUT-2), but libcurl
 * shows one at a time, up to the first that connects. So none is opened until all were
 * judged; then the call begins again, with the same answer out of libcurl's cache. */
static curl_socket_t on_open(void *arg, curlsocktype purpose,
                             struct curl_sockaddr *address)
{
    struct client_call *call = arg;

    (void)purpose;
    if (!ask_egress(call, &address->addr) || !call->gate.is_judged)
        return CURL_SOCKET_BAD;
    call->client->n_connections++;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0)
        sockets_opened(&call->client->sockets, fd);
    return fd;
}

static int on_close(void *arg, curl_socket_t fd)
{
    struct client *client = arg;

    sockets_closing(&client->sockets, fd);
    return close(fd);
}

/* Before each request, on a new connection or a kept one: the latter may have been opened
 * under another policy. */
// NOLINTNEXTLINE(readability-non-const-parameter): libcurl's prototype
static int on_ready(void *arg, char *address, char *local, int port, int local_port)
{
    struct client_call *call = arg;
    struct sockaddr_storage peer;

    (void)local, (void)local_port;
    call->n_sent++;
    if (peer_parse(address, (unsigned)port, &peer) && ask_egress(call, (void *)&peer))
        return CURL_PREREQFUNC_OK;
    return CURL_PREREQFUNC_ABORT;
}

static size_t on_head(char *line, size_t size, size_t n, void *arg)
{
    struct client_call *call = arg;

    if (answer_add_line(&call->answer, bytes_of(line, size * n)))
        return size * n;
    call->is_too_large = true;
    return 0;
}

static size_t on_body(char *ptr, size_t size, size_t n, void *arg)
{
    struct client_call *call = arg;
    const struct client_request *request = &call->request;
    const struct bytes bytes = bytes_of(ptr, size * n);

    if (request->bytes_fn != NULL && call->answer.status / 100 == 2)
        return request->bytes_fn(request->bytes_arg, bytes) ? bytes.len : 0;
    call->is_too_large = !answer_add_body(&call->answer, bytes, request->cuts_response);
    return call->is_too_large ? 0 : bytes.len;
}

/* Calls */

/* All that never differs. */
static void set_constants(struct client_call *call)
{
    const char *ca_file = getenv("SSL_CERT_FILE");
    CURL *easy = call->easy;

    if (ca_file != NULL && ca_file[0] != '\0')
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->curl_error);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60L);
    /* Or a cancelled call would wait, and the whole loop with it, for a slow resolver. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, call->client);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

static struct client_call *call_new(struct client *client)
{
    struct client_call *call = mem_new(struct client_call);

    call->client = client;
    call->easy = curl_easy_init();
    assert(call->easy != NULL);
    field_lines_init(&call->lines);
    answer_init(&call->answer);
    set_constants(call);
    return call;
}

static void call_free(struct client_call *call)
{
    move(call, NULL);
    (void)curl_multi_remove_handle(call->client->multi, call->easy);
    curl_easy_cleanup(call->easy);
    url_free(call->url);
    field_lines_done(&call->lines);
    answer_done(&call->answer);
    free(call);
}

static void call_recycle(struct client_call *call)
{
    struct client *client = call->client;

    if (client->idle.n_links >= MAX_IDLE_CALLS) {
        call_free(call);
        return;
    }
    /* One large answer must not stay in memory for good. */
    if (call->answer.body.capacity > KEPT_BODY_BYTES)
        buf_done(&call->answer.body);
    move(call, &client->idle);
}

static bool set_method(struct client_call *call)
{
    const struct client_request *request = &call->request;
    const struct bytes method = request->method.len > 0 ? request->method : BYTES("GET");
    const bool is_post = bytes_eq(method, BYTES("POST"));
    char text[FIELD_METHOD_MAX];

    if (!field_copy_method(method, text))
        return failure_set(&call->failure, TRANSPORT_BAD_URL, "this method is not sent");

    /* POST without a body means an empty one, said with "Content-Length: 0". */
    if (request->has_body || is_post || bytes_eq(method, BYTES("PUT"))) {
        curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS,
                         request->body.len > 0 ? request->body.ptr : "");
        curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)request->body.len);
    } else {
        curl_easy_setopt(call->easy, CURLOPT_HTTPGET, 1L);
        if (bytes_eq(method, BYTES("HEAD")))
            curl_easy_setopt(call->easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, is_post ? NULL : text);
    return true;
}

static bool set_fields(struct client_call *call)
{
    const struct client_request *request = &call->request;
    struct field_lines *lines = &call->lines;

    if (!field_lines_set(lines, request->headers, request->n_headers, call->is_foreign))
        return failure_set(&call->failure, TRANSPORT_BAD_URL, "%s", lines->error);
    field_lines_add_no_wait(lines, request->body.len);
    if (request->says_keep_alive)
        field_lines_add_keep_alive(lines);
    for (size_t i = 0; i < lines->n_lines; i++) {
        call->fields[i].data = lines->lines[i];
        call->fields[i].next = i + 1 < lines->n_lines ? &call->fields[i + 1] : NULL;
    }
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->fields);
    return true;
}

static void set_timeout(struct client_call *call)
{
    int64_t left_ms = 0;

    if (call->request.timeout_ms > 0) {
        left_ms = call->request.timeout_ms - (clock_now_us() - call->began_us) / 1000;
        left_ms = left_ms > 0 ? left_ms : 1; /* zero would mean "none" */
    }
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    /* Another timer, which only more than the usual 300 s needs. */
    left_ms = left_ms > 300000 ? left_ms : 0;
    curl_easy_setopt(call->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)left_ms);
}

/* Forgets the last attempt and sets what goes out next. */
static bool prepare(struct client_call *call)
{
    const size_t max_bytes = call->request.max_response_bytes;
    const bool verifies = !call->request.may_skip_tls;

    answer_clear(&call->answer, max_bytes > 0 ? max_bytes : CLIENT_RESPONSE_BYTES);
    call->is_too_large = false;
    gate_reset(&call->gate);
    call->curl_error[0] = '\0';
    curl_easy_setopt(call->easy, CURLOPT_SSL_VERIFYPEER, verifies ? 1L : 0L);
    curl_easy_setopt(call->easy, CURLOPT_SSL_VERIFYHOST, verifies ? 2L : 0L);
    set_timeout(call);
    return set_method(call) && set_fields(call);
}

static void go(struct client_call *call)
{
    CURLMcode code = curl_multi_add_handle(call->client->multi, call->easy);

    assert(code == CURLM_OK);
    move(call, &call->client->running);
}

struct client_call *client_start(struct client *client,
                                 const struct client_request *request, client_done_fn *fn,
                                 void *arg)
{
    struct client_call *idle = pop(&client->idle);
    struct client_call *call = idle != NULL ? idle : call_new(client);
    const char *why = NULL;

    call->request = *request;
    call->fn = fn;
    call->arg = arg;
    call->began_us = clock_now_us();
    call->is_redirected = call->is_foreign = false;
    call->failure = (struct failure){0};

    struct url *url = known_urls_get(client->urls, request->url, &why);
    bool is_good = url != NULL ? set_url(call, url)
                               : failure_set(&call->failure, TRANSPORT_BAD_URL,
                                             "not a URL to send to: %s", why);
    if (is_good && prepare(call)) {
        go(call);
    } else {
        move(call, &client->failed);
        loop_timer_set(&client->report, 0);
    }
    return call;
}

void client_cancel(struct client_call *call)
{
    (void)curl_multi_remove_handle(call->client->multi, call->easy);
    call_recycle(call);
}

/* True when the call goes on. */
static bool redirect(struct client_call *call)
{
    struct bytes location;

    if (call->is_redirected || call->request.keeps_redirects ||
        (call->answer.status != 307 && call->answer.status != 308) ||
        !answer_find(&call->answer, BYTES("Location"), &location))
        return false;
    struct url *url = url_redirect(call->url, location);
    if (url == NULL)
        return false;
    call->is_redirected = true;
    call->is_foreign = !url_is_same_origin(call->url, url);
    return set_url(call, url) && prepare(call);
}

/* True when the call begins again, because none of the addresses was refused. */
static bool connect_judged(struct client_call *call, CURLcode code)
{
    if (code != CURLE_COULDNT_CONNECT || call->gate.is_judged || call->gate.is_refused)
        return false;
    call->gate.is_judged = true;
    call->gate.looked_us = moments_lookup_us(call->easy);
    return prepare(call);
}

/* The end of a call */

static const struct {
    CURLcode code;
    enum outcome_transport transport;
    const char *text; /* after "peer:port", or NULL: libcurl's own words */
} ends[] = {
    {CURLE_GOT_NOTHING, TRANSPORT_REFUSED, "closed the connection without an answer"},
    {CURLE_RECV_ERROR, TRANSPORT_REFUSED, "broke the connection off"},
    {CURLE_SEND_ERROR, TRANSPORT_REFUSED, "broke the connection off"},
    {CURLE_PARTIAL_FILE, TRANSPORT_REFUSED, "closed the connection within the answer"},
    {CURLE_WEIRD_SERVER_REPLY, TRANSPORT_OTHER, "did not answer in HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, TRANSPORT_OTHER, "did not answer in HTTP"},
    {CURLE_SSL_CONNECT_ERROR, TRANSPORT_TLS, NULL},
    {CURLE_PEER_FAILED_VERIFICATION, TRANSPORT_TLS, NULL},
    {CURLE_SSL_CERTPROBLEM, TRANSPORT_TLS, NULL},
    {CURLE_SSL_CIPHER, TRANSPORT_TLS, NULL},
    {CURLE_SSL_CACERT_BADFILE, TRANSPORT_TLS, NULL},
    {CURLE_URL_MALFORMAT, TRANSPORT_BAD_URL, NULL},
    {CURLE_OK, TRANSPORT_OTHER, NULL}, /* any other */
};

static void explain_end(struct client_call *call, CURLcode code)
{
    const char *words = call->curl_error[0] ? call->curl_error : curl_easy_strerror(code);
    char peer[PEER_TEXT_LEN];
    size_t i = 0;

    while (i < COUNT(ends) - 1 && ends[i].code != code)
        i++;
    if (ends[i].text != NULL)
        (void)failure_set(&call->failure, ends[i].transport, "%s %s",
                          peer_text(gate_peer(&call->gate), peer), ends[i].text);
    else
        (void)failure_set(&call->failure, ends[i].transport, "%s", words);
}

static void explain(struct client_call *call, CURLcode code)
{
    const struct bytes host = url_host(call->url);
    long error = 0;

    (void)curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &error);
    if (call->is_too_large)
        (void)failure_set(&call->failure, TRANSPORT_TOO_LARGE,
                          "the answer is larger than %zu bytes",
                          call->answer.body.max_bytes);
    else if (call->gate.is_refused)
        gate_explain(&call->gate, host, &call->failure);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        (void)failure_set(&call->failure, TRANSPORT_TIMEOUT, "no answer within %lld ms",
                          (long long)call->request.timeout_ms);
    else if (code == CURLE_COULDNT_RESOLVE_HOST)
        failure_set_dns(&call->failure, host);
    else if (code == CURLE_COULDNT_CONNECT)
        failure_set_connect(&call->failure, gate_peer(&call->gate), (int)error);
    else
        explain_end(call, code);
}

static void report(struct client_call *call)
{
    const bool has_failed = call->failure.transport != TRANSPORT_NONE;
    struct client_response response = {
        .transport = has_failed ? call->failure.transport : TRANSPORT_OK,
        .duration_us = clock_now_us() - call->began_us,
        .n_sent = call->n_sent,
    };

    if (call->list != &call->client->failed) /* those never began */
        moments_read(call->easy, call->gate.looked_us, &response.timing);
    memcpy(response.error, call->failure.text, sizeof(response.error));
    response.os_error = call->failure.os_error;
    if (!has_failed) {
        response.status = call->answer.status;
        response.n_headers = answer_headers(&call->answer, call->headers);
        response.headers = call->headers;
        response.body = buf_bytes(&call->answer.body);
    }
    move(call, NULL); /* ended: client_free() must not find it either */
    call->fn(call->arg, &response);
    call_recycle(call);
}

static void end(struct client_call *call, CURLcode code)
{
    (void)curl_multi_remove_handle(call->client->multi, call->easy);
    if (code == CURLE_OK ? redirect(call) : connect_judged(call, code)) {
        go(call);
        return;
    }
    if (code != CURLE_OK)
        explain(call, code);
    report(call);
}

/* Lets libcurl act on what happened, then ends the calls that are through. */
static void act(struct client *client, curl_socket_t fd, int events)
{
    CURLMsg *message;
    int n;

    (void)curl_multi_socket_action(client->multi, fd, events, &n);
    while ((message = curl_multi_info_read(client->multi, &n)) != NULL) {
        struct client_call *call = NULL;

        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        end(call, message->data.result);
    }
}

static_assert(LOOP_READABLE == CURL_CSELECT_IN && LOOP_WRITABLE == CURL_CSELECT_OUT, "");
static_assert(LOOP_READABLE == CURL_POLL_IN && LOOP_WRITABLE == CURL_POLL_OUT, "");

static void on_ready_fd(void *arg, int fd, int events)
{
    act(arg, fd, events & LOOP_BROKEN ? CURL_CSELECT_ERR : events);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    struct client *client = arg;

    (void)easy, (void)unused;
    if (what == CURL_POLL_REMOVE)
        sockets_rest(&client->sockets, fd);
    else
        sockets_watch(&client->sockets, fd, what);
    return 0;
}

static int on_timer_wish(CURLM *multi, long timeout_ms, void *arg)
{
    struct client *client = arg;

    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(&client->timer);
    else
        loop_timer_set(&client->timer, timeout_ms);
    return 0;
}

static void on_timer(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void on_report(void *arg)
{
    struct client *client = arg;
    size_t n_failed = client->failed.n_links; /* what callbacks start waits its turn */
    struct client_call *call;

    while (n_failed-- > 0 && (call = pop(&client->failed)) != NULL)
        report(call);
}

struct client *client_new(struct loop *loop, unsigned max_connections_per_host)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    struct client *client = mem_new(struct client);

    assert(code == CURLE_OK);
    client->loop = loop;
    client->urls = known_urls_new();
    sockets_init(&client->sockets, loop, on_ready_fd, client);
    client->multi = curl_multi_init();
    assert(client->multi != NULL);
    loop_timer_init(&client->timer, loop, on_timer, client);
    loop_timer_init(&client->report, loop, on_report, client);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      (long)max_connections_per_host);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE_CONNECTIONS);
    return client;
}

static void free_calls(struct list *calls)
{
    struct client_call *call;

    while ((call = pop(calls)) != NULL)
        call_free(call);
}

void client_free(struct client *client)
{
    if (client == NULL)
        return;
    free_calls(&client->running);
    free_calls(&client->failed);
    free_calls(&client->idle);
    (void)curl_multi_cleanup(client->multi);
    sockets_done(&client->sockets);
    known_urls_free(client->urls);
    loop_timer_done(&client->timer);
    loop_timer_done(&client->report);
    curl_global_cleanup();
    free(client);
}

uint64_t client_n_connections(const struct client *client)
{
    return client->n_connections;
}
