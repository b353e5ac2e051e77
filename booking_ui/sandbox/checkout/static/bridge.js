/* The sheet's line to the page that opened it. The page proves itself by origin, window and token. */
const query = new URLSearchParams(location.search);
const parentOrigin = query.get("origin");
const token = query.get("token");

export function tell(type, data) {
  if (parentOrigin) parent.postMessage({ sandbox: token, type, data }, parentOrigin);
}

export function listen(handlers) {
  addEventListener("message", (event) => {
    const fromPage = event.source === parent && event.origin === parentOrigin && event.data?.sandbox === token;
    if (fromPage) handlers[event.data.type]?.(event.data.data);
  });
}

/** Answers of the sandbox as they are; a refusal or a lost connection as {error}. */
export async function call(path, body) {
  try {
    const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true };
    const answer = await fetch(path, options || {});
    return await answer.json();
  } catch {
    return { error: { description: "The payment service did not answer. Please try again.", reason: "connection" } };
  }
}
