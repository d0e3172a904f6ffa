/*! Avow 0.1.0, Apache-2.0. Made from browser/src by `make browser`. */
// src/transport.js
var KEEPALIVE = 60 * 1024;
var PATIENCE = 2e4;
async function post(url, fields) {
  const body = new URLSearchParams(fields).toString();
  const stop = typeof AbortController === "function" ? new AbortController() : void 0;
  const timer = setTimeout(() => stop && stop.abort(), PATIENCE);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      credentials: "omit",
      mode: "cors",
      keepalive: body.length < KEEPALIVE,
      signal: stop && stop.signal
    });
    const wait = Number(response.headers.get("retry-after"));
    return { status: response.status, body: await response.json().catch(() => null), retryAfter: wait || void 0 };
  } catch (_) {
    return { status: 0, body: null, retryAfter: void 0 };
  } finally {
    clearTimeout(timer);
  }
}
function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}

// src/delivery.js
var RETRIES = 6;
var EVENTS_AT_ONCE = 20;
var MOST_EVENTS = 200;
var Delivery = class {
  /**
   * @param {string} person
   * @param {import("./token.js").TokenSource} tokens
   * @param {Surroundings} world
   * @param {Promise<unknown>} after what has to be over first
   */
  constructor(person, tokens, world, after) {
    this.person = person;
    this.tokens = tokens;
    this.claims = {};
    this._world = world;
    this._after = after;
    this._parcel = void 0;
    this._events = [];
    this._eventParcel = void 0;
    this._free = false;
    this._failures = 0;
    this._timer = void 0;
    this._turn = Promise.resolve();
    this._running = false;
  }
  /**
   * Have attributes delivered; none at all is a sign of life.
   *
   * @param {Record<string, unknown>} attributes
   * @param {boolean} counts whether the page's budget of updates pays for it
   */
  update(attributes, counts) {
    this._parcel = { attributes: Object.assign({}, this._parcel && this._parcel.attributes, attributes), key: freshKey() };
    if (!counts) this._free = true;
    this._begin();
  }
  /** @param {string} name @param {unknown} metadata */
  track(name, metadata) {
    if (this._events.length >= MOST_EVENTS) {
      this._world.warn(`more than ${MOST_EVENTS} events are waiting; "${name}" was not kept.`);
      return;
    }
    this._events.push({ name, metadata });
    this._begin();
  }
  /** Try again now: the network is back, or there is another token. */
  wake() {
    this._failures = 0;
    if (this._parcel || this._events.length || this._eventParcel) this._begin();
  }
  /** The page ends: what waits goes out now, with the token there is. @returns {Promise<void>} */
  leave() {
    this._world.cancel(this._timer);
    const parcel = this._parcel;
    const events = this._eventParcel || this._cut();
    if (!parcel && !events) return this._turn;
    this._parcel = this._eventParcel = void 0;
    const send = async (jwt) => {
      const told = events && this._post("events", this._eventFields(events), jwt);
      if (parcel) this._settle(await this._post("ping", this._pingFields(parcel), jwt), parcel);
      await told;
    };
    return this.tokens.jwt ? send(this.tokens.jwt) : this.tokens.current().then(send);
  }
  _begin() {
    this._world.cancel(this._timer);
    if (this._running) return;
    this._running = true;
    this._turn = this._after.then(() => this._run()).then(() => {
      this._running = false;
    });
  }
  async _run() {
    while (this._parcel || this._events.length || this._eventParcel) {
      const wait = this._parcel && !this._free ? this._world.throttle.take() : 0;
      if (wait > 0) {
        this._world.warn(`20 updates in 30 minutes are used up; the newest state goes out in ${Math.ceil(wait / 6e4)} min.`);
        return this._again(wait);
      }
      const jwt = await this.tokens.current();
      if (this.tokens.failing && !jwt) {
        if (this.tokens.renewable) return this._again(this._pause());
        return this._world.onRefused("token_unavailable", "getToken failed, so nobody can be proven to be here");
      }
      const parcel = this._parcel;
      const goesOn = parcel ? await this._deliver(parcel, jwt) : await this._deliverEvents(jwt);
      if (!goesOn) return;
    }
  }
  /** @param {Parcel} parcel @param {string | undefined} jwt @returns {Promise<boolean>} whether to go on at once */
  async _deliver(parcel, jwt) {
    this._parcel = void 0;
    this._free = false;
    const answer = await this._post("ping", this._pingFields(parcel), jwt);
    if (this._settle(answer, parcel)) return true;
    const newer = (
      /** @type {Parcel | undefined} */
      this._parcel
    );
    this._parcel = newer ? { attributes: Object.assign({}, parcel.attributes, newer.attributes), key: newer.key } : parcel;
    this._free = true;
    return this._recover(answer, jwt);
  }
  /** @param {string | undefined} jwt @returns {Promise<boolean>} */
  async _deliverEvents(jwt) {
    const parcel = this._eventParcel = this._eventParcel || this._cut();
    if (!parcel) return true;
    const answer = await this._post("events", this._eventFields(parcel), jwt);
    if (answer.status === 0 || answer.status === 401 || answer.status === 429 || answer.status >= 500) {
      return this._recover(answer, jwt);
    }
    this._eventParcel = void 0;
    this._failures = 0;
    if (answer.status !== 200) this._complain(answer, "Events were");
    return true;
  }
  _cut() {
    const events = this._events.splice(0, EVENTS_AT_ONCE);
    return events.length ? { events, key: freshKey() } : void 0;
  }
  /**
   * What a parcel's answer means for it.
   *
   * @param {import("./transport.js").Answer} answer
   * @param {Parcel} parcel
   * @returns {boolean} whether it is done with
   */
  _settle(answer, parcel) {
    if (answer.status === 200 && answer.body) {
      this._failures = 0;
      this.tokens.believed();
      this._world.onAnswer(answer.body, this);
      return true;
    }
    if (answer.status === 401 || answer.status === 0 || answer.status === 429 || answer.status >= 500) return false;
    this._complain(answer, Object.keys(parcel.attributes).length ? "An update was" : "This page was");
    return true;
  }
  /** @param {import("./transport.js").Answer} answer @param {string | undefined} jwt @returns {Promise<boolean>} */
  async _recover(answer, jwt) {
    if (answer.status === 401) {
      if (await this.tokens.replace(jwt)) return true;
      const { code, message } = problemOf(answer);
      this._world.onRefused(code, message);
      return false;
    }
    this._failures += 1;
    if (this._failures > RETRIES) {
      this._world.warn("the server does not answer; what was not delivered goes out with the next update.");
      return false;
    }
    this._again(answer.retryAfter ? answer.retryAfter * 1e3 : this._pause());
    return false;
  }
  /** @returns {number} milliseconds, twice as long each time, and a little different in every browser */
  _pause() {
    return 1e3 * Math.pow(2, Math.max(0, this._failures - 1)) * (1 + Math.random() / 4);
  }
  /** @param {number} wait */
  _again(wait) {
    this._timer = this._world.later(() => this._begin(), wait);
  }
  /** @param {import("./transport.js").Answer} answer @param {string} what */
  _complain(answer, what) {
    const { code, message } = problemOf(answer);
    this._world.warn(`${what} refused (${code}): ${message} See ${this._world.server}/docs/reasons/${code}`);
  }
  /** @param {string} route @param {Record<string, string>} fields @param {string | undefined} jwt */
  _post(route, fields, jwt) {
    const userData = Object.assign({}, JSON.parse(fields.user_data), this.claims, jwt ? { intercom_user_jwt: jwt } : {});
    return post(`${this._world.server}/messenger/web/${route}`, Object.assign({}, this._world.page(), fields, {
      user_data: JSON.stringify(userData)
    }));
  }
  /** @param {Parcel} parcel @returns {Record<string, string>} */
  _pingFields(parcel) {
    return { user_data: JSON.stringify(parcel.attributes), "Idempotency-Key": parcel.key };
  }
  /** @param {{ events: TrackedEvent[], key: string }} parcel @returns {Record<string, string>} */
  _eventFields(parcel) {
    const data = parcel.events.map(({ name, metadata }) => ({ event_name: name, metadata }));
    return { user_data: "{}", event_list: JSON.stringify({ data }), "Idempotency-Key": parcel.key };
  }
};
function problemOf(answer) {
  const first = answer.body && answer.body.errors && answer.body.errors[0] || {};
  return { code: String(first.code || "unavailable"), message: String(first.message || `the server answered ${answer.status}.`) };
}

