/* SPDX-License-Identifier: MIT */

/* GET /api/v1/templates, POST /api/v1/functions: what a function may begin with, and one
 * that begins. It is only written: what is in service is the configuration's word. */

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "service/desk.h"
#include "service/site.h"
#include "service/snapshot.h"
#include "trial/fn_make.h"
#include "trial/fn_template.h"
#include "json/json.h"
#include "json/write.h"

enum { ANSWER_BYTES = 4 << 20, PATH_BYTES = 4096, HOW_BYTES = 512 };

/* The heading of its README. */
static struct bytes title_of(const char *name)
{
    const struct embedded_file *file = NULL;
    const char *path;

    while ((file = fn_template_next(name, file, &path)) != NULL) {
        struct bytes text = file->text;
        struct bytes line = bytes_take_until(&text, '\n');

        if (strcmp(path, "README.md") == 0 && bytes_starts(line, BYTES("# ")))
            return bytes_trim(bytes_slice(line, 2, line.len));
    }
    return bytes_str(name);
}

static struct bytes source_of(const char *name)
{
    const struct embedded_file *file = NULL;
    const char *path;

    while ((file = fn_template_next(name, file, &path)) != NULL) {
        if (strcmp(path, "index.js") == 0)
            return file->text;
    }
    return BYTES("");
}

void api_templates_list(const struct site_call *call)
{
    char names[FN_TEMPLATE_MAX][FN_TEMPLATE_MAX];
    cleanup(buf_done) struct buf body = {0};
    struct write json;
    size_t n;

    buf_init(&body, ANSWER_BYTES);
    write_init(&json, &body);
    write_object(&json);
    write_key(&json, "data");
    write_array(&json);
    fn_template_names(names, &n);
    for (size_t i = 0; i < n; i++) {
        write_object(&json);
        write_member_text(&json, "name", names[i]);
        write_member_string(&json, "title", title_of(names[i]));
        write_member_string(&json, "description", fn_template_summary(names[i]));
        write_member_string(&json, "source", source_of(names[i]));
        write_object_end(&json);
    }
    write_array_end(&json);
    write_member_text(&json, "next", NULL);
    write_member_i64(&json, "total", (int64_t)n);
    write_object_end(&json);
    site_json(call->request, 200, &body);
}

/* --- a new function -------------------------------------------------------------------
 */

struct making {
    struct desk_job job;
    struct server_request *request;
    char folder[PATH_BYTES];
    char *name, *template;
    struct buf body;
    struct write json;
};

static void making_free(struct making *making)
{
    buf_done(&making->body);
    free(making->name);
    free(making->template);
    free(making);
}

static void add_file(void *arg, const char *path)
{
    struct making *making = arg;

    write_text(&making->json, path);
}

static int make(struct making *making, struct err *err)
{
    const struct fn_make_wish wish = {
        .folder = making->folder, .name = making->name, .template = making->template};
    char how[HOW_BYTES];

    write_object(&making->json);
    write_member_text(&making->json, "name", making->name);
    write_member_text(&making->json, "template", making->template);
    write_key(&making->json, "files");
    write_array(&making->json);
    if (fn_make(&wish, add_file, making, err) < 0)
        return -1;
    write_array_end(&making->json);
    snprintf(how, sizeof(how),
             "put it into service: a subscription with `function: %.300s/%.64s/index.js` "
             "in partnerapp.yaml, then reload",
             making->folder, making->name);
    write_member_text(&making->json, "how", how);
    write_object_end(&making->json);
    return 0;
}

/* In the desk's thread, one after the other: of two with one name the second is told. */
static void run_make(struct reader *reader, struct desk_job *job)
{
    struct making *making = container_of(job, struct making, job);
    struct err err = {0};

    (void)reader;
    if (make(making, &err) < 0)
        site_problem_err(making->request, &err);
    else
        site_json(making->request, 201, &making->body);
    making_free(making);
}

/* Where the functions are that there are; else where `fn new` puts them. */
static void find_folder(const struct config *config, char ret_folder[PATH_BYTES])
{
    static const char folder[] = "/functions/";

    snprintf(ret_folder, PATH_BYTES, "functions");
    for (size_t i = 0; i < config->n_subscriptions; i++) {
        struct bytes path = bytes_str(config->subscriptions[i].function);
        size_t at = bytes_find(path, bytes_str(folder));

        if (at == path.len)
            continue;
        snprintf(ret_folder, PATH_BYTES, "%.*s/functions",
                 BYTES_FMT(bytes_slice(path, 0, at)));
        return;
    }
}

static bool read_wish(const struct site_call *call, struct making *making)
{
    static const struct site_field fields[] = {{"name", JSON_STRING},
                                               {"template", JSON_STRING}};
    cleanup(json_freep) struct json *json = NULL;
    struct err err = {0};

    if (site_read(call->request, fields, COUNT(fields), &json, &err) < 0) {
        site_problem_err(call->request, &err);
        return false;
    }
    making->name = bytes_copy(json_string(json_get(json, "name")));
    making->template = bytes_copy(json_kind(json_get(json, "template")) == JSON_STRING
                                      ? json_string(json_get(json, "template"))
                                      : BYTES("hello"));
    return true;
}

void api_functions_create(const struct site_call *call)
{
    const struct config *config = atomic_load(&call->site->snapshot)->config;
    struct making *making;

    if (config->functions_readonly) {
        site_problem(call->request, 409, "PA7035",
                     "the code of functions is read-only here; to change it from the "
                     "console, set functions.readonly to off");
        return;
    }
    making = mem_new(struct making);
    making->request = call->request;
    buf_init(&making->body, ANSWER_BYTES);
    write_init(&making->json, &making->body);
    find_folder(config, making->folder);
    making->job.run_fn = run_make;
    if (!read_wish(call, making)) {
        making_free(making);
    } else if (!desk_ask(call->site->desk, &making->job)) {
        site_problem(call->request, 503, NULL, "too many questions at once");
        making_free(making);
    }
}
