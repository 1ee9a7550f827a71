// SPDX-License-Identifier: MIT
// Keys of the console. Single letters count only while no field has the focus, and can be switched off.

import { useEffect, useRef } from 'preact/hooks';

import { hasLetters } from './look';

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const layers: { current: Keys }[] = []; // the youngest is asked first
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

function isTyping(event: KeyboardEvent): boolean {
  const at = event.composedPath()[0];

  return at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) &&
    !(at instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(at.type)));
}

function nameOf(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';

  return control + (event.key.length === 1 && control ? event.key.toLowerCase() : event.key);
}

function find(name: string): Keys[string] | undefined {
  for (const layer of [...layers].reverse()) {
    const action = layer.current[name];

    if (action) return action;
  }
  return undefined;
}

addEventListener('keydown', (event) => {
  const name = nameOf(event);
  const isLetter = !name.startsWith('Ctrl+') && event.key.length === 1;

  if (event.altKey || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  if (isLetter && (!hasLetters.value || isTyping(event))) return;
  if (!isLetter && name !== 'Escape' && !name.startsWith('Ctrl+')) return;
  const action = find(prefix + name);

  clearTimeout(prefixTimer);
  if (!action && name === 'g' && prefix === '') {
    prefix = 'g ';
    prefixTimer = setTimeout(() => { prefix = ''; }, 1500);
    return;
  }
  prefix = '';
  if (!action) return;
  event.preventDefault();
  action(event);
});

export function useKeys(keys: Keys): void {
  const layer = useRef(keys);

  layer.current = keys;
  useEffect(() => {
    layers.push(layer);
    return () => { layers.splice(layers.indexOf(layer), 1); };
  }, []);
}
