/* SPDX-License-Identifier: MIT */

#include "floor.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { IN_FLIGHT = 64, BODY_BYTES = 1024 };

static struct {
    CURLM *multi;
    int poller;
    long timeout_ms;
    uint64_t n;
} sender;

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct epoll_event event = {.data.fd = fd};

    (void)easy;
    (void)arg;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(sender.poller, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if ((what & CURL_POLL_IN) != 0)
        event.events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0)
        event.events |= EPOLLOUT;
    epoll_ctl(sender.poller, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    curl_multi_assign(sender.multi, fd, known != NULL ? known : &sender);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    (void)multi;
    (void)arg;
    sender.timeout_ms = timeout_ms;
    return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    (void)data;
    (void)arg;
    return size * n;
}

static void add_handle(const char *url, struct curl_slist *headers)
{
    static char body[BODY_BYTES];
    CURL *easy = curl_easy_init();

    memset(body, 'x', sizeof(body));
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)sizeof(body));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_multi_add_handle(sender.multi, easy);
}

/* Handles that are done go round again, as they are. */
static void renew_done(bool is_over)
{
    const CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(sender.multi, &n_left)) != NULL) {
        CURL *easy = message->easy_handle;

        if (message->data.result != CURLE_OK) {
            fprintf(stderr, "floor: %s\n", curl_easy_strerror(message->data.result));
            exit(1);
        }
        sender.n++;
        curl_multi_remove_handle(sender.multi, easy);
        if (is_over)
            curl_easy_cleanup(easy);
        else
            curl_multi_add_handle(sender.multi, easy);
    }
}

static int turn(bool is_over)
{
    struct epoll_event events[IN_FLIGHT];
    int n_running = 0;
    int n = epoll_wait(sender.poller, events, IN_FLIGHT,
                       sender.timeout_ms < 0 ? 100 : (int)sender.timeout_ms);

    if (n <= 0)
        curl_multi_socket_action(sender.multi, CURL_SOCKET_TIMEOUT, 0, &n_running);
    for (int i = 0; i < n; i++) {
        int what = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);

        curl_multi_socket_action(sender.multi, events[i].data.fd, what, &n_running);
    }
    renew_done(is_over);
    return n_running;
}

void floor_post(int port, double seconds)
{
    struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    struct floor_meter meter;
    char url[64];

    curl_global_init(CURL_GLOBAL_ALL);
    sender.multi = curl_multi_init();
    sender.poller = epoll_create1(EPOLL_CLOEXEC);
    curl_multi_setopt(sender.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(sender.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/hook", port);
    for (int i = 0; i < IN_FLIGHT; i++)
        add_handle(url, headers);
    floor_begin(&meter);
    while (floor_wall_us(&meter) < (int64_t)(seconds * 1e6))
        turn(false);
    printf("{\"n\":%" PRIu64 ",\"cpu_us\":%.3f}\n", sender.n,
           (double)floor_cpu_us(&meter) / (double)sender.n);
    while (turn(true) > 0) {
    }
    curl_multi_cleanup(sender.multi);
    curl_slist_free_all(headers);
    close(sender.poller);
}
