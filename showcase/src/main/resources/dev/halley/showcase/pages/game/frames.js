// The frames of the game, as StateEncoder, RosterEncoder and GameSocket in Java describe them.

const WELCOME = 0;
const STATE = 1;
const ROSTER = 2;

const STEER = 1;
const BOTS = 2;

const text = new TextDecoder();

/** A frame from the server: { kind: 'welcome' | 'state' | 'roster', … }, or undefined. */
export function decode(buffer, arena) {
  const view = new DataView(buffer);
  switch (view.getUint8(0)) {
    case WELCOME:
      return welcome(view);
    case STATE:
      return state(view, arena);
    case ROSTER:
      return roster(view);
    default:
      return undefined;
  }
}

function welcome(view) {
  const walls = [];
  for (let at = 10; at < view.byteLength; at += 8) {
    walls.push({
      left: view.getUint16(at),
      top: view.getUint16(at + 2),
      right: view.getUint16(at + 4),
      bottom: view.getUint16(at + 6),
    });
  }
  return {
    kind: 'welcome',
    id: view.getUint16(1),
    stepMillis: view.getUint8(3),
    cell: view.getUint16(4),
    width: view.getUint16(6),
    height: view.getUint16(8),
    walls,
  };
}

function state(view, { cell, width }) {
  const columns = Math.ceil(width / cell);
  const figures = new Map();
  for (let at = 15; at < view.byteLength; ) {
    const number = view.getUint8(at);
    const left = (number % columns) * cell;
    const top = Math.floor(number / columns) * cell;
    let count = view.getUint16(at + 1);
    at += 3;
    for (; count > 0; count--, at += 7) {
      const bits = view.getUint8(at + 6);
      figures.set(view.getUint16(at), {
        x: left + ((view.getUint16(at + 2) >> 4) / 4096) * cell,
        y: top + ((view.getUint16(at + 3) & 0xfff) / 4096) * cell,
        look: (view.getUint8(at + 5) / 128) * Math.PI,
        what: bits & 3,
        strikes: (bits & 4) !== 0,
        readies: (bits & 8) !== 0,
        flinches: (bits & 16) !== 0,
        health: ((bits >> 5) + 1) / 8,
      });
    }
  }
  return {
    kind: 'state',
    step: view.getUint32(1),
    sentAt: view.getUint32(5),
    health: view.getUint8(9),
    backIn: view.getUint8(10) / 10,
    kills: view.getUint16(11),
    stepMicros: view.getUint16(13),
    figures,
  };
}

function roster(view) {
  const players = new Map();
  for (let at = 1; at < view.byteLength; ) {
    const length = view.getUint8(at + 5);
    players.set(view.getUint16(at), {
      kills: view.getUint16(at + 2),
      bot: view.getUint8(at + 4) === 1,
      name: text.decode(new Uint8Array(view.buffer, at + 6, length)),
    });
    at += 6 + length;
  }
  return { kind: 'roster', players };
}

/** What one wants to do: a way of at most length 1, and whether to strike. */
export function steer({ x, y, strike }) {
  return Uint8Array.of(STEER, strike ? 1 : 0, Math.round(x * 127), Math.round(y * 127));
}

/** How many bots there are to be. */
export function bots(count) {
  return Uint8Array.of(BOTS, count);
}
