// One phone: its keys, its screen, and what it knows from the simulator.

import { write } from "./drawing.js";
import { drawKeys } from "./keys.js";
import { PayBill } from "./paybill.js";
import { Refused, remoteFor } from "./remote.js";
import * as scenes from "./scenes.js";
import { Toast } from "./toast.js";

const POLL_MILLISECONDS = 700;

export class Handset {
  constructor(phone, { code, shortCode }) {
    Object.assign(this, { phone, code, shortCode });
    this.remote = remoteFor(phone);
    this.local = "idle";
    this.draft = "";
    this.busy = "";
    this.cursor = 0;
    this.opened = null;
    this.words = "";
    this.state = null;

    this.root = document.querySelector("#handset-template").content.firstElementChild
      .cloneNode(true);
    this.root.dataset.phone = phone;
    this.root.setAttribute("aria-label", `Phone ${readable(phone)}`);
    this.find(".number").textContent = readable(phone);
    this.toast = new Toast(this.find(".toast"));
    drawKeys(this);
    new PayBill(this);
    this.live = true;
    // The keys work before the simulator has been asked for the first time.
    this.render();
    this.poll();
  }

  find(selector) { return this.root.querySelector(selector); }

  putAway() {
    this.live = false;
    this.root.remove();
  }

  async poll() {
    if (!this.live) return;
    if (!document.hidden) await this.refresh();
    setTimeout(() => this.poll(), POLL_MILLISECONDS);
  }

  async refresh() {
    try {
      const asked = this.changes;
      const state = await this.remote.state();
      // An answer that set out before the last key was pressed is old news.
      if (asked === this.changes) this.take(state);
      this.root.classList.remove("lost");
    } catch {
      this.root.classList.add("lost");
    }
    this.render();
  }

  take(state) {
    if (this.toast.sees(state.inbox)) this.buzz();
    if (state.prompt && !this.state?.prompt) this.buzz();
    this.state = state;
  }

  scene() {
    if (this.busy) return scenes.sending(this.busy);
    if (this.state?.waiting) return scenes.sending();
    if (this.state?.open) return scenes.dialog(this);
    // A prompt comes over the last page of a dialog, as it does on a real phone.
    if (this.state?.prompt) return scenes.prompt(this);
    if (this.state?.dialog) return scenes.lastPage(this);
    if (this.local === "message" && !this.state?.inbox.some(({ id }) => id === this.opened)) {
      this.local = "inbox";
    }
    return scenes[this.local](this);
  }

  render() {
    const scene = this.scene();
    if (scene.key !== this.shown?.key) {
      if (scene.kind !== "dialling" || this.shown?.kind !== "idle") this.draft = "";
      this.show(scene);
    }
    this.shown = scene;
    this.paintAround(scene);
  }

  show(scene) {
    const view = this.find(".view");
    view.className = `view ${scene.kind}`;
    view.replaceChildren(...scene.draw().filter(Boolean));
    this.showLetters(scene.letters === true);
    view.scrollTop = 0;
    view.querySelector(".here")?.scrollIntoView({ block: "nearest" });
    if (scene.focus && this.root.classList.contains("active")) this.focusField();
  }

  paintAround(scene) {
    for (const side of ["left", "right"]) {
      const [label] = scene[side];
      this.find(`.softlabel.${side}`).textContent = label;
      this.find(`.soft.${side}`).setAttribute("aria-label", label || "Soft key");
    }
    // The phone goes by the network's clock, which may stand.
    const now = new Date(this.state?.now ?? Date.now());
    const time = now.toLocaleTimeString("en-GB", {
      hour: "2-digit", minute: "2-digit", timeZone: "Africa/Nairobi",
    });
    write(this.find(".small-time"), scene.kind === "idle" ? "" : time);
    write(this.find(".big-time"), time);
    write(this.find(".date"), now.toLocaleDateString("en-GB", {
      weekday: "long", day: "numeric", month: "long", timeZone: "Africa/Nairobi",
    }));
    this.find(".envelope").hidden = !this.state?.unread;
    const balance = this.state?.mpesa_balance ?? 0;
    write(this.find(".wallet"), `M-PESA KES ${balance.toLocaleString("en-KE")} · PIN 1234`);
    write(this.find(".guide"), scene.guide ?? this.greeting(scene));
  }

  greeting(scene) {
    if (this.root.classList.contains("lost")) return "No network: the simulator does not answer.";
    if (scene.kind === "dialling") return "Press the green key to call.";
    if (scene.kind === "idle") return `Press the green key to call ${this.code}`;
    return "";
  }

