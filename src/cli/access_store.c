/* SPDX-License-Identifier: MIT */

#include "cli/access_store.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "cli/access.h"
#include "cli/call.h"
#include "cli/setup.h"
#include "core/id.h"
#include "store/reseal.h"
#include "store/store.h"
#include "store/vault.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "json/write.h"

enum { PATH_BYTES = 4096, SEALED_MAX = 8192 };

struct access_store {
    struct store *store;
    struct vault *vault;
    struct config *config;
};

/* Where they lie. */
struct places {
    char store[PATH_BYTES];
    char master_key[PATH_BYTES];
    struct store_options options;
};

static int find_places(const struct call *call, struct places *places,
                       struct config **ret_config, struct err *err)
{
    const char *data = setup_client_data(call);
    struct config *config = NULL;
    struct setup setup;
    int answer = setup_read(&setup, call, /* is_dev= */ false, err);

    /* Only store and key matter here: a missing subscription is no problem. */
    setup.is_dev = true;
    if (answer == 0 && setup_load(&setup, call, &config) != 0)
        answer = err_code(err, "PA1003", ERR_CONFIG, "the configuration has problems");
    setup_done(&setup);
    if (answer < 0 || config == NULL)
        return -1;
    snprintf(places->store, sizeof(places->store), "%s/partnerapp.db", data);
    snprintf(places->master_key, sizeof(places->master_key), "%s/master.key", data);
    if (config->store != NULL && strncmp(config->store, "sqlite:", 7) == 0)
        snprintf(places->store, sizeof(places->store), "%s", config->store + 7);
    else if (config->store != NULL)
        answer = err_code(err, "PA7022", ERR_FAILED, "%s: only sqlite: is built yet",
                          config->store);
    if (config->master_key_file != NULL)
        snprintf(places->master_key, sizeof(places->master_key), "%s",
                 config->master_key_file);
    places->options = (struct store_options){.dedupe_ms = config->limits.dedupe_ms,
                                             .disk_bytes = config->limits.disk_bytes};
    *ret_config = config;
    return answer < 0 ? -1 : disk_make_folder(data, err);
}

int access_store_open(const struct call *call, struct access_store **ret_store,
                      struct err *err)
{
    struct access_store *store = mem_new(struct access_store);
    struct places places;
    int answer = find_places(call, &places, &store->config, err);

    if (answer == 0)
        answer = store_open(places.store, &places.options, &store->store, err);
    if (answer < 0 && err->exit_code == ERR_CONFLICT)
        answer = ACCESS_STORE_LOCKED;
    if (answer == 0)
        answer =
            vault_open(places.master_key, /* may_create= */ true, &store->vault, err);
    if (answer == 0)
        answer = reseal_marry(store->store, store->vault, err);
    if (answer == 0)
        *ret_store = store;
    else
        access_store_close(store);
    return answer;
}

void access_store_close(struct access_store *store)
{
    if (store == NULL)
        return;
    store_close(store->store);
    vault_free(store->vault);
    config_free(store->config);
    free(store);
}

void access_store_parts(struct access_store *access, struct store **ret_store,
                        struct vault **ret_vault)
{
    *ret_store = access->store;
    *ret_vault = access->vault;
}

static int begin(struct access_store *store, struct err *err)
{
    return store_begin(store->store, err) == 0 ? 0 : -1;
}

static int commit(struct access_store *store, int answer, struct err *err)
{
    if (answer != 0) {
        store_rollback(store->store);
        return answer;
    }
    answer = store_commit(store->store, err);
    if (answer == STORE_FULL)
        return err_code(err, "PA6004", ERR_TRY_LATER,
                        "the disk is full; nothing was changed");
    return answer;
}

static void write_created(struct buf *out, struct id id, const char *member,
                          struct bytes value, const struct access_new *wanted)
{
    char text[ID_TEXT_LEN];
    struct write write;

    id_format(id, text);
    write_init(&write, out);
    write_object(&write);
    write_member_text(&write, "id", text);
    write_member_string(&write, member, value);
    write_member_text(&write, "name", wanted->name);
    if (wanted->role != NULL)
        write_member_text(&write, "role", wanted->role);
    write_object_end(&write);
}

static int add_key(struct access_store *store, const struct access_new *wanted,
                   struct bytes value, struct store_key *key, struct err *err)
{
    struct buf sealed;
    int answer = store_new_key_row(store->store, &key->row, err);

    if (answer < 0)
        return -1;
    buf_init(&sealed, SEALED_MAX);
    vault_hash(store->vault, "key", value, key->hash);
    if (vault_seal(store->vault, "key", key->row, value, &sealed) != 0)
        answer = err_code(err, "PA7003", ERR_USAGE, "the key is longer than 8000 bytes");
    key->name = bytes_str(wanted->name);
    key->subscriptions = wanted->subscriptions;
    key->sealed = buf_bytes(&sealed);
    if (answer == 0)
        answer = store_add_key(store->store, key, err);
    if (answer == STORE_EXISTS)
        answer = err_code(err, "PA7011", ERR_CONFLICT,
                          "this key exists already, or did until it was revoked");
    buf_done(&sealed);
    return answer;
}

