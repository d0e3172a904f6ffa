/**
 * `avow-messenger`: the same Messenger for a bundler, with the interface of `@intercom/messenger-js-sdk`. Nothing is
 * loaded at run time; `server` says where Avow is.
 */

import { Messenger } from "./messenger.js";
import { watch } from "./page.js";
import { serverOf } from "./transport.js";

/** @type {Messenger | undefined} */
let messenger;
/** @type {unknown[][]} */
let waiting = [];

/**
 * Begin, again after a `shutdown`. Other later calls do nothing, so that a component may render again. `region` and
 * `widgetUrl` lead Intercom's package to a server; here `server` does.
 *
 * @param {import("./types.js").Settings & { server: string, region?: string, widgetUrl?: string }} settings
 */
export function Intercom(settings) {
  if (typeof window === "undefined" || (messenger && messenger.booted)) return;
  const base = settings && baseOf(settings.server);
  if (!base) {
    console.warn('Avow: server is missing; name your Avow server\'s address, such as "https://avow.example.com".');
    return;
  }
  const { server, region, widgetUrl, ...rest } = settings;
  const told = Object.assign({ installation_type: "npm-package" }, rest);
  if (messenger) {
    messenger.call("boot", [told]);
    return;
  }
  if (region || widgetUrl) console.info("Avow: region and widgetUrl lead nobody anywhere; server says where Avow is.");
  messenger = new Messenger(base, settings.app_id, console);
  messenger.call("boot", [told]);
  for (const [method, ...rest] of waiting) messenger.call(method, rest);
  waiting = [];
  watch(messenger);
}

export default Intercom;

/** @param {unknown} server @returns {string | undefined} */
function baseOf(server) {
  try {
    const address = new URL(String(server));
    return /^https?:$/.test(address.protocol) ? serverOf(address) : undefined;
  } catch (_) {
    return undefined;
  }
}

/** @param {string} method @param {unknown[]} rest @returns {any} */
function call(method, ...rest) {
  // Where pages are rendered on a server there is nobody to speak of, and one process serves many.
  if (typeof window === "undefined") return undefined;
  if (messenger) return messenger.call(method, rest);
  if (waiting.length < 100) waiting.push([method, ...rest]);
  return undefined;
}

/** @param {import("./types.js").Settings} settings */
export const boot = (settings) => call("boot", settings);
/** @param {import("./types.js").Settings} [settings] */
export const update = (settings) => call("update", settings);
export const shutdown = () => {
  // Before the beginning nobody is here: what waits was said of somebody who has left, but whoever listens goes on.
  if (!messenger) waiting = waiting.filter(([method]) => /^(on|ready)/.test(String(method)));
  else call("shutdown");
};
/** @param {string} name @param {Record<string, unknown>} [metadata] */
export const trackEvent = (name, metadata) => call("trackEvent", name, metadata);
/** @returns {string | undefined} */
export const getVisitorId = () => (messenger ? call("getVisitorId") : undefined);
/** @returns {import("./types.js").Person | null} */
export const whoami = () => (messenger ? call("whoami") : null);
/** @param {() => void} callback */
export const ready = (callback) => call("ready", callback);
/** @param {(email: string) => void} callback */
export const onUserEmailSupplied = (callback) => call("onUserEmailSupplied", callback);
/** @param {(receipt: import("./types.js").Receipt) => void} callback */
export const onReceipt = (callback) => call("onReceipt", callback);
/** @param {(rejection: import("./types.js").Rejection) => void} callback */
export const onTokenRejected = (callback) => call("onTokenRejected", callback);
/** @param {(count: number) => void} callback */
export const onUnreadCountChange = (callback) => call("onUnreadCountChange", callback);
/** @param {() => void} callback */
export const onShow = (callback) => call("onShow", callback);
/** @param {() => void} callback */
export const onHide = (callback) => call("onHide", callback);
export const show = () => call("show");
export const hide = () => call("hide");
/** @param {string} space */
export const showSpace = (space) => call("showSpace", space);
export const showMessages = () => call("showMessages");
/** @param {string} [text] */
export const showNewMessage = (text) => call("showNewMessage", text);
/** @param {string} [text] */
export const startConversation = (text) => call("startConversation", text);
/** @param {string | number} id */
export const showArticle = (id) => call("showArticle", id);
/** @param {string | number} id */
export const showNews = (id) => call("showNews", id);
/** @param {string | number} id */
export const showTicket = (id) => call("showTicket", id);
/** @param {string | number} id */
export const showConversation = (id) => call("showConversation", id);
/** @param {string | number} id */
export const startTour = (id) => call("startTour", id);
/** @param {string | number} id */
export const startSurvey = (id) => call("startSurvey", id);
/** @param {string | number} id */
export const startChecklist = (id) => call("startChecklist", id);
/** @param {boolean} hidden */
export const hideNotifications = (hidden) => call("hideNotifications", hidden);
