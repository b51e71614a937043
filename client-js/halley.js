// A channel is a log and a listener a position in it. So a link is used until it breaks, is silent or unwanted, and the
// next one, on any transport, goes on from the channels' positions. What is exported is explained in halley.d.ts.

const STRIKES = 3; // links in a row that didn't last: another transport's turn
const LASTING = 10_000;
const LONGEST_BAR = 1_800_000;
const TOKEN_MARGIN = 30_000;
const UNCONFIRMED = 64; // on a socket; the server remembers more keys
const ROOM_INTERVAL = 50;
const POLL_LIMIT = 500;

const TRANSPORTS = { websocket, sse, 'long-poll': (link) => polls(link, true), poll: polls };

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
  now: Date.now,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  fetch: globalThis.fetch,
  WebSocket: globalThis.WebSocket,
};

export class HalleyError extends Error {
  name = 'HalleyError';

  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

let emit;

class Emitter {
  #listeners = {};

  on(type, listener) {
    (this.#listeners[type] ??= new Set()).add(listener);
    return () => this.#listeners[type].delete(listener);
  }

  static {
    emit = (emitter, type, event) =>
      emitter.#listeners[type]?.forEach((listener) => {
        try {
          listener(event);
        } catch (error) {
          // A listener's fault is not the connection's.
          queueMicrotask(() => {
            throw error;
          });
        }
      });
  }
}

export class Halley extends Emitter {
  #connection;

  constructor(url, options) {
    super();
    this.#connection = new Connection(url, { ...DEFAULTS, ...options }, this);
  }

