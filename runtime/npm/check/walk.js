/* SPDX-License-Identifier: MIT */

// Walking a syntax tree.

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

/** The nodes right below one, without names that are no variables. */
export function* childrenOf(node) {
    for (const [key, value] of Object.entries(node)) {
        if (isMemberName(node, key))
            continue;
        for (const child of Array.isArray(value) ? value : [value])
            if (typeof child?.type === 'string')
                yield child;
    }
}

/** All nodes; those below one for which `goesIn` says false are left out. */
export function* nodesOf(tree, goesIn = () => true) {
    const open = [tree];
    while (open.length > 0) {
        const node = open.pop();
        yield node;
        if (node === tree || goesIn(node))
            open.push(...childrenOf(node));
    }
}

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
export const isFunction = node => FUNCTIONS.includes(node?.type);

const GLOBAL_OBJECTS = ['globalThis', 'window', 'global', 'self'];
export const isGlobalObject = node => node.type === 'Identifier' && GLOBAL_OBJECTS.includes(node.name);

/** The name behind a dot, or in ['…']; undefined when it is computed. */
export function memberName({ property, computed }) {
    return computed ? (property.type === 'Literal' ? String(property.value) : undefined) : property.name;
}

/** Identifier nodes that a pattern binds. */
export function* boundBy(pattern) {
    switch (pattern?.type) {
    case 'Identifier': yield pattern; break;
    case 'ObjectPattern':
        for (const one of pattern.properties) yield* boundBy(one.value ?? one.argument);
        break;
    case 'ArrayPattern':
        for (const one of pattern.elements) yield* boundBy(one);
        break;
    case 'AssignmentPattern': yield* boundBy(pattern.left); break;
    case 'RestElement': yield* boundBy(pattern.argument); break;
    }
}
