// The meter of the wire's traffic that each demo shows.
//   const meter = new TrafficMeter();  aside.append(meter.element);
//   meter.request(sentBytes, receivedBytes);  meter.sent(bytes);  meter.received(bytes);
//   meter.message(ageMillis);
// Or let it count by itself: meter.fetch(url, options), meter.socket(new WebSocket(…)).
import {
  frameBytes,
  handshakeRequestBytes,
  handshakeResponseBytes,
  requestBytes,
  responseBytes,
  utf8Length,
} from './bytes.js';
import { element } from './dom.js';
import { formatBytes, formatMillis, formatNumber, onLanguage, translate } from './i18n.js';

export class TrafficMeter {
  requests = 0;
  bytesSent = 0;
  bytesReceived = 0;
  messages = 0;
  newestAge = undefined;

  #values = {};
  #scheduled = false;

  constructor() {
    const figures = element('dl', { class: 'figures' });
    for (const [name, text] of [
      ['requests', 'trafficRequests'],
      ['sent', 'trafficSent'],
      ['received', 'trafficReceived'],
      ['messages', 'trafficMessages'],
      ['age', 'trafficAge'],
    ]) {
      this.#values[name] = element('dd', { 'data-figure': name }, '–');
      figures.append(element('div', {}, element('dt', { 'data-t': text }), this.#values[name]));
    }
    this.element = element(
      'section',
      { class: 'traffic' },
      figures,
      element(
        'details',
        {},
        element('summary', { 'data-t': 'trafficHow' }),
        element('p', { 'data-t': 'trafficHowText' }),
      ),
    );
    translate(this.element);
    onLanguage(() => this.#draw());
    this.#draw();
  }

  /** One request and its answer, or a handshake. */
  request(sentBytes, receivedBytes = 0) {
    this.requests++;
    this.bytesSent += sentBytes;
    this.bytesReceived += receivedBytes;
    this.#schedule();
  }

  /** Bytes that left outside of a request. */
  sent(bytes) {
    this.bytesSent += bytes;
    this.#schedule();
  }

  /** Bytes that came outside of an answer. */
  received(bytes) {
    this.bytesReceived += bytes;
    this.#schedule();
  }

  /** A message that came so long after it was published. */
  message(ageMillis) {
    this.messages++;
    this.newestAge = ageMillis ?? this.newestAge;
    this.#schedule();
  }

  /** As fetch(), for answers that end; counts the request when the answer is there. */
  async fetch(url, options = {}) {
    const body = options.body === undefined ? 0 : size(options.body);
    const sent = await requestBytes(options.method ?? 'GET', url, options.headers, body);
    const response = await fetch(url, options);
    const answer = await response.clone().arrayBuffer();
    this.request(sent, responseBytes(response, answer.byteLength));
    return response;
  }

  /** Counts the handshake and the frames of a WebSocket; compressed ones as if they weren't. */
  socket(socket) {
    socket.addEventListener('open', async () => {
      this.request(await handshakeRequestBytes(socket.url), handshakeResponseBytes(socket));
    });
    socket.addEventListener('message', ({ data }) => this.received(frameBytes(size(data))));
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      this.sent(frameBytes(size(data), true));
      send(data);
    };
    return socket;
  }

  /** At most once a frame. */
  #schedule() {
    if (!this.#scheduled) {
      this.#scheduled = true;
      requestAnimationFrame(() => {
        this.#scheduled = false;
        this.#draw();
      });
    }
  }

  #draw() {
    this.#values.requests.textContent = formatNumber(this.requests);
    this.#values.sent.textContent = formatBytes(this.bytesSent);
    this.#values.received.textContent = formatBytes(this.bytesReceived);
    this.#values.messages.textContent = formatNumber(this.messages);
    this.#values.age.textContent = this.newestAge === undefined ? '–' : formatMillis(this.newestAge);
  }
}

function size(data) {
  return typeof data === 'string' ? utf8Length(data) : (data.byteLength ?? data.size);
}
