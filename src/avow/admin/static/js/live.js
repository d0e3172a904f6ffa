/* How does a page stay live? One event stream tells what has something new; the parts that show it ask again.

   - A part says what it shows (data-live="rules traffic") and how it is asked for (htmx, on the event `live`).
   - The page says which versions it has seen (data-seen), so that what changed before the stream began is told too.
   - While the window is hidden there is no stream: a browser has few connections for one host.
   - A part in which somebody is typing, or a dialog is open, waits until she is done. */

(() => {
  "use strict";

  let stream = null;
  let topics = "";
  const waiting = new Set();

  const parts = () => [...document.querySelectorAll("[data-live]")];

  const isBusy = (part) =>
    part.querySelector("dialog[open]") !== null ||
    (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"));

  const renew = (part) => {
    if (!isBusy(part)) {
      waiting.delete(part.id);
      htmx.trigger(part, "live");
    } else {
      waiting.add(part.id);
    }
  };

  const heard = (topic) => {
    for (const part of parts()) {
      if (part.dataset.live.split(" ").includes(topic)) renew(part);
    }
  };

  const close = () => {
    if (stream) stream.close();
    stream = null;
    document.documentElement.classList.remove("is-live");
  };

  const open = () => {
    const wanted = [...new Set(parts().flatMap((part) => part.dataset.live.split(" ")))].sort().join(" ");
    if (stream && wanted === topics && stream.readyState !== EventSource.CLOSED) return;
    close();
    topics = wanted;
    const place = document.body.dataset.liveAt;
    if (!wanted || !place || document.hidden) return;
    const seen = [...document.querySelectorAll("[data-seen]")].map((part) => part.dataset.seen).join(" ");
    stream = new EventSource(`${place}?on=${encodeURIComponent(wanted)}&seen=${encodeURIComponent(seen)}`);
    stream.addEventListener("open", () => document.documentElement.classList.add("is-live"));
    stream.addEventListener("error", () => document.documentElement.classList.remove("is-live"));
    stream.addEventListener("renew", (event) => heard(event.data));
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
    } else {
      open();
      parts().forEach(renew);
    }
  });
  document.addEventListener("focusout", () => {
    setTimeout(() => parts().filter((part) => waiting.has(part.id)).forEach(renew), 0);
  });
  document.addEventListener("close", () => parts().filter((part) => waiting.has(part.id)).forEach(renew), true);
  document.addEventListener("htmx:afterSettle", open);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
})();
