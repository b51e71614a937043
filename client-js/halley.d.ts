/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** How to listen, from the best to what works everywhere. */
export type Transport = 'websocket' | 'sse' | 'long-poll' | 'poll';

/**
 * - `idle`: nothing is listened to
 * - `connecting`: a transport is being tried
 * - `open`: messages arrive
 * - `waiting`: nothing worked; the next attempt comes after a pause
 * - `closed`: by `Halley.close()`, or because the server refuses this page or connection for good
 */
export type State = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/** A publication. */
export interface Message<T = any> {
  channel: string;
  /** A string for text, a JSON value for JSON, a `Uint8Array` for bytes. */
  data: T;
  /** Where it stands in the channel, `epoch:offset`: `since` for whoever wants to go on after it. */
  position: string;
  /** When it was published, in milliseconds since 1970. */
  time: number;
  /** The trace that it is part of (W3C Trace Context), if whoever published it named one: go on with it, or link to it. */
  traceparent?: string;
  tracestate?: string;
}

/** Publications that are lost, from the first to the last; both are positions. */
export interface Gap {
  channel: string;
  from: string;
  to: string;
}

export interface StateEvent {
  state: State;
  /** While it is connecting or open. */
  transport: Transport | null;
  /** Why it is waiting, if that is known. */
  error?: unknown;
}

/** What has passed since the client was made. Bytes are those of bodies and messages, without heads and frames. */
export interface Stats {
  transport: Transport | null;
  /** Requests and WebSocket handshakes. */
  requests: number;
  /** Links that ended: broken, silent, or replaced. */
  reconnects: number;
  /** Messages received. */
  messages: number;
  /** Publications that the server has confirmed. */
  published: number;
  bytesIn: number;
  bytesOut: number;
}

/** All times are in milliseconds. */
export interface Options {
  /**
   * A token, or what returns one. A function is asked again before a JSON Web Token expires, when the server says that
   * it will, after a refusal, and if its answer is no JSON Web Token and older than `timeout`. One call is under way at a
   * time, and all that need a token share it; it has `timeout` to answer. What it throws, or returns instead of a text, is
   * told as an `error`, and it is asked again after a pause. A WebSocket goes on with the new token, an event stream begins
   * anew where it was; what a string has opened ends with it. It goes out as `Authorization: Bearer`, or as `?token=` of a
   * WebSocket, and over it before the first publication.
   */
  token?: string | (() => string | Promise<string>);
  /** Which transports to try, in order. Default: all four. */
  transports?: Transport[];
  /**
   * How long a handshake and the token function may take, the first byte of an answer, the first event of a stream, and
   * from one byte to the next. An answer as a whole may take as long as it moves. Default: 5,000.
   */
  timeout?: number;
  /** How long a stream may be silent (`heartbeat` of the server), and a long poll waits. Default: 25,000. */
  heartbeat?: number;
  /** Between two polls; ten times as long while the page is hidden. Default: 3,000. */
  pollInterval?: number;
  /**
   * When a transport that failed is tried again, while another one works. One that has worked before is tried again after
   * 10 s, and then ever later, up to this. Default: 300,000.
   */
  retryTransport?: number;
  /** The longest pause after the first failure; it doubles with each. The pause itself is random. Default: 500. */
  minDelay?: number;
  /** What it doubles up to. Default: 30,000. */
  maxDelay?: number;
  /** How many publications may wait for their confirmation. Default: 1,000. */
  queue?: number;
  /** How many messages may wait for a reader (`for await`) before the connection pauses. Default: 4,096. */
  buffer?: number;
  /** Default: the global one. Where there is none, the transport `websocket` is left out. */
  WebSocket?: new (url: string, protocol: string) => any;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** Default: `Math.random`. */
  random?: () => number;
  /** In milliseconds since 1970. Default: a clock that doesn't jump when the computer's is set. */
  now?: () => number;
  /** Default: the global one. */
  setTimeout?: (task: () => void, delay: number) => any;
  /** Default: the global one. */
  clearTimeout?: (timer: any) => void;
}

/** What can be told to a listener, by the name of the event. */
export interface ClientEvents {
  state: StateEvent;
  /**
   * A refusal of the server, or of the token function. A channel that is refused is told alone, and closed; the others go
   * on. If the connection as a whole is refused for good (403, for instance because of the page's origin), all is closed.
   * After all others the client tries on. What no listener of the channel or the client hears is written to the console.
   */
  error: HalleyError;
}

