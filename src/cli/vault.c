/* SPDX-License-Identifier: MIT */

/* vault rotate: through the running service, else in the store itself. */

#include <time.h>

#include "base/err.h"
#include "cli/access_store.h"
#include "cli/api.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "store/reseal.h"
#include "store/store.h"
#include "store/vault.h"
#include "json/json.h"

enum { WAIT_MS = 100 };

/* How it ended, whoever did it. */
struct outcome {
    int64_t n_resealed, n_broken;
    const char *old_key; /* removed, unused, in use */
};

static void report(struct call *call, const struct outcome *outcome)
{
    if (call->wants_json) {
        print_text(&call->out, "{\"resealed\":%lld,\"broken\":%lld,\"old_key\":\"%s\"}\n",
                   (long long)outcome->n_resealed, (long long)outcome->n_broken,
                   outcome->old_key);
        return;
    }
    print_text(&call->out, "%lld values have the new key\n",
               (long long)outcome->n_resealed);
    if (outcome->n_broken > 0)
        print_text(&call->out, "%lld do not open; the old key stays for them\n",
                   (long long)outcome->n_broken);
    else if (strcmp(outcome->old_key, "unused") == 0)
        print_text(&call->out, "Nothing uses the old key: remove it from its source.\n");
    else
        print_text(&call->out, "The old key was removed from the key file.\n");
}

/* --- in the store --------------------------------------------------------------------
 */

static int one_step(struct store *store, const struct vault *vault, struct reseal *reseal,
                    struct err *err)
{
    if (store_begin(store, err) != 0)
        return -1;
    if (reseal_step(store, vault, reseal, err) < 0) {
        store_rollback(store);
        return -1;
    }
    if (store_commit(store, err) == 0)
        return 0;
    return err_code(err, "PA6004", ERR_TRY_LATER,
                    "the disk is full; the rotation goes on the next time");
}

static int add_key(struct vault *vault, struct err *err)
{
    if (vault_has_old_keys(vault))
        return 0; /* one that was left: go on */
    if (vault_is_file(vault))
        return vault_add_key(vault, err);
    err_code(err, "PA1032", ERR_CONFIG,
             "the master key comes from the environment or a credential, and there is "
             "only one");
    return err_help(err, "put a new one before it, with a comma between");
}

static int rotate_store(struct access_store *access, struct outcome *outcome,
                        struct err *err)
{
    struct reseal reseal = {0};
    struct store *store;
    struct vault *vault;

    access_store_parts(access, &store, &vault);
    if (add_key(vault, err) < 0)
        return -1;
    while (!reseal.is_over) {
        if (one_step(store, vault, &reseal, err) < 0)
            return -1;
    }
    *outcome = (struct outcome){
        .n_resealed = reseal.n_done, .n_broken = reseal.n_broken, .old_key = "in use"};
    if (reseal.n_broken > 0)
        return 0;
    outcome->old_key = vault_is_file(vault) ? "removed" : "unused";
    return vault_is_file(vault) ? vault_drop_old_keys(vault, err) : 0;
}

/* --- by the service ------------------------------------------------------------------
 */

static int read_failure(const struct json *json, struct err *err)
{
    struct bytes code = json_string(json_get(json, "code"));
    struct bytes help = json_string(json_get(json, "help"));
    char text[8] = "";

    memcpy(text, code.ptr, code.len < sizeof(text) ? code.len : 0);
    err_code(err, text, ERR_FAILED, "%.*s",
             BYTES_FMT(json_string(json_get(json, "error"))));
    return help.len > 0 ? err_help(err, "%.*s", BYTES_FMT(help)) : -1;
}

static const char *old_key_of(struct bytes text)
{
    if (bytes_eq(text, BYTES("removed")))
        return "removed";
    return bytes_eq(text, BYTES("unused")) ? "unused" : "in use";
}

/* 1: not at its end yet. */
static int read_state(const struct json *json, struct outcome *outcome, struct err *err)
{
    struct bytes state = json_string(json_get(json, "state"));

    if (bytes_eq(state, BYTES("running")))
        return 1;
    if (!bytes_eq(state, BYTES("done")))
        return read_failure(json, err);
    *outcome = (struct outcome){
        .n_resealed = json_i64(json_get(json, "resealed")),
        .n_broken = json_i64(json_get(json, "broken")),
        .old_key = old_key_of(json_string(json_get(json, "old_key"))),
    };
    return 0;
}

static int ask(const struct api *api, const char *method, const char *path,
               struct outcome *outcome, struct err *err)
{
    cleanup(json_freep) struct json *json = NULL;

    if (api_call(api, method, path, BYTES(""), &json, err) < 0)
        return -1;
    return read_state(json, outcome, err);
}

static int rotate_service(const struct call *call, struct outcome *outcome,
                          struct err *err)
{
    const struct timespec wait = {.tv_nsec = WAIT_MS * 1000000};
    struct api api;
    int result;

    if (api_open(&api, call, err) < 0)
        return -1;
    result = ask(&api, "POST", "/api/v1/vault/rotate", outcome, err);
    while (result > 0) {
        nanosleep(&wait, NULL);
        result = ask(&api, "GET", "/api/v1/vault", outcome, err);
    }
    return result;
}

int vault_rotate_run(struct call *call, struct err *err)
{
    struct access_store *access = NULL;
    struct outcome outcome = {.old_key = "in use"};
    int result = ACCESS_STORE_LOCKED;

    if (call_text(call, "server") == NULL)
        result = access_store_open(call, &access, err);
    if (result == 0)
        result = rotate_store(access, &outcome, err);
    else if (result == ACCESS_STORE_LOCKED)
        result = rotate_service(call, &outcome, err);
    access_store_close(access);
    if (result == 0)
        report(call, &outcome);
    return result;
}
