// The same on every transport, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HEARTBEAT, next, startClient } from './support/client.js';
import { startServer } from './support/server.js';
import { signed } from './support/tokens.js';

const TRANSPORTS = ['websocket', 'sse', 'long-poll', 'poll'];

let server;
before(async () => (server = await startServer({ heartbeat: `${HEARTBEAT}ms`, 'history-publications': 100 })));
after(() => server.stop());

const isOpen = ({ state }) => state === 'open';

/** The next so many messages of a channel. */
async function take(channel, count) {
  const messages = [];
  if (count) {
    for await (const message of channel) {
      if (messages.push(message) === count) {
        break;
      }
    }
  }
  return messages;
}

for (const transport of TRANSPORTS) {
  describe(transport, { timeout: 60_000 }, () => {
    const name = (what) => `${what}-${transport}`;
    const start = (options) => startClient(server.url, { transports: [transport], ...options });

    test('a publication that is part of a trace says so', async () => {
      const halley = start();
      const channel = halley.channel(name('trace'), { since: 'earliest' });
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await server.publish([{ channel: channel.name, data: 'hello' }], { traceparent, tracestate: 'a=1' });
      await server.publish([{ channel: channel.name, data: 'bye' }]);
      const [traced, plain] = await take(channel, 2);
      assert.equal(traced.traceparent, traceparent);
      assert.equal(traced.tracestate, 'a=1');
      assert.equal('traceparent' in plain, false);
      halley.close();
    });

    test('data comes as it was published', async () => {
      const halley = start();
      const channel = halley.channel(name('data'), { since: 'earliest' });
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const all = [
        'text',
        '',
        '17',
        'null',
        'a\nb\r\nc\rd\n\n',
        'Grüße, 世界 🚀 \u2028',
        '"\\',
        'data: x\n\nid: y',
        17,
        -0.5,
        null,
        true,
        '',
        [],
        {},
        { n: [1, { text: 'ü' }] },
        new Uint8Array(),
        bytes,
        bytes.subarray(3, 9),
      ];
      for (const data of all) {
        await channel.publish(data);
      }
      const received = await take(channel, all.length);
      assert.deepEqual(
        received.map(({ data }) => data),
        all,
      );
      assert.ok(received.every((message) => message.channel === channel.name && message.time > 1.7e12));
      halley.close();
    });

    test('JSON that was written on many lines comes as a value', async () => {
      const halley = start();
      const channel = halley.channel(name('lines'), { since: 'earliest' });
      const headers = { 'Content-Type': 'application/json' };
      await fetch(`${server.url}/channels/${channel.name}`, { method: 'POST', headers, body: '{\r\n "a":\r1\n}' });
      assert.deepEqual((await take(channel, 1))[0].data, { a: 1 });
      halley.close();
    });

    test('a position that was kept is where it goes on', async () => {
      const positions = await server.publish([1, 2, 3, 4].map((data) => ({ channel: name('kept'), data })));
      const halley = start();
      const channel = halley.channel(name('kept'), { since: positions[1] });
      assert.deepEqual(
        (await take(channel, 2)).map(({ data, position }) => [data, position]),
        [
          [3, positions[2]],
          [4, positions[3]],
        ],
      );
      assert.equal(channel.position, positions[3]);
      halley.close();
    });

    test('all channels share a connection, and one that comes later joins them', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((it) => name(it));
      const halley = start();
      const received = [];
      let done;
      const all = new Promise((resolve) => (done = resolve));
      const listen = (channel) =>
        halley.channel(channel).on('message', ({ data }) => {
          if (received.push([channel, data]) === 6) {
            done();
          }
        });
      listen(a);
      listen(b);
      await next(halley, 'state', isOpen);
      const heard = next(halley.channel(b), 'message');
      await server.publish([
        { channel: a, data: 1 },
        { channel: b, data: 1 },
      ]);
      await heard;
      await server.publish([{ channel: c, data: 'earlier' }]);
      const late = halley.channel(c, { since: 'earliest' });
      listen(c);
      await next(late, 'message');
      await server.publish([
        { channel: a, data: 2 },
        { channel: b, data: 2 },
        { channel: c, data: 2 },
      ]);
      await all;
      const of = (channel) => received.filter(([other]) => other === channel).map(([, data]) => data);
      assert.deepEqual(
        [of(a), of(b), of(c)],
        [
          [1, 2],
          [1, 2],
          ['earlier', 2],
        ],
      );
      if (transport === 'websocket') {
        assert.equal(halley.stats.requests, 1);
      }
      halley.close();
    });

    test('a channel that is closed is silent, and the others go on', async () => {
      const [kept, gone] = [name('stays'), name('goes')];
      const halley = start();
      const received = [];
      halley.channel(kept).on('message', ({ data }) => received.push(data));
      const leaving = halley.channel(gone);
      leaving.on('message', ({ data }) => received.push(data));
      await next(halley, 'state', isOpen);
      leaving.close();
      await server.publish([
        { channel: gone, data: 'unheard' },
        { channel: kept, data: 'heard' },
      ]);
      if (!received.length) {
        await next(halley.channel(kept), 'message');
      }
      assert.deepEqual(received, ['heard']);
      assert.notEqual(halley.channel(gone), leaving);
      halley.close();
    });

    test('what is lost is told before what comes after it', async () => {
      const channelName = name('gap');
      const positions = await server.publish(
        Array.from({ length: 150 }, (_, n) => ({ channel: channelName, data: n })),
      );
      const halley = start();
      const channel = halley.channel(channelName, { since: positions[0] });
      const events = [];
      channel.on('gap', (gap) => events.push(gap));
      channel.on('message', ({ data }) => events.push(data));
      await next(channel, 'message', ({ data }) => data === 149);
      const [gap, ...rest] = events;
      assert.deepEqual(gap, { channel: channelName, from: positions[1], to: positions[49] });
      assert.deepEqual(
        rest,
        Array.from({ length: 100 }, (_, i) => 50 + i),
      );
      halley.close();
    });

    test('a slow reader gets everything, with little of it in memory', async () => {
      const channelName = name('slow');
      const halley = start({ buffer: 10 });
      const channel = halley.channel(channelName);
      const reader = channel[Symbol.asyncIterator]();
      const first = reader.next();
      await next(halley, 'state', isOpen);
      await server.publish(Array.from({ length: 90 }, (_, n) => ({ channel: channelName, data: n })));
      const received = [(await first).value.data];
      while (received.length < 90) {
        // Ahead of the reader are at most what it holds and what it is about to take.
        assert.ok(halley.stats.messages - received.length <= 20);
        received.push((await reader.next()).value.data);
      }
      assert.deepEqual(
        received,
        Array.from({ length: 90 }, (_, n) => n),
      );
      halley.close();
      assert.equal((await reader.next()).done, true);
    });
  });
}

