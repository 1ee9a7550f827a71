// SPDX-License-Identifier: MIT
// See tests/campaign/total.

import { readRuns, total } from './lib/runs.mjs';

const { lines, isWhole } = total(readRuns(process.argv[2]));

for (const line of lines) console.log(line);
console.log(isWhole ? 'nothing is missing' : 'not all that is wanted has been run');
process.exitCode = isWhole ? 0 : 1;
