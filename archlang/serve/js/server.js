// What the server is asked, and how it answers: an object, or an error with words for the reader.

const WINDOW = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");

class Refusal extends Error {
  constructor(status, answer) {
    super(answer.refused || answer.fault || "the server does not answer as it should");
    Object.assign(this, { status, answer });
  }
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refusal(0, { refused: "the server does not answer: is `archlang serve` still running?" });
  }
  let answer;
  try {
    answer = await response.json();
  } catch {
    const anew = "the server was started anew: use the address that it printed";
    answer = { refused: response.status === 401 ? anew : response.statusText };
  }
  if (!response.ok || answer.fault) throw new Refusal(response.status, answer);
  return answer;
}

function ask(what, values) {
  const query = new URLSearchParams(values || {}).toString();
  return answered(fetch(`/api/${what}${query ? `?${query}` : ""}`));
}

function tell(what, values) {
  const body = JSON.stringify({ window: WINDOW, ...values });
  return answered(fetch(`/api/${what}`, { method: "POST", headers: { "Content-Type": "application/json" }, body }));
}
