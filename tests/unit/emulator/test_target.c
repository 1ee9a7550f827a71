/* SPDX-License-Identifier: MIT */

#include "emulator/delivery/target.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "emulator/frame/emulator.h"
#include "emulator/world/world.h"
#include "lib/cm.h"
#include "json/json.h"

/* --- URLs --------------------------------------------------------------------------- */

static const struct {
    const char *why, *url;
    bool want;
} urls[] = {
    {"https to anywhere", "https://example.com/hook?x=1", true},
    {"https with a port", "HTTPS://example.com:8443", true},
    {"http to this machine", "http://localhost:8888/webhook", true},
    {"by its address", "http://127.0.0.1/", true},
    {"by another of its addresses", "http://127.1.2.3:80/", true},
    {"by its other address", "http://[::1]:8888/", true},
    {"by a name below localhost", "http://partner.localhost/", true},
    {"http to elsewhere", "http://example.com", false},
    {"a name that begins like an address", "http://127.0.0.1.example.com/", false},
    {"a name that ends like this machine's", "http://notlocalhost/", false},
    {"another IPv6 address", "http://[::2]/", false},
    {"a private address", "http://10.0.0.1/", false},
    {"user names hide hosts", "http://localhost@example.com/", false},
    {"another scheme", "ftp://localhost/", false},
    {"no scheme", "example.com", false},
    {"no host", "https://", false},
    {"nothing", "", false},
};

static void https_anywhere_http_to_this_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct err err = {0};
        const bool got = target_check_url(bytes_str(urls[i].url), &err) == 0;

        if (got != urls[i].want)
            fail_msg("%s (%s): got %d \"%s\", want %d", urls[i].why, urls[i].url, got,
                     err.text, urls[i].want);
    }
}

/* --- JSON --------------------------------------------------------------------------- */

static void describe_lambda(const struct target *target, struct buf *text)
{
    buf_addf(text, " %.*s %.*s %.*s context=%.*s", BYTES_FMT(target->arn),
             BYTES_FMT(target->region), BYTES_FMT(target->invoke_url),
             BYTES_FMT(target->client_context));
    if (target->role.len > 0)
        buf_addf(text, " role=%.*s+%.*s@%.*s", BYTES_FMT(target->role),
                 BYTES_FMT(target->external_id), BYTES_FMT(target->sts_url));
}

/* All that matters of a target, in one line. */
static void describe(const struct target *target, struct buf *text)
{
    static const char *const kinds[] = {
        [TARGET_NONE] = "none",         [TARGET_WEBHOOK] = "webhook",
        [TARGET_CLASSIC] = "classic",   [TARGET_ACTIONS] = "actions",
        [TARGET_FUNCTION] = "function", [TARGET_LAMBDA] = "lambda",
    };

    buf_addf(text, "%s key=%.*s settings=%.*s", kinds[target->kind],
             BYTES_FMT(target->api_key), BYTES_FMT(target->settings));
    for (size_t i = 0; i < target->n_hooks; i++)
        buf_addf(text, " url=%.*s+%zu", BYTES_FMT(target->hooks[i].url),
                 target->hooks[i].n_headers);
    if (target->shared_secret.len > 0)
        buf_addf(text, " secret=%.*s", BYTES_FMT(target->shared_secret));
    if (target->kind == TARGET_ACTIONS)
        buf_addf(text, " %.*s %d", BYTES_FMT(target->method), (int)target->timeout_ms);
    if (target->kind == TARGET_FUNCTION)
        buf_addf(text, " code=%.*s", BYTES_FMT(target->function));
    if (target->kind == TARGET_LAMBDA)
        describe_lambda(target, text);
    if (target->wants_log)
        buf_add_text(text, " tail");
    if (target->is_enveloped)
        buf_add_text(text, " envelope");
}

#define ROLE "{\"kind\":\"lambda\",\"arn\":\"f\",\"role\":\"arn:aws:iam::1:role/a\""
#define LAMBDA_AT "lambda key= settings= f "
#define HOOK "{\"hook\":\"https://a.test\"}"
#define K1                                                                               \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define K3                                                                               \
    K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1 K1  \
        K1 K1 K1 K1 K1 K1

