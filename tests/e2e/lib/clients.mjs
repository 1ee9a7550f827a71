// SPDX-License-Identifier: MIT
// Clients from npm that know nothing of us (tests/clients).

import { createRequire } from 'node:module';
import path from 'node:path';

import { root } from './program.mjs';

export const client = createRequire(path.join(root, 'tests/clients/package.json'));
