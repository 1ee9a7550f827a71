/* SPDX-License-Identifier: MIT */

// Code of the older generations is a CommonJS module: the body of a function with exports,
// require and module. What it only declares is handed out too, so that a handler that was
// not exported is still found.

const MODULE_HEAD = '(function (exports, require, module, __filename, __dirname) {';
const LOCALS = ['processEvents', 'transformEvent', ...HANDLER_NAMES]
    .map(name => `get ${name}() { return typeof ${name} === 'undefined' ? undefined : ${name}; }`);
const MODULE_TAIL = `\nreturn {${LOCALS.join(', ')}};\n})`;

function require(name) {
    return requireModule(String(name));
}

/** Runs the module; answers what finds a name in it. */
function runModule(name, source) {
    const wrapped = compileBody(name, source, MODULE_HEAD, MODULE_TAIL);
    const module = { exports: {}, id: '.', filename: name, loaded: false, children: [], paths: [] };
    const locals = wrapped.call(module.exports, module.exports, require, module, name,
        name.replace(/\/?[^/]*$/, '') || '.');
    module.loaded = true;
    return wanted => {
        const { exports } = module;
        const places = [exports, exports?.default, locals, globalThis];
        if (wanted === 'processEvents' && typeof exports === 'function')
            return exports;
        return places.map(place => place?.[wanted]).find(isOurs);
    };
}
