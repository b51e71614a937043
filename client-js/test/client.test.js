// The rules of the client, with time, chance and servers in the test's hands.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Halley } from '../halley.js';
import { Clock, FakeSocket, jwt, pollServer, settle } from './support/fakes.js';

const URL = 'http://halley.test';

let clock;
let halley;
beforeEach(() => {
  clock = new Clock();
  FakeSocket.all = [];
});
afterEach(async () => {
  halley?.close();
  await settle();
  assert.equal(clock.pending, 0, 'a closed client leaves no timer behind');
  delete globalThis.document;
});

function start(options) {
  halley = new Halley(URL, { WebSocket: FakeSocket, random: () => 1, ...clock.options, ...options });
  return halley;
}

const unreachable = async () => {
  throw new TypeError('fetch failed');
};

test('pauses double up to a bound, and chance shortens them', async () => {
  const chances = [1, 1, 1, 1, 1, 0.25];
  start({ transports: ['poll'], fetch: unreachable, maxDelay: 4_000, random: () => chances.shift() ?? 1 });
  halley.channel('a').on('message', () => {});
  await clock.pass(30_000);
  const pauses = clock.delays.filter((delay) => delay !== 5_000);
  assert.deepEqual(pauses.slice(0, 6), [500, 1_000, 2_000, 4_000, 4_000, 1_000]);
});

test('transports are tried in order, at once, before there is a pause', async () => {
  const asked = [];
  const fetch = async (url, { headers }) => {
    asked.push(headers.Accept ?? /wait=(\d+)/.exec(url)[0]);
    throw new TypeError('fetch failed');
  };
  start({ fetch });
  const states = [];
  halley.on('state', ({ state, transport }) => states.push(transport ?? state));
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  assert.deepEqual(states, ['websocket', 'sse', 'long-poll', 'poll', 'waiting']);
  assert.deepEqual(asked, ['text/event-stream', 'wait=0', 'wait=0']);
});

test('where there is no WebSocket it is left out', async () => {
  const server = pollServer();
  start({ WebSocket: undefined, transports: ['websocket', 'poll'], fetch: server.fetch });
  halley.channel('a').on('message', () => {});
  await settle();
  assert.equal(halley.stats.transport, 'poll');
});

test('a client that has nothing else is refused at once', () => {
  assert.throws(() => start({ WebSocket: undefined, transports: ['websocket'] }), TypeError);
  halley = undefined;
});

test('a handshake that takes too long is given up', async () => {
  const server = pollServer();
  start({ transports: ['websocket', 'poll'], fetch: server.fetch });
  halley.channel('a').on('message', () => {});
  await clock.pass(4_999);
  assert.equal(halley.state, 'connecting');
  await clock.pass(1);
  assert.ok(FakeSocket.last.isClosed);
  assert.equal(halley.stats.transport, 'poll');
});

test('a socket that is quiet is asked, and given up if it does not answer', async () => {
  start({ transports: ['websocket'] });
  halley.channel('a').on('message', () => {});
  await settle();
  const [socket] = FakeSocket.all;
  socket.open('a');
  await clock.pass(25_000);
  const question = socket.sent.at(-1);
  assert.equal(question.op, 'history');
  socket.receive({ id: question.id, publications: [] });
  await clock.pass(29_999);
  assert.equal(socket.isClosed, false);
  await clock.pass(1);
  assert.equal(socket.isClosed, true);
});

test('a transport that failed has another chance while a lesser one works', async () => {
  const server = pollServer();
  start({ transports: ['websocket', 'poll'], fetch: server.fetch, retryTransport: 60_000 });
  const channel = halley.channel('a');
  channel.on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  assert.equal(halley.stats.transport, 'poll');
  await clock.pass(60_000);
  assert.equal(FakeSocket.all.length, 2);
  assert.match(FakeSocket.last.url, /since=e:0$/);
  FakeSocket.last.open('a');
  assert.equal(halley.stats.transport, 'websocket');
});

test('a transport whose links never last gives way', async () => {
  const server = pollServer();
  start({ transports: ['websocket', 'poll'], fetch: server.fetch });
  halley.channel('a').on('message', () => {});
  for (let i = 0; i < 3; i++) {
    await clock.pass(1_000);
    FakeSocket.last.open('a');
    FakeSocket.last.onclose({ code: 1006, reason: '' });
    await settle();
  }
  assert.equal(FakeSocket.all.length, 3);
  assert.equal(halley.stats.transport, 'poll');
});

