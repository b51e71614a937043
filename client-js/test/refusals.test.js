// Refusals: which are final, whom they concern, and what is done about the others.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Halley, HalleyError } from '../halley.js';
import { Clock, FakeSocket, jwt, pollServer, settle } from './support/fakes.js';

let clock;
let halley;
let errors;
beforeEach(() => {
  clock = new Clock();
  FakeSocket.all = [];
});
afterEach(async () => {
  halley.close();
  await settle();
  assert.equal(clock.pending, 0, 'a closed client leaves no timer behind');
});

function start(options) {
  errors = [];
  halley = new Halley('http://halley.test', { WebSocket: FakeSocket, random: () => 1, ...clock.options, ...options });
  halley.on('error', ({ code, message }) => errors.push(`${code} ${message}`));
  return halley;
}

async function openSocket(options) {
  start({ transports: ['websocket'], ...options });
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.open('a');
  return FakeSocket.last;
}

const publishes = (socket) => socket.sent.filter(({ op }) => op === 'publish');
const refusal = (code, message, more) =>
  new Response(JSON.stringify({ error: { code, message, ...more } }), { status: code });
const unreachable = async () => {
  throw new TypeError('fetch failed');
};

/** What a request publishes: a text, a JSON value, or bytes. */
function decode(body, headers) {
  const type = headers['Content-Type'];
  const text = new TextDecoder().decode(body);
  return type === 'application/octet-stream' ? [...body] : type === 'application/json' ? JSON.parse(text) : text;
}

/** A server that publishes, unless `refuse` returns something else for a request's publication. */
function publishServer(refuse) {
  const published = [];
  const tokens = [];
  const fetch = async (url, { body, headers }) => {
    const data = decode(body, headers);
    tokens.push(headers.Authorization);
    const refused = await refuse(data, tokens.length);
    return refused || new Response(JSON.stringify({ position: `e:${published.push(data)}` }), { status: 201 });
  };
  return { published, tokens, fetch };
}

for (const code of [400, 403, 404, 405, 409, 413, 415, 422, 501]) {
  test(`${code} is final for a publication, by request and by socket, and the next ones go on`, async () => {
    const server = publishServer((data) => data === 1 && refusal(code, 'Never'));
    start({ fetch: server.fetch });
    const [first, second] = [1, 2].map((n) => halley.channel('a').publish(n));
    await assert.rejects(first, { name: 'HalleyError', code, message: 'Never' });
    assert.equal(await second, 'e:1');
    halley.close();

    const socket = await openSocket();
    const [third, fourth] = [3, 4].map((n) => halley.channel('a').publish(n));
    const [{ id }, next] = publishes(socket);
    socket.receive({ id, error: { code, message: 'Never' } }, { id: next.id, position: 'e:2' });
    await assert.rejects(third, { code });
    assert.equal(await fourth, 'e:2');
  });
}

test('413 without words, as a proxy has it, is final', async () => {
  const server = publishServer((data) => data === 1 && new Response('<html>', { status: 413 }));
  start({ fetch: server.fetch });
  await assert.rejects(halley.channel('a').publish(1), { code: 413 });
});

for (const code of [408, 429, 500, 502, 503]) {
  test(`${code} is not final for a publication, and the order is kept`, async () => {
    const server = publishServer((data, count) => (count < 3 ? refusal(code, 'Later') : undefined));
    start({ fetch: server.fetch });
    const all = [1, 2, 3].map((n) => halley.channel('a').publish(n));
    await clock.pass(2_000);
    assert.deepEqual(await Promise.all(all), ['e:1', 'e:2', 'e:3']);
    assert.deepEqual(server.published, [1, 2, 3]);
  });
}

test('Retry-After is waited for, in seconds and as a date', async () => {
  for (const retryAfter of ['30', new Date(Date.now() + 31_000).toUTCString()]) {
    const headers = { 'Retry-After': retryAfter };
    const server = publishServer((data, count) => count === 1 && new Response('{}', { status: 429, headers }));
    start({ fetch: server.fetch });
    const published = halley.channel('a').publish(1);
    await clock.pass(28_000);
    assert.deepEqual(server.published, []);
    await clock.pass(4_000);
    assert.equal(await published, 'e:1');
    halley.close();
  }
});

