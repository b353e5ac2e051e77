/* The sandbox's stand-in for checkout.razorpay.com/v1/checkout.js: same options, same events. */
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[src*="/v1/checkout.js"]');
  const ORIGIN = new URL(script.src).origin;
  const STYLE = `
    dialog.rzp-sandbox { position: fixed; inset: auto 0 0 0; width: 100%; max-width: none; height: min(700px, 94dvh);
      max-height: none; margin: 0; padding: 0; border: 0; border-radius: 16px 16px 0 0; overflow: hidden;
      background: Canvas; color-scheme: light dark; box-shadow: 0 -8px 40px rgb(0 0 0 / .25); }
    dialog.rzp-sandbox::backdrop { background: var(--rzp-backdrop, rgb(10 14 20 / .6)); }
    dialog.rzp-sandbox iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @media (min-width: 640px) {
      dialog.rzp-sandbox { inset: 0; margin: auto; width: 420px; height: min(680px, 94dvh); border-radius: 16px;
        box-shadow: 0 24px 64px rgb(0 0 0 / .35); } }
    @media (prefers-reduced-motion: no-preference) {
      dialog.rzp-sandbox[open] { animation: rzp-rise .18s ease-out; }
      @keyframes rzp-rise { from { transform: translateY(16px); opacity: 0; } } }`;

  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  class Razorpay {
    constructor(options) {
      for (const name of ["key", "order_id"]) if (!options || !options[name]) throw new Error(`No ${name} passed.`);
      this.options = options;
      this.listeners = {};
    }

    on(name, listener) {
      (this.listeners[name] ||= []).push(listener);
      return this;
    }

    open() {
      if (this.dialog) return;
      this.token = random();
      this.receive = (event) => this.#received(event);
      addEventListener("message", this.receive);
      document.body.append((this.dialog = this.#build()));
      this.before = document.activeElement;
      this.dialog.showModal();
      if (this.options.timeout > 0) this.timer = setTimeout(() => this.#dismissed(), this.options.timeout * 1000);
    }

    close() {
      if (this.dialog) this.#dismissed();
    }

    #build() {
      const dialog = document.createElement("dialog");
      dialog.className = "rzp-sandbox";
      dialog.setAttribute("aria-modal", "true");
      dialog.setAttribute("aria-label", `Pay ${this.options.name || "the shop"} (test payments)`);
      const colour = this.options.theme?.backdrop_color;
      if (colour) dialog.style.setProperty("--rzp-backdrop", colour);
      const style = document.createElement("style");
      style.textContent = STYLE;
      this.frame = document.createElement("iframe");
      this.frame.title = "Payment sheet";
      this.frame.allow = "payment";
      this.frame.src = `${ORIGIN}/v1/checkout/public?${new URLSearchParams({ origin: location.origin, token: this.token })}`;
      dialog.append(style, this.frame);
      // Esc and a click beside the sheet ask the sheet: it knows whether a payment is under way.
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        if (this.options.modal?.escape !== false) this.#send("close");
      });
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog && this.options.modal?.backdropclose) this.#send("close");
      });
      return dialog;
    }

    #send(type, data) {
      this.frame.contentWindow.postMessage({ sandbox: this.token, type, data }, ORIGIN);
    }

    #received(event) {
      const fromSheet = event.origin === ORIGIN && event.source === this.frame.contentWindow;
      if (!fromSheet || event.data?.sandbox !== this.token) return;
      const { type, data } = event.data;
      if (type === "ready") this.#send("options", this.#plainOptions());
      else if (type === "dismissed") this.#dismissed();
      else if (type === "success") this.#succeeded(data);
      else if (type === "failed") this.#failed(data);
    }

    /** Only what can be sent and what the sheet shows; functions stay here. */
    #plainOptions() {
      const o = this.options;
      const wanted = { key: o.key, order_id: o.order_id, name: o.name, description: o.description, image: o.image,
        prefill: o.prefill, notes: o.notes, theme: o.theme, timeout: o.timeout, retry: o.retry?.enabled !== false && o.retry !== false,
        escape: o.modal?.escape !== false, confirm_close: Boolean(o.modal?.confirm_close),
        leaves: Boolean(o.callback_url && o.redirect) };
      return JSON.parse(JSON.stringify(wanted));
    }

    #succeeded({ answer, payment }) {
      this.#remove();
      if (this.options.callback_url) this.#leave(payment);
      else this.options.handler?.(answer);
    }

    #failed({ answer, payment, closes }) {
      if (this.options.callback_url && this.options.redirect) {
        this.#remove();
        return this.#leave(payment);
      }
      for (const listener of this.listeners["payment.failed"] || []) listener(answer);
      if (closes) this.#dismissed();
    }

    #leave({ payment_id, token }) {
      const query = new URLSearchParams({ payment_id, token, callback_url: new URL(this.options.callback_url, location.href) });
      location.assign(`${ORIGIN}/v1/checkout/return?${query}`);
    }

    #dismissed() {
      this.#remove();
      this.options.modal?.ondismiss?.();
    }

    #remove() {
      clearTimeout(this.timer);
      removeEventListener("message", this.receive);
      this.dialog?.remove();
      this.dialog = null;
      this.before?.focus?.();
    }
  }

  window.Razorpay = Razorpay;
})();
