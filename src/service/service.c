/* SPDX-License-Identifier: MIT */

#include "service/service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "service/access/porch.h"
#include "service/console/exports.h"
#include "service/console/stats.h"
#include "service/console/workshop.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/enable.h"
#include "service/follower.h"
#include "service/install_news.h"
#include "service/keeper.h"
#include "service/listeners.h"
#include "service/live.h"
#include "service/paths.h"
#include "service/recovery.h"
#include "service/registrar.h"
#include "service/rotation.h"
#include "service/sinks.h"
#include "service/site.h"
#include "service/streams.h"
#include "service/unchangeable.h"
#include "store/reader.h"
#include "store/reseal.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/log.h"
#include "sys/mailbox.h"

enum { PATH_BYTES = PATHS_BYTES, FREE_BYTES = 64 << 20, ANSWER_GRACE_MS = 500 };

struct service {
    struct service_options options;
    char store_path[PATH_BYTES];
    char key_path[PATH_BYTES];
    int lock_fd;
    struct vault *vault;
    struct rotation *rotation;
    struct store *store;
    struct keyring *keyring;
    struct tally tally;
    struct live *live;
    struct streams *streams;
    struct stats *stats;
    struct workshop *workshop;
    struct sinks *sinks;
    struct keeper *keeper;
    struct courier *courier;
    struct follower *follower; /* NULL: time is the kernel's */
    struct desk *desk;
    struct registrar *registrar;
    struct enable *enable;
    struct listeners *listeners;
    struct snapshot *snapshot; /* the newest; older ones behind it */
    struct site site;
    struct recovery recovery;
    int failure_fd;
    struct err failure; /* keeper's, until has_failed */
    atomic_bool has_failed;
    pthread_mutex_t notice_lock;
};

/* --- what the threads report -----------------------------------------------------------
 */

static void on_notice(void *arg, struct service_notice *notice)
{
    struct service *service = arg;

    pthread_mutex_lock(&service->notice_lock);
    service->options.notice_fn(service->options.notice_arg, notice);
    pthread_mutex_unlock(&service->notice_lock);
}

static void notice_received(struct service *service, const struct parcel *parcel)
{
    const struct snapshot_subscription *subscription =
        snapshot_by_number(atomic_load(&service->site.snapshot), parcel->subscription);
    char event_id[32], name[128];

    site_event_id(parcel->row, parcel->received_at_ms, event_id);
    snprintf(name, sizeof(name), "%.*s",
             BYTES_FMT(bytes_slice(parcel->head.name, 0, 120)));
    struct service_notice notice = {
        .kind = NOTICE_RECEIVED,
        .wall_ms = parcel->received_at_ms,
        .event_id = event_id,
        .subscription = subscription != NULL ? subscription->config->name : "",
        .text = event_kind_text(parcel->head.kind),
        .detail = name,
        .state = "queued",
    };
    on_notice(service, &notice);
}

static void on_stored(void *arg, const struct receipt *receipt)
{
    struct service *service = arg;
    unsigned n_events = 0;

    for (size_t i = 0; i < receipt->n_items; i++) {
        const struct parcel *parcel = receipt->items[i].parcel;

        if (parcel == NULL || receipt->items[i].is_duplicate)
            continue;
        n_events++;
        streams_event(service->streams, atomic_load(&service->site.snapshot), parcel);
        if (service->options.notice_fn != NULL)
            notice_received(service, parcel);
    }
    stats_received(service->stats, n_events);
}

static void on_settled(void *arg, const struct settlement *settlement)
{
    struct service *service = arg;

    stats_settled(service->stats, settlement);
    streams_delivery(service->streams, atomic_load(&service->site.snapshot), settlement);
}

static void tell_install(struct service *service, enum registrar_event event,
                         const struct registrar_result *result)
{
    struct install_news news;

    if (install_news(&news, event, result))
        on_notice(service, &news.notice);
}

static void on_install(void *arg, enum registrar_event event,
                       const struct registrar_result *result)
{
    static const char *const words[] = {
        [REGISTRAR_GRANTED] = "granted", [REGISTRAR_CREATED] = "created",
        [REGISTRAR_UPDATED] = "updated", [REGISTRAR_FAILED] = "failed",
        [REGISTRAR_CHANGED] = "changed",
    };
    struct service *service = arg;

    if (result->install == NULL)
        return;
    log_line(LOG_INFO, "an install has moved",
             LOG_I64("install", result->install->number), LOG_TEXT("what", words[event]));
    streams_install(service->streams, words[event], result->install);
    if (service->options.notice_fn != NULL)
        tell_install(service, event, result);
}

