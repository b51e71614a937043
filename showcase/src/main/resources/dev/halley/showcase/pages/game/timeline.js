// The world as it was a moment ago, between two states: so it moves smoothly, though states come
// only 20 times a second and not evenly.

/** How far behind pictures are; two steps, so that one late state isn't seen. */
const BEHIND_MILLIS = 100;

/** How fast we forget that a state was quick, per state: clocks drift apart. */
const DRIFT_MILLIS = 0.2;

/** A state this late means that the server paused; time goes on from there. */
const PAUSE_MILLIS = 400;

/** Nobody walks so far in a step: it is a jump. */
const JUMP = 120;

const KEPT = 30;

export class Timeline {
  #stepMillis;
  #states = [];
  #quickest = Infinity;

  constructor(stepMillis) {
    this.#stepMillis = stepMillis;
  }

  /** A state has come, at a time of performance.now(). */
  add(state, now) {
    const time = state.step * this.#stepMillis;
    const took = now - time;
    const drifted = this.#quickest + DRIFT_MILLIS;
    this.#quickest = took > drifted + PAUSE_MILLIS ? took : Math.min(drifted, took);
    this.#states.push({ time, figures: state.figures });
    if (this.#states.length > KEPT) {
      this.#states.shift();
    }
  }

  /** The figures at a time of performance.now(): a Map of id to what it looks like then. */
  at(now) {
    const time = now - this.#quickest - BEHIND_MILLIS;
    const states = this.#states;
    while (states.length > 2 && states[1].time <= time) {
      states.shift();
    }
    if (states.length < 2) {
      return states[0]?.figures ?? new Map();
    }
    const [before, after] = states;
    const part = Math.max(0, Math.min(1, (time - before.time) / (after.time - before.time)));
    const figures = new Map();
    for (const [id, then] of after.figures) {
      const from = before.figures.get(id);
      figures.set(id, from ? between(from, then, part) : then);
    }
    return figures;
  }
}

function between(from, to, part) {
  if (Math.abs(to.x - from.x) > JUMP || Math.abs(to.y - from.y) > JUMP) {
    return to;
  }
  return {
    ...to,
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
    look: from.look + turn(from.look, to.look) * part,
  };
}

/** The shorter way from one direction to another. */
export function turn(from, to) {
  return Math.atan2(Math.sin(to - from), Math.cos(to - from));
}
