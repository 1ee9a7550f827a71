/* SPDX-License-Identifier: MIT */

#include <stdio.h>

#include "base/err.h"
#include "service/errand.h"
#include "service/keyring.h"
#include "service/registrar_state.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/rand.h"

enum {
    KEY_BYTES = 256,
    CODE_BYTES = 8192,
    KEY_LASTS_MS = 24 * 60 * 60 * 1000, /* a key that is not used any more */
};

static const char key_prefix[] = "pk_";

/* One transaction under way. */
struct writing {
    struct run *run;
    struct store_install *install;
    struct bytes plain; /* to be sealed into the row; empty: as it is */
    struct buf sealed;
    int64_t old_key; /* to be valid for a day only; 0: none */
    struct store_key key;
    struct secret key_text;
    struct buf key_sealed;
    int64_t older; /* row of an install that this one replaces; 0: none */
    bool forgets_code, forgets_install;
    bool has_won;
};

static int commit(struct writing *writing,
                  int (*fn)(void *arg, struct store *store, struct err *err))
{
    struct run *run = writing->run;
    struct err err = {0};
    const int result = errand_do(run->registrar->keeper, fn, writing, &err);

    if (result < 0) {
        log_line(LOG_WARN, "an install could not be stored", LOG_TEXT("why", err.text));
        calls_fail(run, ENABLING_FAULT_OURS, "");
    }
    return result;
}

static int seal(struct writing *writing, struct store *store, struct err *err)
{
    struct store_install *install = writing->install;

    if (install->row == 0 && store_new_install_row(store, &install->row, err) != 0)
        return -1;
    if (writing->plain.len == 0)
        return 0;
    buf_clear(&writing->sealed);
    vault_seal(writing->run->registrar->options.vault, INSTALLS_TOKEN, install->row,
               writing->plain, &writing->sealed);
    install->sealed = buf_bytes(&writing->sealed);
    return 0;
}

static void reload_key(void *arg, const struct store_key *key)
{
    const struct writing *writing = arg;
    struct err err = {0};

    if (key->row == writing->old_key &&
        keyring_put_key(writing->run->registrar->options.keyring, key, &err) < 0)
        log_line(LOG_ERROR, "a replaced key stays in memory", LOG_TEXT("why", err.text));
}

static int retire_key(struct writing *writing, struct store *store, struct err *err)
{
    bool has_changed;

    if (writing->old_key == 0)
        return 0;
    if (store_revoke_key(store, writing->old_key, clock_wall_ms() + KEY_LASTS_MS,
                         &has_changed, err) != 0)
        return -1;
    return store_each_key(store, reload_key, writing, err);
}

static int add_key(struct writing *writing, struct store *store, struct err *err)
{
    const struct vault *vault = writing->run->registrar->options.vault;

    if (!secret_is_set(&writing->key_text))
        return 0;
    if (store_new_key_row(store, &writing->key.row, err) != 0)
        return -1;
    buf_clear(&writing->key_sealed);
    vault_hash(vault, "key", secret_bytes(&writing->key_text), writing->key.hash);
    vault_seal(vault, "key", writing->key.row, secret_bytes(&writing->key_text),
               &writing->key_sealed);
    writing->key.sealed = buf_bytes(&writing->key_sealed);
    writing->install->key = writing->key.row;
    return store_add_key(store, &writing->key, err) == 0 ? 0 : -1;
}

static int write_row(void *arg, struct store *store, struct err *err)
{
    struct writing *writing = arg;
    const struct store_install *code = &writing->run->code_row;
    bool has_changed;

    if (add_key(writing, store, err) != 0 || retire_key(writing, store, err) != 0)
        return -1;
    if (writing->forgets_code && code->row != 0 &&
        store_forget_install(store, code->row, &has_changed, err) != 0)
        return -1;
    if (writing->older != 0 &&
        store_forget_install(store, writing->older, &has_changed, err) != 0)
        return -1;
    if (writing->forgets_install)
        return store_forget_install(store, writing->install->row, &has_changed, err);
    if (writing->install == NULL)
        return 0;
    if (seal(writing, store, err) != 0)
        return -1;
    return store_put_install(store, writing->install, &writing->install->row, err);
}

static void writing_init(struct writing *writing, struct run *run)
{
    *writing = (struct writing){.run = run, .install = &run->install};
    buf_init(&writing->sealed, OAUTH_TOKEN_MAX + CODE_BYTES + VAULT_OVERHEAD);
    buf_init(&writing->key_sealed, KEY_BYTES + VAULT_OVERHEAD);
    run->install.updated_at_ms = clock_wall_ms();
}