test('what a socket refuses for now is sent again by it, in order, with the same keys', async () => {
  const socket = await openSocket();
  const all = [1, 2, 3].map((n) => halley.channel('a').publish(n));
  const first = publishes(socket);
  assert.deepEqual(
    first.map(({ after }) => after),
    [undefined, first[0].idempotencyKey, first[1].idempotencyKey],
  );
  socket.receive({ id: first[0].id, error: { code: 429, message: 'Slowly', retryAfter: 7 } });
  socket.receive({ id: first[1].id, error: { code: 503, message: 'The one before' } });
  socket.receive({ id: first[2].id, error: { code: 503, message: 'The one before' } });
  await clock.pass(6_900);
  assert.equal(publishes(socket).length, 3);
  await clock.pass(200);
  const again = publishes(socket).slice(3);
  assert.deepEqual(
    again.map(({ idempotencyKey, data, after }) => [idempotencyKey, data, after]),
    first.map(({ idempotencyKey, data, after }) => [idempotencyKey, data, after]),
  );
  again.forEach(({ id }, i) => socket.receive({ id, position: `e:${i + 1}` }));
  assert.deepEqual(await Promise.all(all), ['e:1', 'e:2', 'e:3']);
});

test('a socket closed with 1013 costs no publication', async () => {
  const socket = await openSocket();
  const published = halley.channel('a').publish(1);
  socket.onclose({ code: 1013, reason: 'Try again later' });
  await clock.pass(1_000);
  FakeSocket.last.open('a');
  const [{ id }] = publishes(FakeSocket.last);
  FakeSocket.last.receive({ id, position: 'e:1' });
  assert.equal(await published, 'e:1');
});

test('a socket closed with 1009 costs the largest publication, and no other', async () => {
  const socket = await openSocket();
  const [small, large, last] = ['s', 'x'.repeat(10_000), 'l'].map((data) => halley.channel('a').publish(data));
  socket.onclose({ code: 1009, reason: 'A message has at most 1000 bytes' });
  await assert.rejects(large, { name: 'HalleyError', code: 1009, message: 'A message has at most 1000 bytes' });
  await clock.pass(1_000);
  FakeSocket.last.open('a');
  publishes(FakeSocket.last).forEach(({ id, data }) => FakeSocket.last.receive({ id, position: data }));
  assert.deepEqual(await Promise.all([small, last]), ['s', 'l']);
  assert.equal(halley.stats.transport, 'websocket');
});

test('a large publication goes by a request, in its place', async () => {
  const server = publishServer(() => {});
  const socket = await openSocket({ fetch: server.fetch });
  const large = 'x'.repeat(100_000);
  const all = ['before', large, 'after'].map((data) => halley.channel('a').publish(data));
  assert.deepEqual(publishes(socket).map(({ data }) => data), ['before']);
  assert.deepEqual(server.published, []);
  socket.receive({ id: publishes(socket)[0].id, position: 'p' });
  await settle();
  assert.deepEqual(server.published, [large]);
  const [, after] = publishes(socket);
  assert.equal(after.data, 'after');
  socket.receive({ id: after.id, position: 'q' });
  assert.deepEqual(await Promise.all(all), ['p', 'e:1', 'q']);
});

test('a large publication that a server cuts again and again is given up, and is told as unknown', async () => {
  let attempts = 0;
  const fetch = async (url, { body }) => {
    if (body?.length > 100_000) {
      attempts++;
      throw new TypeError('fetch failed');
    }
    return new Response('{"position":"e:1"}', { status: 201 });
  };
  start({ fetch });
  const [large, small] = ['x'.repeat(9 << 20), 'small'].map((data) => halley.channel('a').publish(data));
  const refused = assert.rejects(large, { name: 'HalleyError', code: 'unknown', message: /bytes/ });
  await clock.pass(10_000);
  await refused;
  assert.equal(attempts, 3);
  assert.equal(await small, 'e:1');
});

test('while the network is down a large publication waits as any other', async () => {
  let isDown = true;
  const server = publishServer(() => {});
  start({ fetch: (url, init) => (isDown ? unreachable() : server.fetch(url, init)) });
  const large = halley.channel('a').publish('x'.repeat(100_000));
  await clock.pass(120_000);
  isDown = false;
  await clock.pass(30_000);
  assert.equal(await large, 'e:1');
});