static const struct {
    const char *why, *json;
    const char *want; /* a refusal begins with '!' and is a part of its sentence */
} targets[] = {
    {"a webhook", "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "webhook key= settings= url=https://a.test+0"},
    {"the key is no setting",
     "{\"kind\":\"webhook\",\"url\":\"https://"
     "a.test\",\"settings\":{\"apiKey\":\"k\",\"b\":"
     "[1]}}",
     "webhook key=k settings={\"b\":[1]} url=https://a.test+0"},
    {"a key alone leaves no settings",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\",\"settings\":{\"apiKey\":\"k\"}}",
     "webhook key=k settings= url=https://a.test+0"},
    {"null is nothing",
     "{\"kind\":\"webhook\",\"url\":\"https://"
     "a.test\",\"settings\":null,\"api_key\":null}",
     "webhook key= settings= url=https://a.test+0"},
    {"classic hooks with headers",
     "{\"kind\":\"classic\",\"shared_secret\":\"s\",\"hooks\":[" HOOK
     ",{\"hook\":\"https://b.test\",\"headers\":{\"X\":\"1\"}}]}",
     "classic key= settings= url=https://a.test+0 url=https://b.test+1 secret=s"},
    {"actions post and have 10 s", "{\"kind\":\"actions\",\"url\":\"https://a.test\"}",
     "actions key= settings= url=https://a.test+0 POST 10000"},
    {"a header that is not ASCII is for the attempt to refuse",
     "{\"kind\":\"actions\",\"url\":\"https://a.test\",\"method\":\"PATCH\",\"headers\":{"
     "\"X\":\"\xc3\xa9\"}}",
     "actions key= settings= url=https://a.test+1 PATCH 10000"},
    {"a function",
     "{\"kind\":\"function\",\"function\":\"f.js\",\"payload\":\"envelope\"}",
     "function key= settings= code=f.js envelope"},
    {"a lambda is in us-west-2",
     "{\"kind\":\"lambda\",\"arn\":\"hello\",\"log_type\":\"Tail\"}",
     "lambda key= settings= hello us-west-2 https://lambda.us-west-2.amazonaws.com "
     "context= tail"},
    {"an ARN says where else",
     "{\"kind\":\"lambda\",\"arn\":\"arn:aws:lambda:eu-west-1:1:function:f\",\"invoke_"
     "url\":"
     "\"http://localhost:9001\"}",
     "lambda key= settings= arn:aws:lambda:eu-west-1:1:function:f eu-west-1 "
     "http://localhost:9001 context="},
    {"the key goes into the client context",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"api_key\":\"k\",\"client_context\":{\"a\":1}}",
     "lambda key=k settings= f us-west-2 https://lambda.us-west-2.amazonaws.com "
     "context={\"apiKey\":\"k\",\"a\":1}"},
    {"where a lambda is has two names",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"url\":\"http://localhost:9001\"}",
     "lambda key= settings= f us-west-2 http://localhost:9001 context="},
    {"the longer one counts",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"url\":\"https://a.test\",\"invoke_url\":"
     "\"https://b.test\"}",
     "lambda key= settings= f us-west-2 https://b.test context="},
    {"a role is assumed at AWS, in the region", ROLE "}",
     LAMBDA_AT "us-west-2 https://lambda.us-west-2.amazonaws.com context= "
               "role=arn:aws:iam::1:role/a+@https://sts.us-west-2.amazonaws.com"},
    {"on this machine where Invoke is", ROLE ",\"url\":\"http://127.0.0.1:9001/x/\"}",
     LAMBDA_AT "us-west-2 http://127.0.0.1:9001/x/ context= "
               "role=arn:aws:iam::1:role/a+@http://127.0.0.1:9001"},
    {"also over https", ROLE ",\"url\":\"https://localhost:9001\"}",
     LAMBDA_AT "us-west-2 https://localhost:9001 context= "
               "role=arn:aws:iam::1:role/a+@https://localhost:9001"},
    {"or elsewhere",
     ROLE ",\"region\":\"eu-west-1\",\"external_id\":\"e=1\",\"sts_url\":\"https://"
          "c.test/s\"}",
     LAMBDA_AT "eu-west-1 https://lambda.eu-west-1.amazonaws.com context= "
               "role=arn:aws:iam::1:role/a+e=1@https://c.test/s"},
    {"no role, no STS",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"sts_url\":\"ftp://a\",\"external_id\":\"x\"}",
     LAMBDA_AT "us-west-2 https://lambda.us-west-2.amazonaws.com context="},
    {"a role with a space", "{\"kind\":\"lambda\",\"arn\":\"f\",\"role\":\"a b\"}",
     "!role is no"},
    {"an external id of one letter", ROLE ",\"external_id\":\"x\"}", "!2 to 1224"},
    {"an external id of two letters", ROLE ",\"external_id\":\"xy\"}",
     LAMBDA_AT "us-west-2 https://lambda.us-west-2.amazonaws.com context= "
               "role=arn:aws:iam::1:role/a+xy@https://sts.us-west-2.amazonaws.com"},
    {"an external id with a quote", ROLE ",\"external_id\":\"x'y\"}", "!2 to 1224"},
    {"an external id above its limit", ROLE ",\"external_id\":\"" K3 "\"}", "!2 to 1224"},
    {"STS over plain http", ROLE ",\"sts_url\":\"http://a.test\"}", "!https only"},
    {"no object", "[]", "!is an object"},
    {"no kind", "{}", "!kind is"},
    {"an unknown kind", "{\"kind\":\"pigeon\"}", "!kind is"},
    {"no URL", "{\"kind\":\"webhook\"}", "!URL is missing"},
    {"a URL that is a number", "{\"kind\":\"webhook\",\"url\":7}", "!url is text"},
    {"plain http", "{\"kind\":\"webhook\",\"url\":\"http://a.test\"}", "!https only"},
    {"settings in a list",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\",\"settings\":[1]}",
     "!settings is an object"},
    {"a key that is a number",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\",\"settings\":{\"apiKey\":1}}",
     "!apiKey is text"},
    {"six hooks",
     "{\"kind\":\"classic\",\"hooks\":[" HOOK "," HOOK "," HOOK "," HOOK "," HOOK "," HOOK
     "]}",
     "!at most 5 hooks, here are 6"},
    {"a URL beside five hooks",
     "{\"kind\":\"classic\",\"url\":\"https://a.test\",\"hooks\":[" HOOK "," HOOK "," HOOK
     "," HOOK "," HOOK "]}",
     "!at most 5 hooks"},
    {"two hooks of a webhook", "{\"kind\":\"webhook\",\"hooks\":[" HOOK "," HOOK "]}",
     "!only classic"},
    {"a header of a hook that is not ASCII",
     "{\"kind\":\"classic\",\"hooks\":[{\"hook\":\"https://a.test\",\"headers\":{\"X\":"
     "\"\xc3\xa9\"}}]}",
     "!not ASCII"},
    {"a header that is a number",
     "{\"kind\":\"actions\",\"url\":\"https://a.test\",\"headers\":{\"X\":1}}",
     "!header X is not text"},
    {"another method",
     "{\"kind\":\"actions\",\"url\":\"https://a.test\",\"method\":\"GET\"}",
     "!method is"},
    {"a function without code", "{\"kind\":\"function\"}", "!path of the code"},
    {"an unknown generation",
     "{\"kind\":\"function\",\"function\":\"f\",\"generation\":\"x\"}", "!generation is"},
    {"a lambda without a name", "{\"kind\":\"lambda\"}", "!is missing"},
    {"a name with a slash", "{\"kind\":\"lambda\",\"arn\":\"a/b\"}", "!is not one"},
    {"a region with a slash", "{\"kind\":\"lambda\",\"arn\":\"a\",\"region\":\"a/b\"}",
     "!region is"},
    {"another log type", "{\"kind\":\"lambda\",\"arn\":\"a\",\"log_type\":\"Head\"}",
     "!log_type is None or Tail"},
    {"another payload", "{\"kind\":\"lambda\",\"arn\":\"a\",\"payload\":\"x\"}",
     "!payload is event or envelope"},
    {"a client context above 3583 bytes",
     "{\"kind\":\"lambda\",\"arn\":\"a\",\"client_context\":{\"a\":\"" K3 "\"}}",
     "!3583 bytes"},
    {"with the key it counts as well",
     "{\"kind\":\"lambda\",\"arn\":\"a\",\"api_key\":\"" K3 "\"}", "!3583 bytes"},
    {"settings above 8 KB",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\",\"settings\":{\"a\":\"" K3
     "\",\"b\":"
     "\"" K3 "\",\"c\":\"" K3 "\"}}",
     "!8192 bytes"},
};

static bool is_as_wanted(struct bytes got, bool is_refused, const char *want)
{
    if (want[0] != '!')
        return !is_refused && bytes_eq(got, bytes_str(want));
    return is_refused && bytes_find(got, bytes_str(want + 1)) < got.len;
}

static void reads_what_makes_a_target_and_refuses_all_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++) {
        cleanup(json_freep) struct json *json = NULL;
        cleanup(buf_done) struct buf got = {0};
        struct target target;
        struct arena arena;
        struct err err = {0};
        int result;

        buf_init(&got, 1 << 16);
        arena_init(&arena);
        assert_int_equal(json_parse(bytes_str(targets[i].json), &json, &err), 0);
        result = target_of_json(json, &arena, &target, &err);
        if (result < 0)
            buf_add_text(&got, err.text);
        else
            describe(&target, &got);
        if (!is_as_wanted(buf_bytes(&got), result < 0, targets[i].want))
            fail_msg("%s: got %s, want %s", targets[i].why, buf_text(&got),
                     targets[i].want);
        arena_done(&arena);
    }
}

