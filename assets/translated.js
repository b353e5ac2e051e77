/* Browsers translate a page by putting a <font> where each text node was. React knows nothing of it: it goes on writing into the
   node that is gone, so that the page keeps an old label, and throws when it removes it. Here whatever is done to such a node
   first puts it back in the place of its <font>: the page is right at once, and the browser translates the new words. */
(() => {
  "use strict";

  const instead = new WeakMap(); // a node that was taken out of the page → the <font> in its place
  const isText = (node) => node.nodeType === Node.TEXT_NODE;
  const isFont = (node) => node?.nodeName === "FONT";

  const note = (changes) => {
    for (const { addedNodes, removedNodes, previousSibling, nextSibling } of changes) {
      const added = [...addedNodes].find(isFont);
      for (const gone of removedNodes) {
        const font = added ?? (isText(gone) ? [previousSibling, nextSibling].find(isFont) : undefined);
        if (font) instead.set(gone, font);
      }
    }
  };
  const observer = new MutationObserver(note);
  observer.observe(document, { childList: true, subtree: true });

  const putBack = (node) => {
    if (!node || node.parentNode || !isText(node)) return;
    note(observer.takeRecords());
    let font = instead.get(node);
    while (font && !font.parentNode) font = instead.get(font); // translated again meanwhile
    instead.delete(node);
    font?.replaceWith(node);
  };

  const { appendChild, insertBefore, removeChild } = Node.prototype;
  const value = Object.getOwnPropertyDescriptor(Node.prototype, "nodeValue");

  Node.prototype.appendChild = function (child) {
    putBack(child);
    return appendChild.call(this, child);
  };

  Node.prototype.insertBefore = function (child, before) {
    putBack(child);
    putBack(before);
    // A text that is nowhere any more marks no place; at the end it is at least seen.
    return insertBefore.call(this, child, before && isText(before) && !before.parentNode ? null : before);
  };

  Node.prototype.removeChild = function (child) {
    putBack(child);
    return isText(child) && !child.parentNode ? child : removeChild.call(this, child);
  };

  Object.defineProperty(Node.prototype, "nodeValue", {
    ...value,
    set(text) {
      putBack(this);
      value.set.call(this, text);
    },
  });
})();
