/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include "config_case.h"

#define GIB (INT64_C(1) << 30)
#define DAY INT64_C(86400000)

static void an_almost_empty_file_has_the_documented_defaults(void **state)
{
    struct config_case result = config_case_file(CONFIG_MINIMAL);
    const struct config *config = config_case_good(&result);
    const struct config_subscription *subscription = &config->subscriptions[0];

    (void)state;
    assert_string_equal(config->server.public_address.host, "0.0.0.0");
    assert_int_equal(config->server.public_address.port, 8888);
    assert_string_equal(config->server.admin_address.host, "127.0.0.1");
    assert_int_equal(config->server.admin_address.port, 8890);
    assert_null(config->store);
    assert_false(config->app.is_present);
    assert_string_equal(config->segment.api, "v1beta");
    assert_string_equal(config->segment.tracking_url, "https://api.segment.io");
    assert_int_equal(config->limits.body_bytes, 5 << 20);
    assert_int_equal(config->limits.event_bytes, 512 << 10);
    assert_int_equal(config->limits.queue_events, 1000000);
    assert_true(config->limits.disk_bytes == 10 * GIB);
    assert_true(config->limits.retention_ms == 30 * DAY);
    assert_true(config->limits.dedupe_ms == 7 * DAY);
    assert_int_equal(config->runners.count, 0);
    assert_int_equal(config->runners.memory_bytes, 128 << 20);
    assert_false(config->runners.jit);
    assert_int_equal(config->log.level, CONFIG_LOG_INFO);
    assert_int_equal(config->n_subscriptions, 1);
    assert_string_equal(subscription->path, "/webhook");
    assert_string_equal(subscription->function, "/etc/partnerapp/f.js");
    assert_int_equal(subscription->auth, CONFIG_AUTH_KEY);
    assert_int_equal(subscription->in_flight, 64);
    assert_int_equal(subscription->function_timeout_ms, 0);
    assert_int_equal(subscription->slice_ms, 1000);
    assert_int_equal(subscription->batch_size, 20);
    assert_int_equal(subscription->batch_wait_ms, 10000);
    assert_string_equal(subscription->method, "POST");
    assert_string_equal(subscription->settings_json, "{}");
    assert_int_equal(subscription->timeout_ms, 5000);
    assert_int_equal(subscription->retry_attempts, 10);
    assert_true(subscription->retry_over_ms == 4 * 3600000);
    assert_int_equal(subscription->concurrency, 64);
    assert_true(subscription->rate_per_s <= 0);
    assert_false(secret_is_set(&subscription->secret));
    config_case_done(&result);
}

static const char everything[] =
    "server: {public: '[::1]:9000', admin: 9001, public_url: https://h.example}\n"
    "store: sqlite:./data/p.db\n"
    "master_key_file: keys/master.key\n"
    "egress: {allow: [10.0.0.0/8, crm.internal]}\n"
    "privacy: {erase_on_delete: true}\n"
    "limits: {body: 1MiB, event: 64KiB, queue: 5, disk: 1GiB, retention: 1d, dedupe: "
    "0s}\n"
    "runners: {count: 3, memory: 256MiB, sandbox: strict, jit: on}\n"
    "log: {level: debug, format: json}\n"
    "subscriptions:\n"
    "  - name: crm\n"
    "    auth: both\n"
    "    lenient_key: on\n"
    "    secret: whsec_1234\n"
    "    mode: inline\n"
    "    function: /srv/f.js\n"
    "    generation: custom\n"
    "    allow_eval: off\n"
    "    in_flight: 8\n"
    "    function_timeout: 250ms\n"
    "    batch: {size: 400, wait: 1s}\n"
    "    method: PUT\n"
    "    settings: {endpoint: 'https://crm.example/x', n: 1.50, id: 007, t: true,\n"
    "               l: [a, null], q: \"1\", \"k\\\"\": {}}\n"
    "    timeout: 1m\n"
    "    retry: {attempts: 100, over: 2m}\n"
    "    rate: 120/m\n"
    "  - {name: other, path: /in/other, auth: key, endpoint: 'http://e.example'}\n";