// src/settings.js
var PAGE_ONLY = new Set(
  "app_id api_base custom_launcher_selector alignment vertical_padding horizontal_padding z_index hide_default_launcher hide_notifications session_duration action_color background_color link_color theme_mode messenger_style_id installation_type installation_version widget widgetUrl region page_title last_request_at auth_tokens getToken server".split(" ")
);
var IDENTITY = new Set("user_id email user_hash intercom_user_jwt token".split(" "));
function identityOf(settings) {
  return {
    userId: text(settings.user_id),
    email: text(settings.email),
    userHash: text(settings.user_hash),
    jwt: text(settings.intercom_user_jwt) || text(settings.token)
  };
}
function attributesOf(settings, warn) {
  const found = {};
  for (const name of Object.keys(settings)) {
    const value = settings[name];
    if (IDENTITY.has(name) && name !== "email" || PAGE_ONLY.has(name) || value === void 0) continue;
    if (value instanceof Date && isFinite(+value)) found[name] = Math.floor(+value / 1e3);
    else if (isSendable(value)) found[name] = value;
    else warn(`"${name}" is nothing that can be sent (${typeof value}); it was left out.`);
  }
  return found;
}
function personOf(identity) {
  const userId = identity.userId || claimOf(identity.jwt, "user_id");
  if (userId) return "user:" + userId;
  return identity.email ? "email:" + identity.email : "visitor";
}
function claimOf(jwt, name) {
  try {
    const payload = (
      /** @type {string} */
      jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")
    );
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes))[name];
    return typeof value === "string" || typeof value === "number" ? value : void 0;
  } catch (_) {
    return void 0;
  }
}
function text(value) {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : void 0;
}
function isSendable(value) {
  if (typeof value === "number") return isFinite(value);
  try {
    return typeof value !== "function" && JSON.stringify(value) !== void 0;
  } catch (_) {
    return false;
  }
}

