/* SPDX-License-Identifier: MIT */

#include "core/config.h"

#include "config_case.h"

#define APP CONFIG_MINIMAL "app: {destination: crm}\n"

static int read_fake(const char *path, struct buf *ret, struct err *err)
{
    if (strcmp(path, "/run/secrets/x") == 0)
        return buf_add_text(ret, "from-a-file\n");
    if (strcmp(path, "/etc/partnerapp/here") == 0)
        return buf_add_text(ret, "beside-the-file\r\n");
    if (strcmp(path, "/run/secrets/two") == 0)
        return buf_add_text(ret, "from-a-file\n\n");
    return err_set(err, "no such file");
}

static struct config_case load(const char *file, const char *dotenv,
                               const char *const *environment)
{
    return config_case_load((struct config_sources){
        .file = bytes_str(file),
        .file_path = "/etc/partnerapp/partnerapp.yaml",
        .dotenv = bytes_str(dotenv),
        .environment = environment,
        .read_file = read_fake,
    });
}

static void port_changes_only_the_port(void **state)
{
    static const char *const environment[] = {"PORT=9000", NULL};
    static const char *const both[] = {"PARTNERAPP_SERVER_PUBLIC=127.0.0.1:7000",
                                       "PORT=9000", NULL};
    struct config_case result =
        load("server: {public: 127.0.0.1:8888}\n" CONFIG_MINIMAL, "", environment);
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_string_equal(config->server.public_address.host, "127.0.0.1");
    assert_int_equal(config->server.public_address.port, 9000);
    config_case_done(&result);
    result = load(CONFIG_MINIMAL, "", both);
    assert_int_equal(config_case_good(&result)->server.public_address.port, 7000);
    config_case_done(&result);
}

static const struct {
    const char *why;
    const char *dotenv;
    const char *want; /* client id */
} dotenvs[] = {
    {"plain", "CLIENT_ID=abc", "abc"},
    {"exported", "export CLIENT_ID=abc\n", "abc"},
    {"double quotes", "CLIENT_ID=\"a#c\" # why\n", "a#c"},
    {"single quotes", "CLIENT_ID='a c'\n", "a c"},
    {"comment", "CLIENT_ID=abc # the id\n", "abc"},
    {"hash inside", "CLIENT_ID=a#bc\n", "a#bc"},
    {"blanks around", "  CLIENT_ID = abc  \r\n", "abc"},
    {"comments and other lines", "# CLIENT_ID=no\n\nwhat is this\nFOO=bar\nCLIENT_ID=abc",
     "abc"},
    {"the last one wins", "CLIENT_ID=x\nCLIENT_ID=abc\n", "abc"},
    {"a quote that is not closed is part of it", "FOO=\"abc\nCLIENT_ID=abc\n", "abc"},
    {"a hash right after the equals sign", "CLIENT_ID=#abc\n", "#abc"},
    {"empty is unset", "CLIENT_ID=abc\nCLIENT_ID=\n", "abc"},
    {"from a file", "CLIENT_ID_FILE=/run/secrets/x\n", "from-a-file"},
    {"the value beats the file", "CLIENT_ID=abc\nCLIENT_ID_FILE=/run/secrets/x\n", "abc"},
};

static void dotenv_is_read_as_people_write_it(void **state)
{
    static const char *const environment[] = {"CLIENT_SECRET=s", NULL};

    (void)state;
    for (size_t i = 0; i < COUNT(dotenvs); i++) {
        struct config_case result = load(APP, dotenvs[i].dotenv, environment);
        const struct config *config = config_case_good(&result);
        struct bytes got = secret_bytes(&config->app.client_id);

        if (!bytes_eq(got, bytes_str(dotenvs[i].want)))
            fail_msg("%s: got \"%.*s\", want \"%s\"", dotenvs[i].why, BYTES_FMT(got),
                     dotenvs[i].want);
        config_case_done(&result);
    }
}

