// SPDX-License-Identifier: MIT
// Joins programs and the packages that they take from npm, each into one script:
//   node bundle.mjs parse FOLDER OUT ENTRY      ENTRY as a plain script
//   node bundle.mjs packages FOLDER OUT         the packages of packages.json as a C header
// FOLDER has node_modules (see install).

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [what, folder, out, entry] = process.argv.slice(2);
const packages = path.resolve(folder);
const { buildSync } = createRequire(`${packages}/`)('esbuild');
const always = {
  nodePaths: [path.join(packages, 'node_modules')],
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  minifyIdentifiers: true,
  target: 'es2020',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
};

/** A package as a function of (module, exports, require), as Node has it. */
function scriptOf({ code, platform = 'node', alias = {}, external = [], names = false }) {
  const { outputFiles: [{ text }] } = buildSync({
    ...always,
    stdin: { contents: code, resolveDir: packages },
    platform, // of Node, its own modules stay calls of require
    mainFields: platform === 'node' ? ['main'] : ['browser', 'main'],
    minifyIdentifiers: !names, // people see the names of classes
    format: 'cjs',
    alias,
    external,
    write: false,
  });

  return `(function(module,exports,require){${text}})`;
}

function cArray(name, text) {
  const bytes = Buffer.from(text);
  const rows = [];

  for (let at = 0; at < bytes.length; at += 24) rows.push(`    ${[...bytes.subarray(at, at + 24)].join(',')},`);
  return `static const unsigned char ${name}[] = {\n${rows.join('\n')}\n};\n`;
}

function header(scripts) {
  const names = Object.keys(scripts);
  const rows = names.map((name, i) => `    {BYTES("${name}"), {(const char *)package_${i}, sizeof(package_${i})}},`);

  return `/* Made by runtime/npm/bundle.mjs. */\n#pragma once\n\n#include "base/bytes.h"\n\n${
    names.map((name, i) => cArray(`package_${i}`, scripts[name])).join('\n')}
static const struct {
    struct bytes name, script;
} packages[] = {\n${rows.join('\n')}\n};\n`;
}

if (what === 'parse') {
  buildSync({ ...always, entryPoints: [entry], outfile: out, format: 'iife' });
} else {
  const list = JSON.parse(fs.readFileSync(entry));
  const scripts = Object.entries(list).map(([name, package_]) => [name, scriptOf(package_)]);

  fs.writeFileSync(out, header(Object.fromEntries(scripts)));
}
