/* Take memory on the engine's heap, and as memory of WebAssembly.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | exit 134 | memory | signal 9 | signal 6 | signal 5
 */
require("./prelude.js");
const modules = [];
try {
    while (modules.length < 24) {
        const memory = new WebAssembly.Memory({ initial: 1024 });
        new Uint8Array(memory.buffer).fill(1);
        modules.push(memory);
    }
} catch (error) {
    say(`TOLD ${error.name}`);
}
reached("MiB of WebAssembly", modules.length * 64, 1024);
const rows = [];
while (rows.length < 60) rows.push(new Array(1 << 20).fill(rows.length + 0.5));
reached("MiB of arrays", rows.length * 8, 1024);
process.exit(0);
