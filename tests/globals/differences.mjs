// SPDX-License-Identifier: MIT
// Where a function is allowed to differ from Node, and why: a line of cases/, or a pattern
// of lines, and the reason. docs/reference/functions.md tells people the same.

export const differences = [
  [/^inspect\(new (Map|Set)\(.*\)\.(entries|values)\(\)\)$/,
    'an iterator cannot be looked into without using it up'],
  ["Promise.any([Promise.reject(new Error('a'))])", 'the engine gives this error no message'],
];

export function reasonFor(line) {
  return differences.find(([which]) => typeof which === 'string' ? which === line : which.test(line))?.[1];
}
