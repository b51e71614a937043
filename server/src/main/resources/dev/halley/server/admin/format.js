// Numbers for people.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value) => (value < 100_000 ? whole.format(value) : compact.format(value));

export const rate = (value) => (value < 10 && value > 0 ? value.toFixed(1) : count(value));

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? whole.format(value) : value.toFixed(1)} ${units[unit]}`;
}

export function seconds(value) {
  if (value >= 1) {
    return `${value} s`;
  }
  return value >= 0.001 ? `${+(value * 1e3).toFixed(1)} ms` : `${Math.round(value * 1e6)} µs`;
}

export function since(millis) {
  const passed = Math.max(0, Math.round((Date.now() - millis) / 1000));
  if (passed < 120) {
    return `${passed} s`;
  }
  if (passed < 7200) {
    return `${Math.floor(passed / 60)} min`;
  }
  return passed < 172_800 ? `${Math.floor(passed / 3600)} h` : `${Math.floor(passed / 86_400)} d`;
}

export const time = (millis) => new Date(millis).toLocaleTimeString();

/** The part of a latency histogram below which a share of what came since lies, in seconds. */
export function quantile(bounds, counts, before, share) {
  const fresh = counts.map((value, i) => value - (before?.[i] ?? 0));
  const all = fresh.reduce((a, b) => a + b, 0);
  if (all === 0) {
    return undefined;
  }
  let seen = 0;
  for (let i = 0; i < fresh.length; i++) {
    seen += fresh[i];
    if (seen >= all * share) {
      return bounds[Math.min(i, bounds.length - 1)];
    }
  }
  return bounds.at(-1);
}
