/**
 * Halley in JavaScript: the channels of a server, over whichever transport works from here.
 *
 * A channel is a log and a listener a position in it. So a connection needs no care of its own: a `Link` is used until
 * it breaks, is silent or isn't wanted any more, and the next one, on any transport, goes on from the positions of the
 * channels. `Connection` decides when and how; what a link that has ended still brings is not looked at.
 *
 * Types and documentation of what is exported are in halley.d.ts.
 */

/** Short-lived links on one transport, one after the other, that make us try another one. */
const STRIKES = 3;
/** A link that lived so long wasn't short-lived; in milliseconds, as all times are. */
const STABLE = 10_000;
const LONGEST_BAR = 1_800_000;
/** A token isn't sent any more when it expires so soon. */
const TOKEN_MARGIN = 30_000;
/** Publications on their way over a socket; the server remembers more keys than that. */
const UNCONFIRMED = 64;
const HIDDEN_FACTOR = 10;
/** A poll's answer of so many publications or bytes may not be all there is. */
const POLL_LIMIT = 1_000;
const POLL_BYTES = 200_000;

const TRANSPORTS = { websocket, sse, 'long-poll': (link) => polls(link, true), poll: (link) => polls(link, false) };

const DEFAULTS = {
  transports: Object.keys(TRANSPORTS),
  timeout: 5_000,
  heartbeat: 25_000,
  pollInterval: 3_000,
  retryTransport: 30_000,
  minDelay: 500,
  maxDelay: 30_000,
  queue: 1_000,
  buffer: 4_096,
  random: Math.random,
  fetch: (...args) => globalThis.fetch(...args),
  WebSocket: globalThis.WebSocket,
  timers: {
    now: () => Date.now(),
    setTimeout: (task, delay) => setTimeout(task, delay),
    clearTimeout: (timer) => clearTimeout(timer),
  },
};

export class HalleyError extends Error {
  name = 'HalleyError';

  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}

let emit;

class Emitter {
  #listeners = {};

