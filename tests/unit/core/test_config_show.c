/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include "config_case.h"

static bool shows(const struct buf *json, const char *key, const char *value,
                  const char *origin)
{
    struct buf row;
    bool found;

    buf_init(&row, 4096);
    buf_addf(&row, "{\"key\":\"%s\",\"value\":%s,\"origin\":\"%s\"}", key, value, origin);
    found = bytes_find(buf_bytes(json), buf_bytes(&row)) < json->len;
    buf_done(&row);
    return found;
}

static const struct {
    const char *key, *value, *origin;
} rows[] = {
    {"server.public", "\"0.0.0.0:9000\"", "environment PORT"},
    {"server.admin", "\"127.0.0.1:8890\"", "default"},
    {"server.public_url", "null", "default"},
    {"log.level", "\"debug\"", "flag"},
    {"limits.body", "\"1MiB\"", "partnerapp.yaml:2"},
    {"limits.queue", "7", ".env:2"},
    {"limits.dedupe", "\"7d\"", "default"},
    {"runners.count", "\"auto\"", "default"},
    {"runners.jit", "true", "partnerapp.yaml:3"},
    {"egress.allow", "[\"10.0.0.0/8\"]", "partnerapp.yaml:4"},
    {"app.client_secret", "\"••••\"", "environment CLIENT_SECRET"},
    {"app.scope", "\"destination/crm\"", "default"},
    {"subscriptions[0].name", "\"crm\"", "partnerapp.yaml:7"},
    {"subscriptions[0].path", "\"/webhook/crm\"", "default"},
    {"subscriptions[0].secret", "\"••••\"", "partnerapp.yaml:9"},
    {"subscriptions[0].settings", "{\"a\":1}", "partnerapp.yaml:10"},
    {"subscriptions[0].retry.over", "\"4h\"", "default"},
    {"subscriptions[0].rate", "\"2/s\"", "partnerapp.yaml:11"},
    {"subscriptions[1].auth", "\"key\"", "default"},
};

static void each_value_tells_where_it_comes_from(void **state)
{
    static const char *const flags[] = {"log.level=debug", NULL};
    static const char *const environment[] = {"PORT=9000", "CLIENT_SECRET=hunter22",
                                              "CLIENT_ID=c", NULL};
    const struct config_sources sources = {
        .flags = flags,
        .environment = environment,
        .dotenv = BYTES("# mine\nPARTNERAPP_LIMITS_QUEUE=7\n"),
        .file = BYTES("log: {level: warn}\nlimits: {body: 1MiB}\nrunners: {jit: on}\n"
                      "egress: {allow: [10.0.0.0/8]}\napp: {destination: crm}\n"
                      "subscriptions:\n  - name: crm\n    function: f.js\n"
                      "    secret: hunter22\n    settings: {a: 1}\n    rate: 120/m\n"
                      "  - {name: b, function: g.js}\n"),
        .file_path = "/etc/partnerapp/partnerapp.yaml",
    };
    struct buf json;

    (void)state;
    buf_init(&json, 1 << 20);
    assert_int_equal(config_show(&sources, &json), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!shows(&json, rows[i].key, rows[i].value, rows[i].origin))
            fail_msg("%s is not %s from %s in\n%s", rows[i].key, rows[i].value,
                     rows[i].origin, buf_text(&json));
    }
    assert_null(strstr(buf_text(&json), "hunter22"));
    buf_done(&json);
}

static void a_configuration_with_problems_is_not_shown(void **state)
{
    const struct config_sources sources = {.file = BYTES("x: 1"), .file_path = "p.yaml"};
    struct buf json;

    (void)state;
    buf_init(&json, 1 << 20);
    assert_int_equal(config_show(&sources, &json), -1);
    assert_int_equal(json.len, 0);
    buf_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_tells_where_it_comes_from),
        cmocka_unit_test(a_configuration_with_problems_is_not_shown),
    };

    return cmocka_run_group_tests_name("config_show", tests, NULL, NULL);
}
