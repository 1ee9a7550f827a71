// SPDX-License-Identifier: MIT
// A window over the page. The browser's own: it keeps the focus inside, and Escape closes it.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

export function Dialog({ title, onClose, children, class: name = '' }: { title: string; onClose: () => void; children: ComponentChildren; class?: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();

  // Before it is painted: what is typed next is meant for it.
  useLayoutEffect(() => {
    const before = document.activeElement;

    ref.current?.showModal();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  return (
    <dialog ref={ref} class={name} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === ref.current) onClose(); }}>
      <div class="dialog-body">
        <header><h2 id={id}>{title}</h2><button type="button" class="quiet close" aria-label="Close" onClick={onClose}>✕</button></header>
        {children}
      </div>
    </dialog>
  );
}
