// The module in a page of Chromium: it listens on each transport, and publishes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startServer } from './support/server.js';

const PAGES = {
  '/': ['text/html', '<!doctype html><title>Halley</title>'],
  '/halley.js': ['text/javascript', await readFile(new URL('../halley.js', import.meta.url))],
};

let pages;
let origin;
let server;
let guarded;
let browser;

before(async () => {
  pages = createServer(({ url }, response) => {
    const [type, body] = PAGES[url] ?? ['text/plain', ''];
    response.writeHead(PAGES[url] ? 200 : 404, { 'Content-Type': type }).end(body);
  }).listen(0, '127.0.0.1');
  await once(pages, 'listening');
  origin = `http://127.0.0.1:${pages.address().port}`;
  [server, guarded, browser] = await Promise.all([
    startServer({ 'allow-origin': origin }),
    startServer({ 'allow-origin': origin, 'api-key': 'key' }),
    chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    }),
  ]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop(), guarded?.stop()]);
  pages.close();
  pages.closeAllConnections();
});

/** Listens and publishes in a page; returns what came. */
async function listenInPage({ url, ...options }) {
  const tab = await browser.newPage();
  await tab.goto(origin);
  try {
    return await tab.evaluate(
      async ({ url, options }) => {
        const { Halley } = await import('/halley.js');
        const halley = new Halley(url, { pollInterval: 100, ...options });
        const channel = halley.channel('page', { since: 'earliest' });
        const opened = new Promise((resolve) => halley.on('state', ({ state }) => state === 'open' && resolve()));
        const reader = channel[Symbol.asyncIterator]();
        const first = reader.next();
        await opened;
        const { transport } = halley.stats;
        const mine = `of a page by ${transport}`;
        await Promise.all([channel.publish(mine), channel.publish(new Uint8Array([1, 2, 255]))]);
        const received = [];
        for (let next = await first; ; next = await reader.next()) {
          const { data } = next.value;
          received.push(data instanceof Uint8Array ? `bytes ${data}` : data);
          if (received.at(-2) === mine) {
            break;
          }
        }
        halley.close();
        return { transport, received };
      },
      { url, options },
    );
  } finally {
    await tab.close();
  }
}

for (const transport of ['websocket', 'sse', 'long-poll', 'poll']) {
  test(`a page listens and publishes: ${transport}`, { timeout: 60_000 }, async () => {
    await server.publish([{ channel: 'page', data: { for: transport } }]);
    const result = await listenInPage({ url: server.url, transports: [transport] });
    assert.equal(result.transport, transport);
    assert.deepEqual(result.received.slice(-3), [{ for: transport }, `of a page by ${transport}`, 'bytes 1,2,255']);
  });
}

test('a page that has the key publishes beside its WebSocket', { timeout: 60_000 }, async () => {
  const result = await listenInPage({ url: guarded.url, token: 'key' });
  assert.deepEqual(result, { transport: 'websocket', received: ['of a page by websocket', 'bytes 1,2,255'] });
});
