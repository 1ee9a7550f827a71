// SPDX-License-Identifier: MIT
// The cases: one expression a line, which both sides evaluate. A line that begins with
// "//" is a remark; one that begins with "let " or "function " is shared by those after it.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

const hasES2023 = parseInt(process.versions.node, 10) >= 20;

export const groups = fs.readdirSync(path.join(here, 'cases')).sort().map((name) => path.parse(name).name)
  .filter((name) => hasES2023 || name !== 'es2023');

function linesOf(group) {
  return fs.readFileSync(path.join(here, 'cases', `${group}.js`), 'utf8').split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'));
}

const isShared = (line) => /^(let|function|class) /.test(line);

export function casesOf(group) {
  return linesOf(group).filter((line) => !isShared(line));
}

// A script after which runCases({server, keys}) resolves to the outcomes, in order.
export function scriptOf(group) {
  const lines = linesOf(group);
  const works = lines.filter((line) => !isShared(line)).map((line) => `async () => (${line}),`);

  return [
    fs.readFileSync(path.join(here, 'show.js'), 'utf8'),
    'async function runCases(where) {',
    ...lines.filter(isShared),
    'const outcomes = [];',
    `for (const work of [${works.join('\n')}]) outcomes.push(await showOutcome(work));`,
    'return outcomes;',
    '}',
  ].join('\n');
}
