/* SPDX-License-Identifier: MIT */

/* /api/v1/users: who may sign in. A new user has no password: the link of the invitation
 * chooses it, so that nobody else ever knows it. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "core/credential.h"
#include "core/id.h"
#include "service/access/audit.h"
#include "service/access/hasher.h"
#include "service/access/links.h"
#include "service/access/welcome.h"
#include "service/site.h"
#include "store/password.h"
#include "store/people.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1 << 20, VALUE_BYTES = 24 };

enum staff_act { STAFF_ADD = 0, STAFF_CHANGE, STAFF_REMOVE, STAFF_INVITE };
enum staff_verdict {
    STAFF_NOBODY = 0,
    STAFF_DONE,
    STAFF_EXISTS,
    STAFF_LAST,
    STAFF_TOO_MANY,
};

struct staff { /* one change on its way */
    struct hasher_job job;
    struct errand errand;
    struct site *site;
    struct server_request *request;
    enum staff_act act;
    enum staff_verdict verdict;
    struct id id; /* whom it is about */
    struct person person;
    bool has_role, has_password;
    struct secret password;
    struct invitation invitation;
    char link[LINKS_BYTES];
};

static void staff_free(struct staff *staff)
{
    secret_done(&staff->password);
    secret_wipe(staff->link, sizeof(staff->link));
    free(staff);
}

static void user_id(const struct person *person, char ret_text[ID_TEXT_LEN])
{
    id_format((struct id){.kind = ID_USER,
                          .time_ms = person->created_at_ms,
                          .row = person->row},
              ret_text);
}

static void print_user(struct write *json, const struct person *person)
{
    char id[ID_TEXT_LEN];

    user_id(person, id);
    write_member_text(json, "id", id);
    write_member_text(json, "name", person->name);
    write_member_text(json, "role", keyring_role_text(person->role));
    write_member_bool(json, "has_password", person->password[0] != '\0');
    write_member_time(json, "created_at", person->created_at_ms);
    write_member_time(json, "changed_at", person->changed_at_ms);
}

/* --- in keeper's thread --------------------------------------------------------------
 */

static struct store_user row_of(const struct person *person)
{
    return (struct store_user){
        .row = person->row,
        .name = bytes_str(person->name),
        .role = bytes_str(keyring_role_text(person->role)),
        .password = bytes_str(person->password),
        .created_at_ms = person->created_at_ms,
        .changed_at_ms = person->changed_at_ms,
    };
}

static int invite(struct staff *staff, struct store *store, struct err *err)
{
    struct store_invitation stored = {.user = staff->person.row,
                                      .expires_at_ms = staff->invitation.expires_at_ms};

    staff->invitation.user = staff->person.row;
    memcpy(stored.hash, staff->invitation.hash, sizeof(stored.hash));
    return store_put_invitation(store, &stored, err);
}

static int add(struct staff *staff, struct store *store, struct err *err)
{
    const struct store_user row = row_of(&staff->person);
    struct person ignored;
    int result;

    staff->verdict = STAFF_EXISTS;
    if (people_by_name(staff->site->people, row.name, &ignored))
        return 0;
    staff->verdict = STAFF_TOO_MANY;
    if (people_count(staff->site->people) >= PEOPLE_MAX)
        return 0;
    result = store_add_user(store, &row, &staff->person.row, err);
    if (result != 0)
        return -1;
    staff->verdict = STAFF_DONE;
    /* With a user there is no first one to make. */
    if (store_drop_invitation(store, 0, err) < 0)
        return -1;
    return staff->has_password ? 0 : invite(staff, store, err);
}

/* Somebody else must be able to let people in. */
static bool is_needed(struct staff *staff, const struct person *now)
{
    const bool stays = staff->act == STAFF_CHANGE &&
                       (!staff->has_role || staff->person.role == KEYRING_ADMIN);

    return now->role == KEYRING_ADMIN && !stays &&
           !people_have_admin_but(staff->site->people, now->row);
}

static int change(struct staff *staff, const struct person *now, struct store *store,
                  struct err *err)
{
    const struct person wanted = staff->person;
    struct store_user row;

    staff->person = *now;
    staff->person.changed_at_ms = wanted.changed_at_ms;
    if (staff->has_role)
        staff->person.role = wanted.role;
    if (staff->has_password)
        memcpy(staff->person.password, wanted.password, sizeof(wanted.password));
    row = row_of(&staff->person);
    if (store_set_user(store, &row, err) < 0)
        return -1;
    if (!staff->has_password)
        return 0;
    if (store_drop_invitation(store, row.row, err) < 0)
        return -1;
    return store_end_sessions(store, row.row, 0, err);
}

