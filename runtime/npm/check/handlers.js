/* SPDX-License-Identifier: MIT */

// What the top level of a script declares or assigns, read from its syntax tree.

import { placeAt } from './place.js';
import { boundBy, isFunction, memberName, nodesOf } from './walk.js';

const isNamed = (node, name) => node?.type === 'Identifier' && node.name === name;

/** `exports`, or `module.exports`. */
const isExports = node => isNamed(node, 'exports') ||
    (node.type === 'MemberExpression' && isNamed(node.object, 'module') && memberName(node) === 'exports');

function* assignedTo(target, value) {
    if (target.type !== 'MemberExpression') {
        for (const node of boundBy(target))
            yield { name: node.name, node };
    } else if (isExports(target) && value.type === 'ObjectExpression') {
        for (const { type, key, computed } of value.properties)
            if (type === 'Property' && !computed)
                yield { name: key.name ?? String(key.value), node: key, isExported: true };
    } else if (isExports(target.object)) {
        yield { name: memberName(target), node: target.property, isExported: true };
    }
}

/** [{name, node, isExported?, kind?}] of one node at the top level. */
function* given(node) {
    if (node.type === 'FunctionDeclaration')
        yield { name: node.id.name, node: node.id };
    if (node.type === 'VariableDeclaration')
        for (const { id } of node.declarations)
            for (const bound of boundBy(id))
                yield { name: bound.name, node: bound, kind: node.kind };
    if (node.type === 'AssignmentExpression')
        yield* assignedTo(node.left, node.right);
}

/** Whether a name is the code's own only within a block: const, let, in a module's sense. */
const isHidden = ({ kind }) => kind === 'const' || kind === 'let';

/**
 * [{name, isExported, isHidden, line, column, width}]: what is declared or assigned outside
 * of functions. A member of globalThis is no handler, here as on Segment.
 */
export const ownOf = (source, tree) => [...nodesOf(tree, node => !isFunction(node))]
    .flatMap(node => [...given(node)])
    .filter(({ name }) => name !== undefined)
    .sort((a, b) => a.node.start - b.node.start)
    .map(one => ({
        name: one.name,
        isExported: one.isExported === true,
        isHidden: isHidden(one),
        ...placeAt(source, one.node.start),
        width: one.node.end - one.node.start,
    }));
