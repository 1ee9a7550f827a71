/* SPDX-License-Identifier: MIT */

#include "service/access/entry.h"

#include <stdio.h>

#include "base/form.h"
#include "base/mem.h"
#include "service/access/audit.h"
#include "store/people.h"
#include "sys/clock.h"

enum { FIELD_BYTES = 16 << 10 };

void entry_free(struct entry *entry)
{
    secret_done(&entry->password);
    secret_wipe(&entry->session, sizeof(entry->session));
    secret_wipe(entry->code_text, sizeof(entry->code_text));
    free(entry);
}

void entry_refuse(struct entry *entry, int status, const char *fault,
                  int64_t retry_after_s)
{
    const struct page page = {
        .kind = entry->kind,
        .status = status,
        .fault = fault,
        .name = bytes_str(entry->name),
        .next = bytes_str(entry->next),
        .code = bytes_str(entry->code_text),
        .token = entry->token,
        .cookie = entry->form_cookie,
        .retry_after_s = retry_after_s,
    };

    page_answer(entry->request, &page);
    entry_free(entry);
}

/* --- the form ------------------------------------------------------------------------
 */

static void read_text(struct bytes form, const char *name, char *ret_text, size_t size)
{
    cleanup(buf_done) struct buf scratch = {0};
    struct bytes value;

    buf_init(&scratch, FIELD_BYTES);
    ret_text[0] = '\0';
    /* What is too long becomes nobody's. */
    if (form_find(form, name, &scratch, &value) && value.len < size &&
        memchr(value.ptr, '\0', value.len) == NULL)
        snprintf(ret_text, size, "%.*s", BYTES_FMT(value));
}

static void read_fields(struct entry *entry, struct bytes form)
{
    cleanup(buf_done) struct buf scratch = {0};
    char next[NEXT_BYTES + 1];
    struct bytes value;

    buf_init(&scratch, FIELD_BYTES);
    if (form_find(form, "password", &scratch, &value))
        secret_set(&entry->password, value);
    if (scratch.ptr != NULL)
        secret_wipe(scratch.ptr, scratch.len);
    read_text(form, "name", entry->name, sizeof(entry->name));
    read_text(form, "next", next, sizeof(next));
    snprintf(entry->next, sizeof(entry->next), "%.*s",
             BYTES_FMT(next_ours(bytes_str(next))));
}

static void read_code(struct entry *entry, struct bytes form)
{
    read_text(form, "code", entry->code_text, sizeof(entry->code_text));
    vault_hash(entry->site->vault, "invitation", bytes_str(entry->code_text),
               entry->code);
}

static bool is_form(const struct server_request *request)
{
    struct bytes type = server_header(request, "Content-Type");

    return bytes_eq_nocase(bytes_trim(bytes_take_until(&type, ';')),
                           BYTES("application/x-www-form-urlencoded"));
}

struct entry *entry_read(const struct site_call *call, enum page_kind kind)
{
    const struct bytes form = server_body(call->request);
    const int64_t now_ms = clock_wall_ms();
    struct entry *entry = mem_new(struct entry);
    char token[FORM_TOKEN_BYTES];
    struct principal principal;

    entry->kind = kind;
    entry->site = call->site;
    entry->request = call->request;
    entry->is_secure = cookie_is_secure(call->request);
    snprintf(entry->peer, sizeof(entry->peer), "%s", server_peer(call->request));
    memcpy(entry->address, entry->peer, sizeof(entry->peer));
    form_token_make(call->site->vault, call->request, now_ms, entry->token,
                    entry->form_cookie);
    if (is_form(call->request)) {
        read_fields(entry, form);
        read_code(entry, form);
    }
    read_text(form, "token", token, sizeof(token));
    if (!form_token_is_good(call->site->vault, call->request, bytes_str(token), now_ms)) {
        entry_refuse(entry, 403,
                     "This form was open for too long, or cookies are off. Nothing was "
                     "done: please send it again.",
                     0);
        return NULL;
    }
    sessions_enter(call->site, call->request, &principal);
    entry->old_session = principal.session;
    return entry;
}

/* --- onwards -------------------------------------------------------------------------
 */

void entry_hash(struct entry *entry, void (*run_fn)(struct hasher_job *job))
{
    entry->job.run_fn = run_fn;
    if (!hasher_ask(entry->site->hasher, &entry->job))
        entry_refuse(entry, 503, "Too many people sign in at once. Please send it again.",
                     1);
}

void entry_write(struct entry *entry,
                 int (*run_fn)(struct errand *errand, struct store *store,
                               struct err *err),
                 void (*finish_fn)(struct errand *errand, const struct err *err))
{
    entry->errand.run_fn = run_fn;
    entry->errand.finish_fn = finish_fn;
    if (!audit_errand(entry->site->audit, &entry->errand))
        entry_refuse(entry, 503, "The service is about to stop.", 1);
}

int entry_store(struct entry *entry, struct store *store, const char *action,
                struct err *err)
{
    const struct person *person = &entry->person;
    struct principal principal = {
        .kind = PRINCIPAL_USER, .role = person->role, .row = person->row};
    const struct store_audit row = {
        .at_ms = clock_wall_ms(),
        .action = bytes_str(action),
        .subject = bytes_str(person->name),
        .peer = bytes_str(entry->peer),
        .status = 303,
    };
    int64_t ignored;

    snprintf(principal.name, sizeof(principal.name), "%s", person->name);
    sessions_make(entry->site, clock_wall_ms(), &entry->session);
    entry->session.session.user = person->row;
    if (entry->old_session != 0 && store_end_session(store, entry->old_session, err) < 0)
        return -1;
    if (sessions_store(entry->site, store, &entry->session, err) < 0)
        return -1;
    return audit_add(store, &principal, &row, &ignored, err);
}

void entry_let_in(struct entry *entry)
{
    char cookies[3][COOKIE_BYTES];
    char device[COOKIE_VALUE_BYTES];
    struct server_answer answer = {
        .status = 303,
        .headers = {{"Location", entry->next}, {"Cache-Control", "no-store"}},
    };

    if (entry->old_session != 0)
        people_end_session(entry->site->people, entry->old_session);
    sessions_begin(entry->site, &entry->session);
    device_make(entry->site->vault, entry->person.row, device);
    cookie_write(COOKIE_SESSION, entry->session.value, PEOPLE_SESSION_MS / 1000,
                 entry->is_secure, cookies[0]);
    cookie_write(COOKIE_DEVICE, device, DEVICE_AGE_S, entry->is_secure, cookies[1]);
    cookie_write(COOKIE_FORM, "", 0, entry->is_secure, cookies[2]);
    for (size_t i = 0; i < COUNT(cookies); i++)
        answer.headers[2 + i] = (struct server_header){"Set-Cookie", cookies[i]};
    server_answer(entry->request, &answer);
    secret_wipe(cookies, sizeof(cookies));
    entry_free(entry);
}

void entry_show(const struct site_call *call, const struct page *page)
{
    struct page whole = *page;
    char token[FORM_TOKEN_BYTES];
    char cookie[COOKIE_BYTES];

    form_token_make(call->site->vault, call->request, clock_wall_ms(), token, cookie);
    whole.token = token;
    whole.cookie = cookie;
    page_answer(call->request, &whole);
}
