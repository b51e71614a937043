// 10,000 messages, each once and in order, whatever stands between client and server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HEARTBEAT, next, startClient } from './support/client.js';
import { BEHAVIOURS, startProxy } from './support/proxy.js';
import { startServer } from './support/server.js';

const COUNT = 10_000;
const BATCH = 50;
/** Published and not yet received, at most. */
const AHEAD = 300;

let server;
before(async () => {
  server = await startServer({
    heartbeat: `${HEARTBEAT}ms`,
    'history-publications': 2 * COUNT,
    'idempotency-keys': 5_000,
  });
});
after(() => server.stop());

/** Publishes past the proxy while the client reads through it; checks each message. */
async function readAll(halley, name, { onProgress = () => {}, from } = {}) {
  const channel = halley.channel(name);
  channel.on('gap', (gap) => assert.fail(`A gap: ${JSON.stringify(gap)}`));
  await next(halley, 'state', ({ state, transport }) => state === 'open' && transport === (from ?? transport));
  let published = 0;
  const publishMore = async (received) => {
    while (published < Math.min(COUNT, received + AHEAD)) {
      const numbers = Array.from({ length: BATCH }, (_, i) => published + i);
      published += BATCH;
      await server.publish(numbers.map((n) => ({ channel: name, data: { n } })));
    }
  };
  let received = 0;
  let publishing = publishMore(0);
  for await (const { data, position } of channel) {
    assert.equal(data.n, received, `after ${received} messages`);
    assert.equal(position, channel.position.split(':')[0] + ':' + ++received);
    onProgress(received);
    if (received === COUNT) {
      break;
    }
    if (received % BATCH === 0) {
      publishing = publishing.then(() => publishMore(received));
    }
  }
  await publishing;
}

const TRANSPORT_LEFT = {
  'refuses upgrades': 'sse',
  'swallows WebSockets': 'sse',
  'buffers SSE': 'long-poll',
  'cuts waiting requests': 'poll',
};

for (const behaviour of Object.keys(BEHAVIOURS)) {
  test(`10,000 messages arrive once and in order through a proxy: ${behaviour}`, { timeout: 120_000 }, async (t) => {
    const proxy = await startProxy(server.port, behaviour);
    // Nothing better is tried again, so that the transport that is left is known.
    const halley = startClient(proxy.url, behaviour in TRANSPORT_LEFT ? { retryTransport: 600_000 } : {});
    try {
      await readAll(halley, `run-${behaviour.replaceAll(' ', '-')}`, { from: TRANSPORT_LEFT[behaviour] });
      assert.equal(halley.stats.messages, COUNT);
      if (behaviour in TRANSPORT_LEFT) {
        assert.equal(halley.stats.transport, TRANSPORT_LEFT[behaviour]);
      }
      t.diagnostic(JSON.stringify({ ...halley.stats, ...proxy.counts }));
    } finally {
      halley.close();
      await proxy.close();
    }
  });
}

test(
  '10,000 messages arrive once and in order through a proxy that changes its ways',
  { timeout: 120_000 },
  async (t) => {
    const proxy = await startProxy(server.port);
    const halley = startClient(proxy.url);
    const used = new Set();
    halley.on('state', ({ state, transport }) => state === 'open' && used.add(transport));
    const names = Object.keys(BEHAVIOURS);
    try {
      const onProgress = (received) => {
        if (received % 500 === 0) {
          proxy.behave(names[(received / 500) % names.length]);
        }
      };
      await readAll(halley, 'switching', { onProgress });
      assert.deepEqual([...used].sort(), ['long-poll', 'poll', 'sse', 'websocket']);
      t.diagnostic(JSON.stringify({ ...halley.stats, ...proxy.counts }));
    } finally {
      halley.close();
      await proxy.close();
    }
  },
);
