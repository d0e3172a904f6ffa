/**
 * The script behind `/widget/{workspace_id}`: takes over what the page has queued, and becomes `window.Intercom` and
 * `window.Avow`. Those two are all it adds to a page.
 */

import { Messenger } from "./messenger.js";
import { watch } from "./page.js";
import { serverOf } from "./transport.js";

/** @returns {URL | undefined} */
function ownAddress() {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  return script && script.src ? new URL(script.src) : undefined;
}

function install() {
  const page = /** @type {any} */ (window);
  const before = page.Intercom;
  if (before && before.avow) return;
  const address = ownAddress();
  if (!address) {
    console.warn("Avow: nothing is sent, for this script cannot tell where it came from. Load it by <script src>, not as a module.");
    return;
  }
  const messenger = new Messenger(serverOf(address), address.pathname.split("/").pop(), console);
  /** @param {unknown} method @param {unknown[]} rest */
  const Intercom = (method, ...rest) => messenger.call(method, rest);
  Intercom.avow = AVOW_VERSION;
  Intercom.booted = true;
  page.Intercom = page.Avow = Intercom;
  const settings = page.intercomSettings || page.avowSettings;
  if (settings && typeof settings === "object") messenger.call("boot", [settings]);
  const queue = before && before.q;
  if (Array.isArray(queue)) queue.forEach((call) => messenger.call(call[0], Array.prototype.slice.call(call, 1)));
  watch(messenger);
}

try {
  // A browser without these is older than the Messenger itself: the page goes on without.
  if (["fetch", "Promise", "URLSearchParams", "crypto", "TextDecoder"].every((name) => name in window)) install();
} catch (error) {
  console.error("Avow:", error);
}
