// How evenly states come, and what a step takes the server: figures beside the wire's traffic.
import { element } from '/shared/dom.js';
import { formatMillis, formatNumber, translate } from '/shared/i18n.js';

const WINDOW_MILLIS = 10_000;

export class Pace {
  #arrivals = [];
  #steps = [];
  #pictures = [];
  #values = {};
  #stepMillis = 50;

  /** Adds its figures to those of a TrafficMeter. */
  constructor(meter) {
    const figures = meter.element.querySelector('.figures');
    for (const [name, text] of [
      ['step', 'stepTime'],
      ['rate', 'rate'],
      ['jitter', 'jitter'],
      ['pause', 'pause'],
      ['pictures', 'pictures'],
    ]) {
      this.#values[name] = element('dd', { 'data-figure': name }, '–');
      figures.append(element('div', {}, element('dt', { 'data-t': text }), this.#values[name]));
    }
    translate(meter.element);
    setInterval(() => this.#draw(), 500);
  }

  begin(stepMillis) {
    this.#stepMillis = stepMillis;
    this.#arrivals = [];
    this.#steps = [];
  }

  state(now, stepMicros) {
    this.#arrivals.push(now);
    this.#steps.push(stepMicros);
    while (this.#arrivals[0] < now - WINDOW_MILLIS) {
      this.#arrivals.shift();
      this.#steps.shift();
    }
  }

  picture(now) {
    this.#pictures.push(now);
    while (this.#pictures[0] < now - 1000) {
      this.#pictures.shift();
    }
  }

  /** Milliseconds, of the last so many: { pause, jitter }; and the states a second. */
  figures(millis = WINDOW_MILLIS) {
    const since = performance.now() - millis;
    const arrivals = this.#arrivals.filter((at) => at >= since);
    const gaps = arrivals.slice(1).map((at, i) => at - arrivals[i]);
    const span = arrivals.at(-1) - arrivals[0];
    return {
      pause: Math.max(...gaps),
      jitter: gaps.reduce((sum, gap) => sum + Math.abs(gap - this.#stepMillis), 0) / gaps.length,
      rate: (gaps.length / span) * 1000,
    };
  }

  #draw() {
    this.#values.pictures.textContent = formatNumber(this.#pictures.length);
    const { pause, jitter, rate } = this.figures();
    if (!(rate > 0)) {
      return;
    }
    const middle = this.#steps.toSorted((a, b) => a - b)[this.#steps.length >> 1];
    this.#values.step.textContent = formatMillis(middle / 1000);
    this.#values.rate.textContent = formatNumber(rate, 1);
    this.#values.jitter.textContent = formatMillis(jitter);
    this.#values.pause.textContent = formatMillis(pause);
  }
}
