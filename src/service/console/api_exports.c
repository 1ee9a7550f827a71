/* SPDX-License-Identifier: MIT */

/* /api/v1/exports: all events that a query means, into a file that is taken when it is
 * whole, in parts if need be. The work is console/exports'. */

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/id.h"
#include "service/console/exports.h"
#include "service/console/jobs.h"
#include "service/errand.h"
#include "service/keeper.h"
#include "service/site.h"
#include "sys/clock.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 1 << 20 };

static void answer_export(struct server_request *request, int status,
                          const struct store_export *export)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    jobs_write_export(&json, export);
    write_object_end(&json);
    site_json(request, status, &body);
}

/* --- a new one ------------------------------------------------------------------------
 */

struct wish {
    struct errand errand;
    struct site *site;
    struct server_request *request;
    struct store_export export;
    char *query;
};

static void wish_free(struct wish *wish)
{
    free(wish->query);
    free(wish);
}

static int run_add(struct errand *errand, struct store *store, struct err *err)
{
    struct wish *wish = container_of(errand, struct wish, errand);

    wish->export.row = 0; /* also after a try that was undone */
    return store_put_export(store, &wish->export, err);
}

static void finish_add(struct errand *errand, const struct err *err)
{
    struct wish *wish = container_of(errand, struct wish, errand);

    if (err != NULL) {
        exports_unreserve(wish->site->exports);
        site_problem_err(wish->request, err);
    } else {
        exports_add(wish->site->exports, &wish->export);
        answer_export(wish->request, 201, &wish->export);
    }
    wish_free(wish);
}

/* Takes @wish. */
static void begin(struct wish *wish)
{
    switch (exports_reserve(wish->site->exports)) {
    case EXPORTS_BEGUN:
        wish->errand.run_fn = run_add;
        wish->errand.finish_fn = finish_add;
        keeper_errand(wish->site->keeper, &wish->errand);
        return;
    case EXPORTS_TOO_MANY:
        site_problem(wish->request, 503, "PA7042",
                     "four exports run already: wait for one, or remove one");
        break;
    case EXPORTS_NO_ROOM:
        site_problem(wish->request, 507, "PA7043",
                     "the disk has too little room left for an export");
        break;
    }
    wish_free(wish);
}

static int read_wish(struct wish *wish, struct query *query, struct err *err)
{
    static const struct site_field fields[] = {{"q", JSON_STRING}};
    cleanup(json_freep) struct json *json = NULL;

    if (site_read(wish->request, fields, COUNT(fields), &json, err) < 0)
        return -1;
    wish->query = bytes_copy(json_string(json_get(json, "q")));
    wish->export.query = bytes_str(wish->query);
    return query_parse(wish->export.query, wish->export.created_at_ms, query, err);
}

void api_exports_create(const struct site_call *call)
{
    struct wish *wish = mem_new(struct wish);
    struct query query = {0};
    struct err err = {0};
    bool is_good;

    wish->site = call->site;
    wish->request = call->request;
    wish->export = (struct store_export){
        .created_at_ms = clock_wall_ms(), .state = EXPORT_RUNNING, .matched = -1};
    is_good = read_wish(wish, &query, &err) == 0;
    if (is_good) {
        begin(wish);
    } else {
        if (query.fault_len > 0)
            site_problem_query(call->request, &query, &err);
        else
            site_problem_err(call->request, &err);
        wish_free(wish);
    }
    query_done(&query);
}

/* --- one that is there ----------------------------------------------------------------
 */

static void refuse_unknown(struct server_request *request)
{
    site_problem(request, 404, "PA7005", "there is no export with this id (any more)");
}

/* False: answered with 404. */
static bool find(const struct site_call *call, struct arena *arena,
                 struct store_export *ret_export)
{
    struct id id;

    if (id_parse(call->parameters[0], &id) && id.kind == ID_EXPORT &&
        exports_find(call->site->exports, id.row, id.time_ms, arena, ret_export))
        return true;
    refuse_unknown(call->request);
    return false;
}

