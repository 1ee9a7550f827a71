// SPDX-License-Identifier: MIT
// Where the console begins.

import { render } from 'preact';

import { lookWho } from './api/who';
import { Frame } from './frame/frame';
import { startIcon } from './frame/icon';
import './frame/look';
import { startNotes } from './frame/notes';
import { startStream } from './live/stream';

const root = document.querySelector('#console');

void lookWho();
startStream();
startIcon();
startNotes();
if (root) render(<Frame />, root);
