// Lets a page in Chromium send texts to an echo: deflate-browser.mjs PAGE ECHO SIZES. The test reads
// what the connection's extensions are, and then how many texts came back as they were.
import { inPage } from './chromium.mjs';

const [page, echo, sizes] = process.argv.slice(2);

async function send({ echo, sizes }) {
  const socket = new WebSocket(echo);
  await new Promise((resolve) => (socket.onopen = resolve));
  say(socket.extensions);
  let same = 0;
  for (const size of sizes) {
    const text = '世界é '.repeat(size).slice(0, size);
    const answer = new Promise((resolve) => (socket.onmessage = (event) => resolve(event.data)));
    socket.send(text);
    same += (await answer) === text ? 1 : 0;
  }
  say(`${same}`);
  socket.onclose = (event) => say(`closed ${event.code}`);
  socket.close(1000);
}

await inPage(page, send, { echo, sizes: JSON.parse(sizes) });
