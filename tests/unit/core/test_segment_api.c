/* SPDX-License-Identifier: MIT */

#include "core/segment_api.h"

#include "base/err.h"
#include "lib/cm.h"
#include "json/json.h"

#define SOURCE "workspaces/w/sources/js"
#define NAME SOURCE "/destinations/clearbrain"
#define V1 SEGMENT_V1BETA
#define PUB SEGMENT_PUBLIC

static const struct {
    const char *why;
    enum segment_backend backend;
    enum segment_noun noun;
    enum segment_verb verb;
    const char *name, *parent;
    const char *want; /* method and path; NULL: refused */
} paths[] = {
    {"workspaces", V1, SEGMENT_WORKSPACES, SEGMENT_LIST, "", "",
     "GET /v1beta/workspaces"},
    {"a workspace", V1, SEGMENT_WORKSPACES, SEGMENT_GET, "workspaces/w", "",
     "GET /v1beta/workspaces/w"},
    {"sources", V1, SEGMENT_SOURCES, SEGMENT_LIST, "", "workspaces/w",
     "GET /v1beta/workspaces/w/sources"},
    {"a source", V1, SEGMENT_SOURCES, SEGMENT_GET, SOURCE, "", "GET /v1beta/" SOURCE},
    {"away with a source", V1, SEGMENT_SOURCES, SEGMENT_DELETE, SOURCE, "",
     "DELETE /v1beta/" SOURCE},
    {"destinations", V1, SEGMENT_DESTINATIONS, SEGMENT_LIST, "", SOURCE,
     "GET /v1beta/" SOURCE "/destinations"},
    {"a destination", V1, SEGMENT_DESTINATIONS, SEGMENT_GET, NAME, "",
     "GET /v1beta/" NAME},
    {"a new one", V1, SEGMENT_DESTINATIONS, SEGMENT_CREATE, NAME, SOURCE,
     "POST /v1beta/" SOURCE "/destinations"},
    {"a change", V1, SEGMENT_DESTINATIONS, SEGMENT_UPDATE, NAME, "",
     "PATCH /v1beta/" NAME},
    {"away with it", V1, SEGMENT_DESTINATIONS, SEGMENT_DELETE, NAME, "",
     "DELETE /v1beta/" NAME},
    {"the catalog", V1, SEGMENT_CATALOG_DESTINATIONS, SEGMENT_LIST, "", "",
     "GET /v1beta/catalog/destinations"},
    {"its item", V1, SEGMENT_CATALOG_DESTINATIONS, SEGMENT_GET,
     "catalog/destinations/clearbrain", "",
     "GET /v1beta/catalog/destinations/clearbrain"},
    {"a source of it", V1, SEGMENT_CATALOG_SOURCES, SEGMENT_GET,
     "catalog/sources/javascript", "", "GET /v1beta/catalog/sources/javascript"},
    {"nobody makes workspaces", V1, SEGMENT_WORKSPACES, SEGMENT_CREATE, "workspaces/w",
     "", NULL},
    {"nobody writes the catalog", V1, SEGMENT_CATALOG_SOURCES, SEGMENT_DELETE,
     "catalog/sources/x", "", NULL},
    {"an odd verb", V1, SEGMENT_SOURCES, (enum segment_verb)9, SOURCE, "", NULL},
    {"a way up", V1, SEGMENT_SOURCES, SEGMENT_GET, "workspaces/../sources/js", "", NULL},
    {"a query", V1, SEGMENT_SOURCES, SEGMENT_GET, SOURCE "?x=1", "", NULL},
    {"a line break", V1, SEGMENT_SOURCES, SEGMENT_GET, SOURCE "\r\nX: y", "", NULL},
    {"an encoded slash", V1, SEGMENT_SOURCES, SEGMENT_GET, "workspaces/w%2F/sources/js",
     "", NULL},
    {"a name of another kind", V1, SEGMENT_DESTINATIONS, SEGMENT_GET, SOURCE, "", NULL},
    {"no name", V1, SEGMENT_DESTINATIONS, SEGMENT_GET, "", "", NULL},
    {"no parent", V1, SEGMENT_DESTINATIONS, SEGMENT_LIST, "", "", NULL},
    {"a parent of another kind", V1, SEGMENT_SOURCES, SEGMENT_LIST, "", SOURCE, NULL},
    {"a child of somebody else", V1, SEGMENT_DESTINATIONS, SEGMENT_CREATE, NAME,
     "workspaces/w/sources/other", NULL},
    {"a catalog item with a slash", V1, SEGMENT_CATALOG_SOURCES, SEGMENT_GET,
     "catalog/sources/a/b", "", NULL},
    {"the token's workspace", PUB, SEGMENT_WORKSPACES, SEGMENT_GET, "", "", "GET /"},
    {"sources", PUB, SEGMENT_SOURCES, SEGMENT_LIST, "", "", "GET /sources"},
    {"a source", PUB, SEGMENT_SOURCES, SEGMENT_GET, "sources/a1", "", "GET /sources/a1"},
    {"destinations", PUB, SEGMENT_DESTINATIONS, SEGMENT_LIST, "", "",
     "GET /destinations"},
    {"a source's destinations", PUB, SEGMENT_DESTINATIONS, SEGMENT_LIST, "", "sources/a1",
     "GET /sources/a1/connected-destinations"},
    {"a destination", PUB, SEGMENT_DESTINATIONS, SEGMENT_GET, "destinations/d1", "",
     "GET /destinations/d1"},
    {"a new one", PUB, SEGMENT_DESTINATIONS, SEGMENT_CREATE, "54521fd5", "sources/a1",
     "POST /destinations"},
    {"a change", PUB, SEGMENT_DESTINATIONS, SEGMENT_UPDATE, "destinations/d1", "",
     "PATCH /destinations/d1"},
    {"away with it", PUB, SEGMENT_DESTINATIONS, SEGMENT_DELETE, "destinations/d1", "",
     "DELETE /destinations/d1"},
    {"the catalog", PUB, SEGMENT_CATALOG_SOURCES, SEGMENT_LIST, "", "",
     "GET /catalog/sources"},
    {"its item", PUB, SEGMENT_CATALOG_DESTINATIONS, SEGMENT_GET, "54521fd5", "",
     "GET /catalog/destinations/54521fd5"},
    {"a way up", PUB, SEGMENT_SOURCES, SEGMENT_GET, "sources/..", "", NULL},
    {"a source for a destination", PUB, SEGMENT_DESTINATIONS, SEGMENT_GET, "sources/a1",
     "", NULL},
    {"a new one of no source", PUB, SEGMENT_DESTINATIONS, SEGMENT_CREATE, "54521fd5", "",
     NULL},
    {"a list below nonsense", PUB, SEGMENT_DESTINATIONS, SEGMENT_LIST, "", "x/../y",
     NULL},
};

