/* Start child after child.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
require("./prelude.js");
const { spawn } = require("child_process");

let started = 0;
for (let i = 0; i < 150; i++) {
    const child = spawn("sleep", ["3.@KEY@"], { stdio: "ignore" });
    child.on("error", () => {});
    if (child.pid === undefined) break;
    started++;
}
reached("children", started, 100);
process.exit(0);
