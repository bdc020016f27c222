/* Read files of the host.
 *
 * area: host files
 */
require("./prelude.js");
const fs = require("fs");

told("read the secret", () => fs.readFileSync("@SECRET_FILE@", "utf8"));
told("read the database", () => fs.readFileSync("@DATABASE@", "latin1").slice(0, 16));
told("through process 1", () => fs.readFileSync("/proc/1/root@SECRET_FILE@", "utf8"));
told("change the database", () => fs.appendFileSync("@DATABASE@", "x"));
told("list its folder", () => fs.readdirSync("@HOST@"));
