// A listener is a position in a channel: a link is used until it breaks, is silent or unwanted, and the next one, on any
// transport, goes on from there. See halley.d.ts.

const STRIKES = 3; // links that didn't last, in a row
const LASTING = 10_000;
const CHANCES = 2; // for a peer after timers that came late
const TOKEN_MARGIN = 30_000;
const UNCONFIRMED = 64; // on a socket; the server remembers more keys
const LARGE = 65_536; // what is longer is no matter of a socket, which it would block
const SLOWEST = 4; // bytes that a request must get rid of in a millisecond
const POLL_LIMIT = 500;
const ASK_AGAIN = 60_000;
const CLIENT_EVENTS = ['state', 'error'];
const CHANNEL_EVENTS = [...CLIENT_EVENTS, 'message', 'gap', 'presence'];
const PAGE_EVENTS = ['online', 'offline', 'visibilitychange', 'resume', 'pagehide', 'pageshow'];

const TRANSPORTS = { websocket, sse, 'long-poll': (link) => polls(link, true), poll: polls };

const DEFAULTS = {
  token: undefined,
  transports: Object.keys(TRANSPORTS),
  timeout: 5_000,
  heartbeat: 25_000,
  pollInterval: 3_000,
  retryTransport: 300_000,
  minDelay: 500,
  maxDelay: 30_000,
  queue: 1_000,
  buffer: 4_096,
  random: Math.random,
  now: () => performance.timeOrigin + performance.now(), // doesn't jump
  setTimeout,
  clearTimeout,
  fetch,
  WebSocket: globalThis.WebSocket,
};

export class HalleyError extends Error {
  name = 'HalleyError';

  constructor({ code, message, channels, retryAfter }) {
    super(message);
    this.code = code;
    if (channels) {
      this.channels = channels;
    }
    if (retryAfter) {
      this.retryAfter = retryAfter;
    }
  }
}

/** The server said so itself, and no proxy. */
class Refusal extends HalleyError {}

/** Nobody was asked anything yet. */
class NoToken extends HalleyError {}

let emit;
let forget;

class Emitter {
  #listeners;

  constructor(types) {
    this.#listeners = Object.fromEntries(types.map((type) => [type, new Set()]));
  }

