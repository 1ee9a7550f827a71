/* SPDX-License-Identifier: MIT */

#include "service/follower.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/time_text.h"
#include "core/virtual_clock.h"
#include "net/client.h"
#include "net/egress.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "json/json.h"

enum {
    EVERY_MS = 250,
    TIMEOUT_MS = 1000,
    ANSWER_BYTES = 65536,
    GONE_AFTER = 8, /* questions in a row without an answer */
    NOISE_MS = 5,
};

struct follower {
    char *url;
    struct egress *egress;
    struct virtual_clock clock; /* what clock.h has */
    pthread_t thread;
    int stop_fd;
    bool has_thread;
    unsigned n_misses;
    void (*fn)(void *arg);
    void *arg;
};

/* What an answer says, and how far it may be off by the time it took. */
struct reading {
    struct virtual_clock clock;
    int64_t took_ms;
};

static bool parse(struct bytes body, struct virtual_clock *ret_clock)
{
    cleanup(json_freep) struct json *json = NULL;
    double rate;

    if (json_parse(body, &json, NULL) < 0)
        return false;
    rate = json_kind(json_get(json, "rate")) == JSON_INTEGER
               ? (double)json_i64(json_get(json, "rate"))
               : json_double(json_get(json, "rate"));
    if (json_bool(json_get(json, "frozen")) || !(rate > 0))
        rate = 0;
    ret_clock->rate = rate < VIRTUAL_CLOCK_RATE_MAX ? rate : VIRTUAL_CLOCK_RATE_MAX;
    return time_text_parse(json_string(json_get(json, "now")), &ret_clock->base_ms);
}

static bool ask(const struct follower *follower, struct reading *ret_reading)
{
    cleanup(buf_done) struct buf storage = {0};
    struct client_header headers[CLIENT_MAX_HEADERS];
    struct client_response response = {0};
    const struct client_request request = {.method = BYTES("GET"),
                                           .url = bytes_str(follower->url),
                                           .timeout_ms = TIMEOUT_MS,
                                           .egress = follower->egress};
    const int64_t asked_ms = clock_now_ms();

    buf_init(&storage, ANSWER_BYTES);
    client_fetch(&request, &storage, headers, &response);
    ret_reading->took_ms = clock_now_ms() - asked_ms;
    ret_reading->clock.real_base_ms = asked_ms + ret_reading->took_ms / 2;
    return response.transport == TRANSPORT_OK && response.status == 200 &&
           parse(response.body, &ret_reading->clock);
}

static bool is_same(const struct virtual_clock *have, const struct reading *got)
{
    const struct virtual_clock *clock = &got->clock;
    const int64_t off_ms = virtual_clock_read(have, clock->real_base_ms) - clock->base_ms;
    const double noise_ms = clock->rate * (double)(got->took_ms + NOISE_MS);

    return !(have->rate < clock->rate) && !(have->rate > clock->rate) &&
           (double)llabs(off_ms) <= noise_ms;
}

static void use(struct follower *follower, const struct virtual_clock *clock)
{
    follower->clock = *clock;
    clock_follow(clock);
    if (follower->fn != NULL)
        follower->fn(follower->arg);
}

/* Its last word may have been "frozen": nothing would ever be due again. */
static void go_on_alone(struct follower *follower)
{
    struct virtual_clock clock = follower->clock;

    virtual_clock_set_rate(&clock, 1, clock_now_ms());
    log_line(LOG_WARN, "nobody tells the time any more, it goes on as usual",
             LOG_TEXT("url", follower->url));
    use(follower, &clock);
}

static void look(struct follower *follower)
{
    struct reading reading = {0};

    if (!ask(follower, &reading)) {
        if (++follower->n_misses == GONE_AFTER)
            go_on_alone(follower);
        return;
    }
    follower->n_misses = 0;
    if (!is_same(&follower->clock, &reading))
        use(follower, &reading.clock);
}

static void *run(void *arg)
{
    struct follower *follower = arg;
    struct pollfd fd = {.fd = follower->stop_fd, .events = POLLIN};

    while (poll(&fd, 1, EVERY_MS) <= 0)
        look(follower);
    return NULL;
}

struct follower *follower_new(const char *url)
{
    struct follower *follower = mem_new(struct follower);
    struct reading reading = {
        .clock = {.base_ms = clock_wall_ms(), .real_base_ms = clock_now_ms(), .rate = 1}};
    struct reading first = reading;

    follower->url = mem_text(url);
    follower->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (egress_new(NULL, 0, /* allow_loopback= */ true, &follower->egress, NULL) < 0 ||
        follower->stop_fd < 0)
        abort();
    if (ask(follower, &first))
        reading = first;
    use(follower, &reading.clock);
    return follower;
}

void follower_start(struct follower *follower, void (*fn)(void *arg), void *arg)
{
    follower->fn = fn;
    follower->arg = arg;
    if (pthread_create(&follower->thread, NULL, run, follower) != 0)
        abort();
    pthread_setname_np(follower->thread, "follower");
    follower->has_thread = true;
}

void follower_stop(struct follower *follower)
{
    if (follower == NULL || !follower->has_thread)
        return;
    if (eventfd_write(follower->stop_fd, 1) < 0)
        abort();
    pthread_join(follower->thread, NULL);
    follower->has_thread = false;
}

void follower_free(struct follower *follower)
{
    if (follower == NULL)
        return;
    follower_stop(follower);
    clock_follow(NULL);
    egress_free(follower->egress);
    close(follower->stop_fd);
    free(follower->url);
    free(follower);
}
