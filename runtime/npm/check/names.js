/* SPDX-License-Identifier: MIT */

// Which names and modules code takes from outside.

import { placeAt } from './place.js';
import { boundBy, isGlobalObject, memberName, nodesOf } from './walk.js';

const MAX_NAMES = 500;

function addBound(pattern, names) {
    for (const { name } of boundBy(pattern))
        names.add(name);
}

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
        if (node.left.type === 'MemberExpression' && isGlobalObject(node.left.object))
            names.add(memberName(node.left));
        break;
    case 'UnaryExpression':
        if (node.operator === 'typeof' && node.argument.type === 'Identifier')
            names.add(node.argument.name);
        break;
    }
}

const found = (source, name, node) => ({ name, ...placeAt(source, node.start), width: node.end - node.start });

/**
 * Names that are used but nowhere in the code declared, assigned or asked for with typeof:
 * those can only come from outside. A name that is declared in one function and used in
 * another is not found; a name that is found is truly free.
 */
export function freeNames(source, tree) {
    const own = new Set(['arguments', 'undefined']);
    const used = new Map();

    for (const node of nodesOf(tree)) {
        addOwn(node, own);
        const first = used.get(node.name);
        if (node.type === 'Identifier' && (first === undefined || node.start < first.start))
            used.set(node.name, node);
    }
    return [...used.values()]
        .filter(node => !own.has(node.name))
        .sort((a, b) => a.start - b.start)
        .slice(0, MAX_NAMES)
        .map(node => found(source, node.name, node));
}

/** What is given to require(), where it is a plain text. */
export function modulesOf(source, tree) {
    return [...nodesOf(tree)]
        .filter(({ type, callee, arguments: [first] = [] }) => type === 'CallExpression' &&
            callee.name === 'require' && first?.type === 'Literal' && typeof first.value === 'string')
        .sort((a, b) => a.start - b.start)
        .slice(0, MAX_NAMES)
        .map(({ arguments: [first] }) => found(source, first.value, first));
}
