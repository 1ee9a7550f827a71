/* SPDX-License-Identifier: MIT */

/* /login and /logout. What the page says does not tell whether a name exists, nor does
 * the time it takes. */

#include <stdio.h>

#include "base/mem.h"
#include "service/access/audit.h"
#include "service/access/doorman.h"
#include "service/access/entry.h"
#include "service/access/origin.h"
#include "store/password.h"
#include "store/people.h"
#include "sys/clock.h"

static bool send_on(const struct site_call *call, const char *location,
                    const char *cookie)
{
    struct server_answer answer = {
        .status = 303,
        .headers = {{"Location", location}, {"Cache-Control", "no-store"}},
    };

    if (cookie != NULL)
        answer.headers[2] = (struct server_header){"Set-Cookie", cookie};
    server_answer(call->request, &answer);
    return true;
}

bool entry_is_needless(const struct site_call *call)
{
    return call->site->is_dev && send_on(call, "/", NULL);
}

void access_login_get(const struct site_call *call)
{
    const struct page page = {.kind = PAGE_LOGIN,
                              .status = 200,
                              .next = next_ours(server_query(call->request, "next"))};
    struct principal principal;

    if (entry_is_needless(call))
        return;
    sessions_enter(call->site, call->request, &principal);
    if (principal.kind == PRINCIPAL_USER) {
        cleanup(freep) char *next = bytes_copy(page.next);

        (void)send_on(call, next, NULL);
        return;
    }
    entry_show(call, &page);
}

/* --- who comes with a password -------------------------------------------------------
 */

static int run_let_in(struct errand *errand, struct store *store, struct err *err)
{
    struct entry *entry = container_of(errand, struct entry, errand);
    struct person now;

    /* The user may have gone, or changed the password, while it was computed. */
    entry->is_right = people_by_row(entry->site->people, entry->person.row, &now) &&
                      strcmp(now.password, entry->person.password) == 0;
    if (!entry->is_right)
        return 0;
    entry->person = now;
    return entry_store(entry, store, "login", err);
}

static void refuse(struct entry *entry)
{
    entry_refuse(entry, 403, "Name or password is wrong.", 0);
}

static void finish_let_in(struct errand *errand, const struct err *err)
{
    struct entry *entry = container_of(errand, struct entry, errand);

    if (err != NULL) {
        entry_refuse(entry, 503, "The store cannot be written now.", 1);
    } else if (!entry->is_right) {
        refuse(entry);
    } else {
        doorman_right(entry->site->doorman, entry);
        entry_let_in(entry);
    }
}

/* A name that nobody has may be a password in the wrong field: it is not written down. */
static int run_refused(struct errand *errand, struct store *store, struct err *err)
{
    const struct entry *entry = container_of(errand, struct entry, errand);
    const struct principal nobody = {0};
    const struct store_audit row = {
        .at_ms = clock_wall_ms(),
        .action = BYTES("login"),
        .subject = bytes_str(entry->person.name),
        .peer = bytes_str(entry->peer),
        .status = 403,
    };
    int64_t ignored;

    return audit_add(store, &nobody, &row, &ignored, err);
}

static void finish_refused(struct errand *errand, const struct err *err)
{
    (void)err;
    refuse(container_of(errand, struct entry, errand));
}

static void check_password(struct hasher_job *job)
{
    struct entry *entry = container_of(job, struct entry, job);

    entry->is_right =
        password_matches(entry->person.password, secret_bytes(&entry->password));
    if (entry->is_right)
        entry_write(entry, run_let_in, finish_let_in);
    else
        entry_write(entry, run_refused, finish_refused);
}

void access_login_post(const struct site_call *call)
{
    struct entry *entry;
    int64_t wait_ms;
    char fault[96];

    if (entry_is_needless(call))
        return;
    entry = entry_read(call, PAGE_LOGIN);
    if (entry == NULL)
        return;
    if (!people_by_name(call->site->people, bytes_str(entry->name), &entry->person))
        entry->person = (struct person){0};
    if (!doorman_lets(call->site->doorman, call->request, entry, &wait_ms)) {
        const int64_t wait_s = (wait_ms + 999) / 1000;

        snprintf(fault, sizeof(fault),
                 "Too many tries. The next one is in %lld second%s.", (long long)wait_s,
                 wait_s == 1 ? "" : "s");
        entry_refuse(entry, 429, fault, wait_s);
        return;
    }
    entry_hash(entry, check_password);
}

/* --- and goes ------------------------------------------------------------------------
 */

struct leave {
    struct errand errand;
    struct site *site;
    struct server_request *request;
    struct principal principal;
    bool is_secure;
    char peer[ENTRY_PEER_BYTES];
};

static int run_leave(struct errand *errand, struct store *store, struct err *err)
{
    const struct leave *leave = container_of(errand, struct leave, errand);
    const struct store_audit row = {
        .at_ms = clock_wall_ms(),
        .action = BYTES("logout"),
        .peer = bytes_str(leave->peer),
        .status = 303,
    };
    int64_t ignored;

    if (store_end_session(store, leave->principal.session, err) < 0)
        return -1;
    return audit_add(store, &leave->principal, &row, &ignored, err);
}

static void say_goodbye(struct site *site, struct server_request *request, bool is_secure)
{
    const struct site_call call = {.site = site, .request = request};
    char cookie[COOKIE_BYTES];

    cookie_write(COOKIE_SESSION, "", 0, is_secure, cookie);
    (void)send_on(&call, "/login", cookie);
}

static void finish_leave(struct errand *errand, const struct err *err)
{
    struct leave *leave = container_of(errand, struct leave, errand);

    /* Also when the store could not be written: who leaves must be out. */
    people_end_session(leave->site->people, leave->principal.session);
    if (err != NULL)
        site_problem_err(leave->request, err);
    else
        say_goodbye(leave->site, leave->request, leave->is_secure);
    free(leave);
}

void access_logout_post(const struct site_call *call)
{
    struct principal principal;
    struct leave *leave;

    if (entry_is_needless(call))
        return;
    sessions_enter(call->site, call->request, &principal);
    if (principal.kind != PRINCIPAL_USER) {
        say_goodbye(call->site, call->request, cookie_is_secure(call->request));
        return;
    }
    if (origin_of(call->request) != ORIGIN_OURS) {
        site_problem(call->request, 403, "PA3023",
                     "this does not come from a page of this origin");
        return;
    }
    leave = mem_new(struct leave);
    leave->site = call->site;
    leave->request = call->request;
    leave->principal = principal;
    snprintf(leave->peer, sizeof(leave->peer), "%s", server_peer(call->request));
    leave->is_secure = cookie_is_secure(call->request);
    leave->errand.run_fn = run_leave;
    leave->errand.finish_fn = finish_leave;
    if (audit_errand(call->site->audit, &leave->errand))
        return;
    people_end_session(call->site->people, principal.session);
    say_goodbye(call->site, call->request, leave->is_secure);
    free(leave);
}
