// Makes elements. Text is always text: nothing here takes markup.

/** element('p', { class: 'soft', onclick: f }, 'text', child …) */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      made.addEventListener(key.slice(2), value);
    } else if (value === true) {
      made.setAttribute(key, '');
    } else if (value !== false && value !== undefined && value !== null) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** svg('0 0 24 24', { d: 'M…', fill: 'none' }, …): an icon of paths, hidden from screen readers. */
export function svg(viewBox, ...paths) {
  const made = document.createElementNS(SVG, 'svg');
  made.setAttribute('viewBox', viewBox);
  made.setAttribute('aria-hidden', 'true');
  for (const attributes of paths) {
    const path = document.createElementNS(SVG, 'path');
    for (const [key, value] of Object.entries(attributes)) {
      path.setAttribute(key, value);
    }
    made.append(path);
  }
  return made;
}

/** A custom property such as '--accent' as a colour that a canvas takes, in the theme of now. */
export function colour(property) {
  const probe = element('span', { hidden: true });
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
