// Draws the world on a canvas, around one place.
import { disc, drawFigure, hue, RADII, SWING_MILLIS } from './figures.js';

const TURN = 2 * Math.PI;

/** A state shows two cells beyond one's own: no more of the world than that fits on the canvas. */
const SEEN_UNITS = 1240;

/** Smaller windows see less of it, rather than everything smaller. */
const SMALLEST_SCALE = 0.8;

/** What one sees of the outside, in units. */
const BEYOND = 110;

const TILE = 160;
const MOST_SPARKS = 240;
const SPARK_MILLIS = 500;

const LIGHT = {
  floor: '#e9edf6',
  tile: '#e1e6f2',
  outside: '#c9d0e2',
  wall: '#8c97b6',
  wallSide: '#66718f',
  shadow: 'rgb(30 40 80 / 16%)',
  name: '#232a44',
  nameEdge: 'rgb(255 255 255 / 80%)',
  barBack: 'rgb(30 40 80 / 22%)',
  bar: '#17976a',
  barLow: '#d4374e',
  mine: '#1c2f9e',
  blade: '#5e6a86',
  hilt: '#3b3350',
  sweep: 'rgb(80 100 200 / 22%)',
  flash: 'rgb(255 255 255 / 70%)',
  shield: 'rgb(60 90 230 / 45%)',
  threat: 'rgb(220 40 60 / 75%)',
  crawler: '#8447b8',
  crawlerBack: '#6a349a',
  hunter: '#e07a1f',
  hunterWing: '#f2b06f',
  brute: '#b3263d',
  bruteSpike: '#6d1526',
};

const DARK = {
  ...LIGHT,
  floor: '#161d35',
  tile: '#1a2240',
  outside: '#080c18',
  wall: '#48557f',
  wallSide: '#2c3558',
  shadow: 'rgb(0 0 0 / 35%)',
  name: '#e9ecf8',
  nameEdge: 'rgb(8 12 24 / 80%)',
  barBack: 'rgb(255 255 255 / 22%)',
  bar: '#56d39b',
  barLow: '#ff7f90',
  mine: '#dfe5ff',
  blade: '#cfd8f5',
  hilt: '#8a7fb0',
  sweep: 'rgb(170 190 255 / 20%)',
  shield: 'rgb(150 170 255 / 55%)',
  crawler: '#a868dd',
  crawlerBack: '#7f45b3',
  hunter: '#f0913c',
  hunterWing: '#8a5a2e',
  brute: '#d4405a',
  bruteSpike: '#7c2033',
};

export class View {
  #canvas;
  #context;
  #arena;
  #colours;
  #still = matchMedia('(prefers-reduced-motion: reduce)');
  #swings = new Map();
  #seen = new Map();
  #sparks = [];
  #names = new Map();
  #hurtAt = -Infinity;
  #width = 0;
  #height = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
    const theme = () => {
      this.#colours = window.halleyTheme.isDark() ? DARK : LIGHT;
      this.#names.clear();
    };
    addEventListener('themechange', theme);
    theme();
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  /** A new world. */
  begin(arena) {
    this.#arena = arena;
    this.#swings.clear();
    this.#seen = new Map();
    this.#sparks = [];
  }

  /** The one who looks has been hurt. */
  hurt(now) {
    this.#hurtAt = now;
  }