static int run(struct errand *errand, struct store *store, struct err *err)
{
    struct staff *staff = container_of(errand, struct staff, errand);
    struct person now;

    if (staff->act == STAFF_ADD)
        return add(staff, store, err);
    staff->verdict = STAFF_NOBODY;
    if (!people_by_row(staff->site->people, staff->id.row, &now) ||
        now.created_at_ms != staff->id.time_ms)
        return 0;
    staff->verdict = STAFF_LAST;
    if (staff->act != STAFF_INVITE && is_needed(staff, &now))
        return 0;
    staff->verdict = STAFF_DONE;
    if (staff->act == STAFF_CHANGE)
        return change(staff, &now, store, err);
    staff->person = now;
    return staff->act == STAFF_REMOVE ? store_remove_user(store, now.row, err)
                                      : invite(staff, store, err);
}

static void take_effect(struct staff *staff)
{
    struct people *people = staff->site->people;

    if (staff->act == STAFF_REMOVE) {
        people_remove(people, staff->person.row);
        return;
    }
    if (staff->act != STAFF_INVITE)
        people_put(people, &staff->person);
    if (staff->act == STAFF_ADD)
        people_drop_invitation(people, 0);
    if (staff->has_password) {
        people_drop_invitation(people, staff->person.row);
        people_end_sessions(people, staff->person.row, 0);
    } else if (staff->act != STAFF_CHANGE) {
        people_put_invitation(people, &staff->invitation);
    }
}

static void print_invitation(struct write *json, const struct staff *staff)
{
    write_object(json);
    write_member_text(json, "url", staff->link);
    write_member_time(json, "expires_at", staff->invitation.expires_at_ms);
    write_object_end(json);
}

static void answer(const struct staff *staff)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    if (staff->act == STAFF_INVITE) {
        print_invitation(&json, staff);
    } else {
        write_object(&json);
        print_user(&json, &staff->person);
        if (staff->act == STAFF_REMOVE)
            write_member_bool(&json, "removed", true);
        if (staff->act == STAFF_ADD && !staff->has_password) {
            write_key(&json, "invitation");
            print_invitation(&json, staff);
        }
        write_object_end(&json);
    }
    site_json(staff->request, staff->act == STAFF_ADD ? 201 : 200, &body);
    secret_wipe(body.ptr, body.len);
}

static void refuse(const struct staff *staff)
{
    switch (staff->verdict) {
    case STAFF_DONE:
        return;
    case STAFF_NOBODY:
        site_problem(staff->request, 404, "PA7005", "there is no user with this id");
        return;
    case STAFF_EXISTS:
        site_problem(staff->request, 409, "PA3028", "there is a user of this name");
        return;
    case STAFF_LAST:
        site_problem(staff->request, 409, "PA3027",
                     "this is the last admin who can sign in: make another one first");
        return;
    case STAFF_TOO_MANY:
        site_problem(staff->request, 409, "PA3028", "there are 1000 users, no more fit");
        return;
    }
}

static void finish(struct errand *errand, const struct err *err)
{
    struct staff *staff = container_of(errand, struct staff, errand);

    if (err != NULL) {
        site_problem_err(staff->request, err);
    } else if (staff->verdict != STAFF_DONE) {
        refuse(staff);
    } else {
        take_effect(staff);
        answer(staff);
    }
    staff_free(staff);
}

/* --- in the listener's and the hasher's ----------------------------------------------
 */

static void write_staff(struct staff *staff)
{
    staff->errand.run_fn = run;
    staff->errand.finish_fn = finish;
    if (audit_errand(staff->site->audit, &staff->errand))
        return;
    site_problem(staff->request, 503, NULL, "the service is about to stop");
    staff_free(staff);
}

static void hash(struct hasher_job *job)
{
    struct staff *staff = container_of(job, struct staff, job);

    if (password_hash(secret_bytes(&staff->password), staff->person.password)) {
        write_staff(staff);
        return;
    }
    site_problem(staff->request, 503, NULL, "there is no memory for a password now");
    staff_free(staff);
}

static void go_on(struct staff *staff)
{
    if (!staff->has_password) {
        write_staff(staff);
        return;
    }
    staff->job.run_fn = hash;
    if (hasher_ask(staff->site->hasher, &staff->job))
        return;
    site_problem(staff->request, 503, NULL, "too many passwords at once");
    staff_free(staff);
}

