/* SPDX-License-Identifier: MIT */

/* /api/v1/keys and /api/v1/tokens: what customers and administrators identify with. The
 * secret itself is in exactly one answer: the one to its creation. */

#include "base/err.h"
#include "base/mem.h"
#include "core/id.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 16 << 20, NAME_BYTES = 200, SECRET_BYTES = 2048 };

struct change { /* one key or token on its way into the store */
    struct errand errand;
    struct site *site;
    struct server_request *request;
    bool is_token;
    struct store_key key;
    struct store_token token;
    char *name, *subscriptions, *role;
    struct secret secret;
    struct buf sealed;
    bool is_changed, exists;
    struct id id; /* what to revoke */
};

static void change_free(struct change *change)
{
    free(change->name);
    free(change->subscriptions);
    free(change->role);
    secret_done(&change->secret);
    buf_done(&change->sealed);
    free(change);
}

static struct change *change_new(const struct site_call *call, bool is_token)
{
    struct change *change = mem_new(struct change);

    change->site = call->site;
    change->request = call->request;
    change->is_token = is_token;
    buf_init(&change->sealed, SECRET_BYTES * 2);
    return change;
}

static void row_id(enum id_kind kind, int64_t row, int64_t created_at_ms,
                   char ret_text[ID_TEXT_LEN])
{
    id_format((struct id){.kind = kind, .time_ms = created_at_ms, .row = row}, ret_text);
}

/* --- creation -------------------------------------------------------------------------
 */

static int run_create(struct errand *errand, struct store *store, struct err *err)
{
    struct change *change = container_of(errand, struct change, errand);
    int result;

    if (change->is_token) {
        vault_hash(change->site->vault, "token", secret_bytes(&change->secret),
                   change->token.hash);
        return store_add_token(store, &change->token, &change->token.row, err);
    }
    if (store_new_key_row(store, &change->key.row, err) != 0)
        return -1;
    buf_clear(&change->sealed);
    vault_hash(change->site->vault, "key", secret_bytes(&change->secret),
               change->key.hash);
    vault_seal(change->site->vault, "key", change->key.row, secret_bytes(&change->secret),
               &change->sealed);
    change->key.sealed = buf_bytes(&change->sealed);
    result = store_add_key(store, &change->key, err);
    change->exists = result == STORE_EXISTS;
    return change->exists ? 0 : result;
}

static void answer_created(const struct change *change)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    char id[ID_TEXT_LEN];

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    if (change->is_token) {
        row_id(ID_TOKEN, change->token.row, change->token.created_at_ms, id);
        write_member_text(&json, "id", id);
        write_member_string(&json, "token", secret_bytes(&change->secret));
        write_member_text(&json, "role", change->role);
    } else {
        row_id(ID_KEY, change->key.row, change->key.created_at_ms, id);
        write_member_text(&json, "id", id);
        write_member_string(&json, "key", secret_bytes(&change->secret));
    }
    write_member_text(&json, "name", change->name);
    write_object_end(&json);
    site_json(change->request, 201, &body);
    secret_wipe(body.ptr, body.len);
}

static void finish_create(struct errand *errand, const struct err *err)
{
    struct change *change = container_of(errand, struct change, errand);
    struct err failure = {0};

    if (err == NULL && change->exists) {
        site_problem(change->request, 409, "PA7011",
                     "this key exists already, or did until it was revoked");
    } else if (err != NULL) {
        site_problem_err(change->request, err);
    } else if (change->is_token) {
        keyring_put_token(change->site->keyring, &change->token);
        answer_created(change);
    } else if (keyring_put_key(change->site->keyring, &change->key, &failure) < 0) {
        site_problem_err(change->request, &failure);
    } else {
        answer_created(change);
    }
    change_free(change);
}

static int read_subscriptions(struct change *change, const struct json *list,
                              struct err *err)
{
    const struct snapshot *snapshot = atomic_load(&change->site->snapshot);
    cleanup(buf_done) struct buf names = {0};

    buf_init(&names, ANSWER_BYTES);
    for (size_t i = 0; i < json_count(list); i++) {
        struct bytes name = json_string(json_at(list, i));

        if (config_by_name(snapshot->config, name) == NULL)
            return err_code(err, "PA7012", ERR_USAGE, "there is no subscription `%.*s`",
                            BYTES_FMT(name));
        buf_addf(&names, "%s%.*s", i > 0 ? "," : "", BYTES_FMT(name));
    }
    change->subscriptions = buf_take(&names);
    return 0;
}

