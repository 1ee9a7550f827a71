/* SPDX-License-Identifier: MIT */

#include "cli/columns.h"

#include "lib/cm.h"

enum { MAX = 4096 };

static void print_into(const struct columns *columns, int terminal_columns, char *text)
{
    FILE *file = fmemopen(text, MAX, "w");
    struct print print = {.file = file, .use_unicode = true, .columns = terminal_columns};

    columns_print(columns, &print);
    fclose(file);
}

static void add_row(struct columns *columns)
{
    columns_add_text(columns, "evt_1");
    columns_add_text(columns, "Order Completed");
    columns_add_i64(columns, 10);
}

static void aligns_to_the_widest(void **state)
{
    char text[MAX] = "";
    struct columns columns;

    (void)state;
    columns_init(&columns, "ID NAME TRIES_LEFT");
    assert_false(columns_has_rows(&columns));
    add_row(&columns);
    assert_true(columns_has_rows(&columns));
    print_into(&columns, 0, text);
    assert_string_equal("ID     NAME             TRIES LEFT\n"
                        "evt_1  Order Completed  10\n",
                        text);
    columns_done(&columns);
}

static void never_wraps_a_line(void **state)
{
    char text[MAX] = "";
    struct columns columns;

    (void)state;
    columns_init(&columns, "ID NAME N");
    add_row(&columns);
    print_into(&columns, 20, text);
    assert_string_equal("ID     NAME       N\n"
                        "evt_1  Order Co…  10\n",
                        text);
    columns_done(&columns);
}

static void an_id_is_never_cut(void **state)
{
    char text[MAX] = "";
    struct columns columns;

    (void)state;
    columns_init(&columns, "NAME ID N");
    columns_add_text(&columns, "Order Completed");
    columns_add_text(&columns, "evt_01m8kq2v7c0000000000000001");
    columns_add_i64(&columns, 10);
    print_into(&columns, 42, text);
    assert_string_equal("NAME    ID                              N\n"
                        "Order…  evt_01m8kq2v7c0000000000000001  10\n",
                        text);
    text[0] = '\0';
    print_into(&columns, 10, text);
    assert_string_equal("NAME  ID                              N\n"
                        "Ord…  evt_01m8kq2v7c0000000000000001  10\n",
                        text);
    columns_done(&columns);
}

static void cells_are_cleaned(void **state)
{
    char text[MAX] = "";
    struct columns columns;

    (void)state;
    columns_init(&columns, "NAME");
    columns_add_text(&columns, "\033[2Jboo\n");
    print_into(&columns, 0, text);
    assert_string_equal("NAME\n?[2Jboo \n", text);
    columns_done(&columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligns_to_the_widest),
        cmocka_unit_test(never_wraps_a_line),
        cmocka_unit_test(an_id_is_never_cut),
        cmocka_unit_test(cells_are_cleaned),
    };

    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