static void every_key_is_read(void **state)
{
    struct config_case result = config_case_file(everything);
    const struct config *config = config_case_good(&result);
    const struct config_subscription *crm = config_by_name(config, BYTES("crm"));

    (void)state;
    assert_string_equal(config->server.public_address.host, "::1");
    assert_int_equal(config->server.admin_address.port, 9001);
    assert_string_equal(config->server.admin_address.host, "127.0.0.1");
    assert_string_equal(config->store, "sqlite:/etc/partnerapp/data/p.db");
    assert_string_equal(config->master_key_file, "/etc/partnerapp/keys/master.key");
    assert_int_equal(config->n_egress_allow, 2);
    assert_string_equal(config->egress_allow[1], "crm.internal");
    assert_true(config->erase_on_delete);
    assert_int_equal(config->limits.dedupe_ms, 0);
    assert_int_equal(config->runners.count, 3);
    assert_int_equal(config->runners.sandbox, CONFIG_SANDBOX_STRICT);
    assert_true(config->runners.jit);
    assert_int_equal(config->log.format, CONFIG_LOG_JSON);
    assert_int_equal(crm->auth, CONFIG_AUTH_BOTH);
    assert_true(crm->lenient_key);
    assert_true(bytes_eq(secret_bytes(&crm->secret), BYTES("whsec_1234")));
    assert_int_equal(crm->mode, CONFIG_MODE_INLINE);
    assert_string_equal(crm->function, "/srv/f.js");
    assert_int_equal(crm->generation, CONFIG_GENERATION_CUSTOM);
    assert_int_equal(crm->allow_eval, CONFIG_EVAL_OFF);
    assert_int_equal(crm->function_timeout_ms, 250);
    assert_int_equal(crm->batch_size, 400);
    assert_string_equal(crm->settings_json,
                        "{\"endpoint\":\"https://crm.example/x\",\"n\":1.50,"
                        "\"id\":\"007\",\"t\":true,\"l\":[\"a\",null],\"q\":\"1\","
                        "\"k\\\"\":{}}");
    assert_string_equal(crm->endpoint, "https://crm.example/x");
    assert_int_equal(crm->retry_attempts, 100);
    assert_true(crm->rate_per_s > 1.999 && crm->rate_per_s < 2.001);
    assert_string_equal(crm->path, "/webhook/crm");
    assert_ptr_equal(config_by_path(config, BYTES("/in/other")),
                     &config->subscriptions[1]);
    assert_null(config_by_path(config, BYTES("/in")));
    assert_null(config_by_name(config, BYTES("nobody")));
    config_case_done(&result);
}

static void dev_needs_no_file(void **state)
{
    struct config_case result = config_case_load((struct config_sources){.is_dev = true});
    const struct config *config = config_case_good(&result);
    const struct config_subscription *subscription = &config->subscriptions[0];

    (void)state;
    assert_string_equal(config->server.public_address.host, "127.0.0.1");
    assert_int_equal(config->server.public_address.port, 8888);
    assert_int_equal(config->server.admin_address.port, 8888);
    assert_int_equal(config->n_subscriptions, 1);
    assert_string_equal(subscription->name, "default");
    assert_string_equal(subscription->path, "/webhook");
    assert_int_equal(subscription->auth, CONFIG_AUTH_NONE);
    assert_string_equal(subscription->function, "functions/hello/index.js");
    assert_string_equal(subscription->endpoint, "http://localhost:8888/sink/demo");
    assert_string_equal(subscription->settings_json,
                        "{\"endpoint\":\"http://localhost:8888/sink/demo\"}");
    assert_true(config->app.is_present);
    assert_string_equal(config->app.scope, "destination/demo");
    config_case_done(&result);
}

static void dev_follows_its_port(void **state)
{
    static const char *const flags[] = {"server.public=127.0.0.1:9000", NULL};
    struct config_case result =
        config_case_load((struct config_sources){.is_dev = true, .flags = flags});
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_int_equal(config->server.admin_address.port, 9000);
    assert_string_equal(config->subscriptions[0].endpoint,
                        "http://localhost:9000/sink/demo");
    config_case_done(&result);
}

static void in_dev_a_files_subscriptions_count(void **state)
{
    struct config_case result = config_case_load((struct config_sources){
        .is_dev = true,
        .file = BYTES("subscriptions: [{name: crm, auth: none, function: c.js}]"),
        .file_path = "partnerapp.yaml",
    });
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_int_equal(config->n_subscriptions, 1);
    assert_string_equal(config->subscriptions[0].function, "c.js");
    assert_string_equal(config->server.public_address.host, "127.0.0.1");
    assert_false(config->app.is_present);
    config_case_done(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_almost_empty_file_has_the_documented_defaults),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(dev_needs_no_file),
        cmocka_unit_test(dev_follows_its_port),
        cmocka_unit_test(in_dev_a_files_subscriptions_count),
    };

    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
