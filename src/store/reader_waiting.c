/* SPDX-License-Identifier: MIT */

#include "store/reader_rows.h"

/* An event that nobody has settled has no delivery row yet; those below the low-water
 * mark have one. A retry, and a delivery that was put off, has a row that says so; the
 * oldest event's is taken, which a replay of it may be younger than. */
int reader_oldest_waiting(struct reader *reader, int64_t *ret_at_ms, struct err *err)
{
    static const char *const oldest =
        "SELECT min(at) FROM ("
        "SELECT * FROM (SELECT received_at AS at FROM event"
        " WHERE id >= (SELECT low_water FROM progress)"
        " AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.id = event.id)"
        " ORDER BY event.id LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT created_at FROM delivery"
        " WHERE state = 1 AND state <> 4 ORDER BY event LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT created_at FROM delivery"
        " WHERE state = 3 AND state <> 4 ORDER BY event LIMIT 1))";

    return sql_number(reader->sql, oldest, 0, ret_at_ms, err);
}

int reader_oldest_event(struct reader *reader, int64_t *ret_at_ms,
                        int64_t *ret_dead_at_ms, struct err *err)
{
    if (sql_number(reader->sql, "SELECT received_at FROM event ORDER BY id LIMIT 1", 0,
                   ret_at_ms, err) < 0)
        return -1;
    return sql_number(reader->sql,
                      "SELECT received_at FROM event WHERE id = (SELECT min(event) FROM"
                      " delivery WHERE state = 6 AND superseded = 0)",
                      0, ret_dead_at_ms, err);
}
