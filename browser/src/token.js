/**
 * Which token proves who is here? The newest that the page has given, or what its `getToken` fetches when that one has
 * ended.
 *
 * - One fetch at a time, whoever asks; a few tries in a row, then none until the page does something again.
 * - A token that the page gives meanwhile is newer than any answer on its way.
 * - Nothing happens while nothing is to be sent.
 */

import { claimOf } from "./settings.js";

/** Seconds before its end in which a token is not used any more. */
const MARGIN = 15;
/** Milliseconds that the page's `getToken` may take. */
const PATIENCE = 30000;
export const TRIES = 3;

/** @typedef {{ jwt: string | undefined, failed: boolean }} Fetched */

export class TokenSource {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this._now = now;
    /** @type {string | undefined} */
    this.jwt = undefined;
    /** @type {(() => unknown) | undefined} */
    this._getToken = undefined;
    /** @type {Promise<void> | undefined} */
    this._fetching = undefined;
    this._failures = 0;
    /** @type {((given: Fetched) => void) | undefined} ends the fetch that is under way */
    this._settle = undefined;
    /** Whether the newest fetch threw: then nobody knows who is here. */
    this.failing = false;
  }

  /**
   * What the page says now. A new token ends every doubt about the one before.
   *
   * @param {string | undefined} jwt
   * @param {unknown} getToken
   */
  give(jwt, getToken) {
    if (typeof getToken === "function") this._getToken = /** @type {() => unknown} */ (getToken);
    if (jwt !== undefined) {
      this.jwt = jwt;
      this.failing = false;
      if (this._settle) this._settle({ jwt, failed: false });
    }
    this._failures = 0;
  }

  /** Whether another one may be fetched now. @returns {boolean} */
  get renewable() {
    return this._getToken !== undefined && this._failures < TRIES;
  }

  /** @returns {Promise<string | undefined>} a token that has not ended as far as one can see */
  async current() {
    if (this._ended() && this.renewable) await this._renewed();
    return this.jwt;
  }

  _ended() {
    const ends = claimOf(this.jwt, "exp");
    return this.jwt === undefined || (typeof ends === "number" && ends - MARGIN <= this._now() / 1000);
  }

  /**
   * A token was refused: get another one, if it is still the newest.
   *
   * @param {string | undefined} refused
   * @returns {Promise<boolean>} whether there is another one
   */
  async replace(refused) {
    if (this.jwt !== refused) return true;
    if (!this.renewable) return false;
    this._failures += 1;
    await this._renewed();
    return this.jwt !== refused;
  }

  /** A token was believed: earlier failures count no more. */
  believed() {
    this._failures = 0;
  }

  _renewed() {
    const before = this.jwt;
    if (this._fetching === undefined) {
      /** @type {Promise<Fetched>} */
      const otherwise = new Promise((resolve) => {
        this._settle = resolve;
        setTimeout(() => resolve({ jwt: undefined, failed: true }), PATIENCE);
      });
      this._fetching = Promise.race([this._fetched(), otherwise]).then(({ jwt, failed }) => {
        this._fetching = this._settle = undefined;
        if (failed) this._failures += 1;
        else if (this.jwt === before) this.jwt = jwt;
        this.failing = failed;
      });
    }
    return this._fetching;
  }

  /** @returns {Promise<Fetched>} no token without a failure: nobody is logged in */
  async _fetched() {
    try {
      const jwt = await /** @type {() => unknown} */ (this._getToken)();
      if (jwt === null || jwt === undefined || jwt === "") return { jwt: undefined, failed: false };
      return { jwt: String(jwt), failed: false };
    } catch (_) {
      return { jwt: undefined, failed: true };
    }
  }
}
