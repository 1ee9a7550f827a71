// SPDX-License-Identifier: MIT
// What the order of the end-to-end files depends on (run.mjs). A file that nobody names here
// shares the machine and takes a few seconds.

// They measure what a busy machine changes: limits kept to a quarter of a second, memory that
// comes back, how soon something is there.
export const alone = ['sandbox-attacks.test.mjs', 'function.test.mjs', 'dev.test.mjs'];

// About how long the long ones take; only their order matters.
export const seconds = {
  'console.test.mjs': 135,
  'enable-browser.test.mjs': 115,
  'enable-refresh.test.mjs': 83,
  'compat.test.mjs': 63,
  'sandbox.test.mjs': 61,
  'enable.test.mjs': 60,
  'delivery.test.mjs': 52,
  'durability.test.mjs': 48,
  'console-access.test.mjs': 39,
  'lambda-package.test.mjs': 30,
  'lambda-c.test.mjs': 27,
  'handover.test.mjs': 24,
  'keeping.test.mjs': 23,
  'fn-check.test.mjs': 23,
  'hostile-http.test.mjs': 21,
  'openloop.test.mjs': 21,
  'lambda-run.test.mjs': 20,
  'batch.test.mjs': 20,
  'emulator-function.test.mjs': 17,
  'lambda-identical.test.mjs': 15,
  'console-api.test.mjs': 14,
  'hostile-emulator.test.mjs': 13,
  'emulator-delivery.test.mjs': 13,
  'isolation.test.mjs': 12,
  'lifecycle.test.mjs': 12,
  'emulator-lambda-role.test.mjs': 12,
  'hostile-enable.test.mjs': 12,
  'emulator-cli.test.mjs': 12,
  'emulator-clock.test.mjs': 10,
  'fn-test.test.mjs': 10,
  'lambda-ric.test.mjs': 10,
  'generations.test.mjs': 10,
  'emulator-attempt.test.mjs': 9,
  'globals.test.mjs': 9,
};
