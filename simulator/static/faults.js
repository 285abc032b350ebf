// The panel that lets the networks misbehave and moves a clock that stands.

import { el, write } from "./drawing.js";
import { clock, faults } from "./remote.js";

const POLL_MILLISECONDS = 1500;
const NONE = "";
const HOW_OFTEN = [["1", "once"], ["2", "twice"], ["5", "5 times"], ["", "always"]];
const PLACES = {
  ussd: "USSD", sms: "SMS", sms_report: "SMS report", sms_inbound: "SMS in", oauth: "Token",
  b2c: "Payout", b2c_result: "Payout result", c2b: "Pay bill", sim_swap: "SIM swap",
  infobip: "SMS, Infobip",
};

export class FaultsPanel {
  constructor() {
    this.root = document.querySelector(".faults");
    this.opener = document.querySelector(".open-faults");
    this.rows = {};
  }

  async start() {
    this.opener.addEventListener("click", () => this.open(this.root.hidden));
    // Nobody's click is lost while the page is still beginning.
    this.opener.disabled = false;
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.open(false);
      this.opener.focus();
    });
    this.find(".clear-faults").addEventListener("click", () => this.clearAll());
    this.find(".stop-clock").addEventListener("click", () => this.during(async () => {
      const { now, stands } = await clock.read();
      await clock.stand(stands ? null : now);
    }));
    for (const step of this.root.querySelectorAll("[data-seconds]")) {
      step.addEventListener("click", () => this.during(
        () => clock.advance(Number(step.dataset.seconds))));
    }
    await this.during(async () => this.drawRows(await faults.known()));
    this.poll();
  }

  find(selector) { return this.root.querySelector(selector); }

  open(wanted) {
    this.root.hidden = !wanted;
    this.opener.setAttribute("aria-expanded", String(wanted));
    if (wanted) this.focusFirst();
  }

  focusFirst() { this.find("select")?.focus(); }

  async poll() {
    if (!document.hidden) await this.during(() => {});
    setTimeout(() => this.poll(), POLL_MILLISECONDS);
  }

  drawRows(known) {
    this.known = known;
    this.find(".places").replaceChildren(...Object.keys(known).map((place) => this.row(place)));
    // Whoever opened the panel before its rows came still waits at the door.
    if (!this.root.hidden && !this.root.contains(document.activeElement)) this.focusFirst();
  }

  row(place) {
    const label = PLACES[place] ?? spelled(place[0].toUpperCase() + place.slice(1));
    const names = [[NONE, "as it should be"],
                   ...Object.keys(this.known[place]).map((name) => [name, spelled(name)])];
    const what = select(`fault-${place}`, names, `What goes wrong: ${label}`);
    const often = select(`often-${place}`, HOW_OFTEN, `How often: ${label}`);
    const words = el("p", { className: "words" });
    what.addEventListener("change", () => this.order(place));
    // Alone, how often says nothing yet: it counts with the fault that is chosen after it.
    often.addEventListener("change", () => what.value !== NONE && this.order(place));
    const root = el("li", {},
      el("label", { htmlFor: what.id }, label), what, often, words);
    this.rows[place] = { root, what, often, words };
    return root;
  }

  order(place) {
    const { what, often } = this.rows[place];
    const times = often.value === "" ? null : Number(often.value);
    return this.during(() => faults.put({
      [place]: what.value === NONE ? null : { fault: what.value, times },
    }));
  }

  clearAll() {
    return this.during(() => faults.put(
      Object.fromEntries(Object.keys(this.rows).map((place) => [place, null]))));
  }

  // Does something, and then shows what is in force, whoever ordered it.
  async during(action) {
    const changed = this.changes = (this.changes ?? 0) + 1;
    try {
      await action();
      const [inForce, moment] = await Promise.all([faults.inForce(), clock.read()]);
      if (changed !== this.changes) return;
      this.showFaults(inForce);
      this.showClock(moment);
      write(this.find(".complaint"), "");
    } catch (error) {
      write(this.find(".complaint"), error.message);
    }
  }

  showFaults(inForce) {
    const number = Object.keys(inForce).length;
    write(this.opener.querySelector("b"), number ? String(number) : "");
    this.find(".clear-faults").disabled = number === 0;
    for (const [place, { root, what, words }] of Object.entries(this.rows)) {
      const { fault = NONE, times = null } = inForce[place] ?? {};
      root.classList.toggle("in-force", fault !== NONE);
      if (what.value !== fault) what.value = fault;
      const left = times === null ? "until cleared" : `${times} to come`;
      const told = (this.known[place][fault] ?? "").replaceAll("`", "");
      write(words, fault === NONE ? "" : `${told} · ${left}`);
    }
  }

  showClock({ now, stands }) {
    const time = new Date(now).toLocaleString("en-GB", {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
      second: "2-digit", timeZone: "Africa/Nairobi",
    });
    write(this.find(".moment"), stands ? `Stands at ${time}` : "Runs by this machine");
    write(this.find(".stop-clock"), stands ? "Let it run" : "Stop it");
    this.find(".steps").hidden = !stands;
  }
}

function select(testid, options, name) {
  return el("select", { id: testid, ariaLabel: name, dataset: { testid } },
    ...options.map(([value, text]) => el("option", { value }, text)));
}

function spelled(name) {
  return name.replaceAll("_", " ");
}