  on(type, listener) {
    requireKnown('event', [type], this.#listeners);
    requireType('A listener', listener, 'function');
    const registration = { listener };
    this.#listeners[type].add(registration);
    return () => {
      registration.isOff = true;
      this.#listeners[type].delete(registration);
    };
  }

  static {
    /** Tells those that listen now; says whether there are any. */
    emit = (emitter, type, event) => {
      const now = [...emitter.#listeners[type]];
      for (const registration of now) {
        try {
          if (!registration.isOff) {
            registration.listener(event);
          }
        } catch (error) {
          Promise.reject(error); // is reported
        }
      }
      return now.length > 0;
    };
    forget = (emitter) => Object.values(emitter.#listeners).forEach((listeners) => listeners.clear());
  }
}

export class Halley extends Emitter {
  #connection;

  constructor(url, options) {
    super(CLIENT_EVENTS);
    this.#connection = new Connection(url, settings(options), this);
  }

  on(type, listener) {
    this.#connection.requireOpen();
    return super.on(type, listener);
  }

  channel(name, options) {
    requireType("A channel's name", name, 'string'); // undefined would be a channel, too
    requireType("A channel's options", options ?? {}, 'object');
    requireKnown('option of a channel', Object.keys(options ?? {}), { since: 1 });
    const since = options?.since ?? 'latest';
    if (!/^(?!\.\.?$)[\w.~:-]{1,255}$/.test(name)) {
      throw new TypeError(`No channel: ${name}`);
    }
    if (!/^(latest|earliest|[0-9a-z]+:\d+)$/.test(since)) {
      throw new TypeError(`since is latest, earliest or a position: ${since}`);
    }
    this.#connection.requireOpen();
    const { channels } = this.#connection;
    return channels.get(name) ?? new Channel(this.#connection, name, since);
  }

  get state() {
    return this.#connection.state;
  }

  get stats() {
    return { ...this.#connection.stats };
  }

  close() {
    this.#connection.close();
  }
}

let deliver;
let hasRoom;

class Channel extends Emitter {
  #connection;
  #inboxes = new Set();
  #watch; // of who comes and goes

  constructor(connection, name, since) {
    super(CHANNEL_EVENTS);
    this.#connection = connection;
    this.name = name;
    this.position = since;
    connection.channels.set(name, this);
  }

  on(type, listener) {
    this.#connection.requireOpen(this);
    const off = super.on(type, listener);
    // One that was closed is open again.
    this.#connection.channels.set(this.name, this);
    if (type === 'message' || type === 'gap') {
      this.#connection.add(this);
    }
    if (type === 'presence') {
      if (this.#watch) {
        queueMicrotask(() => this.#tellPresent());
      } else {
        this.#watch = {};
        this.#keepPresent(this.#watch, 0);
      }
    }
    return off;
  }

  async presence() {
    this.#connection.requireOpen();
    return this.#connection.json(`/channels/${this.name}/presence`, {});
  }

  /** Who is here now, and then each change from there on. */
  async #keepPresent(watch, failures) {
    const name = `${this.name}~presence`;
    let present;
    try {
      present = await this.presence();
    } catch (error) {
      if (watch === this.#watch && error instanceof HalleyError) {
        this.#connection.tellOf(this, error);
      }
      if (isFinal(error) && error.code !== 401) {
        return;
      }
      await this.#connection.backOff(failures);
    }
    if (watch !== this.#watch) {
      return;
    }
    if (!present) {
      this.#keepPresent(watch, failures + 1);
      return;
    }
    this.#connection.channels.get(name)?.close();
    const members = new Map(present.members.map((member) => [member.user, member]));
    const changes = new Channel(this.#connection, name, present.position);
    Object.assign(watch, { members, changes });
    changes.on('gap', () => {
      changes.close();
      this.#keepPresent(watch, 0);
    });
    changes.on('message', ({ data: { join, leave } }) => {
      if (join) {
        members.set(join.user, join);
      } else {
        members.delete(leave.user);
      }
      this.#tellPresent();
    });
    this.#tellPresent();
  }

  #tellPresent() {
    if (this.#watch?.members) {
      emit(this, 'presence', [...this.#watch.members.values()]);
    }
  }

  publish(data) {
    return this.#connection.outbox.publish(this.name, data);
  }

  close() {
    const changes = this.#watch?.changes;
    this.#watch = undefined;
    changes?.close();
    forget(this);
    this.#connection.remove(this);
    this.#inboxes.forEach((inbox) => {
      inbox.isClosed = true;
      inbox.wake();
    });
  }

  async *[Symbol.asyncIterator]() {
    this.#connection.requireOpen(this);
    const inbox = { messages: [] };
    this.#inboxes.add(inbox);
    this.#connection.channels.set(this.name, this);
    this.#connection.add(this);
    try {
      do {
        const filled = new Promise((resolve) => (inbox.wake = resolve));
        yield* inbox.messages.splice(0);
        await (inbox.isClosed || filled);
      } while (inbox.messages.length || !inbox.isClosed);
    } finally {
      this.#inboxes.delete(inbox);
    }
  }

  static {
    deliver = (channel, message) => {
      channel.#inboxes.forEach((inbox) => {
        inbox.messages.push(message);
        inbox.wake();
      });
      emit(channel, 'message', message);
    };
    hasRoom = (channel) =>
      [...channel.#inboxes].every(({ messages }) => messages.length < channel.#connection.options.buffer);
  }
}

/** A time-out on standing still. If its timer comes late it is we who stood still: the peer is asked once more. */
class Watch {
  #connection;
  #onSilence;
  #onLook;
  #patience;
  #deadline;
  #due;
  #chances;
  #isOver = false;
  #cancel = () => {};

  /** @param onLook asks the peer for a sign of life; returns when to look again at the latest */
  constructor(connection, onSilence, onLook = () => Infinity) {
    this.#connection = connection;
    this.#onSilence = onSilence;
    this.#onLook = onLook;
  }

  expect(patience) {
    this.#patience = patience;
    this.moved();
    this.look();
  }

  moved() {
    this.#chances = CHANCES;
    this.#deadline = this.#connection.options.now() + this.#patience;
  }

  look() {
    if (this.#isOver) {
      return;
    }
    const { now, timeout, heartbeat } = this.#connection.options;
    const time = now();
    this.#cancel();
    if (time >= this.#deadline) {
      if (time - this.#due < timeout / 4 || !this.#chances--) {
        this.#onSilence();
        return;
      }
      this.#deadline = time + timeout;
    }
    this.#due = Math.min(this.#deadline, this.#patience < Infinity ? time + heartbeat : Infinity, this.#onLook());
    if (!this.#isOver) {
      this.#cancel = this.#connection.after(this.#due - time, () => this.look());
    }
  }

  stop() {
    this.#isOver = true;
    this.#cancel();
  }
}

class Connection {
  state = 'idle';
  channels = new Map();
  listened = new Map();
  tokens = new Tokens(this);
  outbox = new Outbox(this);
  link;
  stats = { transport: null, requests: 0, reconnects: 0, messages: 0, published: 0, bytesIn: 0, bytesOut: 0 };
  #client;
  #closed = false;
  #isAway = false; // in the cache of the pages that one may come back to
  #isOffline = false;
  #health = {};
  #unopened = []; // transports that failed since one was open
  #works = false; // one was open in this network
  #outage = false; // all have failed since one lasted
  #failures = 0;
  #askedAt;
  #pauses = new Set();
  #requests = new Set();

  constructor(url, options, client) {
    this.options = options;
    this.url = baseOf(url);
    this.#client = client;
    this.transports = options.transports.filter((name) => name !== 'websocket' || options.WebSocket);
    if (!this.transports.length) {
      throw new TypeError('No transport');
    }
    // Not all of them bubble up to the window.
    PAGE_EVENTS.forEach((type) => globalThis.addEventListener?.(type, this.#onPage, true));
  }

  requireOpen(channel) {
    if (this.#closed) {
      throw new HalleyError({ code: 'closed', message: 'The client is closed: make a new one' });
    }
    if (channel && (this.channels.get(channel.name) ?? channel) !== channel) {
      throw new HalleyError({ code: 'closed', message: `${channel.name} was closed, and is another channel now` });
    }
  }

  add(channel) {
    this.listened.set(channel.name, channel);
    this.#adapt();
  }

  remove(channel) {
    const { name } = channel;
    if (this.channels.get(name) === channel) {
      this.channels.delete(name);
      this.listened.delete(name);
      this.#adapt();
    }
  }

  #adapt() {
    queueMicrotask(() => {
      this.link?.adapt();
      if (!this.listened.size) {
        this.wake();
      } else if (this.state === 'idle') {
        this.#run();
      }
    });
  }

  tell(type, event) {
    const heard = [this.#client, ...this.channels.values()].map((emitter) => emit(emitter, type, event));
    if (type === 'error' && !heard.includes(true)) {
      console.error(event);
    }
  }

  /** An error of one channel: nothing that the others need to know. */
  tellOf(channel, error) {
    if (!emit(channel, 'error', error) && !emit(this.#client, 'error', error)) {
      console.error(error);
    }
  }

  /** Closes the channels that an error is about; says whether there are any. */
  refuse(error) {
    const refused = (error.channels ?? []).map((name) => this.listened.get(name)).filter(Boolean);
    refused.forEach((channel) => {
      this.tellOf(channel, error);
      channel.close();
    });
    return refused.length > 0;
  }

  async #run() {
    for (; this.listened.size; this.stats.reconnects++) {
      const transport = this.#choose();
      this.enter('connecting', transport);
      if (!this.listened.size) {
        continue; // so soon
      }
      const link = new Link(this, transport);
      this.link = link;
      const error = await untilAborted(link.signal, async () => {
        link.token = await this.tokens.get();
        link.expect(this.options.timeout);
        return TRANSPORTS[transport](link);
      }).catch((caught) => caught);
      link.end('cut');
      this.link = undefined;
      const delay = this.#settle(link, error);
      if (delay && this.listened.size) {
        this.#failures++;
        this.enter('waiting', null, error);
        await this.pause(delay);
      }
      while (this.#isAway || ![...this.listened.values()].every(hasRoom)) {
        await this.pause(this.#isAway ? Infinity : 50);
      }
    }
    this.enter('idle');
  }

  #choose() {
    const now = this.options.now();
    return this.transports.find((name) => !(this.#health[name]?.until > now));
  }

  /** Learns from a link's end; returns how long to wait. */
  #settle({ transport, reason, openedAt, heardAt, token }, error) {
    if (reason === 'unwanted') {
      return 0;
    }
    const health = (this.#health[transport] ??= { strikes: 0, bans: 0 });
    if (openedAt) {
      health.works = this.#works = true;
      this.#unopened = [];
    }
    const hasLasted = (reason === 'silent' ? heardAt : this.options.now()) - openedAt >= LASTING;
    if (hasLasted) {
      this.#outage = false;
      this.#failures = health.strikes = health.bans = 0;
    }
    if (reason === 'offline') {
      return this.options.maxDelay;
    }
    const delay = Math.max(this.backoff(this.#failures), (error?.retryAfter ?? 0) * 1_000);
    if (error instanceof Refusal || error instanceof NoToken) {
      // Those that failed before couldn't say why.
      this.#unopened.forEach((name) => delete this.#health[name]);
      this.#unopened = [];
      if (isFinal(error) || error instanceof NoToken) {
        this.#onRefusal(error, openedAt, token);
        return delay;
      }
    } else if (reason === 'silent' ? !hasLasted : !openedAt) {
      // Perhaps nothing works just now: then it has another chance soon.
      const isDoubtful = this.#outage || health.works || (this.#works && !health.bans);
      const first = isDoubtful ? LASTING : Infinity;
      this.#unopened.push(transport);
      if (!(error?.code >= 400 && error.code < 600)) {
        this.askWhy();
      }
      return this.#ban(health, first, error, this.#works || this.#outage ? delay : 0) ?? delay;
    }
    if (!hasLasted && !isSaid(error) && ++health.strikes === STRIKES) {
      health.strikes = 0;
      return this.#ban(health, Infinity, error, 0) ?? delay;
    }
    return delay;
  }

  #onRefusal(error, openedAt, token) {
    const isUnauthorized = [401, 4401].includes(error.code);
    if (error.code === 4401) {
      this.tokens.outdate(token);
    }
    if ((isUnauthorized && this.options.token) || !this.refuse(error)) {
      if ([403, 4403].includes(error.code) && !openedAt) {
        this.close(error);
      } else {
        this.tell('error', error);
      }
    }
  }

  /**
   * On to the next transport, after a pause where all may be down: each has its turn then. This one has its next chance
   * after a time that doubles.
   *
   * @returns the pause, or nothing if no transport is left
   */
  #ban(health, first, error, pause) {
    const { now, retryTransport } = this.options;
    health.until = now() + pause + Math.min(retryTransport, first * 2 ** health.bans++);
    if (this.#choose()) {
      return pause;
    }
    if (isFinal(error)) {
      this.tell('error', error);
    }
    this.#health = {};
    this.#unopened = [];
    this.#outage = true;
    return undefined;
  }

  /** When a preferred one has its next chance. */
  betterAt(transport) {
    const better = this.transports.slice(0, this.transports.indexOf(transport));
    return Math.min(...better.map((name) => this.#health[name]?.until ?? Infinity));
  }

  backoff(failures) {
    const { minDelay, maxDelay, random } = this.options;
    return random() * Math.min(maxDelay, minDelay * 2 ** failures);
  }

  backOff(failures) {
    return this.pause(this.backoff(failures));
  }

  enter(state, transport = null, error) {
    if (this.state !== 'closed') {
      this.state = state;
      this.stats.transport = transport;
      this.tell('state', { state, transport, error });
      this.outbox.pump();
    }
  }

  after(delay, task) {
    const { setTimeout, clearTimeout } = this.options;
    // More than 2³¹ ms would be none.
    const timer = delay < Infinity && setTimeout(task, Math.min(delay, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }

  /** Waits, unless there is a reason to look. */
  pause(delay) {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#pauses.delete(done);
        resolve();
      };
      const cancel = this.after(delay, done);
      this.#pauses.add(done);
    });
  }

  wake() {
    this.#pauses.forEach((done) => done());
  }

  #onPage = async ({ type }) => {
    this.#isAway = type === 'pagehide' || (this.#isAway && type !== 'pageshow');
    if (type === 'pagehide') {
      this.link?.end('unwanted');
    } else if (type === 'offline') {
      this.#isOffline = true;
      this.#requests.forEach((abort) => abort('offline'));
      this.link?.end('offline');
    } else if (type === 'online') {
      if (this.#isOffline) {
        // So is everybody else.
        this.#isOffline = false;
        await this.pause(this.options.random() * this.options.minDelay);
      }
      // Perhaps another network.
      this.#health = {};
      this.#works = this.#outage = false;
      this.#failures = 0;
      this.link?.end('unwanted');
      this.outbox.goOn();
    }
    if (!isHidden() && !this.#isOffline) {
      this.link?.look();
      this.wake();
    }
  };

  /** Whether anybody answers; an answer to a page of a foreign origin says so, and ends the client. */
  async isThere() {
    try {
      await this.watched(this.options.timeout, async (signal, moved) => {
        const { body } = await this.fetch('/health/live', { signal }, moved, true);
        body?.cancel();
      });
    } catch (error) {
      if (error instanceof Refusal && error.code === 403) {
        this.close(error, true);
      }
      return error instanceof HalleyError;
    }
    return true;
  }

  /** To a foreign page a refused handshake or preflight looks as if the network were down. */
  askWhy() {
    const { origin } = globalThis.location ?? {};
    const now = this.options.now();
    if (origin && origin !== new URL(this.url).origin && !this.#works && !(now - this.#askedAt < ASK_AGAIN)) {
      this.#askedAt = now;
      this.isThere();
    }
  }

  /** @param isForeign whether the page may do nothing at all */
  close(error, isForeign) {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    PAGE_EVENTS.forEach((type) => globalThis.removeEventListener?.(type, this.#onPage, true));
    if (error) {
      this.tell('error', error);
    }
    const channels = [...this.channels.values()];
    this.link?.end('unwanted');
    this.enter('closed', null, error);
    channels.forEach((channel) => channel.close());
    forget(this.#client);
    this.outbox.close(isForeign ? error : undefined);
    this.#requests.forEach((abort) => abort('closed'));
    this.wake();
  }

  async fetch(path, { headers, ...init }, moved, isAnonymous) {
    const token = isAnonymous ? undefined : await this.tokens.get();
    const { fetch } = this.options;
    this.stats.requests++;
    const authorization = token && { Authorization: `Bearer ${token}` };
    const response = await fetch(this.url + path, {
      cache: 'no-store',
      headers: { ...headers, ...authorization },
      ...init,
    });
    moved();
    const { ok, status: code, statusText } = response;
    if (!ok) {
      if (code === 401 || code === 403) {
        this.tokens.outdate(token);
      }
      const answer = await this.#read(response, moved).catch(() => {});
      const retryAfter = seconds(response.headers.get('Retry-After'));
      const Kind = answer?.error?.code === code ? Refusal : HalleyError;
      throw new Kind({ message: statusText, retryAfter, ...(Kind === Refusal && answer.error), code });
    }
    return response;
  }

  /** A request that is answered in JSON. It may take as long as it moves. */
  json(path, init, patience = 4 * this.options.timeout) {
    return this.watched(patience, (signal, moved) => this.readJson(path, { ...init, signal }, moved));
  }

  async watched(patience, task) {
    const control = new AbortController();
    const abort = (message) => control.abort(new Error(message));
    const watch = new Watch(this, () => abort(`Nothing came for ${patience} ms`));
    this.#requests.add(abort);
    try {
      watch.expect(patience);
      return await untilAborted(control.signal, () => task(control.signal, () => watch.moved()));
    } finally {
      watch.stop();
      this.#requests.delete(abort);
    }
  }

  async readJson(path, init, moved) {
    return this.#read(await this.fetch(path, init, moved), moved);
  }

  async #read(response, moved) {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of this.chunks(response, moved)) {
      text += decoder.decode(bytes, { stream: true });
    }
    return JSON.parse(text + decoder.decode());
  }

  async *chunks({ body }, moved) {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      moved();
      this.stats.bytesIn += value.length;
      yield value;
    }
  }
}

/** What the token function returned last. One call is under way at a time, for all that need a token. */
class Tokens {
  #connection;
  #token;
  #expires = 0;
  #asking;

  constructor(connection) {
    this.#connection = connection;
  }

  async get(anew) {
    const { token, now } = this.#connection.options;
    if (typeof token !== 'function') {
      return token;
    }
    if (anew || this.#expires <= now()) {
      await (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
    }
    return this.#token;
  }

  async #ask() {
    const { token, timeout, now } = this.#connection.options;
    try {
      const told = await this.#connection.watched(timeout, () => token());
      requireToken(told);
      this.#token = told;
    } catch (error) {
      throw new NoToken({ code: 401, message: `No token: ${error}` });
    }
    const left = expiry(this.#token) - now();
    this.#expires = now() + (left > 0 ? left - Math.min(TOKEN_MARGIN, left / 2) : timeout);
  }

  outdate(token) {
    if (token === this.#token) {
      this.#expires = 0;
    }
  }
}

/** Publications, from the first attempt to the server's answer, in their order. */
class Outbox {
  #connection;
  #isClosed = false;
  #queue = [];
  #posting = false;
  #cancelHold;
  #holds = 0;
  #key = crypto.getRandomValues(new Uint32Array(3)).join('-');
  #count = 0;

  constructor(connection) {
    this.#connection = connection;
  }

  publish(channel, data) {
    const entry = { key: `${this.#key}-${this.#count++}`, failures: 0 };
    entry.promise = new Promise((resolve, reject) => {
      if (this.#isClosed || this.#queue.length >= this.#connection.options.queue) {
        throw problem(...(this.#isClosed ? ['closed', 'The client is closed'] : ['full', 'The queue is full']));
      }
      Object.assign(entry, { resolve, reject });
      const put = (payload) => {
        Object.assign(entry, payload, { channel, isLarge: payload.body.length > LARGE });
        this.pump();
      };
      if (globalThis.Blob && data instanceof Blob) {
        // It keeps its place meanwhile.
        this.#queue.push(entry);
        data.arrayBuffer().then((bytes) => put(encode(bytes))).catch((error) => this.#end(entry, () => reject(error)));
      } else {
        const payload = encode(data);
        this.#queue.push(entry);
        put(payload);
      }
    });
    return entry.promise;
  }

  /** Over the socket if there is one, else one request after the other. */
  pump() {
    const { link, state } = this.#connection;
    const [first] = this.#queue;
    if (this.#posting || this.#cancelHold || first?.body === undefined) {
      return;
    }
    if (link?.openedAt && link.command && !link.mayNotPublish && !first.isLarge) {
      this.#sendAll(link);
    } else if (['open', 'idle'].includes(state)) {
      this.#posting = true;
      this.#post(first).finally(() => {
        this.#posting = false;
        this.pump();
      });
    }
  }

  #sendAll(link) {
    let before;
    for (const entry of this.#queue.slice(0, UNCONFIRMED)) {
      if (entry.body === undefined || entry.isLarge) {
        return;
      }
      if (entry.link !== link) {
        this.#send(link, entry, before);
      }
      before = entry;
    }
  }

  /** A publication behind one that is refused for a while is refused, too, and their order is kept. */
  #send(link, entry, before) {
    entry.link = link;
    entry.isSent = true;
    const { key, channel, toJson } = entry;
    const after = before ? `"after":"${before.key}",` : '';
    const command = `"publish","channel":"${channel}","idempotencyKey":"${key}",${after}${toJson()}`;
    // A token in the URL is for listening only.
    link.authorize();
    link.command(command, ({ position, error }) => {
      if (error && entry.link !== link) {
        return;
      }
      if (error?.code === 401 && this.#connection.options.token) {
        // A page's handshake has no Authorization for a key; a request has.
        link.mayNotPublish = true;
        this.pump();
      } else {
        this.#answer(entry, position, error && new Refusal(error));
      }
    });
  }

  /** A socket was closed because something was too large: what else than the largest? */
  tooLarge(link, error) {
    const [largest] = this.#queue
      .filter((entry) => entry.link === link)
      .sort((one, other) => other.body.length - one.body.length);
    if (largest) {
      this.#answer(largest, undefined, error);
    }
  }

  async #post(entry) {
    const { channel, key, type } = entry;
    const body = typeof entry.body === 'string' ? utf8(entry.body) : entry.body;
    try {
      await this.#connection.tokens.get();
      entry.isSent = true;
      this.#connection.stats.bytesOut += body.length;
      const headers = { 'Content-Type': type, 'Idempotency-Key': key };
      const patience = 4 * this.#connection.options.timeout + body.length / SLOWEST;
      const init = { method: 'POST', headers, body };
      const { position } = await this.#connection.json(`/channels/${channel}`, init, patience);
      this.#answer(entry, position);
    } catch (error) {
      if (error instanceof NoToken) {
        this.#connection.tell('error', error);
      } else if (!(error instanceof HalleyError)) {
        this.#connection.askWhy();
      }
      if (error.code === 401 && typeof this.#connection.options.token === 'function' && !entry.isUnauthorized) {
        entry.isUnauthorized = true; // once more, with another token
      } else {
        this.#answer(entry, undefined, await this.#explain(entry, error));
      }
    }
  }

  /** A server that is there, and cuts something large before it answers, won't take it. */
  async #explain(entry, error) {
    if (!entry.isLarge || error instanceof HalleyError || ++entry.failures < STRIKES) {
      return error;
    }
    return (await this.#connection.isThere())
      ? problem('unknown', `${entry.body.length} bytes were cut ${STRIKES} times: perhaps they are too many`)
      : error;
  }

  #answer(entry, position, error) {
    if (!error) {
      this.#holds = 0;
      this.#end(entry, () => {
        this.#connection.stats.published++;
        entry.resolve(position);
      });
    } else if (isFinal(error)) {
      this.#end(entry, () => entry.reject(error));
    } else {
      entry.link = undefined;
      this.#hold(error.retryAfter);
    }
  }

  #end(entry, settle) {
    if (this.#queue.includes(entry)) {
      this.#queue = this.#queue.filter((other) => other !== entry);
      settle();
      this.pump();
    }
  }

  /** All wait for the first, so that their order is kept. */
  #hold(retryAfter = 0) {
    if (!this.#cancelHold && !this.#isClosed) {
      const delay = Math.max(this.#connection.backoff(this.#holds++), retryAfter * 1_000);
      this.#cancelHold = this.#connection.after(delay, () => this.goOn());
    }
  }

  /** There is a reason to try at once. */
  goOn() {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.pump();
  }

  /** @param refusal of the page as a whole: then nothing was published */
  close(refusal) {
    this.#isClosed = true;
    this.#cancelHold?.();
    this.#queue.splice(0).forEach((entry) => {
      entry.promise.catch(() => {}); // nobody has to look
      entry.reject(
        refusal ??
          (entry.isSent
            ? problem('unknown', 'The client was closed before the server confirmed this: it may be published or not')
            : problem('closed', 'The client was closed before this was sent')),
      );
    });
  }
}

class Link {
  reason;
  openedAt;
  heardAt;
  token;
  command; // if it can be told something
  #isAuthorized = false;
  #abort = new AbortController();
  signal = this.#abort.signal;
  #watch;
  #betterAt;

