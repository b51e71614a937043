// Who is here, on every transport, against the real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HEARTBEAT, startClient } from './support/client.js';
import { startServer } from './support/server.js';
import { signed } from './support/tokens.js';

const SECRET = 'a secret of no less than thirty-two bytes';
const POLL_INTERVAL = 60_000;

function token(sub) {
  const channels = { subscribe: ['*'], publish: ['*'] };
  return signed(SECRET, { sub, exp: Date.now() / 1_000 + 600, channels });
}

function start(server, sub, options) {
  return startClient(server.url, { token: token(sub), ...options });
}

/** Keeps the list, and waits until it is such. */
function watch(channel) {
  let users;
  let look = () => {};
  channel.on('presence', (members) => {
    assert.ok(members.every(({ since }) => since > 1.7e12));
    users = members.map(({ user }) => user);
    look();
  });
  return (...wanted) =>
    new Promise((resolve) => {
      look = () => JSON.stringify(users) === JSON.stringify(wanted) && resolve();
      look();
    });
}

describe('presence', { timeout: 60_000 }, () => {
  let server;
  before(async () => {
    server = await startServer({
      heartbeat: `${HEARTBEAT}ms`,
      'jwt-secret': SECRET,
      'presence-everywhere': true,
      'presence-lease': '3s',
      'presence-grace': '0s',
    });
  });
  after(() => server.stop());

  for (const transport of ['websocket', 'sse', 'long-poll', 'poll']) {
    test(`by ${transport} the list keeps itself`, async () => {
      const options = { transports: [transport] };
      const name = `room.${transport}`;
      const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((user) => start(server, user, options));
      const lists = watch(bob.channel(name));
      await lists();
      ann.channel(name).on('message', () => {});
      await lists('ann');
      const second = start(server, 'ann', options);
      second.channel(name).on('message', () => {});
      cid.channel(name).on('message', () => {});
      await lists('ann', 'cid');
      const { members, complete, anonymous, position } = await bob.channel(name).presence();
      assert.deepEqual(
        members.map(({ user }) => user),
        ['ann', 'cid'],
      );
      assert.deepEqual([complete, anonymous, position.split(':')[1]], [true, 0, '2']);
      ann.close();
      cid.close();
      await lists('ann');
      second.close();
      await lists();
      bob.close();
    });
  }

  test('who watches late is told, too, and who listens is on his own list', async () => {
    const halley = start(server, 'ann');
    const channel = halley.channel('late');
    channel.on('message', () => {});
    await watch(channel)('ann');
    await watch(channel)('ann');
    halley.close();
  });

  test('where there is no presence one is told so', async () => {
    const plain = await startServer({});
    const halley = startClient(plain.url);
    await assert.rejects(halley.channel('room').presence(), { code: 404 });
    const error = new Promise((resolve) => halley.channel('room').on('error', resolve));
    halley.channel('room').on('presence', () => assert.fail());
    assert.equal((await error).code, 404);
    halley.close();
    await plain.stop();
  });
});

test('after a gap the list is asked for again', { timeout: 60_000 }, async () => {
  const server = await startServer({
    'jwt-secret': SECRET,
    'presence-everywhere': true,
    'history-publications': 3,
  });
  let poll;
  const halley = start(server, 'ann', {
    transports: ['poll'],
    pollInterval: POLL_INTERVAL,
    setTimeout: (task, delay) => (delay === POLL_INTERVAL ? ((poll = task), 0) : setTimeout(task, delay)),
  });
  const lists = watch(halley.channel('room'));
  await lists();
  while (!poll) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  let gaps = 0;
  const users = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const user of users) {
    await fetch(`${server.url}/channels/room`, { headers: { Authorization: `Bearer ${token(user)}` } });
  }
  halley.channel('room~presence').on('gap', () => gaps++);
  poll();
  await lists(...users);
  assert.equal(gaps, 1);
  halley.close();
  await server.stop();
});