static void on_failed(void *arg, const struct err *err)
{
    struct service *service = arg;

    service->failure = *err;
    atomic_store(&service->has_failed, true);
    if (eventfd_write(service->failure_fd, 1) < 0)
        abort();
}

/* --- start
 * ------------------------------------------------------------------------------ */

static int take_folder(struct service *service, struct err *err)
{
    pid_t holder = 0;
    int result;

    if (disk_make_folder(service->options.data, err) < 0)
        return -1;
    result = disk_lock(service->options.data, &service->lock_fd, &holder, err);
    if (result != DISK_LOCKED)
        return result;
    err_code(err, "PA1021", ERR_CONFLICT,
             "the data folder %s is in use by another partnerapp (pid %d)",
             service->options.data, (int)holder);
    return err_help(err, "stop it, or give this one a folder of its own: --data DIR");
}

static int open_store(struct service *service, struct err *err)
{
    const struct config *config = service->options.config;
    const struct store_options options = {
        .dedupe_ms = config->limits.dedupe_ms,
        .disk_bytes = config->limits.disk_bytes,
        .free_bytes = FREE_BYTES,
    };

    paths_store(config, service->options.data, service->store_path);
    paths_key(config, service->options.data, service->key_path);
    if (vault_open(service->key_path, /* may_create= */ true, &service->vault, err) < 0)
        return -1;
    if (store_open(service->store_path, &options, &service->store, err) < 0)
        return -1;
    if (vault_has_old_keys(service->vault))
        log_line(LOG_WARN, "an old master key is still in use: partnerapp vault rotate");
    return reseal_marry(service->store, service->vault, err);
}

static void start_threads(struct service *service)
{
    const struct courier_options courier = {
        .keyring = service->keyring,
        .tally = &service->tally,
        .live = service->live,
        .config = service->options.config,
        .runner = service->options.runner,
        .is_dev = service->options.is_dev,
        .notice_fn = service->options.notice_fn != NULL ? on_notice : NULL,
        .notice_arg = service,
    };
    struct keeper_options keeper = {
        .store = service->store,
        .vault = service->vault,
        .tally = &service->tally,
        .low_water = service->recovery.low_water,
        .next_row = service->recovery.next_row,
        .retention_ms = service->options.config->limits.retention_ms,
        .stored_fn = on_stored,
        .settled_fn = on_settled,
        .failed_fn = on_failed,
        .arg = service,
    };

    service->courier = courier_new(&courier);
    for (size_t i = 0; i < service->recovery.n_paused; i++)
        courier_was_paused(service->courier, bytes_str(service->recovery.paused[i]));
    keeper.courier = courier_box(service->courier);
    service->keeper = keeper_new(&keeper);
    mailbox_force(keeper.courier, &take(service->recovery.due)->mail.link);
    keeper_start(service->keeper);
    courier_start(service->courier, service->keeper);
}

static void on_site_notice(void *arg, const struct service_notice *notice)
{
    struct service_notice copy = *notice;

    on_notice(arg, &copy);
}

static void hold_install(void *arg, const struct store_install *install)
{
    registrar_put(arg, install);
}

/* Before keeper has the store. */
static int make_registrar(struct service *service, struct err *err)
{
    const struct registrar_options options = {
        .keyring = service->keyring,
        .vault = service->vault,
        .tally = &service->tally,
        .event_fn = on_install,
        .arg = service,
    };

    service->enable = enable_new();
    service->registrar = registrar_new(&options);
    registrar_use(service->registrar, service->snapshot);
    return store_each_install(service->store, hold_install, service->registrar, err);
}

static void furnish_site(struct service *service)
{
    struct site *site = &service->site;

    site->tally = &service->tally;
    site->keyring = service->keyring;
    service->rotation = rotation_new(service->keeper, service->vault, &site->is_draining);
    site->rotation = service->rotation;
    site->keeper = service->keeper;
    site->courier = service->courier;
    site->desk = service->desk;
    site->live = service->live;
    site->sinks = service->sinks;
    site->streams = service->streams;
    site->stats = service->stats;
    site->workshop = service->workshop;
    site->registrar = service->registrar;
    site->enable = service->enable;
    site->notice_fn = service->options.notice_fn != NULL ? on_site_notice : NULL;
    site->notice_arg = service;
    site->data = service->options.data;
    site->started_ms = clock_now_ms();
    site->configured_ms = clock_wall_ms();
    site->receive = (struct receive){.snapshot = &site->snapshot,
                                     .keyring = service->keyring,
                                     .tally = &service->tally,
                                     .keeper = service->keeper,
                                     .is_draining = &site->is_draining};
}

