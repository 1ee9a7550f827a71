/* SPDX-License-Identifier: MIT */

#include "segment/ingest.h"

#include "json/scan.h"

#include "lib/cm.h"

#define NOW "'2020-01-01T00:00:10.000Z'"
#define LIBRARY "'library':{'name':'unknown','version':'unknown'}"
#define BARE "'context':{" LIBRARY "}"
#define ENDS "'channel':'server','projectId':'p','version':2}"

/* What a row says besides; JSON in single quotes, so that it can be read. */
struct batch {
    const char *context;
    const char *integrations;
    const char *sent_at;
    const char *ip;
};

static const struct {
    const char *why;
    const char *text;
    struct batch batch;
    const char *want;
} cases[] = {
    {"all that is added to a bare call",
     "{'userId':'u'}",
     {0},
     "{'userId':'u','type':'identify','messageId':'api-1'," BARE ",'timestamp':" NOW
     ",'receivedAt':" NOW "," ENDS},
    {"members keep their order, unknown ones and numbers their spelling",
     "{'b':1.50E+2,'type':'page','a':{'z':[-0,1e400]},'userId':12345678901234567890}",
     {0},
     "{'b':1.50E+2,'type':'identify','a':{'z':[-0,1e400]},"
     "'userId':12345678901234567890,'messageId':'api-1'," BARE ",'timestamp':" NOW
     ",'receivedAt':" NOW "," ENDS},
    {"white space and a byte order mark go",
     "\xef\xbb\xbf { 'a b' : [ 1 , 2 ] ,\n 'userId' : ' u ' } ",
     {0},
     "{'a b':[1,2],'userId':' u ','type':'identify','messageId':'api-1'," BARE
     ",'timestamp':" NOW ",'receivedAt':" NOW "," ENDS},
    {"what Segment sets is set in its place",
     "{'version':'1.1','projectId':'x','receivedAt':'y','channel':'client',"
     "'messageId':'m','userId':'u'}",
     {0},
     "{'version':2,'projectId':'p','receivedAt':" NOW ",'channel':'client',"
     "'messageId':'m','userId':'u','type':'identify'," BARE ",'timestamp':" NOW "}"},
};