/* As the service does: a key for a name that nobody has would never be accepted. */
static int check_subscriptions(const struct config *config, struct bytes names,
                               struct err *err)
{
    while (names.len > 0) {
        struct bytes name = bytes_take_until(&names, ',');

        if (config_by_name(config, name) == NULL)
            return err_code(err, "PA7012", ERR_USAGE, "there is no subscription `%.*s`",
                            BYTES_FMT(name));
    }
    return 0;
}

int access_store_add_key(struct access_store *store, const struct access_new *wanted,
                         struct buf *ret_json, struct err *err)
{
    struct store_key key = {.created_at_ms = clock_wall_ms()};
    struct buf value;
    int answer;

    if (check_subscriptions(store->config, wanted->subscriptions, err) < 0)
        return -1;
    buf_init(&value, SEALED_MAX);
    if (wanted->value.len > 0)
        buf_add(&value, wanted->value);
    else
        vault_new_secret("pk_", &value);
    answer = begin(store, err);
    if (answer == 0)
        answer = commit(store, add_key(store, wanted, buf_bytes(&value), &key, err), err);
    if (answer == 0)
        write_created(
            ret_json,
            (struct id){.kind = ID_KEY, .time_ms = key.created_at_ms, .row = key.row},
            "key", buf_bytes(&value), wanted);
    secret_wipe(value.ptr, value.len);
    buf_done(&value);
    return answer;
}

int access_store_add_token(struct access_store *store, const struct access_new *wanted,
                           struct buf *ret_json, struct err *err)
{
    struct store_token token = {.name = bytes_str(wanted->name),
                                .role = bytes_str(wanted->role),
                                .created_at_ms = clock_wall_ms()};
    struct buf value;
    int answer;

    buf_init(&value, SEALED_MAX);
    vault_new_secret("pat_", &value);
    vault_hash(store->vault, "token", buf_bytes(&value), token.hash);
    answer = begin(store, err);
    if (answer == 0)
        answer =
            commit(store, store_add_token(store->store, &token, &token.row, err), err);
    if (answer == 0)
        write_created(ret_json,
                      (struct id){.kind = ID_TOKEN,
                                  .time_ms = token.created_at_ms,
                                  .row = token.row},
                      "token", buf_bytes(&value), wanted);
    secret_wipe(value.ptr, value.len);
    buf_done(&value);
    return answer;
}

/* A list being written. */
struct listing {
    struct write write;
    int64_t n;
};

static void begin_list(struct listing *listing, struct buf *out)
{
    *listing = (struct listing){0};
    write_init(&listing->write, out);
    write_object(&listing->write);
    write_key(&listing->write, "data");
    write_array(&listing->write);
}

static void end_list(struct listing *listing)
{
    write_array_end(&listing->write);
    write_key(&listing->write, "next");
    write_null(&listing->write);
    write_member_i64(&listing->write, "total", listing->n);
    write_object_end(&listing->write);
}

static void begin_row(struct listing *listing, struct id id, struct bytes name)
{
    char text[ID_TEXT_LEN];

    id_format(id, text);
    write_object(&listing->write);
    write_member_text(&listing->write, "id", text);
    write_member_string(&listing->write, "name", name);
    listing->n++;
}

static void write_key_row(void *arg, const struct store_key *key)
{
    struct listing *listing = arg;
    struct write *write = &listing->write;
    struct bytes left = key->subscriptions;

    begin_row(listing,
              (struct id){.kind = ID_KEY, .time_ms = key->created_at_ms, .row = key->row},
              key->name);
    write_key(write, "subscriptions");
    write_array(write);
    while (left.len > 0)
        write_string(write, bytes_take_until(&left, ','));
    write_array_end(write);
    write_member_time(write, "created_at", key->created_at_ms);
    write_member_time(write, "revoked_at", key->revoked_at_ms);
    write_object_end(write);
}

static void write_token_row(void *arg, const struct store_token *token)
{
    struct listing *listing = arg;
    struct write *write = &listing->write;

    begin_row(
        listing,
        (struct id){.kind = ID_TOKEN, .time_ms = token->created_at_ms, .row = token->row},
        token->name);
    write_member_string(write, "role", token->role);
    write_member_time(write, "created_at", token->created_at_ms);
    write_member_time(write, "revoked_at", token->revoked_at_ms);
    write_object_end(write);
}

int access_store_list_keys(struct access_store *store, struct buf *ret_json,
                           struct err *err)
{
    struct listing listing;
    int answer;

    begin_list(&listing, ret_json);
    answer = store_each_key(store->store, write_key_row, &listing, err);
    end_list(&listing);
    return answer;
}

int access_store_list_tokens(struct access_store *store, struct buf *ret_json,
                             struct err *err)
{
    struct listing listing;
    int answer;

    begin_list(&listing, ret_json);
    answer = store_each_token(store->store, write_token_row, &listing, err);
    end_list(&listing);
    return answer;
}

int access_store_revoke(struct access_store *store, bool is_key, const char *id,
                        struct err *err)
{
    bool is_changed = false;
    int64_t now_ms = clock_wall_ms();
    struct id parsed;
    int answer;

    if (!id_parse(bytes_str(id), &parsed))
        return err_code(err, "PA7005", ERR_NOT_FOUND, "`%s` is no id", id);
    if (begin(store, err) < 0)
        return -1;
    answer = is_key
                 ? store_revoke_key(store->store, parsed.row, now_ms, &is_changed, err)
                 : store_revoke_token(store->store, parsed.row, now_ms, &is_changed, err);
    return commit(store, answer, err);
}