test('what was sent and not confirmed is unknown when the client closes; what was not sent is not', async () => {
  start({ fetch: () => new Promise(() => {}), queue: 2 });
  const [sent, waiting] = [1, 2].map((n) => halley.channel('a').publish(n));
  await settle();
  await assert.rejects(halley.channel('a').publish(3), { code: 'full' });
  halley.close();
  await assert.rejects(sent, { name: 'HalleyError', code: 'unknown' });
  await assert.rejects(waiting, { name: 'HalleyError', code: 'closed' });

  await openSocket();
  const onSocket = halley.channel('a').publish(1);
  halley.close();
  await assert.rejects(onSocket, { code: 'unknown' });
});

test('a publication that nobody waits for ends with the client without a word', async () => {
  let unhandled = 0;
  const listener = () => unhandled++;
  process.on('unhandledRejection', listener);
  start({ fetch: () => new Promise(() => {}) });
  halley.channel('a').publish(1);
  halley.channel('a').publish(2);
  await settle();
  halley.close();
  await settle();
  process.off('unhandledRejection', listener);
  assert.equal(unhandled, 0);
});

test('a publication that is unauthorized is tried once more, with another token', async () => {
  let asked = 0;
  const server = publishServer((data, count) => (count === 1 ? refusal(401, 'Expired') : undefined));
  start({ fetch: server.fetch, token: async () => jwt({ exp: 4e9, n: asked++ }) });
  assert.equal(await halley.channel('a').publish(1), 'e:1');
  assert.equal(asked, 2);
  assert.notEqual(server.tokens[0], server.tokens[1]);
  halley.close();

  const refusing = publishServer(() => refusal(401, 'Expired'));
  start({ fetch: refusing.fetch, token: async () => jwt({ exp: 4e9 }) });
  await assert.rejects(halley.channel('a').publish(1), { code: 401 });
  assert.equal(refusing.tokens.length, 2);
});

test('a socket is told of its token before it publishes', async () => {
  const socket = await openSocket({ token: 't0' });
  assert.ok(socket.sent.every(({ op }) => op === 'history'));
  socket.sent = [];
  halley.channel('a').publish(1).catch(() => {});
  assert.deepEqual(
    socket.sent.map(({ op, token }) => [op, token]),
    [
      ['refresh', 't0'],
      ['publish', undefined],
    ],
  );
  halley.channel('a').publish(2).catch(() => {});
  assert.equal(socket.sent.length, 3);
});

// ---- the token function ----

test('a token function that never answers has its time, is an error, and is asked again', async () => {
  let asked = 0;
  const server = pollServer();
  const token = () => (asked++ ? jwt({ exp: 4e9 }) : new Promise(() => {}));
  start({ transports: ['poll'], fetch: server.fetch, token });
  halley.channel('a').on('message', () => {});
  await clock.pass(5_000);
  assert.deepEqual(errors, ['401 No token: Error: Nothing came for 5000 ms']);
  await clock.pass(500);
  assert.equal(halley.state, 'open');
  assert.equal(asked, 2);
});

test('a token function is called once for all that need a token at the time', async () => {
  let asked = 0;
  let give;
  const server = pollServer();
  const token = () => (asked++, new Promise((resolve) => (give = resolve)));
  start({ transports: ['poll'], fetch: server.fetch, token });
  const channel = halley.channel('a');
  channel.on('message', () => {});
  const rest = [channel.publish(1), channel.presence(), halley.channel('b').presence()];
  rest.forEach((promise) => promise.catch(() => {}));
  await settle();
  assert.equal(asked, 1);
  give('opaque');
  await settle();
  assert.equal(asked, 1);
  assert.ok(server.requests.length >= 3);
});

test('four transports that fail one after the other have one token', async () => {
  let asked = 0;
  start({ token: async () => `t${asked++}`, fetch: unreachable });
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  assert.equal(halley.state, 'waiting');
  assert.equal(asked, 1);
});