  // Keys

  press(key) {
    const { left, right, move } = this.shown;
    switch (key) {
      case "left": left[1](); break;
      case "right": right[1](); break;
      case "ok": left[1](); break;
      case "up": this.move(move, -1); break;
      case "down": this.move(move, 1); break;
      case "call": this.call(); break;
      case "end": this.end(); break;
      case "erase": this.erase(); break;
      case "letters": this.showLetters(this.find(".letters").hidden); break;
      default: this.put(key);
    }
    this.render();
  }

  put(character) {
    if (this.shown.kind === "idle") {
      if (!/[\d*#+]/.test(character)) return;
      this.local = "dialling";
      this.draft = character;
      this.render();
      return;
    }
    const input = this.input();
    if (!input || input.value.length >= input.maxLength) return;
    this.draft = input.value += capitalise(input.value, character);
    input.scrollLeft = input.scrollWidth;
  }

  erase() {
    const input = this.input();
    if (!input) return;
    this.draft = input.value = input.value.slice(0, -1);
    if (this.shown.kind === "dialling" && !this.draft) this.go("idle");
  }

  move(move, step) {
    if (move) move(step);
    else this.find(".view .page")?.scrollBy({ top: step * 40, behavior: "smooth" });
  }

  call() {
    switch (this.shown.kind) {
      case "idle": return this.dial(this.code);
      case "dialling": return this.draft ? this.dial(this.draft) : this.dial(this.code);
      default: return this.shown.left[1]();
    }
  }

  end() {
    if (this.state?.prompt) return this.cancelPrompt();
    return this.state?.dialog ? this.hangUp() : this.go("idle");
  }

  // What the keys do

  go(name) {
    this.local = name;
    if (name !== "message" && name !== "inbox") this.cursor = 0;
    this.render();
  }

  dial(code) {
    this.go("idle");
    return this.during("Sending", () => this.remote.dial(code));
  }

  send() {
    const keys = this.draft;
    return this.during("Sending", () => this.remote.type(keys));
  }

  hangUp() {
    this.local = "idle";
    return this.during("", () => this.remote.hangUp());
  }

  async enterPin() {
    const pin = this.draft;
    if (!pin) return;
    await this.during("Sending", async () => {
      const { result_code: code } = await this.remote.enterPin(pin);
      await this.remote.hangUp();
      this.say(scenes.outcome(code));
    });
  }

  cancelPrompt() {
    return this.during("", async () => {
      await this.remote.cancelPrompt();
      await this.remote.hangUp();
      this.say("M-PESA: cancelled. No money was taken.");
    });
  }

  write() {
    const text = this.draft.trim();
    if (!text) return undefined;
    return this.during("Sending", async () => {
      const { status } = await this.remote.write(text);
      this.say(status === 200 ? "Message sent" : "Message not sent. Try again later.");
    });
  }

  open(id) {
    this.opened = id;
    this.go("message");
    return this.during("", () => this.remote.read(id));
  }

  openNewest() {
    const unread = this.state.inbox.filter(({ read }) => !read);
    this.toast.hide();
    return unread.length === 1 ? this.open(unread[0].id) : this.go("inbox");
  }

  say(words) {
    this.words = words;
    this.local = "notice";
  }

  async during(words, action) {
    if (this.busy) return;
    this.busy = words;
    this.changes = (this.changes ?? 0) + 1;
    this.render();
    try {
      await action();
    } catch (error) {
      if (!(error instanceof Refused)) this.say("Connection problem. Try again.");
    }
    this.changes += 1;
    // The page that the key brought is shown before the phone listens again.
    try {
      this.take(await this.remote.state());
    } catch {
      this.root.classList.add("lost");
    }
    this.busy = "";
    this.render();
  }

  // Around the screen

  buzz() {
    const shell = this.find(".shell");
    shell.classList.remove("buzz");
    requestAnimationFrame(() => shell.classList.add("buzz"));
  }

  showLetters(wanted) {
    this.find(".letters").hidden = !wanted;
    this.find(".keypad").hidden = wanted;
    const toggle = this.find("[data-key=letters]");
    toggle.textContent = wanted ? "123" : "ABC";
    toggle.setAttribute("aria-pressed", String(wanted));
  }

  input() { return this.find(".view input, .view textarea"); }

  focusField() { this.input()?.focus({ preventScroll: true }); }
}

export function readable(phone) {
  return phone.replace(/^\+254(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3");
}

function capitalise(before, character) {
  return before === "" || before.endsWith(" ") ? character : character.toLowerCase();
}
