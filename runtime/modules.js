/* SPDX-License-Identifier: MIT */

// What require() finds.

function requireModule(name) {
    const error = new Error(`Cannot find module '${name}'`);
    error.code = 'MODULE_NOT_FOUND';
    throw error;
}
