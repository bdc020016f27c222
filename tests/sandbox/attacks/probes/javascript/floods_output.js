/* Print faster than anybody reads.
 *
 * area: output
 * wall: 3
 * ends: exit 0 | exit 1 | output | timeout | signal 9 | signal 13
 */
require("./prelude.js");
const block = "z".repeat(1 << 16) + "\n";
process.stdout.on("error", () => process.exit(0));
for (let i = 0; i < 600; i++) process.stdout.write(block);
