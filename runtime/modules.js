/* SPDX-License-Identifier: MIT */

// Modules: what require() finds. Each is made when it is first asked for, so that a
// function pays for nothing that it does not use.

/** name → function that makes it. */
const makers = new Map();
const modules = new Map();

function provide(name, make) {
    makers.set(name, make);
}

/** @make, called when its value is first asked for and never again. */
function makeOnce(make) {
    let made;
    return () => made ??= make();
}

/** Gives @name to all code as a global that is made when it is first touched. */
function defineLazy(name, make) {
    Object.defineProperty(globalThis, name, {
        get() {
            const value = make();
            define(name, value);
            return value;
        },
        set(value) {
            define(name, value);
        },
        configurable: true,
    });
}

/** One of npm's packages, from its script in the program (runtime/npm). */
function loadPackage(name) {
    const module = { exports: {} };
    modules.set(name, module); // before it runs: packages may ask for each other in a circle
    try {
        native.package(name).call(module.exports, module, module.exports, requireModule);
    } catch (thrown) {
        modules.delete(name);
        throw thrown;
    }
    return module.exports;
}

function moduleNotFound(name) {
    const instead = native.absent(name, 1);
    const error = new Error(`Cannot find module '${name}'${instead ? ` (PA2020: ${instead})` : ''}`);
    error.code = 'MODULE_NOT_FOUND';
    error.requireStack = [scriptName];
    return error;
}

/** require(): modules of Node's and packages, with or without "node:". */
function requireModule(name) {
    if (typeof name !== 'string')
        throw argumentError('id', 'of type string', name);
    const plain = name.replace(/^node:/, '').replace(/\/$/, '');
    const found = modules.get(plain);
    if (found)
        return found.exports;
    const make = makers.get(plain);
    if (!make)
        throw moduleNotFound(name);
    const exports = make();
    modules.set(plain, { exports });
    return exports;
}

for (const name of ['events', 'fetch-retry', 'jsonwebtoken', 'libphonenumber-js', 'lodash',
    'moment', 'pako', 'stream', 'string_decoder', 'url', 'uuid', 'uuidv5', 'xml', 'xml2js'])
    provide(name, () => loadPackage(name));
provide('moment-timezone', () => requireModule('moment'));
