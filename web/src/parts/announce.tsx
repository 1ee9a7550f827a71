// SPDX-License-Identifier: MIT
// One line of news for whoever listens instead of looking, and for the eye at the foot of the page.

import { Cell, useCell } from '../cell';

const said = new Cell<{ text: string; isBad: boolean; n: number }>({ text: '', isBad: false, n: 0 });
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, isBad = false): void {
  said.set({ text, isBad, n: said.value.n + 1 });
  clearTimeout(timer);
  timer = setTimeout(() => said.set({ text: '', isBad: false, n: said.value.n + 1 }), isBad ? 8000 : 4000);
}

export function Announcer() {
  const { text, isBad } = useCell(said);

  return <div class={`announcer ${text ? 'is-shown' : ''} ${isBad ? 'is-bad' : ''}`} role="status">{text}</div>;
}