/** A user who listens to a channel. */
export interface Member {
  user: string;
  /** In milliseconds since 1970. */
  since: number;
}

/** Who listens to a channel. */
export interface Presence {
  channel: string;
  /** In the order in which they came. */
  members: Member[];
  /** False if there was no room lately to list somebody. */
  complete: boolean;
  /** How many listeners have no name. */
  anonymous: number;
  /** Where in the channel `NAME~presence`, which has the changes, this was so. */
  position: string;
}

export interface ChannelEvents<T = any> extends ClientEvents {
  message: Message<T>;
  gap: Gap;
  /** All who listen, once that is known and whenever somebody comes or goes. */
  presence: Member[];
}

export type ErrorCode = number | 'full' | 'closed' | 'unknown';

export class HalleyError extends Error {
  /**
   * A status of HTTP, a close code of WebSocket, or
   * - `full`: too many publications are waiting
   * - `closed`: the client was closed, and what was to be published was never sent
   * - `unknown`: a publication was sent and never confirmed: it may be published or not
   */
  readonly code: ErrorCode;
  /** Which channels are refused, if not all. */
  readonly channels?: string[];
  /** After how many seconds it may be tried again, if the server says so. */
  readonly retryAfter?: number;
  constructor(problem: { code: ErrorCode; message: string; channels?: string[]; retryAfter?: number });
}

/** A client of one server. All its channels share one connection. */
export class Halley {
  /**
   * @param url of the server, without `/channels`
   * @throws TypeError if the URL isn't one of `http` or `https`, an option doesn't exist or can't be, or there is no
   *     transport that can be used here
   */
  constructor(url: string | URL, options?: Options);

  readonly state: State;
  /** A copy of the counters. */
  readonly stats: Stats;

  /**
   * The channel of that name; the same object until it is closed.
   *
   * @param options `since`, where listening begins: `latest` (the default), `earliest`, or the position of a message
   *     that was received earlier
   * @throws TypeError if no channel can have that name, or there is no such option or position
   * @throws HalleyError `closed` if the client is closed
   */
  channel<T = any>(name: string, options?: { since?: string }): Channel<T>;

  /**
   * Calls the listener, until the function that it returns is called. A function that is handed in twice is called twice;
   * one that comes while an event is told is called from the next one on.
   *
   * @throws TypeError if there is no such event, or the listener is no function
   * @throws HalleyError `closed` if the client is closed
   */
  on<E extends keyof ClientEvents>(type: E, listener: (event: ClientEvents[E]) => void): () => void;

  /**
   * Closes all channels, for good: make a new client to go on. Publications that aren't confirmed are rejected: `unknown`
   * if they were sent, `closed` if not.
   */
  close(): void;
}

/** A channel. It is listened to from the first listener for `message` or `gap`, or reader, on. */
export interface Channel<T = any> extends AsyncIterable<Message<T>> {
  readonly name: string;
  /** Of the last message; before it, where listening begins. */
  readonly position: string;

  /**
   * As `Halley.on`. A channel that was closed is open again, and goes on at its position.
   *
   * @throws HalleyError `closed` also if `Halley.channel` has made another channel of that name since it was closed
   */
  on<E extends keyof ChannelEvents>(type: E, listener: (event: ChannelEvents<T>[E]) => void): () => void;

  /**
   * Publishes once and in order, however often the connection breaks meanwhile.
   *
   * @param data a string is text; an `ArrayBuffer`, a view of one and a `Blob` are bytes; all else is JSON
   * @returns the position; or a `HalleyError` if the server refuses it for good, the queue is full, or the client was
   *     closed; or a `TypeError` if JSON has no value for it: `undefined`, functions, symbols, `BigInt`, `NaN` and
   *     `Infinity`, what refers to itself, and objects that would arrive empty (`Map`, `Set`, `Promise` …), on their own or
   *     inside. A property that is `undefined` is left out.
   */
  publish(data: T | Json | ArrayBuffer | ArrayBufferView | Blob): Promise<string>;

  /**
   * Who listens now, if the channel's policy says `presence: true`; else a `HalleyError`. The listener `presence` keeps
   * the list instead: by the channel `NAME~presence`, which is not to be listened to besides.
   */
  presence(): Promise<Presence>;

  /** Stops listening, and lets go of all listeners. Readers end when they have read what has arrived. */
  close(): void;

  /** Messages from now on. */
  [Symbol.asyncIterator](): AsyncGenerator<Message<T>, void, undefined>;
}
