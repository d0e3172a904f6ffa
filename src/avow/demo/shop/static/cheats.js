// Each cheat: what it is called, what Mallory hopes, what she types, and the request that follows from it.

const { app, avow, who } = document.body.dataset;

const CHEATS = [
  {
    name: "Change the plan from the console",
    hope: "The page may update attributes, so why not this one?",
    code: 'Intercom("update", { plan: "enterprise" })',
    user: () => ({ user_id: who, plan: "enterprise" }),
  },
  {
    name: "Put it beside a valid token",
    hope: "The token is real; perhaps nobody looks at what comes along with it.",
    code: "{ intercom_user_jwt: <your own>, plan: \"enterprise\" }",
    user: (tokens) => ({ intercom_user_jwt: tokens.honest, plan: "enterprise" }),
  },
  {
    name: "Forge a signature",
    hope: "Sign with a secret of one's own, under the right key's name.",
    code: "jwt.sign({ plan: \"enterprise\" }, \"a guess\")",
    user: (tokens) => ({ intercom_user_jwt: tokens.forged }),
  },
  {
    name: "Say that no signature is needed",
    hope: "alg: none is in the standard, after all.",
    code: "{ alg: \"none\" }",
    user: (tokens) => ({ intercom_user_jwt: tokens.unsigned }),
  },
  {
    name: "Use a token that has expired",
    hope: "It said enterprise, during the trial.",
    code: "{ intercom_user_jwt: <from the trial> }",
    user: (tokens) => ({ intercom_user_jwt: tokens.expired }),
  },
  {
    name: "Use yesterday's token after a downgrade",
    hope: "It is still valid for weeks, and it says enterprise.",
    code: "{ intercom_user_jwt: <yesterday's> }",
    user: (tokens) => ({ intercom_user_jwt: tokens.yesterday }),
  },
  {
    name: "Use somebody else's token",
    hope: "Her token, my user id.",
    code: "{ intercom_user_jwt: <another customer's>, user_id: <mine> }",
    user: (tokens) => ({ intercom_user_jwt: tokens.others, user_id: who }),
  },
  {
    name: "Turn a user hash into a signature",
    hope: "Both are HMAC-SHA256. Have the backend hash a user id that is a token's signed part.",
    code: "token = text + \".\" + base64url(user_hash(text))",
    user: (tokens) => ({ intercom_user_jwt: tokens.hashed }),
  },
  {
    name: "Squat on a name",
    hope: "A second attribute that looks like plan, for people to read.",
    code: 'Intercom("update", { "Plan": "enterprise" })',
    user: (tokens) => ({ intercom_user_jwt: tokens.honest, "Plan": "enterprise" }),
  },
  {
    name: "Flood it",
    hope: "Three hundred requests; perhaps one slips through.",
    code: 'for (let i = 0; i < 300; i++) Intercom("update", { plan: "enterprise" })',
    user: () => ({ user_id: who, plan: "enterprise" }),
    times: 300,
  },
];

async function ping(user) {
  const body = JSON.stringify({ app_id: app, user_data: user, referer: location.href });
  const answer = await fetch(`${avow}/messenger/web/ping`, {
    method: "POST", headers: { "content-type": "application/json" }, body,
  });
  return { status: answer.status, body: await answer.json() };
}

/** What came of it, in one line each: [word, name, reason]. */
function outcome({ status, body }) {
  if (status !== 200) return [["refused", `HTTP ${status}`, body.errors[0].code]];
  const lines = (body.receipt ? body.receipt.attributes : []).filter((line) => line.channel !== "observed");
  return lines.map((line) => [line.verdict, line.name, line.reason]);
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function show(list, lines) {
  list.replaceChildren(...lines.map(([word, name, reason, times]) => {
    const item = element("li", "", { class: word });
    item.append(element("strong", word), ` ${name} `);
    if (reason) {
      item.append(element("a", reason, { href: `${avow}/docs/reasons/${reason}`, target: "_blank", rel: "noopener" }));
    }
    if (times > 1) item.append(` × ${times}`);
    return item;
  }));
}

async function fire(cheat, list, told, button) {
  button.disabled = true;
  told.replaceChildren();
  try {
    const { tokens } = await (await fetch("/pockets")).json();
    const counted = new Map();
    for (let sent = 0; sent < (cheat.times || 1); sent += 20) {
      const some = Math.min(20, (cheat.times || 1) - sent);
      const answers = await Promise.all(Array.from({ length: some }, () => ping(cheat.user(tokens))));
      for (const line of answers.flatMap(outcome)) {
        const key = JSON.stringify(line);
        counted.set(key, (counted.get(key) || 0) + 1);
      }
    }
    show(list, [...counted].map(([key, times]) => [...JSON.parse(key), times]));
  } catch (error) {
    show(list, [["failed", "Avow did not answer", null]]);
  }
  const line = (await look()).find(({ name }) => name === "plan");
  if (line) told.replaceChildren("Acme's team sees ", element("b", `plan: ${line.value}`), `, ${line.state}.`);
  button.disabled = false;
}

for (const cheat of CHEATS) {
  const item = element("li", "");
  const button = element("button", "Fire", { type: "button", "aria-label": `Fire: ${cheat.name}` });
  const status = element("div", "", { role: "status" });
  const list = element("ul", "", { class: "outcome" });
  const told = element("p", "", { class: "seen" });
  status.append(list, told);
  button.disabled = !who;
  button.addEventListener("click", () => fire(cheat, list, told, button));
  const head = element("div", "", { class: "head" });
  const text = element("div", "");
  text.append(element("h2", cheat.name), element("p", cheat.hope));
  head.append(text, button);
  item.append(head, element("code", cheat.code), status);
  document.getElementById("cheats").append(item);
}

const WORDS = { verified: "Verified", unverified: "Unverified", contradicted: "Contradicted" };
let shown = "";
let looks = 0;
let newest = 0;

/** What Acme's team sees now, which is shown unless a later look was answered before; nothing if nobody answers. */
async function look() {
  if (!who || document.hidden) return [];
  const number = ++looks;
  let seen = [];
  try {
    const answer = await fetch("/team");
    if (!answer.ok) return [];
    seen = (await answer.json()).attributes;
  } catch (error) {
    return [];
  }
  if (number > newest) {
    newest = number;
    paint(seen);
  }
  return seen;
}

function paint(seen) {
  const text = JSON.stringify(seen);
  if (text === shown) return;
  shown = text;
  document.getElementById("team").hidden = seen.length === 0;
  document.getElementById("team-empty").hidden = seen.length > 0;
  document.querySelector("#team tbody").replaceChildren(...seen.map((line) => {
    const row = element("tr", "");
    const value = element("td", "");
    // Addresses break after their parts, not within a word.
    value.append(...String(line.value ?? "—").split(/(?<=[@./])/).flatMap((part) => [part, element("wbr", "")]));
    row.append(element("th", line.name, { scope: "row" }), value);
    const state = element("td", "");
    state.append(element("span", WORDS[line.state], { class: `state ${line.state}` }));
    if (line.times) {
      state.append(element("small", `the browser claims “${line.claimed}”${line.times > 1 ? `, ${line.times} times` : ""}`));
    }
    row.append(state);
    return row;
  }));
}

look();
setInterval(look, 1000);