test('two requests that the same old token is refused for ask for one new one', async () => {
  let asked = 0;
  const answers = [];
  const fetch = async (url, { headers }) => {
    if (headers.Authorization === `Bearer ${tokens[0]}`) {
      return new Promise((resolve) => answers.push(() => resolve(refusal(401, 'Expired'))));
    }
    return new Response('{"publications":[],"position":"e:0"}');
  };
  const tokens = [0, 1, 2].map((n) => jwt({ exp: 4e9, n }));
  start({ transports: ['poll'], fetch, token: async () => tokens[asked++] });
  const channel = halley.channel('a');
  const other = channel.presence();
  channel.on('message', () => {});
  await settle();
  answers[1]();
  await clock.pass(500);
  assert.equal(halley.state, 'open');
  answers[0]();
  await assert.rejects(other, { code: 401 });
  await clock.pass(3_000);
  assert.equal(asked, 2);
});

test('what is no token is an error', async () => {
  const wrong = [
    () => {
      throw new Error('sync');
    },
    async () => Promise.reject(new Error('async')),
    () => undefined,
    () => null,
    () => '',
    () => 17,
    () => ({ token: 'x' }),
    () => 'two\nlines',
  ];
  for (const token of wrong) {
    start({ transports: ['poll'], fetch: async () => assert.fail('without a token'), token });
    halley.channel('a').on('message', () => {});
    const published = halley.channel('a').publish(1);
    await settle();
    assert.match(errors[0], /^401 No token: /);
    halley.close();
    await assert.rejects(published, { code: 'closed' }, 'it waits');
  }
});

test('a token that cannot be renewed is told and asked for again, and the socket goes on', async () => {
  let asked = 0;
  const token = async () => {
    if (asked++ === 1) {
      throw new Error('offline');
    }
    return jwt({ exp: 4e9, n: asked });
  };
  const socket = await openSocket({ token });
  socket.receive({ expires: clock.options.now() + 30_000 });
  await settle();
  assert.deepEqual(errors, ['401 No token: Error: offline']);
  await clock.pass(500);
  assert.equal(socket.sent.filter(({ op }) => op === 'refresh').length, 1);
  assert.equal(socket.isClosed, false);
});

// ---- one channel of several ----

const only = (...allowed) => (url) => {
  const channels = /channels\/([^?]+)/.exec(url)[1].split(',');
  const refused = channels.filter((channel) => !allowed.includes(channel));
  const position = channels.map(() => 'e:0').join();
  return refused.length
    ? refusal(403, 'Not here', { channels: refused })
    : new Response(JSON.stringify({ publications: [], position }));
};

for (const transport of ['sse', 'long-poll', 'poll']) {
  test(`a refused channel errors and closes alone, and the others go on: ${transport}`, async () => {
    const asked = [];
    const allow = only('a', 'b');
    const fetch = async (url) => {
      asked.push(/channels\/([^?]+)/.exec(url)[1]);
      const answer = allow(url);
      return answer.ok && transport === 'sse'
        ? new Response(new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode(subscribed(url))) }))
        : answer.ok && asked.length > 2
          ? new Promise(() => {})
          : answer;
    };
    const subscribed = () =>
      ['a', 'b'].map((channel) => `data: {"channel":"${channel}","subscribed":{"position":"e:0"}}\n\n`).join('');
    start({ transports: [transport], fetch });
    const refused = [];
    for (const name of ['a', 'secret', 'b', 'other']) {
      halley.channel(name).on('message', () => {});
      halley.channel(name).on('error', ({ code }) => refused.push([name, code]));
    }
    const secret = halley.channel('secret');
    await clock.pass(1_000);
    assert.deepEqual(refused, [
      ['secret', 403],
      ['other', 403],
    ]);
    assert.deepEqual(errors, []);
    assert.notEqual(halley.channel('secret'), secret, 'it is closed');
    assert.deepEqual(asked.slice(0, 2), ['a,secret,b,other', 'a,b']);
    assert.equal(halley.state, 'open');
  });
}