/* What is in memory follows what was committed; the run's own copy as well. */
static int put(struct writing *writing)
{
    struct run *run = writing->run;
    const struct store_install before = *writing->install;
    const int result = commit(writing, write_row);

    if (result < 0) {
        *writing->install = before;
    } else {
        registrar_put(run->registrar, writing->install);
        if (writing->plain.len > 0)
            writing->install->sealed =
                bytes_of(arena_copy(&run->arena, buf_bytes(&writing->sealed)),
                         writing->sealed.len);
    }
    return result;
}

static void writing_done(struct writing *writing)
{
    buf_done(&writing->sealed);
    buf_done(&writing->key_sealed);
    secret_done(&writing->key_text);
}

int rows_put(struct run *run)
{
    struct writing writing;
    int result;

    if (run->install.number == 0)
        return 0;
    writing_init(&writing, run);
    result = put(&writing);
    writing_done(&writing);
    return result;
}

/* --- tokens --------------------------------------------------------------------------
 */

static struct bytes keep(struct run *run, struct bytes text)
{
    return bytes_of(arena_copy(&run->arena, text), text.len);
}

/* The key that the customer's destination has already, unless it is for something else.
 */
static void adopt_key(struct writing *writing, const struct store_install *before,
                      struct bytes subscription)
{
    if (before->key == 0)
        return;
    if (bytes_eq(before->subscription, subscription)) {
        writing->install->key = before->key;
        return;
    }
    writing->old_key = before->key;
    writing->install->key = 0;
}

static void fill(struct run *run, const struct oauth_token *token)
{
    struct store_install *install = &run->install;
    const int64_t now_ms = clock_wall_ms();

    install->number = token->install;
    install->app = keep(run, token->app);
    install->workspace = keep(run, token->workspace);
    if (token->source.len > 0)
        install->source = keep(run, token->source);
    install->scope = keep(run, token->scope);
    install->subscription = keep(run, run->code_row.subscription);
    install->state = bytes_str(enabling_state_text(ENABLING_EXCHANGED));
    install->fault = BYTES("");
    install->expires_at_ms = now_ms + token->expires_in_s * 1000;
    install->generation++;
    if (install->created_at_ms == 0)
        install->created_at_ms = now_ms;
}

int rows_put_token(struct run *run, const struct oauth_token *token,
                   const struct store_install *older)
{
    struct writing writing;
    int result;

    writing_init(&writing, run);
    writing.older = older->row;
    adopt_key(&writing, run->install.row != 0 ? &run->install : older,
              run->code_row.subscription);
    fill(run, token);
    writing.plain = token->access_token;
    writing.forgets_code = true;
    result = put(&writing);
    writing_done(&writing);
    if (result < 0)
        return -1;
    registrar_drop(run->registrar, run->code_row.number);
    if (older->row != 0)
        registrar_drop(run->registrar, older->number);
    run->code_row = (struct store_install){0};
    secret_set(&run->token, token->access_token);
    return 0;
}

static int write_renewal(void *arg, struct store *store, struct err *err)
{
    struct writing *writing = arg;
    const struct store_install *install = writing->install;
    struct store_renewal renewal = {
        .row = install->row,
        .generation = install->generation - 1,
        .expires_at_ms = install->expires_at_ms,
        .now_ms = install->updated_at_ms,
    };

    if (seal(writing, store, err) != 0)
        return -1;
    renewal.sealed = buf_bytes(&writing->sealed);
    return store_renew_install(store, &renewal, &writing->has_won, err);
}

int rows_renew(struct run *run, const struct oauth_token *token)
{
    struct store_install *install = &run->install;
    const struct store_install before = *install;
    struct writing writing;
    int result;

    writing_init(&writing, run);
    install->generation++;
    install->expires_at_ms = clock_wall_ms() + token->expires_in_s * 1000;
    writing.plain = token->access_token;
    result = commit(&writing, write_renewal);
    if (result == 0 && !writing.has_won) {
        calls_fail(run, ENABLING_FAULT_OURS, "somebody else has renewed this token");
        result = -1;
    }
    if (result == 0) {
        install->sealed = keep(run, buf_bytes(&writing.sealed));
        registrar_put(run->registrar, install);
        secret_set(&run->token, token->access_token);
    } else {
        *install = before;
    }
    writing_done(&writing);
    return result;
}

static bool unseal(const struct run *run, const struct store_install *install,
                   struct secret *ret_text)
{
    cleanup(buf_done) struct buf plain = {0};
    bool is_open;