  constructor(connection, transport) {
    this.connection = connection;
    this.transport = transport;
    this.members = new Map(connection.listened);
    this.#watch = new Watch(
      connection,
      () => this.end('silent'),
      () => this.#ask(),
    );
    this.expect(Infinity);
  }

  end(reason) {
    if (!this.reason) {
      this.reason = reason;
      this.#watch.stop();
      this.#abort.abort();
      this.connection.wake();
    }
  }

  open() {
    const { connection, transport } = this;
    const { now, heartbeat, timeout } = connection.options;
    if (!this.openedAt) {
      this.openedAt = this.heardAt = now();
      this.#betterAt = connection.betterAt(transport);
      this.expect(heartbeat + timeout);
      connection.enter('open', transport);
      this.adapt();
    }
  }

  /** Tells a socket of new channels, or begins anew. */
  adapt() {
    const { members, connection } = this;
    const { listened } = connection;
    const come = [...listened.values()].filter((channel) => members.get(channel.name) !== channel);
    if (members.size + come.length > listened.size || (come.length && !this.command)) {
      this.end('unwanted');
    } else if (this.openedAt) {
      come.forEach((channel) => this.#subscribe(channel));
    }
  }

  #subscribe(channel) {
    const { members, connection } = this;
    const { name, position } = channel;
    members.set(name, channel);
    this.command(`"subscribe","channel":"${name}","since":"${position}"`, ({ error, ...subscribed }) => {
      if (!error) {
        this.message({ channel: name, subscribed });
      } else if (connection.listened.get(name) !== channel) {
        // It was closed meanwhile.
      } else if (isFinal(new Refusal(error))) {
        connection.refuse(new Refusal({ ...error, channels: [name] }));
      } else {
        // The others needn't wait for it.
        connection.backOff(STRIKES).then(() => {
          if (!this.reason) {
            members.delete(name);
            this.adapt();
          }
        });
      }
    });
  }

