/* SPDX-License-Identifier: MIT */

// Where code is broken, and which names it takes from outside. The engine tells no column
// of a syntax error; acorn does. This runs as an ordinary function inside a runner: the
// code that is looked at is only read, by a program that may not do anything either.

import { parse } from 'acorn';

const OPTIONS = { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true, locations: true };
const MAX_NAMES = 500;

/** UTF-16 units before a place as characters, from 1. */
const columnOf = (line, units) => [...line.slice(0, units)].length + 1;

function explain(source, error) {
    const { line, column } = error.loc;
    const text = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
    return {
        line,
        column: columnOf(text, column),
        message: error.message.replace(/ \(\d+:\d+\)$/, ''),
    };
}

/** Members of a node that hold a name which is no variable. */
function isMemberName(node, key) {
    switch (node.type) {
    case 'MemberExpression': return key === 'property' && !node.computed;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition': return key === 'key' && !node.computed;
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement': return key === 'label';
    case 'MetaProperty': return true;
    default: return false;
    }
}

/** The names that a pattern binds. */
function addBound(pattern, names) {
    switch (pattern?.type) {
    case 'Identifier': names.add(pattern.name); break;
    case 'ObjectPattern': pattern.properties.forEach(one => addBound(one.value ?? one.argument, names)); break;
    case 'ArrayPattern': pattern.elements.forEach(one => addBound(one, names)); break;
    case 'AssignmentPattern': addBound(pattern.left, names); break;
    case 'RestElement': addBound(pattern.argument, names); break;
    }
}

const isGlobalObject = node =>
    node.type === 'Identifier' && ['globalThis', 'window', 'global', 'self'].includes(node.name);

/** What a node declares, assigns or asks about: afterwards the name is nobody else's. */
function addOwn(node, names) {
    switch (node.type) {
    case 'VariableDeclarator': addBound(node.id, names); break;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
        addBound(node.id, names);
        node.params.forEach(one => addBound(one, names));
        break;
    case 'ClassDeclaration':
    case 'ClassExpression': addBound(node.id, names); break;
    case 'CatchClause': addBound(node.param, names); break;
    case 'AssignmentExpression':
        addBound(node.left, names);
        if (node.left.type === 'MemberExpression' && isGlobalObject(node.left.object) && !node.left.computed)
            names.add(node.left.property.name);
        break;
    case 'UnaryExpression':
        if (node.operator === 'typeof' && node.argument.type === 'Identifier')
            names.add(node.argument.name);
        break;
    }
}

function* childrenOf(node) {
    for (const [key, value] of Object.entries(node)) {
        if (isMemberName(node, key))
            continue;
        for (const child of Array.isArray(value) ? value : [value])
            if (typeof child?.type === 'string')
                yield child;
    }
}

/**
 * Names that are used but nowhere in the code declared, assigned or asked for with typeof:
 * those can only come from outside. A name that is declared in one function and used in
 * another is not found; a name that is found is truly free.
 */
function freeNames(source, tree) {
    const own = new Set(['arguments', 'undefined']);
    const used = new Map();
    const open = [tree];

    while (open.length > 0) {
        const node = open.pop();
        addOwn(node, own);
        const first = used.get(node.name);
        if (node.type === 'Identifier' && (first === undefined || node.start < first.start))
            used.set(node.name, node);
        open.push(...childrenOf(node));
    }
    const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
    return [...used.values()]
        .filter(node => !own.has(node.name))
        .sort((a, b) => a.start - b.start)
        .slice(0, MAX_NAMES)
        .map(({ name, loc: { start } }) =>
            ({ name, line: start.line, column: columnOf(lines[start.line - 1], start.column) }));
}

globalThis.onTrack = ({ source }) => {
    try {
        return { names: freeNames(source, parse(source, OPTIONS)) };
    } catch (error) {
        if (!(error instanceof SyntaxError) || !error.loc)
            throw error;
        return explain(source, error);
    }
};
