// Slow links and a server that says no, against the real server: what moves arrives, and what is refused is known.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { HEARTBEAT, next, startClient } from './support/client.js';
import { startServer } from './support/server.js';
import { signed } from './support/tokens.js';

const SECRET = 'a secret of no less than thirty-two bytes';
const TICK = 20;

let server;
let guarded;
before(async () => {
  const flags = { heartbeat: `${HEARTBEAT}ms`, 'history-publications': 2_000 };
  [server, guarded] = await Promise.all([
    startServer({ ...flags, 'jwt-secret': SECRET, 'rates-publications-per-user': '50/s' }),
    startServer({ ...flags, 'jwt-secret': SECRET }),
  ]);
});
after(() => Promise.all([server?.stop(), guarded?.stop()]));

/** A link of so many bytes a second each way, with small buffers. */
async function startSlowLink(target, bytesPerSecond) {
  const sockets = new Set();
  const pipe = (from, to) => {
    let left = [];
    from.on('data', (bytes) => {
      left.push(bytes);
      from.pause();
    });
    const timer = setInterval(() => {
      const all = Buffer.concat(left);
      const size = Math.ceil((bytesPerSecond * TICK) / 1_000);
      to.write(all.subarray(0, size));
      left = [all.subarray(size)];
      if (all.length <= size) {
        from.resume();
      }
    }, TICK);
    from.on('close', () => clearInterval(timer));
  };
  const listener = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
      pipe(socket, other);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    async close() {
      listener.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

for (const transport of ['websocket', 'sse', 'long-poll', 'poll']) {
  test(`all arrives though it takes longer than any time-out: ${transport}`, { timeout: 60_000 }, async () => {
    const name = `slow-${transport}`;
    const padding = 'x'.repeat(2_000);
    const positions = await guarded.publish(
      Array.from({ length: 100 }, (_, n) => ({ channel: name, data: { n, padding } })),
      { Authorization: `Bearer ${signed(SECRET, { exp: 4e9, channels: { subscribe: ['*'], publish: ['*'] } })}` },
    );
    assert.equal(positions.length, 100);
    const link = await startSlowLink(guarded.port, 100_000);
    const halley = startClient(link.url, {
      transports: [transport],
      timeout: 800, // a whole takes more than twice as long
      token: signed(SECRET, { exp: 4e9, channels: { subscribe: ['*'] } }),
    });
    const states = [];
    halley.on('state', ({ state }) => states.push(state));
    const received = [];
    for await (const { data } of halley.channel(name, { since: 'earliest' })) {
      if (received.push(data.n) === 100) {
        break;
      }
    }
    assert.deepEqual(
      received,
      Array.from({ length: 100 }, (_, n) => n),
    );
    assert.deepEqual(states, ['connecting', 'open']);
    halley.close();
    await link.close();
  });
}

test('a large publication is uploaded once, however slow the link', { timeout: 60_000 }, async () => {
  const link = await startSlowLink(guarded.port, 50_000);
  const token = signed(SECRET, { exp: 4e9, channels: { subscribe: ['*'], publish: ['*'] } });
  const halley = startClient(link.url, { timeout: 300, token });
  await halley.channel('upload').publish('x'.repeat(150_000));
  assert.equal(halley.stats.requests, 1);
  halley.close();
  await link.close();
});

for (const transport of ['websocket', 'sse']) {
  test(`publications beyond the rate arrive once and in order: ${transport}`, { timeout: 60_000 }, async () => {
    const sub = `ann by ${transport}`;
    const token = signed(SECRET, { sub, exp: 4e9, channels: { subscribe: ['*'], publish: ['*'] } });
    const halley = startClient(server.url, { transports: [transport], token });
    const channel = halley.channel(`rate-${transport}`);
    channel.on('message', () => {});
    await next(halley, 'state', ({ state }) => state === 'open');
    await Promise.all(Array.from({ length: 120 }, (_, n) => channel.publish(n)));
    const kept = await server.history(channel.name, { Authorization: `Bearer ${token}` });
    assert.deepEqual(
      kept.map(({ data }) => data),
      Array.from({ length: 120 }, (_, n) => n),
    );
    halley.close();
  });
}

test('9 MiB are refused, and what comes after them is published', { timeout: 60_000 }, async () => {
  const token = signed(SECRET, { exp: 4e9, channels: { subscribe: ['*'], publish: ['*'] } });
  const halley = startClient(server.url, { token });
  const channel = halley.channel('nine');
  const [large, small] = [channel.publish('x'.repeat(9 << 20)), channel.publish('small')];
  await assert.rejects(large, ({ code }) => code === 413 || code === 'unknown');
  await small;
  halley.close();
});

describe('one channel that is refused', { timeout: 60_000 }, () => {
  for (const transport of ['websocket', 'sse', 'long-poll', 'poll']) {
    test(`closes alone, and so does one whose right ends: ${transport}`, async () => {
      let rooms = ['room.*'];
      const token = () =>
        signed(SECRET, { sub: 'ann', exp: Date.now() / 1_000 + 3, channels: { subscribe: rooms, publish: ['*'] } });
      const halley = startClient(guarded.url, { transports: [transport], token });
      const names = ['room.1', 'secret', 'room.2'];
      const errors = [];
      const refused = withResolvers();
      const ended = withResolvers();
      for (const name of names) {
        halley.channel(name).on('message', () => {});
        halley.channel(name).on('error', ({ code }) => {
          errors.push([name, code]);
          (name === 'secret' ? refused : ended).resolve();
        });
      }
      if (transport === 'websocket') {
        // A handshake can't say which channel it is, so there it comes to an open socket.
        halley.channel('secret').close();
        await next(halley, 'state', ({ state }) => state === 'open');
        halley.channel('secret').on('error', ({ code }) => {
          errors.push(['secret', code]);
          refused.resolve();
        });
        halley.channel('secret').on('message', () => {});
      }
      await refused.promise;
      rooms = ['room.1'];
      await ended.promise;
      assert.deepEqual(errors, [
        ['secret', 403],
        ['room.2', 403],
      ]);
      const heard = next(halley.channel('room.1'), 'message', ({ data }) => data === transport);
      if (halley.state !== 'open') {
        await next(halley, 'state', ({ state }) => state === 'open');
      }
      await halley.channel('room.1').publish(transport);
      await heard;
      halley.close();
    });
  }
});

function withResolvers() {
  let resolve;
  const promise = new Promise((it) => (resolve = it));
  return { promise, resolve };
}
