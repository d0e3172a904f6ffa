/**
 * How is a browser without a name known again? By its anonymous session, kept first-party for as long as the server
 * knows visitors, and forgotten on `shutdown`.
 *
 * Where storage is forbidden (private modes, sandboxed frames) the session lasts as long as the page.
 */

const LASTS = 270 * 24 * 3600 * 1000;

export class SessionStore {
  /** @param {string} appId @param {() => number} now */
  constructor(appId, now) {
    this._name = "avow-session-" + appId;
    this._now = now;
    /** @type {string | null} */
    this._session = null;
  }

  /** @returns {string | null} */
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this._name) || "null");
      if (kept && typeof kept.session === "string" && kept.until > this._now()) return kept.session;
      return kept ? (this.clear(), null) : this._session;
    } catch (_) {
      return this._session;
    }
  }

  /** @param {string} session */
  write(session) {
    try {
      localStorage.setItem(this._name, JSON.stringify({ session, until: this._now() + LASTS }));
      this._session = null; // what another tab forgets is forgotten here
    } catch (_) {
      this._session = session;
    }
  }

  clear() {
    this._session = null;
    try {
      localStorage.removeItem(this._name);
    } catch (_) {
      // there is none, then
    }
  }
}
