import { clockOffset, localMillis } from '/shared/clock.js';
import { element } from '/shared/dom.js';
import { t, onLanguage } from '/shared/i18n.js';
import { startPage } from '/shared/page.js';
import { TrafficMeter } from '/shared/traffic.js';
import { Controls } from './controls.js';
import { bots, decode, steer } from './frames.js';
import { Pace } from './pace.js';
import texts from './texts.js';
import { Timeline } from './timeline.js';
import { View } from './view.js';

const NAME_KEY = 'halley.game.name';
const VIOLATION = 1008;
const UNACCEPTABLE = 1003;
const FULL = 1013;
const RETRY_MILLIS = 1000;
const LONGEST_RETRY_MILLIS = 10_000;

/** What one does is sent at most so often, the last of it always. */
const STEER_MILLIS = 33;

/** As the server has it: the next stroke comes no sooner. */
const STRIKE_MILLIS = 350;

const MOST_BOTS = 100;
const BEST = 5;

startPage('game', texts);

const find = (id) => document.getElementById(id);
const meter = new TrafficMeter();
find('traffic').append(meter.element);
const pace = new Pace(meter);
const view = new View(find('canvas'));

let socket;
let name = '';
let arena;
let timeline = new Timeline(50);
let mine;
let me = { health: 100, backIn: 0, kills: 0 };
let centre = { x: 1600, y: 700 };
let players = new Map();
let retry = RETRY_MILLIS;
let offset = 0;
let wantedBots = Number.parseInt(new URLSearchParams(location.search).get('bots') ?? '', 10);

clockOffset().then((measured) => (offset = measured));

// ---- the connection ----

function connect() {
  const url = new URL('/game/play', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.searchParams.set('name', name);
  socket = meter.socket(new WebSocket(url));
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => receive(decode(data, arena)));
  socket.addEventListener('close', ({ code, reason }) => lost(code, reason));
}

function receive(frame) {
  if (frame.kind === 'welcome') {
    arena = frame;
    mine = frame.id;
    timeline = new Timeline(frame.stepMillis);
    pace.begin(frame.stepMillis);
    view.begin(frame);
    retry = RETRY_MILLIS;
    enter();
  } else if (frame.kind === 'roster') {
    players = frame.players;
    drawBest();
  } else {
    const now = performance.now();
    timeline.add(frame, now);
    pace.state(now, frame.stepMicros);
    meter.message(age(frame.sentAt));
    update(frame, now);
  }
}

/** Milliseconds since a moment of which the lowest 32 bits are known. */
function age(sentAt) {
  const now = localMillis() + offset;
  const late = (Math.floor(now) - sentAt) | 0;
  return Math.max(0, late + (now % 1));
}

function lost(code, reason) {
  find('bots').disabled = true;
  find('no-bots').disabled = true;
  if (code === FULL || code === VIOLATION || code === UNACCEPTABLE) {
    refuse(code === FULL ? t('full') : t('refused', { reason, code }));
    return;
  }
  showCurtain(t('lost'), '');
  setTimeout(connect, retry * (0.5 + Math.random()));
  retry = Math.min(LONGEST_RETRY_MILLIS, retry * 2);
}

// ---- coming in ----

find('join').addEventListener('submit', (event) => {
  event.preventDefault();
  name = find('name').value.trim();
  if (name === '') {
    refuse(t('badName'));
    return;
  }
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Storage may be forbidden; then the name is asked for again.
  }
  find('play').disabled = true;
  connect();
});

try {
  find('name').value = localStorage.getItem(NAME_KEY) ?? '';
} catch {
  // As above.
}

function enter() {
  find('join').hidden = true;
  find('refused').hidden = true;
  find('hud').hidden = false;
  find('touch').hidden = !matchMedia('(any-pointer: coarse)').matches;
  find('fallen').hidden = true;
  find('bots').disabled = false;
  find('no-bots').disabled = false;
  find('canvas').focus({ preventScroll: true });
  sent = '';
  sendWish();
  if (wantedBots >= 0) {
    wantBots(Math.min(MOST_BOTS, wantedBots));
    wantedBots = undefined;
  }
}

