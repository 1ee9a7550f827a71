// SPDX-License-Identifier: MIT
// File systems small enough to be filled: tmpfs, and ext4 on a loop device. Both need root.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from '../../e2e/lib/place.mjs';

function succeeds(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }).status === 0;
}

export class SmallDisk {
  // null where one may not mount. @kind: 'tmpfs' or 'ext4'.
  static mount(kind, mib) {
    const disk = new SmallDisk();

    disk.kind = kind;
    disk.outside = temporaryFolder();
    disk.folder = path.join(disk.outside, 'disk');
    fs.mkdirSync(disk.folder);
    const isMounted = kind === 'tmpfs'
      ? succeeds('mount', '-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', disk.folder)
      : disk.#mountImage(mib);

    if (isMounted) return disk;
    fs.rmSync(disk.outside, { recursive: true });
    return null;
  }

  #mountImage(mib) {
    const image = path.join(this.outside, 'image');

    fs.closeSync(fs.openSync(image, 'w'));
    fs.truncateSync(image, mib << 20);
    return succeeds('mkfs.ext4', '-q', '-F', '-m', '0', image) && succeeds('mount', '-o', 'loop', image, this.folder);
  }

  // Until the last byte, so that also who does not look how much is free meets the end.
  fill() {
    const descriptor = fs.openSync(this.ballast, 'w');

    for (const bytes of [1 << 20, 4096]) this.#fillBy(descriptor, Buffer.alloc(bytes, 'x'));
    fs.closeSync(descriptor);
  }

  #fillBy(descriptor, block) {
    try {
      for (;;) fs.writeSync(descriptor, block);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }

  // A little of it back, from its end.
  give(bytes) {
    fs.truncateSync(this.ballast, Math.max(0, fs.statSync(this.ballast).size - bytes));
  }

  free() {
    fs.rmSync(this.ballast, { force: true });
  }

  get freeMib() {
    const { bavail, bsize } = fs.statfsSync(this.folder);

    return (bavail * bsize) / (1 << 20);
  }

  get ballast() {
    return path.join(this.folder, 'ballast');
  }

  // After its last user.
  unmount() {
    succeeds('umount', this.folder) || succeeds('umount', '-l', this.folder);
    fs.rmSync(this.outside, { recursive: true });
  }
}
