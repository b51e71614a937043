// A listener is a position in a channel: a link is used until it breaks, is silent or unwanted, and the next one, on any
// transport, goes on from there. See halley.d.ts.

const STRIKES = 3; // links that didn't last, in a row
const LASTING = 10_000;
const TOKEN_MARGIN = 30_000;
const UNCONFIRMED = 64; // on a socket; the server remembers more keys
const POLL_LIMIT = 500;
const EVENTS = ['online', 'visibilitychange'];

const TRANSPORTS = { websocket, sse, 'long-poll': (link) => polls(link, true), poll: polls };

const DEFAULTS = {
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
  now: Date.now,
  setTimeout,
  clearTimeout,
  fetch,
  WebSocket: globalThis.WebSocket,
};

export class HalleyError extends Error {
  name = 'HalleyError';

  constructor({ code, message }) {
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
          Promise.reject(error); // is reported
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
    const { channels } = this.#connection;
    if (!channels.has(name)) {
      channels.set(name, new Channel(this.#connection, name, since));
    }
    return channels.get(name);
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
  #changes; // who comes and goes
  #present;

  constructor(connection, name, since) {
    super();
    this.#connection = connection;
    this.name = name;
    this.position = since;
  }

  on(type, listener) {
    if (type === 'message' || type === 'gap') {
      this.#connection.add(this);
    }
    if (type === 'presence') {
      if (this.#present) {
        queueMicrotask(() => this.#tellPresent());
      } else {
        this.#present = new Map();
        this.#watch(0);
      }
    }
    return super.on(type, listener);
  }

  async presence() {
    const { url, options } = this.#connection;
    const signal = AbortSignal.timeout(4 * options.timeout);
    return this.#connection.read(await this.#connection.fetch(`${url}/channels/${this.name}/presence`, { signal }));
  }

  /** Who is here now, and then each change from there on. */
  async #watch(failures) {
    const { channels } = this.#connection;
    const name = `${this.name}~presence`;
    let present;
    try {
      present = await this.presence();
    } catch (error) {
      if (isRefusal(error)) {
        emit(this, 'error', error);
      }
      await this.#connection.backOff(failures);
    }
    if (this.#closed || !present) {
      return this.#closed || this.#watch(failures + 1);
    }
    const members = new Map(present.members.map((member) => [member.user, member]));
    const changes = new Channel(this.#connection, name, present.position);
    channels.get(name)?.close();
    channels.set(name, changes);
    this.#changes = changes;
    this.#present = members;
    changes.on('gap', () => {
      changes.close();
      this.#watch(0);
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
    if (this.#changes) {
      emit(this, 'presence', [...this.#present.values()]);
    }
  }

  publish(data) {
    return this.#connection.publish(this.name, data);
  }

  close() {
    if (!this.#closed) {
      this.#closed = true;
      this.#connection.remove(this);
      this.#changes?.close();
      this.#inboxes.forEach((inbox) => inbox.wake());
    }
  }

  async *[Symbol.asyncIterator]() {
    const inbox = { messages: [] };
    this.#inboxes.add(inbox);
    this.#connection.add(this);
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

class Connection {
  state = 'idle';
  channels = new Map();
  listened = new Map();
  stats = { transport: null, requests: 0, reconnects: 0, messages: 0, published: 0, bytesIn: 0, bytesOut: 0 };
  #client;
  #link;
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
    this.url = String(url).replace(/\/+$/, '');
    this.#client = client;
    this.transports = options.transports.filter((name) => name !== 'websocket' || options.WebSocket);
    if (!this.transports.length) {
      throw new TypeError('No transport');
    }
    EVENTS.forEach((type) => globalThis.addEventListener?.(type, this.#rise));
  }

  add(channel) {
    const { name } = channel;
    if (this.channels.get(name) === channel && !this.#closed) {
      this.listened.set(name, channel);
      this.#adapt();
    }
  }

  remove({ name }) {
    this.channels.delete(name);
    this.listened.delete(name);
    this.#adapt();
  }

  #adapt() {
    queueMicrotask(() => {
      this.#link?.adapt();
      if (!this.listened.size) {
        this.wake();
      } else if (this.state === 'idle') {
        this.#run();
      }
    });
  }

  #tell(type, event) {
    [this.#client, ...this.channels.values()].forEach((emitter) => emit(emitter, type, event));
  }

  async #run() {
    for (; this.listened.size; this.stats.reconnects++) {
      const transport = this.#choose();
      this.enter('connecting', transport);
      const link = new Link(this, transport);
      this.#link = link;
      const error = await TRANSPORTS[transport](link).catch((caught) => caught);
      link.end('cut');
      this.#link = undefined;
      const delay = this.#settle(link, error);
      if (delay) {
        this.enter('waiting', null, error);
        await this.pause(delay);
      }
      while (![...this.listened.values()].every(hasRoom)) {
        await this.pause(50);
      }
    }
    this.enter(this.#closed ? 'closed' : 'idle');
  }

  #choose() {
    const now = this.options.now();
    return this.transports.find((name) => !(this.#health[name]?.until > now));
  }

  /** Learns from a link's end; returns how long to wait. */
  #settle({ transport, reason, openedAt }, error) {
    if (reason === 'unwanted') {
      return 0;
    }
    const { now, retryTransport } = this.options;
    const health = (this.#health[transport] ??= { strikes: 0 });
    if (now() - openedAt >= LASTING) {
      this.#failures = health.strikes = 0;
    }
    if (isRefusal(error)) {
      this.#tell('error', error);
    }
    const unauthorized = [401, 4401].includes(error?.code);
    if (unauthorized) {
      this.#tokenExpires = 0;
    }
    if (!unauthorized && (!openedAt || reason === 'silent' || ++health.strikes === STRIKES)) {
      this.#health[transport] = { strikes: 0, until: now() + retryTransport };
      if (this.#choose()) {
        return 0;
      }
      this.#health = {}; // nothing works
    }
    return this.#backoff(this.#failures++);
  }

  /** When a preferred one has its next chance. */
  betterAt(transport) {
    const better = this.transports.slice(0, this.transports.indexOf(transport));
    return Math.min(...better.map((name) => this.#health[name]?.until));
  }

  #backoff(failures) {
    const { minDelay, maxDelay, random } = this.options;
    return random() * Math.min(maxDelay, minDelay * 2 ** failures);
  }

  backOff(failures) {
    return this.pause(this.#backoff(failures));
  }

  enter(state, transport = null, error) {
    this.state = state;
    this.stats.transport = transport;
    this.#tell('state', { state, transport, error });
    this.#pump();
  }

  after(delay, task) {
    const { setTimeout, clearTimeout } = this.options;
    const timer = delay < Infinity && setTimeout(task, delay);
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

  #rise = ({ type }) => {
    if (type === 'online') {
      // Perhaps another network.
      this.#health = {};
      this.#link?.end('unwanted');
    }
    if (!isHidden()) {
      this.wake();
    }
  };

  close() {
    this.#closed = true;
    EVENTS.forEach((type) => globalThis.removeEventListener?.(type, this.#rise));
    this.channels.forEach((channel) => channel.close());
    this.#queue.splice(0).forEach(({ reject }) => reject(queueIs('closed')));
    if (this.state === 'idle') {
      this.enter('closed');
    }
  }

  async token(anew) {
    const { token, now } = this.options;
    if (typeof token !== 'function') {
      return token;
    }
    if (anew || !(this.#tokenExpires > now() + TOKEN_MARGIN)) {
      try {
        this.#token = await token();
      } catch (error) {
        throw new HalleyError({ code: 401, message: `No token: ${error}` });
      }
      try {
        // A JSON Web Token (RFC 7519)?
        const claims = atob(this.#token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'));
        this.#tokenExpires = JSON.parse(claims).exp * 1_000;
      } catch {
        this.#tokenExpires = 0;
      }
    }
    return this.#token;
  }

  async fetch(url, { headers, ...init }) {
    const token = await this.token();
    const { fetch } = this.options;
    this.stats.requests++;
    const authorization = token && { Authorization: `Bearer ${token}` };
    const response = await fetch(url, { cache: 'no-store', headers: { ...headers, ...authorization }, ...init });
    if (!response.ok) {
      this.#tokenExpires = 0;
      const { status: code, statusText: message } = response;
      const { error } = await response.json().catch(() => ({}));
      throw new HalleyError({ message, ...error, code });
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
      if (this.#closed || this.#queue.length >= this.options.queue) {
        throw queueIs(this.#closed ? 'closed' : 'full');
      }
      const key = `${this.#key}-${this.#published++}`;
      const publication = `"channel":"${channel}",${encode(data)}`;
      this.#queue.push({ key, publication, resolve, reject, failures: 0 });
      this.#pump();
    });
  }

  /** Over the socket if there is one, else one request after the other. */
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
      // A request's key, as it stands for its first publication.
      link.command(`"publish","idempotencyKey":"${entry.key}#0",${entry.publication}`, ({ position, error }) => {
        if (error?.code === 401 && this.options.token) {
          // A page's handshake has no Authorization for a key; a request has.
          link.mayNotPublish = true;
          this.#pump();
        } else {
          this.#answer(entry, position, error && new HalleyError(error));
        }
      });
    }
  }

  async #post(entry) {
    const { key, publication } = entry;
    try {
      const body = utf8(`[{${publication}}]`);
      this.stats.bytesOut += body.length;
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
      const signal = AbortSignal.timeout(4 * this.options.timeout);
      const response = await this.fetch(`${this.url}/publish`, { method: 'POST', headers, body, signal });
      const [{ position }] = await this.read(response);
      this.#answer(entry, position);
    } catch (error) {
      if (isRefusal(error)) {
        this.#answer(entry, undefined, error);
      } else {
        await this.backOff(entry.failures++);
      }
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

class Link {
  reason;
  openedAt;
  command; // if it can be told something
  #abort = new AbortController();
  signal = this.#abort.signal;
  #deadline;
  #patience;
  #cancelCheck;
  #betterAt;

  constructor(connection, transport) {
    this.connection = connection;
    this.transport = transport;
    this.members = new Map(connection.listened);
    this.expect(connection.options.timeout);
  }

  end(reason) {
    if (!this.reason) {
      this.reason = reason;
      this.#cancelCheck();
      this.#abort.abort();
      this.connection.wake();
    }
  }

  open() {
    const { connection, transport } = this;
    const { now, heartbeat, timeout } = connection.options;
    if (!this.openedAt) {
      this.openedAt = now();
      this.expect(heartbeat + timeout);
      this.#betterAt = connection.betterAt(transport);
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
      come.forEach((channel) => {
        const { name, position } = channel;
        members.set(name, channel);
        this.command(`"subscribe","channel":"${name}","since":"${position}"`, ({ error, ...subscribed }) => {
          if (isRefusal(error)) {
            emit(channel, 'error', new HalleyError(error));
            channel.close();
          } else if (error) {
            this.end('cut');
          } else {
            this.message({ channel: name, subscribed });
          }
        });
      });
    }
  }

  /** Before the server ends what came with an old token. */
  async renew() {
    const { connection } = this;
    if (typeof connection.options.token === 'function') {
      const token = await connection.token(true);
      if (this.command) {
        this.command(`"refresh","token":${JSON.stringify(token)}`, () => {});
      } else {
        this.end('unwanted');
      }
    }
  }

  message({ channel: name, subscribed, gap, base64, data, expires, ...message }) {
    const { members, connection } = this;
    const channel = members.get(name);
    if (expires) {
      this.renew().catch(() => {}); // told when the server ends it
    }
    if (this.reason || !channel || connection.listened.get(name) !== channel) {
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

  heard() {
    if (this.openedAt) {
      this.#deadline = this.connection.options.now() + this.#patience;
    }
  }

  expect(patience) {
    this.#patience = patience;
    this.#deadline = this.connection.options.now() + patience;
    this.#cancelCheck?.();
    this.#check();
  }

  #check() {
    const { now, heartbeat } = this.connection.options;
    const left = this.#deadline - now();
    if (left <= 0 || now() >= this.#betterAt) {
      this.end(left <= 0 ? 'silent' : 'unwanted');
      return;
    }
    // Pages don't see pings; this is answered.
    const [name] = this.members.keys();
    this.command?.(`"history","channel":"${name}","since":"latest","limit":1`, () => {});
    this.#cancelCheck = this.connection.after(Math.min(left, heartbeat), () => this.#check());
  }

  url(query) {
    const { connection, members } = this;
    const positions = [...members.values()].map(({ position }) => position);
    return `${connection.url}/channels/${[...members.keys()]}?since=${positions}${query}`;
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
      socket.close();
      resolve();
    });
    socket.onerror = () => {};
    socket.onclose = ({ code, reason: message }) => reject(new HalleyError({ code, message }));
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
      (answers[message.id] ?? ((told) => link.message(told)))(message);
      delete answers[message.id];
    };
  });
}

async function sse(link) {
  const { connection, signal } = link;
  const headers = { Accept: 'text/event-stream' };
  const { body } = await connection.fetch(link.url('&form=halley.v1'), { headers, signal });
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
    connection.stats.bytesIn += value.length;
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
  const { connection, members, signal } = link;
  const { heartbeat, timeout, pollInterval } = connection.options;
  while (!link.reason) {
    // The first says where "latest" is: one that waits may be cut.
    const seconds = waits && link.openedAt ? Math.ceil(heartbeat / 1_000) : 0;
    link.expect(seconds * 1_000 + timeout);
    const response = await connection.fetch(link.url(`&limit=${POLL_LIMIT}&wait=${seconds}`), { signal });
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
      await connection.pause(pollInterval * (isHidden() ? 10 : 1));
    }
  }
}

function queueIs(code) {
  return new HalleyError({ code, message: `The queue is ${code}` });
}

function isRefusal(error) {
  return error?.code >= 400 && error.code < 500 && ![408, 429].includes(error.code);
}

function encode(data) {
  if (ArrayBuffer.isView(data)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return `"base64":"${btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))}"`;
  }
  const json = JSON.stringify(data);
  if (!json) {
    throw new TypeError('JSON has no value for this');
  }
  return `"data":${json}`;
}

function isHidden() {
  return globalThis.document?.visibilityState === 'hidden';
}

function utf8(text) {
  return new TextEncoder().encode(text);
}
