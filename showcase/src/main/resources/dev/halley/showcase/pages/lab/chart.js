// A chart of the last minute on a canvas: dots on a logarithmic scale, or lines from zero.
import { colour } from '/shared/dom.js';

const SPAN_MILLIS = 60_000;
const LEFT = 58;
const BOTTOM = 20;
const TOP = 8;
const DOT = 2.5;

export class Chart {
  #canvas;
  #series;
  #format;
  #logarithmic;
  #colours = [];

  /**
   * series: [{ colour: '--poll', points: [{ at, value }, …] }, …], whose points others add;
   * format: writes a value at the axis; logarithmic: [least, most], or nothing for lines from zero.
   */
  constructor(canvas, { series, format, logarithmic }) {
    this.#canvas = canvas;
    this.#series = series;
    this.#format = format;
    this.#logarithmic = logarithmic;
    this.#readColours();
    addEventListener('themechange', () => this.#readColours());
  }

  #readColours() {
    this.#colours = this.#series.map((s) => colour(s.colour));
    this.soft = colour('--soft');
    this.line = colour('--line');
  }

  draw(now) {
    const scale = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#canvas.width !== Math.round(width * scale)) {
      this.#canvas.width = Math.round(width * scale);
      this.#canvas.height = Math.round(height * scale);
    }
    const context = this.#canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const { ticks, toY } = this.#scaleOf(height);
    const toX = (at) => width - ((now - at) / SPAN_MILLIS) * (width - LEFT) - DOT;
    this.#drawAxes(context, ticks, toY, toX, now, width, height);
    context.save();
    context.beginPath();
    context.rect(LEFT, 0, width - LEFT, height - BOTTOM + DOT);
    context.clip();
    this.#series.forEach((series, i) => {
      const drawPoints = this.#logarithmic ? drawDots : drawLine;
      drawPoints(context, series.points, this.#colours[i], toX, toY);
    });
    context.restore();
  }

  #scaleOf(height) {
    const inner = height - TOP - BOTTOM;
    if (this.#logarithmic) {
      const [least, most] = this.#logarithmic.map(Math.log10);
      const ticks = [];
      for (let power = Math.ceil(least); power <= most; power++) {
        ticks.push(10 ** power);
      }
      const share = (value) => (Math.log10(Math.max(value, 10 ** least)) - least) / (most - least);
      return { ticks, toY: (value) => TOP + inner * (1 - Math.min(share(value), 1)) };
    }
    const largest = Math.max(1, ...this.#series.flatMap((s) => s.points.map((p) => p.value)));
    const step = niceStep(largest / 4);
    const top = Math.ceil(largest / step) * step;
    const ticks = [];
    for (let value = 0; value <= top; value += step) {
      ticks.push(value);
    }
    return { ticks, toY: (value) => TOP + inner * (1 - value / top) };
  }

  #drawAxes(context, ticks, toY, toX, now, width, height) {
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = this.soft;
    context.strokeStyle = this.line;
    context.lineWidth = 1;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const value of ticks) {
      const y = Math.round(toY(value)) + 0.5;
      context.beginPath();
      context.moveTo(LEFT, y);
      context.lineTo(width, y);
      context.stroke();
      context.fillText(this.#format(value), LEFT - 8, y);
    }
    context.textBaseline = 'alphabetic';
    for (const seconds of [0, 15, 30, 45]) {
      context.textAlign = seconds === 0 ? 'right' : 'center';
      context.fillText(`−${seconds} s`.replace('−0', '0'), toX(now - seconds * 1000), height - 5);
    }
  }
}

/** 1, 2 or 5 times a power of ten, at least so much. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least);
}

function drawDots(context, points, colour, toX, toY) {
  context.fillStyle = colour;
  context.globalAlpha = 0.75;
  for (const { at, value } of points) {
    context.beginPath();
    context.arc(toX(at), toY(value), DOT, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawLine(context, points, colour, toX, toY) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.beginPath();
  points.forEach(({ at, value }, i) => {
    if (i === 0) {
      context.moveTo(toX(at), toY(value));
    } else {
      context.lineTo(toX(at), toY(value));
    }
  });
  context.stroke();
}

/** Drops from the front what is older than the chart. */
export function forgetOld(points, now) {
  while (points.length > 0 && points[0].at < now - SPAN_MILLIS - 2000) {
    points.shift();
  }
}