static int read_secret(struct change *change, const struct json *value, struct err *err)
{
    cleanup(buf_done) struct buf text = {0};
    struct bytes given = json_string(value);

    if (json_kind(value) == JSON_STRING) {
        if (given.len < 1 || given.len > SECRET_BYTES / 2)
            return err_code(err, "PA7013", ERR_USAGE,
                            "a key has 1 to %d bytes, this one %zu", SECRET_BYTES / 2,
                            given.len);
        secret_set(&change->secret, given);
        return 0;
    }
    buf_init(&text, SECRET_BYTES);
    vault_new_secret(change->is_token ? "pat_" : "pk_", &text);
    secret_set(&change->secret, buf_bytes(&text));
    secret_wipe(text.ptr, text.len);
    return 0;
}

static int read_request(struct change *change, struct err *err)
{
    static const struct site_field of_key[] = {
        {"name", JSON_STRING}, {"value", JSON_STRING}, {"subscriptions", JSON_ARRAY}};
    static const struct site_field of_token[] = {{"name", JSON_STRING},
                                                 {"role", JSON_STRING}};
    cleanup(json_freep) struct json *json = NULL;
    struct bytes name;
    struct bytes role;

    if (site_read(change->request, change->is_token ? of_token : of_key,
                  change->is_token ? COUNT(of_token) : COUNT(of_key), &json, err) < 0)
        return -1;
    name = json_string(json_get(json, "name"));
    change->name =
        bytes_copy(name.len > 0 ? bytes_slice(name, 0, NAME_BYTES) : BYTES("unnamed"));
    role = json_string(json_get(json, "role"));
    change->role = bytes_copy(role.len > 0 ? role : BYTES("viewer"));
    if (keyring_role_parse(bytes_str(change->role)) == KEYRING_NOBODY)
        return err_code(err, "PA7014", ERR_USAGE, "a role is viewer, operator or admin");
    if (read_subscriptions(change, json_get(json, "subscriptions"), err) < 0)
        return -1;
    return read_secret(change, json_get(json, "value"), err);
}

static void create(const struct site_call *call, bool is_token)
{
    struct change *change = change_new(call, is_token);
    int64_t now_ms = clock_wall_ms();
    struct err err = {0};

    if (read_request(change, &err) < 0) {
        site_problem_err(call->request, &err);
        change_free(change);
        return;
    }
    change->key = (struct store_key){.name = bytes_str(change->name),
                                     .subscriptions = bytes_str(change->subscriptions),
                                     .created_at_ms = now_ms};
    change->token = (struct store_token){.name = bytes_str(change->name),
                                         .role = bytes_str(change->role),
                                         .created_at_ms = now_ms};
    change->errand.run_fn = run_create;
    change->errand.finish_fn = finish_create;
    keeper_errand(call->site->keeper, &change->errand);
}

void api_keys_create(const struct site_call *call)
{
    create(call, /* is_token= */ false);
}

void api_tokens_create(const struct site_call *call)
{
    create(call, /* is_token= */ true);
}

/* --- revocation ------------------------------------------------------------------------
 */

/* A row of another time is another's, of a store that was here before. */
static bool is_meant(const struct change *change, int64_t row, int64_t created_at_ms)
{
    return change->id.row == row && change->id.time_ms == created_at_ms;
}

static void find_key(void *arg, const struct store_key *key)
{
    struct change *change = arg;

    change->exists |= is_meant(change, key->row, key->created_at_ms);
}

static void find_token(void *arg, const struct store_token *token)
{
    struct change *change = arg;

    change->exists |= is_meant(change, token->row, token->created_at_ms);
}

static void reload_key(void *arg, const struct store_key *key)
{
    struct change *change = arg;
    struct err err;

    if (is_meant(change, key->row, key->created_at_ms) &&
        keyring_put_key(change->site->keyring, key, &err) < 0)
        log_line(LOG_ERROR, "a revoked key stays in memory", LOG_TEXT("why", err.text));
}

static void reload_token(void *arg, const struct store_token *token)
{
    struct change *change = arg;

    if (is_meant(change, token->row, token->created_at_ms))
        keyring_put_token(change->site->keyring, token);
}

static int revoke_token(struct change *change, struct store *store, struct err *err)
{
    int result = store_each_token(store, find_token, change, err);

    if (result != 0 || !change->exists)
        return result;
    result = store_revoke_token(store, change->id.row, clock_wall_ms(),
                                &change->is_changed, err);
    return result != 0 ? result : store_each_token(store, reload_token, change, err);
}

static int revoke_key(struct change *change, struct store *store, struct err *err)
{
    int result = store_each_key(store, find_key, change, err);

    if (result != 0 || !change->exists)
        return result;
    result = store_revoke_key(store, change->id.row, clock_wall_ms(), &change->is_changed,
                              err);
    return result != 0 ? result : store_each_key(store, reload_key, change, err);
}

