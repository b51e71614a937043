// What the player wants, from the keyboard, a mouse and touch.

const KEYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  KeyD: [1, 0],
  KeyW: [0, -1],
  KeyS: [0, 1],
};
const STRIKE = 'Space';

export class Controls {
  #pressed = new Set();
  #stick = { x: 0, y: 0 };
  #holding = new Set();
  #onChange;

  /** Calls back when the wish has changed. */
  constructor({ canvas, stick, hit, onChange }) {
    this.#onChange = onChange;
    this.#keyboard(canvas);
    this.#button(canvas, (event) => event.pointerType === 'mouse' && event.button === 0);
    this.#button(hit, () => true);
    this.#joystick(stick);
  }

  /** { x, y, strike } of now. */
  wish() {
    let { x, y } = this.#stick;
    for (const code of this.#pressed) {
      x += KEYS[code]?.[0] ?? 0;
      y += KEYS[code]?.[1] ?? 0;
    }
    const length = Math.max(1, Math.hypot(x, y));
    return {
      x: x / length,
      y: y / length,
      strike: this.#pressed.has(STRIKE) || this.#holding.size > 0,
    };
  }

  #keyboard(canvas) {
    const ours = (event) =>
      (event.code in KEYS || event.code === STRIKE) && !event.ctrlKey && !event.metaKey && !event.altKey;
    canvas.addEventListener('keydown', (event) => {
      if (ours(event)) {
        event.preventDefault();
        if (!event.repeat) {
          this.#pressed.add(event.code);
          this.#onChange();
        }
      }
    });
    addEventListener('keyup', (event) => {
      if (this.#pressed.delete(event.code)) {
        this.#onChange();
      }
    });
    canvas.addEventListener('blur', () => {
      this.#pressed.clear();
      this.#onChange();
    });
    addEventListener('blur', () => {
      this.#pressed.clear();
      this.#holding.clear();
      this.#stick = { x: 0, y: 0 };
      this.#onChange();
    });
  }

  #button(target, takes) {
    target.addEventListener('pointerdown', (event) => {
      if (takes(event)) {
        target.setPointerCapture(event.pointerId);
        this.#holding.add(event.pointerId);
        this.#onChange();
      }
    });
    const up = (event) => {
      if (this.#holding.delete(event.pointerId)) {
        this.#onChange();
      }
    };
    target.addEventListener('pointerup', up);
    target.addEventListener('pointercancel', up);
    target.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  #joystick(stick) {
    const knob = stick.firstElementChild;
    const move = (event) => {
      const box = stick.getBoundingClientRect();
      const reach = box.width / 2;
      const x = (event.clientX - box.left - reach) / reach;
      const y = (event.clientY - box.top - reach) / reach;
      const length = Math.max(1, Math.hypot(x, y));
      this.#stick = Math.hypot(x, y) < 0.15 ? { x: 0, y: 0 } : { x: x / length, y: y / length };
      knob.style.transform = `translate(${(x / length) * reach * 0.6}px, ${(y / length) * reach * 0.6}px)`;
      this.#onChange();
    };
    const end = () => {
      this.#stick = { x: 0, y: 0 };
      knob.style.transform = '';
      this.#onChange();
    };
    stick.addEventListener('pointerdown', (event) => {
      stick.setPointerCapture(event.pointerId);
      move(event);
    });
    stick.addEventListener('pointermove', (event) => {
      if (stick.hasPointerCapture(event.pointerId)) {
        move(event);
      }
    });
    stick.addEventListener('pointerup', end);
    stick.addEventListener('pointercancel', end);
  }
}
