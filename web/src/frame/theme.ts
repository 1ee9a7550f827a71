// SPDX-License-Identifier: MIT
// Runs before anything is painted, so that no page flashes in the other theme.

try {
  const theme = localStorage.getItem('partnerapp.theme');

  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // the system's theme, then
}
