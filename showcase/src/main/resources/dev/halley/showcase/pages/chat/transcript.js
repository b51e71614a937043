// What was said in a room, on the screen and in this tab's memory: it outlives a reload of the page and the server's log.
import { element } from '/shared/dom.js';
import { language, t } from '/shared/i18n.js';

const ON_SCREEN = 500;
const REMEMBERED = 200;

/** A message as we take it from others, or nothing if it isn't one. */
export function parseMessage(data) {
  const { id, name, text, at } = data ?? {};
  if (typeof id !== 'string' || typeof name !== 'string' || typeof text !== 'string') {
    return undefined;
  }
  return {
    id: id.slice(0, 64),
    name: name.slice(0, 48),
    text: text.slice(0, 2000),
    at: Number.isFinite(at) ? at : undefined,
  };
}

/** A colour of one's own, the same for a name everywhere, that can be read on both grounds. */
export function colourOf(name) {
  let hash = 0;
  for (const character of name) {
    hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  }
  const hue = hash % 360;
  return `light-dark(hsl(${hue} 70% 32%), hsl(${hue} 75% 74%))`;
}

export class Transcript {
  #list;
  #me;
  #key;
  #shown = new Map();
  #memory;
  #saving = false;

  /** @param me gives the name of now */
  constructor(list, me, room) {
    this.#list = list;
    this.#me = me;
    this.#key = `halley.chat.${room}`;
    this.#memory = recall(this.#key);
    list.replaceChildren();
    this.#memory.messages.forEach((message) => this.#append(message));
  }

  /** The position after the last message that is remembered. */
  get position() {
    return this.#memory.position;
  }

  /** What was typed here and not yet confirmed when the page was left. */
  get unsent() {
    return [...this.#memory.unsent];
  }

  /** Shows a message that came, or one of one's own that has come back. Says whether it is a new one. */
  received(message, position) {
    this.#memory.position = position;
    const waiting = this.#shown.get(message.id)?.classList.contains('waiting');
    const isNew = !this.#shown.has(message.id) || waiting;
    if (waiting) {
      this.#shown.get(message.id).remove();
      this.#shown.delete(message.id);
    }
    if (isNew) {
      this.#append(message);
      this.#memory.messages = [...this.#memory.messages, message].slice(-REMEMBERED);
    }
    this.confirmed(message.id);
    return isNew;
  }

  /** Shows a message that is on its way. */
  sending(message) {
    this.#append(message).classList.add('waiting');
    this.#memory.unsent = [...this.#memory.unsent.filter(({ id }) => id !== message.id), message].slice(-REMEMBERED);
    this.#save();
  }

  confirmed(id) {
    this.#memory.unsent = this.#memory.unsent.filter((message) => message.id !== id);
    this.#save();
  }

  failed(id, why) {
    this.confirmed(id);
    this.#shown.get(id)?.querySelector('small').replaceChildren(t('failed', { why }));
  }

  /** Shows that something happened. */
  note(text, kind = '') {
    this.#add(element('li', { class: `event ${kind}` }, text));
  }

  at(position) {
    this.#memory.position = position;
    this.#save();
  }

  #append(message) {
    const mine = message.name === this.#me();
    const when = message.at === undefined ? '' : time(message.at);
    const item = element(
      'li',
      { class: mine ? 'message mine' : 'message', 'data-id': message.id },
      element('header', {}, element('b', {}, message.name), element('small', { class: 'soft' }, when)),
      element('p', {}, message.text),
    );
    item.style.setProperty('--who', colourOf(message.name));
    this.#shown.set(message.id, item);
    return this.#add(item);
  }

  #add(item) {
    const list = this.#list;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const isMine = item.classList.contains('mine');
    list.append(item);
    while (list.childElementCount > ON_SCREEN) {
      this.#shown.delete(list.firstElementChild.dataset.id);
      list.firstElementChild.remove();
    }
    if (atEnd || isMine) {
      list.scrollTop = list.scrollHeight;
    }
    return item;
  }

  /** At most once for all that comes at once. */
  #save() {
    if (this.#saving) {
      return;
    }
    this.#saving = true;
    queueMicrotask(() => {
      this.#saving = false;
      try {
        sessionStorage.setItem(this.#key, JSON.stringify(this.#memory));
      } catch {
        // No room, or forbidden: then a reload reads the server's log from its begin.
      }
    });
  }
}

function recall(key) {
  try {
    const { position, messages, unsent } = JSON.parse(sessionStorage.getItem(key)) ?? {};
    const parsed = (list) => (list ?? []).map(parseMessage).filter(Boolean);
    return { position, messages: parsed(messages), unsent: parsed(unsent) };
  } catch {
    return { position: undefined, messages: [], unsent: [] };
  }
}

function time(millis) {
  return new Date(millis).toLocaleTimeString(language() === 'zh' ? 'zh-CN' : 'en-GB', {
    hour: '2-digit',
    minute: '2-digit',
  });
}
