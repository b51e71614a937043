// The server's clock, as near as a few requests can tell: the phone's or laptop's own may be off.

const SAMPLES = 8;
let offset;

/**
 * Milliseconds that the server's clock is ahead, by the quickest of a few requests. Such a request
 * tells it to half of what it took; if the clocks may agree as far as that goes, they are taken to,
 * as they do where server and browser are on one machine.
 */
export function clockOffset() {
  offset ??= measure();
  return offset;
}

async function measure() {
  let best = { roundTrip: Infinity, offset: 0 };
  for (let i = 0; i < SAMPLES; i++) {
    const before = localMillis();
    const { millis } = await (await fetch('/shared/time', { cache: 'no-store' })).json();
    const after = localMillis();
    if (after - before < best.roundTrip) {
      best = { roundTrip: after - before, offset: millis - (before + after) / 2 };
    }
  }
  return Math.abs(best.offset) <= best.roundTrip / 2 ? 0 : best.offset;
}

/** Milliseconds since 1970 by this machine's clock, with decimals. */
export function localMillis() {
  return performance.timeOrigin + performance.now();
}
