/* SPDX-License-Identifier: MIT */

/* /api/v1/functions/{name}: its code as it lies on disk, the versions that were in
 * service, saving, and taking one into service. The desk reads and writes, one request
 * after the other, so that who saves second sees that somebody was first. */

#include <stdio.h>

#include "base/err.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/secret.h"
#include "service/console/subject.h"
#include "service/courier.h"
#include "service/desk.h"
#include "service/site.h"
#include "store/reader.h"
#include "sys/disk.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 16 << 20, PATH_BYTES = 4200, SETTINGS_BYTES = 1 << 20 };

struct visit {
    struct desk_job job;
    struct order order;
    struct site *site;
    struct server_request *request;
    struct subject subject;
    struct buf source; /* of the file, or what is to be in it */
    struct json *asked;
    int64_t version;
    struct reader_versions versions;
};

static void visit_free(struct visit *visit)
{
    buf_done(&visit->source);
    json_free(visit->asked);
    free(visit);
}

/* NULL: answered with 404. */
static struct visit *visit_new(const struct site_call *call)
{
    struct subject subject;
    struct visit *visit;

    if (!subject_find(call, &subject))
        return NULL;
    visit = mem_new(struct visit);
    visit->site = call->site;
    visit->request = call->request;
    visit->subject = subject;
    buf_init(&visit->source, SUBJECT_SOURCE_BYTES);
    return visit;
}

static void ask_desk(struct visit *visit,
                     void (*run_fn)(struct reader *reader, struct desk_job *job))
{
    visit->job.run_fn = run_fn;
    if (desk_ask(visit->site->desk, &visit->job))
        return;
    site_problem(visit->request, 503, NULL, "too many questions at once");
    visit_free(visit);
}

static void refuse(struct visit *visit, const struct err *err)
{
    site_problem_err(visit->request, err);
    visit_free(visit);
}

static void refuse_gone(struct visit *visit, const char *why)
{
    site_problem(visit->request, 404, "PA7005", why);
    visit_free(visit);
}

/* --- one function ----------------------------------------------------------------------
 */

static const char *kind_of(const struct json *value)
{
    static const char *const texts[] = {
        [JSON_MISSING] = "null",   [JSON_NULL] = "null",     [JSON_BOOL] = "boolean",
        [JSON_INTEGER] = "number", [JSON_REAL] = "number",   [JSON_STRING] = "string",
        [JSON_ARRAY] = "array",    [JSON_OBJECT] = "object",
    };

    return texts[json_kind(value)];
}

/* Names alone: any value may be a secret. */
static void write_settings_of(struct write *json, struct bytes text, const char *origin)
{
    cleanup(json_freep) struct json *settings = NULL;
    const struct json *value;
    const char *name;
    void *cursor = NULL;

    if (json_parse(text, &settings, NULL) < 0 || json_kind(settings) != JSON_OBJECT)
        return;
    while (json_next(settings, &cursor, &name, &value)) {
        write_object(json);
        write_member_text(json, "name", name);
        write_member_text(json, "kind", kind_of(value));
        write_member_text(json, "origin", origin);
        write_object_end(json);
    }
}

/* What a trial finds beside the code: functions/hello/settings.json. */
static void read_settings_file(const struct visit *visit, struct buf *ret_text)
{
    struct bytes path = bytes_str(visit->subject.config->function);
    char settings[PATH_BYTES];
    struct err err;

    if (bytes_ends(path, BYTES("/index.js")))
        path.len -= strlen("/index.js");
    else if (bytes_ends(path, BYTES(".js")))
        path.len -= strlen(".js");
    snprintf(settings, sizeof(settings), "%.*s/settings.json", BYTES_FMT(path));
    if (disk_exists(settings) && disk_read(settings, ret_text, &err) < 0)
        buf_clear(ret_text);
}

static void write_settings(struct write *json, const struct visit *visit)
{
    cleanup(buf_done) struct buf file = {0};

    buf_init(&file, SETTINGS_BYTES);
    read_settings_file(visit, &file);
    write_key(json, "settings");
    write_array(json);
    write_settings_of(json, bytes_str(visit->subject.config->settings_json),
                      "configuration");
    write_settings_of(json, buf_bytes(&file), "settings.json");
    write_array_end(json);
    secret_wipe(file.ptr, file.len);
}