  /** Figures swing when a state says so; one's own as soon as one strikes. */
  swing(id, now) {
    if (!(now - this.#swings.get(id) < SWING_MILLIS * 1.5)) {
      this.#swings.set(id, now);
    }
  }

  draw(figures, { me, centre, players, now }) {
    const c = this.#context;
    const colours = this.#colours;
    const ratio = this.#canvas.width / this.#width;
    const scale = Math.max(SMALLEST_SCALE, this.#width / SEEN_UNITS, this.#height / SEEN_UNITS);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = colours.outside;
    c.fillRect(0, 0, this.#width, this.#height);
    if (!this.#arena) {
      return;
    }
    const shake = this.#shake(now);
    const left = edge(centre.x, this.#width / scale, this.#arena.width) + shake;
    const top = edge(centre.y, this.#height / scale, this.#arena.height) + shake / 2;
    c.scale(scale, scale);
    c.translate(-left, -top);
    const box = { left, top, right: left + this.#width / scale, bottom: top + this.#height / scale };
    this.#floor(c, box);
    this.#walls(c);
    this.#follow(figures, now);
    const shown = [...figures].filter(([, f]) => inside(f, box)).sort(([, a], [, b]) => a.y - b.y);
    for (const [, figure] of shown) {
      const r = RADII[figure.what];
      disc(c, figure.x + 2, figure.y + r * 0.45, r, colours.shadow);
    }
    for (const [id, figure] of shown) {
      this.#figure(c, id, figure, id === me, now);
    }
    this.#drawSparks(c, now);
    for (const [id, figure] of shown) {
      this.#label(c, figure, players.get(id), id === me, ratio * scale);
    }
    this.#pain(c, ratio, now);
  }

  #resize() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    this.#width = Math.max(1, this.#canvas.clientWidth);
    this.#height = Math.max(1, this.#canvas.clientHeight);
    this.#canvas.width = Math.round(this.#width * ratio);
    this.#canvas.height = Math.round(this.#height * ratio);
    this.#names.clear();
  }

  #floor(c, box) {
    const { width, height } = this.#arena;
    c.fillStyle = this.#colours.floor;
    c.fillRect(0, 0, width, height);
    c.fillStyle = this.#colours.tile;
    const firstX = Math.max(0, Math.floor(box.left / TILE));
    const lastX = Math.min(width / TILE - 1, Math.floor(box.right / TILE));
    const firstY = Math.max(0, Math.floor(box.top / TILE));
    const lastY = Math.min(height / TILE - 1, Math.floor(box.bottom / TILE));
    for (let x = firstX; x <= lastX; x++) {
      for (let y = firstY; y <= lastY; y++) {
        if ((x + y) % 2 === 0) {
          c.fillRect(x * TILE, y * TILE, TILE, TILE);
        }
      }
    }
  }

  #walls(c) {
    for (const { left, top, right, bottom } of this.#arena.walls) {
      c.fillStyle = this.#colours.shadow;
      block(c, left + 6, top + 8, right - left, bottom - top);
      c.fillStyle = this.#colours.wallSide;
      block(c, left, top, right - left, bottom - top);
      c.fillStyle = this.#colours.wall;
      block(c, left, top, right - left, bottom - top - 12);
    }
  }

  /** Notices swings that begin, and who is gone. */
  #follow(figures, now) {
    for (const [id, figure] of figures) {
      if (figure.strikes && !this.#seen.get(id)?.strikes) {
        this.swing(id, now);
      }
    }
    for (const [id, figure] of this.#seen) {
      if (!figures.has(id)) {
        this.#swings.delete(id);
        this.#burst(id, figure, now);
      }
    }
    this.#seen = figures;
  }

  #figure(c, id, figure, mine, now) {
    const { what, x, y } = figure;
    const colours = this.#colours;
    const swung = (now - this.#swings.get(id)) / SWING_MILLIS;
    const swing = swung >= 0 && swung < 1 ? swung : undefined;
    c.save();
    c.translate(x, y);
    if (figure.readies) {
      c.strokeStyle = what === 0 ? colours.shield : colours.threat;
      c.lineWidth = 3;
      c.beginPath();
      c.arc(0, 0, RADII[what] + 8 + (what === 0 ? 2 * Math.sin(now / 150) : 0), 0, TURN);
      c.stroke();
    }
    drawFigure(c, figure, { id, now, swing, colours, mine });
    c.restore();
  }

  #label(c, figure, player, mine, ratio) {
    const r = RADII[figure.what];
    const { x, y, health } = figure;
    if (health < 1 && !mine) {
      c.fillStyle = this.#colours.barBack;
      c.fillRect(x - 18, y - r - 12, 36, 4);
      c.fillStyle = health > 0.35 ? this.#colours.bar : this.#colours.barLow;
      c.fillRect(x - 18, y - r - 12, 36 * health, 4);
    }
    if (player) {
      const name = this.#name(player.name, ratio);
      const width = name.width / ratio;
      const height = name.height / ratio;
      c.drawImage(name, x - width / 2, y - r - 15 - height, width, height);
    }
  }

  /** Names are drawn once: text is what costs most. */
  #name(text, ratio) {
    let image = this.#names.get(text);
    if (!image) {
      if (this.#names.size > 400) {
        this.#names.clear();
      }
      image = document.createElement('canvas');
      const c = image.getContext('2d');
      const font = '600 13px system-ui, sans-serif';
      c.font = font;
      image.width = Math.ceil((c.measureText(text).width + 8) * ratio);
      image.height = Math.ceil(20 * ratio);
      c.scale(ratio, ratio);
      c.font = font;
      c.textBaseline = 'middle';
      c.lineJoin = 'round';
      c.lineWidth = 3;
      c.strokeStyle = this.#colours.nameEdge;
      c.strokeText(text, 4, 10);
      c.fillStyle = this.#colours.name;
      c.fillText(text, 4, 10);
      this.#names.set(text, image);
    }
    return image;
  }

