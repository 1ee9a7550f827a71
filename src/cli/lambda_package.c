/* SPDX-License-Identifier: MIT */

/* lambda package: a function, or a program that handles invocations, as a zip for AWS. */

#include "base/err.h"
#include "base/shell_word.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "cli/diagnostic.h"
#include "cli/fn_given.h"
#include "cli/fn_project.h"
#include "lambda/package/executable.h"
#include "lambda/package/package.h"
#include "trial/fn_load.h"
#include "json/write.h"

enum { TEXT_BYTES = 64 * 1024 };

struct package {
    const struct call *call;
    struct fn_code code;
    struct bytes name;
    struct package_function function;
    struct package_wish wish;
    struct package_made made;
};

static void print_json(const struct package *package)
{
    struct buf json;
    struct write write;

    buf_init(&json, TEXT_BYTES);
    write_init(&write, &json);
    write_object(&write);
    write_member_text(&write, "path", package->wish.path);
    write_member_string(&write, "name", package->name);
    write_member_text(&write, "architecture", EXECUTABLE_ARCHITECTURE);
    write_member_i64(&write, "zipped_bytes", package->made.zipped_bytes);
    write_member_i64(&write, "unzipped_bytes", package->made.whole_bytes);
    write_member_i64(&write, "files", package->made.n_files);
    write_object_end(&write);
    print_record(&package->call->out, buf_bytes(&json));
    buf_done(&json);
}

static void say_command(const struct call *call, const char *command, struct bytes name,
                        const char *path_flag, const char *path, const char *rest)
{
    struct buf line;

    buf_init(&line, TEXT_BYTES);
    buf_addf(&line, "%s --function-name ", command);
    shell_word(name, &line);
    buf_addf(&line, " %s", path_flag);
    shell_word(bytes_str(path), &line);
    buf_add_text(&line, rest);
    call_say(call, "  %s", buf_text(&line));
    buf_done(&line);
}

static void say_next(const struct package *package)
{
    const struct call *call = package->call;

    call_say(call, "\nThe function and the role that Segment assumes, the first time:");
    say_command(call, "partnerapp lambda template", package->name, "--code-uri ",
                package->wish.path, " > template.yaml");
    call_say(call, "  sam deploy --guided --region us-west-2");
    call_say(call, "New code for a function that is there:");
    say_command(call, "aws lambda update-function-code", package->name,
                "--region us-west-2 --zip-file fileb://", package->wish.path, "");
    if (package->code.configured != NULL)
        call_say(call, "note: settings are not packed, they may be secrets: give them to "
                       "the function as the\nenvironment variable PARTNERAPP_SETTINGS, a "
                       "JSON object");
}

static void print_human(const struct package *package)
{
    const struct call *call = package->call;
    struct buf line;

    buf_init(&line, TEXT_BYTES);
    print_clean(bytes_str(package->wish.path), &line);
    buf_add_text(&line, ": ");
    print_size(package->made.zipped_bytes, &line);
    buf_add_text(&line, " (");
    print_size(package->made.whole_bytes, &line);
    buf_addf(&line, " unzipped, %u files), for provided.al2023 on %s",
             package->made.n_files, EXECUTABLE_ARCHITECTURE);
    print_text(&call->out, "%s\n", buf_text(&line));
    fflush(call->out.file);
    buf_done(&line);
    say_next(package);
}

/* "./build/program" is "program"; a path that ends in a slash is no program anyway. */
static struct bytes base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return bytes_str(slash != NULL ? slash + 1 : path);
}

/* Code that does not load here does not load there. */
static int load(struct package *package, struct err *err)
{
    struct fn_code *code = &package->code;
    struct fn_code_wish wish;

    fn_given_wish(package->call, &wish);
    if (fn_given_code(code, &wish, err) < 0 ||
        fn_project_read(code, package->call, err) < 0 || fn_code_load(code, err) < 0)
        return -1;
    if (!code->is_ok) {
        fn_load_describe(code, err);
        diagnostic_print(&package->call->err, err);
        return ERR_CHECKS_FAILED;
    }
    if (fn_code_is_source(code))
        return err_code(err, "PA9034", ERR_FAILED,
                        "%s is a source function: Segment's lambdas are given events",
                        code->path);
    return 0;
}

static int describe_function(struct package *package, struct err *err)
{
    const struct fn_code *code = &package->code;
    int r = load(package, err);

    package->name = fn_code_name(code);
    package->function = (struct package_function){
        .source = buf_bytes(&code->source),
        .manifest = {.name = package->name,
                     .generation = code->wish.generation,
                     .allow_eval = code->wish.allow_eval,
                     .timeout_ms = code->wish.timeout_ms,
                     .slice_ms = code->wish.slice_ms,
                     .is_fresh = code->wish.is_fresh},
    };
    package->wish.function = &package->function;
    return r;
}

/* Whom is the zip of? */
static int describe(struct package *package, struct err *err)
{
    const char *handler = call_given(package->call, "handler");
    bool has_function = call_arg(package->call, 0) != NULL;

    if (has_function == (handler != NULL)) {
        err_code(err, "PA7003", ERR_USAGE, "%s",
                 has_function ? "either a function or --handler, not both"
                              : "what is to be packed?");
        return err_help(err, "partnerapp lambda package FUNCTION -o out.zip\n"
                             "partnerapp lambda package --handler ./program -o out.zip");
    }
    if (has_function)
        return describe_function(package, err);
    package->name = base_name(handler);
    package->wish.handler = handler;
    return 0;
}

static int run_all(struct package *package, struct call *call, struct err *err)
{
    int r = describe(package, err);

    if (r != 0)
        return r;
    package->wish.path = call_given(call, "output");
    if (package->wish.path == NULL)
        package->wish.path =
            arena_printf(&call->arena, "%.*s.zip", BYTES_FMT(package->name));
    if (package_make(&package->wish, &package->made, err) < 0)
        return -1;
    if (call->wants_json)
        print_json(package);
    else
        print_human(package);
    return 0;
}

int lambda_package_run(struct call *call, struct err *err)
{
    struct package package = {.call = call};
    int answer;

    arena_init(&package.code.arena);
    answer = run_all(&package, call, err);
    fn_code_close(&package.code);
    return answer;
}
