/* SPDX-License-Identifier: MIT */

// What was missing, when code reads a member of something that is not there: the note
// under a TypeError. Of settings only names are told, since their values may be secrets.

const MAX_NOTE_CHARACTERS = 120;

const cut = text => text.length > MAX_NOTE_CHARACTERS ? `${text.slice(0, MAX_NOTE_CHARACTERS - 1)}…` : text;

/** `a.b?.c[0]["d"]` as a list of names; ends where it is no plain path. */
function pathOf(text) {
    const names = [];
    const step = /\s*(?:\?\.|\.)?\s*(?:([\w$]+)|\[\s*(?:(\d+)|(["'])(.*?)\3)\s*\])/y;
    for (let found; (found = step.exec(text)) !== null;)
        names.push(found[1] ?? found[2] ?? found[4]);
    return names;
}

const PARAMETERS = /^(?:async\b)?\s*(?:function\b)?[\s*]*[\w$]*\s*\(\s*([\w$]+)?\s*(?:=[^,)]*)?(?:,\s*([\w$]+))?/;

/** What the handler calls its first two arguments: name → value. */
function rootsOf(run) {
    const handler = run.handler && (loadedCode.older ?? loadedCode.byType.get(run.type))?.[1];
    const source = handler ? Function.prototype.toString.call(handler) : '';
    const [, first, second] = /^(?:async\s+)?([\w$]+)\s*=>/.exec(source) ?? PARAMETERS.exec(source) ?? [];
    const isPayload = loadedCode.generation === 'subscription';
    const roots = { event: run.event, settings: run.settings };
    if (first)
        roots[first] = isPayload ? { event: run.event, settings: run.settings } : run.event;
    if (second && !isPayload)
        roots[second] = run.settings;
    return roots;
}

/** How @value looks in a note. */
function shownValue(value, isSecret) {
    if (isSecret && typeof value === 'object' && value !== null)
        return `an object with ${Object.keys(value).map(name => `\`${name}\``).join(', ') || 'nothing'}`;
    return isSecret ? 'a value' : cut(JSON.stringify(value) ?? textOf(value));
}

/** What stands at @path in what @run was called with; undefined too when nothing does. */
function valueOfPath(path, run) {
    let value = rootsOf(run);
    for (const name of path)
        value = value?.[name];
    return value;
}

/** The sentence about the first name on @path that leads nowhere; undefined: none does. */
function noteOfPath(path, run) {
    const roots = rootsOf(run);
    if (!Object.hasOwn(roots, path[0]))
        return undefined;
    let value = roots[path[0]];
    let shown = path[0];
    for (const name of path.slice(1)) {
        if (value === undefined || value === null)
            return undefined;
        const next = value[name];
        if (next === undefined || next === null) {
            const why = next === null ? `its \`${name}\` is null` : `it has no \`${name}\``;
            const isSecret = roots[path[0]] === run.settings || path.slice(0, 2).includes('settings');
            return `${shown} was ${shownValue(value, isSecret)}: ${why}`;
        }
        value = next;
        shown += /^\d+$/.test(name) ? `[${name}]` : `.${name}`;
    }
    return undefined;
}

/** What to use instead of a name that Segment has and we have not (src/js/absent.c). */
function noteOfAbsent(message) {
    const name = /^Can't find variable: ([\w$]+)/.exec(message)?.[1];
    const instead = name && native.absent(name, 0);
    return instead ? `${name} is not available here (PA2020): ${instead}` : undefined;
}

/** @message in the engine's own words, which quote the expression. */
function noteOf(message, run) {
    const absent = noteOfAbsent(message);
    if (absent)
        return absent;
    const read = IS_NOT_AN_OBJECT.exec(message)?.[2];
    const called = read ? undefined : IS_NOT_A_FUNCTION.exec(message)?.[1];
    const text = read ?? called;
    try {
        return text ? noteOfPath(pathOf(assignedPart(text) || text), run) : undefined;
    } catch {
        return undefined;
    }
}
