/* SPDX-License-Identifier: MIT */
#include "js/engine.h"

#include <assert.h>
#include <stdlib.h>

#include <JavaScriptCore/JavaScript.h>

#include "base/err.h"
#include "base/mem.h"
#include "js/utf16.h"

/* Exported by the library, declared by none of its headers; meson.build links a test. */
typedef struct OpaqueJSScript *JSScriptRef;
void JSGlobalContextSetEvalEnabled(JSGlobalContextRef context, bool is_enabled,
                                   JSStringRef message);
JSScriptRef JSScriptCreateReferencingImmortalASCIIText(JSContextGroupRef group,
                                                       JSStringRef url, int line,
                                                       const char *text, size_t len,
                                                       JSStringRef *ret_message,
                                                       int *ret_line);
JSValueRef JSScriptEvaluate(JSContextRef context, JSScriptRef script, JSValueRef self,
                            JSValueRef *ret_exception);
void JSScriptRelease(JSScriptRef script);
void JSLock(JSContextRef context);
void JSUnlock(JSContextRef context);

enum { MAX_VALUES = 8 };

static const char *const entry_names[ENGINE_N_ENTRIES] = {
    [ENGINE_LOAD] = "load",     [ENGINE_INVOKE] = "invoke", [ENGINE_ANSWER] = "answer",
    [ENGINE_CANCEL] = "cancel", [ENGINE_TIMER] = "timer",
};

struct engine_vm {
    JSContextGroupRef group;
    JSScriptRef runtime; /* one for all contexts, so that it is parsed once */
    const struct engine_native *const *natives;
    JSClassRef native_class;
    bool is_warm;
};

struct engine {
    struct engine_vm *vm;
    JSGlobalContextRef context;
    JSObjectRef entries[ENGINE_N_ENTRIES];
    void *arg;
    struct utf16 wide; /* scratch */
};

/* What hangs on a native's function object. */
struct native {
    struct engine *engine;
    engine_native_fn *fn;
};

struct engine_call {
    struct engine *engine;
    const JSValueRef *values;
    size_t n_values;
    JSValueRef result;
    JSValueRef thrown; /* NULL: it returns */
};

/* Both ways over 16 bits: the engine's own UTF-8 decoder stops at a NUL, refuses what is
 * not UTF-8 and takes thirty instructions a character. */
static JSStringRef string_of(struct engine *engine, struct bytes text)
{
    utf16_decode(&engine->wide, text);
    return JSStringCreateWithCharacters(engine->wide.units, engine->wide.n_units);
}

static int add_string(JSStringRef string, struct buf *out)
{
    return utf16_encode(JSStringGetCharactersPtr(string), JSStringGetLength(string), out);
}

static int add_value(struct engine *engine, JSValueRef value, struct buf *out)
{
    JSStringRef string = JSValueToStringCopy(engine->context, value, NULL);
    int r;

    if (string == NULL)
        return buf_add(out, BYTES("(no text)"));
    r = add_string(string, out);
    JSStringRelease(string);
    return r;
}

static int add_bytes(struct engine *engine, JSObjectRef array, struct buf *out)
{
    size_t offset = JSObjectGetTypedArrayByteOffset(engine->context, array, NULL);
    size_t len = JSObjectGetTypedArrayByteLength(engine->context, array, NULL);
    const char *start = JSObjectGetTypedArrayBytesPtr(engine->context, array, NULL);

    /* The pointer is the whole buffer's, whatever part of it the array shows. */
    return start != NULL ? buf_add(out, bytes_of(start + offset, len)) : 0;
}

bool engine_has(const struct engine_call *call, size_t index)
{
    JSContextRef context = call->engine->context;

    return index < call->n_values && !JSValueIsUndefined(context, call->values[index]) &&
           !JSValueIsNull(context, call->values[index]);
}

double engine_number(const struct engine_call *call, size_t index)
{
    double number;

    /* An object's number would be made by a user's code, in the middle of a frame. */
    if (!engine_has(call, index) ||
        JSValueIsObject(call->engine->context, call->values[index]))
        return 0;
    number = JSValueToNumber(call->engine->context, call->values[index], NULL);
    return number == number ? number : 0;
}

int engine_text(const struct engine_call *call, size_t index, struct buf *out)
{
    struct engine *engine = call->engine;
    JSValueRef value;

    if (!engine_has(call, index))
        return 0;
    value = call->values[index];
    if (!JSValueIsObject(engine->context, value))
        return add_value(engine, value, out);
    if (JSValueGetTypedArrayType(engine->context, value, NULL) ==
        kJSTypedArrayTypeUint8Array)
        return add_bytes(engine, JSValueToObject(engine->context, value, NULL), out);
    return 0;
}

static JSValueRef text_value(struct engine *engine, struct bytes utf8)
{
    JSStringRef string = string_of(engine, utf8);
    JSValueRef value = JSValueMakeString(engine->context, string);

    JSStringRelease(string);
    return value;
}

