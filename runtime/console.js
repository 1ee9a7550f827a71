/* SPDX-License-Identifier: MIT */

// console: one log line per call, in the form that Node gives it.

/** %s: objects only when they have no text of their own. */
function formatText(value) {
    if (typeof value === 'number' || typeof value === 'bigint')
        return showPrimitive(viewOf({}), value);
    if (typeof value !== 'object' || value === null)
        return typeof value === 'function' && !Object.hasOwn(value, 'toString') ? sourceText(value) : textOf(value);
    const hasText = typeof value.toString === 'function' && value.toString !== Error.prototype.toString &&
        !sourceText(value.toString).includes('[native code]');
    return hasText ? textOf(value) : inspect(value, { depth: 0, colors: false, compact: 3 });
}
const sourceText = value => Function.prototype.toString.call(value);

function formatNumber(value, convert) {
    if (typeof value === 'bigint')
        return `${value}n`;
    return typeof value === 'symbol' ? 'NaN' : showPrimitive(viewOf({}), convert(value));
}

function formatJson(value) {
    try {
        return JSON.stringify(value) ?? 'undefined';
    } catch (thrown) {
        if (/cyclic/.test(thrown.message))
            return '[Circular]';
        throw thrown;
    }
}

function formatOne(letter, value, options) {
    switch (letter) {
    case 's':
        return formatText(value);
    case 'd':
        return typeof value === 'object' ? 'NaN' : formatNumber(value, Number);
    case 'i':
        return typeof value === 'object' ? 'NaN' : formatNumber(value, parseInt);
    case 'f':
        return typeof value === 'symbol' ? 'NaN' : formatNumber(parseFloat(value), Number);
    case 'j':
        return formatJson(value);
    case 'o':
        return inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case 'c':
        return '';
    default:
        return inspect(value, options);
    }
}

function format(args, options) {
    const rest = [...args];
    let text = '';
    if (typeof rest[0] === 'string') {
        text = rest.shift();
        if (rest.length)
            text = text.replace(/%([sdifjoOc%])/g, (all, letter) => {
                if (letter === '%')
                    return '%';
                return rest.length ? formatOne(letter, rest.shift(), options) : all;
            });
        if (rest.length)
            text += ' ';
    }
    return text + rest.map(one => typeof one === 'string' ? one : inspect(one, options)).join(' ');
}

const MAX_LOG_CHARACTERS = 4096;
const MAX_LOG_LINES = 64; // of one run; those after are only counted
const MAX_COUNTED_LINES = 10000;

/** run → {indent, counts, times}: what groups, count() and time() leave behind. */
const consoleStates = new WeakMap();

function consoleState() {
    const run = current ?? consoleStates;
    if (!consoleStates.has(run))
        consoleStates.set(run, { indent: '', counts: new Map(), times: new Map() });
    return consoleStates.get(run);
}

function textOfLine(make) {
    try {
        const { indent } = consoleState();
        const text = rewordQuoted(make());
        return (indent ? indent + text.replace(/\n/g, `\n${indent}`) : text).slice(0, MAX_LOG_CHARACTERS);
    } catch (thrown) {
        return `(a value that throws when it is shown: ${textOf(thrown)})`;
    }
}

function printText(make) {
    const run = current && live.has(current.id) ? current : null;
    if (!run || run.nLines >= MAX_COUNTED_LINES)
        return;
    run.nLines++;
    native.log(run.id, run.nLines <= MAX_LOG_LINES ? textOfLine(make) : '');
}

function print(...args) {
    printText(() => format(args));
}

const inCell = (text, width) => ` ${text}${' '.repeat(width - widthOf(text) - 1)}`;