test('another life of the log is a gap, and the client goes on in it', { timeout: 60_000 }, async () => {
  const first = await startServer({});
  const halley = startClient(first.url);
  const channel = halley.channel('lives');
  channel.on('message', () => {});
  await next(halley, 'state', isOpen);
  const heard = next(channel, 'message');
  await first.publish([{ channel: 'lives', data: 1 }]);
  await heard;
  const gap = next(channel, 'gap');
  const message = next(channel, 'message');
  await first.stop();
  const second = await startServer({ port: first.port });
  await second.publish([{ channel: 'lives', data: 2 }]);
  assert.notEqual((await gap).from.split(':')[0], (await gap).to.split(':')[0]);
  assert.equal((await message).data, 2);
  halley.close();
  await second.stop();
});

describe('tokens', { timeout: 60_000, concurrency: true }, () => {
  const SECRET = 'a secret of no less than thirty-two bytes';
  const channels = { subscribe: ['room.*'], publish: ['room.1'] };
  let guarded;
  before(async () => (guarded = await startServer({ heartbeat: `${HEARTBEAT}ms`, 'jwt-secret': SECRET })));
  after(() => guarded.stop());

  for (const transport of TRANSPORTS) {
    test(`${transport} outlives one token with the next, without loss`, async () => {
      const started = Date.now();
      let enough;
      const renewed = new Promise((resolve) => (enough = resolve));
      const token = () => {
        if (Date.now() - started > 8_000) {
          enough(); // two tokens have expired
        }
        return signed(SECRET, { sub: 'ann', exp: Date.now() / 1_000 + 4, channels });
      };
      const halley = startClient(guarded.url, { transports: [transport], token });
      const channel = halley.channel('room.1', { since: 'earliest' });
      const mine = [`first by ${transport}`, `last by ${transport}`];
      const received = [];
      channel.on('message', ({ data }) => mine.includes(data) && received.push(data));
      await next(halley, 'state', isOpen);
      await channel.publish(mine[0]);
      await renewed;
      await channel.publish(mine[1]);
      while (received.at(-1) !== mine[1]) {
        await next(channel, 'message');
      }
      assert.deepEqual(received, mine);
      if (transport === 'websocket') {
        assert.equal(halley.stats.reconnects, 0, 'the same socket');
      }
      halley.close();
    });
  }

  test('a channel that the token does not name is refused', async () => {
    const token = signed(SECRET, { exp: Date.now() / 1_000 + 60, channels });
    const halley = startClient(guarded.url, { transports: ['websocket'], token });
    halley.channel('room.1').on('message', () => {});
    await next(halley, 'state', isOpen);
    const other = halley.channel('other');
    const refused = next(other, 'error');
    other.on('message', () => {});
    assert.equal((await refused).code, 403);
    await assert.rejects(halley.channel('room.2').publish(1), ({ code }) => code === 403);
    halley.close();
  });
});