/* One member of the result; "" when it must not be there. */
static const struct {
    const char *why;
    const char *text;
    struct batch batch;
    const char *path;
    const char *want;
} members[] = {
    {"a writeKey goes", "{'writeKey':'k'}", {0}, "writeKey", ""},
    {"a writeKey goes however it is spelled",
     "{'write\\u004bey':'k','writeKey':1}",
     {0},
     "writeKey",
     ""},
    {"a writeKey below the top stays",
     "{'traits':{'writeKey':'k'}}",
     {0},
     "traits.writeKey",
     "'k'"},
    {"the type is in lower case", "{'type':'Identify'}", {0}, "type", "'identify'"},
    {"a type with a folded key gets its exact one",
     "{'Type':'identify'}",
     {0},
     "type",
     "'identify'"},
    {"a folded key stays as well", "{'Type':'IDENTIFY'}", {0}, "Type", "'IDENTIFY'"},
    {"a messageId that is a number stays", "{'messageId':7}", {0}, "messageId", "7"},
    {"an empty messageId is none", "{'messageId':''}", {0}, "messageId", "'api-1'"},
    {"a messageId that is an object is none",
     "{'messageId':{}}",
     {0},
     "messageId",
     "'api-1'"},
    {"of two messageIds the last counts",
     "{'messageId':'a','messageId':'b'}",
     {0},
     "messageId",
     "'b'"},
    {"a folded messageId is the event's", "{'message_id':'m'}", {0}, "messageId", "'m'"},
    {"a null channel is none", "{'channel':null}", {0}, "channel", "'server'"},

    {"no times: when it was received", "{}", {0}, "timestamp", NOW},
    {"no times: no original", "{}", {0}, "originalTimestamp", ""},
    {"an empty original that nothing fills stays as sent",
     "{'originalTimestamp':''}",
     {0},
     "originalTimestamp",
     "''"},
    {"an empty original is none beside a timestamp",
     "{'originalTimestamp':'','timestamp':'2012-12-02T00:30:08Z'}",
     {0},
     "originalTimestamp",
     "'2012-12-02T00:30:08Z'"},
    {"a null timestamp is none", "{'timestamp':null}", {0}, "timestamp", NOW},
    {"an empty timestamp is none", "{'timestamp':''}", {0}, "timestamp", NOW},
    {"a clock that is late is put right",
     "{'originalTimestamp':'2019-12-31T23:00:00.000Z','sentAt':'2019-12-31T23:00:02.500Z'"
     "}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:07.500Z'"},
    {"a clock that is early is put right",
     "{'originalTimestamp':'2031-05-05T05:05:05Z','sentAt':'2031-05-05T05:05:06Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:09.000Z'"},
    {"sent before it happened",
     "{'originalTimestamp':'2020-01-01T00:00:05Z','sentAt':'2020-01-01T00:00:00Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:15.000Z'"},
    {"offsets and long fractions",
     "{'originalTimestamp':'2020-01-01T02:00:00.123456789+02:00',"
     "'sentAt':'2019-12-31T19:00:01-0500'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:09.123Z'"},
    {"a time with escapes",
     "{'originalTimestamp':'2020\\u002d01-01T00:00:00Z','sentAt':'2020-01-01T00:00:01Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:09.000Z'"},
    {"a time that escapes make too long is text",
     "{'sentAt':'2020-01-01T00:00:01Z','timestamp':'\\n2020-01-01T00:00:00.0000000000"
     "000000000000000000000000000000000000000000000000000000000000000Z'}",
     {0},
     "timestamp",
     "'\\n2020-01-01T00:00:00.0000000000"
     "000000000000000000000000000000000000000000000000000000000000000Z'"},
    {"the caller's timestamp is corrected",
     "{'timestamp':'2020-01-01T00:00:00Z','sentAt':'2020-01-01T00:00:03Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:07.000Z'"},
    {"the caller's timestamp is the original",
     "{'timestamp':'2020-01-01T00:00:00Z','sentAt':'2020-01-01T00:00:03Z'}",
     {0},
     "originalTimestamp",
     "'2020-01-01T00:00:00Z'"},
    {"an original of its own goes first",
     "{'timestamp':'1999-01-01T00:00:00Z','originalTimestamp':'2020-01-01T00:00:00Z',"
     "'sentAt':'2020-01-01T00:00:01Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:09.000Z'"},
    {"an original of its own stays",
     "{'timestamp':'1999-01-01T00:00:00Z','originalTimestamp':'2020-01-01T00:00:00Z'}",
     {0},
     "originalTimestamp",
     "'2020-01-01T00:00:00Z'"},
    {"without sentAt a timestamp stays as given",
     "{'timestamp':'2012-12-02T00:30:08+01:00'}",
     {0},
     "timestamp",
     "'2012-12-02T00:30:08+01:00'"},
    {"without sentAt an original corrects nothing",
     "{'originalTimestamp':'2012-12-02T00:30:08Z'}",
     {0},
     "timestamp",
     NOW},
    {"a sentAt that does not parse corrects nothing",
     "{'timestamp':'2012-12-02T00:30:08Z','sentAt':'soon'}",
     {0},
     "timestamp",
     "'2012-12-02T00:30:08Z'"},
    {"a sentAt that does not parse stays", "{'sentAt':'soon'}", {0}, "sentAt", "'soon'"},
    {"an original that does not parse corrects nothing",
     "{'originalTimestamp':'2020-05-09 23:54:49.2 +0000 UTC m=+7','timestamp':"
     "'2012-12-02T00:30:08Z','sentAt':'2012-12-02T00:30:09Z'}",
     {0},
     "timestamp",
     "'2012-12-02T00:30:08Z'"},
    {"a timestamp that is a number stays",
     "{'timestamp':1577836800}",
     {0},
     "timestamp",
     "1577836800"},
    {"a timestamp that is a number is the original",
     "{'timestamp':1577836800,'sentAt':'2012-12-02T00:30:09Z'}",
     {0},
     "originalTimestamp",
     "1577836800"},
    {"the years 0 and 9999: clamped at the top",
     "{'originalTimestamp':'9999-12-31T23:59:59Z','sentAt':'0000-01-01T00:00:00Z'}",
     {0},
     "timestamp",
     "'9999-12-31T23:59:59.999Z'"},
    {"the years 9999 and 0: clamped at the bottom",
     "{'originalTimestamp':'0000-01-01T00:00:00Z','sentAt':'9999-12-31T23:59:59Z'}",
     {0},
     "timestamp",
     "'0000-01-01T00:00:00.000Z'"},
    {"1970's first millisecond is a time",
     "{'originalTimestamp':'1970-01-01T00:00:00Z','sentAt':'2020-01-01T00:00:10Z'}",
     {0},
     "timestamp",
     "'1970-01-01T00:00:00.000Z'"},
    {"the batch's sentAt corrects",
     "{'timestamp':'2020-01-01T00:00:00Z'}",
     {.sent_at = "2020-01-01T00:00:04Z"},
     "timestamp",
     "'2020-01-01T00:00:06.000Z'"},
    {"the batch's sentAt is added",
     "{'sentAt':null}",
     {.sent_at = "2020-\"01"},
     "sentAt",
     "'2020-\\\"01'"},
    {"the event's own sentAt goes first",
     "{'timestamp':'2020-01-01T00:00:00Z','sentAt':'2020-01-01T00:00:01Z'}",
     {.sent_at = "2020-01-01T00:00:04Z"},
     "timestamp",
     "'2020-01-01T00:00:09.000Z'"},
    {"a null sentAt stays when there is no other",
     "{'sentAt':null}",
     {0},
     "sentAt",
     "null"},
    {"folded times count",
     "{'sent_at':'2020-01-01T00:00:01Z','original_timestamp':'2020-01-01T00:00:00Z'}",
     {0},
     "timestamp",
     "'2020-01-01T00:00:09.000Z'"},

    {"a null context becomes an object",
     "{'context':null}",
     {0},
     "context",
     "{" LIBRARY "}"},
    {"a context that is a list stays", "{'context':[ ]}", {0}, "context", "[]"},
    {"a context that is a text stays",
     "{'context':'x'}",
     {.context = "{'a':1}", .ip = "::1"},
     "context",
     "'x'"},
    {"a library of its own stays",
     "{'context':{'library':'curl'}}",
     {0},
     "context",
     "{'library':'curl'}"},
    {"of two contexts the last counts",
     "{'context':{'a':1},'context':{'b':2}}",
     {0},
     "context",
     "{'b':2," LIBRARY "}"},
    {"a folded context is completed under its exact key",
     "{'Context':{'a':1}}",
     {0},
     "context",
     "{'a':1," LIBRARY "}"},
    {"the batch's context goes under",
     "{'context':{'a':1,'b':{'x':1}}}",
     {.context = " { 'b' : {'y':2} , 'c' : 3 }"},
     "context",
     "{'a':1,'b':{'x':1},'c':3," LIBRARY "}"},
    {"keys are compared by meaning, the event's escaped",
     "{'context':{'\\u0062':1}}",
     {.context = "{'b':2}"},
     "context",
     "{'\\u0062':1," LIBRARY "}"},
    {"keys are compared by meaning, the batch's escaped",
     "{'context':{'b':1}}",
     {.context = "{'\\u0062':2}"},
     "context",
     "{'b':1," LIBRARY "}"},
    {"of a batch's key that comes twice the last counts",
     "{}",
     {.context = "{'a':1,'a':2}"},
     "context",
     "{'a':2," LIBRARY "}"},
    {"the batch's library counts",
     "{}",
     {.context = "{'library':{'name':'l'}}"},
     "context",
     "{'library':{'name':'l'}}"},
    {"the ip is added", "{}", {.ip = "::1"}, "context", "{'ip':'::1'," LIBRARY "}"},
    {"an ip of its own stays, that people may hide theirs",
     "{'context':{'ip':'0.0.0.0'}}",
     {.ip = "::1"},
     "context",
     "{'ip':'0.0.0.0'," LIBRARY "}"},
    {"the batch's ip goes before ours",
     "{}",
     {.ip = "::1", .context = "{'ip':'2'}"},
     "context",
     "{'ip':'2'," LIBRARY "}"},

    {"no integrations", "{}", {0}, "integrations", ""},
    {"integrations stay",
     "{'integrations':{'All': true}}",
     {0},
     "integrations",
     "{'All':true}"},
    {"null integrations stay", "{'integrations':null}", {0}, "integrations", "null"},
    {"the batch's integrations are taken",
     "{'integrations':null}",
     {.integrations = "{'All':false}"},
     "integrations",
     "{'All':false}"},
    {"the batch's integrations go under",
     "{'integrations':{'X':true}}",
     {.integrations = "{'X':false,'All':false}"},
     "integrations",
     "{'X':true,'All':false}"},
    {"integrations that are a list stay",
     "{'integrations':[]}",
     {.integrations = "{'All':false}"},
     "integrations",
     "[]"},
};

