// A server of Node.js that speaks HTTP/2 without TLS, and a client of it that comes through a tap. Prints the server's
// port, reads the tap's, and prints what the client gets.
import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';

const server = http2.createServer({ settings: { enableConnectProtocol: true } });
server.on('stream', (stream, head) => {
  if (head[':protocol'] === 'websocket') {
    stream.respond({ ':status': 200 });
    stream.on('data', (frame) => stream.write(Buffer.from([0x81, 2, frame[6], frame[7]])));
    stream.on('end', () => stream.end());
  } else if (head[':path'].startsWith('/events')) {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
    stream.write('data: one\n\n');
    stream.end('data: two\n\n');
  } else {
    stream.respond({ ':status': 200, 'content-encoding': 'gzip', 'set-cookie': 'id=sesame' });
    stream.end(gzipSync('again and again'));
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log(server.address().port);
const port = await new Promise((resolve) => process.stdin.once('data', (text) => resolve(`${text}`.trim())));

const session = http2.connect(`http://127.0.0.1:${port}`);
const get = (path) => new Promise((resolve) => {
  const stream = session.request({ ':path': path, authorization: 'Bearer open-sesame' });
  let bytes = 0;
  stream.on('data', (piece) => (bytes += piece.length));
  stream.on('end', () => resolve(bytes));
});
console.log('got', await get('/gzip'), await get('/gzip?token=sesame'), await get('/events'));
const socket = session.request({
  ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/socket', 'sec-websocket-version': '13',
});
await new Promise((resolve) => socket.on('response', resolve));
socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])); // a mask that changes nothing
console.log('frame', `${await new Promise((resolve) => socket.once('data', resolve))}`.slice(2));
socket.on('end', () => session.close(() => process.exit()));
socket.end();
