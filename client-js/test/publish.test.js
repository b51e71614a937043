// What is published arrives once and in order, or its promise says why not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HalleyError } from '../halley.js';
import { HEARTBEAT, next, startClient } from './support/client.js';
import { startProxy } from './support/proxy.js';
import { startServer } from './support/server.js';

const COUNT = 2_000;
const KEY = 'correct horse';
const isRefused = (code) => (error) => error instanceof HalleyError && error.code === code;

let server;
let guarded;
before(async () => {
  const flags = { heartbeat: `${HEARTBEAT}ms`, 'history-publications': 10_000, 'idempotency-keys': 5_000 };
  server = await startServer(flags);
  guarded = await startServer({ ...flags, 'api-key': KEY });
});
after(() => Promise.all([server.stop(), guarded.stop()]));

for (const behaviour of ['honest', 'cuts', 'cuts and delays', 'refuses upgrades', 'switching']) {
  test(
    `${COUNT} publications arrive once and in order through a proxy: ${behaviour}`,
    { timeout: 120_000 },
    async (t) => {
      const isSwitching = behaviour === 'switching';
      const proxy = await startProxy(server.port, isSwitching ? 'honest' : behaviour);
      const retryTransport = behaviour === 'refuses upgrades' ? 600_000 : 400;
      const halley = startClient(proxy.url, { queue: 200, retryTransport });
      const name = `publish-${behaviour.replaceAll(' ', '-')}`;
      const channel = halley.channel(name);
      channel.on('message', () => {});
      const positions = [];
      try {
        for (let from = 0; from < COUNT; from += 100) {
          const batch = Array.from({ length: 100 }, (_, i) => channel.publish({ n: from + i }));
          positions.push(...(await Promise.all(batch)));
          if (isSwitching) {
            proxy.behave(['cuts', 'refuses upgrades', 'honest'][(from / 100) % 3]);
          }
        }
        const kept = await server.history(name);
        assert.deepEqual(
          kept.map(({ data }) => data.n),
          Array.from({ length: COUNT }, (_, n) => n),
        );
        assert.deepEqual(
          kept.map(({ position }) => position),
          positions,
        );
        t.diagnostic(JSON.stringify({ ...halley.stats, ...proxy.counts }));
      } finally {
        halley.close();
        await proxy.close();
      }
    },
  );
}

test('who only publishes needs no connection', async () => {
  const halley = startClient(server.url);
  const position = await halley.channel('only').publish('hi');
  assert.equal((await server.history('only'))[0].position, position);
  assert.equal(halley.state, 'idle');
  assert.deepEqual(halley.stats.requests, 1);
  halley.close();
});

test('what is published while the server is away arrives when it is back', async () => {
  const proxy = await startProxy(server.port);
  const { port } = new URL(proxy.url);
  const halley = startClient(proxy.url);
  const channel = halley.channel('away');
  channel.on('message', () => {});
  await next(halley, 'state', ({ state }) => state === 'open');
  await proxy.close();
  await next(halley, 'state', ({ state }) => state === 'waiting');
  const published = [1, 2, 3].map((n) => channel.publish(n));
  const back = await startProxy(server.port, 'honest', { port });
  await Promise.all(published);
  assert.deepEqual(
    (await server.history('away')).map(({ data }) => data),
    [1, 2, 3],
  );
  halley.close();
  await back.close();
});

test('a socket that may not publish leaves it to requests, which carry the token', async () => {
  const halley = startClient(guarded.url, { token: async () => KEY });
  const channel = halley.channel('guarded');
  channel.on('message', () => {});
  await next(halley, 'state', ({ state }) => state === 'open');
  await Promise.all(['a', 'b', 'c'].map((text) => channel.publish(text)));
  assert.equal(halley.stats.transport, 'websocket');
  assert.deepEqual(
    (await guarded.history('guarded')).map(({ data }) => data),
    ['a', 'b', 'c'],
  );
  halley.close();
});

test('without the key it is refused: 401 by request and by socket', async () => {
  const halley = startClient(guarded.url);
  const channel = halley.channel('guarded');
  await assert.rejects(channel.publish('x'), isRefused(401));
  channel.on('message', () => {});
  await next(halley, 'state', ({ state }) => state === 'open');
  await assert.rejects(channel.publish('x'), isRefused(401));
  halley.close();
});

test('what is too large is refused, and what comes after it is not', async () => {
  const halley = startClient(server.url);
  const channel = halley.channel('large');
  const large = 'x'.repeat(1_100_000);
  const [refused, accepted] = [channel.publish(large), channel.publish('small')];
  await assert.rejects(refused, isRefused(413));
  await accepted;
  channel.on('message', () => {});
  await next(halley, 'state', ({ state }) => state === 'open');
  await assert.rejects(channel.publish(large), isRefused(413));
  halley.close();
});

test('the queue has a bound, and ends with the client', async () => {
  const halley = startClient('http://127.0.0.1:1', { queue: 2 });
  const channel = halley.channel('bound');
  const waiting = [channel.publish(1), channel.publish(2)];
  await assert.rejects(channel.publish(3), isRefused('full'));
  halley.close();
  await assert.rejects(waiting[0], isRefused('unknown'));
  await assert.rejects(waiting[1], isRefused('closed'));
  await assert.rejects(channel.publish(4), isRefused('closed'));
});

test('what JSON has no value for is refused at once', async () => {
  const halley = startClient(server.url);
  await assert.rejects(halley.channel('x').publish(undefined), TypeError);
  await assert.rejects(
    halley.channel('x').publish(() => 1),
    TypeError,
  );
  halley.close();
});
