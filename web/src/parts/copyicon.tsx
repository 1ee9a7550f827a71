// SPDX-License-Identifier: MIT
// Two sheets, one on the other; fonts do not agree on having a character for it.

export function CopyIcon() {
  return (
    <svg class="copy-icon" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.2">
      <rect x="3.6" y="3.6" width="7.6" height="7.6" rx="1.4" /><path d="M8 3V2A1.4 1.4 0 0 0 6.6.7H2A1.4 1.4 0 0 0 .7 2v4.6A1.4 1.4 0 0 0 2 8h1" />
    </svg>
  );
}
