// SPDX-License-Identifier: MIT
// Rounds in parts, each with a service and a store of its own, so that what a round costs does
// not grow with the campaign.

const EPOCH = 250; // rounds

// Calls @one(t, number, rounds) for each part; returns what they returned.
export async function inEpochs(rounds, one, epoch = EPOCH) {
  const results = [];

  for (let left = rounds; left > 0; left -= epoch) {
    const ends = [];

    try {
      results.push(await one({ after: (end) => ends.push(end) }, results.length + 1, Math.min(left, epoch)));
    } finally {
      for (const end of ends) await end();
    }
  }
  return results;
}