static void every_call_has_its_path(void **state)
{
    const struct segment_destination destination = {.settings = BYTES("{}")};

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct segment_target target = {.backend = paths[i].backend,
                                              .noun = paths[i].noun,
                                              .verb = paths[i].verb,
                                              .name = bytes_str(paths[i].name),
                                              .parent = bytes_str(paths[i].parent)};
        struct segment_request request;
        struct err err = {0};
        struct buf got;
        int r;

        segment_request_init(&request);
        buf_init(&got, 1000);
        r = segment_api_write(&target, &destination, &request, &err);
        (void)buf_addf(&got, "%s %s", request.method, buf_text(&request.path));
        if ((r == 0) != (paths[i].want != NULL))
            fail_msg("%s: got %d, %s %s", paths[i].why, r, buf_text(&got), err.text);
        if (r == 0 && !bytes_eq(buf_bytes(&got), bytes_str(paths[i].want)))
            fail_msg("%s: got %s, want %s", paths[i].why, buf_text(&got), paths[i].want);
        buf_done(&got);
        segment_request_done(&request);
    }
}

static void pages_are_asked_for_in_each_apis_words(void **state)
{
    static char long_token[5000];
    struct segment_target target = {
        .noun = SEGMENT_CATALOG_SOURCES, .page_size = 20, .page_token = BYTES("a b&c=")};
    struct segment_request request;

    (void)state;
    segment_request_init(&request);
    assert_int_equal(segment_api_write(&target, NULL, &request, NULL), 0);
    assert_string_equal(buf_text(&request.path), "/v1beta/catalog/sources?page_size=20&"
                                                 "page_token=a%20b%26c%3D");
    target.backend = SEGMENT_PUBLIC;
    assert_int_equal(segment_api_write(&target, NULL, &request, NULL), 0);
    assert_string_equal(buf_text(&request.path), "/catalog/sources?pagination.count=20&"
                                                 "pagination.cursor=a%20b%26c%3D");
    memset(long_token, 'a', sizeof(long_token));
    target.page_token = bytes_of(long_token, sizeof(long_token));
    assert_int_equal(segment_api_write(&target, NULL, &request, NULL), -1);
    segment_request_done(&request);
}

