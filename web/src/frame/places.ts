// SPDX-License-Identifier: MIT
// The pages, in the order of the bar. Their names are those of the commands.

export interface Place { path: string; title: string; key: string }

export const places: Place[] = [
  { path: '/', title: 'Overview', key: 'o' },
  { path: '/events', title: 'Events', key: 'e' },
  { path: '/functions', title: 'Functions', key: 'f' },
  { path: '/endpoints', title: 'Endpoints', key: 'd' },
  { path: '/installs', title: 'Installs', key: 'i' },
  { path: '/dead', title: 'Dead letters', key: 'x' },
  { path: '/settings', title: 'Settings', key: 's' },
];

export const placeOf = (path: string): Place | undefined =>
  places.find((one) => (one.path === '/' ? path === '/' : path === one.path || path.startsWith(`${one.path}/`)));
