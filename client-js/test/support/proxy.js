// A proxy between client and server that misbehaves as it is told.
import { createServer, connect } from 'node:net';
import { once } from 'node:events';

/** What a proxy may do wrong; each is a set of habits. */
export const BEHAVIOURS = {
  honest: {},
  delays: { delay: 8 },
  cuts: { cutAfter: 120 },
  'refuses upgrades': { refuseUpgrade: true },
  'swallows WebSockets': { muteUpgrade: true },
  'buffers SSE': { refuseUpgrade: true, bufferSse: true },
  'cuts waiting requests': { refuseUpgrade: true, bufferSse: true, longestAnswer: 500 },
  'falls silent': { silentAfter: 300 },
  'cuts and delays': { cutAfter: 200, delay: 5 },
};

/** Starts a proxy for a server's port. */
export async function startProxy(target, behaviour = 'honest', { port = 0, random = Math.random } = {}) {
  let habits = BEHAVIOURS[behaviour];
  const open = new Set();
  const counts = { connections: 0, cuts: 0, upgradesRefused: 0, streamsBuffered: 0 };

  const listener = createServer({ noDelay: true }, (client) => {
    counts.connections++;
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const connection = new Connection(client, server, habits, counts, random);
    open.add(connection);
    client.once('close', () => open.delete(connection));
  });
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    counts,
    cutAll() {
      open.forEach((connection) => connection.cut());
    },
    behave(name) {
      habits = BEHAVIOURS[name];
      this.cutAll();
    },
    async close() {
      listener.close();
      this.cutAll();
      await once(listener, 'close');
    },
  };
}

class Connection {
  #client;
  #server;
  #habits;
  #counts;
  #random;
  #muted = false;
  #timers = new Set();
  #waiting;

  constructor(client, server, habits, counts, random) {
    this.#client = client;
    this.#server = server;
    this.#habits = habits;
    this.#counts = counts;
    this.#random = random;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#timers.forEach(clearTimeout);
        other.destroy();
      });
    }
    this.#pass(client, server, (bytes) => this.#onRequest(bytes));
    this.#pass(server, client, (bytes) => this.#onResponse(bytes));
    if (habits.cutAfter) {
      this.#after(habits.cutAfter * 2 * random(), () => this.cut());
    }
    if (habits.silentAfter) {
      this.#after(habits.silentAfter * 2 * random(), () => (this.#muted = true));
    }
  }

  cut() {
    this.#counts.cuts++;
    this.#client.destroy();
    this.#server.destroy();
  }

  /** Hands bytes on, late if that is a habit but in order, if `inspect` lets them through. */
  #pass(from, to, inspect) {
    const late = [];
    from.on('data', (bytes) => {
      if (!inspect(bytes)) {
        return;
      }
      if (!this.#habits.delay) {
        to.write(bytes);
        return;
      }
      late.push(bytes);
      this.#after(this.#habits.delay * this.#random(), () => to.write(late.shift()));
    });
  }

  #onRequest(bytes) {
    const head = bytes.toString('latin1').toLowerCase();
    const isUpgrade = head.startsWith('get ') && head.includes('\r\nupgrade: websocket');
    if (isUpgrade && this.#habits.refuseUpgrade) {
      this.#counts.upgradesRefused++;
      this.#client.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return false;
    }
    if (this.#habits.longestAnswer && /^(get|post) /.test(head)) {
      this.#waiting = this.#after(this.#habits.longestAnswer, () => this.cut());
    }
    return true;
  }

  #onResponse(bytes) {
    clearTimeout(this.#waiting);
    const head = bytes.toString('latin1', 0, 1_000).toLowerCase();
    if (this.#muted) {
      return false;
    }
    if (head.startsWith('http/1.1 101') && this.#habits.muteUpgrade) {
      // The handshake passes and nothing after it.
      this.#muted = true;
      this.#client.write(bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4));
      return false;
    }
    if (head.startsWith('http/1.1 200') && head.includes('text/event-stream') && this.#habits.bufferSse) {
      this.#counts.streamsBuffered++;
      this.#muted = true;
      return false;
    }
    return true;
  }

  #after(delay, task) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, delay);
    this.#timers.add(timer);
    return timer;
  }
}
