// SPDX-License-Identifier: MIT
// Auto, light or dark; how close rows stand; and whether single letters are keys (WCAG 2.1.4).

import { Cell } from '../cell';
import { keep, kept } from '../kept';

export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = typeof themes[number];

export const theme = new Cell<Theme>(themes.find((one) => one === kept('theme')) ?? 'auto');
export const isDense = new Cell(kept('density') === 'dense');
export const hasLetters = new Cell(kept('letters') !== 'off');

theme.watch((one) => {
  keep('theme', one);
  if (one === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = one;
});
const showDensity = (dense: boolean): void => { document.documentElement.classList.toggle('dense', dense); };

showDensity(isDense.value);
isDense.watch((dense) => { keep('density', dense ? 'dense' : 'wide'); showDensity(dense); });
hasLetters.watch((on) => keep('letters', on ? 'on' : 'off'));

export const nextTheme = (): void => theme.set(themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto');
