// How players and monsters look. Each is drawn around the origin, looking to the right.

const TURN = 2 * Math.PI;

export const RADII = [16, 15, 12, 24];

/** A swing of the sword, or a lunge, takes so long. */
export const SWING_MILLIS = 200;

/** A player's colour, by id: neighbours in the roster look different. */
export function hue(id) {
  return (id * 137.508) % 360;
}

/** Draws what a figure is; `swing` goes from 0 to 1, or is undefined. */
export function drawFigure(c, figure, { id, now, swing, colours, mine }) {
  c.save();
  c.rotate(figure.look);
  if (figure.what === 0) {
    drawPlayer(c, hue(id), swing, colours, mine);
  } else {
    c.translate(swing === undefined ? 0 : 9 * Math.sin(swing * Math.PI), 0);
    const wobble = now / 1000 + id;
    [drawCrawler, drawHunter, drawBrute][figure.what - 1](c, colours, wobble, figure.readies);
  }
  c.restore();
  if (figure.flinches) {
    disc(c, 0, 0, RADII[figure.what], colours.flash);
  }
}

function drawPlayer(c, colour, swing, colours, mine) {
  const blade = swing === undefined ? 0.75 : 1.3 - 2.6 * ease(swing);
  if (swing !== undefined) {
    c.fillStyle = colours.sweep;
    c.beginPath();
    c.moveTo(0, 0);
    c.arc(0, 0, 60, blade, 1.3);
    c.fill();
  }
  c.save();
  c.rotate(blade);
  c.strokeStyle = colours.hilt;
  c.lineWidth = 5;
  line(c, 14, 0, 22, 0);
  c.strokeStyle = colours.blade;
  c.lineWidth = 4;
  line(c, 22, 0, swing === undefined ? 38 : 56, 0);
  c.restore();
  disc(c, 0, 0, 16, `hsl(${colour} 65% 40%)`);
  disc(c, 0, 0, 13.5, `hsl(${colour} 75% 58%)`);
  if (mine) {
    c.strokeStyle = colours.mine;
    c.lineWidth = 2.5;
    c.beginPath();
    c.arc(0, 0, 20.5, 0, TURN);
    c.stroke();
  }
  eyes(c, 6, 5, 4, '#fff', '#171a2c');
}

function drawCrawler(c, colours, wobble, angry) {
  c.fillStyle = colours.crawler;
  c.beginPath();
  for (let i = 0; i <= 24; i++) {
    const angle = (i / 24) * TURN;
    const r = 15 + 1.8 * Math.sin(angle * 6 + wobble * 5);
    c.lineTo(Math.cos(angle) * r, Math.sin(angle) * r);
  }
  c.fill();
  disc(c, -4, 0, 7, colours.crawlerBack);
  eyes(c, 7, 5, 3.6, angry ? '#ffe169' : '#fff', '#2a0d33');
}

function drawHunter(c, colours, wobble, angry) {
  const flap = Math.sin(wobble * 14) * 3;
  c.fillStyle = colours.hunterWing;
  for (const side of [-1, 1]) {
    c.beginPath();
    c.moveTo(2, 0);
    c.lineTo(-12, side * (15 + flap));
    c.lineTo(-8, side * 2);
    c.fill();
  }
  c.fillStyle = colours.hunter;
  c.beginPath();
  c.moveTo(16, 0);
  c.quadraticCurveTo(2, 13, -13, 0);
  c.quadraticCurveTo(2, -13, 16, 0);
  c.fill();
  eyes(c, 6, 3.5, 2.6, angry ? '#ffe169' : '#fff', '#3a1600');
}

function drawBrute(c, colours, wobble, angry) {
  c.fillStyle = colours.bruteSpike;
  c.beginPath();
  for (let i = 0; i < 20; i++) {
    const angle = (i / 20) * TURN + Math.sin(wobble * 2) * 0.06;
    const r = i % 2 ? 21 : 29;
    c.lineTo(Math.cos(angle) * r, Math.sin(angle) * r);
  }
  c.fill();
  disc(c, 0, 0, 21, colours.brute);
  c.strokeStyle = '#2b0610';
  c.lineWidth = 3;
  line(c, 13, -11, 17, -3);
  line(c, 13, 11, 17, 3);
  eyes(c, 11, 7, 4.6, angry ? '#ffe169' : '#fff', '#2b0610');
}

function eyes(c, x, y, r, white, black) {
  for (const side of [-1, 1]) {
    disc(c, x, side * y, r, white);
    disc(c, x + r * 0.4, side * y, r * 0.55, black);
  }
}

/** A filled circle. */
export function disc(c, x, y, r, colour) {
  c.fillStyle = colour;
  c.beginPath();
  c.arc(x, y, r, 0, TURN);
  c.fill();
}

function line(c, x, y, toX, toY) {
  c.lineCap = 'round';
  c.beginPath();
  c.moveTo(x, y);
  c.lineTo(toX, toY);
  c.stroke();
}

function ease(part) {
  return 1 - (1 - part) ** 3;
}