test('a socket that was refused because of one channel is tried again without it', async () => {
  start({ transports: ['websocket', 'poll'], fetch: async (url) => only('a')(url) });
  halley.channel('a').on('message', () => {});
  halley.channel('secret').on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await clock.pass(1_000);
  assert.equal(FakeSocket.all.length, 2);
  assert.match(FakeSocket.last.url, /channels\/a\?/);
  assert.deepEqual(errors, ['403 Not here'], 'the client hears what no channel listens for');
});

test('a right that ends with the next token costs its channel alone', async () => {
  const socket = await openSocket({ token: async () => jwt({ exp: 4e9 }) });
  halley.channel('b').on('message', () => {});
  const refused = [];
  halley.channel('b').on('error', ({ code }) => refused.push(code));
  await settle();
  socket.receive({ id: socket.sent.at(-1).id, position: 'e:0' });
  socket.receive({ expires: clock.options.now() + 30_000 });
  await settle();
  const { id } = socket.sent.find(({ op }) => op === 'refresh');
  socket.receive({ id, error: { code: 403, message: 'Not b', channels: ['b'] } });
  await settle();
  assert.deepEqual(refused, [403]);
  assert.match(FakeSocket.last.url, /channels\/a\?/);
});

test('a channel that a socket refuses for now is asked for again, and the others go on', async () => {
  const socket = await openSocket();
  const heard = [];
  halley.channel('a').on('message', ({ data }) => heard.push(data));
  halley.channel('b').on('message', () => {});
  await settle();
  socket.receive({ id: socket.sent.at(-1).id, error: { code: 503, message: 'Not now' } });
  socket.receive({ channel: 'a', position: 'e:1', data: 1 });
  await clock.pass(10_000);
  assert.equal(socket.sent.filter(({ op }) => op === 'subscribe').length, 2);
  assert.equal(socket.isClosed, false);
  assert.deepEqual(heard, [1]);
});

test('a page whose origin is not allowed is told, and the client closes', async () => {
  start({ transports: ['websocket'] });
  const states = [];
  halley.on('state', ({ state, error }) => states.push([state, error?.code]));
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.onopen();
  FakeSocket.last.onclose({ code: 4403, reason: 'Pages of http://evil.test may not use this server' });
  await settle();
  assert.deepEqual(errors, ['4403 Pages of http://evil.test may not use this server']);
  assert.deepEqual(states, [
    ['connecting', undefined],
    ['closed', 4403],
  ]);
  halley.close();

  start({ transports: ['sse'], fetch: async () => refusal(403, 'Pages of http://evil.test may not use this server') });
  halley.channel('a').on('message', () => {});
  await settle();
  assert.deepEqual(errors, ['403 Pages of http://evil.test may not use this server']);
  assert.equal(halley.state, 'closed');
});

test('a refusal that is no words of the server is told when nothing else works', async () => {
  const fetch = async () => new Response('<html>', { status: 404, statusText: 'Not Found' });
  start({ transports: ['sse', 'poll'], fetch });
  halley.channel('a').on('message', () => {});
  await settle();
  assert.equal(halley.state, 'waiting');
  assert.deepEqual(errors, ['404 Not Found']);
});

// ---- what can be published ----

test('bytes of all kinds are published as bytes, and a Blob keeps its place', async () => {
  const bodies = [];
  const fetch = async (url, { body, headers }) => {
    bodies.push(decode(body, headers));
    return new Response(JSON.stringify({ position: `e:${bodies.length}` }), { status: 201 });
  };
  start({ fetch });
  const bytes = new Uint8Array([0, 1, 2, 255]);
  const all = [
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer, 1, 2),
    new Uint16Array(bytes.buffer),
    new Blob([bytes]),
    Buffer.from(bytes),
    'last',
  ];
  await Promise.all(all.map((data) => halley.channel('a').publish(data)));
  assert.deepEqual(
    bodies,
    [[0, 1, 2, 255], [0, 1, 2, 255], [1, 2], [0, 1, 2, 255], [0, 1, 2, 255], [0, 1, 2, 255], 'last'],
  );
});

test('a Blob that cannot be read is an error, and the next ones go on', async () => {
  const server = publishServer(() => {});
  start({ fetch: server.fetch });
  const blob = new Blob(['x']);
  blob.arrayBuffer = async () => Promise.reject(new Error('gone'));
  const [first, second] = [halley.channel('a').publish(blob), halley.channel('a').publish('next')];
  await assert.rejects(first, { message: 'gone' });
  assert.equal(await second, 'e:1');
});

