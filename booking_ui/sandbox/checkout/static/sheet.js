import { call, listen, tell } from "./bridge.js";
import { $, check, groupCard, inkOn, mark, rupees, slashExpiry } from "./fields.js";

const API = "/v1/checkout";
const METHODS = ["card", "upi", "netbanking"];
const NEEDED = { card: ["number", "expiry", "cvv", "name"], upi: ["vpa"], netbanking: ["bank"] };
const SCREENS = ["choose", "bank-page", "waiting", "leaving", "closed"];

let options = null; // what the page asked for
let amount = "";
let payment = null; // {payment_id, token} while one is under way
let screen = "choose";

function show(name) {
  if (name !== "leaving") screen = name;
  for (const id of SCREENS) $(id).hidden = id !== name;
  $(name).querySelector("[tabindex='-1']:is(h2)")?.focus();
}

function notice(text) {
  $("notice").hidden = !text;
  $("notice").textContent = text || "";
}

async function begin(given) {
  $("close").disabled = false; // a press before this would be lost
  options = given;
  dress();
  const session = await call(`${API}/session`, { key: options.key, order_id: options.order_id });
  if (session.error) {
    $("closed-text").textContent = session.error.description;
    return show("closed");
  }
  amount = rupees(session.amount);
  $("sum").textContent = amount;
  for (const button of document.querySelectorAll("main .pay")) button.textContent = `Pay ${amount}`;
  for (const [code, name] of Object.entries(session.banks)) $("bank").append(new Option(name, code));
  offerCards(session.cards);
  show("choose");
  choose(METHODS.includes(options.prefill?.method) ? options.prefill.method : "card");
}

function dress() {
  const name = options.name || "Payment";
  $("shop").textContent = name;
  $("what").textContent = options.description || "";
  $("name").value = options.prefill?.name || "";
  if (options.image) {
    const image = new Image();
    image.src = options.image;
    image.alt = "";
    $("mark").replaceChildren(image);
  } else $("mark").textContent = name.trim().charAt(0);
  const colour = options.theme?.color;
  if (/^#[0-9a-f]{6}$/i.test(colour || "")) {
    document.documentElement.style.setProperty("--brand", colour);
    document.documentElement.style.setProperty("--brand-ink", inkOn(colour));
  }
}

function offerCards({ success, failure }) {
  const groups = [["For Success", Object.entries(success)], ["For Failure, each with its own reason", Object.entries(failure)]];
  for (const [title, cards] of groups) {
    const heading = document.createElement("h3");
    heading.textContent = title;
    $("cards").append(heading, ...onePerLabel(cards).map(cardButton));
  }
}

const onePerLabel = (cards) => cards.filter(([, label], at) => cards.findIndex(([, other]) => other === label) === at);

function cardButton([number, label]) {
  const words = label.replaceAll("_", " ");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: words[0].toUpperCase() + words.slice(1) });
  button.addEventListener("click", () => fillCard(number));
  return button;
}

function fillCard(number) {
  const values = { number, expiry: "12/34", cvv: number.startsWith("34") ? "1234" : "123", name: $("name").value || "Test Patient" };
  for (const [name, value] of Object.entries(values)) {
    $(name).value = value;
    mark(name, "");
  }
  groupCard($("number"));
  $("card").querySelector("details").open = false;
  $("card").querySelector(".pay").focus();
}

function choose(method) {
  for (const name of METHODS) {
    $(name).hidden = name !== method;
    $(`tab-${name}`).setAttribute("aria-selected", String(name === method));
    $(`tab-${name}`).tabIndex = name === method ? 0 : -1;
  }
  $(`tab-${method}`).focus();
}

async function pay(method) {
  notice("");
  if (!check(NEEDED[method])) return;
  const button = $(method).querySelector(".pay");
  button.disabled = true;
  button.textContent = "Contacting your bank…";
  const typed = Object.fromEntries(NEEDED[method].map((name) => [name, $(name).value]));
  const { key, order_id, description, notes, prefill = {} } = options;
  const { email, contact } = prefill;
  const begun = await call(`${API}/payments`, { key, order_id, description, notes, email, contact, method, ...typed });
  button.disabled = false;
  button.textContent = `Pay ${amount}`;
  if (begun.error) return refused(begun.error);
  payment = { payment_id: begun.payment_id, token: begun.token };
  if (begun.next === "wait") wait();
  else openBank(method, begun.bank);
}