test('what a link brings after its end is not looked at', async () => {
  const server = pollServer();
  start({ transports: ['websocket', 'poll'], fetch: server.fetch });
  const received = [];
  halley.channel('a').on('message', ({ data }) => received.push(data));
  await settle();
  const [socket] = FakeSocket.all;
  socket.open('a');
  socket.receive({ channel: 'a', position: 'e:1', time: 1, data: 1 });
  await clock.pass(30_000);
  assert.ok(socket.isClosed);
  socket.receive({ channel: 'a', position: 'e:2', time: 1, data: 2 });
  assert.deepEqual(received, [1]);
});

test('a JSON Web Token is asked for again before it expires', async () => {
  let asked = 0;
  const token = async () => jwt({ exp: (clock.options.now() + 60_000) / 1_000, n: asked++ });
  const server = pollServer();
  start({ transports: ['poll'], fetch: server.fetch, token, pollInterval: 10_000 });
  halley.channel('a').on('message', () => {});
  await clock.pass(29_000);
  assert.equal(asked, 1);
  await clock.pass(10_000);
  assert.equal(asked, 2);
  const sent = new Set(server.requests.map(({ headers }) => headers.Authorization));
  assert.equal(sent.size, 2);
  assert.match([...sent][0], /^Bearer ey/);
});

test('a token that does not say when it expires is asked for each time', async () => {
  let asked = 0;
  const server = pollServer();
  start({ transports: ['poll'], fetch: server.fetch, token: () => `t${asked++}`, pollInterval: 10_000 });
  halley.channel('a').on('message', () => {});
  await clock.pass(15_000);
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.Authorization),
    ['Bearer t0', 'Bearer t1'],
  );
});

test('a token is a parameter of a handshake', async () => {
  start({ transports: ['websocket'], token: 'a&b' });
  halley.channel('a').on('message', () => {});
  await settle();
  assert.equal(FakeSocket.last.url, 'ws://halley.test/channels/a?since=latest&token=a%26b');
  assert.equal(FakeSocket.last.protocol, 'halley.v1');
});

test('a socket is told of a new token before the old one expires', async () => {
  let asked = 0;
  start({ transports: ['websocket'], token: async () => `"t${asked++}` });
  const messages = [];
  halley.channel('a').on('message', ({ data }) => messages.push(data));
  await settle();
  const socket = FakeSocket.last;
  socket.open('a');
  socket.receive({ expires: clock.options.now() + 30_000 });
  await settle();
  const refresh = socket.sent.find(({ op }) => op === 'refresh');
  assert.equal(refresh.token, '"t1');
  socket.receive({ id: refresh.id, expires: clock.options.now() + 60_000 });
  socket.receive({ channel: 'a', position: 'e:1', data: 'on' });
  await settle();
  assert.deepEqual(messages, ['on']);
  assert.equal(FakeSocket.all.length, 1, 'the same socket');
  assert.equal(asked, 2, 'the answer is no other warning');
});

test('a token that is a text is not renewed, and what it opened ends', async () => {
  start({ transports: ['websocket'], token: 't' });
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.open('a');
  FakeSocket.last.receive({ expires: 1 });
  await settle();
  assert.deepEqual(FakeSocket.last.sent.filter(({ op }) => op === 'refresh'), []);
});

test('after 4401 a new token is asked for, and the transport keeps its chance', async () => {
  let asked = 0;
  const token = () => jwt({ exp: (clock.options.now() + 600_000) / 1_000, n: asked++ });
  const fetch = async () => assert.fail('there is no reason for another transport');
  start({ transports: ['websocket', 'poll'], token, fetch });
  halley.channel('a').on('message', () => {});
  for (let i = 1; i < 6; i++) {
    await clock.pass(500);
    assert.equal(FakeSocket.all.length, i);
    assert.equal(asked, i);
    FakeSocket.last.open('a');
    await clock.pass(10_000);
    FakeSocket.last.onclose({ code: 4401, reason: 'The token has expired' });
  }
});

