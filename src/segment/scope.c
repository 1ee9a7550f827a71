/* SPDX-License-Identifier: MIT */

#include "segment/scope.h"

#include "segment/name.h"

struct scope scope_parse(struct bytes text)
{
    struct bytes prefix = BYTES("destination/");
    struct scope scope = {0};

    if (bytes_eq(text, BYTES("workspace")))
        scope.kind = SCOPE_WORKSPACE;
    if (bytes_eq(text, BYTES("workspace:read")))
        scope.kind = SCOPE_READ;
    if (!bytes_starts(text, prefix))
        return scope;
    text = bytes_slice(text, prefix.len, text.len);
    if (name_is_slug(text))
        scope = (struct scope){.kind = SCOPE_DESTINATION, .slug = text};
    return scope;
}

static bool is_same(struct bytes a, struct bytes b)
{
    return a.len > 0 && bytes_eq(a, b);
}

/* Only lists of workspaces name none; what they show is the caller's to narrow. */
static bool is_in_workspace(struct bytes workspace, const struct scope_question *question)
{
    if (question->workspace.len == 0 && question->area == SCOPE_AREA_WORKSPACE)
        return workspace.len > 0;
    return is_same(workspace, question->workspace);
}

/* What a token for one destination may do there. */
static bool destination_allows(const struct scope *scope, struct bytes source,
                               const struct scope_question *question)
{
    bool is_below = question->area == SCOPE_AREA_BELOW;

    if (question->area != SCOPE_AREA_DESTINATION && !is_below)
        return false;
    return is_same(scope->slug, question->slug) && is_same(source, question->source) &&
           !(is_below && question->is_write);
}

bool scope_allows(const struct scope *scope, struct bytes workspace, struct bytes source,
                  const struct scope_question *question)
{
    if (question->area == SCOPE_AREA_CATALOG)
        return scope->kind != SCOPE_NONE && !question->is_write;
    if (!is_in_workspace(workspace, question))
        return false;
    switch (scope->kind) {
    case SCOPE_DESTINATION:
        return destination_allows(scope, source, question);
    case SCOPE_READ:
        return !question->is_write;
    case SCOPE_WORKSPACE:
        return true;
    case SCOPE_NONE:
        break;
    }
    return false;
}
