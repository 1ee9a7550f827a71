/* SPDX-License-Identifier: MIT */

/* lambda template: what AWS is to make, for `sam deploy` or CloudFormation. */

#include "base/err.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "lambda/package/template.h"

enum {
    TEMPLATE_BYTES = 64 * 1024,
    NAME_MAX_BYTES = 64,
    EXTERNAL_ID_MIN = 2,
    EXTERNAL_ID_MAX = 1224,
    TIMEOUT_MAX_S = 900,
    MEMORY_MIN_MB = 128,
    MEMORY_MAX_MB = 10240,
};

#define NAME_MARKS "-_"
#define EXTERNAL_ID_MARKS "_+=,.@:/-"

static bool is_made_of(struct bytes text, const char *marks)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_letter && (c < '0' || c > '9') && strchr(marks, c) == NULL)
            return false;
    }
    return true;
}

/* AWS would refuse it as well, minutes later. */
static int check_texts(const struct template_wish *wish, struct err *err)
{
    if (wish->function_name.len > NAME_MAX_BYTES ||
        !is_made_of(wish->function_name, NAME_MARKS))
        return err_code(err, "PA7003", ERR_USAGE,
                        "--function-name is 1 to %d letters, digits, - and _",
                        NAME_MAX_BYTES);
    if (wish->external_id.len > 0 && (wish->external_id.len < EXTERNAL_ID_MIN ||
                                      wish->external_id.len > EXTERNAL_ID_MAX ||
                                      !is_made_of(wish->external_id, EXTERNAL_ID_MARKS)))
        return err_code(err, "PA7003", ERR_USAGE,
                        "--external-id is %d to %d letters, digits, and any of %s",
                        EXTERNAL_ID_MIN, EXTERNAL_ID_MAX, EXTERNAL_ID_MARKS);
    return 0;
}

static int check_numbers(const struct template_wish *wish, struct err *err)
{
    if (wish->timeout_s < 1 || wish->timeout_s > TIMEOUT_MAX_S)
        return err_code(err, "PA7003", ERR_USAGE, "--timeout is 1 to %d seconds",
                        TIMEOUT_MAX_S);
    if (wish->memory_mb < MEMORY_MIN_MB || wish->memory_mb > MEMORY_MAX_MB)
        return err_code(err, "PA7003", ERR_USAGE, "--memory is %d to %d MB",
                        MEMORY_MIN_MB, MEMORY_MAX_MB);
    return 0;
}

static struct bytes code_uri(struct call *call)
{
    const char *name = call_given(call, "function-name");
    const char *given = call_given(call, "code-uri");

    if (given != NULL)
        return bytes_str(given);
    return bytes_str(name != NULL ? arena_printf(&call->arena, "%s.zip", name)
                                  : "out.zip");
}

static void print_template(const struct call *call, const struct template_wish *wish)
{
    struct buf text;

    buf_init(&text, TEMPLATE_BYTES);
    template_write(wish, &text);
    print_raw(&call->out, buf_bytes(&text));
    buf_done(&text);
}

int lambda_template_run(struct call *call, struct err *err)
{
    const struct template_wish wish = {
        .function_name = bytes_str(call_given(call, "function-name")),
        .external_id = bytes_str(call_given(call, "external-id")),
        .code_uri = code_uri(call),
        .timeout_s = call_number(call, "timeout"),
        .memory_mb = call_number(call, "memory"),
    };

    if (check_texts(&wish, err) < 0 || check_numbers(&wish, err) < 0)
        return -1;
    print_template(call, &wish);
    return 0;
}
