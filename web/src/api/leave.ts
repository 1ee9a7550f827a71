// SPDX-License-Identifier: MIT
// When the session has ended: sign in again, and come back to this view. What was typed and is not
// saved waits in this tab for the one who typed it.

const PREFIX = 'partnerapp.draft:';
const keepers = new Set<() => void>();
let isLeaving = false;

export interface Draft { who: string; base: string; text: string }

// Back, after that or after signing out: not the page as it was, but as it is for whoever asks now.
addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });

// @keep is called before the page goes; returns how to stop that.
export function beforeLeaving(keep: () => void): () => void {
  keepers.add(keep);
  return () => { keepers.delete(keep); };
}

export function keepDrafts(): void {
  for (const keep of keepers) keep();
}

export function toLogin(): void {
  if (isLeaving) return;
  isLeaving = true;
  keepDrafts();
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}

export function keepDraft(name: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // a browser that keeps nothing; the file on disk is as it was
  }
}

// Hands it out once, and only to whom it belongs.
export function takeDraft(name: string, who: string): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null') as Draft | null;

    sessionStorage.removeItem(PREFIX + name);
    return draft?.who === who && typeof draft.base === 'string' && typeof draft.text === 'string' ? draft : null;
  } catch {
    return null;
  }
}