test('what JSON would change or leave out is a TypeError', async () => {
  start({ fetch: async () => assert.fail('it is not sent') });
  const circular = {};
  circular.self = circular;
  const wrong = {
    undefined: undefined,
    function: () => 1,
    symbol: Symbol('x'),
    BigInt: 1n,
    Map: new Map([[1, 2]]),
    Set: new Set([1]),
    WeakMap: new WeakMap(),
    RegExp: /x/,
    Error: new Error('x'),
    Promise: Promise.resolve(1),
    URLSearchParams: new URLSearchParams('a=1'),
    FormData: new FormData(),
    Headers: new Headers({ a: '1' }),
    NaN: NaN,
    Infinity: -Infinity,
    circular,
    'half a surrogate pair': '\ud83d',
    'a Map in an object': { deep: [{ map: new Map() }] },
    'a function in an object': { f() {} },
    'undefined in an array': [undefined],
    'bytes in an object': { bytes: new Uint8Array(1) },
    'NaN in an array': [NaN],
  };
  for (const [name, data] of Object.entries(wrong)) {
    await assert.rejects(halley.channel('a').publish(data), TypeError, name);
  }
});

test('what JSON has a value for is published as that', async () => {
  const server = publishServer(() => {});
  start({ fetch: server.fetch });
  class Point {
    x = 1;
  }
  const bare = Object.create(null);
  const all = [{ a: undefined, b: 1 }, new Date(0), new Point(), bare, new String('s'), new URL('http://x/')];
  await Promise.all(all.map((data) => halley.channel('a').publish(data)));
  assert.deepEqual(server.published, [{ b: 1 }, '1970-01-01T00:00:00.000Z', { x: 1 }, {}, 's', 'http://x/']);
  assert.ok(HalleyError);
});

test('a publication has one key, by socket and by request', async () => {
  const keys = [];
  const fetch = async (url, { method, headers }) => {
    if (method) {
      keys.push(headers['Idempotency-Key']);
    }
    return new Response('{"publications":[],"position":"e:1"}');
  };
  const socket = await openSocket({ transports: ['websocket', 'poll'], fetch });
  const published = halley.channel('a').publish(1);
  const [{ idempotencyKey }] = publishes(socket);
  socket.onclose({ code: 1006, reason: '' });
  await clock.pass(1_000);
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await clock.pass(1_000);
  assert.equal(await published, 'e:1');
  assert.deepEqual(keys, [idempotencyKey]);
});

test('a page whose handshake fails without a word asks why', async () => {
  globalThis.location = new URL('http://page.test/');
  start({ transports: ['websocket'], fetch: async () => refusal(403, 'Pages of this origin may not use this server') });
  halley.channel('a').on('message', () => {});
  await settle();
  FakeSocket.last.onclose({ code: 1006, reason: '' });
  await settle();
  delete globalThis.location;
  assert.deepEqual(errors, ['403 Pages of this origin may not use this server']);
  assert.equal(halley.state, 'closed');
});

test('a page that hears nothing asks why, once a minute, and is told that its origin is not allowed', async () => {
  globalThis.location = new URL('http://page.test/');
  let asked = 0;
  let isAllowed = true;
  const fetch = async (url, { headers }) => {
    if (!url.endsWith('/health/live')) {
      throw new TypeError('Failed to fetch');
    }
    assert.deepEqual(headers, {}, 'a preflight would be refused');
    asked++;
    return isAllowed ? new Response('ok') : refusal(403, 'Pages of this origin may not use this server');
  };
  start({ fetch, token: 't' });
  halley.channel('a').on('message', () => {});
  const published = halley.channel('a').publish(1);
  const told = assert.rejects(published, { code: 403 });
  await clock.pass(50_000);
  assert.equal(asked, 1);
  assert.deepEqual(errors, []);
  isAllowed = false;
  await clock.pass(60_000);
  assert.equal(asked, 2);
  assert.deepEqual(errors, ['403 Pages of this origin may not use this server']);
  assert.equal(halley.state, 'closed');
  await told;
  delete globalThis.location;
});
