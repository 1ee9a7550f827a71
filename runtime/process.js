/* SPDX-License-Identifier: MIT */

// process, performance, global and window: little, and nothing of the machine.

// What packages look at to know which features of Node are there.
const NODE_VERSION = '20.0.0';

/** Milliseconds since the runner started, with fractions. */
const performanceNow = () => +native.clock() / 1000;

function hrtime(since) {
    const ns = Math.round(performanceNow() * 1e6);
    const [s, rest] = [Math.floor(ns / 1e9), ns % 1e9];
    if (!since)
        return [s, rest];
    return rest < since[1] ? [s - since[0] - 1, rest - since[1] + 1e9] : [s - since[0], rest - since[1]];
}
hrtime.bigint = () => BigInt(Math.round(performanceNow() * 1e6));

/** Ends this run and no other: the process is not the code's own. */
function exit(code = 0) {
    const error = new Error(`process.exit(${code}) was called: it ends this run as an error`);
    if (current)
        failRun(current, error);
    throw error;
}

const writer = { write: text => (print(String(text).replace(/\n$/, '')), true), isTTY: false };

define('process', {
    env: {},
    version: `v${NODE_VERSION}`,
    versions: { node: NODE_VERSION },
    release: { name: 'node' },
    platform: 'linux',
    arch: 'x64',
    title: 'partnerapp',
    pid: 1,
    argv: ['node'],
    execArgv: [],
    stdout: writer,
    stderr: writer,
    nextTick(fn, ...args) {
        if (typeof fn !== 'function')
            throw argumentError('callback', 'of type function', fn);
        queueMicrotask(() => fn(...args));
    },
    hrtime,
    uptime: () => performanceNow() / 1000,
    memoryUsage() {
        const bytes = +native.memory();
        return { rss: bytes, heapTotal: bytes, heapUsed: bytes, external: 0, arrayBuffers: 0 };
    },
    cwd: () => '/',
    exit,
    abort: () => exit(134),
    emitWarning: warning => print(textOf(warning?.stack ?? warning)),
    on: () => globalThis.process,
    once: () => globalThis.process,
    off: () => globalThis.process,
    addListener: () => globalThis.process,
    removeListener: () => globalThis.process,
    removeAllListeners: () => globalThis.process,
    emit: () => false,
    listeners: () => [],
    listenerCount: () => 0,
});

define('performance', { now: performanceNow, timeOrigin: Date.now() - performanceNow(), mark() {}, measure() {} });
define('global', globalThis);
// A copy on Segment; one that is always up to date serves the same code.
define('window', globalThis);
