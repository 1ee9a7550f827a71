/* SPDX-License-Identifier: MIT */

// The packages of npm that Segment's functions find as globals, under its names.

const GLOBAL_PACKAGES = {
    _: () => requireModule('lodash'),
    moment: () => requireModule('moment'),
    xml: () => requireModule('xml'),
    xml2js: () => requireModule('xml2js'),
    jsonwebtoken: () => requireModule('jsonwebtoken'),
    uuidv5: () => ({ uuidv5: makeUuidv5() }),
    zlib: () => Object.assign({ zlib: requireModule('zlib') }, requireModule('zlib')),
    fetchretrylib: () => ({ fetchretry: requireModule('fetch-retry') }),
    libphonenumberjslib: () => ({ libphonenumberjs: requireModule('libphonenumber-js') }),
};
for (const [name, make] of Object.entries(GLOBAL_PACKAGES))
    defineLazy(name, make, name === '_' ? 'lodash' : name);

/**
 * uuidv5(namespace, name) of the package uuidv5. Code written for the package uuid gives
 * them the other way round, which can be told: only a namespace is a UUID or a word.
 */
function makeUuidv5() {
    const make = requireModule('uuidv5');
    const isNamespace = value => typeof value !== 'string' || /^(dns|url|oid|x500|null)$/i.test(value) ||
        value.replace(/-/g, '').length === 32;
    const uuidv5 = (namespace, name, isBinary) =>
        !isNamespace(namespace) && isNamespace(name) ? make(name, namespace) : make(namespace, name, isBinary);
    return Object.assign(uuidv5, make);
}
