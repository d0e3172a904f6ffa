/**
 * What did the page say? Intercom's settings taken apart: whom it is about, what is to be stored, and what only concerns
 * the page itself.
 *
 * Source: contract of Intercom's Messenger settings; Avow's docs/reference/browser.md.
 */

/** Settings that the script itself goes by. */
const HEEDED = new Set("app_id getToken installation_type".split(" "));

/** Names that Intercom keeps for its Messenger, and why nothing comes of each here. All others are attributes. */
const KEPT_BACK = new Map([
  ["api_base", "the script speaks to the server that it came from"],
  ["auth_tokens", "nothing here acts with the tokens of other services"],
  ["installation_version", "the script knows its own"],
  ["last_request_at", "the server sees for itself when somebody is here"],
  ["page_title", "pages are known by their addresses"],
  ["session_duration", "visitors are known equally long on all pages"],
]);
for (const name of ("action_color alignment background_color custom_launcher_selector hide_default_launcher " +
  "hide_notifications horizontal_padding link_color messenger_style_id theme_mode vertical_padding widget z_index").split(" ")) {
  KEPT_BACK.set(name, "it is for the look of a panel, of which there is none");
}

/** Settings that say whom it is about. */
export const IDENTITY = new Set("user_id email user_hash intercom_user_jwt token".split(" "));

/**
 * @typedef {Object} Identity
 * @property {string | undefined} userId what the page calls the user, outside any token
 * @property {string | undefined} email the same, where there is no user id
 * @property {string | undefined} userHash
 * @property {string | undefined} jwt
 */

/**
 * What a page has said. A name whose value is `undefined` was not said, as in JSON: pages write `user_id: user?.id`.
 *
 * @param {unknown} raw
 * @returns {import("./types.js").Settings}
 */
export function saidIn(raw) {
  /** @type {Record<string, unknown>} */
  const said = {};
  if (typeof raw !== "object" || Array.isArray(raw)) return said;
  Object.assign(said, raw);
  for (const name of Object.keys(said)) if (said[name] === undefined) delete said[name];
  return said;
}

/**
 * @param {import("./types.js").Settings} settings
 * @returns {Identity}
 */
export function identityOf(settings) {
  return {
    userId: text(settings.user_id),
    email: text(settings.email),
    userHash: text(settings.user_hash),
    jwt: text(settings.intercom_user_jwt) || text(settings.token),
  };
}

/**
 * Everything that may become an attribute. `email` is one as well as a name. What is left out is told: names that
 * Intercom keeps for itself, and what JSON has no words for, which would travel as `null` and clear what is known.
 *
 * @param {import("./types.js").Settings} settings
 * @param {(name: string, text: string) => void} tell
 * @returns {Record<string, unknown>}
 */
export function attributesOf(settings, tell) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const name of Object.keys(settings)) {
    const value = settings[name];
    if (name === "getToken" && value && typeof value !== "function") tell(name, "getToken is no function, and is not asked.");
    if (IDENTITY.has(name) && name !== "email") {
      if (value !== null && value !== "" && !text(value)) tell(name, `"${name}" is nothing that names anybody (${typeof value}).`);
      continue;
    }
    if (HEEDED.has(name)) continue;
    const why = KEPT_BACK.get(name);
    if (why) tell(name, `"${name}" was not sent: it is one of Intercom's settings, not an attribute; ${why}.`);
    else if (value instanceof Date && isFinite(+value)) found[name] = Math.floor(+value / 1000);
    else if (isSendable(value)) found[name] = value;
    else if (typeof value === "string") tell(name, `"${name}" was left out: it holds half a character, or U+0000.`);
    else tell(name, `"${name}" is nothing that can be sent (${typeof value}); it was left out.`);
  }
  return found;
}

/**
 * Who it is about, as one text: updates of one person form one queue.
 *
 * @param {Identity} identity
 * @returns {string}
 */
export function personOf(identity) {
  const userId = identity.userId || userOf(identity.jwt);
  if (userId) return "user:" + userId;
  return identity.email ? "email:" + identity.email : "visitor";
}

/**
 * Whom a token names, as the server reads it.
 *
 * @param {string | undefined} jwt
 * @returns {string | undefined} nobody where it is a number beyond what JavaScript can tell from its neighbours
 */
export function userOf(jwt) {
  const claim = claimOf(jwt, "user_id");
  return typeof claim === "string" || Number.isSafeInteger(claim) ? text(claim) : undefined;
}

/**
 * A claim of a token, read without believing it: the server decides what is true.
 *
 * @param {string | undefined} jwt
 * @param {string} name
 * @returns {string | number | undefined}
 */
export function claimOf(jwt, name) {
  try {
    const payload = /** @type {string} */ (jwt).split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes))[name];
    return typeof value === "string" || typeof value === "number" ? value : undefined;
  } catch (_) {
    return undefined;
  }
}

/** @param {unknown} value @returns {string | undefined} */
function text(value) {
  if (typeof value === "bigint" || (typeof value === "number" && isFinite(value))) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @param {unknown} value @returns {boolean} whether JSON has words for it, and the server takes its letters */
export function isSendable(value) {
  if (typeof value === "number") return isFinite(value);
  try {
    if (typeof value === "string") return encodeURIComponent(value).indexOf("%00") < 0;
    return typeof value !== "function" && JSON.stringify(value) !== undefined;
  } catch (_) {
    return false;
  }
}
