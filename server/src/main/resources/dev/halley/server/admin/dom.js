// Makes elements. Text is always text: nothing here takes markup, whatever a channel is called.

/** element('button', { class: 'quiet', onclick: f }, 'text', child …) */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== undefined && value !== null) {
      made.setAttribute(key, value === true ? '' : value);
    }
  }
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** A custom property such as '--accent' as a colour that a canvas takes, in the theme of now. */
export function colour(property) {
  const probe = element('span', { hidden: true });
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
