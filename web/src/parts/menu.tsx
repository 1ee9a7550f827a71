// SPDX-License-Identifier: MIT
// A button with more to choose from below it. Escape and a press elsewhere close it.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const [isOpen, setIsOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!isOpen) return undefined;
    const onDown = ({ target }: Event): void => { if (!box.current?.contains(target as Node)) setIsOpen(false); };

    addEventListener('pointerdown', onDown);
    return () => removeEventListener('pointerdown', onDown);
  }, [isOpen]);
  return (
    <span class="menu-box" ref={box} onKeyDown={(event) => {
      if (event.key !== 'Escape' || !isOpen) return;
      event.preventDefault();
      event.stopPropagation();
      setIsOpen(false);
      button.current?.focus();
    }}>
      <button type="button" ref={button} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>{label} <span aria-hidden="true">▾</span></button>
      {isOpen && <span class="menu-list" onClick={() => { setIsOpen(false); button.current?.focus(); }}>{children}</span>}
    </span>
  );
}
