/* SPDX-License-Identifier: MIT */

#include "segment/name.h"

#include "lib/cm.h"

#define LONG_100                                                                         \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                 \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void a_name_is_pairs(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        const char *want; /* <collection:id> for each pair; NULL: no name */
    } cases[] = {
        {"a workspace", BYTES("workspaces/acme"), "<workspaces:acme>"},
        {"a destination",
         BYTES("workspaces/acme/sources/js/destinations/google-analytics"),
         "<workspaces:acme><sources:js><destinations:google-analytics>"},
        {"prefixed and numbered ids", BYTES("installs/12/filters/df_1aB"),
         "<installs:12><filters:df_1aB>"},
        {"a method after a colon", BYTES("workspaces/w/metrics:batchGet/x.y~z"),
         "<workspaces:w><metrics:batchGet:x.y~z>"},
        {"the dash that stands for all", BYTES("workspaces/w/roles/-"),
         "<workspaces:w><roles:->"},
        {"as many pairs as fit", BYTES("a/1/b/2/c/3/d/4/e/5/f/6"),
         "<a:1><b:2><c:3><d:4><e:5><f:6>"},
        {"a pair too many", BYTES("a/1/b/2/c/3/d/4/e/5/f/6/g/7"), NULL},
        {"one half", BYTES("workspaces"), NULL},
        {"three halves", BYTES("workspaces/acme/sources"), NULL},
        {"nothing", BYTES(""), NULL},
        {"a slash", BYTES("/"), NULL},
        {"a slash before", BYTES("/workspaces/acme"), NULL},
        {"a slash behind", BYTES("workspaces/acme/"), NULL},
        {"two slashes", BYTES("workspaces//acme"), NULL},
        {"two slashes between pairs", BYTES("workspaces/acme//sources/js"), NULL},
        {"a space", BYTES("workspaces/a b"), NULL},
        {"a per cent sign", BYTES("workspaces/a%2Fb"), NULL},
        {"a question mark", BYTES("workspaces/a?b"), NULL},
        {"a NUL", BYTES("workspaces/a\0b"), NULL},
        {"letters beyond ASCII", BYTES("workspaces/\xc3\xa9"), NULL},
        {"far too long",
         BYTES("a/" LONG_100 "/b/" LONG_100 "/c/" LONG_100 "/d/" LONG_100 "/e/" LONG_100),
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        cleanup(buf_done) struct buf got = {.max_bytes = 1000};
        const char *want = cases[i].want != NULL ? cases[i].want : "none";
        struct name name;
        bool ok = name_parse(cases[i].text, &name);

        if (!ok)
            buf_add_text(&got, "none");
        for (size_t part = 0; ok && part < name.n_parts; part++)
            buf_addf(&got, "<%.*s:%.*s>", BYTES_FMT(name.collections[part]),
                     BYTES_FMT(name.ids[part]));
        if (strcmp(buf_text(&got), want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].why, buf_text(&got), want);
    }
}

static void a_name_is_told_by_its_collections(void **state)
{
    static const char *const source[] = {"workspaces", "sources", NULL};
    static const struct {
        const char *why;
        const char *text;
        bool want;
    } cases[] = {
        {"a source", "workspaces/w/sources/s", true},
        {"a workspace only", "workspaces/w", false},
        {"a destination", "workspaces/w/sources/s/destinations/d", false},
        {"another collection", "workspaces/w/functions/s", false},
        {"another case", "workspaces/w/Sources/s", false},
        {"the ids are like the collections", "w/workspaces/s/sources", false},
    };
    static const char *const none[] = {NULL};
    struct name empty = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name name;

        assert_true(name_parse(bytes_str(cases[i].text), &name));
        if (name_is(&name, source) != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, !cases[i].want, cases[i].want);
    }
    assert_true(name_is(&empty, none));
    assert_false(name_is(&empty, source));
}

static void a_name_has_parent_and_last_id(void **state)
{
    static const struct {
        const char *why;
        const char *text, *parent, *last;
    } cases[] = {
        {"a source", "workspaces/acme/sources/js", "workspaces/acme", "js"},
        {"one pair", "workspaces/acme", "", "acme"},
        {"no pair", "acme", "", "acme"},
        {"three halves", "workspaces/acme/sources", "workspaces", "sources"},
        {"nothing", "", "", ""},
        {"nothing but slashes", "//", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes parent = name_parent(bytes_str(cases[i].text));
        struct bytes last = name_last(bytes_str(cases[i].text));

        if (!bytes_eq(parent, bytes_str(cases[i].parent)) ||
            !bytes_eq(last, bytes_str(cases[i].last)))
            fail_msg("%s: got %.*s and %.*s, want %s and %s", cases[i].why,
                     BYTES_FMT(parent), BYTES_FMT(last), cases[i].parent, cases[i].last);
    }
}

static void a_slug_is_short_and_plain(void **state)
{
    static const struct {
        const char *why;
        struct bytes text;
        bool want;
    } cases[] = {
        {"letters, digits, dashes", BYTES("my-site_2"), true},
        {"capitals", BYTES("MySite"), true},
        {"a hundred", BYTES(LONG_100), true},
        {"a hundred and one", BYTES(LONG_100 "a"), false},
        {"nothing", BYTES(""), false},
        {"a dot", BYTES("a.b"), false},
        {"a slash", BYTES("a/b"), false},
        {"a NUL", BYTES("a\0"), false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (name_is_slug(cases[i].text) != cases[i].want)
            fail_msg("%s: got %d, want %d", cases[i].why, !cases[i].want, cases[i].want);
    }
}

static void a_workspace_is_named_in_full_or_bare(void **state)
{
    static const struct {
        const char *why;
        const char *text, *want;
    } cases[] = {
        {"in full", "workspaces/acme", "acme"},
        {"bare", "acme", "acme"},
        {"of what is below it", "workspaces/acme/sources/js", "acme"},
        {"a workspace called workspaces", "workspaces/workspaces", "workspaces"},
        {"no slug", "workspaces/", ""},
        {"nothing", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes got = name_workspace_slug(bytes_str(cases[i].text));

        if (!bytes_eq(got, bytes_str(cases[i].want)))
            fail_msg("%s: got %.*s, want %s", cases[i].why, BYTES_FMT(got),
                     cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_pairs),
        cmocka_unit_test(a_name_is_told_by_its_collections),
        cmocka_unit_test(a_name_has_parent_and_last_id),
        cmocka_unit_test(a_slug_is_short_and_plain),
        cmocka_unit_test(a_workspace_is_named_in_full_or_bare),
    };

    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
