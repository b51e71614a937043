// The chat's page. A room is the channel chat.ROOM; beside it are chat.ROOM.people and chat.ROOM.typing.
import { element } from '/shared/dom.js';
import { onLanguage, t } from '/shared/i18n.js';
import { startPage } from '/shared/page.js';
import { meteredClient } from '/shared/metered.js';
import { TrafficMeter } from '/shared/traffic.js';
import { clockOffset, localMillis } from '/shared/clock.js';
import { People } from './people.js';
import { colourOf, parseMessage, Transcript } from './transcript.js';
import { Typing } from './typing.js';
import texts from './texts.js';

const ROOMS = { lobby: 'roomLobby', tea: 'roomTea', stars: 'roomStars' };

startPage('chat', texts);

const find = (id) => document.getElementById(id);
const meter = new TrafficMeter();
find('traffic').append(meter.element);
const halley = meteredClient(meter);

let room;
let people;
let typing;
let transcript;
let channel;
let name = recallName();
let names = [];
let occupied = {};
let isKept = false;
let wasOpen = false;

function recallName() {
  try {
    return localStorage.getItem('halley.chat.name') ?? guestName();
  } catch {
    return guestName();
  }
}

function guestName() {
  return `Comet ${100 + (crypto.getRandomValues(new Uint16Array(1))[0] % 900)}`;
}

// ---- rooms ----

function wantedRoom() {
  const wanted = location.hash.slice(1);
  return /^[a-z0-9-]{1,24}$/.test(wanted) ? wanted : 'lobby';
}

function roomTitle(id) {
  return ROOMS[id] ? t(ROOMS[id]) : id;
}

function enterRoom() {
  if (wantedRoom() === room) {
    return;
  }
  [people, typing, channel].forEach((part) => part?.close());
  room = wantedRoom();
  transcript = new Transcript(find('messages'), () => name, room);
  typing = new Typing(halley, room, name, drawTyping);
  people = new People(halley, (url, options) => meter.fetch(url, options), room, name, {
    people: (now) => drawPeople((names = now)),
    presence,
    join: (who) => transcript.note(t('joined', { name: who })),
    leave: (who) => transcript.note(t('left', { name: who })),
    problem,
  });
  follow();
  drawRooms();
}

function follow() {
  const here = transcript;
  const since = here.position ?? 'earliest';
  const began = clockOffset().then((offset) => localMillis() + offset);
  channel = halley.channel(`chat.${room}`, { since });
  channel.on('message', async ({ data, position, time }) => {
    const message = parseMessage(data);
    if (message) {
      here.received(message, position);
      typing.stopped(message.name);
    }
    // What was said before we came isn't late.
    meter.message(time < (await began) ? undefined : localMillis() + (await clockOffset()) - time);
  });
  channel.on('gap', ({ from, to }) => {
    here.at(to);
    showGap(here, from, to);
  });
  here.unsent.forEach(send);
}

/** Within one epoch the offsets say how many are missing; with a new one the log itself is another. */
function showGap(here, from, to) {
  const [epoch, first] = from.split(':');
  const [nowEpoch, last] = to.split(':');
  if (epoch === nowEpoch) {
    here.note(t('gapTrimmed', { count: Number(last) - Number(first) + 1 }), 'gap');
  } else {
    here.note(t(isKept ? 'gapNewKept' : 'gapNewLost'), 'gap');
  }
}

// ---- messages ----

function say(text) {
  const message = { id: crypto.randomUUID?.() ?? randomId(), name, text, at: Date.now() };
  transcript.sending(message);
  send(message);
}

/** Waits in the client while the server is away, and is published once however often it is sent. */
async function send(message) {
  const here = transcript;
  const there = channel;
  if (!here.unsent.some(({ id }) => id === message.id)) {
    here.sending(message);
  }
  try {
    await there.publish(message);
    here.confirmed(message.id);
  } catch (error) {
    here.failed(message.id, error.message);
  }
}

/** randomUUID is only there in secure contexts, and not on http://192.168.… */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
}

// ---- what is drawn ----