static const struct {
    const char *variable;
    const char *code, *text, *help;
} problems[] = {
    {"PARTNERAPP_SERVER_PUBIC=1", "PA1003",
     "unknown environment variable `PARTNERAPP_SERVER_PUBIC`",
     "did you mean `PARTNERAPP_SERVER_PUBLIC`?"},
    {"PARTNERAPP_STORE_FILE=x", "PA1003",
     "unknown environment variable `PARTNERAPP_STORE_FILE`", ""},
    {"PARTNERAPP_LIMITS_QUEUE=many", "PA1007",
     "`PARTNERAPP_LIMITS_QUEUE` must be a number from 1 to 1000000000", ""},
    {"PORT=http", "PA1007", "`PORT` must be a number from 0 to 65535", ""},
    {"PORT=70000", "PA1007", "`PORT` must be a number from 0 to 65535", ""},
    {"CLIENT_SECRET=abc\n", "PA1007",
     "`CLIENT_SECRET` cannot be right: it ends with a newline", ""},
    {"CLIENT_SECRET=\"abc\"", "PA1007",
     "`CLIENT_SECRET` cannot be right: the quotes are part of it", ""},
    {"CLIENT_SECRET=\"abc", "PA1007",
     "`CLIENT_SECRET` cannot be right: it begins with a quote that is not closed in its "
     "line",
     ""},
    {"CLIENT_SECRET=CLIENT_SECRET=abc", "PA1007",
     "`CLIENT_SECRET` cannot be right: its name is part of it", ""},
    {"CLIENT_SECRET= abc", "PA1007",
     "`CLIENT_SECRET` cannot be right: it begins or ends with white space", ""},
    {"CLIENT_SECRET_FILE=/nowhere", "PA1009", "`CLIENT_SECRET_FILE`: no such file", ""},
    {"CLIENT_SECRET_FILE=/run/secrets/two", "PA1007",
     "`CLIENT_SECRET_FILE` cannot be right: it ends with a newline", ""},
    {"PARTNERAPP_ZZZZZZZZZZ=1", "PA1003",
     "unknown environment variable `PARTNERAPP_ZZZZZZZZZZ`", ""},
    {"HOME=/root", "PA1010", "no CLIENT_SECRET", ""},
};

static void a_wrong_variable_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(problems); i++) {
        const char *const environment[] = {"CLIENT_ID=c", problems[i].variable,
                                           strstr(problems[i].variable, "SECRET") ==
                                                       NULL &&
                                                   strcmp(problems[i].code, "PA1010") != 0
                                               ? "CLIENT_SECRET=s"
                                               : NULL,
                                           NULL};
        struct config_case result = load(APP, "", environment);

        if (result.problems.n_items != 1)
            fail_msg("%s: %zu problems, the first %s", problems[i].variable,
                     result.problems.n_items,
                     result.problems.n_items > 0 ? result.problems.items[0].text : "-");
        assert_string_equal(result.problems.items[0].code, problems[i].code);
        assert_string_equal(result.problems.items[0].text, problems[i].text);
        if (problems[i].help[0] != '\0')
            assert_string_equal(result.problems.items[0].help, problems[i].help);
        config_case_done(&result);
    }
}

static void names_that_are_no_configuration_are_left_alone(void **state)
{
    static const char *const environment[] = {"PARTNERAPP_CLOCK_URL=http://x",
                                              "PARTNERAPP_TOKEN=pat_x",
                                              "PARTNERAPP_RUNNER=/x",
                                              "PARTNERAPP_CONFIG=/x",
                                              "PARTNERAPP_DATA=/x",
                                              "PARTNERAPP_SERVER=http://x",
                                              "PARTNERAPP_MASTER_KEY=a2V5",
                                              NULL};
    struct config_case result = load(CONFIG_MINIMAL, "", environment);

    (void)state;
    (void)config_case_good(&result);
    config_case_done(&result);
}