  /** Lets a socket publish. */
  authorize(token = this.token) {
    if (token && !(this.#isAuthorized && token === this.token)) {
      this.#isAuthorized = true;
      this.token = token;
      this.command(`"refresh","token":${JSON.stringify(token)}`, ({ error }) => {
        if (error) {
          this.connection.refuse(new Refusal(error)); // what the new one doesn't allow
        }
      });
    }
  }

  /** Before the server ends what came with an old token. */
  async renew(failures = 0) {
    const { connection } = this;
    if (typeof connection.options.token !== 'function') {
      return;
    }
    try {
      const token = await connection.tokens.get(true);
      if (this.command) {
        this.authorize(token);
      } else {
        this.end('unwanted');
      }
    } catch (error) {
      connection.tell('error', error);
      await connection.backOff(failures);
      if (!this.reason) {
        this.renew(failures + 1);
      }
    }
  }

  message({ channel: name, subscribed, gap, base64, data, expires, closed, ...message }) {
    const { members, connection } = this;
    const channel = members.get(name);
    if (this.reason) {
      return;
    }
    if (expires) {
      this.renew();
    }
    if (closed) {
      throw new Refusal({ code: closed.code, message: closed.reason });
    }
    if (!channel || connection.listened.get(name) !== channel) {
      return;
    }
    if (subscribed) {
      channel.position = subscribed.position;
      this.open();
    } else if (gap) {
      channel.position = gap.to;
      emit(channel, 'gap', { channel: name, ...gap });
    } else {
      channel.position = message.position;
      connection.stats.messages++;
      const bytes = base64 !== undefined && Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      deliver(channel, { channel: name, data: bytes || data, ...message });
      if (!hasRoom(channel)) {
        // A slow reader costs a position, not a queue.
        this.end('unwanted');
      }
    }
  }

  heard = () => {
    this.heardAt = this.connection.options.now();
    this.#watch.moved();
  };

  expect(patience) {
    this.#watch.expect(patience);
  }

  look() {
    this.#watch.look();
  }

  /** Pages don't see pings; this is answered. */
  #ask() {
    if (this.connection.options.now() >= this.#betterAt) {
      this.end('unwanted');
    } else {
      const [name] = this.members.keys();
      this.command?.(`"history","channel":"${name}","since":"latest","limit":1`, () => {});
    }
    return this.#betterAt ?? Infinity;
  }

