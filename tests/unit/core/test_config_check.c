/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include <stdio.h>

#include "config_case.h"

#define ONE "subscriptions: [{name: a, function: f.js}]\n"
#define PATH "--> /etc/partnerapp/partnerapp.yaml:"

static const struct config_mistake mistakes[] = {
    {ONE "store: postgresql://h/db\n", "PA1011",
     "`store: postgresql://…` is not built yet", "", ""},
    {"", "PA1016", "no subscription: nothing could come in",
     "--> /etc/partnerapp/partnerapp.yaml",
     "subscriptions:\n  - name: default\n    function: functions/hello/index.js\n"
     "just trying things out? `partnerapp dev` needs none"},
    {"subscriptions: []\n", "PA1016", "no subscription: nothing could come in", "", ""},
    {"subscriptions:\n - function: f.js\n", "PA1017", "subscription 1 needs a `name`",
     PATH "2:4\n   |\n 2 |  - function: f.js\n   |    ^", ""},
    {"subscriptions:\n - name: a\n", "PA1015",
     "subscription `a` has nothing to do with its events", "",
     "function: functions/hello/index.js     translates them\n"
     "endpoint: https://api.example.com/hook  takes them as they are"},
    {"subscriptions:\n - {name: a, function: f}\n - {name: a, function: f}\n", "PA1014",
     "two subscriptions are called `a`",
     PATH
     "3:11\n   |\n 3 |  - {name: a, function: f}\n   |           ^ this is the second",
     ""},
    {"subscriptions:\n - {name: a, function: f, path: /webhook/b}\n"
     " - {name: b, function: f}\n",
     "PA1014", "the subscriptions `a` and `b` have the same path `/webhook/b`", "", ""},
    {"subscriptions:\n - {name: a, function: f, auth: signature}\n", "PA1013",
     "subscription `a` checks signatures but has no `secret`", "", ""},
    {"subscriptions:\n - {name: a, function: f, auth: both}\n", "PA1013",
     "subscription `a` checks signatures but has no `secret`", "", ""},
    {"subscriptions:\n - {name: a, function: f, auth: none}\n", "PA1012",
     "subscription `a` would let anybody in", "", ""},
    {"subscriptions:\n - {name: a, function: f, kind: source}\n", "PA1019",
     "subscription `a`: a source has no `write_key`", "", ""},
    {"subscriptions:\n - {name: a, kind: source, write_key: k}\n", "PA1019",
     "subscription `a`: a source has no `function`", "", ""},
    {"subscriptions:\n - {name: a, function: f, kind: source, write_key: k, mode: "
     "inline}\n",
     "PA1019", "subscription `a`: a source answers before its function runs", "",
     "mode: queue     or leave it out"},
    {"subscriptions:\n - {name: a, function: f, kind: source, write_key: k, generation: "
     "custom}\n",
     "PA1019", "subscription `a`: the first two generations have no onRequest", "", ""},
    {"subscriptions:\n - {name: a, function: f, batch: {size: 401}}\n", "PA1007", "", "",
     ""},
    {"subscriptions:\n - {name: a, function: f, write_key: k}\n", "PA1019",
     "subscription `a`: only `kind: source` sends anything under a `write_key`", "", ""},
    {"subscriptions:\n - {name: a, function: f, order: user}\n", "PA1011",
     "`order: user` is not built yet", "", ""},
    {ONE "app: {destination: crm}\n", "PA1010", "no CLIENT_ID or CLIENT_SECRET",
     "  looked in: environment, .env, partnerapp.yaml [app]", ""},
    {ONE "app: {destination: crm, client_id: c}\n", "PA1010", "no CLIENT_SECRET", "", ""},
    {ONE "app: {client_id: c, client_secret: s}\n", "PA1017",
     "`app` needs `destination`, the slug of your destination in Segment's catalog", "",
     ""},
    {ONE
     "app: {destination: d, client_id: c, client_secret: s}\nsegment: {api: public}\n",
     "PA1011", "`segment.api: public` is not built yet", "", ""},
    {ONE "app: {destination: crm, client_secret: s}\n", "PA1010", "no CLIENT_ID", "", ""},
    {ONE "app: {scope: destination/x, client_id: c, client_secret: s}\n", "PA1017",
     "`app` needs `destination`, the slug of your destination in Segment's catalog", "",
     ""},
    {ONE "server: {tls_key: k.pem}\n", "PA1018",
     "`server.tls_key` is set without `server.tls_cert`", "", ""},
    {"subscriptions:\n - {function: f}\n - {name: b, function: f}\n", "PA1017",
     "subscription 1 needs a `name`", "", ""},
    {"subscriptions:\n - {name: b, function: f}\n - {function: f}\n", "PA1017",
     "subscription 2 needs a `name`", "", ""},
    {ONE "server: {tls_cert: c.pem}\n", "PA1018",
     "`server.tls_cert` is set without `server.tls_key`", "", ""},
};

static void each_mistake_has_its_code_words_and_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++)
        config_case_refused(&mistakes[i]);
}

static void auth_none_is_fine_on_loopback(void **state)
{
    static const char *const hosts[] = {"127.0.0.1:80", "localhost:80", "'[::1]:80'",
                                        "127.9.9.9:80"};

    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        char file[256];
        struct config_case result;

        snprintf(file, sizeof(file),
                 "server: {public: %s}\n"
                 "subscriptions: [{name: a, auth: none, function: f}]\n",
                 hosts[i]);
        result = config_case_file(file);
        (void)config_case_good(&result);
        config_case_done(&result);
    }
}