static struct bytes quoted(const char *text, struct buf *ret_text)
{
    buf_clear(ret_text);
    for (; text != NULL && *text != '\0'; text++)
        (void)buf_add_char(ret_text, *text == '\'' ? '"' : *text);
    return buf_bytes(ret_text);
}

enum { N_TEXTS = 5 };

struct bench {
    struct buf texts[N_TEXTS];
    struct buf got;
};

static int start(void **state)
{
    static struct bench bench;

    for (size_t i = 0; i < N_TEXTS; i++)
        buf_init(&bench.texts[i], 10000);
    buf_init(&bench.got, 100000);
    *state = &bench;
    return 0;
}

static int stop(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < N_TEXTS; i++)
        buf_done(&bench->texts[i]);
    buf_done(&bench->got);
    return 0;
}

static struct ingest_stamp plain_stamp(void)
{
    return (struct ingest_stamp){.kind = EVENT_IDENTIFY,
                                 .received_at_ms = 1577836810000,
                                 .message_id = BYTES("api-1"),
                                 .project_id = BYTES("p"),
                                 .channel = "server"};
}

static struct bytes print(struct bench *bench, const char *text,
                          const struct batch *batch)
{
    struct ingest_stamp stamp = plain_stamp();
    struct scan_span root;
    struct scan_fault fault;

    stamp.ip = bytes_str(batch->ip);
    stamp.batch_sent_at = bytes_str(batch->sent_at);
    stamp.batch_context = quoted(batch->context, &bench->texts[1]);
    stamp.batch_integrations = quoted(batch->integrations, &bench->texts[2]);
    buf_clear(&bench->got);
    assert_true(ingest_print(quoted(text, &bench->texts[0]), &stamp, &bench->got));
    assert_true(scan_json(buf_bytes(&bench->got), NULL, &root, &fault));
    return buf_bytes(&bench->got);
}

