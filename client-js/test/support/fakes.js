// Time, chance and servers in the hands of a test.
import { setImmediate } from 'node:timers/promises';

/** A clock that stands still until it is told to go on. */
export class Clock {
  #now = 1_000_000;
  #timers = new Map();
  #id = 0;
  /** All delays that were asked for. */
  delays = [];

  options = {
    now: () => this.#now,
    setTimeout: (task, delay) => {
      this.delays.push(delay);
      this.#timers.set(++this.#id, { task, at: this.#now + delay });
      return this.#id;
    },
    clearTimeout: (id) => this.#timers.delete(id),
  };

  get pending() {
    return this.#timers.size;
  }

  /** We stand still for so long, and then all timers come late. */
  async stall(time) {
    this.#now += time;
    await this.pass(0);
  }

  /** Lets time pass, timer by timer, and whatever follows from each. */
  async pass(time) {
    const end = this.#now + time;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at);
      if (!next || next[1].at > end) {
        break;
      }
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].task();
      await settle();
    }
    this.#now = end;
  }
}

/** Lets promises that can be settled be settled. */
export async function settle() {
  for (let i = 0; i < 5; i++) {
    await setImmediate();
  }
}

/** A server that answers polls of one channel, and says what it was asked. */
export function pollServer(answer = {}) {
  const requests = [];
  const fetch = async (url, init) => {
    requests.push({ url, ...init });
    const body = { publications: [], position: 'e:0', gap: false, ...answer };
    return new Response(JSON.stringify(body), { status: 200 });
  };
  return { requests, fetch };
}

/** A socket whose other end is the test. */
export class FakeSocket {
  static all = [];
  sent = [];
  isClosed = false;

  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
    FakeSocket.all.push(this);
  }

  static get last() {
    return FakeSocket.all.at(-1);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  receive(...messages) {
    messages.forEach((message) => this.onmessage({ data: JSON.stringify(message) }));
  }

  /** The handshake has passed, and the channel begins here. */
  open(channel, position = 'e:0') {
    this.onopen();
    this.receive({ channel, subscribed: { position } });
  }
}

/** A JSON Web Token that nobody has signed. */
export function jwt(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
