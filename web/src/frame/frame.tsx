// SPDX-License-Identifier: MIT
// What is around every page, and which page it is.

import { useEffect, useRef, useState } from 'preact/hooks';

import { address, go } from '../address';
import { useLoaded } from '../api/loaded';
import type { Status } from '../api/types';
import { me } from '../api/who';
import { useCell } from '../cell';
import { JobStrip } from '../jobs/strip';
import { toggle } from '../live/pause';
import { Announcer } from '../parts/announce';
import { copy } from '../parts/copy';
import { Skeleton } from '../parts/notice';
import { DeadPage } from '../pages/dead/page';
import { EndpointsPage } from '../pages/endpoints/page';
import { EventsPage } from '../pages/events/page';
import { FunctionsPage } from '../pages/functions/page';
import { InstallsPage } from '../pages/installs/page';
import { OverviewPage } from '../pages/overview/page';
import { SettingsPage } from '../pages/settings/page';
import { setTitle } from './icon';
import { KeyList } from './keylist';
import { useKeys } from './keys';
import { Palette } from './palette';
import { placeOf, places } from './places';
import { Side } from './side';
import { Top } from './top';

function restOf(path: string): string {
  const text = path.split('/')[2] ?? '';

  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone %
  }
}

function Page({ path, status }: { path: string; status: Status | null }) {
  switch (placeOf(path)?.path) {
    case '/': return <OverviewPage />;
    case '/events': return <EventsPage id={restOf(path)} status={status} />;
    case '/functions': return <FunctionsPage name={restOf(path)} />;
    case '/endpoints': return <EndpointsPage name={restOf(path)} />;
    case '/installs': return <InstallsPage name={restOf(path)} status={status} />;
    case '/dead': return <DeadPage />;
    case '/settings': return <SettingsPage status={status} />;
    default: return <section class="page"><h1>No such page</h1></section>;
  }
}

export function Frame() {
  const { path, query } = useCell(address);
  const status = useLoaded<Status>('/status');
  const who = useCell(me);
  const [over, setOver] = useState<'keys' | 'palette' | null>(null);
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const place = placeOf(path);
  const isFirst = useRef(true);

  useEffect(() => {
    const name = restOf(path);

    setTitle(name === '' ? place?.title ?? '' : `${name} · ${place?.title ?? ''}`);
    setIsMenuOpen(false);
  }, [path]);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place]);
  useKeys({
    ...Object.fromEntries(places.map((one) => [`g ${one.key}`, () => go(one.path)])),
    '?': () => setOver('keys'),
    'Ctrl+k': () => setOver('palette'),
    '.': toggle,
    'y': () => { void copy(location.href, 'link'); },
  });
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the page</a>
      <Top q={place?.path === '/events' ? query.get('q') ?? '' : ''} status={status.data} onKeys={() => setOver('keys')}
        isMenuOpen={isMenuOpen} onMenu={() => setIsMenuOpen(!isMenuOpen)} />
      <div class={`body ${isMenuOpen ? 'has-menu' : ''}`}>
        <Side path={path} status={status.data} />
        <main id="main" tabIndex={-1} ref={main}>
          {who ? <><JobStrip except={place?.path === '/dead' ? query.get('job') : null} /><Page key={who.role} path={path} status={status.data} /></> : <section class="page"><Skeleton /></section>}
        </main>
      </div>
      <Announcer />
      {over === 'keys' && <KeyList onClose={() => setOver(null)} />}
      {over === 'palette' && <Palette onClose={() => setOver(null)} />}
    </>
  );
}
