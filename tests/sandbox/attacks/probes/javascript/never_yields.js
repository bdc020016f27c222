/* Fill the queue of microtasks for ever, and ignore every signal it can.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it ends what it started with SIGKILL
 */
require("./prelude.js");
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]) process.on(signal, () => {});
process.on("exit", () => say("bye"));
const again = () => Promise.resolve().then(again);
again();