static void free_bytes(void *bytes, void *context)
{
    (void)context;
    free(bytes);
}

static JSValueRef bytes_value(struct engine *engine, struct bytes bytes)
{
    return JSObjectMakeTypedArrayWithBytesNoCopy(
        engine->context, kJSTypedArrayTypeUint8Array, bytes_copy(bytes), bytes.len,
        free_bytes, NULL, NULL);
}

void engine_return_text(struct engine_call *call, struct bytes utf8)
{
    call->result = text_value(call->engine, utf8);
}

void engine_return_bytes(struct engine_call *call, struct bytes bytes)
{
    call->result = bytes_value(call->engine, bytes);
}

void engine_return_bool(struct engine_call *call, bool value)
{
    call->result = JSValueMakeBoolean(call->engine->context, value);
}

static JSValueRef run_native(JSContextRef context, JSObjectRef function, JSObjectRef self,
                             size_t n_values, const JSValueRef values[],
                             JSValueRef *ret_exception)
{
    const struct native *native = JSObjectGetPrivate(function);
    struct engine_call call = {native->engine, values, n_values,
                               JSValueMakeUndefined(context), NULL};

    (void)self;
    /* The engine gave its lock back for this call: taken once for all that is asked. */
    JSLock(context);
    native->fn(native->engine->arg, &call);
    JSUnlock(context);
    if (call.thrown != NULL)
        *ret_exception = call.thrown;
    return call.result;
}

static void free_native(JSObjectRef function)
{
    free(JSObjectGetPrivate(function));
}

static void set(struct engine *engine, JSObjectRef object, const char *name,
                JSValueRef value)
{
    JSStringRef key = JSStringCreateWithUTF8CString(name);

    JSObjectSetProperty(engine->context, object, key, value, kJSPropertyAttributeNone,
                        NULL);
    JSStringRelease(key);
}

static JSValueRef get(struct engine *engine, JSObjectRef object, const char *name)
{
    JSStringRef key = JSStringCreateWithUTF8CString(name);
    JSValueRef value = JSObjectGetProperty(engine->context, object, key, NULL);

    JSStringRelease(key);
    return value;
}

static void add_natives(struct engine *engine, JSObjectRef object,
                        const struct engine_native *natives)
{
    for (; natives->name != NULL; natives++) {
        struct native *native = mem_new(struct native);

        *native = (struct native){engine, natives->fn};
        set(engine, object, natives->name,
            JSObjectMake(engine->context, engine->vm->native_class, native));
    }
}

static JSObjectRef make_natives(struct engine *engine,
                                const struct engine_native *const *tables)
{
    JSObjectRef object = JSObjectMake(engine->context, NULL, NULL);

    for (; *tables != NULL; tables++)
        add_natives(engine, object, *tables);
    return object;
}

static int fail_with(struct engine *engine, JSValueRef thrown, const char *what,
                     struct err *err)
{
    struct buf text;

    buf_init(&text, 4096);
    if (thrown != NULL)
        (void)add_value(engine, thrown, &text);
    (void)err_set(err, "the runtime's %s failed: %s", what, buf_text(&text));
    buf_done(&text);
    return -1;
}

/* Runs @source; NULL when it threw. */
static JSValueRef evaluate(struct engine *engine, struct bytes name, struct bytes source,
                           JSValueRef *ret_thrown)
{
    JSStringRef script = string_of(engine, source);
    JSStringRef url = string_of(engine, name);
    JSValueRef value =
        JSEvaluateScript(engine->context, script, NULL, url, 1, ret_thrown);

    JSStringRelease(url);
    JSStringRelease(script);
    return value;
}

void engine_return_script(struct engine_call *call, struct bytes name,
                          struct bytes source)
{
    JSValueRef value = evaluate(call->engine, name, source, &call->thrown);

    if (value != NULL)
        call->result = value;
}

void engine_return_run(struct engine_call *call, size_t name, size_t source)
{
    JSContextRef context = call->engine->context;
    JSStringRef url = JSValueToStringCopy(context, call->values[name], NULL);
    JSStringRef script = JSValueToStringCopy(context, call->values[source], NULL);
    JSValueRef value = JSEvaluateScript(context, script, NULL, url, 1, &call->thrown);

    if (value != NULL)
        call->result = value;
    JSStringRelease(script);
    JSStringRelease(url);
}

static int take_entries(struct engine *engine, JSValueRef entries, struct err *err)
{
    JSObjectRef object = JSValueToObject(engine->context, entries, NULL);

    for (size_t i = 0; i < ENGINE_N_ENTRIES; i++) {
        JSValueRef entry = get(engine, object, entry_names[i]);

        if (!JSValueIsObject(engine->context, entry))
            return fail_with(engine, NULL, entry_names[i], err);
        engine->entries[i] = JSValueToObject(engine->context, entry, NULL);
        JSValueProtect(engine->context, engine->entries[i]);
    }
    return 0;
}

