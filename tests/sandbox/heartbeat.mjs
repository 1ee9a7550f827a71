// SPDX-License-Identifier: MIT
// Whether the machine stalls: a thread that does nothing but ask to be woken every 5 ms, and
// notes by how much it was woken late. So a miss that the machine made is told from ours.

import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const every = 5; // ms

export class Heartbeat {
  #latest = new Int32Array(new SharedArrayBuffer(4)); // ms
  #worker = new Worker(fileURLToPath(import.meta.url), { workerData: this.#latest });

  constructor() {
    this.#worker.unref();
  }

  // The longest stall, in ms, since it was asked last.
  stall() {
    return Atomics.exchange(this.#latest, 0, 0);
  }

  stop() {
    return this.#worker.terminate();
  }
}

function beat(latest) {
  let last = Date.now();

  setInterval(() => {
    const now = Date.now();
    const late = now - last - every;

    if (late > Atomics.load(latest, 0)) Atomics.store(latest, 0, late);
    last = now;
  }, every);
}

if (!isMainThread && workerData instanceof Int32Array) beat(workerData);
