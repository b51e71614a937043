// Sends texts and binary messages to an echo, on a connection for each set of ws' own options for
// compression: deflate-client.mjs ECHO SIZES OPTIONS. Writes what was agreed on and how many bytes
// went each way, or what went wrong.
import WebSocket from 'ws';
import { payloads } from './payloads.mjs';

const [echo, sizes, options] = process.argv.slice(2);

function talk(perMessageDeflate) {
  return new Promise((resolve) => {
    const socket = new WebSocket(echo, { perMessageDeflate: { ...perMessageDeflate, threshold: 0 } });
    const left = payloads(JSON.parse(sizes));
    let payload = 0;
    let agreed;
    let last;
    const next = () => {
      last = left.shift();
      if (last === undefined) {
        const { bytesRead, bytesWritten } = socket._socket;
        resolve({ agreed, payload, bytesRead, bytesWritten });
        socket.close(1000);
      } else {
        payload += last.length;
        socket.send(last);
      }
    };
    socket.on('upgrade', (response) => (agreed = response.headers['sec-websocket-extensions']));
    socket.on('open', next);
    socket.on('message', (data, binary) => {
      const same = binary
        ? typeof last !== 'string' && data.equals(last)
        : typeof last === 'string' && data.toString() === last;
      if (same) {
        next();
      } else {
        resolve({ error: `another message of ${data.length} bytes` });
        socket.terminate();
      }
    });
    socket.on('error', (error) => resolve({ error: error.message }));
    socket.on('close', (code) => resolve({ error: `closed with ${code}` }));
  });
}

for (const set of JSON.parse(options)) {
  console.log(JSON.stringify(await talk(set)));
}