    buf_init(&plain, OAUTH_TOKEN_MAX + CODE_BYTES);
    is_open = vault_unseal(run->registrar->options.vault, INSTALLS_TOKEN, install->row,
                           install->sealed, &plain);
    if (is_open)
        secret_set(ret_text, buf_bytes(&plain));
    if (plain.ptr != NULL)
        secret_wipe(plain.ptr, plain.len);
    return is_open;
}

int rows_open_token(struct run *run)
{
    if (secret_is_set(&run->token) || unseal(run, &run->install, &run->token))
        return 0;
    calls_fail(run, ENABLING_FAULT_OURS, "the master key does not open this token");
    return -1;
}

/* --- keys ----------------------------------------------------------------------------
 */

/* "acme" of "workspaces/acme" */
static struct bytes slug_of(struct bytes name)
{
    struct bytes last = name;

    while (name.len > 0)
        last = bytes_take_until(&name, '/');
    return last;
}

static void make_key_text(struct secret *ret_text)
{
    cleanup(buf_done) struct buf text = {0};

    buf_init(&text, KEY_BYTES);
    vault_new_secret(key_prefix, &text);
    secret_set(ret_text, buf_bytes(&text));
    secret_wipe(text.ptr, text.len);
}

int rows_make_key(struct run *run)
{
    struct store_install *install = &run->install;
    struct keyring *keyring = run->registrar->options.keyring;
    const bool has_key = install->key != 0 && keyring_key_lasts(keyring, install->key);
    struct writing writing;
    struct err err = {0};
    int result;

    install->state = bytes_str(enabling_state_text(ENABLING_KEYED));
    if (has_key)
        return rows_put(run);
    writing_init(&writing, run);
    make_key_text(&writing.key_text);
    writing.key = (struct store_key){.name = slug_of(install->workspace),
                                     .subscriptions = install->subscription,
                                     .created_at_ms = clock_wall_ms()};
    result = put(&writing);
    if (result == 0 && keyring_put_key(keyring, &writing.key, &err) < 0) {
        calls_fail(run, ENABLING_FAULT_OURS, "");
        result = -1;
    }
    writing_done(&writing);
    return result;
}

/* --- codes ---------------------------------------------------------------------------
 */

int rows_put_code(struct run *run, const struct registrar_code *code)
{
    cleanup(buf_done) struct buf plain = {0};
    struct writing writing;
    int64_t number = (int64_t)(rand_u64() >> 1);
    int result;

    buf_init(&plain, CODE_BYTES);
    buf_addf(&plain, "%.*s\n%.*s\n%.*s", BYTES_FMT(code->code), BYTES_FMT(code->verifier),
             BYTES_FMT(code->redirect_uri));
    if (plain.full) {
        calls_fail(run, ENABLING_FAULT_ANSWER, "");
        return -1;
    }
    writing_init(&writing, run);
    run->code_row = (struct store_install){
        .number = number > 1 ? -number : -1,
        .state = bytes_str(enabling_state_text(ENABLING_NONE)),
        .subscription = code->subscription,
        .created_at_ms = clock_wall_ms(),
        .updated_at_ms = clock_wall_ms(),
    };
    writing.install = &run->code_row;
    writing.plain = buf_bytes(&plain);
    result = commit(&writing, write_row);
    secret_wipe(plain.ptr, plain.len);
    if (result == 0)
        run->code_row.sealed = keep(run, buf_bytes(&writing.sealed));
    else
        run->code_row = (struct store_install){0};
    writing_done(&writing);
    return result;
}

bool rows_open_code(struct run *run, struct secret *storage,
                    struct registrar_code *ret_code)
{
    struct bytes rest;

    if (!unseal(run, &run->code_row, storage))
        return false;
    rest = secret_bytes(storage);
    ret_code->code = bytes_take_until(&rest, '\n');
    ret_code->verifier = bytes_take_until(&rest, '\n');
    ret_code->redirect_uri = rest;
    ret_code->subscription = run->code_row.subscription;
    return true;
}

int rows_forget_code(struct run *run)
{
    struct writing writing;
    int result;

    if (run->code_row.row == 0)
        return 0;
    writing_init(&writing, run);
    writing.install = NULL;
    writing.forgets_code = true;
    result = commit(&writing, write_row);
    writing_done(&writing);
    if (result < 0)
        return -1;
    registrar_drop(run->registrar, run->code_row.number);
    run->code_row = (struct store_install){0};
    return 0;
}

int rows_forget(struct run *run)
{
    struct writing writing;
    int result;

    writing_init(&writing, run);
    writing.forgets_install = true;
    writing.old_key = run->install.key;
    result = commit(&writing, write_row);
    writing_done(&writing);
    if (result == 0)
        registrar_drop(run->registrar, run->install.number);
    return result;
}
