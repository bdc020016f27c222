/* Leave a child behind that is detached.
 *
 * area: leftovers
 * ends: exit 0
 */
require("./prelude.js");
const { spawn } = require("child_process");

const child = spawn("sh", ["-c", "trap '' TERM HUP; for i in $(seq 250); do sleep 0.1; done; : @MARK@"], { detached: true, stdio: "ignore" });
child.on("error", () => {});
child.unref();
say("TOLD a child was started");
