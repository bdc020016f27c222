/* Take memory outside of the heap that the engine limits.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | exit 134 | memory | signal 9 | signal 6 | signal 5
 */
require("./prelude.js");
const held = [];
try {
    while (held.length < 24) held.push(Buffer.alloc(64 * 1024 * 1024, 1));
} catch (error) {
    say(`TOLD ${error.name}`);
}
reached("MiB of buffers", held.length * 64, 1024);
process.exit(0);