static int read_password(struct staff *staff, const struct json *value, struct err *err)
{
    const struct bytes password = json_string(value);
    const char *fault;

    if (json_kind(value) != JSON_STRING)
        return 0;
    fault = credential_password_fault(password, bytes_str(staff->person.name));
    if (fault != NULL)
        return err_code(err, "PA3029", ERR_USAGE, "%s", fault);
    staff->has_password = true;
    secret_set(&staff->password, password);
    return 0;
}

static int read_role(struct staff *staff, const struct json *value, struct err *err)
{
    if (json_kind(value) != JSON_STRING)
        return 0;
    staff->person.role = keyring_role_parse(json_string(value));
    staff->has_role = staff->person.role != KEYRING_NOBODY;
    return staff->has_role ? 0
                           : err_code(err, "PA7014", ERR_USAGE,
                                      "a role is viewer, operator or admin");
}

static int read_name(struct staff *staff, struct bytes name, struct err *err)
{
    const char *fault = credential_name_fault(name);

    if (fault != NULL)
        return err_code(err, "PA3028", ERR_USAGE, "%s", fault);
    snprintf(staff->person.name, sizeof(staff->person.name), "%.*s", BYTES_FMT(name));
    return 0;
}

static int read_staff(struct staff *staff, struct err *err)
{
    static const struct site_field fields[] = {
        {"role", JSON_STRING}, {"password", JSON_STRING}, {"name", JSON_STRING}};
    cleanup(json_freep) struct json *json = NULL;

    if (site_read(staff->request, fields, staff->act == STAFF_ADD ? 3 : 2, &json, err) <
        0)
        return -1;
    if (staff->act == STAFF_ADD &&
        read_name(staff, json_string(json_get(json, "name")), err) < 0)
        return -1;
    if (read_role(staff, json_get(json, "role"), err) < 0 ||
        read_password(staff, json_get(json, "password"), err) < 0)
        return -1;
    if (staff->act == STAFF_CHANGE && !staff->has_role && !staff->has_password)
        return err_code(err, "PA7033", ERR_USAGE, "`role` or `password` is wanted");
    return 0;
}

static struct staff *staff_new(const struct site_call *call, enum staff_act act)
{
    struct staff *staff = mem_new(struct staff);
    char code[WELCOME_CODE_BYTES];

    staff->site = call->site;
    staff->request = call->request;
    staff->act = act;
    staff->person = (struct person){.role = KEYRING_VIEWER,
                                    .created_at_ms = clock_wall_ms(),
                                    .changed_at_ms = clock_wall_ms()};
    if (act == STAFF_ADD || act == STAFF_INVITE) {
        welcome_make(call->site->vault, 0, PEOPLE_INVITATION_MS, code,
                     &staff->invitation);
        links_seen(call->site, call->request, "/invitation", code, staff->link);
        secret_wipe(code, sizeof(code));
    }
    return staff;
}

static void begin(const struct site_call *call, enum staff_act act)
{
    struct staff *staff;
    struct err err = {0};
    struct id id = {0};
    struct person now;

    if (act != STAFF_ADD && (!id_parse(call->parameters[0], &id) || id.kind != ID_USER)) {
        site_problem(call->request, 404, "PA7005", "there is no user with this id");
        return;
    }
    staff = staff_new(call, act);
    staff->id = id;
    /* For the password's rule; keeper looks again. */
    if (people_by_row(call->site->people, id.row, &now))
        memcpy(staff->person.name, now.name, sizeof(now.name));
    if ((act == STAFF_ADD || act == STAFF_CHANGE) && read_staff(staff, &err) < 0) {
        site_problem_err(call->request, &err);
        staff_free(staff);
        return;
    }
    go_on(staff);
}

void api_users_create(const struct site_call *call)
{
    begin(call, STAFF_ADD);
}

void api_users_change(const struct site_call *call)
{
    begin(call, STAFF_CHANGE);
}

void api_users_remove(const struct site_call *call)
{
    begin(call, STAFF_REMOVE);
}

void api_users_invite(const struct site_call *call)
{
    begin(call, STAFF_INVITE);
}

static void list_user(void *arg, const struct person *person)
{
    struct write *json = arg;

    write_object(json);
    print_user(json, person);
    write_object_end(json);
}

void api_users_list(const struct site_call *call)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    people_each(call->site->people, list_user, &json);
    write_array_end(&json);
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", (int64_t)people_count(call->site->people));
    write_object_end(&json);
    site_json(call->request, 200, &body);
}
