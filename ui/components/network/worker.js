import { server } from "./server.js";

// A thread of its own for one network, so that the page never waits for an answer.
const { take } = server((message) => postMessage(message));
addEventListener("message", ({ data }) => take(data));
