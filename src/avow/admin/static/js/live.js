/* How does a page stay live? One event stream tells what has something new; the parts that show it ask again.

   - A part says what it shows (data-live="rules traffic") and how it is asked for (htmx, on the event `live`).
   - The page says which versions it has seen (data-seen), so that what changed before the stream began is told too.
   - A part is asked for once at a time; what is told meanwhile has it asked for again.
   - While the window is hidden there is no stream: a browser has few connections for one host.
   - A part in which somebody is typing, has chosen something, or has a dialog open, waits until she is done. */

(() => {
  "use strict";

  const AGAIN = 5000;
  let stream = null;
  let topics = "";
  const waiting = new Set();
  const asked = new Set();

  const parts = () => [...document.querySelectorAll("[data-live]")];

  const given = (select) => Math.max([...select.options].findIndex((one) => one.defaultSelected), 0);

  const isChanged = (field) =>
    field.matches("select")
      ? field.selectedIndex !== given(field)
      : field.value !== field.defaultValue || Boolean(field.checked) !== Boolean(field.defaultChecked);

  const isBusy = (part) =>
    part.querySelector("dialog[open]") !== null ||
    (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) ||
    [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(isChanged);

  const answered = (id) => {
    asked.delete(id);
    const part = document.getElementById(id);
    if (part && waiting.has(id)) renew(part);
  };

  const renew = (part) => {
    const id = part.id;
    if (asked.has(id) || isBusy(part)) {
      waiting.add(id);
      return;
    }
    waiting.delete(id);
    asked.add(id);
    const done = () => answered(id);
    htmx.ajax("GET", part.getAttribute("hx-get"), { source: part }).then(done, done);
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
    stream.addEventListener("error", () => {
      document.documentElement.classList.remove("is-live");
      setTimeout(open, AGAIN); // a browser gives up for good where something between answers for the server
    });
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
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.target;
    if (!asked.has(part.id) || !isBusy(part)) return; // she began while it was on its way
    event.detail.shouldSwap = false;
    waiting.add(part.id);
  });
  document.addEventListener("htmx:afterSettle", open);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
})();
