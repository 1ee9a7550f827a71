/* SPDX-License-Identifier: MIT */

#include "trial/fn_finding.h"

#include "base/err.h"
#include "base/excerpt.h"
#include "core/suggest.h"
#include "js/absent.h"
#include "trial/fn_code.h"
#include "trial/fn_parse.h"

/* In the order in which they are listed: those of today, then the bare names of 2019. */
static const char *const events[] = {
    "onIdentify", "onTrack",  "onPage",  "onScreen",  "onGroup",
    "onAlias",    "onDelete", "onBatch", "onRequest", "identify",
    "track",      "page",     "screen",  "group",     "alias",
};

#define NO_HANDLER "no handler: define onTrack, onIdentify, …, or transformEvent"

static struct fn_finding *add(struct fn_findings *found, const char *code,
                              const char *message)
{
    struct fn_finding *finding =
        &found->list[found->n < FN_FINDINGS ? found->n++ : FN_FINDINGS - 1];

    *finding = (struct fn_finding){.code = code, .message = message};
    return finding;
}

static struct fn_finding *add_at(struct fn_findings *found, const char *code,
                                 const char *message, const struct fn_parse_name *place)
{
    struct fn_finding *finding = add(found, code, message);

    finding->line = place->line;
    finding->column = place->column;
    finding->width = place->width;
    return finding;
}

/* The name as others see it: exported or assigned rather than declared const. */
static const struct fn_parse_name *own_name(const struct fn_parse *parse,
                                            const char *name)
{
    const struct fn_parse_name *hidden = NULL;

    for (size_t i = 0; i < parse->own.n; i++) {
        const struct fn_parse_name *own = &parse->own.list[i];

        if (!bytes_eq(own->name, bytes_str(name)))
            continue;
        if (!own->is_hidden)
            return own;
        hidden = own;
    }
    return hidden;
}

static bool is_module(const struct fn_parse *parse)
{
    for (size_t i = 0; i < parse->own.n; i++) {
        if (parse->own.list[i].is_exported)
            return true;
    }
    return false;
}

static void add_handler(struct fn_findings *found, const char *name)
{
    if (found->n_handlers < FN_FINDING_HANDLERS)
        found->handlers[found->n_handlers++] = arena_text(&found->arena, name);
}

static bool is_of_today(const char *name)
{
    return bytes_starts(bytes_str(name), BYTES("on"));
}

static bool has_handler_of_today(const struct fn_parse *parse)
{
    for (size_t i = 0; i < COUNT(events) && is_of_today(events[i]); i++) {
        if (own_name(parse, events[i]) != NULL)
            return true;
    }
    return false;
}

/* The older generations export processEvents (or, alone, only declare it); the first
 * declares transformEvent too. */
static bool find_old(struct fn_findings *found, const struct fn_parse *parse,
                     enum pool_generation wanted)
{
    const struct fn_parse_name *process = own_name(parse, "processEvents");
    bool has_transform = own_name(parse, "transformEvent") != NULL;

    if (wanted == POOL_FUNCTIONS || process == NULL ||
        (!process->is_exported && has_handler_of_today(parse)))
        return false;
    found->generation = wanted == POOL_CUSTOM || (wanted == POOL_BY_CODE && has_transform)
                            ? "custom"
                            : "subscription";
    add_handler(found, "processEvents");
    return true;
}

static void find_by_type(struct fn_findings *found, const struct fn_parse *parse)
{
    for (size_t i = 0; i < COUNT(events); i++) {
        const struct fn_parse_name *own = own_name(parse, events[i]);

        /* Beside on<Type>, a function called `page` is one of the code's own. */
        if (!is_of_today(events[i]) && found->n_handlers > 0 &&
            is_of_today(found->handlers[0]))
            return;
        if (own != NULL && !own->is_hidden)
            add_handler(found, events[i]);
    }
}

static void find_handlers(struct fn_findings *found, const struct fn_parse *parse,
                          enum pool_generation wanted)
{
    if (find_old(found, parse, wanted))
        return;
    find_by_type(found, parse);
    if (found->n_handlers == 1 && strcmp(found->handlers[0], "onRequest") == 0)
        found->generation = "source";
    else if (found->n_handlers > 0)
        found->generation = "functions";
    else if (own_name(parse, "transformEvent") != NULL) {
        found->generation = "transform";
        add_handler(found, "transformEvent");
    }
}

/* Handlers are parameters of the function that Segment puts around the code. */
static void find_hidden(struct fn_findings *found, const struct fn_parse *parse)
{
    for (size_t i = 0; !is_module(parse) && i < parse->own.n; i++) {
        const struct fn_parse_name *own = &parse->own.list[i];

        for (size_t j = 0; own->is_hidden && j < COUNT(events); j++) {
            if (!bytes_starts(own->name, BYTES("on")) ||
                !bytes_eq(own->name, bytes_str(events[j])))
                continue;
            add_at(found, "PA2002",
                   arena_printf(&found->arena, "`%s` is declared with const or let",
                                events[j]),
                   own)
                ->help =
                arena_printf(&found->arena,
                             "a handler is a function declaration or an assignment: "
                             "async function %s(event, settings) { … }",
                             events[j]);
        }
    }
}