static void a_source_has_a_path_of_its_own_and_may_let_anybody_in(void **state)
{
    struct config_case result = config_case_file(
        "subscriptions:\n"
        " - {name: stripe, kind: source, auth: none, function: f, write_key: k}\n"
        " - {name: default, kind: source, function: f, write_key: k}\n"
        " - {name: hook, kind: source, path: /in, function: f, write_key: k}\n");
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_string_equal(config->subscriptions[0].path, "/source/stripe");
    assert_string_equal(config->subscriptions[1].path, "/source/default");
    assert_string_equal(config->subscriptions[2].path, "/in");
    config_case_done(&result);
}

static void what_is_wrong_by_itself_has_no_consequences(void **state)
{
    /* Each would also be a subscription without purpose or secret, or an app without. */
    static const struct config_mistake alone[] = {
        {"subscriptions: [{name: a, functon: f.js}]\n", "PA1003", "", "", ""},
        {"subscriptions: [{name: a, auth: both, function: [f.js]}]\n", "PA1007", "", "",
         ""},
        {ONE "app: {destination: d, client_id: c, client_secret: ' s'}\n", "PA1007", "",
         "", ""},
        {"subscriptions: [{name: a, endpoint: x}]\n", "PA1007", "", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(alone); i++)
        config_case_refused(&alone[i]);
}

static void dev_asks_for_less(void **state)
{
    struct config_case result = config_case_load((struct config_sources){
        .is_dev = true,
        .file = BYTES("app: {destination: crm}\nserver: {public: 0.0.0.0:1}\n"
                      "subscriptions: [{name: a, auth: none, function: f}]\n"),
        .file_path = "partnerapp.yaml",
    });

    (void)state;
    (void)config_case_good(&result);
    config_case_done(&result);
}

static void an_endpoint_in_the_settings_is_the_subscriptions(void **state)
{
    static const struct {
        const char *why, *members, *want;
    } rows[] = {
        {"as the settings have it", "settings: {endpoint: 'http://a.test/x'}",
         "http://a.test/x"},
        {"the subscription's own wins",
         "endpoint: 'http://b.test/', settings: {endpoint: 'http://a.test/x'}",
         "http://b.test/"},
        {"what is no text is none", "settings: {endpoint: 7}", NULL},
        {"what is no address is none", "settings: {endpoint: 'a.test'}", NULL},
        {"an escaped one is read", "settings: {endpoint: \"http://a.test/\\u0041\"}",
         "http://a.test/A"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char file[256];
        struct config_case result;
        const char *got;

        snprintf(file, sizeof(file), "subscriptions: [{name: a, function: f, %s}]\n",
                 rows[i].members);
        result = config_case_file(file);
        got = config_case_good(&result)->subscriptions[0].endpoint;
        if ((got == NULL) != (rows[i].want == NULL) ||
            (got != NULL && strcmp(got, rows[i].want) != 0))
            fail_msg("%s: got %s", rows[i].why, got != NULL ? got : "none");
        config_case_done(&result);
    }
}

static void an_app_has_its_scope_from_its_destination_or_says_it(void **state)
{
    static const char app[] =
        "app: {destination: crm, client_id: c, client_secret: s}\n" ONE;
    static const char own[] =
        "app: {destination: crm, scope: destination/other, client_id: c, "
        "client_secret: s}\n" ONE;
    struct config_case result = config_case_file(app);

    (void)state;
    assert_string_equal(config_case_good(&result)->app.scope, "destination/crm");
    config_case_done(&result);
    result = config_case_file(own);
    assert_string_equal(config_case_good(&result)->app.scope, "destination/other");
    config_case_done(&result);
}

static void dev_without_a_file_has_an_app_a_function_and_one_listener(void **state)
{
    struct config_case result = config_case_load((struct config_sources){.is_dev = true});
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_true(config->app.is_present);
    assert_string_equal(config->app.destination, "demo");
    assert_string_equal(config->subscriptions[0].name, "default");
    assert_int_equal(config->server.admin_address.port,
                     config->server.public_address.port);
    config_case_done(&result);
    result = config_case_load((struct config_sources){
        .is_dev = true,
        .file = BYTES("server: {admin: 127.0.0.1:7777}\n" ONE),
        .file_path = "partnerapp.yaml",
    });
    config = config_case_good(&result);
    assert_int_equal(config->server.admin_address.port, 7777);
    assert_false(config->app.is_present);
    config_case_done(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_has_its_code_words_and_place),
        cmocka_unit_test(auth_none_is_fine_on_loopback),
        cmocka_unit_test(a_source_has_a_path_of_its_own_and_may_let_anybody_in),
        cmocka_unit_test(what_is_wrong_by_itself_has_no_consequences),
        cmocka_unit_test(dev_asks_for_less),
        cmocka_unit_test(an_endpoint_in_the_settings_is_the_subscriptions),
        cmocka_unit_test(an_app_has_its_scope_from_its_destination_or_says_it),
        cmocka_unit_test(dev_without_a_file_has_an_app_a_function_and_one_listener),
    };

    return cmocka_run_group_tests_name("config_check", tests, NULL, NULL);
}
