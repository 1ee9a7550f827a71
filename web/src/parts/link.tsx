// SPDX-License-Identifier: MIT
// A link within the console: no page is loaded for it, unless one wants a tab of its own.

import type { ComponentChildren } from 'preact';

import { go } from '../address';

interface Props {
  to: string;
  children: ComponentChildren;
  class?: string;
  label?: string;
  current?: boolean;
  keys?: string;
}

export function Link({ to, children, class: name, label, current, keys }: Props) {
  return (
    <a
      href={to} class={name} aria-label={label} aria-current={current ? 'page' : undefined} aria-keyshortcuts={keys}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >{children}</a>
  );
}
