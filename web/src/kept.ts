// SPDX-License-Identifier: MIT
// What this browser remembers: theme, zone, recent searches. A browser may refuse to keep anything.

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`partnerapp.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`partnerapp.${name}`, value);
  } catch {
    // then it holds until the page is left
  }
}
