/**
 * What does `Intercom("…")` do? Every documented method of Intercom's Messenger, and what Avow adds to them.
 *
 * - A method never throws into the page; a callback of the page that throws is the page's own matter, told in its console.
 * - Methods that would open a panel answer harmlessly and say so once.
 */

import { Delivery } from "./delivery.js";
import { attributesOf, IDENTITY, identityOf, isSendable, personOf, saidIn } from "./settings.js";
import { SessionStore } from "./storage.js";
import { Throttle } from "./throttle.js";
import { TokenSource } from "./token.js";

/** Methods that concern a panel, of which there is none. */
const PANEL = ("show hide showSpace showMessages showNewMessage showArticle showNews showTicket showConversation " +
  "startTour startSurvey startChecklist startConversation hideNotifications onShow onHide").split(" ");

/** Milliseconds that a person waits for what was said of the one before. */
const LONGEST_FAREWELL = 5000;

export class Messenger {
  /**
   * @param {string} server where the server is, such as `https://avow.example.com`
   * @param {string | undefined} appId the workspace, where the page names none
   * @param {Pick<Console, "warn" | "info" | "error">} log
   */
  constructor(server, appId, log) {
    this._server = server;
    this._defaultApp = appId;
    this._log = log;
    this._booted = false;
    this._appId = "";
    /** @type {import("./types.js").Settings} */
    this._settings = {};
    /** @type {Delivery | undefined} */
    this._delivery = undefined;
    /** @type {Delivery | undefined} of whoever was here before */
    this._former = undefined;
    /** @type {SessionStore | undefined} */
    this._sessions = undefined;
    /** @type {import("./types.js").Person | null} */
    this._person = null;
    this._throttle = new Throttle(Date.now);
    /** @type {Set<string>} */
    this._said = new Set();
    /** @type {Record<"receipt" | "rejected" | "email", Function[]>} */
    this._listeners = { receipt: [], rejected: [], email: [] };
  }

  /**
   * One call of the page: `Intercom(method, ...arguments)`.
   *
   * @param {unknown} method
   * @param {unknown[]} rest
   * @returns {unknown}
   */
  call(method, rest) {
    try {
      return this._dispatch(String(method), rest);
    } catch (error) {
      this._log.error("Avow:", error);
      return undefined;
    }
  }

  /** @param {string} method @param {any[]} rest @returns {unknown} */
  _dispatch(method, rest) {
    switch (method) {
      case "boot": return this.boot(this._settingsIn(method, rest[0]));
      case "update": return this.update(this._settingsIn(method, rest[0]));
      case "shutdown": return this.shutdown();
      case "trackEvent": return this.trackEvent(rest[0], rest[1]);
      case "getVisitorId": return (this._person && this._person.anonymous_id) || undefined;
      case "whoami": return this._person;
      case "ready": return this._callback(rest[0], undefined);
      case "reattach_activator": return undefined;
      case "setAuthTokens": return undefined;
      case "onUnreadCountChange": return this._callback(rest[0], 0);
      case "onUserEmailSupplied": return this._listen("email", rest[0]);
      case "onReceipt": return this._listen("receipt", rest[0]);
      case "onTokenRejected": return this._listen("rejected", rest[0]);
    }
    if (PANEL.indexOf(method) < 0) return this._warn(`there is no method "${method}".`);
    return this._once("panel", () => this._log.info(`Avow: "${method}" does nothing, for there is no panel to show.`));
  }

  /** @param {string} method @param {unknown} raw @returns {any} */
  _settingsIn(method, raw) {
    if (raw && (typeof raw !== "object" || Array.isArray(raw))) this._warn(`${method} takes an object of names and values.`);
    return saidIn(raw);
  }

  /** Whether somebody is here. @returns {boolean} */
  get booted() {
    return this._booted;
  }

  /** Begin, as whom the settings say. @param {import("./types.js").Settings} settings */
  boot(settings) {
    if (this._booted) return this.update(settings);
    const appId = settings.app_id || this._defaultApp;
    if (!appId) return this._warn("app_id is missing; nothing is sent.");
    this._booted = true;
    this._appId = appId;
    this._sessions = new SessionStore(appId, Date.now);
    this._say(settings, false);
  }

  /** Tell what is new. Twenty times in thirty minutes; beyond that the newest state waits. @param {any} settings */
  update(settings) {
    if (!this._booted) return this._warn("update came before boot; nothing is sent.");
    this._say(settings, true);
  }

  /** Forget who was here, in this page or the one before. What was said of her before is still delivered. */
  shutdown() {
    if (this._delivery) this._delivery.leave("for good");
    const sessions = this._sessions || (this._defaultApp && new SessionStore(this._defaultApp, Date.now));
    if (sessions) sessions.clear();
    this._former = this._delivery || this._former;
    this._delivery = this._sessions = undefined;
    this._settings = {};
    this._person = null;
    this._booted = false;
  }

  /** @param {unknown} name @param {unknown} metadata */
  trackEvent(name, metadata) {
    if (typeof name !== "string" || name === "") return this._warn("trackEvent takes the event's name first.");
    if (!this._delivery) return this._warn(`the event "${name}" came before boot; it was not kept.`);
    const told = metadata === undefined ? {} : metadata;
    if (!isSendable(told)) this._warn(`what came with the event "${name}" is nothing that can be sent; it was left out.`);
    this._delivery.track(name, isSendable(told) ? JSON.parse(JSON.stringify(told)) : {});
  }

