/* Start workers, each an engine with threads and memory of its own.
 *
 * area: process bombs
 * alone: yes
 * wall: 5
 * ends: exit 0 | exit 1 | exit 134 | processes | memory | timeout | signal 9 | signal 6 | signal 5
 */
require("./prelude.js");
const { Worker } = require("worker_threads");

let online = 0;
const report = () => {
    reached("workers", online, 25);
    process.exit(0);
};
for (let i = 0; i < 40; i++) {
    const worker = new Worker("const held = Buffer.alloc(24 << 20, 1); setTimeout(() => held, 4000)", { eval: true });
    worker.on("online", () => ++online >= 25 && report());
    worker.on("error", () => {});
}
setTimeout(report, 3000);
