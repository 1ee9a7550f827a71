/* SPDX-License-Identifier: MIT */

#include "trial/fn_parse.h"

#include "base/buf.h"
#include "base/err.h"
#include "parse_text.h"
#include "sys/loop.h"
#include "trial/fn_code.h"
#include "json/json.h"
#include "json/write.h"

enum {
    TIMEOUT_MS = 20000, /* a MiB of code on a slow machine */
    QUESTION_BYTES = 8 << 20,
};

struct question {
    struct fn_parse *parse;
    struct loop *loop;
    struct pool *pool;
    struct pool_function *function;
    struct buf event; /* {"source":…} */
    const char *failure;
    bool has_no_runner;
};

static const char *keep(struct fn_parse *parse, const struct json *text)
{
    return json_kind(text) == JSON_STRING ? arena_copy(&parse->arena, json_string(text))
                                          : NULL;
}

static void read_names(struct fn_parse *parse, const struct json *array,
                       struct fn_parse_names *ret)
{
    ret->n = json_count(array);
    ret->list = arena_zero(&parse->arena, (ret->n + 1) * sizeof(*ret->list));
    for (size_t i = 0; i < ret->n; i++) {
        const struct json *one = json_at(array, i);
        struct bytes name = json_string(json_get(one, "name"));

        ret->list[i] = (struct fn_parse_name){
            .name = bytes_of(arena_copy(&parse->arena, name), name.len),
            .line = (int)json_i64(json_get(one, "line")),
            .column = (int)json_i64(json_get(one, "column")),
            .width = (int)json_i64(json_get(one, "width")),
            .is_exported = json_bool(json_get(one, "isExported")),
            .is_hidden = json_bool(json_get(one, "isHidden")),
        };
    }
}

static void read_answer(struct fn_parse *parse, const struct json *answer)
{
    const struct json *problem = json_get(answer, "problem");

    parse->refusal = keep(parse, json_get(answer, "refusal"));
    parse->problem = keep(parse, json_get(problem, "message"));
    parse->problem_help = keep(parse, json_get(problem, "help"));
    parse->line = (int)json_i64(json_get(problem, "line"));
    parse->column = (int)json_i64(json_get(problem, "column"));
    parse->has_tree = json_kind(json_get(answer, "own")) == JSON_ARRAY;
    read_names(parse, json_get(answer, "own"), &parse->own);
    read_names(parse, json_get(answer, "names"), &parse->names);
    read_names(parse, json_get(answer, "modules"), &parse->modules);
}

static void on_done(void *arg, const struct pool_result *result)
{
    struct question *question = arg;
    struct json *answer = NULL;

    if (result->run != RUN_RETURNED)
        question->failure = arena_copy(&question->parse->arena, result->error_message);
    else if (json_parse(result->value, &answer, NULL) < 0)
        question->failure = "its answer is no JSON";
    else
        read_answer(question->parse, answer);
    json_free(answer);
    loop_stop(question->loop);
}

static void on_fetch(void *arg, struct pool_invocation *invocation, uint32_t fetch,
                     const struct pool_request *request)
{
    (void)arg; /* our program makes none, so it is never answered */
    (void)invocation;
    (void)fetch;
    (void)request;
}

static void on_loaded(void *arg, struct pool_function *function,
                      const struct pool_loaded *loaded)
{
    struct question *question = arg;
    struct pool_run run = {
        .event = buf_bytes(&question->event),
        .settings = BYTES("{}"),
        .kind = EVENT_TRACK,
        .fetch_fn = on_fetch,
        .done_fn = on_done,
        .arg = question,
    };

    if (loaded->ok && pool_invoke(function, &run) != NULL)
        return;
    question->failure = loaded->error_message != NULL
                            ? arena_text(&question->parse->arena, loaded->error_message)
                            : "it takes no code";
    question->has_no_runner = true;
    loop_stop(question->loop);
}

static int ask(struct question *question, const struct pool_options *runners,
               struct err *err)
{
    const struct pool_code program = {
        .name = BYTES("fn check"),
        .source = bytes_of(parse_text, sizeof(parse_text) - 1),
        .timeout_ms = TIMEOUT_MS,
        .slice_ms = TIMEOUT_MS,
        .in_flight = 1,
        .generation = POOL_FUNCTIONS,
        .allow_eval =
            POOL_EVAL_ON, /* the engine is asked by a script that never begins */
    };

    question->pool = pool_new(question->loop, runners);
    question->function = pool_load(question->pool, &program, on_loaded, question);
    loop_run(question->loop);
    pool_free(question->pool);
    if (question->has_no_runner)
        return fn_code_no_runner(question->failure, err);
    if (question->failure != NULL)
        return err_set(err, "the code could not be looked at: %s", question->failure);
    return 0;
}

int fn_parse(struct fn_parse *parse, const struct pool_options *runners,
             struct bytes source, struct err *err)
{
    struct question question = {.parse = parse};
    struct write write;
    int answer;

    *parse = (struct fn_parse){0};
    arena_init(&parse->arena);
    buf_init(&question.event, QUESTION_BYTES);
    write_init(&write, &question.event);
    write_object(&write);
    write_member_string(&write, "source", source);
    write_object_end(&write);
    question.loop = loop_new();
    answer = ask(&question, runners, err);
    loop_free(question.loop);
    buf_done(&question.event);
    return answer;
}

void fn_parse_done(struct fn_parse *parse)
{
    arena_done(&parse->arena);
}
