// The desk's keyboard and copy buttons. Rows, opening and closing are real links; this script only presses them.
(() => {
  "use strict";
  if (window.clinicDesk) return;
  window.clinicDesk = true;

  const onDesk = () => location.pathname.startsWith("/admin");
  const busy = (target) =>
    target.closest?.("input, textarea, select, [contenteditable]") ||
    document.querySelector("dialog[open], :popover-open");
  const search = () => document.querySelector("[data-desk-search]");
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());

  const step = (by) => {
    const all = rows();
    const open = () => all.findIndex((row) => row.getAttribute("aria-current") === "true");
    const at = all.includes(document.activeElement) ? all.indexOf(document.activeElement) : open();
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  };

  const keys = {
    "/": () => {
      search()?.focus();
      search()?.select();
      return search();
    },
    j: () => (step(1), true),
    k: () => (step(-1), true),
    Escape: () => {
      const close = document.querySelector("[data-close-panel]");
      close?.click();
      return close;
    },
  };

  document.addEventListener("keydown", (event) => {
    if (!onDesk() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target === search()) event.target.blur();
    else if (!busy(event.target) && keys[event.key]?.()) event.preventDefault();
  });

  // After a search the keyboard belongs to the rows, not to the field.
  document.addEventListener("submit", (event) => {
    if (event.target.id === "desk-filters") search()?.blur();
  });

  // Typing an amount selects the choice that contains its field.
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.chooses !== undefined)
      event.target.closest("label").querySelector("input[type=radio]").checked = true;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-said]");
    const before = label.textContent;
    if (before === "Copied") return;
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = before), 1500);
  });
})();
