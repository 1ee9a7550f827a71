// SPDX-License-Identifier: MIT
// Another time and other names for a program: see elsewhere.c.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '../../e2e/lib/place.mjs';
import { isSanitized, run } from '../../e2e/lib/program.mjs';

export const names = { resolve: 0n, unknown: 1n, notNow: 2n, late: 3n };

export class Elsewhere {
  #numbers = [0n, 0n, 0n];

  // null where there is no compiler, or a sanitizer wants to be loaded first.
  static async make(t) {
    const elsewhere = new Elsewhere();
    const folder = temporaryFolder(t);

    elsewhere.file = path.join(folder, 'elsewhere');
    elsewhere.library = path.join(folder, 'elsewhere.so');
    elsewhere.#write();
    const source = fileURLToPath(new URL('elsewhere.c', import.meta.url));
    const made = await run(['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', elsewhere.library, source, '-ldl'],
      { command: 'cc' }).catch(() => ({ code: 1 }));

    return made.code === 0 && !isSanitized ? elsewhere : null;
  }

  get env() {
    return { LD_PRELOAD: this.library, ELSEWHERE: this.file };
  }

  // In place: it is mapped.
  #write() {
    const bytes = Buffer.alloc(24);

    this.#numbers.forEach((number, i) => bytes.writeBigInt64LE(number, 8 * i));
    const descriptor = fs.openSync(this.file, fs.existsSync(this.file) ? 'r+' : 'w');

    fs.writeSync(descriptor, bytes, 0, bytes.length, 0);
    fs.closeSync(descriptor);
  }

  wall(ms) {
    this.#numbers[0] = BigInt(Math.round(ms));
    this.#write();
  }

  // Never back.
  suspend(ms) {
    this.#numbers[1] += BigInt(Math.round(ms));
    this.#write();
  }

  names(how) {
    this.#numbers[2] = how;
    this.#write();
  }
}
