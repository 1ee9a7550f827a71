// SPDX-License-Identifier: MIT
// A small disk that a test has for itself: {disk, scope}, or {} where none may be mounted and the
// test is skipped. What uses the disk is told the scope instead of the test, so that it ends first.

import { SmallDisk } from '../../campaign/lib/small-disk.mjs';

export function smallDisk(t, kind = 'tmpfs') {
  const disk = SmallDisk.mount(kind, 96);

  if (disk === null) return t.skip('nothing may be mounted here') ?? {};
  const ends = [() => disk.unmount()];

  t.after(async () => { for (const end of ends) await end(); });
  return { disk, scope: { after: (end) => ends.unshift(end) } };
}
