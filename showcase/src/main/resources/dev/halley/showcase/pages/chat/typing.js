// Who is typing: short-lived publications on a channel beside the room's.

const SAY_EVERY_MILLIS = 2_000;
const SHOWN_MILLIS = 4_000;
const MOST = 20;

export class Typing {
  #halley;
  #channel;
  #name;
  #saidAt = 0;
  #timers = new Map();
  #changed;

  /** @param changed is called with the names of those who are typing */
  constructor(halley, room, name, changed) {
    this.#halley = halley;
    this.#name = name;
    this.#changed = changed;
    this.#channel = halley.channel(`chat.${room}.typing`, { since: 'latest' });
    this.#channel.on('message', ({ data }) => {
      const name = data?.name;
      if (typeof name === 'string' && name !== this.#name) {
        this.#heard(name.slice(0, 48));
      }
    });
  }

  rename(name) {
    this.#name = name;
  }

  /** The visitor has touched a key. Nothing of that is worth being sent later. */
  touch() {
    const now = Date.now();
    if (now - this.#saidAt >= SAY_EVERY_MILLIS && this.#halley.state === 'open') {
      this.#saidAt = now;
      this.#channel.publish({ name: this.#name }).catch(() => {});
    }
  }

  sent() {
    this.#saidAt = 0;
  }

  /** What was being typed has come. */
  stopped(name) {
    clearTimeout(this.#timers.get(name));
    if (this.#timers.delete(name)) {
      this.#tell();
    }
  }

  close() {
    this.#channel.close();
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    this.#tell();
  }

  #heard(name) {
    if (this.#timers.size >= MOST && !this.#timers.has(name)) {
      return;
    }
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(() => this.stopped(name), SHOWN_MILLIS));
    this.#tell();
  }

  #tell() {
    this.#changed([...this.#timers.keys()]);
  }
}
