/* SPDX-License-Identifier: MIT */

/* serve: production. Everything it says after the start is a log line. */

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/make_way.h"
#include "cli/notify.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "service/service.h"
#include "service/shut.h"
#include "sys/clock.h"
#include "sys/core_dump.h"
#include "sys/inherit.h"
#include "sys/log.h"

/* Of the 8 s that a stop may take; the rest is for what is in flight to be written. */
enum { GRACE_MS = 7000, PLACE_MAX = 512, PATH_BYTES = 4096 };

/* Events are still taken meanwhile; an endpoint that hangs shall not hold up for long. */
enum { HAND_OVER_GRACE_MS = 5000 };

/* How often a service without room for its store asks whether there is some. */
enum { ROOM_ASKED_MS = 500 };

static int load(const struct call *call, struct config **ret_config, struct err *err)
{
    struct setup setup;
    int answer = setup_read(&setup, call, /* is_dev= */ false, err);

    if (answer == 0)
        answer = setup_load(&setup, call, ret_config);
    setup_done(&setup);
    return answer;
}

static void log_started(const struct service *service, const char *store)
{
    char layers[160];

    service_sandbox_layers(service, layers, sizeof(layers));
    if (setup_clock_url() != NULL)
        log_line(LOG_WARN, "time is what PARTNERAPP_CLOCK_URL says: only for tests",
                 LOG_TEXT("url", setup_clock_url()));
    log_line(LOG_INFO, "started", LOG_TEXT("version", PARTNERAPP_VERSION),
             LOG_TEXT("public", service_public_address(service)),
             LOG_TEXT("admin", service_admin_address(service)), LOG_TEXT("store", store),
             LOG_TEXT("sandbox", service_sandbox(service)), LOG_TEXT("layers", layers),
             LOG_I64("recovered", service_n_recovered(service)));
}

/* Everything but the start. The configuration is the caller's. */
static int gather(const struct call *call, struct service_options *options,
                  char *ret_runner, size_t size, struct err *err)
{
    int answer = load(call, &options->config, err);

    if (answer != 0)
        return answer;
    options->data = setup_data(call, false);
    options->runner = ret_runner;
    options->clock_url = setup_clock_url();
    if (setup_runner(ret_runner, size, err) == 0)
        return 0;
    config_free(options->config);
    return -1;
}

static int check(const struct call *call, struct err *err)
{
    char runner[PATH_BYTES];
    struct service_options options = {0};
    int answer = gather(call, &options, runner, sizeof(runner), err);

    if (answer != 0)
        return answer == SETUP_BROKEN ? ERR_CONFIG : answer;
    return service_check(&options, err);
}

static int start_with(const struct call *call, const struct inherit *inherit,
                      struct service **ret_service, struct err *err)
{
    char runner[PATH_BYTES];
    char store[512];
    struct service_options options = {.inherit = inherit};
    int answer = gather(call, &options, runner, sizeof(runner), err);

    if (answer != 0)
        return answer;
    setup_log(options.config, call, CONFIG_LOG_DEBUG);
    /* The service takes the configuration; what the first line says is copied before. */
    snprintf(store, sizeof(store), "%s",
             options.config->store != NULL ? options.config->store : options.data);
    if (service_start(&options, ret_service, err) < 0)
        return -1;
    log_started(*ret_service, store);
    if (inherit->closed_at_us > 0)
        log_line(
            LOG_INFO, "taken over",
            LOG_I64("not_accepting_ms", (clock_now_us() - inherit->closed_at_us) / 1000));
    return 0;
}

/* What wait_outside and start found: told to stop. */
enum { STOPPED = 2 };

/* Until another try may succeed, or something that a start may go by was changed: 0. */
static int wait_shut(const struct shut *shut, int signal_fd)
{
    struct pollfd fd = {.fd = signal_fd, .events = POLLIN};

    for (;;) {
        int number = 0;
        int n = poll(&fd, 1, ROOM_ASKED_MS);

        if (n > 0)
            number = signals_read(signal_fd);
        if (number == SIGINT || number == SIGTERM)
            return STOPPED;
        if (number == SIGHUP || (n == 0 && shut_has_room(shut)))
            return 0;
    }
}

/* The configuration is read again each time, as it is for each start. */
static int wait_outside(const struct call *call, const char *code,
                        struct inherit *inherit, int signal_fd, struct err *err)
{
    char runner[PATH_BYTES];
    struct service_options options = {0};
    struct shut *shut = NULL;
    int answer = gather(call, &options, runner, sizeof(runner), err);

    if (answer != 0)
        return answer;
    answer = shut_start(options.config, options.data, code, inherit, &shut, err);
    if (answer == 0) {
        notify_ready();
        answer = wait_shut(shut, signal_fd);
        shut_stop(shut);
    }
    config_free(options.config);
    return answer;
}

/* While the store cannot be opened there is an answer, too, and a start when it can. */
static int start_some_time(const struct call *call, struct inherit *inherit,
                           int signal_fd, struct service **ret_service, struct err *err)
{
    char told[sizeof(err->code)] = "";

    for (;;) {
        int answer = start_with(call, inherit, ret_service, err);

        if (answer >= 0 || !shut_may_pass(err->code))
            return answer;
        if (strcmp(told, err->code) != 0)
            log_line(LOG_WARN, "the store cannot be opened yet; answering 503 meanwhile",
                     LOG_TEXT("code", err->code), LOG_TEXT("why", err->text),
                     LOG_TEXT("help", err->help));
        memcpy(told, err->code, sizeof(told));
        *err = (struct err){0};
        answer = wait_outside(call, told, inherit, signal_fd, err);
        if (answer != 0)
            return answer;
    }
}

