// Clients with times that suit tests.
import { WebSocket } from 'ws';
import { Halley } from '../../halley.js';

/** Times for a server whose heartbeat is HEARTBEAT. */
export const HEARTBEAT = 400;

const TIMES = {
  timeout: 3_000,
  heartbeat: HEARTBEAT,
  pollInterval: 10,
  retryTransport: 400,
  minDelay: 5,
  maxDelay: 100,
};

export function startClient(url, options = {}) {
  return new Halley(url, { WebSocket, ...TIMES, ...options });
}

/** Resolves with the first event that fits. */
export function next(emitter, type, fits = () => true) {
  return new Promise((resolve) => {
    const off = emitter.on(type, (event) => {
      if (fits(event)) {
        off();
        resolve(event);
      }
    });
  });
}
