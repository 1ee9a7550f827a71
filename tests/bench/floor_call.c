/* SPDX-License-Identifier: MIT */

#include "floor.h"

#include <JavaScriptCore/JavaScript.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES = 1 << 20, WARM_US = 1000000 };

static const char around[] =
    "let out; const run = (text) => { onTrack(JSON.parse(text), given)"
    ".then((value) => { out = JSON.stringify(value); }) }; const result = () => out;";

static JSStringRef read_text(const char *name, const char *before, const char *after)
{
    char *text = malloc(2 * FILE_BYTES);
    FILE *file = fopen(name, "re");

    if (text == NULL || file == NULL)
        floor_fail(name);
    int len = snprintf(text, FILE_BYTES, "%s", before);
    len += (int)fread(text + len, 1, FILE_BYTES, file);
    snprintf(text + len, FILE_BYTES - 1, "%s", after);
    fclose(file);
    JSStringRef string = JSStringCreateWithUTF8CString(text);
    free(text);
    return string;
}

static JSValueRef evaluate(JSContextRef context, JSStringRef code)
{
    JSValueRef exception = NULL;
    JSValueRef value = JSEvaluateScript(context, code, NULL, NULL, 0, &exception);

    JSStringRelease(code);
    if (exception != NULL) {
        fprintf(stderr, "floor: the handler does not load\n");
        exit(1);
    }
    return value;
}

static JSObjectRef function_named(JSContextRef context, const char *name)
{
    JSValueRef value = evaluate(context, JSStringCreateWithUTF8CString(name));

    JSValueProtect(context, value);
    return JSValueToObject(context, value, NULL);
}

/* Once: text in, and the result's text copied out. The promise is settled when the call
 * into the engine returns. */
static void call(JSContextRef context, JSObjectRef run, JSObjectRef result,
                 const char *event)
{
    static char out[FILE_BYTES];
    JSStringRef text = JSStringCreateWithUTF8CString(event);
    JSValueRef argument = JSValueMakeString(context, text);

    JSObjectCallAsFunction(context, run, NULL, 1, &argument, NULL);
    JSStringRelease(text);
    JSValueRef value = JSObjectCallAsFunction(context, result, NULL, 0, NULL, NULL);
    JSStringRef written = JSValueToStringCopy(context, value, NULL);
    if (JSStringGetUTF8CString(written, out, sizeof(out)) < 20) {
        fprintf(stderr, "floor: the handler did not return\n");
        exit(1);
    }
    JSStringRelease(written);
}

void floor_call(char **arguments)
{
    JSGlobalContextRef context = JSGlobalContextCreate(NULL);
    double seconds = strtod(arguments[3], NULL);
    struct floor_meter meter;
    uint64_t n = 0;

    evaluate(context, read_text(arguments[2], "const given = ", ";"));
    evaluate(context, read_text(arguments[0], "", around));
    JSObjectRef run = function_named(context, "run");
    JSObjectRef result = function_named(context, "result");
    JSStringRef string = read_text(arguments[1], "", "");
    size_t size = JSStringGetMaximumUTF8CStringSize(string);
    char *event = malloc(size);
    if (event == NULL)
        floor_fail("floor: call");
    JSStringGetUTF8CString(string, event, size);
    JSStringRelease(string);
    floor_begin(&meter);
    while (floor_wall_us(&meter) < WARM_US)
        call(context, run, result, event);
    floor_begin(&meter);
    for (; floor_wall_us(&meter) < (int64_t)(seconds * 1e6); n++)
        call(context, run, result, event);
    printf("{\"n\":%" PRIu64 ",\"cpu_us\":%.3f}\n", n,
           (double)floor_cpu_us(&meter) / (double)n);
    free(event);
    JSGlobalContextRelease(context);
}
