// SPDX-License-Identifier: MIT
// One stream for all tabs of a browser: who holds the lock reads it and tells the others, since a
// browser opens only about six connections to one host. Without locks each tab reads its own.

const NAME = 'partnerapp-stream';

interface Tabs {
  tell: (message: unknown) => void;
}

// @lead is called in the tab that has to read; @hear in the others, with what was told.
export function share(lead: () => void, hear: (message: unknown) => void): Tabs {
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
    lead();
    return { tell: () => undefined };
  }
  const channel = new BroadcastChannel(NAME);

  channel.onmessage = ({ data }) => hear(data);
  navigator.locks.request(NAME, () => {
    lead();
    return new Promise(() => undefined); // until this tab is closed
  }).catch(lead);
  return { tell: (message) => channel.postMessage(message) };
}
