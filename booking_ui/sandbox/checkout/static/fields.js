/* What people type: grouped while typing, checked before sending, named when it is not right. */
export const $ = (id) => document.getElementById(id);

const digits = (text) => text.replace(/\D/g, "");

const CHECKS = {
  number: (v) => (digits(v).length < 12 ? "Enter the number on the front of the card." : ""),
  expiry: (v) => expiryProblem(v),
  cvv: (v) => (/^\d{3,4}$/.test(v) ? "" : "Enter the 3 or 4 digits on the card."),
  name: (v) => (v.trim() ? "" : "Enter the name as it is on the card."),
  vpa: (v) => (/^[\w.-]{2,}@[\w.-]{2,}$/.test(v.trim()) ? "" : "A UPI ID looks like name@bank."),
  bank: (v) => (v ? "" : "Choose your bank."),
};

function expiryProblem(value) {
  const [, month, year] = value.match(/^(\d\d) ?\/ ?(\d\d)$/) || [];
  if (!month || +month < 1 || +month > 12) return "Enter month and year, as in 08/30.";
  // The card is good to the end of its month: it must not be over before this one began.
  return new Date(2000 + +year, +month, 1) > new Date() ? "" : "This card has expired.";
}

export function groupCard(input) {
  const raw = digits(input.value).slice(0, 19);
  input.value = /^3/.test(raw) ? raw.replace(/^(\d{4})(\d{0,6})(\d*)$/, (_, a, b, c) => [a, b, c].filter(Boolean).join(" "))
    : raw.replace(/(\d{4})(?=\d)/g, "$1 ");
}

export function slashExpiry(input, event) {
  const raw = digits(input.value).slice(0, 4);
  const erasing = event.inputType?.startsWith("delete");
  input.value = raw.length > 2 || (raw.length === 2 && !erasing) ? `${raw.slice(0, 2)}/${raw.slice(2)}` : raw;
}

/** True when every named field is right; otherwise says what is not and goes to the first. */
export function check(names) {
  const wrong = names.filter((name) => mark(name, CHECKS[name]($(name).value)));
  if (wrong.length) $(wrong[0]).focus();
  return wrong.length === 0;
}

/** Shows or clears the problem of one field and returns it. */
export function mark(name, problem) {
  $(name).setAttribute("aria-invalid", String(Boolean(problem)));
  $(`${name}-problem`).textContent = problem;
  return problem;
}

export function rupees(paise) {
  const options = { style: "currency", currency: "INR", minimumFractionDigits: paise % 100 ? 2 : 0, maximumFractionDigits: 2 };
  return new Intl.NumberFormat("en-IN", options).format(paise / 100);
}

/** Black or white, whichever reads better on this colour. */
export function inkOn(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}