function drawTable(head, rows) {
    const widths = head.map((title, i) => Math.max(widthOf(title), ...rows.map(row => widthOf(row[i]))) + 2);
    const rule = (left, middle, right) => left + widths.map(width => '─'.repeat(width)).join(middle) + right;
    const line = cells => `│${cells.map((cell, i) => inCell(cell, widths[i])).join('│')}│`;
    return [rule('┌', '┬', '┐'), line(head), rule('├', '┼', '┤'), ...rows.map(line), rule('└', '┴', '┘')].join('\n');
}

function showCell(value) {
    const isWide = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 2;
    return inspect(value, { depth: isWide ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
}

/** [title of the index, [index, value] pairs, whether the values go into a column of their own] */
function tableRows(data) {
    if (data instanceof Map)
        return ['(iteration index)', [...data].map(([key, value], i) => [String(i), value, key])];
    if (data instanceof Set)
        return ['(iteration index)', [...data].map((value, i) => [String(i), value])];
    return ['(index)', Object.keys(data).map(key => [key, data[key]])];
}

function tableText(data, wanted) {
    const [indexTitle, entries] = tableRows(data);
    if (data instanceof Map)
        return drawTable([indexTitle, 'Key', 'Values'],
            entries.map(([index, value, key]) => [index, showCell(key), showCell(value)]));
    const isRow = value => typeof value === 'object' && value !== null || typeof value === 'function';
    const isPlainSet = data instanceof Set;
    const columns = wanted ?? [...new Set(isPlainSet ? [] : entries.flatMap(([, value]) => isRow(value) ? Object.keys(value) : []))];
    const hasValues = entries.some(([, value]) => isPlainSet || !isRow(value));
    const rows = entries.map(([index, value]) => {
        const cells = columns.map(name => isRow(value) && Object.hasOwn(value, name) ? showCell(value[name]) : '');
        return [index, ...cells, ...hasValues ? [isPlainSet || !isRow(value) ? showCell(value) : ''] : []];
    });
    return drawTable([indexTitle, ...columns, ...hasValues ? ['Values'] : []], rows);
}

function duration(ms) {
    if (ms >= 60000)
        return `${Math.floor(ms / 60000)}:${(ms % 60000 / 1000).toFixed(3).padStart(6, '0')} (m:ss.mmm)`;
    return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${+ms.toFixed(3)}ms`;
}

const consoleMethods = {
    assert: (is, ...args) => {
        if (!is)
            print(`Assertion failed${args.length ? `: ${textOf(args[0])}` : ''}`, ...args.slice(1));
    },
    clear() {},
    count(label = 'default') {
        const { counts } = consoleState();
        counts.set(`${label}`, (counts.get(`${label}`) ?? 0) + 1);
        print(`${label}: ${counts.get(`${label}`)}`);
    },
    countReset(label = 'default') {
        consoleState().counts.delete(`${label}`);
    },
    dir: (value, options) => printText(() => inspect(value, { customInspect: false, ...options })),
    dirxml: print,
    group(...label) {
        if (label.length)
            print(...label);
        consoleState().indent += '  ';
    },
    groupEnd() {
        const state = consoleState();
        state.indent = state.indent.slice(2);
    },
    table(data, columns) {
        if (typeof data !== 'object' || data === null)
            return print(data);
        printText(() => tableText(data, columns));
    },
    time(label = 'default') {
        consoleState().times.set(`${label}`, performanceNow());
    },
    timeEnd(label = 'default') {
        consoleMethods.timeLog(label);
        consoleState().times.delete(`${label}`);
    },
    timeLog(label = 'default', ...more) {
        const begun = consoleState().times.get(`${label}`);
        if (begun !== undefined)
            print(`${label}: ${duration(performanceNow() - begun)}`, ...more);
    },
    trace(...args) {
        const { stack } = describe(new Error());
        print(`Trace${args.length ? `: ${format(args)}` : ''}${stack.replace(/^Error/, '')}`);
    },
};
for (const name of ['log', 'info', 'warn', 'error', 'debug'])
    consoleMethods[name] = print;
consoleMethods.groupCollapsed = consoleMethods.group;
define('console', consoleMethods);