static const struct {
    const char *why;
    enum segment_backend backend;
    enum segment_verb verb;
    const char *mode, *settings;
    const char *want; /* NULL: refused */
} bodies[] = {
    {"the reference client's create", V1, SEGMENT_CREATE, "CLOUD",
     "{\"apiKey\":\"abcd1234\"}",
     "{\"destination\":{\"name\":\"" NAME "\",\"connection_mode\":\"CLOUD\",\"config\":["
     "{\"name\":\"" NAME "/config/apiKey\",\"value\":\"abcd1234\"}],\"enabled\":true}}"},
    {"its update, with three paths", V1, SEGMENT_UPDATE, "CLOUD",
     "{\"apiKey\":\"abcd1234\"}",
     "{\"destination\":{\"name\":\"" NAME "\",\"connection_mode\":\"CLOUD\",\"config\":["
     "{\"name\":\"" NAME "/config/apiKey\",\"value\":\"abcd1234\"}],\"enabled\":true},"
     "\"update_mask\":{\"paths\":[\"destination.enabled\",\"destination.config\","
     "\"destination.connection_mode\"]}}"},
    {"no path without data", V1, SEGMENT_UPDATE, "", "",
     "{\"destination\":{\"name\":\"" NAME "\",\"config\":[],\"enabled\":true},"
     "\"update_mask\":{\"paths\":[\"destination.enabled\"]}}"},
    {"every kind of value, and no mask", V1, SEGMENT_CREATE, "",
     "{\"a\":1.50,\"b\":[\"x\"],\"p\":\"••••••••1234\",\"q\":[\"••••\"],\"c\\\"\":null}",
     "{\"destination\":{\"name\":\"" NAME "\",\"config\":["
     "{\"name\":\"" NAME "/config/a\",\"value\":1.50},"
     "{\"name\":\"" NAME "/config/b\",\"value\":[\"x\"]},"
     "{\"name\":\"" NAME "/config/c\\\"\",\"value\":null}],\"enabled\":true}}"},
    {"settings that are a list", V1, SEGMENT_CREATE, "", "[]", NULL},
    {"settings that are none", V1, SEGMENT_CREATE, "", "{", NULL},
    {"a new one", PUB, SEGMENT_CREATE, "CLOUD", "{\"apiKey\":\"abcd1234\"}",
     "{\"sourceId\":\"a1\",\"metadataId\":\"m1\",\"enabled\":true,"
     "\"settings\":{\"apiKey\":\"abcd1234\"}}"},
    {"a change without a mask", PUB, SEGMENT_UPDATE, "",
     "{\"apiKey\":\"••••••••1234\",\"n\":1}",
     "{\"enabled\":true,\"settings\":{\"n\":1}}"},
};

static void every_body_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const bool is_new = bodies[i].verb == SEGMENT_CREATE;
        const struct segment_target target = {
            .backend = bodies[i].backend,
            .noun = SEGMENT_DESTINATIONS,
            .verb = bodies[i].verb,
            .name = bodies[i].backend == V1 ? BYTES(NAME)
                    : is_new                ? BYTES("m1")
                                            : BYTES("destinations/d1"),
            .parent = bodies[i].backend == V1 ? BYTES(SOURCE) : BYTES("sources/a1")};
        const struct segment_destination destination = {true, bytes_str(bodies[i].mode),
                                                        bytes_str(bodies[i].settings)};
        struct segment_request request;
        struct err err = {0};
        int r;

        segment_request_init(&request);
        r = segment_api_write(&target, &destination, &request, &err);
        if ((r == 0) != (bodies[i].want != NULL))
            fail_msg("%s: got %d, %s", bodies[i].why, r, err.text);
        if (r == 0 && !bytes_eq(buf_bytes(&request.body), bytes_str(bodies[i].want)))
            fail_msg("%s: got %s, want %s", bodies[i].why, buf_text(&request.body),
                     bodies[i].want);
        segment_request_done(&request);
    }
}

static void a_create_without_a_destination_is_refused(void **state)
{
    const struct segment_target target = {.noun = SEGMENT_DESTINATIONS,
                                          .verb = SEGMENT_CREATE,
                                          .name = BYTES(NAME),
                                          .parent = BYTES(SOURCE)};
    struct segment_request request;

    (void)state;
    segment_request_init(&request);
    assert_int_equal(segment_api_write(&target, NULL, &request, NULL), -1);
    segment_request_done(&request);
}

