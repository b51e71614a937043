// A Halley client whose traffic a meter counts to the byte.
import { Halley } from '/halley/halley.js';

/** On transports whose answers end, or which the meter counts frame by frame. */
export function meteredClient(meter) {
  return new Halley(location.origin, {
    transports: ['websocket', 'long-poll'],
    maxDelay: 4_000,
    fetch: (url, options) => meter.fetch(url, options),
    WebSocket: function (url, protocol) {
      return meter.socket(new WebSocket(url, protocol));
    },
  });
}
