import { clockOffset, localMillis } from '/shared/clock.js';
import { element } from '/shared/dom.js';
import { formatBytes, formatMillis, formatNumber, onLanguage, t } from '/shared/i18n.js';
import { listenByLongPoll, listenByPoll, listenByWebSocket } from '/shared/listen.js';
import { startPage } from '/shared/page.js';
import { TrafficMeter } from '/shared/traffic.js';
import texts from './texts.js';

const VARIANTS = {
  poll: (url, wire) => listenByPoll(url, wire, { since: 'earliest', intervalMillis: () => 1500 }),
  longPoll: (url, wire) => listenByLongPoll(url, wire, { since: 'earliest', waitSeconds: 30 }),
  websocket: (url, wire) => listenByWebSocket(url, wire, { since: 'earliest' }),
};
const OVER = new Set(['confirmed', 'declined', 'expired']);
const BADGES = { waiting: 'accent', scanned: 'warn', declined: 'bad', expired: 'bad' };

const find = (id) => document.getElementById(id);
const results = {};
let attempt;

startPage('qr', texts);
const offset = await clockOffset();

/** One code, from asking for it to its end. */
class Attempt {
  state = 'opening';
  meter = new TrafficMeter();
  deadline = Infinity;
  #stop = () => {};
  #shownAt = 0;
  #ended = false;

  constructor(variant) {
    this.variant = variant;
    find('traffic').replaceChildren(this.meter.element);
  }

  async open() {
    const answer = await fetch('codes', { method: 'POST' });
    const body = await answer.json();
    if (!answer.ok) {
      throw new Error(body.error.message);
    }
    if (this.#ended) {
      return;
    }
    this.#shownAt = performance.now();
    this.deadline = this.#shownAt + body.millisLeft;
    find('code').src = `data:image/svg+xml,${encodeURIComponent(body.svg)}`;
    find('code').hidden = false;
    find('phone').href = body.link;
    this.#stop = VARIANTS[this.variant](`/channels/${body.channel}`, {
      request: (bytes) => this.meter.request(bytes),
      received: (bytes) => this.meter.received(bytes),
      message: (message) => this.#onMessage(message),
    });
  }

  #onMessage({ state, at, name }) {
    const late = localMillis() + offset - at;
    this.meter.message(late);
    this.state = state;
    if (OVER.has(state)) {
      this.end();
    }
    if (state === 'confirmed') {
      this.#onConfirmed(name, late);
    }
    show();
  }

  #onConfirmed(name, late) {
    this.name = name;
    this.result = {
      late: Math.max(late, 0),
      requests: this.meter.requests,
      bytes: this.meter.bytesSent + this.meter.bytesReceived,
      shown: performance.now() - this.#shownAt,
    };
    results[this.variant] = this.result;
  }

  end() {
    this.#ended = true;
    this.#stop();
  }
}

async function begin() {
  attempt?.end();
  const mine = new Attempt(document.querySelector('#variants input:checked').value);
  attempt = mine;
  find('problem').hidden = true;
  find('code').hidden = true;
  show();
  try {
    await mine.open();
  } catch (error) {
    find('problem').textContent = error instanceof TypeError ? t('unreachable') : error.message;
    find('problem').hidden = false;
  }
  show();
}

// ---- what is shown ----

function show() {
  const { state, result } = attempt;
  find('asking').hidden = state === 'confirmed';
  find('welcome').hidden = state !== 'confirmed';
  if (result) {
    find('hello').textContent = t('hello', { name: attempt.name });
    find('face').textContent = [...attempt.name][0];
    find('turned').textContent = formatMillis(result.late);
    find('cost').textContent = formatNumber(result.requests);
  } else {
    find('state').textContent = t(state);
    find('state').className = `badge ${BADGES[state] ?? ''}`;
    find('state').dataset.state = state;
    document.querySelector('.code').classList.toggle('over', OVER.has(state));
    find('phone').toggleAttribute('hidden', OVER.has(state) || state === 'opening');
    find('renew').classList.toggle('primary', OVER.has(state));
  }
  showResults();
  showCountdown();
}

function showCountdown() {
  const seconds = Math.ceil((attempt.deadline - performance.now()) / 1000);
  const running = Number.isFinite(seconds) && !OVER.has(attempt.state);
  find('countdown').textContent = running
    ? t('secondsLeft', { seconds: Math.max(seconds, 0) })
    : '';
}

function showResults() {
  find('results').replaceChildren(
    ...Object.keys(VARIANTS).map((variant) => {
      const result = results[variant];
      const number = (text) => element('td', { class: 'number' }, result ? text(result) : '–');
      return element(
        'tr',
        { 'data-variant': variant },
        element('th', { scope: 'row' }, t(variant)),
        number(({ late }) => formatMillis(late)),
        number(({ requests }) => formatNumber(requests)),
        number(({ bytes }) => formatBytes(bytes)),
        number(({ shown }) => formatMillis(shown)),
      );
    }),
  );
}

function showLoopback() {
  const { hostname } = location;
  const own = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  find('loopback').hidden = !own;
  find('loopback').textContent = t('loopback', { host: location.host });
}

find('variants').addEventListener('change', begin);
find('renew').addEventListener('click', begin);
find('again').addEventListener('click', begin);
find('phone').addEventListener('click', (event) => {
  // A window the size of a phone, if the browser lets us.
  if (window.open(find('phone').href, '_blank', 'popup,width=410,height=760')) {
    event.preventDefault();
  }
});
onLanguage(() => {
  show();
  showLoopback();
});
setInterval(showCountdown, 250);
showLoopback();
begin();