  on(type, listener) {
    (this.#listeners[type] ??= new Set()).add(listener);
    return () => this.off(type, listener);
  }

  off(type, listener) {
    this.#listeners[type]?.delete(listener);
  }

  static {
    emit = (emitter, type, event) => {
      for (const listener of [...(emitter.#listeners[type] ?? [])]) {
        try {
          listener(event);
        } catch (error) {
          // A listener's fault is not the connection's.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    };
  }
}

export class Halley extends Emitter {
  #connection;
  #channels = new Map();

  constructor(url, options = {}) {
    super();
    this.#connection = new Connection(url, { ...DEFAULTS, ...options }, (type, event) => {
      emit(this, type, event);
      this.#channels.forEach((channel) => emit(channel, type, event));
    });
  }

  channel(name, { since = 'latest' } = {}) {
    if (!/^[\w.~:-]{1,255}$/.test(name)) {
      throw new HalleyError('name', 'A channel has 1 to 255 of A-Z a-z 0-9 . _ ~ : -');
    }
    if (!this.#channels.has(name)) {
      this.#channels.set(name, new Channel(this.#connection, name, since, () => this.#channels.delete(name)));
    }
    return this.#channels.get(name);
  }

  get state() {
    return this.#connection.state;
  }

  get stats() {
    return { ...this.#connection.stats };
  }

  close() {
    this.#channels.forEach((channel) => channel.close());
    this.#connection.close();
  }
}

let deliver;
let hasRoom;

class Channel extends Emitter {
  /** The last that was read; nothing before the server has said where `since` is. */
  position;
  #connection;
  #onClose;
  #closed = false;
  #inboxes = new Set();

  constructor(connection, name, since, onClose) {
    super();
    this.#connection = connection;
    this.name = name;
    this.since = since;
    this.#onClose = onClose;
  }

  on(type, listener) {
    if (type === 'message' || type === 'gap') {
      this.#listen();
    }
    return super.on(type, listener);
  }

  publish(data) {
    return this.#connection.publish(this.name, data);
  }

  close() {
    if (!this.#closed) {
      this.#closed = true;
      this.#onClose();
      this.#connection.remove(this);
      this.#inboxes.forEach((inbox) => inbox.wake());
    }
  }

  async *[Symbol.asyncIterator]() {
    const inbox = { messages: [], wake() {} };
    this.#inboxes.add(inbox);
    this.#listen();
    try {
      while (!this.#closed) {
        const { messages } = inbox;
        inbox.messages = [];
        this.#connection.wakeIfPaused();
        yield* messages;
        if (!inbox.messages.length && !this.#closed) {
          await new Promise((resolve) => (inbox.wake = resolve));
        }
      }
    } finally {
      this.#inboxes.delete(inbox);
      this.#connection.wakeIfPaused();
    }
  }

  #listen() {
    if (!this.#closed) {
      this.#connection.add(this);
    }
  }

  static {
    deliver = (channel, message) => {
      channel.position = message.position;
      channel.#inboxes.forEach((inbox) => {
        inbox.messages.push(message);
        inbox.wake();
      });
      emit(channel, 'message', message);
    };
    hasRoom = (channel, most) => [...channel.#inboxes].every((inbox) => inbox.messages.length < most);
  }
}

/** All that the channels of one client share: the link, the decision for a transport, what is to be published. */
class Connection {
  channels = new Map();
  state = 'idle';
  stats = { transport: null, requests: 0, reconnects: 0, messages: 0, published: 0, bytesIn: 0, bytesOut: 0 };
  link;
  #url;
  #emit;
  #running = false;
  #closed = false;
  /** When a transport that doesn't work may be tried again, and for how long it was barred. */
  #bars = new Map();
  #strikes = new Map();
  #failures = 0;
  #pauses = new Set();
  #token;
  #queue = [];
  #posting = false;
  #key = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('');
  #count = 0;

  constructor(url, options, emit) {
    this.options = options;
    this.#url = String(url).replace(/\/+$/, '');
    this.#emit = emit;
    const unusable = options.transports.find((name) => !TRANSPORTS[name]);
    if (unusable) {
      throw new HalleyError('transport', `There is no transport ${unusable}`);
    }
    this.transports = options.transports.filter((name) => name !== 'websocket' || options.WebSocket);
    globalThis.addEventListener?.('online', this.#online);
    globalThis.document?.addEventListener('visibilitychange', this.#visible);
  }

  // ---- channels ----

  add(channel) {
    if (!this.channels.has(channel.name) && !this.#closed) {
      this.channels.set(channel.name, channel);
      this.#changed();
    }
  }

  remove(channel) {
    if (this.channels.get(channel.name) === channel) {
      this.channels.delete(channel.name);
      this.#changed();
    }
  }

  /** Once for all channels that are added or removed now. */
  #changed() {
    queueMicrotask(() => {
      if (!this.#running) {
        this.#run();
      } else if (this.link) {
        this.link.adapt();
      } else if (!this.channels.size) {
        this.wake();
      }
    });
  }

  // ---- one link after the other ----

  async #run() {
    this.#running = true;
    while (this.channels.size) {
      if (!this.hasRoom()) {
        this.#enter('paused');
        await this.pause(Infinity);
        continue;
      }
      const link = new Link(this, this.#choose());
      this.link = link;
      this.#enter('connecting', link.transport);
      let error;
      try {
        await TRANSPORTS[link.transport](link);
      } catch (caught) {
        error = caught;
      }
      link.end('cut');
      this.link = undefined;
      this.#requeue();
      const delay = this.#settle(link, error);
      if (delay !== undefined) {
        this.#enter('waiting', null, error);
        await this.pause(delay);
      }
      this.stats.reconnects++;
    }
    this.#running = false;
    this.#enter(this.#closed ? 'closed' : 'idle');
    this.pump();
  }

  #choose() {
    const now = this.options.timers.now();
    return this.transports.find((name) => !(this.#bars.get(name)?.until > now)) ?? this.transports[0];
  }

  /** When a transport that is tried before this one has its next chance. */
  nextChance(transport) {
    const before = this.transports.slice(0, this.transports.indexOf(transport));
    return Math.min(...before.map((name) => this.#bars.get(name)?.until ?? Infinity));
  }

  /** Learns from the end of a link; returns how long to wait, or nothing where the next one may come at once. */
  #settle(link, error) {
    const { now } = this.options.timers;
    if (link.reason === 'unwanted') {
      return undefined;
    }
    const { transport } = link;
    if (link.opened && now() - link.openedAt >= STABLE) {
      this.#failures = 0;
      this.#strikes.delete(transport);
      this.#bars.delete(transport);
    }
    if (error?.code >= 400 && error.code < 500) {
      this.#token = undefined;
      this.#emit('error', error);
    } else if (error?.code === 'token') {
      this.#emit('error', error);
    } else if (error?.code !== 503 && this.#fails(link)) {
      this.#bar(transport);
      if (this.transports.some((name) => !(this.#bars.get(name)?.until > now()))) {
        return undefined;
      }
      // Nothing works: that isn't the transports' fault.
      this.#bars.clear();
    }
    return Math.max(this.#backoff(this.#failures++), error?.retryAfter ?? 0);
  }

  /** Whether to try another transport. A link may be cut now and then; not again and again. */
  #fails({ transport, opened, reason }) {
    if (!opened || reason === 'silent') {
      return true;
    }
    const strikes = (this.#strikes.get(transport) ?? 0) + 1;
    this.#strikes.set(transport, strikes % STRIKES);
    return strikes === STRIKES;
  }

  #bar(transport) {
    const { retryTransport, timers } = this.options;
    const time = Math.min((this.#bars.get(transport)?.time ?? retryTransport / 2) * 2, LONGEST_BAR);
    this.#bars.set(transport, { time, until: timers.now() + time });
  }

  /** Exponential, with full jitter. */
  #backoff(failures) {
    const { minDelay, maxDelay, random } = this.options;
    return random() * Math.min(maxDelay, minDelay * 2 ** Math.min(failures, 20));
  }

  #enter(state, transport = null, error) {
    this.state = state;
    this.stats.transport = transport;
    this.#emit('state', { state, transport, error });
  }

  opened(link) {
    this.#enter('open', link.transport);
    this.pump();
  }

  hasRoom() {
    return [...this.channels.values()].every((channel) => hasRoom(channel, this.options.buffer));
  }

  wakeIfPaused() {
    if (this.state === 'paused') {
      this.wake();
    }
  }

  /** Waits, until something has happened that may be good news, or the signal. */
  pause(delay, signal) {
    const { timers } = this.options;
    return new Promise((resolve) => {
      const done = () => {
        timers.clearTimeout(timer);
        this.#pauses.delete(done);
        resolve();
      };
      const timer = delay === Infinity ? undefined : timers.setTimeout(done, delay);
      this.#pauses.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  wake() {
    this.#pauses.forEach((done) => done());
  }

  get hidden() {
    return globalThis.document?.visibilityState === 'hidden';
  }

  #visible = () => {
    if (!this.hidden) {
      this.link?.check();
      this.wake();
    }
  };

  /** Perhaps another network, where other transports work and the old connection leads nowhere. */
  #online = () => {
    this.#bars.clear();
    this.#failures = 0;
    this.link?.doubt();
    this.wake();
  };

  close() {
    this.#closed = true;
    globalThis.removeEventListener?.('online', this.#online);
    globalThis.document?.removeEventListener('visibilitychange', this.#visible);
    this.#queue.splice(0).forEach(({ reject }) => reject(closedError()));
    this.wake();
    if (!this.#running) {
      this.#enter('closed');
    }
  }

  // ---- requests ----

  async token() {
    const { token, timers } = this.options;
    if (typeof token !== 'function') {
      return token;
    }
    if (!this.#token || this.#token.expires - TOKEN_MARGIN <= timers.now()) {
      try {
        const value = await token();
        this.#token = { value, expires: expiry(value) };
      } catch (cause) {
        throw new HalleyError('token', `There is no token: ${cause}`, { cause });
      }
    }
    return this.#token.value;
  }

  listenUrl(channels, query) {
    const since = channels.map((channel) => channel.position ?? channel.since);
    return `${this.#url}/channels/${channels.map(({ name }) => name)}?since=${since}${query}`;
  }

  async fetch(url, init) {
    const token = await this.token();
    const headers = { ...init.headers, ...(token && { Authorization: `Bearer ${token}` }) };
    this.stats.requests++;
    const response = await this.options.fetch(url, { cache: 'no-store', ...init, headers });
    if (!response.ok) {
      throw await refusal(response);
    }
    return response;
  }

  // ---- publishing ----

  publish(channel, data) {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        throw closedError();
      }
      if (this.#queue.length >= this.options.queue) {
        throw new HalleyError('full', `${this.#queue.length} publications are waiting`);
      }
      const key = `${this.#key}-${++this.#count}`;
      this.#queue.push({ channel, key, payload: encode(data), resolve, reject });
      this.pump();
    });
  }

  /** Sends what is to be sent: over the socket if there is one, else one after the other. */
  pump() {
    const { link } = this;
    if (this.#posting || !this.#queue.length) {
      return;
    }
    if (link?.opened && link.command && !link.readOnly) {
      this.#queue.slice(0, UNCONFIRMED).forEach((entry) => this.#send(link, entry));
    } else if (link ? link.opened : this.state !== 'waiting') {
      this.#posting = true;
      this.#post(this.#queue[0]).finally(() => {
        this.#posting = false;
        this.pump();
      });
    }
  }

  #send(link, entry) {
    if (entry.link === link) {
      return;
    }
    entry.link = link;
    const { json, base64 } = entry.payload;
    const data = base64 === undefined ? `"data":${json}` : `"base64":"${base64}"`;
    link.command(
      `"op":"publish","channel":"${entry.channel}","idempotencyKey":"${entry.key}",${data}`,
      ({ position, error }) => {
        if ([401, 403].includes(error?.code) && this.options.token && !link.ended) {
          // A browser's handshake has no Authorization; a request has.
          link.readOnly = true;
          this.pump();
        } else {
          this.#answered(entry, position, error && new HalleyError(error.code, error.message));
        }
      },
    );
  }

  async #post(entry) {
    const { payload, channel, key } = entry;
    const { timers, timeout } = this.options;
    const abort = new AbortController();
    const timer = timers.setTimeout(() => abort.abort(), 4 * timeout);
    try {
      this.stats.bytesOut += payload.body.length;
      const response = await this.fetch(`${this.#url}/channels/${channel}`, {
        method: 'POST',
        headers: { 'Content-Type': payload.type, 'Idempotency-Key': key },
        body: payload.body,
        signal: abort.signal,
      });
      const { position } = JSON.parse(await this.read(response));
      entry.failures = 0;
      this.#answered(entry, position);
    } catch (error) {
      const refused = error.code >= 400 && error.code < 500 && ![408, 425, 429].includes(error.code);
      if (error.code === 401 && this.#token && !entry.asked) {
        this.#token = undefined;
        entry.asked = true;
      } else if (refused || error.code === 'token') {
        this.#answered(entry, undefined, error);
      } else {
        entry.failures = (entry.failures ?? 0) + 1;
        await this.pause(Math.max(this.#backoff(entry.failures), error.retryAfter ?? 0));
      }
    } finally {
      timers.clearTimeout(timer);
    }
  }

  #answered(entry, position, error) {
    const index = this.#queue.indexOf(entry);
    if (index < 0) {
      return;
    }
    this.#queue.splice(index, 1);
    if (error) {
      entry.reject(error);
    } else {
      this.stats.published++;
      entry.resolve(position);
    }
    this.pump();
  }

  #requeue() {
    this.#queue.forEach((entry) => (entry.link = undefined));
  }

  async read(response) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.stats.bytesIn += bytes.length;
    return new TextDecoder().decode(bytes);
  }
}

/** One connection, or one row of polls. */
class Link {
  opened = false;
  reason;
  /** Says something to the server, where that can be done. */
  command;
  /** The channels that it was opened for, by name, and those of them whose place the server has said. */
  members;
  live = new Set();
  #abort = new AbortController();
  #heardAt;
  #patience;
  #timer;
  #better;

  constructor(connection, transport) {
    this.connection = connection;
    this.transport = transport;
    this.timers = connection.options.timers;
    this.signal = this.#abort.signal;
    this.members = new Map(connection.channels);
    this.expect(connection.options.timeout);
  }

  get ended() {
    return this.signal.aborted;
  }

  end(reason) {
    if (!this.ended) {
      this.reason = reason;
      this.timers.clearTimeout(this.#timer);
      this.timers.clearTimeout(this.#better);
      this.#abort.abort();
    }
  }

  open() {
    if (this.opened || this.ended) {
      return;
    }
    const { options } = this.connection;
    this.opened = true;
    this.openedAt = this.timers.now();
    this.expect(options.heartbeat + (this.command ? 0 : options.timeout));
    const chance = this.connection.nextChance(this.transport) - this.openedAt;
    if (chance < Infinity) {
      this.#better = this.timers.setTimeout(() => this.end('unwanted'), Math.max(chance, 0));
    }
    this.connection.opened(this);
    this.adapt();
  }

  /** Follows a change of the channels. A socket can be told, everything else begins anew. */
  adapt() {
    const { channels } = this.connection;
    const isSame = [...channels].every(([name, channel]) => this.members.get(name) === channel);
    if (this.ended || (isSame && channels.size === this.members.size)) {
      return;
    }
    if (!this.command || !channels.size) {
      this.end('unwanted');
    } else if (this.opened) {
      this.#resubscribe(channels);
    }
  }

  #resubscribe(channels) {
    for (const [name, channel] of [...this.members]) {
      if (channels.get(name) !== channel) {
        this.members.delete(name);
        this.live.delete(channel);
        this.command(`"op":"unsubscribe","channel":"${name}"`, () => {});
      }
    }
    for (const [name, channel] of channels) {
      if (!this.members.has(name)) {
        this.members.set(name, channel);
        const since = channel.position ?? channel.since;
        this.command(`"op":"subscribe","channel":"${name}","since":"${since}"`, ({ position, error }) => {
          if (!error) {
            this.#place(channel, position);
          } else if (error.code >= 500) {
            this.end('cut');
          } else {
            emit(channel, 'error', new HalleyError(error.code, error.message));
          }
        });
      }
    }
  }

  #place(channel, position) {
    if (channel && this.members.get(channel.name) === channel) {
      this.live.add(channel);
      channel.position = position;
    }
  }

  /** One object of halley.v1. */
  message({ channel: name, subscribed, gap, base64, position, time, ...rest }) {
    const channel = this.members.get(name);
    if (this.ended || !channel) {
      return;
    }
    if (subscribed) {
      this.#place(channel, subscribed.position);
      if (this.live.size === this.members.size) {
        this.open();
      }
    } else if (gap && this.live.has(channel)) {
      channel.position = gap.to;
      emit(channel, 'gap', { channel: name, ...gap });
    } else if (this.live.has(channel) && isAfter(position, channel.position)) {
      this.connection.stats.messages++;
      const data = base64 === undefined ? rest.data : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      deliver(channel, { channel: name, position, time, data });
      if (!hasRoom(channel, this.connection.options.buffer)) {
        // A slow reader costs a position, not a queue.
        this.end('unwanted');
      }
    }
  }

  // ---- silence ----

  heard() {
    if (this.opened) {
      this.#heardAt = this.timers.now();
    }
  }

  /** Something must be heard before so much time is over. */
  expect(patience) {
    this.#patience = patience;
    this.#heardAt = this.timers.now();
    this.check();
  }

  check() {
    this.timers.clearTimeout(this.#timer);
    if (this.ended || this.#patience === Infinity) {
      return;
    }
    const left = this.#patience - (this.timers.now() - this.#heardAt);
    const last = left + (this.opened && this.command ? this.connection.options.timeout : 0);
    if (last <= 0) {
      this.end('silent');
      return;
    }
    if (left <= 0) {
      // The smallest question that the server answers.
      const [name] = this.members.keys();
      this.command(`"op":"history","channel":"${name}","since":"latest","limit":1`, () => {});
    }
    this.#timer = this.timers.setTimeout(() => this.check(), left > 0 ? left : last);
  }

  /** Finds out soon whether there is anybody. */
  doubt() {
    if (this.command && this.opened) {
      this.#heardAt = this.timers.now() - this.#patience;
      this.check();
    } else {
      this.end('unwanted');
    }
  }

  // ---- for the transports ----

  get(query, accept) {
    const url = this.connection.listenUrl([...this.members.values()], query);
    return this.connection.fetch(url, { headers: { Accept: accept }, signal: this.signal });
  }
}

// ---- the transports: each ends, or throws, with its link ----

async function websocket(link) {
  const { connection } = link;
  const { stats, options } = connection;
  const token = await connection.token();
  const query = token ? `&token=${encodeURIComponent(token)}` : '';
  const url = connection.listenUrl([...link.members.values()], query).replace(/^http/, 'ws');
  await new Promise((resolve, reject) => {
    if (link.ended) {
      resolve();
      return;
    }
    stats.requests++;
    const socket = new options.WebSocket(url, 'halley.v1');
    const answers = new Map();
    let id = 0;
    link.signal.addEventListener('abort', () => {
      socket.onmessage = socket.onclose = null;
      socket.close();
      resolve();
    });
    socket.onerror = () => {}; // it is closed next
    socket.onclose = ({ code, reason }) => reject(new HalleyError(code, reason));
    socket.onopen = () => {
      link.command = (members, answer) => {
        answers.set(++id, answer);
        const text = `{"id":${id},${members}}`;
        stats.bytesOut += utf8Length(text);
        socket.send(text);
      };
    };
    socket.onmessage = ({ data }) => {
      link.heard();
      stats.bytesIn += utf8Length(data);
      const message = JSON.parse(data);
      if ('id' in message) {
        answers.get(message.id)?.(message);
        answers.delete(message.id);
      } else {
        link.message(message);
      }
    };
  });
}

async function sse(link) {
  const response = await link.get('&form=halley.v1', 'text/event-stream');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    link.heard();
    link.connection.stats.bytesIn += value.length;
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data += line.slice(5);
      } else if (!line && data) {
        link.message(JSON.parse(data));
        data = '';
      }
    }
  }
}

