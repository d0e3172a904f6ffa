/**
 * What did the page say? Intercom's settings taken apart: whom it is about, what is to be stored, and what only concerns
 * the page itself.
 *
 * Source: contract of Intercom's Messenger settings; Avow's docs/reference/browser.md.
 */

/** Settings of a Messenger's look and loading: they are for the page alone and never sent. */
const PAGE_ONLY = new Set(
  ("app_id api_base custom_launcher_selector alignment vertical_padding horizontal_padding z_index " +
    "hide_default_launcher hide_notifications session_duration action_color background_color link_color theme_mode " +
    "messenger_style_id installation_type installation_version widget widgetUrl region page_title last_request_at " +
    "auth_tokens getToken server").split(" "),
);

/** Settings that say whom it is about. */
const IDENTITY = new Set("user_id email user_hash intercom_user_jwt token".split(" "));

/**
 * @typedef {Object} Identity
 * @property {string | undefined} userId what the page calls the user, outside any token
 * @property {string | undefined} email the same, where there is no user id
 * @property {string | undefined} userHash
 * @property {string | undefined} jwt
 */

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
 * Everything that may become an attribute. `email` is one as well as a name. What JSON has no words for is reported: it
 * would travel as `null`, and clear what is known.
 *
 * @param {import("./types.js").Settings} settings
 * @param {(text: string) => void} warn
 * @returns {Record<string, unknown>}
 */
export function attributesOf(settings, warn) {
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const name of Object.keys(settings)) {
    const value = settings[name];
    if ((IDENTITY.has(name) && name !== "email") || PAGE_ONLY.has(name) || value === undefined) continue;
    if (value instanceof Date && isFinite(+value)) found[name] = Math.floor(+value / 1000);
    else if (isSendable(value)) found[name] = value;
    else warn(`"${name}" is nothing that can be sent (${typeof value}); it was left out.`);
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
  const userId = identity.userId || claimOf(identity.jwt, "user_id");
  if (userId) return "user:" + userId;
  return identity.email ? "email:" + identity.email : "visitor";
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
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @param {unknown} value @returns {boolean} whether JSON has words for it */
export function isSendable(value) {
  if (typeof value === "number") return isFinite(value);
  try {
    return typeof value !== "function" && JSON.stringify(value) !== undefined;
  } catch (_) {
    return false;
  }
}
