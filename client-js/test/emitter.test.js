// Listeners, options and names: what is wrong is an error, in plain JavaScript too.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Halley } from '../halley.js';
import { Clock, FakeSocket, settle } from './support/fakes.js';

let clock;
let halley;
let channel;
beforeEach(async () => {
  clock = new Clock();
  FakeSocket.all = [];
  halley = new Halley('http://halley.test', { WebSocket: FakeSocket, transports: ['websocket'], ...clock.options });
  channel = halley.channel('a');
});
afterEach(async () => {
  halley.close();
  await settle();
  assert.equal(clock.pending, 0, 'a closed client leaves no timer behind');
});

let offset = 0;

async function open() {
  await settle();
  FakeSocket.last.open('a');
}

function say(data) {
  FakeSocket.last.receive({ channel: 'a', position: `e:${++offset}`, time: 1, data });
}

test('the same function twice is two listeners, and each is taken away for itself', async () => {
  let calls = 0;
  const listener = () => calls++;
  const off = channel.on('message', listener);
  channel.on('message', listener);
  await open();
  say(1);
  assert.equal(calls, 2);
  off();
  off();
  say(2);
  assert.equal(calls, 3);
});

test('a listener that comes while an event is told hears the next one', async () => {
  const heard = [];
  let off;
  const again = ({ data }) => {
    heard.push(data);
    if (heard.length < 100) {
      off();
      off = channel.on('message', (event) => again(event));
    }
  };
  off = channel.on('message', again);
  await open();
  say(1);
  say(2);
  assert.deepEqual(heard, [1, 2]);
});

test('a listener that another one takes away hears nothing more', async () => {
  const heard = [];
  let off = () => {};
  channel.on('message', () => off());
  off = channel.on('message', ({ data }) => heard.push(data));
  await open();
  say(1);
  assert.deepEqual(heard, []);
});

test('a channel that was closed is open again with its next listener, and goes on where it was', async () => {
  const heard = [];
  const mount = () => {
    channel.on('message', ({ data }) => heard.push(data));
    return () => channel.close();
  };
  // As a component that is mounted twice.
  mount()();
  const unmount = mount();
  await open();
  say(1);
  assert.deepEqual(heard, [1]);
  assert.equal(halley.channel('a'), channel);
  unmount();
  await settle();
  assert.equal(halley.state, 'idle');
  channel.on('message', ({ data }) => heard.push(data));
  await settle();
  assert.match(FakeSocket.last.url, new RegExp(`since=e:${offset}`));
  FakeSocket.last.open('a', `e:${offset}`);
  say(2);
  assert.deepEqual(heard, [1, 2]);
});

test('a closed channel whose name has another one now says so', () => {
  channel.close();
  halley.channel('a');
  assert.throws(() => channel.on('message', () => {}), { code: 'closed', message: /another channel/ });
});

test('a reader gets what has come before the end', async () => {
  const reader = channel[Symbol.asyncIterator]();
  const first = reader.next();
  await open();
  say(1);
  say(2);
  say(3);
  channel.close();
  assert.equal((await first).value.data, 1);
  assert.equal((await reader.next()).value.data, 2);
  assert.equal((await reader.next()).value.data, 3);
  assert.equal((await reader.next()).done, true);
});

test('events that do not exist and listeners that are none are errors', () => {
  assert.throws(() => channel.on('mesage', () => {}), { name: 'TypeError', message: /mesage.*message/ });
  assert.throws(() => halley.on('message', () => {}), { name: 'TypeError', message: /state, error/ });
  assert.throws(() => channel.on('toString', () => {}), TypeError);
  assert.throws(() => channel.on('message'), TypeError);
  assert.throws(() => channel.on('message', {}), TypeError);
});

test('options that do not exist and values that cannot be are errors', () => {
  const wrong = [
    [{ tokn: 'x' }, /tokn.*token/],
    [{ transports: ['carrier pigeon'] }, /carrier pigeon.*websocket/],
    [{ transports: 'sse' }, /array/],
    [{ transports: [] }, /transport/],
    [{ timeout: '5s' }, /timeout/],
    [{ heartbeat: -1 }, /heartbeat/],
    [{ maxDelay: NaN }, /maxDelay/],
    [{ token: 17 }, /token/],
    [{ token: '' }, /token/],
    [{ token: 'two\nlines' }, /token/],
    [{ fetch: 'fetch' }, /fetch/],
    ['token', /object/],
    [5_000, /object/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new Halley('http://halley.test', options), { name: 'TypeError', message });
  }
  for (const url of ['halley.test', 'ws://halley.test', 'http://halley.test/?token=x', 'http://halley.test/#x']) {
    assert.throws(() => new Halley(url), TypeError, url);
  }
  assert.throws(() => halley.channel('b', { form: 'earliest' }), { name: 'TypeError', message: /form.*since/ });
  assert.throws(() => halley.channel('b', { since: 'yesterday' }), TypeError);
  assert.throws(() => halley.channel('..'), TypeError);
  assert.throws(() => halley.channel('b', 'latest'), { name: 'TypeError', message: /options/ });
  for (const name of [undefined, null, 7, true, ['a'], new String('a')]) {
    assert.throws(() => halley.channel(name), { name: 'TypeError', message: /name is a string/ });
  }
  for (const url of ['http://ann:secret@halley.test', 'https://ann@halley.test']) {
    assert.throws(() => new Halley(url), (error) => error instanceof TypeError && !/secret/.test(error.message), url);
  }
});

test('an option that is undefined is one that is not given', async () => {
  const other = new Halley('http://halley.test', {
    WebSocket: FakeSocket,
    ...clock.options,
    timeout: undefined,
    token: undefined,
    transports: undefined,
  });
  other.channel('a').on('message', () => {});
  await settle();
  assert.ok(clock.delays.every((delay) => delay > 0));
  other.close();
});

test('an error that nobody listens for is written to the console', async (t) => {
  const written = t.mock.method(console, 'error', () => {});
  channel.on('message', () => {});
  await open();
  FakeSocket.last.onclose({ code: 4401, reason: 'The token has expired' });
  await settle();
  assert.equal(written.mock.calls[0].arguments[0].code, 4401);
  halley.close();
});