static void write_versions(struct write *json, const struct visit *visit)
{
    const struct reader_versions *versions = &visit->versions;

    write_key(json, "versions");
    write_array(json);
    for (size_t i = 0; i < versions->n; i++) {
        const struct reader_version *version = &versions->list[i];
        char sum[SUBJECT_SUM_LEN];

        hex_encode(version->sha256, sizeof(version->sha256), sum);
        write_object(json);
        write_member_i64(json, "version", version->row);
        write_member_time(json, "created_at", version->created_at_ms);
        write_key(json, "labels");
        write_array(json);
        if (i == 0)
            write_text(json, "LATEST");
        if (version->row == visit->version)
            write_text(json, "DEPLOYED");
        write_array_end(json);
        write_member_text(json, "sha256", sum);
        write_object_end(json);
    }
    write_array_end(json);
}

static bool is_deployed(const struct visit *visit, const char *sum)
{
    char other[SUBJECT_SUM_LEN];

    for (size_t i = 0; i < visit->versions.n; i++) {
        const struct reader_version *version = &visit->versions.list[i];

        hex_encode(version->sha256, sizeof(version->sha256), other);
        if (version->row == visit->version)
            return strcmp(sum, other) == 0;
    }
    return false;
}

static void run_show(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);
    cleanup(buf_done) struct buf body = {0};
    char sum[SUBJECT_SUM_LEN];
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    if (!courier_write_function(courier, bytes_str(visit->subject.config->name), &json,
                                &visit->version)) {
        refuse_gone(visit, "there is no function with this name");
        return;
    }
    subject_sum(buf_bytes(&visit->source), sum);
    write_member_string(&json, "source", buf_bytes(&visit->source));
    write_member_text(&json, "sha256", sum);
    write_member_bool(&json, "is_deployed", is_deployed(visit, sum));
    write_member_bool(&json, "is_readonly",
                      visit->subject.snapshot->config->functions_readonly);
    write_versions(&json, visit);
    write_settings(&json, visit);
    write_object_end(&json);
    site_json(visit->request, 200, &body);
    visit_free(visit);
}

static void run_read(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};

    if (subject_read(&visit->subject, &visit->source, &err) < 0 ||
        reader_versions(reader, bytes_str(visit->subject.config->function),
                        &visit->versions, &err) < 0) {
        refuse(visit, &err);
        return;
    }
    visit->order.run_fn = run_show;
    courier_order(visit->site->courier, &visit->order);
}

void api_functions_get(const struct site_call *call)
{
    struct visit *visit = visit_new(call);

    if (visit != NULL)
        ask_desk(visit, run_read);
}

/* --- one version -----------------------------------------------------------------------
 */

static int read_version(struct visit *visit, struct reader *reader, struct err *err)
{
    buf_clear(&visit->source);
    return reader_version_source(reader, bytes_str(visit->subject.config->function),
                                 visit->version, &visit->source, err);
}

static void run_version(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    cleanup(buf_done) struct buf body = {0};
    struct err err = {0};
    struct write json;
    int found = read_version(visit, reader, &err);

    if (found < 0) {
        refuse(visit, &err);
        return;
    }
    if (found == 0) {
        refuse_gone(visit, "the function has no such version");
        return;
    }
    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_i64(&json, "version", visit->version);
    write_member_string(&json, "source", buf_bytes(&visit->source));
    write_object_end(&json);
    site_json(visit->request, 200, &body);
    visit_free(visit);
}

void api_functions_version(const struct site_call *call)
{
    struct visit *visit = visit_new(call);

    if (visit == NULL)
        return;
    if (bytes_to_i64(call->parameters[1], &visit->version) && visit->version > 0)
        ask_desk(visit, run_version);
    else
        refuse_gone(visit, "the function has no such version");
}

/* --- saving ----------------------------------------------------------------------------
 */

static bool may_write(struct visit *visit)
{
    if (!visit->subject.snapshot->config->functions_readonly)
        return true;
    site_problem(
        visit->request, 403, "PA7035",
        "the code of functions is read-only here; to change it from the console, "
        "set functions.readonly to off");
    return false;
}

static void answer_saved(struct visit *visit, const char *sum)
{
    cleanup(buf_done) struct buf body = {0};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_string(&json, "name", bytes_str(visit->subject.config->name));
    write_member_text(&json, "sha256", sum);
    write_object_end(&json);
    site_json(visit->request, 200, &body);
}

