/* SPDX-License-Identifier: MIT */

#include "service/access/welcome.h"

#include <stdio.h>

#include "service/access/audit.h"
#include "service/access/entry.h"
#include "store/password.h"
#include "store/people.h"
#include "sys/clock.h"

/* --- links ---------------------------------------------------------------------------
 */

void welcome_make(const struct vault *vault, int64_t user, int64_t lasts_ms,
                  char ret_code[WELCOME_CODE_BYTES], struct invitation *ret_invitation)
{
    cleanup(buf_done) struct buf code = {0};

    buf_init(&code, WELCOME_CODE_BYTES - 1);
    vault_new_secret("", &code);
    *ret_invitation =
        (struct invitation){.user = user, .expires_at_ms = clock_wall_ms() + lasts_ms};
    vault_hash(vault, "invitation", buf_bytes(&code), ret_invitation->hash);
    snprintf(ret_code, WELCOME_CODE_BYTES, "%s", buf_text(&code));
    secret_wipe(code.ptr, code.len);
}

static int put(struct store *store, const struct invitation *invitation, struct err *err)
{
    struct store_invitation stored = {.user = invitation->user,
                                      .expires_at_ms = invitation->expires_at_ms};

    memcpy(stored.hash, invitation->hash, sizeof(stored.hash));
    if (store_begin(store, err) != 0)
        return -1;
    if (store_put_invitation(store, &stored, err) < 0) {
        store_rollback(store);
        return -1;
    }
    return store_commit(store, err) == 0 ? 0 : -1;
}

int welcome_setup(struct people *people, struct store *store, const struct vault *vault,
                  char ret_code[WELCOME_CODE_BYTES], struct err *err)
{
    struct invitation invitation;

    ret_code[0] = '\0';
    if (people_count(people) > 0)
        return 0;
    welcome_make(vault, 0, PEOPLE_SETUP_MS, ret_code, &invitation);
    if (put(store, &invitation, err) < 0)
        return err_wrap(err, "the setup link");
    people_put_invitation(people, &invitation);
    return 0;
}

/* --- pages ---------------------------------------------------------------------------
 */

/* Whose the link is; false: it is none. */
static bool find(struct site *site, enum page_kind kind, const uint8_t code[],
                 struct person *ret_person)
{
    struct invitation invitation;

    *ret_person = (struct person){0};
    if (!people_invitation(site->people, code, clock_wall_ms(), &invitation))
        return false;
    if (kind == PAGE_SETUP)
        return invitation.user == 0 && people_count(site->people) == 0;
    return people_by_row(site->people, invitation.user, ret_person);
}

static void say_gone(struct server_request *request, enum page_kind kind)
{
    const struct page page = {
        .kind = PAGE_MESSAGE,
        .status = 410,
        .fault = "It has been used, or its time is up.",
        .remedy =
            kind == PAGE_SETUP
                ? "A restart of the service writes a new one to its log, as long as "
                  "there is no user. Or: partnerapp user add NAME --role admin."
                : "Who manages the users makes a new one: Settings, Users. Or: "
                  "partnerapp user password NAME.",
    };

    page_answer(request, &page);
}

static void show(const struct site_call *call, enum page_kind kind)
{
    const struct bytes code = server_query(call->request, "code");
    uint8_t hash[VAULT_HASH_LEN];
    struct person person;
    struct page page = {.kind = kind, .status = 200, .code = code};

    if (entry_is_needless(call))
        return;
    vault_hash(call->site->vault, "invitation", code, hash);
    if (code.len >= COOKIE_VALUE_BYTES || !find(call->site, kind, hash, &person)) {
        say_gone(call->request, kind);
        return;
    }
    page.name = bytes_str(person.name);
    entry_show(call, &page);
}

void access_setup_get(const struct site_call *call)
{
    show(call, PAGE_SETUP);
}

void access_invitation_get(const struct site_call *call)
{
    show(call, PAGE_INVITATION);
}

/* --- the form ------------------------------------------------------------------------
 */

