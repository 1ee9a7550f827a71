// SPDX-License-Identifier: MIT
// Makes what partnerapp serves as its console:
//   node bundle.mjs SOURCE FOLDER DEPFILE HEADER SIZES NOTICES
//   node bundle.mjs SOURCE FOLDER --into PLACE
// SOURCE has index.html and src/; FOLDER has node_modules (tools/npm-packages). Into HEADER go
// the compressed files, as C; into SIZES their sizes; into NOTICES whose packages are in them.
// Into PLACE go the files themselves, for a `dev` that has PARTNERAPP_WEB_DIR=PLACE.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import zlib from 'node:zlib';

const isLoose = process.argv[4] === '--into';
const [source, folder, depfile, header, sizes, notices] = process.argv.slice(2).map((one) => path.resolve(one));
const { build } = createRequire(`${folder}/`)('esbuild');
const always = {
  nodePaths: [path.join(folder, 'node_modules')],
  tsconfig: path.join(source, 'tsconfig.json'),
  absWorkingDir: source,
  outdir: '/out',
  bundle: true,
  minify: true,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
  metafile: true,
};

const made = await Promise.all([
  build({
    ...always, entryPoints: { app: 'src/main.tsx' }, format: 'esm', splitting: true, chunkNames: '[name]-[hash]',
    jsx: 'automatic', jsxImportSource: 'preact',
  }),
  build({ ...always, entryPoints: { theme: 'src/frame/theme.ts', app: 'src/style/app.css' }, format: 'iife' }),
]);
const files = new Map();

for (const { outputFiles } of made)
  for (const file of outputFiles) files.set(path.basename(file.path), Buffer.from(file.contents));

const digest = createHash('sha256');
const page = fs.readFileSync(path.join(source, 'index.html'), 'utf8');

for (const [name, bytes] of [...files].sort()) digest.update(name).update(bytes);
digest.update(page);
const number = digest.digest('hex').slice(0, 12);

files.set('index.html', Buffer.from(page.replaceAll('BUILD', number)));

if (isLoose) {
  const place = header;

  fs.mkdirSync(place, { recursive: true });
  for (const [name, bytes] of files) fs.writeFileSync(path.join(place, name), bytes);
  process.exit();
}

// What the page asks for before anybody has pressed anything: the entries, and what they import at once.
const first = new Set(['index.html', 'app.css', 'theme.js']);
const takeWithImports = (name) => {
  const output = made[0].metafile.outputs[path.relative(source, path.join('/out', name))];

  first.add(name);
  for (const { path: imported, kind } of output.imports)
    if (kind === 'import-statement' && !first.has(path.basename(imported))) takeWithImports(path.basename(imported));
};

takeWithImports('app.js');

const names = [...files.keys()].sort();
const packed = names.map((name) => zlib.gzipSync(files.get(name), { level: 9 }));
const rowsOf = (bytes) => {
  const rows = [];

  for (let at = 0; at < bytes.length; at += 24) rows.push(`    ${[...bytes.subarray(at, at + 24)].join(',')},`);
  return rows.join('\n');
};

fs.writeFileSync(header, `/* Made by web/bundle.mjs. */\n#pragma once\n\n#include "base/embedded_file.h"\n
#define CONSOLE_BUILD "${number}"\n
${packed.map((bytes, i) => `static const unsigned char console_file_${i}[] = {\n${rowsOf(bytes)}\n};\n`).join('\n')}
/* Each packed by gzip. */
static const struct embedded_file console_files[] = {
${names.map((name, i) => `    {"${name}", {(const char *)console_file_${i}, sizeof(console_file_${i})}},`).join('\n')}
    {NULL, BYTES("")},\n};\n`);
fs.writeFileSync(sizes, `${JSON.stringify({
  build: number,
  files: names.map((name, i) => ({ name, bytes: files.get(name).length, packed: packed[i].length, is_first: first.has(name) })),
}, null, 2)}\n`);

const inputs = made.flatMap(({ metafile }) => Object.keys(metafile.inputs));
const own = inputs.filter((name) => !name.includes('node_modules')).map((name) => path.resolve(source, name));
const taken = new Set(inputs.map((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1]).filter(Boolean));

fs.writeFileSync(depfile, `${header} ${sizes} ${notices}: ${[...new Set(own)].sort().join(' ')}\n`);
fs.writeFileSync(notices, [...taken].sort().map((name) => {
  const home = path.join(folder, 'node_modules', name);
  const { version, license } = JSON.parse(fs.readFileSync(path.join(home, 'package.json')));
  const file = fs.readdirSync(home).find((one) => /^(licen[cs]e|copying)/i.test(one));

  return `== ${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(home, file), 'utf8').trim() : 'No text comes with it.'}\n`;
}).join('\n'));
