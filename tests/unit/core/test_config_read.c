/* SPDX-License-Identifier: MIT */

#include "core/config_read.h"

#include "config_case.h"

static void flag_beats_environment_beats_dotenv_beats_file_beats_default(void **state)
{
    static const char *const environment[] = {"PARTNERAPP_LOG_LEVEL=debug",
                                              "PARTNERAPP_LIMITS_QUEUE=3", "HOME=/root",
                                              "PATH", NULL};
    static const char *const flags[] = {"limits.queue=4", NULL};
    struct config_case result = config_case_load((struct config_sources){
        .file = BYTES(CONFIG_MINIMAL "log: {level: error, format: json}\n"
                                     "limits: {queue: 1, dedupe: 1d}\n"),
        .file_path = "p.yaml",
        .dotenv = BYTES("PARTNERAPP_LOG_LEVEL=warn\nPARTNERAPP_LIMITS_QUEUE=2\n"
                        "PARTNERAPP_LIMITS_DEDUPE=2d\n"),
        .environment = environment,
        .flags = flags,
    });
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_int_equal(config->limits.queue_events, 4);
    assert_int_equal(config->log.level, CONFIG_LOG_DEBUG);
    assert_true(config->limits.dedupe_ms == 2 * INT64_C(86400000));
    assert_int_equal(config->log.format, CONFIG_LOG_JSON);
    assert_int_equal(config->limits.body_bytes, 5 << 20);
    config_case_done(&result);
}

static void an_unknown_flag_is_a_problem(void **state)
{
    static const char *const flags[] = {"server.pubic=1", NULL};
    struct config_case result =
        config_case_load((struct config_sources){.is_dev = true, .flags = flags});

    (void)state;
    assert_int_equal(result.problems.n_items, 1);
    assert_string_equal(result.problems.items[0].text, "unknown key `server.pubic`");
    assert_string_equal(result.problems.items[0].help, "did you mean `server.public`?");
    config_case_done(&result);
}

static void a_wrong_value_is_told_even_when_a_higher_one_hides_it(void **state)
{
    static const char *const flags[] = {"limits.queue=4", NULL};
    struct config_case result = config_case_load((struct config_sources){
        .file = BYTES(CONFIG_MINIMAL "limits: {queue: many}\n"),
        .file_path = "p.yaml",
        .flags = flags,
    });

    (void)state;
    assert_int_equal(result.problems.n_items, 1);
    assert_string_equal(result.problems.items[0].code, "PA1007");
    config_case_done(&result);
}

static const struct {
    const char *why;
    const char *file_path, *store;
} folders[] = {
    {"an absolute file", "/etc/p/p.yaml", "sqlite:/etc/p/data/x.db"},
    {"a file in a folder", "conf/p.yaml", "sqlite:conf/data/x.db"},
    {"a file right here", "p.yaml", "sqlite:data/x.db"},
};

static void paths_of_the_file_are_relative_to_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct config_case result = config_case_load((struct config_sources){
            .file = BYTES(CONFIG_MINIMAL "store: sqlite:./data/x.db\n"),
            .file_path = folders[i].file_path,
        });
        const char *got = config_case_good(&result)->store;

        if (strcmp(got, folders[i].store) != 0)
            fail_msg("%s: got %s, want %s", folders[i].why, got, folders[i].store);
        config_case_done(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flag_beats_environment_beats_dotenv_beats_file_beats_default),
        cmocka_unit_test(an_unknown_flag_is_a_problem),
        cmocka_unit_test(a_wrong_value_is_told_even_when_a_higher_one_hides_it),
        cmocka_unit_test(paths_of_the_file_are_relative_to_it),
    };

    return cmocka_run_group_tests_name("config_read", tests, NULL, NULL);
}
