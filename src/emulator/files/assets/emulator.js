// SPDX-License-Identifier: MIT
// What pages do a little better with scripts: copying, a look at a secret that one types, and
// the live debugger. Every page works without.
'use strict';

// --- copying ---

// Where the browser does not let us copy, the text is at least marked.
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return 'Copied';
  } catch {
    getSelection().selectAllChildren(element);
    return 'Marked: copy it';
  }
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.textContent = await copy(document.getElementById(button.dataset.copy));
  });
}

// --- secrets ---

for (const button of document.querySelectorAll('[data-show]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const input = document.getElementById(button.dataset.show);
    const isHidden = input.type === 'password';

    input.type = isHidden ? 'text' : 'password';
    button.firstChild.textContent = isHidden ? 'Hide' : 'Show';
  });
}

// --- the live debugger ---

const ANNOUNCE_MS = 10000; // one sentence every so often, however much comes
const MAX_ROWS = 500;

function makeElement(name, className, text) {
  const element = document.createElement(name);

  if (className) element.className = className;
  element.textContent = text;
  return element;
}

// The same row as debugger_page.c writes.
function makeRow(event, path) {
  const row = makeElement('li', 'is-new', '');
  const link = makeElement('a', '', '');
  const isDuplicate = event.verdict === 'duplicate';
  const word = event.isGood ? 'allowed' : isDuplicate ? 'duplicate' : 'discarded';
  const mark = makeElement('span', event.isGood ? 'is-ok' : isDuplicate ? 'is-warn' : 'is-error',
    event.isGood ? '✔' : isDuplicate ? '=' : '✖');
  const time = makeElement('time', '', event.time.slice(11, 19));

  mark.title = word;
  mark.append(makeElement('span', 'unseen', ` ${word}`));
  time.dateTime = event.time;
  link.href = `${path}?event=${event.number}`;
  link.append(mark, ' ', makeElement('span', 'kind', event.kind), ' ',
    makeElement('bdi', '', event.title || '(no name)'), ' ', time);
  row.append(link);
  if (!event.isGood && !isDuplicate) row.append(makeElement('div', 'is-error', event.verdict));
  return row;
}

class Live {
  arrived = 0;
  source = null;

  constructor(button, list) {
    this.button = button;
    this.list = list;
    this.status = document.getElementById('arrivals');
    document.getElementById('fresh').hidden = true;
    button.hidden = false;
    button.addEventListener('click', () => (this.source ? this.pause() : this.start()));
    setInterval(() => this.announce(), ANNOUNCE_MS);
    addEventListener('pagehide', () => this.pause());
    this.start();
  }

  start() {
    this.source = new EventSource(this.button.dataset.stream);
    this.source.addEventListener('message', ({ data }) => this.add(JSON.parse(data)));
    this.show('Pause');
  }

  pause() {
    this.source?.close();
    this.source = null;
    this.show('Live');
  }

  show(text) {
    this.button.textContent = text;
  }

  // What somebody reads stays where it is.
  add(event) {
    const before = this.list.scrollHeight;

    document.getElementById('no-events')?.remove();
    this.list.prepend(makeRow(event, this.list.dataset.path));
    if (scrollY > 0) scrollBy(0, this.list.scrollHeight - before);
    while (this.list.children.length > MAX_ROWS) this.list.lastElementChild.remove();
    this.arrived++;
  }

  announce() {
    if (this.arrived > 0)
      this.status.textContent = `${this.arrived} new event${this.arrived === 1 ? '' : 's'}`;
    this.arrived = 0;
  }
}

const button = document.getElementById('live');

if (button) new Live(button, document.getElementById('events'));
