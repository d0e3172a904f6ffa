/**
 * When does a page end, move on, or come back? The moments at which something has to be sent.
 */

/** @param {import("./messenger.js").Messenger} messenger */
export function watch(messenger) {
  let address = location.pathname + location.search;
  const moved = () => {
    const now = location.pathname + location.search;
    if (now !== address) {
      address = now;
      messenger.moved();
    }
  };
  const navigation = /** @type {any} */ (window).navigation;
  if (navigation && navigation.addEventListener) navigation.addEventListener("currententrychange", moved);
  else {
    addEventListener("popstate", moved);
    for (const name of /** @type {("pushState" | "replaceState")[]} */ (["pushState", "replaceState"])) {
      const original = history[name];
      history[name] = function (...all) {
        original.apply(this, all);
        moved();
      };
    }
  }
  addEventListener("online", () => messenger.wake());
  addEventListener("pagehide", () => messenger.leave());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") messenger.leave();
    else messenger.wake();
  });
}