static void whole_events_are_stamped(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes got = print(bench, cases[i].text, &cases[i].batch);
        struct bytes want = quoted(cases[i].want, &bench->texts[3]);

        if (!bytes_eq(got, want))
            fail_msg("%s: got %.*s, want %.*s", cases[i].why, BYTES_FMT(got),
                     BYTES_FMT(want));
    }
}

static void members_are_stamped(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < COUNT(members); i++) {
        struct bytes event = print(bench, members[i].text, &members[i].batch);
        struct bytes want = quoted(members[i].want, &bench->texts[3]);
        struct scan_span found = {0};
        bool is_there = scan_find(event, bytes_str(members[i].path), &found);

        if (is_there != (want.len > 0) || !bytes_eq(found.text, want))
            fail_msg("%s: got %.*s, want %.*s, in %.*s", members[i].why,
                     BYTES_FMT(found.text), BYTES_FMT(want), BYTES_FMT(event));
    }
}

static void clocks_at_the_ends_do_not_overflow(void **state)
{
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX};
    static const char *const texts[] = {
        "{\"originalTimestamp\":\"9999-12-31T23:59:59Z\",\"sentAt\":\"0000-01-01\"}",
        "{\"originalTimestamp\":\"0000-01-01\",\"sentAt\":\"9999-12-31T23:59:59Z\"}"};
    struct bench *bench = *state;
    struct ingest_stamp stamp = plain_stamp();

    for (size_t i = 0; i < COUNT(times) * COUNT(texts); i++) {
        struct scan_span found = {0};
        bool is_late = i % COUNT(texts) == 0;

        stamp.received_at_ms = times[i / COUNT(texts)];
        buf_clear(&bench->got);
        assert_true(
            ingest_print(bytes_str(texts[i % COUNT(texts)]), &stamp, &bench->got));
        assert_true(scan_find(buf_bytes(&bench->got), BYTES("timestamp"), &found));
        if (stamp.received_at_ms >= -1 && is_late)
            assert_true(bytes_eq(found.text, BYTES("\"9999-12-31T23:59:59.999Z\"")));
        if (stamp.received_at_ms <= 0 && !is_late)
            assert_true(bytes_eq(found.text, BYTES("\"0000-01-01T00:00:00.000Z\"")));
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    struct ingest_stamp stamp = plain_stamp();
    struct buf small;

    (void)state;
    buf_init(&small, 100);
    assert_false(ingest_print(BYTES("{\"userId\":\"u\"}"), &stamp, &small));
    buf_clear(&small);
    stamp.batch_context = bytes_of("{}", 101);
    assert_false(ingest_print(BYTES("{}"), &stamp, &small));
    assert_int_equal(small.len, 0);
    buf_done(&small);
}