static void a_copy_needs_nothing_of_the_original(void **state)
{
    cleanup(json_freep) struct json *json = NULL;
    cleanup(buf_done) struct buf before = {0};
    cleanup(buf_done) struct buf after = {0};
    struct arena arena, other;
    struct target target;
    struct err err = {0};

    (void)state;
    buf_init(&before, 4096);
    buf_init(&after, 4096);
    arena_init(&arena);
    arena_init(&other);
    assert_int_equal(json_parse(bytes_str(targets[4].json), &json, &err), 0);
    assert_int_equal(target_of_json(json, &arena, &target, &err), 0);
    describe(&target, &before);
    target = target_copy(&target, &other);
    arena_done(&arena);
    describe(&target, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    arena_done(&other);
}

/* --- destinations ------------------------------------------------------------------- */

#define DESTINATION "workspaces/acme/sources/website/destinations/"

static const struct {
    const char *why, *slug, *config, *subscription;
    const char *want;
} destinations[] = {
    {"the app's subscription, with the customer's key and settings", "demo",
     "{\"apiKey\":\"k\",\"region\":\"eu\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\",\"api_key\":\"other\"}",
     "webhook key=k settings={\"region\":\"eu\"} url=https://a.test+0"},
    {"another slug goes there too", "clearbrain", "{\"apiKey\":\"12345678\"}",
     "{\"kind\":\"function\",\"function\":\"f.js\"}",
     "function key=12345678 settings= code=f.js"},
    {"an empty key is a key", "demo", "{\"apiKey\":\"\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "webhook key= settings= url=https://a.test+0"},
    {"a required setting is missing", "demo", "{\"region\":\"eu\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}", "!apiKey is missing"},
    {"the key goes into the lambda's client context", "demo", "{\"apiKey\":\"k\"}",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"invoke_url\":\"http://localhost:9001\"}",
     "lambda key=k settings= f us-west-2 http://localhost:9001 "
     "context={\"apiKey\":\"k\"}"},
    {"classic webhooks", "webhooks",
     "{\"hooks\":[{\"hook\":\"https://"
     "b.test\",\"headers\":null}],\"sharedSecret\":\"s\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "classic key= settings= url=https://b.test+0 secret=s"},
    {"the one hook of older customers", "webhooks", "{\"globalHook\":\"https://b.test\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "classic key= settings= url=https://b.test+0"},
    {"classic webhooks without any", "webhooks", "{}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}", "!URL is missing"},
    {"six of them", "webhooks",
     "{\"hooks\":[" HOOK "," HOOK "," HOOK "," HOOK "," HOOK "," HOOK "]}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}", "!at most 5"},
    {"an Actions webhook", "actions-webhook",
     "{\"url\":\"https://b.test\",\"method\":\"PUT\",\"headers\":{\"X\":\"1\"}}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "actions key= settings= url=https://b.test+1 PUT 10000"},
    {"Amazon Lambda, at AWS", "amazon-lambda",
     "{\"function\":\"f\",\"region\":\"eu-west-1\",\"roleAddress\":\"r\","
     "\"clientContext\":{"
     "\"a\":\"b\"},\"logType\":\"Tail\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}",
     "lambda key= settings= f eu-west-1 https://lambda.eu-west-1.amazonaws.com "
     "context={\"a\":\"b\"} role=r+ACME@https://sts.eu-west-1.amazonaws.com tail"},
    {"Amazon Lambda, where the subscription's is", "amazon-lambda",
     "{\"function\":\"f\",\"region\":\"eu-west-1\",\"roleAddress\":\"r\","
     "\"externalId\":\"own\"}",
     "{\"kind\":\"lambda\",\"arn\":\"g\",\"invoke_url\":\"http://localhost:9001\"}",
     "lambda key= settings= f eu-west-1 http://localhost:9001 context= "
     "role=r+own@http://localhost:9001"},
    {"Amazon Lambda, with the subscription's STS", "amazon-lambda",
     "{\"function\":\"f\",\"region\":\"eu-west-1\",\"roleAddress\":\"r\","
     "\"externalId\":\"\"}",
     "{\"kind\":\"lambda\",\"arn\":\"g\",\"role\":\"s\",\"sts_url\":\"http://"
     "localhost:9002\"}",
     "lambda key= settings= f eu-west-1 https://lambda.eu-west-1.amazonaws.com context= "
     "role=r+ACME@http://localhost:9002"},
    {"the app's role, with the workspace's id", "demo", "{\"apiKey\":\"k\"}",
     "{\"kind\":\"lambda\",\"arn\":\"f\",\"role\":\"s\"}",
     "lambda key=k settings= f us-west-2 https://lambda.us-west-2.amazonaws.com "
     "context={\"apiKey\":\"k\"} role=s+ACME@https://sts.us-west-2.amazonaws.com"},
    {"Amazon Lambda without a role", "amazon-lambda",
     "{\"function\":\"f\",\"region\":\"eu-west-1\"}",
     "{\"kind\":\"webhook\",\"url\":\"https://a.test\"}", "!roleAddress is missing"},
};

static void run(struct world *world, const char *literal, const char *one,
                const char *two)
{
    struct sql_statement *statement = world_use(world, literal);

    sql_bind_text(statement, 1, bytes_str(one));
    if (two != NULL)
        sql_bind_text(statement, 2, bytes_str(two));
    world_run(world, statement);
}

static void judge_destination(struct world *world, size_t i)
{
    cleanup(buf_done) struct buf got = {0};
    struct target target;
    struct arena arena;
    struct err err = {0};
    int result;

    buf_init(&got, 4096);
    arena_init(&arena);
    run(world, "DELETE FROM destination WHERE name != ?1", "-", NULL);
    run(world,
        "INSERT INTO destination (name, source, slug, id, config, create_time, "
        "update_time) VALUES ('" DESTINATION "x', 's', ?1, 'i', ?2, 0, 0)",
        destinations[i].slug, destinations[i].config);
    run(world, "UPDATE workspace SET id = ?1 WHERE slug = 'acme'", "ACME", NULL);
    run(world, "UPDATE subscription SET body = ?1 WHERE app = 1",
        destinations[i].subscription, NULL);
    result = target_of_destination(world, BYTES(DESTINATION "x"), &arena, &target, &err);
    if (result < 0)
        buf_add_text(&got, err.text);
    else
        describe(&target, &got);
    if (!is_as_wanted(buf_bytes(&got), result < 0, destinations[i].want))
        fail_msg("%s: got %s, want %s", destinations[i].why, buf_text(&got),
                 destinations[i].want);
    arena_done(&arena);
}

static int open_world(void **state)
{
    const struct emulator_options options = {
        .host = "127.0.0.1", .public_port = -1, .seed = 1, .clock_rate = 1};
    struct emulator *emulator = NULL;
    struct err err = {0};

    if (emulator_start(&options, &emulator, &err) < 0)
        return -1;
    *state = emulator;
    emulator_enter(emulator);
    return 0;
}

static int close_world(void **state)
{
    emulator_leave(*state);
    emulator_stop(*state);
    return 0;
}

static void finds_out_where_a_destinations_events_go(void **state)
{
    struct world *world = emulator_world(*state);

    for (size_t i = 0; i < COUNT(destinations); i++)
        judge_destination(world, i);
}

static void prefers_the_app_whose_destination_it_is(void **state)
{
    struct world *world = emulator_world(*state);
    struct target target;
    struct arena arena;
    struct err err = {0};

    arena_init(&arena);
    run(world,
        "INSERT INTO app (id, workspace, slug, display_name, client_id, client_secret, "
        "scope) VALUES (2, 'acme', 'fake', ?1, 'c', 's', 'destination/fake-crm')",
        "Fake", NULL);
    run(world, "INSERT INTO subscription (app, kind, body) VALUES (2, 'webhook', ?1)",
        "{\"kind\":\"webhook\",\"url\":\"https://second.test\"}", NULL);
    run(world,
        "INSERT INTO destination (name, source, slug, id, config, create_time, "
        "update_time) VALUES (?1, 's', 'fake-crm', 'i', ?2, 0, 0)",
        DESTINATION "fake-crm", "{\"apiKey\":\"k\"}");
    assert_int_equal(target_of_destination(world, BYTES(DESTINATION "fake-crm"), &arena,
                                           &target, &err),
                     0);
    assert_true(bytes_eq(target.hooks[0].url, BYTES("https://second.test")));
    assert_int_equal(
        target_of_destination(world, BYTES(DESTINATION "none"), &arena, &target, &err),
        -1);
    arena_done(&arena);
}

static void a_role_has_its_apps_workspaces_id(void **state)
{
    struct world *world = emulator_world(*state);
    struct target target = {.role = BYTES("r")};
    struct arena arena;

    arena_init(&arena);
    run(world, "UPDATE workspace SET id = ?1 WHERE slug = 'acme'", "ACME", NULL);
    target_default_external_id(world, 1, &arena, &target);
    assert_true(bytes_eq(target.external_id, BYTES("ACME")));
    target.external_id = BYTES("own");
    target_default_external_id(world, 1, &arena, &target);
    assert_true(bytes_eq(target.external_id, BYTES("own")));
    target = (struct target){.role = BYTES("r")};
    target_default_external_id(world, 7, &arena, &target);
    assert_int_equal(target.external_id.len, 0);
    target = (struct target){.arn = BYTES("f")};
    target_default_external_id(world, 1, &arena, &target);
    assert_int_equal(target.external_id.len, 0);
    arena_done(&arena);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_anywhere_http_to_this_machine),
        cmocka_unit_test(reads_what_makes_a_target_and_refuses_all_else),
        cmocka_unit_test(a_copy_needs_nothing_of_the_original),
        IN_WORLD(finds_out_where_a_destinations_events_go),
        IN_WORLD(prefers_the_app_whose_destination_it_is),
        IN_WORLD(a_role_has_its_apps_workspaces_id),
    };

    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