/* Where the command line finds us. */
static int write_address(struct service *service, struct err *err)
{
    char path[PATH_BYTES];
    char url[128];
    const char *host = service->site.admin_text;

    snprintf(path, sizeof(path), "%s/admin.url", service->options.data);
    if (strncmp(host, "0.0.0.0:", 8) == 0 || strncmp(host, "[::]:", 5) == 0)
        snprintf(url, sizeof(url), "http://127.0.0.1:%d\n", service_admin_port(service));
    else
        snprintf(url, sizeof(url), "http://%s\n", host);
    return disk_replace(path, bytes_str(url), 0600, err);
}

static void on_retime(void *arg)
{
    struct service *service = arg;

    courier_retime(service->courier);
}

/* What stands in the store, and in the configuration. */
static int read_store(struct service *service, struct err *err)
{
    const bool is_dev = service->options.is_dev;

    if (snapshot_new(service->options.config, is_dev, &service->snapshot, err) < 0 ||
        take_folder(service, err) < 0 || open_store(service, err) < 0)
        return -1;
    service->keyring = keyring_new(service->vault);
    if (recovery_read(&service->recovery, service->store, service->snapshot,
                      service->keyring, &service->tally, err) < 0)
        return -1;
    return is_dev ? 0
                  : recovery_admin_token(service->store, service->vault, service->keyring,
                                         service->options.data, err);
}

/* The site's parts, each with what it had left in the store. */
static int make_parts(struct service *service, struct err *err)
{
    service->site.vault = service->vault;
    service->site.is_dev = service->options.is_dev;
    service->live = live_new();
    service->streams = streams_new();
    service->stats = stats_new();
    service->workshop = workshop_new(service->options.runner);
    service->sinks = service->options.is_dev ? sinks_new() : NULL;
    if (porch_load(&service->site, service->store, err) < 0 ||
        stats_load(service->stats, service->store, err) < 0 ||
        exports_new(service->options.data, &service->site.exports, err) < 0 ||
        exports_load(service->site.exports, service->store, err) < 0)
        return -1;
    return make_registrar(service, err);
}

static int start(struct service *service, struct err *err)
{
    if (service->options.clock_url != NULL)
        service->follower = follower_new(service->options.clock_url);
    if (read_store(service, err) < 0 || make_parts(service, err) < 0)
        return -1;
    start_threads(service);
    atomic_store(&service->site.snapshot, service->snapshot);
    if (courier_use(service->courier, service->snapshot, service->options.is_dev, err) <
            0 ||
        desk_start(service->store_path, &service->desk, err) < 0)
        return -1;
    porch_start(&service->site, service->keeper);
    furnish_site(service);
    stats_start(service->stats, service->desk, service->keeper);
    registrar_start(service->registrar, service->keeper);
    if (exports_start(service->site.exports, &service->site, service->store_path, err) <
            0 ||
        listeners_start(&service->site, service->options.config, service->options.inherit,
                        &service->listeners, err) < 0 ||
        write_address(service, err) < 0)
        return -1;
    porch_tell(&service->site);
    if (service->follower != NULL)
        follower_start(service->follower, on_retime, service);
    atomic_store(&service->site.is_up, true);
    return 0;
}

static void service_free(struct service *service)
{
    desk_free(service->desk);
    registrar_free(service->registrar);
    enable_free(service->enable);
    exports_free(service->site.exports);
    porch_free(&service->site);
    keeper_free(service->keeper);
    rotation_free(service->rotation);
    courier_free(service->courier);
    follower_free(service->follower);
    store_close(service->store);
    sinks_free(service->sinks);
    streams_free(service->streams);
    stats_free(service->stats);
    workshop_free(service->workshop);
    live_free(service->live);
    keyring_free(service->keyring);
    vault_free(service->vault);
    snapshot_free(service->snapshot);
    recovery_done(&service->recovery);
    tally_done(&service->tally);
    if (service->lock_fd >= 0)
        close(service->lock_fd);
    if (service->failure_fd >= 0)
        close(service->failure_fd);
    pthread_mutex_destroy(&service->notice_lock);
    free(service);
}

int service_start(const struct service_options *options, struct service **ret_service,
                  struct err *err)
{
    struct service *service = mem_new(struct service);

    service->options = *options;
    service->lock_fd = -1;
    service->failure_fd = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&service->notice_lock, NULL);
    if (start(service, err) < 0) {
        struct service_summary summary;

        service_stop(service, 0, &summary);
        return -1;
    }
    if (service->recovery.n_due > 0)
        log_line(LOG_INFO, "recovered deliveries that were waiting",
                 LOG_I64("deliveries", service->recovery.n_due));
    *ret_service = service;
    return 0;
}

