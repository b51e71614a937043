// How many bytes HTTP and WebSocket put on the wire, without TCP, IP and TLS.

const encoder = new TextEncoder();
let requestFields;

/** Bytes of a text in UTF-8. */
export function utf8Length(text) {
  return encoder.encode(text).length;
}

/**
 * Bytes of the fields that this browser adds to a request of this page, as the server saw them on
 * one: a page isn't told.
 */
export function requestFieldBytes() {
  requestFields ??= fetch('/shared/request-fields', { cache: 'no-store' })
    .then((answer) => answer.json())
    .then(({ bytes }) => bytes);
  return requestFields;
}

/** Bytes of a request's head: request line, the browser's fields, and those that the page adds. */
export async function requestBytes(method, url, headers = {}, bodyBytes = 0) {
  const { pathname, search } = new URL(url, location.href);
  let bytes = utf8Length(`${method} ${pathname}${search} HTTP/1.1\r\n\r\n`) + bodyBytes;
  for (const [name, value] of Object.entries(headers)) {
    bytes += utf8Length(`${name}: ${value}\r\n`);
  }
  return bytes + (await requestFieldBytes());
}

/** Bytes of an answer of our own origin: status line, all fields, body. */
export function responseBytes(response, bodyBytes) {
  let bytes = utf8Length(`HTTP/1.1 ${response.status} ${response.statusText}\r\n\r\n`) + bodyBytes;
  for (const [name, value] of response.headers) {
    bytes += utf8Length(`${name}: ${value}\r\n`);
  }
  return bytes;
}

/** Bytes of a WebSocket frame with such a payload (RFC 6455 section 5.2); clients mask theirs. */
export function frameBytes(payloadBytes, fromClient = false) {
  const length = payloadBytes < 126 ? 0 : payloadBytes < 65536 ? 2 : 8;
  return 2 + length + (fromClient ? 4 : 0) + payloadBytes;
}

/** What a WebSocket's handshake has beside the browser's usual fields, and its answer. */
export const HANDSHAKE = {
  sent: utf8Length(
    'Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: 012345678901234567890w==\r\n' +
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n',
  ),
  received: utf8Length(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: 0123456789012345678901234567=\r\n\r\n',
  ),
};