static int start(const struct call *call, int signal_fd, struct service **ret_service,
                 struct err *err)
{
    struct inherit inherit;
    int answer;

    core_dump_forbid();
    answer = inherit_take(&inherit, err);
    if (answer == 0)
        answer = start_some_time(call, &inherit, signal_fd, ret_service, err);
    inherit_done(&inherit);
    return answer;
}

/* On a running service problems are log lines: nobody sits in front of it. */
static void log_problems(const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->n_items; i++) {
        const struct err *problem = &problems->items[i];
        struct bytes left = bytes_str(problem->place);
        struct bytes first = bytes_take_until(&left, '\n');
        char place[PLACE_MAX];

        snprintf(place, sizeof(place), "%.*s", BYTES_FMT(first));
        log_line(LOG_ERROR, problem->text, LOG_TEXT("code", problem->code),
                 LOG_TEXT("place", place));
    }
}

static int load_again(const struct call *call, struct config **ret_config,
                      struct err *err)
{
    struct setup setup;
    struct config_sources sources;
    struct config_problems problems = {0};
    int answer = setup_read(&setup, call, /* is_dev= */ false, err);

    if (answer == 0) {
        setup_sources(&setup, &sources);
        answer = config_load(&sources, ret_config, &problems);
        if (answer < 0)
            err_set(err, "problems in the configuration");
    }
    log_problems(&problems);
    config_problems_done(&problems);
    setup_done(&setup);
    return answer;
}

/* All or nothing; whatever happens, the service goes on. */
static void reload(const struct call *call, struct service *service)
{
    struct config *config = NULL;
    struct err err = {0};
    bool is_good;

    notify_reloading();
    is_good = load_again(call, &config, &err) == 0 &&
              service_reload(service, config, &err) == 0;
    service_reloaded(service, is_good);
    if (is_good)
        log_line(LOG_INFO, "reloaded");
    else
        log_line(LOG_ERROR, "not reloaded, the old configuration goes on",
                 LOG_TEXT("why", err.text));
    notify_ready();
}

/* True: the new program would start, so this one may go. */
static bool may_make_way(void)
{
    struct err err = {0};

    log_line(LOG_INFO, "asked to hand over; checking the program that is there now");
    notify_reloading();
    if (make_way_check(&err) == 0)
        return true;
    log_line(LOG_ERROR, "not handed over, this program goes on",
             LOG_TEXT("why", err.text));
    notify_ready();
    return false;
}

/* What wait_for_end found: MAKE_WAY, or a stop. */
enum { MAKE_WAY = 1 };

/* Until a signal says stop: 0. Or until the service cannot go on: -1. */
static int wait_for_end(const struct call *call, struct service *service, int signal_fd,
                        struct err *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = service_failure_fd(service), .events = POLLIN}};
        int number;

        if (poll(fds, COUNT(fds), -1) < 0)
            continue;
        if (fds[1].revents != 0) {
            service_failure(service, err);
            return -1;
        }
        number = signals_read(signal_fd);
        if (number == SIGHUP)
            reload(call, service);
        else if (number == SIGUSR2 && may_make_way())
            return MAKE_WAY;
        else if (number == SIGUSR2)
            continue;
        else if (number != 0)
            return 0;
    }
}

static void log_stopped(const char *text, const struct service_summary *summary)
{
    log_line(LOG_INFO, text, LOG_I64("accepted", summary->n_accepted),
             LOG_I64("delivered", summary->n_delivered),
             LOG_I64("waiting", summary->n_waiting), LOG_I64("dead", summary->n_dead),
             LOG_I64("discarded", summary->n_discarded));
}

static void stop(struct service *service)
{
    struct service_summary summary = {0};

    notify_stopping();
    log_line(LOG_INFO, "stopping");
    service_stop(service, GRACE_MS, &summary);
    log_stopped("stopped", &summary);
}

/* Returns when no program could be started, with -1. */
static int make_way(struct service *service, struct err *err)
{
    struct service_summary summary = {0};
    struct inherit inherit;

    log_line(LOG_INFO, "handing over");
    service_hand_over(service, HAND_OVER_GRACE_MS, &inherit, &summary);
    log_stopped("handed over", &summary);
    make_way_exec(&inherit, err);
    inherit_done(&inherit);
    return -1;
}

int serve_run(struct call *call, struct err *err)
{
    struct service *service = NULL;
    int signal_fd = -1;
    int answer;

    if (call_has(call, "check"))
        return check(call, err);
    make_way_prepare();
    if (signals_open_service(&signal_fd, err) < 0)
        return -1;
    answer = start(call, signal_fd, &service, err);
    if (answer == SETUP_BROKEN)
        return ERR_CONFIG;
    if (answer == STOPPED) {
        log_line(LOG_INFO, "stopped");
        close(signal_fd);
        return 0;
    }
    if (answer < 0)
        return -1;
    notify_ready();
    answer = wait_for_end(call, service, signal_fd, err);
    if (answer == MAKE_WAY)
        return make_way(service, err);
    if (answer < 0)
        log_line(LOG_ERROR, "the service cannot go on", LOG_TEXT("why", err->text));
    stop(service);
    close(signal_fd);
    return answer;
}
