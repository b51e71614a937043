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
let foreign;
let server;
let guarded;
let browser;

before(async () => {
  pages = createServer(({ url }, response) => {
    const [type, body] = PAGES[url] ?? ['text/plain', ''];
    response
      .writeHead(PAGES[url] ? 200 : 404, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*' })
      .end(body);
  }).listen(0, '127.0.0.1');
  await once(pages, 'listening');
  origin = `http://127.0.0.1:${pages.address().port}`;
  foreign = `http://localhost:${pages.address().port}`;
  [server, guarded, browser] = await Promise.all([
    startServer({ 'allow-origin': origin, heartbeat: '1s' }),
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

/** Runs something in a page that has `Halley`; what it returns. */
async function inPage(task, argument, { from = origin, prepare = () => {} } = {}) {
  const tab = await browser.newPage();
  await tab.goto(from);
  await prepare(tab);
  try {
    await tab.evaluate(async () => Object.assign(globalThis, await import('/halley.js')));
    return await tab.evaluate(task, argument);
  } finally {
    await tab.close();
  }
}

test('a page that stood still for longer than all time-outs goes on as it was', { timeout: 60_000 }, async () => {
  const result = await inPage(async (url) => {
    const halley = new Halley(url, { timeout: 500, heartbeat: 1_000 });
    const states = [];
    halley.on('state', ({ state, transport }) => states.push(transport ?? state));
    const channel = halley.channel('busy');
    const heard = [];
    channel.on('message', ({ data }) => heard.push(data));
    while (halley.state !== 'open') {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (let round = 0; round < 3; round++) {
      for (const until = performance.now() + 2_500; performance.now() < until; );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await channel.publish('still here');
    const { transport, reconnects } = halley.stats;
    halley.close();
    return { transport, reconnects, states };
  }, server.url);
  assert.deepEqual(result, { transport: 'websocket', reconnects: 0, states: ['websocket', 'websocket', 'closed'] });
});

test('a page that was frozen for longer than all time-outs goes on as it was', { timeout: 60_000 }, async () => {
  const tab = await browser.newPage();
  await tab.goto(origin);
  await tab.evaluate(async (url) => {
    const { Halley } = await import('/halley.js');
    globalThis.halley = new Halley(url, { timeout: 500, heartbeat: 1_000 });
    globalThis.heard = [];
    halley.channel('frozen').on('message', ({ data }) => heard.push(data));
  }, server.url);
  await tab.waitForFunction(() => halley.state === 'open');
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 4_000)); // time has to pass
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await server.publish([{ channel: 'frozen', data: 'still here' }]);
  await tab.waitForFunction(() => heard.includes('still here'));
  const { transport, reconnects } = await tab.evaluate(() => halley.stats);
  assert.deepEqual({ transport, reconnects }, { transport: 'websocket', reconnects: 0 });
  await tab.close();
});

test('a page goes offline at once, and comes back on the same transport', { timeout: 60_000 }, async () => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(origin);
  await tab.evaluate(async (url) => {
    const { Halley } = await import('/halley.js');
    globalThis.states = [];
    globalThis.halley = new Halley(url);
    halley.on('state', ({ state, transport }) => states.push(transport ? `${state} ${transport}` : state));
    halley.channel('network').on('message', () => {});
  }, server.url);
  await tab.waitForFunction(() => halley.state === 'open');
  await context.setOffline(true);
  await tab.waitForFunction(() => halley.state === 'waiting', undefined, { timeout: 4_000 });
  await context.setOffline(false);
  await tab.waitForFunction(() => halley.state === 'open', undefined, { timeout: 10_000 });
  const states = await tab.evaluate(() => states);
  assert.deepEqual(states.slice(0, 3), ['connecting websocket', 'open websocket', 'waiting']);
  assert.equal(states.at(-1), 'open websocket');
  await context.close();
});

test('a page publishes bytes of all kinds, and is told what is none', { timeout: 60_000 }, async () => {
  const received = await inPage(async (url) => {
    const halley = new Halley(url);
    const channel = halley.channel('bytes', { since: 'earliest' });
    const bytes = new Uint8Array([1, 2, 255]);
    const refused = await channel.publish(new Map()).catch(({ name }) => name);
    const same = [bytes.buffer, new DataView(bytes.buffer), new Blob([bytes])];
    await Promise.all(same.map((data) => channel.publish(data)));
    const all = [refused];
    for await (const { data } of channel) {
      if (all.push(`${data.constructor.name} ${data}`) === 4) {
        break;
      }
    }
    halley.close();
    return all;
  }, server.url);
  assert.deepEqual(received, ['TypeError', ...Array(3).fill('Uint8Array 1,2,255')]);
});

test('9 MiB from a page are refused, and what comes after them is published', { timeout: 60_000 }, async () => {
  const result = await inPage(async (url) => {
    const halley = new Halley(url);
    const channel = halley.channel('nine');
    const large = channel.publish('x'.repeat(9 << 20)).catch(({ code }) => code);
    const small = channel.publish('small');
    const all = [await large, typeof (await small), halley.stats.requests];
    halley.close();
    return all;
  }, server.url);
  assert.ok([413, 'unknown'].includes(result[0]), `${result}`);
  assert.equal(result[1], 'string');
  assert.ok(result[2] <= 6, `${result}`);
});

for (const transport of ['websocket', 'sse', 'long-poll', 'poll']) {
  test(`a page of an origin that is not allowed is told: ${transport}`, { timeout: 60_000 }, async () => {
    const result = await inPage(
      ({ url, transport, token }) =>
        new Promise((resolve) => {
          const halley = new Halley(url, { transports: [transport], token });
          const errors = [];
          halley.on('error', ({ code, message }) => errors.push(code, message));
          halley.on('state', ({ state }) => state === 'closed' && resolve(errors));
          halley.channel('page').on('message', () => {});
        }),
      { url: guarded.url, transport, token: transport === 'poll' ? 'key' : undefined },
      { from: foreign },
    );
    assert.equal(result[0], 403);
    assert.match(result[1], /--allow-origin http:..localhost/);
    assert.equal(result.length, 2);
  });
}

test('a worker listens and publishes', { timeout: 60_000 }, async () => {
  const result = await inPage(async (url) => {
    const code = `
      import { Halley } from '${location.origin}/halley.js';
      const halley = new Halley('${url}');
      const channel = halley.channel('worker');
      channel.on('message', ({ data }) => { postMessage(data); halley.close(); });
      halley.on('state', ({ state }) => state === 'open' && channel.publish('from a worker'));
    `;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  }, server.url);
  assert.equal(result, 'from a worker');
});
