// SPDX-License-Identifier: MIT
// Joins one program and the packages that it takes from npm into one script:
//   node bundle.mjs OUT FOLDER ENTRY        FOLDER has node_modules (see install)

import { createRequire } from 'node:module';
import path from 'node:path';

const [out, folder, entry] = process.argv.slice(2);
const packages = path.resolve(folder);
const { buildSync } = createRequire(`${packages}/`)('esbuild');

buildSync({
  entryPoints: [entry],
  outfile: out,
  nodePaths: [path.join(packages, 'node_modules')],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
});
