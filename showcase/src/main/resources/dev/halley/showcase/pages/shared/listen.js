// Listening to a channel in each of the four ways with what browsers have, bare, so that one sees
// what each of them is, and every byte is counted. Programs use halley.js, which does this, and more.
//
// A listener is listen(url, wire, options) → stop(). The wire is told what goes over it:
//   wire.request(sentBytes)  a request or handshake has been sent
//   wire.received(bytes)     bytes have come
//   wire.message(data)       a message has come, parsed
import {
  chunkBytes,
  frameBytes,
  handshakeRequestBytes,
  handshakeResponseBytes,
  requestBytes,
  responseBytes,
  utf8Length,
} from './bytes.js';

const RETRY_MILLIS = 1000;

const pause = (millis, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Runs until stopped; what fails is tried again a second later. */
function untilStopped(attempt) {
  const stopping = new AbortController();
  const { signal } = stopping;
  (async () => {
    while (!signal.aborted) {
      try {
        await attempt(signal);
      } catch (error) {
        if (!signal.aborted) {
          console.warn(`${error}; trying again`);
          await pause(RETRY_MILLIS, signal);
        }
      }
    }
  })();
  return () => stopping.abort();
}

async function ask(url, wire, headers, signal) {
  wire.request(await requestBytes('GET', url, headers));
  const response = await fetch(url, { headers, signal, cache: 'no-store' });
  const body = await response.text();
  wire.received(responseBytes(response, utf8Length(body)));
  if (!response.ok) {
    throw new Error(`${response.status} ${body}`);
  }
  const { publications, position } = JSON.parse(body);
  publications.forEach((publication) => wire.message(publication.data));
  return position;
}

/** Asks, waits, and asks again. intervalMillis() is asked each time. */
export function listenByPoll(url, wire, { since = 'latest', intervalMillis }) {
  let cursor = since;
  return untilStopped(async (signal) => {
    cursor = await ask(`${url}?since=${cursor}`, wire, {}, signal);
    await pause(intervalMillis(), signal);
  });
}

/** Asks, and is answered when there is something, or after the wait. */
export function listenByLongPoll(url, wire, { since = 'latest', waitSeconds = 30 } = {}) {
  let cursor = since;
  return untilStopped(async (signal) => {
    const headers = { Prefer: `wait=${waitSeconds}` };
    cursor = await ask(`${url}?since=${cursor}`, wire, headers, signal);
  });
}

/** Server-Sent Events, by fetch: EventSource is shorter, but doesn't tell how many bytes came. */
export function listenBySse(url, wire, { since = 'latest' } = {}) {
  let cursor = since;
  return untilStopped(async (signal) => {
    const headers = { Accept: 'text/event-stream' };
    wire.request(await requestBytes('GET', `${url}?since=${cursor}`, headers));
    const response = await fetch(`${url}?since=${cursor}`, { headers, signal, cache: 'no-store' });
    wire.received(responseBytes(response, 0));
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      wire.received(chunkBytes(read.value.byteLength));
      const events = (text + decoder.decode(read.value, { stream: true })).split('\n\n');
      text = events.pop();
      for (const event of events) {
        cursor = /^id: (.*)$/m.exec(event)?.[1] ?? cursor;
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined && !event.includes('event: ')) {
          wire.message(JSON.parse(data));
        }
      }
    }
    throw new Error('the stream has ended');
  });
}

/** A WebSocket without subprotocol: each frame is a message and nothing else. */
export function listenByWebSocket(url, wire, { since = 'latest' } = {}) {
  return untilStopped(async (signal) => {
    const address = `${url}?since=${since}`;
    const asking = await handshakeRequestBytes(address);
    await new Promise((resolve, reject) => {
      const socket = new WebSocket(new URL(address, location.href.replace(/^http/, 'ws')));
      signal.addEventListener('abort', () => socket.close());
      wire.request(asking);
      socket.onopen = () => wire.received(handshakeResponseBytes(socket));
      socket.onmessage = ({ data }) => {
        wire.received(frameBytes(utf8Length(data)));
        wire.message(JSON.parse(data));
      };
      socket.onclose = () => reject(new Error('the WebSocket has closed'));
      signal.addEventListener('abort', resolve);
    });
  });
}
