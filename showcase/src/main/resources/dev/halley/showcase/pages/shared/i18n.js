// Two languages. Texts stand beside each other in each page's own texts.js:
//   export default { greeting: { en: 'Hello, {name}', zh: '你好，{name}' } };
// In markup: <h1 data-t="greeting">Hello</h1>, <input data-t-placeholder="…" data-t-aria-label="…">.

const KEY = 'halley.language';
const LANGUAGES = ['en', 'zh'];
const ATTRIBUTES = ['placeholder', 'aria-label', 'title', 'alt'];

const texts = {};
const listeners = new Set();
let current = initial();

function initial() {
  try {
    const chosen = localStorage.getItem(KEY);
    if (LANGUAGES.includes(chosen)) {
      return chosen;
    }
  } catch {
    // Storage may be forbidden; then the browser's language rules.
  }
  const first = navigator.languages.find((l) => /^(en|zh)\b/i.test(l));
  return first?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The language of now: 'en' or 'zh'. */
export function language() {
  return current;
}

/** Adds texts and translates the page with them. */
export function addTexts(more) {
  Object.assign(texts, more);
  translate(document.documentElement);
}

/** A text in the language of now, with {name} replaced by values.name. */
export function t(key, values = {}) {
  const text = texts[key]?.[current];
  if (text === undefined) {
    console.error(`no text ${key} in ${current}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Translates an element and all in it that is marked. */
export function translate(root) {
  for (const marked of [root, ...root.querySelectorAll('[data-t]')]) {
    const key = marked.dataset.t;
    if (key && key in texts) {
      marked.textContent = t(key);
    }
  }
  for (const attribute of ATTRIBUTES) {
    for (const marked of root.querySelectorAll(`[data-t-${attribute}]`)) {
      const key = marked.getAttribute(`data-t-${attribute}`);
      if (key in texts) {
        marked.setAttribute(attribute, t(key));
      }
    }
  }
}

/** Calls back after the language has changed: for texts that scripts have written. */
export function onLanguage(callback) {
  listeners.add(callback);
}

/** Changes to the other language. */
export function switchLanguage() {
  current = current === 'en' ? 'zh' : 'en';
  try {
    localStorage.setItem(KEY, current);
  } catch {
    // As above.
  }
  apply();
}

function apply() {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
  translate(document.documentElement);
  listeners.forEach((callback) => callback(current));
}

/** 1234567 as '1,234,567'. */
export function formatNumber(value, digits = 0) {
  return value.toLocaleString(current === 'zh' ? 'zh-CN' : 'en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Bytes as '812 B', '4.2 KB', '1.3 MB'. */
export function formatBytes(bytes) {
  if (bytes < 1000) {
    return `${Math.round(bytes)} B`;
  }
  return bytes < 1e6
    ? `${formatNumber(bytes / 1e3, bytes < 1e4 ? 1 : 0)} KB`
    : `${formatNumber(bytes / 1e6, 1)} MB`;
}

/** Milliseconds as '< 1 ms', '2.3 ms', '12 ms', '1.24 s'. Clocks don't agree any closer. */
export function formatMillis(millis) {
  if (millis >= 1000) {
    return `${formatNumber(millis / 1000, 2)} s`;
  }
  return millis < 1 ? '< 1 ms' : `${formatNumber(millis, millis < 10 ? 1 : 0)} ms`;
}

document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