  #burst(id, { what, x, y }, now) {
    const { crawler, hunter, brute } = this.#colours;
    const colour = [`hsl(${hue(id)} 75% 58%)`, crawler, hunter, brute][what];
    for (let i = 0; i < 10 && this.#sparks.length < MOST_SPARKS; i++) {
      const angle = (i / 10) * TURN + Math.random();
      const speed = 30 + Math.random() * 50;
      const [toX, toY] = [Math.cos(angle) * speed, Math.sin(angle) * speed];
      this.#sparks.push({ x, y, toX, toY, colour, born: now, r: RADII[what] * 0.4 });
    }
  }

  #drawSparks(c, now) {
    this.#sparks = this.#sparks.filter(({ born }) => now - born < SPARK_MILLIS);
    for (const { x, y, toX, toY, colour, born, r } of this.#sparks) {
      const part = (now - born) / SPARK_MILLIS;
      const way = 1 - (1 - part) ** 2;
      disc(c, x + toX * way, y + toY * way, r * (1 - part), colour);
    }
  }

  #shake(now) {
    const part = (now - this.#hurtAt) / 180;
    return part < 1 && !this.#still.matches ? Math.sin(part * 20) * 4 * (1 - part) : 0;
  }

  #pain(c, ratio, now) {
    const part = (now - this.#hurtAt) / 450;
    if (part >= 1) {
      return;
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [w, h] = [this.#width, this.#height];
    const edge = c.createRadialGradient(w / 2, h / 2, Math.min(w, h) * 0.35, w / 2, h / 2, Math.hypot(w, h) / 2);
    edge.addColorStop(0, 'rgb(220 30 60 / 0)');
    edge.addColorStop(1, `rgb(220 30 60 / ${0.6 * (1 - part)})`);
    c.fillStyle = edge;
    c.fillRect(0, 0, w, h);
  }
}

/** Where the window begins that has a place in its middle, or nearly, and little beyond the border. */
function edge(middle, window, size) {
  const most = Math.max(-BEYOND, size + BEYOND - window);
  return Math.min(most, Math.max(-BEYOND, middle - window / 2));
}

function inside({ x, y }, { left, top, right, bottom }) {
  return x > left - 80 && x < right + 80 && y > top - 60 && y < bottom + 80;
}

function block(c, x, y, width, height) {
  c.beginPath();
  c.roundRect(x, y, width, height, 10);
  c.fill();
}
