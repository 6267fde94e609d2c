// The phone: what its person does goes out as small POSTs, what happens to it comes in as one stream of events.
import { Ear } from "./sound.js";
import { Microphone, pcmOfFile } from "./microphone.js";
import { TreeView } from "./tree.js";

const at = (id) => document.getElementById(id);
const phone = at("phone");
const ear = new Ear();
const tree = new TreeView(at("tree"));
let number = "";
let stream = null;
let answeredAt = 0;
const microphone = new Microphone((pcm) => send("voice", pcm));

const WORDS = {
  ringing: "It rings", calling: "Calling", answered: "In a call", menu: "In a call", prompted: "Press a key",
  record: "Speak now", recorded: "In a call", over: "The call is over", idle: "The phone is on",
};
const STATES = { ringing: "ringing", calling: "talking", answered: "talking", over: "idle", idle: "idle" };

async function send(deed, body = "") {
  const answer = await fetch(`/phone/${number}/${deed}`, { method: "POST", headers: { "X-Phone": "1" }, body });
  if (!answer.ok) note((await answer.json().catch(() => ({}))).error || `The exchange answered ${answer.status}.`);
}

function note(words) { at("note").textContent = words; }

function show(kind) {
  at("state").textContent = WORDS[kind];
  const state = STATES[kind] || phone.dataset.state;
  phone.dataset.state = state;
  at("answer").hidden = at("reject").hidden = state !== "ringing";
  at("hang_up").hidden = state !== "talking";
  at("hold").hidden = state === "ringing" || state === "talking";
  at("dial").hidden = state !== "idle" || !at("dial").dataset.allowed;
}

const TAKERS = {
  ringing: (event) => { at("shown").textContent = `+${event.shown}`; ear.ring(true); fresh(); },
  calling: (event) => { at("shown").textContent = `+${event.shown}`; fresh(); },
  answered: () => { ear.ring(false); answeredAt = Date.now(); },
  sound: (event) => ear.play(`/phone/${number}/sound/${event.sound}.wav`, event.over),
  hush: (event) => ear.hush(event.over),
  webhook: showWebhook,
  over: (event) => {
    ear.ring(false); ear.silence(); microphone.stop(); pressed(); answeredAt = 0;
    at("clock").textContent = `${event.code} ${event.name}, by ${event.source}`;
  },
};

function take(event) {
  if (WORDS[event.kind]) show(event.kind);
  if (TAKERS[event.kind]) TAKERS[event.kind](event);
}

function fresh() {
  note(""); tree.clear(); at("clock").textContent = ""; at("webhooks").replaceChildren();
  at("xml").textContent = "Nothing yet."; at("source").textContent = "";
}

function showWebhook(event) {
  const item = document.createElement("li");
  const details = item.appendChild(document.createElement("details"));
  const summary = details.appendChild(document.createElement("summary"));
  const status = event.status || "nobody";
  summary.textContent = `${event.webhook} ${event.method} ${new URL(event.url).pathname} → ${status}` +
    (event.tries > 1 ? ` (${event.tries} tries)` : "");
  if (!(event.status >= 200 && event.status < 300)) summary.className = "bad";
  const list = details.appendChild(document.createElement("dl"));
  for (const [name, value] of Object.entries(event.params)) {
    list.appendChild(document.createElement("dt")).textContent = name;
    list.appendChild(document.createElement("dd")).textContent = value;
  }
  at("webhooks").prepend(item);
  if (event.node) tree.show(event.node);
  if (["answer", "action", "redirect", "transfer", "fallback"].includes(event.webhook)) {
    at("source").textContent = `${event.webhook} ${event.url}`;
    at("xml").textContent = indented(event.answer);
  }
}

function indented(xml) {
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  if (parsed.querySelector("parsererror")) return xml;
  const lines = [];
  const walk = (element, depth) => {
    const names = [...element.attributes].map((one) => ` ${one.name}="${one.value}"`).join("");
    const margin = "  ".repeat(depth);
    const words = element.children.length ? "" : element.textContent.trim();
    if (!element.children.length) {
      lines.push(words ? `${margin}<${element.tagName}${names}>${words}</${element.tagName}>` : `${margin}<${element.tagName}${names}/>`);
      return;
    }
    lines.push(`${margin}<${element.tagName}${names}>`);
    for (const child of element.children) walk(child, depth + 1);
    lines.push(`${margin}</${element.tagName}>`);
  };
  walk(parsed.documentElement, 0);
  return lines.join("\n");
}

function pressed() { at("microphone").setAttribute("aria-pressed", microphone.isOn ? "true" : "false"); }

at("hold").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  number = at("number").value.trim().replace(/^\+/, "");
  ear.open();
  if (stream) stream.close();
  stream = new EventSource(`/phone/${number}/events`);
  stream.onopen = () => { note(""); at("on").textContent = "Take this number instead"; show("idle"); at("shown").textContent = ""; };
  stream.onmessage = (message) => take(JSON.parse(message.data));
  stream.onerror = () => { phone.dataset.state = "off"; at("on").textContent = "Switch the phone on"; at("state").textContent = "The exchange does not answer."; };
});
for (const deed of ["answer", "reject", "hang_up"]) at(deed).addEventListener("click", () => send(deed));
at("keys").addEventListener("click", (clicked) => {
  const key = clicked.target.dataset.key;
  if (key && phone.dataset.state === "talking") { ear.tone(); send(`key/${encodeURIComponent(key)}`); }
});
at("dial").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  send(`call/${at("called").value.trim().replace(/^\+/, "")}`);
});
at("microphone").addEventListener("click", async () => {
  try {
    await (microphone.isOn ? microphone.stop() : microphone.start());
  } catch (error) {
    note(`The microphone cannot be used: ${error.message}. Say a WAV file instead.`);
  }
  pressed();
});
at("file").addEventListener("change", async () => {
  const [file] = at("file").files;
  at("file").value = "";
  if (!file) return;
  try {
    await send("voice", await pcmOfFile(file));
  } catch (error) {
    note(`${file.name} cannot be played: ${error.message}`);
  }
});
setInterval(() => {
  if (answeredAt) at("clock").textContent = `${Math.floor((Date.now() - answeredAt) / 1000)} s`;
}, 500);

const account = await (await fetch("/phone/account")).json();
if (account.calls_in) at("dial").dataset.allowed = "yes";
for (const one of account.numbers) at("numbers").appendChild(document.createElement("option")).value = one;
if (account.numbers.length) at("called").value = account.numbers[0];
if (account.speed !== 1) note(`The exchange's clock runs ${account.speed} times as fast: sound will be cut short.`);
const wanted = new URLSearchParams(location.search).get("number");
if (wanted) at("number").value = wanted;
at("on").disabled = false;
