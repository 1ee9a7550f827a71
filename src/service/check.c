/* SPDX-License-Identifier: MIT */

/*
 * Would this configuration start? Asked by a program that is about to make way for us.
 *
 * What can be seen without what the running service holds: data folder, ports and master
 * key are its own until it makes way.
 */

#include "base/err.h"
#include "core/config.h"
#include "net/server.h"
#include "service/certificate.h"
#include "service/courier.h"
#include "service/keyring.h"
#include "service/live.h"
#include "service/paths.h"
#include "service/service.h"
#include "store/store.h"

static int check_tls(const struct config *config, struct err *err)
{
    cleanup(certificate_done) struct certificate certificate = {0};
    int has_tls = certificate_read(&certificate, config, err);

    if (has_tls <= 0)
        return has_tls;
    return server_check_tls(buf_text(&certificate.cert), buf_text(&certificate.key), err);
}

static int check_store(const struct config *config, const char *data, struct err *err)
{
    char path[PATHS_BYTES];

    paths_store(config, data, path);
    return store_check(path, err);
}

/* Each in a runner of the new program. */
static int check_functions(const struct service_options *options,
                           struct snapshot *snapshot, struct err *err)
{
    struct live *live = live_new();
    struct tally tally;
    const struct courier_options wanted = {
        .tally = &tally,
        .live = live,
        .config = options->config,
        .runner = options->runner,
    };
    struct courier *courier;
    int result;

    tally_init(&tally, &(struct store_tally){0});
    courier = courier_new(&wanted);
    courier_start(courier, NULL);
    result = courier_use(courier, snapshot, /* is_lenient= */ false, err);
    courier_stop(courier, /* grace_ms= */ 0);
    courier_free(courier);
    live_free(live);
    tally_done(&tally);
    return result;
}

int service_check(const struct service_options *options, struct err *err)
{
    struct snapshot *snapshot;
    int result = -1;

    if (snapshot_new(options->config, /* is_dev= */ false, &snapshot, err) < 0)
        return -1;
    for (size_t i = 0; i < snapshot->n_subscriptions; i++)
        snapshot->subscriptions[i].number =
            (uint16_t)(i + 1); /* the store's are not ours */
    if (check_tls(options->config, err) == 0 &&
        check_store(options->config, options->data, err) == 0)
        result = check_functions(options, snapshot, err);
    snapshot_free(snapshot);
    return result;
}
