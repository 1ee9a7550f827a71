/* SPDX-License-Identifier: MIT */

/* serve: production. Everything it says after the start is a log line. */

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/notify.h"
#include "cli/setup.h"
#include "cli/signals.h"
#include "service/service.h"
#include "sys/core_dump.h"
#include "sys/log.h"

/* Of the 8 s that a stop may take; the rest is for what is in flight to be written. */
enum { GRACE_MS = 7000, PLACE_MAX = 512 };

static int load(const struct call *call, struct config **ret_config, struct err *err)
{
    struct setup setup;
    int answer = setup_read(&setup, call, /* is_dev= */ false, err);

    if (answer == 0)
        answer = setup_load(&setup, call, ret_config);
    setup_done(&setup);
    return answer;
}

static void log_started(const struct service *service,
                        const struct config_address *addresses, const char *store)
{
    char public_text[80];
    char admin_text[80];
    char layers[160];

    service_sandbox_layers(service, layers, sizeof(layers));
    snprintf(public_text, sizeof(public_text), "%s:%d", addresses[0].host,
             service_public_port(service));
    snprintf(admin_text, sizeof(admin_text), "%s:%d", addresses[1].host,
             service_admin_port(service));
    if (setup_clock_url() != NULL)
        log_line(LOG_WARN, "time is what PARTNERAPP_CLOCK_URL says: only for tests",
                 LOG_TEXT("url", setup_clock_url()));
    log_line(LOG_INFO, "started", LOG_TEXT("version", PARTNERAPP_VERSION),
             LOG_TEXT("public", public_text), LOG_TEXT("admin", admin_text),
             LOG_TEXT("store", store), LOG_TEXT("sandbox", service_sandbox(service)),
             LOG_TEXT("layers", layers),
             LOG_I64("recovered", service_n_recovered(service)));
}

static int start(const struct call *call, struct service **ret_service, struct err *err)
{
    char runner[4096];
    char hosts[2][64];
    char store[512];
    struct config *config = NULL;
    struct service_options options = {.data = setup_data(call, false),
                                      .runner = runner,
                                      .clock_url = setup_clock_url()};
    int answer;

    core_dump_forbid();
    answer = load(call, &config, err);
    if (answer != 0)
        return answer;
    setup_log(config, call, CONFIG_LOG_DEBUG);
    /* The service takes the configuration; what the first line says is copied before. */
    snprintf(hosts[0], sizeof(hosts[0]), "%s", config->server.public_address.host);
    snprintf(hosts[1], sizeof(hosts[1]), "%s", config->server.admin_address.host);
    snprintf(store, sizeof(store), "%s",
             config->store != NULL ? config->store : options.data);
    if (setup_runner(runner, sizeof(runner), err) < 0) {
        config_free(config);
        return -1;
    }
    options.config = config;
    if (service_start(&options, ret_service, err) < 0)
        return -1;
    log_started(*ret_service, (struct config_address[]){{hosts[0], 0}, {hosts[1], 0}},
                store);
    return 0;
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
        else if (number != 0)
            return 0;
    }
}

static void stop(struct service *service)
{
    struct service_summary summary = {0};

    notify_stopping();
    log_line(LOG_INFO, "stopping");
    service_stop(service, GRACE_MS, &summary);
    log_line(LOG_INFO, "stopped", LOG_I64("accepted", summary.n_accepted),
             LOG_I64("delivered", summary.n_delivered),
             LOG_I64("waiting", summary.n_waiting), LOG_I64("dead", summary.n_dead),
             LOG_I64("discarded", summary.n_discarded));
}

int serve_run(struct call *call, struct err *err)
{
    struct service *service = NULL;
    int signal_fd = -1;
    int answer;

    if (signals_open(&signal_fd, err) < 0)
        return -1;
    answer = start(call, &service, err);
    if (answer == SETUP_BROKEN)
        return ERR_CONFIG;
    if (answer < 0)
        return -1;
    notify_ready();
    answer = wait_for_end(call, service, signal_fd, err);
    if (answer < 0)
        log_line(LOG_ERROR, "the service cannot go on", LOG_TEXT("why", err->text));
    stop(service);
    close(signal_fd);
    return answer;
}
