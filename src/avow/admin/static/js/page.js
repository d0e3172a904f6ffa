/* What does every page do by itself? It tells the server zone and colours, copies, closes what was opened, and leads to
   what is wrong with a form. */

(() => {
  "use strict";

  const keep = (name, value) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  };

  /** The zone is known before anything is shown that depends on it: it is told on the way in. */
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`avow_zone=${encodeURIComponent(zone)}`)) keep("avow_zone", zone);

  const chooseTheme = (theme) => {
    keep("avow_theme", theme);
    document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  const say = (text) => {
    const place = document.getElementById("said");
    if (place) place.textContent = text;
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const text = source.dataset.text ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      say("Selected. Press Ctrl or Command and C to copy.");
      return;
    }
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = "Copied";
    say("Copied");
    setTimeout(() => (label.textContent = before), 1600);
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, a, summary");
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
    if (!target) return;
    if (target.dataset.themeChoice) chooseTheme(target.dataset.themeChoice);
    if (target.dataset.copy) copy(target);
    if (target.dataset.dismiss !== undefined) target.closest(".toast, .banner").remove();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.drop[open], details.top[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  /** What she has opened stays open when its part of the page is renewed. */
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", () => {
    unfolded = [...document.querySelectorAll("details[open][id]")].map((one) => one.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of unfolded) {
      const one = document.getElementById(id);
      if (one && !one.classList.contains("drop")) one.open = true;
    }
  });

  /** An answer that tells of a fault, and has not the part that was asked for, takes nothing off the page. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const part = requestConfig.elt.closest("[hx-select]")?.getAttribute("hx-select");
    if (xhr.status < 400 || !part) return;
    const found = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(part);
    if (!found) event.detail.shouldSwap = false;
  });

  /** Where something is wrong: the first field that is marked and can be seen, else the banner that says so. */
  const wrongIn = (root) => {
    const marked = [...root.querySelectorAll('[aria-invalid="true"]')];
    for (const one of marked) one.closest("details:not([open])")?.setAttribute("open", "");
    const seen = marked.find((one) => one.getClientRects().length > 0);
    if (!seen) return root.querySelector("#fault, form .banner.bad[role=alert]");
    if (!seen.matches("fieldset")) return seen;
    return seen.querySelector("input:checked") ?? seen.querySelector("input");
  };

  /** A form that comes back with a fault leads to it: whoever sees only the page's end would think that it is done. */
  const lead = (root) => {
    const wrong = wrongIn(root);
    if (!wrong) return;
    wrong.focus({ preventScroll: true });
    (wrong.closest(".field, fieldset") ?? wrong).scrollIntoView({ block: "center" });
  };

  /** A dialog that it stands in is opened first (dialogs.js), so it is led to in a moment. */
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => lead(document)));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.xhr?.status >= 400) setTimeout(() => lead(event.target));
  });

  /** A search field is sent while it is typed into, by htmx; a list that filters sends itself when it is changed. */
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-send-at-once]")) event.target.form.requestSubmit();
  });
})();
