// A Yjs document and the log of its updates: what is typed here goes there, what comes from there is applied.
//
// An update is of use only together with all those before it, and a log is bounded. So a page begins with the newest
// snapshot and reads the log from the position that it covers. On a gap it loads the snapshot again; what neither has,
// pages have: each gives back what it has and the log hasn't, and answers the others' questions for what they miss.
import { base64, fromBase64 } from './base64.js';

/** Not ours, so not to be published. */
const REMOTE = Symbol('remote');
const MOST_BYTES = 1 << 20;
/** Changes of so many milliseconds are one publication. */
const BATCH_MILLIS = 40;
const ANSWER_MILLIS = 600;
const RESTORE_MILLIS = 500;

export class DocumentSync {
  /** The position of the last update that was applied. */
  position;
  /** Updates that came from the log since the page was opened. */
  updates = 0;
  #Y;
  #doc;
  #halley;
  #fetch;
  #name;
  #on;
  #channel;
  #asks;
  #pending = [];
  #sending = false;
  /** After a gap: what the server's snapshot and log have, without what only we have. */
  #mirror;
  #restoring;

  /** @param on { applied(bytes, time), snapshot(covers), gap(), complete(bool), waiting(bool), refused(text) } */
  constructor({ Y, doc, halley, fetch, name, on }) {
    this.#Y = Y;
    this.#doc = doc;
    this.#halley = halley;
    this.#fetch = fetch;
    this.#name = name;
    this.#on = on;
    doc.on('update', (update, origin) => {
      if (origin !== REMOTE) {
        this.#pending.push(update);
        this.#flush();
      }
    });
  }

  /** Loads the snapshot, then follows the log from there. */
  async start() {
    const covers = await this.#loadSnapshot();
    this.position = covers;
    this.#channel = this.#halley.channel(`document.${this.#name}`, { since: covers ?? 'earliest' });
    this.#channel.on('message', ({ data, position, time }) => this.#received(data, position, time));
    this.#channel.on('gap', ({ to }) => this.#gap(to));
    this.#asks = this.#halley.channel(`document.${this.#name}.asks`, { since: 'latest' });
    this.#asks.on('message', ({ data }) => this.#answer(data));
    this.#flush();
  }

  /** Whether all that the document refers to is there, and so a snapshot of it would be whole. */
  get isComplete() {
    return this.#doc.store.pendingStructs === null && this.#mirror === undefined;
  }

  // ---- from the log ----

  #received(update, position, time) {
    this.position = position;
    if (this.#apply(this.#doc, update)) {
      this.updates++;
      if (this.#mirror) {
        this.#apply(this.#mirror, update);
      }
      this.#on.applied(update.length, time);
      if (this.#doc.store.pendingStructs !== null) {
        this.#restoreSoon();
      }
    }
  }

  /** Anybody may publish anything: what isn't an update is left out. */
  #apply(doc, update) {
    if (!(update instanceof Uint8Array) || update.length > MOST_BYTES) {
      return false;
    }
    try {
      this.#Y.decodeUpdate(update);
      this.#Y.applyUpdate(doc, update, REMOTE);
      return true;
    } catch {
      return false;
    }
  }

  /** The position that the snapshot covers, or nothing if there is none that can be read. */
  async #loadSnapshot(into = [this.#doc]) {
    for (const which of ['', '?before']) {
      const answer = await this.#fetchSnapshot(which);
      if (answer.status !== 200) {
        return undefined;
      }
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const covers = answer.headers.get('Document-Covers');
      if (into.map((doc) => this.#apply(doc, bytes)).every(Boolean)) {
        this.#on.snapshot(covers);
        return covers;
      }
    }
    return undefined;
  }

  async #fetchSnapshot(which) {
    for (let wait = 500; ; wait = Math.min(2 * wait, 5_000)) {
      try {
        const answer = await this.#fetch(`/document/snapshots/${this.#name}${which}`, { cache: 'no-store' });
        if (answer.status < 500) {
          return answer;
        }
      } catch {
        // The server is away: it is asked again.
      }
      await pause(wait);
    }
  }

  // ---- after a gap ----

  async #gap(to) {
    this.position = to;
    this.#on.gap();
    this.#mirror = new this.#Y.Doc();
    await this.#loadSnapshot([this.#doc, this.#mirror]);
    this.#restoreSoon();
  }

  /** Not all pages at once: who comes later sees what the first one has given back. */
  #restoreSoon() {
    this.#restoring ??= setTimeout(() => {
      this.#restoring = undefined;
      this.#restore();
    }, RESTORE_MILLIS * (1 + 2 * Math.random()));
  }

  #restore() {
    const Y = this.#Y;
    const mirror = this.#mirror;
    this.#mirror = undefined;
    if (mirror && !Y.equalSnapshots(Y.snapshot(this.#doc), Y.snapshot(mirror))) {
      this.#pending.push(Y.encodeStateAsUpdate(this.#doc, Y.encodeStateVector(mirror)));
      this.#flush();
    }
    this.#ask();
  }

  #ask() {
    const id = Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join('');
    const has = base64(this.#Y.encodeStateVector(this.#doc));
    this.#asks.publish({ id, has }).catch(() => {});
    setTimeout(() => this.#on.complete(this.#doc.store.pendingStructs === null), 4 * ANSWER_MILLIS);
  }

  /** Whoever is first answers for all: the key of the answer is that of the question. */
  async #answer(question) {
    if (typeof question?.id !== 'string' || !/^[a-z0-9]{1,32}$/.test(question.id)) {
      return;
    }
    await pause(Math.random() * ANSWER_MILLIS);
    try {
      const update = this.#Y.encodeStateAsUpdate(this.#doc, fromBase64(question.has));
      if (this.#Y.decodeUpdate(update).structs.length > 0) {
        await this.#fetch(`/channels/document.${this.#name}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': `answer-${question.id}` },
          body: update,
        });
      }
    } catch {
      // A question that is none, or the server is away: then somebody asks again.
    }
  }

  // ---- to the log ----

  /** One publication at a time; what is typed meanwhile is merged into the next. */
  async #flush() {
    if (this.#sending || !this.#channel) {
      return;
    }
    this.#sending = true;
    while (this.#pending.length > 0) {
      this.#on.waiting(true);
      const update = this.#Y.mergeUpdates(this.#pending);
      this.#pending = [];
      try {
        await this.#channel.publish(update);
      } catch (error) {
        this.#on.refused(error.message);
      }
      await pause(BATCH_MILLIS);
    }
    this.#sending = false;
    this.#on.waiting(false);
  }
}

function pause(millis) {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