void api_exports_get(const struct site_call *call)
{
    cleanup(arena_done) struct arena arena = {0};
    struct store_export export;

    arena_init(&arena);
    if (find(call, &arena, &export))
        answer_export(call->request, 200, &export);
}

void api_exports_remove(const struct site_call *call)
{
    const struct server_answer nothing = {.status = 204};
    cleanup(arena_done) struct arena arena = {0};
    struct store_export export;

    arena_init(&arena);
    if (!find(call, &arena, &export))
        return;
    if (exports_remove(call->site->exports, export.row, export.created_at_ms))
        server_answer(call->request, &nothing);
    else
        refuse_unknown(call->request);
}

/* --- its file -------------------------------------------------------------------------
 */

struct range {
    int64_t from, to; /* both are in it */
};

/* "bytes=100-", "bytes=0-99", "bytes=-10". 1: a part; 0: the whole, as for whatever is
 * not understood (RFC 9110 §14.2); -1: nothing of the file is in it. */
static int read_range(struct bytes text, int64_t size, struct range *ret)
{
    struct bytes first;
    int64_t number;

    *ret = (struct range){0, size - 1};
    if (!bytes_starts(text, BYTES("bytes=")))
        return 0;
    text = bytes_slice(text, 6, text.len);
    first = bytes_take_until(&text, '-');
    if (first.len == 0 && bytes_to_i64(text, &number) && number > 0) {
        ret->from = number < size ? size - number : 0;
        return size > 0 ? 1 : -1;
    }
    if (!bytes_to_i64(first, &ret->from) || ret->from < 0)
        return 0;
    if (text.len > 0 && (!bytes_to_i64(text, &number) || number < ret->from))
        return 0;
    if (text.len > 0 && number < size - 1)
        ret->to = number;
    return ret->from < size ? 1 : -1;
}

static void send_part(const struct site_call *call, const char *id, int file,
                      int64_t size)
{
    char name[80], range_text[80];
    struct range range;
    const int part = read_range(server_header(call->request, "Range"), size, &range);
    struct server_answer answer = {
        .status = part > 0 ? 206 : 200,
        .content_type = "application/x-ndjson",
        .headers = {{"Content-Disposition", name},
                    {"Cache-Control", "no-store"},
                    {"Accept-Ranges", "bytes"}},
        .has_file = size > 0,
        .file = file,
        .file_from = range.from,
        .file_bytes = range.to - range.from + 1,
    };

    snprintf(name, sizeof(name), "attachment; filename=\"%s.ndjson\"", id);
    if (part < 0) {
        snprintf(range_text, sizeof(range_text), "bytes */%lld", (long long)size);
        answer.status = 416;
        answer.has_file = false;
    } else {
        snprintf(range_text, sizeof(range_text), "bytes %lld-%lld/%lld",
                 (long long)range.from, (long long)range.to, (long long)size);
    }
    if (part != 0)
        answer.headers[3] = (struct server_header){"Content-Range", range_text};
    if (!answer.has_file)
        close(file);
    server_answer(call->request, &answer);
}

void api_exports_file(const struct site_call *call)
{
    cleanup(arena_done) struct arena arena = {0};
    struct store_export export;
    char id[ID_TEXT_LEN];
    struct stat status;
    int file;

    arena_init(&arena);
    if (!find(call, &arena, &export))
        return;
    if (export.state != EXPORT_DONE) {
        site_problem(call->request, 409, "PA7044",
                     export.state == EXPORT_RUNNING ? "the export runs still: its file "
                                                      "is there when it is whole"
                                                    : "the export has failed");
        return;
    }
    file = exports_open(call->site->exports, export.row);
    if (file < 0 || fstat(file, &status) < 0 || status.st_size != export.bytes) {
        if (file >= 0)
            close(file);
        site_problem(call->request, 404, "PA7005", "the file of this export is gone");
        return;
    }
    id_format((struct id){.kind = ID_EXPORT,
                          .time_ms = export.created_at_ms,
                          .row = export.row},
              id);
    send_part(call, id, file, status.st_size);
}