/* --- reload
 * ------------------------------------------------------------------------------ */

static int run_numbering(void *arg, struct store *store, struct err *err)
{
    return snapshot_number(arg, store, err);
}

int service_reload(struct service *service, struct config *config, struct err *err)
{
    struct snapshot *snapshot;

    if (unchangeable_check(service->snapshot->config, config, err) < 0) {
        config_free(config);
        return -1;
    }
    if (snapshot_new(config, service->options.is_dev, &snapshot, err) < 0)
        return -1;
    if (errand_do(service->keeper, run_numbering, snapshot, err) < 0 ||
        courier_use(service->courier, snapshot, /* is_lenient= */ false, err) < 0) {
        snapshot_free(snapshot);
        return -1;
    }
    snapshot->older = service->snapshot;
    service->snapshot = snapshot;
    atomic_store(&service->site.snapshot, snapshot);
    registrar_use(service->registrar, snapshot);
    keeper_set_retention(service->keeper, config->limits.retention_ms);
    return 0;
}

void service_reloaded(struct service *service, bool is_good)
{
    if (is_good)
        atomic_store(&service->site.configured_ms, clock_wall_ms());
    atomic_store(&service->site.has_bad_config, !is_good);
}

/* --- stop
 * --------------------------------------------------------------------------------- */

static void remove_address(const struct service *service)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/admin.url", service->options.data);
    (void)unlink(path);
}

static void summarize(struct service *service, struct service_summary *ret)
{
    struct tally_counts counts;

    tally_counts(&service->tally, &counts);
    *ret = (struct service_summary){
        .n_accepted = counts.accepted,
        .n_delivered = counts.by_state[DELIVERY_DELIVERED],
        .n_discarded = counts.by_state[DELIVERY_DISCARDED],
        .n_dead = counts.by_state[DELIVERY_DEAD],
        .n_waiting = tally_waiting(&service->tally),
    };
}

/* All but the listeners'. Who waits for keeper ends before keeper does. */
static void stop_threads(struct service *service, int64_t grace_ms)
{
    registrar_stop(service->registrar);  /* its commits are errands of keeper */
    exports_stop(service->site.exports); /* so is what it saves */
    follower_stop(service->follower);    /* it posts to courier */
    workshop_stop(service->workshop);
    courier_stop(service->courier, grace_ms);
    desk_stop(service->desk); /* its jobs end as errands of keeper, these as orders */
    porch_stop(&service->site);
    keeper_stop(service->keeper);
    courier_clear(service->courier);
}

void service_stop(struct service *service, int64_t grace_ms, struct service_summary *ret)
{
    *ret = (struct service_summary){0};
    if (service == NULL)
        return;
    atomic_store(&service->site.is_draining, true);
    if (service->listeners != NULL) {
        listeners_drain(service->listeners);
        remove_address(service);
    }
    stop_threads(service, grace_ms);
    /* Nobody else answers any more; only now may the listeners go. */
    if (service->streams != NULL)
        streams_end(service->streams);
    listeners_stop(service->listeners, ANSWER_GRACE_MS);
    if (service->live != NULL)
        summarize(service, ret);
    service_free(service);
}

/* The listeners' memory stays: a handler that is still owed may answer into it. */
void service_hand_over(struct service *service, int64_t grace_ms,
                       struct inherit *ret_inherit, struct service_summary *ret)
{
    listeners_wind_down(service->listeners);
    courier_rest(service->courier, grace_ms);
    listeners_leave(service->listeners);
    streams_end(service->streams);
    listeners_left(service->listeners, ret_inherit);
    atomic_store(&service->site.is_draining, true);
    stop_threads(service, /* grace_ms= */ 0);
    summarize(service, ret);
    service_free(service);
}

/* --- questions
 * ---------------------------------------------------------------------------- */

int service_failure_fd(const struct service *service)
{
    return service->failure_fd;
}

void service_failure(const struct service *service, struct err *ret_err)
{
    if (atomic_load(&service->has_failed))
        *ret_err = service->failure;
}

int service_admin_port(const struct service *service)
{
    return listeners_admin_port(service->listeners);
}

const char *service_public_address(const struct service *service)
{
    return service->site.public_text;
}

const char *service_admin_address(const struct service *service)
{
    return service->site.admin_text;
}

int64_t service_n_recovered(const struct service *service)
{
    return service->recovery.n_due;
}

const char *service_sandbox(const struct service *service)
{
    return courier_sandbox(service->courier);
}

void service_sandbox_layers(const struct service *service, char *ret_text, size_t size)
{
    courier_sandbox_layers(service->courier, ret_text, size);
}
