/* Start workers, each an engine with threads and memory of its own.
 *
 * area: process bombs
 * alone: yes
 * wall: 3
 * ends: exit 0 | exit 1 | exit 134 | processes | memory | timeout | signal 9 | signal 6 | signal 5
 */
require("./prelude.js");
const { Worker } = require("worker_threads");

let online = 0;
for (let i = 0; i < 60; i++) {
    const worker = new Worker("const held = Buffer.alloc(24 << 20, 1); setTimeout(() => held, 4000)", { eval: true });
    worker.on("online", () => online++);
    worker.on("error", () => {});
}
setTimeout(() => {
    reached("workers", online, 50);
    process.exit(0);
}, 2000);
