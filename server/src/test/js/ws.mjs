// Listens and publishes with ws; the test reads what this writes.
import WebSocket from 'ws';

const base = process.argv[2].replace('http:', 'ws:');
const closed = (socket) => new Promise((resolve) => socket.on('close', resolve));

const first = new WebSocket(`${base}/channels/node`);
first.on('open', () => console.log('open'));
let start;
first.on('upgrade', (response) => (start = response.headers['halley-position']));
let frames = 0;
first.on('message', (data, binary) => {
  frames++;
  console.log(binary ? 'binary' : 'text', data.toString());
  if (frames === 1) {
    first.send('mine');
  } else {
    first.close(1000);
  }
});
await closed(first);

// One frame back from where the first one ended.
const [epoch, offset] = start.split(':');
const second = new WebSocket(`${base}/channels/node?since=${epoch}:${Number(offset) + frames - 1}`);
second.on('message', (data) => {
  console.log('text', data.toString());
  second.close(1000);
});
await closed(second);

const third = new WebSocket(`${base}/channels/node`, 'halley.v1');
let messages = 0;
third.on('message', (data) => {
  console.log('v1', data.toString());
  if (++messages === 2) {
    third.close(1000);
  }
});
console.log('closed', await closed(third));
