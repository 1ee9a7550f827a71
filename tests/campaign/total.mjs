// SPDX-License-Identifier: MIT
// See tests/campaign/total.

import { readRuns, total } from './lib/runs.mjs';

const { lines, isAll } = total(readRuns(process.argv[2]));

for (const line of lines) console.log(line);
console.log(isAll ? 'nothing is missing' : 'not all that is wanted has been run');
process.exitCode = isAll ? 0 : 1;