/* The file wins: who saves is shown what somebody else has written meanwhile. */
static void answer_changed(struct visit *visit, const struct buf *there, const char *sum)
{
    cleanup(buf_done) struct buf body = {0};
    struct server_answer answer = {.status = 409,
                                   .content_type = "application/problem+json"};
    struct write json;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_member_text(&json, "type", "about:blank");
    write_member_text(&json, "title", "Conflict");
    write_member_i64(&json, "status", answer.status);
    write_member_text(&json, "detail",
                      "the file is not what base_sha256 says: somebody "
                      "has changed it meanwhile");
    write_member_text(&json, "code", "PA7036");
    write_member_string(&json, "source", buf_bytes(there));
    write_member_text(&json, "sha256", sum);
    write_object_end(&json);
    answer.body = buf_bytes(&body);
    server_answer(visit->request, &answer);
}

static void run_save(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct bytes source = json_string(json_get(visit->asked, "source"));
    struct bytes base = json_string(json_get(visit->asked, "base_sha256"));
    char sum[SUBJECT_SUM_LEN];
    struct err err = {0};

    (void)reader;
    if (subject_read(&visit->subject, &visit->source, &err) < 0) {
        refuse(visit, &err);
        return;
    }
    subject_sum(buf_bytes(&visit->source), sum);
    if (!bytes_eq_nocase(base, bytes_str(sum))) {
        answer_changed(visit, &visit->source, sum);
    } else if (subject_write(&visit->subject, source, &err) < 0) {
        site_problem_err(visit->request, &err);
    } else {
        subject_sum(source, sum);
        answer_saved(visit, sum);
    }
    visit_free(visit);
}

static int read_save(struct visit *visit, struct err *err)
{
    static const struct site_field fields[] = {{"source", JSON_STRING},
                                               {"base_sha256", JSON_STRING}};
    struct bytes source;

    if (site_read(visit->request, fields, COUNT(fields), &visit->asked, err) < 0)
        return -1;
    source = json_string(json_get(visit->asked, "source"));
    if (json_kind(json_get(visit->asked, "source")) != JSON_STRING ||
        json_kind(json_get(visit->asked, "base_sha256")) != JSON_STRING)
        return err_code(err, "PA7033", ERR_USAGE,
                        "`source` and `base_sha256` are wanted");
    if (source.len > SUBJECT_SOURCE_BYTES)
        return err_code(err, "PA7033", ERR_USAGE, "`source` is larger than 1 MiB");
    return 0;
}

void api_functions_save(const struct site_call *call)
{
    struct visit *visit = visit_new(call);
    struct err err = {0};

    if (visit == NULL)
        return;
    if (!may_write(visit))
        visit_free(visit);
    else if (read_save(visit, &err) < 0)
        refuse(visit, &err);
    else
        ask_desk(visit, run_save);
}

/* --- taking into service ---------------------------------------------------------------
 */

static void on_deployed(void *arg, const struct err *err)
{
    struct visit *visit = arg;
    struct err broken;

    if (err == NULL) {
        ask_desk(visit, run_read);
        return;
    }
    broken = *err;
    broken.exit_code = ERR_CONFLICT;
    refuse(visit, &broken);
}

static void run_deploy(struct courier *courier, struct order *order)
{
    struct visit *visit = container_of(order, struct visit, order);

    if (!courier_deploy(courier, bytes_str(visit->subject.config->name), on_deployed,
                        visit))
        refuse_gone(visit, "there is no function with this name");
}

/* An older version becomes the file first: after a restart it is still in service. */
static void run_restore(struct reader *reader, struct desk_job *job)
{
    struct visit *visit = container_of(job, struct visit, job);
    struct err err = {0};
    int found = visit->version != 0 ? read_version(visit, reader, &err) : 1;

    if (found == 0) {
        refuse_gone(visit, "the function has no such version");
        return;
    }
    if (found < 0 ||
        (visit->version != 0 &&
         subject_write(&visit->subject, buf_bytes(&visit->source), &err) < 0)) {
        refuse(visit, &err);
        return;
    }
    buf_clear(&visit->source);
    visit->order.run_fn = run_deploy;
    courier_order(visit->site->courier, &visit->order);
}

void api_functions_deploy(const struct site_call *call)
{
    static const struct site_field fields[] = {{"version", JSON_INTEGER}};
    struct visit *visit = visit_new(call);
    struct err err = {0};

    if (visit == NULL)
        return;
    if (site_read(call->request, fields, COUNT(fields), &visit->asked, &err) < 0) {
        refuse(visit, &err);
        return;
    }
    visit->version = json_i64(json_get(visit->asked, "version"));
    if (visit->version != 0 && !may_write(visit))
        visit_free(visit);
    else
        ask_desk(visit, run_restore);
}