static int start_runtime(struct engine *engine, struct err *err)
{
    struct engine_vm *vm = engine->vm;
    JSValueRef thrown = NULL;
    JSValueRef start = NULL;
    JSValueRef values[2];
    JSValueRef entries;

    if (vm->runtime != NULL)
        start = JSScriptEvaluate(engine->context, vm->runtime, NULL, &thrown);
    if (start == NULL || thrown != NULL || !JSValueIsObject(engine->context, start))
        return fail_with(engine, thrown, "script", err);
    values[0] = make_natives(engine, vm->natives);
    values[1] = JSValueMakeBoolean(engine->context, !vm->is_warm);
    entries = JSObjectCallAsFunction(engine->context,
                                     JSValueToObject(engine->context, start, NULL), NULL,
                                     COUNT(values), values, &thrown);
    if (thrown != NULL || !JSValueIsObject(engine->context, entries))
        return fail_with(engine, thrown, "start", err);
    return take_entries(engine, entries, err);
}

struct engine_vm *engine_vm_new(struct bytes runtime,
                                const struct engine_native *const *natives)
{
    static const JSClassDefinition native_definition = {
        .className = "Function", .callAsFunction = run_native, .finalize = free_native};
    struct engine_vm *vm = mem_new(struct engine_vm);
    JSStringRef url = JSStringCreateWithUTF8CString("runtime");

    vm->group = JSContextGroupCreate();
    vm->runtime = JSScriptCreateReferencingImmortalASCIIText(
        vm->group, url, 1, runtime.ptr, runtime.len, NULL, NULL);
    vm->natives = natives;
    vm->native_class = JSClassCreate(&native_definition);
    JSStringRelease(url);
    return vm;
}

void engine_vm_free(struct engine_vm *vm)
{
    if (vm == NULL)
        return;
    if (vm->runtime != NULL)
        JSScriptRelease(vm->runtime);
    JSContextGroupRelease(vm->group);
    JSClassRelease(vm->native_class);
    free(vm);
}

struct engine *engine_new(struct engine_vm *vm, void *arg, struct err *err)
{
    struct engine *engine = mem_new(struct engine);

    engine->arg = arg;
    engine->vm = vm;
    engine->context = JSGlobalContextCreateInGroup(vm->group, NULL);
    if (start_runtime(engine, err) < 0) {
        engine_free(engine);
        return NULL;
    }
    /* What the warm-up left over is not to be carried about for ever. */
    if (!vm->is_warm)
        JSGarbageCollect(engine->context);
    vm->is_warm = true;
    return engine;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    for (size_t i = 0; i < ENGINE_N_ENTRIES; i++)
        if (engine->entries[i] != NULL)
            JSValueUnprotect(engine->context, engine->entries[i]);
    JSGlobalContextRelease(engine->context);
    utf16_done(&engine->wide);
    free(engine);
}

void engine_allow_eval(const struct engine_call *call, bool may_eval)
{
    JSStringRef message =
        JSStringCreateWithUTF8CString("eval and new Function are off for this function");

    JSGlobalContextSetEvalEnabled(call->engine->context, may_eval, message);
    JSStringRelease(message);
}

static JSValueRef make_value(struct engine *engine, const struct engine_value *value)
{
    JSStringRef string;
    JSValueRef parsed;

    switch (value->kind) {
    case ENGINE_NUMBER:
        return JSValueMakeNumber(engine->context, value->number);
    case ENGINE_TEXT:
        return text_value(engine, value->bytes);
    case ENGINE_BYTES:
        return bytes_value(engine, value->bytes);
    case ENGINE_JSON:
        string = string_of(engine, value->bytes);
        parsed = JSValueMakeFromJSONString(engine->context, string);
        JSStringRelease(string);
        return parsed != NULL ? parsed : JSValueMakeUndefined(engine->context);
    case ENGINE_UNDEFINED:
        break;
    }
    return JSValueMakeUndefined(engine->context);
}

bool engine_enter(struct engine *engine, enum engine_entry entry,
                  const struct engine_value *values, size_t n_values, struct buf *ret_why)
{
    JSValueRef made[MAX_VALUES];
    JSValueRef thrown = NULL;

    assert(n_values <= MAX_VALUES);
    /* Once for all calls below, each of which takes it; promises settle when it is left.
     */
    JSLock(engine->context);
    /* On the stack, where the collector looks for them. */
    for (size_t i = 0; i < n_values; i++)
        made[i] = make_value(engine, &values[i]);
    (void)JSObjectCallAsFunction(engine->context, engine->entries[entry], NULL, n_values,
                                 made, &thrown);
    JSUnlock(engine->context);
    if (thrown == NULL)
        return true;
    (void)add_value(engine, thrown, ret_why);
    return false;
}
