// Over one HTTP/2 connection of Node.js: an event stream, a request and a WebSocket by extended
// CONNECT (RFC 8441): http2-client.mjs SERVER. The test reads what this writes.
import http2 from 'node:http2';

const [server] = process.argv.slice(2);
const session = http2.connect(server, { rejectUnauthorized: false });
session.on('remoteSettings', (settings) => {
  console.log(`connect protocol ${settings.enableConnectProtocol}`);

  const events = session.request({ ':path': '/channels/node', accept: 'text/event-stream' });
  events.setEncoding('utf8');
  events.on('response', (head) => {
    console.log(`events ${head[':status']}`);
    openSocket();
  });
  events.on('data', (text) => {
    for (const [, data] of text.matchAll(/data: (.*)\n/g)) {
      console.log(`event ${data}`);
      events.close();
    }
  });
});

function openSocket() {
  const socket = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':path': '/channels/node',
    'sec-websocket-version': '13',
  });
  socket.on('response', (head) => {
    console.log(`socket ${head[':status']}`);
    const text = Buffer.from('hello');
    // A masked text frame whose mask changes nothing.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
  });
  socket.on('data', (frame) => {
    console.log(`frame ${frame[0]} ${frame.subarray(2)}`);
    socket.close();
    session.close(() => console.log('closed'));
  });
}