// src/storage.js
var LASTS = 270 * 24 * 3600 * 1e3;
var SessionStore = class {
  /** @param {string} appId @param {() => number} now */
  constructor(appId, now) {
    this._name = "avow-session-" + appId;
    this._now = now;
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
    this._session = session;
    try {
      localStorage.setItem(this._name, JSON.stringify({ session, until: this._now() + LASTS }));
    } catch (_) {
    }
  }
  clear() {
    this._session = null;
    try {
      localStorage.removeItem(this._name);
    } catch (_) {
    }
  }
};

// src/throttle.js
var MOST = 20;
var WINDOW = 30 * 60 * 1e3;
var Throttle = class {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this._now = now;
    this._sent = [];
  }
  /**
   * Count one update.
   *
   * @returns {number} milliseconds until it may go out; 0: now
   */
  take() {
    const now = this._now();
    this._sent = this._sent.filter((at) => at > now - WINDOW);
    if (this._sent.length >= MOST) return this._sent[0] + WINDOW - now;
    this._sent.push(now);
    return 0;
  }
};

// src/token.js
var MARGIN = 15;
var TRIES = 3;
var TokenSource = class {
  /** @param {() => number} now milliseconds */
  constructor(now) {
    this._now = now;
    this.jwt = void 0;
    this._getToken = void 0;
    this._fetching = void 0;
    this._failures = 0;
    this.failing = false;
  }
  /**
   * What the page says now. A new token ends every doubt about the one before.
   *
   * @param {string | undefined} jwt
   * @param {unknown} getToken
   */
  give(jwt, getToken) {
    if (typeof getToken === "function") this._getToken = /** @type {() => unknown} */
    getToken;
    if (jwt !== void 0) {
      this.jwt = jwt;
      this.failing = false;
    }
    this._failures = 0;
  }
  /** Whether another one may be fetched now. @returns {boolean} */
  get renewable() {
    return this._getToken !== void 0 && this._failures < TRIES;
  }
  /** @returns {Promise<string | undefined>} a token that has not ended as far as one can see */
  async current() {
    if (this._ended() && this.renewable) await this._renewed();
    return this.jwt;
  }
  _ended() {
    const ends = claimOf(this.jwt, "exp");
    return this.jwt === void 0 || typeof ends === "number" && ends - MARGIN <= this._now() / 1e3;
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
    if (this._fetching === void 0) {
      this._fetching = this._fetched().then(({ jwt, failed }) => {
        this._fetching = void 0;
        if (failed) this._failures += 1;
        else if (this.jwt === before) this.jwt = jwt;
        this.failing = failed;
      });
    }
    return this._fetching;
  }
  /** @returns {Promise<{ jwt: string | undefined, failed: boolean }>} no token without a failure: nobody is logged in */
  async _fetched() {
    try {
      const jwt = await /** @type {() => unknown} */
      this._getToken();
      if (jwt === null || jwt === void 0 || jwt === "") return { jwt: void 0, failed: false };
      return { jwt: String(jwt), failed: false };
    } catch (_) {
      return { jwt: void 0, failed: true };
    }
  }
};

