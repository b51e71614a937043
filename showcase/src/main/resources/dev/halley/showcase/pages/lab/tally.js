// What one transport has done: totals, and rates over the last half minute.

const WINDOW_MILLIS = 30_000;

/** A rate of less would make much of little. */
const SHORTEST_MILLIS = 10_000;

/** Counts in a window that slides: how much was added in the last half minute. */
class Window {
  #begin;
  #entries = [];
  #sum = 0;

  add(at, amount) {
    this.#begin ??= at;
    this.#entries.push({ at, amount });
    this.#sum += amount;
  }

  /** How much in a second, by the last half minute or what there is of it. */
  perSecond(now) {
    while (this.#entries.length > 0 && this.#entries[0].at < now - WINDOW_MILLIS) {
      this.#sum -= this.#entries.shift().amount;
    }
    const span = Math.min(WINDOW_MILLIS, Math.max(now - (this.#begin ?? now), SHORTEST_MILLIS));
    return (this.#sum * 1000) / span;
  }
}

export class Tally {
  requests = 0;
  totalBytes = 0;
  messages = 0;

  /** Points for the charts: { at, value }. */
  ages = [];
  requestRates = [];
  byteRates = [];

  #recentRequests = new Window();
  #recentBytes = new Window();
  #requestsPerSecond = 0;
  #bytesPerSecond = 0;

  request(at, bytes) {
    this.requests++;
    this.#recentRequests.add(at, 1);
    this.bytes(at, bytes);
  }

  bytes(at, count) {
    this.totalBytes += count;
    this.#recentBytes.add(at, count);
  }

  message(at, age) {
    this.messages++;
    this.ages.push({ at, value: Math.max(age, 0) });
  }

  /** Adds a point to the rates. */
  sample(now) {
    this.#requestsPerSecond = this.#recentRequests.perSecond(now);
    this.#bytesPerSecond = this.#recentBytes.perSecond(now);
    this.requestRates.push({ at: now, value: this.#requestsPerSecond * 60 });
    this.byteRates.push({ at: now, value: this.#bytesPerSecond });
  }

  requestsPerMinute() {
    return this.#requestsPerSecond * 60;
  }

  bytesPerSecond() {
    return this.#bytesPerSecond;
  }

  /** All bytes so far, shared among all messages so far. */
  bytesPerMessage() {
    return this.messages === 0 ? undefined : this.totalBytes / this.messages;
  }

  /** The age that such a share of the last minute's messages didn't exceed. */
  agePercentile(share) {
    if (this.ages.length === 0) {
      return undefined;
    }
    const sorted = this.ages.map((p) => p.value).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }
}
