/* SPDX-License-Identifier: MIT */

#include "service/rotation.h"

#include <pthread.h>

#include "base/mem.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "store/reseal.h"
#include "store/vault.h"
#include "sys/log.h"
#include "json/write.h"

enum state { IDLE = 0, RUNNING, DONE, FAILED };

struct rotation {
    struct errand errand;
    struct keeper *keeper;
    struct vault *vault;
    const atomic_bool *is_stopping;
    /* of keeper's thread while it runs */
    struct reseal work;
    bool has_key;
    /* what others see */
    pthread_mutex_t lock;
    enum state state;
    struct reseal seen;
    struct err failure;
};

/* --- keeper's thread ---------------------------------------------------------------- */

static int choose_key(struct rotation *rotation, struct err *err)
{
    struct vault *vault = rotation->vault;

    if (rotation->has_key)
        return 0;
    if (!vault_has_old_keys(vault) && !vault_is_file(vault)) {
        err_code(err, "PA1032", ERR_CONFIG,
                 "the master key comes from the environment or a credential, and there "
                 "is only one");
        return err_help(err,
                        "put a new one before it, with a comma between, and restart");
    }
    if (!vault_has_old_keys(vault) && vault_add_key(vault, err) < 0)
        return -1;
    rotation->has_key = true;
    return 0;
}

static int run_step(struct errand *errand, struct store *store, struct err *err)
{
    struct rotation *rotation = container_of(errand, struct rotation, errand);

    if (choose_key(rotation, err) < 0)
        return -1;
    return reseal_step(store, rotation->vault, &rotation->work, err);
}

static void set_state(struct rotation *rotation, enum state state, const struct err *err)
{
    pthread_mutex_lock(&rotation->lock);
    rotation->state = state;
    rotation->seen = rotation->work;
    if (err != NULL)
        rotation->failure = *err;
    pthread_mutex_unlock(&rotation->lock);
}

static void fail(struct rotation *rotation, const struct err *err)
{
    log_line(LOG_ERROR, "the master key's rotation was not finished",
             LOG_TEXT("why", err->text));
    set_state(rotation, FAILED, err);
}

static void end(struct rotation *rotation)
{
    struct err err = {0};

    if (rotation->work.n_broken == 0 && vault_is_file(rotation->vault) &&
        vault_has_old_keys(rotation->vault) &&
        vault_drop_old_keys(rotation->vault, &err) < 0) {
        fail(rotation, &err);
        return;
    }
    log_line(LOG_INFO, "the master key was rotated",
             LOG_I64("resealed", rotation->work.n_done),
             LOG_I64("broken", rotation->work.n_broken));
    set_state(rotation, DONE, NULL);
}

static void finish_step(struct errand *errand, const struct err *err)
{
    struct rotation *rotation = container_of(errand, struct rotation, errand);
    struct err stopped = {0};

    if (err != NULL) {
        fail(rotation, err);
    } else if (rotation->work.is_over) {
        end(rotation);
    } else if (atomic_load(rotation->is_stopping)) {
        err_set(&stopped, "the service stops");
        fail(rotation, &stopped);
    } else {
        set_state(rotation, RUNNING, NULL);
        keeper_errand(rotation->keeper, errand);
    }
}

/* --- others' ------------------------------------------------------------------------ */

struct rotation *rotation_new(struct keeper *keeper, struct vault *vault,
                              const atomic_bool *is_stopping)
{
    struct rotation *rotation = mem_new(struct rotation);

    rotation->keeper = keeper;
    rotation->vault = vault;
    rotation->is_stopping = is_stopping;
    rotation->errand.run_fn = run_step;
    rotation->errand.finish_fn = finish_step;
    pthread_mutex_init(&rotation->lock, NULL);
    return rotation;
}

void rotation_free(struct rotation *rotation)
{
    if (rotation == NULL)
        return;
    pthread_mutex_destroy(&rotation->lock);
    free(rotation);
}

void rotation_start(struct rotation *rotation)
{
    bool is_new;

    pthread_mutex_lock(&rotation->lock);
    is_new = rotation->state != RUNNING;
    if (is_new) {
        rotation->state = RUNNING;
        rotation->work = (struct reseal){0};
        rotation->seen = rotation->work;
        rotation->has_key = false;
        rotation->failure = (struct err){0};
    }
    pthread_mutex_unlock(&rotation->lock);
    if (is_new)
        keeper_errand(rotation->keeper, &rotation->errand);
}

static const char *old_key_text(const struct rotation *rotation)
{
    if (rotation->state == IDLE)
        return vault_has_old_keys(rotation->vault) ? "in use" : "none";
    if (rotation->state != DONE || rotation->seen.n_broken > 0)
        return "in use";
    return vault_is_file(rotation->vault) ? "removed" : "unused";
}

void rotation_print(struct rotation *rotation, struct write *json)
{
    static const char *const states[] = {
        [IDLE] = "idle", [RUNNING] = "running", [DONE] = "done", [FAILED] = "failed"};

    pthread_mutex_lock(&rotation->lock);
    write_member_text(json, "state", states[rotation->state]);
    write_member_i64(json, "looked_at", rotation->seen.n_looked);
    write_member_i64(json, "resealed", rotation->seen.n_done);
    write_member_i64(json, "broken", rotation->seen.n_broken);
    write_member_text(json, "old_key", old_key_text(rotation));
    if (rotation->state == FAILED) {
        write_member_text(json, "code", rotation->failure.code);
        write_member_text(json, "error", rotation->failure.text);
        write_member_text(json, "help", rotation->failure.help);
    }
    pthread_mutex_unlock(&rotation->lock);
}