  /** The page shows another address. */
  moved() {
    if (this._delivery && this._booted) this._delivery.update({}, true);
  }

  /** The page ends, or may: browsers do not always say so. */
  leave() {
    for (const delivery of [this._former, this._delivery]) if (delivery) delivery.leave();
  }

  /** The network is back. */
  wake() {
    if (this._delivery) this._delivery.wake();
  }

  /** @param {import("./types.js").Settings} settings @param {boolean} counts */
  _say(settings, counts) {
    const { jwt } = identityOf(settings);
    // One token has two names; the newest word counts.
    const told = Object.assign({}, settings, jwt && { intercom_user_jwt: jwt, token: undefined });
    this._settings = Object.assign({}, this._settings, told);
    let delivery = this._delivery;
    if (!delivery || !delivery.voice.isFor(personOf(identityOf(this._settings)))) delivery = this._turnTo(told);
    delivery.tokens.give(jwt, settings.getToken);
    const { email, userHash } = identityOf(this._settings);
    delivery.voice.claims = { email, user_hash: userHash };
    if (typeof settings.email === "string" && delivery.voice.user === undefined) this._tell("email", settings.email);
    delivery.update(attributesOf(settings, (name, text) => this._once(`setting ${name}`, () => this._warn(text))), counts);
  }

  /** Somebody else is here: what named the one before names nobody. @param {any} told @returns {Delivery} */
  _turnTo(told) {
    const before = this._delivery;
    this._person = null;
    this._former = before || this._former;
    for (const name of IDENTITY) if (!(name in told)) delete this._settings[name];
    const identity = identityOf(this._settings);
    const tokens = new TokenSource(Date.now, (text) => this._warn(text));
    tokens.give(identity.jwt, this._settings.getToken);
    const enough = new Promise((resolve) => setTimeout(resolve, LONGEST_FAREWELL));
    const over = before ? Promise.race([before.leave("to another").catch(() => undefined), enough]) : Promise.resolve();
    const sessions = /** @type {SessionStore} */ (this._sessions);
    const page = () => this._page(sessions);
    this._delivery = new Delivery(personOf(identity), tokens, {
      server: this._server,
      page,
      throttle: this._throttle,
      onAnswer: (answer, from) => this._heard(answer, from, sessions),
      onRefused: (code, message) => this._refused(code, message),
      warn: (text) => this._warn(text),
      later: (call, wait) => setTimeout(call, wait),
      cancel: (timer) => clearTimeout(timer),
    }, over);
    return this._delivery;
  }

  /** @param {SessionStore} sessions @returns {Record<string, string>} */
  _page(sessions) {
    const session = sessions.read();
    const type = this._settings.installation_type;
    /** @type {Record<string, string>} */
    const fields = {
      app_id: this._appId,
      referer: location.href.split("#")[0].slice(0, 2048),
      r: document.referrer.slice(0, 255),
      platform: "web",
      installation_type: typeof type === "string" ? type : "js-snippet",
      installation_version: AVOW_VERSION,
    };
    if (session) fields.anonymous_session = session;
    return fields;
  }

  /** @param {any} answer @param {Delivery} from @param {SessionStore} sessions */
  _heard(answer, from, sessions) {
    if (sessions === this._sessions) {
      // A visitor's session is merged into the user who proved herself, and burned by that.
      if (answer.anonymous_session) sessions.write(answer.anonymous_session);
      else if (answer.identity_verified) sessions.clear();
    }
    if (from === this._delivery) {
      this._person = Object.assign({}, answer.user, { identity_verified: answer.identity_verified });
    }
    if (!answer.receipt) return;
    for (const line of answer.receipt.attributes) {
      if (line.verdict === "ignored") {
        this._once(`${line.name} ${line.reason}`, () =>
          this._warn(`"${line.name}" was ignored (${line.reason}). See ${this._server}/docs/reasons/${line.reason}`));
      }
    }
    this._tell("receipt", answer.receipt);
  }

  /** @param {string} code @param {string} message */
  _refused(code, message) {
    this._warn(`the token was refused (${code}): ${message} See ${this._server}/docs/reasons/${code}`);
    this._tell("rejected", { code, message });
  }

  /** @param {"receipt" | "rejected" | "email"} what @param {unknown} listener */
  _listen(what, listener) {
    if (typeof listener === "function") this._listeners[what].push(listener);
  }

  /** @param {"receipt" | "rejected" | "email"} what @param {unknown} news */
  _tell(what, news) {
    for (const listener of this._listeners[what]) this._callback(listener, news);
  }

  /** @param {unknown} call @param {unknown} argument */
  _callback(call, argument) {
    if (typeof call !== "function") return;
    // After whatever the page is doing, and outside of our own work.
    Promise.resolve().then(() => call(argument)).catch((error) => this._log.error(error));
  }

  /** @param {string} what @param {() => void} say */
  _once(what, say) {
    if (this._said.size > 200 || this._said.has(what)) return;
    this._said.add(what);
    say();
  }

  /** @param {string} text */
  _warn(text) {
    this._log.warn("Avow: " + text);
  }
}
