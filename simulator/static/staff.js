// The one-time codes of a demo's staff, as the apps on their phones show them.

import { el, write } from "./drawing.js";
import { staffCodes } from "./remote.js";

const EACH_MILLISECONDS = 1000;
const SAID_MILLISECONDS = 1500;

export class StaffPanel {
  constructor() {
    this.root = document.querySelector(".staff");
    this.opener = document.querySelector(".open-staff");
    this.rows = new Map();
  }

  // Where nobody's phone is here, there is nothing to open.
  async start() {
    const listed = await this.read();
    if (listed.length === 0) return;
    this.opener.hidden = false;
    this.opener.addEventListener("click", () => this.open(this.root.hidden));
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.open(false);
      this.opener.focus();
    });
    this.show(listed);
    setInterval(async () => {
      if (!document.hidden && !this.root.hidden) this.show(await this.read());
    }, EACH_MILLISECONDS);
  }

  async open(wanted) {
    if (wanted) this.show(await this.read());
    this.root.hidden = !wanted;
    this.opener.setAttribute("aria-expanded", String(wanted));
    if (wanted) this.root.querySelector("button")?.focus();
  }

  async read() {
    try {
      return await staffCodes();
    } catch {
      return [];
    }
  }

  show(listed) {
    for (const { email, code, seconds_left: left } of listed) {
      const row = this.rows.get(email) ?? this.add(email);
      write(row.code, `${code.slice(0, 3)} ${code.slice(3)}`);
      write(row.left, `${left} s`);
      row.bar.value = left;
      row.copy.dataset.code = code;
    }
  }

  add(email) {
    const row = {
      code: el("output", { className: "code", ariaLabel: `Code of ${email}`, ariaLive: "off" }),
      left: el("span", { className: "left" }),
      bar: el("progress", { max: 30, ariaLabel: "Seconds left" }),
      copy: el("button", { type: "button", ariaLabel: `Copy the code of ${email}` }, "Copy"),
    };
    row.copy.addEventListener("click", () => this.copy(row.copy));
    this.root.querySelector("ul").append(el("li", {},
      el("span", { className: "whose" }, email), row.code, row.copy, row.bar, row.left));
    this.rows.set(email, row);
    return row;
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.code);
      write(button, "Copied");
    } catch {
      write(button, "Type it");
    }
    setTimeout(() => write(button, "Copy"), SAID_MILLISECONDS);
  }
}