static void the_master_key_does_not_belong_into_dotenv(void **state)
{
    struct config_case result = load(CONFIG_MINIMAL, "PARTNERAPP_MASTER_KEY=k\n", NULL);

    (void)state;
    assert_int_equal(result.problems.n_items, 1);
    assert_string_equal(result.problems.items[0].code, "PA1003");
    assert_string_equal(result.problems.items[0].help,
                        "did you mean `PARTNERAPP_MASTER_KEY_FILE`?");
    config_case_done(&result);
}

static void a_subscriptions_secret_may_be_in_a_file(void **state)
{
    struct config_case result =
        load("subscriptions:\n - {name: a, function: f, auth: both, secret_file: here}\n",
             "", NULL);
    const struct config *config = config_case_good(&result);

    (void)state;
    assert_true(bytes_eq(secret_bytes(&config->subscriptions[0].secret),
                         BYTES("beside-the-file")));
    config_case_done(&result);
}

static void relative_paths_outside_the_file_stay(void **state)
{
    static const char *const environment[] = {"PARTNERAPP_STORE=sqlite:x.db", NULL};
    struct config_case result = load(CONFIG_MINIMAL, "", environment);

    (void)state;
    assert_string_equal(config_case_good(&result)->store, "sqlite:x.db");
    config_case_done(&result);
}

static void an_empty_port_is_none(void **state)
{
    static const char *const environment[] = {"PORT=", "no equals sign", NULL};
    struct config_case result =
        load("server: {public: 127.0.0.1:8888}\n" CONFIG_MINIMAL, "", environment);

    (void)state;
    assert_int_equal(config_case_good(&result)->server.public_address.port, 8888);
    config_case_done(&result);
}

static void a_file_that_nobody_can_read_is_a_problem(void **state)
{
    static const char *const environment[] = {"CLIENT_SECRET_FILE=/run/secrets/x", NULL};
    struct config_case result = config_case_load((struct config_sources){
        .file = bytes_str(APP),
        .file_path = "/etc/partnerapp/partnerapp.yaml",
        .dotenv = BYTES("CLIENT_ID=c\n"),
        .environment = environment,
    });

    (void)state;
    assert_int_equal(result.problems.n_items, 1);
    assert_string_equal(result.problems.items[0].code, "PA1009");
    config_case_done(&result);
}

static void no_problem_ever_shows_a_secret(void **state)
{
    static const char *const environment[] = {"CLIENT_SECRET=hunter22 ", NULL};
    struct config_case result =
        load("app: {destination: d, client_id: 'hunter22 '}\nsubscriptions:\n"
             " - {name: a, function: f, secret: \"hunter22\\n\"}\n",
             "CLIENT_SECRET=\" hunter22\"\n", environment);

    (void)state;
    assert_int_equal(result.problems.n_items, 4);
    for (size_t i = 0; i < result.problems.n_items; i++) {
        const struct err *problem = &result.problems.items[i];

        assert_null(strstr(problem->text, "hunter22"));
        assert_null(strstr(problem->place, "hunter22"));
        assert_null(strstr(problem->help, "hunter22"));
    }
    config_case_done(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_changes_only_the_port),
        cmocka_unit_test(dotenv_is_read_as_people_write_it),
        cmocka_unit_test(a_wrong_variable_is_named),
        cmocka_unit_test(names_that_are_no_configuration_are_left_alone),
        cmocka_unit_test(the_master_key_does_not_belong_into_dotenv),
        cmocka_unit_test(a_subscriptions_secret_may_be_in_a_file),
        cmocka_unit_test(relative_paths_outside_the_file_stay),
        cmocka_unit_test(an_empty_port_is_none),
        cmocka_unit_test(a_file_that_nobody_can_read_is_a_problem),
        cmocka_unit_test(no_problem_ever_shows_a_secret),
    };

    return cmocka_run_group_tests_name("config_environment", tests, NULL, NULL);
}