  channel(name, { since = 'latest' } = {}) {
    if (!/^[\w.~:-]{1,255}$/.test(name)) {
      throw new TypeError(`No channel: ${name}`);
    }
    const { handles } = this.#connection;
    if (!handles.has(name)) {
      handles.set(name, new Channel(this.#connection, name, since));
    }
    return handles.get(name);
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
  #closed = false;
  #inboxes = new Set();

  constructor(connection, name, since) {
    super();
    this.#connection = connection;
    this.name = name;
    this.position = since;
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
    this.#closed = true;
    this.#connection.remove(this);
    this.#inboxes.forEach((inbox) => inbox.wake());
  }

  async *[Symbol.asyncIterator]() {
    const inbox = { messages: [] };
    this.#inboxes.add(inbox);
    this.#listen();
    try {
      while (!this.#closed) {
        const filled = new Promise((resolve) => (inbox.wake = resolve));
        yield* inbox.messages.splice(0);
        await filled;
      }
    } finally {
      this.#inboxes.delete(inbox);
    }
  }

  #listen() {
    if (!this.#closed) {
      this.#connection.add(this);
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
    hasRoom = (channel, most) => [...channel.#inboxes].every(({ messages }) => messages.length < most);
  }
}

/** What the channels of a client share: one link after the other, and what is to be published. */
class Connection {
  state = 'idle';
  handles = new Map();
  channels = new Map(); // those that are listened to
  stats = { transport: null, requests: 0, reconnects: 0, messages: 0, published: 0, bytesIn: 0, bytesOut: 0 };
  #url;
  #client;
  #link;
  #running = false;
  #closed = false;
  #health = {};
  #failures = 0;
  #pauses = new Set();
  #token;
  #tokenExpires;
  #queue = [];
  #posting = false;
  #key = crypto.getRandomValues(new Uint32Array(3)).join('-');
  #published = 0;

  constructor(url, options, client) {
    this.options = options;
    this.#url = String(url).replace(/\/+$/, '');
    this.#client = client;
    this.transports = options.transports.filter((name) => name !== 'websocket' || options.WebSocket);
    globalThis.addEventListener?.('online', this.#rise);
    globalThis.document?.addEventListener('visibilitychange', this.#rise);
  }

  add(channel) {
    if (this.channels.get(channel.name) !== channel) {
      this.channels.set(channel.name, channel);
      this.#adapt();
    }
  }

  remove({ name }) {
    this.handles.delete(name);
    this.channels.delete(name);
    this.#adapt();
  }

  #adapt() {
    // Once for all channels that come or go now.
    queueMicrotask(() => {
      if (!this.#running) {
        this.#run();
      }
      this.#link?.adapt();
      if (!this.channels.size) {
        this.#wake();
      }
    });
  }

  #tell(type, event) {
    [this.#client, ...this.handles.values()].forEach((emitter) => emit(emitter, type, event));
  }

  async #run() {
    this.#running = true;
    for (; this.channels.size; this.stats.reconnects++) {
      while (!this.#hasRoom()) {
        await this.pause(ROOM_INTERVAL);
      }
      const now = this.options.now();
      const transport = this.transports.find((name) => !(this.#health[name]?.until > now));
      this.enter('connecting', transport);
      const link = new Link(this, transport);
      this.#link = link;
      const error = await TRANSPORTS[transport](link).catch((caught) => caught);
      link.end('cut');
      this.#link = undefined;
      const delay = this.#settle(link, error);
      if (delay !== undefined) {
        this.enter('waiting', null, error);
        await this.pause(delay);
      }
    }
    this.#running = false;
    this.enter(this.#closed ? 'closed' : 'idle');
  }

  /** Learns from how a link ended; returns how long to wait, unless the next one may come at once. */
  #settle({ transport, reason, openedAt }, error) {
    if (reason === 'unwanted') {
      return undefined;
    }
    const { now, retryTransport } = this.options;
    if (now() - openedAt >= LASTING) {
      this.#failures = 0;
      delete this.#health[transport];
    }
    const health = (this.#health[transport] ??= { strikes: 0, bar: retryTransport });
    const code = error?.code;
    if (isRefusal(code)) {
      this.#tell('error', error);
    } else if (code !== 503 && (!openedAt || reason === 'silent' || ++health.strikes === STRIKES)) {
      Object.assign(health, { strikes: 0, until: now() + health.bar, bar: Math.min(health.bar * 2, LONGEST_BAR) });
      if (this.transports.some((name) => !(this.#health[name]?.until > now()))) {
        return undefined;
      }
      // Nothing works: that is nobody's fault.
      this.#health = {};
    }
    return this.#backoff(this.#failures++);
  }

  /** When a transport that comes before this one has its next chance. */
  betterAt(transport) {
    const better = this.transports.slice(0, this.transports.indexOf(transport));
    return Math.min(...better.map((name) => this.#health[name]?.until));
  }

  #backoff(failures) {
    const { minDelay, maxDelay, random } = this.options;
    return random() * Math.min(maxDelay, minDelay * 2 ** failures);
  }

  enter(state, transport = null, error) {
    this.state = state;
    this.stats.transport = transport;
    this.#tell('state', { state, transport, error });
    this.#pump();
  }

  #hasRoom() {
    return [...this.channels.values()].every((channel) => hasRoom(channel, this.options.buffer));
  }

  after(delay, task) {
    const { setTimeout, clearTimeout } = this.options;
    const timer = delay < Infinity && setTimeout(task, delay);
    return () => clearTimeout(timer);
  }

  /** Waits for the time, good news, or the signal. */
  async pause(delay, signal) {
    let cancel;
    let done;
    await new Promise((resolve) => {
      done = resolve;
      cancel = this.after(delay, done);
      this.#pauses.add(done);
      signal?.addEventListener('abort', done);
    });
    cancel();
    this.#pauses.delete(done);
  }

  #wake() {
    this.#pauses.forEach((done) => done());
  }

  get hidden() {
    return globalThis.document?.visibilityState === 'hidden';
  }

  #rise = ({ type }) => {
    if (type === 'online') {
      // Perhaps another network: what didn't work may, and the old connection may lead nowhere.
      this.#health = {};
      this.#link?.end('unwanted');
    }
    if (!this.hidden) {
      this.#wake();
    }
  };

  close() {
    this.#closed = true;
    globalThis.removeEventListener?.('online', this.#rise);
    globalThis.document?.removeEventListener('visibilitychange', this.#rise);
    this.handles.forEach((channel) => channel.close());
    this.#queue.splice(0).forEach(({ reject }) => reject(closed()));
    if (!this.#running) {
      this.enter('closed');
    }
  }

  async token() {
    const { token, now } = this.options;
    if (typeof token !== 'function') {
      return token;
    }
    if (!(this.#tokenExpires > now() + TOKEN_MARGIN)) {
      try {
        this.#token = await token();
      } catch (error) {
        throw new HalleyError('token', `No token: ${error}`);
      }
      this.#tokenExpires = expiry(this.#token);
    }
    return this.#token;
  }

  listenUrl(channels, query) {
    const names = channels.map(({ name }) => name);
    return `${this.#url}/channels/${names}?since=${channels.map(({ position }) => position)}${query}`;
  }

  async fetch(url, { headers, ...init }) {
    const token = await this.token();
    const { fetch } = this.options;
    this.stats.requests++;
    const authorization = token && { Authorization: `Bearer ${token}` };
    const response = await fetch(url, { cache: 'no-store', headers: { ...headers, ...authorization }, ...init });
    if (!response.ok) {
      this.#tokenExpires = 0;
      const { error } = await response.json().catch(() => ({}));
      throw new HalleyError(response.status, error?.message ?? response.statusText);
    }
    return response;
  }

  async read(response) {
    const bytes = await response.arrayBuffer();
    this.stats.bytesIn += bytes.byteLength;
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  publish(channel, data) {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        throw closed();
      }
      if (this.#queue.length >= this.options.queue) {
        throw new HalleyError('full', `${this.#queue.length} publications are waiting`);
      }
      const key = `${this.#key}-${this.#published++}`;
      this.#queue.push({ channel, key, ...encode(data), resolve, reject, failures: 0 });
      this.#pump();
    });
  }

  /** Sends what is to be sent: over the socket if there is one, else one request after the other. */
  #pump() {
    const link = this.#link;
    if (this.#posting) {
      return;
    }
    if (link?.openedAt && link.command && !link.mayNotPublish) {
      this.#queue.slice(0, UNCONFIRMED).forEach((entry) => this.#send(link, entry));
    } else if (this.#queue.length && ['open', 'idle'].includes(this.state)) {
      this.#posting = true;
      this.#post(this.#queue[0]).finally(() => {
        this.#posting = false;
        this.#pump();
      });
    }
  }

  #send(link, entry) {
    if (entry.link !== link) {
      entry.link = link;
      const { channel, key, member } = entry;
      link.command(`"publish","channel":"${channel}","idempotencyKey":"${key}",${member}`, ({ position, error }) => {
        if (error?.code === 403 && this.options.token) {
          // A browser's handshake has no Authorization; a request has.
          link.mayNotPublish = true;
          this.#pump();
        } else {
          this.#answer(entry, position, error && new HalleyError(error.code, error.message));
        }
      });
    }
  }

  async #post(entry) {
    const { channel, key, body, type } = entry;
    const abort = new AbortController();
    const cancel = this.after(4 * this.options.timeout, () => abort.abort());
    try {
      this.stats.bytesOut += body.length;
      const headers = { 'Content-Type': type, 'Idempotency-Key': key };
      const init = { method: 'POST', headers, body, signal: abort.signal };
      const response = await this.fetch(`${this.#url}/channels/${channel}`, init);
      const { position } = await this.read(response);
      this.#answer(entry, position);
    } catch (error) {
      if (isRefusal(error.code)) {
        this.#answer(entry, undefined, error);
      } else {
        await this.pause(this.#backoff(entry.failures++));
      }
    } finally {
      cancel();
    }
  }

  #answer(entry, position, error) {
    this.#queue = this.#queue.filter((other) => other !== entry);
    if (error) {
      entry.reject(error);
    } else {
      this.stats.published++;
      entry.resolve(position);
    }
    this.#pump();
  }
}

/** One connection, or one row of polls. */
class Link {
  reason;
  openedAt;
  command; // says something to the server, where that can be done
  members; // the channels that it was opened for, by name
  #abort = new AbortController();
  signal = this.#abort.signal;
  #deadline;
  #patience;
  #cancelCheck;
  #cancelBetter;

  constructor(connection, transport) {
    this.connection = connection;
    this.transport = transport;
    this.members = new Map(connection.channels);
    this.expect(connection.options.timeout);
  }

  end(reason) {
    if (!this.reason) {
      this.reason = reason;
      this.#cancelCheck();
      this.#cancelBetter?.();
      this.#abort.abort();
    }
  }

  open() {
    const { connection, transport } = this;
    const { now, heartbeat, timeout } = connection.options;
    if (!this.openedAt) {
      this.openedAt = now();
      this.expect(heartbeat + timeout);
      this.#cancelBetter = connection.after(connection.betterAt(transport) - now(), () => this.end('unwanted'));
      connection.enter('open', transport);
      this.adapt();
    }
  }

  /** A socket can be told of a new channel; else the link begins anew. */
  adapt() {
    const { members, command, connection } = this;
    const { channels } = connection;
    const come = [...channels.values()].filter((channel) => members.get(channel.name) !== channel);
    const isGone = members.size + come.length > channels.size;
    if (isGone || (come.length && !command)) {
      this.end('unwanted');
    } else if (this.openedAt) {
      come.forEach((channel) => {
        const { name, position: since } = channel;
        members.set(name, channel);
        command(`"subscribe","channel":"${name}","since":"${since}"`, ({ position, error }) => {
          if (error) {
            emit(channel, 'error', new HalleyError(error.code, error.message));
          } else {
            channel.position = position;
          }
        });
      });
    }
  }

  /** Takes an object of halley.v1. */
  message({ channel: name, subscribed, gap, base64, data, ...message }) {
    const { members, connection } = this;
    const channel = members.get(name);
    if (this.reason) {
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
      if (!hasRoom(channel, connection.options.buffer)) {
        // A slow reader costs a position, not a queue.
        this.end('unwanted');
      }
    }
  }

  heard() {
    if (this.openedAt) {
      this.#deadline = this.connection.options.now() + this.#patience;
    }
  }

  /** From now on something must be heard in this time. */
  expect(patience) {
    this.#patience = patience;
    this.#deadline = this.connection.options.now() + patience;
    this.#cancelCheck?.();
    this.#check();
  }

  #check() {
    const { now, heartbeat } = this.connection.options;
    const left = this.#deadline - now();
    if (left <= 0) {
      this.end('silent');
      return;
    }
    if (this.openedAt) {
      // Pages don't see pings: the smallest question that is answered.
      const [name] = this.members.keys();
      this.command?.(`"history","channel":"${name}","since":"latest","limit":1`, () => {});
    }
    this.#cancelCheck = this.connection.after(Math.min(left, heartbeat), () => this.#check());
  }

  url(query) {
    return this.connection.listenUrl([...this.members.values()], query);
  }

  get(query, accept) {
    return this.connection.fetch(this.url(query), { headers: { Accept: accept }, signal: this.signal });
  }
}

async function websocket(link) {
  const { connection, signal } = link;
  const { stats, options } = connection;
  const token = await connection.token();
  const url = link.url(token ? `&token=${encodeURIComponent(token)}` : '').replace(/^http/, 'ws');
  await new Promise((resolve, reject) => {
    signal.throwIfAborted();
    stats.requests++;
    const socket = new options.WebSocket(url, 'halley.v1');
    const answers = [];
    signal.addEventListener('abort', () => {
      socket.onmessage = null;
      socket.close();
      resolve();
    });
    socket.onerror = () => {}; // it is closed next
    socket.onclose = ({ code, reason }) => reject(new HalleyError(code, reason));
    socket.onopen = () => {
      link.command = (command, answer) => {
        const text = `{"id":${answers.push(answer) - 1},"op":${command}}`;
        stats.bytesOut += utf8(text).length;
        socket.send(text);
      };
    };
    socket.onmessage = ({ data }) => {
      link.heard();
      stats.bytesIn += utf8(data).length;
      const message = JSON.parse(data);
      if (message.channel) {
        link.message(message);
      } else {
        answers[message.id](message);
        delete answers[message.id];
      }
    };
  });
}

async function sse(link) {
  const { body } = await link.get('&form=halley.v1', 'text/event-stream');
  const reader = body.getReader();
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
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
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
  const { connection, members } = link;
  const { heartbeat, timeout, pollInterval } = connection.options;
  while (!link.reason) {
    // The first doesn't wait: who is cut off while waiting at "latest" doesn't know where that was.
    const seconds = waits && link.openedAt ? Math.ceil(heartbeat / 1_000) : 0;
    link.expect(seconds * 1_000 + timeout);
    const response = await link.get(`&limit=${POLL_LIMIT}&wait=${seconds}`, 'application/json');
    const { publications, gaps = [], position } = await connection.read(response);
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
      await connection.pause(pollInterval * (connection.hidden ? 10 : 1), link.signal);
    }
  }
}

function closed() {
  return new HalleyError('closed', 'The client is closed');
}

function isRefusal(code) {
  return code === 'token' || (code >= 400 && code < 500 && ![408, 425, 429].includes(code));
}

function encode(data) {
  if (ArrayBuffer.isView(data)) {
    const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const base64 = btoa(body.reduce((text, byte) => text + String.fromCharCode(byte), ''));
    return { body, type: 'application/octet-stream', member: `"base64":"${base64}"` };
  }
  const json = JSON.stringify(data);
  if (!json) {
    throw new TypeError('JSON has no value for this');
  }
  const member = `"data":${json}`;
  return typeof data === 'string'
    ? { body: utf8(data), type: 'text/plain', member }
    : { body: utf8(json), type: 'application/json', member };
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

/** When a JSON Web Token (RFC 7519) expires. Of others nobody knows. */
function expiry(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp * 1_000;
  } catch {
    return 0;
  }
}
