/**
 * How often may a page update? Twenty times in thirty minutes, as with Intercom. What comes beyond that is kept, and the
 * newest state goes out as soon as the window opens: a limit is never a loss.
 */

export const MOST = 20;
export const WINDOW = 30 * 60 * 1000;

export class Throttle {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this._now = now;
    /** @type {number[]} */
    this._sent = [];
  }

  /** @returns {number} milliseconds until an update may go out; 0: now */
  get wait() {
    const now = this._now();
    // What lies ahead was counted before the clock was put back.
    this._sent = this._sent.filter((at) => at > now - WINDOW && at <= now);
    return this._sent.length >= MOST ? this._sent[0] + WINDOW - now : 0;
  }

  /** Count one update. @returns {boolean} whether it may go out now */
  take() {
    const may = !this.wait;
    if (may) this._sent.push(this._now());
    return may;
  }
}

/**
 * How long to wait before something that failed is tried again.
 *
 * @param {number} failures so many times in a row
 * @returns {number} milliseconds, twice as long each time, and a little different in every browser
 */
export function pause(failures) {
  return 1000 * Math.pow(2, Math.max(0, failures - 1)) * (1 + Math.random() / 4);
}
