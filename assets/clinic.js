/* Work of the browser alone: opening Razorpay, running the countdown, opening dialogs, keeping the search form in step with
   the address, and announcing where a navigation led. No framework, no network of its own except Razorpay's script. */
(() => {
  "use strict";

  const SCRIPT_PATIENCE_MS = 8000;
  const LATE_SECONDS = 120;
  const byId = (id) => document.getElementById(id);

  /* ---- paying ---- */

  const scripts = new Map();

  const loadOnce = (url) => {
    if (window.Razorpay) return Promise.resolve();
    if (!scripts.has(url)) {
      const loading = new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), { src: url, async: true });
        const timer = setTimeout(() => reject(new Error("slow")), SCRIPT_PATIENCE_MS);
        script.onload = () => (clearTimeout(timer), window.Razorpay ? resolve() : reject(new Error("empty")));
        script.onerror = () => (clearTimeout(timer), script.remove(), reject(new Error("blocked")));
        document.head.append(script);
      });
      loading.catch(() => scripts.delete(url)); // the next click tries again
      scripts.set(url, loading);
    }
    return scripts.get(url);
  };

  const ended = (status, answer = {}) => {
    const form = byId("pay-result");
    if (!form) return;
    const fields = ["razorpay_payment_id", "razorpay_order_id", "razorpay_signature"];
    form.elements.status.value = status;
    for (const name of fields) form.elements[name].value = String(answer[name] ?? "");
    form.requestSubmit();
  };

  let paying = false;

  const pay = async (url, options) => {
    if (paying) return; // a second click while the script loads
    paying = true;
    try {
      await loadOnce(url);
      let over = false;
      const once = (status, answer) => {
        if (over) return;
        over = true;
        ended(status, answer);
      };
      const checkout = new window.Razorpay({
        ...options,
        handler: (answer) => once("paid", answer),
        modal: { ...options.modal, ondismiss: () => once("dismissed") },
      });
      // With retry, Checkout stays open until it is closed; without, a failure ends it.
      checkout.on("payment.failed", () => options.retry?.enabled === false && once("dismissed"));
      checkout.open();
    } catch {
      ended("blocked");
    } finally {
      paying = false;
    }
  };

  /* ---- the countdown: <hold-timer>, with the seconds left and those of the whole hold from the server ---- */

  const ends = new Map(); // by what the server said: a page that comes again goes on, and does not begin anew

  class HoldTimer extends HTMLElement {
    connectedCallback() {
      const said = this.querySelector(".hold-left");
      this.watcher = new MutationObserver(() => this.start(said));
      this.watcher.observe(said, { childList: true, characterData: true, subtree: true });
      this.start(said);
    }

    disconnectedCallback() {
      this.watcher.disconnect();
      clearInterval(this.timer);
    }

    start(said) {
      clearInterval(this.timer);
      const heard = `${said.dataset.of} ${said.textContent}`;
      if (!ends.has(heard)) ends.set(heard, Date.now() + Number(said.textContent) * 1000);
      this.ends = ends.get(heard);
      this.done = false;
      this.draw();
      this.timer = setInterval(() => this.draw(), 1000);
    }

    draw() {
      const left = Math.max(0, Math.round((this.ends - Date.now()) / 1000));
      const clock = this.querySelector(".hold-clock");
      if (clock) clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      this.style.setProperty("--left", String(left / Math.max(1, Number(this.querySelector(".hold-total").textContent))));
      this.toggleAttribute("data-late", left <= LATE_SECONDS);
      this.toggleAttribute("data-over", left === 0);
      if (left === LATE_SECONDS) say(byId("announcer")?.dataset.hurry ?? "");
      if (left === 0 && !this.done) {
        this.done = true;
        clearInterval(this.timer);
        // The server rounds down to whole seconds: asked at once, it might still call the slot held.
        this.timer = setTimeout(() => byId("time-up")?.click(), 1500);
      }
    }
  }
  customElements.define("hold-timer", HoldTimer);

  /* ---- dialogs ---- */

  const open = (id) => byId(id)?.showModal();
  const close = (id) => byId(id)?.close();

  document.addEventListener("click", (event) => {
    const at = event.target;
    if (at instanceof HTMLDialogElement && at.open) at.close(); // the backdrop is the dialog itself
    const fill = at instanceof Element && at.closest("[data-fill-email]");
    if (fill) {
      const form = fill.closest("main").querySelector("input[type=password]").form;
      form.closest("details")?.setAttribute("open", "");
      form.elements.email.value = fill.dataset.fillEmail;
      form.elements.password.value = fill.dataset.fillPassword;
      form.querySelector("button[type=submit]").focus();
    }
    // Following an entry closes the menu.
    const menu = at instanceof Element && at.closest(".menu a");
    if (menu) menu.closest(".menu").hidePopover();
  });

  /* ---- strips of days, chips and links: the chosen one is scrolled into sight ---- */

  const CHOSEN = '.strip .day[aria-pressed="true"], .strip .chip:has(:checked), nav.overflow-x-auto [aria-current]:not([aria-current="false"])';

  const shown = new WeakMap(); // a strip that the visitor has scrolled since stays where it is

  const reveal = () => {
    for (const chosen of document.querySelectorAll(CHOSEN)) {
      const strip = chosen.parentElement;
      if (strip.scrollWidth <= strip.clientWidth || shown.get(strip) === chosen) continue;
      shown.set(strip, chosen);
      const off = chosen.getBoundingClientRect().left - strip.getBoundingClientRect().left;
      strip.scrollLeft += off - (strip.clientWidth - chosen.clientWidth) / 2;
    }
  };

  new MutationObserver(reveal).observe(document, {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-pressed", "aria-current"],
  });

  /* ---- the search form: it submits when a choice changes, and its controls show what the address asks ---- */

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.dataset.auto !== undefined && event.target.type !== "search") form.requestSubmit();
  });

  const sync = (moved = false) => {
    const asked = new URLSearchParams(location.search);
    for (const form of document.querySelectorAll("form[data-auto]")) {
      for (const control of form.elements) {
        // A field in use keeps what is being typed, unless Back or Forward asks for another search.
        if (!control.name || (control === document.activeElement && !moved)) continue;
        const value = asked.get(control.name) ?? control.dataset.implied ?? "";
        if (control.type === "radio") control.checked = control.value === value;
        else control.value = value;
      }
    }
    for (const form of document.querySelectorAll("form[data-keep]")) restore(form, asked);
    reveal();
  };

  // A value that is implied, not in the address, is known only once the server has sent it.
  new MutationObserver(() => sync()).observe(document, { subtree: true, attributeFilter: ["data-implied"] });

  /* ---- suggestions while one types: a combobox whose list is ours alone, since the page's framework draws nothing in it ---- */

  const SUGGEST_AFTER_MS = 120;
  const suggested = new Map(); // answers of this page, by address
  let waiting;
  let asking;

  const isSearch = (at) => at instanceof HTMLInputElement && at.dataset.suggest !== undefined;
  const listOf = (field) => byId(field.getAttribute("aria-controls"));

  const choose = (field, option) => {
    for (const one of listOf(field).children) one.setAttribute("aria-selected", String(one === option));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  const fold = (field) => {
    clearTimeout(waiting);
    asking?.abort();
    const list = listOf(field);
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const option = (one, at) => {
    const line = document.createElement("li");
    Object.assign(line, { id: `suggestion-${at}`, role: "option" });
    Object.assign(line.dataset, one.slug ? { slug: one.slug } : { q: one.q });
    line.setAttribute("aria-selected", "false");
    for (const text of [one.label, one.detail]) {
      line.append(Object.assign(document.createElement("span"), { textContent: text }), " ");
    }
    return line;
  };

  const unfold = (field, found) => {
    const list = listOf(field);
    list.replaceChildren(...found.map(option));
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(found.length > 0));
    field.removeAttribute("aria-activedescendant");
    if (found.length) say(field.dataset.suggest.replace("#", found.length));
  };

  const suggest = async (field) => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const asked = new URLSearchParams({ q: field.value, lang: languageOf(location.pathname) });
    const address = `/api/doctors/suggestions?${asked}`;
    try {
      if (!suggested.has(address)) {
        const answer = await fetch(address, { signal, credentials: "omit" });
        if (!answer.ok) return;
        suggested.set(address, (await answer.json()).data);
      }
      if (!signal.aborted && document.activeElement === field) unfold(field, suggested.get(address));
    } catch {
      // No suggestions without a network: the search itself says so.
    }
  };

  const take = (field, line) => {
    fold(field);
    if (line.dataset.slug) {
      const own = languageOf(location.pathname);
      location.assign(`${own === "en" ? "" : `/${own}`}/doctor/${line.dataset.slug}/`);
      return;
    }
    field.value = line.dataset.q;
    field.form.requestSubmit();
  };

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!isSearch(field)) return;
    clearTimeout(waiting);
    if (field.value.trim().length < 2) fold(field);
    else waiting = setTimeout(() => suggest(field), SUGGEST_AFTER_MS);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!isSearch(field) || event.isComposing) return;
    const list = listOf(field);
    const lines = [...list.children];
    const at = lines.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // the field keeps what was typed; a second Escape empties it
      fold(field);
    } else if (event.key === "Enter") {
      if (!list.hidden && at >= 0) {
        event.preventDefault();
        take(field, lines[at]);
      } else fold(field);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) {
        if (field.value.trim().length > 1) suggest(field);
        return;
      }
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Past either end nothing is chosen, and the typed text counts again.
      const next = at < 0 ? (step > 0 ? 0 : lines.length - 1) : at + step;
      choose(field, lines[next]);
    }
  });

  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Element && event.target.closest("[role=listbox]")) event.preventDefault(); // the field keeps the focus
  });

  document.addEventListener("click", (event) => {
    const line = event.target instanceof Element && event.target.closest("[role=option]");
    const field = line && document.querySelector(`[aria-controls="${line.parentElement.id}"]`);
    if (field) take(field, line);
  });

  document.addEventListener("focusout", (event) => {
    if (isSearch(event.target)) fold(event.target);
  });

  document.addEventListener("submit", (event) => {
    const field = event.target.elements.q;
    if (isSearch(field)) fold(field);
  });

  /* ---- fields: hint and problem are tied to their control by ids made here, since a list may repeat a field ---- */

  let fields = 0;
  const tie = () => {
    for (const field of document.querySelectorAll("[data-field]")) {
      const control = field.querySelector("label :is(input, select, textarea)");
      const said = [...field.querySelectorAll(":scope > [data-said]")];
      for (const one of said) one.id ||= `said-${++fields}`;
      if (said.length) control?.setAttribute("aria-describedby", said.map((one) => one.id).join(" "));
      else control?.removeAttribute("aria-describedby");
    }
  };
  new MutationObserver(tie).observe(document, { childList: true, subtree: true });

  /* ---- forms that the server may refuse: what was typed is kept, never the password ---- */

  const KEPT = ["name", "email", "phone"];
  const restored = new WeakMap(); // React may make one control out of another: its name tells which it is

  const restore = (form, asked) => {
    for (const name of KEPT) {
      const control = form.elements[name];
      if (control) restored.set(control, name);
      const typed = asked.has("problem") || asked.has("sent") ? sessionStorage.getItem(`typed-${name}`) : null;
      const value = asked.get(name) ?? typed ?? "";
      const wins = form.dataset.keep === "typed"; // the field starts with the saved value
      if (control && value && (wins || !control.value)) control.value = value;
    }
  };

  // A form, or a field of one, may appear only once the server has sent the page's data.
  new MutationObserver(() => {
    for (const form of document.querySelectorAll("form[data-keep]")) {
      const fresh = KEPT.some((name) => form.elements[name] && restored.get(form.elements[name]) !== name);
      if (fresh) restore(form, new URLSearchParams(location.search));
    }
  }).observe(document, { childList: true, subtree: true });

  /* ---- links of our mails: the page's inline script (layout.py) keeps the secret after the #; it goes into the form only ---- */

  const LINK = "link-token";
  if (new URLSearchParams(location.search).has("done")) sessionStorage.removeItem(LINK);

  /* A form that leaves the page is sent once: the second of two quick taps would be refused, a used code for one. */
  const LEAVES_WITHIN = 8000;
  const leaving = new WeakSet();
  const once = (event, form) => {
    if (leaving.has(form)) {
      event.preventDefault();
      return false;
    }
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    leaving.add(form);
    button?.setAttribute("aria-busy", "true");
    setTimeout(() => {
      leaving.delete(form);
      button?.removeAttribute("aria-busy");
    }, LEAVES_WITHIN);
    return true;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action")?.startsWith("/api/session/sign-out")) for (const name of KEPT) sessionStorage.removeItem(`typed-${name}`);
    if (form.dataset.token !== undefined) form.elements.token.value = sessionStorage.getItem(LINK) ?? "";
    if (form.method === "post" && form.getAttribute("action") && !once(event, form)) return;
    if (form.dataset.keep === undefined) return;
    // A form sent before the page's data has arrived takes the chosen slot and the way back from the address.
    const asked = new URLSearchParams(location.search);
    for (const name of ["slot_id", "next"]) if (form.elements[name]) form.elements[name].value ||= asked.get(name) ?? "";
    for (const name of KEPT) if (form.elements[name]) sessionStorage.setItem(`typed-${name}`, form.elements[name].value);
  });

  /* ---- a page that the browser keeps for Back shows what its visitor saw, who may have signed out since: it is kept blank,
     and asked for anew when it returns (without a network the browser then says so) ---- */

  addEventListener("pagehide", (event) => {
    if (event.persisted) document.documentElement.style.setProperty("display", "none", "important");
  });

  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  /* ---- navigation: the new page's heading gets the focus, its title is announced ---- */

  const say = (text) => {
    const line = byId("announcer");
    if (line) line.textContent = text;
  };

  /* ---- the link to another language leads to this page, whose address only the browser knows, when it is about to be
     followed; with `lang` in it the server remembers the choice ---- */

  const languageOf = (address) => window.languageOf?.(address) ?? document.documentElement.lang; // layout.py defines it

  const inLanguage = (event) => {
    const link = event.target instanceof Element && event.target.closest("a[data-language]");
    if (!link) return;
    const there = new URL(location.href);
    there.hash = "";
    const own = languageOf(there.pathname);
    const page = own === "en" ? there.pathname : there.pathname.slice(own.length + 1) || "/";
    there.pathname = link.dataset.language === "en" ? page : `/${link.dataset.language}${page}`;
    there.searchParams.set("lang", link.dataset.language);
    link.href = there.href;
  };
  for (const name of ["pointerdown", "focusin", "click"]) document.addEventListener(name, inLanguage, true);

  let path = location.pathname.replace(/\/$/, "");

  let used = 0; // when a key or the pointer was last pressed
  for (const name of ["keydown", "pointerdown"]) {
    addEventListener(name, () => { used = performance.now(); }, true);
  }

  // A person who types already must not lose the field: the rest would be typed somewhere else.
  const begun = (since) => used > since || document.activeElement?.matches("input, select, textarea");

  const arrived = (event) => {
    sync(event?.type === "popstate");
    const now = location.pathname.replace(/\/$/, "");
    if (now === path) return;
    document.documentElement.lang = languageOf(location.pathname);
    // The server wrote them about the page that was left: a browser that shares this one would name that.
    for (const one of document.head.querySelectorAll("[data-sent]")) one.remove();
    path = now;
    const since = performance.now();
    setTimeout(() => {
      if (!begun(since)) byId("main")?.focus({ preventScroll: true });
      say(document.title);
    }, 60); // by then React has rendered the page and its title
  };

  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      const answer = original.apply(this, given);
      queueMicrotask(arrived);
      return answer;
    };
  }
  addEventListener("popstate", arrived);

  sync();

  window.clinic = { pay, open, close, sync: () => sync(), reveal };
})();