function refuse(why) {
  find('join').hidden = false;
  find('play').disabled = false;
  find('hud').hidden = true;
  find('touch').hidden = true;
  find('fallen').hidden = true;
  find('refused').textContent = why;
  find('refused').hidden = false;
}

// ---- what one does ----

const controls = new Controls({
  canvas: find('canvas'),
  stick: find('stick'),
  hit: find('hit'),
  onChange: wishChanged,
});
let sentAt = 0;
let waiting = false;
let struckAt = -Infinity;

function wishChanged() {
  if (waiting) {
    return;
  }
  const wait = sentAt + STEER_MILLIS - performance.now();
  if (wait <= 0 || controls.wish().strike) {
    sendWish();
  } else {
    waiting = true;
    setTimeout(() => {
      waiting = false;
      sendWish();
    }, wait);
  }
}

let sent = '';

function sendWish() {
  const frame = steer(controls.wish());
  if (socket?.readyState === WebSocket.OPEN && String(frame) !== sent) {
    sent = String(frame);
    sentAt = performance.now();
    socket.send(frame);
  }
}

function wantBots(count) {
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(bots(count));
  }
}

find('bots').addEventListener('click', () => wantBots(MOST_BOTS));
find('no-bots').addEventListener('click', () => wantBots(0));

// ---- what one sees ----

function update(state, now) {
  if (state.health < me.health) {
    view.hurt(now);
  }
  if (state.health !== me.health) {
    find('life').setAttribute('aria-valuenow', state.health);
    find('life').firstElementChild.style.width = `${state.health}%`;
    find('life').classList.toggle('low', state.health <= 35);
    find('life-text').textContent = state.health;
  }
  if (state.kills !== me.kills) {
    find('kills').textContent = state.kills;
  }
  if (state.health === 0) {
    const seconds = Math.ceil(state.backIn);
    showCurtain(t('fallen'), t('back', { seconds }));
  } else if (me.health === 0 || !find('fallen').hidden) {
    find('fallen').hidden = true;
  }
  me = state;
}

function showCurtain(title, line) {
  const [big, small] = find('fallen').children;
  if (big.textContent !== title || small.textContent !== line) {
    big.textContent = title;
    small.textContent = line;
  }
  find('fallen').hidden = false;
}

function drawBest() {
  find('crowd').textContent = players.size;
  const best = [...players].sort(([, a], [, b]) => b.kills - a.kills).slice(0, BEST);
  find('best').replaceChildren(
    ...best.map(([id, { name, kills }]) =>
      element('li', { class: id === mine ? 'me' : '' }, element('bdi', {}, name), element('b', {}, String(kills))),
    ),
  );
}

onLanguage(() => {
  find('fallen').hidden = me.health > 0;
});

/** One's own stroke and look are shown at once; all else as the server says. */
function anticipate(figures, now) {
  const wish = controls.wish();
  const own = figures.get(mine);
  if (!own) {
    return;
  }
  centre = { x: own.x, y: own.y };
  if (wish.x !== 0 || wish.y !== 0) {
    figures.set(mine, { ...own, look: Math.atan2(wish.y, wish.x) });
  }
  if (wish.strike && now - struckAt >= STRIKE_MILLIS) {
    struckAt = now;
    view.swing(mine, now);
  }
}

function picture(now) {
  const figures = new Map(timeline.at(now));
  anticipate(figures, now);
  view.draw(figures, { me: mine, centre, players, now });
  pace.picture(now);
  requestAnimationFrame(picture);
}

requestAnimationFrame(picture);

/** For tests and for the curious: what the newest state says. */
window.halleyGame = {
  get me() {
    return { id: mine, health: me.health, kills: me.kills, ...me.figures?.get(mine) };
  },
  get crowd() {
    return players.size;
  },
  find(wanted) {
    const id = [...players].find(([, player]) => player.name === wanted)?.[0];
    return me.figures?.get(id);
  },
  pace: (millis) => pace.figures(millis),
};
