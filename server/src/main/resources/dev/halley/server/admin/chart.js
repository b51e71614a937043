// Lines over the last minutes on a canvas.
import { colour } from './dom.js';

const POINTS = 150;

/** What is shown at first; it grows with what there is to show. */
const FEWEST = 15;

export class Chart {
  /** @param {{label: string, colour: string}[]} series */
  constructor(canvas, series, format, base = 10) {
    this.base = base;
    this.canvas = canvas;
    this.series = series.map((it) => ({ ...it, values: [] }));
    this.format = format;
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  add(values) {
    this.series.forEach((it, i) => {
      it.values.push(values[i] ?? 0);
      if (it.values.length > POINTS) {
        it.values.shift();
      }
    });
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const scale = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (width === 0) {
      return;
    }
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext('2d');
    pen.scale(scale, scale);
    const most = Math.max(...this.series.flatMap((it) => it.values), 0);
    const top = ceiling(most, this.base);
    const left = 52;
    const bottom = height - 8;
    const y = (value) => bottom - (value / top) * (bottom - 12);
    pen.font = '11px system-ui, sans-serif';
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (const share of [0, 0.5, 1]) {
      pen.strokeStyle = colour('--line');
      pen.beginPath();
      pen.moveTo(left, Math.round(y(top * share)) + 0.5);
      pen.lineTo(width, Math.round(y(top * share)) + 0.5);
      pen.stroke();
      pen.fillStyle = colour('--faint');
      pen.fillText(this.format(top * share), left - 6, y(top * share));
    }
    const shown = Math.max(FEWEST, ...this.series.map((it) => it.values.length));
    const step = (width - left - 4) / (shown - 1);
    for (const line of this.series) {
      const start = shown - line.values.length;
      pen.strokeStyle = colour(line.colour);
      pen.lineWidth = 2;
      pen.lineJoin = 'round';
      pen.beginPath();
      line.values.forEach((value, i) => pen.lineTo(left + (start + i) * step, y(value)));
      pen.stroke();
    }
    const now = this.series.map((it) => `${it.label}: ${this.format(it.values.at(-1) ?? 0)}`);
    canvas.setAttribute('aria-label', now.join(', '));
  }
}

/** A round number that is at least the value, and at least 1: 1, 2 or 5 times a power of ten, or a power of two. */
function ceiling(value, base) {
  if (value <= 1) {
    return 1;
  }
  if (base === 2) {
    return 2 ** Math.ceil(Math.log2(value) - 0.001);
  }
  const decade = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((it) => it * decade).find((it) => it >= value * 0.999);
}