function presence({ name: accepted, rooms, kept }) {
  isKept = kept;
  find('survives-kill').textContent = t(kept ? 'survivesKillKept' : 'survivesKillLost');
  occupied = rooms;
  drawRooms();
  if (accepted !== name) {
    name = accepted;
    find('name').value = accepted;
  }
}

function drawPeople() {
  find('count').textContent = names.length;
  find('people').replaceChildren(
    ...names.map((who) => {
      const item = element('li', {}, who, ...(who === name ? [element('small', { class: 'soft' }, t('you'))] : []));
      item.style.setProperty('--who', colourOf(who));
      return item;
    }),
  );
}

function drawRooms() {
  find('room-title').textContent = roomTitle(room);
  const all = new Set([...Object.keys(ROOMS), room, ...Object.keys(occupied).slice(0, 64)]);
  find('rooms').replaceChildren(
    ...[...all].map((id) => {
      const current = id === room ? 'true' : undefined;
      const count = element('span', { class: 'badge number' }, String(occupied[id] ?? 0));
      return element('li', {}, element('a', { href: `#${id}`, 'aria-current': current }, roomTitle(id), count));
    }),
  );
}

function drawTyping(who) {
  const key = who.length === 1 ? 'typingOne' : who.length <= 3 ? 'typingMore' : 'typingMany';
  find('typing').textContent = who.length === 0 ? '' : t(key, { names: who.join(', ') });
}

function drawState({ state, transport }) {
  const badge = find('state');
  const key = state === 'open' ? 'stateOpen' : wasOpen ? 'stateWaiting' : 'stateConnecting';
  badge.textContent = t(key, { transport: transport ?? '' });
  badge.className = `badge ${state === 'open' ? 'good' : 'warn'}`;
}

function problem(text) {
  find('problem').textContent = text;
  find('problem').hidden = text === '';
}

// ---- what happens ----

let wasAway = false;
halley.on('state', (event) => {
  drawState(event);
  if (event.state === 'open') {
    find('restart').disabled = false;
    if (wasAway) {
      transcript.note(t('cameBack', { position: channel.position ?? '–' }));
    }
    if (wasOpen) {
      people.renew();
    }
    wasOpen = true;
    wasAway = false;
  } else if (event.state === 'waiting') {
    wasAway = wasOpen;
  }
});

const roomsChannel = halley.channel('chat-rooms', { since: 'latest' });
roomsChannel.on('message', ({ data }) => {
  occupied = data?.rooms ?? {};
  drawRooms();
});

find('say').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = find('text').value.trim();
  if (text !== '') {
    say(text);
    typing.sent();
    find('text').value = '';
  }
});
find('text').addEventListener('input', () => find('text').value && typing.touch());

find('who').addEventListener('submit', (event) => {
  event.preventDefault();
  find('name').blur();
});
find('name').addEventListener('change', () => {
  const wanted = find('name').value.trim();
  if (wanted === '') {
    find('name').value = name;
    return;
  }
  name = wanted;
  try {
    localStorage.setItem('halley.chat.name', name);
  } catch {
    // Storage may be forbidden; then the name lasts as long as the page.
  }
  typing.rename(name);
  people.rename(name);
});

find('new-room').addEventListener('submit', (event) => {
  event.preventDefault();
  location.hash = find('room').value;
  event.target.reset();
});
addEventListener('hashchange', enterRoom);

find('restart').addEventListener('click', async () => {
  find('restart').disabled = true;
  try {
    const { status } = await meter.fetch('/chat/restart', { method: 'POST' });
    transcript.note(t(status === 202 ? 'restarting' : status === 409 ? 'restartBusy' : 'restartFailed'));
    find('restart').disabled = status === 202;
  } catch {
    transcript.note(t('restartFailed'));
    find('restart').disabled = false;
  }
});

onLanguage(() => {
  drawState({ state: halley.state, transport: halley.stats.transport });
  drawRooms();
  drawPeople();
  find('survives-kill').textContent = t(isKept ? 'survivesKillKept' : 'survivesKillLost');
});

find('name').value = name;
drawState({ state: 'connecting' });
enterRoom();