test('a stream of events begins anew with a new token where it left off', async () => {
  let asked = 0;
  const requests = [];
  const streams = [];
  const errors = [];
  const fetch = async (url, { headers, signal }) => {
    requests.push([url, headers.Authorization]);
    const body = new ReadableStream({
      start(controller) {
        streams.push((object) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(object)}\n\n`)));
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body);
  };
  start({ transports: ['sse'], fetch, token: async () => `t${asked++}` });
  halley.channel('a').on('message', () => {});
  await settle();
  streams[0]({ channel: 'a', subscribed: { position: 'e:0' } });
  streams[0]({ channel: 'a', position: 'e:7', data: 1 });
  await settle();
  streams[0]({ expires: 1 });
  await settle();
  streams[1]({ channel: 'a', subscribed: { position: 'e:7' } });
  await settle();
  assert.equal(halley.state, 'open');
  halley.on('error', ({ code }) => errors.push(code));
  streams[1]({ closed: { code: 4401, reason: 'The token has expired' } });
  await clock.pass(500);
  assert.deepEqual(
    requests.map(([url, token]) => [/since=([^&]+)/.exec(url)[1], token]),
    [
      ['latest', 'Bearer t0'],
      ['e:7', 'Bearer t1'],
      ['e:7', 'Bearer t2'],
    ],
  );
  assert.deepEqual(errors, [4401]);
});

test('a message that is no answer and of no channel is left alone', async () => {
  start({ transports: ['websocket'] });
  const messages = [];
  halley.channel('a').on('message', ({ data }) => messages.push(data));
  await settle();
  FakeSocket.last.open('a');
  FakeSocket.last.receive({ hello: 1 }, { id: 99 }, { id: null, error: { code: 400 } });
  FakeSocket.last.receive({ channel: 'a', position: 'e:1', data: 1 });
  await settle();
  assert.deepEqual(messages, [1]);
});

test('a token that cannot be had is an error, and is asked for again after a pause', async () => {
  let asked = 0;
  const token = () => {
    if (asked++ === 0) {
      throw new Error('logged out');
    }
    return 't';
  };
  start({ transports: ['websocket'], token });
  const errors = [];
  halley.on('error', ({ code, message }) => errors.push([code, message]));
  halley.channel('a').on('message', () => {});
  await settle();
  assert.deepEqual(errors, [[401, 'No token: Error: logged out']]);
  await clock.pass(500);
  assert.equal(FakeSocket.all.length, 1);
});

test('a refusal is told with the words of the server', async () => {
  const refusal = { error: { code: 403, message: 'Not you' } };
  start({ transports: ['poll'], fetch: async () => new Response(JSON.stringify(refusal), { status: 403 }) });
  const errors = [];
  halley.channel('a').on('error', ({ name, code, message }) => errors.push([name, code, message]));
  halley.channel('a').on('message', () => {});
  await settle();
  assert.deepEqual(errors, [['HalleyError', 403, 'Not you']]);
});

test('a hidden page polls a tenth as often, and at once when it is seen again', async () => {
  globalThis.document = { visibilityState: 'hidden' };
  const events = new EventTarget();
  globalThis.addEventListener = (...args) => events.addEventListener(...args);
  globalThis.removeEventListener = (...args) => events.removeEventListener(...args);
  const server = pollServer();
  start({ transports: ['poll'], fetch: server.fetch });
  delete globalThis.addEventListener;
  halley.channel('a').on('message', () => {});
  await clock.pass(29_000);
  assert.equal(server.requests.length, 1);
  document.visibilityState = 'visible';
  events.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(server.requests.length, 2);
  await clock.pass(3_000);
  assert.equal(server.requests.length, 3);
});

test('a page that is online again tries at once, and everything', async () => {
  const events = new EventTarget();
  globalThis.addEventListener = (...args) => events.addEventListener(...args);
  globalThis.removeEventListener = (...args) => events.removeEventListener(...args);
  start({ transports: ['websocket', 'poll'], fetch: unreachable });
  delete globalThis.addEventListener;
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  assert.equal(halley.state, 'waiting');
  events.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.open('a');
  // The network may be another one even though nobody has closed the connection.
  events.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(FakeSocket.all.length, 3);
});

test('a listener that throws harms nobody', async () => {
  const runners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const reported = new Promise((resolve) => process.once('unhandledRejection', resolve));
  start({ transports: ['websocket'] });
  const received = [];
  halley.channel('a').on('message', () => {
    throw new Error('of the listener');
  });
  halley.channel('a').on('message', ({ data }) => received.push(data));
  await settle();
  FakeSocket.last.open('a');
  FakeSocket.last.receive({ channel: 'a', position: 'e:1', time: 1, data: 1 });
  assert.deepEqual(received, [1]);
  assert.equal((await reported).message, 'of the listener');
  runners.forEach((runner) => process.on('unhandledRejection', runner));
});

test('a listener that was taken away hears nothing', async () => {
  start({ transports: ['websocket'] });
  const received = [];
  const off = halley.channel('a').on('message', ({ data }) => received.push(data));
  await settle();
  FakeSocket.last.open('a');
  off();
  FakeSocket.last.receive({ channel: 'a', position: 'e:1', time: 1, data: 1 });
  assert.deepEqual(received, []);
});

test('a channel has a name that a URL can bear, and is one object', () => {
  start();
  for (const name of ['', 'a/b', 'a,b', 'a?', 'ü', 'x'.repeat(256)]) {
    assert.throws(() => halley.channel(name), TypeError, name);
  }
  assert.equal(halley.channel('a.b:c~d_e-F9'), halley.channel('a.b:c~d_e-F9'));
});

test('a socket learns of a channel by a command; one that is refused is closed', async () => {
  start({ transports: ['websocket'] });
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.open('a');
  const errors = [];
  const b = halley.channel('b', { since: 'earliest' });
  b.on('error', ({ code }) => errors.push(code));
  b.on('message', () => {});
  await settle();
  const { id, ...command } = FakeSocket.last.sent.at(-1);
  assert.deepEqual(command, { op: 'subscribe', channel: 'b', since: 'earliest' });
  FakeSocket.last.receive({ id, error: { code: 400, message: 'Too many' } });
  assert.deepEqual(errors, [400]);
  assert.notEqual(halley.channel('b'), b, 'it is closed');
  await settle();
  assert.match(FakeSocket.last.url, /\/channels\/a\?/, 'the others go on without it');
});

test('publications that a socket has not confirmed are sent again, with the same keys and in order', async () => {
  start({ transports: ['websocket'] });
  const channel = halley.channel('a');
  channel.on('message', () => {});
  await settle();
  FakeSocket.last.open('a');
  const published = [1, 2, 3].map((n) => channel.publish(n));
  const isPublish = ({ op }) => op === 'publish';
  const first = FakeSocket.last.sent.filter(isPublish);
  FakeSocket.last.receive({ id: first[0].id, position: 'e:1' });
  assert.equal(await published[0], 'e:1');
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await clock.pass(500);
  FakeSocket.last.open('a');
  const second = FakeSocket.last.sent.filter(isPublish);
  const keyAndData = ({ idempotencyKey, data }) => [idempotencyKey, data];
  assert.deepEqual(second.map(keyAndData), first.slice(1).map(keyAndData));
  second.forEach(({ id }, i) => FakeSocket.last.receive({ id, position: `e:${i + 2}` }));
  assert.deepEqual(await Promise.all(published), ['e:1', 'e:2', 'e:3']);
});

test('a closed client says so to all who use it later, and is silent', async () => {
  start({ transports: ['websocket'] });
  const states = [];
  halley.on('state', ({ state }) => states.push(state));
  const channel = halley.channel('a');
  channel.on('message', () => {});
  await settle();
  FakeSocket.last.open('a');
  halley.close();
  await settle();
  const isClosed = { name: 'HalleyError', code: 'closed' };
  assert.throws(() => channel.on('message', () => {}), isClosed);
  assert.throws(() => halley.channel('b'), isClosed);
  assert.throws(() => halley.on('state', () => {}), isClosed);
  await assert.rejects(channel.publish(1), isClosed);
  await assert.rejects(channel.presence(), isClosed);
  await assert.rejects(channel[Symbol.asyncIterator]().next(), isClosed);
  halley.close();
  await settle();
  assert.equal(FakeSocket.all.length, 1);
  assert.ok(FakeSocket.last.isClosed);
  assert.deepEqual(states, ['connecting', 'open', 'closed']);
});