async function polls(link, waits) {
  const { connection } = link;
  const { heartbeat, timeout, pollInterval } = connection.options;
  const channels = [...link.members.values()];
  channels.forEach((channel) => link.live.add(channel));
  while (!link.ended) {
    // Who waits at "latest" and is cut off wouldn't know where that was: the first poll comes back at once.
    const wait = waits && link.opened ? Math.ceil(heartbeat / 1_000) : 0;
    link.expect(wait * 1_000 + timeout);
    const response = await link.get(wait ? `&wait=${wait}` : `&limit=${POLL_LIMIT}`, 'application/json');
    const body = await connection.read(response);
    const { publications, gaps = [], position } = JSON.parse(body);
    gaps.forEach(({ channel, ...gap }) => link.message({ channel, gap }));
    publications.forEach((publication) => link.message(publication));
    if (link.ended) {
      return;
    }
    position.split(',').forEach((at, i) => (channels[i].position = at));
    link.open();
    if (!waits && publications.length < POLL_LIMIT && body.length < POLL_BYTES) {
      link.expect(Infinity);
      await connection.pause(pollInterval * (connection.hidden ? HIDDEN_FACTOR : 1), link.signal);
    }
  }
}

// ---- small things ----

/** Whether a position is new: in another epoch, or further on. */
function isAfter(position, last) {
  const [epoch, offset] = position.split(':');
  const [lastEpoch, lastOffset] = (last ?? '').split(':');
  return epoch !== lastEpoch || Number(offset) > Number(lastOffset);
}

/** What to publish, for a socket and for a request. */
function encode(data) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
    const body = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength).slice();
    const base64 = btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join(''));
    return { body, base64, type: 'application/octet-stream' };
  }
  const json = JSON.stringify(data);
  if (json === undefined) {
    throw new TypeError('What JSON has no value for can not be published');
  }
  const isText = typeof data === 'string';
  const body = new TextEncoder().encode(isText ? data : json);
  return { body, json, type: isText ? 'text/plain; charset=utf-8' : 'application/json' };
}

function utf8Length(text) {
  return new TextEncoder().encode(text).length;
}

/** When a JSON Web Token (RFC 7519) expires; others never do. */
function expiry(token) {
  try {
    const claims = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(atob(claims)).exp * 1_000 || Infinity;
  } catch {
    return Infinity;
  }
}

async function refusal(response) {
  let message = response.statusText;
  try {
    message = (await response.json()).error.message;
  } catch {
    // not the server's own words
  }
  const error = new HalleyError(response.status, message);
  error.retryAfter = Number(response.headers.get('Retry-After')) * 1_000 || 0;
  return error;
}

function closedError() {
  return new HalleyError('closed', 'This client is closed');
}
