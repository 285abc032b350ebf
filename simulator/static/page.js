// The page around the phones: which numbers there are, and which one the keyboard speaks to.

import { el } from "./drawing.js";
import { FaultsPanel } from "./faults.js";
import { Handset, readable } from "./handset.js";
import { networks } from "./remote.js";
import { StaffPanel } from "./staff.js";

const STORED = "kibeezy.phones";
const FIRST = "+254700000001";
const MOST_PHONES = 8;

const phones = [];
let active = null;
let network = { code: "*384*2030#", shortCode: "20300" };

const row = document.querySelector(".phones");
const tabs = document.querySelector(".tabs");
const adder = document.querySelector("[data-testid=add-phone]");
const form = document.querySelector(".new-phone");
const number = document.querySelector("#new-number");
const complaint = form.querySelector(".complaint");

start();

async function start() {
  try {
    const state = await networks();
    network = { code: state.service_code, shortCode: state.short_code };
  } catch {
    // The phones themselves say that there is no network.
  }
  for (const phone of remembered()) add(phone);
  activate(phones[0]);
  adder.addEventListener("click", () => openForm(form.hidden));
  document.querySelector(".confirm").addEventListener("click", addTyped);
  number.addEventListener("keydown", (event) => {
    if (event.key === "Enter") addTyped();
    if (event.key === "Escape") openForm(false);
  });
  document.addEventListener("keydown", keyDown);
  new FaultsPanel().start();
  new StaffPanel().start();
}

function remembered() {
  const asked = new URLSearchParams(location.search).get("phones");
  const stored = asked ?? localStorage.getItem(STORED) ?? FIRST;
  const known = stored.split(",").map(canonical).filter(Boolean);
  return known.length ? [...new Set(known)].slice(0, MOST_PHONES) : [FIRST];
}

function remember() {
  const list = phones.map(({ phone }) => phone).join(",");
  localStorage.setItem(STORED, list);
  const url = new URL(location);
  if (url.searchParams.has("phones")) {
    url.searchParams.set("phones", list);
    history.replaceState(null, "", url);
  }
}

function add(phone) {
  const handset = new Handset(phone, network);
  handset.root.classList.add(`colour-${phones.length % 4}`);
  handset.root.addEventListener("pointerdown", () => activate(handset));
  handset.root.addEventListener("focusin", () => activate(handset));
  handset.find(".remove").addEventListener("click", () => putAway(handset));
  phones.push(handset);
  row.append(handset.root);
  drawTabs();
  return handset;
}

function putAway(handset) {
  if (phones.length === 1) return;
  phones.splice(phones.indexOf(handset), 1);
  handset.putAway();
  remember();
  activate(phones[0]);
}

function activate(handset) {
  active = handset;
  for (const each of phones) each.root.classList.toggle("active", each === handset);
  row.classList.toggle("several", phones.length > 1);
  drawTabs();
}

function drawTabs() {
  tabs.hidden = phones.length < 2;
  tabs.replaceChildren(...phones.map((handset) => el("button", {
    type: "button",
    className: handset === active ? "here" : "",
    onclick: () => {
      activate(handset);
      handset.root.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
    },
  }, readable(handset.phone))));
}

function openForm(wanted) {
  form.hidden = !wanted;
  adder.setAttribute("aria-expanded", String(wanted));
  complaint.textContent = "";
  if (!wanted) return;
  number.value = readable(unused());
  number.focus();
  number.select();
}

function addTyped() {
  const phone = canonical(number.value);
  if (!phone) {
    complaint.textContent = "A Kenyan mobile number, like 0700 000 002";
    return;
  }
  let handset = phones.find((each) => each.phone === phone);
  if (!handset && phones.length >= MOST_PHONES) {
    complaint.textContent = `There is room for ${MOST_PHONES} phones`;
    return;
  }
  handset ??= add(phone);
  remember();
  openForm(false);
  activate(handset);
  handset.root.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
}

function unused() {
  for (let last = 1; ; last += 1) {
    const phone = `+25470000${String(last).padStart(4, "0")}`;
    if (!phones.some((each) => each.phone === phone)) return phone;
  }
}

function canonical(written) {
  const match = /^(?:\+?254|0)?([17]\d{8})$/.exec(written.replace(/[\s-]/g, ""));
  return match ? `+254${match[1]}` : null;
}

const NAMED_KEYS = {
  Enter: "left", Escape: "right", ArrowUp: "up", ArrowDown: "down", Backspace: "erase",
};

function keyDown(event) {
  if (!active || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(".new-phone, .faults, .staff, .paying, .pay-bill")) return;
  const onButton = event.target instanceof HTMLButtonElement;
  if (onButton && (event.key === "Enter" || event.key === " ")) return;
  const named = NAMED_KEYS[event.key];
  const inField = event.target.matches?.(".view input, .view textarea");
  if (inField && (event.key === "Backspace" || !named)) return;
  if (!named && event.key.length !== 1) return;
  event.preventDefault();
  // On an idle phone Enter calls, as the green key does.
  const idle = active.shown?.kind === "idle";
  active.press(named === "left" && idle ? "call" : named ?? event.key);
}
