/* SPDX-License-Identifier: MIT */

#include "segment/scope.h"

#include "lib/cm.h"

static void a_scope_is_one_of_three(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        enum scope_kind want;
        const char *slug;
    } cases[] = {
        {"everything", BYTES("workspace"), SCOPE_WORKSPACE, ""},
        {"reading", BYTES("workspace:read"), SCOPE_READ, ""},
        {"one destination", BYTES("destination/clearbrain"), SCOPE_DESTINATION,
         "clearbrain"},
        {"no slug", BYTES("destination/"), SCOPE_NONE, ""},
        {"no slash", BYTES("destination"), SCOPE_NONE, ""},
        {"the plural of the paths", BYTES("destinations/clearbrain"), SCOPE_NONE, ""},
        {"a slug with a slash", BYTES("destination/a/b"), SCOPE_NONE, ""},
        {"a slug with a NUL", BYTES("destination/a\0"), SCOPE_NONE, ""},
        {"two scopes", BYTES("workspace destination/a"), SCOPE_NONE, ""},
        {"two destinations", BYTES("destination/a destination/b"), SCOPE_NONE, ""},
        {"another case", BYTES("Workspace"), SCOPE_NONE, ""},
        {"a space before", BYTES(" workspace"), SCOPE_NONE, ""},
        {"a right that is unknown", BYTES("workspace:write"), SCOPE_NONE, ""},
        {"nothing", BYTES(""), SCOPE_NONE, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scope got = scope_parse(cases[i].text);

        if (got.kind != cases[i].want || !bytes_eq(got.slug, bytes_str(cases[i].slug)))
            fail_msg("%s: got %d %.*s, want %d %s", cases[i].why, (int)got.kind,
                     BYTES_FMT(got.slug), (int)cases[i].want, cases[i].slug);
    }
}

#define JS "workspaces/acme/sources/js"
#define IOS "workspaces/acme/sources/ios"

enum { GET = false, PUT = true };

/* The answers are those of no scope, destination/x, workspace:read, workspace; the token
 * was given for the workspace acme, and with destination/x for the source js. */
static const struct {
    const char *why;
    enum scope_area area;
    bool is_write;
    const char *workspace, *source, *slug;
    const char *want;
} questions[] = {
    {"list workspaces", SCOPE_AREA_WORKSPACE, GET, "", "", "", "nnyy"},
    {"its workspace, sources, destinations", SCOPE_AREA_WORKSPACE, GET, "acme", "", "",
     "nnyy"},
    {"create a source", SCOPE_AREA_WORKSPACE, PUT, "acme", "", "", "nnny"},
    {"another workspace", SCOPE_AREA_WORKSPACE, GET, "evil", "", "", "nnnn"},
    {"a workspace that begins alike", SCOPE_AREA_WORKSPACE, GET, "acme2", "", "", "nnnn"},
    {"a workspace in another case", SCOPE_AREA_WORKSPACE, GET, "Acme", "", "", "nnnn"},
    {"list workspaces, naming a destination", SCOPE_AREA_WORKSPACE, GET, "", JS, "x",
     "nnyy"},
    {"get x", SCOPE_AREA_DESTINATION, GET, "acme", JS, "x", "nyyy"},
    {"change x", SCOPE_AREA_DESTINATION, PUT, "acme", JS, "x", "nyny"},
    {"get another", SCOPE_AREA_DESTINATION, GET, "acme", JS, "y", "nnyy"},
    {"change another", SCOPE_AREA_DESTINATION, PUT, "acme", JS, "y", "nnny"},
    {"get x of another source", SCOPE_AREA_DESTINATION, GET, "acme", IOS, "x", "nnyy"},
    {"change x of another source", SCOPE_AREA_DESTINATION, PUT, "acme", IOS, "x", "nnny"},
    {"get x of another workspace", SCOPE_AREA_DESTINATION, GET, "evil", JS, "x", "nnnn"},
    {"change x of another workspace", SCOPE_AREA_DESTINATION, PUT, "evil", JS, "x",
     "nnnn"},
    {"x of no workspace in particular", SCOPE_AREA_DESTINATION, GET, "", JS, "x", "nnnn"},
    {"x of no source", SCOPE_AREA_DESTINATION, GET, "acme", "", "x", "nnyy"},
    {"no slug", SCOPE_AREA_DESTINATION, GET, "acme", JS, "", "nnyy"},
    {"filters of x", SCOPE_AREA_BELOW, GET, "acme", JS, "x", "nyyy"},
    {"change filters of x", SCOPE_AREA_BELOW, PUT, "acme", JS, "x", "nnny"},
    {"filters of another", SCOPE_AREA_BELOW, GET, "acme", JS, "y", "nnyy"},
    {"filters of x in another workspace", SCOPE_AREA_BELOW, GET, "evil", JS, "x", "nnnn"},
    {"the catalog", SCOPE_AREA_CATALOG, GET, "", "", "", "nyyy"},
    {"change the catalog", SCOPE_AREA_CATALOG, PUT, "", "", "", "nnnn"},
};

static void ask(size_t i, struct bytes workspace, struct bytes source, const char *want)
{
    static const char *const scopes[] = {"", "destination/x", "workspace:read",
                                         "workspace"};
    struct scope_question question = {
        .area = questions[i].area,
        .is_write = questions[i].is_write,
        .workspace = bytes_str(questions[i].workspace),
        .source = bytes_str(questions[i].source),
        .slug = bytes_str(questions[i].slug),
    };

    for (size_t s = 0; s < COUNT(scopes); s++) {
        struct scope scope = scope_parse(bytes_str(scopes[s]));
        bool got = scope_allows(&scope, workspace, source, &question);

        if (got != (want[s] == 'y'))
            fail_msg("%s, scope \"%s\": got %d, want %c", questions[i].why, scopes[s],
                     got, want[s]);
    }
}

static void every_scope_is_asked_every_question(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++)
        ask(i, BYTES("acme"), BYTES(JS), questions[i].want);
}

static void a_token_for_no_workspace_may_read_the_catalog_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++) {
        if (questions[i].area != SCOPE_AREA_CATALOG)
            ask(i, BYTES(""), BYTES(JS), "nnnn");
    }
}

static void a_destination_without_its_source_is_nowhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++) {
        struct scope scope = scope_parse(BYTES("destination/x"));
        struct scope_question question = {
            .area = questions[i].area,
            .workspace = BYTES("acme"),
            .slug = BYTES("x"),
        };

        if (questions[i].area != SCOPE_AREA_CATALOG &&
            scope_allows(&scope, BYTES("acme"), BYTES(""), &question))
            fail_msg("%s: allowed", questions[i].why);
    }
}

static void what_is_all_zero_is_not_allowed(void **state)
{
    struct scope scope = {0};
    struct scope_question question = {0};

    (void)state;
    assert_false(scope_allows(&scope, BYTES(""), BYTES(""), &question));
    scope.kind = SCOPE_WORKSPACE;
    assert_false(scope_allows(&scope, BYTES(""), BYTES(""), &question));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_is_one_of_three),
        cmocka_unit_test(every_scope_is_asked_every_question),
        cmocka_unit_test(a_token_for_no_workspace_may_read_the_catalog_only),
        cmocka_unit_test(a_destination_without_its_source_is_nowhere),
        cmocka_unit_test(what_is_all_zero_is_not_allowed),
    };

    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
