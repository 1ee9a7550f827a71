// SPDX-License-Identifier: MIT
// Numbers for people: thin groups of three, bytes, parts of a hundred.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

export const count = (n: number | null | undefined): string => (n === null || n === undefined ? '–' : whole.format(n).replaceAll(',', '\u202f'));

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${(n / 1024).toFixed(1)} kB`;
  if (n < 1024 ** 3) return `${(n / 1024 ** 2).toFixed(1)} MB`;
  return `${(n / 1024 ** 3).toFixed(1)} GB`;
}

// The middle of a long id says least: evt_01m8…0003.
export const shortId = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 10)}…${id.slice(-4)}`);
