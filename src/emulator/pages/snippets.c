/* SPDX-License-Identifier: MIT */

#include "emulator/pages/snippets.h"

#include <stdio.h>

#include "base/html.h"
#include "emulator/frame/emulator.h"
#include "emulator/frame/exchange.h"
#include "emulator/world/world.h"

enum { TEXT_BYTES = 4096 };

/* In each text "@K" is the write key and "@H" this listener's host and port. */
static const struct {
    const char *id, *name, *text;
} snippets[] = {
    {"curl", "curl",
     "curl http://@H/v1/track -u @K: -H 'Content-Type: application/json' \\\n"
     "  -d '{\"userId\":\"u42\",\"event\":\"Order "
     "Completed\",\"properties\":{\"total\":42}}'"},
    {"js", "analytics.js",
     "// npm install @segment/analytics-next\n"
     "import { AnalyticsBrowser } from '@segment/analytics-next'\n\n"
     "const analytics = AnalyticsBrowser.load({\n"
     "  writeKey: '@K',\n"
     "  cdnSettings: {\n"
     "    integrations: {\n"
     "      'Segment.io': { apiKey: '@K', apiHost: '@H/v1', protocol: 'http' },\n"
     "    },\n"
     "    metrics: { sampleRate: 0 }, // else it tells Segment how often it is called\n"
     "  },\n"
     "})\n\n"
     "analytics.track('Order Completed', { total: 42 })"},
    {"node", "Node",
     "// npm install @segment/analytics-node; in a file that ends with .mjs\n"
     "import { Analytics } from '@segment/analytics-node'\n\n"
     "const analytics = new Analytics({ writeKey: '@K', host: 'http://@H' })\n\n"
     "analytics.track({\n"
     "  userId: 'u42',\n"
     "  event: 'Order Completed',\n"
     "  properties: { total: 42 },\n"
     "})\n"
     "await analytics.closeAndFlush()"},
    {"python", "Python",
     "# pip install segment-analytics-python\n"
     "import segment.analytics as analytics\n\n"
     "analytics.write_key = '@K'\n"
     "analytics.host = 'http://@H'\n\n"
     "analytics.track('u42', 'Order Completed', {'total': 42})\n"
     "analytics.flush()"},
    {"go", "Go",
     "// go get github.com/segmentio/analytics-go/v3\n"
     "package main\n\n"
     "import \"github.com/segmentio/analytics-go/v3\"\n\n"
     "func main() {\n"
     "\tclient, err := analytics.NewWithConfig(\"@K\", analytics.Config{\n"
     "\t\tEndpoint: \"http://@H\",\n"
     "\t})\n"
     "\tif err != nil {\n"
     "\t\tpanic(err)\n"
     "\t}\n"
     "\tdefer client.Close()\n\n"
     "\tclient.Enqueue(analytics.Track{\n"
     "\t\tUserId:     \"u42\",\n"
     "\t\tEvent:      \"Order Completed\",\n"
     "\t\tProperties: analytics.NewProperties().Set(\"total\", 42),\n"
     "\t})\n"
     "}"},
};

static void fill_in(struct buf *text, const char *template, struct bytes key,
                    const char *host)
{
    for (const char *c = template; *c != '\0'; c++) {
        if (c[0] == '@' && c[1] == 'K')
            buf_add(text, key);
        else if (c[0] == '@' && c[1] == 'H')
            buf_add_text(text, host);
        else {
            buf_add_char(text, *c);
            continue;
        }
        c++;
    }
}

static void show(struct exchange *exchange, size_t i, struct bytes key)
{
    struct buf *out = &exchange->out;
    cleanup(buf_done) struct buf text = {0};
    char host[32];

    buf_init(&text, TEXT_BYTES);
    snprintf(host, sizeof(host), "localhost:%d", emulator_port(exchange->emulator));
    fill_in(&text, snippets[i].text, key, host);
    html_addf(out, "<details><summary>%s</summary><pre id=\"snippet-%s\">",
              snippets[i].name, snippets[i].id);
    html_text(out, buf_bytes(&text));
    html_addf(out,
              "</pre><button class=\"small\" data-copy=\"snippet-%s\" hidden>Copy"
              "</button></details>\n",
              snippets[i].id);
}

void snippets_show(struct exchange *exchange)
{
    struct sql_statement *row = world_use(
        exchange->world, "SELECT write_key FROM write_key WHERE region = 'us' LIMIT 1");

    html_add(&exchange->out, "<section class=\"panel\" aria-labelledby=\"sdk\"><h2 "
                             "id=\"sdk\">Point an SDK here</h2>\n");
    while (world_step(exchange->world, row)) {
        for (size_t i = 0; i < COUNT(snippets); i++)
            show(exchange, i, sql_bytes(row, 0));
    }
    html_add(&exchange->out, "</section>\n");
}
