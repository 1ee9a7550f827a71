/* SPDX-License-Identifier: MIT */

#include "emulator/inspector/inspector.h"

#include "base/buf.h"
#include "base/mem.h"
#include "emulator/faults/faults.h"
#include "emulator/frame/exchange.h"
#include "emulator/frame/route.h"
#include "emulator/inspector/masking.h"
#include "emulator/inspector/remark.h"
#include "emulator/world/world.h"
#include "sys/clock.h"

enum { HEADER_BYTES = 16384, REMARK_BYTES = 1024, TARGET_BYTES = 8192 };
/* Everything of one call: its bodies, grown by masks, its headers, its target. */
enum { CALL_BYTES = 6 * INSPECTOR_BODY_BYTES + 2 * HEADER_BYTES + TARGET_BYTES };
/* What a place of the ring keeps for its next call. */
enum { KEPT_BYTES = 4096 };

/* The texts of a call, in the order in which they lie behind each other. */
enum piece {
    PIECE_METHOD = 0,
    PIECE_TARGET,
    PIECE_HEADERS,
    PIECE_BODY,
    PIECE_ANSWER_HEADERS,
    PIECE_ANSWER,
    PIECE_REMARK,
    N_PIECES,
};

struct record {
    struct inspector_call call; /* its texts: once it is masked */
    struct buf text;
    size_t ends[N_PIECES];
    size_t body_len, answer_len; /* before they were cut */
    bool is_masked;
};

struct inspector {
    struct record *records; /* a ring: number n lies at n % INSPECTOR_CALLS */
    uint64_t n_added;
    uint64_t n_forgotten;
};

struct inspector *inspector_new(struct world *world)
{
    struct inspector *inspector = mem_new(struct inspector);

    (void)world;
    inspector->records = mem_zero(INSPECTOR_CALLS * sizeof(*inspector->records));
    return inspector;
}

void inspector_clear(struct inspector *inspector)
{
    for (size_t i = 0; i < INSPECTOR_CALLS; i++) {
        buf_done(&inspector->records[i].text);
        inspector->records[i] = (struct record){.call = {.number = 0}};
    }
    inspector->n_forgotten = inspector->n_added;
}

void inspector_free(struct inspector *inspector)
{
    if (inspector == NULL)
        return;
    inspector_clear(inspector);
    free(inspector->records);
    free(inspector);
}

/* --- what came ---------------------------------------------------------------------- */

static void add_line(struct buf *out, struct bytes name, struct bytes value)
{
    buf_add(out, name);
    buf_add(out, BYTES(": "));
    buf_add(out, value);
    buf_add_char(out, '\n');
}

static void add_headers(struct buf *out, const struct exchange *exchange)
{
    const size_t before = out->len;
    struct bytes name;
    struct bytes value;
    size_t cursor = 0;

    while (out->len - before < HEADER_BYTES &&
           server_next_header(exchange->request, &cursor, &name, &value))
        add_line(out, name, value);
}

static bool is_recorded(const struct exchange *exchange)
{
    return exchange->area != NULL && !exchange->area->is_own;
}

/* The remark goes with the headers, because it is made from them; a NUL parts the two. */
void inspector_note(struct exchange *exchange)
{
    cleanup(buf_done) struct buf text = {0};
    cleanup(buf_done) struct buf remark = {0};

    if (!is_recorded(exchange) || exchange->header_text.ptr != NULL)
        return;
    buf_init(&text, 2 * HEADER_BYTES + REMARK_BYTES + 1);
    buf_init(&remark, REMARK_BYTES);
    add_headers(&text, exchange);
    remark_add(exchange, &remark);
    buf_add_char(&text, '\0');
    buf_add(&text, buf_bytes(&remark));
    exchange->header_text =
        bytes_of(arena_copy(&exchange->arena, buf_bytes(&text)), text.len);
}

/* --- the record --------------------------------------------------------------------- */

static void end_piece(struct record *record, enum piece piece)
{
    record->ends[piece] = record->text.len;
}

static struct bytes piece_of(const struct record *record, struct bytes text,
                             enum piece piece)
{
    const size_t start = piece > 0 ? record->ends[piece - 1] : 0;

    return bytes_of(text.ptr + start, record->ends[piece] - start);
}

static void add_answer_headers(struct record *record, const struct exchange *exchange)
{
    if (exchange->content_type != NULL)
        add_line(&record->text, BYTES("Content-Type"), bytes_str(exchange->content_type));
    for (size_t i = 0; i < exchange->n_headers; i++)
        add_line(&record->text, bytes_str(exchange->headers[i].name),
                 bytes_str(exchange->headers[i].value));
}

static void collect_request(struct record *record, struct exchange *exchange)
{
    const struct bytes note = exchange->header_text;

    buf_add(&record->text, exchange->method);
    end_piece(record, PIECE_METHOD);
    buf_add(&record->text, bytes_slice(exchange_target(exchange), 0, TARGET_BYTES));
    end_piece(record, PIECE_TARGET);
    if (note.ptr != NULL)
        buf_add(&record->text, bytes_slice(note, 0, bytes_index(note, '\0')));
    else
        add_headers(&record->text, exchange);
    end_piece(record, PIECE_HEADERS);
    record->body_len = exchange->body.len;
    buf_add(&record->text, bytes_slice(exchange->body, 0, INSPECTOR_BODY_BYTES));
    end_piece(record, PIECE_BODY);
}

