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
const { build } = createRequire(`${packages}/`)('esbuild');
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

// A locale of moment's asks for "../moment": that is the one which asks for the locale.
const oneMoment = {
  name: 'one moment',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\.\/moment$/ }, () => ({ path: 'moment', external: true })),
};

function localesOf(folder) {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.js')).sort()
    .map((name) => `exports[${JSON.stringify(name.slice(0, -3))}]=()=>require('moment/locale/${name}');`).join('');
}

/** A package as a function of (module, exports, require), as Node has it. */
async function scriptOf({ code, locales, platform = 'node', alias = {}, external = [], names = false }) {
  const { outputFiles: [{ text }] } = await build({
    ...always,
    stdin: { contents: code ?? localesOf(path.join(packages, locales)), resolveDir: packages },
    platform, // of Node, its own modules stay calls of require
    mainFields: platform === 'node' ? ['main'] : ['browser', 'main'],
    minifyIdentifiers: !names, // people see the names of classes
    format: 'cjs',
    alias,
    external,
    plugins: locales ? [oneMoment] : [],
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
  await build({ ...always, entryPoints: [entry], outfile: out, format: 'iife' });
} else {
  const list = JSON.parse(fs.readFileSync(entry));
  const scripts = {};

  for (const [name, package_] of Object.entries(list)) scripts[name] = await scriptOf(package_);
  fs.writeFileSync(out, header(scripts));
}
