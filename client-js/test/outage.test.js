// Outages, ours and theirs, with time in the test's hands: what is judged, when, and what is tried then.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Halley } from '../halley.js';
import { Clock, FakeSocket, pollServer, settle } from './support/fakes.js';

let clock;
let halley;
let page;
beforeEach(() => {
  clock = new Clock();
  FakeSocket.all = [];
  page = new EventTarget();
  globalThis.addEventListener = (...args) => page.addEventListener(...args);
  globalThis.removeEventListener = (...args) => page.removeEventListener(...args);
});
afterEach(async () => {
  halley.close();
  await settle();
  assert.equal(clock.pending, 0, 'a closed client leaves no timer behind');
  delete globalThis.addEventListener;
  delete globalThis.removeEventListener;
});

async function start(options) {
  halley = new Halley('http://halley.test', { WebSocket: FakeSocket, random: () => 1, ...clock.options, ...options });
  halley.on('error', () => {});
  halley.channel('a').on('message', () => {});
  await settle();
  return halley;
}

const unreachable = async () => {
  throw new TypeError('fetch failed');
};

/** Answers all that was asked. */
function answer(socket) {
  socket.sent.splice(0).forEach(({ id }) => socket.receive({ id, publications: [] }));
}

/** A stream of events that the test writes. */
function streamServer() {
  const streams = [];
  const fetch = async (url, { signal }) => {
    const body = new ReadableStream({
      start(controller) {
        streams.push((text) => controller.enqueue(new TextEncoder().encode(text)));
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body);
  };
  return { streams, fetch };
}

test('timers that come once a minute, as in a hidden tab, do not end a socket whose peer answers', async () => {
  await start({ transports: ['websocket', 'poll'], fetch: unreachable });
  const socket = FakeSocket.last;
  socket.open('a');
  for (let minute = 0; minute < 10; minute++) {
    await clock.stall(60_000);
    answer(socket);
  }
  assert.equal(socket.isClosed, false);
  assert.equal(FakeSocket.all.length, 1);
});

test('a peer that does not answer is given up even by timers that come once a minute', async () => {
  await start({ transports: ['websocket'] });
  FakeSocket.last.open('a');
  for (let minute = 0; minute < 4; minute++) {
    await clock.stall(60_000);
  }
  assert.ok(FakeSocket.all[0].isClosed);
});

test('a handshake that waited for us is waited for', async () => {
  await start({ transports: ['websocket', 'poll'], fetch: unreachable });
  await clock.stall(9_000);
  FakeSocket.last.open('a');
  assert.equal(halley.stats.transport, 'websocket');
  assert.equal(FakeSocket.all.length, 1);
});

test('a stream of events that waited for us goes on', async () => {
  const { streams, fetch } = streamServer();
  await start({ transports: ['sse', 'poll'], fetch });
  streams[0]('data: {"channel":"a","subscribed":{"position":"e:0"}}\n\n');
  await settle();
  await clock.stall(300_000);
  streams[0](':\n\n');
  await settle();
  await clock.pass(20_000);
  assert.equal(halley.stats.transport, 'sse');
  assert.equal(streams.length, 1);
});

test('a poll that waited for us is waited for', async () => {
  const answers = [];
  const fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      answers.push(() => resolve(new Response('{"publications":[],"position":"e:0"}')));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  await start({ transports: ['poll'], fetch });
  await clock.stall(60_000);
  answers[0]();
  await settle();
  assert.equal(halley.state, 'open');
  assert.equal(answers.length, 1);
});

test('an answer that comes in bits is waited for as long as they come', async () => {
  for (const transport of ['poll', 'long-poll']) {
    const { streams, fetch } = streamServer();
    await start({ transports: [transport], fetch });
    for (const bit of '{"publications":[],"position":"e:0"}') {
      streams[0](bit);
      await clock.pass(4_000);
    }
    assert.equal(streams.length, 1, transport);
    assert.equal(halley.state, 'connecting');
    await clock.pass(1_000);
    assert.equal(halley.state, 'waiting', 'it stands still');
    halley.close();
    await settle();
  }
});

test('who is present may come in bits, and not stand still', async () => {
  const { streams, fetch } = streamServer();
  halley = new Halley('http://halley.test', { ...clock.options, fetch });
  const present = halley.channel('a').presence();
  await settle();
  for (const bit of '{"members":[]}') {
    streams[0](bit);
    await clock.pass(15_000);
  }
  present.catch(() => {});
  await clock.pass(5_000);
  await assert.rejects(present, { message: /^Nothing came/ });
});

test('a large publication has time by its size, and ends if it stands still', async () => {
  const requests = [];
  const fetch = (url, { signal }) =>
    new Promise((resolve, reject) => {
      requests.push(() => resolve(new Response('{"position":"e:1"}', { status: 201 })));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  halley = new Halley('http://halley.test', { ...clock.options, fetch });
  const published = halley.channel('a').publish('x'.repeat(1_000_000));
  await settle();
  await clock.pass(4 * 5_000 + 250_000 - 1);
  assert.equal(requests.length, 1);
  await clock.pass(5_000);
  assert.equal(requests.length, 2);
  requests[1]();
  assert.equal(await published, 'e:1');
});

test('while nothing works one transport is tried after each pause, and each has its turn', async () => {
  const states = [];
  await start({ fetch: unreachable });
  const [socket] = FakeSocket.all;
  socket.open('a');
  halley.on('state', ({ state, transport }) => {
    states.push(transport ?? state);
    if (transport === 'websocket') {
      setImmediate(() => FakeSocket.last.onclose({ code: 1006, reason: '' }));
    }
  });
  socket.onclose({ code: 1006, reason: '' });
  await clock.pass(60_000);
  assert.equal(states.shift(), 'waiting');
  assert.deepEqual(
    states.slice(0, 8).filter((state) => state !== 'waiting'),
    ['websocket', 'sse', 'long-poll', 'poll'],
  );
  for (let i = 0; i + 1 < states.length; i += 2) {
    assert.notEqual(states[i], 'waiting');
    assert.equal(states[i + 1], 'waiting');
  }
});

test('after an outage in which all failed the best transport is tried again soon', async () => {
  const server = pollServer();
  let isDown = true;
  const fetch = (...request) => (isDown ? unreachable() : server.fetch(...request));
  await start({ transports: ['websocket', 'poll'], fetch });
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  assert.equal(halley.state, 'waiting');
  await clock.pass(500);
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  isDown = false;
  await clock.pass(1_000);
  assert.equal(halley.stats.transport, 'poll');
  const { length } = FakeSocket.all;
  await clock.pass(12_000);
  assert.equal(FakeSocket.all.length, length + 1);
  FakeSocket.last.open('a');
  assert.equal(halley.stats.transport, 'websocket');
});

test('a server that stood still for 37 s has its listeners back on their best transport', async () => {
  const server = pollServer();
  let isDown = true;
  const fetch = (url, init) => (isDown ? new Promise(() => {}) : server.fetch(url, init));
  await start({ transports: ['websocket', 'long-poll', 'poll'], fetch });
  FakeSocket.last.open('a');
  for (let second = 0; second < 37; second++) {
    await clock.pass(1_000);
  }
  isDown = false;
  for (let second = 0; second < 30 && !(halley.state === 'open' && halley.stats.transport === 'websocket'); second++) {
    FakeSocket.all.filter(({ isClosed, onopen }) => !isClosed && onopen).at(-1)?.open('a');
    await clock.pass(1_000);
  }
  assert.equal(halley.state, 'open');
  assert.equal(halley.stats.transport, 'websocket');
});

test('a link that lasted and fell silent is no reason for another transport', async () => {
  await start({ transports: ['websocket', 'poll'], fetch: unreachable });
  FakeSocket.last.open('a');
  await clock.pass(11_000);
  FakeSocket.last.receive({ channel: 'a', position: 'e:1', data: 1 });
  await clock.pass(31_000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(halley.stats.transport, 'websocket');
});

test('a transport that fails again is tried ever less often', async () => {
  const server = pollServer();
  await start({ transports: ['websocket', 'poll'], fetch: server.fetch });
  FakeSocket.last.open('a');
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  const tries = [];
  let { length } = FakeSocket.all;
  for (let second = 0; second < 800; second++) {
    await clock.pass(1_000);
    if (FakeSocket.all.length > length) {
      length = FakeSocket.all.length;
      tries.push(second);
      FakeSocket.last.onclose({ code: 1006, reason: '' });
      await settle();
    }
  }
  const pauses = tries.slice(1).map((second, i) => second - tries[i]);
  assert.ok(pauses.length >= 5 && pauses.length < 9, `${pauses}`);
  assert.ok(pauses.every((pause, i) => i === 0 || pause >= pauses[i - 1] - 5), `${pauses}`);
});

test('offline counts at once, and online, after a random moment', async () => {
  await start({ transports: ['websocket', 'poll'], fetch: unreachable });
  FakeSocket.last.open('a');
  page.dispatchEvent(new Event('offline'));
  await settle();
  assert.ok(FakeSocket.last.isClosed);
  assert.equal(halley.state, 'waiting');
  await clock.pass(1_000);
  assert.equal(FakeSocket.all.length, 1);
  page.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(FakeSocket.all.length, 1);
  await clock.pass(500);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.open('a');
  assert.equal(halley.stats.transport, 'websocket', 'no transport is blamed');
});

test('a publication under way when the network goes is sent when it is back', async () => {
  const keys = [];
  const fetch = (url, { headers, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (keys.push(headers['Idempotency-Key']) === 2) {
        resolve(new Response('{"position":"e:1"}', { status: 201 }));
      }
    });
  halley = new Halley('http://halley.test', { ...clock.options, fetch });
  const published = halley.channel('a').publish(1);
  await settle();
  page.dispatchEvent(new Event('offline'));
  await settle();
  page.dispatchEvent(new Event('online'));
  await clock.pass(500);
  assert.equal(await published, 'e:1');
  assert.equal(keys[0], keys[1]);
});

test('a page that may be come back to holds no connection until then', async () => {
  await start({ transports: ['websocket'] });
  FakeSocket.last.open('a', 'e:4');
  page.dispatchEvent(new Event('pagehide'));
  await settle();
  assert.ok(FakeSocket.last.isClosed);
  await clock.pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
  page.dispatchEvent(new Event('pageshow'));
  await settle();
  assert.equal(FakeSocket.all.length, 2);
  assert.match(FakeSocket.last.url, /since=e:4/);
});

test('a server that says when to come back is not asked by another transport', async () => {
  let asked = 0;
  const busy = { error: { code: 503, message: 'There are too many connections' } };
  const fetch = async () => {
    asked++;
    return new Response(JSON.stringify(busy), { status: 503, headers: { 'Retry-After': '20' } });
  };
  await start({ transports: ['sse', 'long-poll', 'poll'], fetch });
  await clock.pass(19_000);
  assert.equal(asked, 1);
  await clock.pass(2_000);
  assert.equal(asked, 2);
});

test('a server that closes its sockets in so many words is no reason for another transport', async () => {
  await start({ transports: ['websocket', 'poll'], fetch: unreachable });
  for (let i = 0; i < 6; i++) {
    FakeSocket.last.open('a');
    FakeSocket.last.onclose({ code: [1001, 1012, 1013][i % 3], reason: 'later' });
    await clock.pass(30_000);
  }
  assert.equal(FakeSocket.all.length, 7);
});

test('it closes in every state, at once', async () => {
  const states = {
    connecting: async () => start({ transports: ['websocket'] }),
    'asking for a token': async () => start({ transports: ['websocket'], token: () => new Promise(() => {}) }),
    'connecting by a deaf fetch': async () => start({ transports: ['poll'], fetch: () => new Promise(() => {}) }),
    waiting: async () => start({ transports: ['poll'], fetch: unreachable }),
    idle: async () => (halley = new Halley('http://halley.test', clock.options)),
    'while it is told that it connects': async () => {
      halley = new Halley('http://halley.test', { ...clock.options, fetch: async () => assert.fail() });
      halley.on('state', ({ state }) => state === 'connecting' && halley.close());
      halley.channel('a').on('message', () => {});
    },
  };
  for (const [name, enter] of Object.entries(states)) {
    await enter();
    await settle();
    halley.close();
    assert.equal(halley.state, 'closed', name);
    await settle();
    assert.equal(clock.pending, 0, name);
    assert.equal(halley.state, 'closed', name);
  }
});