static void collect_answer(struct record *record, const struct exchange *exchange)
{
    const struct bytes answer =
        exchange->spoil == SERVER_HANG_UP ? bytes_of(NULL, 0) : buf_bytes(&exchange->out);

    add_answer_headers(record, exchange);
    end_piece(record, PIECE_ANSWER_HEADERS);
    record->answer_len = answer.len;
    buf_add(&record->text, bytes_slice(answer, 0, INSPECTOR_BODY_BYTES));
    end_piece(record, PIECE_ANSWER);
}

static void collect_remark(struct record *record, struct exchange *exchange)
{
    const struct bytes note = exchange->header_text;
    cleanup(buf_done) struct buf remark = {0};

    buf_init(&remark, REMARK_BYTES);
    if (note.ptr != NULL)
        buf_add(&remark, bytes_slice(note, bytes_index(note, '\0') + 1, note.len));
    else
        remark_add(exchange, &remark);
    buf_add(&record->text, buf_bytes(&remark));
    end_piece(record, PIECE_REMARK);
}

static struct record *take_place(struct inspector *inspector)
{
    struct record *record = &inspector->records[++inspector->n_added % INSPECTOR_CALLS];
    struct buf text = record->text;

    if (text.capacity > KEPT_BYTES)
        buf_done(&text);
    buf_clear(&text);
    text.max_bytes = CALL_BYTES;
    *record = (struct record){.text = text};
    return record;
}

void inspector_add(struct inspector *inspector, struct exchange *exchange)
{
    struct record *record;

    if (!is_recorded(exchange) || exchange->is_recorded)
        return;
    exchange->is_recorded = true;
    record = take_place(inspector);
    collect_request(record, exchange);
    collect_answer(record, exchange);
    collect_remark(record, exchange);
    record->call = (struct inspector_call){
        .number = inspector->n_added,
        .at_ms = world_now_ms(exchange->world),
        .duration_us = clock_now_us() - exchange->began_us,
        .area = exchange->area->title,
        .where = faults_where(exchange),
        .status = exchange->spoil == SERVER_HANG_UP ? 0 : exchange->status,
        .fault = exchange->fault,
    };
}

/* --- masking ------------------------------------------------------------------------ */

static void mask_headers(struct bytes lines, struct buf *out)
{
    while (lines.len > 0) {
        struct bytes line = bytes_take_until(&lines, '\n');
        const struct bytes name = bytes_take_until(&line, ':');

        buf_add(out, name);
        buf_add(out, BYTES(": "));
        masking_header(name, bytes_slice(line, 1, line.len), out);
        buf_add_char(out, '\n');
    }
}

static void mask_body(struct bytes content_type, struct bytes body, size_t len,
                      struct buf *out)
{
    if (len > 0)
        masking_body(content_type, body, out);
    if (len > body.len)
        buf_addf(out, "… (%zu bytes)", len);
}

/* Of the answer's headers, where it is the first if there is one. */
static struct bytes content_type_of(struct bytes lines)
{
    const struct bytes name = BYTES("Content-Type: ");
    const struct bytes line = bytes_slice(lines, 0, bytes_index(lines, '\n'));

    return bytes_starts(line, name) ? bytes_slice(line, name.len, line.len)
                                    : bytes_of(NULL, 0);
}

static void mask_piece(const struct record *record, enum piece piece, struct buf *out)
{
    const struct bytes all = buf_bytes(&record->text);
    const struct bytes raw = piece_of(record, all, piece);

    switch (piece) {
    case PIECE_TARGET:
        masking_url(raw, out);
        break;
    case PIECE_HEADERS:
    case PIECE_ANSWER_HEADERS:
        mask_headers(raw, out);
        break;
    case PIECE_BODY:
        mask_body(bytes_of(NULL, 0), raw, record->body_len, out);
        break;
    case PIECE_ANSWER:
        mask_body(content_type_of(piece_of(record, all, PIECE_ANSWER_HEADERS)), raw,
                  record->answer_len, out);
        break;
    case PIECE_METHOD:
    case PIECE_REMARK:
    case N_PIECES:
        buf_add(out, raw);
        break;
    }
}

static void fill(struct record *record)
{
    const struct bytes text = buf_bytes(&record->text);

    record->call.method = piece_of(record, text, PIECE_METHOD);
    record->call.target = piece_of(record, text, PIECE_TARGET);
    record->call.request_headers = piece_of(record, text, PIECE_HEADERS);
    record->call.request_body = piece_of(record, text, PIECE_BODY);
    record->call.response_headers = piece_of(record, text, PIECE_ANSWER_HEADERS);
    record->call.response_body = piece_of(record, text, PIECE_ANSWER);
    record->call.remark = piece_of(record, text, PIECE_REMARK);
}

static void mask(struct record *record)
{
    struct buf masked;
    size_t ends[N_PIECES];

    if (record->is_masked)
        return;
    buf_init(&masked, CALL_BYTES);
    for (int piece = 0; piece < N_PIECES; piece++) {
        mask_piece(record, (enum piece)piece, &masked);
        ends[piece] = masked.len;
    }
    buf_done(&record->text);
    record->text = masked;
    memcpy(record->ends, ends, sizeof(ends));
    record->is_masked = true;
    fill(record);
}

/* --- looking ------------------------------------------------------------------------ */

const struct inspector_call *inspector_find(struct inspector *inspector, uint64_t number)
{
    struct record *record = &inspector->records[number % INSPECTOR_CALLS];

    if (number == 0 || record->call.number != number)
        return NULL;
    mask(record);
    return &record->call;
}

const struct inspector_call *inspector_next(struct inspector *inspector,
                                            const struct inspector_call *after)
{
    const uint64_t number = after != NULL ? after->number - 1 : inspector->n_added;

    return number > inspector->n_forgotten ? inspector_find(inspector, number) : NULL;
}
