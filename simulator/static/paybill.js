// Paying the paybill from a phone: a small form under it, as M-Pesa's own menu would ask.

import { Refused } from "./remote.js";

export class PayBill {
  constructor(handset) {
    this.handset = handset;
    this.opener = handset.find(".pay-bill");
    this.form = handset.find(".paying");
    this.account = handset.find(".account");
    this.amount = handset.find(".amount");
    this.complaint = this.form.querySelector(".complaint");
    this.account.value = handset.phone.replace("+254", "0");
    this.opener.addEventListener("click", () => this.open(this.form.hidden));
    this.form.querySelector(".confirm").addEventListener("click", () => this.pay());
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) this.pay();
      if (event.key === "Escape") this.open(false);
    });
  }

  open(wanted) {
    this.form.hidden = !wanted;
    this.opener.setAttribute("aria-expanded", String(wanted));
    this.complaint.textContent = "";
    if (wanted) this.amount.focus();
    else this.opener.focus();
  }

  async pay() {
    const amount = Number(this.amount.value);
    if (!Number.isInteger(amount) || amount < 1 || !this.account.value.trim()) {
      this.complaint.textContent = "An account number and whole shillings";
      return;
    }
    try {
      const { paid } = await this.handset.remote.payBill(amount, this.account.value.trim());
      if (paid) this.open(false);
      else this.complaint.textContent = "M-PESA: the business did not take it";
    } catch (error) {
      this.complaint.textContent = error instanceof Refused ? error.message : "No network";
    }
    await this.handset.refresh();
  }
}
