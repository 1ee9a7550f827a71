// SPDX-License-Identifier: MIT
// Live or paused: whatever moves on a page stops when one wants to read (WCAG 2.2.2).

import { Cell } from '../cell';

export const isPaused = new Cell(false);
export const held = new Cell(0); // what has come since, and is not shown yet

export function toggle(): void {
  isPaused.set(!isPaused.value);
}
