// Who is here and where their cursors are: y-protocols' awareness over a channel of which nobody needs the history.

const REMOTE = Symbol('remote');
const MOST_BYTES = 4_096;
const MOST_PEOPLE = 100;
const SAY_EVERY_MILLIS = 80;
const COLOURS = ['#b3263d', '#0c7a4d', '#3b4fd8', '#8f5600', '#7a2bb5', '#0a6f87', '#a6336f', '#55691a'];

export class Cursors {
  awareness;
  #editor;
  #doc;
  #halley;
  #channel;
  #timer;
  #names = 0;

  /** @param editor the bundled module */
  constructor({ editor, doc, halley, name }) {
    this.#editor = editor;
    this.#doc = doc;
    this.#halley = halley;
    this.awareness = new editor.Awareness(doc);
    this.#channel = halley.channel(`document.${name}.cursors`, { since: 'latest' });
    this.#channel.on('message', ({ data }) => this.#received(data));
    this.awareness.on('update', (changes, origin) => {
      if (origin !== REMOTE) {
        this.#saySoon(SAY_EVERY_MILLIS);
      }
    });
    this.awareness.on('change', ({ added }, origin) => {
      if (origin === REMOTE && added.length > 0) {
        // Somebody is new and doesn't know of us.
        this.#saySoon(100 + Math.random() * 400);
      }
    });
    addEventListener('pagehide', () => this.#leave(name));
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  }

  /** Says who we are. Another name has another colour: the editor draws a cursor anew only by that. */
  introduce(name) {
    const colour = COLOURS[(this.#doc.clientID + this.#names++) % COLOURS.length];
    this.awareness.setLocalStateField('user', { name, color: colour, colorLight: `${colour}40` });
  }

  /** Those who are here, ourselves first. */
  people() {
    const mine = this.#doc.clientID;
    return [...this.awareness.getStates()]
      .filter(([, state]) => state.user)
      .map(([id, { user }]) => ({ ...user, isMe: id === mine }))
      .sort((a, b) => b.isMe - a.isMe || a.name.localeCompare(b.name));
  }

  /** The connection is there, perhaps anew. */
  sayAgain() {
    this.#saySoon(0);
  }

  #saySoon(wait) {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#halley.state === 'open') {
        const update = this.#editor.encodeAwarenessUpdate(this.awareness, [this.#doc.clientID]);
        this.#channel.publish(update).catch(() => {});
      }
    }, wait);
  }

  #received(update) {
    if (!(update instanceof Uint8Array) || update.length > MOST_BYTES) {
      return;
    }
    try {
      const clean = this.#editor.modifyAwarenessUpdate(update, (state) => this.#clean(state));
      if (this.awareness.getStates().size < MOST_PEOPLE) {
        this.#editor.applyAwarenessUpdate(this.awareness, clean, REMOTE);
      }
    } catch {
      // Anybody may publish anything.
    }
  }

  /** Only what we show, and only in a form that can't do harm in a style or break the editor. */
  #clean(state) {
    if (state === null || typeof state !== 'object') {
      return null;
    }
    const { name, color } = state.user ?? {};
    const colour = /^#[0-9a-f]{6}$/.test(color) ? color : COLOURS[0];
    const user = { name: String(name ?? '?').slice(0, 24), color: colour, colorLight: `${colour}40` };
    return { user, cursor: isCursor(state.cursor) ? state.cursor : null };
  }

  #leave(name) {
    this.#editor.removeAwarenessStates(this.awareness, [this.#doc.clientID], 'left');
    const update = this.#editor.encodeAwarenessUpdate(this.awareness, [this.#doc.clientID]);
    navigator.sendBeacon(
      `/channels/document.${name}.cursors`,
      new Blob([update], { type: 'application/octet-stream' }),
    );
  }
}

/** Two relative positions of Yjs. The text that they refer to may not have come yet. */
function isCursor(cursor) {
  return [cursor?.anchor, cursor?.head].every(
    (place) =>
      typeof place === 'object' &&
      place !== null &&
      [place.type, place.item].every(isIdOrNothing) &&
      ['string', 'undefined', 'object'].includes(typeof place.tname) &&
      ['number', 'undefined'].includes(typeof place.assoc),
  );
}

function isIdOrNothing(id) {
  return (id ?? null) === null || (Number.isSafeInteger(id.client) && Number.isSafeInteger(id.clock));
}
