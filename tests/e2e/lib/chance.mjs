// SPDX-License-Identifier: MIT
// Repeatable chance: the same seed, the same choices.

export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // A whole number from 0 to @n - 1 (a Weyl sequence through two rounds of mixing).
  below(n) {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x85ebca6b);

    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % n;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  // True once in @n times.
  once(n) {
    return this.below(n) === 0;
  }
}