static bool begins_like_handler(struct bytes name)
{
    return name.len > 3 && bytes_eq_nocase(bytes_slice(name, 0, 2), BYTES("on"));
}

static void find_near(struct fn_findings *found, const struct fn_parse *parse)
{
    for (size_t i = 0; i < parse->own.n; i++) {
        const struct fn_parse_name *own = &parse->own.list[i];
        const char *meant = suggest_nearest(own->name, events, COUNT(events));

        if (meant == NULL || !begins_like_handler(own->name) ||
            !bytes_starts(bytes_str(meant), BYTES("on")) ||
            bytes_eq(own->name, bytes_str(meant)))
            continue;
        struct fn_finding *note = add_at(
            found, "PA2003",
            arena_printf(&found->arena, "`%.*s` is never called", BYTES_FMT(own->name)),
            own);
        note->help = arena_printf(&found->arena, "did you mean `%s`?", meant);
        note->is_note = true;
    }
}

static void find_absent(struct fn_findings *found, const struct fn_parse_names *names,
                        const char *(*ask)(struct bytes name))
{
    for (size_t i = 0; i < names->n; i++) {
        const struct fn_parse_name *name = &names->list[i];
        const char *instead = ask(name->name);

        if (instead != NULL)
            add_at(found, "PA2020",
                   arena_printf(&found->arena, "`%.*s` is not available here: %s",
                                BYTES_FMT(name->name), instead),
                   name)
                ->help = instead;
    }
}

static void add_refusal(struct fn_findings *found, const struct fn_parse *parse)
{
    struct fn_finding *finding = add(
        found, "PA2001", arena_printf(&found->arena, "SyntaxError: %s", parse->problem));

    finding->line = parse->line;
    finding->column = parse->column;
    if (parse->problem_help != NULL)
        finding->help = arena_text(&found->arena, parse->problem_help);
}

static void copy_loaded(struct fn_findings *found, const struct fn_code *code)
{
    found->generation =
        code->generation != NULL ? arena_text(&found->arena, code->generation) : NULL;
    for (size_t i = 0; code->handlers[i] != NULL; i++)
        add_handler(found, code->handlers[i]);
    if (found->n_handlers == 0)
        add(found, "PA2002", NO_HANDLER);
}

/* The tree does not say enough: the code is loaded after all. */
static int load(struct fn_findings *found, struct fn_code *code, struct err *err)
{
    struct fn_finding *finding;

    if (fn_code_load(code, err) < 0)
        return -1;
    if (code->is_ok) {
        copy_loaded(found, code);
        return 0;
    }
    finding = add(found, "PA2001",
                  arena_printf(&found->arena, "%s%s%s",
                               code->error_name != NULL ? code->error_name : "",
                               code->error_name != NULL ? ": " : "",
                               code->error_message != NULL ? code->error_message : ""));
    finding->line = code->line; /* the engine's: good for the line, not for a mark */
    return 0;
}

static int judge(struct fn_findings *found, const struct fn_parse *parse,
                 struct fn_code *code, struct err *err)
{
    if (parse->refusal != NULL && parse->problem != NULL) {
        add_refusal(found, parse);
        return 0;
    }
    if (parse->refusal != NULL || !parse->has_tree)
        return load(found, code, err);
    find_hidden(found, parse);
    find_absent(found, &parse->names, absent_global);
    find_absent(found, &parse->modules, absent_module);
    find_near(found, parse);
    find_handlers(found, parse, code->wish.generation);
    if (found->n_handlers > 0 || !fn_findings_are_good(found))
        return 0;
    return load(found, code, err);
}

int fn_findings_read(struct fn_findings *found, struct fn_code *code, struct err *err)
{
    struct fn_parse parse;
    int answer;

    *found = (struct fn_findings){0};
    arena_init(&found->arena);
    answer = fn_parse(&parse, &code->wish.runners, buf_bytes(&code->source), err);
    if (answer == 0)
        answer = judge(found, &parse, code, err);
    fn_parse_done(&parse);
    return answer;
}

void fn_findings_done(struct fn_findings *found)
{
    arena_done(&found->arena);
}

bool fn_findings_are_good(const struct fn_findings *found)
{
    for (size_t i = 0; i < found->n; i++) {
        if (!found->list[i].is_note)
            return false;
    }
    return true;
}

void fn_finding_describe(const struct fn_finding *finding, const struct fn_code *code,
                         struct err *err)
{
    const struct excerpt where = {
        .file = code->path,
        .source = buf_bytes(&code->source),
        .line = finding->line,
        .column = finding->column,
        .width = finding->width,
    };

    err_code(err, finding->code, ERR_CHECKS_FAILED, "%s", finding->message);
    excerpt_place(&where, err);
    if (finding->help != NULL)
        err_help(err, "%s", finding->help);
}