/* The keyring is told inside the transaction: a key that is revoked too early for the
 * blink of a commit is better than one that is revoked too late. */
static int run_revoke(struct errand *errand, struct store *store, struct err *err)
{
    struct change *change = container_of(errand, struct change, errand);

    return change->is_token ? revoke_token(change, store, err)
                            : revoke_key(change, store, err);
}

static void finish_revoke(struct errand *errand, const struct err *err)
{
    struct change *change = container_of(errand, struct change, errand);
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    if (err != NULL) {
        site_problem_err(change->request, err);
    } else if (!change->is_changed) {
        site_problem(change->request, 404, "PA7005",
                     "there is none with this id, or it is "
                     "revoked already");
    } else {
        write_init(&json, &body);
        write_object(&json);
        write_member_bool(&json, "revoked", true);
        write_object_end(&json);
        site_json(change->request, 200, &body);
    }
    change_free(change);
}

static void revoke(const struct site_call *call, enum id_kind kind)
{
    struct change *change;
    struct id id;

    if (!id_parse(call->parameters[0], &id) || id.kind != kind) {
        site_problem(call->request, 404, "PA7005", "there is none with this id");
        return;
    }
    change = change_new(call, kind == ID_TOKEN);
    change->id = id;
    change->errand.run_fn = run_revoke;
    change->errand.finish_fn = finish_revoke;
    keeper_errand(call->site->keeper, &change->errand);
}

void api_keys_revoke(const struct site_call *call)
{
    revoke(call, ID_KEY);
}

void api_tokens_revoke(const struct site_call *call)
{
    revoke(call, ID_TOKEN);
}

/* --- lists
 * ------------------------------------------------------------------------------ */

struct listing {
    struct desk_job job;
    struct server_request *request;
    bool is_token;
    struct write json;
    struct buf body;
    int64_t n;
};

static void print_names(struct write *json, struct bytes names)
{
    write_key(json, "subscriptions");
    write_array(json);
    while (names.len > 0)
        write_string(json, bytes_take_until(&names, ','));
    write_array_end(json);
}

static void print_key(void *arg, const struct store_key *key)
{
    struct listing *listing = arg;
    struct write *json = &listing->json;
    char id[ID_TEXT_LEN];

    listing->n++;
    row_id(ID_KEY, key->row, key->created_at_ms, id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_string(json, "name", key->name);
    print_names(json, key->subscriptions);
    write_member_time(json, "created_at", key->created_at_ms);
    write_member_time(json, "revoked_at", key->revoked_at_ms);
    write_object_end(json);
}

static void print_token(void *arg, const struct store_token *token)
{
    struct listing *listing = arg;
    struct write *json = &listing->json;
    char id[ID_TEXT_LEN];

    listing->n++;
    row_id(ID_TOKEN, token->row, token->created_at_ms, id);
    write_object(json);
    write_member_text(json, "id", id);
    write_member_string(json, "name", token->name);
    write_member_string(json, "role", token->role);
    write_member_time(json, "created_at", token->created_at_ms);
    write_member_time(json, "revoked_at", token->revoked_at_ms);
    write_object_end(json);
}

static void run_listing(struct reader *reader, struct desk_job *job)
{
    struct listing *listing = container_of(job, struct listing, job);
    struct err err = {0};
    int result;

    buf_init(&listing->body, ANSWER_BYTES);
    write_init(&listing->json, &listing->body);
    write_object(&listing->json);
    write_key(&listing->json, "data");
    write_array(&listing->json);
    result = listing->is_token ? reader_each_token(reader, print_token, listing, &err)
                               : reader_each_key(reader, print_key, listing, &err);
    write_array_end(&listing->json);
    write_member_text(&listing->json, "next", NULL);
    write_member_i64(&listing->json, "total", listing->n);
    write_object_end(&listing->json);
    if (result < 0)
        site_problem_err(listing->request, &err);
    else
        site_json(listing->request, 200, &listing->body);
    buf_done(&listing->body);
    free(listing);
}

static void list(const struct site_call *call, bool is_token)
{
    struct listing *listing = mem_new(struct listing);

    listing->request = call->request;
    listing->is_token = is_token;
    listing->job.run_fn = run_listing;
    if (desk_ask(call->site->desk, &listing->job))
        return;
    site_problem(call->request, 503, NULL, "too many questions at once");
    free(listing);
}

void api_keys_list(const struct site_call *call)
{
    list(call, /* is_token= */ false);
}

void api_tokens_list(const struct site_call *call)
{
    list(call, /* is_token= */ true);
}