// src/messenger.js
var PANEL = "show hide showSpace showMessages showNewMessage showArticle showNews showTicket showConversation startTour startSurvey startChecklist startConversation hideNotifications onShow onHide".split(" ");
var Messenger = class {
  /**
   * @param {string} server the server's origin, such as `https://avow.example.com`
   * @param {string | undefined} appId the workspace, where the page names none
   * @param {Pick<Console, "warn" | "info" | "error">} log
   */
  constructor(server, appId, log) {
    this._server = server;
    this._defaultApp = appId;
    this._log = log;
    this._booted = false;
    this._appId = "";
    this._settings = {};
    this._delivery = void 0;
    this._sessions = void 0;
    this._person = null;
    this._throttle = new Throttle(Date.now);
    this._said = /* @__PURE__ */ new Set();
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
      return void 0;
    }
  }
  /** @param {string} method @param {any[]} rest @returns {unknown} */
  _dispatch(method, rest) {
    switch (method) {
      case "boot":
        return this.boot(rest[0] || {});
      case "update":
        return this.update(rest[0] || {});
      case "shutdown":
        return this.shutdown();
      case "trackEvent":
        return this.trackEvent(rest[0], rest[1]);
      case "getVisitorId":
        return this._person ? this._person.anonymous_id : void 0;
      case "whoami":
        return this._person;
      case "ready":
        return this._callback(rest[0], void 0);
      case "reattach_activator":
        return void 0;
      case "setAuthTokens":
        return void 0;
      case "onUnreadCountChange":
        return this._callback(rest[0], 0);
      case "onUserEmailSupplied":
        return this._listen("email", rest[0]);
      case "onReceipt":
        return this._listen("receipt", rest[0]);
      case "onTokenRejected":
        return this._listen("rejected", rest[0]);
    }
    if (PANEL.indexOf(method) < 0) return this._warn(`there is no method "${method}".`);
    return this._once("panel", () => this._log.info(`Avow: "${method}" does nothing, for there is no panel to show.`));
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
  /** Forget who was here. What was said of her before is still delivered. */
  shutdown() {
    if (this._delivery) this._delivery.leave();
    if (this._sessions) this._sessions.clear();
    this._delivery = this._sessions = void 0;
    this._settings = {};
    this._person = null;
    this._booted = false;
  }
  /** @param {unknown} name @param {unknown} metadata */
  trackEvent(name, metadata) {
    if (typeof name !== "string" || name === "") return this._warn("trackEvent takes the event's name first.");
    if (!this._delivery) return this._warn(`the event "${name}" came before boot; it was not kept.`);
    this._delivery.track(name, metadata === void 0 ? {} : metadata);
  }
  /** The page shows another address. */
  moved() {
    if (this._delivery && this._booted) this._delivery.update({}, true);
  }
  /** The page ends, or may: browsers do not always say so. */
  leave() {
    if (this._delivery) this._delivery.leave();
  }
  /** The network is back. */
  wake() {
    if (this._delivery) this._delivery.wake();
  }
  /** @param {import("./types.js").Settings} settings @param {boolean} counts */
  _say(settings, counts) {
    this._settings = Object.assign({}, this._settings, settings);
    const identity = identityOf(this._settings);
    const person = personOf(identity);
    let delivery = this._delivery;
    if (!delivery || delivery.person !== person) delivery = this._turnTo(person, settings);
    delivery.tokens.give(identityOf(settings).jwt, settings.getToken);
    delivery.claims = { user_id: identity.userId, email: identity.email, user_hash: identity.userHash };
    const supplied = typeof settings.email === "string" && person.slice(0, 5) !== "user:";
    if (supplied) this._tell("email", settings.email);
    delivery.update(attributesOf(settings, (text2) => this._warn(text2)), counts);
  }
  /** @param {string} person @param {import("./types.js").Settings} settings @returns {Delivery} */
  _turnTo(person, settings) {
    const before = this._delivery;
    const tokens = new TokenSource(Date.now);
    if (before && !("intercom_user_jwt" in settings)) delete this._settings.intercom_user_jwt;
    tokens.give(identityOf(this._settings).jwt, this._settings.getToken);
    const over = before ? before.leave().catch(() => void 0) : Promise.resolve();
    const sessions = (
      /** @type {SessionStore} */
      this._sessions
    );
    const page = () => this._page(sessions);
    this._delivery = new Delivery(person, tokens, {
      server: this._server,
      page,
      throttle: this._throttle,
      onAnswer: (answer, from) => this._heard(answer, from, sessions),
      onRefused: (code, message) => this._refused(code, message),
      warn: (text2) => this._warn(text2),
      later: (call2, wait) => setTimeout(call2, wait),
      cancel: (timer) => clearTimeout(timer)
    }, over);
    return this._delivery;
  }
  /** @param {SessionStore} sessions @returns {Record<string, string>} */
  _page(sessions) {
    const session = sessions.read();
    const type = this._settings.installation_type;
    const fields = {
      app_id: this._appId,
      referer: location.href.split("#")[0].slice(0, 2048),
      r: document.referrer.slice(0, 255),
      platform: "web",
      installation_type: typeof type === "string" ? type : "js-snippet",
      installation_version: "0.1.0"
    };
    if (session) fields.anonymous_session = session;
    return fields;
  }
  /** @param {any} answer @param {Delivery} from @param {SessionStore} sessions */
  _heard(answer, from, sessions) {
    if (from === this._delivery) {
      if (answer.anonymous_session) sessions.write(answer.anonymous_session);
      else if (answer.identity_verified) sessions.clear();
      this._person = Object.assign({}, answer.user, { identity_verified: answer.identity_verified });
    }
    if (!answer.receipt) return;
    for (const line of answer.receipt.attributes) {
      if (line.verdict === "ignored") {
        this._once(`${line.name} ${line.reason}`, () => this._warn(`"${line.name}" was ignored (${line.reason}). See ${this._server}/docs/reasons/${line.reason}`));
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
  _callback(call2, argument) {
    if (typeof call2 !== "function") return;
    Promise.resolve().then(() => call2(argument)).catch((error) => this._log.error(error));
  }
  /** @param {string} what @param {() => void} say */
  _once(what, say) {
    if (this._said.size > 200 || this._said.has(what)) return;
    this._said.add(what);
    say();
  }
  /** @param {string} text */
  _warn(text2) {
    this._log.warn("Avow: " + text2);
  }
};

// src/page.js
function watch(messenger2) {
  let address = location.pathname + location.search;
  const moved = () => {
    const now = location.pathname + location.search;
    if (now !== address) {
      address = now;
      messenger2.moved();
    }
  };
  const navigation = (
    /** @type {any} */
    window.navigation
  );
  if (navigation && navigation.addEventListener) navigation.addEventListener("currententrychange", moved);
  else addEventListener("popstate", moved);
  addEventListener("online", () => messenger2.wake());
  addEventListener("pagehide", () => messenger2.leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") messenger2.leave();
    else messenger2.wake();
  });
}

// src/package.js
var messenger;
var waiting = [];
function Intercom(settings) {
  if (typeof window === "undefined" || messenger) return;
  if (!settings || !settings.server) {
    console.warn("Avow: server is missing; name your Avow server's address.");
    return;
  }
  messenger = new Messenger(new URL(settings.server).origin, settings.app_id, console);
  messenger.call("boot", [Object.assign({ installation_type: "npm-package" }, settings)]);
  for (const [method, ...rest] of waiting) messenger.call(method, rest);
  waiting = [];
  watch(messenger);
}
var package_default = Intercom;
function call(method, ...rest) {
  if (messenger) return messenger.call(method, rest);
  if (waiting.length < 100) waiting.push([method, ...rest]);
  return void 0;
}
var boot = (settings) => call("boot", settings);
var update = (settings) => call("update", settings);
var shutdown = () => call("shutdown");
var trackEvent = (name, metadata) => call("trackEvent", name, metadata);
var getVisitorId = () => call("getVisitorId");
var whoami = () => call("whoami");
var ready = (callback) => call("ready", callback);
var onUserEmailSupplied = (callback) => call("onUserEmailSupplied", callback);
var onReceipt = (callback) => call("onReceipt", callback);
var onTokenRejected = (callback) => call("onTokenRejected", callback);
var onUnreadCountChange = (callback) => call("onUnreadCountChange", callback);
var onShow = (callback) => call("onShow", callback);
var onHide = (callback) => call("onHide", callback);
var show = () => call("show");
var hide = () => call("hide");
var showSpace = (space) => call("showSpace", space);
var showMessages = () => call("showMessages");
var showNewMessage = (text2) => call("showNewMessage", text2);
var startConversation = (text2) => call("startConversation", text2);
var showArticle = (id) => call("showArticle", id);
var showNews = (id) => call("showNews", id);
var showTicket = (id) => call("showTicket", id);
var showConversation = (id) => call("showConversation", id);
var startTour = (id) => call("startTour", id);
var startSurvey = (id) => call("startSurvey", id);
var startChecklist = (id) => call("startChecklist", id);
var hideNotifications = (hidden) => call("hideNotifications", hidden);
export {
  Intercom,
  boot,
  package_default as default,
  getVisitorId,
  hide,
  hideNotifications,
  onHide,
  onReceipt,
  onShow,
  onTokenRejected,
  onUnreadCountChange,
  onUserEmailSupplied,
  ready,
  show,
  showArticle,
  showConversation,
  showMessages,
  showNewMessage,
  showNews,
  showSpace,
  showTicket,
  shutdown,
  startChecklist,
  startConversation,
  startSurvey,
  startTour,
  trackEvent,
  update,
  whoami
};
