/* SPDX-License-Identifier: MIT */

#include "store/people.h"

#include "fixture.h"

#include "store/audit.h"
#include "store/password.h"
#include "store/reader.h"

enum { NOW = 1000000 };

static int64_t add_user(struct fixture *f, const char *name)
{
    const struct store_user user = {.name = bytes_str(name),
                                    .role = BYTES("viewer"),
                                    .created_at_ms = NOW,
                                    .changed_at_ms = NOW};
    int64_t row = 0;

    fixture_begin(f);
    expect(f, 0, store_add_user(f->store, &user, &row, &f->err));
    fixture_commit(f);
    return row;
}

static int64_t add_session(struct fixture *f, int64_t user, uint8_t hash, int64_t used_at)
{
    const struct store_session session = {.hash = {hash},
                                          .user = user,
                                          .created_at_ms = NOW,
                                          .used_at_ms = used_at,
                                          .expires_at_ms = NOW + 1000};
    int64_t row = 0;

    fixture_begin(f);
    expect(f, 0, store_add_session(f->store, &session, &row, &f->err));
    fixture_commit(f);
    return row;
}

static void a_name_is_one_users_in_whatever_case(void **state)
{
    struct fixture *f = *state;
    const struct store_user again = {.name = BYTES("ADA"), .role = BYTES("admin")};
    int64_t row;

    add_user(f, "ada");
    fixture_begin(f);
    expect(f, STORE_EXISTS, store_add_user(f->store, &again, &row, &f->err));
    store_rollback(f->store);
    assert_int_equal(1, fixture_ask(f, "SELECT count(*) FROM user"));
}

static void a_number_never_means_somebody_else(void **state)
{
    struct fixture *f = *state;
    const int64_t first = add_user(f, "ada");

    fixture_begin(f);
    expect(f, 0, store_remove_user(f->store, first, &f->err));
    fixture_commit(f);
    assert_true(add_user(f, "ada") > first);
}

static void who_is_removed_takes_sessions_and_invitation_along(void **state)
{
    struct fixture *f = *state;
    const int64_t ada = add_user(f, "ada");
    const int64_t grace = add_user(f, "grace");
    const struct store_invitation invitation = {.user = ada, .hash = {9}};

    add_session(f, ada, 1, NOW);
    add_session(f, ada, 2, NOW);
    add_session(f, grace, 3, NOW);
    fixture_begin(f);
    expect(f, 0, store_put_invitation(f->store, &invitation, &f->err));
    expect(f, 0, store_remove_user(f->store, ada, &f->err));
    fixture_commit(f);
    assert_int_equal(1, fixture_ask(f, "SELECT count(*) FROM session"));
    assert_int_equal(0, fixture_ask(f, "SELECT count(*) FROM invitation"));
}

static void sessions_expire_by_age_and_by_idleness(void **state)
{
    struct fixture *f = *state;
    const int64_t ada = add_user(f, "ada");
    const int64_t kept = add_session(f, ada, 1, NOW + 500);

    add_session(f, ada, 2, NOW + 499);
    fixture_begin(f);
    expect(f, 0, store_expire_sessions(f->store, NOW + 999, NOW + 500, &f->err));
    fixture_commit(f);
    assert_int_equal(kept, fixture_ask(f, "SELECT min(id) FROM session"));
    fixture_begin(f);
    expect(f, 0, store_expire_sessions(f->store, NOW + 1000, NOW, &f->err));
    fixture_commit(f);
    assert_int_equal(0, fixture_ask(f, "SELECT count(*) FROM session"));
}

static void a_new_invitation_voids_the_last_one(void **state)
{
    struct fixture *f = *state;
    const struct store_invitation first = {.user = 0, .hash = {1}};
    const struct store_invitation second = {.user = 0, .hash = {2}};

    fixture_begin(f);
    expect(f, 0, store_put_invitation(f->store, &first, &f->err));
    expect(f, 0, store_put_invitation(f->store, &second, &f->err));
    fixture_commit(f);
    assert_int_equal(1, fixture_ask(f, "SELECT count(*) FROM invitation"));
    assert_int_equal(1, fixture_ask(f, "SELECT hash = x'02000000000000000000000000000000'"
                                       " FROM invitation"));
}

static void strangers_crowd_out_only_each_other(void **state)
{
    struct fixture *f = *state;
    struct store_audit audit = {.at_ms = NOW,
                                .actor = BYTES("user ada"),
                                .role = BYTES("admin"),
                                .action = BYTES("setup")};
    int64_t row;

    fixture_begin(f);
    expect(f, 0, store_add_audit(f->store, &audit, &row, &f->err));
    audit.is_stranger = true;
    for (int i = 0; i < STORE_AUDIT_STRANGERS + 1000; i++)
        expect(f, 0, store_add_audit(f->store, &audit, &row, &f->err));
    fixture_commit(f);
    assert_int_equal(1, fixture_ask(f, "SELECT count(*) FROM audit"
                                       " WHERE is_stranger = 0"));
    assert_in_range(fixture_ask(f, "SELECT count(*) FROM audit"), STORE_AUDIT_STRANGERS,
                    STORE_AUDIT_STRANGERS + 128);
}

static void a_password_is_known_by_its_argon2id_alone(void **state)
{
    char text[PASSWORD_TEXT_BYTES];
    char again[PASSWORD_TEXT_BYTES];

    (void)state;
    assert_true(password_hash(BYTES("correct horse"), text));
    assert_true(password_hash(BYTES("correct horse"), again));
    assert_string_not_equal(text, again);
    assert_true(bytes_starts(bytes_str(text), BYTES("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(password_matches(text, BYTES("correct horse")));
    assert_false(password_matches(text, BYTES("correct horsf")));
    assert_false(password_matches(text, BYTES("")));
    assert_false(password_matches("", BYTES("")));
    assert_false(password_matches(NULL, BYTES("correct horse")));
    assert_false(password_matches("correct horse", BYTES("correct horse")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_one_users_in_whatever_case, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(a_number_never_means_somebody_else, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(
            who_is_removed_takes_sessions_and_invitation_along, fixture_up, fixture_down),
        cmocka_unit_test_setup_teardown(sessions_expire_by_age_and_by_idleness,
                                        fixture_up, fixture_down),
        cmocka_unit_test_setup_teardown(a_new_invitation_voids_the_last_one, fixture_up,
                                        fixture_down),
        cmocka_unit_test_setup_teardown(strangers_crowd_out_only_each_other, fixture_up,
                                        fixture_down),
        cmocka_unit_test(a_password_is_known_by_its_argon2id_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