function refused(error) {
  if (error.field && $(`${error.field}-problem`)) {
    mark(error.field, error.description);
    $(error.field).focus();
  } else notice(error.description);
}

function openBank(method, bank) {
  $("bank-title").textContent = bank || "Your card’s bank";
  $("bank-text").textContent = `Pay ${amount} to ${options.name || "the shop"}?`;
  $("otp-field").hidden = method !== "card";
  $("otp").value = "1234";
  $("otp-form").dataset.method = method;
  show("bank-page");
}

async function answer(outcome) {
  if (!payment) return;
  const asked = payment;
  const otp = $("otp-form").dataset.method === "card" && outcome === "success" ? { otp: $("otp").value } : {};
  finish(await call(`${API}/payments/${asked.payment_id}/answer`, { token: asked.token, outcome, ...otp }), asked);
}

async function wait() {
  const asked = payment;
  $("waiting-vpa").textContent = $("vpa").value;
  show("waiting");
  for (;;) {
    await new Promise((resume) => setTimeout(resume, 300));
    if (payment !== asked) return;
    const found = await call(`${API}/payments/${asked.payment_id}?token=${asked.token}`);
    const unknown = found.waiting || found.error?.reason === "connection";
    if (!unknown && payment === asked) return finish(found, asked);
  }
}

/** The attempt has ended: the page hears of it; after a failure the sheet stays for another try. */
function finish(answer_, asked) {
  if (answer_.error?.reason === "connection") return notice(answer_.error.description);
  payment = null;
  if (!answer_.error) return tell("success", { answer: answer_, payment: asked });
  tell("failed", { answer: answer_, payment: asked, closes: !options.retry });
  show("choose");
  notice(answer_.error.description);
  $("choose").querySelector("[aria-selected='true']").focus();
}

function askToClose() {
  if (options?.confirm_close && $("leaving").hidden && $("closed").hidden) {
    $("leaving-text").textContent = payment ? "Your bank may still be working on this payment." : "Nothing has been paid yet.";
    show("leaving");
  } else close();
}

function close() {
  // A customer who leaves a bank's page has cancelled; the call outlives this page.
  if (payment) call(`${API}/payments/${payment.payment_id}/answer`, { token: payment.token, outcome: "cancel" });
  tell("dismissed");
}

function trap(event) {
  if (event.key === "Escape") {
    event.preventDefault();
    if (!$("leaving").hidden) show(screen);
    else if (options?.escape !== false) askToClose();
  }
  if (event.key !== "Tab") return;
  const reachable = [...document.querySelectorAll("button, input, select, summary")]
    .filter((item) => item.tabIndex >= 0 && !item.disabled && item.checkVisibility());
  const [first, last] = [reachable[0], reachable.at(-1)];
  const edge = event.shiftKey ? first : last;
  if (document.activeElement !== edge && reachable.includes(document.activeElement)) return;
  if (document.activeElement !== edge && document.activeElement !== document.body) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

function turnTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const now = METHODS.findIndex((name) => $(`tab-${name}`) === event.target);
  choose(METHODS[(now + step + METHODS.length) % METHODS.length]);
}

for (const method of METHODS) {
  $(`tab-${method}`).addEventListener("click", () => {
    notice("");
    choose(method);
  });
  $(`tab-${method}`).addEventListener("keydown", turnTabs);
  $(method).addEventListener("submit", (event) => {
    event.preventDefault();
    pay(method);
  });
  for (const name of NEEDED[method]) $(name).addEventListener("input", () => mark(name, ""));
}
for (const button of document.querySelectorAll("[data-vpa]")) {
  button.addEventListener("click", () => {
    $("vpa").value = button.dataset.vpa;
    mark("vpa", "");
    $("upi").querySelector(".pay").focus();
  });
}
$("use-card").addEventListener("click", () => fillCard("4100280000001007"));
$("number").addEventListener("input", () => groupCard($("number")));
$("expiry").addEventListener("input", (event) => slashExpiry($("expiry"), event));
$("otp-form").addEventListener("submit", (event) => {
  event.preventDefault();
  answer("success");
});
$("failure").addEventListener("click", () => answer("failure"));
$("back").addEventListener("click", () => answer("cancel"));
$("stop-waiting").addEventListener("click", () => answer("cancel"));
$("stay").addEventListener("click", () => show(screen));
$("leave").addEventListener("click", close);
$("close").addEventListener("click", askToClose);
$("closed-close").addEventListener("click", close);
addEventListener("keydown", trap);
listen({ options: begin, close: askToClose });
tell("ready");
