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
function defineLazy(name, make, moduleName = name) {
    Object.defineProperty(globalThis, name, {
        get() {
            // A package that looks for itself while it loads finds nothing yet.
            if (modules.get(moduleName)?.isLoading)
                return undefined;
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
    const module = { exports: {}, isLoading: true };
    modules.set(name, module); // before it runs: packages may ask for each other in a circle
    try {
        native.package(name).call(module.exports, module, module.exports, requireModule);
    } catch (thrown) {
        modules.delete(name);
        throw thrown;
    }
    module.isLoading = false;
    return module.exports;
}

function moduleNotFound(name) {
    const instead = native.absent(name, 1);
    const error = new Error(`Cannot find module '${name}'${instead ? ` (PA2020: ${instead})` : ''}`);
    error.code = 'MODULE_NOT_FOUND';
    error.requireStack = [scriptName];
    return error;
}

/** What moment asks for when a language is asked of it. */
function momentLocale(name) {
    const locales = requireModule('moment-locales');
    if (!Object.hasOwn(locales, name))
        throw moduleNotFound(`./locale/${name}`);
    return locales[name]();
}

/** require(): modules of Node's and packages, with or without "node:". */
function requireModule(name) {
    if (typeof name !== 'string')
        throw argumentError('id', 'of type string', name);
    if (name === '')
        throw withCode(new TypeError("The argument 'id' must be a non-empty string. Received ''"), 'ERR_INVALID_ARG_VALUE');
    const plain = name.replace(/^node:/, '').replace(/\/$/, '');
    const locale = /^(?:\.|moment)\/locale\/([\w-]+)$/.exec(plain)?.[1];
    if (locale)
        return momentLocale(locale);
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
    'moment', 'moment-locales', 'pako', 'stream', 'string_decoder', 'uuid', 'uuidv5', 'xml', 'xml2js'])
    provide(name, () => loadPackage(name));
provide('url', () => {
    const { parse, format, resolve, resolveObject, Url } = loadPackage('url');
    return {
        Url, URL, URLSearchParams, resolve, resolveObject, urlToHttpOptions: optionsOfUrl,
        parse(text, ...rest) {
            if (typeof text !== 'string')
                throw argumentError('url', 'of type string', text);
            return parse(text, ...rest);
        },
        format: (url, ...rest) => url instanceof URL ? url.href : format(url, ...rest),
        domainToASCII: name => URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '',
    };
});
provide('moment-timezone', () => requireModule('moment'));