  path(query) {
    const { members } = this;
    const positions = [...members.values()].map(({ position }) => position);
    return `/channels/${[...members.keys()]}?since=${positions}${query}`;
  }
}

async function websocket(link) {
  const { connection, signal } = link;
  const { stats, options } = connection;
  const query = link.token ? `&token=${encodeURIComponent(link.token)}` : '';
  const url = (connection.url + link.path(query)).replace(/^http/, 'ws');
  await new Promise((resolve, reject) => {
    signal.throwIfAborted();
    stats.requests++;
    const socket = new options.WebSocket(url, 'halley.v1');
    const answers = [];
    signal.addEventListener('abort', () => {
      socket.close();
      resolve();
    });
    socket.onerror = () => {};
    socket.onclose = ({ code, reason: message }) => {
      const error = new (code >= 4400 && code < 4500 ? Refusal : HalleyError)({ code, message });
      if (code === 1009) {
        connection.outbox.tooLarge(link, error);
      }
      reject(error);
    };
    socket.onopen = () => {
      link.heard();
      link.command = (command, answer) => {
        const text = `{"id":${answers.push(answer) - 1},"op":${command}}`;
        // One that is closing takes nothing more, and a browser says so on the console.
        if (!(socket.readyState > 1)) {
          stats.bytesOut += utf8(text).length;
          socket.send(text);
        }
      };
    };
    socket.onmessage = ({ data }) => {
      link.heard();
      stats.bytesIn += utf8(data).length;
      try {
        const message = JSON.parse(data);
        (answers[message.id] ?? ((told) => link.message(told)))(message);
        delete answers[message.id];
      } catch (error) {
        reject(error);
      }
    };
  });
}

