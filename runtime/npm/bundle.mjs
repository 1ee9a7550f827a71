// SPDX-License-Identifier: MIT
// Joins programs and the packages that they take from npm, each into one script:
//   node bundle.mjs parse FOLDER OUT ENTRY      ENTRY as a plain script
//   node bundle.mjs packages FOLDER OUT ENTRY NOTICES
//                                               the packages of ENTRY (packages.json) as a C
//                                               header; whose they are, into NOTICES
// FOLDER has node_modules (see install).

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [what, folder, out, entry, notices] = process.argv.slice(2);
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
async function scriptOf(taken, { code, locales, platform = 'node', alias = {}, external = [], names = false }) {
  const { outputFiles: [{ text }], metafile } = await build({
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
    metafile: true,
    absWorkingDir: packages,
  });

  for (const input of Object.keys(metafile.inputs)) taken.add(/^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
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

/** The licences of the packages that were @taken, as their authors want them passed on. */
function noticesOf(taken) {
  return [...taken].filter(Boolean).sort().map((name) => {
    const home = path.join(packages, 'node_modules', name);
    const { version, license } = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
    const file = fs.readdirSync(home).find((one) => /^(licen[cs]e|copying)/i.test(one));

    return `== ${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(home, file), 'utf8').trim() : 'No text comes with it.'}\n`;
  }).join('\n');
}

if (what === 'parse') {
  await build({ ...always, entryPoints: [entry], outfile: out, format: 'iife' });
} else {
  const list = JSON.parse(fs.readFileSync(entry));
  const scripts = {};
  const taken = new Set(['acorn']); // the parser has it

  for (const [name, package_] of Object.entries(list)) scripts[name] = await scriptOf(taken, package_);
  fs.writeFileSync(out, header(scripts));
  fs.writeFileSync(notices, noticesOf(taken));
}
