// The review desk without Jupyter: each message goes to the local server, and its answer to the desk.

import desk from "./desk.js";

const listeners = new Set();
let last = Promise.resolve(); // messages go one after the other, in the order of the keys

async function post(message) {
  const response = await fetch("", { method: "POST", body: JSON.stringify(message) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const answer = await response.json();
  for (const run of listeners) run(answer);
}

const model = {
  on: (_, run) => listeners.add(run),
  off: (_, run) => listeners.delete(run),
  send: (message) => {
    last = last.then(() => post(message)).catch((error) => console.error(error)); // the desk misses the answer
  },
};
desk.render({ model, el: document.querySelector("main"), again: "Start g7tag desk again in the terminal." });