async function sse(link) {
  const { connection, heard, signal } = link;
  const headers = { Accept: 'text/event-stream' };
  const response = await connection.fetch(link.path('&form=halley.v1'), { headers, signal }, heard);
  const decoder = new TextDecoder();
  let rest = '';
  let data = '';
  for await (const bytes of connection.chunks(response, heard)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
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
  const { connection, members, heard, signal } = link;
  const { heartbeat, timeout, pollInterval } = connection.options;
  while (!link.reason) {
    // The first says where "latest" is: one that waits may be cut.
    const seconds = waits && link.openedAt ? Math.ceil(heartbeat / 1_000) : 0;
    link.expect(Infinity);
    await connection.tokens.get();
    link.expect(seconds * 1_000 + timeout);
    const path = link.path(`&limit=${POLL_LIMIT}&wait=${seconds}`);
    const { publications, gaps = [], position } = await connection.readJson(path, { signal }, heard);
    gaps.forEach(({ channel, ...gap }) => link.message({ channel, gap }));
    publications.forEach((publication) => link.message(publication));
    if (link.reason) {
      return;
    }
    const positions = position.split(',');
    members.forEach((channel) => (channel.position = positions.shift()));
    link.open();
    if (!waits && publications.length < POLL_LIMIT) {
      link.expect(Infinity);
      await connection.pause(pollInterval * (isHidden() ? 10 : 1));
    }
  }
}

/** Ends with the signal, be what it waits for deaf to it. */
function untilAborted(signal, task) {
  const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  return Promise.race([aborted, (async () => task())()]);
}

/** Of all options, checked. */
function settings(options) {
  const given = options ?? {};
  requireType('What stands behind the URL', given, 'object');
  requireKnown('option', Object.keys(given), DEFAULTS);
  const all = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined || name === 'WebSocket') {
      all[name] = value;
    }
  }
  for (const [name, value] of Object.entries(all)) {
    const type = typeof DEFAULTS[name];
    if (type === 'function' && name !== 'WebSocket') {
      requireType(name, value, type);
    } else if (type === 'number' && !(typeof value === 'number' && value >= 0)) {
      throw new TypeError(`${name} is a number from 0 on: ${value}`);
    }
  }
  if (!Array.isArray(all.transports)) {
    throw new TypeError('transports is an array');
  }
  requireKnown('transport', all.transports, TRANSPORTS);
  all.token ??= undefined;
  if (all.token !== undefined && typeof all.token !== 'function') {
    requireToken(all.token);
  }
  return all;
}

