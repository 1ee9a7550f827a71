// SPDX-License-Identifier: MIT
// Who is signed in, and what one does about that. In dev nobody signs in.

import { useEffect, useRef, useState } from 'preact/hooks';

import { keepDrafts } from '../api/leave';
import type { Me } from '../api/types';
import { me, means } from '../api/who';
import { useCell } from '../cell';
import { Link } from '../parts/link';
import { When } from '../words/when';
import { useKeys } from './keys';
import { Password } from './password';

function Menu({ who, onClose, onPassword }: { who: Me; onClose: () => void; onPassword: () => void }) {
  useKeys({ Escape: onClose });
  return (
    <div class="account-menu" id="account">
      <p class="who"><strong>{who.name}</strong> <span class="mode">{who.role}</span></p>
      <p class="muted">Your role: {means[who.role]}.{who.expires_at && <><br />The session ends <When at={who.expires_at} ago />.</>}</p>
      <ul>
        <li><button type="button" class="quiet" onClick={onPassword}>Change password…</button></li>
        <li><Link class="button quiet" to="/settings#sessions">Sessions</Link></li>
        <li><form method="post" action="/logout" onSubmit={keepDrafts}><button type="submit" class="quiet">Sign out</button></form></li>
      </ul>
    </div>
  );
}

export function Account() {
  const who = useCell(me);
  const [isOpen, setIsOpen] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setIsOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!isOpen) return undefined;
    const onAway = (event: Event): void => { if (!box.current?.contains(event.target as Node)) setIsOpen(false); };

    addEventListener('pointerdown', onAway);
    addEventListener('focusin', onAway);
    return () => { removeEventListener('pointerdown', onAway); removeEventListener('focusin', onAway); };
  }, [isOpen]);
  if (who?.kind !== 'user') return null;
  return (
    <div class="account" ref={box}>
      <button ref={button} type="button" class="quiet" aria-expanded={isOpen} aria-controls="account" aria-label={`Account: ${who.name}, ${who.role}`} onClick={() => setIsOpen(!isOpen)}>
        <span class="initial" aria-hidden="true">{[...who.name][0]?.toUpperCase()}</span><span class="name" aria-hidden="true">{who.name}</span>
      </button>
      {isOpen && <Menu who={who} onClose={close} onPassword={() => { close(); setIsAsking(true); }} />}
      {isAsking && <Password name={who.name} onClose={() => setIsAsking(false)} />}
    </div>
  );
}
