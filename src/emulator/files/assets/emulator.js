// SPDX-License-Identifier: MIT
// What pages do a little better with scripts: copy, and the live debugger. Every page
// works without.
'use strict';

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');

  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = 'Copied';
});

for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false;
