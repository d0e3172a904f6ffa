/**
 * Which token proves who is here? The newest that the page has given, or what its `getToken` fetches when that one has
 * ended.
 *
 * - One fetch at a time, whoever asks. One that fails is tried again further and further apart; one that brings refused
 *   tokens, a few times in a row; then none until the page does something again.
 * - A token that the page gives meanwhile is newer than any answer on its way.
 * - Nothing happens while nothing is to be sent.
 */

import { claimOf } from "./settings.js";
import { pause } from "./throttle.js";

/** Seconds before its end in which a token is not used any more. */
const MARGIN = 15;
/** Milliseconds that the page's `getToken` may take. */
const PATIENCE = 30000;
/** Refused tokens in a row. */
const REFUSALS = 3;
/** Fetches that fail in a row, after the first one. */
const RETRIES = 6;
/** Three parts and two dots, as every token has; what a page of an error or of a log-in has not. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** @typedef {{ jwt: string | undefined, fault: string | undefined }} Fetched */

export class TokenSource {
  /**
   * @param {() => number} now milliseconds
   * @param {(text: string) => void} warn
   */
  constructor(now, warn) {
    this._now = now;
    this._warn = warn;
    /** @type {string | undefined} */
    this.jwt = undefined;
    /** @type {(() => unknown) | undefined} */
    this._getToken = undefined;
    /** @type {Promise<void> | undefined} */
    this._fetching = undefined;
    /** Fetches that failed in a row, and when the next one is due. */
    this._failures = 0;
    this._due = 0;
    this._refusals = 0;
    /** @type {string | undefined} the token that was refused and could not be replaced yet */
    this._refused = undefined;
    /** @type {((given: Fetched) => void) | undefined} ends the fetch that is under way */
    this._settle = undefined;
    /** Whether the newest fetch threw: then nobody knows who is here. */
    this.failing = false;
    /** Whether the page has heard that no more is fetched. */
    this.told = false;
  }

  /**
   * What the page says now. A new token ends every doubt about the one before. What says nothing new brings a fetch
   * forward only where none would follow by itself: pages pass the same settings again and again.
   *
   * @param {string | undefined} jwt
   * @param {unknown} getToken
   */
  give(jwt, getToken) {
    if (typeof getToken === "function") this._getToken = /** @type {() => unknown} */ (getToken);
    const fresh = jwt !== undefined && jwt !== this.jwt;
    if (fresh) {
      this.jwt = jwt;
      this.failing = false;
      this._refused = undefined;
      if (this._settle) this._settle({ jwt, fault: undefined });
    }
    if (fresh || !this.renewable) this.hope();
  }

  /** Something has changed: a fetch may work now. */
  hope() {
    this._failures = this._due = this._refusals = 0;
    this.told = false;
  }

  /** Fetch no more: the page goes on with somebody else. */
  release() {
    this._getToken = undefined;
  }

  /** Whether another one may be fetched, now or later. @returns {boolean} */
  get renewable() {
    return this._getToken !== undefined && this._failures <= RETRIES && this._refusals < REFUSALS;
  }

  /** Whether nobody can be proven to be here, though somebody may be. @returns {boolean} */
  get missing() {
    return this.failing && this._ended();
  }

  /** @returns {number} milliseconds until a fetch is due */
  get wait() {
    return Math.max(0, this._due - this._now());
  }

  /** @returns {Promise<string | undefined>} a token that has not ended as far as one can see */
  async current() {
    if (this._ended() && this.renewable && !this.wait) await this._renewed();
    return this.jwt;
  }

  _ended() {
    if (this.jwt === undefined || this.jwt === this._refused) return true;
    const ends = claimOf(this.jwt, "exp");
    return typeof ends === "number" && ends - MARGIN <= this._now() / 1000;
  }

  /**
   * A token was refused: get another one, if it is still the newest.
   *
   * @param {string | undefined} refused
   * @returns {Promise<boolean>} whether there is another one
   */
  async replace(refused) {
    if (this.jwt !== refused) return true;
    if (this.renewable && !this.wait) {
      this._refusals += 1;
      await this._renewed();
    }
    if (this.failing) this._refused = refused;
    return this.jwt !== refused;
  }

  /** A token was believed: earlier refusals count no more. */
  believed() {
    this._refusals = 0;
    this._refused = undefined;
  }

  _renewed() {
    const before = this.jwt;
    if (this._fetching === undefined) {
      /** @type {Promise<Fetched>} */
      const otherwise = new Promise((resolve) => {
        this._settle = resolve;
        setTimeout(() => resolve({ jwt: undefined, fault: "no answer" }), PATIENCE);
      });
      this._fetching = Promise.race([this._fetched(), otherwise]).then(({ jwt, fault }) => {
        this._fetching = this._settle = undefined;
        this.failing = fault !== undefined;
        if (fault !== undefined) this._putOff(fault);
        else {
          this._failures = this._due = 0;
          this._refused = undefined;
          if (this.jwt === before) this.jwt = jwt;
        }
      });
    }
    return this._fetching;
  }

  /** @param {string} fault */
  _putOff(fault) {
    const wait = pause((this._failures += 1));
    this._due = this._now() + wait;
    this._warn(`getToken failed (${fault})` + (this.renewable ? `; it is asked again in ${Math.round(wait / 1000)} s.` : "."));
  }

  /** @returns {Promise<Fetched>} no token without a failure: nobody is logged in */
  async _fetched() {
    try {
      const jwt = await /** @type {() => unknown} */ (this._getToken)();
      const text = jwt === null || jwt === undefined ? "" : String(jwt).trim();
      if (!text) return { jwt: undefined, fault: undefined };
      return TOKEN.test(text) ? { jwt: text, fault: undefined } : { jwt: undefined, fault: "what it brought is no token" };
    } catch (error) {
      return { jwt: undefined, fault: error instanceof Error ? error.message : "it threw" };
    }
  }
}