function requireKnown(kind, names, known) {
  const unknown = names.find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new TypeError(`There is no ${kind} ${unknown}, but ${Object.keys(known).join(', ')}`);
  }
}

function requireType(name, value, type) {
  if (typeof value !== type) {
    throw new TypeError(`${name} is a ${type}, not ${value}`);
  }
}

function requireToken(token) {
  if (typeof token !== 'string' || !/^[!-~]([ -~]*[!-~])?$/.test(token)) {
    throw new TypeError('a token is a text of ASCII characters');
  }
}

function baseOf(url) {
  const { protocol, username, password, search, hash } = new URL(url, globalThis.location?.href);
  if (!/^https?:$/.test(protocol) || search || hash) {
    throw new TypeError(`The server's URL begins with http: or https: and has no query: ${url}`);
  }
  if (username || password) {
    throw new TypeError("The server's URL has no user name and password: fetch refuses them"); // for ever
  }
  return String(new URL(url, globalThis.location?.href)).replace(/\/+$/, '');
}

/** When a JSON Web Token (RFC 7519) expires, if it is one. */
function expiry(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp * 1_000;
  } catch {
    return NaN;
  }
}

/** Of Retry-After (RFC 9110 section 10.2.3), from now on. */
function seconds(retryAfter) {
  const left = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1_000;
  return left > 0 ? left : undefined;
}

