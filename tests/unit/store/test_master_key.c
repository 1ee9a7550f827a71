/* SPDX-License-Identifier: MIT */

#include "store/master_key.h"

#include "lib/cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

/* Base64 of 32 letters; each source has its own letter. */
#define E64 "RUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUVFRUU="
#define C32 "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
#define C64 "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0M="
#define F32 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define F64 "RkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkY="

static char folder[40], key_file[64], credential[80];

static int up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/master-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(key_file, sizeof(key_file), "%s/master.key", folder);
    snprintf(credential, sizeof(credential), "%s/" MASTER_KEY_CREDENTIAL, folder);
    return setenv("CREDENTIALS_DIRECTORY", folder, 1);
}

static int down(void **state)
{
    (void)state;
    unlink(key_file);
    unlink(credential);
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv(MASTER_KEY_VARIABLE);
    return rmdir(folder);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd;

    unlink(path);
    if (text == NULL)
        return;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void the_first_source_that_is_there_is_the_key(void **state)
{
    static const struct {
        const char *why;
        const char *variable, *credential, *file;
        char want; /* the letter of the key */
    } cases[] = {
        {"the environment before the others", E64, C32, F32, 'E'},
        {"a credential before the file", NULL, C32, F32, 'C'},
        {"a credential as text", NULL, C64 "\n", F32, 'C'},
        {"only the file", NULL, NULL, F32, 'F'},
        {"the file as text", NULL, NULL, F64 "\n", 'F'},
        {"the file as text without a line's end", NULL, NULL, F64, 'F'},
        {"an empty variable is unset", "", NULL, F32, 'F'},
        {"only the environment", E64, NULL, NULL, 'E'},
        {"a variable with a line's end", E64 "\n", NULL, NULL, 'E'},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[MASTER_KEY_LEN] = {0};
        struct err err = {0};

        if (cases[i].variable != NULL)
            setenv(MASTER_KEY_VARIABLE, cases[i].variable, 1);
        else
            unsetenv(MASTER_KEY_VARIABLE);
        write_file(credential, cases[i].credential, 0440); /* systemd's, by its list */
        write_file(key_file, cases[i].file, 0600);
        if (master_key_read(key_file, /* may_create= */ true, key, &err) != 0)
            fail_msg("%s: %s", cases[i].why, err.text);
        for (size_t j = 0; j < MASTER_KEY_LEN; j++) {
            if (key[j] != (uint8_t)cases[i].want)
                fail_msg("%s: got %c, want %c", cases[i].why, key[j], cases[i].want);
        }
        if (cases[i].file == NULL && access(key_file, F_OK) == 0)
            fail_msg("%s: and a file was made", cases[i].why);
    }
}

static void a_source_that_is_wrong_is_not_passed_by(void **state)
{
    static const struct {
        const char *why;
        const char *variable, *credential, *file;
        mode_t mode;
        const char *code, *place, *in_text, *help; /* the help begins so */
    } cases[] = {
        {"no base64", "E64!", C32, F32, 0600, "PA1031",
         "--> environment variable PARTNERAPP_MASTER_KEY", "base64", "for a new store"},
        {"base64 of too little", "RUVFRQ==", C32, F32, 0600, "PA1031",
         "--> environment variable PARTNERAPP_MASTER_KEY", "base64", "for a new store"},
        {"32 characters are not the base64 of 32 bytes", F32, C32, F32, 0600, "PA1031",
         "--> environment variable PARTNERAPP_MASTER_KEY", "base64", "for a new store"},
        {"a short credential", NULL, "CCC", F32, 0600, "PA1031", "",
         "/" MASTER_KEY_CREDENTIAL, "put back"},
        {"an empty credential", NULL, "", F32, 0600, "PA1031", "",
         "/" MASTER_KEY_CREDENTIAL, "put back"},
        {"a long file", NULL, NULL, F32 F32 F32, 0600, "PA1031", "", "/master.key",
         "put back"},
        {"text that is no base64", NULL, NULL, F32 "!!\n", 0600, "PA1031", "",
         "/master.key", "put back"},
        {"a file for the group, too", NULL, NULL, F32, 0640, "PA1030", "", "/master.key",
         "chmod 600 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[MASTER_KEY_LEN];
        struct err err = {0};

        if (cases[i].variable != NULL)
            setenv(MASTER_KEY_VARIABLE, cases[i].variable, 1);
        write_file(credential, cases[i].credential, 0400);
        write_file(key_file, cases[i].file, cases[i].mode);
        if (master_key_read(key_file, /* may_create= */ true, key, &err) != -1)
            fail_msg("%s: accepted", cases[i].why);
        if (strcmp(err.code, cases[i].code) != 0 ||
            strcmp(err.place, cases[i].place) != 0 ||
            strstr(err.text, cases[i].in_text) == NULL ||
            !bytes_starts(bytes_str(err.help), bytes_str(cases[i].help)))
            fail_msg("%s: got %s, %s, %s, %s", cases[i].why, err.code, err.text,
                     err.place, err.help);
        if (cases[i].variable != NULL && strstr(err.text, cases[i].variable) != NULL)
            fail_msg("%s: the message shows the key", cases[i].why);
    }
}

static void the_variable_is_wiped_whether_good_or_bad(void **state)
{
    static const char *const values[] = {E64, "bad-bad-bad"};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        uint8_t key[MASTER_KEY_LEN];
        const char *value;
        struct err err;

        setenv(MASTER_KEY_VARIABLE, values[i], 1);
        value = getenv(MASTER_KEY_VARIABLE); /* where it lies */
        (void)!master_key_read(key_file, /* may_create= */ false, key, &err);
        assert_null(getenv(MASTER_KEY_VARIABLE));
        for (size_t j = 0; j < strlen(values[i]); j++)
            assert_int_equal(value[j], 0);
    }
}

static void an_absent_file_is_made_once_and_only_when_allowed(void **state)
{
    uint8_t first[MASTER_KEY_LEN], again[MASTER_KEY_LEN];
    struct stat info;
    struct err err = {0};

    (void)state;
    assert_int_equal(master_key_read(key_file, /* may_create= */ false, first, &err), -1);
    assert_string_equal(err.code, "PA1031");
    assert_int_equal(access(key_file, F_OK), -1);
    assert_int_equal(master_key_read(key_file, /* may_create= */ true, first, &err), 0);
    assert_int_equal(master_key_read(key_file, /* may_create= */ true, again, &err), 0);
    assert_memory_equal(first, again, MASTER_KEY_LEN);
    assert_int_equal(stat(key_file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, MASTER_KEY_LEN);
}

static void a_pipe_in_its_place_keeps_nobody_waiting(void **state)
{
    uint8_t key[MASTER_KEY_LEN];
    struct err err = {0};

    (void)state;
    assert_int_equal(mkfifo(key_file, 0600), 0);
    assert_int_equal(master_key_read(key_file, /* may_create= */ true, key, &err), -1);
    assert_string_equal(err.code, "PA1031");
}

#define T(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_first_source_that_is_there_is_the_key),
        T(a_source_that_is_wrong_is_not_passed_by),
        T(the_variable_is_wiped_whether_good_or_bad),
        T(an_absent_file_is_made_once_and_only_when_allowed),
        T(a_pipe_in_its_place_keeps_nobody_waiting),
    };

    return cmocka_run_group_tests_name("master_key", tests, NULL, NULL);
}
