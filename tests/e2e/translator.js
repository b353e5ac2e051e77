/* A browser's translator: each text becomes a <font> in a <font> with other words, the old node is gone, and what appears
   later is translated as well. It leaves what is marked as not to be translated. */
() => {
  const LEFT = "script, style, title, textarea, select, svg, font, [translate=no], .notranslate";
  const translate = (text) => {
    if (!text.data.trim() || !text.parentElement || text.parentElement.closest(LEFT)) return;
    const outer = document.createElement("font");
    const inner = document.createElement("font");
    inner.textContent = text.data.toUpperCase();
    outer.append(inner);
    text.replaceWith(outer);
  };
  const all = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return translate(root);
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    found.forEach(translate);
  };
  all(document.body);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) type === "characterData" ? translate(target) : addedNodes.forEach(all);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
