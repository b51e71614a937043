// How many bytes HTTP and WebSocket put on the wire, without TCP, IP and TLS.

const encoder = new TextEncoder();
let fields;

/** Bytes of a text in UTF-8. */
export function utf8Length(text) {
  return encoder.encode(text).length;
}

/**
 * Bytes of the fields that this browser adds to a request of this page (bytes), and of those among
 * them that it adds to a WebSocket's handshake too (handshake), as the server saw them on one
 * request: a page isn't told.
 */
function requestFields() {
  fields ??= fetch('/shared/request-fields', { cache: 'no-store' }).then((answer) => answer.json());
  return fields;
}

/** Bytes of a request's head: request line, the browser's fields, and those that the page adds. */
export async function requestBytes(method, url, headers = {}, bodyBytes = 0) {
  let bytes = requestLineBytes(method, url) + (await requestFields()).bytes + bodyBytes;
  for (const [name, value] of Object.entries(headers)) {
    bytes += utf8Length(`${name}: ${value}\r\n`);
  }
  return 'Accept' in headers ? bytes - utf8Length('Accept: */*\r\n') : bytes;
}

/** With the empty line at the end of the head. */
function requestLineBytes(method, url) {
  const { pathname, search } = new URL(url, location.href);
  return utf8Length(`${method} ${pathname}${search} HTTP/1.1\r\n\r\n`);
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

/** Bytes of a chunk of HTTP/1.1 with so much in it (RFC 9112 section 7.1). */
export function chunkBytes(dataBytes) {
  return dataBytes.toString(16).length + 4 + dataBytes;
}

/** Bytes of the request that asks for a WebSocket. */
export async function handshakeRequestBytes(url) {
  const own =
    'Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n' +
    `Upgrade: websocket\r\nOrigin: ${location.origin}\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Key: 012345678901234567890w==\r\n' +
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n';
  return requestLineBytes('GET', url) + utf8Length(own) + (await requestFields()).handshake;
}

/** Bytes of the answer with which an open WebSocket began. */
export function handshakeResponseBytes(socket) {
  const optional =
    (socket.extensions ? `Sec-WebSocket-Extensions: ${socket.extensions}\r\n` : '') +
    (socket.protocol ? `Sec-WebSocket-Protocol: ${socket.protocol}\r\n` : '') +
    (socket.url.includes('/channels/') ? 'Halley-Position: 0123456789012:0\r\n' : '');
  return utf8Length(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: 0123456789012345678901234567\r\n${optional}\r\n`,
  );
}
