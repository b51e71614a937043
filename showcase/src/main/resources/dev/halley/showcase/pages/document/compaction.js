// Who gives the server a snapshot, and when: one page for all, after some updates or some quiet.
//
// The page that wrote last goes first, the others wait longer and so only do it if that one is gone. Two that do it at
// once do no harm: the server takes the one that covers more.

const UPDATES = 100;
const BYTES = 256 << 10;
const QUIET_MILLIS = 4_000;
/** What a page that is being closed may still send. */
const FAREWELL_BYTES = 60_000;

export class Compaction {
  #Y;
  #doc;
  #fetch;
  #url;
  #sync;
  #on;
  #covers;
  #updates = 0;
  #bytes = 0;
  #wroteLast = false;
  #timer;
  #isDue = false;

  constructor({ Y, doc, halley, fetch, name, sync, on }) {
    this.#Y = Y;
    this.#doc = doc;
    this.#fetch = fetch;
    this.#url = `/document/snapshots/${name}`;
    this.#sync = sync;
    this.#on = on;
    halley.channel(`document.${name}.snapshots`, { since: 'latest' }).on('message', ({ data }) => {
      if (typeof data?.covers === 'string') {
        this.covered(data.covers);
      }
    });
    doc.on('update', (update, origin, of, { local }) => {
      this.#wroteLast = local;
    });
    addEventListener('pagehide', () => this.#farewell());
  }

  /** There is a snapshot that covers the log up to here. */
  covered(position) {
    this.#covers = position;
    const [epoch, offset] = position.split(':');
    const [nowEpoch, nowOffset] = (this.#sync.position ?? position).split(':');
    this.#updates = epoch === nowEpoch ? Math.max(Number(nowOffset) - Number(offset), 0) : this.#updates;
    this.#bytes = 0;
    clearTimeout(this.#timer);
    this.#isDue = false;
    this.#on.covered(position);
    if (this.#updates > 0) {
      this.#schedule();
    }
  }

  /** An update was applied that no snapshot covers. */
  applied(bytes) {
    this.#updates++;
    this.#bytes += bytes;
    this.#schedule();
  }

  #schedule() {
    if (this.#isDue) {
      return;
    }
    this.#isDue = this.#updates >= UPDATES || this.#bytes >= BYTES;
    const first = this.#isDue ? 0 : QUIET_MILLIS;
    const wait = this.#wroteLast ? first : first + QUIET_MILLIS * (1 + Math.random());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#take(), wait);
  }

  async #take() {
    this.#isDue = false;
    if (!this.#sync.isComplete || this.#sync.position === undefined) {
      return;
    }
    // Ours may have what is still on its way: more than it says, never less.
    const position = this.#sync.position;
    const body = this.#Y.encodeStateAsUpdate(this.#doc);
    try {
      const answer = await this.#fetch(`${this.#url}?covers=${encodeURIComponent(position)}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/octet-stream' },
        body,
      });
      if (!answer.ok && answer.status !== 409) {
        this.#on.refused((await answer.json()).error.message);
      }
    } catch {
      // The server is away. The next update reminds us, or another page does it.
    }
  }

  #farewell() {
    if (this.#updates > 0 && this.#sync.isComplete && this.#sync.position !== undefined) {
      const body = this.#Y.encodeStateAsUpdate(this.#doc);
      if (body.length <= FAREWELL_BYTES) {
        navigator.sendBeacon(`${this.#url}?covers=${encodeURIComponent(this.#sync.position)}`, new Blob([body]));
      }
    }
  }
}