static const struct {
    const char *why;
    enum segment_backend backend;
    enum segment_noun noun;
    enum segment_verb verb;
    const char *answer;
    const char *want; /* compact; "": nothing */
    const char *next;
} answers[] = {
    {"a list", V1, SEGMENT_SOURCES, SEGMENT_LIST,
     "{\"sources\":[1],\"next_page_token\":\"n\"}", "[1]", "n"},
    {"its end", V1, SEGMENT_DESTINATIONS, SEGMENT_LIST,
     "{\"destinations\":[],\"next_page_token\":\"\"}", "[]", ""},
    {"a page that names itself", V1, SEGMENT_SOURCES, SEGMENT_LIST,
     "{\"sources\":[],\"next_page_token\":\"here\"}", "[]", ""},
    {"the catalog", V1, SEGMENT_CATALOG_DESTINATIONS, SEGMENT_LIST,
     "{\"destinations\":[2]}", "[2]", ""},
    {"a bare workspace", V1, SEGMENT_WORKSPACES, SEGMENT_LIST,
     "{\"name\":\"workspaces/w\"}", "{\"name\":\"workspaces/w\"}", ""},
    {"a resource", V1, SEGMENT_DESTINATIONS, SEGMENT_GET, "{\"name\":\"x\"}",
     "{\"name\":\"x\"}", ""},
    {"deleted", V1, SEGMENT_DESTINATIONS, SEGMENT_DELETE, "{}", "{}", ""},
    {"a list that is not there", V1, SEGMENT_SOURCES, SEGMENT_LIST, "[]", "", ""},
    {"no JSON object", V1, SEGMENT_SOURCES, SEGMENT_LIST, "null", "", ""},
    {"a list", PUB, SEGMENT_SOURCES, SEGMENT_LIST,
     "{\"data\":{\"sources\":[1],\"pagination\":{\"current\":\"MA==\",\"next\":\"Mw==\"}}"
     "}",
     "[1]", "Mw=="},
    {"its end", PUB, SEGMENT_CATALOG_DESTINATIONS, SEGMENT_LIST,
     "{\"data\":{\"destinationsCatalog\":[],\"pagination\":{\"current\":\"MA==\"}}}",
     "[]", ""},
    {"a destination", PUB, SEGMENT_DESTINATIONS, SEGMENT_CREATE,
     "{\"data\":{\"destination\":{\"id\":\"d\"}}}", "{\"id\":\"d\"}", ""},
    {"an item", PUB, SEGMENT_CATALOG_SOURCES, SEGMENT_GET,
     "{\"data\":{\"sourceMetadata\":{}}}", "{}", ""},
    {"deleted", PUB, SEGMENT_SOURCES, SEGMENT_DELETE,
     "{\"data\":{\"status\":\"SUCCESS\"}}", "{\"status\":\"SUCCESS\"}", ""},
    {"no envelope", PUB, SEGMENT_SOURCES, SEGMENT_GET, "{\"source\":{}}", "", ""},
};

static void every_answer_is_unwrapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        const struct segment_target target = {.backend = answers[i].backend,
                                              .noun = answers[i].noun,
                                              .verb = answers[i].verb,
                                              .page_token = BYTES("here")};
        cleanup(json_freep) struct json *json = NULL;
        const struct json *data;
        struct bytes next;
        struct buf got;

        buf_init(&got, 1000);
        assert_int_equal(json_parse(bytes_str(answers[i].answer), &json, NULL), 0);
        data = segment_api_data(&target, json, &next);
        if (data != NULL)
            (void)json_print(data, false, &got);
        if (strcmp(buf_text(&got), answers[i].want) != 0 ||
            !bytes_eq(next, bytes_str(answers[i].next)))
            fail_msg("%s: got %s and \"%.*s\", want %s", answers[i].why, buf_text(&got),
                     BYTES_FMT(next), answers[i].want);
        buf_done(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_has_its_path),
        cmocka_unit_test(pages_are_asked_for_in_each_apis_words),
        cmocka_unit_test(every_body_is_written),
        cmocka_unit_test(a_create_without_a_destination_is_refused),
        cmocka_unit_test(every_answer_is_unwrapped),
    };

    return cmocka_run_group_tests_name("segment_api", tests, NULL, NULL);
}
