// Small things that all parts of the page need.

/** An element with attributes and children; texts are never read as HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? '' : value);
    }
  }
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

export function bytesOf(base64 = '') {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

export const hex = (byte) => byte.toString(16).padStart(2, '0');

/** As text where it is UTF-8 without control characters, else undefined. */
export function textOf(bytes, isCut) {
  for (let end = bytes.length; end >= bytes.length - (isCut ? 3 : 0) && end >= 0; end--) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        .decode(bytes.subarray(0, end));
      return /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text) ? undefined : text;
    } catch {
      // Perhaps only the last character was cut.
    }
  }
  return undefined;
}

export function hexOf(bytes, most) {
  const shown = Array.from(bytes.subarray(0, most), hex).join(' ');
  return bytes.length > most ? `${shown} …` : shown;
}

export function duration(micros) {
  if (micros < 1000) {
    return `${micros} µs`;
  }
  return micros < 1e6 ? `${(micros / 1e3).toFixed(1)} ms` : `${(micros / 1e6).toFixed(3)} s`;
}

export const count = (n) => Number(n).toLocaleString('en');

export function clock(micros) {
  const date = new Date(micros / 1000);
  const two = (n) => String(n).padStart(2, '0');
  const fraction = String(micros % 1e6).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
}
