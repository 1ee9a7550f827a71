// SPDX-License-Identifier: MIT
// The bar at the top: where one is, search, whether it is live, keys, theme.

import { useState } from 'preact/hooks';

import type { Status } from '../api/types';
import { useCell } from '../cell';
import { newBuild } from '../live/stream';
import { Link } from '../parts/link';
import { Account } from './account';
import { LiveState } from './livestate';
import { nextTheme, theme } from './look';
import { Search } from './search';

interface Props { q: string; status: Status | null; onKeys: () => void; isMenuOpen: boolean; onMenu: () => void }

export function Top({ q, status, onKeys, isMenuOpen, onMenu }: Props) {
  const look = useCell(theme);
  const isOld = useCell(newBuild);
  const [isIgnored, setIsIgnored] = useState(false);

  return (
    <>
      <header class="top">
        <button type="button" class="quiet menu" aria-expanded={isMenuOpen} aria-controls="pages" aria-label="Pages" onClick={onMenu}>☰</button>
        <Link to="/" class="brand" label="partnerapp, Overview">partnerapp</Link>
        {status && <span class="mode">{status.mode}</span>}
        <Search q={q} status={status} />
        <LiveState />
        <button type="button" class="quiet" aria-label="Keys" title="Keys (?)" aria-keyshortcuts="?" onClick={onKeys}>?</button>
        <button type="button" class="quiet" aria-label={`Theme: ${look}`} title={`Theme: ${look}`} onClick={nextTheme}>{{ auto: '◐', light: '☀', dark: '☾' }[look]}</button>
        <Account />
      </header>
      {isOld && !isIgnored && (
        <p class="banner">The server was upgraded; this page is of the version before. <button type="button" onClick={() => location.reload()}>Reload</button>
          <button type="button" class="quiet" onClick={() => setIsIgnored(true)}>Later</button></p>
      )}
    </>
  );
}
