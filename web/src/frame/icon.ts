// SPDX-License-Identifier: MIT
// The tab's picture and title say how many dead letters there are, also when one looks elsewhere.

import { counters } from '../live/stream';

let title = 'partnerapp';
let dead = -1;

function picture(n: number): string {
  const badge = n > 0 ? '<circle cx="23" cy="9" r="8" fill="#d93025"/>' +
    `<text x="23" y="13" font-size="${n > 9 ? 9 : 12}" font-family="sans-serif" font-weight="bold" text-anchor="middle" fill="#fff">${n > 99 ? '99' : n}</text>` : '';

  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="4" width="26" height="26" rx="6" fill="#1f5fd6"/><path d="M9 17h10m-4-5 5 5-5 5" stroke="#fff" stroke-width="3" fill="none" stroke-linecap="round" stroke-linejoin="round"/>${badge}</svg>`)}`;
}

function show(): void {
  document.title = (dead > 0 ? `(${dead}) ` : '') + title;
}

export function setTitle(text: string): void {
  title = text === '' ? 'partnerapp' : `${text} · partnerapp`;
  show();
}

export function startIcon(): void {
  const draw = (n: number): void => {
    if (n === dead) return;
    dead = n;
    document.querySelector<HTMLLinkElement>('link[rel=icon]')?.setAttribute('href', picture(n));
    show();
  };

  draw(0);
  counters.watch((now) => { if (now) draw(now.dead); });
}
