// Who is in a room: this tab's lease, the list that the server answers it with, and what changes after that.

const RENEWAL_MILLIS = 10_000;
const RETRY_MILLIS = 2_000;

/** Chosen anew for each page, and told nobody but the server. */
const TAB = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

export class People {
  #halley;
  #fetch;
  #room;
  #name;
  #on;
  #names = new Set();
  #channel;
  #timer;
  #underWay = Promise.resolve();
  #closed = false;

  /** @param on { people(names), presence(answer), join(name), leave(name), problem(text) } */
  constructor(halley, fetch, room, name, on) {
    this.#halley = halley;
    this.#fetch = fetch;
    this.#room = room;
    this.#name = name;
    this.#on = on;
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#comeBack);
    this.renew();
  }

  rename(name) {
    this.#name = name;
    return this.renew();
  }

  /** Says that we are here. One request after the other: a later name must not be overtaken by an earlier one. */
  renew() {
    clearTimeout(this.#timer);
    this.#underWay = this.#underWay.then(() => this.#renewNow());
    return this.#underWay;
  }

  async #renewNow() {
    if (this.#closed) {
      return;
    }
    const query = new URLSearchParams({ name: this.#name, tab: TAB });
    let next = RENEWAL_MILLIS;
    try {
      const answer = await this.#fetch(`/chat/rooms/${this.#room}/people?${query}`, { method: 'POST' });
      const body = await answer.json();
      if (this.#closed) {
        return;
      }
      if (answer.ok) {
        this.#take(body);
      }
      this.#on.problem(answer.ok ? '' : body.error.message);
    } catch {
      // The server is away; the connection's state says so.
      next = RETRY_MILLIS;
    }
    if (!this.#closed) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.renew(), next);
    }
  }

  /** Leaves this room's channel. The lease goes to the next room with the next renewal. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#channel?.close();
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#comeBack);
  }

  #take(presence) {
    if (!this.#channel) {
      this.#follow(presence.since);
    }
    this.#on.presence(presence);
    if (!isBehind(presence.since, this.#channel.position)) {
      this.#names = new Set(presence.people);
      this.#on.people([...this.#names]);
    }
  }

  #follow(since) {
    this.#channel = this.#halley.channel(`chat.${this.#room}.people`, { since });
    this.#channel.on('gap', () => this.renew());
    this.#channel.on('message', ({ data }) => {
      const { join, leave } = data ?? {};
      if (typeof join === 'string' && !this.#names.has(join)) {
        this.#names.add(join);
        this.#on.join(join);
      } else if (typeof leave === 'string' && this.#names.delete(leave)) {
        this.#on.leave(leave);
      }
      this.#on.people([...this.#names].sort());
    });
  }

  #leave = () => navigator.sendBeacon(`/chat/leave?tab=${TAB}`);

  /** Out of the browser's memory of pages: we had left. */
  #comeBack = ({ persisted }) => persisted && this.renew();
}

/** Whether an answer is older than what the channel has told since. */
function isBehind(since, position) {
  const [epoch, offset] = since.split(':');
  const [nowEpoch, nowOffset] = (position ?? since).split(':');
  return epoch === nowEpoch && Number(offset) < Number(nowOffset);
}