function problem(code, message) {
  return new HalleyError({ code, message });
}

/** Whether it is no use to try the same again. */
function isFinal(error) {
  const code = error instanceof HalleyError && !(error instanceof NoToken) && error.code;
  return (
    (code >= 400 && code < 500 && ![408, 425, 429].includes(code)) ||
    (code >= 4400 && code < 4500) ||
    [501, 505, 1009, 'unknown'].includes(code)
  );
}

/** Whether the server has closed a socket in so many words: that is no fault of the transport. */
function isSaid(error) {
  const code = error instanceof HalleyError && error.code;
  return [1001, 1008, 1009, 1011, 1012, 1013].includes(code) || (code >= 4000 && code < 5000);
}

/** As a request has it, and a command. */
function encode(data) {
  const tag = Object.prototype.toString.call(data);
  if (ArrayBuffer.isView(data) || /ArrayBuffer\]$/.test(tag)) {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const body = bytes.slice(); // as it is now
    const base64 = () => btoa(body.reduce((text, byte) => text + String.fromCharCode(byte), ''));
    return { type: 'application/octet-stream', body, toJson: () => `"base64":"${base64()}"` };
  }
  if (typeof data === 'string') {
    if (/\p{Surrogate}/u.test(data)) {
      throw new TypeError('Half a surrogate pair is no text');
    }
    return { type: 'text/plain; charset=utf-8', body: data, toJson: () => `"data":${JSON.stringify(data)}` };
  }
  const json = JSON.stringify(data, requireJson);
  if (!json) {
    throw new TypeError('JSON has no value for this');
  }
  return { type: 'application/json', body: json, toJson: () => `"data":${json}` };
}

/** A property may be undefined and is left out; all else would arrive as something else. */
function requireJson(key, value) {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const isLeftOut = value === undefined && !Array.isArray(this);
  if (!isLeftOut && !/^(Object|Array|String|Number|Boolean|Null)$/.test(tag)) {
    throw new TypeError(`JSON has no value for ${tag}${key && ` at ${key}`}`);
  }
  if (tag === 'Number' && !Number.isFinite(Number(value))) {
    throw new TypeError(`JSON has no value for ${value}${key && ` at ${key}`}`);
  }
  return value;
}

function isHidden() {
  return globalThis.document?.visibilityState === 'hidden';
}

function utf8(text) {
  return new TextEncoder().encode(text);
}