/* The 256 first, then library; a batch of more pays no more. */
static void defaults_are_counted(void **state)
{
    struct bench *bench = *state;
    struct ingest_stamp stamp = plain_stamp();
    struct scan_span found;

    buf_clear(&bench->texts[4]);
    for (int i = 0; i <= INGEST_MAX_DEFAULTS; i++)
        assert_int_equal(
            buf_addf(&bench->texts[4], "%s\"k%d\":%d", i == 0 ? "{" : ",", i, i), 0);
    (void)buf_add_char(&bench->texts[4], '}');
    stamp.batch_context = buf_bytes(&bench->texts[4]);
    stamp.ip = BYTES("::1");
    buf_clear(&bench->got);
    assert_true(ingest_print(BYTES("{\"userId\":\"u\"}"), &stamp, &bench->got));
    assert_true(scan_find(buf_bytes(&bench->got), BYTES("context.k255"), &found));
    assert_false(scan_find(buf_bytes(&bench->got), BYTES("context.k256"), &found));
    assert_true(scan_find(buf_bytes(&bench->got), BYTES("context.ip"), &found));
    assert_true(scan_find(buf_bytes(&bench->got), BYTES("context.library"), &found));
}

/* More than are remembered from the first look. */
static void an_event_of_many_members_is_stamped(void **state)
{
    struct bench *bench = *state;
    struct ingest_stamp stamp = plain_stamp();
    struct scan_span found;

    buf_clear(&bench->texts[4]);
    (void)buf_add_text(&bench->texts[4], "{\"timestamp\":\"t\"");
    for (int i = 0; i < 200; i++)
        assert_int_equal(buf_addf(&bench->texts[4], ",\"k%d\": %d", i, i), 0);
    (void)buf_add_text(&bench->texts[4], ",\"writeKey\":1,\"version\":1,\"sentAt\":\"s\","
                                         "\"timestamp\":\"u\"}");
    buf_clear(&bench->got);
    assert_true(ingest_print(buf_bytes(&bench->texts[4]), &stamp, &bench->got));
    assert_true(bytes_starts(buf_bytes(&bench->got),
                             BYTES("{\"timestamp\":\"u\",\"k0\":0,\"k1\":1,")));
    assert_true(
        bytes_find(buf_bytes(&bench->got),
                   BYTES(",\"k199\":199,\"version\":2,\"sentAt\":\"s\",\"type\"")) <
        bench->got.len);
    assert_false(scan_find(buf_bytes(&bench->got), BYTES("writeKey"), &found));
}

static void without_a_channel_none_is_added(void **state)
{
    struct bench *bench = *state;
    struct ingest_stamp stamp = plain_stamp();
    struct scan_span found;

    stamp.channel = NULL;
    buf_clear(&bench->got);
    assert_true(ingest_print(BYTES("{\"userId\":\"u\"}"), &stamp, &bench->got));
    assert_false(scan_find(buf_bytes(&bench->got), BYTES("channel"), &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_events_are_stamped),
        cmocka_unit_test(members_are_stamped),
        cmocka_unit_test(clocks_at_the_ends_do_not_overflow),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(defaults_are_counted),
        cmocka_unit_test(an_event_of_many_members_is_stamped),
        cmocka_unit_test(without_a_channel_none_is_added),
    };

    return cmocka_run_group_tests_name("ingest_print", tests, start, stop);
}
