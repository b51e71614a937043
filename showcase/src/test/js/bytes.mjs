// What the pages count is what a proxy between browser and server counts, to the byte. A page that gets two chunks of an
// event stream in one read takes them for one: so each message waits until all before it has been counted.
import assert from 'node:assert/strict';
import net from 'node:net';
import { visit } from './harness.mjs';

const MESSAGES = 3;
const LISTENERS = ['listenByPoll', 'listenByLongPoll', 'listenBySse', 'listenByWebSocket'];

await visit(async ({ url, browser }) => {
  for (const listener of LISTENERS) {
    const wire = { sent: 0, received: 0 };
    const proxy = await startProxy(new URL(url).port, wire);
    const page = await (await browser.newContext()).newPage();
    // No frame around the page, so nothing else talks to the server.
    await page.goto(`http://127.0.0.1:${proxy.address().port}/shared/icon.svg`);
    await page.evaluate(async () => {
      window.listen = await import('/shared/listen.js');
      await (await import('/shared/bytes.js')).requestBytes('GET', '/');
    });
    wire.sent = 0;
    wire.received = 0;
    const channel = `bytes.${listener}`;
    await page.evaluate(
      ([name, path]) => {
        window.reads = 0;
        window.counted = { sent: 0, received: 0, messages: 0 };
        listen[name](
          path,
          {
            request: (bytes) => (counted.sent += bytes),
            received: (bytes) => {
              reads++;
              counted.received += bytes;
            },
            message: () => counted.messages++,
          },
          { since: 'earliest', waitSeconds: 20, intervalMillis: () => 100 },
        );
      },
      [listener, `/channels/${channel}`],
    );
    if (listener === 'listenBySse') {
      await page.waitForFunction(() => reads === 2); // the head, and what a stream begins with
    }
    for (let n = 1; n <= MESSAGES; n++) {
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ n });
      await fetch(`${url}/channels/${channel}`, { method: 'POST', headers, body });
      await page.waitForFunction((count) => counted.messages === count, n);
    }
    // A request may be on its way just now; then both are read again.
    let counted;
    for (let tries = 0; tries < 100; tries++) {
      counted = await page.evaluate(() => ({ ...window.counted }));
      if (counted.sent === wire.sent && counted.received === wire.received) {
        break;
      }
      await page.waitForTimeout(20);
    }
    assert.deepEqual(counted, { ...wire, messages: MESSAGES }, listener);
    await page.context().close();
    proxy.close();
  }
});

async function startProxy(port, wire) {
  const proxy = net.createServer((client) => {
    const server = net.connect(port, '127.0.0.1');
    client.on('data', (bytes) => {
      wire.sent += bytes.length;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      wire.received += bytes.length;
      client.write(bytes);
    });
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}
