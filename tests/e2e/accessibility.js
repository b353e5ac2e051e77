/* Walks the visible page and returns one line for each barrier. */
() => {
  const found = [];
  for (const one of document.getAnimations()) if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
  const seen = (el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !el.closest("[inert], [aria-hidden=true]");
  const about = (el) => `<${el.localName}> ${(el.textContent || el.name || el.className?.baseVal || "").trim().replace(/\s+/g, " ").slice(0, 50)}`;

  /* ---- names ---- */
  const byIds = (el, attribute) => (el.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean).map((id) => document.getElementById(id));
  const words = (el) => [...el.childNodes].map((node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
    return node.getAttribute("aria-label") ?? node.getAttribute("alt") ?? words(node);
  }).join("");
  const label = (el) => [...(el.labels ?? [])].map((one) => [...one.childNodes].filter((node) => node !== el).map((node) => node.textContent).join(" ")).join(" ");
  const name = (el) => [
    el.getAttribute("aria-label"), byIds(el, "aria-labelledby").map((one) => one?.textContent).join(" "), label(el),
    /^(input|select|textarea)$/.test(el.localName) ? "" : words(el),
  ].map((text) => (text ?? "").trim()).find(Boolean) ?? "";
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, dialog[open], table, nav, [role=group]")) {
    if (el.localName === "table" ? seen(el) && !el.caption && !name(el) : seen(el) && !name(el)) found.push(`no name: ${about(el)}`);
  }
  for (const el of document.querySelectorAll("img:not([alt])")) found.push(`no alt: ${el.src}`);
  for (const el of document.querySelectorAll("svg:not([aria-hidden=true], [role=img][aria-label])")) found.push(`drawn, but not said: ${el.outerHTML.slice(0, 80)}`);

  /* ---- structure ---- */
  if (!document.documentElement.lang) found.push("no language");
  if (!document.title) found.push("no title");
  if (!document.querySelector("meta[name=description]")?.content) found.push("no description");
  if (!document.querySelector("link[rel~=icon]")) found.push("no icon");
  for (const [what, count] of [["main", 1], ["header", 1], ["h1", 1]]) {
    const here = [...document.querySelectorAll(what)].filter((el) => what === "h1" ? el.checkVisibility() : what !== "header" || !el.closest("main, article, section")).length;
    if (here !== count) found.push(`${here} of ${what}`);
  }
  let level = 1; // an urgent notice may have its heading above the page's own
  for (const el of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!el.checkVisibility() || el.closest("dialog, aside")) continue;
    const now = Number(el.localName[1]);
    if (now > level + 1) found.push(`a heading jumps from ${level} to ${now}: ${about(el)}`);
    level = now;
  }
  const ids = [...document.querySelectorAll("[id]")].map((el) => el.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`two of #${id}`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const el of document.querySelectorAll(`[${attribute}]`)) {
      if (byIds(el, attribute).includes(null)) found.push(`${attribute} leads nowhere: ${about(el)}`);
    }
  }

  /* ---- contrast: WCAG 2.2, 4.5 for text, 3 for large text and for the edges of fields ---- */
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const parsed = new Map();
  const rgba = (colour) => {
    if (!parsed.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      parsed.set(colour, [r, g, b, a / 255]);
    }
    return parsed.get(colour);
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, at) => value * a + under[at] * (1 - a));
  const behind = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const faded = (el) => {
    let opacity = 1;
    for (let at = el; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const light = (rgb) => rgb.map((value) => value / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const disabled = (el) => el.closest(":disabled, [aria-disabled=true]");
  const contrast = (el, colour, least, what) => {
    const under = behind(el);
    const [r, g, b, a] = rgba(colour);
    const got = ratio(over([r, g, b, a * faded(el)], under), under);
    if (got < least - 0.005) found.push(`${what} ${got.toFixed(2)} < ${least}: ${about(el)}`);
  };
  const said = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (said.nextNode()) {
    const el = said.currentNode.parentElement;
    if (!said.currentNode.textContent.trim() || /^(script|style|option|noscript)$/.test(el.localName) || !seen(el) || disabled(el)) continue;
    const box = el.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue; // for screen readers only
    const style = getComputedStyle(el);
    const size = parseFloat(style.fontSize);
    contrast(el, style.color, size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5, "text");
  }
  for (const el of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea")) {
    if (seen(el) && !disabled(el)) contrast(el.parentElement, getComputedStyle(el).borderTopColor, 3, "edge");
  }

  /* ---- touch: 44 px high, except links within a sentence; the target may be a label or an ::after ---- */
  const within = (el) => [el, ...(el.labels ?? [])].some((one) => {
    const box = one.getBoundingClientRect();
    const after = getComputedStyle(one, "::after");
    const drawn = after.position === "absolute" && parseFloat(after.height) >= 43.5;
    return drawn || (box.height >= 43.5 && box.width >= 23.5);
  });
  const inline = (el) => getComputedStyle(el).display === "inline" && [...el.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  if (matchMedia("(pointer: coarse)").matches) {
    for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      const box = el.getBoundingClientRect();
      if (seen(el) && !disabled(el) && box.width > 1 && !el.matches(".skip") && !within(el) && !inline(el)) found.push(`small under a finger, ${Math.round(box.width)} x ${Math.round(box.height)}: ${about(el)}`);
    }
  }
  return [...new Set(found)];
}