static int make_first(struct entry *entry, struct store *store, struct err *err)
{
    const struct store_user user = {
        .name = bytes_str(entry->person.name),
        .role = bytes_str(keyring_role_text(entry->person.role)),
        .password = bytes_str(entry->person.password),
        .created_at_ms = entry->person.created_at_ms,
        .changed_at_ms = entry->person.changed_at_ms,
    };

    if (store_add_user(store, &user, &entry->person.row, err) != 0)
        return -1;
    return store_drop_invitation(store, 0, err);
}

static int set_password(struct entry *entry, struct store *store, struct err *err)
{
    const struct store_user user = {
        .row = entry->person.row,
        .role = bytes_str(keyring_role_text(entry->person.role)),
        .password = bytes_str(entry->person.password),
        .changed_at_ms = entry->person.changed_at_ms,
    };

    if (store_set_user(store, &user, err) < 0 ||
        store_end_sessions(store, user.row, 0, err) < 0)
        return -1;
    return store_drop_invitation(store, user.row, err);
}

static int run(struct errand *errand, struct store *store, struct err *err)
{
    struct entry *entry = container_of(errand, struct entry, errand);
    struct person now;
    int answer;

    entry->is_right =
        find(entry->site, entry->kind, entry->code, &now) && now.row == entry->person.row;
    if (!entry->is_right)
        return 0;
    if (entry->kind == PAGE_INVITATION)
        entry->person.role = now.role;
    answer = entry->kind == PAGE_SETUP ? make_first(entry, store, err)
                                       : set_password(entry, store, err);
    if (answer < 0)
        return -1;
    return entry_store(entry, store, entry->kind == PAGE_SETUP ? "setup" : "invitation",
                       err);
}

static void finish(struct errand *errand, const struct err *err)
{
    struct entry *entry = container_of(errand, struct entry, errand);
    struct people *people = entry->site->people;

    if (err != NULL) {
        entry_refuse(entry, 503, "The store cannot be written now.", 1);
        return;
    }
    if (!entry->is_right) {
        say_gone(entry->request, entry->kind);
        entry_free(entry);
        return;
    }
    people_drop_invitation(people, entry->kind == PAGE_SETUP ? 0 : entry->person.row);
    people_end_sessions(people, entry->person.row, 0);
    people_put(people, &entry->person);
    entry_let_in(entry);
}

static void compute(struct hasher_job *job)
{
    struct entry *entry = container_of(job, struct entry, job);

    if (password_hash(secret_bytes(&entry->password), entry->person.password))
        entry_write(entry, run, finish);
    else
        entry_refuse(entry, 503, "There is no memory for this now.", 1);
}

static const char *fault_of(struct entry *entry)
{
    const struct bytes name = bytes_str(entry->name);
    const char *fault = NULL;

    if (entry->kind == PAGE_SETUP)
        fault = credential_name_fault(name);
    if (fault == NULL)
        fault = credential_password_fault(secret_bytes(&entry->password), name);
    return fault;
}

static void accept_form(const struct site_call *call, enum page_kind kind)
{
    struct entry *entry;
    const char *fault;
    int64_t now_ms = clock_wall_ms();

    if (entry_is_needless(call))
        return;
    entry = entry_read(call, kind);
    if (entry == NULL)
        return;
    /* First: passwords are computed for nobody who has no link. */
    if (!find(call->site, kind, entry->code, &entry->person)) {
        say_gone(call->request, kind);
        entry_free(entry);
        return;
    }
    if (kind == PAGE_INVITATION)
        snprintf(entry->name, sizeof(entry->name), "%s", entry->person.name);
    fault = fault_of(entry);
    if (fault != NULL) {
        entry_refuse(entry, 400, fault, 0);
        return;
    }
    snprintf(entry->person.name, sizeof(entry->person.name), "%s", entry->name);
    if (kind == PAGE_SETUP) {
        entry->person.role = KEYRING_ADMIN;
        entry->person.created_at_ms = now_ms;
    }
    entry->person.changed_at_ms = now_ms;
    entry_hash(entry, compute);
}

void access_setup_post(const struct site_call *call)
{
    accept_form(call, PAGE_SETUP);
}

void access_invitation_post(const struct site_call *call)
{
    accept_form(call, PAGE_INVITATION);
}
